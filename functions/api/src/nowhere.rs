//! Addresses that do not exist, and methods that an address does not take.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, Uri};

use crate::{
    language,
    page::{self, Notice},
    problem::Problem,
};

pub(crate) async fn not_found(headers: HeaderMap, uri: Uri) -> Response {
    if is_json(&uri) {
        return Problem::new(
            StatusCode::NOT_FOUND,
            "There is nothing at this address. Incidents are at /incidents and /incidents/ID, who is on call at /oncall and /schedules/ID.",
        )
        .into_response();
    }
    page::notice(language::preferred(&headers), Notice::NothingHere)
}

pub(crate) async fn wrong_method(headers: HeaderMap, method: Method, uri: Uri) -> Response {
    if is_json(&uri) {
        let message = format!("This address does not take {method}. GET reads, POST acts, DELETE takes away what POST made.");
        return Problem::new(StatusCode::METHOD_NOT_ALLOWED, message).into_response();
    }
    page::notice(language::preferred(&headers), Notice::WrongMethod)
}

/// Whether a tool asks, rather than a person.
fn is_json(uri: &Uri) -> bool {
    [
        "/incidents",
        "/suppressed",
        "/alerts",
        "/health",
        "/oncall",
        "/schedules",
        "/calendar-links",
        "/integrations",
        "/changes",
        "/v2",
        "/generic",
    ]
    .iter()
    .any(|root| uri.path().strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}
