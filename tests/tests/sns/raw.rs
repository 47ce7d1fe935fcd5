//! Raw message delivery: what was published comes alone and unsigned, so a key says who sends it.

use acceptance::World;
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};

use crate::bench::{STRANGER, TOPIC, alarm, calm, is_untouched, sent, world};

async fn new_key(world: &mut World, integration: &str) -> String {
    let (status, answer) = world.post(&format!("/integrations/{integration}/keys"), Some(json!({}))).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    answer["integration_key"].as_str().unwrap().to_owned()
}

fn raw(query: &str, topic: &str, id: &str, body: &str) -> Request<Body> {
    Request::post(format!("/sns/aws-alarms{query}"))
        .header("content-type", "text/plain; charset=UTF-8")
        .header("x-amz-sns-rawdelivery", "true")
        .header("x-amz-sns-message-type", "Notification")
        .header("x-amz-sns-message-id", id)
        .header("x-amz-sns-topic-arn", topic)
        .body(Body::from(body.to_owned()))
        .unwrap()
}

#[tokio::test]
async fn without_a_key_of_the_integration_nothing_raw_is_taken_in() {
    let (mut world, _) = world().await;
    let (own, others, of_events) =
        (new_key(&mut world, "aws-alarms").await, new_key(&mut world, "others").await, new_key(&mut world, "shop").await);
    for query in [
        String::new(),
        "?routing_key=".to_owned(),
        "?routing_key=wrong".to_owned(),
        format!("?routing_key={others}"),
        format!("?routing_key={of_events}"),
    ] {
        let (status, answer) = sent(&world, raw(&query, TOPIC, "1", "disk full")).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{query}: {answer}");
    }
    let own = format!("?routing_key={own}");
    assert_eq!(sent(&world, raw(&own, STRANGER, "1", "disk full")).await.0, StatusCode::FORBIDDEN);
    assert_eq!(sent(&world, raw(&own, "alarms", "1", "disk full")).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(sent(&world, raw(&own, TOPIC, "", "disk full")).await.0, StatusCode::BAD_REQUEST);
    is_untouched(&mut world).await;
    world.end().await;
}

#[tokio::test]
async fn with_a_key_an_alarm_and_any_text_page() {
    let (mut world, amazon) = world().await;
    let key = format!("?routing_key={}", new_key(&mut world, "aws-alarms").await);
    let published = alarm(&world, "1", "checkout-5xx", "ALARM")["Message"].as_str().unwrap().to_owned();
    for _ in 0..2 {
        assert_eq!(sent(&world, raw(&key, TOPIC, "1", &published)).await.0, StatusCode::OK);
    }
    assert_eq!(world.open_incident().await.service.as_str(), "checkout");
    world.expect_texts(&["aiko"]);
    assert_eq!(sent(&world, raw(&key, TOPIC, "2", "disk full\non db-1")).await.0, StatusCode::OK);
    let open = world.open_incidents().await;
    assert!(
        open.len() == 2 && open.iter().any(|incident| incident.title == "disk full" && incident.service.as_str() == "batch"),
        "{open:#?}"
    );
    assert_eq!(amazon.asked().len(), 0);
    calm(world).await;
}

#[tokio::test]
async fn a_key_that_has_ended_opens_nothing_and_somebody_hears_of_it() {
    let (mut world, _) = world().await;
    let key = format!("?routing_key={}", new_key(&mut world, "aws-alarms").await);
    let (status, keys) = world.request(world.authorized(Request::get("/integrations/aws-alarms/keys")).body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::OK, "{keys}");
    let id = serde_json::from_str::<Value>(&keys).unwrap()["keys"][0]["id"].as_str().unwrap().to_owned();
    let revoke = Request::delete(format!("/integrations/aws-alarms/keys/{id}"));
    assert_eq!(world.request(world.authorized(revoke).body(Body::from("{}")).unwrap()).await.0, StatusCode::OK);
    assert_eq!(sent(&world, raw(&key, TOPIC, "1", "disk full")).await.0, StatusCode::FORBIDDEN);
    let told = world.open_incident().await;
    assert!(told.title.contains("still uses a key of integration aws-alarms that has ended"), "{}", told.title);
    calm(world).await;
}
