//! Reading as a tool does: one incident, lists, what was suppressed; and whose token it is.

use acceptance::alarm_event;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::bench::{Ask, Bench, TOKEN};

#[tokio::test]
async fn health_says_which_configuration_is_in_force() {
    let bench = Bench::new().await;
    let reply = bench.send(Ask::get("/health")).await.expect(200, &[]);
    assert_eq!(reply.json(), json!({ "status": "ok", "configuration": 1 }));
}

#[tokio::test]
async fn without_a_token_nothing_is_read_and_nothing_is_done() {
    let bench = Bench::new().await;
    let id = bench.alarm("checkout-5xx").await;
    let writes = bench.writes();
    for ask in [
        Ask::get("/incidents"),
        Ask::get(&format!("/incidents/{id}")),
        Ask::get("/incidents/nothing"),
        Ask::get("/services"),
        Ask::get("/suppressed"),
        Ask::post("/incidents").json(&json!({ "service": "checkout", "title": "x" })),
        Ask::post(&format!("/incidents/{id}/resolve")),
    ] {
        let missing = bench.send(ask.clone()).await.expect(401, &[]);
        assert_eq!(missing.headers["www-authenticate"], "Bearer realm=\"hansho\"");
        assert!(missing.message().contains("Authorization: Bearer TOKEN"));
        let half = &TOKEN[..TOKEN.len() - 1];
        for wrong in [format!("Bearer {half}"), "Bearer x".to_owned(), format!("Bearer {TOKEN}x")] {
            let wrong = bench.send(ask.clone().header("authorization", &wrong)).await.expect(401, &[]);
            assert!(wrong.headers["www-authenticate"].contains("invalid_token") && wrong.message().contains("new one"));
        }
        let other_scheme = bench.send(ask.header("authorization", &format!("Basic {TOKEN}"))).await;
        assert_eq!(other_scheme.status, 401);
    }
    assert_eq!(bench.writes(), writes);
}

#[tokio::test]
async fn one_incident_is_read_with_everything_that_happened() {
    let bench = Bench::new().await;
    let id = bench.alarm("checkout-5xx").await;
    bench.later(SignedDuration::from_secs(60));
    assert_eq!(bench.alarm("checkout-5xx").await, id, "the same again is a repeat");
    let read = bench.read(&format!("/incidents/{id}")).await;
    let incident = &read["incident"];
    for (field, expected) in [
        ("id", json!(id)),
        ("service", json!("checkout")),
        ("status", json!("triggered")),
        ("urgency", json!("high")),
        ("calling", json!(["aiko"])),
        ("acknowledged_by", json!([])),
        ("resolved_by", Value::Null),
        ("escalation_policy", json!("checkout")),
        ("step", json!(1)),
        ("round", json!(1)),
        ("next", json!({ "at": "2026-11-20T18:17:00Z", "duty": "escalate" })),
    ] {
        assert_eq!(incident[field], expected, "{field}");
    }
    assert_eq!(read["repeats"], 1);
    assert_eq!(read["timeline"][0]["actor"], "integration/cloudwatch");
    assert_eq!(read["timeline"][0]["events"][1], json!({ "escalated": { "step": 0, "round": 0, "users": ["aiko"] } }));
    let delivery = &read["deliveries"][0];
    assert_eq!((&delivery["user"], &delivery["method"], &delivery["state"]), (&json!("aiko"), &json!("sms"), &json!("sent")));
    let text = read.to_string();
    assert!(!text.contains("+819000000001") && !text.contains("recent_inputs"), "neither addresses nor internals: {text}");
}

#[tokio::test]
async fn lists_go_from_page_to_page_and_by_service() {
    let bench = Bench::new().await;
    let mut ids = Vec::new();
    for place in 0..7 {
        bench.later(SignedDuration::from_secs(1));
        ids.push(bench.alarm(&format!("{}-{place}", if place % 2 == 0 { "checkout" } else { "batch" })).await.to_string());
    }
    ids.reverse();
    bench.send(Ask::post(&format!("/incidents/{}/resolve", ids[0])).token()).await.expect(200, &[]);
    assert_eq!(bench.read("/incidents").await["next"], Value::Null);
    for (query, expected) in [
        ("status=all&limit=2", [0, 1, 2, 3, 4, 5, 6].as_slice()),
        ("status=all", &[0, 1, 2, 3, 4, 5, 6]),
        ("status=open&limit=2", &[1, 2, 3, 4, 5, 6]),
        ("limit=3", &[1, 2, 3, 4, 5, 6]),
        ("status=all&service=checkout&limit=1", &[0, 2, 4, 6]),
        ("status=all&service=batch&limit=2", &[1, 3, 5]),
        ("service=checkout&limit=2", &[2, 4, 6]),
        ("service=nothing", &[]),
    ] {
        let expected: Vec<&String> = expected.iter().map(|place| &ids[*place]).collect();
        assert_eq!(every_page(&bench, query).await.iter().collect::<Vec<_>>(), expected, "{query}");
    }
}

/// The ids of all pages, each page within its limit.
async fn every_page(bench: &Bench, query: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut cursor = String::new();
    for _ in 0..20 {
        let page = bench.read(&format!("/incidents?{query}{cursor}")).await;
        ids.extend(page["incidents"].as_array().unwrap().iter().map(|incident| incident["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { return ids };
        cursor = format!("&cursor={next}");
    }
    panic!("the pages do not end: {ids:?}");
}

#[tokio::test]
async fn what_was_suppressed_is_listed_by_day() {
    let bench = Bench::new().await;
    bench.alarm("checkout-5xx").await;
    let late = alarm_event("checkout-5xx").at(bench.now() - SignedDuration::from_mins(10)).build();
    let answer = bench.machine.invoke("alarm-intake", late).await.unwrap().unwrap();
    assert_eq!(answer["results"][0]["result"], "out_of_date", "{answer}");
    let today = bench.read("/suppressed").await;
    assert_eq!(today["day"], "2026-11-20");
    assert_eq!(today["suppressed"].as_array().unwrap().len(), 1);
    assert!(today["suppressed"][0]["reason"].as_str().unwrap().contains("out of order"), "{today}");
    assert_eq!(bench.read("/suppressed?day=2026-11-20").await, today);
    assert_eq!(bench.read("/suppressed?day=2026-11-21").await["suppressed"], json!([]));
}
