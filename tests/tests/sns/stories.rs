//! Alarms and whatever else is published.

use acceptance::alarm_event;
use axum::http::StatusCode;
use hansho_domain::PhaseName;
use serde_json::{Value, json};

use crate::{
    amazon::Amazon,
    bench::{alarm, calm, configuration, send, signed, suppressed, text, world},
};
use acceptance::World;

#[tokio::test]
async fn an_alarm_pages_and_its_recovery_resolves() {
    let (mut world, _) = world().await;
    assert_eq!(send(&world, &alarm(&world, "1", "checkout-5xx", "ALARM")).await, StatusCode::OK);
    let incident = world.open_incident().await;
    assert_eq!(incident.service.as_str(), "checkout", "the service that claims it");
    world.expect_texts(&["aiko"]);
    world.minutes(1).await;
    assert_eq!(send(&world, &alarm(&world, "2", "checkout-5xx", "OK")).await, StatusCode::OK);
    World::is(&world.incident(incident.id).await, PhaseName::Resolved);
    calm(world).await;
}

#[tokio::test]
async fn an_alarm_that_nobody_claims_goes_to_the_service_of_the_integration() {
    let (mut world, _) = world().await;
    send(&world, &alarm(&world, "1", "orders-late", "ALARM")).await;
    let incident = world.open_incident().await;
    assert_eq!(incident.service.as_str(), "batch");
    let (_, told) = world
        .request(world.authorized(axum::http::Request::get(format!("/incidents/{}", incident.id))).body(axum::body::Body::empty()).unwrap())
        .await;
    assert!(!told.contains("no service claims"), "{told}");
    world.expect_texts(&["aiko"]);
    calm(world).await;
}

#[tokio::test]
async fn an_alarm_that_comes_by_two_ways_is_one() {
    let (mut world, _) = world().await;
    world.event(alarm_event("checkout-5xx").at(world.now()).build()).await;
    world.expect_texts(&["aiko"]);
    assert_eq!(send(&world, &alarm(&world, "1", "checkout-5xx", "ALARM")).await, StatusCode::OK);
    assert_eq!(world.open_incidents().await.len(), 1);
    world.expect_silence();
    calm(world).await;
}

#[tokio::test]
async fn a_message_that_is_no_alarm_pages_with_its_subject() {
    let (mut world, _) = world().await;
    assert_eq!(send(&world, &text(&world, "1", "RDS Notification\u{7}", "The instance orders-db\nwas restarted.")).await, StatusCode::OK);
    let incident = world.open_incident().await;
    assert_eq!((incident.service.as_str(), incident.title.as_str()), ("batch", "RDS Notification"));
    world.expect_texts(&["aiko"]);
    // Another message of the subject is counted, and what it said is kept.
    world.minutes(1).await;
    assert_eq!(send(&world, &text(&world, "2", "RDS Notification", "The instance users-db was restarted.")).await, StatusCode::OK);
    assert_eq!(world.open_incidents().await.len(), 1);
    let kept = json!(world.items(&format!("INCIDENT#{}", incident.id))).to_string();
    assert!(kept.contains("orders-db") && kept.contains("users-db"), "{kept}");
    // What is about something else is another trouble.
    assert_eq!(send(&world, &text(&world, "3", "AWS Budgets", "Exceeded.")).await, StatusCode::OK);
    assert_eq!(world.open_incidents().await.len(), 2);
    calm(world).await;
}

#[tokio::test]
async fn a_message_that_sns_sends_again_is_the_same_signal_also_when_it_is_over() {
    let (mut world, _) = world().await;
    let message = text(&world, "1", "Backup failed", "disk full");
    for _ in 0..3 {
        assert_eq!(send(&world, &message).await, StatusCode::OK);
    }
    world.expect_texts(&["aiko"]);
    let incident = world.open_incident().await.id;
    world.minutes(1).await;
    world.ask(incident, "resolve", json!({}), "aiko").await;
    assert_eq!(send(&world, &message).await, StatusCode::OK);
    assert_eq!(world.open_incidents().await.len(), 0, "what is over is not opened again");
    // And a new one is new.
    assert_eq!(send(&world, &text(&world, "2", "Backup failed", "disk full")).await, StatusCode::OK);
    assert_ne!(world.open_incident().await.id, incident);
    calm(world).await;
}

#[tokio::test]
async fn what_has_no_subject_is_told_by_what_it_is() {
    let (world, _) = world().await;
    let task = json!({ "detail-type": "ECS Task State Change", "source": "aws.ecs", "resources": [], "detail": { "stopCode": "x" } });
    for (id, message, title) in [
        ("1", task.to_string(), "ECS Task State Change aws.ecs"),
        ("2", "\n  \nqueue is stuck\nsince noon".to_owned(), "queue is stuck"),
        ("3", "[1,2]".to_owned(), "[1,2]"),
        ("5", "{\n  \"title\": \"Orders are stuck\",\n  \"queue\": 1\n}".to_owned(), "Orders are stuck"),
        ("6", "{\n  \"title\": \"Orders are stuck\",\n  \"queue\": 2\n}".to_owned(), "Orders are stuck"),
        ("7", "{\n  \"queue\": 3\n}".to_owned(), "{ \"queue\": 3 }"),
        ("8", "Hi,\nthe disk of db-1 is full".to_owned(), "Hi, the disk of db-1 is full"),
        ("9", "Hi,\nthe disk of db-2 is full".to_owned(), "Hi, the disk of db-2 is full"),
        ("4", "\u{0}\n".to_owned(), "Message of the SNS topic alarms without text (本文なし)"),
    ] {
        assert_eq!(send(&world, &signed(&world, id, json!({ "Message": message }))).await, StatusCode::OK, "{title}");
        let open = world.open_incidents().await;
        assert!(open.iter().any(|incident| incident.title == title), "{title}: {open:#?}");
    }
    assert_eq!(world.open_incidents().await.len(), 9, "what begins alike is not the same");
    // And the same again is.
    let again = json!({ "Message": "Hi,\nthe disk of db-2 is full" });
    assert_eq!(send(&world, &signed(&world, "10", again)).await, StatusCode::OK);
    assert_eq!(world.open_incidents().await.len(), 9);
    calm(world).await;
}

#[tokio::test]
async fn findings_that_come_through_a_topic_are_read_as_alarm_intake_reads_them() {
    let (mut world, _) = world().await;
    let finding = include_str!("../../../events/alarm-intake/alarm-eventbridge-guardduty.json");
    assert_eq!(send(&world, &signed(&world, "1", json!({ "Message": finding }))).await, StatusCode::OK);
    let incident = world.open_incident().await;
    // A tag of the instance says whose it is, which counts more than the integration's service.
    assert!(incident.title.starts_with("GuardDuty: EC2 instance i-0a1b2c3d4e5f60718"), "{}", incident.title);
    assert_eq!(incident.labels.get("resource"), Some("i-0a1b2c3d4e5f60718"));
    let over = include_str!("../../../events/alarm-intake/ok-eventbridge-guardduty.json");
    world.minutes(1).await;
    assert_eq!(send(&world, &signed(&world, "2", json!({ "Message": over }))).await, StatusCode::OK);
    World::is(&world.incident(incident.id).await, PhaseName::Resolved);
    // What is understood and opens nothing is on the list.
    let change = include_str!("../../../events/alarm-intake/configuration-change-eventbridge.json");
    assert_eq!(send(&world, &signed(&world, "3", json!({ "Message": change }))).await, StatusCode::OK);
    let listed = suppressed(&world).await;
    assert!(listed.iter().any(|(_, reason)| reason.starts_with("The alarm was deleted.")), "{listed:?}");
    calm(world).await;
}

#[tokio::test]
async fn rules_see_messages_and_decide() {
    let amazon = Amazon::new();
    let rules = r#"routes:
  - { name: budgets, description: Nobody is woken by money., owner: sre, if: 'labels.topic == "alarms" && body.Subject.startsWith("AWS Budgets")', then: { suppress: only money } }
  - { name: backups, description: Backups are the shop's., owner: sre, if: 'integration == "aws-alarms" && title.contains("Backup")', then: { route: checkout } }
"#;
    let mut world = World::with_downloads(&format!("{}{rules}", configuration()), amazon.downloads()).await;
    assert_eq!(send(&world, &text(&world, "1", "AWS Budgets: 80%", "Exceeded.")).await, StatusCode::OK);
    assert_eq!(world.open_incidents().await.len(), 0);
    assert!(suppressed(&world).await[0].1.contains("only money"));
    world.expect_silence();
    assert_eq!(send(&world, &text(&world, "2", "Backup failed", "disk full")).await, StatusCode::OK);
    assert_eq!(world.open_incident().await.service.as_str(), "checkout");
    calm(world).await;
}

#[tokio::test]
async fn a_request_as_the_gateway_hands_it_over_with_a_signature_of_version_1() {
    let (mut world, amazon) = world().await;
    let event: Value = serde_json::from_str(include_str!("../../../events/api/sns-alarm-signature-version-1.json")).unwrap();
    let answer = world.invoke("api", event.clone()).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    assert_eq!(world.open_incident().await.runbook.as_deref(), Some("https://runbooks.example.com/checkout/5xx"));
    world.expect_texts(&["aiko"]);
    let mut changed = event;
    changed["body"] = json!(changed["body"].as_str().unwrap().replace("checkout-5xx-rate", "checkout-4xx-rate"));
    assert_eq!(world.invoke("api", changed).await["statusCode"], 403);
    assert_eq!(world.open_incidents().await.len(), 1);
    assert_eq!(amazon.asked().len(), 1, "the certificate is asked for once");
    calm(world).await;
}
