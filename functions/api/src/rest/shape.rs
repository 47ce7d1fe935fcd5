//! Incidents, entries and deliveries as JSON. What is ours alone (agenda, waves, generations, ids of inputs) is left out, so
//! that it can change; addresses are nobody's business.

use hansho_domain::{Actor, Duty, Incident, Phase, Recipient, ResponderRequest, TimelineEntry};
use hansho_store::{Delivery, KeptAlert, SuppressedEntry};
use serde_json::{Value, json};

pub(super) fn incident(incident: &Incident) -> Value {
    let (acknowledged_by, resolved_by, resolved_at, held_because) = match &incident.phase {
        Phase::Acknowledged { by } => (by.iter().map(ToString::to_string).collect(), None, None, None),
        Phase::Resolved { by, at } => (Vec::new(), Some(by.to_string()), Some(*at), None),
        Phase::Held { reason, .. } => (Vec::new(), None, None, Some(reason)),
        Phase::Triggered | Phase::Exhausted => (Vec::<String>::new(), None, None, None),
    };
    let wave = incident.wave.as_ref().filter(|_| incident.phase.is_unacknowledged());
    let next = incident.agenda.earliest().map(|due| json!({ "at": due.at, "duty": due.duty }));
    let next_call = incident.agenda.entries().iter().find(|due| calls(due.duty)).map(|due| json!({ "at": due.at, "duty": due.duty }));
    json!({
        "id": incident.id,
        "service": incident.service,
        "status": incident.phase.name().as_str(),
        "title": incident.title,
        "details": incident.details,
        "severity": incident.severity,
        "urgency": incident.urgency,
        "priority": incident.priority,
        "labels": incident.labels,
        "integration": incident.integration,
        "dedup_key": incident.dedup_key,
        "runbook": incident.runbook,
        "link": incident.link,
        "acknowledged_by": acknowledged_by,
        "resolved_by": resolved_by,
        "resolved_at": resolved_at,
        "held_because": held_because,
        "escalation_policy": incident.policy.id,
        "handed_over_to": incident.handed_over_to,
        "step": incident.position.step + 1,
        "round": incident.position.round + 1,
        "calling": wave.map(|wave| &wave.users[..]).unwrap_or_default(),
        "next": next,
        "next_call": next_call,
        "asked_to_help": incident.requests.iter().flat_map(ResponderRequest::waiting).collect::<Vec<_>>(),
        "responders": incident.responders,
        "merged": incident.merged.iter().map(|merged| merged.incident).collect::<Vec<_>>(),
        "merged_into": incident.merged_into,
        "occurred_at": incident.occurred_at,
        "opened_at": incident.opened_at,
        "updated_at": incident.updated_at,
        "version": incident.version,
    })
}

/// Whether people are called by it, or may be, who are not called now.
fn calls(duty: Duty) -> bool {
    match duty {
        Duty::Escalate | Duty::EndHold | Duty::EndSnooze | Duty::AcknowledgementTimeout | Duty::Repage | Duty::RaiseUrgency => true,
        Duty::NotificationRules | Duty::RequestRules | Duty::AutoResolve => false,
    }
}

pub(super) fn entry(entry: &TimelineEntry) -> Value {
    json!({ "version": entry.version, "at": entry.at, "actor": actor(&entry.actor), "events": entry.events })
}

pub(super) fn delivery(delivery: &Delivery) -> Value {
    let (user, method, destination) = match &delivery.notification.to {
        Recipient::Person { user, method } => (Some(user), Some(method), None),
        Recipient::Destination { destination } => (None, None, Some(destination)),
    };
    json!({
        "id": delivery.id.to_string(),
        "user": user,
        "method": method,
        "destination": destination,
        "urgency": delivery.notification.urgency,
        "because": delivery.notification.reason,
        "state": delivery.state.as_str(),
        "attempt": delivery.attempt,
        "created_at": delivery.created_at,
        "updated_at": delivery.updated_at,
        "reason": delivery.reason,
    })
}

/// An entry of the list, without its payload.
pub(super) fn suppressed(entry: &SuppressedEntry) -> Value {
    let mut value = json!(entry.suppressed);
    value["times"] = json!(entry.times);
    value["incident"] = json!(entry.opened);
    value["decision"] = decision(&entry.kept);
    value
}

/// A payload, and the trace of its decision.
pub(super) fn kept(kept: &KeptAlert) -> Value {
    json!({ "alert": kept.alert, "received_at": kept.received_at, "raw": kept.raw, "decision": decision(kept) })
}

/// The rules that were tried and what they changed; none where there were no rules.
fn decision(kept: &KeptAlert) -> Value {
    kept.trace.as_deref().and_then(|trace| serde_json::from_str(trace).ok()).unwrap_or(Value::Null)
}

fn actor(actor: &Actor) -> String {
    actor.to_string()
}
