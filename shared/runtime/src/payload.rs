//! Events that are JSON, and still more than a JSON value can hold.

use serde_json::{Value, value::RawValue};

/// The event as a value. What `serde_json` does not take as one (more than 128 levels, numbers beyond a double) becomes a
/// string of its text, so that whoever has to page about what it can not read is still asked.
pub fn event(payload: &RawValue) -> Value {
    serde_json::from_str(payload.get()).unwrap_or_else(|_| Value::String(payload.get().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Value {
        event(&RawValue::from_string(text.to_owned()).unwrap())
    }

    #[test]
    fn an_event_is_its_value() {
        assert_eq!(of(r#"{"a": [1, "b"]}"#), serde_json::json!({ "a": [1, "b"] }));
    }

    #[test]
    fn what_no_value_can_hold_is_handed_on_as_text() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        assert_eq!(of(&deep), Value::String(deep.clone()));
        assert_eq!(of("[1e999]"), Value::String("[1e999]".to_owned()));
    }
}
