//! Whoever takes a leaver's place may come to be called twice at the same time by one policy: on call in two schedules of it, or in one
//! while a step names them. Whoever does not hear the first call does not hear the second one either.

use std::collections::BTreeSet;

use hansho_domain::{Configuration, EscalationPolicy, Target, UserId};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::TIME_FORMAT;

/// How far it is looked ahead: half a year is more than a round of almost every rotation.
const AHEAD: SignedDuration = SignedDuration::from_hours(180 * 24);

/// A stretch of time.
type Stretch = (Timestamp, Timestamp);

/// For each pair of places of a policy, when `by` is first in both at once from `from` on, where they were not before.
pub(super) fn told(before: &Configuration, after: &Configuration, by: &UserId, from: Timestamp) -> Vec<String> {
    let until = from.saturating_add(AHEAD).unwrap_or(Timestamp::MAX);
    let mut sentences = Vec::new();
    for policy in after.policies() {
        let places = places(policy);
        for (place, (step, target)) in places.iter().enumerate() {
            for (other_step, other) in places.iter().skip(place + 1).filter(|(_, other)| other != target) {
                let both = |configuration| {
                    overlaps(&called(configuration, target, by, (from, until)), &called(configuration, other, by, (from, until)))
                };
                let known = both(before);
                let is_known = |at: Timestamp| known.iter().any(|(begin, end)| *begin <= at && at < *end);
                let Some((at, _)) = both(after).into_iter().find(|(at, _)| !is_known(*at)) else { continue };
                let at = shown(after, [target, other], at);
                sentences.push(format!(
                    "{by} is then called twice at once by escalation_policies.{}, by {target} (step {step}) and {other} (step {other_step}), first on {at}; put somebody else in one of them",
                    policy.id()
                ));
            }
        }
    }
    sentences
}

/// The people and schedules of a policy, each with the number of its first step. A team is called as a whole, with others.
fn places(policy: &EscalationPolicy) -> Vec<(usize, &Target)> {
    let all = (1..).zip(policy.steps()).flat_map(|(number, step)| step.notify.iter().map(move |target| (number, target)));
    let mut seen = BTreeSet::new();
    all.filter(|(_, target)| matches!(target, Target::User(_) | Target::Schedule(_)) && seen.insert(target.to_string())).collect()
}

/// When somebody is called by a target.
fn called(configuration: &Configuration, target: &Target, user: &UserId, (from, until): Stretch) -> Vec<Stretch> {
    match target {
        Target::User(named) if named == user => vec![(from, until)],
        Target::Schedule(id) => {
            let schedule = configuration.schedules().iter().find(|schedule| schedule.id() == id);
            let shifts = schedule.map(|schedule| schedule.shifts_of(user, &[], from, until)).unwrap_or_default();
            shifts.into_iter().map(|shift| (shift.from, shift.until)).collect()
        }
        Target::User(_) | Target::Team(_) | Target::Destination(_) => Vec::new(),
    }
}

/// Both are in order, and so is what they have in common.
fn overlaps(one: &[Stretch], other: &[Stretch]) -> Vec<Stretch> {
    let common = |a: &Stretch, b: &Stretch| Some((a.0.max(b.0), a.1.min(b.1))).filter(|(from, until)| from < until);
    one.iter().flat_map(|a| other.iter().filter_map(move |b| common(a, b))).collect()
}

/// A moment on the clock of the first schedule of the targets.
fn shown(configuration: &Configuration, targets: [&Target; 2], at: Timestamp) -> String {
    let schedule = targets.into_iter().find_map(|target| {
        let Target::Schedule(id) = target else { return None };
        configuration.schedules().iter().find(|schedule| schedule.id() == id)
    });
    let name = schedule.map_or("UTC", |schedule| schedule.time_zone());
    let zone = TimeZone::get(name).unwrap_or(TimeZone::UTC);
    format!("{} ({name})", at.to_zoned(zone).strftime(TIME_FORMAT))
}
