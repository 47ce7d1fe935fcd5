//! A configuration as somebody would write it: people, schedules, policies. What surrounds the service is in `service.rs`.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::{dice::Dice, service};

pub const ZONES: [&str; 5] = ["Asia/Tokyo", "Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"];

/// The names that a configuration gives.
pub struct Named<'a> {
    pub people: &'a [&'a str],
    pub teams: &'a [&'a str],
    pub schedules: &'a [&'a str],
}

impl Named<'_> {
    /// Whom a step may call, and where it may post; a schedule twice as often as anything else.
    fn targets(&self) -> Vec<String> {
        let mut targets = self.callable();
        targets.extend(self.schedules.iter().map(|name| format!("schedule/{name}")));
        targets.extend(["webhook/ops".to_owned(), "channel/incidents".to_owned()]);
        targets
    }

    /// Whom anybody may call.
    pub fn callable(&self) -> Vec<String> {
        let of = |kind: &str, names: &[&str]| names.iter().map(|name| format!("{kind}/{name}")).collect::<Vec<_>>();
        [of("schedule", self.schedules), of("team", self.teams), of("user", self.people)].concat()
    }
}

/// A configuration for an alarm that goes off at `at`: what depends on the time changes soon after it, or has just changed.
pub fn configuration(dice: &mut Dice, named: &Named<'_>, at: Timestamp) -> String {
    let mut text = String::from("users:\n");
    for (number, person) in named.people.iter().enumerate() {
        text += &user(dice, person, number, named.people, at);
    }
    text += "teams:\n";
    for team in named.teams {
        let policy = if dice.once_in(2) { ", escalation_policy: shop" } else { "" };
        writeln!(text, "  {team}: {{ members: [{}]{policy} }}", dice.some_of(named.people).join(", ")).unwrap();
    }
    text += "schedules:\n";
    for schedule in named.schedules {
        text += &rotations(dice, schedule, named.people);
    }
    let targets = named.targets();
    let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
    let hands_over = dice.once_in(4);
    text += "escalation_policies:\n";
    text += &policy(dice, "shop", &targets, hands_over);
    if hands_over {
        text += &policy(dice, "backup", &targets, false);
    }
    text += "destinations:\n  ops: { webhook: https://hooks.example.com/ops, secret: a-long-secret-of-ops }\n";
    text += "  incidents: { chat: https://chat.example.com/incidents }\n";
    text += &service::service(dice, at);
    if dice.once_in(2) {
        writeln!(text, "fallback: [{}]", dice.of(&targets[..targets.len() - 2])).unwrap();
    }
    text
}

fn user(dice: &mut Dice, person: &str, number: usize, people: &[&str], at: Timestamp) -> String {
    let addresses = [
        ("sms", format!("phone: \"+8190000001{number:02}\"")),
        ("email", format!("email: {person}@example.com")),
        ("webhook", format!("webhook: https://hooks.example.com/{person}, webhook_secret: a-long-secret-of-{person}")),
    ];
    let methods = dice.some_of(&["sms", "email", "webhook"]);
    let zone = dice.of(&ZONES);
    let mut keys = vec![format!("name: {person}, time_zone: {zone}")];
    keys.extend(addresses.into_iter().filter(|(method, _)| methods.contains(method)).map(|(_, key)| key));
    // What is told ahead of a shift is no page, and `hansho simulate` tells of pages.
    let mut notify = vec!["handoff_reminders: []".to_owned()];
    if !dice.once_in(4) {
        let (high, low) = (rules(dice, &methods), rules(dice, &methods));
        notify.push(format!("high: [{high}], low: [{low}]"));
    }
    let quiet: Vec<String> = (0..dice.between(0, 2)).map(|_| quiet(dice, person, people, (&methods, at, zone))).collect();
    if dice.once_in(2) {
        notify.push(format!("quiet: [{}]", quiet.join(", ")));
    }
    keys.push(format!("notify: {{ {} }}", notify.join(", ")));
    format!("  {person}: {{ {} }}\n", keys.join(", "))
}

/// Low urgency waits, on some methods or all, or somebody else is called for what is urgent.
fn quiet(dice: &mut Dice, person: &str, people: &[&str], (methods, at, zone): (&[&str], Timestamp, &str)) -> String {
    let window = dice.window(at, zone);
    let others: Vec<&str> = people.iter().copied().filter(|other| *other != person).collect();
    match dice.between(0, 2) {
        0 => format!("{{ {window}, urgency: high, cover: user/{} }}", dice.of(&others)),
        1 => format!("{{ {window}, methods: [{}], urgency: low }}", dice.of(methods)),
        _ => format!("{{ {window}, urgency: low }}"),
    }
}

/// Close together at times, so that pages meet at the gate.
fn rules(dice: &mut Dice, methods: &[&str]) -> String {
    let after = ["0m", "0m", "0m", "10s", "20s", "30s", "45s", "1m", "2m", "5m", "12m", "40m"];
    let rules: Vec<String> =
        (0..dice.between(0, 4)).map(|_| format!("{{ after: {}, by: {} }}", dice.of(&after), dice.of(methods))).collect();
    rules.join(", ")
}

fn rotations(dice: &mut Dice, name: &str, people: &[&str]) -> String {
    let mut text = format!("  {name}:\n    time_zone: {}\n    rotations:\n", dice.of(&ZONES));
    for number in 0..dice.between(1, 3) {
        let mut members: Vec<&str> = (0..dice.between(1, 4)).map(|_| dice.of(people)).collect();
        if dice.once_in(3) {
            members.push("nobody");
        }
        let start =
            format!("2026-{:02}-{:02}T{:02}:{:02}", dice.between(1, 9), dice.between(1, 28), dice.between(0, 23), dice.of(&[0, 30]));
        let every = dice.of(&["1 week", "1 day", "2 days", "12 hours", "7 hours", "1 hours", "1 month"]);
        let only = match dice.between(0, 3) {
            0 => ", only: [{ from: \"09:00\", to: \"18:00\", days: [mon, tue, wed, thu, fri] }]",
            1 => ", only: [{ from: \"22:00\", to: \"07:00\" }]",
            _ => "",
        };
        writeln!(text, "      - {{ name: r{number}, start: {start}, every: {every}, members: [{}]{only} }}", members.join(", ")).unwrap();
    }
    text
}

/// Steps that call, in turn or under a condition at times; one that hands over is the last.
fn policy(dice: &mut Dice, name: &str, targets: &[&str], hands_over: bool) -> String {
    let mut text = format!("  {name}:\n    steps:\n");
    for _ in 0..dice.between(1, 4) {
        let some: Vec<&str> = (0..dice.between(1, 3)).map(|_| dice.of(targets)).collect();
        let more = match dice.between(0, 9) {
            0 | 1 => ", round_robin: true",
            2 => ", when: { urgency: high }",
            3 => ", when: { urgency: low }",
            4 => ", when: { priority: [SEV1] }",
            5 => ", when: { priority: [SEV2, SEV3] }",
            _ => "",
        };
        writeln!(text, "      - {{ notify: [{}], wait: {}{more} }}", some.join(", "), dice.of(&["1m", "2m", "5m", "7m", "15m"])).unwrap();
    }
    if hands_over {
        text += "      - { hand_over: backup }\n";
    } else {
        writeln!(text, "    repeat: {}", dice.between(0, 2)).unwrap();
    }
    text
}
