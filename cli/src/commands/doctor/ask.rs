//! Single questions to AWS, signed with the caller's credentials. They only look; nothing is changed by them, but for the test alarm
//! and the test page.

use std::sync::Mutex;

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::{
    http::{HttpConnector as _, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use hansho_runtime::{SharedClock, chain};
use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use serde_json::Value;

use super::xml;
use crate::commands::aws;

/// Longest reason of a refusal that is told, in characters.
const REASON_CHARS_MAX: usize = 300;

/// Whom a question is for: the name of its host, its name in signatures, and the variable that leads elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) struct Service(&'static str, &'static str, &'static str);

pub(in crate::commands) const STS: Service = Service("sts", "sts", "STS");
pub(in crate::commands) const LAMBDA: Service = Service("lambda", "lambda", "LAMBDA");
pub(in crate::commands) const DYNAMODB: Service = Service("dynamodb", "dynamodb", "DYNAMODB");
pub(in crate::commands) const SQS: Service = Service("sqs", "sqs", "SQS");
pub(in crate::commands) const SCHEDULER: Service = Service("scheduler", "scheduler", "SCHEDULER");
pub(in crate::commands) const EVENTS: Service = Service("events", "events", "EVENTBRIDGE");
pub(in crate::commands) const CLOUDWATCH: Service = Service("monitoring", "monitoring", "CLOUDWATCH");
pub(in crate::commands) const SSM: Service = Service("ssm", "ssm", "SSM");
pub(in crate::commands) const SES: Service = Service("email", "ses", "SESV2");
pub(in crate::commands) const SNS: Service = Service("sns", "sns", "SNS");
pub(in crate::commands) const SMS_VOICE: Service = Service("sms-voice", "sms-voice", "PINPOINT_SMS_VOICE_V2");
pub(super) const IAM: Service = Service("iam", "iam", "IAM");

impl Service {
    /// Where it is, and in which Region its requests are signed.
    fn place(self, region: &str) -> (String, &str) {
        let Self(host, _, variable) = self;
        if self == IAM { aws::endpoint_of_partition(host, variable, region) } else { (aws::endpoint(host, variable, region), region) }
    }
}

/// A question.
#[derive(Debug, Clone)]
pub(in crate::commands) struct Question {
    service: Service,
    method: &'static str,
    path: String,
    content_type: Option<&'static str>,
    target: Option<String>,
    /// Whether a function is invoked and nobody waits for it.
    is_later: bool,
    body: String,
    /// The permission that it needs, for whoever does not have it.
    pub(in crate::commands) permission: String,
}

impl Question {
    /// An operation of a service that speaks JSON 1.0 or 1.1.
    pub(in crate::commands) fn json(service: Service, target: &str, body: &Value) -> Self {
        let is_newer = matches!(service, EVENTS | SSM);
        let operation = target.rsplit('.').next().unwrap_or(target);
        let prefix = if service == CLOUDWATCH { "cloudwatch" } else { service.1 };
        Self {
            service,
            method: "POST",
            path: "/".to_owned(),
            content_type: Some(if is_newer { "application/x-amz-json-1.1" } else { "application/x-amz-json-1.0" }),
            target: Some(target.to_owned()),
            is_later: false,
            body: body.to_string(),
            permission: format!("{prefix}:{operation}"),
        }
    }

    /// A path of a service that has one for everything.
    pub(in crate::commands) fn get(service: Service, path: impl Into<String>, operation: &str) -> Self {
        Self {
            service,
            method: "GET",
            path: path.into(),
            content_type: None,
            target: None,
            is_later: false,
            body: String::new(),
            permission: format!("{}:{operation}", service.1),
        }
    }

    /// A function that is waited for.
    pub(in crate::commands) fn invoke(function: &str, event: &Value) -> Self {
        Self {
            method: "POST",
            content_type: Some("application/json"),
            body: event.to_string(),
            ..Self::get(LAMBDA, format!("/2015-03-31/functions/{}/invocations", encoded(function)), "InvokeFunction")
        }
    }

    /// A function that is not waited for: Lambda answers once it has the event.
    pub(in crate::commands) fn invoke_later(function: &str, event: &Value) -> Self {
        Self { is_later: true, ..Self::invoke(function, event) }
    }

    /// An operation of a service that takes forms and answers in XML.
    pub(in crate::commands) fn query(service: Service, version: &str, action: &str, fields: &[(&str, &str)]) -> Self {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", action).append_pair("Version", version);
        for (name, value) in fields {
            form.append_pair(name, value);
        }
        Self {
            method: "POST",
            content_type: Some("application/x-www-form-urlencoded"),
            body: form.finish(),
            ..Self::get(service, "/", action)
        }
    }
}

/// A part of a path, with a colon encoded.
pub(in crate::commands) fn encoded(name: &str) -> String {
    name.replace(':', "%3A").replace('/', "%2F").replace('@', "%40").replace('+', "%2B")
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) struct Refusal {
    /// The status; 0 where nobody answered.
    pub(in crate::commands) status: u16,
    /// What AWS calls it, such as `ResourceNotFoundException`.
    pub(in crate::commands) code: String,
    /// In its words.
    pub(in crate::commands) message: String,
}

impl Refusal {
    /// Whether the caller may not.
    pub(in crate::commands) fn is_denied(&self) -> bool {
        self.code.contains("AccessDenied") || self.code.contains("AuthorizationError") || self.code.contains("NotAuthorized")
    }

    /// Whether there is no such thing.
    pub(in crate::commands) fn is_missing(&self) -> bool {
        self.status == 404
            || self.code.contains("NotFound")
            || self.code.contains("NonExistentQueue")
            || self.code.contains("QueueDoesNotExist")
    }
}

/// Asks.
pub(in crate::commands) struct Asker {
    pub(in crate::commands) region: String,
    pub(in crate::commands) credentials: Credentials,
    pub(in crate::commands) connector: SharedHttpConnector,
    pub(in crate::commands) clock: SharedClock,
    /// How far this machine's clock is ahead of AWS's, as the first answer shows.
    ahead: Mutex<Option<SignedDuration>>,
}

impl Asker {
    pub(in crate::commands) fn new(region: String, credentials: Credentials, connector: SharedHttpConnector, clock: SharedClock) -> Self {
        Self { region, credentials, connector, clock, ahead: Mutex::default() }
    }

    /// Now, by AWS's clock as far as it is known.
    pub(in crate::commands) fn now(&self) -> Timestamp {
        let now = self.clock.now();
        self.ahead().and_then(|ahead| now.checked_sub(ahead).ok()).unwrap_or(now)
    }

    /// How far this machine's clock is ahead of AWS's; `None` while nobody has answered.
    pub(in crate::commands) fn ahead(&self) -> Option<SignedDuration> {
        self.ahead.lock().ok().and_then(|ahead| *ahead)
    }

    /// The answer, in JSON.
    ///
    /// # Errors
    /// AWS refuses, or nobody answers.
    pub(in crate::commands) async fn ask(&self, question: &Question) -> Result<Value, Refusal> {
        let silent = |message: String| Refusal { status: 0, code: String::new(), message };
        let (address, region) = question.service.place(&self.region);
        let url = format!("{address}{}", question.path);
        let mut request = http::Request::builder().method(question.method).uri(&url);
        if let Some(kind) = question.content_type {
            request = request.header("content-type", kind);
        }
        if let Some(target) = &question.target {
            request = request.header("x-amz-target", target);
        }
        if question.is_later {
            request = request.header("x-amz-invocation-type", "Event");
        }
        let request = request.body(question.body.clone().into_bytes()).map_err(|error| silent(error.to_string()))?;
        let request = aws::signed(request, question.service.1, region, &self.credentials, self.clock.now()).map_err(silent)?;
        let request = HttpRequest::try_from(request).map_err(|error| silent(chain(&error)))?;
        let mut response =
            self.connector.call(request).await.map_err(|error| silent(format!("{url} does not answer: {}", chain(&error))))?;
        self.look_at_the_clock(response.headers().get("date"));
        let status = response.status().as_u16();
        let body = std::mem::replace(response.body_mut(), SdkBody::empty());
        let bytes = ByteStream::new(body).collect().await.map_err(|error| silent(error.to_string()))?.to_vec();
        let text = String::from_utf8_lossy(&bytes);
        let answer: Value = serde_json::from_str(&text).ok().or_else(|| xml::value(&text)).unwrap_or(Value::Null);
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        Err(refusal(status, response.headers().get("x-amzn-errortype"), &answer))
    }

    /// What anybody is told at an address: a status and a body. Nobody's credentials are on it.
    ///
    /// # Errors
    /// Nobody answers; why.
    pub(super) async fn get(&self, url: &str, accepts: &str) -> Result<(u16, Vec<u8>), String> {
        let request = http::Request::get(url).header("accept", accepts).body(SdkBody::empty()).map_err(|error| error.to_string())?;
        let request = HttpRequest::try_from(request).map_err(|error| chain(&error))?;
        let mut response = self.connector.call(request).await.map_err(|error| chain(&error))?;
        let status = response.status().as_u16();
        let body = std::mem::replace(response.body_mut(), SdkBody::empty());
        let bytes = ByteStream::new(body).collect().await.map_err(|error| error.to_string())?.to_vec();
        Ok((status, bytes))
    }

    fn look_at_the_clock(&self, date: Option<&str>) {
        let there: Option<Timestamp> = date.and_then(|date| rfc2822::DateTimeParser::new().parse_timestamp(date).ok());
        if let (Some(there), Ok(mut ahead)) = (there, self.ahead.lock()) {
            let _ = ahead.get_or_insert(self.clock.now().duration_since(there));
        }
    }
}

fn refusal(status: u16, header: Option<&str>, answer: &Value) -> Refusal {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let code = header
        .map(str::to_owned)
        .or_else(|| text(answer.get("__type")))
        .or_else(|| text(answer.get("Error").and_then(|error| error.get("Code"))))
        .or_else(|| text(answer.get("Code")))
        .unwrap_or_default();
    // `com.amazonaws.ssm#ParameterNotFound`, `ValidationException:http://internal.amazon.com/...`
    let code = code.rsplit('#').next().and_then(|code| code.split(':').next()).unwrap_or_default().to_owned();
    let message = ["message", "Message"].iter().find_map(|name| text(answer.get(*name)));
    let message = message.or_else(|| text(answer.get("Error").and_then(|error| error.get("Message")))).unwrap_or_default();
    let message = hansho_domain::text::one_line(&message).chars().take(REASON_CHARS_MAX).collect();
    Refusal { status, code, message }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Refusal, refusal};

    #[test]
    fn a_refusal_is_read_in_the_format_of_each_service() {
        let read = |status, header, answer| {
            let Refusal { code, message, .. } = refusal(status, header, &answer);
            (code, message)
        };
        let json = json!({ "__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "no table" });
        assert_eq!(read(400, None, json), ("ResourceNotFoundException".to_owned(), "no table".to_owned()));
        let rest = read(403, Some("AccessDeniedException:http://internal.amazon.com/x"), json!({ "Message": "not authorized" }));
        assert_eq!(rest, ("AccessDeniedException".to_owned(), "not authorized".to_owned()));
        let query = json!({ "Error": { "Type": "Sender", "Code": "AuthorizationError", "Message": "no" }, "RequestId": "1" });
        assert_eq!(read(403, None, query.clone()).0, "AuthorizationError");
        assert!(refusal(403, None, &query).is_denied() && !refusal(403, None, &query).is_missing());
    }
}
