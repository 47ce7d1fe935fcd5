//! What is read of an event for rules, as the ways in read it.

use hansho_alarm_intake::{Preview, Signal as AlarmSignal, preview};
use hansho_domain::{DedupKey, IntegrationId, Labels, Routes, ServiceId, Severity};
use hansho_routing::{Event, Subject, body};
use jiff::Timestamp;
use serde_json::Value;

/// What rules are tried on.
pub(super) enum Signal {
    /// An alert, or what says that it is over.
    Subject { subject: Box<Subject>, event: Box<Event>, body: Value, is_clear: bool },
    /// Nothing is decided about it, for this reason.
    Nothing { reason: String },
}

/// The records of an event: of the Events API where it has a routing key or says what it does, of AWS otherwise.
pub(super) fn signals(
    event: &Value,
    routes: &Routes,
    now: Timestamp,
    service: &ServiceId,
    integration: &IntegrationId,
) -> Result<Vec<Signal>, String> {
    if event.get("event_action").is_some() {
        return of_events_api(event, service, integration).map(|signal| vec![signal]);
    }
    Ok(preview(event, routes, now).into_iter().map(of_alarm).collect())
}

fn of_alarm(preview: Preview) -> Signal {
    let Preview::Alarm { signal, event, raw, name, .. } = preview else {
        let reason = match preview {
            Preview::Unreadable { reason, .. } => {
                format!("it can not be read, so it pages by the catch-all service whatever rules say: {reason}")
            }
            Preview::NothingToOpen { reason } => reason,
            Preview::Alarm { name, .. } => name,
        };
        return Signal::Nothing { reason };
    };
    let body = body(&raw);
    match signal {
        AlarmSignal::Alert { route, alert } => {
            Signal::Subject { subject: Box::new(Subject::of_alert(&route.service, &alert)), event, body, is_clear: false }
        }
        AlarmSignal::Clear { subject, .. } => Signal::Subject { subject, event, body, is_clear: true },
        AlarmSignal::Note(_) => {
            Signal::Nothing { reason: format!("the alarm {name} has no data, which is noted where an incident is open for it") }
        }
        AlarmSignal::Suppressed(suppressed) => Signal::Nothing { reason: suppressed.reason },
    }
}

/// PagerDuty's Events API v2 (<https://developer.pagerduty.com/docs/send-alert-event>): what rules ask for.
fn of_events_api(event: &Value, service: &ServiceId, integration: &IntegrationId) -> Result<Signal, String> {
    let text = |path: &str| event.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let is_clear = match text("/event_action") {
        "trigger" => false,
        "resolve" => true,
        "acknowledge" => return Ok(Signal::Nothing { reason: "an acknowledgement goes to the incident of its dedup key".to_owned() }),
        other => return Err(format!("--event: event_action is {other:?}; it is trigger, acknowledge or resolve")),
    };
    let key = Some(text("/dedup_key")).filter(|key| !key.is_empty()).unwrap_or("(made by Hansho)");
    let dedup_key = DedupKey::new(key).map_err(|error| format!("--event: dedup_key: {error}"))?;
    let mut labels = Labels::new();
    for (name, path) in
        [("source", "/payload/source"), ("component", "/payload/component"), ("group", "/payload/group"), ("class", "/payload/class")]
    {
        labels.add(name, text(path));
    }
    if let Some(Value::Object(details)) = event.pointer("/payload/custom_details") {
        for (name, value) in details {
            let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            labels.add(name, &shown);
        }
    }
    let severity = match text("/payload/severity") {
        "critical" => Some(Severity::Critical),
        "error" => Some(Severity::Error),
        "warning" => Some(Severity::Warning),
        "info" => Some(Severity::Info),
        _ => None,
    };
    let subject = Subject {
        title: text("/payload/summary").to_owned(),
        severity,
        labels,
        link: Some(text("/client_url")).filter(|link| !link.is_empty()).map(str::to_owned),
        ..Subject::new(service.clone(), integration.clone(), dedup_key)
    };
    let from = Event::from_source(text("/payload/source"));
    Ok(Signal::Subject { subject: Box::new(subject), event: Box::new(from), body: event.clone(), is_clear })
}
