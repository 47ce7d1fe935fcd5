//! Which answers of which provider are worth another try: one table each, first match wins.
//!
//! A retry costs part of the 60 seconds that a high-urgency method has; what will not change by itself in that time
//! fails at once, so that the person's next method starts.

use std::{error::Error, io::ErrorKind};

use aws_smithy_runtime_api::client::{
    dns::ResolveDnsError,
    orchestrator::HttpResponse,
    result::{ConnectorError, SdkError},
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::SendOutcome;

/// The longest that a provider may put us off, in seconds.
const RETRY_AFTER_SECONDS_MAX: u32 = 60;
/// How much of an unknown error code is shown, in characters.
const CODE_CHARS_MAX: usize = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    Retry,
    Fail,
}
use Then::{Fail, Retry};

/// `code`, or any if empty; `about`, a lower-case piece of the provider's message, or any if empty; what to do; the sentence.
type Row = (&'static str, &'static str, Then, &'static str);

const AWS_BUSY: &str = "AWS is throttling requests.";
const AWS_FAULT: &str = "AWS had an internal error.";
const AWS_TOKEN: &str = "The credentials had just expired.";
const AWS_RIGHTS: &str = "AWS did not accept Hansho's credentials; check the role of the function.";

/// SNS `Publish`. Codes are those of the query protocol, as in the SDK's model of the operation and "Common errors" of the
/// API reference. An opted-out number is an InvalidParameter that says so; a spending limit shows in the delivery
/// log and seldom here.
const SNS: &[Row] = &[
    ("", "opted out", Fail, SMS_OPTED_OUT),
    ("OptedOut", "", Fail, SMS_OPTED_OUT),
    ("", "spend", Fail, SMS_SPENT),
    ("", "quota left", Fail, SMS_SPENT),
    ("Throttled", "", Retry, AWS_BUSY),
    ("Throttling", "", Retry, AWS_BUSY),
    ("ThrottlingException", "", Retry, AWS_BUSY),
    ("RequestLimitExceeded", "", Retry, AWS_BUSY),
    ("KMSThrottling", "", Retry, AWS_BUSY),
    ("InternalError", "", Retry, AWS_FAULT),
    ("InternalFailure", "", Retry, AWS_FAULT),
    ("ServiceUnavailable", "", Retry, AWS_FAULT),
    ("ExpiredToken", "", Retry, AWS_TOKEN),
    ("RequestExpired", "", Retry, AWS_TOKEN),
    ("InvalidParameter", "", Fail, SMS_INVALID),
    ("ParameterValueInvalid", "", Fail, SMS_INVALID),
    ("ValidationException", "", Fail, SMS_INVALID),
    ("ValidationError", "", Fail, SMS_INVALID),
    ("AuthorizationError", "", Fail, SMS_RIGHTS),
    ("AccessDenied", "", Fail, SMS_RIGHTS),
    ("AccessDeniedException", "", Fail, SMS_RIGHTS),
    ("EndpointDisabled", "", Fail, "SNS has disabled the endpoint; enable it again in the SNS console."),
    ("PlatformApplicationDisabled", "", Fail, "SNS has disabled the endpoint; enable it again in the SNS console."),
    ("NotFound", "", Fail, "SNS does not know the endpoint; check the contact method."),
    ("InvalidSecurity", "", Fail, AWS_RIGHTS),
    ("InvalidClientTokenId", "", Fail, AWS_RIGHTS),
    ("SignatureDoesNotMatch", "", Fail, AWS_RIGHTS),
    ("OptInRequired", "", Fail, "The AWS account may not use SNS; finish its registration."),
    ("KMSAccessDenied", "", Fail, SMS_KEY),
    ("KMSDisabled", "", Fail, SMS_KEY),
    ("KMSInvalidState", "", Fail, SMS_KEY),
    ("KMSNotFound", "", Fail, SMS_KEY),
    ("KMSOptInRequired", "", Fail, SMS_KEY),
];

const SMS_OPTED_OUT: &str = "The phone has opted out of SMS; opt it in again in the SNS console (possible once in 30 days).";
const SMS_SPENT: &str = "The month's spending limit for SMS is reached; raise it in AWS End User Messaging.";
const SMS_INVALID: &str = "SNS did not accept the number, the sender or the text; check the contact method and the SMS settings.";
const SMS_RIGHTS: &str = "Hansho may not send SMS; allow its role sns:Publish.";
const SMS_KEY: &str = "SNS could not use the encryption key; check the key and its policy.";

/// SES version 2 `SendEmail`. A used-up daily quota or a paused account does not change within a minute, so it fails.
const SES: &[Row] = &[
    ("", "daily message quota", Fail, MAIL_QUOTA),
    ("", "not verified", Fail, MAIL_UNVERIFIED),
    ("TooManyRequestsException", "", Retry, AWS_BUSY),
    ("ThrottlingException", "", Retry, AWS_BUSY),
    ("Throttling", "", Retry, AWS_BUSY),
    ("InternalServiceErrorException", "", Retry, AWS_FAULT),
    ("InternalFailure", "", Retry, AWS_FAULT),
    ("ServiceUnavailable", "", Retry, AWS_FAULT),
    ("ServiceUnavailableException", "", Retry, AWS_FAULT),
    ("ExpiredToken", "", Retry, AWS_TOKEN),
    ("ExpiredTokenException", "", Retry, AWS_TOKEN),
    ("LimitExceededException", "", Fail, MAIL_QUOTA),
    ("MailFromDomainNotVerifiedException", "", Fail, "The MAIL FROM domain is not verified in SES; complete its DNS records."),
    ("MessageRejected", "", Fail, "SES rejected the mail; check the sender and whether the recipient is on the suppression list."),
    ("AccountSuspendedException", "", Fail, "SES has suspended the account for good; contact AWS support."),
    ("SendingPausedException", "", Fail, "Sending is paused for the account or the configuration set; resume it in the SES console."),
    ("NotFoundException", "", Fail, "SES does not know the configuration set; check the mail settings."),
    ("BadRequestException", "", Fail, "SES did not accept the mail; check the sender and the address of the contact method."),
    (
        "AccessDeniedException",
        "",
        Fail,
        "Hansho may not send mail; allow its role ses:SendEmail on the identity and the configuration set.",
    ),
    ("UnrecognizedClientException", "", Fail, AWS_RIGHTS),
    ("InvalidSignatureException", "", Fail, AWS_RIGHTS),
];

const MAIL_QUOTA: &str = "The day's quota of mails is used up; raise it in Service Quotas.";
const MAIL_UNVERIFIED: &str = "SES does not know the sender, or is in the sandbox and does not know the recipient; verify the identity, or ask for production access.";

/// What goes wrong with a connection only while it is made.
const CONNECTING: [ErrorKind; 5] = [
    ErrorKind::ConnectionRefused,
    ErrorKind::HostUnreachable,
    ErrorKind::NetworkUnreachable,
    ErrorKind::NetworkDown,
    ErrorKind::AddrNotAvailable,
];
/// How errors of the HTTP client begin that come from making the connection; their types are private.
const CONNECTING_SAYS: [&str; 2] = ["HTTP connect timeout", "client error (Connect)"];

/// HTTP statuses of a webhook's answer that mean "later"; so does everything from 500 to 599.
const HTTP_LATER: [u16; 3] = [408, 425, 429];

/// What an error of SNS means.
pub(crate) fn sns<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> SendOutcome {
    sdk("SNS", SNS, error)
}

/// What an error of SES means.
pub(crate) fn ses<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> SendOutcome {
    sdk("SES", SES, error)
}

/// What a webhook's status means. `retry_after` is that header; seconds are honoured up to 60, dates are not.
pub(crate) fn http(status: u16, retry_after: Option<&str>) -> SendOutcome {
    match status {
        200..=299 => SendOutcome::Accepted { provider_id: format!("HTTP {status}") },
        500..=599 => later(status, retry_after),
        _ if HTTP_LATER.contains(&status) => later(status, retry_after),
        300..=399 => {
            SendOutcome::failed(format!("The webhook redirects elsewhere (HTTP {status}), which is not followed; give the final address."))
        }
        401 | 403 => SendOutcome::failed(format!("The webhook refused the request (HTTP {status}); check its secret and its rights.")),
        404 | 410 => SendOutcome::failed(format!("The webhook is not there (HTTP {status}); check its address.")),
        _ => SendOutcome::failed(format!("The webhook refused the request (HTTP {status}).")),
    }
}

fn later(status: u16, retry_after: Option<&str>) -> SendOutcome {
    let after_seconds = retry_after.and_then(|text| text.trim().parse::<u32>().ok()).map(|s| s.min(RETRY_AFTER_SECONDS_MAX));
    SendOutcome::Retry { reason: format!("The webhook could not take it (HTTP {status})."), after_seconds }
}

/// What it means when a webhook gave no answer.
pub(crate) fn connector(error: &ConnectorError) -> SendOutcome {
    if error.is_timeout() {
        SendOutcome::retry("The webhook did not answer in time.")
    } else if error.is_user() {
        SendOutcome::failed("The request to the webhook could not be sent; check its address.")
    } else {
        SendOutcome::retry("The webhook could not be reached: its name, its connection or its certificate failed.")
    }
}

fn sdk<E: ProvideErrorMetadata>(provider: &str, table: &[Row], error: &SdkError<E, HttpResponse>) -> SendOutcome {
    // An answer that can not be read, the SDK's ResponseError or an error with a success's status, may have been an
    // acceptance.
    let unreadable = || SendOutcome::unknown(format!("{provider} answered something that can not be read."));
    let too_late = || SendOutcome::unknown(format!("{provider} did not answer in time."));
    match error {
        SdkError::ServiceError(answer) if answer.raw().status().is_success() => unreadable(),
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            coded(provider, table, answer.err().code().unwrap_or(""), answer.err().message().unwrap_or(""), status)
        }
        // The connection has a shorter time-out of its own, so it stood.
        SdkError::TimeoutError(_) => too_late(),
        SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
            Some(error) if error.is_user() || never_connected(error) => SendOutcome::retry(format!("{provider} could not be reached.")),
            Some(error) if error.is_timeout() => too_late(),
            Some(_) | None => SendOutcome::unknown(format!("The connection to {provider} broke before the answer came.")),
        },
        SdkError::ResponseError(_) => unreadable(),
        SdkError::ConstructionFailure(_) => {
            SendOutcome::failed(format!("The request to {provider} could not be put together; check the settings."))
        }
        _ => SendOutcome::retry(format!("{provider} could not be asked.")),
    }
}

/// Whether the error says that no connection was made, so that nothing was sent. Connectors keep that to themselves, so it
/// is read off the causes; where they say nothing, something may have been sent.
fn never_connected(error: &ConnectorError) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let is_refusal = error.downcast_ref::<std::io::Error>().is_some_and(|error| CONNECTING.contains(&error.kind()));
        let text = error.to_string();
        if is_refusal || error.is::<ResolveDnsError>() || CONNECTING_SAYS.iter().any(|says| text.starts_with(says)) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The provider's message is matched and never shown: it quotes numbers and addresses.
fn coded(provider: &str, table: &[Row], code: &str, message: &str, status: u16) -> SendOutcome {
    let message = message.to_lowercase();
    let row = table.iter().find(|(wanted, about, ..)| (wanted.is_empty() || *wanted == code) && message.contains(about));
    let shown: String = code.chars().filter(char::is_ascii_alphanumeric).take(CODE_CHARS_MAX).collect();
    match row {
        Some((.., Retry, says)) => SendOutcome::retry(format!("{says} ({provider} {shown})")),
        Some((.., Fail, says)) => SendOutcome::failed(format!("{says} ({provider} {shown})")),
        None if status >= 500 || HTTP_LATER.contains(&status) => {
            SendOutcome::retry(format!("{provider} could not take it. ({provider} {shown} HTTP {status})"))
        }
        None => SendOutcome::failed(format!("{provider} refused the message. ({provider} {shown} HTTP {status})")),
    }
}
