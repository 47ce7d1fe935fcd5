//! The limit of a key.

use acceptance::World;
use axum::{body::Body, http::Request};
use serde_json::json;

use crate::bench::{calm, configuration, enqueue, event, new_key, post, trigger};

#[tokio::test]
async fn a_key_takes_its_events_of_a_minute_and_the_first_that_is_refused_opens_an_incident() {
    let mut world = World::with(&configuration()).await;
    let key = new_key(&mut world, "few").await;
    world.seconds(15).await;
    for number in 0..10 {
        enqueue(&world, &trigger(&key, "pay")).await.is_accepted();
        assert_eq!(world.open_incidents().await.len(), 1, "after {number}");
    }
    world.expect_texts(&["aiko"]);
    for _ in 0..5 {
        let heard = enqueue(&world, &trigger(&key, "pay")).await;
        assert_eq!((heard.status, &heard.body["status"]), (429, &json!("throttle exceeded")), "{heard:?}");
        assert_eq!((heard.retry_after, &heard.body["retry_after_seconds"]), (Some(45), &json!(45)));
    }
    let open = world.open_incidents().await;
    let limit = open.iter().find(|incident| incident.integration.as_str() == "hansho").unwrap();
    assert_eq!((open.len(), limit.service.as_str()), (2, "checkout"));
    assert!(limit.title.contains("few") && limit.title.contains("10 events a minute"), "{}", limit.title);
    assert_eq!(world.machine.store().repeats(limit).await.unwrap(), 0, "it is reported once");
    // Every way in says so, version 1 with its own status.
    let v1 = json!({ "service_key": key, "event_type": "resolve", "incident_key": "pay" });
    let heard = post(&world, Request::post("/generic/2010-04-15/create_event.json").body(Body::from(v1.to_string())).unwrap()).await;
    assert_eq!((heard.status, heard.retry_after), (403, Some(45)));
    let incident = open.iter().find(|incident| incident.integration.as_str() == "few").unwrap();
    assert_eq!(world.machine.store().repeats(incident).await.unwrap(), 9);

    world.seconds(45).await;
    enqueue(&world, &event(&key, "resolve", "pay")).await.is_accepted();
    assert_eq!(world.open_incidents().await.len(), 1);
    // Another key of the same integration counts by itself.
    let other = new_key(&mut world, "few").await;
    for _ in 0..10 {
        enqueue(&world, &event(&other, "resolve", "pay")).await.is_accepted();
    }
    calm(world).await;
}
