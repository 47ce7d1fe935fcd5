//! Every answer of every provider, and what becomes of it.

use std::{
    io::ErrorKind,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_types::timeout::TimeoutConfig;
use hansho_channels::{Address, Method, PROVIDER_TIMEOUT_SECONDS, SendOutcome, Settings, WebhookPolicy};

use crate::provider::{Answer, Provider, mailbox, message, phone, settings, webhook};

const RETRY: &str = "retry";
const UNKNOWN: &str = "unknown";
const FAIL: &str = "fail";

/// What every provider's message quotes and no reason may repeat.
const PERSONAL: &str = "+819012345678 aiko@example.com hidden-token 0123456789abcdef 203.0.113.9";

async fn outcome(answer: Answer, method: Method, to: Address) -> SendOutcome {
    let provider = Provider::new(answer);
    let outcome = provider.channels(settings()).send(method, &message(to)).await;
    assert_eq!(provider.asked().len(), 1, "one attempt: retries are the queue's");
    outcome
}

fn told(outcome: SendOutcome) -> (&'static str, String) {
    let (kind, reason) = match outcome {
        SendOutcome::Accepted { provider_id } => ("accepted", provider_id),
        SendOutcome::Retry { reason, .. } => (RETRY, reason),
        SendOutcome::Unknown { reason } => (UNKNOWN, reason),
        SendOutcome::Failed { reason } => (FAIL, reason),
    };
    for secret in PERSONAL.split(' ') {
        assert!(!reason.contains(secret), "{secret} in {reason:?}");
    }
    (kind, reason)
}

#[tokio::test]
async fn sns_answers() {
    for (status, code, message, kind, says) in [
        (429, "Throttled", "Rate exceeded", RETRY, "AWS is throttling requests. (SNS Throttled)"),
        (400, "Throttling", "Rate exceeded", RETRY, "throttling"),
        (400, "ThrottlingException", "Rate exceeded", RETRY, "throttling"),
        (503, "RequestLimitExceeded", "slow down", RETRY, "throttling"),
        (400, "KMSThrottling", "slow down", RETRY, "throttling"),
        (500, "InternalError", "oops", RETRY, "internal error"),
        (500, "InternalFailure", "oops", RETRY, "internal error"),
        (503, "ServiceUnavailable", "oops", RETRY, "internal error"),
        (403, "ExpiredToken", "The security token is expired", RETRY, "expired"),
        (400, "RequestExpired", "old", RETRY, "expired"),
        (400, "InvalidParameter", "Invalid parameter: PhoneNumber Reason: +819012345678 is opted out", FAIL, "opt it in again"),
        (400, "OptedOut", "no", FAIL, "opt it in again"),
        (400, "InvalidParameter", "You have reached your monthly spend limit", FAIL, "spending limit"),
        (400, "InvalidParameter", "No quota left for account", FAIL, "spending limit"),
        (400, "InvalidParameter", "Invalid parameter: PhoneNumber Reason: +819012345678 is not valid", FAIL, "check the contact method"),
        (400, "ParameterValueInvalid", "no", FAIL, "check the contact method"),
        (400, "ValidationException", "no", FAIL, "check the contact method"),
        (400, "ValidationError", "no", FAIL, "check the contact method"),
        (403, "AuthorizationError", "User is not authorized", FAIL, "allow its role sns:Publish"),
        (403, "AccessDenied", "no", FAIL, "allow its role sns:Publish"),
        (403, "AccessDeniedException", "no", FAIL, "allow its role sns:Publish"),
        (400, "EndpointDisabled", "Endpoint is disabled", FAIL, "enable it again"),
        (400, "PlatformApplicationDisabled", "disabled", FAIL, "enable it again"),
        (404, "NotFound", "no", FAIL, "does not know the endpoint"),
        (403, "InvalidSecurity", "no", FAIL, "role of the function"),
        (403, "InvalidClientTokenId", "no", FAIL, "role of the function"),
        (403, "SignatureDoesNotMatch", "no", FAIL, "role of the function"),
        (403, "OptInRequired", "no", FAIL, "finish its registration"),
        (400, "KMSAccessDenied", "no", FAIL, "key"),
        (400, "KMSDisabled", "no", FAIL, "key"),
        (400, "KMSInvalidState", "no", FAIL, "key"),
        (400, "KMSNotFound", "no", FAIL, "key"),
        (403, "KMSOptInRequired", "no", FAIL, "key"),
        // What nobody has heard of yet is judged by its status.
        (500, "Unheard<Of+819012345678", "oops", RETRY, "could not take it"),
        (502, "", "", RETRY, "could not take it"),
        (429, "Unheard", "slow", RETRY, "could not take it"),
        (408, "Unheard", "slow", RETRY, "could not take it"),
        (400, "Unheard", "for +819012345678", FAIL, "SNS refused the message. (SNS Unheard HTTP 400)"),
    ] {
        let (got, reason) = told(outcome(Answer::sns_error(status, code, message), Method::Sms, phone()).await);
        assert_eq!(got, kind, "{status} {code}: {reason}");
        assert!(reason.contains(says), "{status} {code}: {reason}");
    }
}

#[tokio::test]
async fn ses_answers() {
    for (status, code, message, kind, says) in [
        (
            429,
            "TooManyRequestsException",
            "Maximum sending rate exceeded.",
            RETRY,
            "AWS is throttling requests. (SES TooManyRequestsException)",
        ),
        (400, "ThrottlingException", "Rate exceeded", RETRY, "throttling"),
        (400, "Throttling", "Rate exceeded", RETRY, "throttling"),
        (500, "InternalServiceErrorException", "oops", RETRY, "internal error"),
        (500, "InternalFailure", "oops", RETRY, "internal error"),
        (503, "ServiceUnavailable", "oops", RETRY, "internal error"),
        (503, "ServiceUnavailableException", "oops", RETRY, "internal error"),
        (403, "ExpiredToken", "old", RETRY, "expired"),
        (403, "ExpiredTokenException", "old", RETRY, "expired"),
        (429, "TooManyRequestsException", "Daily message quota exceeded.", FAIL, "quota"),
        (400, "LimitExceededException", "no", FAIL, "quota"),
        (400, "MessageRejected", "Email address is not verified: aiko@example.com", FAIL, "ask for production access"),
        (400, "MessageRejected", "bad content", FAIL, "suppression list"),
        (400, "MailFromDomainNotVerifiedException", "no", FAIL, "DNS"),
        (400, "AccountSuspendedException", "no", FAIL, "contact AWS support"),
        (400, "SendingPausedException", "no", FAIL, "resume it"),
        (404, "NotFoundException", "Configuration set <x> does not exist", FAIL, "configuration set"),
        (400, "BadRequestException", "Illegal address aiko@example.com", FAIL, "check the sender"),
        (403, "AccessDeniedException", "no", FAIL, "ses:SendEmail"),
        (403, "UnrecognizedClientException", "no", FAIL, "role of the function"),
        (403, "InvalidSignatureException", "no", FAIL, "role of the function"),
        (500, "Unheard", "oops", RETRY, "could not take it"),
        (429, "Unheard", "slow", RETRY, "could not take it"),
        (400, "Unheard", "for aiko@example.com", FAIL, "SES refused the message. (SES Unheard HTTP 400)"),
    ] {
        let (got, reason) = told(outcome(Answer::ses_error(status, code, message), Method::Email, mailbox()).await);
        assert_eq!(got, kind, "{status} {code}: {reason}");
        assert!(reason.contains(says), "{status} {code}: {reason}");
    }
}

#[tokio::test]
async fn webhook_answers() {
    for status in 100..=999_u16 {
        let kind = match status {
            200..=299 => "accepted",
            408 | 425 | 429 | 500..=599 => RETRY,
            _ => FAIL,
        };
        let body = format!("{PERSONAL} {}", "x".repeat(2_000));
        let (got, reason) = told(outcome(Answer::http(status, &body), Method::Webhook, webhook()).await);
        assert_eq!(got, kind, "{status}");
        assert!(reason.contains(&format!("HTTP {status}")), "{status}: {reason}");
    }
}

#[tokio::test]
async fn a_webhook_may_put_us_off_for_a_minute_at_most() {
    for (retry_after, after_seconds) in
        [("7", Some(7)), (" 0 ", Some(0)), ("3600", Some(60)), ("-1", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("", None)]
    {
        let got = outcome(Answer::http(503, "").with_header("retry-after", retry_after), Method::Webhook, webhook()).await;
        assert_eq!(
            got,
            SendOutcome::Retry { reason: "The webhook could not take it (HTTP 503).".to_owned(), after_seconds },
            "{retry_after:?}"
        );
    }
}

#[tokio::test]
async fn no_answer_at_all() {
    for (answer, method, to, kind, says) in [
        (Answer::Timeout, Method::Sms, phone(), UNKNOWN, "SNS did not answer in time."),
        (Answer::Broken, Method::Sms, phone(), UNKNOWN, "The connection to SNS broke before the answer came."),
        (Answer::Unconnected(ErrorKind::ConnectionReset), Method::Sms, phone(), UNKNOWN, "broke before the answer"),
        (Answer::Unconnected(ErrorKind::ConnectionRefused), Method::Sms, phone(), RETRY, "SNS could not be reached."),
        (Answer::Unconnected(ErrorKind::HostUnreachable), Method::Sms, phone(), RETRY, "SNS could not be reached."),
        (Answer::Unsendable, Method::Sms, phone(), RETRY, "SNS could not be reached."),
        (Answer::http(200, "<half"), Method::Sms, phone(), UNKNOWN, "can not be read"),
        (Answer::Timeout, Method::Email, mailbox(), UNKNOWN, "SES did not answer in time."),
        (Answer::Broken, Method::Email, mailbox(), UNKNOWN, "The connection to SES broke before the answer came."),
        (Answer::Unconnected(ErrorKind::ConnectionRefused), Method::Email, mailbox(), RETRY, "SES could not be reached."),
        (Answer::http(200, "{half"), Method::Email, mailbox(), UNKNOWN, "can not be read"),
        // A webhook's receiver can tell a repeat.
        (Answer::Timeout, Method::Webhook, webhook(), RETRY, "did not answer in time"),
        (Answer::Broken, Method::Webhook, webhook(), RETRY, "could not be reached"),
        (Answer::Unsendable, Method::Webhook, webhook(), FAIL, "could not be sent"),
    ] {
        let (got, reason) = told(outcome(answer.clone(), method, to).await);
        assert_eq!(got, kind, "{answer:?}: {reason}");
        assert!(reason.contains(says), "{answer:?}: {reason}");
    }
}

/// Waits for ever, and keeps for how long it was meant to wait.
#[derive(Debug, Clone, Default)]
struct Waits(Arc<Mutex<Vec<Duration>>>);

impl AsyncSleep for Waits {
    fn sleep(&self, duration: Duration) -> Sleep {
        self.0.lock().unwrap().push(duration);
        Sleep::new(std::future::pending())
    }
}

#[tokio::test]
async fn a_provider_has_ten_seconds_whatever_the_client_allows_its_calls() {
    let hurried = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(3)).operation_timeout(Duration::from_secs(8));
    for (answer, method, to) in [(Answer::sns_accepted(), Method::Sms, phone()), (Answer::ses_accepted(), Method::Email, mailbox())] {
        let waits = Waits::default();
        let channels = Provider::new(answer).channels_by(settings(), &hurried.clone().build(), SharedAsyncSleep::new(waits.clone()));
        assert_eq!(told(channels.send(method, &message(to)).await).0, "accepted");
        // The client looks at its connections more often.
        let waited: Vec<_> = waits.0.lock().unwrap().iter().copied().filter(|wait| *wait >= Duration::from_secs(1)).collect();
        let allowed = Duration::from_secs(PROVIDER_TIMEOUT_SECONDS.into());
        assert!(waited.len() > 1 && waited.iter().all(|wait| *wait == allowed), "the call's time and the attempt's: {waited:?}");
    }
}

#[tokio::test]
async fn what_can_not_be_sent_never_leaves() {
    let hook = |url| Address::webhook(url, "0123456789abcdef").unwrap();
    for (method, to, says) in [
        (Method::Sms, mailbox(), "meant for sms but carries an address for email"),
        (Method::Email, webhook(), "meant for email but carries an address for webhook"),
        (Method::Webhook, phone(), "meant for webhook but carries an address for sms"),
        (Method::Email, mailbox(), "No sender address is configured"),
        (Method::Webhook, hook("http://hooks.example.com/"), "must start with https://"),
        (Method::Webhook, hook("https://127.0.0.1/"), "this host"),
        (Method::Webhook, hook("https://169.254.169.254/latest/meta-data/"), "link-local"),
        (Method::Webhook, hook("https://[::1]:9001/2018-06-01/runtime"), "this host"),
        (Method::Webhook, hook("https://[::ffff:10.0.0.1]/"), "private network"),
        (Method::Webhook, hook("https://[64:ff9b::a00:1]/"), "private network"),
        (Method::Webhook, hook("https://[fd00:ec2::254]/"), "private network"),
    ] {
        let provider = Provider::new(Answer::http(200, ""));
        let (got, reason) = told(provider.channels(Settings::default()).send(method, &message(to.clone())).await);
        assert_eq!(got, FAIL, "{to}");
        assert!(reason.contains(says), "{to}: {reason}");
        assert!(provider.asked().is_empty(), "{to}");
    }
}

#[tokio::test]
async fn private_addresses_are_called_where_they_are_allowed() {
    let provider = Provider::new(Answer::http(200, ""));
    let settings = Settings { webhook: WebhookPolicy { allow_private_addresses: true }, ..Settings::default() };
    let to = Address::webhook("http://127.0.0.1:8080/", "0123456789abcdef").unwrap();
    assert_eq!(told(provider.channels(settings).send(Method::Webhook, &message(to)).await).0, "accepted");
}
