//! Effects: what a transition wants done outside, as data. Each is a row of the outbox in the same commit.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{alert::Urgency, id::UserId, input::Actor, target::Destination, user::Method};

/// Most notifications that are rows of one commit. Beyond it they travel as [`Effect::FanOut`]s:
/// a DynamoDB transaction takes 100 items (TransactWriteItems, API reference).
pub const NOTIFICATIONS_PER_COMMIT_MAX: usize = 60;
/// Most notifications of one [`Effect::FanOut`]: an item takes 400 KB, and a notification seldom 300 bytes
/// (DynamoDB developer guide, "Quotas").
pub const NOTIFICATIONS_PER_FAN_OUT_MAX: usize = 500;
/// How long the next message to the same person by the same method waits after one, in seconds: what comes meanwhile goes
/// together, so that a storm is a bundle and not a hundred calls.
pub const GATE_SECONDS: u32 = 30;

/// What must still be true when the message is sent; otherwise it is ended with a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// Nobody has acknowledged or resolved this episode.
    Unacknowledged {
        /// The episode.
        episode: u32,
    },
    /// The person who is told has not answered this request yet, and it was not withdrawn.
    Requested {
        /// The request's number.
        request: u32,
    },
    /// Nothing: it is sent whatever happened since.
    Always,
}

/// Why this person is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageReason {
    /// They cover for somebody who wants quiet.
    Cover {
        /// For whom.
        user: UserId,
    },
    /// A step of the escalation policy called them.
    Step {
        /// The step, from 0.
        step: u8,
        /// The round, from 0.
        round: u8,
        /// The target of the step that led to them, such as `schedule/primary`.
        via: String,
    },
    /// One of their own rules came due.
    Rule {
        /// Its delay, in seconds.
        after_seconds: u32,
    },
    /// Another method failed.
    NextMethod {
        /// The one that failed.
        failed: Method,
    },
    /// Nobody else could be called.
    Fallback,
    /// Somebody gave it to them.
    Reassigned,
    /// The policy ended unanswered and it is time to try again.
    Repage,
    /// Somebody asks them to help.
    Requested {
        /// Who asks.
        by: Actor,
        /// What they say about it; may be empty.
        message: String,
    },
}

/// Who is told, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Recipient {
    /// A person, by one of their methods.
    Person {
        /// Who.
        user: UserId,
        /// How.
        method: Method,
    },
    /// A machine or a chat channel.
    Destination {
        /// Which.
        destination: Destination,
    },
}

/// One message to one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// To whom, and how.
    #[serde(flatten)]
    pub to: Recipient,
    /// Whether it wakes them.
    pub urgency: Urgency,
    /// Why.
    pub reason: PageReason,
    /// What must still be true when it is sent.
    pub holds: Holds,
}

impl Notification {
    /// The person, if it is one.
    pub fn user(&self) -> Option<&UserId> {
        match &self.to {
            Recipient::Person { user, .. } => Some(user),
            Recipient::Destination { .. } => None,
        }
    }
}

/// One thing to be done outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Wake the incident at its deadline.
    ArmTimer {
        /// When.
        at: Timestamp,
        /// The deadline that is meant.
        generation: u64,
    },
    /// Tell one recipient.
    Notify(Notification),
    /// Tell many recipients: the n-th of them has the id of this effect plus n.
    FanOut(Vec<Notification>),
}

impl Effect {
    /// The messages it asks for.
    pub fn notifications(&self) -> &[Notification] {
        match self {
            Self::ArmTimer { .. } => &[],
            Self::Notify(notification) => std::slice::from_ref(notification),
            Self::FanOut(notifications) => notifications,
        }
    }

    /// How many ids it takes: one for itself, or one for each of its notifications.
    pub fn ids(&self) -> u32 {
        match self {
            Self::ArmTimer { .. } | Self::Notify(_) => 1,
            Self::FanOut(notifications) => u32::try_from(notifications.len()).unwrap_or(u32::MAX),
        }
    }
}
