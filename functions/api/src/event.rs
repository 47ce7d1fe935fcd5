//! Requests as Lambda brings them, and answers as it takes them away.
//!
//! `lambda_http` is left out on purpose: it unwraps what it makes of the host and the path, and a function that is built to
//! abort on a panic must not hold one that a request can reach.

use std::collections::BTreeMap;

use aws_smithy_types::base64;
use axum::{Router, body::Body, response::Response};
use hansho_runtime::{Answer, Failure};
use http::{HeaderName, HeaderValue, Request, StatusCode, Uri, header};
use lambda_runtime::Service;
use serde::Deserialize;
use serde_json::{Value, json};

/// An event of payload format 2.0 (API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP APIs";
/// function URLs send the same).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpEvent {
    raw_path: String,
    #[serde(default)]
    raw_query_string: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Cookies are no headers in this format.
    #[serde(default)]
    cookies: Vec<String>,
    request_context: RequestContext,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Deserialize)]
struct RequestContext {
    http: HttpContext,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpContext {
    method: String,
    #[serde(default)]
    source_ip: String,
}

/// The network address that a request came from, as the gateway saw it. No sender can write another one.
#[derive(Debug, Clone)]
pub(crate) struct SourceAddress(pub(crate) String);

/// Has `router` answer the event.
pub(crate) async fn answer(mut router: Router, event: &Value) -> Answer {
    let event = HttpEvent::deserialize(event).map_err(|error| {
        Failure::new("this is no request: an event of an HTTP API or a function URL (payload format 2.0) is expected", error)
    })?;
    let response = match request(event) {
        Ok(request) => router.call(request).await.unwrap_or_else(|never| match never {}),
        // What no HTTP server would have let through.
        Err(problem) => {
            tracing::warn!(problem, "a request was refused before it was routed");
            refusal(problem)
        }
    };
    event_response(response).await
}

fn request(event: HttpEvent) -> Result<Request<Body>, &'static str> {
    let body = event.body.unwrap_or_default();
    let body = match event.is_base64_encoded {
        true => base64::decode(body).map_err(|_| "the body is marked as Base64 and is not")?,
        false => body.into_bytes(),
    };
    let mut request = Request::new(Body::from(body));
    *request.method_mut() = event.request_context.http.method.parse().map_err(|_| "the method is none")?;
    request.extensions_mut().insert(SourceAddress(event.request_context.http.source_ip));
    *request.uri_mut() = uri(&event.raw_path, &event.raw_query_string).ok_or("the address can not be read")?;
    for (name, value) in &event.headers {
        // A header that can not be one is as good as absent.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            request.headers_mut().append(name, value);
        }
    }
    for cookie in &event.cookies {
        if let Ok(value) = HeaderValue::try_from(cookie) {
            request.headers_mut().append(header::COOKIE, value);
        }
    }
    Ok(request)
}

/// The gateway may have decoded the path: what can not stand in one is encoded again.
fn uri(path: &str, query: &str) -> Option<Uri> {
    let mut text = String::with_capacity(path.len() + query.len() + 1);
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' | b'%' | b':' | b'@' | b'+' | b',' | b';' | b'=' => {
                text.push(char::from(byte));
            }
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    if !query.is_empty() {
        text.push('?');
        text.push_str(query);
    }
    text.starts_with('/').then(|| text.parse().ok()).flatten()
}

fn refusal(problem: &str) -> Response {
    crate::problem::Problem::new(StatusCode::BAD_REQUEST, format!("This request can not be read: {problem}. Send it again as HTTP.")).into()
}

/// Every answer is text and short enough to be held in memory.
async fn event_response(response: Response) -> Answer {
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.map_err(|error| Failure::new("the answer could not be collected", error))?;
    let texts = || parts.headers.iter().filter_map(|(name, value)| Some((name, value.to_str().ok()?)));
    let headers: BTreeMap<&str, &str> =
        texts().filter(|(name, _)| *name != header::SET_COOKIE).map(|(name, value)| (name.as_str(), value)).collect();
    // A map has room for one header of a name.
    let cookies: Vec<&str> = texts().filter(|(name, _)| *name == header::SET_COOKIE).map(|(_, value)| value).collect();
    Ok(json!({
        "statusCode": parts.status.as_u16(),
        "headers": headers,
        "cookies": cookies,
        "body": String::from_utf8_lossy(&body),
        "isBase64Encoded": false,
    }))
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_path_that_the_gateway_decoded_is_a_path_again() {
        for (path, query, expected) in [
            ("/health", "", Some("/health")),
            ("/incidents", "status=open&limit=5", Some("/incidents?status=open&limit=5")),
            ("/i/半鐘 x\"<>", "", Some("/i/%E5%8D%8A%E9%90%98%20x%22%3C%3E")),
            ("/i/a%2Fb", "", Some("/i/a%2Fb")),
            ("/i/a?b#c", "", Some("/i/a%3Fb%23c")),
            ("//other.example/x", "", Some("//other.example/x")),
            ("health", "", None),
            ("", "", None),
            ("/incidents", "a b", None),
        ] {
            assert_eq!(uri(path, query).map(|uri| uri.to_string()).as_deref(), expected, "{path} {query}");
        }
    }
}
