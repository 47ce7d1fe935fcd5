//! What SNS is answered. It reads the status alone; the sentence is for whoever looks at its delivery log.

use std::fmt;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use hansho_store::StoreError;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

/// When SNS is told to try again, in seconds.
const RETRY_SECONDS: u64 = 5;

/// Why a message was not taken in.
#[derive(Debug)]
pub(super) enum Refusal {
    /// No integration of this name takes messages of SNS.
    Unknown,
    /// It is longer than a message can be.
    TooLarge,
    /// It is no message of SNS.
    Malformed(&'static str),
    /// It is not, as far as can be known, what its topic sent.
    Forged(&'static str),
    /// It is older than SNS would send it.
    Old,
    /// Too many topics that nobody knows send at once.
    TooMany,
    /// Something that is needed does not answer.
    Later(String),
    /// The table does not answer.
    Store(StoreError),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("no integration of this name and of the type sns is configured"),
            Self::TooLarge => f.write_str("it is longer than a message of SNS can be"),
            Self::Malformed(why) => write!(f, "it is no message of SNS: {why}"),
            Self::Forged(why) => f.write_str(why),
            Self::Old => f.write_str("it is older than SNS would send it; it is on the list of suppressed alerts"),
            Self::TooMany => f.write_str("too many topics that are not configured send at once"),
            Self::Later(why) => f.write_str(why),
            Self::Store(error) => f.write_str(&hansho_runtime::chain(error)),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Whether an answer of SNS means that asking again does not help.
pub(super) fn is_final(status: u16) -> bool {
    (400..500).contains(&status) && status != 429
}

/// It is durable.
pub(super) fn taken() -> Response {
    Json(json!({ "status": "success" })).into_response()
}

/// It was not taken in.
pub(super) fn refused(refusal: &Refusal) -> Response {
    let status = match refusal {
        Refusal::Unknown => StatusCode::NOT_FOUND,
        Refusal::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::Malformed(_) => StatusCode::BAD_REQUEST,
        Refusal::Forged(_) | Refusal::Old => StatusCode::FORBIDDEN,
        Refusal::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Later(_) | Refusal::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    let message = match refusal {
        // What the table says is for the log.
        Refusal::Store(_) => "The message could not be stored. Please retry later.".to_owned(),
        refusal => format!("The message was not taken in: {refusal}."),
    };
    let mut response = (status, Json(json!({ "error": { "message": message } }))).into_response();
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_SECONDS));
    }
    response
}
