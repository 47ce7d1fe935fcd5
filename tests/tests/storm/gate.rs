//! A gate at which more wait than go into one message.

use acceptance::{World, incident_of, start};
use hansho_domain::{AlertId, EffectId, Holds, IncidentId, Method, Notification, PageReason, Recipient, Urgency};
use jiff::SignedDuration;
use serde_json::json;

/// So many go along with one message.
const ALONG: i64 = 200;

fn to_aiko() -> Notification {
    let to = Recipient::Person { user: "aiko".parse().unwrap(), method: Method::Sms };
    Notification { to, urgency: Urgency::High, reason: PageReason::Fallback, holds: Holds::Always }
}

/// A gate of Aiko's at which these alarms wait behind so many others that the first of them takes none of the rest along.
async fn crowded(world: &mut World, alarms: &[&str]) -> Vec<IncidentId> {
    world.alarm("checkout-first").await;
    world.expect_texts(&["aiko"]);
    for number in 0..ALONG {
        let at = start().checked_sub(SignedDuration::from_secs(1_000 - number)).unwrap();
        let ahead = EffectId { incident: IncidentId::derived(at, AlertId::from_hash([1; 16])), version: 1, index: 1 };
        world.machine.store().wait_at_gate(ahead, &to_aiko()).await.unwrap();
    }
    let mut incidents = Vec::new();
    for alarm in alarms {
        world.seconds(1).await;
        incidents.push(incident_of(&world.alarm(alarm).await));
    }
    world.expect_silence();
    world.advance(start().checked_add(SignedDuration::from_secs(30)).unwrap().duration_since(world.now())).await;
    assert!(world.expect_texts(&["aiko"])[0].text.contains(alarms[0]), "the first one has passed alone");
    incidents
}

#[tokio::test]
async fn whoever_is_next_at_a_crowded_gate_is_woken_for_its_opening() {
    let mut world = World::new().await;
    crowded(&mut world, &["checkout-a", "checkout-b", "checkout-c"]).await;
    world.seconds(29).await;
    world.expect_silence();
    world.seconds(1).await;
    // Both go in one message.
    assert!(world.expect_texts(&["aiko"])[0].text.contains("/b/"));
    world.minutes(2).await;
    world.expect_silence();
    world.end().await;
}

#[tokio::test]
async fn one_that_is_woken_and_not_needed_any_more_hands_on_to_the_next_that_is() {
    let mut world = World::new().await;
    let waiting = ["checkout-a", "checkout-b", "checkout-c", "checkout-d", "checkout-e", "checkout-f"];
    let incidents = crowded(&mut world, &waiting).await;
    // Three are woken, and none of them is needed by then.
    for incident in &incidents[1..5] {
        world.ask(*incident, "acknowledge", json!({}), "aiko").await;
    }
    world.seconds(30).await;
    assert!(world.expect_texts(&["aiko"])[0].text.contains("checkout-f"), "it would have come by itself a quarter of a minute later");
    world.minutes(2).await;
    world.expect_silence();
    world.end().await;
}
