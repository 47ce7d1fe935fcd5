//! What a rehearsal comes to.

use std::collections::BTreeSet;

use hansho_domain::{Ignored, Incident, PageReason, PhaseName, Position, Recipient, Rejected, TimelineEntry, Urgency, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::scenario::Answer;

/// One message that would be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page {
    /// When.
    pub at: Timestamp,
    /// To whom, and how.
    pub to: Recipient,
    /// Whether it wakes them.
    pub urgency: Urgency,
    /// Why; several reasons when several pages go together in one message.
    pub reasons: Vec<PageReason>,
    /// Where in the policy it was decided.
    pub position: Position,
    /// Where the incident stood then.
    pub phase: PhaseName,
    /// Until when its moment waits for an answer.
    pub until: Option<Timestamp>,
}

impl Page {
    /// The person, if it goes to one.
    pub fn person(&self) -> Option<&UserId> {
        match &self.to {
            Recipient::Person { user, .. } => Some(user),
            Recipient::Destination { .. } => None,
        }
    }

    /// Who is told: a person's name in the configuration, or `webhook/ops`.
    pub fn who(&self) -> String {
        match &self.to {
            Recipient::Person { user, .. } => user.to_string(),
            Recipient::Destination { destination } => destination.to_string(),
        }
    }

    /// Whether it asks somebody for help.
    pub fn asks_for_help(&self) -> bool {
        self.reasons.iter().any(|reason| matches!(reason, PageReason::Requested { .. }))
    }

    /// By what: a person's method, or a post to a machine or channel.
    pub fn way(&self) -> &'static str {
        match &self.to {
            Recipient::Person { method, .. } => method.as_str(),
            Recipient::Destination { .. } => "post",
        }
    }
}

/// One commit of the incident's life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub entry: TimelineEntry,
    /// Until when Hansho waits for somebody, unless something comes in between.
    pub until: Option<Timestamp>,
}

/// Why the story ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The incident is resolved.
    Resolved,
    /// Nothing is due any more: somebody has it for good, or it was of low urgency and everybody has been told.
    Quiet,
    /// Everybody was called and nobody answered; from here on it only repeats.
    Exhausted {
        /// How often it pages again, in seconds.
        repage_seconds: u32,
    },
    /// The scenario ends before the incident does.
    Cut,
    /// It goes on and on.
    TooLong,
}

/// Why an answer changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Idle {
    /// They are never paged.
    NeverPaged,
    /// Nobody asks for their help.
    NeverAsked,
    /// The story ends before they answer.
    TooLate,
    /// It was settled before.
    Settled(Ignored),
    /// It is refused.
    Refused(Rejected),
}

/// An answer that changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdleAnswer {
    /// The answer.
    pub answer: Answer,
    /// Why it changes nothing.
    pub why: Idle,
}

/// The whole story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// When it began.
    pub started_at: Timestamp,
    /// What happened, in order.
    pub moments: Vec<Moment>,
    /// What would be sent, in order.
    pub pages: Vec<Page>,
    /// The incident in the end.
    pub incident: Incident,
    /// Answers that changed nothing.
    pub idle_answers: Vec<IdleAnswer>,
    /// Why it ends.
    pub ending: Ending,
}

impl Story {
    /// How long after the start `at` is.
    pub fn since_start(&self, at: Timestamp) -> SignedDuration {
        at.duration_since(self.started_at)
    }

    /// Everybody who is paged, each with their first page, in the order in which they are paged.
    pub fn first_pages(&self) -> Vec<&Page> {
        let mut seen = BTreeSet::new();
        self.pages.iter().filter(|page| page.person().is_some_and(|user| seen.insert(user))).collect()
    }

    /// The pages up to `within` after the start, the end included.
    pub fn pages_within(&self, within: Option<SignedDuration>) -> impl Iterator<Item = &Page> {
        self.pages.iter().filter(move |page| within.is_none_or(|within| self.since_start(page.at) <= within))
    }
}
