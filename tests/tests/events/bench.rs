//! A running system with integrations, and tools that post to it.

use acceptance::{TEAM, World};
use axum::{
    body::Body,
    http::{Request, StatusCode, header::RETRY_AFTER},
};
use serde_json::{Value, json};
use tower::ServiceExt;

/// What is configured besides the team.
const INTEGRATIONS: &str = "integrations:\n  shop: { service: checkout, type: events }\n  other: { service: batch, type: events }\n  few: { service: checkout, type: events, events_per_minute: 10 }\n  anything: { type: events }\n";

/// The team with its integrations.
pub(crate) fn configuration() -> String {
    format!("{TEAM}{INTEGRATIONS}")
}

/// A system, and a key of its integration `shop`.
pub(crate) async fn shop() -> (World, String) {
    let mut world = World::with(&configuration()).await;
    let key = new_key(&mut world, "shop").await;
    (world, key)
}

/// A new key of an integration, made over the API.
pub(crate) async fn new_key(world: &mut World, integration: &str) -> String {
    let (status, answer) = world.post(&format!("/integrations/{integration}/keys"), Some(json!({}))).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    answer["integration_key"].as_str().unwrap().to_owned()
}

/// What a sender hears.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) retry_after: Option<u64>,
}

impl Heard {
    #[track_caller]
    pub(crate) fn is_accepted(&self) -> &str {
        assert_eq!((self.status, &self.body["status"]), (202, &json!("success")), "{self:?}");
        self.body["dedup_key"].as_str().unwrap()
    }

    #[track_caller]
    pub(crate) fn errors(&self) -> Vec<&str> {
        assert_eq!((self.status, &self.body["status"]), (400, &json!("invalid event")), "{self:?}");
        assert_eq!(self.body["message"], "Event object is invalid");
        self.body["errors"].as_array().unwrap().iter().map(|error| error.as_str().unwrap()).collect()
    }
}

/// Posts to an address, and has everything done that follows from it at this moment.
pub(crate) async fn post(world: &World, request: Request<Body>) -> Heard {
    let response = world.machine.functions().api_router().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let retry_after = response.headers().get(RETRY_AFTER).map(|value| value.to_str().unwrap().parse().unwrap());
    let body = axum::body::to_bytes(response.into_body(), 1_000_000).await.unwrap();
    world.machine.settle().await.unwrap();
    Heard { status, body: serde_json::from_slice(&body).unwrap(), retry_after }
}

/// Posts an event of version 2.
pub(crate) async fn enqueue(world: &World, event: &Value) -> Heard {
    post(world, Request::post("/v2/enqueue").body(Body::from(event.to_string())).unwrap()).await
}

/// A trigger that says all that it has to.
pub(crate) fn trigger(key: &str, dedup_key: &str) -> Value {
    json!({
        "routing_key": key,
        "event_action": "trigger",
        "dedup_key": dedup_key,
        "payload": { "summary": "Payments fail", "source": "pay-1", "severity": "critical" },
    })
}

/// An event without a payload.
pub(crate) fn event(key: &str, action: &str, dedup_key: &str) -> Value {
    json!({ "routing_key": key, "event_action": action, "dedup_key": dedup_key })
}

/// Ends a story after what waits behind other messages was sent.
pub(crate) async fn calm(mut world: World) {
    for incident in world.open_incidents().await {
        world.ask(incident.id, "resolve", json!({}), "aiko").await;
    }
    world.minutes(3).await;
    world.sent();
    world.end().await;
}

/// The reasons on today's list of suppressed alerts.
pub(crate) async fn suppressed(world: &World) -> Vec<String> {
    world.machine.store().suppressed_on(world.now()).await.unwrap().into_iter().map(|suppressed| suppressed.reason).collect()
}
