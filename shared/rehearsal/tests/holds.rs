//! Stories that the clock decides about: holds, maintenance windows, hours; and what labels decide.

mod common;

use common::{TEAM, at, happened, scenario, stage, told};
use hansho_domain::{Event, Labels, LiveMaintenance, MaintenanceEnd};
use hansho_rehearsal::{About, Ending, Stage, rehearse};

#[test]
fn an_alert_that_is_paused_is_held_first_and_pages_when_the_pause_is_over() {
    let text = TEAM.replace("repage_every: 30m", "repage_every: 30m, auto_pause: 2m");
    let story = rehearse(&stage(&text), &scenario());
    assert_eq!(told(&story)[..2], ["120 aiko sms", "300 aiko email"]);
    let until = at("2026-11-20T12:02+09:00");
    assert!(matches!(&happened(&story)[1], Event::Held { until: held, reason } if *held == until && reason.contains("paused")));
    assert_eq!(story.moments[0].until, Some(until));
}

#[test]
fn an_alert_in_a_maintenance_window_is_held_until_its_end() {
    let window =
        "maintenance_windows:\n  move: { reason: new racks, from: 2026-11-20T11:00, until: 2026-11-20T12:30, time_zone: Asia/Tokyo }\n";
    let story = rehearse(&stage(&format!("{TEAM}{window}")), &scenario());
    assert_eq!(told(&story)[0], "1800 aiko sms");
    assert!(matches!(&happened(&story)[1], Event::Held { reason, .. } if reason == "maintenance move: new racks"));
}

/// The windows of a stage as somebody began or ended them by hand.
fn live(stage: &Stage, is_planned: bool, ended_at: Option<&str>) -> Vec<LiveMaintenance> {
    let ended = ended_at.map(|text| MaintenanceEnd { at: at(text), by: "aiko".to_owned() });
    let windows = stage.bundle.maintenance.iter().cloned();
    windows
        .map(|window| LiveMaintenance {
            window,
            is_planned,
            created_at: at("2026-11-20T01:00:00Z"),
            created_by: "aiko".to_owned(),
            ended: ended.clone(),
        })
        .collect()
}

#[test]
fn a_window_that_somebody_began_live_holds_as_a_planned_one_does() {
    let planned = "maintenance_windows:\n  move: { from: 2026-11-20T11:00, until: 2026-11-20T12:30, time_zone: Asia/Tokyo }\n";
    let planned = stage(&format!("{TEAM}{planned}"));
    let begun = Stage { maintenance: live(&planned, false, None), ..stage(TEAM) };
    assert_eq!(rehearse(&begun, &scenario()).pages, rehearse(&planned, &scenario()).pages);
    assert_eq!(told(&rehearse(&begun, &scenario()))[0], "1800 aiko sms");
    let ended = Stage { maintenance: live(&planned, false, Some("2026-11-20T02:30:00Z")), ..stage(TEAM) };
    assert_eq!(told(&rehearse(&ended, &scenario()))[0], "0 aiko sms");
}

#[test]
fn a_planned_window_that_somebody_ended_holds_nothing() {
    let planned = "maintenance_windows:\n  move: { from: 2026-11-20T11:00, until: 2026-11-20T12:30, time_zone: Asia/Tokyo }\n";
    let planned = stage(&format!("{TEAM}{planned}"));
    let cut_off = Stage { maintenance: live(&planned, true, Some("2026-11-20T02:30:00Z")), ..planned };
    assert_eq!(told(&rehearse(&cut_off, &scenario()))[0], "0 aiko sms");
}

#[test]
fn a_window_about_one_alarm_holds_that_alarm_alone() {
    let window = "maintenance_windows:\n  move: { from: 2026-11-20T11:00+09:00, until: 2026-11-20T12:30+09:00, only: { alarms: [\"checkout-*\"] } }\n";
    let stage = stage(&format!("{TEAM}{window}"));
    let about = |name: &str| scenario().about(&About::Alarm(name.to_owned()));
    assert_eq!(told(&rehearse(&stage, &about("checkout-5xx")))[0], "1800 aiko sms");
    assert_eq!(told(&rehearse(&stage, &about("search-5xx")))[0], "0 aiko sms");
    assert_eq!(told(&rehearse(&stage, &scenario()))[0], "0 aiko sms");
}

#[test]
fn what_is_not_urgent_is_raised_when_hours_begin_and_then_everybody_is_called() {
    let text = TEAM.replace("urgency: by_severity", "urgency: { during: { hours: office, is: high }, otherwise: low }")
        + "hours:\n  office: { time_zone: Asia/Tokyo, windows: [{ from: \"12:10\", to: \"18:00\" }] }\n";
    let story = rehearse(&stage(&text), &scenario());
    assert_eq!(told(&story)[..3], ["0 aiko email", "600 aiko sms", "780 aiko email"]);
    assert_eq!(story.pages[0].until, Some(at("2026-11-20T12:10+09:00")));
    assert_eq!(story.ending, Ending::Exhausted { repage_seconds: 1800 });
}

#[test]
fn the_priority_follows_from_labels_and_decides_which_steps_are_taken() {
    let text = TEAM
        .replace("{ notify: [user/ben], wait: 5m }", "{ notify: [user/ben], wait: 5m, when: { priority: [SEV1] } }")
        .replace("urgency: by_severity", "urgency: high, priority: { label: prio, map: { P1: SEV1 } }");
    let mut labels = Labels::new();
    labels.add("prio", "P1");
    let stage = stage(&text);
    assert_eq!(told(&rehearse(&stage, &scenario().labelled(&labels)))[2], "300 ben sms");
    assert_eq!(told(&rehearse(&stage, &scenario()))[2], "300 aiko sms");
}
