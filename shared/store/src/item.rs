//! Reading and writing attributes.

#[expect(clippy::disallowed_types, reason = "the SDK's own type; its order is never looked at")]
use std::collections::HashMap as AttributeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{error::StoreError, keys::Key};

/// An item as the SDK has it.
#[expect(clippy::disallowed_types, reason = "the SDK's own type; its order is never looked at")]
pub(crate) type Item = AttributeMap<String, AttributeValue>;

/// The shape of the items that this code writes. Newer code reads older shapes; older code keeps what it does not know.
pub const SCHEMA: u64 = 1;

pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(crate) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// A time, in milliseconds since 1970.
pub(crate) fn time(at: Timestamp) -> AttributeValue {
    n(at.as_millisecond())
}

/// A new item under `key`.
pub(crate) fn item(key: &Key) -> Item {
    let mut item = Item::new();
    item.insert("pk".to_owned(), s(&key.pk));
    item.insert("sk".to_owned(), s(&key.sk));
    item.insert("schema".to_owned(), n(SCHEMA));
    item
}

/// Adds attributes one after the other.
pub(crate) trait With: Sized {
    fn with(self, name: &str, value: AttributeValue) -> Self;
    /// Lets DynamoDB delete the item some time after `at` (time to live; typically within days, never a timer).
    fn expiring(self, at: Timestamp) -> Self;
}

impl With for Item {
    fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.insert(name.to_owned(), value);
        self
    }

    fn expiring(self, at: Timestamp) -> Self {
        self.with("expires_at", n(at.as_second()))
    }
}

pub(crate) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

pub(crate) fn number<T: std::str::FromStr>(item: &Item, name: &str) -> Option<T> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

pub(crate) fn timestamp(item: &Item, name: &str) -> Option<Timestamp> {
    Timestamp::from_millisecond(number(item, name)?).ok()
}

/// The item's keys as one text, for messages.
pub(crate) fn name(item: &Item) -> String {
    format!("{} / {}", text(item, "pk").unwrap_or("?"), text(item, "sk").unwrap_or("?"))
}

/// The JSON of `value`. The types that are stored have no maps with foreign keys, so this does not fail.
pub(crate) fn json<T: Serialize>(key: &str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::unreadable(key, error))
}

/// The JSON of `value` over what was stored before: fields that this code does not know are kept.
pub(crate) fn json_over<T: Serialize>(key: &str, value: &T, before: &Map<String, Value>) -> Result<String, StoreError> {
    let mut merged = before.clone();
    if let Value::Object(fields) = serde_json::to_value(value).map_err(|error| StoreError::unreadable(key, error))? {
        merged.extend(fields);
    }
    json(key, &Value::Object(merged))
}

/// The JSON body of an item.
pub(crate) fn body<T: DeserializeOwned>(item: &Item) -> Result<T, StoreError> {
    let text = text(item, "body").ok_or_else(|| StoreError::unreadable(name(item), "it has no body"))?;
    serde_json::from_str(text).map_err(|error| StoreError::unreadable(name(item), error))
}
