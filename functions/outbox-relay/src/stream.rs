//! Reads outbox rows out of a DynamoDB stream event.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use hansho_store::{OutboxRow, StoreError};
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

/// The outbox rows that the event says are new. Other records are passed over: the stream's filter may be missing.
pub(crate) fn new_rows(event: &Value) -> Vec<Result<OutboxRow, StoreError>> {
    let records = event.get("Records").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    records.iter().filter(|record| record.get("eventName").and_then(Value::as_str) == Some("INSERT")).filter_map(new_row).collect()
}

fn new_row(record: &Value) -> Option<Result<OutboxRow, StoreError>> {
    let image = record.get("dynamodb")?.get("NewImage")?;
    if image.get("entity")?.get("S")?.as_str()? != "OUTBOX" {
        return None;
    }
    let attributes: BTreeMap<String, Attribute> = match BTreeMap::deserialize(image) {
        Ok(attributes) => attributes,
        Err(error) => return Some(Err(StoreError::Unreadable { key: "stream record".to_owned(), message: error.to_string() })),
    };
    let item = attributes
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.s.map(AttributeValue::S).or(value.n.map(AttributeValue::N))?)))
        .collect();
    Some(OutboxRow::from_item(&item))
}
