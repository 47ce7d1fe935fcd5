//! `--event`: an alarm as AWS sends it, read as the alarm intake reads it.

use std::{fs, io::Read, path::Path};

use hansho_alarm_intake::{FoundBy, Preview, Signal, preview};
use hansho_domain::{Alert, Routes, ServiceId};
use jiff::Timestamp;
use serde_json::{Value, json};

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
pub(super) fn read(path: &Path) -> Result<Value, String> {
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

/// What the event's records come to if it comes in at `received_at`.
pub(super) fn records(event: &Value, routes: &Routes, received_at: Timestamp) -> Vec<Record> {
    preview(event, routes, received_at).into_iter().map(record).collect()
}

fn record(preview: Preview) -> Record {
    match preview {
        Preview::Alarm { name, occurred_at, signal, .. } => match signal {
            Signal::Alert { route, alert } => {
                let found = Found::Alarm { name, by: route.by };
                Record::Alert(Box::new(Alarmed { service: route.service, found, alert: *alert, occurred_at }))
            }
            Signal::Clear { .. } => Record::Quiet(Quiet::Clear { name }),
            Signal::Note(_) => Record::Quiet(Quiet::NoData { name }),
            Signal::Suppressed(suppressed) => Record::Quiet(Quiet::Suppressed { name, reason: suppressed.reason }),
        },
        Preview::Unreadable { reason, alert } => Record::Alert(Box::new(Alarmed {
            service: ServiceId::catch_all(),
            found: Found::Unreadable { reason },
            occurred_at: alert.occurred_at,
            alert: *alert,
        })),
        Preview::NothingToOpen { reason } => Record::Quiet(Quiet::NothingToOpen { reason }),
    }
}

/// How it came to its service, for machines.
pub(super) fn json(alarmed: &Alarmed) -> Value {
    let Alarmed { found, alert, .. } = alarmed;
    let mut value = json!({ "title": alert.title, "labels": alert.labels, "occurred_at": alarmed.occurred_at, "remark": alert.remark });
    match found {
        Found::Alarm { name, by } => {
            value["alarm"] = json!(name);
            let (word, by) = match by {
                FoundBy::Description => ("description", Value::Null),
                FoundBy::Pattern(pattern) => ("pattern", json!(pattern.as_str())),
                FoundBy::Owner(owner) => ("owner", json!(owner)),
                FoundBy::OwnerOfMetric(owner) => ("owner_of_metric", json!(owner)),
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
