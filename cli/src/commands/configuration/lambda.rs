//! The configuration function of a deployment, by a signed Invoke (Lambda API reference, "Invoke"; IAM user guide,
//! "Signing AWS API requests").

use std::process::{Command, Stdio};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use aws_smithy_types::body::SdkBody;
use hansho_config::INVOKE_BYTES_MAX;
use hansho_runtime::{Clock as _, SystemClock, settings::environment};
use serde_json::Value;

use crate::commands::client::{self, ClientError};

/// Why the function was not invoked.
#[derive(Debug, thiserror::Error)]
pub enum LambdaError {
    /// The name is none.
    #[error("{0:?} is no function; give its name or ARN, such as hansho-config")]
    Function(String),
    /// The Region is not known.
    #[error("no AWS Region is known: give --region, such as ap-northeast-1, or set AWS_REGION")]
    Region,
    /// Nobody signs.
    #[error(
        "no AWS credentials are known ({0}); set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with the AWS CLI (`aws sso login`)"
    )]
    Credentials(String),
    /// The request is too large.
    #[error("the request has {0} bytes, and a Lambda function takes {INVOKE_BYTES_MAX}; take large comments and generated parts out")]
    TooLarge(usize),
    /// The request can not be signed.
    #[error("the request can not be signed: {0}")]
    Signature(String),
    /// AWS says no.
    #[error("AWS refused ({status}): {message}")]
    Refused {
        /// The status of the answer.
        status: u16,
        /// Why, in its words.
        message: String,
    },
    /// Nobody answers.
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// Invokes `function` with `request` and waits for its answer.
///
/// # Errors
/// Region or credentials are missing, or AWS does not answer, or refuses.
pub(super) async fn invoke(function: &str, region: Option<&str>, request: &Value) -> Result<Value, LambdaError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':');
    if function.is_empty() || function.len() > 170 || !function.chars().all(is_plain) {
        return Err(LambdaError::Function(function.to_owned()));
    }
    let region = region.map(str::to_owned).or_else(|| region_of(function)).or_else(known_region).ok_or(LambdaError::Region)?;
    let credentials = credentials()?;
    let body = request.to_string();
    if body.len() > INVOKE_BYTES_MAX {
        return Err(LambdaError::TooLarge(body.len()));
    }
    let url = format!("{}/2015-03-31/functions/{}/invocations", endpoint(&region), function.replace(':', "%3A"));
    let request = signed(&url, body, &region, credentials)?;
    let (status, bytes) = client::exchange(&url, request).await?;
    let answer: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    if status == 200 {
        return Ok(answer);
    }
    let message = ["Message", "message"].iter().find_map(|name| answer.get(*name)?.as_str()).unwrap_or("no reason given").to_owned();
    Err(LambdaError::Refused { status, message })
}

fn signed(url: &str, body: String, region: &str, credentials: Credentials) -> Result<http::Request<SdkBody>, LambdaError> {
    let unsigned = |error: &dyn std::error::Error| LambdaError::Signature(hansho_runtime::chain(error));
    let identity = credentials.into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("lambda")
        .time(SystemClock.now().into())
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| unsigned(&error))?;
    let headers = [("content-type", "application/json")];
    let signable = SignableRequest::new("POST", url, headers.into_iter(), SignableBody::Bytes(body.as_bytes()));
    let signable = signable.map_err(|error| unsigned(&error))?;
    let (instructions, _) = sign(signable, &parameters.into()).map_err(|error| unsigned(&error))?.into_parts();
    let request = http::Request::post(url).header("content-type", "application/json").body(SdkBody::from(body));
    let mut request = request.map_err(|_| LambdaError::Client(ClientError::Url(url.to_owned())))?;
    instructions.apply_to_request_http1x(&mut request);
    Ok(request)
}

/// Where Lambda is in a Region, or where `AWS_ENDPOINT_URL_LAMBDA` or `AWS_ENDPOINT_URL` say.
fn endpoint(region: &str) -> String {
    let given = ["AWS_ENDPOINT_URL_LAMBDA", "AWS_ENDPOINT_URL"].iter().find_map(|name| set(name));
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    given.map_or_else(|| format!("https://lambda.{region}.{suffix}"), |url| url.trim_end_matches('/').to_owned())
}

/// The Region of an ARN: `arn:aws:lambda:REGION:ACCOUNT:function:NAME`.
fn region_of(function: &str) -> Option<String> {
    function.strip_prefix("arn:")?.split(':').nth(2).filter(|region| !region.is_empty()).map(str::to_owned)
}

fn known_region() -> Option<String> {
    let configured = || aws(&["configure", "get", "region"]).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    set("AWS_REGION").or_else(|| set("AWS_DEFAULT_REGION")).or_else(configured)
}

/// The credentials of the environment, or those that the AWS CLI has (profiles, single sign-on, roles).
fn credentials() -> Result<Credentials, LambdaError> {
    if let (Some(key), Some(secret)) = (set("AWS_ACCESS_KEY_ID"), set("AWS_SECRET_ACCESS_KEY")) {
        return Ok(Credentials::new(key, secret, set("AWS_SESSION_TOKEN"), None, "environment"));
    }
    let text = aws(&["configure", "export-credentials", "--format", "process"]).map_err(LambdaError::Credentials)?;
    let exported: Value = serde_json::from_str(&text).map_err(|_| LambdaError::Credentials("the AWS CLI exports none".to_owned()))?;
    let field = |name: &str| exported.get(name).and_then(Value::as_str).map(str::to_owned);
    match (field("AccessKeyId"), field("SecretAccessKey")) {
        (Some(key), Some(secret)) => Ok(Credentials::new(key, secret, field("SessionToken"), None, "aws-cli")),
        _ => Err(LambdaError::Credentials("the AWS CLI exports none".to_owned())),
    }
}

/// What the AWS CLI prints, or why it does not.
fn aws(arguments: &[&str]) -> Result<String, String> {
    let output =
        Command::new("aws").args(arguments).stdin(Stdio::null()).output().map_err(|error| format!("the AWS CLI does not run: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(super::text::visible(String::from_utf8_lossy(&output.stderr).trim()))
}

fn set(name: &str) -> Option<String> {
    environment(name).filter(|value| !value.is_empty())
}
