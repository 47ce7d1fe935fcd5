//! What AWS hands over to the functions, and what their answers say.

use std::{fs, path::Path};

use hansho::local::Waiting;
use hansho_domain::{IncidentId, PhaseName};
use hansho_runtime::{Clock, SystemClock};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{Outcome, world::World};

const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/alarm-intake");

pub(crate) async fn phase(world: &World, incident: IncidentId) -> Outcome<Option<PhaseName>> {
    Ok(world.store().incident(incident).await?.map(|stored| stored.incident.phase.name()))
}

/// The table's stream as Lambda hands it over: the new outbox rows of one incident.
pub(crate) async fn stream_event(world: &World, incident: IncidentId) -> Outcome<Value> {
    let mut records = Vec::new();
    for row in world.store().pending_outbox_rows(SystemClock.now()).await? {
        if row.incident != incident {
            continue;
        }
        if let Some(image) = world.store().outbox_image(row).await? {
            records.push(json!({ "eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": { "NewImage": image } }));
        }
    }
    Ok(json!({ "Records": records }))
}

pub(crate) fn sqs_event(queue_url: &str, body: &str) -> Value {
    json!({ "Records": [{
        "messageId": "message", "receiptHandle": "receipt", "body": body,
        "attributes": { "ApproximateReceiveCount": "1" }, "eventSource": "aws:sqs", "eventSourceARN": queue_url,
    }] })
}

/// What Scheduler hands to the escalation function: the schedule's input.
pub(crate) fn timer_event(timer: &Waiting) -> Outcome<Value> {
    match timer {
        Waiting::Timer { input, .. } => Ok(serde_json::from_str(input)?),
        Waiting::Message { body, .. } => Ok(serde_json::from_str(body)?),
    }
}

/// The messages of one queue, with the moments at which they come.
pub(crate) fn on_queue(waiting: &[(Timestamp, Waiting)], queue: &str) -> Vec<(Timestamp, String)> {
    let message = |(at, waiting): &(Timestamp, Waiting)| match waiting {
        Waiting::Message { queue_url, body, .. } if queue_url == queue => Some((*at, body.clone())),
        _ => None,
    };
    waiting.iter().filter_map(message).collect()
}

/// The incident of the first result of alarm-intake, if that is what became of the alarm.
pub(crate) fn incident_of(answer: &Value, result: &str) -> Option<IncidentId> {
    let first = answer.get("results")?.get(0)?;
    if first.get("result")?.as_str()? != result {
        return None;
    }
    first.get("incident")?.as_str()?.parse().ok()
}

pub(crate) fn count(answer: &Value, name: &str) -> u64 {
    answer.get(name).and_then(Value::as_u64).unwrap_or_default()
}

pub(crate) fn event(name: &str) -> Outcome<Value> {
    let path = Path::new(EVENTS).join(name);
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}
