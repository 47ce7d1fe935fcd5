//! Overrides over the API: made, listed, taken away; the last one made wins; what was worked stays.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{
    bench::{Ask, Bench, Reply},
    on_call::{bench, people},
};

const PATH: &str = "/schedules/primary/overrides";

async fn post(bench: &Bench, body: &Value) -> Reply {
    bench.send(Ask::post(PATH).token().json(body)).await
}

async fn made(bench: &Bench, body: &Value) -> Value {
    let reply = post(bench, body).await.expect(201, &[]);
    // An override is in force within five seconds.
    bench.later(SignedDuration::from_secs(5));
    reply.json()["override"].clone()
}

async fn at(bench: &Bench, time: &str) -> Vec<String> {
    let answer = bench.read(&format!("/oncall?schedule=primary&at={time}")).await;
    people(&answer["schedules"][0]["now"]).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn every_kind_of_override_does_what_it_says_and_the_last_made_wins() {
    let bench = bench().await;
    let time = "2026-11-24T00:00:00Z";
    let period = json!({ "from": "2026-11-23T12:00:00Z", "until": "2026-11-24T12:00:00Z" });
    let with = |change: Value| {
        let mut body = period.clone();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        body
    };
    assert_eq!(at(&bench, time).await, ["ben"]);
    for (change, expected) in [
        (json!({ "change": "replace", "user": "ben", "by": ["dan"] }), vec!["dan"]),
        (json!({ "change": "add", "by": ["aiko"] }), vec!["dan", "aiko"]),
        (json!({ "change": "remove", "user": "dan" }), vec!["aiko"]),
        (json!({ "change": "replace_all", "by": ["ben", "chie"] }), vec!["ben", "chie"]),
        (json!({ "change": "nobody" }), vec![]),
    ] {
        made(&bench, &with(change.clone())).await;
        assert_eq!(at(&bench, time).await, expected, "{change}");
    }
    assert_eq!(at(&bench, "2026-11-24T12:00:00Z").await, ["ben"], "it does not own its end");
    let listed = bench.read(PATH).await["overrides"].as_array().unwrap().clone();
    assert_eq!(listed.len(), 5);
    // The last one goes, and the one before it holds again.
    let id = listed.iter().find(|made| made["change"] == "nobody").unwrap()["id"].as_str().unwrap().to_owned();
    bench.send(Ask::new("DELETE", &format!("{PATH}/{id}")).token()).await.expect(200, &["removed"]);
    assert_eq!(at(&bench, time).await, ["ben", "chie"]);
}

#[tokio::test]
async fn an_override_that_changes_nothing_is_made_and_says_so() {
    let bench = bench().await;
    let period = |change: &Value| {
        let mut body = json!({ "from": "2026-11-23T12:00:00Z", "until": "2026-11-24T12:00:00Z" });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        body
    };
    // Ben is on call then.
    for (change, changes) in [
        (json!({ "change": "replace", "user": "aiko", "by": ["dan"] }), false),
        (json!({ "change": "remove", "user": "aiko" }), false),
        (json!({ "change": "add", "by": ["ben"] }), false),
        (json!({ "change": "replace_all", "by": ["ben"] }), false),
        (json!({ "change": "replace", "user": "ben", "by": ["dan"] }), true),
        // By now it is dan.
        (json!({ "change": "replace", "user": "ben", "by": ["chie"] }), false),
        (json!({ "change": "nobody" }), true),
        (json!({ "change": "nobody" }), false),
    ] {
        let reply = post(&bench, &period(&change)).await.expect(201, &["added"]);
        assert_eq!(reply.json()["changes_who_is_on_call"], changes, "{change}: {}", reply.body);
        bench.later(SignedDuration::from_secs(5));
    }
}

#[tokio::test]
async fn whoever_stands_in_for_once_finds_the_shift_and_is_paged() {
    let bench = bench().await;
    made(&bench, &json!({ "change": "replace", "user": "aiko", "by": ["dan"], "until": "2026-11-21T12:00:00Z" })).await;
    let answer = bench.read("/oncall?user=dan").await;
    assert_eq!((&answer["schedules"][0]["schedule"], people(&answer["schedules"][0]["now"])), (&json!("primary"), vec!["dan"]));
    let next = bench.read("/oncall?user=dan&from=2026-11-20T18:13:00Z&until=2026-12-20T00:00:00Z").await;
    assert_eq!(next["shifts"].as_array().unwrap().len(), 1);
    bench.alarm("checkout-5xx").await;
    let sent = bench.machine.outbox().since(0);
    assert_eq!(sent.iter().map(|sent| sent.to.as_str()).collect::<Vec<_>>(), ["+819000000004"]);
}

#[tokio::test]
async fn the_same_request_again_makes_no_second_override() {
    let bench = bench().await;
    let body = json!({ "change": "nobody", "until": "2026-11-21T12:00:00Z" });
    let ask = || Ask::post(PATH).token().key("k-1").json(&body);
    let first = bench.send(ask()).await.expect(201, &["added"]);
    bench.later(SignedDuration::from_secs(5));
    let again = bench.send(ask()).await.expect(200, &["known"]);
    assert_eq!(first.json()["override"], again.json()["override"]);
    assert_eq!(bench.read(PATH).await["overrides"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_that_was_used_for_another_override_is_refused() {
    let bench = bench().await;
    let ask = |body: serde_json::Value| Ask::post(PATH).token().key("k-1").json(&body);
    bench.send(ask(json!({ "change": "nobody", "minutes": 60 }))).await.expect(201, &["added"]);
    bench.later(SignedDuration::from_secs(5));
    bench.send(ask(json!({ "change": "nobody", "minutes": 60 }))).await.expect(200, &["known"]);
    for other in [json!({ "change": "replace_all", "by": ["dan"], "minutes": 60 }), json!({ "change": "nobody", "minutes": 540 })] {
        bench.send(ask(other)).await.expect(409, &["was used for another override", "Use a new key"]);
    }
    assert_eq!(bench.read(PATH).await["overrides"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_override_that_has_begun_ends_now_and_one_that_is_over_stays() {
    let bench = bench().await;
    let begun = made(&bench, &json!({ "change": "replace_all", "by": ["dan"], "until": "2026-11-21T12:00:00Z" })).await;
    bench.later(SignedDuration::from_hours(1));
    let path = format!("{PATH}/{}", begun["id"].as_str().unwrap());
    let ended = bench.send(Ask::new("DELETE", &path).token()).await.expect(200, &["ended"]).json();
    assert_eq!(ended["override"]["until"], json!(bench.now()));
    bench.later(SignedDuration::from_secs(5));
    assert_eq!(at(&bench, "2026-11-20T18:30:00Z").await, ["dan"], "what was worked stays");
    assert_eq!(at(&bench, "2026-11-20T20:00:00Z").await, ["aiko"]);
    let reply = bench.send(Ask::new("DELETE", &path).token()).await;
    assert!(reply.status == 409 && reply.message().contains("what was worked stays as it was"), "{}", reply.body);
    bench.send(Ask::new("DELETE", &format!("{PATH}/none")).token()).await.expect(404, &["There is no such override of primary"]);
}

#[tokio::test]
async fn an_override_of_the_past_and_other_nonsense_is_refused_with_a_sentence() {
    let bench = bench().await;
    for (body, status, sentence) in [
        (
            json!({ "change": "nobody", "from": "2026-11-20T10:00:00Z", "until": "2026-11-21T12:00:00Z" }),
            422,
            "what was worked stays as it was",
        ),
        (json!({ "change": "nobody", "until": "2026-11-20T10:00:00Z" }), 422, "must be after"),
        (json!({ "change": "nobody", "until": "2029-11-20T10:00:00Z" }), 422, "more than 366 days"),
        (json!({ "change": "nobody" }), 400, "takes either minutes or until"),
        (json!({ "change": "nobody", "minutes": 60, "until": "2026-11-21T12:00:00Z" }), 400, "takes either minutes or until"),
        (json!({ "change": "nobody", "minutes": 0 }), 422, "must be after"),
        (json!({ "change": "add", "by": ["ben", "ben"], "minutes": 60 }), 422, "by names ben twice"),
        (json!({ "change": "replace", "user": "ben", "by": ["ben"], "minutes": 60 }), 422, "ben can not stand in for themself"),
        (json!({ "change": "add", "by": [], "until": "2026-11-21T12:00:00Z" }), 422, "names nobody"),
        (json!({ "change": "add", "by": ["zoe"], "until": "2026-11-21T12:00:00Z" }), 422, "There is no user zoe"),
        (json!({ "change": "replace", "by": ["ben"], "until": "2026-11-21T12:00:00Z" }), 400, "replace takes user and by"),
        (json!({ "change": "swap", "until": "2026-11-21T12:00:00Z" }), 400, "unknown variant"),
    ] {
        let reply = post(&bench, &body).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.body);
        assert!(reply.message().contains(sentence), "{body}: {}", reply.message());
    }
    bench
        .send(Ask::post("/schedules/none/overrides").token().json(&json!({ "change": "nobody", "until": "2026-11-21T12:00:00Z" })))
        .await
        .expect(404, &["There is no schedule none"]);
    bench.send(Ask::post(PATH)).await.expect(401, &["A token is needed"]);
    assert_eq!(bench.read(PATH).await["overrides"], json!([]));
}

#[tokio::test]
async fn an_override_of_so_many_minutes_is_that_long_by_the_clock_of_hansho() {
    let bench = bench().await;
    let now = made(&bench, &json!({ "change": "nobody", "minutes": 480 })).await;
    let begun = now["from"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!(begun + SignedDuration::from_secs(5), bench.now());
    assert_eq!(now["until"], json!(begun + SignedDuration::from_hours(8)));
    let later = made(&bench, &json!({ "change": "nobody", "from": "2026-11-23T12:00:00Z", "minutes": 90 })).await;
    assert_eq!(later["until"], "2026-11-23T13:30:00Z");
}
