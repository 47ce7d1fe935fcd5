//! Takes a payload out of what it was sent in, layer by layer.

use jiff::Timestamp;
use serde_json::Value;

use super::{AwsEvent, Reading, guardduty, health, notification, security_hub, state_change, text, time};

/// Most envelopes around an alarm. EventBridge to SNS to SQS is two; more than this is no alarm of ours.
const LAYERS_MAX: u8 = 4;
/// Longest subject that is quoted in a reason, in characters.
const SUBJECT_CHARS_MAX: usize = 100;

/// Reads what one record holds, or says why it can not be read. `received_at` stands in for a time that is nowhere in it.
pub(super) fn open(value: &Value, received_at: Timestamp) -> Result<Vec<Reading>, String> {
    layer(value, received_at, LAYERS_MAX)
}

/// `sent_at` is the time of the nearest envelope around `value`.
fn layer(value: &Value, sent_at: Timestamp, layers_left: u8) -> Result<Vec<Reading>, String> {
    if !value.is_object() {
        return Err(format!("The payload is {}, and an alarm is a JSON object.", type_name(value)));
    }
    if let Some(sns) = value.get("Sns").filter(|v| v.is_object()) {
        return layer(sns, sent_at, layers_left.saturating_sub(1));
    }
    if let Some(body) = text_of(value, "body") {
        let sent_at = value.pointer("/attributes/SentTimestamp").and_then(Value::as_str).and_then(time::milliseconds).unwrap_or(sent_at);
        return inner("The body of the SQS message", body, sent_at, layers_left);
    }
    match text_of(value, "Type") {
        Some("SubscriptionConfirmation") => return Ok(vec![nothing(subscription_asked(value))]),
        Some("UnsubscribeConfirmation") => return Ok(vec![nothing(subscription_ended(value))]),
        _ => {}
    }
    if let Some(message) = text_of(value, "Message") {
        let sent_at = text_of(value, "Timestamp").and_then(time::timestamp).unwrap_or(sent_at);
        return inner(&sns_message(value), message, sent_at, layers_left);
    }
    payload(value, sent_at)
}

/// Opens JSON that came as text. `what` names it in the reason.
fn inner(what: &str, json: &str, sent_at: Timestamp, layers_left: u8) -> Result<Vec<Reading>, String> {
    if layers_left == 0 {
        return Err(format!("{what} is wrapped in more than {LAYERS_MAX} envelopes."));
    }
    match serde_json::from_str(json) {
        Ok(value) => layer(&value, sent_at, layers_left - 1),
        Err(error) => Err(format!("{what} is no JSON that can be read: {error}.")),
    }
}

fn payload(value: &Value, sent_at: Timestamp) -> Result<Vec<Reading>, String> {
    let one = |read: Result<Reading, String>| read.map(|reading| vec![reading]);
    if value.get("alarmData").is_some() {
        return one(state_change::action(value, sent_at));
    }
    if value.get("AlarmName").is_some() || value.get("NewStateValue").is_some() {
        return one(notification::read(value, sent_at));
    }
    let event = |read: Result<AwsEvent, String>| one(read.map(|event| Reading::AwsEvent(Box::new(event))));
    match text_of(value, "detail-type") {
        Some("CloudWatch Alarm State Change") => one(state_change::event(value, sent_at)),
        Some("CloudWatch Alarm Contributor State Change") => one(state_change::contributor_event(value, sent_at)),
        Some("CloudWatch Alarm Configuration Change") => Ok(vec![state_change::configuration_change(value)]),
        Some("GuardDuty Finding") => event(guardduty::read(value, sent_at)),
        Some("Security Hub Findings - Imported" | "Security Hub Findings - Custom Action") => security_hub::read(value, sent_at),
        Some("AWS Health Event" | "AWS Health Abuse Event") => event(health::read(value, sent_at)),
        Some(other) => Err(format!(
            "An EventBridge event of the type \"{}\" is no event of a CloudWatch alarm, GuardDuty, Security Hub or AWS Health.",
            text::cut(&text::one_line(other), SUBJECT_CHARS_MAX)
        )),
        None => Err("It has the shape of no CloudWatch alarm: neither alarmData nor AlarmName nor detail-type is in it.".to_owned()),
    }
}

fn sns_message(notification: &Value) -> String {
    match text_of(notification, "Subject") {
        Some(subject) => format!("The SNS message (subject: {})", text::cut(&text::one_line(subject), SUBJECT_CHARS_MAX)),
        None => "The SNS message".to_owned(),
    }
}

fn subscription_asked(message: &Value) -> String {
    format!(
        "An SNS topic asks to confirm a subscription, and none of its alarms arrive before that. If you asked for it, run: \
         aws sns confirm-subscription --topic-arn {} --token TOKEN, with the Token of the message.",
        topic(message)
    )
}

fn subscription_ended(message: &Value) -> String {
    format!(
        "The subscription to the SNS topic {} has ended: its alarms no longer arrive. Subscribe again unless that was meant.",
        topic(message)
    )
}

fn topic(message: &Value) -> String {
    text::cut(&text::one_line(text_of(message, "TopicArn").unwrap_or("TOPIC_ARN")), 300)
}

/// The message has a token with which anybody could confirm, so it is not kept.
fn nothing(reason: String) -> Reading {
    Reading::NothingToOpen { reason, alarm: None, raw: String::new() }
}

fn text_of<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str)
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
