//! `hansho plan`, `apply`, `rollback`, `export` and `versions` as people and CI run them.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]
#![expect(clippy::disallowed_methods, reason = "a process that starts needs real time")]

#[path = "configuration/calendars.rs"]
mod calendars;
#[path = "configuration/lambda.rs"]
mod lambda;
#[expect(dead_code, reason = "the other suite uses the rest")]
mod process;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use process::{Folder, Served, hansho, run, text};
use serde_json::Value;

const TEAM: &str = r#"# 当番
users:
  aiko: { name: Aiko, phone: "+819012345678" }
  ben: { name: Ben, email: ben@example.com, webhook: "https://hooks.example.com/T0/secret-path", webhook_secret: correct-horse-battery }
schedules:
  primary:
    time_zone: Asia/Tokyo
    rotations: [{ name: weekly, start: 2026-01-05T10:00, every: 1 week, members: [aiko] }]
escalation_policies:
  checkout: { steps: [{ notify: [schedule/primary], wait: 5m }, { notify: [user/ben], wait: 10m }] }
"#;
const SERVICES: &str = "services:\n  checkout: { escalation_policy: checkout, alarms: [\"checkout-*\"] }\nfallback: [user/ben]\n";

/// A folder of configuration in the test's folder.
fn write(folder: &Folder, name: &str, team: &str) -> String {
    let path = folder.path(name);
    fs::create_dir_all(Path::new(&path).join("services")).unwrap();
    fs::write(Path::new(&path).join("team.yaml"), team).unwrap();
    fs::write(Path::new(&path).join("services/checkout.yaml"), SERVICES).unwrap();
    path
}

/// Runs a command against the local run.
fn against(served: &Served, folder: &Folder, arguments: &[&str]) -> Output {
    let (url, data) = (format!("http://localhost:{}", served.port), folder.path("data"));
    run(&[arguments, &["--url", &url, "--data", &data]].concat())
}

/// What a command prints that must succeed.
#[track_caller]
fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

#[track_caller]
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stderr)
}

#[test]
fn a_plan_says_that_a_test_of_the_folder_is_not_met_and_check_says_which() {
    let folder = Folder::new("unmet");
    let test = "tests: [{ name: 年末, at: 2026-12-31T03:00, service: checkout, expect: [{ within: 1m, page: ben }] }]\n";
    let first = write(&folder, "first", TEAM);
    let unmet = write(&folder, "unmet", &format!("{TEAM}{test}"));
    let served = Served::local_with(&folder, &["--config", &first]);
    let planned = against(&served, &folder, &["plan", "--config", &unmet]);
    assert!(planned.status.success());
    assert!(text(&planned.stderr).contains("warning: 1 expectation(s) of the tests in "), "{}", text(&planned.stderr));
    assert!(!text(&against(&served, &folder, &["plan", "--config", &first]).stderr).contains("warning"));
    let checked = run(&["check", "--config", &unmet]);
    assert!(!checked.status.success());
    let told = [text(&checked.stdout), text(&checked.stderr)].concat();
    assert!(told.contains("team.yaml:11:") && told.contains(": 年末: "), "{told}");
}

#[test]
fn plan_apply_rollback_and_export_go_round_without_a_difference() {
    let folder = Folder::new("round");
    let (first, second) = (write(&folder, "first", TEAM), write(&folder, "second", &TEAM.replace("wait: 5m", "wait: 7m")));
    let served = Served::local_with(&folder, &["--config", &first]);
    let of = |arguments: &[&str]| against(&served, &folder, arguments);
    let nothing = "Nothing would change.";

    let plan = of(&["plan", "--config", &first, "--detailed-exitcode"]);
    assert!(plan.status.code() == Some(0) && text(&plan.stdout).contains(nothing), "{}{}", text(&plan.stdout), text(&plan.stderr));
    let plan = of(&["plan", "--config", &second, "--detailed-exitcode"]);
    assert_eq!(plan.status.code(), Some(2), "{}", text(&plan.stderr));
    for part in ["~ checkout", "~ steps[0].wait: 5m -> 7m", "0 to add, 1 to change, 0 to remove"] {
        assert!(text(&plan.stdout).contains(part), "{part}: {}", text(&plan.stdout));
    }
    let applied = said(&of(&["apply", "--config", &second, "--yes", "--message", "ben sleeps", "--by", "aiko"]));
    assert!(applied.contains("Version 2 is in force (escalation_policies: 1 changed)."), "{applied}");
    assert!(said(&of(&["plan", "--config", &second])).contains(nothing));
    assert!(said(&of(&["apply", "--config", &second])).contains(nothing), "without --yes, because nothing is asked");

    let live = folder.path("live");
    said(&of(&["export", "--to", &live]));
    for name in ["team.yaml", "services/checkout.yaml"] {
        let (exported, written) = (fs::read(Path::new(&live).join(name)), fs::read(Path::new(&second).join(name)));
        assert_eq!(text(&exported.unwrap()), text(&written.unwrap()), "{name}");
    }
    assert!(said(&of(&["plan", "--config", &live])).contains(nothing));

    let back = said(&of(&["rollback", "1", "--yes", "--by", "aiko"]));
    assert!(back.contains("~ steps[0].wait: 7m -> 5m") && back.contains("Version 3 is in force"), "{back}");
    assert!(said(&of(&["plan", "--config", &first])).contains(nothing));
    let before = folder.path("before");
    said(&of(&["export", "--to", &before, "--version", "2"]));
    assert!(fs::read_to_string(Path::new(&before).join("team.yaml")).unwrap().contains("wait: 7m"));

    let versions = said(&of(&["versions"]));
    for part in ["hansho rollback by aiko", "(the files of version 1)", "hansho apply by aiko: ben sleeps", "hansho local --config"] {
        assert!(versions.contains(part), "{part}: {versions}");
    }
}

#[test]
fn comments_and_moved_files_are_no_change_and_are_exported_all_the_same() {
    let folder = Folder::new("comments");
    let first = write(&folder, "first", TEAM);
    let served = Served::local_with(&folder, &["--config", &first]);
    fs::rename(Path::new(&first).join("services/checkout.yaml"), Path::new(&first).join("checkout.yaml")).unwrap();
    let plan = said(&against(&served, &folder, &["plan", "--config", &first]));
    assert!(plan.contains("only comments, layout or files differ"), "{plan}");
    said(&against(&served, &folder, &["apply", "--config", &first, "--yes"]));
    let live = folder.path("live");
    said(&against(&served, &folder, &["export", "--to", &live]));
    assert!(Path::new(&live).join("checkout.yaml").is_file() && !Path::new(&live).join("services").exists());
}

#[test]
fn what_is_allowed_in_a_comment_is_still_allowed_in_what_is_exported() {
    let folder = Folder::new("allowed");
    let allowing = TEAM.replace("  ben:", "  # hansho: allow no-phone\n  ben:");
    let first = write(&folder, "first", &allowing);
    let warned = |path: &str| text(&run(&["check", "--config", path]).stderr).contains("[no-phone]");
    assert!(warned(&write(&folder, "bare", TEAM)) && !warned(&first), "ben has no phone, and that is meant");
    let served = Served::local_with(&folder, &["--config", &first]);
    let live = folder.path("live");
    said(&against(&served, &folder, &["export", "--to", &live]));
    assert_eq!(fs::read_to_string(Path::new(&live).join("team.yaml")).unwrap(), allowing);
    assert!(!warned(&live));
}

#[test]
fn a_plan_and_what_is_printed_hold_no_secret_and_no_whole_address() {
    let folder = Folder::new("secrets");
    let first = write(&folder, "first", TEAM);
    let served = Served::local(&folder);
    for arguments in [&["plan", "--config", &first][..], &["plan", "--config", &first, "--json"], &["apply", "--config", &first, "--yes"]] {
        let output = against(&served, &folder, arguments);
        let printed = text(&output.stdout) + &text(&output.stderr);
        assert!(printed.contains("+81…78"), "{printed}");
        for hidden in ["correct-horse", "secret-path", "+819012345678", "ben@example.com"] {
            assert!(!printed.contains(hidden), "{hidden}: {printed}");
        }
    }
}

#[test]
fn an_apply_asks_and_where_nobody_can_be_asked_it_changes_nothing() {
    let folder = Folder::new("ask");
    let first = write(&folder, "first", TEAM);
    let served = Served::local(&folder);
    let said = refused(&against(&served, &folder, &["apply", "--config", &first]));
    assert!(said.contains("--yes"), "{said}");
    assert!(!text(&against(&served, &folder, &["versions"]).stdout).contains("hansho apply"));
}

#[test]
fn mistakes_are_reported_with_file_and_line_and_nothing_is_sent() {
    let folder = Folder::new("mistakes");
    let first = write(&folder, "first", &TEAM.replace("schedule/primary", "schedule/primery"));
    let served = Served::local(&folder);
    for command in ["plan", "apply"] {
        let said = refused(&against(&served, &folder, &[command, "--config", &first]));
        assert!(said.contains("team.yaml:10:") && said.contains("did you mean `primary`?") && said.contains("1 problem(s)"), "{said}");
    }
}

#[test]
fn only_who_holds_a_token_reads_or_changes_the_configuration_of_a_local_run() {
    let folder = Folder::new("holds");
    let served = Served::local(&folder);
    let path = "/2015-03-31/functions/hansho-config/invocations";
    for headers in
        ["", "Authorization: Bearer wrong\r\n", "Authorization: AWS4-HMAC-SHA256 Credential=x\r\n", "X-Amz-Invocation-Type: Event\r\n"]
    {
        let (status, answer) = served.exchange("POST", path, headers, r#"{"action":"export"}"#);
        assert!(status == 401 && answer.contains("hansho apply"), "{headers}: {status} {answer}");
    }
    let first = write(&folder, "first", TEAM);
    let said = refused(&run(&["plan", "--config", &first, "--url", &format!("http://localhost:{}", served.port), "--data", "/nowhere"]));
    assert!(said.contains("--token"), "{said}");
}

#[test]
fn a_restart_without_a_folder_keeps_what_was_applied_and_one_with_a_folder_applies_it() {
    let folder = Folder::new("restart");
    let (first, second) = (write(&folder, "first", TEAM), write(&folder, "second", &TEAM.replace("wait: 5m", "wait: 7m")));
    let versions = |served: &Served| said(&against(served, &folder, &["versions"])).lines().filter(|line| line.contains("by ")).count();
    {
        let served = Served::local(&folder);
        assert_eq!(versions(&served), 1, "the example team");
        said(&against(&served, &folder, &["apply", "--config", &first, "--yes"]));
    }
    {
        let served = Served::local(&folder);
        assert_eq!(versions(&served), 2);
        assert!(said(&against(&served, &folder, &["plan", "--config", &first])).contains("Nothing would change."));
    }
    let served = Served::local_with(&folder, &["--config", &second]);
    assert_eq!(versions(&served), 3);
    assert!(said(&against(&served, &folder, &["plan", "--config", &second])).contains("Nothing would change."));
}

#[test]
fn an_export_overwrites_nothing_and_mixes_with_nothing() {
    let folder = Folder::new("export");
    let first = write(&folder, "first", TEAM);
    let served = Served::local_with(&folder, &["--config", &first]);
    let export = |to: &str, more: &[&str]| against(&served, &folder, &[&["export", "--to", to], more].concat());
    said(&export(&first, &[]));
    fs::write(Path::new(&first).join("more.yaml"), "users: {}\n").unwrap();
    assert!(refused(&export(&first, &[])).contains("more.yaml is not part of the version"));
    fs::remove_file(Path::new(&first).join("more.yaml")).unwrap();
    fs::write(Path::new(&first).join("team.yaml"), "users: {}\n").unwrap();
    assert!(refused(&export(&first, &[])).contains("team.yaml says something else"));
    assert_eq!(fs::read_to_string(Path::new(&first).join("team.yaml")).unwrap(), "users: {}\n");
    said(&export(&first, &["--force"]));
    assert_eq!(fs::read_to_string(Path::new(&first).join("team.yaml")).unwrap(), TEAM);
    assert!(refused(&export(&first, &["--version", "99"])).contains("there is no version 99"));
}

#[test]
fn an_exported_folder_is_what_is_live_and_nothing_besides() {
    let folder = Folder::new("export-besides");
    let first = write(&folder, "first", TEAM);
    let served = Served::local_with(&folder, &["--config", &first]);
    let more = Path::new(&first).join("services/more.yaml");
    fs::write(&more, "users: {}\n").unwrap();
    fs::write(Path::new(&first).join("README.md"), "# Ours\n").unwrap();
    fs::write(Path::new(&first).join("team.yaml"), "users: {}\n").unwrap();
    let export = |flags: &[&str]| against(&served, &folder, &[&["export", "--to", &first], flags].concat());
    let told = refused(&export(&["--force"]));
    assert!(told.contains("services/more.yaml is not part of the version") && told.contains("say --delete to remove it"), "{told}");
    assert_eq!(fs::read_to_string(Path::new(&first).join("team.yaml")).unwrap(), "users: {}\n", "nothing was written");
    assert!(refused(&export(&["--delete"])).contains("team.yaml says something else") && more.exists());
    let told = said(&export(&["--force", "--delete"]));
    assert!(told.contains("services/more.yaml: removed"), "{told}");
    assert!(!more.exists() && Path::new(&first).join("README.md").exists());
    assert!(said(&against(&served, &folder, &["plan", "--config", &first])).contains("Nothing would change."));
}

#[test]
fn what_was_worked_is_reported_in_the_same_bytes_after_names_and_rotations_were_edited() {
    let folder = Folder::new("report");
    let first = write(&folder, "first", TEAM);
    // The last minutes of November in Tokyo.
    let served = Served::local_with(&folder, &["--config", &first, "--start-at", "2026-11-30T14:55:00Z"]);
    let advance = |duration: &str| {
        let body = format!(r#"{{"duration":"{duration}"}}"#);
        assert_eq!(served.exchange("POST", "/_local/clock/advance", "Content-Type: application/json\r\n", &body).0, 200);
    };
    let reports = || {
        let report = |format: &str| {
            let month = ["oncall", "report", "--month", "2026-11", "--time-zone", "Asia/Tokyo", "--by-schedule", "--format", format];
            said(&against(&served, &folder, &month))
        };
        ["table", "csv", "json"].map(report)
    };
    advance("6m");
    let before = reports();
    assert!(before[1].contains("2026-11,aiko,Aiko,primary,") && before[1].contains(",0.08,0\r\n"), "five minutes: {}", before[1]);
    let edited = TEAM
        .replace("name: Aiko", "name: \"=cmd|' /C calc'!A0\"")
        .replace("time_zone: Asia/Tokyo", "time_zone: America/New_York")
        .replace("start: 2026-01-05T10:00, every: 1 week, members: [aiko]", "start: 2026-01-06T11:00, every: 1 day, members: [ben]");
    assert_eq!(edited.matches("America/New_York").count(), 1);
    let second = write(&folder, "second", &edited);
    said(&against(&served, &folder, &["apply", "--config", &second, "--yes"]));
    advance("1m");
    let now = said(&against(&served, &folder, &["oncall", "--schedule", "primary"]));
    assert!(now.contains("Ben (ben)"), "the edit is in force: {now}");
    assert_eq!(reports(), before);
}

#[test]
fn a_plan_as_json_is_for_tools() {
    let folder = Folder::new("json");
    let first = write(&folder, "first", TEAM);
    let served = Served::local(&folder);
    let plan: Value = serde_json::from_str(&said(&against(&served, &folder, &["plan", "--config", &first, "--json"]))).unwrap();
    assert_eq!((&plan["result"], &plan["version"]), (&"planned".into(), &1.into()), "{plan}");
    let changes = plan["changes"].as_array().unwrap();
    assert!(changes.iter().any(|change| change["section"] == "users" && change["name"] == "lead" && change["kind"] == "removed"), "{plan}");
    let versions: Value = serde_json::from_str(&said(&against(&served, &folder, &["versions", "--json"]))).unwrap();
    assert_eq!(versions["versions"][0]["author"]["by"], "local", "{versions}");
}

/// A command with an environment of the test's own.
fn alone(arguments: &[&str]) -> Command {
    let mut command = hansho(arguments);
    command.env_clear().env("PATH", "/nowhere");
    command
}

#[test]
fn the_rules_and_tests_that_readme_shows_stand_beside_the_example() {
    let folder = Folder::new("readme");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("../README.md")).unwrap();
    let samples = readme.split("```yaml\n").skip(1).filter_map(|rest| rest.split_once("```")).map(|(sample, _)| sample);
    let shown: Vec<&str> = samples.filter(|sample| sample.starts_with("routes:") || sample.starts_with("tests:")).collect();
    assert_eq!(shown.len(), 2);
    for (number, sample) in shown.iter().enumerate() {
        let path = folder.path(&format!("on-call-{number}"));
        fs::create_dir_all(&path).unwrap();
        for file in fs::read_dir(root.join("example")).unwrap().map(Result::unwrap) {
            let text = fs::read_to_string(file.path()).unwrap();
            // The list of tests is one.
            let kept = if sample.starts_with("tests:") { text.split("\ntests:").next().unwrap() } else { &text };
            fs::write(Path::new(&path).join(file.file_name()), format!("{kept}\n")).unwrap();
        }
        fs::write(Path::new(&path).join("readme.yaml"), sample).unwrap();
        said(&run(&["check", "--strict", "--config", &path]));
    }
}
