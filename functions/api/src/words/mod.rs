//! The words of the pages: one file per language, and the compiler asks each for every sentence.

mod app;
mod en;
mod ja;
mod judgement;
mod people;
mod response;
mod setup;
mod shifts;

use hansho_domain::{Actor, Destination, Event, Language, Method, PhaseName, Recipient, Reference, Severity, Urgency, UserId, text};
use hansho_store::Delivery;
use jiff::Timestamp;
use serde::Serialize;

use crate::page::{Notice, Reader, clock::Clock};

pub(crate) use app::{AppLabels, AppTongue};
pub(crate) use judgement::{JudgementLabels, JudgementTongue};
pub(crate) use people::{PeopleLabels, PeopleTongue};
pub(crate) use response::{ResponseLabels, ResponseTongue};
pub(crate) use setup::{Named, SetupLabels, SetupTongue};
pub(crate) use shifts::{ShiftLabels, ShiftTongue};

/// Words that stand alone, as templates name them.
#[derive(Serialize)]
pub(crate) struct Labels {
    pub(crate) acknowledge: &'static str,
    pub(crate) acknowledge_hint: &'static str,
    pub(crate) acknowledge_all: &'static str,
    pub(crate) join: &'static str,
    pub(crate) join_explanation: &'static str,
    pub(crate) join_confirm: &'static str,
    pub(crate) escalate: &'static str,
    pub(crate) escalate_confirm: &'static str,
    pub(crate) snooze: &'static str,
    pub(crate) snooze_explanation: &'static str,
    pub(crate) snooze_confirm: &'static str,
    /// Instead of what nobody can find any more: who asked.
    pub(crate) asked: &'static str,
    pub(crate) accept: &'static str,
    pub(crate) accept_hint: &'static str,
    pub(crate) decline: &'static str,
    pub(crate) decline_hint: &'static str,
    pub(crate) resolve: &'static str,
    pub(crate) resolve_explanation: &'static str,
    pub(crate) resolve_confirm: &'static str,
    pub(crate) calling: &'static str,
    pub(crate) told: &'static str,
    pub(crate) you: &'static str,
    pub(crate) unreachable: &'static str,
    pub(crate) runbook: &'static str,
    pub(crate) link: &'static str,
    pub(crate) links: &'static str,
    pub(crate) details: &'static str,
    pub(crate) timeline: &'static str,
    pub(crate) older: &'static str,
    pub(crate) reload: &'static str,
    pub(crate) all_incidents: &'static str,
    pub(crate) times_in: &'static str,
    pub(crate) incident: &'static str,
    pub(crate) low_urgency: &'static str,
}

/// Whether somebody is on it, and whether it is the reader.
pub(crate) enum Standing {
    /// Nobody yet.
    Nobody { is_urgent: bool },
    /// Somebody.
    Taken { by_reader: bool, others: Vec<String>, back_at: Option<BackAt> },
    /// Everybody was called in vain.
    Unanswered { again_at: Option<String> },
    /// Nobody is called before a time.
    Held { until: Option<String>, reason: String },
    /// It is over.
    Over { by: String, at: String },
    /// It is over, and another one is worked on.
    Merged { into: String, by: String, at: String },
}

/// When an incident that somebody has triggers again.
pub(crate) enum BackAt {
    /// Whoever has it asked for that.
    Snoozed(String),
    /// If it is not resolved by then.
    TimedOut(String),
}

/// What the page says that asks whether messages arrive.
pub(crate) struct ProofWords {
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) button: Option<&'static str>,
}

/// A language.
pub(crate) trait Tongue: AppTongue + PeopleTongue + ResponseTongue + JudgementTongue + ShiftTongue + SetupTongue {
    fn labels(&self) -> &'static Labels;
    fn phase(&self, phase: PhaseName) -> &'static str;
    fn severity(&self, severity: Severity) -> &'static str;
    fn method(&self, method: Method) -> &'static str;
    /// Names one after the other.
    fn list(&self, names: &[String]) -> String;
    /// A span of time as people tell it.
    fn span(&self, seconds: u64) -> String;
    /// Since when, for how long.
    fn since(&self, clock: &str, span: &str) -> String;
    fn standing(&self, standing: &Standing) -> String;
    /// Whom the policy calls next, and when.
    fn next_call(&self, people: &str, clock: &str, span: Option<&str>) -> String;
    /// That the policy ends then.
    fn last_call(&self, clock: &str) -> String;
    /// What escalating does.
    fn escalation(&self, people: &str) -> String;
    /// Who asks for help, in whose words.
    fn asked(&self, by: &str, message: &str) -> String;
    /// Who helps, and who was asked; either may be empty.
    fn helping(&self, helping: &str, asked: &str) -> String;
    fn urgency(&self, urgency: Urgency) -> &'static str;
    /// A name with the ways in which they are called.
    fn called(&self, name: &str, methods: &str) -> String;
    /// How many of how many incidents nobody has.
    fn open_count(&self, unacknowledged: usize, all: usize) -> String;
    fn actor(&self, actor: &Actor, telling: &Telling<'_>) -> String;
    fn event(&self, event: &Event, actor: &Actor, telling: &Telling<'_>) -> String;
    fn delivery(&self, delivery: &Delivery, telling: &Telling<'_>) -> String;
    /// Asks whether messages arrive by a method, or says that they do since a time.
    fn proof(&self, is_drill: bool, method: &str, proven_at: Option<&str>) -> ProofWords;
    /// A heading and what to do.
    fn notice(&self, notice: Notice) -> (&'static str, &'static str);
}

/// A language's words.
pub(crate) fn tongue(language: Language) -> &'static dyn Tongue {
    match language {
        Language::En => &en::English,
        Language::Ja => &ja::Japanese,
    }
}

/// What a sentence needs to name people and times.
pub(crate) struct Telling<'a> {
    reader: &'a Reader,
    clock: Clock,
}

impl<'a> Telling<'a> {
    pub(crate) fn new(reader: &'a Reader) -> Self {
        Self { reader, clock: Clock::new(&reader.time_zone, reader.now, reader.language) }
    }

    fn name(&self, user: &UserId) -> String {
        self.reader.names.get(user).map_or_else(|| user.to_string(), |name| text::one_line(name))
    }

    fn names(&self, users: &[UserId]) -> String {
        let names: Vec<String> = users.iter().map(|user| self.name(user)).collect();
        self.clock.tongue().list(&names)
    }

    /// Whom a message goes to, and by which method if it is a person.
    fn recipient<'b>(&self, to: &'b Recipient) -> (String, Option<&'b Method>) {
        match to {
            Recipient::Person { user, method } => (self.name(user), Some(method)),
            Recipient::Destination { destination } => (destination.to_string(), None),
        }
    }

    fn at(&self, at: Timestamp) -> String {
        self.clock.short(at)
    }
}

/// Destinations one after the other.
fn places(destinations: &[Destination], tongue: &dyn Tongue) -> String {
    let names: Vec<String> = destinations.iter().map(ToString::to_string).collect();
    tongue.list(&names)
}

/// Web addresses, each with what it is called.
fn linked(references: &[Reference], mark: &str) -> String {
    let one = |reference: &Reference| match reference.text.as_str() {
        "" => reference.address.clone(),
        text => format!("{text}{mark}{}", reference.address),
    };
    references.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// `sentence`, and what there is to add to it after `mark`.
fn with(sentence: String, mark: &str, more: Option<&str>) -> String {
    match more.map(str::trim).filter(|more| !more.is_empty()) {
        Some(more) => format!("{sentence}{mark}{more}"),
        None => sentence,
    }
}

#[cfg(test)]
mod tests;
