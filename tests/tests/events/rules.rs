//! Rules that make dedup keys of what comes in: the end of a trouble is found though its event says less than its beginning.

use acceptance::World;
use axum::{body::Body, http::Request};
use hansho_domain::PhaseName;
use serde_json::{Value, json};

use crate::bench::{calm, configuration, enqueue, event, new_key, post, suppressed, trigger};

/// Every host is one trouble, whatever its sender calls it.
const BY_HOST: &str = "routes:\n  - { name: by-host, if: has(labels.host), then: { dedup_key: \"host/{{ labels.host }}\" } }\n";

async fn with_rules() -> (World, String) {
    let mut world = World::with(&(configuration() + BY_HOST)).await;
    let key = new_key(&mut world, "shop").await;
    (world, key)
}

fn of_host(key: &str, dedup_key: &str, host: &str) -> Value {
    let mut fired = trigger(key, dedup_key);
    fired["payload"]["custom_details"] = json!({ "host": host });
    fired
}

async fn other_rules(world: &mut World, routes: &str) {
    world.configure(&(configuration() + routes)).await;
    world.seconds(10).await;
}

#[tokio::test]
async fn what_says_nothing_but_its_key_reaches_the_incident_under_the_key_that_a_rule_made() {
    let (mut world, key) = with_rules().await;
    enqueue(&world, &of_host(&key, "a", "db-1")).await.is_accepted();
    let opened = world.open_incident().await;
    assert_eq!(opened.dedup_key.as_str(), "host/db-1");
    world.expect_texts(&["aiko"]);
    enqueue(&world, &event(&key, "acknowledge", "a")).await.is_accepted();
    World::is(&world.open_incident().await, PhaseName::Acknowledged);
    world.minutes(20).await;
    world.expect_silence();
    enqueue(&world, &event(&key, "resolve", "a")).await.is_accepted();
    World::is(&world.incident(opened.id).await, PhaseName::Resolved);
    assert_eq!(suppressed(&world).await, [""; 0]);
    // The same once more is about nothing, and the next trigger is news.
    enqueue(&world, &event(&key, "resolve", "a")).await.is_accepted();
    assert_eq!(suppressed(&world).await, ["resolved by its source: no incident with its dedup key is open"]);
    enqueue(&world, &of_host(&key, "a", "db-1")).await.is_accepted();
    assert_ne!(world.open_incident().await.id, opened.id);
    calm(world).await;
}

#[tokio::test]
async fn an_event_of_version_1_without_a_description_is_found_too() {
    let (world, key) = with_rules().await;
    let v1 = async |event: Value| {
        post(&world, Request::post("/generic/2010-04-15/create_event.json").body(Body::from(event.to_string())).unwrap()).await
    };
    v1(json!({ "service_key": key, "event_type": "trigger", "incident_key": "a", "description": "down", "details": { "host": "db-1" } }))
        .await;
    let opened = world.open_incident().await;
    assert_eq!(opened.dedup_key.as_str(), "host/db-1");
    v1(json!({ "service_key": key, "event_type": "resolve", "incident_key": "a" })).await;
    World::is(&world.incident(opened.id).await, PhaseName::Resolved);
    calm(world).await;
}

#[tokio::test]
async fn a_resolution_with_a_payload_goes_where_the_rules_send_its_trigger_and_no_further() {
    let (world, key) = with_rules().await;
    // A sender that calls everything the same.
    for host in ["db-1", "db-2"] {
        enqueue(&world, &of_host(&key, "everything", host)).await.is_accepted();
    }
    let resolve = |host: Value| {
        let mut over = event(&key, "resolve", "everything");
        over["payload"] = json!({ "summary": "over", "custom_details": host });
        over
    };
    enqueue(&world, &resolve(json!({ "host": "db-1" }))).await.is_accepted();
    let open = world.open_incident().await;
    assert_eq!(open.dedup_key.as_str(), "host/db-2", "only one of the two is over");
    // Which of them another one is about, nobody can tell: what still fires goes on paging.
    enqueue(&world, &resolve(json!({ "part": "disk" }))).await.is_accepted();
    enqueue(&world, &resolve(json!({ "host": "db-1" }))).await.is_accepted();
    assert_eq!(world.open_incident().await.id, open.id);
    assert_eq!(suppressed(&world).await.len(), 2);
    calm(world).await;
}

#[tokio::test]
async fn a_resolution_that_no_rule_is_for_ends_the_only_trouble_that_came_under_its_key() {
    let (world, key) = with_rules().await;
    enqueue(&world, &of_host(&key, "a", "db-1")).await.is_accepted();
    let opened = world.open_incident().await;
    let mut over = event(&key, "resolve", "a");
    over["payload"] = json!({ "summary": "over" });
    enqueue(&world, &over).await.is_accepted();
    World::is(&world.incident(opened.id).await, PhaseName::Resolved);
    calm(world).await;
}

#[tokio::test]
async fn several_keys_of_a_sender_that_a_rule_makes_one_each_end_it() {
    let (world, key) = with_rules().await;
    enqueue(&world, &of_host(&key, "cpu", "db-1")).await.is_accepted();
    enqueue(&world, &of_host(&key, "disk", "db-1")).await.is_accepted();
    let opened = world.open_incident().await;
    enqueue(&world, &event(&key, "resolve", "disk")).await.is_accepted();
    World::is(&world.incident(opened.id).await, PhaseName::Resolved);
    calm(world).await;
}

#[tokio::test]
async fn a_resolution_ends_what_was_opened_under_the_rules_of_before() {
    let (mut world, key) = with_rules().await;
    enqueue(&world, &of_host(&key, "a", "db-1")).await.is_accepted();
    other_rules(&mut world, "routes:\n  - { name: by-host, if: has(labels.host), then: { dedup_key: \"machine/{{ labels.host }}\" } }\n")
        .await;
    enqueue(&world, &of_host(&key, "a", "db-1")).await.is_accepted();
    other_rules(&mut world, "").await;
    enqueue(&world, &of_host(&key, "a", "db-1")).await.is_accepted();
    let mut open: Vec<String> = world.open_incidents().await.iter().map(|incident| incident.dedup_key.to_string()).collect();
    open.sort();
    assert_eq!(open, ["a", "host/db-1", "machine/db-1"]);
    enqueue(&world, &event(&key, "acknowledge", "a")).await.is_accepted();
    for incident in world.open_incidents().await {
        World::is(&incident, PhaseName::Acknowledged);
    }
    enqueue(&world, &event(&key, "resolve", "a")).await.is_accepted();
    assert!(world.open_incidents().await.is_empty());
    calm(world).await;
}

#[tokio::test]
async fn keys_of_a_sender_whose_incidents_are_merged_end_the_one_together() {
    let (mut world, key) = with_rules().await;
    enqueue(&world, &of_host(&key, "a", "db-1")).await.is_accepted();
    let first = world.open_incident().await.id;
    enqueue(&world, &of_host(&key, "a", "db-2")).await.is_accepted();
    let second = world.open_incidents().await.iter().map(|incident| incident.id).find(|id| *id != first).unwrap();
    world.ask(second, "merge", json!({ "into": first }), "aiko").await;
    enqueue(&world, &event(&key, "resolve", "a")).await.is_accepted();
    World::is(&world.incident(first).await, PhaseName::Resolved);
    calm(world).await;
}

#[tokio::test]
async fn what_is_said_again_of_a_trouble_that_is_over_is_not_about_the_next_one_under_the_same_made_key() {
    let (mut world, key) = with_rules().await;
    enqueue(&world, &of_host(&key, "cpu", "db-1")).await.is_accepted();
    enqueue(&world, &event(&key, "resolve", "cpu")).await.is_accepted();
    world.minutes(10).await;
    enqueue(&world, &of_host(&key, "disk", "db-1")).await.is_accepted();
    let open = world.open_incident().await;
    world.expect_texts(&["aiko", "aiko"]);
    let mut without_label = event(&key, "resolve", "cpu");
    without_label["payload"] = json!({ "summary": "over" });
    for again in [event(&key, "resolve", "cpu"), event(&key, "acknowledge", "cpu"), without_label] {
        enqueue(&world, &again).await.is_accepted();
        World::is(&world.incident(open.id).await, PhaseName::Triggered);
    }
    assert_eq!(suppressed(&world).await.len(), 3);
    enqueue(&world, &event(&key, "resolve", "disk")).await.is_accepted();
    World::is(&world.incident(open.id).await, PhaseName::Resolved);
    calm(world).await;
}

#[tokio::test]
async fn a_check_that_has_moved_to_another_host_ends_nothing_that_others_have_opened_where_it_was() {
    let (mut world, key) = with_rules().await;
    enqueue(&world, &of_host(&key, "check", "db-1")).await.is_accepted();
    enqueue(&world, &event(&key, "resolve", "check")).await.is_accepted();
    world.minutes(1).await;
    enqueue(&world, &of_host(&key, "check", "db-2")).await.is_accepted();
    enqueue(&world, &of_host(&key, "other", "db-1")).await.is_accepted();
    enqueue(&world, &event(&key, "resolve", "check")).await.is_accepted();
    assert_eq!(world.open_incident().await.dedup_key.as_str(), "host/db-1");
    calm(world).await;
}

#[tokio::test]
async fn a_detail_that_can_not_be_a_label_is_not_taken_for_absent() {
    let quiet = |condition: &str| format!("routes:\n  - {{ name: quiet, if: \"{condition}\", then: {{ suppress: no hurry }} }}\n");
    let mut world = World::with(&(configuration() + &quiet("!('urgent' in labels)"))).await;
    let key = new_key(&mut world, "shop").await;
    let is_suppressed = async |world: &World, name: &str, details: &Value| {
        let before = suppressed(world).await.len();
        let mut fired = trigger(&key, name);
        fired["payload"]["custom_details"] = details.clone();
        fired["payload"]["class"] = json!("disk");
        enqueue(world, &fired).await.is_accepted();
        suppressed(world).await.len() > before
    };
    // What says nothing of it, or nothing at all, is quiet as ever.
    let absent = [
        json!(null),
        json!({}),
        json!(""),
        json!([]),
        json!({ "urgent": null, "num_firing": "1", "firing": "Labels:\n - alertname = Disk", "resolved": "" }),
        json!({ "other": ["x"], "Error Message": "x", "class": "other", "Class": { "x": 1 } }),
    ];
    for (n, details) in absent.iter().enumerate() {
        assert!(is_suppressed(&world, &format!("absent-{n}"), details).await, "{details}");
    }
    let present = [
        json!({ "urgent": ["yes"] }),
        json!({ "URGENT": { "is": true } }),
        json!({ "urgent": "" }),
        json!({ "urgent": "yes" }),
        json!("urgent: yes"),
        json!(["urgent"]),
    ];
    for (n, details) in present.iter().enumerate() {
        assert!(!is_suppressed(&world, &format!("present-{n}"), details).await, "{details}");
    }
    // Of two that differ in case alone, one is a label; what stands beside the details is what its name means.
    for (condition, details, is_quiet) in [
        ("labels.env == 'dev'", json!({ "ENV": "dev", "env": "prod" }), false),
        ("labels.env == 'dev'", json!({ "env": "dev", "urgent": ["yes"] }), true),
        ("labels.class == 'disk'", json!({ "class": "cpu", "CLASS": "x" }), true),
        ("!('error message' in labels)", json!({ "Error Message": "FATAL" }), false),
        ("!('error message' in labels)", json!({ "error": "x" }), true),
        ("!labels.exists(name, name.contains('urgent'))", json!({ "very urgent": "1" }), false),
    ] {
        other_rules(&mut world, &quiet(condition)).await;
        assert_eq!(is_suppressed(&world, &format!("{condition}{details}"), &details).await, is_quiet, "{condition}: {details}");
    }
    calm(world).await;
}
