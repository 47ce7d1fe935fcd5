//! The commands as people and scripts run them: the real binary, its exit code, what it prints.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]
#![expect(clippy::disallowed_methods, reason = "a process that starts needs real time")]

#[path = "commands/environment.rs"]
mod environment;
mod process;

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::Path,
};

use process::{Folder, Served, run, text};
use serde_json::{Value, json};

fn mode(path: &str) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn demo_plays_the_story_to_its_end() {
    let done = run(&["demo", "--quick"]);
    let told = text(&done.stdout);
    assert!(done.status.success(), "{told}{}", text(&done.stderr));
    for part in ["acknowledged", "Resolved"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/example");

#[test]
fn check_of_the_example_is_clean_also_when_it_is_strict() {
    let done = run(&["check", "--config", EXAMPLE, "--strict"]);
    assert!(done.status.success(), "{}{}", text(&done.stdout), text(&done.stderr));
    assert!(
        text(&done.stdout).contains("no problems (4 users, 1 team, 2 schedules, 1 escalation policy, 2 services, 4 tests)"),
        "{}",
        text(&done.stdout)
    );
}

#[test]
fn check_warns_and_fails_on_warnings_only_when_it_is_strict() {
    let folder = Folder::new("warnings");
    let config = folder.path("");
    let team = "users:\n  aiko: { name: Aiko, email: aiko@example.com }\nfallback: [user/aiko]\n";
    fs::write(folder.0.join("team.yaml"), team).unwrap();
    let expected =
        "team.yaml:2:3: warning: users.aiko: has no phone, and `fallback` calls them: a mail wakes nobody; add `phone` [no-phone]\n";
    let done = run(&["check", "--config", &config]);
    assert!(done.status.success());
    assert_eq!(text(&done.stderr), expected);
    assert!(text(&done.stdout).contains("no problems, 1 warning (1 user"), "{}", text(&done.stdout));
    let strict = run(&["check", "--config", &config, "--strict"]);
    assert_eq!((strict.status.success(), text(&strict.stderr).as_str()), (false, expected));

    let object = run(&["check", "--config", &config, "--format", "json"]);
    let object: Value = serde_json::from_slice(&object.stdout).unwrap();
    let finding = &object["findings"][0];
    assert_eq!((&finding["severity"], &finding["kind"], &finding["line"]), (&json!("warning"), &json!("no-phone"), &json!(2)));
    assert_eq!((&finding["file"], &object["parts"]["users"]), (&json!("team.yaml"), &json!(1)));
    let annotations = text(&run(&["check", "--config", &config, "--format", "github"]).stdout);
    assert!(
        annotations.starts_with("::warning file=") && annotations.contains("team.yaml,line=2,col=3,title=no-phone::users.aiko: "),
        "{annotations}"
    );

    fs::write(
        folder.0.join("team.yaml"),
        format!("# hansho: allow no-phone\n{}", team.replace("  aiko:", "  # hansho: allow no-phone\n  aiko:")),
    )
    .unwrap();
    let told = text(&run(&["check", "--config", &config]).stderr);
    assert!(told.contains("[allow-unused]") && !told.contains("[no-phone]"), "{told}");
}

#[test]
fn check_says_what_never_without_a_time_means_whether_it_holds_or_not() {
    let folder = Folder::new("never");
    let config = folder.path("");
    let team = |never: &str| {
        format!(
            "users:\n  aiko: {{ name: Aiko, phone: \"+819000000001\" }}\n  ben: {{ name: Ben, phone: \"+819000000002\" }}\nescalation_policies:\n  p: {{ steps: [{{ notify: [user/aiko], wait: 5m }}, {{ notify: [user/ben], wait: 5m }}] }}\nservices:\n  s: {{ escalation_policy: p, alarms: [\"s-*\"] }}\nfallback: [user/aiko]\ntests:\n  - {{ at: 2026-12-31T03:00Z, service: s, never: [{never}] }}\n"
        )
    };
    let told = |never: &str, more: &[&str]| {
        fs::write(folder.0.join("team.yaml"), team(never)).unwrap();
        let done = run(&[&["check", "--config", &config][..], more].concat());
        (done.status.success(), text(&done.stderr) + &text(&done.stdout))
    };
    let note =
        "note: 1 `never` without `within`: these people must not be paged by any step, until nobody is paged any more; with `within: 30m`";
    let (passed, said) = told("{ page: ben }", &[]);
    assert!(!passed && said.contains(note) && said.contains("never: ben was paged by sms at 5m (step 2)"), "{said}");
    let (passed, said) = told("{ page: ben, by: email }", &[]);
    assert!(passed && said.contains(note), "{said}");
    let (passed, said) = told("{ page: ben, within: 4m }", &[]);
    assert!(passed && !said.contains("note: 1 `never`"), "{said}");
    let (_, said) = told("{ page: ben, by: email }", &["--language", "ja"]);
    assert!(said.contains("注: `within` のない `never` が1件あります"), "{said}");
}

#[test]
fn check_plan_and_oncall_are_told_in_japanese_too() {
    let folder = Folder::new("japanese");
    let config = folder.path("");
    let team = "users:\n  aiko: { name: 愛子, email: aiko@example.com }\nfallback: [user/aiko]\n";
    fs::write(folder.0.join("team.yaml"), team).unwrap();
    let ja = ["--language", "ja"];
    let done = run(&[&["check", "--config", &config][..], &ja].concat());
    let said = text(&done.stderr) + &text(&done.stdout);
    for part in [
        "team.yaml:2:3: 警告: users.aiko: ",
        "問題はありません。警告1件 (担当者 1、チーム 0、当番表 0、",
        "  no-phone: 呼び出される人に電話番号がない。\n",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    fs::write(folder.0.join("team.yaml"), format!("{team}teems: {{}}\n")).unwrap();
    let broken = text(&run(&[&["check", "--config", &config][..], &ja].concat()).stderr);
    assert!(broken.contains("に問題が1件あります"), "{broken}");

    let oncall = |more: &[&str]| {
        let done = run(&[&["oncall"], more, &["--config", EXAMPLE], &ja[..]].concat());
        assert!(done.status.success(), "{}", text(&done.stderr));
        text(&done.stdout)
    };
    let now = oncall(&["now", "--at", "2030-01-01T00:00:00Z"]);
    assert!(now.contains(" の当番\n\n当番表 ") && now.contains("次の当番"), "{now}");
    let next = oncall(&["next", "--at", "2030-01-01T00:00:00Z"]);
    assert!(next.contains(" の次の当番\n\n"), "{next}");
    let shifts = oncall(&["shifts", "--from", "2030-01-01", "--to", "2030-02-01"]);
    assert!(shifts.contains(" までの当番\n\n開始 ") && shifts.contains("交代 "), "{shifts}");

    let served = Served::local(&folder);
    let (url, data) = (format!("http://localhost:{}", served.port), folder.path("data"));
    fs::write(folder.0.join("team.yaml"), team).unwrap();
    let plan = text(&run(&[&["plan", "--config", &config, "--url", &url, "--data", &data][..], &ja].concat()).stdout);
    assert!(plan.contains("現在は版1です") && plan.contains("変更予定: 追加") && plan.contains("\n削除されるもの:\n"), "{plan}");
}

#[test]
fn check_looks_up_runbooks_and_looks_ahead_from_the_time_it_is_given() {
    let folder = Folder::new("runbooks");
    let runbooks = folder.path("");
    let told = text(&run(&["check", "--config", EXAMPLE, "--runbooks", &runbooks]).stderr);
    assert!(
        told.contains("services.yaml")
            && told.contains("points at no file of the folder of runbooks")
            && told.contains("[runbook-unknown]"),
        "{told}"
    );
    for name in ["checkout.md", "batch.md"] {
        fs::write(folder.0.join(name), "# What to do\n").unwrap();
    }
    let done = run(&["check", "--config", EXAMPLE, "--runbooks", &runbooks, "--strict"]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let missing = run(&["check", "--config", EXAMPLE, "--runbooks", &folder.path("missing")]);
    assert!(!missing.status.success() && text(&missing.stderr).contains("can not be listed"), "{}", text(&missing.stderr));
    // The example's rotations begin in January 2026.
    let early = text(&run(&["check", "--config", EXAMPLE, "--at", "2025-12-25T00:00:00Z"]).stderr);
    assert!(early.contains("[coverage-gap]") && early.contains("to Mon 2026-01-05 10:00 (Asia/Tokyo)"), "{early}");
}

#[test]
fn check_of_a_broken_folder_names_every_mistake_with_file_and_line_and_fails() {
    let folder = Folder::new("check");
    let broken = "users:\n  aiko: { name: Aiko, email: aiko@example.com, langauge: ja }\nfallback: [user/nobody-knows]\n";
    fs::write(folder.0.join("team.yaml"), broken).unwrap();
    let done = run(&["check", "--config", &folder.path("")]);
    let told = text(&done.stderr) + &text(&done.stdout);
    assert!(!done.status.success(), "{told}");
    for part in ["team.yaml:2", "language", "team.yaml:3", "nobody-knows"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn table_create_makes_a_table_on_any_endpoint_and_leaves_one_that_is_there() {
    let folder = Folder::new("table");
    let served = Served::start(&["table", "serve", "--data", &folder.path("data")], "DynamoDB is up");
    let url = format!("http://127.0.0.1:{}", served.port);
    for said in ["made the table another", "was at"] {
        let done = run(&["table", "create", "--endpoint-url", &url, "--table", "another"]);
        assert!(done.status.success() && text(&done.stdout).contains(said), "{}{}", text(&done.stdout), text(&done.stderr));
    }
}

#[test]
fn incident_create_pages_once_however_often_it_is_run_and_says_who_asked() {
    let folder = Folder::new("incident");
    let served = Served::local(&folder);
    let url = format!("http://localhost:{}", served.port);
    let data = folder.path("data");
    let ask = || {
        run(&[
            "incident",
            "create",
            "--service",
            "checkout",
            "--title",
            "Payments fail",
            "--idempotency-key",
            "k",
            "--url",
            &url,
            "--data",
            &data,
        ])
    };
    let (first, again) = (ask(), ask());
    assert!(first.status.success(), "{}", text(&first.stderr));
    assert_eq!(text(&first.stdout), text(&again.stdout));
    let id = text(&first.stdout);
    let token = fs::read_to_string(Path::new(&data).join("secrets")).unwrap().lines().nth(1).unwrap().to_owned();
    let (status, shown) = served.exchange("GET", &format!("/incidents/{}", id.trim()), &format!("Authorization: Bearer {token}\r\n"), "");
    assert!(status == 200 && shown.contains("token/local"), "{shown}");
    assert_eq!(served.outbox().iter().filter(|message| message["channel"] == "sms").count(), 1);
}

/// Everything that the API takes is a command, and each is carried out in the name of the person it is asked for.
#[test]
fn every_action_on_an_incident_has_a_command() {
    let folder = Folder::new("actions");
    let served = Served::local(&folder);
    let (url, data) = (format!("http://localhost:{}", served.port), folder.path("data"));
    let incident = |arguments: &[&str]| run(&[&["incident"], arguments, &["--url", &url, "--data", &data]].concat());
    let open = |title: &str| {
        let made = incident(&["create", "--service", "checkout", "--title", title]);
        assert!(made.status.success(), "{}", text(&made.stderr));
        text(&made.stdout).trim().to_owned()
    };
    let (first, second) = (open("Payments fail"), open("Refunds fail"));
    let on = |id: &str, arguments: &[&str], expected: &str| {
        let done = incident(&[&[arguments[0], id], &arguments[1..]].concat());
        let told = text(&done.stdout);
        let is_sentence = told.ends_with(".\n") || told.ends_with("。\n");
        assert!(told.starts_with(&format!("{id}: {expected}")) && is_sentence, "{arguments:?}: {told}{}", text(&done.stderr));
    };
    on(&first, &["priority", "SEV2"], "Its priority is SEV2. Calling ");
    on(&first, &["priority", "none", "--language", "ja"], "優先度を外しました。");
    on(&first, &["urgency", "high"], "Nothing has changed. It is so already. Calling ");
    on(&first, &["escalate", "--user", "aiko"], "Calling ");
    on(&first, &["ack", "--user", "aiko"], "aiko has it, and nobody is called; if it is not resolved by ");
    on(
        &first,
        &["request-responders", "--to", "user/ben", "--message", "come", "--user", "aiko"],
        "Asked to help, and not answered yet: ben. aiko has it",
    );
    on(&first, &["accept", "--user", "ben"], "ben helps. aiko has it");
    on(&first, &["request-responders", "--to", "user/chie"], "Asked to help, and not answered yet: chie. aiko has it");
    on(&first, &["decline", "--user", "chie"], "chie does not help. aiko has it");
    on(&first, &["request-responders", "--to", "user/chie", "--message", "after all"], "Asked to help, and not answered yet: chie.");
    on(&first, &["cancel-requests", "--of", "chie"], "Nobody is asked to help any more. aiko has it");
    on(&first, &["snooze", "--minutes", "60", "--user", "aiko"], "aiko has it, and nobody is called until ");
    on(&first, &["snooze", "--for", "2h", "--user", "aiko"], "aiko has it, and nobody is called until ");
    on(&first, &["note", "rolled back to 41"], "It is written down. aiko has it");
    on(&first, &["reassign", "--to", "user/ben"], "Calling ben; without an answer it goes on at ");
    on(&second, &["merge", "--into", &first], &format!("Merged into {first} by token local at "));
    on(&first, &["resolve", "--user", "ben"], "Resolved by ben at ");
    on(&first, &["reopen"], "Calling ");
    let refused = incident(&["accept", &first, "--user", "chie"]);
    assert!(!refused.status.success() && text(&refused.stderr).contains("Hansho refused (409)"), "{}", text(&refused.stderr));
    for (arguments, says) in [
        (&["acknowledge", "x"][..], "incident"),
        (&["snooze", &first][..], "--for <DURATION>|--until <TIME>|--minutes <MINUTES>"),
        (&["snooze", &first, "--for", "soon"][..], "is no duration; write 90m, 8h or 2d"),
        (&["snooze", &first, "--for", "2h", "--minutes", "5"][..], "cannot be used with"),
        (&["snooze", &first, "--until", "tonight"][..], "is no time; write 2026-12-31T03:00:00+09:00"),
        (&["reassign", &first][..], "--to"),
        (&["priority", &first, "SEV9"][..], "SEV1, SEV2, SEV3, SEV4 or none"),
    ] {
        let refused = incident(arguments);
        assert!(!refused.status.success() && text(&refused.stderr).contains(says), "{arguments:?}: {}", text(&refused.stderr));
    }
}

#[test]
fn a_snooze_ends_when_it_says_on_the_clock_that_is_named() {
    let folder = Folder::new("snooze");
    let served = Served::local_with(&folder, &["--start-at", "2026-11-20T18:12:00Z"]);
    let (url, data) = (format!("http://localhost:{}", served.port), folder.path("data"));
    let incident = |arguments: &[&str]| run(&[&["incident"], arguments, &["--url", &url, "--data", &data]].concat());
    let id = text(&incident(&["create", "--service", "checkout", "--title", "Payments fail"]).stdout).trim().to_owned();
    for (how_long, language, says) in [
        (&["--for", "2h"][..], "en", "aiko has it, and nobody is called until Sat 2026-11-21 05:12 +09:00."),
        (&["--until", "2026-11-21T09:00"], "en", "aiko has it, and nobody is called until Sat 2026-11-21 09:00 +09:00."),
        (&["--until", "2026-11-21T00:30:00Z"], "ja", "aikoが対応中です。2026-11-21 09:30 +09:00に再び呼び出します。"),
        (&["--minutes", "30"], "ja", "aikoが対応中です。2026-11-21 03:42 +09:00に再び呼び出します。"),
    ] {
        let line = [&["snooze", &id, "--user", "aiko", "--time-zone", "Asia/Tokyo", "--language", language], how_long].concat();
        let done = incident(&line);
        assert_eq!(text(&done.stdout), format!("{id}: {says}\n"), "{line:?}: {}", text(&done.stderr));
    }
}

#[test]
fn incidents_are_listed_and_shown_as_a_table_as_text_and_as_json() {
    let folder = Folder::new("listed");
    let served = Served::local_with(&folder, &["--start-at", "2026-11-20T18:12:00Z"]);
    let (url, data) = (format!("http://localhost:{}", served.port), folder.path("data"));
    let said = |arguments: &[&str]| {
        let done = run(&[&["incident"], arguments, &["--url", &url, "--data", &data]].concat());
        assert!(done.status.success(), "{arguments:?}: {}", text(&done.stderr));
        text(&done.stdout)
    };
    assert_eq!(said(&["list"]), "No incident is open.\n");
    assert_eq!(said(&["list", "--language", "ja"]), "未解決のインシデントはありません。\n");
    let create = |title: &str| said(&["create", "--service", "checkout", "--title", title]).trim().to_owned();
    let first = create("Payments fail");
    said(&["acknowledge", &first, "--user", "aiko"]);
    served.exchange("POST", "/_local/clock/advance", "Content-Type: application/json\r\n", r#"{"duration":"1m"}"#);
    let second = create("Refunds fail");
    said(&["note", &first, "rolled back to 41", "--user", "aiko"]);
    said(&["resolve", &second, "--user", "ben"]);
    let row = |told: &str, id: &str| {
        let line = told.lines().find(|line| line.starts_with(id)).unwrap_or_else(|| panic!("{id}: {told}")).to_owned();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let tokyo = ["--time-zone", "Asia/Tokyo"];
    let listed = said(&[&["list"], &tokyo[..]].concat());
    assert_eq!(row(&listed, &first), format!("{first} acknowledged high checkout Sat 2026-11-21 03:12 +09:00 aiko Payments fail"));
    assert!(!listed.contains(&second), "it is resolved: {listed}");
    let all = said(&[&["list", "--all", "--language", "ja"], &tokyo[..]].concat());
    assert!(row(&all, &second).contains("解決済み") && row(&all, &second).ends_with("ben Refunds fail"), "{all}");
    let page = said(&["list", "--all", "--limit", "1"]);
    assert!(page.ends_with(&format!("There are more: --before {second}\n")), "{page}");
    assert!(row(&said(&["list", "--all", "--before", &second]), &first).contains("Payments fail"));
    let json: Value = serde_json::from_str(&said(&["list", "--service", "batch", "--json"])).unwrap();
    assert_eq!(json["incidents"], json!([]));

    let shown = said(&[&["show", &first], &tokyo[..]].concat());
    for part in [
        "Payments fail\n",
        "aiko has it, and nobody is called",
        "What happened (times in Asia/Tokyo)\n",
        "  Sat 2026-11-21 03:13 +09:00  Note by aiko: rolled back to 41\n",
        "What was sent\n",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let shown = said(&["show", &first, "--language", "ja"]);
    assert!(shown.contains("aikoのメモ: rolled back to 41") && shown.contains("aikoが対応中です"), "{shown}");
    let json: Value = serde_json::from_str(&said(&["show", &first, "--json"])).unwrap();
    assert_eq!((&json["incident"]["id"], json["timeline"].as_array().unwrap().len()), (&json!(first), 3));
    let unknown = run(&["incident", "show", "01JD5Z0000ABCDEFGHJKMNPQRS", "--url", &url, "--data", &data]);
    assert!(!unknown.status.success() && text(&unknown.stderr).contains("There is no incident"), "{}", text(&unknown.stderr));
}

#[test]
fn incident_create_does_not_tell_a_strange_host_the_local_token() {
    let folder = Folder::new("token");
    let _served = Served::local(&folder);
    let done = run(&[
        "incident",
        "create",
        "--service",
        "checkout",
        "--title",
        "x",
        "--url",
        "http://hansho.example:9",
        "--data",
        &folder.path("data"),
    ]);
    assert!(!done.status.success() && text(&done.stderr).contains("--token"), "{}", text(&done.stderr));
}

#[test]
fn the_invoke_path_takes_an_event_and_answers_or_accepts_it() {
    let folder = Folder::new("invoke");
    let served = Served::local(&folder);
    let event = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../events/alarm-intake/alarm-direct-metric.json")).unwrap();
    let path = "/2015-03-31/functions/hansho-alarm-intake/invocations";
    let (status, answer) = served.exchange("POST", path, "", &event);
    assert!(status == 200 && answer.contains("opened"), "{status} {answer}");
    // Whoever looks at the terminal sees whom it reached.
    let line = served.printed(" sms to +");
    assert!(line.contains("checkout") && line.contains("http://localhost:"), "{line}");
    // As `aws lambda invoke --invocation-type Event` asks.
    assert_eq!(served.exchange("POST", path, "X-Amz-Invocation-Type: Event\r\n", &event).0, 202);
    assert_eq!(served.exchange("POST", "/2015-03-31/functions/nothing/invocations", "", "{}").0, 404);
    assert_eq!(served.exchange("POST", path, "", "{").0, 400);
}

#[test]
fn json_that_no_value_holds_still_pages() {
    let folder = Folder::new("deep");
    let served = Served::local(&folder);
    let path = "/2015-03-31/functions/alarm-intake/invocations";
    let (status, answer) = served.exchange("POST", path, "", &format!("{}{}", "[".repeat(200), "]".repeat(200)));
    assert!(status == 200 && answer.contains("opened"), "{status} {answer}");
    for result in ["opened", "repeated"] {
        let (status, answer) = served.exchange("POST", path, "", "[1e999]");
        assert!(status == 200 && answer.contains(result), "{status} {answer}");
    }
    assert!(!served.outbox().is_empty());
}

#[test]
fn a_duration_that_makes_no_sense_does_not_move_the_clock() {
    let folder = Folder::new("clock");
    let served = Served::local(&folder);
    let clock = || served.exchange("GET", "/_local/clock", "", "").1;
    let before = clock();
    for body in [
        "",
        "{}",
        r#"{"duration": 5}"#,
        r#"{"duration": "-5m"}"#,
        r#"{"duration": "0s"}"#,
        r#"{"duration": "soon"}"#,
        r#"{"duration": "900000d"}"#,
    ] {
        let (status, answer) = served.exchange("POST", "/_local/clock/advance", "", body);
        assert!(status == 400 && answer.contains("duration"), "{body}: {status} {answer}");
    }
    assert_eq!(clock(), before);
    assert_eq!(served.exchange("POST", "/_local/clock/advance", "", r#"{"duration": "5m"}"#).0, 200);
    assert_ne!(clock(), before);
}

#[test]
fn the_data_folder_is_for_its_owner_and_for_one_process() {
    let folder = Folder::new("private");
    let _served = Served::local(&folder);
    let data = folder.path("data");
    assert_eq!(mode(&data), 0o700);
    for file in ["hansho.db", "outbox.jsonl", "secrets"] {
        assert_eq!(mode(&format!("{data}/{file}")), 0o600, "{file}");
    }
    let second = run(&["local", "--data", &data, "--port", "0"]);
    assert!(!second.status.success() && text(&second.stderr).contains("another Hansho is using"), "{}", text(&second.stderr));
}

#[test]
fn a_request_of_another_site_or_host_is_refused() {
    let folder = Folder::new("host");
    let served = Served::local(&folder);
    let (status, _) = served.exchange("POST", "/2015-03-31/functions/alarm-intake/invocations", "Origin: https://evil.example\r\n", "{}");
    assert_eq!(status, 403);
    let mut stream = TcpStream::connect(("127.0.0.1", served.port)).unwrap();
    stream.write_all(b"GET /_local/outbox HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert_eq!(json!(served.outbox()), json!([]));
}

#[test]
fn oncall_and_override_talk_to_the_local_run_and_say_what_the_folder_says_until_somebody_stands_in() {
    let folder = Folder::new("oncall");
    let served = Served::local(&folder);
    let (url, data) = (format!("http://localhost:{}", served.port), folder.path("data"));
    let ask = |arguments: &[&str]| {
        let done = run(&[arguments, &["--url", &url, "--data", &data]].concat());
        assert!(done.status.success(), "{arguments:?}: {}", text(&done.stderr));
        text(&done.stdout)
    };
    let shifts = ["oncall", "shifts", "--from", "2030-01-01", "--to", "2030-02-01", "--json"];
    let offline = run(&[&shifts[..], &["--config", concat!(env!("CARGO_MANIFEST_DIR"), "/example")]].concat());
    assert_eq!(ask(&shifts), text(&offline.stdout), "the same shifts from both");
    let made = ask(&[
        "override",
        "add",
        "--schedule",
        "checkout-primary",
        "--replace-all",
        "--by",
        "lead,ben",
        "--from",
        "2030-01-10T00:00",
        "--to",
        "2030-01-11T00:00",
    ]);
    served.exchange("POST", "/_local/clock/advance", "Content-Type: application/json\r\n", r#"{"duration":"5s"}"#);
    let told = ask(&["oncall", "--at", "2030-01-10T12:00", "--schedule", "checkout-primary"]);
    assert!(told.contains("Mori Dan (森 暖) (lead), Ben Carter (ben)"), "{told}");
    assert!(ask(&["override", "list", "--schedule", "checkout-primary"]).contains("only lead, ben"));
    assert!(ask(&["override", "remove", "--schedule", "checkout-primary", made.trim()]).contains("It is gone."));
    served.exchange("POST", "/_local/clock/advance", "Content-Type: application/json\r\n", r#"{"duration":"5s"}"#);
    assert_eq!(ask(&shifts), text(&offline.stdout));
    assert!(ask(&["override", "list", "--schedule", "checkout-primary"]).contains("No override"));
    let refused = run(&["override", "add", "--schedule", "checkout-primary", "--nobody", "--for", "soon"]);
    assert!(text(&refused.stderr).contains("\"soon\" is no duration"), "{}", text(&refused.stderr));
}

#[test]
fn a_maintenance_window_is_begun_in_one_line_listed_and_ended_in_another() {
    let folder = Folder::new("maintenance");
    let served = Served::local(&folder);
    let url = format!("http://localhost:{}", served.port);
    let ask = |arguments: &[&str]| {
        let asked = run(&[arguments, &["--url", &url, "--data", &folder.path("data")]].concat());
        assert!(asked.status.success(), "{}", text(&asked.stderr));
        text(&asked.stdout)
    };
    let maintenance = |arguments: &[&str]| ask(&[&["maintenance"], arguments].concat());
    let begin = [
        "add",
        "--service",
        "checkout,batch",
        "--for",
        "2h",
        "--reason",
        "new database",
        "--label",
        "env=st*",
        "--severity",
        "warning,info",
    ];
    let begun = maintenance(&begin);
    let id = begun.trim();
    assert!(id.starts_with("live-") && !id.contains(char::is_whitespace), "{begun}");
    let listed = maintenance(&["list", "--time-zone", "Asia/Tokyo"]);
    for part in [id, "open", "+09:00", "checkout, batch", "env=st* warning info", "new database", "local"] {
        assert!(listed.contains(part), "{part}: {listed}");
    }
    let as_json: Value = serde_json::from_str(&maintenance(&["list", "--service", "batch", "--json"])).unwrap();
    assert_eq!((&as_json["windows"][0]["id"], &as_json["windows"][0]["all_services"]), (&json!(id), &json!(false)));
    assert_eq!(maintenance(&["end", id]), format!("{id} has ended. It held nothing that is still wrong.\n"));
    assert!(maintenance(&["end", id]).contains("had been ended before"));
    let coming = ["add", "--all-services", "--from", "2036-01-01", "--until", "2036-01-01T02:00", "--json"];
    let refused = run(&[&["maintenance"], &coming[..], &["--url", &url, "--data", &folder.path("data")]].concat());
    assert!(
        text(&refused.stderr).contains("more than a year ahead. Write it into the configuration instead."),
        "{}",
        text(&refused.stderr)
    );
}

#[test]
fn maintenance_that_is_asked_for_by_halves_is_refused_before_anything_is_sent() {
    for (arguments, because) in [
        (&["add", "--for", "2h"][..], "--all-services"),
        (&["add", "--service", "checkout"], "--until"),
        (&["add", "--service", "checkout", "--all-services", "--for", "2h"], "cannot be used with"),
        (&["add", "--service", "checkout", "--for", "2h", "--until", "2026-12-05"], "cannot be used with"),
        (&["add", "--service", "checkout", "--for", "soon"], "write 90m, 8h or 2d"),
        (&["add", "--service", "checkout", "--for", "2h", "--label", "env"], "write env=staging"),
        (&["add", "--service", "checkout", "--for", "2h", "--severity", "fatal"], "write critical, error, warning or info"),
        (&["add", "--service", "checkout", "--for", "2h", "--time-zone", "Tokyo"], "is no time zone"),
    ] {
        let refused = run(&[&["maintenance"], arguments].concat());
        assert!(!refused.status.success() && text(&refused.stderr).contains(because), "{arguments:?}: {}", text(&refused.stderr));
    }
    let help = text(&run(&["maintenance", "add", "--help"]).stdout);
    assert!(
        help.contains("What still fires when the window ends pages then.")
            && help.contains("hansho maintenance add --service checkout --for 2h"),
        "{help}"
    );
}

#[test]
fn a_calendar_can_be_subscribed_to_until_it_is_revoked_and_hours_are_written_as_csv() {
    let folder = Folder::new("calendar");
    let served = Served::local(&folder);
    let (url, data) = (format!("http://localhost:{}", served.port), folder.path("data"));
    let ask = |arguments: &[&str]| {
        let done = run(&[arguments, &["--url", &url, "--data", &data]].concat());
        assert!(done.status.success(), "{arguments:?}: {}", text(&done.stderr));
        text(&done.stdout)
    };
    let address = ask(&["calendar", "make", "--user", "aiko"]);
    let path = address.trim().strip_prefix(&url).unwrap().to_owned();
    let (status, feed) = served.exchange("GET", &path, "", "");
    assert!(status == 200 && feed.contains("BEGIN:VCALENDAR\r\n"), "{feed}");
    let listed = ask(&["calendar", "list", "--user", "aiko"]);
    let id = listed.lines().nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    assert!(ask(&["calendar", "revoke", "--user", "aiko", &id]).contains("opens nothing any more"));
    assert_eq!(served.exchange("GET", &path, "", "").0, 404);
    let (status, clock) = served.exchange("GET", "/_local/clock", "", "");
    assert_eq!(status, 200);
    let month = serde_json::from_str::<Value>(&clock).unwrap()["now"].as_str().unwrap()[..7].to_owned();
    served.exchange("POST", "/_local/clock/advance", "Content-Type: application/json\r\n", r#"{"duration":"1m"}"#);
    let csv = ask(&["oncall", "report", "--month", &month, "--format", "csv", "--bom", "--time-zone", "UTC"]);
    let heading = "\u{feff}month,user,name,night_hours,holiday_hours,weekend_hours,weekday_hours,total_hours,pages_answered\r\n";
    assert!(csv.starts_with(heading) && csv.lines().count() == 3, "{csv}");
    assert!(csv.lines().skip(1).all(|line| line.ends_with(",0.02,0")), "a minute each: {csv}");
}

#[test]
fn an_integration_key_is_made_shown_once_rotated_and_revoked_and_events_come_in_by_it() {
    let folder = Folder::new("integration");
    let served = Served::local(&folder);
    let (url, data) = (format!("http://localhost:{}", served.port), folder.path("data"));
    let ask = |arguments: &[&str]| {
        let done = run(&[&["integration"], arguments, &["--url", &url, "--data", &data]].concat());
        assert!(done.status.success(), "{arguments:?}: {}", text(&done.stderr));
        text(&done.stdout)
    };
    assert!(ask(&["list"]).lines().any(|line| line.starts_with("checkout-events  events  checkout")), "{}", ask(&["list"]));
    let old = ask(&["key", "create", "checkout-events"]).trim().to_owned();
    let fire = |key: &str| {
        let event = json!({
            "routing_key": key, "event_action": "trigger", "dedup_key": "pay",
            "payload": { "summary": "Payments fail", "source": "pay-1", "severity": "critical" },
        });
        served.exchange("POST", "/v2/enqueue", "", &event.to_string())
    };
    let accepted = (202, r#"{"dedup_key":"pay","message":"Event processed","status":"success"}"#.to_owned());
    assert_eq!(fire(&old), accepted);
    assert!(served.outbox()[0]["text"].as_str().unwrap().contains("Payments fail"));

    // Keys are listed by the time at which they were made.
    served.exchange("POST", "/_local/clock/advance", "Content-Type: application/json\r\n", r#"{"duration":"1m"}"#);
    let new = ask(&["key", "rotate", "checkout-events", "--overlap", "1h"]).trim().to_owned();
    assert_eq!((fire(&old), fire(&new)), (accepted.clone(), accepted.clone()));
    served.exchange("POST", "/_local/clock/advance", "Content-Type: application/json\r\n", r#"{"duration":"1h"}"#);
    assert_eq!((fire(&old).0, fire(&new)), (400, accepted));
    let listed = ask(&["key", "list", "checkout-events"]);
    assert!(!listed.contains(&old) && !listed.contains(&new), "{listed}");
    let id = listed.lines().last().unwrap().split_whitespace().next().unwrap().to_owned();
    assert!(ask(&["key", "revoke", "checkout-events", &id]).contains("opens nothing any more"));
    assert_eq!(fire(&new).0, 400);
}

#[test]
fn user_offboard_lists_every_place_changes_files_only_when_told_to_and_leaves_a_clean_configuration() {
    let folder = Folder::new("offboard");
    for file in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/example")).unwrap() {
        let file = file.unwrap().path();
        fs::copy(&file, folder.0.join(file.file_name().unwrap())).unwrap();
    }
    let config = folder.path("");
    let files = || {
        let files = fs::read_dir(&folder.0).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
        let mut files: Vec<String> = files.collect();
        files.sort();
        files
    };
    let before = files();
    let looked = run(&["user", "offboard", "aiko", "--config", &config, "--replace-by", "lead", "--at", "2026-12-01T09:00"]);
    let told = text(&looked.stdout);
    assert!(looked.status.success() && told.matches("would change").count() == 3, "{told}{}", text(&looked.stderr));
    assert_eq!(files(), before);
    let done = run(&["user", "offboard", "aiko", "--config", &config, "--replace-by", "lead", "--at", "2026-12-01T09:00", "--write"]);
    assert!(done.status.success() && text(&done.stdout).contains("was checked"), "{}", text(&done.stderr));
    assert_ne!(files(), before);
    assert!(run(&["check", "--config", &config]).status.success());
    let shifts = run(&["oncall", "shifts", "--user", "aiko", "--from", "2027-01-01", "--days", "90", "--config", &config]);
    assert!(text(&shifts.stdout).contains("No shift."), "{}", text(&shifts.stdout));
    let refused = run(&["user", "offboard", "aiko", "--config", &config, "--replace-by", "aiko"]);
    assert!(!refused.status.success() && text(&refused.stderr).contains("their own place"));
}

#[test]
fn user_offboard_ends_with_a_failure_when_a_place_or_a_test_is_left_to_people() {
    let folder = Folder::new("offboard-left");
    let config = folder.path("");
    let team = "users:
  aiko: { name: Aiko, phone: \"+819000000001\" }
  ben: { name: Ben, phone: \"+819000000002\" }
teams:
  alone: { members: [aiko] }
fallback: [user/ben, user/aiko]
tests:
  - { at: 2026-11-01T12:00, zone: Asia/Tokyo, service: catch-all, expect: [{ within: 1m, page: aiko }] }
";
    fs::write(folder.0.join("team.yaml"), team).unwrap();
    let ask = |more: &[&str]| run(&[&["user", "offboard", "aiko", "--config", &config, "--at", "2026-12-01T09:00"], more].concat());
    let looked = ask(&[]);
    assert!(looked.status.success(), "{}", text(&looked.stderr));
    let said = ["1 place(s) have to be edited by hand", "1 expectation(s) of `tests:` are not met", "team.yaml:8:"];
    assert!(said.iter().all(|part| text(&looked.stdout).contains(part)), "{}", text(&looked.stdout));
    let done = ask(&["--write"]);
    assert!(!done.status.success());
    assert!(said.iter().all(|part| text(&done.stderr).contains(part)), "{}", text(&done.stderr));
    assert!(fs::read_to_string(folder.0.join("team.yaml")).unwrap().contains("fallback: [user/ben]"));
}

#[test]
fn now_is_what_the_clock_of_hansho_shows_and_times_are_those_of_the_schedule() {
    let folder = Folder::new("clocks");
    let served = Served::local_with(&folder, &["--start-at", "2031-03-03T00:00:00Z"]);
    let (url, data) = (format!("http://localhost:{}", served.port), folder.path("data"));
    let ask = |line: &str| run(&[&line.split(' ').collect::<Vec<_>>()[..], &["--url", &url, "--data", &data]].concat());
    let said = |line: &str| {
        let done = ask(line);
        assert!(done.status.success(), "{line}: {}", text(&done.stderr));
        (text(&done.stdout), text(&done.stderr))
    };
    let (id, told) = said("override add --schedule checkout-primary --replace aiko --by ben --for 8h");
    // It is the end of ben's week, and then chie's begins.
    let note = format!(
        "note: this changes nothing, because aiko is not on call in checkout-primary then; look with `hansho oncall shifts --schedule checkout-primary`, and take it away with `hansho override remove --schedule checkout-primary {}`",
        id.trim()
    );
    assert_eq!(
        told,
        format!(
            "ben instead of aiko in checkout-primary, Mon 2031-03-03 09:00 +09:00 until Mon 2031-03-03 17:00 +09:00 (Asia/Tokyo)\n{note}\n"
        )
    );
    assert_eq!(id.lines().count(), 1, "a script has the id alone: {id}");
    let (_, told) = said("override add --schedule checkout-primary --nobody --from 2031-03-04T10:00 --to 2031-03-05");
    assert!(told.contains("Tue 2031-03-04 10:00 +09:00 until Wed 2031-03-05 00:00 +09:00 (Asia/Tokyo)"), "{told}");
    let (_, told) = said("override add --schedule checkout-primary --nobody --from 2031-03-06T10:00 --for 1h --time-zone UTC");
    assert!(told.contains("Thu 2031-03-06 10:00 +00:00 until Thu 2031-03-06 11:00 +00:00 (UTC)"), "{told}");
    assert!(said("override list --schedule checkout-primary").0.contains("Tue 2031-03-04 10:00 +09:00"));
    let begun: Value = serde_json::from_str(&said("maintenance add --service checkout --for 2h --json").0).unwrap();
    assert_eq!(begun["window"]["until"], "2031-03-03T02:00:00Z", "{begun}");
    served.exchange("POST", "/_local/clock/advance", "Content-Type: application/json\r\n", r#"{"duration":"5s"}"#);
    let (told, _) = said("oncall --schedule checkout-primary --at 2031-03-04T10:00");
    assert!(told.starts_with("On call at Tue 2031-03-04 10:00 +09:00\n") && told.contains("nobody"), "{told}");
    let (told, _) = said("oncall shifts --schedule checkout-primary --days 2");
    assert!(told.starts_with("Shifts from Mon 2031-03-03 09:00 +09:00 to Wed 2031-03-05 09:00 +09:00\n"), "{told}");
    let (told, _) = said("oncall shifts --to 2031-03-04");
    assert!(told.starts_with("Shifts from Mon 2031-03-03 00:00 +00:00 to Tue 2031-03-04 00:00 +00:00\n"), "{told}");
    let (story, _) = said("simulate --service checkout --json");
    assert!(serde_json::from_str::<Value>(&story).unwrap()["at"].as_str().unwrap().starts_with("2031-03-03T00:00:05"), "{story}");
    let refused = text(&ask("override add --schedule checkout-primary --add ben,ben --for 1h").stderr);
    assert!(refused.contains("by names ben twice"), "{refused}");

    let config = folder.path("config");
    fs::create_dir_all(&config).unwrap();
    for file in fs::read_dir(EXAMPLE).unwrap() {
        let file = file.unwrap().path();
        fs::copy(&file, Path::new(&config).join(file.file_name().unwrap())).unwrap();
    }
    let (told, _) = said(&format!("user offboard ben --config {config} --replace-by lead --live"));
    assert!(told.contains("leaves at 2031-03-03T09:01 (Asia/Tokyo)"), "{told}");
    assert!(told.contains(&format!("override {} of checkout-primary", id.trim())), "it puts ben on call: {told}");
    let (told, _) = said(&format!("user offboard aiko --config {config} --replace-by lead --live"));
    assert!(!told.contains("override remove"), "it takes aiko off call: {told}");
}

#[test]
fn what_can_not_be_read_gets_a_sentence_that_says_what_to_write() {
    for (line, sentence) in [
        ("check --config x --at 2026-12-31T03:00", "does not say its offset; write 2026-12-31T03:00:00+09:00"),
        ("check --config x --at soon", "is no time; write 2026-12-31T03:00:00+09:00"),
        ("drill --from 2026-12-29 --to 2027-01-03 --at 2026-12-22T10:00", "does not say its offset; write 2026-12-31T03:00:00+09:00"),
        ("local --virtual-clock --start-at tomorrow", "is no time; write 2026-12-31T03:00:00+09:00"),
        ("rollback abc", "is no version; write its number, as `hansho versions` lists it"),
        ("export --to x --version v2", "is no version; write its number, as `hansho versions` lists it"),
        ("versions --limit 0", "is not possible; write a number from 1 to 200"),
        (
            "override add --schedule s --nobody --by ben --for 8h",
            "--nobody puts nobody on call; leave out --by, or write --replace-all --by ben",
        ),
        ("simulate", "write --service NAME, --alarm NAME, --event FILE, or --from TIME --to TIME"),
    ] {
        let done = run(&line.split(' ').collect::<Vec<_>>());
        assert!(!done.status.success() && text(&done.stderr).contains(sentence), "{line}: {}", text(&done.stderr));
    }
    assert!(!text(&run(&["incident", "create", "--help"]).stdout).contains("TOKEN\n"), "the local run's token is found");
}

#[test]
fn the_mail_address_of_an_integration_is_shown_takes_mail_and_is_replaced() {
    let folder = Folder::new("mail-address");
    fs::create_dir_all(folder.0.join("config")).unwrap();
    let team = "users:\n  aiko: { name: Aiko, phone: \"+819000000001\" }\nfallback: [user/aiko]\nintegrations:\n  zabbix-mail: { type: email, preset: zabbix }\n";
    fs::write(folder.0.join("config/team.yaml"), team).unwrap();
    let served = Served::local_with(&folder, &["--config", &folder.path("config")]);
    let url = format!("http://localhost:{}", served.port);
    let address = |arguments: &[&str]| {
        let asked = run(&[&["integration", "address"], arguments, &["--url", &url, "--data", &folder.path("data")]].concat());
        (asked.status.success(), text(&asked.stdout).trim().to_owned(), text(&asked.stderr))
    };
    let (is_shown, shown, _) = address(&["show", "zabbix-mail"]);
    assert!(is_shown && shown.starts_with("zabbix-mail-") && shown.ends_with("@hansho.example"), "{shown}");
    let event = include_str!("../../events/email-intake/ses-sns-utf8.json");
    let mail = |to: &str| served.exchange("POST", "/2015-03-31/functions/email-intake/invocations", "", &event.replace("RECIPIENT", to));
    let (status, answer) = mail(&shown);
    assert!(status == 200 && answer.contains("opened"), "{status} {answer}");
    let (is_rotated, rotated, told) = address(&["rotate", "zabbix-mail", "--overlap", "0s"]);
    assert!(is_rotated && rotated != shown, "{rotated} {told}");
    assert!(mail(&shown).1.contains("no integration has the address zabbix-mail-…@hansho.example"), "the old one ended");
    // The same request at the same moment would be the same one.
    assert_eq!(served.exchange("POST", "/_local/clock/advance", "", r#"{"duration": "1s"}"#).0, 200);
    let (is_rotated, _, told) = address(&["rotate", "zabbix-mail", "--overlap", "24h"]);
    assert!(is_rotated && told.contains("goes on until"), "{told}");
    assert!(mail(&rotated).1.contains("repeated"), "the one before goes on");
    let (is_known, _, told) = address(&["show", "other-mail"]);
    assert!(!is_known && told.contains("no integration \"other-mail\" of the type email"), "{told}");
}
