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
            let _checked = fields.required("description", SUMMARY_CHARS_MAX);
            Action::Trigger(Box::new(said(&fields)))
        }
        Some(Asked::Acknowledge) => Action::Acknowledge(beside(&fields)),
        Some(Asked::Resolve) => Action::Resolve(beside(&fields)),
    };
    let dedup_key = match action {
        Action::Trigger(_) => fields.optional("incident_key", DEDUP_KEY_CHARS_MAX),
        Action::Acknowledge(_) | Action::Resolve(_) => fields.required("incident_key", DEDUP_KEY_CHARS_MAX),
    };
    let dedup_key = dedup_key.map(str::to_owned);
    match errors.into_inner() {
        errors if errors.is_empty() => Ok(Event { dedup_key, action }),
        errors => Err(errors),
    }
}

/// What an event says that need not say anything, if it does.
fn beside(fields: &Fields<'_>) -> Option<Box<Trigger>> {
    fields.value("description").or_else(|| fields.value("details"))?;
    Some(Box::new(said(fields)))
}

fn said(fields: &Fields<'_>) -> Trigger {
    let summary = fields.value("description").and_then(Value::as_str).unwrap_or_default().to_owned();
    Trigger { summary, details: fields.value("details").cloned(), pointers: pointers(fields), ..Trigger::default() }
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
