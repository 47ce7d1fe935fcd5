//! Configurations that follow from a seed, as somebody would write them, and what happens in them.

#[path = "generated/dice.rs"]
mod dice;
#[path = "generated/service.rs"]
mod service;
#[path = "generated/text.rs"]
mod text;

use std::fmt;

use acceptance::{alarm_event, load};
use dice::Dice;
use hansho_configuration::Loaded;
use hansho_rehearsal::{Answer, Reaction};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use text::{Named, configuration};

const PEOPLE: [&str; 6] = ["ann", "bob", "cyd", "dan", "eve", "fay"];

/// A configuration, what people change in it live, an alarm and who answers it.
pub struct Case {
    pub text: String,
    pub loaded: Loaded,
    pub event: Value,
    pub at: Timestamp,
    /// Overrides, as `POST /schedules/{id}/overrides` takes them, each with its schedule.
    pub overrides: Vec<(String, Value)>,
    pub answers: Vec<Answer>,
    /// How much of the story is compared.
    pub compared: SignedDuration,
}

impl Case {
    pub fn random(seed: u64, compared: SignedDuration) -> Self {
        let mut dice = Dice(seed);
        let dice = &mut dice;
        let people = &PEOPLE[..usize::try_from(dice.between(2, 6)).unwrap()];
        let teams = &["red", "blue"][..usize::try_from(dice.between(1, 2)).unwrap()];
        let schedules = &["first", "second", "third"][..usize::try_from(dice.between(1, 3)).unwrap()];
        let named = Named { people, teams, schedules };
        let seconds = i64::try_from(dice.between(0, 90 * 86_400)).unwrap();
        let at = "2026-10-15T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds);
        let text = configuration(dice, &named, at);
        let answers = if dice.once_in(2) { Vec::new() } else { answers(dice, &named) };
        let overrides = (0..dice.between(0, 2)).map(|_| made_override(dice, &named, at)).collect();
        let overrides = if dice.once_in(2) { overrides } else { Vec::new() };
        Self { loaded: load(&text), text, event: event(dice, at), at, overrides, answers, compared }
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
        writeln!(f, "{}\nat {}: {:#}", self.text, self.at, self.event)?;
        self.overrides.iter().try_for_each(|(schedule, made)| writeln!(f, "{schedule}: {made}"))?;
        self.answers.iter().try_for_each(|answer| writeln!(f, "{answer:?}"))
    }
}

/// Everybody is paged once at least, or their answer never comes; both are worth comparing.
fn answers(dice: &mut Dice, named: &Named<'_>) -> Vec<Answer> {
    let some = dice.some_of(named.people);
    let targets = named.callable();
    let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
    let mut answers = Vec::new();
    for user in some.iter().take(2) {
        let user = user.parse().unwrap();
        let answer = Answer::new(user, u32::try_from(dice.of(&[0, 20, 60, 240, 420, 900])).unwrap(), dice.of(&Reaction::ALL));
        let to = if answer.reaction == Reaction::Request { dice.some_of(&targets) } else { Vec::new() };
        answers.push(Answer { to: to.iter().map(|target| target.parse().unwrap()).collect(), ..answer });
    }
    if answers.iter().any(|answer| answer.reaction == Reaction::Request) {
        for user in dice.some_of(named.people) {
            let after = u32::try_from(dice.of(&[5, 30, 120, 600])).unwrap();
            answers.push(Answer::new(user.parse().unwrap(), after, dice.of(&[Reaction::Accept, Reaction::Decline])));
        }
    }
    answers
}

/// Somebody else is on call for a while that begins or ends within the story.
fn made_override(dice: &mut Dice, named: &Named<'_>, at: Timestamp) -> (String, Value) {
    let schedule = dice.of(named.schedules).to_owned();
    let from = dice.near(at, 0, 20);
    let until = dice.near(from, 3, 60);
    let (user, by) = (dice.of(named.people), dice.of(named.people));
    let change = match dice.between(0, 4) {
        0 if user != by => json!({ "change": "replace", "user": user, "by": [by] }),
        1 => json!({ "change": "replace_all", "by": [by] }),
        2 => json!({ "change": "add", "by": [by] }),
        3 => json!({ "change": "remove", "user": user }),
        _ => json!({ "change": "nobody" }),
    };
    let mut made = change;
    made["from"] = json!(from);
    made["until"] = json!(until);
    (schedule, made)
}

/// An alarm whose description says how bad it is, whose it is and some labels; muted by CloudWatch at times.
fn event(dice: &mut Dice, at: Timestamp) -> Value {
    let mut lines = vec![format!("severity: {}", dice.of(&["critical", "error", "warning", "info"]))];
    let some = [
        ("priority", ["SEV1", "SEV2", "SEV4"], 8),
        ("prio", ["P1", "P2", "SEV1"], 2),
        ("env", ["prod-1", "prod", "test"], 2),
        ("service", ["shop", "shop", "nowhere"], 12),
        ("owner", ["red", "blue", "team/red"], 6),
    ];
    for (key, values, times) in some {
        if dice.once_in(times) {
            lines.push(format!("{key}: {}", dice.of(&values)));
        }
    }
    let name = if dice.once_in(10) { "other-5xx" } else { "shop-5xx" };
    let event = alarm_event(name).at(at).described(&lines.join("\n")).build();
    if dice.once_in(10) { muted(&event, at, dice.near(at, -10, 20)) } else { event }
}

/// The same alarm as EventBridge tells it, with a mute rule in force until then.
fn muted(event: &Value, at: Timestamp, until: Timestamp) -> Value {
    let (data, arn) = (&event["alarmData"], &event["alarmArn"]);
    let mut detail = data.clone();
    detail["muteDetail"] = json!({
        "mutedByArn": "arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm-mute-rule:month-end",
        "muteWindowStart": at - SignedDuration::from_hours(1),
        "muteWindowEnd": until,
    });
    json!({
        "version": "0", "id": "0f3c2a51-7b1e-4c55-9a3e-5d0e1c9b7a10", "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch", "account": "111122223333", "time": at, "region": "ap-northeast-1", "resources": [arn], "detail": detail,
    })
}
