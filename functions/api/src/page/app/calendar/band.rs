//! Bands: the stretches of a row in which the same people are on call.

use hansho_domain::{LayerShifts, ListedShift, Origin, Override, Schedule, Segment, UserId};
use jiff::Timestamp;

use super::Period;

/// A stretch of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Band {
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
    /// Nobody in a gap.
    pub(crate) people: Vec<UserId>,
    /// Whether an override has put somebody there, or taken everybody away.
    pub(crate) by_hand: bool,
}

impl Band {
    pub(crate) fn seconds(&self) -> u64 {
        self.from.as_second().abs_diff(self.until.as_second())
    }

    /// Where it is changed; nowhere when it is over.
    pub(crate) fn to(&self, schedule: &str, now: Timestamp) -> Option<String> {
        if self.until <= now {
            return None;
        }
        let of = if let [one] = self.people.as_slice() { format!("&of={one}") } else { String::new() };
        Some(format!("/app/schedules/{schedule}/override?from={}&until={}{of}", self.from.max(now), self.until))
    }
}

/// What holds: what was worked as it was written down, the rest by what is in force.
pub(super) fn standing(schedule: &Schedule, overrides: &[Override], past: &[ListedShift], period: &Period, now: Timestamp) -> Vec<Band> {
    let border = now.clamp(period.from, period.until);
    let worked = past.iter().filter_map(|shift| {
        let (from, until) = (shift.from.unwrap_or(period.from).max(period.from), shift.until.unwrap_or(border).min(border));
        let by_hand = shift.people.iter().any(|person| matches!(person.by, Origin::Override(_)));
        let people = shift.people.iter().map(|person| person.user.clone()).collect();
        (from < until).then_some(Band { from, until, people, by_hand })
    });
    let mut ahead = of_segments(&schedule.shifts(overrides, border, period.followed_until()));
    ahead.retain(|band| band.from < period.until);
    // How long nobody is on call is told as far as the page looks.
    for gap in ahead.iter_mut().filter(|band| band.people.is_empty()) {
        gap.until = gap.until.min(period.until);
    }
    joined(worked.chain(ahead))
}

pub(super) fn of_segments(segments: &[Segment]) -> Vec<Band> {
    let by_hand = |segment: &Segment| {
        segment.people.iter().any(|person| matches!(person.origin, Origin::Override(_)))
            || matches!(segment.gap, Some(hansho_domain::Gap::Override(_)))
    };
    let band = |segment: &Segment| Band {
        from: segment.from,
        until: segment.until,
        people: segment.people.iter().map(|person| person.user.clone()).collect(),
        by_hand: by_hand(segment),
    };
    joined(segments.iter().map(band))
}

/// What each rotation alone says, the one that wins first.
pub(super) fn layers(schedule: &Schedule, period: &Period) -> Vec<(String, Vec<Band>)> {
    let band = |shift: hansho_domain::LayerShift| Band { from: shift.from, until: shift.until, people: shift.users, by_hand: false };
    let layer = |LayerShifts { rotation, shifts }| (rotation, joined(shifts.into_iter().map(band)));
    schedule.layers(period.from, period.until).into_iter().rev().map(layer).collect()
}

/// Neighbours with the same people are one.
fn joined(bands: impl Iterator<Item = Band>) -> Vec<Band> {
    let mut whole: Vec<Band> = Vec::new();
    for band in bands {
        match whole.last_mut() {
            Some(last) if last.until == band.from && last.people == band.people && last.by_hand == band.by_hand => last.until = band.until,
            Some(_) | None => whole.push(band),
        }
    }
    whole
}
