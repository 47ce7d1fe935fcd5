//! Whatever an account of Incident Manager may have becomes a configuration that is good, and nothing of it is lost without a line.

use std::{collections::BTreeSet, path::PathBuf};

use hansho_configuration::{Loaded, load_files};
use hansho_domain::Target;
use jiff::{Timestamp, ToSpan};
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Value, json};

use super::{
    made::{Made, Stands},
    reading::Export,
};

fn arn(of: &str, index: usize) -> String {
    format!("arn:aws:ssm-contacts:ap-northeast-1:111122223333:{of}/{index}")
}

fn export(answers: &[Value]) -> Export {
    let mut export = Export::default();
    for (age, answer) in answers.iter().enumerate() {
        export.take(&format!("{age}.json"), age, &answer.to_string());
    }
    export.settle();
    export
}

fn loaded(made: &Made) -> Loaded {
    let files: Vec<_> = made.files.iter().map(|(name, text)| (PathBuf::from(name), text.clone())).collect();
    match load_files(&files) {
        Ok(loaded) => loaded,
        Err(problems) => panic!("{problems:#?}\n{files:#?}"),
    }
}

/// Names that somebody may have given, and that mean something to YAML, to the configuration or to nobody.
fn name() -> impl Strategy<Value = String> {
    let odd = select(vec![
        "123456",
        "0123456",
        "1e5",
        "123e4",
        "0x12",
        "0o17",
        "1_000",
        "1.5",
        ".inf",
        "nan",
        "true",
        "no",
        "off",
        "null",
        "~",
        "y",
        "nobody",
        "catch-all",
        "hansho-canary",
        "Support",
        "[a]",
        "{a: b}",
        "- a",
        "# a",
        "a: b",
        "*a",
        "&a",
        "!!int",
        "|",
        ">",
        "%a",
        "@",
        "`",
        "\"",
        "'",
        "2026-01-05",
        "12:30:45",
        "愛子",
        "ssm:/a/secrets/b/c",
        "",
        " ",
        "---",
        "__",
        "\u{85}\u{2028}",
        "\u{FEFF}",
        "\u{7F}\u{FFFE}",
        "a\nb: c",
    ]);
    prop_oneof![
        odd.prop_map(str::to_owned),
        any::<String>(),
        "[a-z0-9_-]{1,40}",
        "[a-z]{0,3}".prop_map(|start| format!("{start}{}", "x".repeat(255))),
    ]
}

fn address(kind: &'static str) -> impl Strategy<Value = Option<String>> {
    let given = if kind == "EMAIL" {
        vec!["aiko@example.com", "\"a b\"@example.com", "a@例え.jp", "a.b@x", "nobody", "", "o'brien@example.com"]
    } else {
        vec!["+819012345678", "+8190123", "+12065550100", "+1 (206) 555-0100", "090-1234-5678", "123", ""]
    };
    option::weighted(0.9, prop_oneof![4 => select(given).prop_map(str::to_owned), 1 => any::<String>()])
}

/// A person and their channels.
fn person(index: usize) -> impl Strategy<Value = Vec<Value>> {
    let channel = select(vec!["SMS", "VOICE", "EMAIL", "PUSH"]).prop_flat_map(|kind| (Just(kind), address(kind)));
    let stage = (0_u32..2_000, vec((0_usize..4, 0_u32..70), 0..3));
    (name(), option::of(name()), vec(channel, 0..4), vec(stage, 0..4)).prop_map(move |(alias, shown, channels, stages)| {
        let contact = arn("contact", index);
        let channel = |place: usize| format!("{contact}/{place}");
        let target = |(place, every): &(usize, u32)| json!({ "ChannelTargetInfo": { "ContactChannelId": channel(*place), "RetryIntervalInMinutes": every } });
        let stages: Vec<Value> = stages
            .iter()
            .map(|(minutes, targets)| json!({ "DurationInMinutes": minutes, "Targets": targets.iter().map(target).collect::<Vec<_>>() }))
            .collect();
        let channels: Vec<Value> = channels
            .iter()
            .enumerate()
            .map(|(place, (kind, address))| {
                json!({
                    "ContactChannelArn": channel(place), "ContactArn": contact, "Name": "x", "Type": kind,
                    "DeliveryAddress": { "SimpleAddress": address }, "ActivationStatus": "ACTIVATED",
                })
            })
            .collect();
        vec![
            json!({ "ContactArn": contact, "Alias": alias, "DisplayName": shown, "Type": "PERSONAL", "Plan": { "Stages": stages } }),
            json!({ "ContactChannels": channels }),
        ]
    })
}

fn time(most: i8) -> impl Strategy<Value = Value> {
    // Two o'clock is what the clock is put forward over in New York, midnight in Beirut.
    (prop_oneof![0..most, Just(0), Just(2)], select(vec![0_i8, 30, 59]))
        .prop_map(|(hour, minute)| json!({ "HourOfDay": hour, "MinuteOfHour": minute }))
}

fn recurrence() -> impl Strategy<Value = Value> {
    const DAYS: [&str; 7] = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];
    let daily = vec(time(25), 0..3).prop_map(|times| json!({ "DailySettings": times }));
    let weekly = vec((select(DAYS.to_vec()), time(24)), 1..4)
        .prop_map(|days| json!({ "WeeklySettings": days.iter().map(|(day, time)| json!({ "DayOfWeek": day, "HandOffTime": time })).collect::<Vec<_>>() }));
    let monthly = vec((prop_oneof![1..33, 28..32], time(24)), 1..4)
        .prop_map(|days| json!({ "MonthlySettings": days.iter().map(|(day, time)| json!({ "DayOfMonth": day, "HandOffTime": time })).collect::<Vec<_>>() }));
    let hours = (proptest::sample::subsequence(DAYS.to_vec(), 0..=7), vec((time(24), time(24)), 0..3)).prop_map(|(days, windows)| {
        let windows: Vec<Value> = windows.iter().map(|(start, end)| json!({ "Start": start, "End": end })).collect();
        Value::Object(days.iter().map(|day| ((*day).to_owned(), json!(windows))).collect())
    });
    let many = prop_oneof![8 => 1_i64..4, 1 => Just(100), 1 => Just(0)];
    (prop_oneof![daily, weekly, monthly], option::of(hours), many, prop_oneof![4 => 1_usize..3, 1 => 1_usize..40]).prop_map(
        |(mut recurrence, hours, many, at_once)| {
            recurrence["ShiftCoverages"] = hours.into();
            recurrence["RecurrenceMultiplier"] = many.into();
            recurrence["NumberOfOnCalls"] = at_once.into();
            recurrence
        },
    )
}

fn rotation(index: usize, people: usize) -> impl Strategy<Value = Value> {
    let zones = vec!["Asia/Tokyo", "Asia/Tokyo", "America/New_York", "asia/tokyo", "Asia/Beirut", "UTC", "Etc/GMT+9", "Mars/Olympus"];
    let starts = vec![
        "2026-01-07T12:00:00+09:00",
        "2026-03-08T03:00:00-04:00",
        "2026-03-30T00:00:00Z",
        "2024-02-29T23:30:00Z",
        "9999-12-30T00:00:00Z",
    ];
    (name(), vec(0..people + 1, 0..30), recurrence(), select(zones), select(starts)).prop_map(
        move |(name, members, recurrence, zone, start)| {
            json!({
                "RotationArn": arn("rotation", index), "Name": name, "StartTime": start, "TimeZoneId": zone, "Recurrence": recurrence,
                "ContactIds": members.iter().map(|member| arn("contact", *member)).collect::<Vec<_>>(),
            })
        },
    )
}

const PEOPLE: usize = 30;
const ROTATIONS: usize = 6;
const SCHEDULE: usize = 100;
const ESCALATION: usize = 200;

/// Two schedules, an escalation plan of many stages, and two response plans.
fn account() -> impl Strategy<Value = Vec<Value>> {
    let people: Vec<_> = (0..PEOPLE).map(person).collect();
    let rotations: Vec<_> = (0..ROTATIONS).map(|index| rotation(index, PEOPLE)).collect();
    let whom = prop_oneof![6 => 0..PEOPLE, 2 => SCHEDULE..SCHEDULE + 2, 1 => Just(999)];
    let stage = (0_u32..40, prop_oneof![8 => vec((whom.clone(), any::<bool>()), 0..4), 1 => vec((whom, any::<bool>()), 20..60)]);
    let stages = prop_oneof![4 => vec(stage.clone(), 0..5), 1 => vec(stage, 20..45)];
    let named = (vec((name(), option::of(name())), 5), vec(prop_oneof![Just(ESCALATION), Just(SCHEDULE), Just(0_usize), Just(999)], 0..3));
    (people, rotations, stages, named).prop_map(|(people, rotations, stages, (names, engaged))| {
        let contact = |index: usize, place: usize, kind: &str, plan: Value| json!({ "ContactArn": arn("contact", index), "Alias": names[place].0, "DisplayName": names[place].1, "Type": kind, "Plan": plan });
        let target = |(whom, essential): &(usize, bool)| json!({ "ContactTargetInfo": { "ContactId": arn("contact", *whom), "IsEssential": essential } });
        let stages: Vec<Value> = stages
            .iter()
            .map(|(minutes, targets)| json!({ "DurationInMinutes": minutes, "Targets": targets.iter().map(target).collect::<Vec<_>>() }))
            .collect();
        let ids = |of: &[usize]| json!({ "RotationIds": of.iter().map(|index| arn("rotation", *index)).collect::<Vec<_>>() });
        let plan = |place: usize, engaged: Vec<usize>| {
            json!({
                "arn": format!("arn:aws:ssm-incidents::111122223333:response-plan/{}", names[place].0), "name": names[place].0,
                "displayName": names[place].1, "engagements": engaged.iter().map(|index| arn("contact", *index)).collect::<Vec<_>>(),
                "incidentTemplate": { "title": "t", "impact": 3 },
            })
        };
        let mut answers: Vec<Value> = people.into_iter().flatten().chain(rotations).collect();
        answers.push(contact(SCHEDULE, 0, "ONCALL_SCHEDULE", ids(&[0, 1, 2, 3])));
        answers.push(contact(SCHEDULE + 1, 1, "ONCALL_SCHEDULE", ids(&[4, 5])));
        answers.push(contact(ESCALATION, 2, "ESCALATION", json!({ "Stages": stages })));
        answers.push(plan(3, vec![ESCALATION]));
        answers.push(plan(4, engaged));
        answers
    })
}

/// Whom a policy calls, with those that it hands over to.
fn called(loaded: &Loaded, policy: &str) -> BTreeSet<String> {
    let found = loaded.configuration.policies().iter().find(|found| found.id().as_str() == policy).unwrap();
    let mut called = BTreeSet::new();
    for step in found.steps() {
        for target in &step.notify {
            match target {
                Target::Team(team) => {
                    let team = loaded.configuration.teams().iter().find(|found| found.id() == team).unwrap();
                    called.extend(team.members().iter().map(|user| format!("user/{user}")));
                }
                other => drop(called.insert(other.to_string())),
            }
        }
        called.extend(step.hand_over.iter().flat_map(|policy| self::called(loaded, policy.as_str())));
    }
    called
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_an_account_has_becomes_a_good_configuration_or_has_a_line(answers in account(), bridge in any::<bool>()) {
        let export = export(&answers);
        let made = Made::of(&export, bridge);
        let loaded = loaded(&made);
        let has_line = |file: &str| made.left.iter().any(|left| left.file == file);
        for contact in &export.contacts {
            prop_assert!(made.stands.contains_key(&contact.value.contact_arn) || has_line(&contact.file), "{:?}", contact);
        }
        let rotations: usize = loaded.configuration.schedules().iter().map(|schedule| schedule.rotations().len()).sum();
        let lost = export.rotations.iter().filter(|rotation| has_line(&rotation.file)).count();
        prop_assert!(rotations + lost >= export.rotations.len(), "{} {}", rotations, lost);
        for plan in &export.plans {
            // Its first line is always there: which alarms start it.
            prop_assert!(has_line(&plan.file));
        }
        // Whoever an escalation plan called is called by its policy.
        let plan = export.contacts.iter().find(|contact| contact.value.kind == "ESCALATION").unwrap();
        if let Some(Stands::Policy(policy)) = made.stands.get(&plan.value.contact_arn) {
            let targets = plan.value.plan.stages.iter().flat_map(|stage| &stage.targets);
            let contacts = targets.filter_map(|target| target.contact_target_info.as_ref()?.contact_id.as_deref());
            let expected: BTreeSet<String> = contacts.filter_map(|contact| made.targets(contact)).flatten().collect();
            let is_cut = made.left.iter().any(|left| left.file == plan.file && left.english.contains("are left out, and call nobody"));
            prop_assert!(is_cut || called(&loaded, policy) == expected, "{:?}\n{:?}", called(&loaded, policy), expected);
        }
    }

    /// In Incident Manager everybody is called who is on call in any rotation of a schedule.
    #[test]
    fn of_a_schedule_everybody_is_on_call_who_is_in_one_of_its_rotations(rotations in vec(rotation(0, 4), 2..5), hours in 0_i64..9_000) {
        let people = (0..5).flat_map(|index| {
            let contact = arn("contact", index);
            let address = json!({ "SimpleAddress": format!("a{index}@example.com") });
            [
                json!({ "ContactArn": contact, "Alias": format!("a{index}"), "Type": "PERSONAL", "Plan": {} }),
                json!({ "ContactChannels": [{ "ContactChannelArn": format!("{contact}/0"), "ContactArn": contact, "Type": "EMAIL", "DeliveryAddress": address, "ActivationStatus": "ACTIVATED" }] }),
            ]
        });
        let rotations = rotations.into_iter().enumerate().map(|(index, mut rotation)| {
            rotation["RotationArn"] = arn("rotation", index).into();
            rotation
        });
        let rotations: Vec<Value> = rotations.collect();
        let schedule = |index: usize, of: &[usize]| json!({ "ContactArn": arn("contact", SCHEDULE + index), "Alias": "s", "Type": "ONCALL_SCHEDULE", "Plan": { "RotationIds": of.iter().map(|index| arn("rotation", *index)).collect::<Vec<_>>() } });
        let all: Vec<usize> = (0..rotations.len()).collect();
        let mut answers: Vec<Value> = people.chain(rotations.iter().cloned()).collect();
        answers.push(schedule(0, &all));
        answers.extend(all.iter().map(|index| schedule(index + 1, &[*index])));
        let made = Made::of(&export(&answers), false);
        let loaded = loaded(&made);
        let on_call = |index: usize, at: Timestamp| -> BTreeSet<String> {
            let Some(Stands::Schedules(names)) = made.stands.get(&arn("contact", SCHEDULE + index)) else { return BTreeSet::new() };
            let schedules = loaded.configuration.schedules().iter().filter(|schedule| names.iter().any(|name| name == schedule.id().as_str()));
            schedules.flat_map(|schedule| schedule.on_call_at(&[], at)).map(|user| user.to_string()).collect()
        };
        let from: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        // A moment of the year, and every quarter of an hour of the day on which New York's clock is put forward.
        let forward: Timestamp = "2026-03-08T04:00:00Z".parse().unwrap();
        let moments = (0..40).map(|quarter| forward + (15 * quarter).minutes()).chain([from + hours.hours()]);
        for at in moments {
            let apart: BTreeSet<String> = all.iter().flat_map(|index| on_call(index + 1, at)).collect();
            prop_assert_eq!(on_call(0, at), apart, "{} {:?}", at, made.files);
        }
    }
}
