//! Bodies of requests to the Events API, as each of its versions and as a change.

use hansho_api::{EventPreview, EventWay, preview_event};
use hansho_domain::{Alert, Integration, REFERENCES_MAX};
use hansho_intake::Signal;
use serde_json::json;

use super::received_at;

/// Longest event (`docs/events.md`), in bytes, and as much again for what stands in place of bytes that are no UTF-8.
const RAW_BYTES_MAX: usize = 3 * 512 * 1024;
/// A key as they are made.
const KEY: &str = "0123456789abcdef0123456789abcdef";

/// Whatever comes is an alert, a clear, an acknowledgement, a change, or refused with everything that is wrong; what pages can be shown;
/// the same event says the same again; and what is kept has no key in it.
pub fn check(input: &[u8]) {
    let integration = integration();
    for way in [EventWay::V2, EventWay::V1, EventWay::Change] {
        let preview = |input: &[u8]| preview_event(way, input, &integration, received_at()).expect("names that are made can be names");
        let said = preview(input);
        check_preview(&said);
        assert_eq!(format!("{said:?}"), format!("{:?}", preview(input)));
        let field = if way == EventWay::V1 { "service_key" } else { "routing_key" };
        if let Some(rest) = input.strip_prefix(b"{") {
            let with_key =
                [format!("{{\"{field}\":\"{KEY}\"").as_bytes(), if rest.trim_ascii_start().starts_with(b"}") { b"" } else { b"," }, rest]
                    .concat();
            let said = preview(&with_key);
            check_preview(&said);
            assert!(!kept(&said).contains(KEY), "the key is kept");
        }
    }
}

fn kept(said: &EventPreview) -> &str {
    match said {
        EventPreview::Signal { raw, .. } | EventPreview::Refused { raw, .. } => raw,
        EventPreview::Change(_) => "",
    }
}

fn check_preview(said: &EventPreview) {
    assert!(kept(said).len() <= RAW_BYTES_MAX);
    match said {
        EventPreview::Signal { signal, dedup_key, .. } => {
            assert!(!dedup_key.is_empty() && dedup_key.chars().count() <= 255, "{dedup_key:?}");
            check_signal(signal);
        }
        EventPreview::Change(change) => {
            assert!(!change.summary.is_empty() && !change.summary.contains(char::is_control), "{:?}", change.summary);
            assert!(change.links.len() <= REFERENCES_MAX);
        }
        EventPreview::Refused { errors, .. } => {
            assert!(!errors.is_empty() && errors.len() <= 20);
            assert!(errors.iter().all(|error| !error.is_empty() && error.len() < 1_000), "{errors:?}");
        }
    }
}

fn check_signal(signal: &Signal) {
    match signal {
        Signal::Alert { service, alert, .. } => {
            assert_eq!(service.as_str(), "checkout");
            check_alert(alert);
        }
        Signal::Clear { clear, subject, .. } => {
            assert_eq!(clear.occurred_at, received_at(), "events count in the order in which they come in");
            assert_eq!(clear.dedup_key, subject.dedup_key);
        }
        Signal::Acknowledge { suppressed, subject, .. } => {
            assert!(!suppressed.reason.is_empty() && suppressed.dedup_key == subject.dedup_key);
        }
        Signal::Note(_) | Signal::Suppressed(_) => panic!("no event is one: {signal:?}"),
    }
}

fn check_alert(alert: &Alert) {
    let title = &alert.title;
    assert!(!title.is_empty() && title.chars().count() <= 1_024 && !title.contains(char::is_control), "{title:?}");
    assert!(alert.details.chars().count() <= 1_000, "{:?}", alert.details);
    assert!(alert.labels.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>() <= 1_500);
    assert_eq!(alert.occurred_at, received_at(), "events count in the order in which they come in");
    assert!(alert.references.len() <= REFERENCES_MAX);
}

fn integration() -> Integration {
    let spec = json!({ "id": "shop", "name": "Shop", "service": "checkout", "type": "events", "per_minute_max": 10_000 });
    serde_json::from_value(spec).expect("an integration")
}
