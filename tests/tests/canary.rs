//! The canary goes the whole way, is resolved, wakes nobody, and is on no list.
#![expect(clippy::unwrap_used, reason = "a story that can not go on has failed")]

use acceptance::{World, incident_of, result_of};
use hansho_domain::{Actor, PhaseName};
use hansho_store::Received;
use serde_json::{Value, json};

fn canary() -> Value {
    json!({ "hansho": "canary" })
}

async fn listed(world: &World, path: &str) -> Value {
    let request = axum::http::Request::get(path).header("authorization", "Bearer story-token-story-token-story-token");
    let (status, answer) = world.request(request.body(axum::body::Body::empty()).unwrap()).await;
    assert!(status.is_success(), "{path}: {status} {answer}");
    serde_json::from_str(&answer).unwrap()
}

#[tokio::test]
async fn a_canary_comes_through_wakes_nobody_and_resolves_itself() {
    let mut world = World::new().await;
    let answer = world.event(canary()).await;
    assert_eq!(result_of(&answer), "opened");
    let id = incident_of(&answer);
    let incident = world.incident(id).await;
    World::is(&incident, PhaseName::Resolved);
    let (timeline, deliveries) = world.machine.store().timeline(id).await.unwrap();
    assert_eq!(timeline.last().unwrap().actor, Actor::Hansho);
    assert_eq!(deliveries.len(), 1, "{deliveries:?}");
    assert_eq!(deliveries[0].reason.as_deref(), Some("the canary has arrived"));
    world.expect_silence();
    assert!(world.open_incidents().await.is_empty());
    for list in ["/incidents?status=all", "/incidents?status=open"] {
        let answer = listed(&world, list).await;
        assert_eq!(answer["incidents"], json!([]), "{list}");
    }
    world.minutes(180).await;
    world.end().await;
}

#[tokio::test]
async fn what_a_canary_leaves_in_the_table_goes_by_itself() {
    let mut world = World::new().await;
    let id = incident_of(&world.event(canary()).await);
    let items = world.items(&format!("INCIDENT#{id}"));
    assert!(items.len() >= 4, "{items:#?}");
    for item in items {
        let expires_at: i64 = item["expires_at"]["N"].as_str().unwrap_or_else(|| panic!("it stays: {item:#}")).parse().unwrap();
        assert!(expires_at > world.now().as_second());
    }
    world.end().await;
}

/// One that is stuck does not hold up the next, pages nobody, and arrives once the way is open again.
#[tokio::test]
async fn a_canary_that_is_stuck_pages_nobody_and_does_not_hold_up_the_next() {
    let mut world = World::new().await;
    // The intake alone: nothing relays it.
    let Received::Opened(stuck) = world.machine.store().open_canary().await.unwrap() else { panic!("it was not opened") };
    World::is(&world.incident(stuck).await, PhaseName::Triggered);
    assert!(world.open_incidents().await.is_empty(), "also while it is open it is on no list");
    world.machine.clock().move_to(world.now().saturating_add(jiff::SignedDuration::from_secs(1)).unwrap());
    let next = incident_of(&world.event(canary()).await);
    assert_ne!(next, stuck);
    World::is(&world.incident(next).await, PhaseName::Resolved);
    World::is(&world.incident(stuck).await, PhaseName::Resolved);
    world.expect_silence();
    world.end().await;
}

/// A window over everything holds alerts; the canary says whether pages would come through, so it goes on.
#[tokio::test]
async fn a_canary_goes_through_a_maintenance_window_over_everything() {
    let team = format!("{}maintenance_windows:\n  move: {{ from: 2026-11-20T18:00Z, until: 2026-11-20T20:00Z }}\n", acceptance::TEAM);
    let mut world = World::with(&team).await;
    let id = incident_of(&world.event(canary()).await);
    World::is(&world.incident(id).await, PhaseName::Resolved);
    world.end().await;
}

/// An alarm that names the canary's service is an alarm like any other: somebody is paged.
#[tokio::test]
async fn an_alarm_that_names_the_canarys_service_still_pages() {
    let mut world = World::new().await;
    let event = acceptance::alarm_event("some-alarm").described("service: hansho-canary").at(world.now()).build();
    let id = incident_of(&world.event(event).await);
    assert!(!world.sent().is_empty(), "nobody was told");
    assert_eq!(world.incident(id).await.service.as_str(), "catch-all");
    world.ok("some-alarm").await;
    world.sent();
    world.end().await;
}
