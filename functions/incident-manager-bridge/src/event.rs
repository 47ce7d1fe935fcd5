//! What wakes the bridge.

use std::collections::BTreeSet;

use hansho_domain::IncidentId;
use hansho_runtime::batch::{self, Record};
use serde_json::Value;

/// How an OpsItem is called: `oi-` and so many hexadecimal digits (`OpsItemId`, Systems Manager API reference).
const OPS_ITEM_PREFIX: &str = "oi-";
const OPS_ITEM_DIGITS: usize = 12;

/// Why the bridge was woken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Woken {
    /// Something happened to incidents.
    Stream(Vec<Entry>),
    /// Messages of its queue.
    Messages(Vec<Record>),
    /// The other side says that something is new about these records of its own.
    Reported(Vec<String>),
    /// A minute is over.
    Minute,
}

/// A new entry of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// By which the stream knows its record.
    pub(crate) sequence_number: String,
    /// Whose.
    pub(crate) incident: IncidentId,
}

/// Why the function was woken; `None` for an event that is not its own.
pub(crate) fn read(event: &Value) -> Option<Woken> {
    if let Some(records) = batch::sqs_records(event) {
        return Some(Woken::Messages(records));
    }
    if event.get("detail-type").and_then(Value::as_str) == Some("Scheduled Event") {
        return Some(Woken::Minute);
    }
    if event.get("source").and_then(Value::as_str).is_some_and(|source| source.starts_with("aws.ssm")) {
        return Some(Woken::Reported(records_named(&event.to_string())));
    }
    let records = event.get("Records")?.as_array()?;
    if records.iter().any(|record| record.get("dynamodb").is_some()) {
        return Some(Woken::Stream(records.iter().filter_map(entry).collect()));
    }
    let messages: Vec<&str> = records.iter().filter_map(|record| record.get("Sns")?.get("Message")?.as_str()).collect();
    if messages.is_empty() {
        return None;
    }
    let named = records_named(&messages.join("\n"));
    if named.is_empty() {
        tracing::warn!("the other side reported something and named no record; the next minute looks at all of them");
    }
    Some(Woken::Reported(named))
}

fn entry(record: &Value) -> Option<Entry> {
    let change = record.get("dynamodb")?;
    let key = |name: &str| change.get("Keys")?.get(name)?.get("S")?.as_str();
    if record.get("eventName")?.as_str()? != "INSERT" || !key("sk")?.starts_with("ENTRY#") {
        return None;
    }
    let sequence_number = change.get("SequenceNumber").and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Entry { sequence_number, incident: key("pk")?.strip_prefix("INCIDENT#")?.parse().ok()? })
}

/// The records of Incident Manager and the OpsItems that a text names, each once. What the other side reports has no published form, so
/// it is searched for names and for nothing else; what they stand for is asked of the other side itself.
pub(crate) fn records_named(text: &str) -> Vec<String> {
    let belongs = |c: char| c.is_ascii_alphanumeric() || ":/-_.".contains(c);
    let named = text.split(|c| !belongs(c)).filter_map(|word| {
        let word = word.trim_end_matches(['.', ':']);
        if word.starts_with("arn:") && word.contains(":incident-record/") {
            return Some(word.to_owned());
        }
        let digits = word.rsplit(['/', ':']).next()?.strip_prefix(OPS_ITEM_PREFIX)?;
        let is_ops_item = digits.len() == OPS_ITEM_DIGITS && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        is_ops_item.then(|| format!("{OPS_ITEM_PREFIX}{digits}"))
    });
    named.collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Woken, read, records_named};

    #[test]
    fn records_are_found_in_whatever_form_they_are_reported() {
        let arn = "arn:aws:ssm-incidents::123456789012:incident-record/checkout/0a1b2c3d-1111-2222-3333-444455556666";
        for text in [
            format!("Incident {arn} was resolved."),
            json!({ "incidentRecordArn": arn, "again": arn }).to_string(),
            format!("{{\"detail\":\"{{\\\"incidentArn\\\":\\\"{arn}\\\"}}\"}}"),
        ] {
            assert_eq!(records_named(&text), [arn], "{text}");
        }
        for (text, expected) in [
            ("OpsItem oi-0123456789ab was edited", vec!["oi-0123456789ab"]),
            ("arn:aws:ssm:ap-northeast-1:123456789012:opsitem/oi-0123456789ab", vec!["oi-0123456789ab"]),
            ("oi-0123456789abc oi-0123456789AB xoi-0123456789ab", vec![]),
            ("arn:aws:ssm-incidents::123456789012:response-plan/checkout", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(records_named(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_none_of_its_events_is_told_from_one_with_nothing_to_do() {
        for (event, expected) in [
            (json!(null), None),
            (json!({}), None),
            (json!({ "Records": [] }), None),
            (json!({ "Records": [null, { "Sns": 5 }] }), None),
            (json!({ "Records": [{ "dynamodb": {}, "eventName": "INSERT" }] }), Some(Woken::Stream(Vec::new()))),
            (json!({ "Records": [{ "Sns": { "Message": "hello" } }] }), Some(Woken::Reported(Vec::new()))),
            (json!({ "detail-type": "Scheduled Event", "source": "aws.events" }), Some(Woken::Minute)),
            (json!({ "detail-type": "OpsItem Update", "source": "aws.ssm", "detail": {} }), Some(Woken::Reported(Vec::new()))),
        ] {
            assert_eq!(read(&event), expected, "{event}");
        }
    }
}
