//! Drills: who would be called in each hour of a period, and what is proven of them. Pure; who was asked and what they answered is
//! handed in.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    alert::{Priority, Urgency},
    bundle::Bundle,
    id::{PolicyId, UserId},
    policy::{EscalationPolicy, PolicyStep},
    quiet::with_covers,
    roster::Roster,
    schedule::Override,
};

/// Longest period of a drill, in days.
pub const DRILL_DAYS_MAX: i64 = 31;
/// Who is on call is looked at so often: hand-offs are at quarters of an hour wherever people make them.
const QUARTER: SignedDuration = SignedDuration::from_mins(15);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Why a period is none that can be drilled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrillPeriodError {
    /// One of its ends is neither a day nor a time.
    #[error("{name} is {text:?}; write a day such as 2026-12-29, or a time such as 2026-12-29T09:00:00+09:00")]
    Unreadable {
        /// Which.
        name: &'static str,
        /// As it was written.
        text: String,
    },
    /// It ends before it begins.
    #[error("to is not after from; name the last day of the period, which is inside")]
    Backwards,
    /// It is longer than [`DRILL_DAYS_MAX`].
    #[error("the period is longer than {DRILL_DAYS_MAX} days; ask for a shorter one")]
    TooLong,
    /// It has ended.
    #[error("the period is over; a drill asks beforehand: choose one that is still to come")]
    Over,
}

/// The period from `from` to `to`, each a day on the clock of `zone` or a time with its offset. Days are whole, the last one is inside.
///
/// # Errors
/// What is wrong with it.
pub fn period(from: &str, to: &str, zone: &TimeZone, now: Timestamp) -> Result<(Timestamp, Timestamp), DrillPeriodError> {
    let moment = |text: &str, name: &'static str, is_end: bool| {
        if let Ok(at) = text.parse::<Timestamp>() {
            return Ok(at);
        }
        let day = text.parse::<Date>().ok().filter(|_| text.len() == "2026-12-29".len());
        let day = day.and_then(|day| if is_end { day.tomorrow().ok() } else { Some(day) });
        let at = day.and_then(|day| day.to_zoned(zone.clone()).ok()).map(|at| at.timestamp());
        at.ok_or_else(|| DrillPeriodError::Unreadable { name, text: text.to_owned() })
    };
    let (from, until) = (moment(from, "from", false)?, moment(to, "to", true)?);
    if until <= from {
        return Err(DrillPeriodError::Backwards);
    }
    if until.duration_since(from) > SignedDuration::from_hours(24 * DRILL_DAYS_MAX) {
        return Err(DrillPeriodError::TooLong);
    }
    if until <= now {
        return Err(DrillPeriodError::Over);
    }
    Ok((from, until))
}

/// On whose clock days are when nobody says: the one that all schedules have, UTC otherwise.
pub fn common_zone<'a>(zones: impl Iterator<Item = &'a str>) -> &'a str {
    let mut zones: Vec<&str> = zones.collect();
    zones.sort_unstable();
    zones.dedup();
    if let [zone] = zones[..] { zone } else { "UTC" }
}

/// The people of each step of a policy at one moment, in the order of the steps.
pub type Steps = Vec<Vec<UserId>>;

/// Who is called by a step at one moment: everybody together is one turn. Of a step whose people take turns each turn is one, and
/// nobody knows before whose it will be.
pub type Turns = Vec<Vec<UserId>>;

/// Who would be called in one hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalledHour {
    /// Its first moment.
    pub at: Timestamp,
    /// What the steps of a policy would do at any quarter, for whatever urgent incident: each once.
    pub moments: Vec<Vec<Turns>>,
}

impl CalledHour {
    /// Everybody whom each step may call in the hour, each person once.
    pub fn steps(&self) -> Steps {
        let mut steps: Steps = Vec::new();
        for moment in &self.moments {
            for (place, turns) in moment.iter().enumerate() {
                if steps.len() <= place {
                    steps.push(Vec::new());
                }
                for user in turns.iter().flatten() {
                    if !steps[place].contains(user) {
                        steps[place].push(user.clone());
                    }
                }
            }
        }
        steps
    }

    /// Whether somebody whom `is_proven` knows would be called at every moment of the hour, for whatever urgent incident, whoever's
    /// turn it is: a step whose people take turns counts when there is such a person in each of them.
    pub fn is_proven(&self, is_proven: impl Fn(&UserId) -> bool) -> bool {
        let reaches_one = |turns: &Turns| !turns.is_empty() && turns.iter().all(|turn| turn.iter().any(&is_proven));
        !self.moments.is_empty() && self.moments.iter().all(|steps| steps.iter().any(reaches_one))
    }
}

/// Everybody who may be called in these hours.
pub fn responders(hours: &[CalledHour]) -> BTreeSet<UserId> {
    hours.iter().flat_map(|hour| &hour.moments).flatten().flatten().flatten().cloned().collect()
}

/// Whom the policy of `bundle` would call in each hour from `from` to before `until`, were something urgent to happen then: the people
/// of each step with those who cover for them, by turns where they take turns; the people of last resort where no step has anybody. Which steps are taken may hang on
/// the priority, so each that the steps ask for is looked at, and none at all. Hours are asked of the moment itself.
pub fn called_in(bundle: &Bundle, overrides: &[Override], from: Timestamp, until: Timestamp) -> Vec<CalledHour> {
    let mut roster = Roster::at(bundle, overrides, from);
    let steps = policies(bundle).flat_map(|policy| policy.steps());
    let priorities: BTreeSet<Option<Priority>> =
        steps.flat_map(|step| step.when.priorities.iter().copied().map(Some)).chain([None]).collect();
    moments(from, until, |at| {
        let on_call = bundle.schedules.iter().map(|schedule| (schedule.id().clone(), schedule.on_call_at(overrides, at)));
        roster.on_call = on_call.collect();
        priorities.iter().map(|priority| called_at(bundle, &roster, *priority, at)).collect()
    })
}

/// The policy of a bundle, and those that it may hand over to.
fn policies(bundle: &Bundle) -> impl Iterator<Item = &EscalationPolicy> {
    std::iter::once(&bundle.policy).chain(&bundle.policies)
}

/// Whom each step calls for an urgent incident of this priority. A step that is not taken calls nobody, and keeps its place.
fn called_at(bundle: &Bundle, roster: &Roster, priority: Option<Priority>, at: Timestamp) -> Vec<Turns> {
    let taken = taken(bundle, priority, at);
    let mut steps: Vec<Turns> = Vec::new();
    for policy in policies(bundle) {
        // A step that hands over calls nobody itself, and has no place.
        for (place, step) in policy.steps().iter().enumerate().filter(|(_, step)| step.hand_over.is_none()) {
            let is_taken = taken.contains(&(policy.id(), place));
            steps.push(if is_taken { turns(roster, step, at) } else { Turns::new() });
        }
    }
    if steps.iter().flatten().all(Vec::is_empty) {
        let last = roster.last_resort().into_iter().map(|user| (user, String::new())).collect();
        return vec![vec![people(roster, last, at)]];
    }
    steps
}

/// Who may be called together by a step: everybody, or whoever's turn it is.
fn turns(roster: &Roster, step: &PolicyStep, at: Timestamp) -> Turns {
    let found = if step.round_robin { roster.turns_among(&step.notify) } else { vec![roster.resolve(&step.notify)] };
    found.into_iter().map(|turn| people(roster, turn, at)).collect()
}

/// The steps that an urgent incident of this priority takes, were its policy to begin at `at`: each with the name of its policy.
fn taken(bundle: &Bundle, priority: Option<Priority>, at: Timestamp) -> BTreeSet<(&PolicyId, usize)> {
    let mut taken = BTreeSet::new();
    let mut next = Some(&bundle.policy);
    // The configuration has no circles; what is stored may.
    let mut seen: BTreeSet<&PolicyId> = BTreeSet::new();
    while let Some(policy) = next.take().filter(|policy| seen.insert(policy.id())) {
        let is_taken = |step: &PolicyStep| policy.passes_over_for(step, (priority, Urgency::High), at).is_none();
        for (place, step) in policy.steps().iter().enumerate().filter(|(_, step)| is_taken(step)) {
            next = step.hand_over.as_ref().and_then(|name| policies(bundle).find(|other| other.id() == name));
            if next.is_some() {
                break;
            }
            taken.insert((policy.id(), place));
        }
    }
    taken
}

fn people(roster: &Roster, found: Vec<(UserId, String)>, at: Timestamp) -> Vec<UserId> {
    with_covers(roster, found, Urgency::High, at).into_iter().map(|called| called.user).collect()
}

/// Each hour of the period, by what `steps_at` says of each quarter of it.
pub fn hours(from: Timestamp, until: Timestamp, mut steps_at: impl FnMut(Timestamp) -> Steps) -> Vec<CalledHour> {
    moments(from, until, |at| vec![steps_at(at).into_iter().map(|people| vec![people]).collect()])
}

/// The same where more than one thing may happen in a quarter.
fn moments(from: Timestamp, until: Timestamp, mut steps_at: impl FnMut(Timestamp) -> Vec<Vec<Turns>>) -> Vec<CalledHour> {
    let mut hours = Vec::new();
    let mut at = from;
    while at < until {
        let end = at.saturating_add(HOUR).unwrap_or(until).min(until);
        let mut hour = CalledHour { at, moments: Vec::new() };
        let mut quarter = at;
        while quarter < end {
            for steps in steps_at(quarter) {
                if !hour.moments.contains(&steps) {
                    hour.moments.push(steps);
                }
            }
            quarter = quarter.saturating_add(QUARTER).unwrap_or(end);
        }
        hours.push(hour);
        at = end;
    }
    hours
}
