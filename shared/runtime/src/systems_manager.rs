//! Calls to AWS Systems Manager as JSON 1.1: what is asked of it needs no SDK, which would be larger than all functions together.

use std::{fmt, sync::OnceLock};

use aws_sigv4::http_request::SigningSettings;
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use aws_types::SdkConfig;
use jiff::Timestamp;
use serde_json::Value;

use crate::{Aws, chain, connection, signed};

/// Why a call came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SystemsManagerError {
    /// It refused.
    #[error("Systems Manager refused {operation} ({status}, {code}){}", if message.is_empty() { String::new() } else { format!(": {message}") })]
    Refused {
        /// What was asked.
        operation: &'static str,
        /// The status of the answer.
        status: u16,
        /// Its name for what is wrong, such as `OpsItemNotFoundException`.
        code: String,
        /// What it says about it.
        message: String,
        /// The whole answer, where it is JSON.
        answer: Value,
    },
    /// It did not answer, or the request could not be made.
    #[error("Systems Manager did not answer {operation}: {why}")]
    Unanswered {
        /// What was asked.
        operation: &'static str,
        /// Why.
        why: String,
    },
}

/// The way to Systems Manager.
pub struct SystemsManager {
    config: SdkConfig,
    connector: OnceLock<SharedHttpConnector>,
}

impl SystemsManager {
    /// In the Region that `aws` is in. The connector is made with the first call.
    pub fn new(aws: &Aws) -> Self {
        Self { config: aws.config("ssm"), connector: OnceLock::new() }
    }

    /// The same with a connector of the caller's.
    #[must_use]
    pub fn with_connector(self, connector: SharedHttpConnector) -> Self {
        Self { connector: OnceLock::from(connector), ..self }
    }

    /// Asks once for `operation` with `input`, and gives its output.
    ///
    /// # Errors
    /// Systems Manager refuses or does not answer.
    pub async fn call(&self, operation: &'static str, input: &Value, now: Timestamp) -> Result<Value, SystemsManagerError> {
        let unanswered = |why: String| SystemsManagerError::Unanswered { operation, why };
        let request = request(&self.config, operation, input, now).await.map_err(unanswered)?;
        let connector = self.connector.get_or_init(connection::connector);
        let mut response = connector.call(request).await.map_err(|error| unanswered(chain(&error)))?;
        let status = response.status().as_u16();
        let body = std::mem::replace(response.body_mut(), SdkBody::empty());
        let bytes = ByteStream::new(body).collect().await.map_err(|error| unanswered(chain(&error)))?.to_vec();
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        if status == 200 {
            return Ok(answer);
        }
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        Err(SystemsManagerError::Refused {
            operation,
            status,
            code: code(&answer).to_owned(),
            message: text("message").or_else(|| text("Message")).unwrap_or_default().to_owned(),
            answer,
        })
    }
}

impl fmt::Debug for SystemsManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SystemsManager(..)")
    }
}

/// `com.amazonaws.ssm#ParameterNotFound`, or without what stands before the '#'.
pub(crate) fn code(answer: &Value) -> &str {
    answer.get("__type").and_then(Value::as_str).and_then(|kind| kind.rsplit('#').next()).unwrap_or("no reason given")
}

/// A signed request (Systems Manager API reference; its protocol is JSON 1.1).
pub(crate) async fn request(config: &SdkConfig, operation: &str, input: &Value, now: Timestamp) -> Result<HttpRequest, String> {
    let region = signed::region(config);
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let url =
        config.endpoint_url().map_or_else(|| format!("https://ssm.{region}.{suffix}/"), |url| format!("{}/", url.trim_end_matches('/')));
    let request = http::Request::post(url)
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("AmazonSSM.{operation}"))
        .body(input.to_string().into_bytes())
        .map_err(|error| chain(&error))?;
    signed::signed(config, "ssm", SigningSettings::default(), now, request).await
}
