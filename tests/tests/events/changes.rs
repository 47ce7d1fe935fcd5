//! Change events.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};

use crate::bench::{post, shop};

async fn listed(world: &acceptance::World, query: &str) -> Vec<Value> {
    let request = world.authorized(Request::get(format!("/changes{query}"))).body(Body::empty()).unwrap();
    let (status, body) = world.request(request).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    serde_json::from_str::<Value>(&body).unwrap()["changes"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_change_event_opens_no_incident_and_is_listed_by_day_service_and_integration() {
    let (world, key) = shop().await;
    let change = json!({
        "routing_key": key,
        "payload": {
            "summary": "Build 4711 was deployed", "source": "ci", "timestamp": "2026-11-20T18:00:00Z",
            "custom_details": { "build": 4711 },
        },
        "links": [{ "href": "https://ci.example.com/4711", "text": "build" }, { "href": "javascript:alert(1)" }],
    });
    let send = async |change: &Value| post(&world, Request::post("/v2/change/enqueue").body(Body::from(change.to_string())).unwrap()).await;
    let heard = send(&change).await;
    assert_eq!((heard.status, heard.body), (202, json!({ "status": "success", "message": "Change event processed" })));
    assert_eq!(send(&json!({ "routing_key": key, "payload": { "summary": "just this" } })).await.status, 202);
    assert_eq!(send(&json!({ "routing_key": key, "payload": {} })).await.errors(), ["'payload.summary' is missing or blank"]);
    assert_eq!(world.open_incidents().await.len(), 0);

    let found = listed(&world, "").await;
    let summaries: Vec<&str> = found.iter().map(|change| change["summary"].as_str().unwrap()).collect();
    assert_eq!(summaries.len(), 2, "{found:?}");
    let deployed = found.iter().find(|change| change["summary"] == "Build 4711 was deployed").unwrap();
    assert_eq!(deployed["occurred_at"], "2026-11-20T18:00:00Z");
    assert_eq!((&deployed["source"], &deployed["service"], &deployed["integration"]), (&json!("ci"), &json!("checkout"), &json!("shop")));
    let links = json!([{ "kind": "link", "address": "https://ci.example.com/4711", "text": "build" }]);
    assert_eq!(deployed["links"], links, "what is no https address is left out");
    assert_eq!(deployed["details"], json!({ "build": 4711 }));
    assert_eq!(listed(&world, "?service=checkout").await.len(), 2);
    assert_eq!(listed(&world, "?service=batch").await.len(), 0);
    assert_eq!(listed(&world, "?integration=other").await.len(), 0);
    assert_eq!(listed(&world, &format!("?day={}", world.now().strftime("%Y-%m-%d"))).await.len(), 2);
    assert_eq!(listed(&world, "?day=2026-11-19").await.len(), 0);
    let kept = world.items("CHANGES#2026-11-20");
    let in_90_days = (world.now().as_second() + 90 * 86_400).to_string();
    assert!(kept.iter().all(|change| change["expires_at"]["N"] == in_90_days.as_str()), "{kept:?}");
    world.end().await;
}
