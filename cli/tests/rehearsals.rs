//! `hansho simulate` and the tests of a configuration, as people and CI run them.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

mod junit;

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use serde_json::Value;

/// Where no Hansho keeps its data: what is played is the example team, or a folder.
fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hansho")).current_dir(std::env::temp_dir()).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Standard output of a run that ends well.
fn told(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// A folder with one file, gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, configuration: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hansho-simulate-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("team.yaml"), configuration).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const TEAM: &str = r#"users:
  aiko: { name: 愛子, phone: "+819000000001", notify: { high: [{ after: 0m, by: sms }] } }
  ben: { name: Ben, phone: "+819000000002", email: ben@example.com, notify: { high: [{ after: 0m, by: sms }], low: [{ after: 0m, by: email }] } }
teams:
  all: { members: [aiko, ben] }
schedules:
  primary:
    time_zone: Asia/Tokyo
    rotations:
      - { name: days, start: 2026-01-05T09:00, every: 1 day, members: [aiko, nobody] }
escalation_policies:
  shop:
    steps:
      - { notify: [schedule/primary], wait: 5m }
      - { notify: [user/ben], wait: 10m }
services:
  shop: { escalation_policy: shop, alarms: ["shop-*"], urgency: by_severity }
fallback: [team/all]
"#;

#[test]
fn simulate_tells_the_whole_story_of_the_example_at_the_end_of_the_year() {
    let story = told(&["simulate", "--service", "checkout", "--at", "2026-12-31T03:00+09:00"]);
    for part in [
        "2026-12-31 03:00 Asia/Tokyo. Nobody answers.",
        "03:00  +0m",
        "03:05  +5m",
        "sms",
        "step 1 of the escalation policy, via schedule/checkout-primary",
        "Everybody was called and nobody answered",
        "Played on the example team",
        "The first page goes out at once.",
        "4 people are paged in all",
        "paged again every 30m until somebody acts",
    ] {
        assert!(story.contains(part), "{part:?} is missing in\n{story}");
    }
    assert!(!story.contains("+81"), "no addresses:\n{story}");
}

#[test]
fn simulate_speaks_japanese() {
    let story = told(&["simulate", "--service", "checkout", "--at", "2026-12-31T03:00", "--language", "ja"]);
    for part in ["誰も応答しません", "例のチームで再現", "最初の通知はすぐに", "エスカレーション1段目", "全部で4人", "30分ごと"]
    {
        assert!(story.contains(part), "{part:?} is missing in\n{story}");
    }
}

#[test]
fn simulate_tells_who_answers_and_what_that_changes() {
    let folder = Folder::new("answers", TEAM);
    let story = told(&[
        "simulate",
        "--config",
        folder.path(),
        "--service",
        "shop",
        "--at",
        "2026-11-24T12:00",
        "--answer",
        "ben=2m:resolve",
        "--answer",
        "aiko=30m",
    ]);
    assert!(story.contains("Ben resolves it 2m after their first page; 愛子 acknowledges 30m after their first page."), "{story}");
    assert!(story.contains("It is resolved after 7m.") || story.contains("It is resolved after 2m."), "{story}");
    assert!(story.contains("The answer of 愛子 (acknowledge) changes nothing: "), "{story}");
}

#[test]
fn simulate_tells_who_is_asked_for_help_and_declines() {
    let folder = Folder::new("help", TEAM);
    let answers = ["--answer", "aiko=1m:request:user/ben", "--answer", "ben=30s:decline", "--answer", "aiko=2m:decline"];
    let basic = ["simulate", "--config", folder.path(), "--service", "shop", "--at", "2026-11-23T12:00"];
    let story = told(&[&basic[..], &answers].concat());
    for part in ["愛子 asked for help: Ben", "愛子 asks for your help", "Ben can not help", "a page can not be declined"] {
        assert!(story.contains(part), "{part:?} is missing in\n{story}");
    }
    let story = told(&[&basic[..], &answers, &["--language", "ja"]].concat());
    for part in ["愛子が応援を依頼: Ben", "Benは応援できません", "通常の呼び出しは断れません"] {
        assert!(story.contains(part), "{part:?} is missing in\n{story}");
    }
}

#[test]
fn simulate_tells_until_when_an_alarm_is_held_and_why_and_what_comes_then() {
    let more = "maintenance_windows:\n  move: { reason: new racks, from: 2026-11-23T11:00+09:00, until: 2026-11-23T12:30+09:00 }\n";
    let folder = Folder::new("held", &format!("{TEAM}{more}"));
    let story = told(&["simulate", "--config", folder.path(), "--service", "shop", "--at", "2026-11-23T12:00"]);
    assert_eq!(story.matches("Held until 12:30: maintenance move: new racks").count(), 2, "on the timeline and below it:\n{story}");
    assert!(story.contains("12:30  +30m") && story.contains("Triggered: still wrong at the end of the hold"), "{story}");
    assert!(story.contains("The first page goes out after 30m."), "{story}");
    let story = told(&["simulate", "--config", folder.path(), "--service", "shop", "--at", "2026-11-23T12:00", "--language", "ja"]);
    assert!(story.contains("12:30まで保留: メンテナンス move: new racks"), "{story}");
}

#[test]
fn simulate_tells_what_goes_along_in_one_message() {
    let rules = "high: [{ after: 0m, by: sms }, { after: 10s, by: sms }, { after: 20s, by: sms }]";
    let folder = Folder::new("along", &TEAM.replacen("high: [{ after: 0m, by: sms }]", rules, 1));
    let basic = ["simulate", "--config", folder.path(), "--service", "shop", "--at", "2026-11-23T12:00"];
    let story = told(&basic);
    assert!(story.contains("your notification rule after 10 s (and 1 page more in the same message)"), "{story}");
    assert!(told(&[&basic[..], &["--language", "ja"]].concat()).contains("(他1件と同じメッセージ)"));
}

#[test]
fn simulate_begins_with_the_turn_that_comes_after_those_that_were_taken() {
    let text = TEAM.replace("{ notify: [schedule/primary], wait: 5m }", "{ notify: [team/all], wait: 5m, round_robin: true }");
    let folder = Folder::new("turns", &text);
    let first = |turns: &[&str]| {
        let basic = ["simulate", "--config", folder.path(), "--service", "shop", "--at", "2026-11-23T12:00", "--json"];
        let story: Value = serde_json::from_str(&told(&[&basic[..], turns].concat())).unwrap();
        story["pages"][0]["user"].as_str().unwrap().to_owned()
    };
    assert_eq!(first(&[]), "aiko");
    assert_eq!(first(&["--turns-taken", "1"]), "ben");
    assert_eq!(first(&["--turns-taken", "2"]), "aiko");
}

#[test]
fn simulate_tells_which_steps_are_for_other_hours() {
    let hours = "hours:\n  office: { time_zone: Asia/Tokyo, windows: [{ from: \"09:00\", to: \"18:00\" }], holidays: [jp-national] }\n";
    let team = r#"users:
  aiko: { name: 愛子, phone: "+819000000001" }
  ben: { name: Ben, phone: "+819000000002" }
escalation_policies:
  shop:
    steps:
      - { notify: [user/aiko], wait: 5m, when: { during: office } }
      - { notify: [user/ben], wait: 5m }
services:
  shop: { escalation_policy: shop, alarms: ["shop-*"] }
"#;
    let folder = Folder::new("hours", &format!("{team}{hours}"));
    let at = |at: &str, language: &str| {
        told(&["simulate", "--config", folder.path(), "--service", "shop", "--at", at, "--zone", "Asia/Tokyo", "--language", language])
    };
    let skipped = "Step 1 was skipped: it is for other hours";
    let night = at("2026-11-24T03:00", "en");
    assert!(night.contains(skipped) && night.contains("Calling step 2"), "{night}");
    assert!(at("2026-11-24T03:00", "ja").contains("1段目は対象の時間帯ではないため飛ばしました"));
    let day = at("2026-11-24T10:00", "en");
    assert!(!day.contains(skipped) && day.contains("Calling step 1"), "{day}");
    assert!(at("2026-11-23T10:00", "en").contains(skipped), "a holiday");
}

#[test]
fn simulate_gives_json_for_machines() {
    let arguments = ["simulate", "--service", "checkout", "--at", "2026-12-31T03:00+09:00", "--answer", "lead=1m", "--json"];
    let story: Value = serde_json::from_str(&told(&arguments)).unwrap();
    assert_eq!(story["service"], "checkout");
    assert_eq!(story["pages"][0]["at"], "2026-12-30T18:00:00Z");
    assert_eq!(story["pages"][0]["until"], "2026-12-30T18:05:00Z");
    assert_eq!(story["pages"][0]["step"], 1);
    assert_eq!(story["first_page_after_seconds"], 0);
    let acknowledged = story["timeline"].as_array().unwrap().iter().find(|moment| moment["actor"] == "user/lead").unwrap();
    assert_eq!(acknowledged["after_seconds"], 360);
}

#[test]
fn simulate_finds_the_service_of_an_alarm_as_the_intake_does() {
    let story = told(&["simulate", "--alarm", "batch-billing", "--severity", "warning", "--at", "2026-12-31T03:00"]);
    assert!(story.starts_with("batch ("), "{story}");
    assert!(story.contains("Triggered: urgent from now on, by the hours of the service"), "{story}");
    assert!(story.contains("paged again every 1h until somebody acts"), "{story}");
    assert!(told(&["simulate", "--alarm", "unheard-of", "--at", "2026-12-31T03:00"]).starts_with("catch-all ("));
}

#[test]
fn simulate_says_what_is_wrong_with_what_was_asked() {
    for (arguments, sentence) in [
        (vec!["--service", "chekout"], "there is no service chekout; there are batch, catch-all, checkout"),
        (vec!["--service", "checkout", "--answer", "nadia=5m"], "--answer: there is no user nadia"),
        (vec!["--service", "checkout", "--answer", "aiko"], "write aiko=7m"),
        (vec!["--service", "checkout", "--at", "tomorrow"], "write it as 2026-12-31T03:00"),
        (vec!["--service", "checkout", "--zone", "Tokyo"], "write area and city"),
        (vec!["--service", "checkout", "--answer", "aiko=1m:request"], "write aiko=9m:request:user/ben"),
        (vec!["--service", "checkout", "--label", "env"], "write env=prod"),
        (vec!["--event", "/nowhere.json"], "/nowhere.json can not be read"),
        (vec!["--event", "/dev/null"], "is no JSON"),
        (vec!["--event", "/dev/null", "--severity", "info"], "cannot be used with"),
        (vec!["--service", "checkout", "--url", "http://localhost:1", "--token", "t"], "does not answer"),
        (vec!["--service", "checkout", "--until", "5"], "has no unit"),
        (vec!["--from", "2026-12-29T00:00", "--to", "2026-12-29T00:00"], "--to must be later than --from"),
        (vec!["--from", "2026-12-29T00:00", "--to", "2036-12-29T00:00", "--every", "1m"], "give a longer --every"),
        (vec!["--service", "checkout", "--config", "/nowhere"], "problem(s) in the configuration"),
    ] {
        let output = run(&[vec!["simulate"], arguments].concat());
        assert!(!output.status.success());
        assert!(text(&output.stderr).contains(sentence), "{sentence}\n{}", text(&output.stderr));
    }
}

#[test]
fn a_sweep_lists_the_moments_at_which_too_few_people_would_be_woken() {
    let folder = Folder::new("sweep", TEAM);
    let sweep = |more: &[&str]| {
        let all = ["simulate", "--config", folder.path(), "--from", "2026-11-23T00:00", "--to", "2026-11-25T00:00", "--service", "shop"];
        run(&[&all[..], more].concat())
    };
    // Aiko has every second day from 09:00; on the others Ben is called at once, and he alone.
    let found = sweep(&[]);
    assert!(found.status.success());
    let told = text(&found.stdout);
    assert!(told.contains("only ben"), "{told}");
    assert!(told.contains("9 moments") && told.contains("15 moments"), "{told}");
    assert_eq!(sweep(&["--fail-under", "2"]).status.code(), Some(1));
    assert_eq!(sweep(&["--fail-under", "1"]).status.code(), Some(0));
    let sooner = text(&sweep(&["--within", "4m", "--fail-under", "1"]).stdout);
    assert!(sooner.contains("none: at each of 48 moments 1 or more people are woken"), "{sooner}");
    let told = text(&sweep(&["--severity", "info", "--fail-under", "1"]).stdout);
    assert!(told.contains("never wakes anybody"), "{told}");
    let json: Value = serde_json::from_slice(&sweep(&["--json"]).stdout).unwrap();
    assert_eq!(json[0]["moments"], 48);
    assert_eq!(json[0]["spans"][0]["lack"]["only"][0], "ben");
}

#[test]
fn check_plays_the_tests_and_says_what_happened_instead() {
    let tests = r#"tests:
  - { at: 2026-11-23T12:00, service: shop, expect: [{ within: 1m, page: aiko, by: sms }, { within: 5m, page: team/all }] }
  - { at: 2026-11-24T12:00, service: shop, expect: [{ within: 1m, page: aiko, by: sms }, { within: 5m, page: team/all }] }
  - { at: 2026-11-24T12:00, alarm: shop-5xx, severity: info, silent_for: 1h }
  - { at: 2026-11-24T12:00, service: shop, answers: [{ user: ben, after: 1m, with: resolve }], never: [{ page: aiko }] }
"#;
    // Two of them have no name and the same service and time: a report needs two names all the same.
    let folder = Folder::new("tests", &format!("{TEAM}{tests}"));
    let report = folder.file("report.xml");
    let output = run(&["check", "--config", folder.path(), "--junit", &report]);
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stderr);
    // What is probably not meant (a slot of nobody's) is said besides.
    let lines: Vec<&str> = told.lines().filter(|line| !line.contains(": warning: ")).collect();
    assert_eq!(lines.len(), 5, "{told}");
    for (line, sentence) in lines.iter().zip([
        "within 1m: aiko was not paged by sms; ben was paged by sms at 0m (step 2)",
        "within 5m: aiko was not paged; ben was paged by sms at 0m (step 2)",
        "silent for 1h: ben was paged by email at 0m (step 2)",
        "note: 1 `never` without `within`",
        "error: 3 expectation(s) of the tests",
    ]) {
        assert!(line.contains(sentence), "{sentence:?} is missing in\n{told}");
    }
    assert!(lines[0].starts_with("team.yaml:21:") && lines[1].starts_with("team.yaml:21:"), "{told}");
    let xml = fs::read_to_string(report).unwrap();
    junit::assert_valid(&xml);
    assert!(xml.contains("<testsuites tests=\"5\""), "{xml}");
    assert!(xml.contains("line=\"21\""), "{xml}");
}

#[test]
fn check_reports_problems_as_junit_too() {
    let folder = Folder::new("junit", "users: {}\nteams: { a: { members: [b] } }\n");
    let report = folder.file("report.xml");
    assert_eq!(run(&["check", "--config", folder.path(), "--junit", &report]).status.code(), Some(1));
    let xml = fs::read_to_string(report).unwrap();
    junit::assert_valid(&xml);
    assert!(xml.contains("failures=\"1\"") && xml.contains("there is no user `b`"), "{xml}");
}

#[test]
fn the_tests_of_the_example_hold() {
    let output = run(&["check", "--config", concat!(env!("CARGO_MANIFEST_DIR"), "/example")]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("4 tests"), "{}", text(&output.stdout));
}
