//! AWS on one port of loopback: HTTP in front of the endpoints that answer in process.

use std::net::SocketAddr;

use aws_smithy_runtime_api::client::{http::HttpConnector, orchestrator::HttpRequest};
use aws_smithy_types::body::SdkBody;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
};
use hansho::local::aws::Endpoints;
use tokio::net::TcpListener;

use crate::Outcome;

/// Longest request, in bytes (DynamoDB takes transactions of 4 MB; nothing here takes more).
const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Serves `endpoints` on `port`, or on a free one if it is 0.
pub(crate) async fn serve(endpoints: Endpoints, port: u16) -> Outcome<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let address = listener.local_addr()?;
    let router = Router::new().fallback(answer).with_state(endpoints);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

async fn answer(State(endpoints): State<Endpoints>, request: Request) -> Response {
    match pass_on(&endpoints, request).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

async fn pass_on(endpoints: &Endpoints, request: Request) -> Outcome<Response> {
    let (parts, body) = request.into_parts();
    let label = label(&parts.headers).ok_or("the request is not signed for a service that Hansho uses")?;
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut call = HttpRequest::new(SdkBody::from(to_bytes(body, BODY_BYTES_MAX).await?));
    call.set_method(parts.method.as_str())?;
    call.set_uri(format!("http://{label}.local.hansho{path}"))?;
    for (name, value) in &parts.headers {
        call.headers_mut().try_append(name.as_str().to_owned(), value.to_str()?.to_owned())?;
    }
    let answered = endpoints.call(call).await?;
    let mut response = Response::builder().status(answered.status().as_u16());
    for (name, value) in answered.headers() {
        response = response.header(name, value);
    }
    let body = answered.body().bytes().ok_or("a streaming answer")?.to_vec();
    Ok(response.body(Body::from(body))?)
}

/// One port serves all, so the service is read where AWS's own emulators read it: in the scope of the signature
/// (`Credential=KEY/DATE/REGION/SERVICE/aws4_request`).
fn label(headers: &HeaderMap) -> Option<&'static str> {
    let signed = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let scope = signed.split_once("Credential=")?.1.split(',').next()?;
    match scope.split('/').nth(3)? {
        "dynamodb" => Some("dynamodb"),
        "sqs" => Some("sqs"),
        "scheduler" => Some("scheduler"),
        "sns" => Some("sns"),
        "ses" => Some("email"),
        _ => None,
    }
}
