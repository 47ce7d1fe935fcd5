//! What is rehearsed: an alert, a moment, and who answers when.

use hansho_domain::{Alert, AlertId, DedupKey, IntegrationId, InvalidId, Priority, Severity, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How many pages of an exhausted incident are played when nobody says otherwise: after two the pattern is plain.
pub const REPAGES_DEFAULT: u32 = 2;

/// What a person does about a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// They take it.
    Acknowledge,
    /// They say that it is over.
    Resolve,
    /// They have the next step called.
    Escalate,
}

impl Reaction {
    /// Every reaction.
    pub const ALL: [Self; 3] = [Self::Acknowledge, Self::Resolve, Self::Escalate];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Resolve => "resolve",
            Self::Escalate => "escalate",
        }
    }
}

/// A person who answers their first page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Who.
    pub user: UserId,
    /// How long after their first page, in seconds.
    pub after_seconds: u32,
    /// What they do.
    pub reaction: Reaction,
}

/// An alarm at a moment, and who answers. Nobody else does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// When the alarm comes in.
    pub at: Timestamp,
    /// What comes in.
    pub alert: Alert,
    /// Who answers.
    pub answers: Vec<Answer>,
    /// What happens later than this after the start is not played; without it everything is.
    pub until: Option<SignedDuration>,
    /// How many turns were taken before at every step whose people take turns.
    pub turns_taken: u64,
    /// How many pages of an exhausted incident are played.
    pub repages: u32,
}

impl Scenario {
    /// An alarm at `at` that nobody answers. Whole seconds: timers know nothing smaller.
    ///
    /// # Errors
    /// None, unless the names that this file gives are not valid.
    pub fn new(at: Timestamp, title: &str, severity: Severity, priority: Option<Priority>) -> Result<Self, InvalidId> {
        let at = Timestamp::from_second(at.as_second()).unwrap_or(at);
        let alert = Alert {
            id: AlertId::from_hash(*b"a rehearsed one!"),
            integration: IntegrationId::new("rehearsal")?,
            dedup_key: DedupKey::new("rehearsal")?,
            occurred_at: at,
            severity,
            priority,
            title: title.to_owned(),
            details: String::new(),
            runbook: None,
            link: None,
            held: None,
            remark: None,
            opened_by: None,
        };
        Ok(Self { at, alert, answers: Vec::new(), until: None, turns_taken: 0, repages: REPAGES_DEFAULT })
    }
}
