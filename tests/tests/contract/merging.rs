//! Merges, and turns, while others write to the same incidents: pointers move with the merge, no alert is lost, no two incidents
//! lead to each other, and everybody has one turn.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use hansho_domain::{Command, Event, Incident, IncidentId, PolicyId, PolicyStep, Target};
use hansho_store::{Applied, Received};
use tokio::task::JoinSet;

use crate::{
    fixtures::{alert, checkout, clear, configuration_of, contacts, input, seconds_after, service},
    table::{Table, changed, incident, on_a_table, open},
};

/// How often each race is run; who is first differs.
const ROUNDS: u32 = 6;

fn merge(id: &str, target: IncidentId) -> hansho_domain::Input {
    input(id, "aiko", Command::MergeInto { target })
}

/// Where the incident's trouble is worked on in the end. A circle would never end.
async fn end_of(table: &Table, id: IncidentId) -> Incident {
    let mut seen = BTreeSet::new();
    let mut at = incident(&table.store(), id).await;
    while let Some(next) = at.merged_into {
        assert!(seen.insert(at.id), "{id} leads in a circle");
        at = incident(&table.store(), next).await;
    }
    at
}

/// Every incident that was merged leads to an open one, its pointer leads there too, and what its source says is taken there.
async fn expect_whole(table: &Table, round: u32, all: &[(String, IncidentId)]) {
    let mut open = BTreeSet::new();
    for (key, id) in all {
        let end = end_of(table, *id).await;
        assert!(!end.phase.is_resolved(), "{key} leads to an incident that is over");
        let pointer = table.pointer(*id).await;
        assert_eq!((pointer["incident"].as_str(), pointer["state"].as_str()), (Some(end.id.to_string().as_str()), Some("open")), "{key}");
        let newer = alert(key, &format!("{key} after {round}"), seconds_after(table.now(), 900));
        assert_eq!(table.store().receive_alert(&checkout(), &newer, "{}").await.unwrap(), Received::Repeated(end.id), "{key}");
        open.insert(end.id);
    }
    let listed: BTreeSet<IncidentId> = table.store().open_incidents(None).await.unwrap().into_iter().map(|incident| incident.id).collect();
    assert!(open.is_subset(&listed));
    for id in &open {
        let holds: usize = all.iter().map(|(_, id)| id).filter(|other| *other != id).count();
        assert!(incident(&table.store(), *id).await.merged.len() <= holds);
    }
}

#[test]
fn no_alert_to_either_of_two_incidents_is_lost_while_they_are_merged() {
    on_a_table(|table| async move {
        for round in 0..ROUNDS {
            let keys = [format!("checkout-a{round}"), format!("checkout-b{round}")];
            let (a, b) = (open(&table, &keys[0]).await, open(&table, &keys[1]).await);
            let mut sent = JoinSet::new();
            for n in 0..12i64 {
                let key = &keys[usize::from(n % 2 == 1)];
                let alarm = alert(key, &format!("{key} {n}"), seconds_after(table.now(), 1 + n));
                let store = table.store();
                sent.spawn(async move { store.receive_alert(&checkout(), &alarm, "{}").await.unwrap() });
            }
            let store = table.store();
            let merging = tokio::spawn(async move { changed(store.apply(b, &merge(&format!("merge-{round}"), a)).await.unwrap()) });
            let received = sent.join_all().await;
            assert_eq!(merging.await.unwrap().merged_into, Some(a));
            let repeated = received.iter().filter(|r| matches!(r, Received::Repeated(id) if *id == a || *id == b)).count();
            let late = received.iter().filter(|r| **r == Received::OutOfDate).count();
            assert_eq!(repeated + late, 12, "nothing opens a third incident: {received:?}");
            let counted = |pointer: &serde_json::Map<String, serde_json::Value>| pointer["repeats"].as_u64().unwrap();
            let counts = counted(&table.pointer(a).await) + counted(&table.pointer(b).await);
            let suppressed = table.store().suppressed_on(table.now()).await.unwrap();
            let of_round = suppressed.iter().filter(|alert| keys.iter().any(|key| alert.dedup_key.as_str() == key)).count();
            assert_eq!((counts, of_round), (u64::try_from(repeated).unwrap(), late), "each is counted, or recorded as late");
            let held = incident(&table.store(), a).await;
            assert_eq!(held.merged.iter().map(|merged| merged.incident).collect::<Vec<_>>(), [b]);
            let [first, second] = keys;
            expect_whole(&table, round, &[(first, a), (second, b)]).await;
        }
        assert_eq!(table.store().open_incidents(None).await.unwrap().len(), usize::try_from(ROUNDS).unwrap());
    });
}

#[test]
fn what_people_do_to_both_while_they_are_merged_is_on_a_timeline() {
    on_a_table(|table| async move {
        let (a, b) = (open(&table, "checkout-a").await, open(&table, "checkout-b").await);
        let mut tasks = JoinSet::new();
        for n in 0..8 {
            let (store, id) = (table.store(), if n % 2 == 0 { a } else { b });
            let note = input(&format!("note-{n}"), "ben", Command::Note { text: format!("note {n}") });
            tasks.spawn(async move { changed(store.apply(id, &note).await.unwrap()).id });
        }
        let store = table.store();
        tasks.spawn(async move { changed(store.apply(b, &merge("merge", a)).await.unwrap()).id });
        assert_eq!(tasks.join_all().await.len(), 9);
        let mut notes = BTreeSet::new();
        let mut merges = 0;
        for id in [a, b] {
            let (entries, _) = table.store().timeline(id).await.unwrap();
            let versions: Vec<u64> = entries.iter().map(|entry| entry.version).collect();
            assert_eq!(versions, (1..=incident(&table.store(), id).await.version).collect::<Vec<_>>(), "an entry for each commit");
            for event in entries.iter().flat_map(|entry| &entry.events) {
                match event {
                    Event::Noted { text } => assert!(notes.insert(text.clone()), "{text} is there once"),
                    Event::Merged { .. } | Event::MergedInto { .. } => merges += 1,
                    _ => {}
                }
            }
        }
        assert_eq!((notes.len(), merges), (8, 2));
    });
}

#[test]
fn of_two_merges_crosswise_at_once_one_is_made_and_nothing_leads_in_a_circle() {
    on_a_table(|table| async move {
        for round in 0..ROUNDS {
            let keys = [format!("checkout-a{round}"), format!("checkout-b{round}")];
            let (a, b) = (open(&table, &keys[0]).await, open(&table, &keys[1]).await);
            let one = |id: IncidentId, target: IncidentId| {
                let store = table.store();
                let asked = merge(&format!("merge-{round}-{id}"), target);
                tokio::spawn(async move { store.apply(id, &asked).await.unwrap() })
            };
            let (there, back) = (one(a, b), one(b, a));
            let outcomes = [there.await.unwrap(), back.await.unwrap()];
            let made = outcomes.iter().filter(|applied| matches!(applied, Applied::Changed(_))).count();
            let refused = outcomes.iter().filter(|applied| matches!(applied, Applied::Rejected(..))).count();
            assert_eq!((made, refused), (1, 1), "{outcomes:?}");
            let [first, second] = keys;
            expect_whole(&table, round, &[(first, a), (second, b)]).await;
        }
    });
}

#[test]
fn a_chain_of_merges_at_once_leaves_every_alarm_an_open_incident() {
    on_a_table(|table| async move {
        for round in 0..ROUNDS {
            let mut all = Vec::new();
            for name in ["a", "b", "c", "d"] {
                let key = format!("checkout-{name}{round}");
                all.push((key.clone(), open(&table, &key).await));
            }
            let mut merges = JoinSet::new();
            for pair in all.windows(2) {
                let (store, from, to) = (table.store(), pair[0].1, pair[1].1);
                let asked = merge(&format!("merge-{round}-{from}"), to);
                merges.spawn(async move { matches!(store.apply(from, &asked).await.unwrap(), Applied::Changed(_)) });
            }
            let made = merges.join_all().await.into_iter().filter(|made| *made).count();
            assert!(made >= 1);
            expect_whole(&table, round, &all).await;
            let mut ends = BTreeSet::new();
            for (_, id) in &all {
                ends.insert(end_of(&table, *id).await.id);
            }
            assert_eq!(ends.len(), all.len() - made, "each merge that was made leaves one incident less");
            for (key, id) in &all {
                let _cleared =
                    table.store().receive_clear(&clear(key, &format!("{key} ok {round}"), seconds_after(table.now(), 1_000)), "{}").await;
                let _ = id;
            }
            for end in &ends {
                assert!(incident(&table.store(), *end).await.phase.is_resolved(), "it is over when every alarm of it is");
            }
        }
    });
}

/// One step whose people take turns.
async fn taking_turns(table: &Arc<Table>) {
    let people = ["user/aiko", "user/ben", "user/chie"].map(|target| target.parse::<Target>().unwrap());
    let step = PolicyStep { round_robin: true, ..PolicyStep::calling(people.to_vec(), 300) };
    let policy = hansho_domain::EscalationPolicy::new(PolicyId::new("first-responders").unwrap(), vec![step], 9).unwrap();
    let configuration = configuration_of(policy, vec![service("checkout", None)]);
    assert_eq!(table.store().apply_configuration(&configuration, &contacts()).await.unwrap(), 2);
}

/// How often each person was called, by the timelines.
async fn turns_of(table: &Table, incidents: &[IncidentId]) -> BTreeMap<String, usize> {
    let mut turns = BTreeMap::new();
    for id in incidents {
        let (entries, _) = table.store().timeline(*id).await.unwrap();
        for event in entries.iter().flat_map(|entry| &entry.events) {
            if let Event::Escalated { users, .. } = event {
                let [user] = &users[..] else { panic!("one at a time, not {users:?}") };
                *turns.entry(user.to_string()).or_default() += 1;
            }
        }
    }
    turns
}

async fn taken(table: &Table) -> u64 {
    table.partition("TURN#first-responders").await[0]["taken"].as_u64().unwrap()
}

#[test]
fn of_incidents_that_open_at_once_each_takes_exactly_one_turn() {
    on_a_table(|table| async move {
        taking_turns(&table).await;
        let mut opened = JoinSet::new();
        for n in 0..12 {
            let (store, alarm) = (table.store(), alert(&format!("checkout-{n}"), &format!("alarm {n}"), table.now()));
            opened.spawn(async move { store.receive_alert(&checkout(), &alarm, "{}").await.unwrap() });
        }
        let ids: Vec<IncidentId> = opened
            .join_all()
            .await
            .into_iter()
            .map(|received| if let Received::Opened(id) = received { id } else { panic!("{received:?}") })
            .collect();
        assert_eq!(taken(&table).await, 12);
        let four_each = ["aiko", "ben", "chie"].map(|user| (user.to_owned(), 4));
        assert_eq!(turns_of(&table, &ids).await, BTreeMap::from(four_each));
    });
}

#[test]
fn an_escalation_that_loses_its_race_keeps_the_turn_that_it_took() {
    on_a_table(|table| async move {
        taking_turns(&table).await;
        let id = open(&table, "checkout-5xx").await;
        let mut taps = JoinSet::new();
        for n in 0..5 {
            let (store, tap) = (table.store(), input(&format!("tap-{n}"), &format!("person-{n}"), Command::Escalate));
            taps.spawn(async move { changed(store.apply(id, &tap).await.unwrap()).version });
        }
        let versions: BTreeSet<u64> = taps.join_all().await.into_iter().collect();
        assert_eq!(versions, (2..=6).collect(), "each is a commit of its own, and all but one had to decide again");
        assert_eq!(taken(&table).await, 6, "with the turn of the opening");
        let two_each = ["aiko", "ben", "chie"].map(|user| (user.to_owned(), 2));
        assert_eq!(turns_of(&table, &[id]).await, BTreeMap::from(two_each));
    });
}
