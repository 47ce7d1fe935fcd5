//! Times at which nobody is on call in a schedule.
//!
//! A gap is told once: at its schedule, with what it leads to. Where the author allows the gaps of the schedules, because others are
//! on call then, it is told at the step or the policy for which nobody is.

use std::collections::{BTreeMap, BTreeSet};

use hansho_domain::{Gap, Origin, Schedule, ScheduleId, Segment};
use jiff::{Timestamp, ToSpan, civil::DateTime, tz::TimeZone};

use super::{
    Ground,
    calls::{Calls, clock},
    counted,
    hours::ahead,
    policies::Emptiness,
    spans::{Span, minute, named, spans_of},
};
use crate::{names::Section, warning::WarningKind};

/// How far ahead is looked: a quarter, in which everybody plans.
pub(super) const DAYS_AHEAD: i64 = 90;
/// An ended rotation is in calendars and reports for 13 months.
const MONTHS_AFTER_END: i64 = 13;

/// What is known of the next 90 days of a schedule.
pub(super) struct Coverage<'a> {
    schedule: &'a Schedule,
    pub(super) zone: TimeZone,
    /// When nobody is on call.
    pub(super) empty: Vec<Span>,
    /// When that is because no rotation is in force.
    uncovered: Vec<Span>,
    /// When that is because it is the turn of `nobody`.
    nobodys: Vec<Span>,
    /// What follows from that, policy by policy.
    pub(super) consequences: Vec<String>,
    /// Whether a warning about it says that it is empty at times.
    pub(super) is_told: bool,
}

/// The schedules by name.
pub(super) type Coverages<'a> = BTreeMap<&'a ScheduleId, Coverage<'a>>;

pub(super) fn check(ground: &Ground<'_>, calls: &Calls<'_>) {
    let until = ahead(ground.at);
    let mut coverages = Coverages::new();
    for schedule in ground.configuration.schedules() {
        let segments = schedule.shifts(&[], ground.at, until);
        check_rotations(ground, schedule, &segments, until);
        coverages.insert(schedule.id(), Coverage::of(schedule, &segments));
    }
    let given = ground.configuration.policies().iter().filter(|p| ground.is_given(Section::EscalationPolicies, p.id().as_str()));
    let policies: Vec<Emptiness<'_>> = given.map(|policy| Emptiness::of(policy, &coverages, ground.at)).collect();
    for policy in &policies {
        policy.note_consequences(&mut coverages);
    }
    for coverage in coverages.values_mut() {
        // Nobody is called by a schedule that no policy names; that is a warning of its own.
        if calls.schedules.contains(coverage.schedule.id()) {
            coverage.is_told = check_schedule(ground, coverage, until);
        }
    }
    for policy in &policies {
        policy.check(ground, &coverages);
    }
}

impl<'a> Coverage<'a> {
    fn of(schedule: &'a Schedule, segments: &[Segment]) -> Self {
        let is_nobodys = |segment: &Segment| matches!(segment.gap, Some(Gap::Nobody(_)));
        Self {
            schedule,
            zone: clock(schedule),
            empty: spans_of(segments, |segment| segment.gap.is_some()),
            uncovered: spans_of(segments, |segment| segment.gap.is_some() && !is_nobodys(segment)),
            nobodys: spans_of(segments, is_nobodys),
            consequences: Vec::new(),
            is_told: false,
        }
    }
}

/// Rotations that are never seen: those that others hide, and those that ended long ago.
fn check_rotations(ground: &Ground<'_>, schedule: &Schedule, segments: &[Segment], until: Timestamp) {
    let warn = |kind, place: usize, message: String| {
        ground.warn(kind, Section::Schedules, schedule.id().as_str(), &format!("rotations[{place}]"), message);
    };
    let long_ago = clock(schedule).to_datetime(ground.at).checked_sub(MONTHS_AFTER_END.months()).unwrap_or(DateTime::MIN);
    for (place, rotation) in schedule.rotations().iter().enumerate() {
        if let Some(end) = rotation.spec().end.filter(|end| *end < long_ago) {
            let message = format!(
                "`{}` ended {}, more than {MONTHS_AFTER_END} months ago, and is in no calendar or report any more; remove it",
                rotation.name(),
                end.date()
            );
            warn(WarningKind::RotationEnded, place, message);
        }
    }
    let seen: BTreeSet<&str> = segments.iter().flat_map(decided_by).collect();
    if schedule.rotations().iter().all(|rotation| seen.contains(rotation.name())) {
        return;
    }
    for (place, layer) in schedule.layers(ground.at, until).iter().enumerate() {
        if !layer.shifts.is_empty() && !seen.contains(layer.rotation.as_str()) {
            let message = format!(
                "`{}` is never on call in the next {DAYS_AHEAD} days: the rotations after it hide it, for the last one in force wins; move it to the end, limit the others with `only`, or remove it",
                layer.rotation
            );
            warn(WarningKind::RotationHidden, place, message);
        }
    }
}

/// The rotations that decide in a segment.
fn decided_by(segment: &Segment) -> impl Iterator<Item = &str> {
    let nobodys = match &segment.gap {
        Some(Gap::Nobody(rotation)) => Some(rotation.as_str()),
        Some(Gap::NoRotation | Gap::Override(_)) | None => None,
    };
    let peoples = segment.people.iter().filter_map(|person| match &person.origin {
        Origin::Rotation(rotation) => Some(rotation.as_str()),
        Origin::Override(_) => None,
    });
    peoples.chain(nobodys)
}

/// Tells about the gaps of a schedule, those of each reason on their own.
fn check_schedule(ground: &Ground<'_>, coverage: &Coverage<'_>, until: Timestamp) -> bool {
    let id = coverage.schedule.id().as_str();
    let led_to = match coverage.consequences.as_slice() {
        [] => String::new(),
        [only] => format!("; then {only}"),
        [first, rest @ ..] => format!("; then {first} (and {})", counted(rest.len(), "other")),
    };
    if coverage.empty == [(Span { from: ground.at, until })] {
        let ends = coverage.schedule.rotations().iter().map(|rotation| rotation.spec().end).collect::<Option<Vec<_>>>();
        let last = ends.and_then(|ends| ends.into_iter().max()).filter(|end| *end <= coverage.zone.to_datetime(ground.at));
        let why = match last {
            Some(end) => format!("its last rotation ended {}", minute(end)),
            None => format!("nobody's turn comes in the {DAYS_AHEAD} days from {}", minute(coverage.zone.to_datetime(ground.at))),
        };
        let message = format!("nobody is on call: {why}{led_to}. Add a rotation, or take the schedule out of its policies");
        return ground.warn(WarningKind::NeverCovered, Section::Schedules, id, "", message);
    }
    let mut is_told = false;
    for (kind, spans, why) in [
        (WarningKind::CoverageGap, &coverage.uncovered, "no rotation is in force"),
        (WarningKind::NobodySlot, &coverage.nobodys, "it is the turn of `nobody`"),
    ] {
        if !spans.is_empty() {
            let message = format!(
                "nobody is on call {}: {why}{led_to}. Add a rotation for these times, or `# hansho: allow {kind}` above the schedule if it is meant",
                named(spans, &coverage.zone)
            );
            is_told |= ground.warn(kind, Section::Schedules, id, "", message);
        }
    }
    is_told
}
