//! The timeline: what happened to an incident, in the past tense.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    alert::{Severity, Urgency},
    id::{InputId, UserId},
    input::Actor,
    user::Method,
};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The incident was opened.
    Opened {
        /// What for.
        title: String,
        /// How bad.
        severity: Severity,
        /// Whether somebody is woken.
        urgency: Urgency,
        /// What was worth saying about how it came to the service.
        remark: Option<String>,
    },
    /// It is recorded and not paged until later.
    Held {
        /// When it triggers.
        until: Timestamp,
        /// Why.
        reason: String,
    },
    /// It became unacknowledged.
    Triggered {
        /// Why.
        reason: String,
    },
    /// The source repeated itself or got worse.
    Repeated {
        /// What it says now.
        details: String,
        /// How bad.
        severity: Severity,
    },
    /// A step was called.
    Escalated {
        /// The step, from 0.
        step: u8,
        /// The round, from 0.
        round: u8,
        /// Who is called.
        users: Vec<UserId>,
    },
    /// A step had nobody to call.
    StepSkipped {
        /// The step, from 0.
        step: u8,
        /// The round, from 0.
        round: u8,
    },
    /// Nobody could be called by the policy.
    FallbackPaged {
        /// Why.
        reason: String,
        /// Who is called instead; empty when the configuration names nobody at all.
        users: Vec<UserId>,
    },
    /// Delayed rules of the people being called came due.
    RulesDue {
        /// The delay, in seconds.
        after_seconds: u32,
    },
    /// Somebody took it.
    Acknowledged,
    /// Somebody took it until a time.
    Snoozed {
        /// When it triggers again.
        until: Timestamp,
    },
    /// Somebody gave it to others.
    Reassigned {
        /// Who is called.
        users: Vec<UserId>,
    },
    /// Everybody was called and nobody answered.
    Exhausted,
    /// The hours of its service began, and by the service's rule it is still not urgent.
    UrgencyStays,
    /// The exhausted incident was paged again.
    Repaged {
        /// Who is called.
        users: Vec<UserId>,
    },
    /// It is over.
    Resolved {
        /// Why, as the source or the timeout says it.
        reason: Option<String>,
    },
    /// It was not over after all.
    Reopened,
    /// Somebody wrote something down.
    Noted {
        /// What.
        text: String,
    },
    /// A delivery failed for good.
    DeliveryFailed {
        /// To whom it was.
        user: UserId,
        /// How it went out.
        method: Method,
        /// Why it failed.
        reason: String,
        /// The method that is used instead, if one is left.
        next: Option<Method>,
    },
    /// No method reaches this person.
    Unreachable {
        /// The person.
        user: UserId,
        /// Why.
        reason: String,
    },
}

/// One commit's account: who did what, when, and everything that followed at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// The version that the commit made.
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The input that caused it.
    pub input: InputId,
    /// What happened, in order.
    pub events: Vec<Event>,
}
