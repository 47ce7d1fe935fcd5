//! Inputs: everything that can happen to an incident, in the imperative.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    alert::{Alert, Clear, Priority, Severity, Urgency},
    effect::Holds,
    id::{EffectId, IncidentId, InputId, IntegrationId, MaintenanceId, PolicyId, UserId},
    incident::Merged,
    target::Target,
    user::Method,
};

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A person.
    User(UserId),
    /// The source of the alert.
    Integration(IntegrationId),
    /// Whoever holds an API token of this name.
    Token(String),
    /// Hansho itself: a deadline, a delivery.
    Hansho,
}

impl Actor {
    /// The person, if it is one.
    pub fn user(&self) -> Option<&UserId> {
        match self {
            Self::User(user) => Some(user),
            Self::Integration(_) | Self::Token(_) | Self::Hansho => None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user/{id}"),
            Self::Integration(id) => write!(f, "integration/{id}"),
            Self::Token(name) => write!(f, "token/{name}"),
            Self::Hansho => f.write_str("hansho"),
        }
    }
}

/// How a delivery ended, as far as the incident has to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryOutcome {
    /// The provider says that it arrived.
    Delivered,
    /// It will not arrive by this method; the reason is for the timeline.
    Failed(String),
}

/// What is asked of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// The source says that it is (still) wrong.
    Alert(Alert),
    /// The source says that it is over.
    Clear(Clear),
    /// The source of an incident that was merged into this one says that it is (still) wrong.
    MergedAlert {
        /// The incident that was merged.
        of: IncidentId,
        /// What the source says.
        alert: Alert,
    },
    /// The source of an incident that was merged into this one says that it is over.
    MergedClear {
        /// The incident that was merged.
        of: IncidentId,
        /// What the source says.
        clear: Clear,
    },
    /// A person takes it.
    Acknowledge,
    /// A person says that it is over.
    Resolve,
    /// A person says that it is not over after all.
    Reopen {
        /// The newer incident that holds the dedup key, if there is one.
        newer: Option<IncidentId>,
    },
    /// Call the next step now.
    Escalate,
    /// A person takes it, and wants to be called again at a time.
    Snooze {
        /// When it triggers again.
        until: Timestamp,
    },
    /// A person takes it, and wants to be called again after a while.
    SnoozeFor {
        /// How long, in seconds.
        seconds: u32,
    },
    /// Call these people instead.
    Reassign {
        /// Whom to call.
        to: Vec<Target>,
    },
    /// Go on with another policy, from its first step.
    ReassignToPolicy {
        /// Which.
        policy: PolicyId,
    },
    /// Ask these people to help, each by their rules for high urgency until they answer.
    RequestResponders {
        /// Whom to ask.
        to: Vec<Target>,
        /// What to say to them; may be empty.
        message: String,
    },
    /// A person who was asked helps.
    AcceptRequest,
    /// A person who was asked does not help.
    DeclineRequest,
    /// Nobody need answer any more.
    CancelRequests {
        /// Of whom; empty: of everybody who was asked.
        of: Vec<UserId>,
    },
    /// Wake people about it, or do not.
    ChangeUrgency {
        /// What it is from now on.
        urgency: Urgency,
    },
    /// Rate it.
    ChangePriority {
        /// What it is from now on; none takes the rating off.
        priority: Option<Priority>,
    },
    /// Rate it at least so high: two who raise it at once raise it once, and nobody lowers what another has raised.
    RaisePriority {
        /// What it is at least from now on.
        to: Priority,
    },
    /// It is the same trouble as another incident, which takes it in.
    MergeInto {
        /// The other incident.
        target: IncidentId,
    },
    /// Another incident is the same trouble as this one: take it in. The other half of a [`Command::MergeInto`].
    Absorb {
        /// The incident that is merged.
        source: IncidentId,
        /// Its title.
        title: String,
        /// Its keys, and those of incidents that were merged into it before.
        keys: Vec<Merged>,
        /// How bad it is.
        severity: Severity,
        /// Whether it wakes somebody.
        urgency: Urgency,
        /// Whether it was paging, and nobody had taken it.
        #[serde(default)]
        is_paging: bool,
    },
    /// Remember this.
    Note {
        /// What to remember.
        text: String,
    },
    /// The incident's deadline has come, as a timer or the sweeper thinks.
    DeadlinePassed {
        /// The deadline that is meant.
        generation: u64,
    },
    /// The rules, methods or quiet times of people, or the hours of the service, may have been edited.
    ReviewRules,
    /// A maintenance window was ended early, or is no longer as long as it was.
    EndMaintenance {
        /// Which one.
        window: MaintenanceId,
    },
    /// No method reaches this person.
    TargetUnreachable {
        /// The person.
        user: UserId,
        /// What they were called for.
        holds: Holds,
        /// Why, for the timeline.
        reason: String,
    },
    /// A delivery ended.
    DeliveryReport {
        /// Which one.
        delivery: EffectId,
        /// To whom it was.
        user: UserId,
        /// How it went out.
        method: Method,
        /// What it was sent for.
        holds: Holds,
        /// How it ended.
        outcome: DeliveryOutcome,
    },
}

/// One input, once: the same id twice changes nothing the second time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Names it for good: the alarm's transition, the timer's generation, a form's nonce, a request's id.
    pub id: InputId,
    /// Who asks.
    pub actor: Actor,
    /// What is asked.
    pub command: Command,
}
