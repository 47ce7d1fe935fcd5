//! Whatever is sent, the answer is a sentence that says what to do, and nothing happens.

use serde_json::{Value, json};

use crate::bench::{Ask, Bench};

/// What is sent to open an incident, and what is said about it.
fn bad_openings() -> Vec<(&'static str, String, u16, &'static str)> {
    let opening = |body: Value| body.to_string();
    vec![
        ("nothing", String::new(), 400, "The body is empty. Send JSON such as {\"service\": \"checkout\""),
        ("no JSON", "service=checkout".to_owned(), 400, "The body is no JSON object. Send JSON such as"),
        ("an array", "[\"checkout\", \"x\"]".to_owned(), 400, "The body is no JSON object."),
        ("a string", "\"checkout\"".to_owned(), 400, "The body is no JSON object."),
        ("truncated", "{\"service\": \"checkout\", \"ti".to_owned(), 400, "The body ends in the middle"),
        ("broken", "{\"service\": checkout}".to_owned(), 400, "The body can not be used: expected value at line 1"),
        ("two objects", "{\"service\":\"checkout\",\"title\":\"x\"}{}".to_owned(), 400, "trailing characters"),
        (
            "unknown field",
            opening(json!({ "service": "checkout", "title": "x", "urgency": "high" })),
            400,
            "unknown field `urgency`, expected one of `service`",
        ),
        ("no title", opening(json!({ "service": "checkout" })), 400, "missing field `title`"),
        ("title twice", "{\"service\":\"checkout\",\"title\":\"x\",\"title\":\"y\"}".to_owned(), 400, "duplicate field `title`"),
        (
            "title of a wrong type",
            opening(json!({ "service": "checkout", "title": 5 })),
            400,
            "invalid type: integer `5`, expected a string",
        ),
        ("service of a wrong type", opening(json!({ "service": ["checkout"], "title": "x" })), 400, "invalid type: sequence"),
        ("empty title", opening(json!({ "service": "checkout", "title": "  " })), 400, "title must have 1 to 160 characters."),
        ("a title that shows nothing", opening(json!({ "service": "checkout", "title": "\u{0}\n\u{202e}" })), 400, "title must have 1 to"),
        ("long title", opening(json!({ "service": "checkout", "title": "長".repeat(161) })), 400, "title must have 1 to 160 characters."),
        (
            "unknown severity",
            opening(json!({ "service": "checkout", "title": "x", "severity": "fatal" })),
            400,
            "unknown variant `fatal`, expected one of",
        ),
        ("unknown priority", opening(json!({ "service": "checkout", "title": "x", "priority": "P1" })), 400, "unknown variant `P1`"),
        (
            "long dedup key",
            opening(json!({ "service": "checkout", "title": "x", "dedup_key": "k".repeat(513) })),
            400,
            "it is longer than 512 bytes",
        ),
        ("empty dedup key", opening(json!({ "service": "checkout", "title": "x", "dedup_key": "" })), 400, "it is empty"),
        ("deeply nested", format!("{{\"service\": {}", "[".repeat(10_000)), 400, "The body can not be used"),
        ("a lone surrogate", "{\"service\":\"checkout\",\"title\":\"\\ud800\"}".to_owned(), 400, "The body can not be used"),
        (
            "1 MB",
            opening(json!({ "service": "checkout", "title": "x", "details": "d".repeat(1_000_000) })),
            413,
            "The body is longer than 64 KB.",
        ),
    ]
}

#[tokio::test]
async fn a_bad_opening_opens_nothing_and_says_why() {
    let bench = Bench::new().await;
    let writes = bench.writes();
    for (name, body, status, said) in bad_openings() {
        let reply = bench.send(Ask::post("/incidents").token().body(body)).await;
        assert_eq!(reply.status, status, "{name}: {}", reply.body);
        assert!(reply.message().contains(said), "{name}: {}", reply.body);
    }
    let not_utf8 = Ask::post("/incidents").token().base64("/////w==");
    assert!(bench.send(not_utf8).await.expect(400, &[]).message().contains("not UTF-8"));
    let not_base64 = Ask::post("/incidents").token().base64("§");
    assert!(bench.send(not_base64).await.expect(400, &[]).message().contains("Base64"));
    for key in ["", "鐘", &"k".repeat(256)] {
        let reply = bench.send(Ask::post("/incidents").token().key(key).json(&json!({ "service": "checkout", "title": "x" }))).await;
        assert!(reply.expect(400, &[]).message().contains("Idempotency-Key must have"), "{key}");
    }
    assert_eq!(bench.writes(), writes);
}

#[tokio::test]
async fn json_is_json_whatever_its_content_type_says() {
    let bench = Bench::new().await;
    let body = json!({ "service": "checkout", "title": "半鐘" }).to_string();
    let ask = Ask::post("/incidents").token().header("content-type", "application/x-www-form-urlencoded").body(format!("\n {body}"));
    let opened = bench.send(ask).await.expect(201, &[]).json();
    assert_eq!(opened["incident"]["title"], "半鐘");
    let lines = Ask::post("/incidents").token().json(&json!({ "service": "checkout", "title": " down:\r\n\tpay\u{7}ments " }));
    assert_eq!(bench.send(lines).await.json()["incident"]["title"], "down: pay ments", "a title is one line");
}

#[tokio::test]
async fn a_bad_action_changes_nothing_and_says_why() {
    let bench = Bench::new().await;
    let id = bench.alarm("checkout-5xx").await;
    let (state, writes) = (bench.state(id).await, bench.writes());
    for (action, body, status, said) in [
        ("acknowledge", "{\"by\": \"aiko\"}", 400, "unknown field `by`, expected `user`"),
        ("acknowledge", "{\"user\": 5}", 400, "invalid type"),
        ("acknowledge", "{\"user\": \"\"}", 400, "it is empty"),
        ("acknowledge", "{\"user\": \"nobody-knows\"}", 422, "There is no user nobody-knows."),
        ("resolve", "nonsense", 400, "no JSON object"),
        ("reopen", "{", 400, "ends in the middle"),
        ("snooze", "", 400, "The body is empty. Send JSON such as {\"minutes\": 60}"),
        ("snooze", "{}", 400, "either minutes or until"),
        ("snooze", "{\"minutes\": 5, \"until\": \"2026-11-21T00:00:00Z\"}", 400, "either minutes or until"),
        ("snooze", "{\"minutes\": -5}", 400, "expected u32"),
        ("snooze", "{\"minutes\": 1e99}", 400, "expected u32"),
        ("snooze", "{\"until\": \"tomorrow\"}", 400, "The body can not be used"),
        ("reassign", "{\"to\": []}", 400, "to must name 1 to 20 targets."),
        ("reassign", "{\"to\": [\"ben\"]}", 400, "write user/NAME, schedule/NAME, team/NAME, webhook/NAME or channel/NAME"),
        ("reassign", "{\"to\": \"user/ben\"}", 400, "expected a sequence"),
        ("notes", "{\"text\": null}", 400, "invalid type: null"),
        ("notes", "{\"note\": \"x\"}", 400, "unknown field `note`, expected `text` or `user`"),
        ("explode", "{}", 404, "There is no such action. An incident takes acknowledge"),
    ] {
        let reply = bench.send(Ask::post(&format!("/incidents/{id}/{action}")).token().body(body)).await;
        assert_eq!(reply.status, status, "{action} {body}: {}", reply.body);
        assert!(reply.message().contains(said), "{action} {body}: {}", reply.body);
    }
    assert_eq!((bench.state(id).await, bench.writes()), (state, writes));
}

#[tokio::test]
async fn an_unknown_incident_is_said_to_be_one() {
    let bench = Bench::new().await;
    for id in ["01M41FF2X0MPJTB9D5MPJTB9D5", "1", "x%20y", "%F0%28", "半鐘"] {
        for ask in [Ask::get(&format!("/incidents/{id}")), Ask::post(&format!("/incidents/{id}/resolve"))] {
            let reply = bench.send(ask.token()).await.expect(404, &[]);
            assert!(reply.message().contains("There is no incident"), "{}", reply.body);
            assert!(reply.message().contains("GET /incidents?status=all"), "{}", reply.body);
        }
    }
}

#[tokio::test]
async fn a_bad_query_is_refused_with_what_is_meant() {
    let bench = Bench::new().await;
    for (path, said) in [
        ("/incidents?status=closed", "status is \"closed\"; it must be open or all."),
        ("/incidents?limit=0", "a number from 1 to 100"),
        ("/incidents?limit=101", "a number from 1 to 100"),
        ("/incidents?limit=many", "a number from 1 to 100"),
        ("/incidents?cursor=x", "give what the page before said"),
        ("/incidents?service=A%20B", "use lower-case letters"),
        ("/incidents?state=open", "unknown field `state`"),
        ("/incidents?status=open&status=all", "duplicate field"),
        ("/suppressed?day=yesterday", "write a day in UTC such as 2026-01-05."),
        ("/suppressed?day=2026-02-30", "write a day in UTC such as 2026-01-05."),
        ("/suppressed?day=9999-12-31T00", "write a day in UTC such as 2026-01-05."),
        ("/suppressed?date=2026-01-05", "unknown field `date`"),
    ] {
        let reply = bench.send(Ask::get(path).token()).await.expect(400, &[]);
        assert!(reply.message().contains(said), "{path}: {}", reply.body);
    }
}

#[tokio::test]
async fn what_is_nowhere_and_what_is_not_taken_says_so_to_whoever_asks() {
    let bench = Bench::new().await;
    bench.send(Ask::get("/nowhere")).await.expect(404, &["<html lang=\"en\">", "There is nothing here"]);
    bench.send(Ask::get("/nowhere").japanese()).await.expect(404, &["<html lang=\"ja\">", "ここには何もありません"]);
    bench.send(Ask::get("/")).await.expect_redirect("/app");
    bench.send(Ask::post("/i/x")).await.expect(405, &["This address can not be used like that"]);
    bench.send(Ask::new("DELETE", "/b/x").japanese()).await.expect(405, &["このアドレスはそのようには使えません"]);
    assert!(bench.send(Ask::get("/incidents/x/y/z").token()).await.expect(404, &[]).message().contains("/incidents/ID"));
    assert!(bench.send(Ask::new("DELETE", "/incidents").token()).await.expect(405, &[]).message().contains("does not take DELETE"));
    assert!(bench.send(Ask::get("/incidents/x/resolve").token()).await.expect(405, &[]).message().contains("POST acts"));
    assert!(bench.send(Ask::new("BREW", "/health")).await.expect(405, &[]).message().contains("does not take BREW"));
    assert!(bench.send(Ask::new("SP ACE", "/health")).await.expect(400, &[]).message().contains("the method is none"));
}

#[tokio::test]
async fn an_event_that_is_no_request_is_refused_with_what_is_expected() {
    let bench = Bench::new().await;
    let api = bench.machine.functions().api();
    for event in [json!({}), json!([]), json!({ "Records": [] }), json!({ "rawPath": 5 })] {
        let failure = api.handle(event).await.unwrap_err();
        assert!(failure.to_string().contains("payload format 2.0"), "{failure}");
    }
}
