//! Escalation policies: who is called, in which order, and for how long each is waited for.

use serde::{Deserialize, Serialize};

use crate::{
    alert::{Priority, Urgency},
    error::{FieldError, Problems},
    id::PolicyId,
    incident::Incident,
    target::Target,
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
}

impl Condition {
    /// Whether it asks for nothing.
    pub fn is_always_met(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the incident, as it is now, meets it.
    pub fn is_met_by(&self, incident: &Incident) -> bool {
        let has_priority = || incident.priority.is_some_and(|priority| self.priorities.contains(&priority));
        (self.priorities.is_empty() || has_priority()) && self.urgency.is_none_or(|urgency| urgency == incident.urgency)
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
}

#[derive(Deserialize)]
struct PolicyParts {
    id: PolicyId,
    steps: Vec<PolicyStep>,
    repeat: u8,
}

impl TryFrom<PolicyParts> for EscalationPolicy {
    type Error = Problems;
    fn try_from(p: PolicyParts) -> Result<Self, Problems> {
        Self::new(p.id, p.steps, p.repeat)
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
        Problems::none_or(problems, Self { id, steps, repeat })
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
