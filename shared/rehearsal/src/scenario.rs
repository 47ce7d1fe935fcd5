//! What is rehearsed: an alert, a moment, and who answers when.

use hansho_domain::{Alert, AlertId, DedupKey, IntegrationId, InvalidId, Labels, Priority, Severity, Target, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::test::About;

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
    /// They ask others for help.
    Request,
    /// They help, having been asked.
    Accept,
    /// They can not help, having been asked.
    Decline,
}

impl Reaction {
    /// Every reaction.
    pub const ALL: [Self; 6] = [Self::Acknowledge, Self::Resolve, Self::Escalate, Self::Request, Self::Accept, Self::Decline];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Resolve => "resolve",
            Self::Escalate => "escalate",
            Self::Request => "request",
            Self::Accept => "accept",
            Self::Decline => "decline",
        }
    }

    /// Whether it answers a request for help, and nothing else.
    pub fn answers_request(self) -> bool {
        match self {
            Self::Accept | Self::Decline => true,
            Self::Acknowledge | Self::Resolve | Self::Escalate | Self::Request => false,
        }
    }
}

/// A person who answers their first page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Who.
    pub user: UserId,
    /// How long after their first page, in seconds; to accept or decline, after the first that asks for their help.
    pub after_seconds: u32,
    /// What they do.
    pub reaction: Reaction,
    /// Whom they ask for help; nobody, unless that is what they do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<Target>,
}

impl Answer {
    /// An answer that asks nobody for help.
    pub fn new(user: UserId, after_seconds: u32, reaction: Reaction) -> Self {
        Self { user, after_seconds, reaction, to: Vec::new() }
    }
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
    /// How many turns were taken before at every step whose people take turns; as the stage says, without it.
    pub turns_taken: Option<u64>,
    /// How many pages of an exhausted incident are played.
    pub repages: u32,
}

impl Scenario {
    /// An alarm at `at` that nobody answers. Whole seconds: timers know nothing smaller.
    ///
    /// # Errors
    /// None, unless the names that this file gives are not valid.
    pub fn new(at: Timestamp, title: &str, severity: Severity, priority: Option<Priority>) -> Result<Self, InvalidId> {
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
            labels: Labels::new(),
            references: Vec::new(),
            held: None,
            pause: None,
            remark: None,
            opened_by: None,
        };
        Ok(Self::of(alert, at))
    }

    /// With the label by which an alarm is known, for what asks about alarms by name.
    #[must_use]
    pub fn about(mut self, about: &About) -> Self {
        match about {
            About::Service(_) => {}
            About::Alarm(name) => self.alert.labels.add("alarm", name),
        }
        self
    }

    /// With these labels too; those that it has already count.
    #[must_use]
    pub fn labelled(mut self, labels: &Labels) -> Self {
        labels.iter().for_each(|(key, value)| self.alert.labels.add(key, value));
        self
    }

    /// `alert`, taken in at `at`, that nobody answers. Whole seconds, as above.
    pub fn of(alert: Alert, at: Timestamp) -> Self {
        let at = Timestamp::from_second(at.as_second()).unwrap_or(at);
        Self { at, alert, answers: Vec::new(), until: None, turns_taken: None, repages: REPAGES_DEFAULT }
    }
}
