//! Answers, as PagerDuty's Events API words them: senders look at the status and at these fields.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use hansho_store::StoreError;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

/// When a sender that was refused because of the table is told to try again, in seconds.
const RETRY_SECONDS: u64 = 2;

/// Which way an event came; the versions answer differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// `/v2/enqueue`
    V2,
    /// `/v2/change/enqueue`
    Change,
    /// `/generic/2010-04-15/create_event.json`
    V1,
}

impl Way {
    /// The field of the body that has the key.
    pub(super) fn key_field(self) -> &'static str {
        match self {
            Self::V2 | Self::Change => "routing_key",
            Self::V1 => "service_key",
        }
    }
}

/// It is taken in, and durable.
pub(super) fn taken(way: Way, dedup_key: &str) -> Response {
    match way {
        Way::V2 => (StatusCode::ACCEPTED, Json(json!({ "status": "success", "message": "Event processed", "dedup_key": dedup_key })))
            .into_response(),
        Way::Change => (StatusCode::ACCEPTED, Json(json!({ "status": "success", "message": "Change event processed" }))).into_response(),
        // Version 1 answers with 200 (Events API v1, "Response").
        Way::V1 => Json(json!({ "status": "success", "message": "Event processed", "incident_key": dedup_key })).into_response(),
    }
}

/// It can not be used, and sending it again does not help.
pub(super) fn invalid(errors: &[String]) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "status": "invalid event", "message": "Event object is invalid", "errors": errors })))
        .into_response()
}

/// What is wrong with an event whose key stands where another version has it.
pub(super) fn of_other_version(way: Way) -> &'static str {
    match way {
        Way::V1 => "'service_key' is missing or blank; 'routing_key' is of version 2 of the Events API, which is posted to /v2/enqueue",
        Way::V2 => {
            "'routing_key' is missing or blank; 'service_key' is of version 1 of the Events API, which is posted to /generic/2010-04-15/create_event.json"
        }
        Way::Change => "'routing_key' is missing or blank; a change has its key there, not in 'service_key'",
    }
}

/// What is wrong with an event that is longer than it may be.
pub(super) fn too_long(bytes_max: usize) -> String {
    format!("The event is longer than {} KB. Send less; long texts belong behind a link.", bytes_max / 1024)
}

/// It is longer than it may be.
pub(super) fn too_large(bytes_max: usize) -> Response {
    let errors = [too_long(bytes_max)];
    let body = json!({ "status": "invalid event", "message": "Event object is too large", "errors": errors });
    (StatusCode::PAYLOAD_TOO_LARGE, Json(body)).into_response()
}

/// The key takes no more events until the minute is over.
pub(super) fn too_many(way: Way, per_minute_max: u32, seconds_left: u64) -> Response {
    let message = format!(
        "Requests for this service are arriving too quickly. Please retry later. (This key takes {per_minute_max} events a minute; \
         send this again in {seconds_left} s.)"
    );
    // Version 1 says so with 403 (Events API v1, "API Response Codes & Retry Logic").
    let status = if way == Way::V1 { StatusCode::FORBIDDEN } else { StatusCode::TOO_MANY_REQUESTS };
    later(status, &message, seconds_left)
}

/// It was not taken in, and may be when it is sent again.
pub(super) fn failed(way: Way, error: &StoreError) -> Response {
    tracing::error!(error = %hansho_runtime::chain(error), "an event was not taken in");
    match error {
        StoreError::Contention { .. } => {
            let status = if way == Way::V1 { StatusCode::FORBIDDEN } else { StatusCode::TOO_MANY_REQUESTS };
            later(status, "Too many events arrive at once for the table. Please retry later.", RETRY_SECONDS)
        }
        StoreError::Unconfigured { .. } => later(
            StatusCode::SERVICE_UNAVAILABLE,
            "There is no configuration yet. Apply one with `hansho apply`, then send this again.",
            RETRY_SECONDS,
        ),
        StoreError::Unavailable { .. } | StoreError::Unreadable { .. } | StoreError::UnreadableIncident { .. } => {
            later(StatusCode::SERVICE_UNAVAILABLE, "The event could not be stored. Please retry later.", RETRY_SECONDS)
        }
    }
}

fn later(status: StatusCode, message: &str, seconds: u64) -> Response {
    let body = json!({ "status": "throttle exceeded", "message": message, "retry_after_seconds": seconds });
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}
