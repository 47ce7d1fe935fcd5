//! Maintenance windows over the API: begun, listed, ended; refused with a sentence.

use acceptance::TEAM;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{
    bench::{Ask, Bench, Reply, TOKEN_NAME},
    on_call::configure,
};

const PATH: &str = "/maintenance";
/// Every night from 03:00 to 05:00 in Tokyo (it is 03:12), and once next month.
const PLANNED: &str = r#"
maintenance_windows:
  backup: { reason: backups, services: [checkout], time_zone: Asia/Tokyo, windows: [{ from: "03:00", to: "05:00" }] }
  move: { from: 2026-12-05T02:00Z, until: 2026-12-05T06:00Z }
"#;

async fn post(bench: &Bench, body: &Value) -> Reply {
    bench.send(Ask::post(PATH).token().json(body)).await
}

async fn end(bench: &Bench, id: &str) -> Reply {
    bench.send(Ask::post(&format!("{PATH}/{id}/end")).token()).await
}

async fn listed(bench: &Bench, query: &str) -> Vec<(String, String, String)> {
    let word = |window: &Value, name: &str| window[name].as_str().unwrap_or_default().to_owned();
    let answer = bench.read(&format!("{PATH}{query}")).await;
    answer["windows"].as_array().unwrap().iter().map(|one| (word(one, "id"), word(one, "state"), word(one, "from"))).collect()
}

#[tokio::test]
async fn a_window_is_begun_in_one_request_shown_and_ended_in_one() {
    let bench = Bench::new().await;
    let body = json!({
        "services": ["checkout"], "minutes": 120, "reason": "database upgrade",
        "only": { "alarms": ["checkout-db-*"], "labels": { "Env": "staging" }, "severities": ["warning"] },
    });
    let made = post(&bench, &body).await.expect(201, &["added"]).json()["window"].clone();
    let id = made["id"].as_str().unwrap();
    assert!(id.starts_with("live-"), "{made}");
    let expected = json!({
        "id": id, "source": "live", "state": "open", "reason": "database upgrade", "services": ["checkout"], "all_services": false,
        "only": { "alarms": ["checkout-db-*"], "labels": { "env": "staging" }, "severities": ["warning"] }, "is_recurring": false,
        "from": "2026-11-20T18:12:00Z", "until": "2026-11-20T20:12:00Z",
        "created_at": "2026-11-20T18:12:00Z", "created_by": TOKEN_NAME, "ended_at": null, "ended_by": null,
    });
    assert_eq!(made, expected);
    assert_eq!(bench.read(PATH).await["windows"], json!([expected]));
    bench.later(SignedDuration::from_mins(10));
    let ended = end(&bench, id).await.expect(200, &["ended"]).json();
    assert_eq!((&ended["window"]["ended_at"], &ended["window"]["ended_by"]), (&json!(bench.now()), &json!(TOKEN_NAME)));
    assert_eq!(ended["released"], 0);
    assert_eq!(end(&bench, id).await.expect(200, &["known"]).json()["window"], ended["window"], "asked again, it stays as it is");
    bench.later(SignedDuration::from_secs(1));
    assert_eq!(listed(&bench, "").await, []);
    let history = listed(&bench, "?from=2026-11-20T18:00:00Z").await;
    assert_eq!(history, [(id.to_owned(), "ended".to_owned(), "2026-11-20T18:12:00Z".to_owned())], "and it is kept");
}

#[tokio::test]
async fn the_same_request_again_begins_no_second_window() {
    let bench = Bench::new().await;
    let ask = |until: &str| Ask::post(PATH).token().key("k-1").json(&json!({ "all_services": true, "until": until }));
    let first = bench.send(ask("2026-11-20T20:12:00Z")).await.expect(201, &["added"]).json();
    bench.later(SignedDuration::from_secs(5));
    // A client that counts from its own clock asks for another end.
    let again = bench.send(ask("2026-11-20T20:12:05Z")).await.expect(200, &["known"]).json();
    assert_eq!((&first["window"], &first["window"]["all_services"]), (&again["window"], &json!(true)));
    assert_eq!(listed(&bench, "").await.len(), 1);
    // And it does not come to life again.
    end(&bench, first["window"]["id"].as_str().unwrap()).await.expect(200, &["ended"]);
    let again = bench.send(ask("2026-11-20T20:12:10Z")).await.expect(200, &["known"]).json();
    assert_eq!(again["window"]["state"], "ended");
}

#[tokio::test]
async fn a_key_that_was_used_for_another_window_is_refused() {
    let bench = Bench::new().await;
    let ask = |body: Value| Ask::post(PATH).token().key("k-1").json(&body);
    bench.send(ask(json!({ "services": ["checkout"], "minutes": 60 }))).await.expect(201, &["added"]);
    for other in [
        json!({ "all_services": true, "minutes": 60 }),
        json!({ "services": ["checkout"], "minutes": 300 }),
        json!({ "services": ["checkout"], "minutes": 60, "only": { "severities": ["info"] } }),
    ] {
        bench.send(ask(other)).await.expect(409, &["was used for another maintenance window", "Use a new key"]);
    }
    assert_eq!(listed(&bench, "").await.len(), 1);
}

#[tokio::test]
async fn a_window_that_has_not_begun_is_called_off() {
    let bench = Bench::new().await;
    let body = json!({ "services": ["checkout"], "from": "2026-11-21T02:00:00Z", "until": "2026-11-21T04:00:00Z" });
    let made = post(&bench, &body).await.expect(201, &["coming"]).json();
    end(&bench, made["window"]["id"].as_str().unwrap()).await.expect(200, &["ended"]);
    bench.later(SignedDuration::from_hours(9));
    let incident = bench.alarm("checkout-5xx").await;
    assert_eq!(bench.incident(incident).await.phase.name().as_str(), "triggered");
}

#[tokio::test]
async fn windows_of_the_configuration_are_listed_beside_live_ones_and_only_their_present_opening_is_ended() {
    let bench = Bench::new().await;
    configure(&bench, &format!("{TEAM}{PLANNED}")).await;
    let text = |id: &str, state: &str, from: &str| (id.to_owned(), state.to_owned(), from.to_owned());
    let (now, month) = (bench.now().to_string(), "2026-12-05T02:00:00Z");
    assert_eq!(listed(&bench, "").await, [text("backup", "open", &now), text("move", "coming", month)]);
    assert_eq!(listed(&bench, "?service=batch").await, [text("move", "coming", month)]);
    let reply = end(&bench, "move").await.expect(409, &[]);
    assert!(reply.message().contains("not open now; it opens next at 2026-12-05T02:00:00Z"), "{}", reply.message());
    assert!(reply.message().contains("change it in the configuration and apply that"), "{}", reply.message());
    let ended = end(&bench, "backup").await.expect(200, &["ended"]).json();
    assert_eq!((&ended["window"]["source"], &ended["window"]["ended_by"]), (&json!("configuration"), &json!(TOKEN_NAME)));
    let tomorrow = "2026-11-21T18:00:00Z";
    let all = listed(&bench, "").await;
    assert_eq!(all, [text("backup", "ended", &now), text("backup", "coming", tomorrow), text("move", "coming", month)]);
}

#[tokio::test]
async fn nonsense_is_refused_with_a_sentence() {
    let bench = Bench::new().await;
    let with = |more: Value| {
        let mut body = json!({ "services": ["checkout"], "until": "2026-11-20T20:12:00Z" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (body, status, sentence) in [
        (json!({ "services": ["checkout"] }), 400, "takes either minutes or until"),
        (with(json!({ "minutes": 60 })), 400, "takes either minutes or until"),
        (json!({ "services": ["checkout"], "minutes": 0 }), 422, "a window ends after it begins"),
        (json!({ "until": "2026-11-20T20:12:00Z" }), 400, "about some services or about all"),
        (with(json!({ "all_services": true })), 400, "and not both"),
        (with(json!({ "service": "checkout" })), 400, "unknown field `service`"),
        (with(json!({ "services": ["payments"] })), 422, "There is no service payments"),
        (with(json!({ "from": "2026-11-20T17:00:00Z" })), 422, "which is past"),
        (with(json!({ "from": "2028-11-20T17:00:00Z", "until": "2028-11-20T18:00:00Z" })), 422, "more than a year ahead"),
        (with(json!({ "until": "2026-11-20T18:00:00Z" })), 422, "a window ends after it begins"),
        (with(json!({ "until": "2027-11-20T18:00:00Z" })), 422, "more than 31 days"),
        (with(json!({ "reason": "x".repeat(201) })), 422, "at most 200 characters"),
        (with(json!({ "only": { "labels": { "": "x" } } })), 400, "labels are letters"),
        (with(json!({ "only": { "severities": ["fatal"] } })), 400, "unknown variant `fatal`"),
        (with(json!({ "only": { "alarms": [""] } })), 422, "empty pattern"),
    ] {
        let reply = post(&bench, &body).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.body);
        assert!(reply.message().contains(sentence), "{body}: {}", reply.message());
    }
    for name in ["none", "live-0123456789ab", "not%20a%20name"] {
        let reply = end(&bench, name).await.expect(404, &[]);
        assert!(reply.message().contains("There is no maintenance window"), "{}", reply.message());
    }
    bench.send(Ask::post(PATH)).await.expect(401, &["A token is needed"]);
    bench.send(Ask::get(PATH)).await.expect(401, &["A token is needed"]);
    bench.send(Ask::post(&format!("{PATH}/none/end"))).await.expect(401, &["A token is needed"]);
    assert_eq!(listed(&bench, "").await, []);
}

#[tokio::test]
async fn a_window_that_was_over_can_not_be_ended() {
    let bench = Bench::new().await;
    let body = json!({ "services": ["checkout"], "until": "2026-11-20T19:12:00Z" });
    let made = post(&bench, &body).await.expect(201, &[]).json();
    bench.later(SignedDuration::from_hours(2));
    let reply = end(&bench, made["window"]["id"].as_str().unwrap()).await.expect(409, &[]);
    assert_eq!(reply.message(), "This maintenance window was over at 2026-11-20T19:12:00Z.");
}
