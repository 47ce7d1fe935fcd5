//! Integration keys: told once, rotated, revoked.

use acceptance::World;
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use hansho_runtime::secrets::token_hash;
use serde_json::{Value, json};

use crate::bench::{calm, configuration, enqueue, event, new_key, post, shop, suppressed, trigger};

async fn ask(world: &World, request: axum::http::request::Builder, body: Value) -> (StatusCode, Value) {
    let request = world.authorized(request).body(Body::from(body.to_string())).unwrap();
    let (status, answer) = world.request(request).await;
    (status, serde_json::from_str(&answer).unwrap())
}

async fn listed(world: &World, integration: &str) -> Vec<Value> {
    let (status, answer) = ask(world, Request::get(format!("/integrations/{integration}/keys")), json!({})).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer["keys"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_key_is_told_once_has_32_digits_and_is_stored_by_its_hash() {
    let (world, key) = shop().await;
    assert!(key.len() == 32 && key.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)), "{key}");
    let keys = listed(&world, "shop").await;
    assert_eq!(keys.len(), 1);
    assert_eq!((&keys[0]["made_by"], &keys[0]["is_valid"], &keys[0]["ends_at"]), (&json!("story"), &json!(true), &Value::Null));
    assert!(!json!(keys).to_string().contains(&key), "{keys:?}");
    // No item holds it, also after it was used.
    enqueue(&world, &trigger(&key, "pay")).await.is_accepted();
    enqueue(&world, &json!({ "routing_key": key, "event_action": "wrong" })).await.errors();
    let incident = format!("INCIDENT#{}", world.open_incident().await.id);
    let by_hash = format!("INTEGRATION-KEY#{}", token_hash(&key));
    for partition in [&incident, &by_hash, "SUPPRESSED#2026-11-20", "INTEGRATION-KEYS#shop"] {
        assert!(!json!(world.items(partition)).to_string().contains(&key), "the key is in {partition}");
    }
    calm(world).await;
}

#[tokio::test]
async fn an_integration_is_shown_as_the_configuration_has_it() {
    let (world, _) = shop().await;
    let (status, shown) = ask(&world, Request::get("/integrations/few"), json!({})).await;
    let expected = json!({ "id": "few", "name": "few", "service": "checkout", "type": "events", "per_minute_max": 10 });
    assert_eq!((status, shown), (StatusCode::OK, expected));
    let (status, unknown) = ask(&world, Request::get("/integrations/fev"), json!({})).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{unknown}");
    assert_eq!(world.get("/integrations/few").await.0, StatusCode::UNAUTHORIZED);
    world.end().await;
}

#[tokio::test]
async fn a_key_that_nobody_made_opens_nothing() {
    let (world, key) = shop().await;
    let reversed: String = key.chars().rev().collect();
    for wrong in [reversed.as_str(), &key[..31], &format!("{key}0"), &"x".repeat(1_000), "shop", "INTEGRATION-KEY#"] {
        assert_eq!(enqueue(&world, &trigger(wrong, "pay")).await.errors(), ["Invalid routing key"], "{wrong}");
    }
    for blank in [json!(""), json!("  "), Value::Null, json!(5), json!(["a"])] {
        let mut fired = trigger("", "pay");
        fired["routing_key"] = blank;
        assert_eq!(enqueue(&world, &fired).await.errors(), ["'routing_key' is missing or blank"]);
    }
    assert_eq!(world.open_incidents().await.len(), 0);
    world.end().await;
}

#[tokio::test]
async fn the_key_may_stand_in_a_header_or_in_the_address() {
    let (world, key) = shop().await;
    let mut fired = trigger("", "pay");
    fired.as_object_mut().unwrap().remove("routing_key");
    let body = || Body::from(fired.to_string());
    let by_header = Request::post("/v2/enqueue").header("X-Routing-Key", &key).body(body()).unwrap();
    post(&world, by_header).await.is_accepted();
    post(&world, Request::post(format!("/v2/enqueue?routing_key={key}")).body(body()).unwrap()).await.is_accepted();
    assert_eq!(world.open_incidents().await.len(), 1);
    calm(world).await;
}

#[tokio::test]
async fn a_revoked_key_opens_nothing_from_that_moment_on() {
    let (world, key) = shop().await;
    enqueue(&world, &trigger(&key, "pay")).await.is_accepted();
    let id = listed(&world, "shop").await[0]["id"].as_str().unwrap().to_owned();
    let (status, answer) = ask(&world, Request::delete(format!("/integrations/shop/keys/{id}")), json!({})).await;
    assert_eq!((status, answer), (StatusCode::OK, json!({ "result": "revoked" })));
    // The clock stands still: nothing that was read before counts.
    assert_eq!(enqueue(&world, &trigger(&key, "more")).await.errors(), ["Invalid routing key"]);
    assert_eq!(enqueue(&world, &event(&key, "resolve", "pay")).await.errors(), ["Invalid routing key"]);
    let (status, _) = ask(&world, Request::delete(format!("/integrations/shop/keys/{id}")), json!({})).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    calm(world).await;
}

#[tokio::test]
async fn a_rotated_key_goes_on_for_the_overlap_and_both_mean_the_same_incident() {
    let (mut world, old) = shop().await;
    enqueue(&world, &trigger(&old, "pay")).await.is_accepted();
    world.expect_texts(&["aiko"]);
    let (status, answer) = ask(&world, Request::post("/integrations/shop/keys/rotate"), json!({ "overlap_seconds": 3600 })).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    let new = answer["integration_key"].as_str().unwrap().to_owned();
    assert_eq!(answer["ending"].as_array().unwrap().len(), 1);
    for key in [&old, &new] {
        enqueue(&world, &trigger(key, "pay")).await.is_accepted();
    }
    let incident = world.open_incident().await;
    assert_eq!(world.machine.store().repeats(&incident).await.unwrap(), 2, "the key does not matter, the integration does");
    enqueue(&world, &event(&new, "acknowledge", "pay")).await.is_accepted();
    world.seconds(3_599).await;
    enqueue(&world, &trigger(&old, "pay")).await.is_accepted();
    world.seconds(1).await;
    assert_eq!(enqueue(&world, &trigger(&old, "pay")).await.errors(), ["Invalid routing key"]);
    enqueue(&world, &event(&new, "resolve", "pay")).await.is_accepted();
    let about_the_key = world.open_incident().await;
    assert!(about_the_key.details.contains("because another has taken its place"), "{about_the_key:?}");
    let keys = listed(&world, "shop").await;
    let ended: Vec<bool> = keys.iter().filter(|key| key["is_valid"] == false).map(|key| key["ends_at"].is_string()).collect();
    assert_eq!((keys.len(), ended), (2, vec![true]));
    calm(world).await;
}

#[tokio::test]
async fn only_what_the_configuration_has_gets_keys_and_no_more_than_twenty() {
    let (mut world, _) = shop().await;
    for (id, status) in [("nothing", 404), ("cloudwatch", 404), ("Ünmöglich", 404)] {
        let path = format!("/integrations/{}/keys", id.replace(['Ü', 'ö'], "%C3%9C"));
        let (got, answer) = ask(&world, Request::post(path), json!({})).await;
        assert_eq!(got.as_u16(), status, "{answer}");
    }
    let (status, answer) = ask(&world, Request::post("/integrations/other/keys/rotate"), json!({ "overlap_seconds": 0 })).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{answer}");
    for _ in 1..20 {
        new_key(&mut world, "shop").await;
    }
    let (status, answer) = ask(&world, Request::post("/integrations/shop/keys"), json!({})).await;
    assert_eq!(status, StatusCode::CONFLICT, "{answer}");
    let (_, answer) = ask(&world, Request::get("/integrations"), json!({})).await;
    let ids: Vec<&str> = answer["integrations"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["anything", "few", "other", "shop"]);
    let (status, _) = world.get("/integrations").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "keys are made with an API token only");
    world.end().await;
}

#[tokio::test]
async fn no_rule_silences_what_hansho_says_of_a_limit_or_of_a_key_that_has_ended() {
    let rules = "routes:\n  - { name: all, description: Nothing pages., owner: sre, if: 'true', then: { suppress: quiet } }\n";
    let mut world = World::with(&format!("{}{rules}", configuration())).await;
    let key = new_key(&mut world, "few").await;
    for _ in 0..11 {
        let _heard = enqueue(&world, &trigger(&key, "pay")).await;
    }
    let limit = world.open_incident().await;
    assert!(limit.title.contains("10 events a minute"), "{}", limit.title);
    world.expect_texts(&["aiko"]);
    let ended = new_key(&mut world, "shop").await;
    let id = listed(&world, "shop").await[0]["id"].as_str().unwrap().to_owned();
    let (status, _) = ask(&world, Request::delete(format!("/integrations/shop/keys/{id}")), json!({})).await;
    assert_eq!(status, StatusCode::OK);
    let _heard = enqueue(&world, &trigger(&ended, "pay")).await;
    assert!(world.open_incidents().await.iter().any(|incident| incident.title.contains("has ended")));
    calm(world).await;
}

#[tokio::test]
async fn a_sender_that_still_uses_a_key_that_has_ended_pages_once_and_its_events_are_on_the_list() {
    let (mut world, key) = shop().await;
    let id = listed(&world, "shop").await[0]["id"].as_str().unwrap().to_owned();
    let (status, _) = ask(&world, Request::delete(format!("/integrations/shop/keys/{id}")), json!({})).await;
    assert_eq!(status, StatusCode::OK);
    world.expect_silence();
    for dedup_key in ["pay", "disk", "disk"] {
        assert_eq!(enqueue(&world, &trigger(&key, dedup_key)).await.errors(), ["Invalid routing key"]);
    }
    let told = world.open_incident().await;
    assert_eq!((told.service.as_str(), told.integration.as_str()), ("checkout", "hansho"));
    assert!(told.title.contains("a key of integration shop that has ended"), "{}", told.title);
    assert!(told.details.contains("such as: Payments fail") && told.details.contains("was revoked at"), "{}", told.details);
    world.expect_texts(&["aiko"]);
    let reasons = suppressed(&world).await;
    assert!(
        reasons.len() == 2 && reasons.iter().all(|reason| reason.contains(&format!("its integration key {id} was revoked"))),
        "{reasons:?}"
    );
    let kept = format!("{:?}", world.machine.store().suppressed_on(world.now()).await.unwrap());
    assert!(kept.contains("Payments fail") && !kept.contains(&key), "{kept}");
    // Whoever has the key can page once a day with it, and no more.
    world.ask(told.id, "resolve", json!({}), "aiko").await;
    for n in 0..40 {
        assert_eq!(enqueue(&world, &trigger(&key, &format!("flood {n}"))).await.errors(), ["Invalid routing key"]);
    }
    assert!(world.open_incidents().await.is_empty());
    assert_eq!(suppressed(&world).await.len(), 9, "ten of a minute are listed, two of which were the same");
    world.expect_silence();
    calm(world).await;
}

#[tokio::test]
async fn somebody_hears_of_a_key_that_ends_in_a_busy_minute() {
    let (mut world, key) = shop().await;
    for _ in 0..15 {
        enqueue(&world, &trigger(&key, "pay")).await.is_accepted();
    }
    world.expect_texts(&["aiko"]);
    let id = listed(&world, "shop").await[0]["id"].as_str().unwrap().to_owned();
    let (status, _) = ask(&world, Request::delete(format!("/integrations/shop/keys/{id}")), json!({})).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(enqueue(&world, &trigger(&key, "disk")).await.errors(), ["Invalid routing key"]);
    assert_eq!(suppressed(&world).await.len(), 1);
    let told = world.open_incidents().await;
    assert!(told.iter().any(|incident| incident.title.contains("a key of integration shop that has ended")), "{told:?}");
    calm(world).await;
}
