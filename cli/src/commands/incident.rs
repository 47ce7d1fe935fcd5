//! `hansho incident`: over the API, as any tool would.

use std::{fs, path::Path};

use aws_smithy_http_client::{
    Connector,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{http::HttpConnector, orchestrator::HttpRequest};
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

use super::args::CreateIncident;

/// Where the local run keeps its token.
const LOCAL_SECRETS: &str = ".hansho/secrets";
/// Longest answer read, in bytes.
const ANSWER_BYTES_MAX: usize = 1_000_000;

/// Why the incident was not opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum IncidentError {
    #[error("there is no API token: give --token, or run where `hansho local` keeps {LOCAL_SECRETS}")]
    NoToken,
    #[error("{0} is no web address; write --url http://localhost:8787")]
    Url(String),
    #[error("{url} does not answer: {message}; is Hansho running there?")]
    Silent { url: String, message: String },
    #[error("Hansho refused ({status}): {message}")]
    Refused { status: u16, message: String },
}

pub(super) async fn create(asked: CreateIncident) -> Result<(), IncidentError> {
    let token = asked.token.clone().or_else(|| local_token(Path::new(LOCAL_SECRETS))).ok_or(IncidentError::NoToken)?;
    let body = json!({ "service": asked.service, "title": asked.title, "severity": asked.severity, "details": asked.details });
    let url = format!("{}/incidents", asked.url.trim_end_matches('/'));
    let mut request =
        http::Request::post(&url).header("content-type", "application/json").header("authorization", format!("Bearer {token}"));
    if let Some(key) = &asked.idempotency_key {
        request = request.header("idempotency-key", key);
    }
    let request = request.body(SdkBody::from(body.to_string())).map_err(|_| IncidentError::Url(url.clone()))?;
    let (status, answer) = send(&url, request).await?;
    if !(200..300).contains(&status) {
        let message = answer.get("error").and_then(|error| error.get("message")?.as_str()).unwrap_or("no reason given");
        return Err(IncidentError::Refused { status, message: message.to_owned() });
    }
    let id = answer.get("incident").unwrap_or(&answer).get("id").and_then(Value::as_str).unwrap_or("?");
    println!("{id}");
    Ok(())
}

async fn send(url: &str, request: http::Request<SdkBody>) -> Result<(u16, Value), IncidentError> {
    let silent = |message: String| IncidentError::Silent { url: url.to_owned(), message };
    let connector = Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).build();
    let request = HttpRequest::try_from(request).map_err(|_| IncidentError::Url(url.to_owned()))?;
    let mut response = connector.call(request).await.map_err(|error| silent(hansho_runtime::chain(&error)))?;
    let status = response.status().as_u16();
    let body = std::mem::replace(response.body_mut(), SdkBody::empty());
    let bytes =
        aws_smithy_types::byte_stream::ByteStream::new(body).collect().await.map_err(|error| silent(error.to_string()))?.into_bytes();
    let text = &bytes[..bytes.len().min(ANSWER_BYTES_MAX)];
    Ok((status, serde_json::from_slice(text).unwrap_or(Value::Null)))
}

/// The second line of the local run's secrets.
fn local_token(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()?.lines().nth(1).map(str::to_owned)
}
