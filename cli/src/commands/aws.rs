//! Access to AWS with the credentials of whoever runs a command: single requests, signed (IAM user guide, "Signing AWS API requests").

use std::process::{Command, Stdio};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use aws_smithy_types::body::SdkBody;
use hansho_domain::text::one_line;
use hansho_runtime::settings::environment;
use jiff::Timestamp;
use serde_json::Value;

/// `request` with a signature for the service that is called `name` in signatures.
///
/// # Errors
/// It can not be signed; why.
pub(super) fn signed(
    request: http::Request<Vec<u8>>,
    name: &str,
    region: &str,
    credentials: &Credentials,
    now: Timestamp,
) -> Result<http::Request<SdkBody>, String> {
    let unsigned = |error: &dyn std::error::Error| hansho_runtime::chain(error);
    let identity = credentials.clone().into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(name)
        .time(now.into())
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| unsigned(&error))?;
    let headers = request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let (method, url) = (request.method().as_str(), request.uri().to_string());
    let signable = SignableRequest::new(method, url, headers, SignableBody::Bytes(request.body())).map_err(|error| unsigned(&error))?;
    let (instructions, _) = sign(signable, &parameters.into()).map_err(|error| unsigned(&error))?.into_parts();
    let mut request = request.map(SdkBody::from);
    instructions.apply_to_request_http1x(&mut request);
    Ok(request)
}

/// Nobody can be asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallerError {
    #[error("no AWS Region is known: give --region, such as ap-northeast-1, or set AWS_REGION")]
    Region,
    #[error("{0:?} is no Region; give --region as AWS writes it, such as ap-northeast-1")]
    NoRegion(String),
    #[error(
        "no AWS credentials are known ({0}); set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with the AWS CLI (`aws sso login`)"
    )]
    Credentials(String),
}

/// The Region that is asked, `given` or else the one of the environment, and with whose credentials.
///
/// # Errors
/// Either is not known, or the Region could be no Region's name.
pub(super) fn caller(given: Option<String>) -> Result<(String, Credentials), CallerError> {
    let region = given.or_else(known_region).ok_or(CallerError::Region)?;
    // It becomes part of the names of hosts.
    if !region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Err(CallerError::NoRegion(region));
    }
    Ok((region, credentials().map_err(CallerError::Credentials)?))
}

/// Where a service is in a Region, by the name of its host; or where `AWS_ENDPOINT_URL_<variable>` or `AWS_ENDPOINT_URL` say.
pub(super) fn endpoint(host: &str, variable: &str, region: &str) -> String {
    let given = set(&format!("AWS_ENDPOINT_URL_{variable}")).or_else(|| set("AWS_ENDPOINT_URL"));
    given.map_or_else(|| format!("https://{host}.{region}.{}", suffix(region)), |url| url.trim_end_matches('/').to_owned())
}

/// Where a service is that a partition has once, and in which Region its requests are signed (IAM, "Endpoints and quotas").
pub(super) fn endpoint_of_partition(host: &str, variable: &str, region: &str) -> (String, &'static str) {
    let (address, signed_in) = match region.split_once('-') {
        Some(("cn", _)) => (format!("{host}.cn-north-1.amazonaws.com.cn"), "cn-north-1"),
        Some(("us", rest)) if rest.starts_with("gov-") => (format!("{host}.us-gov.amazonaws.com"), "us-gov-west-1"),
        _ => (format!("{host}.amazonaws.com"), "us-east-1"),
    };
    let given = set(&format!("AWS_ENDPOINT_URL_{variable}")).or_else(|| set("AWS_ENDPOINT_URL"));
    (given.map_or_else(|| format!("https://{address}"), |url| url.trim_end_matches('/').to_owned()), signed_in)
}

/// What the names of a partition end with.
pub(super) fn suffix(region: &str) -> &'static str {
    if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
}

/// The Region of the environment, or of the AWS CLI.
pub(super) fn known_region() -> Option<String> {
    let configured = || aws(&["configure", "get", "region"]).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    set("AWS_REGION").or_else(|| set("AWS_DEFAULT_REGION")).or_else(configured)
}

/// The credentials of the environment, or those that the AWS CLI has (profiles, single sign-on, roles).
///
/// # Errors
/// There are none; why.
pub(super) fn credentials() -> Result<Credentials, String> {
    if let (Some(key), Some(secret)) = (set("AWS_ACCESS_KEY_ID"), set("AWS_SECRET_ACCESS_KEY")) {
        return Ok(Credentials::new(key, secret, set("AWS_SESSION_TOKEN"), None, "environment"));
    }
    let text = aws(&["configure", "export-credentials", "--format", "process"])?;
    let exported: Value = serde_json::from_str(&text).map_err(|_| "the AWS CLI exports none".to_owned())?;
    let field = |name: &str| exported.get(name).and_then(Value::as_str).map(str::to_owned);
    match (field("AccessKeyId"), field("SecretAccessKey")) {
        (Some(key), Some(secret)) => Ok(Credentials::new(key, secret, field("SessionToken"), None, "aws-cli")),
        _ => Err("the AWS CLI exports none".to_owned()),
    }
}

/// What the AWS CLI prints, or why it does not.
fn aws(arguments: &[&str]) -> Result<String, String> {
    let output =
        Command::new("aws").args(arguments).stdin(Stdio::null()).output().map_err(|error| format!("the AWS CLI does not run: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(complaint(&String::from_utf8_lossy(&output.stderr)))
}

/// What the AWS CLI complains of, in a line. Version 1 prints its whole usage.
fn complaint(printed: &str) -> String {
    if printed.to_lowercase().contains("invalid choice") {
        return "the AWS CLI is older than version 2, which can hand them over".to_owned();
    }
    one_line(printed)
}

fn set(name: &str) -> Option<String> {
    environment(name).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{complaint, endpoint_of_partition};

    #[test]
    fn what_a_partition_has_once_has_its_own_address_and_region() {
        for (region, address, signed_in) in [
            ("ap-northeast-1", "https://iam.amazonaws.com", "us-east-1"),
            ("us-west-2", "https://iam.amazonaws.com", "us-east-1"),
            ("us-gov-east-1", "https://iam.us-gov.amazonaws.com", "us-gov-west-1"),
            ("cn-northwest-1", "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ] {
            assert_eq!(endpoint_of_partition("iam", "IAM", region), (address.to_owned(), signed_in));
        }
    }

    #[test]
    fn an_aws_cli_that_is_too_old_is_said_to_be_without_its_usage() {
        let printed = "usage: aws [options] <command>\naws: error: argument subcommand: Invalid choice, valid choices are:\n\nget | set";
        assert_eq!(complaint(printed), "the AWS CLI is older than version 2, which can hand them over");
        assert_eq!(complaint("\nUnable to locate credentials\n"), "Unable to locate credentials");
    }
}
