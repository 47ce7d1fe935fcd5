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

/// Where the local run keeps its token, in its data folder.
const SECRETS: &str = "secrets";
/// Longest answer read, in bytes.
const ANSWER_BYTES_MAX: usize = 1_000_000;

/// Why the incident was not opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum IncidentError {
    #[error("there is no API token: give --token, or for a local run name its data folder with --data")]
    NoToken,
    #[error("{0} is no web address; write --url http://localhost:8787")]
    Url(String),
    #[error("{url} does not answer: {message}; is Hansho running there?")]
    Silent { url: String, message: String },
    #[error("Hansho refused ({status}): {message}")]
    Refused { status: u16, message: String },
}

pub(super) async fn create(asked: CreateIncident) -> Result<(), IncidentError> {
    // The local run's token is for the local run: it is not told to whatever --url names.
    let found = || if is_local(&asked.url) { local_token(&asked.data.join(SECRETS)) } else { None };
    let token = asked.token.clone().or_else(found).ok_or(IncidentError::NoToken)?;
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

/// Whether the address is this machine's own.
fn is_local(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest).split(['/', '?', '#']).next().unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(name, _)| name);
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

/// The second line of the local run's secrets.
fn local_token(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()?.lines().nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_this_machine_is_told_the_local_token() {
        for url in ["http://localhost:8787", "http://127.0.0.1", "http://[::1]:8787/", "http://localhost"] {
            assert!(is_local(url), "{url}");
        }
        for url in [
            "https://hansho.example.com",
            "http://localhost.example.com:8787",
            "http://localhost@example.com",
            "http://127.0.0.1.example.com",
        ] {
            assert!(!is_local(url), "{url}");
        }
    }
}
