//! One incident from its first alert to its reopening.

use hansho_domain::{Alert, Command, Event, Ignored, PhaseName, Rejected, Severity};
use hansho_store::{Applied, KnownAlert, Received, create_table};

use crate::{
    fixtures::{alert, alert_id, checkout, clear, input, seconds_after},
    table::{changed, incident, on_a_table, on_an_empty_table, open, open_for},
};

#[test]
fn making_the_table_twice_changes_nothing() {
    on_an_empty_table(|table| async move {
        assert!(!create_table(&table.client, &table.name).await.unwrap(), "it is there already");
        let described = table.client.describe_table().table_name(&table.name).send().await.unwrap().table.unwrap();
        let mut indexes: Vec<String> =
            described.global_secondary_indexes.unwrap().into_iter().filter_map(|index| index.index_name).collect();
        indexes.sort();
        assert_eq!(indexes, ["open", "recent", "work"]);
        let answer = table.client.describe_time_to_live().table_name(&table.name).send().await.unwrap();
        assert_eq!(answer.time_to_live_description.unwrap().attribute_name.as_deref(), Some("expires_at"));
    });
}

#[test]
fn an_alert_opens_an_incident_with_its_entry_and_its_raw_payload() {
    on_a_table(|table| async move {
        let store = table.store();
        let made = alert("checkout-5xx", "first", table.now());
        let received = store.receive_alert(&checkout(), &made, "{\"raw\":true}").await.unwrap();
        let Received::Opened(id) = received else { panic!("{received:?}") };
        let opened = incident(&store, id).await;
        assert_eq!((opened.version, opened.phase.name(), opened.episode), (1, PhaseName::Triggered, 1));
        assert_eq!(opened.policy.configuration, 1);
        let (entries, deliveries) = store.timeline(id).await.unwrap();
        assert_eq!((entries.len(), deliveries.len()), (1, 0));
        assert!(matches!(entries[0].events[0], Event::Opened { .. }));
        assert_eq!(store.raw_alerts(id).await.unwrap(), ["{\"raw\":true}"]);
        assert_eq!(store.open_incident_of(&made.integration, &made.dedup_key).await.unwrap(), Some(id));
        assert_eq!(store.known_alert(&made).await.unwrap(), KnownAlert::Same(id));
    });
}

#[test]
fn a_repeat_is_counted_and_leaves_the_incident_alone() {
    on_a_table(|table| async move {
        let store = table.store();
        let id = open(&table, "checkout-5xx").await;
        let before = incident(&store, id).await;
        table.clock.advance_seconds(60);
        let again = alert("checkout-5xx", "again", table.now());
        assert_eq!(store.receive_alert(&checkout(), &again, "{}").await.unwrap(), Received::Repeated(id));
        let quieter = Alert { severity: Severity::Info, ..alert("checkout-5xx", "quieter", seconds_after(table.now(), 1)) };
        assert_eq!(store.receive_alert(&checkout(), &quieter, "{}").await.unwrap(), Received::Repeated(id));
        assert_eq!(incident(&store, id).await, before);
        assert_eq!(store.repeats(&before).await.unwrap(), 2);
        assert_eq!(store.timeline(id).await.unwrap().0.len(), 1);
    });
}

#[test]
fn a_louder_alert_goes_on_the_timeline_and_the_next_as_loud_is_a_repeat() {
    on_a_table(|table| async move {
        let store = table.store();
        let id = open(&table, "checkout-5xx").await;
        table.clock.advance_seconds(60);
        let louder = Alert { severity: Severity::Critical, ..alert("checkout-5xx", "louder", table.now()) };
        assert_eq!(store.receive_alert(&checkout(), &louder, "louder").await.unwrap(), Received::Louder(id));
        let now = incident(&store, id).await;
        assert_eq!((now.severity, now.version), (Severity::Critical, 2));
        assert_eq!(store.raw_alerts(id).await.unwrap().len(), 2);
        let as_loud = Alert { severity: Severity::Critical, ..alert("checkout-5xx", "as loud", seconds_after(table.now(), 1)) };
        assert_eq!(store.receive_alert(&checkout(), &as_loud, "{}").await.unwrap(), Received::Repeated(id));
        assert_eq!(store.repeats(&now).await.unwrap(), 2);
    });
}

/// The keys of payloads have no order of time.
#[test]
fn the_payloads_of_an_incident_are_given_the_newest_first_and_none_is_left_out() {
    on_a_table(|table| async move {
        let store = table.store();
        let id = open(&table, "checkout-5xx").await;
        for number in 1..=60 {
            table.clock.advance_seconds(1);
            store.keep_payload(id, alert_id(&format!("payload {number}")), format!("payload {number}").as_str()).await.unwrap();
        }
        let first = store.kept_alerts(id, None).await.unwrap();
        let second = store.kept_alerts(id, first.next).await.unwrap();
        let raw: Vec<&str> = first.alerts.iter().chain(&second.alerts).map(|kept| kept.raw.as_str()).collect();
        let expected: Vec<String> = (1..=60).rev().map(|number| format!("payload {number}")).collect();
        assert_eq!((first.alerts.len(), second.next), (50, None));
        assert_eq!(raw[..60], expected[..]);
        let opened_by = store.first_kept_alert(id).await.unwrap().unwrap();
        assert_eq!(Some(opened_by.raw.as_str()), raw.last().copied());
        // Large ones come in pages that an answer holds.
        let large = "x".repeat(290_000);
        for number in 1..=20 {
            table.clock.advance_seconds(1);
            store.keep_payload(id, alert_id(&format!("large {number}")), large.as_str()).await.unwrap();
        }
        let page = store.kept_alerts(id, None).await.unwrap();
        assert!(page.alerts.len() <= 7 && page.next.is_some(), "{}", page.alerts.len());
    });
}

#[test]
fn a_clear_resolves_and_the_key_is_free_again() {
    on_a_table(|table| async move {
        let store = table.store();
        let id = open(&table, "checkout-5xx").await;
        table.clock.advance_seconds(60);
        let over = clear("checkout-5xx", "over", table.now());
        assert_eq!(store.receive_clear(&over, "{}").await.unwrap(), Received::Resolved(id));
        assert!(incident(&store, id).await.phase.is_resolved());
        assert_eq!(store.open_incident_of(&over.integration, &over.dedup_key).await.unwrap(), None);
        assert_eq!(store.receive_clear(&over, "{}").await.unwrap(), Received::Remembered, "the same again changes nothing");
        assert_eq!(store.timeline(id).await.unwrap().0.len(), 2);
    });
}

#[test]
fn a_person_acknowledges_resolves_and_reopens() {
    on_a_table(|table| async move {
        let store = table.store();
        let id = open(&table, "checkout-5xx").await;
        let taken = changed(store.apply(id, &input("tap-1", "aiko", Command::Acknowledge)).await.unwrap());
        assert_eq!(taken.phase.name(), PhaseName::Acknowledged);
        let again = store.apply(id, &input("tap-1", "aiko", Command::Acknowledge)).await.unwrap();
        assert!(matches!(again, Applied::Ignored(Ignored::AlreadyApplied, _)), "{again:?}");
        let resolved = changed(store.apply(id, &input("tap-2", "aiko", Command::Resolve)).await.unwrap());
        assert!(resolved.phase.is_resolved() && resolved.deadline.is_none());
        let reopened = changed(store.apply(id, &input("tap-3", "ben", Command::Reopen { newer: None })).await.unwrap());
        assert_eq!((reopened.phase.name(), reopened.episode, reopened.version), (PhaseName::Triggered, 2, 4));
        table.clock.advance_seconds(60);
        let repeat = alert("checkout-5xx", "later", table.now());
        assert_eq!(store.receive_alert(&checkout(), &repeat, "{}").await.unwrap(), Received::Repeated(id), "it holds its key again");
    });
}

#[test]
fn reopening_is_refused_while_a_newer_incident_holds_the_key_and_names_it() {
    on_a_table(|table| async move {
        let store = table.store();
        let old = open(&table, "checkout-5xx").await;
        let _ = changed(store.apply(old, &input("tap-1", "aiko", Command::Resolve)).await.unwrap());
        table.clock.advance_seconds(60);
        let newer = open_for(&store, &alert("checkout-5xx", "a new transition", table.now())).await;
        assert_ne!(old, newer);
        let reopen = store.apply(old, &input("tap-2", "aiko", Command::Reopen { newer: None })).await.unwrap();
        assert!(matches!(&reopen, Applied::Rejected(Rejected::NewerIncident(id), _) if *id == newer), "{reopen:?}");
        let _ = changed(store.apply(newer, &input("tap-3", "aiko", Command::Resolve)).await.unwrap());
        let reopened = changed(store.apply(old, &input("tap-4", "aiko", Command::Reopen { newer: None })).await.unwrap());
        assert_eq!(reopened.phase.name(), PhaseName::Triggered);
    });
}

#[test]
fn reopening_takes_the_key_back_when_the_closed_pointer_has_expired() {
    on_a_table(|table| async move {
        let store = table.store();
        let made = alert("checkout-5xx", "first", table.now());
        let id = open_for(&store, &made).await;
        let _ = changed(store.apply(id, &input("tap-1", "aiko", Command::Resolve)).await.unwrap());
        table.delete_pointer(id).await;
        table.clock.advance_seconds(31 * 86_400);
        let reopened = changed(store.apply(id, &input("tap-2", "aiko", Command::Reopen { newer: None })).await.unwrap());
        assert_eq!(reopened.phase.name(), PhaseName::Triggered);
        assert_eq!(store.open_incident_of(&made.integration, &made.dedup_key).await.unwrap(), Some(id));
        let repeat = alert("checkout-5xx", "later", table.now());
        assert_eq!(store.receive_alert(&checkout(), &repeat, "{}").await.unwrap(), Received::Repeated(id));
        assert_eq!(store.receive_clear(&clear("checkout-5xx", "over", table.now()), "{}").await.unwrap(), Received::Resolved(id));
    });
}

#[test]
fn an_input_for_an_incident_that_does_not_exist_is_a_value() {
    on_a_table(|table| async move {
        let id = "01JD5V4WB0MJJT9D5YMJJT9D5Y".parse().unwrap();
        assert!(matches!(table.store().apply(id, &input("tap", "aiko", Command::Acknowledge)).await.unwrap(), Applied::Unknown));
        assert!(table.store().incident(id).await.unwrap().is_none());
    });
}

#[test]
fn fields_that_this_code_does_not_know_survive_a_step() {
    on_a_table(|table| async move {
        let store = table.store();
        let id = open(&table, "checkout-5xx").await;
        let mut body = table.body(id).await;
        body["of_a_newer_version"] = serde_json::json!({ "kept": [1, 2] });
        table.put_body(id, &body.to_string()).await;
        let note = Command::Note { text: "looking".to_owned() };
        let _ = changed(store.apply(id, &input("note-1", "aiko", note)).await.unwrap());
        let after = table.body(id).await;
        assert_eq!(after["of_a_newer_version"], serde_json::json!({ "kept": [1, 2] }));
        assert_eq!(after["version"], 2);
    });
}
