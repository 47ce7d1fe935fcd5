//! `escalation_policies:` who is called, in which order, and `fallback:` for when they all fail.

use hansho_domain::{
    Condition, EscalationPolicy, HoursCondition, PolicyId, PolicyStep, Priority, TARGETS_MAX, Target, Urgency, WAIT_SECONDS_MIN,
};

use crate::{hours, map::Keys, names::Section, spot::Spot};

const KEYS: Keys = Keys { known: &["steps", "repeat"], later: &[] };
const STEP_KEYS: Keys = Keys { known: &["notify", "wait", "round_robin", "when", "hand_over"], later: &[] };
const WHEN_KEYS: Keys = Keys { known: &["priority", "urgency", "during", "outside_of"], later: &[] };
const PRIORITIES: [(&str, Priority); 4] =
    [("SEV1", Priority::Sev1), ("SEV2", Priority::Sev2), ("SEV3", Priority::Sev3), ("SEV4", Priority::Sev4)];
const URGENCIES: [(&str, Urgency); 2] = [("high", Urgency::High), ("low", Urgency::Low)];
const YES_OR_NO: [(&str, bool); 2] = [("true", true), ("false", false)];

/// Reads one policy.
pub(crate) fn read(spot: &Spot<'_>, id: PolicyId) -> Option<EscalationPolicy> {
    let map = spot.map(&KEYS)?;
    let repeat = map.optional("repeat").map_or(Some(0), Spot::small_number);
    let steps = map.required("steps").and_then(|s| s.list(step))?;
    spot.accept(EscalationPolicy::new(id, steps, repeat.unwrap_or(0)))
}

fn step(spot: &Spot<'_>) -> Option<PolicyStep> {
    let map = spot.map(&STEP_KEYS)?;
    let when = map.optional("when").and_then(condition).unwrap_or_default();
    let round_robin = map.optional("round_robin").and_then(|s| s.choice(&YES_OR_NO)).unwrap_or(false);
    if let Some(hand_over) = map.optional("hand_over") {
        if let Some(wait) = map.optional("wait") {
            wait.fail("a step that hands over waits for nobody; remove it");
        }
        let notify = map.optional("notify").and_then(|s| s.list(target)).unwrap_or_default();
        return Some(PolicyStep { notify, round_robin, when, ..PolicyStep::handing_over(policy(hand_over)?) });
    }
    // A wait that could not be read is reported; a possible one in its place lets the domain check the rest.
    let wait = map.required("wait").and_then(Spot::seconds).unwrap_or(WAIT_SECONDS_MIN);
    let notify = map.required("notify").and_then(|s| s.list(target))?;
    Some(PolicyStep { round_robin, when, ..PolicyStep::calling(notify, wait) })
}

fn condition(spot: &Spot<'_>) -> Option<Condition> {
    let map = spot.map(&WHEN_KEYS)?;
    let hours = match (map.optional("during"), map.optional("outside_of")) {
        (Some(during), None) => hours::name(during).map(HoursCondition::During),
        (None, Some(outside_of)) => hours::name(outside_of).map(HoursCondition::OutsideOf),
        (Some(_), Some(outside_of)) => {
            outside_of.fail("stands beside `during`; a step is for one of them, so remove one");
            None
        }
        (None, None) => None,
    };
    let condition = Condition {
        hours,
        priorities: map.optional("priority").and_then(|s| s.list(|s| s.choice(&PRIORITIES))).unwrap_or_default(),
        urgency: map.optional("urgency").and_then(|s| s.choice(&URGENCIES)),
    };
    if WHEN_KEYS.known.iter().all(|key| map.optional(key).is_none()) {
        spot.fail("asks for nothing; add `priority`, `urgency`, `during` or `outside_of`, or remove it");
    }
    Some(condition)
}

/// The name of a policy.
pub(crate) fn policy(spot: &Spot<'_>) -> Option<PolicyId> {
    let policy: PolicyId = spot.parsed(str::parse)?;
    spot.refers_to(Section::EscalationPolicies, policy.as_str());
    Some(policy)
}

/// Reads the fallback of one file.
pub(crate) fn fallback(spot: &Spot<'_>) -> Option<Vec<Target>> {
    let targets = spot.list(target)?;
    if targets.len() > TARGETS_MAX {
        spot.fail(format!("names {}; {TARGETS_MAX} targets are the most, so make a team of them", targets.len()));
    }
    Some(targets)
}

/// One target, which has to exist.
pub(crate) fn target(spot: &Spot<'_>) -> Option<Target> {
    let target: Target = spot.parsed(str::parse)?;
    match &target {
        Target::User(id) => spot.refers_to(Section::Users, id.as_str()),
        Target::Schedule(id) => spot.refers_to(Section::Schedules, id.as_str()),
        Target::Team(id) => spot.refers_to(Section::Teams, id.as_str()),
        Target::Destination(destination) => spot.refers_to(Section::Destinations, destination.id().as_str()),
    }
    Some(target)
}
