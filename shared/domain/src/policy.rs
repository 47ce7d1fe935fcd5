//! Escalation policies: who is called, in which order, and for how long each is waited for.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    error::{FieldError, Problems},
    id::{PolicyId, ScheduleId, TeamId, UserId},
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

/// Whom a step calls.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Target {
    /// One person: `user/aiko`.
    User(UserId),
    /// Whoever is on call: `schedule/checkout-primary`.
    Schedule(ScheduleId),
    /// Everybody in a team: `team/sre`.
    Team(TeamId),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user/{id}"),
            Self::Schedule(id) => write!(f, "schedule/{id}"),
            Self::Team(id) => write!(f, "team/{id}"),
        }
    }
}

impl FromStr for Target {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, name) =
            text.split_once('/').ok_or_else(|| format!("{text:?} is no target; write user/NAME, schedule/NAME or team/NAME"))?;
        match kind {
            "user" => name.parse().map(Self::User).map_err(|e| e.to_string()),
            "schedule" => name.parse().map(Self::Schedule).map_err(|e| e.to_string()),
            "team" => name.parse().map(Self::Team).map_err(|e| e.to_string()),
            other => Err(format!("{other:?} is no kind of target; write user/NAME, schedule/NAME or team/NAME")),
        }
    }
}

impl TryFrom<String> for Target {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Target> for String {
    fn from(target: Target) -> String {
        target.to_string()
    }
}

/// One step: all its targets are called together, then it waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyStep {
    /// Whom it calls.
    pub notify: Vec<Target>,
    /// How long it waits for an acknowledgement before the next step, in seconds.
    pub wait_seconds: u32,
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
    /// No step or more than 20, no target or more than 20 in a step, a wait outside a minute to a day, more than 9 repeats.
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
            if step.notify.is_empty() {
                problems.push(FieldError::new(format!("steps[{place}].notify"), "names nobody; a step needs at least one target"));
            }
            if step.notify.len() > TARGETS_MAX {
                problems.push(FieldError::new(
                    format!("steps[{place}].notify"),
                    format!("names {}; {TARGETS_MAX} targets are the most", step.notify.len()),
                ));
            }
            if !(WAIT_SECONDS_MIN..=WAIT_SECONDS_MAX).contains(&step.wait_seconds) {
                problems.push(FieldError::new(format!("steps[{place}].wait"), "must be between 1m and 24h"));
            }
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
}
