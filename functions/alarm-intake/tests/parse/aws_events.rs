//! Events of GuardDuty, Security Hub and AWS Health: what every one of them says, and what none of them may cost.

use hansho_alarm_intake::parse::{AwsEvent, Reading, parse};
use hansho_domain::Severity;
use serde_json::{Value, json};

use crate::{received_at, sample};

/// Whatever is in it, it can be shown.
pub fn assert_event_sizes(event: &AwsEvent) {
    assert!(!event.title.is_empty() && event.title.chars().count() <= 120 && !event.title.contains(char::is_control), "{:?}", event.title);
    assert!(!event.details.is_empty() && event.details.chars().count() <= 600, "{:?}", event.details);
    assert!(event.dedup_key.as_str().len() <= 512 && !event.raw.is_empty() && event.raw.len() <= 200 * 1024);
    assert!(event.link.as_ref().is_none_or(|link| link.starts_with("https://") && !link.contains([' ', '"', '<'])), "{:?}", event.link);
    assert!(event.runbook.as_ref().is_none_or(|runbook| hansho_domain::text::is_web_address(runbook)), "{:?}", event.runbook);
}

fn read(event: &Value) -> Vec<AwsEvent> {
    let of = |reading: Reading| if let Reading::AwsEvent(event) = reading { *event } else { panic!("{reading:?}") };
    parse(event, received_at()).into_iter().map(|record| of(record.reading)).collect()
}

fn one(event: &Value) -> AwsEvent {
    let mut events = read(event);
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn changed(name: &str, pointer: &str, value: Value) -> Value {
    let mut event = sample(name);
    *event.pointer_mut(pointer).unwrap_or_else(|| panic!("{name} has no {pointer}")) = value;
    event
}

#[test]
fn the_severity_of_guardduty_goes_by_its_bands() {
    let of = |severity: Value| one(&changed("alarm-eventbridge-guardduty", "/detail/severity", severity)).severity;
    for (number, severity) in [
        (json!(10), Severity::Critical),
        (json!(9.0), Severity::Critical),
        (json!(8.9), Severity::Error),
        (json!("7"), Severity::Error),
        (json!(6.9), Severity::Warning),
        (json!(4), Severity::Warning),
        (json!(3.9), Severity::Info),
        (json!(0.1), Severity::Info),
        // What is not known may be as bad as can be.
        (json!(-1), Severity::Critical),
        (json!("high"), Severity::Critical),
        (json!(null), Severity::Critical),
    ] {
        assert_eq!(of(number.clone()), severity, "{number}");
    }
}

#[test]
fn the_severity_of_security_hub_is_its_label_or_else_its_number() {
    let of = |severity: Value| read(&changed("ok-eventbridge-security-hub", "/detail/findings/0/Severity", severity))[0].severity;
    for (said, severity) in [
        (json!({ "Label": "CRITICAL", "Normalized": 0 }), Severity::Critical),
        (json!({ "Label": "HIGH" }), Severity::Error),
        (json!({ "Label": "medium" }), Severity::Warning),
        (json!({ "Label": "LOW" }), Severity::Info),
        (json!({ "Label": "INFORMATIONAL" }), Severity::Info),
        (json!({ "Label": "?", "Normalized": 90 }), Severity::Critical),
        (json!({ "Normalized": 70 }), Severity::Error),
        (json!({ "Normalized": 69 }), Severity::Warning),
        (json!({ "Normalized": 39 }), Severity::Info),
        (json!({ "Label": "?" }), Severity::Critical),
        (json!({}), Severity::Critical),
        (json!(7), Severity::Critical),
    ] {
        assert_eq!(of(said.clone()), severity, "{said}");
    }
}

#[test]
fn the_severity_of_aws_health_is_its_category() {
    let of = |category: &str| one(&changed("alarm-eventbridge-health", "/detail/eventTypeCategory", json!(category)));
    for (category, severity) in [
        ("issue", Severity::Error),
        ("investigation", Severity::Error),
        ("scheduledChange", Severity::Warning),
        ("accountNotification", Severity::Info),
        ("somethingNew", Severity::Critical),
    ] {
        assert_eq!(of(category).severity, severity, "{category}");
    }
    assert!(of("somethingNew").remark.is_some() && of("issue").remark.is_none());
    assert_eq!(one(&sample("alarm-eventbridge-health-abuse")).severity, Severity::Critical);
}

#[test]
fn what_says_that_it_is_over_has_the_key_of_what_it_ends_and_nothing_else_does() {
    for service in ["guardduty", "security-hub", "health"] {
        let (wrong, over) =
            (&read(&sample(&format!("alarm-eventbridge-{service}")))[0], &read(&sample(&format!("ok-eventbridge-{service}")))[0]);
        assert!(!wrong.is_over && over.is_over, "{service}");
        assert_eq!(wrong.dedup_key, over.dedup_key, "{service}");
        assert!(wrong.alert_id != over.alert_id && wrong.occurred_at < over.occurred_at, "{service}");
    }
    let is_over = |pointer: &str, value: Value| read(&changed("alarm-eventbridge-security-hub", pointer, value))[0].is_over;
    for (pointer, value) in [
        ("/RecordState", "ARCHIVED"),
        ("/Compliance/Status", "PASSED"),
        ("/Workflow/Status", "RESOLVED"),
        ("/Workflow/Status", "SUPPRESSED"),
    ] {
        assert!(is_over(&format!("/detail/findings/0{pointer}"), json!(value)), "{value}");
        for other in [json!(value.to_lowercase()), json!(null), json!([value]), json!("NOTIFIED")] {
            assert!(!is_over(&format!("/detail/findings/0{pointer}"), other.clone()), "{pointer} {other}");
        }
    }
    for other in [json!("true"), json!(1), json!(null), json!([true])] {
        assert!(!one(&changed("alarm-eventbridge-guardduty", "/detail/service/archived", other)).is_over);
    }
    for other in ["upcoming", "open", "Closed", ""] {
        assert!(!one(&changed("alarm-eventbridge-health", "/detail/statusCode", json!(other))).is_over, "{other}");
    }
}

#[test]
fn a_finding_is_one_trouble_by_guardduty_and_by_security_hub() {
    let of_guardduty = one(&sample("alarm-eventbridge-guardduty"));
    let of_hub = &read(&changed("alarm-eventbridge-security-hub", "/detail/findings/0/Id", json!(of_guardduty.arn)))[0];
    assert_eq!(of_guardduty.dedup_key, of_hub.dedup_key);
}

#[test]
fn each_account_has_its_own_trouble_of_an_event_of_aws_and_a_copy_in_a_second_region_is_the_same() {
    let event = one(&sample("alarm-eventbridge-health"));
    let other = one(&changed("alarm-eventbridge-health", "/detail/affectedAccount", json!("444455556666")));
    assert_ne!(event.dedup_key, other.dedup_key);
    let mut copy = changed("alarm-eventbridge-health", "/region", json!("us-west-2"));
    (copy["time"], copy["detail"]["backupEvent"]) = (json!("2026-11-20T18:12:29Z"), json!("true"));
    let copy = one(&copy);
    assert_eq!((copy.dedup_key, copy.alert_id, copy.occurred_at), (event.dedup_key, event.alert_id, event.occurred_at));
}

#[test]
fn what_comes_again_later_says_it_anew_and_what_is_delivered_again_is_the_same() {
    let event = sample("alarm-eventbridge-guardduty");
    let later = changed("alarm-eventbridge-guardduty", "/time", json!("2026-11-21T00:12:30Z"));
    assert_eq!(one(&event).alert_id, one(&event).alert_id);
    assert_eq!(one(&event).dedup_key, one(&later).dedup_key);
    assert_ne!(one(&event).alert_id, one(&later).alert_id);
}

#[test]
fn a_finding_that_can_not_be_read_leaves_the_others_alone() {
    let mut event = sample("alarm-eventbridge-security-hub");
    event["detail"]["findings"].as_array_mut().unwrap().insert(1, json!("?"));
    let queued = json!({ "Records": [{ "messageId": "1", "body": event.to_string() }] });
    let records = parse(&queued, received_at());
    assert!(records.iter().all(|record| record.message_id.as_deref() == Some("1")));
    let [first, second, third] = &records[..] else { panic!("{records:?}") };
    assert!(matches!((&first.reading, &third.reading), (Reading::AwsEvent(_), Reading::AwsEvent(_))), "{records:?}");
    assert!(matches!(&second.reading, Reading::Unreadable { raw, .. } if raw.contains("\"findings\":[\"?\"]")), "{second:?}");
    // Each is kept with what is its own.
    let Reading::AwsEvent(third) = &third.reading else { unreachable!() };
    assert!(third.raw.contains("CVE-2026-10001") && !third.raw.contains("checkout-receipts"), "{}", third.raw);
}

#[test]
fn an_event_without_anything_in_it_pages_and_one_that_ends_who_knows_what_is_not_guessed() {
    for kind in ["GuardDuty Finding", "AWS Health Event", "AWS Health Abuse Event"] {
        let event = one(&json!({ "detail-type": kind, "detail": {} }));
        assert_event_sizes(&event);
        assert!(!event.is_over && event.severity == Severity::Critical, "{event:?}");
    }
    assert!(!one(&json!({ "detail-type": "Security Hub Findings - Imported", "detail": { "findings": [{}] } })).is_over);
    for event in [
        json!({ "detail-type": "GuardDuty Finding" }),
        json!({ "detail-type": "GuardDuty Finding", "detail": { "service": { "archived": true } } }),
        json!({ "detail-type": "Security Hub Findings - Imported", "detail": { "findings": [] } }),
        json!({ "detail-type": "Security Hub Findings - Imported", "detail": { "findings": [{ "RecordState": "ARCHIVED" }] } }),
        json!({ "detail-type": "AWS Health Event", "detail": { "statusCode": "closed" } }),
    ] {
        let records = parse(&event, received_at());
        assert!(matches!(&records[..], [record] if matches!(record.reading, Reading::Unreadable { .. })), "{records:?}");
    }
}

#[test]
fn links_lead_to_the_console_of_the_region_or_nowhere() {
    let link = |region: &str| {
        let mut event = changed("alarm-eventbridge-guardduty", "/detail/region", json!(region));
        event["region"] = json!(region);
        one(&event).link
    };
    assert!(link("cn-north-1").unwrap().starts_with("https://cn-north-1.console.amazonaws.cn/guardduty/home?region=cn-north-1#/findings"));
    for unknown in ["", "evil.example/x-1", "us-iso-east-1", "Tokyo"] {
        assert_eq!(link(unknown), None, "{unknown}");
    }
    let of_china = one(&changed("alarm-eventbridge-health", "/detail/eventArn", json!("arn:aws-cn:health:cn-north-1::event/x")));
    assert_eq!(of_china.link, None);
}
