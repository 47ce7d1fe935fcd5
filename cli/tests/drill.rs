//! `hansho drill` on a folder of configuration: whom it would ask, with nothing sent and no Hansho running.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use std::{
    fs,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/example");

fn run(config: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hansho"));
    command.arg("drill").args(arguments).args(["--config", config]).stdin(Stdio::null());
    command.output().unwrap()
}

#[track_caller]
fn said(config: &str, arguments: &[&str]) -> String {
    let output = run(config, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn outlook(arguments: &[&str]) -> Value {
    serde_json::from_str(&said(EXAMPLE, &[arguments, &["--json"]].concat())).unwrap()
}

/// Chie has the week from Monday the 28th in the first schedule, aiko in the second.
const NEW_YEAR: [&str; 4] = ["--from", "2099-12-29", "--to", "2099-12-31"];

#[test]
fn a_folder_says_whom_a_drill_would_ask_about_which_hours_and_that_nobody_is_proven() {
    let answer = outlook(&[&NEW_YEAR[..], &["--service", "checkout"]].concat());
    assert_eq!((&answer["from"], &answer["until"]), (&json!("2099-12-28T15:00:00Z"), &json!("2099-12-31T15:00:00Z")), "days in Tokyo");
    assert_eq!(answer["unproven"], json!(["aiko", "ben", "chie", "lead"]));
    assert_eq!(answer["without_channel"], json!([]));
    let calls = answer["calls"].as_array().unwrap();
    assert_eq!((calls.len(), &calls[0]["by"], calls[0]["hours"].as_array().unwrap().len()), (1, &json!("escalation_policy/checkout"), 72));
    assert_eq!(calls[0]["hours"][0]["steps"], json!([["chie"], ["aiko", "lead"], ["aiko", "ben", "chie", "lead"]]));
    assert_eq!(answer["hours_with_nobody_proven"], 72);
    let of = |user: &str| -> Vec<String> {
        let asked = answer["asked"].as_array().unwrap().iter().filter(|asked| asked["user"] == user);
        asked.map(|asked| asked["method"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(of("aiko"), ["sms", "email"]);
    let table = said(EXAMPLE, &[&NEW_YEAR[..], &["--service", "checkout"]].concat());
    assert!(table.starts_with("A drill would ask 4 people by ") && table.contains("Nothing was sent"), "{table}");
    assert!(table.contains("Times in Asia/Tokyo. Unproven: aiko, ben, chie, lead\n"), "{table}");
}

#[test]
fn a_schedule_and_a_team_can_be_asked_about_alone() {
    let schedule = outlook(&[&NEW_YEAR[..], &["--schedule", "checkout-primary"]].concat());
    assert_eq!(schedule["unproven"], json!(["chie"]), "nobody else has the week");
    let team = outlook(&[&NEW_YEAR[..], &["--team", "sre"]].concat());
    assert_eq!(team["calls"][0]["by"], "team/sre");
    assert_eq!(team["unproven"], json!(["aiko", "ben", "chie", "lead"]));
}

#[test]
fn whoever_covers_is_asked_and_whoever_has_no_channel_is_named() {
    let folder = std::env::temp_dir().join(format!("hansho-drill-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let team = r#"
users:
  aiko: { name: Aiko, email: aiko@example.com, time_zone: UTC, notify: { quiet: [{ from: "22:00", to: "07:00", cover: user/ben }] } }
  ben: { name: Ben, phone: "+819000000002" }
escalation_policies:
  p: { steps: [{ notify: [user/aiko], wait: 5m }] }
services:
  s: { escalation_policy: p, alarms: ["*"] }
fallback: [user/aiko]
"#;
    fs::write(folder.join("team.yaml"), team).unwrap();
    let told = said(folder.to_str().unwrap(), &[&NEW_YEAR[..], &["--service", "s"]].concat());
    fs::remove_dir_all(&folder).unwrap();
    assert!(told.contains("Unproven: aiko, ben\n"), "{told}");
}

#[test]
fn a_step_that_is_not_taken_then_calls_nobody_and_one_for_a_priority_may() {
    let folder = std::env::temp_dir().join(format!("hansho-drill-steps-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let person = |name: &str, digit: u8| format!("  {name}: {{ name: {name}, phone: \"+81900000000{digit}\" }}\n");
    let people: String = (1..).zip(["aiko", "ben", "chie", "dai", "emi"]).map(|(digit, name)| person(name, digit)).collect();
    let team = format!(
        r#"
users:
{people}
hours:
  office: {{ time_zone: UTC, windows: [{{ from: "09:00", to: "17:00" }}] }}
escalation_policies:
  p:
    steps:
      - {{ notify: [user/aiko], wait: 5m, when: {{ during: office }} }}
      - {{ notify: [user/ben], wait: 5m, when: {{ urgency: low }} }}
      - {{ hand_over: major, when: {{ priority: [SEV1] }} }}
      - {{ notify: [user/chie], wait: 5m }}
  major: {{ steps: [{{ notify: [user/dai], wait: 5m }}] }}
services:
  s: {{ escalation_policy: p, alarms: ["*"] }}
fallback: [user/emi]
"#
    );
    fs::write(folder.join("team.yaml"), team).unwrap();
    let days = ["--from", "2099-12-29", "--to", "2099-12-29", "--service", "s", "--time-zone", "UTC", "--json"];
    let answer: Value = serde_json::from_str(&said(folder.to_str().unwrap(), &days)).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    let steps = |hour: usize| answer["calls"][0]["hours"][hour]["steps"].clone();
    assert_eq!(steps(3), json!([[], [], ["chie"], ["dai"]]), "at night, and dai for a SEV1");
    assert_eq!(steps(10), json!([["aiko"], [], ["chie"], ["dai"]]), "in the office");
    assert_eq!(answer["unproven"], json!(["aiko", "chie", "dai"]), "ben is never called for what is urgent");
}

#[test]
fn what_can_not_be_drilled_gets_a_sentence() {
    let refused = |arguments: &[&str], because: &str| {
        let output = run(EXAMPLE, arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && told.contains(because), "{arguments:?}: {told}");
        assert!(output.stdout.is_empty());
    };
    refused(&["--from", "2099-12-31", "--to", "2099-12-29"], "not after from");
    refused(&["--from", "2099-11-01", "--to", "2099-12-29"], "longer than 31 days");
    refused(&["--from", "2020-12-29", "--to", "2020-12-31"], "is over");
    refused(&["--from", "29.12.", "--to", "2099-12-31"], "write a day such as");
    refused(&[&NEW_YEAR[..], &["--service", "nothing"]].concat(), "there is no service \"nothing\"");
    refused(&[&NEW_YEAR[..], &["--team", "nothing"]].concat(), "there is no team \"nothing\"");
    refused(&[&NEW_YEAR[..], &["--time-zone", "Mars"]].concat(), "IANA");
    refused(&[&NEW_YEAR[..], &["--at", "2099-12-01T00:00:00Z"]].concat(), "--at");
}
