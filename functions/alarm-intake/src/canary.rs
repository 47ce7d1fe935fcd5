//! The canary's event, which a rule of EventBridge sends every few minutes (infra/canary.tf). It is no alarm and no alarm can look like
//! it, so nothing that may be wrong ends where nobody is called.

use serde_json::{Value, json};

/// Whether the event is the canary's, and nothing else.
pub(crate) fn is_canary(event: &Value) -> bool {
    *event == json!({ "hansho": "canary" })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_canary;

    #[test]
    fn only_the_canarys_own_event_is_the_canary() {
        assert!(is_canary(&json!({ "hansho": "canary" })));
        for other in [
            json!({ "hansho": "canary", "alarmData": {} }),
            json!({ "hansho": "Canary" }),
            json!([{ "hansho": "canary" }]),
            json!({ "Records": [{ "body": "{\"hansho\":\"canary\"}" }] }),
            json!({ "source": "aws.cloudwatch", "alarmData": { "alarmName": "hansho-canary", "configuration": { "description": "service: hansho-canary" } } }),
        ] {
            assert!(!is_canary(&other), "{other}");
        }
    }
}
