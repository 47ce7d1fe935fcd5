//! What is no event: the right status, a sentence that says what is wrong, and nothing that is dropped in silence.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use crate::bench::{Heard, calm, enqueue, event, post, shop, suppressed, trigger};

async fn raw(world: &acceptance::World, key: &str, body: impl Into<Body>) -> Heard {
    post(world, Request::post("/v2/enqueue").header("x-routing-key", key).body(body.into()).unwrap()).await
}

/// A change of a good trigger, and everything that is said about it.
type Mistake = (fn(&mut Value), Vec<String>);

fn mistakes() -> Vec<Mistake> {
    let said = |text: &str| vec![text.to_owned()];
    vec![
        (
            |e| e["event_action"] = json!("fire"),
            said("'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')"),
        ),
        (|e| e["event_action"] = json!(7), said("'event_action' is invalid (must be text)")),
        (|e| e["event_action"] = json!(""), said("'event_action' is missing or blank")),
        (
            |e| e["payload"]["severity"] = json!("bad"),
            said("'payload.severity' is invalid (must be one of the following: 'critical', 'error', 'warning' or 'info')"),
        ),
        (|e| e["payload"] = json!("broken"), said("'payload' is invalid (must be an object)")),
        (|e| e["payload"] = Value::Null, said("'payload' is missing or blank")),
        (|e| e["payload"]["summary"] = json!(" \n"), said("'payload.summary' is missing or blank")),
        (|e| e["payload"]["summary"] = json!("あ".repeat(1_025)), said("'payload.summary' is too long (1025 characters; at most 1024)")),
        (|e| e["dedup_key"] = json!("あ".repeat(256)), said("'dedup_key' is too long (256 characters; at most 255)")),
        (|e| e["dedup_key"] = json!({}), said("'dedup_key' is invalid (must be text)")),
        (
            |e| e["payload"] = json!({}),
            ["summary", "source", "severity"].map(|name| format!("'payload.{name}' is missing or blank")).to_vec(),
        ),
    ]
}

#[tokio::test]
async fn a_mistake_in_an_event_is_answered_with_its_name_and_written_down() {
    let (world, key) = shop().await;
    for (number, (change, expected)) in mistakes().into_iter().enumerate() {
        let mut fired = trigger(&key, "pay");
        change(&mut fired);
        assert_eq!(enqueue(&world, &fired).await.errors(), expected);
        let reasons = suppressed(&world).await;
        assert_eq!(reasons.len(), number + 1, "{reasons:?}");
        assert!(reasons.contains(&format!("refused: {}", expected.join("; "))), "{reasons:?}");
        // Sent again, it is the same.
        enqueue(&world, &fired).await.errors();
        assert_eq!(suppressed(&world).await.len(), number + 1);
    }
    for action in ["acknowledge", "resolve"] {
        assert_eq!(enqueue(&world, &event(&key, action, "")).await.errors(), ["'dedup_key' is missing or blank"]);
    }
    assert_eq!(world.open_incidents().await.len(), 0);
    world.end().await;
}

#[tokio::test]
async fn what_a_refused_event_is_about_is_found_on_the_list_and_an_incident_made_of_it_shows_what_came() {
    let (mut world, key) = shop().await;
    let mut fired = trigger(&key, "pay");
    fired["payload"]["severity"] = json!("bad");
    enqueue(&world, &fired).await.errors();
    let (_, answer) = world.request(world.authorized(Request::get("/suppressed?q=payments%20FAIL")).body(Body::empty()).unwrap()).await;
    let listed: Value = serde_json::from_str(&answer).unwrap();
    let one = &listed["suppressed"][0];
    assert_eq!(one["title"], "event that can not be used: Payments fail");
    let path = format!("/suppressed/{}/{}/open", &one["received_at"].as_str().unwrap()[..10], one["alert"].as_str().unwrap());
    let (status, _) = world.post(&path, Some(json!({}))).await;
    assert_eq!(status, 201);
    let incident = world.open_incident().await;
    assert_eq!(incident.service.as_str(), "checkout");
    assert!(incident.details.contains("\"severity\":\"bad\"") && !incident.details.contains(&key), "{}", incident.details);
    world.expect_texts(&["aiko"]);
    calm(world).await;
}

#[tokio::test]
async fn what_is_at_the_limits_pages() {
    let (world, key) = shop().await;
    let mut fired = trigger(&key, &"あ".repeat(255));
    fired["payload"]["summary"] = json!("あ".repeat(1_024));
    fired["payload"]["source"] = json!("\u{0}\u{7}db\u{202e}");
    fired["payload"]["custom_details"] = json!({ "n": u64::MAX, "big": 1e300, "text": "a".repeat(100_000) });
    let heard = enqueue(&world, &fired).await;
    assert_eq!(heard.is_accepted(), "あ".repeat(255));
    let incident = world.open_incident().await;
    assert!(incident.details.chars().count() <= 1_000 && !incident.details.contains(['\u{0}', '\u{202e}']), "{}", incident.details);
    enqueue(&world, &event(&key, "resolve", &"あ".repeat(255))).await.is_accepted();
    assert_eq!(world.open_incidents().await.len(), 0);
    for dedup_key in ["a\u{0}b", "line\nbreak", " ", "\u{202e}"] {
        let given = enqueue(&world, &trigger(&key, dedup_key)).await.is_accepted().to_owned();
        enqueue(&world, &event(&key, "resolve", &given)).await.is_accepted();
        assert_eq!(world.open_incidents().await.len(), 0, "{dedup_key:?}");
    }
    calm(world).await;
}

#[tokio::test]
async fn a_body_that_is_no_event_is_refused_whatever_it_says_it_is_and_written_down_where_the_key_is_known() {
    let (world, key) = shop().await;
    let deep = format!("{{\"payload\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let bodies: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"   ".to_vec(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"\"text\"".to_vec(),
        b"{".to_vec(),
        b"{\"event_action\":\"trigger\"".to_vec(),
        b"summary=down&severity=critical".to_vec(),
        b"<alarm/>".to_vec(),
        b"{\"a\": 1e999}".to_vec(),
        b"{\"a\": \"\xff".to_vec(),
        vec![0; 1_000],
        deep.into_bytes(),
    ];
    for body in bodies {
        for content_type in [None, Some("application/json"), Some("text/plain"), Some("application/x-www-form-urlencoded")] {
            let before = suppressed(&world).await.len();
            let mut request = Request::post("/v2/enqueue");
            if let Some(content_type) = content_type {
                request = request.header("content-type", content_type);
            }
            let anonymous = post(&world, request.body(Body::from(body.clone())).unwrap()).await;
            assert_eq!(anonymous.errors().len(), 1, "{anonymous:?}");
            assert_eq!(suppressed(&world).await.len(), before, "nobody knows whose it is");
        }
        let before = suppressed(&world).await.len();
        let heard = raw(&world, &key, body.clone()).await;
        assert!(heard.errors()[0].starts_with("The body is "), "{heard:?}");
        assert_eq!(suppressed(&world).await.len(), before + 1, "{}", String::from_utf8_lossy(&body[..body.len().min(50)]));
    }
    assert_eq!(world.open_incidents().await.len(), 0);
    world.end().await;
}

#[tokio::test]
async fn an_event_with_bytes_that_are_no_utf_8_with_half_a_character_with_a_mark_or_with_a_key_twice_pages() {
    let (world, key) = shop().await;
    let good = trigger(&key, "mark").to_string();
    let mut latin: Vec<u8> = trigger(&key, "latin").to_string().into_bytes();
    let place = latin.windows(8).position(|window| window == b"Payments").unwrap();
    latin[place] = 0xdf;
    let twice = good.replace("mark", "twice").replacen('{', "{\"event_action\":\"resolve\",", 1);
    let half = trigger(&key, "half").to_string().replace("Payments fail", "Payments fail \\ud83d");
    for body in [format!("\u{feff}{good}").into_bytes(), latin, twice.into_bytes(), half.into_bytes()] {
        post(&world, Request::post("/v2/enqueue").body(Body::from(body)).unwrap()).await.is_accepted();
    }
    let mut titles: Vec<String> = world.open_incidents().await.into_iter().map(|incident| incident.title).collect();
    titles.sort();
    assert_eq!(titles, ["Payments fail", "Payments fail", "Payments fail \u{fffd}", "\u{fffd}dfayments fail"]);
    calm(world).await;
}

#[tokio::test]
async fn names_in_another_character_set_are_told_apart_though_nobody_can_read_them() {
    let (world, key) = shop().await;
    // Half-width katakana in Shift_JIS.
    for letter in [0xb1, 0xb2, 0xb3, 0xb1] {
        let mut body: Vec<u8> = trigger(&key, "X-host").to_string().into_bytes();
        let place = body.windows(6).position(|window| window == b"X-host").unwrap();
        body[place] = letter;
        post(&world, Request::post("/v2/enqueue").body(Body::from(body)).unwrap()).await.is_accepted();
    }
    assert_eq!(world.open_incidents().await.len(), 3);
    calm(world).await;
}

#[tokio::test]
async fn an_event_of_512_kb_is_taken_and_a_longer_one_refused() {
    let (world, key) = shop().await;
    let sized = |bytes: usize| {
        let mut fired = trigger(&key, "large");
        fired["payload"]["custom_details"] = json!({ "fill": "" });
        let rest = bytes - fired.to_string().len();
        fired["payload"]["custom_details"]["fill"] = json!("a".repeat(rest));
        fired.to_string()
    };
    let (most, more) = (sized(512 * 1024), sized(512 * 1024 + 1));
    assert_eq!(most.len(), 524_288);
    raw(&world, &key, most).await.is_accepted();
    for path in ["/v2/enqueue", "/v2/change/enqueue", "/generic/2010-04-15/create_event.json"] {
        let heard = post(&world, Request::post(path).body(Body::from(more.clone())).unwrap()).await;
        assert_eq!((heard.status, &heard.body["status"]), (413, &json!("invalid event")), "{path}");
        assert!(heard.body["errors"][0].as_str().unwrap().contains("512 KB"));
    }
    let reasons = suppressed(&world).await;
    assert_eq!(reasons, ["refused: The event is longer than 512 KB. Send less; long texts belong behind a link."], "under a key it knows");
    let get = post(&world, Request::get("/v2/enqueue").body(Body::empty()).unwrap()).await;
    assert_eq!(get.status, 405);
    calm(world).await;
}

#[tokio::test]
async fn a_summary_that_shows_nothing_pages_by_where_the_trouble_is() {
    let (world, key) = shop().await;
    let mut fired = trigger(&key, "pay");
    fired["payload"]["summary"] = json!("\u{0}\u{1b}");
    fired["payload"]["source"] = json!("db-1");
    enqueue(&world, &fired).await.is_accepted();
    assert_eq!(world.open_incident().await.title, "db-1");
    calm(world).await;
}

#[tokio::test]
async fn a_broken_event_with_a_known_key_in_it_is_written_down_and_no_key_is_kept_anywhere() {
    let (world, key) = shop().await;
    let escaped: String = key.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    for body in [format!(r#"{{"routing_key": "{key}", "event_action": "trigger", "#), format!(r#"{{"routing_key": "{escaped}", "#)] {
        post(&world, Request::post("/v2/enqueue").body(Body::from(body)).unwrap()).await.errors();
    }
    assert_eq!(suppressed(&world).await.len(), 2);
    let mut fired = trigger(&key, "pay");
    fired["payload"]["custom_details"] = json!({ "sent_with": key, "note": format!("key={key}") });
    enqueue(&world, &fired).await.is_accepted();
    let opened = world.open_incident().await;
    assert_eq!(opened.labels.get("sent_with"), Some("(key)"));
    let day = format!("SUPPRESSED#{}", world.now().strftime("%Y-%m-%d"));
    for partition in [format!("INCIDENT#{}", opened.id), day] {
        let stored = json!(world.items(&partition)).to_string();
        assert!(!stored.contains(&key) && !stored.contains(&escaped[..12]) && stored.contains("(key)"), "{partition}: {stored}");
    }
    calm(world).await;
}

/// A trigger that is no JSON for one reason, its key in the body.
fn unreadable(key: &str) -> Vec<(&'static str, Vec<u8>)> {
    let good = trigger(key, "pay").to_string();
    let with_details =
        |details: &str| good.replacen("\"payload\":{", &format!("\"payload\":{{\"custom_details\":{details},"), 1).into_bytes();
    let utf_16 = |bytes: fn(u16) -> [u8; 2], mark: &[u8]| [mark.to_vec(), good.encode_utf16().flat_map(bytes).collect()].concat();
    vec![
        ("control character", good.replace("Payments fail", "Payments\tfail\u{1}").into_bytes()),
        ("number out of range", with_details("1e999999")),
        ("recursion limit", with_details(&format!("{}{}", "[".repeat(200), "]".repeat(200)))),
        ("UTF-16", utf_16(u16::to_le_bytes, &[0xff, 0xfe])),
        ("UTF-16", utf_16(u16::to_be_bytes, &[0xfe, 0xff])),
        ("UTF-16", utf_16(u16::to_le_bytes, &[])),
        ("UTF-16", utf_16(u16::to_be_bytes, &[])),
    ]
}

#[tokio::test]
async fn a_trigger_that_is_no_json_is_refused_and_on_the_list_where_its_key_is_known() {
    let (world, key) = shop().await;
    for (number, (why, body)) in unreadable(&key).into_iter().enumerate() {
        let heard = post(&world, Request::post("/v2/enqueue").body(Body::from(body)).unwrap()).await;
        assert!(matches!(&heard.errors()[..], [error] if error.contains(why)), "{why}: {heard:?}");
        let reasons = suppressed(&world).await;
        // What came with and without a mark says the same.
        assert_eq!(reasons.len(), (number + 1).min(4), "{why}: {reasons:?}");
        assert!(reasons.iter().any(|reason| reason.starts_with("refused: The body is ") && reason.contains(why)), "{why}: {reasons:?}");
    }
    let day = format!("SUPPRESSED#{}", world.now().strftime("%Y-%m-%d"));
    let stored = json!(world.items(&day)).to_string();
    assert!(stored.contains("Payments fail") && !stored.contains(&key), "it is kept as text, without its key: {stored}");
    assert_eq!(world.open_incidents().await.len(), 0);
    world.end().await;
}

#[tokio::test]
async fn a_key_in_the_field_of_another_version_is_refused_with_the_address_that_is_meant_and_on_the_list() {
    let (world, key) = shop().await;
    let v1 = json!({ "service_key": key, "event_type": "trigger", "description": "Payments fail" });
    let change = json!({ "service_key": key, "payload": { "summary": "deploy" } });
    for (number, (path, body, said)) in [
        ("/generic/2010-04-15/create_event.json", trigger(&key, "pay"), "posted to /v2/enqueue"),
        ("/v2/enqueue", v1.clone(), "posted to /generic/2010-04-15/create_event.json"),
        ("/v2/change/enqueue", change, "not in 'service_key'"),
    ]
    .into_iter()
    .enumerate()
    {
        let heard = post(&world, Request::post(path).body(Body::from(body.to_string())).unwrap()).await;
        assert!(matches!(&heard.errors()[..], [error] if error.contains(said)), "{heard:?}");
        let reasons = suppressed(&world).await;
        assert_eq!(reasons.len(), number + 1, "{reasons:?}");
        assert!(reasons.iter().any(|reason| reason.starts_with("refused: ") && reason.contains(said)), "{reasons:?}");
        // Under a key that nobody knows it is told the same, and nobody's.
        let strange = body.to_string().replace(&key, &"0".repeat(32));
        let heard = post(&world, Request::post(path).body(Body::from(strange)).unwrap()).await;
        assert!(heard.errors()[0].contains(said), "{heard:?}");
        assert_eq!(suppressed(&world).await.len(), number + 1);
    }
    // A key beside the body opens, whatever the body calls another one.
    raw(&world, &key, trigger(&key, "pay").to_string().replace("routing_key", "service_key")).await.is_accepted();
    calm(world).await;
}
