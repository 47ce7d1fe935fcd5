//! Accounts that are not like the one of the other tests: rotations at the same time, odd names, files that are none.

use std::fs;

use serde_json::{Value, json};

use crate::process::{Folder, run, text};

fn arn(alias: &str) -> String {
    format!("arn:aws:ssm-contacts:ap-northeast-1:111122223333:contact/{alias}")
}

fn person(alias: &str, kind: &str, address: &str) -> [Value; 2] {
    [
        json!({ "ContactArn": arn(alias), "Alias": alias, "DisplayName": alias, "Type": "PERSONAL", "Plan": {} }),
        json!({ "ContactChannels": [{
            "ContactChannelArn": format!("{}/0", arn(alias)), "ContactArn": arn(alias), "Type": kind,
            "DeliveryAddress": { "SimpleAddress": address }, "ActivationStatus": "ACTIVATED",
        }] }),
    ]
}

fn people(aliases: &[&str]) -> Vec<Value> {
    aliases.iter().flat_map(|alias| person(alias, "SMS", "+819011112222")).collect()
}

fn escalation(alias: &str, stages: &[(&[&str], bool)]) -> Value {
    let stage = |(targets, essential): &(&[&str], bool)| {
        let targets: Vec<_> =
            targets.iter().map(|to| json!({ "ContactTargetInfo": { "ContactId": arn(to), "IsEssential": essential } })).collect();
        json!({ "DurationInMinutes": 5, "Targets": targets })
    };
    let stages: Vec<_> = stages.iter().map(stage).collect();
    json!({ "ContactArn": arn(alias), "Alias": alias, "Type": "ESCALATION", "Plan": { "Stages": stages } })
}

fn schedule(alias: &str, rotations: &[&str]) -> Value {
    json!({ "ContactArn": arn(alias), "Alias": alias, "Type": "ONCALL_SCHEDULE", "Plan": { "RotationIds": rotations } })
}

fn rotation(id: &str, members: &[&str], recurrence: Value) -> Value {
    let members: Vec<_> = members.iter().map(|member| arn(member)).collect();
    json!({ "RotationArn": id, "Name": id, "ContactIds": members, "StartTime": "2026-01-07T12:00:00+09:00", "TimeZoneId": "Asia/Tokyo", "Recurrence": recurrence })
}

fn weekly() -> Value {
    let at = json!({ "HourOfDay": 9, "MinuteOfHour": 0 });
    json!({ "WeeklySettings": [{ "DayOfWeek": "MON", "HandOffTime": at }], "NumberOfOnCalls": 1, "RecurrenceMultiplier": 1 })
}

fn weekly_in(days: &[&str], from: i8, to: i8) -> Value {
    let at = |hour: i8| json!({ "HourOfDay": hour, "MinuteOfHour": 0 });
    let mut recurrence = weekly();
    recurrence["ShiftCoverages"] = days.iter().map(|day| ((*day).to_owned(), json!([{ "Start": at(from), "End": at(to) }]))).collect();
    recurrence
}

fn response(name: &str, engaged: &str) -> Value {
    json!({
        "arn": format!("arn:aws:ssm-incidents::111122223333:response-plan/{name}"), "name": name, "engagements": [arn(engaged)],
        "incidentTemplate": { "title": "t", "impact": 3 },
    })
}

/// What was imported: what it printed, and where the files are.
struct Imported {
    folder: Folder,
    good: bool,
    told: String,
}

impl Imported {
    fn of(name: &str, answers: &[Value], raw: &[(&str, &[u8])]) -> Self {
        let folder = Folder::new(name);
        for (index, answer) in answers.iter().enumerate() {
            fs::write(folder.0.join(format!("{index}.json")), answer.to_string()).unwrap();
        }
        for (file, bytes) in raw {
            fs::write(folder.0.join(file), bytes).unwrap();
        }
        let done = run(&["import", "incident-manager", "--from", &folder.path(""), "--to", &folder.path("on-call")]);
        let (good, told) = (done.status.success(), text(&done.stdout) + &text(&done.stderr));
        Self { folder, good, told }
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.0.join("on-call").join(name)).unwrap_or_else(|error| panic!("{name}: {error}: {}", self.told))
    }

    fn passes_check(&self) {
        let checked = run(&["check", "--config", &self.folder.path("on-call")]);
        assert!(self.good && checked.status.success(), "{}{}{}", self.told, text(&checked.stdout), text(&checked.stderr));
    }

    fn tells(&self, part: &str) {
        assert!(self.told.contains(part), "{part}: {}", self.told);
    }
}

/// In Incident Manager both are called: "Rotations can overlap or run concurrently" (user guide).
#[test]
fn rotations_that_are_on_call_at_the_same_time_are_schedules_of_their_own_and_all_of_them_are_called() {
    let mut answers = people(&["aiko", "ben", "chie", "dan"]);
    answers.extend([
        schedule("oncall", &["primary", "secondary"]),
        rotation("primary", &["aiko", "ben"], weekly()),
        rotation("secondary", &["chie", "dan"], weekly_in(&["MON", "TUE", "WED", "THU", "FRI"], 9, 18)),
        escalation("plan", &[(&["oncall"], true)]),
        response("p1", "plan"),
    ]);
    let imported = Imported::of("import-overlap", &answers, &[]);
    imported.passes_check();
    imported.tells("oncall: its rotations may be on call at the same time: it became a schedule for each that is, and whoever called it calls all of them (oncall, oncall-2)");
    let policies = imported.read("policies.yaml");
    assert!(policies.contains("notify: [schedule/oncall, schedule/oncall-2]"), "{policies}");
    let config = imported.folder.path("on-call");
    let simulated = text(&run(&["simulate", "--config", &config, "--service", "p1", "--at", "2026-12-01T10:00+09:00"]).stdout);
    let paged = |people: [&str; 2]| people.iter().any(|person| simulated.contains(person));
    assert!(paged(["aiko", "ben"]) && paged(["chie", "dan"]), "{simulated}");
}

#[test]
fn rotations_that_follow_each_other_stay_in_one_schedule() {
    const WEEK: [&str; 7] = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];
    let mut answers = people(&["aiko", "ben"]);
    answers.extend([
        schedule("oncall", &["Support", "night"]),
        rotation("Support", &["aiko"], weekly_in(&WEEK, 9, 21)),
        rotation("night", &["ben"], weekly_in(&WEEK, 21, 9)),
        escalation("plan", &[(&["oncall"], true)]),
    ]);
    if let Some(night) = answers.iter_mut().find(|answer| answer["RotationArn"] == "night") {
        night["Name"] = "Support".into();
    }
    let imported = Imported::of("import-follow", &answers, &[]);
    imported.passes_check();
    let schedules = imported.read("schedules.yaml");
    assert_eq!(schedules.matches("time_zone:").count(), 1, "{schedules}");
    assert!(schedules.contains("- name: \"Support\"") && schedules.contains("- name: \"Support (2)\""), "{schedules}");
    imported.tells("another rotation of the schedule has its name too: it is called `Support (2)` here");
    assert!(!imported.told.contains("at the same time"), "{}", imported.told);
}

#[test]
fn names_that_yaml_reads_as_something_else_are_quoted_and_what_is_too_long_is_cut_and_told() {
    let odd = ["12345", "123e4", "0x12", "true", "null", "no", "1_000", "0123"];
    let mut answers = people(&odd);
    answers.extend([
        schedule("9", &["r"]),
        rotation("r", &odd, weekly()),
        escalation("1e5", &[(&["9", "12345"], true)]),
        response("007", "1e5"),
    ]);
    for answer in &mut answers {
        if answer["Alias"] == "true" {
            answer["DisplayName"] = "x".repeat(255).into();
        }
        if answer["Alias"] == "null" {
            answer["DisplayName"] = "a\u{85}\u{2028}b\u{7}".into();
        }
        if answer["RotationArn"] == "r" {
            answer["Name"] = "S".repeat(200).into();
        }
    }
    let imported = Imported::of("import-odd-names", &answers, &[]);
    imported.passes_check();
    let schedules = imported.read("schedules.yaml");
    let members = "members: [\"12345\", \"123e4\", \"0x12\", \"true\", \"null\", \"no\", \"1_000\", \"0123\"]";
    assert!(schedules.contains(members) && schedules.contains("  \"9\":\n"), "{schedules}");
    assert!(imported.read("services.yaml").contains("  \"007\":\n    escalation_policy: \"1e5\"\n"), "{}", imported.read("services.yaml"));
    let cut = format!("its name became `{}…`", "x".repeat(99));
    for part in [&format!("true: {cut}"), "null: its name became `a b`", &format!("its name became `{}…`", "S".repeat(99))] {
        imported.tells(part);
    }
}

#[test]
fn one_thing_that_can_not_be_had_here_is_left_out_with_a_line_and_the_rest_is_written() {
    let mut answers = people(&["aiko", &"b".repeat(60)]);
    answers.extend(person("mail", "EMAIL", "\"a b\"@example.com"));
    answers.extend(person("voice", "VOICE", "+8190123"));
    let mut both = person("both", "EMAIL", "a@例え.jp");
    let more = json!({
        "ContactChannelArn": "both-sms", "ContactArn": arn("both"), "Type": "SMS",
        "DeliveryAddress": { "SimpleAddress": "+819033334444" }, "ActivationStatus": "ACTIVATED",
    });
    both[1]["ContactChannels"].as_array_mut().unwrap().push(more);
    answers.extend(both);
    let impossible = json!({ "HourOfDay": 25, "MinuteOfHour": 0 });
    answers.extend([
        schedule("s", &["good", "bad"]),
        rotation("good", &["aiko", "mail"], weekly()),
        rotation("bad", &["aiko"], json!({ "DailySettings": [impossible], "NumberOfOnCalls": 1, "RecurrenceMultiplier": 1 })),
        escalation("plan", &[(&["s"], true)]),
    ]);
    let imported = Imported::of("import-one-bad", &answers, &[]);
    imported.passes_check();
    for part in [
        "mail: an address of the kind EMAIL is left out: it is no mail address",
        "mail: nobody knows how to reach them",
        "voice: an address of the kind VOICE is left out: it must have 8 to 15 digits",
        "both: an address of the kind EMAIL is left out: it can not be sent to",
        "it is called `bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb` in `users`: a name has at most 40",
        "it can not be read: 25 is no hour of a day, which is 0 to 23",
        "s: the rotation bad is not there",
        "contact/mail is left out: it is no person that was carried over; its turns are nobody's",
    ] {
        imported.tells(part);
    }
    assert!(!imported.told.contains("例え") && !imported.told.contains("a b\"@"), "no address is told: {}", imported.told);
    assert!(imported.read("people.yaml").contains("  both:\n    name: \"both\"\n    phone: \"+819033334444\"\n"));
}

#[test]
fn a_stage_of_many_people_calls_a_team_of_them_and_a_plan_of_many_stages_is_handed_over() {
    let many: Vec<String> = (0..60).map(|index| format!("u{index:02}")).collect();
    let all: Vec<&str> = many.iter().map(String::as_str).collect();
    let mut answers = people(&all);
    let stages: Vec<(&[&str], bool)> = [(&all[..], true)].into_iter().chain(vec![(&all[..1], true); 29]).collect();
    answers.push(escalation("plan", &stages));
    let imported = Imported::of("import-many", &answers, &[]);
    imported.passes_check();
    let (teams, policies) = (imported.read("teams.yaml"), imported.read("policies.yaml"));
    assert!(teams.contains(&format!("  plan:\n    members: [{}]\n", many.join(", "))), "{teams}");
    assert!(policies.contains("  plan:\n    steps:\n      - { notify: [team/plan], wait: 5m }\n"), "{policies}");
    assert!(policies.contains("      - { hand_over: plan-2 }\n  plan-2:\n    steps:\n"), "{policies}");
    assert_eq!(policies.matches("notify:").count(), 30, "{policies}");
    imported.tells("plan: a stage calls 60 at once, and a step names 20 at most: its people became the team plan");
    imported.tells("plan: it has more steps than a policy: `plan-2` goes on where it ends");
}

#[test]
fn more_people_at_once_than_a_turn_has_room_for_are_all_on_call() {
    let many: Vec<String> = (0..30).map(|index| format!("u{index:02}")).collect();
    let all: Vec<&str> = many.iter().map(String::as_str).collect();
    let mut answers = people(&all);
    let mut recurrence = weekly();
    recurrence["NumberOfOnCalls"] = 30.into();
    answers.extend([schedule("s", &["r"]), rotation("r", &all, recurrence), escalation("plan", &[(&["s"], true)])]);
    let imported = Imported::of("import-at-once", &answers, &[]);
    imported.passes_check();
    let schedules = imported.read("schedules.yaml");
    assert!(schedules.contains(&format!("members: [[{}]]", many[..20].join(", "))), "{schedules}");
    assert!(schedules.contains(&format!("members: [[{}]]", many[20..].join(", "))), "{schedules}");
    assert!(imported.read("policies.yaml").contains("[schedule/s, schedule/s-2]"));
    imported.tells("more than 20 people at once: it became 2 rotations, which are called together");
}

/// `IsEssential` of the API: whether the contact's acknowledgement stops the stages that follow.
#[test]
fn a_plan_that_went_on_although_somebody_acknowledged_is_told_once_and_one_that_stopped_is_not() {
    let mut answers = people(&["aiko", "ben"]);
    answers.extend([
        escalation("goes-on", &[(&["aiko"], false), (&["aiko", "ben"], false), (&["ben"], false)]),
        escalation("stops", &[(&["aiko"], true), (&["ben"], true)]),
        escalation("one-stage", &[(&["aiko"], false)]),
    ]);
    let imported = Imported::of("import-essential", &answers, &[]);
    imported.tells("goes-on: somebody in stage 1, 2 is not essential (`IsEssential` is false): there, the later stages are called although they acknowledge");
    assert_eq!(imported.told.matches("is not essential").count(), 1, "{}", imported.told);
}

#[test]
fn a_hand_off_on_the_31st_begins_on_one_and_says_what_the_other_months_do() {
    let mut answers = people(&["aiko", "ben"]);
    let at = json!({ "HourOfDay": 9, "MinuteOfHour": 0 });
    let recurrence =
        json!({ "MonthlySettings": [{ "DayOfMonth": 31, "HandOffTime": at }], "NumberOfOnCalls": 1, "RecurrenceMultiplier": 1 });
    let mut monthly = rotation("r", &["aiko", "ben"], recurrence);
    monthly["StartTime"] = "2026-03-10T12:00:00+09:00".into();
    answers.extend([schedule("s", &["r"]), monthly]);
    let imported = Imported::of("import-31", &answers, &[]);
    imported.passes_check();
    // The turn that begins on the last of February is the first person's, so the one before is the second's.
    let schedules = imported.read("schedules.yaml");
    assert!(schedules.contains("start: 2026-01-31T09:00\n        every: 1 month\n        members: [ben, aiko]"), "{schedules}");
    imported.tells("r: a hand-off on the 31st: in the five months that have none it is on their last day");
}

#[test]
fn files_of_the_shell_of_windows_are_read_and_what_is_no_text_has_a_line() {
    let person = person("aiko", "EMAIL", "aiko@example.com").map(|answer| answer.to_string());
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(person[0].encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let marked: Vec<u8> = [0xEF, 0xBB, 0xBF].into_iter().chain(person[1].bytes()).collect();
    let sjis = [0x7B, 0x22, 0x83, 0x41, 0x22, 0x7D];
    let imported = Imported::of(
        "import-encodings",
        &people(&["ben"]),
        &[("wide.json", &wide), ("marked.json", &marked), ("sjis.json", &sjis), ("half.json", &wide[..wide.len() - 1])],
    );
    imported.passes_check();
    let people = imported.read("people.yaml");
    assert!(people.contains("  aiko:\n") && people.contains("aiko@example.com") && people.contains("  ben:\n"), "{people}");
    imported.tells("sjis.json: -: it is no text in UTF-8 or UTF-16");
    imported.tells("half.json: -: it is no text in UTF-8 or UTF-16");
}

#[test]
fn a_folder_among_the_files_has_a_line_and_where_nothing_can_be_read_it_is_said_why() {
    let folder = Folder::new("import-unreadable");
    fs::create_dir(folder.0.join("sub.json")).unwrap();
    fs::write(folder.0.join("half.json"), "{").unwrap();
    let import = || run(&["import", "incident-manager", "--from", &folder.path(""), "--to", &folder.path("on-call")]);
    let done = import();
    let said = text(&done.stderr);
    assert!(!done.status.success() && said.contains("has nothing of Incident Manager"), "{said}");
    assert!(said.contains("sub.json: -: it is no file") && said.contains("half.json: -: it is no JSON"), "{said}");
    for (index, answer) in people(&["aiko"]).iter().enumerate() {
        fs::write(folder.0.join(format!("{index}.json")), answer.to_string()).unwrap();
    }
    let done = import();
    assert!(done.status.success() && text(&done.stdout).contains("sub.json: -: it is no file"), "{}", text(&done.stderr));
    // Of people whom nobody can reach nothing is made, and that is no success.
    let nothing = Imported::of("import-nothing-good", &[person("aiko", "SMS", "090")[0].clone()], &[]);
    assert!(
        !nothing.good && nothing.told.contains("nothing was written") && nothing.told.contains("aiko: nobody knows how"),
        "{}",
        nothing.told
    );
}
