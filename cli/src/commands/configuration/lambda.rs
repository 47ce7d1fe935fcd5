//! The configuration function of a deployment, by a signed Invoke (Lambda API reference, "Invoke").

use hansho_config::INVOKE_BYTES_MAX;
use hansho_runtime::{Clock as _, SystemClock};
use serde_json::Value;

use crate::commands::{
    aws,
    client::{self, ClientError},
};

/// Why the function was not invoked.
#[derive(Debug, thiserror::Error)]
pub enum LambdaError {
    /// The name is none.
    #[error("{0:?} is no function; give its name or ARN, such as hansho-config:live")]
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
    let region = region.map(str::to_owned).or_else(|| region_of(function)).or_else(aws::known_region).ok_or(LambdaError::Region)?;
    let credentials = aws::credentials().map_err(LambdaError::Credentials)?;
    let body = request.to_string();
    if body.len() > INVOKE_BYTES_MAX {
        return Err(LambdaError::TooLarge(body.len()));
    }
    let url = format!("{}/2015-03-31/functions/{}/invocations", aws::endpoint("lambda", "LAMBDA", &region), function.replace(':', "%3A"));
    let request = http::Request::post(&url).header("content-type", "application/json").body(body.into_bytes());
    let request = request.map_err(|_| LambdaError::Client(ClientError::Url(url.clone())))?;
    let request = aws::signed(request, "lambda", &region, &credentials, SystemClock.now()).map_err(LambdaError::Signature)?;
    let (status, bytes) = client::exchange(&url, request).await?;
    let answer: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    if status == 200 {
        return Ok(answer);
    }
    let message = ["Message", "message"].iter().find_map(|name| answer.get(*name)?.as_str()).unwrap_or("no reason given").to_owned();
    Err(LambdaError::Refused { status, message })
}

/// The Region of an ARN: `arn:aws:lambda:REGION:ACCOUNT:function:NAME`.
fn region_of(function: &str) -> Option<String> {
    function.strip_prefix("arn:")?.split(':').nth(2).filter(|region| !region.is_empty()).map(str::to_owned)
}
