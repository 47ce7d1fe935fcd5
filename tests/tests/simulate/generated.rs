//! Configurations that follow from a seed, as somebody would write them, and what happens in them.

use std::fmt::{self, Write as _};

use acceptance::load;
use hansho_configuration::Loaded;
use hansho_domain::{ServiceId, Severity};
use hansho_rehearsal::{Answer, Reaction};
use jiff::{SignedDuration, Timestamp};

const PEOPLE: [&str; 6] = ["ann", "bob", "cyd", "dan", "eve", "fay"];
const ZONES: [&str; 5] = ["Asia/Tokyo", "Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"];
const SEVERITIES: [(&str, Severity); 4] =
    [("critical", Severity::Critical), ("error", Severity::Error), ("warning", Severity::Warning), ("info", Severity::Info)];

/// A configuration, an alarm and who answers it.
pub struct Case {
    pub text: String,
    pub loaded: Loaded,
    pub service: ServiceId,
    pub alarm: String,
    pub at: Timestamp,
    pub severity: Severity,
    pub answers: Vec<Answer>,
    /// How much of the story is compared.
    pub compared: SignedDuration,
}

/// The word for a severity.
pub fn word(severity: Severity) -> &'static str {
    SEVERITIES.iter().find(|(_, one)| *one == severity).unwrap().0
}

/// Numbers that follow from a seed (SplitMix64, <https://prng.di.unimi.it/splitmix64.c>).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From `least` to `most`, both included.
    fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.roll() % (most - least + 1)
    }

    /// Once in so many times.
    fn once_in(&mut self, times: u64) -> bool {
        self.roll().is_multiple_of(times)
    }

    fn of<T: Copy>(&mut self, some: &[T]) -> T {
        some[usize::try_from(self.roll()).unwrap_or(usize::MAX) % some.len()]
    }

    /// Each of them or not, but one at least.
    fn some_of<'a>(&mut self, all: &[&'a str]) -> Vec<&'a str> {
        let chosen: Vec<&str> = all.iter().copied().filter(|_| self.once_in(2)).collect();
        if chosen.is_empty() { vec![self.of(all)] } else { chosen }
    }
}

impl Case {
    pub fn random(seed: u64, compared: SignedDuration) -> Self {
        let mut dice = Dice(seed);
        let people = &PEOPLE[..usize::try_from(dice.between(2, 6)).unwrap()];
        let text = configuration(&mut dice, people);
        let seconds = i64::try_from(dice.between(0, 90 * 86_400)).unwrap();
        let at = "2026-10-15T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds);
        let answers = if dice.once_in(2) { Vec::new() } else { answers(&mut dice, people) };
        Self {
            loaded: load(&text),
            text,
            service: "shop".parse().unwrap(),
            alarm: "shop-5xx".to_owned(),
            at,
            severity: dice.of(&SEVERITIES).1,
            answers,
            compared,
        }
    }

    /// Whose address it is, and what goes there is called.
    pub fn way(&self, channel: &str, address: &str) -> String {
        let destination = self.loaded.destinations.iter().find(|(_, destination)| destination.url == address);
        match destination {
            Some((name, _)) => format!("{name} post"),
            None => format!("{} {channel}", self.person(channel, address)),
        }
    }

    fn person(&self, channel: &str, address: &str) -> String {
        let contacts = self.loaded.contacts.iter();
        let mine = |contact: &hansho_configuration::Contact| match channel {
            "sms" => contact.phone.clone(),
            "email" => contact.email.clone(),
            "webhook" => contact.webhook.clone(),
            other => panic!("no such channel: {other}"),
        };
        let found = contacts.filter(|(_, contact)| mine(contact).as_deref() == Some(address)).map(|(user, _)| user.to_string()).next();
        found.unwrap_or_else(|| panic!("nobody has {channel} {address}"))
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{} at {}, {}", self.text, self.alarm, self.at, word(self.severity))?;
        self.answers.iter().try_for_each(|answer| writeln!(f, "{answer:?}"))
    }
}

/// Everybody is paged once at least, or their answer never comes; both are worth comparing.
fn answers(dice: &mut Dice, people: &[&str]) -> Vec<Answer> {
    let some = dice.some_of(people);
    let chosen = some.iter().take(2).map(|user| Answer {
        user: user.parse().unwrap(),
        after_seconds: u32::try_from(dice.of(&[0, 20, 60, 240, 420, 900])).unwrap(),
        reaction: dice.of(&Reaction::ALL),
    });
    chosen.collect()
}

fn configuration(dice: &mut Dice, people: &[&str]) -> String {
    let mut text = String::from("users:\n");
    for (number, person) in people.iter().enumerate() {
        text += &user(dice, person, number);
    }
    text += "teams:\n";
    let teams = &["red", "blue"][..usize::try_from(dice.between(1, 2)).unwrap()];
    for team in teams {
        writeln!(text, "  {team}: {{ members: [{}] }}", dice.some_of(people).join(", ")).unwrap();
    }
    text += "schedules:\n";
    let schedules = &["first", "second", "third"][..usize::try_from(dice.between(1, 3)).unwrap()];
    for schedule in schedules {
        text += &rotations(dice, schedule, people);
    }
    let targets: Vec<String> = (schedules.iter().map(|name| format!("schedule/{name}")))
        .chain(teams.iter().map(|name| format!("team/{name}")))
        .chain(people.iter().map(|name| format!("user/{name}")))
        .chain(schedules.iter().map(|name| format!("schedule/{name}")))
        .chain(["webhook/ops".to_owned(), "channel/incidents".to_owned()])
        .collect();
    let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
    let hands_over = dice.once_in(4);
    text += "escalation_policies:\n";
    text += &policy(dice, "shop", &targets, hands_over);
    if hands_over {
        text += &policy(dice, "backup", &targets, false);
    }
    text += "destinations:\n  ops: { webhook: https://hooks.example.com/ops, secret: a-long-secret-of-ops }\n";
    text += "  incidents: { chat: https://chat.example.com/incidents }\n";
    text += &service(dice);
    if dice.once_in(2) {
        writeln!(text, "fallback: [{}]", dice.of(&targets[..targets.len() - 2])).unwrap();
    }
    text
}

fn user(dice: &mut Dice, person: &str, number: usize) -> String {
    let addresses = [
        ("sms", format!("phone: \"+8190000001{number:02}\"")),
        ("email", format!("email: {person}@example.com")),
        ("webhook", format!("webhook: https://hooks.example.com/{person}, webhook_secret: a-long-secret-of-{person}")),
    ];
    let methods = dice.some_of(&["sms", "email", "webhook"]);
    let mut keys = vec![format!("name: {person}")];
    keys.extend(addresses.into_iter().filter(|(method, _)| methods.contains(method)).map(|(_, key)| key));
    if !dice.once_in(4) {
        let (high, low) = (rules(dice, &methods), rules(dice, &methods));
        keys.push(format!("notify: {{ high: [{high}], low: [{low}], handoff_reminders: [] }}"));
    } else {
        // What is told ahead of a shift is no page, and `hansho simulate` tells of pages.
        keys.push("notify: { handoff_reminders: [] }".to_owned());
    }
    format!("  {person}: {{ {} }}\n", keys.join(", "))
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
        let more = match dice.between(0, 7) {
            0 | 1 => ", round_robin: true",
            2 => ", when: { urgency: high }",
            3 => ", when: { urgency: low }",
            4 => ", when: { priority: [SEV1] }",
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

fn service(dice: &mut Dice) -> String {
    let mut keys = vec!["escalation_policy: shop".to_owned(), "alarms: [\"shop-*\"]".to_owned()];
    keys.push(format!("urgency: {}", dice.of(&["high", "high", "high", "low", "by_severity"])));
    let optional = [
        ("repage_every", ["10m", "15m", "30m"]),
        ("acknowledgement_timeout", ["5m", "10m", "20m"]),
        ("auto_resolve", ["1m", "30m", "50m"]),
    ];
    for (key, values) in optional {
        if dice.once_in(3) {
            keys.push(format!("{key}: {}", dice.of(&values)));
        }
    }
    format!("services:\n  shop: {{ {} }}\n", keys.join(", "))
}
