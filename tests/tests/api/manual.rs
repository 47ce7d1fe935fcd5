//! Incidents that somebody opens by hand.

use std::{collections::BTreeSet, sync::Arc};

use hansho_domain::{Actor, Event};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::bench::{Ask, Bench, Reply};

fn open(body: &Value) -> Ask {
    Ask::post("/incidents").token().json(body)
}

fn id(reply: &Reply) -> String {
    reply.json()["incident"]["id"].as_str().unwrap_or_else(|| panic!("no incident in {}", reply.body)).to_owned()
}

fn payment() -> Value {
    json!({ "service": "checkout", "title": "customers can not pay" })
}

#[tokio::test]
async fn a_manual_incident_pages_and_says_who_opened_it() {
    let bench = Bench::new().await;
    let body = json!({ "service": "checkout", "title": " customers can not pay ", "severity": "warning", "details": "two calls to support", "priority": "SEV2" });
    let reply = bench.send(open(&body)).await.expect(201, &[]);
    let incident = &reply.json()["incident"];
    for (field, expected) in [
        ("title", json!("customers can not pay")),
        ("severity", json!("warning")),
        ("priority", json!("SEV2")),
        ("details", json!("two calls to support")),
        ("integration", json!("manual")),
        ("status", json!("triggered")),
    ] {
        assert_eq!(incident[field], expected, "{field}");
    }
    bench.machine.settle().await.unwrap();
    assert_eq!(bench.machine.outbox().since(0).len(), 1, "somebody is paged");
    let incident = id(&reply).parse().unwrap();
    let (timeline, _) = bench.store().timeline(incident).await.unwrap();
    assert_eq!(timeline[0].actor, Actor::Token("tests".to_owned()));
    assert!(matches!(&timeline[0].events[0], Event::Opened { title, .. } if title == "customers can not pay"));
    assert_eq!(bench.store().raw_alerts(incident).await.unwrap(), [body.to_string()], "the request is kept as it came");
    let page = bench.send(Ask::get(&format!("/i/{}", bench.link("ben", incident).await))).await;
    page.expect(200, &["Opened by the token tests: customers can not pay (warning)"]);
}

#[tokio::test]
async fn whoever_opens_one_by_hand_wants_somebody_now() {
    let bench = Bench::new().await;
    let reply = bench.send(open(&json!({ "service": "batch", "title": "the nightly run hangs" }))).await.expect(201, &[]);
    assert_eq!((&reply.json()["incident"]["severity"], &reply.json()["incident"]["urgency"]), (&json!("critical"), &json!("high")));
}

#[tokio::test]
async fn the_same_key_again_is_the_same_incident_even_when_it_is_over() {
    let bench = Bench::new().await;
    let first = bench.send(open(&payment()).key("call-1")).await.expect(201, &[]);
    let again = bench.send(open(&payment()).key("call-1")).await.expect(200, &[]);
    assert_eq!((id(&again), &again.json()["result"]), (id(&first), &json!("known")));
    bench.send(Ask::post(&format!("/incidents/{}/resolve", id(&first))).token()).await.expect(200, &[]);
    bench.later(SignedDuration::from_mins(10));
    let resolved = bench.send(open(&payment()).key("call-1")).await.expect(200, &[]);
    assert_eq!((id(&resolved), &resolved.json()["incident"]["status"]), (id(&first), &json!("resolved")));
    let other = bench.send(open(&payment()).key("call-2")).await.expect(201, &[]);
    assert_ne!(id(&other), id(&first));
    assert_eq!(bench.read("/incidents?status=all").await["incidents"].as_array().unwrap().len(), 2);
    assert_eq!(bench.read(&format!("/incidents/{}", id(&first))).await["repeats"], 0, "asking again is no repeat of the trouble");
}

#[tokio::test]
async fn a_title_that_is_stored_otherwise_than_it_came_is_still_the_same_request() {
    let bench = Bench::new().await;
    let body = json!({ "service": "checkout", "title": "\u{1F525}".repeat(160), "details": "a\u{0}b" });
    let first = bench.send(open(&body).key("k")).await.expect(201, &[]);
    let reordered = format!("{{\"details\": \"a\\u0000b\", \"title\": \"{}\", \"service\": \"checkout\"}}", "\u{1F525}".repeat(160));
    let again = bench.send(Ask::post("/incidents").token().key("k").body(reordered)).await.expect(200, &[]);
    assert_eq!(id(&again), id(&first));
}

#[tokio::test]
async fn a_key_that_was_used_for_something_else_is_refused() {
    let bench = Bench::new().await;
    let first = bench.send(open(&payment()).key("call-1")).await.expect(201, &[]);
    for other in
        [json!({ "service": "batch", "title": "customers can not pay" }), json!({ "service": "checkout", "title": "something else" })]
    {
        let reply = bench.send(open(&other).key("call-1")).await.expect(409, &[&id(&first)]);
        assert!(reply.message().contains("Use a new key"));
    }
    assert_eq!(bench.read("/incidents").await["incidents"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_at_once_with_one_key_open_one() {
    let bench = Arc::new(Bench::new().await);
    for round in 0..5 {
        let key = format!("round-{round}");
        let asks = (0..8).map(|place| {
            let (bench, ask) = (Arc::clone(&bench), open(&payment()).key(&key));
            tokio::spawn(async move {
                // Half of them at another moment than the others.
                bench.later(SignedDuration::from_millis(place % 2));
                bench.send(ask).await
            })
        });
        let mut replies = Vec::new();
        for ask in asks.collect::<Vec<_>>() {
            replies.push(ask.await.unwrap());
        }
        // At the very same moment the same request is the same write: more than one of them is told that it opened it.
        assert!(replies.iter().any(|reply| reply.status == 201), "{replies:?}");
        assert!(replies.iter().all(|reply| matches!(reply.status, 200 | 201)), "{replies:?}");
        assert_eq!(replies.iter().map(id).collect::<BTreeSet<_>>().len(), 1);
    }
    assert_eq!(bench.read("/incidents").await["incidents"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn without_a_key_every_request_is_an_incident_of_its_own() {
    let bench = Bench::new().await;
    let first = bench.send(open(&payment())).await.expect(201, &[]);
    bench.later(SignedDuration::from_millis(1));
    let second = bench.send(open(&payment())).await.expect(201, &[]);
    assert_ne!(id(&first), id(&second));
}

#[tokio::test]
async fn the_same_dedup_key_is_counted_while_it_is_open_and_opens_anew_when_it_is_over() {
    let bench = Bench::new().await;
    let body = json!({ "service": "checkout", "title": "cannot pay", "dedup_key": "pay", "severity": "error" });
    let first = bench.send(open(&body)).await.expect(201, &[]);
    bench.later(SignedDuration::from_secs(1));
    let again =
        bench.send(open(&json!({ "service": "checkout", "title": "still can not pay", "dedup_key": "pay", "severity": "error" }))).await;
    assert_eq!((again.status, id(&again), &again.json()["result"]), (200, id(&first), &json!("repeated")));
    assert_eq!(bench.read(&format!("/incidents/{}", id(&first))).await["repeats"], 1);
    bench.later(SignedDuration::from_secs(1));
    let louder = bench
        .send(open(&json!({ "service": "checkout", "title": "cannot pay", "dedup_key": "pay", "severity": "critical" })).key("k"))
        .await;
    assert_eq!((louder.status, &louder.json()["incident"]["severity"]), (200, &json!("critical")));
    bench.send(Ask::post(&format!("/incidents/{}/resolve", id(&first))).token()).await.expect(200, &[]);
    let at_once = bench.send(open(&body)).await.expect(409, &[]);
    assert!(at_once.message().contains("Send this again"));
    bench.later(SignedDuration::from_secs(1));
    let anew = bench.send(open(&body)).await.expect(201, &[]);
    assert_ne!(id(&anew), id(&first));
    let replayed = bench.send(open(&json!({ "service": "checkout", "title": "x", "dedup_key": "pay" })).key("k2")).await.expect(200, &[]);
    assert_eq!(id(&replayed), id(&anew));
}

#[tokio::test]
async fn a_request_that_was_counted_is_the_same_again_whatever_came_after_it() {
    let bench = Bench::new().await;
    let body = |title: &str| json!({ "service": "checkout", "title": title, "dedup_key": "pay" });
    let first = bench.send(open(&body("A")).key("r1")).await.expect(201, &[]);
    for (key, title) in [("r2", "B"), ("r3", "C")] {
        bench.later(SignedDuration::from_secs(1));
        bench.send(open(&body(title)).key(key)).await.expect(200, &[]);
    }
    bench.send(Ask::post(&format!("/incidents/{}/resolve", id(&first))).token()).await.expect(200, &[]);
    bench.later(SignedDuration::from_secs(1));
    let second = bench.send(open(&body("D")).key("r4")).await.expect(201, &[]);
    for (key, title, incident) in [("r1", "A", &first), ("r2", "B", &first), ("r3", "C", &first), ("r4", "D", &second)] {
        let again = bench.send(open(&body(title)).key(key)).await.expect(200, &[]);
        assert_eq!((id(&again), &again.json()["result"]), (id(incident), &json!("known")), "{key}");
    }
}

#[tokio::test]
async fn an_unknown_service_is_refused_with_those_that_there_are() {
    let bench = Bench::new().await;
    let reply = bench.send(open(&json!({ "service": "chekout", "title": "x" }))).await.expect(422, &[]);
    assert_eq!(reply.message(), "There is no service chekout. Use one of these: batch, catch-all, checkout, team-sre.");
    let reply = bench.send(open(&json!({ "service": "Check out!", "title": "x" }))).await.expect(400, &[]);
    assert!(reply.message().contains("use lower-case letters"), "{}", reply.body);
}

#[tokio::test]
async fn two_tokens_do_not_share_their_keys() {
    let bench = Bench::new().await;
    bench.store().add_token("another-token", "another").await.unwrap();
    let first = bench.send(open(&payment()).key("1")).await.expect(201, &[]);
    let second = bench.send(open(&payment()).key("1").header("authorization", "Bearer another-token")).await.expect(201, &[]);
    assert_ne!(id(&first), id(&second));
}
