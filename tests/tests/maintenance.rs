//! Maintenance windows on a virtual clock: begun in one request, ended in one, and what pages when.
#![expect(clippy::unwrap_used, reason = "a story that can not go on has failed")]

use acceptance::{TEAM, World, alarm_event, incident_of, load, result_of, start};
use hansho_domain::{Event, IncidentId, PhaseName};
use jiff::SignedDuration;
use serde_json::{Value, json};

/// Begins a window of two hours about checkout, with what `more` says besides, and waits until it is in force.
async fn begin(world: &mut World, more: &Value) -> String {
    let until = world.now() + SignedDuration::from_hours(2);
    let mut body = json!({ "services": ["checkout"], "until": until, "reason": "database upgrade" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let (status, answer) = world.post("/maintenance", Some(body)).await;
    assert_eq!(status.as_u16(), 201, "{answer}");
    world.seconds(5).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    answer["window"]["id"].as_str().unwrap().to_owned()
}

async fn end_window(world: &mut World, id: &str) -> Value {
    let (status, answer) = world.post(&format!("/maintenance/{id}/end"), Some(json!({}))).await;
    assert_eq!(status.as_u16(), 200, "{answer}");
    serde_json::from_str(&answer).unwrap()
}

async fn events(world: &World, incident: IncidentId) -> Vec<Event> {
    let (entries, _) = world.machine.store().timeline(incident).await.unwrap();
    entries.into_iter().flat_map(|entry| entry.events).collect()
}

async fn resolve_all(world: &mut World) {
    for incident in world.open_incidents().await {
        world.ask(incident.id, "resolve", json!({}), "aiko").await;
    }
    world.minutes(3).await;
}

#[tokio::test]
async fn an_alert_inside_a_window_is_recorded_and_pages_nobody_and_what_still_fires_at_its_end_triggers() {
    let mut world = World::new().await;
    let window = begin(&mut world, &json!({})).await;
    let fires = incident_of(&world.alarm("checkout-5xx").await);
    let clears = incident_of(&world.alarm("checkout-latency").await);
    World::is(&world.incident(fires).await, PhaseName::Held);
    let reason = format!("maintenance {window}: database upgrade");
    assert!(matches!(&events(&world, fires).await[..], [Event::Opened { .. }, Event::Held { reason: why, .. }] if *why == reason));
    world.minutes(30).await;
    assert_eq!(result_of(&world.ok("checkout-latency").await), "resolved");
    World::is(&world.incident(clears).await, PhaseName::Resolved);
    world.minutes(89).await;
    world.expect_silence();
    world.minutes(1).await;
    world.expect_texts(&["aiko"]);
    World::is(&world.incident(fires).await, PhaseName::Triggered);
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn a_window_that_is_ended_early_pages_what_is_still_wrong_at_once() {
    let mut world = World::new().await;
    let window = begin(&mut world, &json!({})).await;
    let fires = incident_of(&world.alarm("checkout-5xx").await);
    world.minutes(30).await;
    world.expect_silence();
    let answer = end_window(&mut world, &window).await;
    assert_eq!((&answer["result"], &answer["released"], &answer["is_complete"]), (&json!("ended"), &json!(1), &json!(true)), "{answer}");
    world.expect_texts(&["aiko"]);
    World::is(&world.incident(fires).await, PhaseName::Triggered);
    let (entries, _) = world.machine.store().timeline(fires).await.unwrap();
    assert_eq!(entries.last().unwrap().actor.to_string(), "token/story", "the timeline says who ended it");
    // Five seconds later nothing is held any more.
    world.seconds(5).await;
    world.alarm("checkout-latency").await;
    world.seconds(30).await;
    world.expect_texts(&["aiko"]);
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn what_has_paged_before_the_window_goes_on() {
    let mut world = World::new().await;
    world.alarm("checkout-5xx").await;
    world.expect_texts(&["aiko"]);
    begin(&mut world, &json!({})).await;
    world.minutes(5).await;
    world.expect_texts(&["ben"]);
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn a_window_is_about_its_services_alarms_and_severities_and_about_nothing_else() {
    let mut world = World::new().await;
    begin(&mut world, &json!({ "only": { "alarms": ["checkout-db-*"], "severities": ["warning", "error"] } })).await;
    let event =
        |name: &str, severity: &str, world: &World| alarm_event(name).at(world.now()).described(&format!("severity: {severity}")).build();
    world.event(event("checkout-db-slow", "warning", &world)).await;
    world.expect_silence();
    for (name, severity) in [("checkout-db-down", "critical"), ("checkout-web", "error"), ("batch-db-slow", "error")] {
        world.event(event(name, severity, &world)).await;
        world.seconds(30).await;
        world.expect_texts(&["aiko"]);
    }
    // What is held and grows worse than the window is about pages at once.
    world.event(event("checkout-db-slow", "critical", &world)).await;
    world.seconds(30).await;
    world.expect_texts(&["aiko"]);
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn two_windows_hold_until_both_are_over() {
    let mut world = World::new().await;
    let all = json!({ "services": [], "all_services": true });
    let (first, second) = (begin(&mut world, &json!({})).await, begin(&mut world, &all).await);
    let held = incident_of(&world.alarm("checkout-5xx").await);
    // The first that ends it holds nothing alone.
    for window in [&second, &first] {
        World::is(&world.incident(held).await, PhaseName::Held);
        world.expect_silence();
        end_window(&mut world, window).await;
    }
    world.expect_texts(&["aiko"]);
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn live_windows_survive_every_apply() {
    let mut world = World::new().await;
    let window = begin(&mut world, &json!({})).await;
    world.configure(&TEAM.replace("repage_every: 30m", "repage_every: 20m")).await;
    world.alarm("checkout-5xx").await;
    world.minutes(10).await;
    world.expect_silence();
    world.configure(TEAM).await;
    end_window(&mut world, &window).await;
    world.expect_texts(&["aiko"]);
    resolve_all(&mut world).await;
    world.end().await;
}

/// Every night from 03:00 to 05:00 in Tokyo, where it is 03:12 when the story begins.
const NIGHTLY: &str = "maintenance_windows:\n  backup: { reason: backups, services: [checkout], time_zone: Asia/Tokyo, windows: [{ from: \"03:00\", to: \"05:00\" }] }\n";

#[tokio::test]
async fn a_window_of_the_configuration_is_ended_early_and_comes_back() {
    // A day passes: the sweeper looks in seldom.
    let mut world = World::started(load(&format!("{TEAM}{NIGHTLY}")), start(), SignedDuration::from_hours(1)).await;
    world.alarm("checkout-5xx").await;
    world.expect_silence();
    let answer = end_window(&mut world, "backup").await;
    assert_eq!((&answer["window"]["source"], &answer["window"]["until"]), (&json!("configuration"), &json!("2026-11-20T20:00:00Z")));
    world.expect_texts(&["aiko"]);
    resolve_all(&mut world).await;
    world.minutes(5).await;
    world.alarm("checkout-5xx").await;
    world.expect_texts(&["aiko"]);
    resolve_all(&mut world).await;
    world.minutes(24 * 60).await;
    world.alarm("checkout-5xx").await;
    world.expect_silence();
    resolve_all(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn a_transient_alert_of_a_service_that_pauses_is_resolved_unpaged_and_one_that_stays_pages() {
    let mut world = World::with(&TEAM.replace("repage_every: 30m", "auto_pause: 2m, repage_every: 30m")).await;
    let transient = incident_of(&world.alarm("checkout-5xx").await);
    let stays = incident_of(&world.alarm("checkout-latency").await);
    World::is(&world.incident(transient).await, PhaseName::Held);
    world.minutes(1).await;
    world.ok("checkout-5xx").await;
    world.expect_silence();
    world.minutes(1).await;
    world.expect_texts(&["aiko"]);
    World::is(&world.incident(transient).await, PhaseName::Resolved);
    World::is(&world.incident(stays).await, PhaseName::Triggered);
    assert!(matches!(&events(&world, transient).await[..], [Event::Opened { .. }, Event::Held { .. }, Event::Resolved { .. }]));
    resolve_all(&mut world).await;
    world.end().await;
}
