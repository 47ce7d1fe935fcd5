//! The incident: what people work on.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    alert::{HeldBy, Pause, Priority, Severity, Urgency},
    effect::Holds,
    id::{DedupKey, IncidentId, InputId, IntegrationId, MaintenanceId, PolicyId, ServiceId, UserId},
    input::Actor,
    labels::Labels,
    user::Method,
};

/// How many input ids an incident remembers.
const RECENT_INPUTS_MAX: usize = 32;
/// How many others can be merged into an incident: it has to stay under 16 KB, and their dedup pointers are items of its
/// transactions.
pub const MERGED_MAX: usize = 16;

/// Where an incident stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Recorded, unpaged; triggers at its deadline unless it clears before.
    Held {
        /// Why.
        reason: String,
        /// What holds it.
        #[serde(default, skip_serializing_if = "HoldCause::is_source")]
        cause: HoldCause,
        /// How its source holds it by its newest alert, also while something else holds it longer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by_source: Option<HeldBy>,
        /// How long a rule pauses its newest alert.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by_rule: Option<Pause>,
        /// Whether a person chose its urgency, and nothing louder came since.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_urgency_chosen: bool,
    },
    /// Somebody is being paged (high urgency), or has been told (low).
    Triggered,
    /// Somebody has it.
    Acknowledged {
        /// Who, in the order in which they took it.
        by: Vec<Actor>,
    },
    /// Everybody was called and nobody answered; paged again at a slow beat.
    Exhausted,
    /// Over.
    Resolved {
        /// Who said so.
        by: Actor,
        /// When.
        at: Timestamp,
    },
}

/// What holds an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum HoldCause {
    /// Its source: an alarm mute rule.
    #[default]
    Source,
    /// The service's pause for new alerts.
    AutoPause,
    /// A rule, for a while.
    Rule,
    /// A maintenance window.
    Maintenance(MaintenanceId),
}

impl HoldCause {
    fn is_source(&self) -> bool {
        *self == Self::Source
    }
}

/// A phase without its contents, for lists and messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseName {
    /// See [`Phase::Held`].
    Held,
    /// See [`Phase::Triggered`].
    Triggered,
    /// See [`Phase::Acknowledged`].
    Acknowledged,
    /// See [`Phase::Exhausted`].
    Exhausted,
    /// See [`Phase::Resolved`].
    Resolved,
}

impl Phase {
    /// Its name.
    pub fn name(&self) -> PhaseName {
        match self {
            Self::Held { .. } => PhaseName::Held,
            Self::Triggered => PhaseName::Triggered,
            Self::Acknowledged { .. } => PhaseName::Acknowledged,
            Self::Exhausted => PhaseName::Exhausted,
            Self::Resolved { .. } => PhaseName::Resolved,
        }
    }

    /// Whether people may still be paged in it.
    pub fn is_unacknowledged(&self) -> bool {
        match self {
            Self::Triggered | Self::Exhausted => true,
            Self::Held { .. } | Self::Acknowledged { .. } | Self::Resolved { .. } => false,
        }
    }

    /// The people who have it.
    pub fn holders(&self) -> impl Iterator<Item = &UserId> {
        let by = match self {
            Self::Acknowledged { by } => by.as_slice(),
            Self::Held { .. } | Self::Triggered | Self::Exhausted | Self::Resolved { .. } => &[],
        };
        by.iter().filter_map(Actor::user)
    }

    /// Whether it is over.
    pub fn is_resolved(&self) -> bool {
        match self {
            Self::Resolved { .. } => true,
            Self::Held { .. } | Self::Triggered | Self::Acknowledged { .. } | Self::Exhausted => false,
        }
    }
}

impl PhaseName {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Triggered => "triggered",
            Self::Acknowledged => "acknowledged",
            Self::Exhausted => "exhausted",
            Self::Resolved => "resolved",
        }
    }
}

/// The immutable version of the policy that was in force at the trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// The policy.
    pub id: PolicyId,
    /// The version of the configuration it stands in.
    pub configuration: u64,
}

/// Where in the policy the incident is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Position {
    /// The step, from 0.
    pub step: u8,
    /// The round, from 0.
    pub round: u8,
}

/// Something about one person's methods that their rules alone do not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// The person, as their place in the wave's users.
    pub user: u16,
    /// The method.
    pub method: Method,
    /// What is special about it.
    pub kind: ExceptionKind,
}

/// What is special about a person's method in this wave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionKind {
    /// It failed; it is not used in place of another that fails too. A later rule that names it still tries it.
    Failed,
    /// It was used before its rule came due, because another failed.
    Advanced,
}

/// The people who are being called together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wave {
    /// When the calling began; delays of notification rules count from here.
    pub at: Timestamp,
    /// Who is called.
    pub users: Vec<UserId>,
    /// Up to which delay rules were looked at, in seconds.
    pub rules_done_seconds: u32,
    /// Methods that failed or were used early.
    pub exceptions: Vec<Exception>,
    /// People whom no method reaches, as their places in the wave's users.
    pub unreachable: Vec<u16>,
    /// How many messages each person has been sent by each method, in the order of the wave's users. Rules may be edited while
    /// people are called: this says which of them are still to come.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sent: BTreeMap<Method, Vec<u8>>,
    /// How many more each person was to be sent when their rules were last looked at, by a method that was used already: as those of
    /// `sent`. What was still to come is, though rules that are done are taken away.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub to_come: BTreeMap<Method, Vec<u8>>,
    /// Whether the policy has not been called yet: if nobody of the wave answers, its first step is next.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub before_policy: bool,
}

impl Wave {
    /// Nobody of these people has been told yet.
    pub(crate) fn new(at: Timestamp, users: Vec<UserId>) -> Self {
        let (exceptions, unreachable, sent, to_come) = (Vec::new(), Vec::new(), BTreeMap::new(), BTreeMap::new());
        Self { at, users, rules_done_seconds: 0, exceptions, unreachable, sent, to_come, before_policy: false }
    }

    /// How many messages the person at that place has been sent by a method.
    pub fn sent_to(&self, place: u16, method: Method) -> u8 {
        counted(&self.sent, place, method)
    }

    /// How many more messages the person at that place was to be sent by a method that was used already.
    pub(crate) fn to_come(&self, place: u16, method: Method) -> u8 {
        counted(&self.to_come, place, method)
    }

    /// The person at that place is to be sent a message more by each of these methods, and no others.
    pub(crate) fn expect(&mut self, place: u16, methods: impl Iterator<Item = Method>) {
        for counts in self.to_come.values_mut() {
            if let Some(count) = counts.get_mut(usize::from(place)) {
                *count = 0;
            }
        }
        for method in methods {
            if self.sent_to(place, method) > 0 {
                count(&mut self.to_come, self.users.len(), place, method);
            }
        }
        self.to_come.retain(|_, counts| counts.iter().any(|count| *count > 0));
    }

    /// One more message to the person at that place.
    pub(crate) fn count(&mut self, place: u16, method: Method) {
        count(&mut self.sent, self.users.len(), place, method);
    }
}

fn counted(counts: &BTreeMap<Method, Vec<u8>>, place: u16, method: Method) -> u8 {
    counts.get(&method).and_then(|counts| counts.get(usize::from(place))).copied().unwrap_or(0)
}

fn count(counts: &mut BTreeMap<Method, Vec<u8>>, users: usize, place: u16, method: Method) {
    let counts = counts.entry(method).or_default();
    counts.resize(users.max(counts.len()), 0);
    if let Some(count) = counts.get_mut(usize::from(place)) {
        *count = count.saturating_add(1);
    }
}

/// People who were asked to help, together. It is open until all of them have answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponderRequest {
    /// Tells it from earlier ones of the incident.
    pub number: u32,
    /// Who is asked; they are told by their rules as people are who are called.
    pub wave: Wave,
    /// Who has answered, or need not any more, as their places in the wave's users.
    pub settled: Vec<u16>,
}

impl ResponderRequest {
    /// The people who have not answered yet.
    pub fn waiting(&self) -> impl Iterator<Item = &UserId> {
        (0u16..).zip(&self.wave.users).filter(|(place, _)| !self.settled.contains(place)).map(|(_, user)| user)
    }
}

/// The trouble of another incident that was merged into this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merged {
    /// The other incident.
    pub incident: IncidentId,
    /// Where the store keeps what holds its dedup key.
    pub pointer: String,
    /// Whether its source says that it is wrong.
    pub is_firing: bool,
}

/// A message that a person was sent a moment ago, and that wakes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// To whom.
    pub user: UserId,
    /// How.
    pub method: Method,
    /// When.
    pub at: Timestamp,
    /// What it was sent for.
    pub holds: Holds,
}

/// A message that was not sent, because another one had just told the person as much by the same method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spared {
    /// To whom it would have been.
    pub user: UserId,
    /// How.
    pub method: Method,
    /// What it was for.
    pub holds: Holds,
    /// What the one was sent for that told them. When that is over, and this is not, this is sent.
    pub by: Holds,
}

/// What can be due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// The wave's next delayed notification rules.
    NotificationRules,
    /// Nobody answered this step.
    Escalate,
    /// The hold is over.
    EndHold,
    /// The snooze is over.
    EndSnooze,
    /// Whoever acknowledged it has had it for too long.
    AcknowledgementTimeout,
    /// Call again, the policy has ended unanswered.
    Repage,
    /// It has been open for too long.
    AutoResolve,
    /// The hours begin in which it is urgent, and nobody has it yet.
    RaiseUrgency,
    /// The next delayed notification rules of people who were asked to help.
    RequestRules,
}

/// One entry of the agenda.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Due {
    /// When.
    pub at: Timestamp,
    /// What.
    pub duty: Duty,
}

/// What is due when. At most one entry per duty, sorted by time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Agenda(Vec<Due>);

impl Agenda {
    /// Puts `duty` at `at`, in place of an earlier entry of the same duty.
    pub(crate) fn set(&mut self, duty: Duty, at: Timestamp) {
        self.cancel(duty);
        self.0.push(Due { at, duty });
        self.0.sort();
    }

    /// Takes `duty` off.
    pub(crate) fn cancel(&mut self, duty: Duty) {
        self.0.retain(|due| due.duty != duty);
    }

    /// Takes everything off but what `keep` names.
    pub(crate) fn cancel_all_but(&mut self, keep: &[Duty]) {
        self.0.retain(|due| keep.contains(&due.duty));
    }

    /// Takes the earliest entry off, if it is due at `now`.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<Due> {
        if self.0.first()?.at <= now { Some(self.0.remove(0)) } else { None }
    }

    /// What is due first.
    pub fn earliest(&self) -> Option<Due> {
        self.0.first().copied()
    }

    /// When `duty` is due.
    pub fn at(&self, duty: Duty) -> Option<Timestamp> {
        self.0.iter().find(|due| due.duty == duty).map(|due| due.at)
    }

    /// Everything on it, by time.
    pub fn entries(&self) -> &[Due] {
        &self.0
    }
}

/// The incident's one clock: when it must be looked at next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// When.
    pub at: Timestamp,
    /// Tells a timer for this deadline from one for an earlier.
    pub generation: u64,
}

/// What people work on. Made by `open`, changed by `step`, by nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// Grows by one with every commit.
    pub version: u64,
    /// What it is about.
    pub service: ServiceId,
    /// The way it came in.
    pub integration: IntegrationId,
    /// Which trouble it is.
    pub dedup_key: DedupKey,
    /// One line that a sleepy person understands.
    pub title: String,
    /// The source's account of the alert that opened it.
    pub details: String,
    /// The highest severity so far.
    pub severity: Severity,
    /// Whether somebody is woken.
    pub urgency: Urgency,
    /// Whether a person chose the urgency, and nothing louder came since. `None`: nobody has, or it was before this was remembered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_urgency_chosen: Option<bool>,
    /// People's rating.
    pub priority: Option<Priority>,
    /// What rules can ask about it.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// Where to read what to do.
    pub runbook: Option<String>,
    /// Where to look at it.
    pub link: Option<String>,
    /// Where it stands.
    pub phase: Phase,
    /// Counts the times it became unacknowledged; pages belong to one episode.
    pub episode: u32,
    /// The policy in force.
    pub policy: PolicyVersion,
    /// The policy that the one in force has handed it over to, if it has.
    #[serde(default)]
    pub handed_over_to: Option<PolicyId>,
    /// Where in the policy it is.
    pub position: Position,
    /// Who is being called.
    pub wave: Option<Wave>,
    /// Who is asked to help, by request.
    #[serde(default)]
    pub requests: Vec<ResponderRequest>,
    /// How many requests there were.
    #[serde(default)]
    pub requests_made: u32,
    /// Who was asked and helps.
    #[serde(default)]
    pub responders: Vec<UserId>,
    /// The messages of the last moment, so that nobody is told twice at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Told>,
    /// Messages that were not sent, because others had just told as much.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spared: Vec<Spared>,
    /// The incidents that were merged into it and whose alerts it takes.
    #[serde(default)]
    pub merged: Vec<Merged>,
    /// Whether its own source says that it is over, while that of a merged one does not.
    #[serde(default)]
    pub is_cleared: bool,
    /// The incident that it was merged into.
    #[serde(default)]
    pub merged_into: Option<IncidentId>,
    /// What is due when.
    pub agenda: Agenda,
    /// When it must be looked at next.
    pub deadline: Option<Deadline>,
    /// The generation of its last deadline.
    pub generation: u64,
    /// The ids of its last inputs, oldest first.
    pub recent_inputs: Vec<InputId>,
    /// When the source saw the trouble.
    pub occurred_at: Timestamp,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When its last entry was made.
    pub updated_at: Timestamp,
}

impl Incident {
    /// How important it is: people's rating, or else what its severity comes to.
    pub fn rank(&self) -> Priority {
        self.priority.unwrap_or(match self.severity {
            Severity::Critical => Priority::Sev1,
            Severity::Error => Priority::Sev2,
            Severity::Warning => Priority::Sev3,
            Severity::Info => Priority::Sev4,
        })
    }

    /// Whether this input has been applied already.
    pub fn has_seen(&self, input: &InputId) -> bool {
        self.recent_inputs.contains(input)
    }

    /// Whether a request of the same name has been applied that asked something else.
    pub fn has_seen_other_content(&self, input: &InputId) -> bool {
        self.recent_inputs.iter().any(|seen| seen.is_same_name_for_other_content(input))
    }

    /// Whether the people paged in `episode` should still be paged.
    pub fn is_unacknowledged_in(&self, episode: u32) -> bool {
        self.phase.is_unacknowledged() && self.episode == episode
    }

    /// Whether what `holds` says is so for `user`; for a destination there is none.
    pub fn still_holds(&self, holds: Holds, user: Option<&UserId>) -> bool {
        match holds {
            Holds::Unacknowledged { episode } => self.is_unacknowledged_in(episode),
            Holds::Requested { request } => user.is_some_and(|user| self.is_asked_in(request, user)),
            Holds::Always => true,
        }
    }

    fn is_asked_in(&self, number: u32, user: &UserId) -> bool {
        self.requests.iter().filter(|request| request.number == number).any(|request| request.waiting().any(|waiting| waiting == user))
    }

    /// Whether the person was asked to help and has not answered.
    pub fn is_asked(&self, user: &UserId) -> bool {
        self.requests.iter().any(|request| request.waiting().any(|waiting| waiting == user))
    }

    pub(crate) fn remember(&mut self, input: InputId) {
        if self.recent_inputs.len() >= RECENT_INPUTS_MAX {
            self.recent_inputs.remove(0);
        }
        self.recent_inputs.push(input);
    }
}

/// `at` plus seconds; at the end of time it stays there.
pub(crate) fn plus_seconds(at: Timestamp, seconds: u32) -> Timestamp {
    at.saturating_add(SignedDuration::from_secs(i64::from(seconds))).unwrap_or(Timestamp::MAX)
}
