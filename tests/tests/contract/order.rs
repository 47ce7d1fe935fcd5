//! Order is not given: what is late, early or told twice.

use hansho_domain::{Command, Severity};
use hansho_store::Received;

use crate::{
    fixtures::{alert, alert_id, checkout, clear, configuration, contacts, input, seconds_after},
    table::{changed, incident, on_a_table, open, open_for},
};

#[test]
fn an_ok_ahead_of_its_alarm_is_remembered_and_the_alarm_opens_nothing() {
    on_a_table(|table| async move {
        let store = table.store();
        let (alarm_at, ok_at) = (table.now(), seconds_after(table.now(), 30));
        table.clock.advance_seconds(40);
        let ok = clear("checkout-5xx", "ok", ok_at);
        assert_eq!(store.receive_clear(&ok, "{}").await.unwrap(), Received::Remembered);
        assert_eq!(store.receive_clear(&ok, "{}").await.unwrap(), Received::Remembered, "twice is once");
        let listed = store.suppressed_on(table.now()).await.unwrap();
        assert_eq!((listed.len(), listed[0].alert), (1, ok.id), "{listed:?}");
        let alarm = alert("checkout-5xx", "alarm", alarm_at);
        assert_eq!(store.receive_alert(&checkout(), &alarm, "the alarm").await.unwrap(), Received::OutOfDate);
        assert!(store.open_incidents(None).await.unwrap().is_empty());
        let suppressed = store.suppressed_on(table.now()).await.unwrap();
        let late = suppressed.iter().find(|suppressed| suppressed.alert == alarm.id).unwrap();
        assert!(suppressed.len() == 2 && late.reason.starts_with("out of order"), "{}", late.reason);
        let next = alert("checkout-5xx", "the next alarm", seconds_after(ok_at, 1));
        let _ = open_for(&store, &next).await;
    });
}

#[test]
fn an_alarm_that_is_redelivered_after_its_ok_opens_nothing_and_is_on_the_list() {
    on_a_table(|table| async move {
        let store = table.store();
        let alarm = alert("checkout-5xx", "alarm", table.now());
        let id = open_for(&store, &alarm).await;
        table.clock.advance_seconds(60);
        assert_eq!(store.receive_clear(&clear("checkout-5xx", "ok", table.now()), "{}").await.unwrap(), Received::Resolved(id));
        for _ in 0..2 {
            assert_eq!(store.receive_alert(&checkout(), &alarm, "{}").await.unwrap(), Received::OutOfDate);
        }
        let suppressed = store.suppressed_on(table.now()).await.unwrap();
        assert_eq!(suppressed.iter().map(|s| s.alert).collect::<Vec<_>>(), [alarm.id], "the same twice is one entry");
        let day = table.partition(&format!("SUPPRESSED#{}", table.now().strftime("%Y-%m-%d"))).await;
        assert_eq!(day[0]["times"], 2, "and counted");
        assert_eq!(incident(&store, id).await.version, 2);
    });
}

#[test]
fn an_alert_that_is_told_twice_is_counted_and_an_older_one_is_recorded() {
    on_a_table(|table| async move {
        let store = table.store();
        let alarm = alert("checkout-5xx", "alarm", table.now());
        let id = open_for(&store, &alarm).await;
        assert_eq!(store.receive_alert(&checkout(), &alarm, "{}").await.unwrap(), Received::Repeated(id));
        let older = alert("checkout-5xx", "older", seconds_after(table.now(), -60));
        assert_eq!(store.receive_alert(&checkout(), &older, "{}").await.unwrap(), Received::OutOfDate);
        let mut louder_but_older = alert("checkout-5xx", "older and louder", seconds_after(table.now(), -60));
        louder_but_older.severity = Severity::Critical;
        assert_eq!(store.receive_alert(&checkout(), &louder_but_older, "{}").await.unwrap(), Received::OutOfDate);
        let now = incident(&store, id).await;
        assert_eq!((now.severity, store.repeats(&now).await.unwrap()), (Severity::Error, 1));
        assert_eq!(store.suppressed_on(table.now()).await.unwrap().len(), 2);
    });
}

#[test]
fn a_clear_that_is_older_than_the_newest_alarm_resolves_nothing() {
    on_a_table(|table| async move {
        let store = table.store();
        let id = open(&table, "checkout-5xx").await;
        let late = clear("checkout-5xx", "late ok", seconds_after(table.now(), -1));
        assert_eq!(store.receive_clear(&late, "{}").await.unwrap(), Received::OutOfDate);
        assert!(!incident(&store, id).await.phase.is_resolved());
        assert_eq!(store.suppressed_on(table.now()).await.unwrap()[0].alert, alert_id("late ok"));
    });
}

#[test]
fn after_a_resolve_by_hand_a_new_transition_opens_a_new_incident_and_the_old_one_does_not() {
    on_a_table(|table| async move {
        let store = table.store();
        let alarm = alert("checkout-5xx", "alarm", table.now());
        let first = open_for(&store, &alarm).await;
        let _ = changed(store.apply(first, &input("tap", "aiko", Command::Resolve)).await.unwrap());
        assert_eq!(store.receive_alert(&checkout(), &alarm, "{}").await.unwrap(), Received::OutOfDate);
        let second = open_for(&store, &alert("checkout-5xx", "next", seconds_after(table.now(), 1))).await;
        assert_ne!(first, second);
    });
}

#[test]
fn what_was_counted_stays_with_its_incident_when_another_takes_the_key_and_when_it_reopens() {
    on_a_table(|table| async move {
        let store = table.store();
        let mut moment = 0;
        let mut next = || {
            moment += 1;
            alert("checkout-5xx", &format!("alarm {moment}"), seconds_after(table.now(), moment))
        };
        let mut incidents = Vec::new();
        for repeats in [4, 0, 2] {
            let id = open_for(&store, &next()).await;
            for _ in 0..repeats {
                assert_eq!(store.receive_alert(&checkout(), &next(), "{}").await.unwrap(), Received::Repeated(id));
            }
            let _ = changed(store.apply(id, &input(&format!("tap {id}"), "aiko", Command::Resolve)).await.unwrap());
            incidents.push(id);
        }
        let mut counted = Vec::new();
        for id in &incidents {
            counted.push(store.repeats(&incident(&store, *id).await).await.unwrap());
        }
        assert_eq!(counted, [4, 0, 2]);
        let _ = changed(store.apply(incidents[0], &input("again", "aiko", Command::Reopen { newer: None })).await.unwrap());
        assert_eq!(store.receive_alert(&checkout(), &next(), "{}").await.unwrap(), Received::Repeated(incidents[0]));
        let _ = changed(store.apply(incidents[0], &input("over", "aiko", Command::Resolve)).await.unwrap());
        let _fourth = open_for(&store, &next()).await;
        let mut counted = Vec::new();
        for id in &incidents {
            counted.push(store.repeats(&incident(&store, *id).await).await.unwrap());
        }
        assert_eq!(counted, [5, 0, 2]);
    });
}

/// DynamoDB deletes an item some time after its `expires_at`.
#[test]
fn a_pointer_that_has_counted_is_kept_as_long_as_its_incident_and_one_that_has_not_for_a_month() {
    on_a_table(|table| async move {
        let store = table.store();
        for (key, repeats, is_kept) in [("counted", 1, true), ("told-once", 0, false)] {
            let id = open_for(&store, &alert(key, &format!("{key} alarm"), table.now())).await;
            for _ in 0..repeats {
                let again = alert(key, "again", seconds_after(table.now(), 1));
                assert_eq!(store.receive_alert(&checkout(), &again, "{}").await.unwrap(), Received::Repeated(id));
            }
            let _ = changed(store.apply(id, &input("tap", "aiko", Command::Resolve)).await.unwrap());
            let items = table.partition(&format!("INCIDENT#{id}")).await;
            let pointer = items.iter().find_map(|item| item.get("pointer")?.as_str()).unwrap();
            let pointer = table.partition(pointer).await;
            let days = (pointer[0]["expires_at"].as_i64().unwrap() - table.now().as_second()) / 86_400;
            assert!(if is_kept { days > 36_500 } else { days == 30 }, "{key}: {days}");
        }
    });
}

/// The tokens that make a transaction idempotent count across all tables of an account.
#[test]
fn the_same_alarm_at_the_same_moment_opens_an_incident_in_each_of_two_tables() {
    on_a_table(|table| async move {
        let second = table.second().await;
        second.store().apply_configuration(&configuration(), &contacts()).await.unwrap();
        let alarm = alert("checkout-5xx", "alarm", table.now());
        let (here, there) = (open_for(&table.store(), &alarm).await, open_for(&second.store(), &alarm).await);
        assert_eq!(here, there, "ids are derived");
        table.client.delete_table().table_name(&second.name).send().await.unwrap();
    });
}

#[test]
fn long_keys_of_two_integrations_never_meet() {
    on_a_table(|table| async move {
        let store = table.store();
        let key = "k".repeat(512);
        let one = alert(&key, "one", table.now());
        let mut other = alert(&key, "other", table.now());
        other.integration = hansho_domain::IntegrationId::new("grafana").unwrap();
        assert_ne!(open_for(&store, &one).await, open_for(&store, &other).await);
    });
}
