//! Events of `alarm-intake`: JSON as it is, and anything else as the message of an SNS notification.

use hansho_alarm_intake::{Preview, Signal, preview};
use hansho_domain::{Alert, Routes, ServiceId};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::received_at;

/// The event comes to at least one record, each of which pages, resolves or says why it does neither; what pages can be shown; and the
/// same event says the same again.
pub fn check(input: &[u8]) {
    let event =
        serde_json::from_slice(input).unwrap_or_else(|_| json!({ "Records": [{ "Sns": { "Message": String::from_utf8_lossy(input) } }] }));
    let routes = routes();
    let previews = preview(&event, &routes, received_at());
    let records = event.get("Records").and_then(Value::as_array).map_or(1, |records| records.len().max(1));
    // Only an event of Security Hub has several findings.
    let is_several = format!("{event}").contains("Security Hub Findings");
    assert!(previews.len() == records || (is_several && previews.len() > records), "{} of {records}", previews.len());
    for record in &previews {
        match record {
            Preview::Alarm { signal, raw, .. } | Preview::AwsEvent { signal, raw, .. } => {
                assert!(!raw.is_empty() && raw.len() <= 200 * 1_024);
                check_signal(signal);
            }
            Preview::Unreadable { reason, alert, .. } => {
                assert!(!reason.is_empty() && reason.len() < 1_000, "{reason}");
                check_alert(alert);
            }
            Preview::NothingToOpen { reason, suppressed, .. } => {
                assert!(!suppressed.title.is_empty() && !suppressed.title.contains(char::is_control));
                assert!(!reason.is_empty() && reason.len() < 3_000, "{reason}");
            }
        }
    }
    assert_eq!(format!("{previews:?}"), format!("{:?}", preview(&event, &routes, received_at())));
}

fn check_signal(signal: &Signal) {
    match signal {
        Signal::Alert { route, alert } => {
            assert!(routes().knows(&route.service) || route.service == ServiceId::catch_all());
            check_alert(alert);
        }
        Signal::Clear { clear, .. } => {
            assert!(clear.occurred_at <= received_at() + SignedDuration::from_mins(5));
            assert!(clear.details.chars().count() <= 600);
        }
        Signal::Note(note) => assert!(!note.text.is_empty() && !note.suppressed.reason.is_empty()),
        Signal::Suppressed(suppressed) => assert!(!suppressed.reason.is_empty() && !suppressed.title.is_empty()),
    }
}

fn check_alert(alert: &Alert) {
    let title = &alert.title;
    assert!(!title.is_empty() && title.chars().count() <= 160 && !title.contains(char::is_control), "{title:?}");
    assert!(!alert.details.is_empty() && alert.details.chars().count() <= 1_000, "{:?}", alert.details);
    assert!(alert.labels.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>() <= 1_500);
    assert!(alert.occurred_at <= received_at() + SignedDuration::from_mins(5), "a time further ahead outdoes what comes later");
    if let Some(held) = &alert.held {
        assert!(held.until > received_at() && held.until <= received_at() + SignedDuration::from_hours(15 * 24));
    }
}

/// A service for which missing data is a note, and one for which it is trouble.
fn routes() -> Routes {
    let services = json!([
        { "id": "checkout", "alarms": ["checkout-*"], "insufficient_data": "note" },
        { "id": "batch", "alarms": ["*batch*", "x*y*z"], "insufficient_data": "alert" },
    ]);
    serde_json::from_value(json!({ "services": services })).expect("routes")
}
