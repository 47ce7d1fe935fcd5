//! Change events (PagerDuty developer documentation, "Send a Change Event"): what somebody changed, for those who look for the
//! cause of an incident. They page nobody and are kept for 90 days.

use std::cell::RefCell;

use hansho_domain::{AlertId, REFERENCES_MAX, Reference, ReferenceKind, text};
use hansho_store::Change;
use serde_json::{Map, Value};

use super::{Sender, event::SUMMARY_CHARS_MAX, field::Fields, v2};
use crate::input_id;

/// Longest source that is kept, in characters.
const SOURCE_CHARS_MAX: usize = 200;
/// Longest details that are kept, in bytes of JSON.
const DETAILS_BYTES_MAX: usize = 64_000;

/// Reads a change event, or says everything that is wrong with it.
pub(super) fn read(event: &Map<String, Value>, sender: &Sender) -> Result<Change, Vec<String>> {
    let errors = RefCell::default();
    let fields = Fields::of(event, &errors);
    let payload = fields.inner("payload", "payload.");
    let summary = payload.required("summary", SUMMARY_CHARS_MAX).map(text::one_line);
    let summary = summary.map(|summary| if summary.is_empty() { "Change without a summary (概要なし)".to_owned() } else { summary });
    let as_text = |name: &str| payload.value(name).and_then(Value::as_str);
    let source = as_text("source").map(|source| text::cut(&text::one_line(source), SOURCE_CHARS_MAX));
    let timestamp = as_text("timestamp").and_then(|at| at.parse().ok());
    let details = payload.value("custom_details").filter(|details| details.to_string().len() <= DETAILS_BYTES_MAX).cloned();
    let links = v2::pointers(&fields).links.into_iter().filter_map(|(href, text)| Reference::new(ReferenceKind::Link, &href, &text));
    let links = links.take(REFERENCES_MAX).collect();
    match (summary, errors.into_inner()) {
        (Some(summary), errors) if errors.is_empty() => Ok(Change {
            id: AlertId::from_hash(input_id::hash(&["change", sender.integration().as_str(), &sender.serial])),
            integration: sender.integration().clone(),
            service: sender.integration.as_ref().and_then(|integration| integration.spec().service.clone()),
            summary,
            source,
            occurred_at: timestamp.unwrap_or(sender.at),
            received_at: sender.at,
            details,
            links,
        }),
        (_, errors) => Err(errors),
    }
}
