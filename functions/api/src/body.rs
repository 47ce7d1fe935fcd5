//! Reading what a request carries, within limits.

use axum::body::Body;
use http::StatusCode;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// Longest body, in bytes. The longest thing that anybody sends is a note of 4,000 characters.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// A body that is longer than it may be, or that did not arrive.
#[derive(Debug)]
pub(crate) struct TooLarge;

/// The whole body.
pub(crate) async fn read(body: Body) -> Result<Vec<u8>, TooLarge> {
    axum::body::to_bytes(body, BODY_BYTES_MAX).await.map(Vec::from).map_err(|_| TooLarge)
}

/// The body as text; JSON is nothing else.
pub(crate) async fn read_text(body: Body) -> Result<String, Problem> {
    let bytes = read(body).await?;
    String::from_utf8(bytes).map_err(|_| Problem::bad_request("The body is not UTF-8. Send JSON, encoded as UTF-8."))
}

/// `text` as JSON of the shape that `example` shows. The content type is not asked: what reads as JSON is JSON.
pub(crate) fn parse<T: DeserializeOwned>(text: &str, example: &str) -> Result<T, Problem> {
    // serde would take an array for the fields in their order.
    if !text.trim_start().starts_with('{') {
        let found = if text.trim().is_empty() { "The body is empty" } else { "The body is no JSON object" };
        return Err(Problem::bad_request(format!("{found}. Send JSON such as {example}.")));
    }
    serde_json::from_str(text).map_err(|error| {
        let what = if error.is_eof() {
            format!("The body ends in the middle ({error}). Send it whole")
        } else {
            format!("The body can not be used: {error}. Send JSON")
        };
        Problem::bad_request(format!("{what}, such as {example}."))
    })
}

impl From<TooLarge> for Problem {
    fn from(_: TooLarge) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("The body is longer than {} KB. Send less; long texts belong behind a link.", BODY_BYTES_MAX / 1024),
        )
    }
}
