//! What went wrong, in JSON: a sentence that says what to do.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use hansho_store::StoreError;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

/// A refusal or a failure, ready to be answered.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    message: String,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), header: None }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.header = Some((name, HeaderValue::from_static(value)));
        self
    }
}

impl From<Problem> for Response {
    fn from(problem: Problem) -> Response {
        let mut response = (problem.status, Json(json!({ "error": { "message": problem.message } }))).into_response();
        if let Some((name, value)) = problem.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.into()
    }
}

/// What the store could not do. The log has its words, the client a sentence.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %hansho_runtime::chain(&error), "a request failed");
        match error {
            StoreError::Unavailable { .. } | StoreError::Contention { .. } => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "The table does not answer. Send the same request again in a moment; with the same Idempotency-Key nothing happens twice.",
            )
            .with_header(header::RETRY_AFTER, "2"),
            StoreError::Unconfigured { .. } => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "There is no configuration yet. Apply one with `hansho apply`, then send this again.",
            ),
            StoreError::UnreadableIncident { incident, .. } => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                format!("Incident {incident} is stored in a form that can not be read. Ask whoever runs Hansho to look at the log."),
            ),
            StoreError::Unreadable { .. } => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something that is stored can not be read. Ask whoever runs Hansho to look at the log.",
            ),
        }
    }
}
