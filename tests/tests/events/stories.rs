//! Alerts, acknowledgements and resolutions by event.

use acceptance::World;
use axum::{body::Body, http::Request};
use hansho_domain::{Actor, Event, IntegrationId, Phase, PhaseName, Urgency};
use serde_json::{Value, json};

use crate::bench::{calm, configuration, enqueue, event, new_key, post, shop, suppressed, trigger};

#[tokio::test]
async fn an_event_pages_an_acknowledgement_by_event_ends_the_pages_and_a_resolution_ends_the_incident() {
    let (mut world, key) = shop().await;
    let heard = enqueue(&world, &trigger(&key, "pay")).await;
    assert_eq!(heard.body, json!({ "status": "success", "message": "Event processed", "dedup_key": "pay" }));
    assert_eq!(heard.status, 202);
    assert!(world.expect_texts(&["aiko"])[0].text.contains("Payments"));
    let opened = world.open_incident().await;
    assert_eq!((opened.integration.as_str(), opened.service.as_str(), opened.title.as_str()), ("shop", "checkout", "Payments fail"));

    enqueue(&world, &event(&key, "acknowledge", "pay")).await.is_accepted();
    let incident = world.open_incident().await;
    let shop = Actor::Integration(IntegrationId::new("shop").unwrap());
    assert_eq!(incident.phase, Phase::Acknowledged { by: vec![shop] });
    // Once more changes nothing, and is on the list.
    enqueue(&world, &event(&key, "acknowledge", "pay")).await.is_accepted();
    let unchanged = format!("it changes nothing: incident {} is as it says already", incident.id);
    assert_eq!((suppressed(&world).await, world.open_incident().await.version), (vec![unchanged], incident.version));
    world.minutes(20).await;
    world.expect_silence();

    // What comes in again does not wake anybody whom the acknowledgement let sleep.
    enqueue(&world, &trigger(&key, "pay")).await.is_accepted();
    World::is(&world.open_incident().await, PhaseName::Acknowledged);
    assert_eq!(world.machine.store().repeats(&incident).await.unwrap(), 1);

    enqueue(&world, &event(&key, "resolve", "pay")).await.is_accepted();
    World::is(&world.incident(opened.id).await, PhaseName::Resolved);
    assert_eq!(suppressed(&world).await.len(), 1, "the second acknowledgement");
    world.end().await;
}

#[tokio::test]
async fn events_count_in_the_order_in_which_they_come_in_also_within_one_millisecond() {
    let (world, key) = shop().await;
    let mut ids = Vec::new();
    // The clock stands still; the times that senders write down do not matter.
    for timestamp in ["2031-01-01T00:00:00Z", "2020-01-01T00:00:00Z", "yesterday"] {
        let mut fired = trigger(&key, "flapping");
        fired["payload"]["timestamp"] = json!(timestamp);
        enqueue(&world, &fired).await.is_accepted();
        ids.push(world.open_incident().await.id);
        enqueue(&world, &event(&key, "resolve", "flapping")).await.is_accepted();
        World::is(&world.incident(ids[ids.len() - 1]).await, PhaseName::Resolved);
    }
    ids.dedup();
    assert_eq!(ids.len(), 3, "each trigger after a resolution is a new incident: {ids:?}");
    assert_eq!(suppressed(&world).await, [""; 0]);
    calm(world).await;
}

#[tokio::test]
async fn what_acknowledges_or_resolves_nothing_is_accepted_and_on_the_list_of_suppressed_alerts() {
    let (world, key) = shop().await;
    for action in ["acknowledge", "resolve"] {
        let heard = enqueue(&world, &event(&key, action, "nothing")).await;
        assert_eq!(heard.is_accepted(), "nothing");
    }
    assert_eq!(world.open_incidents().await.len(), 0);
    let mut reasons = suppressed(&world).await;
    reasons.sort();
    assert_eq!(
        reasons,
        [
            "acknowledged by its source: no incident with its dedup key is open",
            "resolved by its source: no incident with its dedup key is open"
        ]
    );
    // It did not overtake anything: a trigger after it is news.
    enqueue(&world, &trigger(&key, "nothing")).await.is_accepted();
    assert_eq!(world.open_incidents().await.len(), 1);
    calm(world).await;
}

#[tokio::test]
async fn an_event_without_a_dedup_key_is_told_the_one_it_got_and_sent_again_it_pages_nobody_twice() {
    let (mut world, key) = shop().await;
    let mut fired = trigger(&key, "");
    let given = enqueue(&world, &fired).await.is_accepted().to_owned();
    assert_eq!(given.len(), 32);
    world.expect_texts(&["aiko"]);
    fired["dedup_key"] = Value::Null;
    assert_eq!(enqueue(&world, &fired).await.is_accepted(), given, "a client that did not hear the answer sends it again");
    world.expect_silence();
    fired["payload"]["summary"] = json!("Something else");
    assert_ne!(enqueue(&world, &fired).await.is_accepted(), given);
    assert_eq!(world.open_incidents().await.len(), 2);
    enqueue(&world, &event(&key, "resolve", &given)).await.is_accepted();
    assert_eq!(world.open_incidents().await.len(), 1);
    calm(world).await;
}

/// `routing_key` is a word of message brokers too, and what looks like a key there may be the name of a queue.
#[tokio::test]
async fn a_field_of_the_same_name_as_the_key_makes_no_two_troubles_one() {
    let (mut world, key) = shop().await;
    let backlog = |dedup_key: &str, queue: &str| {
        let mut fired = trigger(&key, dedup_key);
        fired["payload"]["custom_details"] = json!({ "routing_key": queue });
        fired
    };
    let queues = ["orders-payments-high", "orders-refunds-lowest", "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"];
    for queue in queues {
        let given = enqueue(&world, &backlog("", queue)).await.is_accepted().to_owned();
        let named = format!("backlog {queue}");
        assert_eq!(enqueue(&world, &backlog(&named, queue)).await.is_accepted(), named);
        assert_eq!(world.open_incidents().await.len(), 2, "{queue}");
        for dedup_key in [given, named] {
            enqueue(&world, &event(&key, "resolve", &dedup_key)).await.is_accepted();
        }
        assert!(world.open_incidents().await.is_empty(), "{queue}");
    }
    for queue in queues {
        enqueue(&world, &backlog("", queue)).await.is_accepted();
    }
    assert_eq!(world.open_incidents().await.len(), queues.len());
    world.seconds(60).await;
    assert!(!world.sent().is_empty());
    calm(world).await;
}

#[tokio::test]
async fn a_dedup_key_counts_within_its_integration_and_a_louder_event_raises_the_severity() {
    let (mut world, key) = shop().await;
    let other = new_key(&mut world, "other").await;
    enqueue(&world, &trigger(&key, "disk")).await.is_accepted();
    world.expect_texts(&["aiko"]);
    let mut quiet = trigger(&other, "disk");
    quiet["payload"]["severity"] = json!("warning");
    enqueue(&world, &quiet).await.is_accepted();
    assert_eq!(world.open_incidents().await.len(), 2);
    world.sent();
    for (severity, urgency) in [("info", Urgency::Low), ("ERROR", Urgency::High), ("warning", Urgency::High)] {
        quiet["payload"]["severity"] = json!(severity);
        enqueue(&world, &quiet).await.is_accepted();
        let open = world.open_incidents().await;
        let batch = open.iter().find(|incident| incident.service.as_str() == "batch").unwrap();
        assert_eq!((open.len(), batch.urgency), (2, urgency), "{severity}");
    }
    world.seconds(60).await;
    assert!(!world.sent().is_empty(), "an error wakes somebody");
    for key in [&key, &other] {
        enqueue(&world, &event(key, "resolve", "disk")).await.is_accepted();
    }
    world.end().await;
}

#[tokio::test]
async fn what_an_event_says_besides_is_kept_for_people_and_for_rules() {
    let (world, key) = shop().await;
    let mut fired = trigger(&key, "pay");
    fired["payload"]["component"] = json!("gateway");
    fired["payload"]["group"] = json!("prod");
    fired["payload"]["class"] = json!("deploy");
    fired["payload"]["custom_details"] =
        json!({ "Env": "prod", "queue": 17, "stack": ["a", "b"], "runbook": "https://runbooks.example.com/pay" });
    fired["client"] = json!("Shop monitor");
    fired["client_url"] = json!("https://monitor.example.com/pay");
    enqueue(&world, &fired).await.is_accepted();
    let incident = world.open_incident().await;
    for (label, value) in
        [("source", "pay-1"), ("component", "gateway"), ("group", "prod"), ("class", "deploy"), ("env", "prod"), ("queue", "17")]
    {
        assert_eq!(incident.labels.get(label), Some(value), "{label}");
    }
    assert!(incident.details.starts_with("source: pay-1\ncomponent: gateway\ngroup: prod\nclass: deploy\n"), "{}", incident.details);
    assert!(incident.details.contains("queue: 17") && incident.details.contains(r#"stack: ["a","b"]"#), "{}", incident.details);
    assert_eq!(incident.runbook.as_deref(), Some("https://runbooks.example.com/pay"));
    assert_eq!(incident.link.as_deref(), Some("https://monitor.example.com/pay"));
    let raw = world.machine.store().raw_alerts(incident.id).await.unwrap();
    assert!(raw[0].contains("Shop monitor") && !raw[0].contains(&key), "the event is kept, and not its key: {raw:?}");
    calm(world).await;
}

#[tokio::test]
async fn links_and_images_are_on_the_incidents_page_and_what_is_no_https_address_is_nowhere() {
    let (world, key) = shop().await;
    let mut fired = trigger(&key, "pay");
    fired["client"] = json!("Shop monitor");
    fired["client_url"] = json!("https://monitor.example.com/pay");
    fired["links"] = json!([
        { "href": "https://graphs.example.com/1", "text": "<b>Latency</b>" },
        { "href": "javascript:alert(1)", "text": "evil" },
        { "href": "http://plain.example.com", "text": "plain" },
        { "text": "no address" },
        "no link",
    ]);
    fired["images"] = json!([{ "src": "https://graphs.example.com/1.png", "href": "https://graphs.example.com/2", "alt": "queue" }]);
    enqueue(&world, &fired).await.is_accepted();
    let (status, page) = world.get(&world.link_of("aiko")).await;
    assert_eq!(status.as_u16(), 200);
    for shown in [
        r#"href="https://monitor.example.com/pay""#,
        r#"href="https://graphs.example.com/1""#,
        r#"href="https://graphs.example.com/1.png""#,
        r#"href="https://graphs.example.com/2""#,
        "&lt;b&gt;Latency",
        "Shop monitor",
        "リンクと画像のうち2件は、httpsのアドレスではないため省きました",
    ] {
        assert!(page.replace("&#x2f;", "/").contains(shown), "{shown} is not in {page}");
    }
    for hidden in ["javascript", "plain.example.com", "<b>", "<img"] {
        assert!(!page.contains(hidden), "{hidden} is in {page}");
    }
    calm(world).await;
}

#[tokio::test]
async fn details_that_are_no_object_are_kept_too() {
    let (world, key) = shop().await;
    for (number, details) in [json!("it is broken"), json!(["a", 1]), json!(true), json!(1.5)].into_iter().enumerate() {
        let mut fired = trigger(&key, &number.to_string());
        fired["payload"]["custom_details"] = details.clone();
        enqueue(&world, &fired).await.is_accepted();
        let kept = details.as_str().map_or_else(|| details.to_string(), str::to_owned);
        assert!(world.open_incidents().await.iter().any(|incident| incident.details.contains(&kept)), "{details}");
    }
    calm(world).await;
}

#[tokio::test]
async fn version_1_of_the_events_api_pages_acknowledges_and_resolves() {
    let (mut world, key) = shop().await;
    let v1 = async |world: &World, event: Value| {
        post(world, Request::post("/generic/2010-04-15/create_event.json").body(Body::from(event.to_string())).unwrap()).await
    };
    let fired = json!({
        "service_key": key, "event_type": "trigger", "description": "FAILURE for production", "incident_key": "srv01/HTTP",
        "client": "Monitor", "client_url": "https://monitor.example.com", "details": { "ping time": "1500ms" },
    });
    let heard = v1(&world, fired.clone()).await;
    assert_eq!(heard.body, json!({ "status": "success", "message": "Event processed", "incident_key": "srv01/HTTP" }));
    assert_eq!(heard.status, 200);
    world.expect_texts(&["aiko"]);
    assert!(world.open_incident().await.details.contains("ping time: 1500ms"));
    assert_eq!(v1(&world, fired).await.status, 200);
    let both = |kind: &str| json!({ "service_key": key, "event_type": kind, "incident_key": "srv01/HTTP" });
    assert_eq!(v1(&world, both("acknowledge")).await.status, 200);
    World::is(&world.open_incident().await, PhaseName::Acknowledged);
    // Both versions mean the same trouble by the same key.
    enqueue(&world, &event(&key, "resolve", "srv01/HTTP")).await.is_accepted();
    assert_eq!(world.open_incidents().await.len(), 0);
    let heard = v1(&world, json!({ "service_key": key, "event_type": "trigger" })).await;
    assert_eq!(heard.errors(), ["'description' is missing or blank"]);
    let heard = v1(&world, json!({ "service_key": key, "event_type": "resolve" })).await;
    assert_eq!(heard.errors(), ["'incident_key' is missing or blank"]);
    world.end().await;
}

#[tokio::test]
async fn an_integration_that_names_no_service_and_one_that_was_removed_page_by_the_catch_all_service() {
    let mut world = World::with(&configuration()).await;
    let (anything, shop) = (new_key(&mut world, "anything").await, new_key(&mut world, "shop").await);
    enqueue(&world, &trigger(&anything, "a")).await.is_accepted();
    let incident = world.open_incident().await;
    assert_eq!(incident.service.as_str(), "catch-all");
    assert!(!world.sent().is_empty());
    world.configure(acceptance::TEAM).await;
    enqueue(&world, &trigger(&shop, "b")).await.is_accepted();
    let orphan = world.open_incidents().await.into_iter().find(|open| open.id != incident.id).unwrap();
    assert_eq!(orphan.service.as_str(), "catch-all");
    let (timeline, _) = world.machine.store().timeline(orphan.id).await.unwrap();
    let remark = timeline.iter().flat_map(|entry| &entry.events).find_map(|event| match event {
        Event::Opened { remark, .. } => remark.clone(),
        _ => None,
    });
    let remark = remark.unwrap();
    assert!(remark.contains("integration shop, which the configuration does not have any more"), "{remark}");
    assert!(remark.contains("hansho integration key revoke shop "), "{remark}");
    calm(world).await;
}
