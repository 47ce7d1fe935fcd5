//! What every answer has in common: its headers, and one line in the log.

use std::sync::Arc;

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderName, HeaderValue, header};

use crate::Api;

/// A page may load what is ours and send a form to us; nothing else, from nowhere, and no script that stands in a page. Its address holds a code, so it is told to
/// nobody, kept by nobody and found by nobody.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("x-robots-tag"), "noindex"),
];

/// Adds the headers and logs. Only the pattern of the address is logged: the address itself may hold a code.
pub(crate) async fn boundary(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let begun_at = api.store.clock().now();
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    let duration_ms = api.store.clock().now().duration_since(begun_at).as_millis();
    let status = response.status().as_u16();
    tracing::info!(http.method = %method, http.route = %route, http.status = status, duration_ms, "{method} {route} was answered with {status}");
    response
}
