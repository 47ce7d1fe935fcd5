//! The record of worked shifts: once a day, before every change of the configuration, and never altered.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use hansho::local::aws::{Call, Gate, Passage, Pending};

use hansho_domain::{About, Configuration, ListedShift, Override, OverrideChange};
use hansho_store::Recording;
use jiff::Timestamp;

use crate::{
    fixtures::seconds_after,
    table::{Table, on_an_empty_table},
};

fn configuration(members: &str) -> Configuration {
    let yaml = format!(
        r#"
users:
  aiko: {{ name: Aiko, phone: "+819000000001" }}
  ben: {{ name: Ben, phone: "+819000000002" }}
schedules:
  primary:
    time_zone: Asia/Tokyo
    rotations: [{{ name: daily, start: 2026-01-05T10:00, every: 1 day, members: [{members}] }}]
escalation_policies:
  checkout: {{ steps: [{{ notify: [schedule/primary], wait: 5m }}] }}
services:
  checkout: {{ escalation_policy: checkout }}
"#
    );
    hansho_configuration::load_files(&[("a.yaml".into(), yaml)]).unwrap().configuration
}

async fn apply(table: &Table, members: &str) {
    table.store().apply_configuration(&configuration(members), &BTreeMap::new()).await.unwrap();
    // The pointer is believed for a few seconds.
    table.clock.advance_seconds(5);
}

async fn shifts(table: &Table, from: Timestamp, until: Timestamp) -> Vec<(String, Timestamp, Timestamp)> {
    let shifts = table.store().shifts(&About::Schedule("primary".parse().unwrap()), from, until).await.unwrap();
    let who = |shift: &ListedShift| shift.people.iter().map(|person| person.user.as_str()).collect::<Vec<_>>().join("+");
    shifts.iter().map(|shift| (who(shift), shift.from.unwrap(), shift.until.unwrap())).collect()
}

#[test]
fn an_apply_alters_no_shift_that_was_worked_up_to_its_very_moment() {
    on_an_empty_table(|table| async move {
        let table = &table;
        apply(table, "aiko").await;
        let begin = table.store().recorded_until().await.unwrap().unwrap();
        table.clock.advance_seconds(3_600 * 60);
        let before = shifts(table, begin, table.now()).await;
        assert_eq!(before.len(), 1);
        let changed_at = table.now();
        apply(table, "ben").await;
        assert_eq!(shifts(table, begin, changed_at).await, before);
        let all = shifts(table, begin, seconds_after(changed_at, 3_600 * 24)).await;
        assert_eq!(all.iter().map(|(who, ..)| who.as_str()).collect::<Vec<_>>(), ["aiko", "ben"]);
        assert_eq!((all[0].2, all[1].1), (changed_at, changed_at), "no moment is lost and none is told twice");
    });
}

#[test]
fn what_was_before_the_first_configuration_was_nobodys_shift() {
    on_an_empty_table(|table| async move {
        let table = &table;
        apply(table, "aiko").await;
        let begin = table.store().recorded_until().await.unwrap().unwrap();
        table.clock.advance_seconds(3_600 * 3);
        let all = shifts(table, seconds_after(begin, -3_600 * 48), table.now()).await;
        assert_eq!(all.first().map(|(_, from, _)| *from), Some(begin));
    });
}

#[test]
fn a_late_beat_writes_down_every_day_that_it_missed_and_a_second_one_nothing() {
    on_an_empty_table(|table| async move {
        let table = &table;
        apply(table, "aiko, ben").await;
        let begin = table.store().recorded_until().await.unwrap().unwrap();
        assert_eq!(table.store().record_daily().await.unwrap(), Recording::NotYet, "a day is not over");
        table.clock.advance_seconds(3_600 * 24 * 40);
        let now = table.now();
        let expected = shifts(table, begin, now).await;
        assert!(expected.len() >= 40);
        assert_eq!(table.store().record_daily().await.unwrap(), Recording::Until(now));
        assert_eq!(table.store().recorded_until().await.unwrap(), Some(now));
        assert_eq!(table.store().record_daily().await.unwrap(), Recording::NotYet);
        assert_eq!(shifts(table, begin, now).await, expected);
        apply(table, "ben, aiko").await;
        assert_eq!(shifts(table, begin, now).await, expected);
    });
}

#[test]
fn an_override_is_part_of_the_record_and_its_stand_in_finds_the_shift_afterwards() {
    on_an_empty_table(|table| async move {
        let table = &table;
        apply(table, "aiko").await;
        let now = table.now();
        let (from, until) = (seconds_after(now, 3_600), seconds_after(now, 3_600 * 2));
        let change = OverrideChange::ReplaceAll { by: vec!["ben".parse().unwrap()] };
        let made = Override::new("o1".to_owned(), "primary".parse().unwrap(), from, until, change, now).unwrap();
        table.store().add_override(&made, "tests").await.unwrap();
        table.clock.advance_seconds(3_600 * 30);
        apply(table, "aiko, aiko").await;
        // Ben is in no rotation, and the override is over: only the record knows him.
        let about = About::User("ben".parse().unwrap());
        let worked = table.store().shifts(&about, now, table.now()).await.unwrap();
        assert_eq!(worked.iter().map(|shift| (shift.from, shift.until)).collect::<Vec<_>>(), [(Some(from), Some(until))]);
        assert_eq!(shifts(table, now, table.now()).await.iter().map(|(who, ..)| who.clone()).collect::<Vec<_>>(), ["aiko", "ben", "aiko"]);
    });
}

#[test]
fn a_schedule_that_is_gone_keeps_its_past() {
    on_an_empty_table(|table| async move {
        let table = &table;
        apply(table, "aiko").await;
        let begin = table.store().recorded_until().await.unwrap().unwrap();
        table.clock.advance_seconds(3_600 * 10);
        let ended = table.now();
        let gone = r#"
users:
  ben: { name: Ben, phone: "+819000000002" }
escalation_policies:
  checkout: { steps: [{ notify: [user/ben], wait: 5m }] }
services:
  checkout: { escalation_policy: checkout }
"#;
        let gone = hansho_configuration::load_files(&[("a.yaml".into(), gone.to_owned())]).unwrap().configuration;
        table.store().apply_configuration(&gone, &BTreeMap::new()).await.unwrap();
        table.clock.advance_seconds(3_600 * 10);
        let all = table.store().shifts(&About::Everything, begin, table.now()).await.unwrap();
        let told: Vec<_> = all.iter().map(|shift| (shift.people[0].name.as_str(), shift.from, shift.until)).collect();
        assert_eq!(told, [("Aiko", Some(begin), Some(ended))]);
    });
}

#[test]
fn a_schedule_in_no_policy_is_applied_like_any_other() {
    on_an_empty_table(|table| async move {
        let table = &table;
        apply(table, "aiko").await;
        let with = |every: &str| {
            let yaml = format!(
                r#"
users:
  aiko: {{ name: Aiko, phone: "+819000000001" }}
schedules:
  alone:
    time_zone: Asia/Tokyo
    rotations: [{{ name: turns, start: 2026-01-05T10:00, every: {every}, members: [aiko, nobody] }}]
escalation_policies:
  checkout: {{ steps: [{{ notify: [user/aiko], wait: 5m }}] }}
services:
  checkout: {{ escalation_policy: checkout }}
"#
            );
            hansho_configuration::load_files(&[("a.yaml".into(), yaml)]).unwrap().configuration
        };
        let first = table.store().apply_configuration(&with("1 day"), &BTreeMap::new()).await.unwrap();
        assert_eq!(table.store().apply_configuration(&with("1 day"), &BTreeMap::new()).await.unwrap(), first);
        let second = table.store().apply_configuration(&with("1 week"), &BTreeMap::new()).await.unwrap();
        assert!(second > first);
        table.clock.advance_seconds(5);
        let about = About::Schedule("alone".parse().unwrap());
        let (from, until) = (table.now(), seconds_after(table.now(), 3_600 * 24 * 28));
        assert!((4..=5).contains(&table.store().shifts(&about, from, until).await.unwrap().len()));
    });
}

/// Lets so many writes through and no more: whoever records dies half-way.
struct DiesAfter(AtomicU32);

impl Gate for DiesAfter {
    fn pass<'a>(&'a self, call: &'a Call) -> Pending<'a, Passage> {
        let is_reading = matches!(call.operation.as_str(), "GetItem" | "BatchGetItem" | "Query");
        let is_alive = is_reading || self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
        Box::pin(std::future::ready(if is_alive { Passage::Run } else { Passage::Fail("the process died".to_owned()) }))
    }
}

#[test]
fn a_recording_that_dies_after_any_write_is_made_up_for() {
    on_an_empty_table(|table| async move {
        let table = &table;
        if table.store_behind(Arc::new(DiesAfter(AtomicU32::new(0)))).is_none() {
            return;
        }
        apply(table, "aiko, ben").await;
        let begin = table.store().recorded_until().await.unwrap().unwrap();
        let mut deaths = 0;
        for writes in 0..12 {
            table.clock.advance_seconds(3_600 * 50);
            let expected = shifts(table, begin, table.now()).await;
            let dying = table.store_behind(Arc::new(DiesAfter(AtomicU32::new(writes)))).unwrap();
            deaths += u32::from(dying.record_daily().await.is_err());
            assert_eq!(shifts(table, begin, table.now()).await, expected, "after {writes} writes");
            // Another configuration comes, and the past is what it was.
            apply(table, if writes % 2 == 0 { "ben" } else { "aiko, ben" }).await;
            assert_eq!(shifts(table, begin, seconds_after(table.now(), -5)).await, expected, "after {writes} writes and an apply");
        }
        assert_eq!(deaths, 2, "before the records, and between them and the moment up to which they count");
    });
}
