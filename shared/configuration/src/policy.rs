//! `escalation_policies:` who is called, in which order, and `fallback:` for when they all fail.

use hansho_domain::{EscalationPolicy, PolicyId, PolicyStep, TARGETS_MAX, Target, WAIT_SECONDS_MIN};

use crate::{map::Keys, names::Section, spot::Spot};

const KEYS: Keys = Keys { known: &["steps", "repeat"], later: &[] };
const STEP_KEYS: Keys = Keys { known: &["notify", "wait"], later: &[] };

/// Reads one policy.
pub(crate) fn read(spot: &Spot<'_>, id: PolicyId) -> Option<EscalationPolicy> {
    let map = spot.map(&KEYS)?;
    let repeat = map.optional("repeat").map_or(Some(0), Spot::small_number);
    let steps = map.required("steps").and_then(|s| s.list(step))?;
    spot.accept(EscalationPolicy::new(id, steps, repeat.unwrap_or(0)))
}

fn step(spot: &Spot<'_>) -> Option<PolicyStep> {
    let map = spot.map(&STEP_KEYS)?;
    // A wait that could not be read is reported; a possible one in its place lets the domain check the rest.
    let wait = map.required("wait").and_then(Spot::seconds).unwrap_or(WAIT_SECONDS_MIN);
    let notify = map.required("notify").and_then(|s| s.list(target))?;
    Some(PolicyStep::calling(notify, wait))
}

/// Reads the fallback of one file.
pub(crate) fn fallback(spot: &Spot<'_>) -> Option<Vec<Target>> {
    let targets = spot.list(target)?;
    if targets.len() > TARGETS_MAX {
        spot.fail(format!("names {}; {TARGETS_MAX} targets are the most, so make a team of them", targets.len()));
    }
    Some(targets)
}

fn target(spot: &Spot<'_>) -> Option<Target> {
    let target: Target = spot.parsed(str::parse)?;
    match &target {
        Target::User(id) => spot.refers_to(Section::Users, id.as_str()),
        Target::Schedule(id) => spot.refers_to(Section::Schedules, id.as_str()),
        Target::Team(id) => spot.refers_to(Section::Teams, id.as_str()),
        Target::Destination(destination) => spot.refers_to(Section::Destinations, destination.id().as_str()),
    }
    Some(target)
}
