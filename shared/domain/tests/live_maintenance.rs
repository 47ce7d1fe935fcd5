//! Live maintenance windows: which windows count, how each stands, and what its early end says.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use hansho_domain::{
    Actor, Command, HoursId, LiveMaintenance, MaintenanceEnd, MaintenanceFilter, MaintenanceId, MaintenanceSpec, MaintenanceState,
    MaintenanceTime, MaintenanceWindow, Restriction, SupportHours, Weekdays, maintenance_in_force,
};
use jiff::Timestamp;

fn at(clock: &str) -> Timestamp {
    format!("2026-12-05T{clock}:00Z").parse().unwrap()
}

fn window(id: &str, time: MaintenanceTime) -> MaintenanceWindow {
    let (id, reason, services, only) = (id.parse().unwrap(), String::new(), Vec::new(), MaintenanceFilter::default());
    MaintenanceWindow::new(MaintenanceSpec { id, reason, services, only, time }).unwrap()
}

fn once(from: &str, until: &str) -> MaintenanceTime {
    MaintenanceTime::Once { from: at(from), until: at(until) }
}

fn live(id: &str, from: &str, until: &str) -> LiveMaintenance {
    LiveMaintenance {
        window: window(id, once(from, until)),
        is_planned: false,
        created_at: at("00:00"),
        created_by: "ops".to_owned(),
        ended: None,
    }
}

fn ended(made: LiveMaintenance, clock: &str) -> LiveMaintenance {
    LiveMaintenance { ended: Some(MaintenanceEnd { at: at(clock), by: "ops".to_owned() }), ..made }
}

fn names(planned: &[MaintenanceWindow], live: &[LiveMaintenance], clock: &str) -> Vec<String> {
    maintenance_in_force(planned, live, at(clock)).iter().map(|window| window.id().to_string()).collect()
}

#[test]
fn live_windows_count_while_they_are_open_and_nobody_has_ended_them() {
    let planned = [window("move", once("01:00", "09:00"))];
    let made = live("live-1", "02:00", "04:00");
    for (clock, expected) in
        [("01:59", vec!["move"]), ("02:00", vec!["move", "live-1"]), ("03:59", vec!["move", "live-1"]), ("04:00", vec!["move"])]
    {
        assert_eq!(names(&planned, std::slice::from_ref(&made), clock), expected, "{clock}");
    }
    assert_eq!(names(&planned, &[ended(made, "03:00")], "03:00"), ["move"]);
}

#[test]
fn what_is_cut_off_of_a_planned_window_is_its_present_opening_and_no_other_window() {
    let nightly = Restriction::TimeOfDay { from: "03:00".parse().unwrap(), to: "05:00".parse().unwrap(), days: Weekdays::ALL };
    let hours = SupportHours::new(HoursId::new("backup").unwrap(), "UTC", vec![nightly], Vec::new()).unwrap();
    let planned = [window("backup", MaintenanceTime::Recurring(hours)), window("move", once("01:00", "09:00"))];
    let rest = LiveMaintenance { is_planned: true, ..ended(live("backup", "03:30", "05:00"), "03:30") };
    let cut = std::slice::from_ref(&rest);
    assert_eq!(names(&planned, cut, "03:29"), ["backup", "move"]);
    assert_eq!(names(&planned, cut, "03:30"), ["move"]);
    assert_eq!(names(&planned, cut, "04:59"), ["move"]);
    let tomorrow = at("04:00") + jiff::SignedDuration::from_hours(24);
    let names: Vec<String> = maintenance_in_force(&planned, cut, tomorrow).iter().map(|window| window.id().to_string()).collect();
    assert_eq!(names, ["backup", "move"], "tomorrow it comes back");
    // It is kept where steps find it until the window would have closed.
    assert_eq!((rest.over_at(), rest.state(at("04:00"))), (at("05:00"), MaintenanceState::Ended));
}

#[test]
fn an_opening_that_was_ended_stays_ended_wherever_an_apply_moves_its_ends_and_one_that_begins_later_is_another() {
    let rest = LiveMaintenance { is_planned: true, ..ended(live("move", "03:30", "05:00"), "03:30") };
    let cut = std::slice::from_ref(&rest);
    let names = |from: &str, until: &str, clock: &str| names(&[window("move", once(from, until))], cut, clock);
    for clock in ["03:30", "04:59", "05:00", "07:59"] {
        assert_eq!(names("01:00", "08:00", clock), [""; 0], "its end is later now, {clock}");
        assert_eq!(names("03:15", "08:00", clock), [""; 0], "its beginning, too, {clock}");
    }
    assert_eq!(names("01:00", "08:00", "03:29"), ["move"], "before somebody ended it");
    assert_eq!(names("04:00", "08:00", "04:30"), ["move"], "it was put off to after that");
    // No opening is longer than 31 days, so it need not be known for longer.
    assert_eq!(rest.needed_until(), at("03:30") + jiff::SignedDuration::from_hours(31 * 24));
}

#[test]
fn a_window_is_coming_open_over_or_ended() {
    let made = live("live-1", "02:00", "04:00");
    for (clock, state) in [("01:00", MaintenanceState::Coming), ("02:00", MaintenanceState::Open), ("04:00", MaintenanceState::Over)] {
        assert_eq!(made.state(at(clock)), state, "{clock}");
    }
    assert_eq!(made.over_at(), at("04:00"));
    let called_off = ended(made, "01:00");
    assert_eq!((called_off.state(at("02:30")), called_off.over_at()), (MaintenanceState::Ended, at("01:00")));
}

#[test]
fn an_early_end_says_one_thing_to_all_and_names_who_ended_it() {
    let made = live("live-1", "02:00", "04:00");
    assert_eq!(made.release(), None);
    let input = ended(made.clone(), "03:00").release().unwrap();
    assert_eq!(input.actor, Actor::Token("ops".to_owned()));
    assert_eq!(input.command, Command::EndMaintenance { window: "live-1".parse().unwrap() });
    assert_eq!(ended(made.clone(), "03:00").release().unwrap().id, input.id);
    assert_ne!(ended(made, "03:01").release().unwrap().id, input.id);
}

#[test]
fn names_of_live_windows_are_told_from_those_of_the_configuration() {
    let live = MaintenanceId::live("0123456789ab").unwrap();
    assert_eq!((live.as_str(), live.is_live()), ("live-0123456789ab", true));
    assert!(!MaintenanceId::new("backup").unwrap().is_live());
    assert!(MaintenanceId::live("Not One").is_err());
}
