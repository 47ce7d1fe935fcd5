//! Steps and policies that call nobody: at times, for want of people on call, or never for some incidents, for want of a step.

use std::collections::BTreeSet;

use hansho_domain::{EscalationPolicy, HoursCondition, PolicyStep, Priority, ScheduleId, Target, Urgency};
use jiff::{
    Timestamp,
    tz::{TimeZone, TimeZoneDatabase},
};

use super::{
    Ground,
    coverage::Coverages,
    hours::ahead,
    spans::{Span, intersection, named, union},
};
use crate::{names::Section, warning::WarningKind};

/// When a policy calls nobody.
pub(super) struct Emptiness<'a> {
    policy: &'a EscalationPolicy,
    /// The steps, counted from 1, that call schedules only, each with the times at which all of them are empty.
    steps: Vec<(usize, Vec<Span>)>,
    /// The steps, counted from 1, that are for certain hours, each with the times at which it is passed over for that.
    passed: Vec<(usize, Vec<Span>)>,
    /// The times at which the steps of some incidents are all empty.
    whole: Vec<Span>,
    /// Incidents for which no step calls anybody, whatever the time.
    uncalled: Option<Incidents>,
}

/// Incidents that the conditions of a policy can tell from others.
#[derive(Clone, Copy)]
struct Incidents {
    priority: Option<Priority>,
    urgency: Urgency,
}

impl<'a> Emptiness<'a> {
    pub(super) fn of(policy: &'a EscalationPolicy, coverages: &Coverages<'_>, at: Timestamp) -> Self {
        let passed = policy.hours_conditions().map(|(place, condition)| (place + 1, passed_over(policy, condition, at))).collect();
        let mut emptiness = Self { policy, steps: Vec::new(), passed, whole: Vec::new(), uncalled: None };
        for (number, step) in (1..).zip(policy.steps()) {
            if calls_people(step) && !calls_always(step) {
                let spans = schedules_of(step).filter_map(|id| coverages.get(id)).map(|coverage| coverage.empty.as_slice());
                emptiness.steps.push((number, intersection(spans)));
            }
        }
        let has_conditions = policy.steps().iter().any(|step| !step.when.priorities.is_empty() || step.when.urgency.is_some());
        for incidents in Incidents::all().filter(|incidents| has_conditions || incidents.is_first()) {
            let taken: Vec<(usize, &PolicyStep)> = (1..).zip(policy.steps()).filter(|(_, step)| incidents.meet(step)).collect();
            if taken.iter().any(|(_, step)| step.when.hours.is_none() && (step.hand_over.is_some() || calls_always(step))) {
                continue;
            }
            let calling = taken.iter().filter(|(_, step)| step.hand_over.is_some() || calls_people(step));
            let numbers: BTreeSet<usize> = calling.map(|(number, _)| *number).collect();
            if numbers.is_empty() {
                emptiness.uncalled = emptiness.uncalled.or(Some(incidents));
            } else if emptiness.whole.is_empty() {
                let absent: Vec<Vec<Span>> = numbers.iter().map(|number| emptiness.absent(*number)).collect();
                emptiness.whole = intersection(absent.iter().map(Vec::as_slice));
            }
        }
        emptiness
    }

    /// The times at which a step calls nobody: its schedules are empty, or it is for other hours.
    fn absent(&self, number: usize) -> Vec<Span> {
        let of =
            |all: &'_ [(usize, Vec<Span>)]| all.iter().find(|(of, _)| *of == number).map(|(_, spans)| spans.clone()).unwrap_or_default();
        union(&[&of(&self.steps), &of(&self.passed)])
    }

    /// Tells the schedules what their gaps lead to: a policy that calls nobody, or a step that is passed over.
    pub(super) fn note_consequences(&self, coverages: &mut Coverages<'_>) {
        let policy = self.policy.id();
        for (number, spans) in &self.steps {
            let consequence = match (self.whole.is_empty(), spans.is_empty()) {
                (false, _) => format!("no step of escalation_policies.{policy} reaches anybody"),
                (true, false) => format!("step {number} of escalation_policies.{policy} reaches nobody"),
                (true, true) => continue,
            };
            for schedule in self.schedules(*number) {
                if let Some(coverage) = coverages.get_mut(schedule)
                    && !coverage.consequences.contains(&consequence)
                {
                    coverage.consequences.push(consequence.clone());
                }
            }
        }
    }

    /// Warns, as far as no schedule's warning has said it.
    pub(super) fn check(&self, ground: &Ground<'_>, coverages: &Coverages<'_>) {
        let id = self.policy.id().as_str();
        let warn = |kind, field: &str, message: String| ground.warn(kind, Section::EscalationPolicies, id, field, message);
        let is_told = |number: usize| self.schedules(number).any(|id| coverages.get(id).is_some_and(|coverage| coverage.is_told));
        let zone = |number: usize| {
            let found = self.schedules(number).find_map(|id| coverages.get(id));
            let of_hours = || {
                let (_, condition) = self.policy.hours_conditions().next()?;
                TimeZoneDatabase::bundled().get(self.policy.hours(condition.id())?.time_zone()).ok()
            };
            found.map(|coverage| coverage.zone.clone()).or_else(of_hours).unwrap_or(TimeZone::UTC)
        };
        if let Some(incidents) = self.uncalled {
            let message =
                format!("no step calls people for {}, so the fallback is called; add a step that does", incidents.written(self.policy));
            warn(WarningKind::PolicyReachesNobody, "steps", message);
        }
        if !self.whole.is_empty() {
            // What a schedule's warning says is not all of it where steps are for certain hours.
            if !self.passed.is_empty() || !self.steps.iter().any(|(number, _)| is_told(*number)) {
                let first = self.steps.first().map_or(1, |(number, _)| *number);
                let message = format!(
                    "no step reaches anybody {}, so the fallback is called; add a step with a user or a team, such as team/sre",
                    named(&self.whole, &zone(first))
                );
                warn(WarningKind::PolicyReachesNobody, "", message);
            }
            return;
        }
        for (number, spans) in &self.steps {
            if !spans.is_empty() && self.schedules(*number).count() > 1 && !is_told(*number) {
                let message = format!(
                    "all its schedules are empty {}, so it is passed over; add a user or a team, or cover these times",
                    named(spans, &zone(*number))
                );
                warn(WarningKind::StepReachesNobody, &format!("steps[{}]", number - 1), message);
            }
        }
    }

    fn schedules(&self, number: usize) -> impl Iterator<Item = &'a ScheduleId> {
        let step = number.checked_sub(1).and_then(|place| self.policy.steps().get(place));
        step.into_iter().flat_map(schedules_of)
    }
}

/// The times of the next 90 days at which a step is passed over because it is for others.
fn passed_over(policy: &EscalationPolicy, condition: &HoursCondition, at: Timestamp) -> Vec<Span> {
    let Some(hours) = policy.hours(condition.id()) else { return Vec::new() };
    let until = ahead(at);
    let mut spans = Vec::new();
    let mut from = at;
    while from < until {
        if condition.is_met(hours, from) {
            let end = match condition {
                HoursCondition::During(_) => hours.next_end_after(from),
                HoursCondition::OutsideOf(_) => hours.next_start_after(from),
            };
            from = end.unwrap_or(until);
        } else {
            let next = condition.next_from(hours, from).unwrap_or(until).min(until);
            spans.push(Span { from, until: next });
            from = next;
        }
    }
    spans
}

fn schedules_of(step: &PolicyStep) -> impl Iterator<Item = &ScheduleId> {
    step.notify.iter().filter_map(|target| match target {
        Target::Schedule(schedule) => Some(schedule),
        Target::User(_) | Target::Team(_) | Target::Destination(_) => None,
    })
}

/// Whether a step is there to call people. One that only tells machines and channels is passed at once.
fn calls_people(step: &PolicyStep) -> bool {
    step.notify.iter().any(|target| match target {
        Target::User(_) | Target::Team(_) | Target::Schedule(_) => true,
        Target::Destination(_) => false,
    })
}

/// Whether a step calls somebody at any time.
fn calls_always(step: &PolicyStep) -> bool {
    step.notify.iter().any(|target| match target {
        Target::User(_) | Target::Team(_) => true,
        Target::Schedule(_) | Target::Destination(_) => false,
    })
}

impl Incidents {
    /// Every kind that conditions can name.
    fn all() -> impl Iterator<Item = Self> {
        let priorities = [None, Some(Priority::Sev1), Some(Priority::Sev2), Some(Priority::Sev3), Some(Priority::Sev4)];
        priorities.into_iter().flat_map(|priority| [Urgency::High, Urgency::Low].map(|urgency| Self { priority, urgency }))
    }

    fn is_first(self) -> bool {
        self.priority.is_none() && self.urgency == Urgency::High
    }

    /// Whether the step is taken for these.
    fn meet(self, step: &PolicyStep) -> bool {
        step.when.is_for(self.priority, self.urgency)
    }

    /// What tells these from other incidents of the policy.
    fn written(self, policy: &EscalationPolicy) -> String {
        let mut words = Vec::new();
        if policy.steps().iter().any(|step| !step.when.priorities.is_empty()) {
            words.push(match self.priority {
                None => "without a priority",
                Some(Priority::Sev1) => "of priority SEV1",
                Some(Priority::Sev2) => "of priority SEV2",
                Some(Priority::Sev3) => "of priority SEV3",
                Some(Priority::Sev4) => "of priority SEV4",
            });
        }
        if policy.steps().iter().any(|step| step.when.urgency.is_some()) {
            words.push(match self.urgency {
                Urgency::High => "of high urgency",
                Urgency::Low => "of low urgency",
            });
        }
        if words.is_empty() { "any incident".to_owned() } else { format!("an incident {}", words.join(" and ")) }
    }
}
