//! `--event`: an event as it would come in, and what rules make of it.

use hansho_alarm_intake::FoundBy;
use hansho_domain::{Alert, Routes, ServiceId};
use hansho_intake::Signal;
use hansho_routing::{Subject, Suppression, Trace};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::commands::{
    decide::Rules,
    incoming::{ACKNOWLEDGEMENT, Came, Found, Incoming, WayIn},
};

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
    /// Nobody knows by which integration it comes in.
    pub(super) is_way_in_unknown: bool,
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

/// What the event's records come to by these rules if it comes in at `received_at`.
pub(super) async fn records(
    event: &Incoming,
    way_in: &WayIn,
    routes: &Routes,
    received_at: Timestamp,
    rules: &mut Rules<'_>,
) -> Result<Vec<Record>, String> {
    let mut records = Vec::new();
    for came in event.came(way_in, routes, received_at)? {
        let mut record = record(came, rules).await?;
        if let Record::Alert(alarmed) = &mut record {
            alarmed.is_way_in_unknown = way_in.is_unknown();
        }
        records.push(record);
    }
    Ok(records)
}

async fn record(came: Came, rules: &mut Rules<'_>) -> Result<Record, String> {
    Ok(match came {
        Came::Signal { name, found, occurred_at, signal, raw } => match *signal {
            Signal::Alert { service, alert, event } => {
                let outcome = rules.decide(Subject::of_alert(&service, &alert), &event, &event.body_of(&raw)).await?;
                if let Some(Suppression { rule, reason }) = outcome.suppression {
                    return Ok(Record::Quiet(Quiet::Suppressed { name, reason: format!("rule {rule}: {reason}") }));
                }
                let alert = outcome.alert(&alert);
                let (service, decision) = (outcome.subject.service, outcome.trace);
                Record::Alert(Box::new(Alarmed { service, found, alert, occurred_at, decision, is_way_in_unknown: false }))
            }
            Signal::Clear { .. } => Record::Quiet(Quiet::Clear { name }),
            Signal::Note(_) => Record::Quiet(Quiet::NoData { name }),
            Signal::Acknowledge { .. } => Record::Quiet(Quiet::NothingToOpen { reason: ACKNOWLEDGEMENT.to_owned() }),
            Signal::Suppressed(suppressed) => Record::Quiet(Quiet::Suppressed { name, reason: suppressed.reason }),
        },
        Came::Unreadable { reason, alert } => Record::Alert(Box::new(Alarmed {
            service: ServiceId::catch_all(),
            found: Found::Unreadable { reason },
            occurred_at: alert.occurred_at,
            alert: *alert,
            decision: Trace::default(),
            is_way_in_unknown: false,
        })),
        Came::Nothing { reason } => Record::Quiet(Quiet::NothingToOpen { reason }),
    })
}

/// How it came to its service, for machines.
pub(super) fn json(alarmed: &Alarmed) -> Value {
    let Alarmed { found, alert, .. } = alarmed;
    let mut value =
        json!({ "title": alert.title, "labels": alert.labels.kept(), "occurred_at": alarmed.occurred_at, "remark": alert.remark });
    value["decision"] = if alarmed.decision.rules.is_empty() { Value::Null } else { json!(alarmed.decision) };
    match found {
        Found::Alarm { name, by } | Found::AwsEvent { name, by } => {
            value["alarm"] = json!(name);
            let (word, by) = match by {
                FoundBy::Description => ("description", Value::Null),
                FoundBy::Pattern(pattern) => ("pattern", json!(pattern.as_str())),
                FoundBy::Owner(owner) => ("owner", json!(owner)),
                FoundBy::OwnerOfMetric(owner) => ("owner_of_metric", json!(owner)),
                FoundBy::OwnerOfResource(owner) => ("owner_of_resource", json!(owner)),
                FoundBy::WayIn => ("integration", Value::Null),
                FoundBy::Nothing => ("nothing", Value::Null),
            };
            value["service_found_by"] = json!(word);
            value["found"] = by;
        }
        Found::Integration(id) => {
            value["service_found_by"] = json!("integration");
            value["found"] = json!(id);
        }
        Found::Unreadable { reason } => {
            value["service_found_by"] = json!("unreadable");
            value["found"] = json!(reason);
        }
    }
    value
}
