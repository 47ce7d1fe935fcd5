//! What a dead letter is: who gave it up and why, what it is about, and how it is worked on again.
//!
//! Five hands lay them down: Lambda, of events that a function has failed on ("Capturing records of Lambda asynchronous invocations"),
//! and of batches of a stream ("Retaining discarded batch records", Lambda developer guide); EventBridge and its Scheduler, of events
//! that they could not hand over ("Using dead-letter queues", their user guides); SNS, in the same case ("Amazon SNS dead-letter
//! queues"); and SQS, of messages that were received too often.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::{masked::masked, queue::Message, subject::subject};

/// Who gave it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Lambda: the function has failed on the event, or was never run.
    Invocation,
    /// Lambda: a batch of the table's stream. Only where it stood in the stream is known, and none of its rows.
    StreamBatch,
    /// EventBridge: the event was never handed over.
    Event,
    /// EventBridge Scheduler: the timer was never handed over.
    Schedule,
    /// SNS: the notification was never handed over.
    Notification,
    /// SQS: the message was received too often.
    Message,
    /// Nobody knows.
    Unknown,
}

/// A dead letter, as people are told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// What SQS calls it.
    pub id: String,
    /// Who gave it up.
    pub kind: Kind,
    /// When.
    pub at: Option<Timestamp>,
    /// What it is about: an alarm, a mail's subject, an incident.
    pub about: String,
    /// Why, in the words of whoever gave it up; addresses and secrets are masked.
    pub why: String,
}

/// How it is worked on again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// The function is invoked with the event under this alias, and not waited for.
    Invoke { alias: String, event: Value },
    /// The body goes to the queue whose name ends so.
    Queue { name: String },
    /// What it was about is in the table, and this function finds it there when it looks.
    Look { function: &'static str },
    /// Nobody knows.
    Unknown,
}

/// Reads it for people.
pub(super) fn read(function: &str, message: &Message) -> Letter {
    let body = body(message);
    let kind = kind(function, message, &body);
    let event = event(kind, message, &body);
    Letter {
        id: message.id.clone(),
        kind,
        at: body.get("timestamp").and_then(Value::as_str).and_then(|at| at.parse().ok()).or(message.sent_at),
        about: subject(function, event.as_ref().unwrap_or(&body)),
        why: masked(&why(kind, message, &body)),
    }
}

/// How it is worked on again; `fed_by` is the queue that feeds the function.
pub(super) fn way(function: &str, fed_by: Option<&str>, message: &Message) -> Way {
    let body = body(message);
    let kind = kind(function, message, &body);
    match kind {
        Kind::StreamBatch => Way::Look { function: if function == super::BRIDGE { super::BRIDGE } else { "sweeper" } },
        Kind::Message => fed_by.map_or(Way::Unknown, |name| Way::Queue { name: name.to_owned() }),
        Kind::Invocation | Kind::Event | Kind::Schedule | Kind::Notification => match event(kind, message, &body) {
            Some(event) => Way::Invoke { alias: alias(&body), event },
            None => Way::Unknown,
        },
        Kind::Unknown => Way::Unknown,
    }
}

/// What is no JSON is a text.
fn body(message: &Message) -> Value {
    serde_json::from_str(&message.body).unwrap_or_else(|_| json!(message.body))
}

fn kind(function: &str, message: &Message, body: &Value) -> Kind {
    let has = |name: &str| message.attributes.contains_key(name);
    if body.get("DDBStreamBatchInfo").is_some() {
        Kind::StreamBatch
    } else if body.get("requestContext").is_some() && body.get("requestPayload").is_some() {
        Kind::Invocation
    } else if has("SCHEDULE_ARN") {
        Kind::Schedule
    } else if has("RULE_ARN") || body.get("detail-type").is_some() {
        Kind::Event
    } else if body.get("TopicArn").is_some() && body.get("Message").is_some() {
        Kind::Notification
    } else if message.source.is_some() || ["incident", "delivery"].iter().any(|key| body.get(key).is_some()) {
        Kind::Message
    } else if function == "alarm-intake" && !body.is_null() {
        // Whatever it is, alarm-intake takes it in, and pages about what it can not read.
        Kind::Event
    } else {
        Kind::Unknown
    }
}

/// What the function is invoked with.
fn event(kind: Kind, message: &Message, body: &Value) -> Option<Value> {
    match kind {
        Kind::Invocation => body.get("requestPayload").cloned(),
        Kind::Event | Kind::Schedule => Some(body.clone()),
        // As SNS hands it to a function ("Using Lambda with Amazon SNS"): the keys of addresses are written in another way there.
        Kind::Notification => {
            let mut notification = body.as_object()?.clone();
            for (there, here) in [("SigningCertURL", "SigningCertUrl"), ("UnsubscribeURL", "UnsubscribeUrl")] {
                if let Some(address) = notification.remove(there) {
                    notification.insert(here.to_owned(), address);
                }
            }
            Some(json!({ "Records": [{ "EventSource": "aws:sns", "EventVersion": "1.0", "Sns": notification }] }))
        }
        Kind::Message => Some(json!({ "Records": [{ "eventSource": "aws:sqs", "messageId": message.id, "body": message.body }] })),
        Kind::StreamBatch | Kind::Unknown => None,
    }
}

/// The alias under which the function was invoked. A version would be old code, and without anything it would be no deployed code.
fn alias(body: &Value) -> String {
    let arn = body.get("requestContext").and_then(|context| context.get("functionArn")).and_then(Value::as_str).unwrap_or_default();
    let alias = arn.split(':').nth(7).unwrap_or_default();
    let is_alias =
        alias.starts_with(|c: char| c.is_ascii_alphabetic()) && alias.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if is_alias { alias.to_owned() } else { "live".to_owned() }
}

fn why(kind: Kind, message: &Message, body: &Value) -> String {
    let given = |name: &str| message.attributes.get(name).cloned();
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let context = body.get("requestContext");
    let condition = text(context.and_then(|context| context.get("condition")));
    let parts = match kind {
        Kind::Invocation => {
            let answer = body.get("responsePayload");
            vec![condition, text(answer.and_then(|answer| answer.get("errorMessage")))]
        }
        Kind::StreamBatch => {
            let batch = body.get("DDBStreamBatchInfo");
            let rows = batch.and_then(|batch| batch.get("batchSize")).map(|size| format!("{size} rows of the stream"));
            vec![condition, rows]
        }
        Kind::Event | Kind::Schedule => vec![given("ERROR_CODE"), given("ERROR_MESSAGE")],
        Kind::Notification => vec![given("ErrorCode"), given("ErrorMessage")],
        Kind::Message => vec![Some("it was received too often".to_owned())],
        Kind::Unknown => Vec::new(),
    };
    let told: Vec<String> = parts.into_iter().flatten().filter(|part| !part.trim().is_empty()).collect();
    if told.is_empty() { "nothing says why".to_owned() } else { told.join(": ") }
}
