//! Escalation policies: who is called, in which order, and for how long each is waited for.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    alert::{Priority, Urgency},
    error::{FieldError, Problems},
    hours::SupportHours,
    id::{HoursId, PolicyId},
    incident::Incident,
    target::Target,
    timeline::Skipped,
};

/// Most steps of a policy.
pub const STEPS_MAX: usize = 20;
/// Most targets of a step.
pub const TARGETS_MAX: usize = 20;
/// Most repeats of a policy.
pub const REPEAT_MAX: u8 = 9;
/// Shortest wait of a step: EventBridge Scheduler is precise to a minute, and people need time to wake up.
pub const WAIT_SECONDS_MIN: u32 = 60;
/// Longest wait of a step: a day.
const WAIT_SECONDS_MAX: u32 = 86_400;

/// What must be so for a step to be taken; otherwise it is passed at once. The default asks for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Condition {
    /// One of these priorities. Empty: any, and none at all. An incident without a priority has none of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub priorities: Vec<Priority>,
    /// This urgency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Urgency>,
    /// This side of these support hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<HoursCondition>,
}

/// At which times a step is taken. It is asked when its turn comes, and not again while its people are waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoursCondition {
    /// During these support hours.
    During(HoursId),
    /// Outside of them.
    OutsideOf(HoursId),
}

impl HoursCondition {
    /// The support hours that it is about.
    pub fn id(&self) -> &HoursId {
        match self {
            Self::During(id) | Self::OutsideOf(id) => id,
        }
    }

    /// Whether it is so at `at`, by `hours`, which are those of its name.
    pub fn is_met(&self, hours: &SupportHours, at: Timestamp) -> bool {
        hours.is_inside(at) == matches!(self, Self::During(_))
    }

    /// The first moment from `at` on at which it is so. `None`: not within 400 days.
    pub fn next_from(&self, hours: &SupportHours, at: Timestamp) -> Option<Timestamp> {
        if self.is_met(hours, at) {
            return Some(at);
        }
        match self {
            Self::During(_) => hours.next_start_after(at),
            Self::OutsideOf(_) => hours.next_end_after(at),
        }
    }
}

impl Condition {
    /// Whether it asks for nothing.
    pub fn is_always_met(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it is for incidents of this priority and urgency, whatever the time.
    pub fn is_for(&self, priority: Option<Priority>, urgency: Urgency) -> bool {
        let has_priority = || priority.is_some_and(|priority| self.priorities.contains(&priority));
        (self.priorities.is_empty() || has_priority()) && self.urgency.is_none_or(|wanted| wanted == urgency)
    }
}

/// One step: it calls its targets and waits, or hands the incident over to another policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyStep {
    /// Whom it calls. Empty when it hands over.
    pub notify: Vec<Target>,
    /// How long it waits for an acknowledgement before the next step, in seconds. 0 when it hands over.
    pub wait_seconds: u32,
    /// Whether its people take turns, one for each time that it is taken; all are called together otherwise. A schedule's
    /// people on call have one turn, the members of a team one each. Destinations are told every time.
    #[serde(default, skip_serializing_if = "is_false")]
    pub round_robin: bool,
    /// When it is taken.
    #[serde(default, skip_serializing_if = "Condition::is_always_met")]
    pub when: Condition,
    /// The policy that goes on from its first step in place of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hand_over: Option<PolicyId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl PolicyStep {
    /// A step that calls `notify` together, always, and waits so many seconds.
    pub fn calling(notify: Vec<Target>, wait_seconds: u32) -> Self {
        Self { notify, wait_seconds, round_robin: false, when: Condition::default(), hand_over: None }
    }

    /// A step that hands over to `policy`.
    pub fn handing_over(policy: PolicyId) -> Self {
        Self { hand_over: Some(policy), ..Self::calling(Vec::new(), 0) }
    }

    /// What is wrong with it, as the fields of it.
    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if self.hand_over.is_some() {
            if !self.notify.is_empty() {
                problems.push(("notify", "a step either calls somebody or hands over; make two steps of it".to_owned()));
            }
            if self.round_robin {
                problems.push(("round_robin", "a step that hands over calls nobody, so there are no turns to take".to_owned()));
            }
            return problems;
        }
        if self.notify.is_empty() {
            problems.push(("notify", "names nobody; a step needs at least one target".to_owned()));
        }
        if self.notify.len() > TARGETS_MAX {
            problems.push(("notify", format!("names {}; {TARGETS_MAX} targets are the most", self.notify.len())));
        }
        if !(WAIT_SECONDS_MIN..=WAIT_SECONDS_MAX).contains(&self.wait_seconds) {
            problems.push(("wait", "must be between 1m and 24h".to_owned()));
        }
        problems
    }
}

/// An escalation policy: at least one step, repeated as often as it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PolicyParts")]
pub struct EscalationPolicy {
    id: PolicyId,
    steps: Vec<PolicyStep>,
    repeat: u8,
    /// The support hours that its steps name, as they were when it was written: an open incident goes by them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hours: Vec<SupportHours>,
}

#[derive(Deserialize)]
struct PolicyParts {
    id: PolicyId,
    steps: Vec<PolicyStep>,
    repeat: u8,
    #[serde(default)]
    hours: Vec<SupportHours>,
}

impl TryFrom<PolicyParts> for EscalationPolicy {
    type Error = Problems;
    fn try_from(p: PolicyParts) -> Result<Self, Problems> {
        Self::new(p.id, p.steps, p.repeat).map(|policy| policy.going_by(&p.hours))
    }
}

impl EscalationPolicy {
    /// A policy that calls `steps` in order and does so `repeat` more times.
    ///
    /// # Errors
    /// No step or more than 20; a step that neither calls nor hands over, or does both; more than 20 targets in a step; a
    /// wait outside a minute to a day; more than 9 repeats; anything that a hand-over would keep from ever happening.
    pub fn new(id: PolicyId, steps: Vec<PolicyStep>, repeat: u8) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        if steps.is_empty() {
            problems.push(FieldError::new("steps", "is empty; a policy needs at least one step"));
        }
        if steps.len() > STEPS_MAX {
            problems.push(FieldError::new("steps", format!("has {} steps; {STEPS_MAX} are the most", steps.len())));
        }
        if repeat > REPEAT_MAX {
            problems.push(FieldError::new("repeat", format!("is {repeat}; {REPEAT_MAX} is the most")));
        }
        for (place, step) in steps.iter().enumerate() {
            let found = step.problems().into_iter();
            problems.extend(found.map(|(field, problem)| FieldError::new(format!("steps[{place}].{field}"), problem)));
        }
        // What follows a step that always hands over never happens.
        let end = steps.iter().position(|step| step.hand_over.is_some() && step.when.is_always_met());
        if let Some(place) = end.filter(|place| place + 1 < steps.len()) {
            problems.push(FieldError::new(
                format!("steps[{place}].hand_over"),
                "the steps after it are never taken; make it the last one, or say when it hands over",
            ));
        }
        if end.is_some() && repeat > 0 {
            problems.push(FieldError::new("repeat", "never happens, because the last step hands over; repeat the other policy instead"));
        }
        Problems::none_or(problems, Self { id, steps, repeat, hours: Vec::new() })
    }

    /// The same with those of `all` support hours that its steps name.
    #[must_use]
    pub fn going_by(self, all: &[SupportHours]) -> Self {
        let hours =
            all.iter().filter(|hours| self.hours_conditions().any(|(_, condition)| condition.id() == hours.id())).cloned().collect();
        Self { hours, ..self }
    }

    /// What its steps ask about the time, each with the place of the step.
    pub fn hours_conditions(&self) -> impl Iterator<Item = (usize, &HoursCondition)> {
        self.steps.iter().enumerate().filter_map(|(place, step)| Some((place, step.when.hours.as_ref()?)))
    }

    /// The support hours of a name, if its steps go by them.
    pub fn hours(&self, id: &HoursId) -> Option<&SupportHours> {
        self.hours.iter().find(|hours| hours.id() == id)
    }

    /// Why `step`, one of its own, is not taken for the incident as it is now. Hours that it does not know keep nobody from being called.
    pub fn passes_over(&self, step: &PolicyStep, incident: &Incident, now: Timestamp) -> Option<Skipped> {
        self.passes_over_for(step, (incident.priority, incident.urgency), now)
    }

    /// The same for any incident of this priority and urgency.
    pub fn passes_over_for(&self, step: &PolicyStep, rated: (Option<Priority>, Urgency), now: Timestamp) -> Option<Skipped> {
        if !step.when.is_for(rated.0, rated.1) {
            return Some(Skipped::Condition);
        }
        let condition = step.when.hours.as_ref()?;
        let hours = self.hours(condition.id())?;
        (!condition.is_met(hours, now)).then_some(Skipped::Hours)
    }

    /// Its name.
    pub fn id(&self) -> &PolicyId {
        &self.id
    }

    /// Its steps, never empty.
    pub fn steps(&self) -> &[PolicyStep] {
        &self.steps
    }

    /// How many more times the steps are gone through after the first.
    pub fn repeat(&self) -> u8 {
        self.repeat
    }

    /// The policies that it may hand over to, each with the place of the step.
    pub fn hand_overs(&self) -> impl Iterator<Item = (usize, &PolicyId)> {
        self.steps.iter().enumerate().filter_map(|(place, step)| Some((place, step.hand_over.as_ref()?)))
    }
}
