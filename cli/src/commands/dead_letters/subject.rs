//! What an event is about, in a line.

use hansho_alarm_intake::parse::{AlarmState, Reading, parse};
use hansho_domain::text;
use jiff::Timestamp;
use serde_json::Value;

use super::masked::masked;

/// Longest line, in characters.
const CHARS_MAX: usize = 120;
/// So many things of one event are named.
const NAMED_MAX: usize = 3;

/// The alarm, the subject of the mail, the incident; of the function that it is for.
pub(super) fn subject(function: &str, event: &Value) -> String {
    let named: Vec<String> = match function {
        "alarm-intake" => parse(event, Timestamp::UNIX_EPOCH).into_iter().map(|record| alarm(record.reading)).collect(),
        "email-intake" => each(event, mail),
        _ => each(event, work),
    };
    let more = named.len().saturating_sub(NAMED_MAX);
    let mut line = named.into_iter().take(NAMED_MAX).collect::<Vec<_>>().join(", ");
    if more > 0 {
        line.push_str(&format!(", +{more}"));
    }
    if line.is_empty() { "?".to_owned() } else { text::cut(&text::one_line(&line), CHARS_MAX) }
}

fn alarm(reading: Reading) -> String {
    match reading {
        Reading::Alarm(alarm) => {
            let state = match alarm.state {
                AlarmState::Alarm => "ALARM",
                AlarmState::Ok => "OK",
                AlarmState::InsufficientData => "INSUFFICIENT_DATA",
            };
            format!("{} {state}", alarm.name)
        }
        Reading::AwsEvent(event) => event.title,
        Reading::NothingToOpen { alarm, reason, .. } => alarm.unwrap_or_else(|| masked(&reason)),
        Reading::Unreadable { reason, .. } => format!("unrecognised alarm payload: {}", masked(&reason)),
    }
}

/// Of each record, or of the event itself.
fn each(event: &Value, of: fn(&Value) -> Option<String>) -> Vec<String> {
    match event.get("Records").and_then(Value::as_array) {
        Some(records) => records.iter().filter_map(of).collect(),
        None => of(event).into_iter().collect(),
    }
}

/// The subject; addresses have an integration's key in them.
fn mail(record: &Value) -> Option<String> {
    let told = record.get("Sns").and_then(|sns| sns.get("Message")?.as_str()).and_then(|text| serde_json::from_str::<Value>(text).ok());
    let mail = record.get("ses").or(told.as_ref())?.get("mail")?;
    mail.get("commonHeaders")?.get("subject")?.as_str().map(masked)
}

/// The incident or the delivery, or what kind of event it is.
fn work(record: &Value) -> Option<String> {
    let inside = record.get("body").and_then(Value::as_str).and_then(|body| serde_json::from_str::<Value>(body).ok());
    let work = inside.as_ref().unwrap_or(record);
    let text = |name: &str| work.get(name).and_then(Value::as_str);
    let named = |word: &str| text(word).map(|id| format!("{word} {id}"));
    named("incident").or_else(|| named("delivery")).or_else(|| text("detail-type").map(masked)).or_else(|| {
        let reported = record.get("Sns")?.get("Subject").and_then(Value::as_str);
        Some(masked(reported.unwrap_or("a notification of SNS")))
    })
}
