//! `hansho oncall` on a folder of configuration, as people and scripts run it.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use std::process::{Command, Output, Stdio};

use serde_json::Value;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/example");

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hansho"));
    command.arg("oncall").args(arguments).args(["--config", EXAMPLE]).stdin(Stdio::null());
    command.output().unwrap()
}

#[track_caller]
fn said(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&said(&[arguments, &["--json"]].concat())).unwrap()
}

#[track_caller]
fn refused(arguments: &[&str], because: &str) {
    let output = run(arguments);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && told.contains(because), "{told}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_folder_says_who_is_on_call_at_a_time_and_who_is_next() {
    let told = said(&["--at", "2026-12-31T03:00:00+09:00"]);
    // Week 51 after 5 January 2026: 51 % 3 == 0 is aiko.
    assert!(told.starts_with("On call at Wed 2026-12-30 18:00 +00:00\n"), "{told}");
    let line = told.lines().find(|line| line.starts_with("checkout-primary")).unwrap();
    assert!(
        line.contains("佐藤 愛子 (aiko)") && line.contains("Mon 2027-01-04 10:00 +09:00") && line.ends_with("Ben Carter (ben)"),
        "{line}"
    );
    let answer = json(&["now", "--at", "2026-12-31T03:00", "--time-zone", "Asia/Tokyo", "--schedule", "checkout-primary"]);
    assert_eq!(answer["at"], "2026-12-30T18:00:00Z");
    let now = &answer["schedules"][0]["now"];
    assert_eq!(
        (&now["people"][0]["user"], &now["from"], &now["until"]),
        (&"aiko".into(), &"2026-12-28T01:00:00Z".into(), &"2027-01-04T01:00:00Z".into())
    );
    assert_eq!(now["people"][0]["by"], serde_json::json!({ "rotation": "weekly" }));
}

#[test]
fn a_shift_owns_its_start_and_not_its_end() {
    let at = |time| json(&["--at", time, "--schedule", "checkout-primary"])["schedules"][0]["now"]["people"][0]["user"].clone();
    assert_eq!(at("2027-01-04T09:59:59+09:00"), "aiko");
    assert_eq!(at("2027-01-04T10:00:00+09:00"), "ben");
}

#[test]
fn next_is_the_next_shift_of_the_person_who_is_asked_about() {
    let answer = json(&["next", "--at", "2026-12-31T03:00:00+09:00", "--user", "chie"]);
    let primary = answer["schedules"].as_array().unwrap().iter().find(|line| line["schedule"] == "checkout-primary").unwrap();
    assert_eq!(primary["now"], Value::Null);
    assert_eq!(primary["next"]["from"], "2027-01-11T01:00:00Z");
    assert!(said(&["next", "--at", "2026-12-31T03:00:00+09:00", "--user", "chie"]).contains("Mon 2027-01-11 10:00 +09:00"));
}

#[test]
fn the_shifts_of_a_period_are_those_of_a_person_a_team_or_a_schedule() {
    let period = ["shifts", "--from", "2026-12-28T10:00", "--to", "2027-01-18T10:00", "--time-zone", "Asia/Tokyo"];
    let shifts = |whom: &[&str]| json(&[&period[..], whom].concat())["shifts"].as_array().unwrap().clone();
    let people = |shifts: &[Value]| shifts.iter().map(|shift| shift["people"][0]["user"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(people(&shifts(&["--schedule", "checkout-primary"])), ["aiko", "ben", "chie"]);
    assert_eq!(shifts(&["--user", "aiko"]).len(), 2, "one week in each schedule");
    assert_eq!(shifts(&["--team", "sre"]).len(), 6, "everybody of both");
    assert_eq!(shifts(&["--user", "lead"]).len(), 0);
    let table = said(&[&period[..], &["--user", "aiko"]].concat());
    assert_eq!(table.lines().count(), 5, "{table}");
    assert!(table.contains("rotation weekly"), "{table}");
}

#[test]
fn what_can_not_be_answered_gets_a_sentence() {
    refused(&["--schedule", "nights"], "there is no schedule nights; use one of these: checkout-primary, checkout-secondary");
    refused(&["--team", "dev"], "there is no team dev; use one of these: sre");
    refused(&["--user", "dora"], "there is no user dora; use one of these: aiko, ben, chie, lead");
    refused(&["--at", "noon"], "\"noon\" is no time");
    refused(&["--time-zone", "Tokio"], "\"Tokio\" is no time zone");
    refused(&["shifts", "--from", "2026-12-31", "--to", "2026-12-30"], "is not after");
    refused(&["shifts", "--from", "2026-01-01", "--to", "2028-01-01"], "longer than 400 days");
}
