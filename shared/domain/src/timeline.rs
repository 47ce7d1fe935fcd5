//! The timeline: what happened to an incident, in the past tense.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    alert::{Priority, Severity, Urgency},
    id::{IncidentId, InputId, PolicyId, UserId},
    input::Actor,
    reference::Reference,
    target::Destination,
    user::Method,
};

/// Why a step was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Skipped {
    /// It had nobody to call.
    #[default]
    Nobody,
    /// The incident is none of those that it is for.
    Condition,
    /// It is for other times.
    Hours,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Somebody is called in the place of a person who wants quiet.
    Covered {
        /// In whose place.
        user: UserId,
        /// Who is called.
        by: UserId,
    },
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
    /// The source brought web addresses along.
    Linked {
        /// Which.
        references: Vec<Reference>,
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
    /// A step was passed.
    StepSkipped {
        /// The step, from 0.
        step: u8,
        /// The round, from 0.
        round: u8,
        /// Why.
        #[serde(default)]
        why: Skipped,
    },
    /// Machines or chat channels were told.
    Posted {
        /// Which.
        destinations: Vec<Destination>,
    },
    /// The policy handed it over to another.
    HandedOver {
        /// To which.
        policy: PolicyId,
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
    /// The rules, methods or quiet times of people, or the hours of the service, were edited: whoever is called is told as they are
    /// now.
    RulesReviewed,
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
    /// Somebody gave it to another policy.
    ReassignedToPolicy {
        /// To which.
        policy: PolicyId,
    },
    /// Somebody asked for help.
    RespondersRequested {
        /// Who is asked.
        users: Vec<UserId>,
        /// What was said to them; may be empty.
        message: String,
    },
    /// Whoever was asked helps.
    RequestAccepted,
    /// Whoever was asked does not help.
    RequestDeclined,
    /// Nobody waits for their answer any more.
    RequestsCancelled {
        /// Whose.
        users: Vec<UserId>,
    },
    /// Somebody changed whether it wakes people.
    UrgencyChanged {
        /// What it is now.
        urgency: Urgency,
    },
    /// Somebody rated it.
    PriorityChanged {
        /// What it is now.
        priority: Option<Priority>,
    },
    /// It was the same trouble as another incident, and is over with this.
    MergedInto {
        /// The other incident.
        incident: IncidentId,
    },
    /// Another incident was the same trouble, and its alerts come here.
    Merged {
        /// The other incident.
        incident: IncidentId,
        /// Its title.
        title: String,
    },
    /// One of its sources says that it is over, and another does not.
    Cleared {
        /// What it says.
        details: String,
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
    /// A person was not told a second time, because another message about it had just gone to them the same way.
    ToldAlready {
        /// Who.
        user: UserId,
        /// How they were told.
        method: Method,
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
