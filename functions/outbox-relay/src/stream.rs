//! Reads new outbox rows and notices out of a DynamoDB stream event.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use hansho_domain::NoticeId;
use hansho_store::{OutboxRow, StoreError, new_notice};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// An attribute as a stream event has it; other types than these are not looked at.
#[derive(Debug, Deserialize)]
struct Attribute {
    #[serde(rename = "S")]
    s: Option<String>,
    #[serde(rename = "N")]
    n: Option<String>,
}

/// An item as the SDK has it.
#[expect(clippy::disallowed_types, reason = "the SDK's own type; its order is never looked at")]
type Item = std::collections::HashMap<String, AttributeValue>;

/// The outbox rows that the event says are new; `None` when it is no event of a table's stream. Other records of the table
/// are passed over, because the stream's filter may be missing; what is no record of a table at all is logged.
pub(crate) fn new_rows(event: &Value) -> Option<Vec<Result<OutboxRow, StoreError>>> {
    let records = event.get("Records").and_then(Value::as_array)?;
    let (known, unknown): (Vec<&Value>, Vec<&Value>) = records.iter().partition(|record| is_of_a_table(record));
    if known.is_empty() {
        return None;
    }
    if !unknown.is_empty() {
        tracing::error!(count = unknown.len(), "records of an event are no changes of a table; they are passed over");
    }
    Some(known.into_iter().filter(|record| is_new(record)).filter_map(new_row).collect())
}

fn is_of_a_table(record: &Value) -> bool {
    record.get("dynamodb").is_some_and(Value::is_object) && record.get("eventName").is_some_and(Value::is_string)
}

fn is_new(record: &Value) -> bool {
    record.get("eventName").and_then(Value::as_str) == Some("INSERT")
}

fn new_row(record: &Value) -> Option<Result<OutboxRow, StoreError>> {
    let image = record.get("dynamodb")?.get("NewImage")?;
    if image.get("entity")?.get("S")?.as_str()? != "OUTBOX" {
        return None;
    }
    let item = match item(image) {
        Ok(item) => item,
        Err(error) => return Some(Err(StoreError::Unreadable { key: "stream record".to_owned(), message: error.to_string() })),
    };
    Some(OutboxRow::from_item(&item))
}

/// The notices that the event says are new, and when each is to be sent. One that can not be read is the sweeper's.
pub(crate) fn new_notices(event: &Value) -> Vec<(NoticeId, Timestamp)> {
    let records = event.get("Records").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let images = records.iter().filter(|record| is_new(record)).filter_map(|record| record.get("dynamodb")?.get("NewImage"));
    images.filter_map(|image| new_notice(&item(image).ok()?)).collect()
}

fn item(image: &Value) -> Result<Item, serde_json::Error> {
    let attributes: BTreeMap<String, Attribute> = BTreeMap::deserialize(image)?;
    let known = attributes.into_iter();
    Ok(known.filter_map(|(name, value)| Some((name, value.s.map(AttributeValue::S).or(value.n.map(AttributeValue::N))?))).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{new_notices, new_rows};

    #[test]
    fn what_is_no_event_of_a_stream_is_told_from_one_without_new_rows() {
        let other = json!({ "eventName": "MODIFY", "dynamodb": { "NewImage": {} } });
        let broken = json!({ "eventName": "INSERT", "dynamodb": { "NewImage": { "entity": { "S": "OUTBOX" } } } });
        for (event, rows) in [
            (json!(null), None),
            (json!([]), None),
            (json!("x"), None),
            (json!({}), None),
            (json!({ "Records": [] }), None),
            (json!({ "Records": [null, 5, { "Sns": {} }] }), None),
            (json!({ "Records": [other] }), Some(0)),
            (json!({ "Records": [null, other, broken] }), Some(1)),
        ] {
            assert_eq!(new_rows(&event).map(|rows| rows.len()), rows, "{event}");
        }
    }

    #[test]
    fn new_notices_are_told_by_their_entity_and_carry_their_time() {
        let image = |entity: &str, pk: &str| json!({ "pk": { "S": pk }, "entity": { "S": entity }, "created_at": { "N": "5000" }, "x": { "BOOL": true } });
        let record = |name: &str, image| json!({ "eventName": name, "dynamodb": { "NewImage": image } });
        let pk = format!("NOTICE#{}", "a5".repeat(16));
        let event = json!({ "Records": [
            null,
            record("INSERT", image("OUTBOX", &pk)),
            record("MODIFY", image("NOTICE", &pk)),
            record("INSERT", image("NOTICE", "NOTICE#x")),
            record("INSERT", image("NOTICE", &pk)),
        ] });
        let found = new_notices(&event);
        assert_eq!(found, [("a5".repeat(16).parse().unwrap(), jiff::Timestamp::from_second(5).unwrap())]);
        assert_eq!(new_rows(&event).unwrap().len(), 1, "a notice is no row");
    }
}
