//! `--event`: an alarm as AWS sends it, read as the alarm intake reads it.

use std::{fs, io::Read, path::Path};

use hansho_alarm_intake::{FoundBy, Preview, Signal, preview};
use hansho_domain::{Alert, Routes, ServiceId};
use hansho_routing::{Subject, Suppression, Trace};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::commands::decide::Rules;

/// Largest event that is read, in bytes: what an invocation of Lambda takes (Lambda quotas), and some more.
const EVENT_BYTES_MAX: u64 = 10_000_000;

/// What one record of an event comes to.
pub(super) enum Record {
    /// It opens an incident.
    Alert(Box<Alarmed>),
    /// It pages nobody, for this reason.
    Quiet(Quiet),
}

/// An alert, and how it came to its service.
pub(super) struct Alarmed {
    pub(super) service: ServiceId,
    pub(super) found: Found,
    pub(super) alert: Alert,
    /// When the source saw it.
    pub(super) occurred_at: Timestamp,
    /// Which rules were tried, and what they changed.
    pub(super) decision: Trace,
}

/// Why it is this service's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// An alarm of this name, by what leads alarms to services.
    Alarm { name: String, by: FoundBy },
    /// It could not be read, for this reason.
    Unreadable { reason: String },
}

/// Why nobody is paged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Quiet {
    /// An alarm is over.
    Clear { name: String },
    /// An alarm has no data, which says nothing.
    NoData { name: String },
    /// It is recorded as suppressed.
    Suppressed { name: String, reason: String },
    /// It is no signal about anybody's system.
    NothingToOpen { reason: String },
}

/// Reads the file; `-` is standard input.
pub(in crate::commands) fn read(path: &Path) -> Result<Value, String> {
    let shown = path.display();
    let mut text = String::new();
    let bytes = if path.as_os_str() == "-" {
        std::io::stdin().take(EVENT_BYTES_MAX + 1).read_to_string(&mut text)
    } else {
        fs::File::open(path).and_then(|file| file.take(EVENT_BYTES_MAX + 1).read_to_string(&mut text))
    };
    let bytes = bytes.map_err(|error| format!("--event: {shown} can not be read: {error}"))?;
    if u64::try_from(bytes).is_ok_and(|bytes| bytes > EVENT_BYTES_MAX) {
        return Err(format!("--event: {shown} is larger than {EVENT_BYTES_MAX} bytes; no event is"));
    }
    // What Lambda would hand over is JSON; everything else never gets there.
    serde_json::from_str(&text).map_err(|error| format!("--event: {shown} is no JSON: {error}; give the event as AWS sends it"))
}

/// What the event's records come to by these rules if it comes in at `received_at`.
pub(super) async fn records(event: &Value, routes: &Routes, received_at: Timestamp, rules: &mut Rules<'_>) -> Result<Vec<Record>, String> {
    let mut records = Vec::new();
    for preview in preview(event, routes, received_at) {
        records.push(record(preview, rules).await?);
    }
    Ok(records)
}

async fn record(preview: Preview, rules: &mut Rules<'_>) -> Result<Record, String> {
    Ok(match preview {
        Preview::Alarm { name, occurred_at, signal, event, raw } => match signal {
            Signal::Alert { route, alert } => {
                let outcome = rules.decide(Subject::of_alert(&route.service, &alert), &event, &event.body_of(&raw)).await?;
                if let Some(Suppression { rule, reason }) = outcome.suppression {
                    return Ok(Record::Quiet(Quiet::Suppressed { name, reason: format!("rule {rule}: {reason}") }));
                }
                let (found, alert) = (Found::Alarm { name, by: route.by }, outcome.alert(&alert));
                let (service, decision) = (outcome.subject.service, outcome.trace);
                Record::Alert(Box::new(Alarmed { service, found, alert, occurred_at, decision }))
            }
            Signal::Clear { .. } => Record::Quiet(Quiet::Clear { name }),
            Signal::Note(_) => Record::Quiet(Quiet::NoData { name }),
            Signal::Suppressed(suppressed) => Record::Quiet(Quiet::Suppressed { name, reason: suppressed.reason }),
        },
        Preview::Unreadable { reason, alert, .. } => Record::Alert(Box::new(Alarmed {
            service: ServiceId::catch_all(),
            found: Found::Unreadable { reason },
            occurred_at: alert.occurred_at,
            alert: *alert,
            decision: Trace::default(),
        })),
        Preview::NothingToOpen { reason } => Record::Quiet(Quiet::NothingToOpen { reason }),
    })
}

/// How it came to its service, for machines.
pub(super) fn json(alarmed: &Alarmed) -> Value {
    let Alarmed { found, alert, .. } = alarmed;
    let mut value = json!({ "title": alert.title, "labels": alert.labels.kept(), "occurred_at": alarmed.occurred_at, "remark": alert.remark });
    value["decision"] = if alarmed.decision.rules.is_empty() { Value::Null } else { json!(alarmed.decision) };
    match found {
        Found::Alarm { name, by } => {
            value["alarm"] = json!(name);
            let (word, by) = match by {
                FoundBy::Description => ("description", Value::Null),
                FoundBy::Pattern(pattern) => ("pattern", json!(pattern.as_str())),
                FoundBy::Owner(owner) => ("owner", json!(owner)),
                FoundBy::OwnerOfMetric(owner) => ("owner_of_metric", json!(owner)),
                FoundBy::WayIn => ("integration", Value::Null),
                FoundBy::Nothing => ("nothing", Value::Null),
            };
            value["service_found_by"] = json!(word);
            value["found"] = by;
        }
        Found::Unreadable { reason } => {
            value["service_found_by"] = json!("unreadable");
            value["found"] = json!(reason);
        }
    }
    value
}
