//! Many at once. A lost race is a value, and nothing happens twice.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use hansho_domain::{Actor, Command, Event, Phase};
use hansho_runtime::{Clock, clock::Sleep};
use hansho_store::Received;
use jiff::Timestamp;
use tokio::task::JoinSet;

use crate::{
    fixtures::{alert, checkout, clear, input, seconds_after, start, user_id},
    table::{Overtaken, changed, incident, on_a_table, open},
};

/// Somebody else is faster: `other` runs right before the first transaction.
fn overtaken(other: impl Future<Output = ()> + Send + 'static) -> Arc<Overtaken> {
    Overtaken::before(|call| call.operation == "TransactWriteItems", other)
}

#[test]
fn of_64_alarms_about_the_same_trouble_one_opens_an_incident_and_63_are_counted() {
    on_a_table(|table| async move {
        let mut tasks = JoinSet::new();
        for n in 0..64 {
            let (store, alarm) = (table.store(), alert("checkout-5xx", &format!("alarm {n}"), table.now()));
            tasks.spawn(async move { store.receive_alert(&checkout(), &alarm, "{}").await.unwrap() });
        }
        let all = tasks.join_all().await;
        let opened: Vec<_> = all.iter().filter_map(|r| if let Received::Opened(id) = r { Some(*id) } else { None }).collect();
        assert_eq!(opened.len(), 1, "{all:?}");
        assert_eq!(all.iter().filter(|r| **r == Received::Repeated(opened[0])).count(), 63, "{all:?}");
        let now = incident(&table.store(), opened[0]).await;
        assert_eq!((now.version, table.store().repeats(&now).await.unwrap()), (1, 63));
        assert_eq!(table.store().open_incidents(None).await.unwrap().len(), 1);
    });
}

#[test]
fn the_same_alarm_64_times_at_once_is_one_incident() {
    on_a_table(|table| async move {
        let mut tasks = JoinSet::new();
        for _ in 0..64 {
            let (store, alarm) = (table.store(), alert("checkout-5xx", "alarm", table.now()));
            tasks.spawn(async move { store.receive_alert(&checkout(), &alarm, "{}").await.unwrap() });
        }
        let ids: BTreeSet<_> = tasks
            .join_all()
            .await
            .into_iter()
            .map(|received| match received {
                // At the same millisecond the same alarm is the same transaction, which DynamoDB answers twice and does once.
                Received::Opened(id) | Received::Repeated(id) => id,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(ids.len(), 1);
        assert_eq!(table.store().open_incidents(None).await.unwrap().len(), 1);
        assert_eq!(table.store().timeline(*ids.first().unwrap()).await.unwrap().0.len(), 1);
    });
}

#[test]
fn everybody_who_acknowledges_at_once_is_on_the_incident() {
    on_a_table(|table| async move {
        let id = open(&table, "checkout-5xx").await;
        let mut tasks = JoinSet::new();
        for n in 0..8 {
            let (store, tap) = (table.store(), input(&format!("tap-{n}"), &format!("person-{n}"), Command::Acknowledge));
            tasks.spawn(async move { changed(store.apply(id, &tap).await.unwrap()) });
        }
        let versions: BTreeSet<u64> = tasks.join_all().await.iter().map(|incident| incident.version).collect();
        assert_eq!(versions, (2..=9).collect(), "every acknowledgement is a commit of its own");
        let Phase::Acknowledged { by } = incident(&table.store(), id).await.phase else { panic!("it is acknowledged") };
        let by: BTreeSet<Actor> = by.into_iter().collect();
        assert_eq!(by, (0..8).map(|n| Actor::User(user_id(&format!("person-{n}")))).collect());
        assert_eq!(table.store().timeline(id).await.unwrap().0.len(), 9);
    });
}

#[test]
fn the_same_tap_8_times_at_once_is_one_acknowledgement() {
    on_a_table(|table| async move {
        let id = open(&table, "checkout-5xx").await;
        let mut tasks = JoinSet::new();
        for _ in 0..8 {
            let store = table.store();
            tasks.spawn(async move { store.apply(id, &input("tap", "aiko", Command::Acknowledge)).await.map(drop) });
        }
        assert!(tasks.join_all().await.iter().all(Result::is_ok));
        assert_eq!(incident(&table.store(), id).await.version, 2);
        assert_eq!(table.store().timeline(id).await.unwrap().0.len(), 2);
    });
}

#[test]
fn whoever_is_overtaken_decides_again_on_what_stands_then() {
    on_a_table(|table| async move {
        let id = open(&table, "checkout-5xx").await;
        let other = table.store();
        let gate = overtaken(async move {
            let note = Command::Note { text: "me first".to_owned() };
            let _ = changed(other.apply(id, &input("note", "ben", note)).await.unwrap());
        });
        let Some(store) = table.store_behind(gate) else { return };
        let taken = changed(store.apply(id, &input("tap", "aiko", Command::Acknowledge)).await.unwrap());
        assert_eq!(taken.version, 3);
        let (entries, _) = store.timeline(id).await.unwrap();
        assert!(matches!(entries[1].events[0], Event::Noted { .. }) && entries[2].events.contains(&Event::Acknowledged));
    });
}

/// The source has said something newer by the time its clear is written: the clear is late, and is found to be so at once.
#[test]
fn a_clear_that_is_overtaken_by_a_newer_alarm_resolves_nothing() {
    on_a_table(|table| async move {
        let id = open(&table, "checkout-5xx").await;
        let ok = clear("checkout-5xx", "ok", seconds_after(table.now(), 10));
        let newer = alert("checkout-5xx", "newer", seconds_after(table.now(), 20));
        table.clock.advance_seconds(30);
        let other = table.store();
        let gate = overtaken(async move {
            assert_eq!(other.receive_alert(&checkout(), &newer, "{}").await.unwrap(), Received::Repeated(id));
        });
        let Some(store) = table.store_behind(gate) else { return };
        assert_eq!(store.receive_clear(&ok, "{}").await.unwrap(), Received::OutOfDate);
        assert!(!incident(&store, id).await.phase.is_resolved());
    });
}

#[test]
fn a_louder_alarm_that_is_overtaken_by_a_newer_one_is_recorded() {
    on_a_table(|table| async move {
        let id = open(&table, "checkout-5xx").await;
        let mut louder = alert("checkout-5xx", "louder", seconds_after(table.now(), 10));
        louder.severity = hansho_domain::Severity::Critical;
        let newer = alert("checkout-5xx", "newer", seconds_after(table.now(), 20));
        let other = table.store();
        let gate = overtaken(async move {
            assert_eq!(other.receive_alert(&checkout(), &newer, "{}").await.unwrap(), Received::Repeated(id));
        });
        let Some(store) = table.store_behind(gate) else { return };
        assert_eq!(store.receive_alert(&checkout(), &louder, "{}").await.unwrap(), Received::OutOfDate);
        assert_eq!(store.suppressed_on(table.now()).await.unwrap()[0].alert, louder.id);
    });
}

#[test]
fn an_alarm_whose_incident_is_resolved_meanwhile_opens_a_new_one() {
    on_a_table(|table| async move {
        let id = open(&table, "checkout-5xx").await;
        let mut louder = alert("checkout-5xx", "louder", seconds_after(table.now(), 10));
        louder.severity = hansho_domain::Severity::Critical;
        let other = table.store();
        let gate = overtaken(async move {
            let _ = changed(other.apply(id, &input("tap", "ben", Command::Resolve)).await.unwrap());
        });
        let Some(store) = table.store_behind(gate) else { return };
        let received = store.receive_alert(&checkout(), &louder, "{}").await.unwrap();
        assert!(matches!(received, Received::Opened(newer) if newer != id), "{received:?}");
    });
}

/// Stands still and keeps for how long somebody wanted to wait.
#[derive(Debug, Default)]
struct Waits(Mutex<Vec<Duration>>);

impl Clock for Waits {
    fn now(&self) -> Timestamp {
        start()
    }

    fn sleep(&self, duration: Duration) -> Sleep<'_> {
        self.0.lock().unwrap().push(duration);
        Box::pin(std::future::ready(()))
    }
}

#[test]
fn whoever_lost_a_race_for_an_incident_waits_by_what_they_ask() {
    on_a_table(|table| async move {
        let id = open(&table, "checkout-5xx").await;
        let mut waited = Vec::new();
        for name in ["aiko's tap", "ben's tap", "chie's tap"] {
            let (quick, clock) = (table.store(), Arc::new(Waits::default()));
            let note = input(&format!("faster than {name}"), "dai", Command::Note { text: "I was faster".to_owned() });
            let gate = overtaken(async move { drop(changed(quick.apply(id, &note).await.unwrap())) });
            let Some(slow) = table.store_behind_by(gate, Arc::<Waits>::clone(&clock)) else { return };
            let _ = changed(slow.apply(id, &input(name, "aiko", Command::Note { text: name.to_owned() })).await.unwrap());
            waited.extend(clock.0.lock().unwrap().iter().copied());
        }
        let different: BTreeSet<_> = waited.iter().collect();
        assert_eq!((waited.len(), different.len()), (3, 3), "{waited:?}");
    });
}
