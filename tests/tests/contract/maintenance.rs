//! Live maintenance windows: begun once, in force within five seconds, ended once, and nothing stays held.

use std::sync::Arc;

use hansho::local::aws::{Call, Gate, Passage, Pending};
use hansho_domain::{
    Configuration, ConfigurationParts, Duty, HoldCause, Incident, IncidentId, LiveMaintenance, MaintenanceFilter, MaintenanceId,
    MaintenanceSpec, MaintenanceTime, MaintenanceWindow, Phase, PhaseName, ServiceId,
};
use hansho_store::{MaintenanceAdded, MaintenanceEnding, Release, Store};

use crate::{
    fixtures::{StoppedClock, alert, checkout, configuration, contacts, seconds_after},
    table::{Overtaken, Table, incident, on_a_table, on_an_empty_table, open, open_for},
};

const HOUR: i64 = 3_600;

fn window(id: &str, services: &[ServiceId], from: jiff::Timestamp, until: jiff::Timestamp) -> MaintenanceWindow {
    let (id, reason, services) = (MaintenanceId::new(id).unwrap(), "upgrade".to_owned(), services.to_vec());
    let (only, time) = (MaintenanceFilter::default(), MaintenanceTime::Once { from, until });
    MaintenanceWindow::new(MaintenanceSpec { id, reason, services, only, time }).unwrap()
}

/// A window about checkout from now on, for an hour.
fn made(table: &Table, id: &str) -> LiveMaintenance {
    let window = window(id, &[checkout()], table.now(), seconds_after(table.now(), HOUR));
    LiveMaintenance { window, is_planned: false, created_at: table.now(), created_by: "tests".to_owned(), ended: None }
}

async fn added(table: &Table, id: &str) -> LiveMaintenance {
    let made = made(table, id);
    assert_eq!(table.store().add_maintenance(&made).await.unwrap(), MaintenanceAdded::Added);
    made
}

async fn ended(store: &Store, id: &str) -> LiveMaintenance {
    match store.end_maintenance(&MaintenanceId::new(id).unwrap(), "ender").await.unwrap() {
        MaintenanceEnding::Ended(ended) => *ended,
        other => panic!("{id} must end, not come to {other:?}"),
    }
}

fn all_of(incidents: usize) -> Release {
    Release { incidents, is_complete: true }
}

async fn phase(table: &Table, id: IncidentId) -> PhaseName {
    incident(&table.store(), id).await.phase.name()
}

fn is_held_by(incident: &Incident, window: &str) -> bool {
    matches!(&incident.phase, Phase::Held { cause: HoldCause::Maintenance(by), .. } if by.as_str() == window)
}

#[test]
fn a_window_is_in_force_within_five_seconds_where_another_configuration_is_believed() {
    on_a_table(|table| async move {
        let warm = table.store();
        let before = open_for(&warm, &alert("before", "before", table.now())).await;
        let made = added(&table, "live-1").await;
        table.clock.advance_seconds(5);
        let during = open_for(&warm, &alert("during", "during", table.now())).await;
        assert!(is_held_by(&incident(&warm, during).await, "live-1"));
        assert_eq!(phase(&table, before).await, PhaseName::Triggered, "what has paged is not touched");
        table.clock.advance_seconds(HOUR);
        let after = open_for(&warm, &alert("after", "after", table.now())).await;
        assert_eq!(phase(&table, after).await, PhaseName::Triggered);
        assert_eq!(warm.maintenance_over_after(made.created_at).await.unwrap(), [made], "and it is kept");
    });
}

#[test]
fn the_same_window_again_and_at_once_is_one_window() {
    on_a_table(|table| async move {
        let begins = (0..6).map(|place| {
            let (table, mut asked) = (Arc::clone(&table), made(&table, "live-1"));
            // A client that counts from its own clock asks for another end each time.
            asked.window = window("live-1", &[checkout()], table.now(), seconds_after(table.now(), HOUR + place));
            tokio::spawn(async move { table.store().add_maintenance(&asked).await.unwrap() })
        });
        let mut first = 0;
        for begin in begins.collect::<Vec<_>>() {
            first += usize::from(begin.await.unwrap() == MaintenanceAdded::Added);
        }
        assert_eq!(first, 1);
        assert_eq!(table.store().maintenance_over_after(table.now()).await.unwrap().len(), 1);
    });
}

#[test]
fn a_hundred_windows_that_are_not_over_are_the_most() {
    on_a_table(|table| async move {
        for number in 0..100 {
            let _made = added(&table, &format!("live-{number}")).await;
        }
        let refused = table.store().add_maintenance(&made(&table, "live-100")).await.unwrap();
        assert_eq!(refused, MaintenanceAdded::TooMany { most: 100 });
        let _ended = ended(&table.store(), "live-0").await;
        table.clock.advance_seconds(1);
        let _made = added(&table, "live-100").await;
    });
}

#[test]
fn a_window_is_ended_once_and_says_by_whom() {
    on_a_table(|table| async move {
        let made = added(&table, "live-1").await;
        table.clock.advance_seconds(60);
        let store = table.store();
        let first = ended(&store, "live-1").await;
        let end = first.ended.clone().unwrap();
        assert_eq!((end.at, end.by.as_str(), first.created_by.as_str()), (table.now(), "ender", "tests"));
        assert_eq!(first.until(), made.until(), "its planned end stays in the record");
        let id = MaintenanceId::new("live-1").unwrap();
        assert_eq!(store.end_maintenance(&id, "another").await.unwrap(), MaintenanceEnding::EndedBefore(Box::new(first.clone())));
        assert_eq!(store.maintenance_over_after(table.now()).await.unwrap(), std::slice::from_ref(&first));
        table.clock.advance_seconds(1);
        assert_eq!(store.maintenance_over_after(table.now()).await.unwrap(), [], "steps read it no more");
        assert_eq!(store.live_maintenance(&id).await.unwrap(), Some(first), "and it is kept");
        assert_eq!(store.end_maintenance(&MaintenanceId::new("none").unwrap(), "x").await.unwrap(), MaintenanceEnding::Unknown);
        let over = added(&table, "live-2").await;
        table.clock.advance_seconds(HOUR);
        let answer = store.end_maintenance(over.window.id(), "x").await.unwrap();
        assert_eq!(answer, MaintenanceEnding::Over(Box::new(over)));
    });
}

#[test]
fn two_who_end_a_window_at_once_end_it_once() {
    on_a_table(|table| async move {
        let _made = added(&table, "live-1").await;
        let other = table.store();
        let is_commit = |call: &Call| call.operation == "TransactWriteItems";
        let overtaken = Overtaken::before(is_commit, async move { drop(ended(&other, "live-1").await) });
        let Some(slow) = table.store_behind(overtaken) else { return };
        let answer = slow.end_maintenance(&MaintenanceId::new("live-1").unwrap(), "slow").await.unwrap();
        let MaintenanceEnding::EndedBefore(known) = answer else { panic!("{answer:?}") };
        assert_eq!(known.ended.unwrap().by, "ender");
    });
}

#[test]
fn what_a_window_alone_holds_is_released_and_the_window_leaves_the_index_when_everything_has_settled() {
    on_a_table(|table| async move {
        let store = table.store();
        let _made = added(&table, "live-1").await;
        let held = [open(&table, "one").await, open(&table, "two").await];
        let search = ServiceId::new("search").unwrap();
        let other = match store.receive_alert(&search, &alert("other", "other", table.now()), "{}").await.unwrap() {
            hansho_store::Received::Opened(id) => id,
            other => panic!("{other:?}"),
        };
        let record = ended(&store, "live-1").await;
        let index = store.ended_maintenance(table.now()).await.unwrap();
        assert_eq!(index.len(), 1, "from the commit on");
        assert_eq!(store.release_held(&record).await.unwrap(), all_of(2));
        for id in held {
            assert_eq!(phase(&table, id).await, PhaseName::Triggered);
        }
        assert_eq!(incident(&store, other).await.version, 1, "it was never held");
        assert_eq!(store.ended_maintenance(table.now()).await.unwrap(), [], "not before everything has settled");
        table.clock.advance_seconds(60);
        assert_eq!(store.ended_maintenance(table.now()).await.unwrap(), index);
        assert_eq!(store.release_ended(&index[0]).await.unwrap(), all_of(0));
        assert_eq!(store.ended_maintenance(jiff::Timestamp::MAX).await.unwrap(), []);
    });
}

#[test]
fn a_release_that_died_half_way_is_finished_by_whoever_looks_into_the_index() {
    on_a_table(|table| async move {
        let _made = added(&table, "live-1").await;
        let held = [open(&table, "one").await, open(&table, "two").await, open(&table, "three").await];
        let store = table.store();
        let record = ended(&store, "live-1").await;
        let first = store.apply(held[0], &record.release().unwrap()).await.unwrap();
        assert!(matches!(first, hansho_store::Applied::Changed(_)));
        let version = incident(&store, held[0]).await.version;
        let index = store.ended_maintenance(table.now()).await.unwrap();
        assert_eq!(table.store().release_ended(&index[0]).await.unwrap(), all_of(2));
        for id in held {
            assert_eq!(phase(&table, id).await, PhaseName::Triggered);
        }
        assert_eq!(incident(&store, held[0]).await.version, version, "it is told once");
    });
}

#[test]
fn an_alert_that_a_slow_function_holds_by_a_window_that_has_ended_is_released_when_everything_has_settled() {
    on_a_table(|table| async move {
        let _made = added(&table, "live-1").await;
        let warm = table.store();
        let _first = open_for(&warm, &alert("one", "one", table.now())).await;
        let record = ended(&table.store(), "live-1").await;
        assert_eq!(table.store().release_held(&record).await.unwrap(), all_of(1));
        table.clock.advance_seconds(3);
        let late = open_for(&warm, &alert("two", "two", table.now())).await;
        assert!(is_held_by(&incident(&warm, late).await, "live-1"), "it still believes the version pointer");
        table.clock.advance_seconds(60);
        let index = table.store().ended_maintenance(table.now()).await.unwrap();
        assert_eq!(table.store().release_ended(&index[0]).await.unwrap(), all_of(1));
        assert_eq!(phase(&table, late).await, PhaseName::Triggered);
    });
}

#[test]
fn live_windows_survive_every_apply() {
    on_a_table(|table| async move {
        let store = table.store();
        let made = added(&table, "live-1").await;
        store.apply_configuration(&configuration(), &contacts()).await.unwrap();
        table.clock.advance_seconds(5);
        assert_eq!(store.maintenance_over_after(table.now()).await.unwrap(), [made]);
        let held = open_for(&store, &alert("one", "one", table.now())).await;
        assert!(is_held_by(&incident(&store, held).await, "live-1"));
    });
}

/// The team's configuration with a window of its own about checkout.
fn with_a_window(table: &Table) -> Configuration {
    with_window(window("planned", &[checkout()], seconds_after(table.now(), 60), seconds_after(table.now(), HOUR)))
}

fn with_window(planned: MaintenanceWindow) -> Configuration {
    let known = configuration();
    Configuration::of(ConfigurationParts {
        users: known.users().to_vec(),
        schedules: known.schedules().to_vec(),
        policies: known.policies().to_vec(),
        services: known.services().to_vec(),
        fallback: known.fallback().to_vec(),
        maintenance: vec![planned],
        ..ConfigurationParts::default()
    })
    .unwrap()
}

#[test]
fn what_is_left_of_a_planned_window_is_cut_off_while_it_is_open_and_not_before() {
    on_an_empty_table(|table| async move {
        let store = table.store();
        let configured = with_a_window(&table);
        store.apply_configuration(&configured, &contacts()).await.unwrap();
        let id = MaintenanceId::new("planned").unwrap();
        let next = Some(seconds_after(table.now(), 60));
        assert_eq!(store.end_maintenance(&id, "x").await.unwrap(), MaintenanceEnding::NotOpen { next });
        table.clock.advance_seconds(120);
        let held = open(&table, "one").await;
        let record = ended(&store, "planned").await;
        assert!(record.is_planned && record.until() == seconds_after(table.now(), HOUR - 120));
        assert_eq!(store.end_maintenance(&id, "x").await.unwrap(), MaintenanceEnding::EndedBefore(Box::new(record.clone())));
        assert_eq!(store.release_held(&record).await.unwrap(), all_of(1));
        assert_eq!(phase(&table, held).await, PhaseName::Triggered);
        let after = open(&table, "two").await;
        assert_eq!(phase(&table, after).await, PhaseName::Triggered);
        // The same configuration again does not bring it back.
        store.apply_configuration(&configured, &contacts()).await.unwrap();
        assert_eq!(phase(&table, open(&table, "three").await).await, PhaseName::Triggered);
        table.clock.advance_seconds(60);
        let index = store.ended_maintenance(table.now()).await.unwrap();
        assert_eq!(store.release_ended(&index[0]).await.unwrap(), all_of(0));
        assert_eq!(store.ended_maintenance(jiff::Timestamp::MAX).await.unwrap(), []);
    });
}

#[test]
fn a_planned_window_that_was_ended_holds_nothing_in_the_time_by_which_an_apply_makes_it_longer_and_ending_it_again_is_known() {
    on_an_empty_table(|table| async move {
        let (store, began) = (table.store(), table.now());
        let of =
            |from: i64, until: i64| with_window(window("planned", &[checkout()], seconds_after(began, from), seconds_after(began, until)));
        let id = MaintenanceId::new("planned").unwrap();
        store.apply_configuration(&of(0, HOUR), &contacts()).await.unwrap();
        table.clock.advance_seconds(120);
        let record = ended(&store, "planned").await;
        store.apply_configuration(&of(0, 3 * HOUR), &contacts()).await.unwrap();
        for (number, seconds) in [5, HOUR, HOUR].into_iter().enumerate() {
            table.clock.advance_seconds(seconds);
            let paged = open(&table, &format!("longer-{number}")).await;
            assert_eq!(phase(&table, paged).await, PhaseName::Triggered, "{number}");
            let again = store.end_maintenance(&id, "another").await.unwrap();
            assert_eq!(again, MaintenanceEnding::EndedBefore(Box::new(record.clone())), "{number}");
        }
    });
}

#[test]
fn a_planned_window_that_is_put_off_after_it_was_ended_is_another_opening_and_can_be_ended_too() {
    on_an_empty_table(|table| async move {
        let (store, began) = (table.store(), table.now());
        let of = |from: i64| with_window(window("planned", &[checkout()], seconds_after(began, from), seconds_after(began, HOUR)));
        store.apply_configuration(&of(0), &contacts()).await.unwrap();
        table.clock.advance_seconds(120);
        let first = ended(&store, "planned").await;
        // Its end stays, so both ends are of one name.
        store.apply_configuration(&of(600), &contacts()).await.unwrap();
        table.clock.advance_seconds(600);
        let held = open(&table, "one").await;
        assert!(is_held_by(&incident(&store, held).await, "planned"));
        let second = ended(&store, "planned").await;
        assert!(second.until() == first.until() && second.ended != first.ended);
        assert_eq!(store.release_held(&second).await.unwrap(), all_of(1));
        assert_eq!(phase(&table, held).await, PhaseName::Triggered);
        assert_eq!(phase(&table, open(&table, "two").await).await, PhaseName::Triggered);
        let again = store.end_maintenance(second.window.id(), "another").await.unwrap();
        assert_eq!(again, MaintenanceEnding::EndedBefore(Box::new(second)));
    });
}

#[test]
fn an_alert_that_a_slow_function_holds_by_a_window_that_an_apply_took_out_is_released_when_everything_has_settled() {
    on_an_empty_table(|table| async move {
        let (store, warm, began) = (table.store(), table.store(), table.now());
        let of = |until: i64| with_window(window("planned", &[checkout()], began, seconds_after(began, until)));
        for (number, after) in
            [with_window(window("other", &[checkout()], began, seconds_after(began, 1))), of(HOUR / 2)].into_iter().enumerate()
        {
            store.apply_configuration(&of(HOUR), &contacts()).await.unwrap();
            table.clock.advance_seconds(5);
            let early = open_for(&warm, &alert(&format!("early-{number}"), &format!("early-{number}"), table.now())).await;
            store.apply_configuration(&after, &contacts()).await.unwrap();
            table.clock.advance_seconds(3);
            let late = open_for(&warm, &alert(&format!("late-{number}"), &format!("late-{number}"), table.now())).await;
            let until = |incident: &Incident| incident.agenda.at(Duty::EndHold);
            for id in [early, late] {
                let held = incident(&store, id).await;
                assert!(
                    is_held_by(&held, "planned") && until(&held) == Some(seconds_after(began, HOUR)),
                    "it still believes the version before"
                );
            }
            for pass in 0..2 {
                let index = store.ended_maintenance(table.now()).await.unwrap();
                assert!(!index.is_empty(), "from the commit of the apply on, pass {pass}");
                for named in &index {
                    assert!(store.release_ended(named).await.unwrap().is_complete);
                }
                table.clock.advance_seconds(60);
            }
            assert_eq!(store.ended_maintenance(jiff::Timestamp::MAX).await.unwrap(), []);
            for id in [early, late] {
                let released = incident(&store, id).await;
                let expected = if number == 0 { None } else { Some(seconds_after(began, HOUR / 2)) };
                assert_eq!(until(&released), expected, "{number}");
            }
        }
    });
}

#[test]
fn an_apply_that_leaves_maintenance_as_it_is_has_nothing_looked_at() {
    on_an_empty_table(|table| async move {
        let (store, began) = (table.store(), table.now());
        let planned = || window("planned", &[checkout()], began, seconds_after(began, HOUR));
        store.apply_configuration(&configuration(), &contacts()).await.unwrap();
        store.apply_configuration(&with_window(planned()), &contacts()).await.unwrap();
        assert_eq!(store.ended_maintenance(jiff::Timestamp::MAX).await.unwrap(), [], "a new window holds nothing that it did not");
    });
}

#[test]
fn a_window_that_can_not_be_read_holds_nothing() {
    on_a_table(|table| async move {
        let made = added(&table, "live-1").await;
        let sk = format!("WINDOW#{:014}#live-1", made.until().as_millisecond());
        table.put_body_of("MAINTENANCE", &sk, "{}").await;
        assert_eq!(phase(&table, open(&table, "one").await).await, PhaseName::Triggered);
    });
}

#[test]
fn a_pass_that_takes_too_long_stops_and_the_next_one_goes_on() {
    on_a_table(|table| async move {
        let _made = added(&table, "live-1").await;
        let held = [open(&table, "one").await, open(&table, "two").await];
        let record = ended(&table.store(), "live-1").await;
        // The table takes its time for each commit.
        let Some(slow) = table.store_behind(Arc::new(Slow(Arc::clone(&table.clock)))) else { return };
        assert_eq!(slow.release_held(&record).await.unwrap(), Release { incidents: 1, is_complete: false });
        let index = table.store().ended_maintenance(table.now()).await.unwrap();
        assert_eq!(table.store().release_ended(&index[0]).await.unwrap(), all_of(1));
        for id in held {
            assert_eq!(phase(&table, id).await, PhaseName::Triggered);
        }
    });
}

struct Slow(Arc<StoppedClock>);

impl Gate for Slow {
    fn pass<'a>(&'a self, call: &'a Call) -> Pending<'a, Passage> {
        if call.operation == "TransactWriteItems" {
            self.0.advance_seconds(13);
        }
        Box::pin(std::future::ready(Passage::Run))
    }
}
