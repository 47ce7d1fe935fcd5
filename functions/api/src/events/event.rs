//! What an event says, whichever version of the Events API it came by.

use hansho_domain::{DedupKey, Severity, text};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Longest summary, in characters (PagerDuty's Events API v2, "payload.summary"; v1, "description").
pub(super) const SUMMARY_CHARS_MAX: usize = 1_024;
/// Longest dedup key, in characters (PagerDuty's Events API v2, "dedup_key"; v1, "incident_key").
pub(super) const DEDUP_KEY_CHARS_MAX: usize = 255;
/// How many characters of a dedup key that can not be one here are kept in the one that stands for it.
const DEDUP_KEY_KEPT: usize = 60;

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    /// Which trouble it is about, as the sender calls it; none for a trigger that has none.
    pub(super) dedup_key: Option<String>,
    /// What it asks for.
    pub(super) action: Action,
}

/// What an event asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    /// Something is wrong.
    Trigger(Box<Trigger>),
    /// Somebody is on it; with what it says besides, if it does.
    Acknowledge(Option<Box<Trigger>>),
    /// It is over; likewise.
    Resolve(Option<Box<Trigger>>),
}

/// The words for it.
pub(super) const ASKED: [(&str, Asked); 3] =
    [("trigger", Asked::Trigger), ("acknowledge", Asked::Acknowledge), ("resolve", Asked::Resolve)];

/// What an event asks for, before the rest of it is read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asked {
    Trigger,
    Acknowledge,
    Resolve,
}

/// What a trigger says.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Trigger {
    /// In one line.
    pub(super) summary: String,
    /// How bad it is; v1 does not say.
    pub(super) severity: Option<Severity>,
    /// Where it is: source, component, group, class, by these names.
    pub(super) place: Vec<(&'static str, String)>,
    /// When the sender says that it was.
    pub(super) timestamp: Option<String>,
    /// Everything else that the sender has to say.
    pub(super) details: Option<Value>,
    /// What it points at.
    pub(super) pointers: Pointers,
}

impl Trigger {
    /// Where it is; empty when it does not say.
    pub(super) fn source(&self) -> &str {
        self.place.iter().find(|(name, _)| *name == "source").map(|(_, source)| source.as_str()).unwrap_or_default()
    }
}

/// What an event points at, as it came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Pointers {
    /// The name of the sender.
    pub(super) client: Option<String>,
    /// Where the sender shows it.
    pub(super) client_url: Option<String>,
    /// Addresses, with their texts.
    pub(super) links: Vec<(String, String)>,
    /// Addresses of images, where each leads, and what it shows.
    pub(super) images: Vec<(String, Option<String>, String)>,
}

/// The dedup key that stands for what the sender calls it: itself where it can. What is too long in bytes or has control
/// characters in it is told by its hash.
pub(super) fn dedup_key(text: &str) -> Result<DedupKey, hansho_domain::InvalidId> {
    DedupKey::new(text).or_else(|_| {
        let hash: String = Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let start: String = text::one_line(text).chars().take(DEDUP_KEY_KEPT).collect();
        DedupKey::new(format!("{start} {hash}"))
    })
}

/// The key of a trigger that has none: the same event again has the same one, so that a client that repeats a request whose
/// answer it did not hear pages nobody twice.
pub(super) fn generated_key(integration: &str, event: &Map<String, Value>) -> String {
    let mut hasher = Sha256::new();
    hasher.update(integration.as_bytes());
    let is_part = |name: &str| !matches!(name, "routing_key" | "service_key" | "dedup_key" | "incident_key");
    for (name, value) in event.iter().filter(|(name, _)| is_part(name)) {
        hasher.update(format!("\n{name}={value}").as_bytes());
    }
    hasher.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{dedup_key, generated_key};

    #[test]
    fn every_dedup_key_of_255_characters_stands_for_itself_or_is_told_by_its_hash() {
        assert_eq!(dedup_key("disk/db-1").unwrap().as_str(), "disk/db-1");
        let long = "半".repeat(255);
        let (one, other) = (dedup_key(&long).unwrap(), dedup_key(&format!("{}鐘", "半".repeat(254))).unwrap());
        assert_ne!(one, other);
        assert_eq!(one, dedup_key(&long).unwrap());
        assert!(dedup_key("a\u{0}b\n").unwrap().as_str().starts_with("a b "));
    }

    #[test]
    fn the_same_event_without_a_key_has_the_same_one_whatever_its_routing_key() {
        let event = |routing: &str, summary: &str| json!({ "routing_key": routing, "payload": { "summary": summary } });
        let key = |integration: &str, event: serde_json::Value| generated_key(integration, event.as_object().unwrap());
        assert_eq!(key("a", event("1", "disk")), key("a", event("2", "disk")));
        assert_ne!(key("a", event("1", "disk")), key("b", event("1", "disk")));
        assert_ne!(key("a", event("1", "disk")), key("a", event("1", "cpu")));
    }
}
