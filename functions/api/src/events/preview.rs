//! What an event would come to, without taking it in.

use std::sync::Arc;

use hansho_domain::{Integration, InvalidId};
use hansho_intake::Signal;
use hansho_store::{Change, IntegrationKey};
use jiff::Timestamp;
use serde_json::Value;

use super::{
    answer::Way,
    reading::{self, Reading},
    request::{self, Incoming},
    sender::Sender,
};

/// What an event would come to.
#[derive(Debug)]
pub enum Preview {
    /// Something is wrong, or over, or somebody is on it.
    Signal {
        /// What that means, before any rule.
        signal: Box<Signal>,
        /// The dedup key as its sender would hear it.
        dedup_key: String,
        /// The event as it is kept: without its key.
        raw: String,
    },
    /// Somebody changed something; it pages nobody.
    Change(Box<Change>),
    /// It is answered with 400, or with 413 when it is too long.
    Refused {
        /// All that is wrong with it.
        errors: Vec<String>,
        /// The event as it is kept: without its key.
        raw: String,
    },
}

/// Reads the body of a request as the function does to which it came at `at` under a key of `integration`. That the key itself is missing
/// is no mistake here.
///
/// # Errors
/// A name that is made of the event can not be one; that never is.
pub fn preview(way: Way, body: &[u8], integration: &Integration, at: Timestamp) -> Result<Preview, InvalidId> {
    let Incoming { event, raw, .. } = request::incoming(body, None, way.key_field());
    let id = integration.id().clone();
    let key = IntegrationKey {
        is_revoked: false,
        id: "preview".to_owned(),
        integration: id,
        made_by: String::new(),
        created_at: at,
        ends_at: None,
    };
    let sender = Sender { key, integration: Some(Arc::new(integration.clone())), at, serial: at.to_string() };
    Ok(match reading::read(way, &event, &raw, &sender)? {
        Reading::Signal { signal, dedup_key } => Preview::Signal { signal, dedup_key, raw },
        Reading::Change(change) => Preview::Change(change),
        Reading::Refused { errors, .. } => Preview::Refused { errors, raw },
    })
}

impl Way {
    /// The way that an event is made for, by its fields; `None` when it is none of the Events API.
    pub fn of(event: &Value) -> Option<Self> {
        let has = |name: &str| event.get(name).is_some();
        if has("event_action") {
            return Some(Self::V2);
        }
        if has("event_type") && (has("service_key") || has("incident_key") || has("description")) || has("service_key") {
            return Some(Self::V1);
        }
        // Without an action it is a change, unless it has what only alerts have.
        let is_event = has("routing_key") && has("payload");
        let is_alert = has("dedup_key") || event.pointer("/payload/severity").is_some();
        is_event.then_some(if is_alert { Self::V2 } else { Self::Change })
    }
}

#[cfg(test)]
mod tests {
    use hansho_domain::{Integration, IntegrationId, IntegrationKind, IntegrationSpec, ServiceId};
    use hansho_intake::Signal;
    use serde_json::json;

    use super::{Preview, Way, preview};

    fn shop() -> Integration {
        let (id, service) = (IntegrationId::new("shop").unwrap(), ServiceId::new("checkout").unwrap());
        Integration::new(IntegrationSpec { id, name: "Shop".to_owned(), service: Some(service), kind: IntegrationKind::events() }).unwrap()
    }

    fn read(way: Way, body: &str) -> Preview {
        preview(way, body.as_bytes(), &shop(), "2026-11-20T18:12:00Z".parse().unwrap()).unwrap()
    }

    #[test]
    fn an_event_is_previewed_as_it_would_be_taken_in_and_without_its_key() {
        let body = r#"{"routing_key":"0123456789abcdef0123456789abcdef","event_action":"trigger","dedup_key":"db-1","payload":{"summary":"disk","source":"db-1","severity":"error","custom_details":{"mount":"/var"}}}"#;
        let Preview::Signal { signal, dedup_key, raw } = read(Way::V2, body) else { panic!("it is a signal") };
        let Signal::Alert { service, alert, event } = *signal else { panic!("it is an alert") };
        assert_eq!((service.as_str(), alert.title.as_str(), dedup_key.as_str()), ("checkout", "disk", "db-1"));
        assert_eq!((alert.labels.get("mount"), event.source.as_str(), alert.remark), (Some("/var"), "db-1", None));
        assert!(!raw.contains("0123456789"), "{raw}");
        let resolve = r#"{"event_action":"resolve","dedup_key":"db-1"}"#;
        assert!(matches!(read(Way::V2, resolve), Preview::Signal { signal, .. } if matches!(*signal, Signal::Clear { .. })));
        assert!(matches!(read(Way::Change, r#"{"payload":{"summary":"deploy"}}"#), Preview::Change(_)));
        let Preview::Refused { errors, .. } = read(Way::V2, r#"{"event_action":"resolve"}"#) else { panic!("it is refused") };
        assert_eq!(errors, ["'dedup_key' is missing or blank"]);
        let long = read(Way::V2, &"x".repeat(512 * 1024 + 1));
        assert!(matches!(long, Preview::Refused { errors, .. } if errors[0].contains("longer than 512 KB")));
    }

    #[test]
    fn the_way_is_known_by_the_fields() {
        for (event, way) in [
            (json!({ "event_action": "trigger" }), Some(Way::V2)),
            (json!({ "routing_key": "k", "payload": { "summary": "s", "severity": "error" } }), Some(Way::V2)),
            (json!({ "routing_key": "k", "payload": { "summary": "s" } }), Some(Way::Change)),
            (json!({ "service_key": "k", "description": "d" }), Some(Way::V1)),
            (json!({ "event_type": "trigger", "description": "d" }), Some(Way::V1)),
            (json!({ "source": "aws.cloudwatch", "alarmData": {} }), None),
            (json!({ "Records": [] }), None),
            (json!([]), None),
        ] {
            assert_eq!(Way::of(&event), way, "{event}");
        }
    }
}
