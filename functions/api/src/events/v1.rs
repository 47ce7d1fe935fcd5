//! Version 1 of the Events API (PagerDuty developer documentation, "Events API v1"), which older tools speak.

use std::cell::RefCell;

use serde_json::{Map, Value};

use super::{
    event::{ASKED, Action, Asked, DEDUP_KEY_CHARS_MAX, Event, Pointers, SUMMARY_CHARS_MAX, Trigger},
    field::Fields,
    v2,
};

/// Reads an event, or says everything that is wrong with it.
pub(super) fn read(event: &Map<String, Value>) -> Result<Event, Vec<String>> {
    let errors = RefCell::default();
    let fields = Fields::of(event, &errors);
    let action = match fields.choice("event_type", &ASKED) {
        Some(Asked::Trigger) | None => {
            let summary = fields.required("description", SUMMARY_CHARS_MAX).unwrap_or_default().to_owned();
            let details = fields.value("details").cloned();
            Action::Trigger(Box::new(Trigger { summary, details, pointers: pointers(&fields), ..Trigger::default() }))
        }
        Some(Asked::Acknowledge) => Action::Acknowledge,
        Some(Asked::Resolve) => Action::Resolve,
    };
    let dedup_key = match action {
        Action::Trigger(_) => fields.optional("incident_key", DEDUP_KEY_CHARS_MAX),
        Action::Acknowledge | Action::Resolve => fields.required("incident_key", DEDUP_KEY_CHARS_MAX),
    };
    let dedup_key = dedup_key.map(str::to_owned);
    match errors.into_inner() {
        errors if errors.is_empty() => Ok(Event { dedup_key, action }),
        errors => Err(errors),
    }
}

/// Links and images stand in one list, `contexts`, each with its `type`.
fn pointers(fields: &Fields<'_>) -> Pointers {
    let mut sorted = Map::new();
    for (name, kind) in [("links", "link"), ("images", "image")] {
        let contexts = fields.value("contexts").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let of_kind = contexts.iter().filter(|context| context.get("type").and_then(Value::as_str) == Some(kind));
        sorted.insert(name.to_owned(), of_kind.cloned().collect());
    }
    let errors = RefCell::default();
    let lists = v2::pointers(&Fields::of(&sorted, &errors));
    Pointers { links: lists.links, images: lists.images, ..v2::pointers(fields) }
}
