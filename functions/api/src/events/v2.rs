//! Version 2 of the Events API (PagerDuty developer documentation, "Send an Alert Event").

use std::cell::RefCell;

use hansho_domain::Severity;
use serde_json::{Map, Value};

use super::{
    event::{ASKED, Action, Asked, DEDUP_KEY_CHARS_MAX, Event, Pointers, SUMMARY_CHARS_MAX, Trigger},
    field::Fields,
};

const SEVERITIES: [(&str, Severity); 4] =
    [("critical", Severity::Critical), ("error", Severity::Error), ("warning", Severity::Warning), ("info", Severity::Info)];
/// Most links and images that are looked at; an incident shows less.
const POINTERS_MAX: usize = 50;

/// Reads an event, or says everything that is wrong with it.
pub(super) fn read(event: &Map<String, Value>) -> Result<Event, Vec<String>> {
    let errors = RefCell::default();
    let fields = Fields::of(event, &errors);
    let asked = fields.choice("event_action", &ASKED);
    let dedup_key = match asked {
        Some(Asked::Acknowledge | Asked::Resolve) => fields.required("dedup_key", DEDUP_KEY_CHARS_MAX),
        Some(Asked::Trigger) | None => fields.optional("dedup_key", DEDUP_KEY_CHARS_MAX),
    };
    let action = match asked {
        Some(Asked::Trigger) => trigger(&fields).map(|trigger| Action::Trigger(Box::new(trigger))),
        Some(Asked::Acknowledge) => Some(Action::Acknowledge(beside(event))),
        Some(Asked::Resolve) => Some(Action::Resolve(beside(event))),
        None => None,
    };
    let dedup_key = dedup_key.map(str::to_owned);
    match (errors.into_inner(), action) {
        (errors, Some(action)) if errors.is_empty() => Ok(Event { dedup_key, action }),
        (errors, _) => Err(errors),
    }
}

fn trigger(fields: &Fields<'_>) -> Option<Trigger> {
    let payload = fields.inner("payload", "payload.");
    let summary = payload.required("summary", SUMMARY_CHARS_MAX);
    let source = payload.required("source", usize::MAX);
    let severity = payload.choice("severity", &SEVERITIES);
    let (_, _) = (summary?, source?);
    Some(Trigger { severity: Some(severity?), ..said(fields, &payload) })
}

/// What an event says that needs no payload and may have one all the same, for rules. Nothing in it is a reason to refuse it.
fn beside(event: &Map<String, Value>) -> Option<Box<Trigger>> {
    event.get("payload").filter(|payload| payload.is_object())?;
    let errors = RefCell::default();
    let fields = Fields::of(event, &errors);
    let payload = fields.inner("payload", "payload.");
    let severity = payload.choice("severity", &SEVERITIES);
    Some(Box::new(Trigger { severity, ..said(&fields, &payload) }))
}

/// What a payload says, as far as it is text: what is none is of no use there, and no reason to refuse an alarm.
fn said(fields: &Fields<'_>, payload: &Fields<'_>) -> Trigger {
    let text = |name: &str| payload.value(name).and_then(Value::as_str).map(str::to_owned);
    let place = ["source", "component", "group", "class"].into_iter().filter_map(|name| Some((name, text(name)?)));
    Trigger {
        summary: text("summary").unwrap_or_default(),
        severity: None,
        place: place.collect(),
        timestamp: text("timestamp"),
        details: payload.value("custom_details").cloned(),
        pointers: pointers(fields),
    }
}

/// What the event points at. What can not be read is left out: it is no reason to refuse an alarm.
pub(super) fn pointers(fields: &Fields<'_>) -> Pointers {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let list = |name: &str| fields.value(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().iter().take(POINTERS_MAX);
    Pointers {
        client: fields.value("client").and_then(Value::as_str).map(str::to_owned),
        client_url: fields.value("client_url").and_then(Value::as_str).map(str::to_owned),
        links: list("links").filter_map(|link| Some((text(link, "href")?, text(link, "text").unwrap_or_default()))).collect(),
        images: list("images")
            .filter_map(|image| Some((text(image, "src")?, text(image, "href"), text(image, "alt").unwrap_or_default())))
            .collect(),
    }
}
