//! Events of AWS services in the whole system: whom they page, what they say, and what ends them.

use acceptance::{TEAM, World, result_of};
use hansho_domain::{Event, PhaseName, Severity};
use hansho_store::Store;
use serde_json::Value;

fn sample(name: &str) -> Value {
    let path = format!("{}/../events/alarm-intake/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

async fn remark(store: &Store, incident: hansho_domain::IncidentId) -> String {
    let (timeline, _) = store.timeline(incident).await.unwrap();
    let Event::Opened { remark, .. } = &timeline[0].events[0] else { panic!("{timeline:?}") };
    remark.clone().unwrap_or_default()
}

#[tokio::test]
async fn a_finding_of_guardduty_pages_the_team_that_its_resource_names_and_ends_when_it_is_archived() {
    let mut world = World::new().await;
    assert_eq!(result_of(&world.event(sample("alarm-eventbridge-guardduty")).await), "opened");
    let incident = world.open_incident().await;
    assert_eq!((incident.service.as_str(), incident.severity), ("team-sre", Severity::Error));
    assert!(incident.title.starts_with("GuardDuty: EC2 instance i-0a1b2c3d4e5f60718 is querying"), "{}", incident.title);
    assert_eq!(incident.labels.get("event"), Some("CryptoCurrency:EC2/BitcoinTool.B!DNS"));
    assert_eq!((incident.labels.get("account"), incident.labels.get("region")), (Some("111122223333"), Some("ap-northeast-1")));
    world.expect_texts(&["aiko", "ben", "chie"]);
    assert_eq!(result_of(&world.event(sample("alarm-eventbridge-guardduty")).await), "repeated", "it is delivered again");
    assert_eq!(result_of(&world.event(sample("ok-eventbridge-guardduty")).await), "resolved");
    World::is(&world.incident(incident.id).await, PhaseName::Resolved);
    world.expect_silence();
    world.end().await;
}

#[tokio::test]
async fn each_finding_of_an_event_of_security_hub_is_an_incident_of_its_own() {
    let claimed = TEAM.replace(r#"["checkout-*"]"#, r#"["checkout-*", "S3.*"]"#);
    let mut world = World::with(&claimed).await;
    let answer = world.event(sample("alarm-eventbridge-security-hub")).await;
    assert_eq!(answer["results"].as_array().unwrap().len(), 2, "{answer}");
    let mut open = world.open_incidents().await;
    open.sort_by_key(|incident| incident.title.clone());
    let [inspected, bucket] = &open[..] else { panic!("{open:#?}") };
    assert_eq!(bucket.title, "Security Hub: S3 general purpose buckets should block public access");
    assert_eq!((bucket.service.as_str(), bucket.severity), ("checkout", Severity::Error), "claimed by the control");
    assert_eq!(bucket.runbook.as_deref(), Some("https://docs.aws.amazon.com/console/securityhub/S3.8/remediation"));
    assert_eq!((inspected.service.as_str(), inspected.severity), ("catch-all", Severity::Critical));
    assert!(remark(world.machine.store(), inspected.id).await.contains("no service claims this event"));
    // What passes ends its own alone.
    world.event(sample("ok-eventbridge-security-hub")).await;
    World::is(&world.incident(bucket.id).await, PhaseName::Resolved);
    World::is(&world.incident(inspected.id).await, PhaseName::Triggered);
    world.ask(inspected.id, "resolve", serde_json::json!({}), "aiko").await;
    world.minutes(3).await;
    world.sent();
    world.end().await;
}

#[tokio::test]
async fn an_event_of_aws_health_pages_and_ends_when_aws_closes_it() {
    let claimed = TEAM.replace(r#"["batch-*"]"#, r#"["batch-*", "arn:aws:health:*:event/EC2/*"]"#);
    let mut world = World::with(&claimed).await;
    world.event(sample("alarm-eventbridge-health")).await;
    let incident = world.open_incident().await;
    assert_eq!((incident.service.as_str(), incident.severity), ("batch", Severity::Error));
    assert_eq!(
        incident.title,
        "AWS Health: EC2 instance store drive performance degraded (ap-northeast-1, i-0a1b2c3d4e5f60718 and 1 more)"
    );
    world.expect_texts(&["aiko"]);
    // The copy that AWS delivers in a second Region.
    let mut copy = sample("alarm-eventbridge-health");
    (copy["region"], copy["detail"]["backupEvent"]) = ("us-west-2".into(), "true".into());
    assert_eq!(result_of(&world.event(copy.clone()).await), "repeated");
    world.event(sample("ok-eventbridge-health")).await;
    World::is(&world.incident(incident.id).await, PhaseName::Resolved);
    // And a copy that comes late opens nothing any more.
    assert_eq!(result_of(&world.event(copy).await), "out_of_date");
    assert!(world.open_incidents().await.is_empty());
    world.expect_silence();
    world.end().await;
}

#[tokio::test]
async fn rules_see_events_of_aws() {
    let rules = r#"
routes:
  - { name: planned, if: 'integration == "aws-events" && labels.category == "issue" && body.detail.service == "EC2"', then: { suppress: EC2 は対象外 } }
  - { name: hub, if: 'body.detail.findings[0].Compliance.SecurityControlId == "S3.8"', then: { route: checkout, severity: info } }
"#;
    let mut world = World::with(&format!("{TEAM}{rules}")).await;
    assert_eq!(result_of(&world.event(sample("alarm-eventbridge-health")).await), "suppressed");
    world.expect_silence();
    world.event(sample("alarm-eventbridge-security-hub")).await;
    let open = world.open_incidents().await;
    let bucket = open.iter().find(|incident| incident.title.contains("S3 general purpose")).unwrap();
    assert_eq!((bucket.service.as_str(), bucket.severity), ("checkout", Severity::Info), "each finding is seen alone");
    let other = open.iter().find(|incident| incident.title.contains("CVE-2026-10001")).unwrap();
    assert_eq!(other.severity, Severity::Critical);
    for incident in [bucket.id, other.id] {
        world.ask(incident, "resolve", serde_json::json!({}), "aiko").await;
    }
    world.minutes(3).await;
    world.sent();
    world.end().await;
}
