//! Fields that may hold anything: one of the wrong type counts as missing, so that it never costs the page.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// The value as a `T`, or its default.
pub(super) fn read<T: DeserializeOwned + Default>(value: &Value) -> T {
    T::deserialize(value).unwrap_or_default()
}

/// For `deserialize_with`: the field as a `T`, or its default.
pub(super) fn field<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(read(&Value::deserialize(deserializer)?))
}

/// For `deserialize_with`: text that is not blank; a number stands for its digits (account ids come both ways).
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(text_of(&Value::deserialize(deserializer)?))
}

/// For `deserialize_with`: the elements that can be read.
pub(super) fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(elements) => elements.iter().filter_map(|e| T::deserialize(e).ok()).collect(),
        _ => Vec::new(),
    })
}

/// For `deserialize_with`: names with values, as an object or, the way SNS has them, as a list of `{name, value}`.
pub(super) fn pairs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let pair = |e: &Value| {
        let of = |lower: &str, upper: &str| e.get(lower).or_else(|| e.get(upper)).and_then(text_of);
        Some((of("name", "Name")?, of("value", "Value")?))
    };
    Ok(match Value::deserialize(deserializer)? {
        Value::Object(fields) => fields.iter().filter_map(|(name, v)| Some((name.clone(), text_of(v)?))).collect(),
        Value::Array(elements) => elements.iter().filter_map(pair).collect(),
        _ => BTreeMap::new(),
    })
}

/// Text that is not blank, or the digits of a number.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The text at a JSON pointer (`/service/archived`).
pub(super) fn text_at(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(text_of)
}

/// The list at a JSON pointer; empty where there is none.
pub(super) fn list_at<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
