//! What a tool asks of an incident, for itself or for a person.

use acceptance::start;
use hansho_domain::{Event, PhaseName};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::bench::{Ask, Bench, Reply};

/// One incident, and what is asked of it.
struct Asking {
    bench: Bench,
    path: String,
}

impl Asking {
    async fn new() -> Self {
        let bench = Bench::new().await;
        let path = format!("/incidents/{}", bench.alarm("checkout-5xx").await);
        Self { bench, path }
    }

    async fn ask(&self, action: &str, body: Value) -> Reply {
        self.bench.send(Ask::post(&format!("{}/{action}", self.path)).token().json(&body)).await
    }

    /// What was asked changed the incident, which now is like this.
    async fn changes(&self, action: &str, body: Value) -> Value {
        let reply = self.ask(action, body).await.expect(200, &[]);
        let answer = reply.json();
        assert_eq!((&answer["result"], &answer["why"]), (&json!("changed"), &Value::Null), "{action}: {}", reply.body);
        answer["incident"].clone()
    }
}

#[tokio::test]
async fn an_incident_goes_through_all_that_can_be_asked() {
    let asking = Asking::new().await;
    let incident = asking.changes("acknowledge", json!({})).await;
    assert_eq!((&incident["status"], &incident["acknowledged_by"]), (&json!("acknowledged"), &json!(["token/tests"])));
    let incident = asking.changes("acknowledge", json!({ "user": "ben" })).await;
    assert_eq!(incident["acknowledged_by"], json!(["token/tests", "user/ben"]));
    let incident = asking.changes("escalate", json!({ "user": "ben" })).await;
    assert_eq!((&incident["status"], &incident["calling"], &incident["step"]), (&json!("triggered"), &json!(["ben"]), &json!(2)));
    let incident = asking.changes("snooze", json!({ "minutes": 30, "user": "aiko" })).await;
    assert_eq!(incident["next"], json!({ "at": start() + SignedDuration::from_mins(30), "duty": "end_snooze" }));
    let incident = asking.changes("snooze", json!({ "until": "2026-11-21T09:00:00+09:00" })).await;
    assert_eq!(incident["next"]["at"], "2026-11-21T00:00:00Z");
    let incident = asking.changes("reassign", json!({ "to": ["user/chie", "team/sre"] })).await;
    assert_eq!((&incident["status"], &incident["calling"]), (&json!("triggered"), &json!(["chie", "aiko", "ben"])));
    asking.changes("notes", json!({ "text": "rolled back to 41", "user": "chie" })).await;
    let incident = asking.changes("resolve", json!({ "user": "chie" })).await;
    assert_eq!((&incident["status"], &incident["resolved_by"]), (&json!("resolved"), &json!("user/chie")));
    let incident = asking.changes("reopen", json!({})).await;
    assert_eq!((&incident["status"], &incident["resolved_at"]), (&json!("triggered"), &Value::Null));
    let timeline = asking.bench.read(&asking.path).await["timeline"].clone();
    let actors: Vec<&str> = timeline.as_array().unwrap().iter().map(|entry| entry["actor"].as_str().unwrap()).collect();
    assert_eq!(
        actors,
        [
            "integration/cloudwatch",
            "token/tests",
            "user/ben",
            "user/ben",
            "user/aiko",
            "token/tests",
            "token/tests",
            "user/chie",
            "user/chie",
            "token/tests"
        ]
    );
}

#[tokio::test]
async fn the_same_request_again_changes_nothing() {
    let asking = Asking::new().await;
    let note = |key: &str| Ask::post(&format!("{}/notes", asking.path)).token().key(key).json(&json!({ "text": "looking" }));
    assert_eq!(asking.bench.send(note("a")).await.json()["result"], "changed");
    let again = asking.bench.send(note("a")).await.expect(200, &[]).json();
    assert_eq!((&again["result"], &again["why"]), (&json!("ignored"), &json!("This very request has been applied before.")));
    assert_eq!(asking.bench.send(note("b")).await.json()["result"], "changed");
    asking.bench.later(SignedDuration::from_secs(1));
    assert_eq!(asking.ask("notes", json!({ "text": "looking" })).await.json()["result"], "changed");
    asking.bench.later(SignedDuration::from_secs(1));
    assert_eq!(asking.ask("notes", json!({ "text": "looking" })).await.json()["result"], "changed", "without a key each is its own");
    let id = asking.path.rsplit('/').next().unwrap().parse().unwrap();
    let (timeline, _) = asking.bench.store().timeline(id).await.unwrap();
    assert_eq!(timeline.iter().flat_map(|entry| &entry.events).filter(|event| matches!(event, Event::Noted { .. })).count(), 4);
}

#[tokio::test]
async fn a_key_that_was_used_for_another_request_is_refused_and_nothing_changes() {
    let asking = Asking::new().await;
    let ask = |action: &str, body: &str| Ask::post(&format!("{}/{action}", asking.path)).token().key("k").body(body);
    let send = async |action: &str, body: &str| asking.bench.send(ask(action, body)).await;
    assert_eq!(send("notes", r#"{"text": "rolled back to 41"}"#).await.expect(200, &[]).json()["result"], "changed");
    let before = asking.bench.read(&asking.path).await;
    for other in [r#"{"text": "rolled back to 40"}"#, r#"{"text": "rolled back to 41", "user": "ben"}"#] {
        let refused = send("notes", other).await.expect(409, &["Its Idempotency-Key was used for another request"]);
        assert_eq!(refused.json()["result"], "rejected", "{}", refused.body);
    }
    assert_eq!(asking.bench.read(&asking.path).await, before);
    // Written another way it asks the same; another action is named by itself.
    let same = send("notes", r#" {"user":null,"text":"rolled back to 41"} "#).await.expect(200, &[]).json();
    assert_eq!(same["why"], "This very request has been applied before.");
    assert_eq!(send("acknowledge", r#"{"user": "ben"}"#).await.expect(200, &[]).json()["result"], "changed");
    send("acknowledge", r#"{"user": "aiko"}"#).await.expect(409, &["use a new key"]);
    // It stays refused when what was asked first is settled meanwhile.
    asking.changes("resolve", json!({})).await;
    send("acknowledge", r#"{"user": "aiko"}"#).await.expect(409, &["use a new key"]);
}

#[tokio::test]
async fn what_is_settled_already_is_no_error() {
    let asking = Asking::new().await;
    asking.changes("acknowledge", json!({ "user": "ben" })).await;
    asking.bench.later(SignedDuration::from_secs(1));
    assert_eq!(asking.ask("acknowledge", json!({ "user": "ben" })).await.expect(200, &[]).json()["why"], "They have it already.");
    asking.changes("resolve", json!({})).await;
    asking.bench.later(SignedDuration::from_secs(1));
    let again = asking.ask("resolve", json!({})).await.expect(200, &[]).json();
    assert_eq!(
        (&again["result"], &again["why"], &again["incident"]["status"]),
        (&json!("ignored"), &json!("It is resolved already."), &json!("resolved"))
    );
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_the_reason() {
    let asking = Asking::new().await;
    for (action, body, why) in [
        ("reopen", json!({}), "The incident is open; only a resolved incident can be reopened."),
        ("snooze", json!({ "minutes": 0 }), "A snooze must end between now and 7 days from now."),
        ("snooze", json!({ "minutes": 4_000_000_000u32 }), "A snooze must end between now and 7 days from now."),
        ("snooze", json!({ "until": "2020-01-01T00:00:00Z" }), "A snooze must end between now and 7 days from now."),
        ("reassign", json!({ "to": ["user/nobody-knows"] }), "Nobody would be called"),
        ("notes", json!({ "text": " " }), "A note must have between 1 and 4000 characters."),
        ("notes", json!({ "text": "x".repeat(4001) }), "A note must have between 1 and 4000 characters."),
    ] {
        let reply = asking.ask(action, body).await.expect(409, &[why]);
        assert!(reply.message().starts_with(why), "{}", reply.body);
        assert_eq!(reply.json()["result"], "rejected");
        assert_eq!(reply.json()["incident"]["status"], "triggered");
    }
    asking.changes("resolve", json!({})).await;
    for action in ["escalate", "snooze", "reassign"] {
        let body = match action {
            "snooze" => json!({ "minutes": 5 }),
            "reassign" => json!({ "to": ["user/ben"] }),
            _ => json!({}),
        };
        let reply = asking.ask(action, body).await.expect(409, &[]);
        assert_eq!(reply.message(), "The incident is resolved; reopen it first.");
    }
}

#[tokio::test]
async fn an_incident_whose_trouble_has_a_newer_one_is_not_reopened() {
    let asking = Asking::new().await;
    asking.changes("resolve", json!({})).await;
    asking.bench.later(SignedDuration::from_mins(5));
    let newer = asking.bench.alarm("checkout-5xx").await;
    let reply = asking.ask("reopen", json!({})).await.expect(409, &[]);
    assert_eq!(reply.message(), format!("Incident {newer} is open for the same trouble; work on that one."));
    assert_eq!(asking.bench.incident(newer).await.phase.name(), PhaseName::Triggered);
}
