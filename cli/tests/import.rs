//! `hansho import incident-manager` with the answers of the AWS CLI: what is made of them passes `hansho check`, and what can not be is told.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]
#![expect(clippy::disallowed_methods, reason = "a process that starts needs real time")]
#![expect(dead_code, reason = "other tests use more of the process")]

#[path = "import/odd.rs"]
mod odd;
mod process;

use std::{fs, os::unix::fs::PermissionsExt as _, process::Command};

use process::{Folder, run, text};

const EXPORT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/import/export");

fn import(to: &str, more: &[&str]) -> (bool, String) {
    let done = run(&[&["import", "incident-manager", "--from", EXPORT, "--to", to], more].concat());
    (done.status.success(), text(&done.stdout) + &text(&done.stderr))
}

#[test]
fn contacts_rotations_escalation_and_response_plans_become_a_configuration_that_passes_check() {
    let folder = Folder::new("import");
    let to = folder.0.join("on-call");
    let (good, told) = import(to.to_str().unwrap(), &[]);
    assert!(good, "{told}");
    let read = |name: &str| fs::read_to_string(to.join(name)).unwrap();
    let first = "# Imported from Incident Manager of AWS Systems Manager.\n";
    assert_eq!(
        read("people.yaml"),
        format!(
            r#"{first}users:
  # Incident Manager knows neither languages nor time zones: without `language: ja` and `time_zone: Asia/Tokyo`
  # here, a person's messages are in English and their times in UTC. 言語とタイムゾーンは各自に追加してください。
  aiko:
    name: "佐藤 愛子"
    phone: "+819000000001"
    email: "aiko@example.com"
    notify:
      high: [{{ after: 0m, by: email }}, {{ after: 0m, by: sms }}, {{ after: 2m, by: sms }}, {{ after: 4m, by: sms }}, {{ after: 5m, by: sms }}]
  ben_carter:
    name: "Ben Carter"
    email: "ben@example.com"
    notify:
      high: [{{ after: 0m, by: email }}]
  chie:
    name: "田中 千恵"
    phone: "+819000000003"
"#
        )
    );
    assert_eq!(
        read("schedules.yaml"),
        format!(
            r#"{first}schedules:
  checkout-on-call:
    name: "Checkout on call"
    time_zone: Asia/Tokyo
    rotations:
      - name: "weekly"
        start: 2026-01-05T10:00
        every: 1 week
        members: [aiko, ben_carter, nobody]
  checkout-on-call-2:
    name: "Checkout on call"
    time_zone: Europe/London
    rotations:
      - name: "offices"
        start: 2026-01-07T09:00
        every: 1 day
        members: [chie, ben_carter]
        only: [{{ from: "09:00", to: "17:30", days: [mon, tue, wed, thu, fri] }}]
"#
        )
    );
    assert_eq!(
        read("policies.yaml"),
        format!(
            r#"{first}escalation_policies:
  checkout-escalation:
    # Checkout: "everybody" 呼び出し
    steps:
      - {{ notify: [schedule/checkout-on-call, schedule/checkout-on-call-2], wait: 5m }}
      - {{ notify: [user/aiko], wait: 25m }}
      - {{ notify: [user/chie], wait: 1m }}
  payments:
    steps:
      - {{ notify: [schedule/checkout-on-call, schedule/checkout-on-call-2, user/ben_carter], wait: 5m }}
      - {{ notify: [user/aiko], wait: 25m }}
      - {{ notify: [user/chie], wait: 10m }}
"#
        )
    );
    assert_eq!(
        read("services.yaml"),
        format!(
            "{first}services:\n  checkout:\n    name: \"Checkout\"\n    escalation_policy: checkout-escalation\n  payments:\n    escalation_policy: payments\n"
        )
    );
    let checked = run(&["check", "--config", to.to_str().unwrap()]);
    assert!(checked.status.success(), "{}{}", text(&checked.stdout), text(&checked.stderr));
}

#[test]
fn what_can_not_be_carried_over_is_told_with_its_file_and_why_in_both_languages() {
    let folder = Folder::new("import-left");
    let to = folder.0.join("on-call");
    let (_, told) = import(to.to_str().unwrap(), &[]);
    for part in [
        "broken.json: -: it is no JSON",
        "contact-04-ghost.json: ghost: nobody knows how to reach them",
        "channels-01-aiko.json: aiko: a voice channel",
        "channels-02-ben.json: ben_carter: not activated there",
        "rotation-1.json: weekly: arn:aws:ssm-contacts:ap-northeast-1:111122223333:contact/ghost is left out: it is no person that was carried over; its turns are nobody's",
        "people.yaml: users: Incident Manager knows neither their languages nor their time zones",
        "rotation-3.json: alone: no on-call schedule has this rotation",
        "contact-05-on-call.json: checkout-on-call: its rotations are on different clocks",
        "contact-06-plan.json: checkout-escalation: somebody in stage 1 is not essential (`IsEssential` is false)",
        "contact-06-plan.json: checkout-escalation: a stage of no minutes",
        "response-plan-1.json: Checkout: its chat channel",
        "response-plan-1.json: Checkout: its Automation runbook is not started",
        "response-plan-2.json: Payments: it engages several at the same time",
        "response-plan-3.json: Records-only: it engages nobody that was carried over",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("contacts.json"), "a list of names says nothing of its own: {told}");
    let (good, told) = import(to.to_str().unwrap(), &["--force", "--language", "ja"]);
    assert!(good && told.contains("移行できなかったもの") && told.contains("音声通話"), "{told}");
}

#[test]
fn a_service_may_go_on_under_its_response_plan() {
    let folder = Folder::new("import-bridge");
    let to = folder.0.join("on-call");
    let (good, told) = import(to.to_str().unwrap(), &["--bridge"]);
    assert!(good && told.contains("until then people are paged twice"), "{told}");
    let services = fs::read_to_string(to.join("services.yaml")).unwrap();
    assert!(
        services.contains("incident_manager: { response_plan: \"arn:aws:ssm-incidents::111122223333:response-plan/Checkout\" }"),
        "{services}"
    );
    let checked = run(&["check", "--config", to.to_str().unwrap()]);
    assert!(checked.status.success(), "{}{}", text(&checked.stdout), text(&checked.stderr));
}

#[test]
fn a_file_that_is_there_is_replaced_only_by_force_and_nothing_is_written_in_part() {
    let folder = Folder::new("import-force");
    let to = folder.0.join("on-call");
    fs::create_dir_all(&to).unwrap();
    fs::write(to.join("services.yaml"), "mine").unwrap();
    let (good, told) = import(to.to_str().unwrap(), &[]);
    assert!(!good && told.contains("services.yaml would be replaced") && told.contains("--force"), "{told}");
    assert!(!to.join("people.yaml").exists());
    assert_eq!(fs::read_to_string(to.join("services.yaml")).unwrap(), "mine");
    assert!(import(to.to_str().unwrap(), &["--force"]).0);
    assert_ne!(fs::read_to_string(to.join("services.yaml")).unwrap(), "mine");
}

#[test]
fn a_folder_without_anything_of_incident_manager_is_told_and_the_commands_are_printed() {
    let folder = Folder::new("import-nothing");
    let empty = folder.0.to_str().unwrap().to_owned();
    let done = run(&["import", "incident-manager", "--from", &empty, "--to", &empty]);
    assert!(!done.status.success() && text(&done.stderr).contains("--commands"), "{}", text(&done.stderr));
    let printed = text(&run(&["import", "incident-manager", "--commands"]).stdout);
    for command in ["list-contacts", "get-contact", "list-contact-channels", "get-rotation", "list-response-plans", "get-response-plan"] {
        assert!(printed.contains(command), "{command}: {printed}");
    }
    let help = text(&run(&["import", "incident-manager", "--help"]).stdout);
    assert!(help.contains("hansho import incident-manager --from") && help.contains("移行"), "{help}");
}

/// A copy of the answers, to which others are added.
fn export_with(name: &str, more: &[(&str, &str)]) -> Folder {
    let folder = Folder::new(name);
    for entry in fs::read_dir(EXPORT).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.0.join(path.file_name().unwrap())).unwrap();
    }
    for (file, text) in more {
        fs::write(folder.0.join(file), text).unwrap();
    }
    folder
}

fn imported(export: &Folder) -> (String, impl Fn(&str) -> String) {
    let to = export.0.join("on-call");
    let done = run(&["import", "incident-manager", "--from", export.0.to_str().unwrap(), "--to", to.to_str().unwrap()]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    (text(&done.stdout), move |name: &str| fs::read_to_string(to.join(name)).unwrap())
}

/// As a second fetch into the same folder leaves them: everything once more under other names, the old of it out of date.
#[test]
fn of_what_is_there_twice_the_newest_is_taken_and_what_differs_is_told() {
    let read = |name: &str| fs::read_to_string(format!("{EXPORT}/{name}")).unwrap();
    let (plan, response) = (read("contact-06-plan.json"), read("response-plan-1.json"));
    let older = read("contact-01-aiko.json").replace("佐藤 愛子", "旧姓 愛子");
    let export = export_with(
        "import-twice",
        &[
            ("a-contact.json", &older),
            ("z-channels.json", &read("channels-01-aiko.json")),
            ("z-plan.json", &plan),
            ("z-response.json", &response),
            ("z-schedule.json", &read("contact-05-on-call.json")),
        ],
    );
    let long_ago = fs::metadata(export.0.join("contact-01-aiko.json")).unwrap().modified().unwrap() - std::time::Duration::from_secs(3_600);
    fs::File::options().write(true).open(export.0.join("a-contact.json")).unwrap().set_modified(long_ago).unwrap();
    let (told, file) = imported(&export);
    for (name, count) in [("people.yaml", 3), ("schedules.yaml", 2), ("policies.yaml", 2), ("services.yaml", 2)] {
        let made = file(name);
        let named = made.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ") && line.ends_with(':')).count();
        assert_eq!(named, count, "{name}: {made}");
    }
    assert!(file("people.yaml").contains("佐藤 愛子"), "the newer of the two");
    let aiko = "arn:aws:ssm-contacts:ap-northeast-1:111122223333:contact/aiko";
    assert!(
        told.contains(&format!("a-contact.json: aiko: it says something else of {aiko} than contact-01-aiko.json, which is the newer")),
        "{told}"
    );
    assert_eq!(told.matches("it says something else").count(), 1, "what is the same twice is no news: {told}");
}

#[test]
fn whatever_becomes_nothing_has_a_line() {
    let arn = |name: &str| format!("arn:aws:ssm-contacts:ap-northeast-1:111122223333:contact/{name}");
    let contact = |name: &str, kind: &str, plan: &str| {
        format!(r#"{{ "ContactArn": "{}", "Alias": "{name}", "Type": "{kind}", "Plan": {plan} }}"#, arn(name))
    };
    let channel = format!(
        r#"{{ "ContactChannels": [{{ "ContactChannelArn": "{0}/x", "ContactArn": "{0}", "Name": "x", "Type": "SMS", "DeliveryAddress": {{ "SimpleAddress": "+819000000009" }}, "ActivationStatus": "ACTIVATED" }}] }}"#,
        arn("gone")
    );
    let export = export_with(
        "import-nothing-silent",
        &[
            ("z-empty.json", &contact("empty", "ONCALL_SCHEDULE", "{}")),
            ("z-lost.json", &contact("lost", "ONCALL_SCHEDULE", r#"{ "RotationIds": ["arn:aws:ssm-contacts:x:1:rotation/lost"] }"#)),
            ("z-robot.json", &contact("robot", "ROBOT", "{}")),
            ("z-channel.json", &channel),
            (
                "z-list.json",
                &format!(r#"{{ "Contacts": [{{ "ContactArn": "{}", "Alias": "unread", "Type": "PERSONAL" }}] }}"#, arn("unread")),
            ),
            (
                "z-stage.json",
                &contact(
                    "vague",
                    "ESCALATION",
                    r#"{ "Stages": [{ "DurationInMinutes": 5, "Targets": [{ "ContactTargetInfo": { "IsEssential": false } }] }] }"#,
                ),
            ),
        ],
    );
    let (told, _) = imported(&export);
    for part in [
        "z-empty.json: empty: it has no rotation that was carried over",
        "z-lost.json: lost: the rotation arn:aws:ssm-contacts:x:1:rotation/lost is not there",
        "z-lost.json: lost: it has no rotation that was carried over",
        "z-robot.json: robot: a contact of the type ROBOT",
        &format!("z-channel.json: {}/x: a channel of {}, which is not there", arn("gone"), arn("gone")),
        &format!("z-list.json: {}: the list names it", arn("unread")),
        "z-stage.json: vague: a stage calls a contact without saying whom",
        "z-stage.json: vague: it calls nobody that was carried over",
        "contact-03-chie.json: chie: no plan says how they are reached",
        "response-plan-1.json: Checkout: its deduplication string",
        "until each has `language` and `time_zone` (aiko, ben_carter, chie)",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

/// A folder whose `aws` answers nothing, and refuses what begins with `refused`.
fn aws_that_refuses(folder: &Folder, refused: &str) -> String {
    let aws = folder.0.join("aws");
    fs::write(&aws, format!("#!/bin/sh\ncase \"$*\" in \"{refused}\"*) echo AccessDenied >&2; exit 254;; esac\n")).unwrap();
    fs::set_permissions(&aws, fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:/usr/bin:/bin", folder.0.display())
}

#[test]
fn fetching_stops_where_aws_refuses_and_does_not_call_it_done() {
    let script = run(&["import", "incident-manager", "--commands"]).stdout;
    for (refused, is_done) in
        [("nothing", true), ("ssm-contacts list-contacts", false), ("ssm-contacts list-rotations", false), ("ssm-incidents", false)]
    {
        let folder = Folder::new("fetch");
        fs::write(folder.0.join("fetch.sh"), &script).unwrap();
        let mut shell = Command::new("/bin/sh");
        let done = shell.arg("fetch.sh").current_dir(&folder.0).env("PATH", aws_that_refuses(&folder, refused)).output().unwrap();
        assert_eq!(done.status.success(), is_done, "{refused}");
        assert_eq!(text(&done.stderr).contains("Done."), is_done, "{refused}");
        let left: Vec<_> = fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        let is_whole = left.iter().any(|name| name == "incident-manager");
        assert_eq!(
            (is_whole, left.len()),
            (is_done, 2 + usize::from(is_done)),
            "{refused}: what is not whole is not left behind: {left:?}"
        );
    }
}

#[test]
fn fetching_into_a_folder_with_files_is_refused_and_touches_nothing() {
    let script = run(&["import", "incident-manager", "--commands"]).stdout;
    let folder = Folder::new("fetch-again");
    fs::write(folder.0.join("fetch.sh"), &script).unwrap();
    let fetch = || {
        let mut shell = Command::new("/bin/sh");
        shell.arg("fetch.sh").current_dir(&folder.0).env("PATH", aws_that_refuses(&folder, "nothing")).output().unwrap()
    };
    let there = folder.0.join("incident-manager");
    fs::create_dir(&there).unwrap();
    assert!(fetch().status.success(), "an empty folder is filled");
    fs::write(there.join("contact-7.json"), "{}").unwrap();
    let again = fetch();
    let said = text(&again.stderr);
    assert!(!again.status.success() && said.contains("Move it away") && said.contains("再実行"), "{said}");
    assert_eq!(fs::read_to_string(there.join("contact-7.json")).unwrap(), "{}");
}
