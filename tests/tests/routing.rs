//! Rules in the whole system: an alert goes in, and where it comes out.
#![expect(clippy::unwrap_used, reason = "a story that can not go on has failed")]

#[path = "routing/aws_events.rs"]
mod aws_events;

use acceptance::{TEAM, World, alarm_event, incident_of, load, result_of, start};
use axum::{body::Body, http::Request};
use hansho_domain::{Event, PhaseName, Severity};
use hansho_store::Suppressed;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// The team with rules for all alerts, and rules of the service `checkout`.
fn with_rules(routes: &str, of_checkout: &str) -> String {
    let own = if of_checkout.is_empty() { String::new() } else { format!(", rules: {of_checkout}") };
    TEAM.replace("repage_every: 30m }", &format!("repage_every: 30m{own} }}")) + routes
}

async fn suppressed(world: &World) -> Vec<Suppressed> {
    world.machine.store().suppressed_on(world.now()).await.unwrap()
}

#[tokio::test]
async fn a_rule_reroutes_and_changes_an_alert_and_the_timeline_names_it() {
    let routes = r#"
routes:
  - name: payments
    if: body.alarmData.alarmName == "unclaimed-payments" && source.contains(":alarm:")
    then: { route: batch, severity: info, priority: SEV3, title: "支払い: {{ labels.alarm }}", labels: { area: payments } }
"#;
    let mut world = World::with(&with_rules(routes, "")).await;
    let answer = world.alarm("unclaimed-payments").await;
    let incident = world.incident(incident_of(&answer)).await;
    assert_eq!((incident.service.as_str(), incident.severity), ("batch", Severity::Info));
    assert_eq!(incident.title, "支払い: unclaimed-payments");
    assert_eq!(incident.labels.get("area"), Some("payments"));
    let (timeline, _) = world.machine.store().timeline(incident.id).await.unwrap();
    let Event::Opened { remark: Some(remark), .. } = &timeline[0].events[0] else { panic!("{timeline:?}") };
    assert!(remark.contains("rule payments: service catch-all -> batch, severity critical -> info"), "{remark}");
    // What the rules see of a payload does not depend on the way it came.
    let other = world.alarm("unclaimed-other").await;
    assert_eq!(world.incident(incident_of(&other)).await.service.as_str(), "catch-all");
    world.expect_texts(&["aiko", "ben", "chie"]);
    world.ok("unclaimed-other").await;
    world.ok("unclaimed-payments").await;
    assert!(world.open_incidents().await.is_empty());
    world.end().await;
}

#[tokio::test]
async fn a_suppressed_alert_pages_nobody_and_is_on_the_list_with_the_rule() {
    let own = r#"[{ name: dev, if: labels.alarm.contains("dev"), then: { suppress: 開発環境 } }]"#;
    let mut world = World::with(&with_rules("", own)).await;
    assert_eq!(result_of(&world.alarm("checkout-dev").await), "suppressed");
    world.expect_silence();
    let list = suppressed(&world).await;
    assert_eq!(list.len(), 1, "{list:?}");
    assert_eq!((list[0].rule.as_deref(), list[0].reason.as_str()), (Some("dev"), "rule dev: 開発環境"));
    assert_eq!(list[0].service.as_ref().map(|service| service.as_str()), Some("checkout"));
    // Its recovery ends nothing, and what is of no rule pages.
    world.ok("checkout-dev").await;
    world.alarm("checkout-prod").await;
    world.expect_texts(&["aiko"]);
    world.ok("checkout-prod").await;
    world.end().await;
}

#[tokio::test]
async fn a_paused_alert_that_clears_in_time_pages_nobody_and_one_that_does_not_pages_at_its_end() {
    let own = r#"[{ name: flapping, if: title.contains("flap"), then: { pause: 3m } }]"#;
    let mut world = World::with(&with_rules("", own)).await;
    let first = incident_of(&world.alarm("checkout-flap").await);
    World::is(&world.incident(first).await, PhaseName::Held);
    world.minutes(2).await;
    world.ok("checkout-flap").await;
    World::is(&world.incident(first).await, PhaseName::Resolved);
    world.minutes(10).await;
    world.expect_silence();

    let second = incident_of(&world.alarm("checkout-flap").await);
    // Repeats are counted, and the end of the pause stays where it was.
    for _ in 0..2 {
        world.minutes(1).await;
        assert_eq!(result_of(&world.alarm("checkout-flap").await), "repeated");
    }
    world.expect_silence();
    world.seconds(61).await;
    world.expect_texts(&["aiko"]);
    World::is(&world.incident(second).await, PhaseName::Triggered);
    world.ok("checkout-flap").await;
    world.end().await;
}

#[tokio::test]
async fn a_repeat_that_the_rule_is_not_for_any_more_ends_the_pause() {
    let own = r#"[{ name: quiet, if: severity == "warning", then: { pause: 30m } }]"#;
    let mut world = World::with(&with_rules("", own)).await;
    world.event(alarm_event("checkout-5xx").described("severity: warning").at(world.now()).build()).await;
    world.minutes(1).await;
    world.expect_silence();
    world.event(alarm_event("checkout-5xx").described("severity: critical").at(world.now()).build()).await;
    world.expect_texts(&["aiko"]);
    world.ok("checkout-5xx").await;
    world.end().await;
}

#[tokio::test]
async fn a_repeat_that_is_no_louder_and_that_no_rule_pauses_any_more_ends_the_pause() {
    let own = r#"[{ name: flapping, if: title.contains("flap"), then: { pause: 30m } }]"#;
    let mut world = World::with(&with_rules("", own)).await;
    let incident = incident_of(&world.alarm("checkout-flap").await);
    world.minutes(1).await;
    world.alarm("checkout-flap").await;
    World::is(&world.incident(incident).await, PhaseName::Held);
    world.configure(&with_rules("", "")).await;
    world.expect_silence();
    world.alarm("checkout-flap").await;
    World::is(&world.incident(incident).await, PhaseName::Triggered);
    world.expect_texts(&["aiko"]);
    // It is counted again from then on, and pages nobody anew.
    world.seconds(1).await;
    assert_eq!(result_of(&world.alarm("checkout-flap").await), "repeated");
    world.expect_silence();
    world.ok("checkout-flap").await;
    world.end().await;
}

#[tokio::test]
async fn firing_and_recovery_end_in_the_same_key() {
    let routes = r#"
routes:
  - { name: by-cluster, if: has(labels.cluster), then: { dedup_key: "cluster/{{ labels.cluster }}" }, continue: true }
  - { name: everything, if: true, then: { labels: { seen: "yes" } } }
"#;
    let mut world = World::with(&with_rules(routes, "")).await;
    let fire = |name: &str, world: &World| alarm_event(name).measured(json!({ "Cluster": "tokyo" })).at(world.now());
    let first = incident_of(&world.event(fire("checkout-a", &world).build()).await);
    assert_eq!(world.incident(first).await.dedup_key.as_str(), "cluster/tokyo");
    world.seconds(10).await;
    assert_eq!(
        result_of(&world.event(fire("checkout-b", &world).build()).await),
        "repeated",
        "another alarm of the cluster is the same trouble"
    );
    world.expect_texts(&["aiko"]);
    // A note finds it by the same key.
    world.seconds(10).await;
    assert_eq!(result_of(&world.event(fire("checkout-a", &world).no_data().build()).await), "noted");
    world.seconds(10).await;
    assert_eq!(result_of(&world.event(fire("checkout-b", &world).ok().build()).await), "resolved");
    World::is(&world.incident(first).await, PhaseName::Resolved);
    // A recovery that does not say what the rule asks for finds its alarm all the same.
    world.minutes(5).await;
    let second = incident_of(&world.event(fire("checkout-a", &world).build()).await);
    world.seconds(10).await;
    assert_eq!(result_of(&world.ok("checkout-a").await), "resolved");
    World::is(&world.incident(second).await, PhaseName::Resolved);
    world.minutes(3).await;
    world.sent();
    world.end().await;
}

#[tokio::test]
async fn a_rule_that_fails_and_one_for_a_service_that_is_gone_still_page() {
    let routes = r#"
routes:
  - { name: broken, if: body.missing.field == 1, then: { suppress: never } }
"#;
    let mut world = World::with(&with_rules(routes, "")).await;
    let id = incident_of(&world.alarm("checkout-5xx").await);
    world.expect_texts(&["aiko"]);
    let kept = world.machine.store().kept_alerts(id, None).await.unwrap().alerts;
    let trace = kept[0].trace.clone().unwrap();
    assert!(trace.contains("\"failed\"") && trace.contains("there is no `missing`"), "{trace}");
    // A payload that nobody can read pages whatever the rules say.
    world.configure(&with_rules("routes:\n  - { name: all, if: true, then: { suppress: quiet } }\n", "")).await;
    world.minutes(1).await;
    world.event(json!({ "hello": "world" })).await;
    world.expect_texts(&["aiko", "ben", "chie"]);
    assert_eq!(result_of(&world.alarm("checkout-other").await), "suppressed");
    for incident in world.open_incidents().await {
        world.ask(incident.id, "resolve", json!({}), "aiko").await;
    }
    world.end().await;
}

#[tokio::test]
async fn an_edit_of_the_rules_is_in_force_within_5_seconds() {
    let mut world = World::with(&with_rules("routes:\n  - { name: quiet, if: true, then: { suppress: tests } }\n", "")).await;
    assert_eq!(result_of(&world.alarm("checkout-a").await), "suppressed");
    world.configure(TEAM).await;
    world.alarm("checkout-b").await;
    world.expect_texts(&["aiko"]);
    world.ok("checkout-b").await;
    world.end().await;
}

#[tokio::test]
async fn without_rules_nothing_is_kept_beside_a_payload_but_where_it_is_from() {
    let mut world = World::new().await;
    let id = incident_of(&world.alarm("checkout-5xx").await);
    let kept = world.machine.store().kept_alerts(id, None).await.unwrap().alerts;
    assert_eq!((kept.len(), kept[0].trace.as_deref()), (1, None));
    assert!(kept[0].reading.as_deref().unwrap().len() < 120, "{kept:?}");
    world.expect_texts(&["aiko"]);
    world.ok("checkout-5xx").await;
    world.end().await;
}

#[tokio::test]
async fn the_list_of_suppressed_alerts_is_kept_as_long_as_configured() {
    let routes = "routes:\n  - { name: quiet, if: true, then: { suppress: tests } }\nretention: { suppressed: 7d }\n";
    let mut world = World::with(&with_rules(routes, "")).await;
    world.alarm("checkout-a").await;
    let entry = world.machine.store().suppressed_page(world.now(), None, 10).await.unwrap().entries.remove(0);
    let kept_until = world.now() + SignedDuration::from_hours(7 * 24);
    assert_eq!(entry.expires_at.map(|at| at.as_second()), Some(kept_until.as_second()));
    world.end().await;
}

/// What the API answers to a GET.
async fn read(world: &World, path: &str) -> Value {
    let (status, answer) = world.request(world.authorized(Request::get(path)).body(Body::empty()).unwrap()).await;
    assert_eq!(status, 200, "{path}: {answer}");
    serde_json::from_str(&answer).unwrap()
}

const QUIET: &str = "routes:\n  - { name: quiet, if: severity == \"info\", then: { suppress: worth knowing }, continue: true }\n";

#[tokio::test]
async fn suppressed_alerts_are_searched_for_and_one_is_made_an_incident_once() {
    // Days pass, and nothing in them is the sweeper's.
    let mut world = World::started(load(&with_rules(QUIET, "")), start(), SignedDuration::from_hours(12)).await;
    for (name, minutes) in [("checkout-a", 0), ("batch-b", 24 * 60), ("checkout-c", 24 * 60)] {
        world.minutes(minutes).await;
        let event = alarm_event(name).described("severity: info").at(world.now()).build();
        assert_eq!(result_of(&world.event(event).await), "suppressed");
    }
    let titles = |answer: &Value| {
        answer["suppressed"].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap()[..8].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(titles(&read(&world, "/suppressed").await), ["checkout"], "today");
    assert_eq!(titles(&read(&world, "/suppressed?rule=quiet").await), ["checkout", "batch-b:", "checkout"], "the newest first");
    assert_eq!(titles(&read(&world, "/suppressed?service=batch").await), ["batch-b:"]);
    assert_eq!(titles(&read(&world, "/suppressed?q=CHECKOUT-A&integration=cloudwatch").await), ["checkout"]);
    assert_eq!(titles(&read(&world, "/suppressed?q=nothing").await), [""; 0]);
    assert_eq!(titles(&read(&world, "/suppressed?rule=other").await), [""; 0]);
    assert_eq!(titles(&read(&world, "/suppressed?day=2026-11-21").await), ["batch-b:"]);
    // Page by page it is the same.
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = read(&world, &format!("/suppressed?rule=quiet&limit=1{cursor}")).await;
        paged.extend(titles(&answer));
        match answer["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(paged, ["checkout", "batch-b:", "checkout"]);
    // A page holds no more than was asked for, and nothing is left out between two of them.
    for number in 0..20 {
        let event = alarm_event(&format!("batch-{number:02}")).described("severity: info").at(world.now()).build();
        assert_eq!(result_of(&world.event(event).await), "suppressed");
    }
    let (mut lengths, mut alerts, mut cursor) = (Vec::new(), std::collections::BTreeSet::new(), String::new());
    loop {
        let answer = read(&world, &format!("/suppressed?q=batch&limit=7{cursor}")).await;
        let page = answer["suppressed"].as_array().unwrap();
        lengths.push(page.len());
        alerts.extend(page.iter().map(|one| one["alert"].as_str().unwrap().to_owned()));
        match answer["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!(lengths.iter().all(|length| *length <= 7) && lengths.iter().sum::<usize>() == 21 && alerts.len() == 21, "{lengths:?}");
    let (status, _) = world.request(world.authorized(Request::get("/suppressed?cursor=x")).body(Body::empty()).unwrap()).await;
    assert_eq!(status, 400);

    let one = read(&world, "/suppressed?service=batch&q=batch-b").await["suppressed"][0].clone();
    assert_eq!(one["decision"]["rules"][0]["rule"], "quiet");
    let path = format!("/suppressed/{}/{}", &one["received_at"].as_str().unwrap()[..10], one["alert"].as_str().unwrap());
    assert!(read(&world, &path).await["suppressed"]["raw"].as_str().unwrap().contains("batch-b"));
    world.expect_silence();
    let (status, answer) = world.post(&format!("{path}/open"), Some(json!({}))).await;
    assert_eq!(status, 201, "{answer}");
    let opened: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((&opened["result"], &opened["incident"]["service"]), (&json!("opened"), &json!("batch")));
    let (status, again) = world.post(&format!("{path}/open"), Some(json!({}))).await;
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!((status.as_u16(), &again["incident"]["id"]), (200, &opened["incident"]["id"]), "{again}");
    assert_eq!(read(&world, &path).await["suppressed"]["incident"], opened["incident"]["id"]);
    assert_eq!(world.open_incidents().await.len(), 1);
    let id = world.open_incident().await.id;
    let (timeline, _) = world.machine.store().timeline(id).await.unwrap();
    let Event::Opened { remark: Some(remark), .. } = &timeline[0].events[0] else { panic!("{timeline:?}") };
    assert!(remark.contains("it was suppressed at") && remark.contains("rule quiet"), "{remark}");
    // The recovery of its source ends it.
    world.minutes(1).await;
    world.ok("batch-b").await;
    assert!(world.open_incidents().await.is_empty());
    let (status, _) = world.post("/suppressed/2026-11-21/00000000000000000000000000000000/open", Some(json!({}))).await;
    assert_eq!(status, 404);
    world.sent();
    world.end().await;
}

/// The incident has the highest; a rule that is tried again has to be compared with what each alert said.
#[tokio::test]
async fn each_alert_of_a_period_is_given_with_its_own_severity() {
    let rules = "routes:\n  - { name: loud, if: 'title.contains(\"louder\")', then: { severity: error }, continue: true }\n";
    let mut world = World::with(&with_rules(rules, "")).await;
    for said in ["severity: warning", "severity: warning, louder", "severity: critical"] {
        world.event(alarm_event("checkout-a").described(said).at(world.now()).build()).await;
        world.minutes(1).await;
    }
    let answer = read(&world, "/alerts?from=2026-11-20T00:00:00Z").await;
    let severities: Vec<&str> =
        answer["alerts"].as_array().unwrap().iter().map(|alert| alert["outcome"]["severity"].as_str().unwrap()).collect();
    assert!(severities.contains(&"warning") && severities.contains(&"critical"), "{severities:?}");
    world.ok("checkout-a").await;
    world.sent();
    world.end().await;
}

#[tokio::test]
async fn every_alert_of_a_period_is_given_with_what_rules_need_to_be_tried_again() {
    let mut world = World::with(&with_rules(QUIET, "")).await;
    let id = incident_of(&world.alarm("checkout-a").await);
    world.minutes(1).await;
    world.event(alarm_event("batch-b").described("severity: info").at(world.now()).build()).await;
    world.minutes(1).await;
    world.ok("checkout-a").await;
    let shown = read(&world, &format!("/incidents/{id}/alerts")).await;
    assert_eq!(shown["alerts"].as_array().unwrap().len(), 2, "the alert and what ended it: {shown}");
    assert_eq!(shown["alerts"][1]["decision"]["rules"][0]["result"], "passed");
    let (mut alerts, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = read(&world, &format!("/alerts?from=2026-11-20T00:00:00Z{cursor}")).await;
        alerts.extend(answer["alerts"].as_array().unwrap().clone());
        match answer["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(alerts.len(), 2, "a recovery is no alert: {alerts:#?}");
    assert_eq!((alerts[0]["incident"].as_str(), &alerts[0]["outcome"]["service"]), (Some(id.to_string().as_str()), &json!("checkout")));
    assert_eq!(alerts[1]["suppressed"]["rule"], "quiet");
    for (alert, name) in alerts.iter().zip(["checkout-a", "batch-b"]) {
        assert_eq!(alert["reading"]["subject"]["labels"]["alarm"], name);
        assert!(alert["reading"]["event"]["source"].as_str().unwrap().ends_with(name), "{alert}");
        assert!(alert["raw"].as_str().unwrap().contains(name));
    }
    world.sent();
    world.end().await;
}
