//! Reads one Lambda event into alarm transitions and events of AWS services.
//!
//! CloudWatch considers its work done once Lambda has accepted the event, so nothing here fails: what can not be
//! read comes back as [`Reading::Unreadable`] and still pages. The types are our own and tolerant (unknown fields
//! are ignored, a field of the wrong type counts as missing), and the shape decides what a payload is, because a
//! composite alarm also fits the types of a metric alarm and every field of it is then empty.
//!
//! What is read here: an alarm's Lambda action, an SNS notification, an EventBridge event (of an alarm, GuardDuty, Security Hub, AWS
//! Health), and each of these in an SQS message. Whether it pages, and whom, is decided elsewhere.

mod alarm;
mod aws_event;
mod console;
mod contributor;
mod description;
mod envelope;
mod guardduty;
mod health;
mod identity;
mod lenient;
mod metric;
mod notification;
mod reason;
mod security_hub;
mod state_change;
mod text;
mod time;
mod title;

use jiff::Timestamp;
use serde_json::Value;

use alarm::key_of;

pub use alarm::{AlarmKind, AlarmState, AlarmTransition, Muted};
pub use aws_event::AwsEvent;
pub use contributor::Contributor;
pub use description::Directives;
pub use time::timestamp;

/// Longest raw payload that is kept, in bytes. An item of DynamoDB holds 400 KB.
const RAW_BYTES_MAX: usize = 200 * 1024;

/// What one record of an event says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The id of the SQS message it came in, to be named when this record alone has to come back.
    pub message_id: Option<String>,
    /// What was read.
    pub reading: Reading,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// An alarm went from one state to another.
    Alarm(Box<AlarmTransition>),
    /// A service of AWS says that something is wrong, or over.
    AwsEvent(Box<AwsEvent>),
    /// Understood, and no signal about anybody's system.
    NothingToOpen {
        /// What it is, and what to do about it if anything; one or two sentences.
        reason: String,
        /// The name of the alarm that it is about.
        alarm: Option<String>,
        /// What is kept of it, as JSON, cut to 200 KB; empty for what has a token in it.
        raw: String,
    },
    /// Not understood: it pages, because it may be an alarm.
    Unreadable {
        /// What is wrong with it, in a sentence.
        reason: String,
        /// The record as it came, as JSON, cut to 200 KB.
        raw: String,
    },
}

/// Reads an event: one record per alarm or finding in it, at least one, in the event's order.
pub fn parse(event: &Value, received_at: Timestamp) -> Vec<Record> {
    match event.get("Records").and_then(Value::as_array) {
        Some(records) if !records.is_empty() => records.iter().flat_map(|r| record(r, received_at)).collect(),
        _ => record(event, received_at),
    }
}

fn record(value: &Value, received_at: Timestamp) -> Vec<Record> {
    let message_id = value.get("messageId").and_then(Value::as_str).map(str::to_owned);
    let raw = || text::cut_bytes(&value.to_string(), RAW_BYTES_MAX).to_owned();
    let readings = envelope::open(value, received_at).unwrap_or_else(|reason| vec![Reading::Unreadable { reason, raw: raw() }]);
    let with_raw = |reading: Reading| match reading {
        Reading::Alarm(alarm) => Reading::Alarm(Box::new(AlarmTransition { raw: raw(), ..*alarm })),
        Reading::AwsEvent(event) if event.raw.is_empty() => Reading::AwsEvent(Box::new(AwsEvent { raw: raw(), ..*event })),
        other => other,
    };
    readings.into_iter().map(|reading| Record { message_id: message_id.clone(), reading: with_raw(reading) }).collect()
}
