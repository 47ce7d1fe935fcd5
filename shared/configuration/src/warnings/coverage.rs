//! Times at which nobody is on call, and what follows from them for steps and policies.
//!
//! A gap is told once: at its schedule, with what it leads to. Where the author allows the gaps of the schedules, because others are
//! on call then, it is told at the step or the policy for which nobody is.

use std::collections::{BTreeMap, BTreeSet};

use hansho_domain::{EscalationPolicy, Gap, Origin, PolicyStep, Schedule, ScheduleId, Segment, Target};
use jiff::{Span as Length, Timestamp, ToSpan, Unit, civil::DateTime, tz::TimeZone};

use super::{
    Ground,
    calls::{Calls, clock},
    counted,
};
use crate::{names::Section, warning::WarningKind};

/// How far ahead is looked: a quarter, in which everybody plans.
const DAYS_AHEAD: i64 = 90;
/// So many times are named in a warning; the others are counted.
const SPANS_NAMED_MAX: usize = 3;
/// An ended rotation is in calendars and reports for 13 months.
const MONTHS_AFTER_END: i64 = 13;

/// A time in which nobody is on call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: Timestamp,
    until: Timestamp,
}

/// What is known of the next 90 days of a schedule.
struct Coverage<'a> {
    schedule: &'a Schedule,
    zone: TimeZone,
    segments: Vec<Segment>,
    /// When nobody is on call.
    empty: Vec<Span>,
    /// What follows from that, policy by policy.
    consequences: Vec<String>,
    /// Whether a warning about it says that it is empty at times.
    is_told: bool,
}

pub(super) fn check(ground: &Ground<'_>, calls: &Calls<'_>) {
    let until = ground.at.checked_add(Length::new().hours(DAYS_AHEAD * 24)).unwrap_or(Timestamp::MAX);
    let mut coverages: BTreeMap<&ScheduleId, Coverage<'_>> = BTreeMap::new();
    for schedule in ground.configuration.schedules() {
        let segments = schedule.shifts(&[], ground.at, until);
        check_rotations(ground, schedule, &segments, until);
        let empty = spans_of(&segments, |segment| segment.gap.is_some());
        let coverage = Coverage { schedule, zone: clock(schedule), segments, empty, consequences: Vec::new(), is_told: false };
        coverages.insert(schedule.id(), coverage);
    }
    let given = || ground.configuration.policies().iter().filter(|p| ground.is_given(Section::EscalationPolicies, p.id().as_str()));
    for policy in given() {
        note_consequences(policy, &mut coverages);
    }
    for coverage in coverages.values_mut() {
        // Nobody is called by a schedule that no policy names; that is a warning of its own.
        if calls.schedules.contains(coverage.schedule.id()) {
            coverage.is_told = check_schedule(ground, coverage, until);
        }
    }
    for policy in given() {
        check_policy(ground, policy, &coverages);
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

/// What the gaps of schedules lead to: a policy that calls nobody, or a step that is passed over.
fn note_consequences<'a>(policy: &'a EscalationPolicy, coverages: &mut BTreeMap<&'a ScheduleId, Coverage<'_>>) {
    let empty = empty_steps(policy, coverages);
    let all_steps = empty.iter().map(|(_, spans)| spans.as_slice());
    let whole = if is_whole(policy, &empty) { intersection(all_steps) } else { Vec::new() };
    for (number, spans) in &empty {
        let consequence = match (whole.is_empty(), spans.is_empty()) {
            (false, _) => format!("no step of escalation_policies.{} reaches anybody", policy.id()),
            (true, false) => format!("step {number} of escalation_policies.{} reaches nobody", policy.id()),
            (true, true) => continue,
        };
        for schedule in schedules_of(policy, *number) {
            if let Some(coverage) = coverages.get_mut(schedule)
                && !coverage.consequences.contains(&consequence)
            {
                coverage.consequences.push(consequence.clone());
            }
        }
    }
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
    let is_nobodys = |segment: &Segment| matches!(segment.gap, Some(Gap::Nobody(_)));
    let uncovered = spans_of(&coverage.segments, |segment| segment.gap.is_some() && !is_nobodys(segment));
    let nobodys = spans_of(&coverage.segments, is_nobodys);
    let mut is_told = false;
    for (kind, spans, why) in
        [(WarningKind::CoverageGap, uncovered, "no rotation is in force"), (WarningKind::NobodySlot, nobodys, "it is the turn of `nobody`")]
    {
        if !spans.is_empty() {
            let message = format!(
                "nobody is on call {}: {why}{led_to}. Add a rotation for these times, or `# hansho: allow {kind}` above the schedule if it is meant",
                named(&spans, &coverage.zone)
            );
            is_told |= ground.warn(kind, Section::Schedules, id, "", message);
        }
    }
    is_told
}

/// Tells about steps and policies that reach nobody, as far as no schedule's warning has said it.
fn check_policy(ground: &Ground<'_>, policy: &EscalationPolicy, coverages: &BTreeMap<&ScheduleId, Coverage<'_>>) {
    let empty = empty_steps(policy, coverages);
    let is_told = |number: usize| schedules_of(policy, number).any(|id| coverages.get(id).is_some_and(|c| c.is_told));
    let zone = |number| schedules_of(policy, number).find_map(|id| coverages.get(id)).map_or(TimeZone::UTC, |c| c.zone.clone());
    if is_whole(policy, &empty) && !empty.is_empty() {
        let whole = intersection(empty.iter().map(|(_, spans)| spans.as_slice()));
        if !whole.is_empty() {
            if !(1..=policy.steps().len()).any(is_told) {
                let message = format!(
                    "no step reaches anybody {}, so the fallback is called; add a step with a user or a team, such as team/sre",
                    named(&whole, &zone(1))
                );
                ground.warn(WarningKind::PolicyReachesNobody, Section::EscalationPolicies, policy.id().as_str(), "", message);
            }
            return;
        }
    }
    for (number, spans) in &empty {
        if !spans.is_empty() && schedules_of(policy, *number).count() > 1 && !is_told(*number) {
            let field = format!("steps[{}]", number - 1);
            let message = format!(
                "all its schedules are empty {}, so it is passed over; add a user or a team, or cover these times",
                named(spans, &zone(*number))
            );
            ground.warn(WarningKind::StepReachesNobody, Section::EscalationPolicies, policy.id().as_str(), &field, message);
        }
    }
}

/// The steps, counted from 1, that call schedules only, each with the times at which all of them are empty.
fn empty_steps(policy: &EscalationPolicy, coverages: &BTreeMap<&ScheduleId, Coverage<'_>>) -> Vec<(usize, Vec<Span>)> {
    let mut steps = Vec::new();
    for (number, step) in (1..).zip(policy.steps()) {
        let calls_somebody = step.notify.iter().any(|target| match target {
            Target::User(_) | Target::Team(_) => true,
            Target::Schedule(_) | Target::Destination(_) => false,
        });
        if !calls_somebody && calls_people(step) {
            let spans = schedules_of(policy, number).filter_map(|id| coverages.get(id)).map(|coverage| coverage.empty.as_slice());
            steps.push((number, intersection(spans)));
        }
    }
    steps
}

fn schedules_of(policy: &EscalationPolicy, number: usize) -> impl Iterator<Item = &ScheduleId> {
    let step = number.checked_sub(1).and_then(|place| policy.steps().get(place));
    step.into_iter().flat_map(|step| &step.notify).filter_map(|target| match target {
        Target::Schedule(schedule) => Some(schedule),
        Target::User(_) | Target::Team(_) | Target::Destination(_) => None,
    })
}

/// Whether a step is there to call people, itself or by the policy that it hands over to. One that only tells machines and
/// channels is passed at once.
fn calls_people(step: &PolicyStep) -> bool {
    step.hand_over.is_none() && step.notify.iter().any(|target| !matches!(target, Target::Destination(_)))
}

/// Whether every step that could have somebody is among the empty ones.
fn is_whole(policy: &EscalationPolicy, empty: &[(usize, Vec<Span>)]) -> bool {
    let hands_over = policy.steps().iter().any(|step| step.hand_over.is_some());
    !hands_over && empty.len() == policy.steps().iter().filter(|step| calls_people(step)).count()
}

/// The segments that are wanted, joined where they touch.
fn spans_of(segments: &[Segment], is_wanted: impl Fn(&Segment) -> bool) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for segment in segments.iter().filter(|segment| is_wanted(segment)) {
        match spans.last_mut() {
            Some(last) if last.until == segment.from => last.until = segment.until,
            Some(_) | None => spans.push(Span { from: segment.from, until: segment.until }),
        }
    }
    spans
}

/// The times that are in every one of the lists, each of which is in order.
fn intersection<'s>(mut lists: impl Iterator<Item = &'s [Span]>) -> Vec<Span> {
    let Some(first) = lists.next() else { return Vec::new() };
    lists.fold(first.to_vec(), |common, list| {
        let (mut left, mut right) = (common.iter().peekable(), list.iter().peekable());
        let mut both = Vec::new();
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let span = Span { from: a.from.max(b.from), until: a.until.min(b.until) };
            if span.from < span.until {
                both.push(span);
            }
            if a.until <= b.until {
                left.next()
            } else {
                right.next()
            };
        }
        both
    })
}

/// `from Sat 2026-12-05 00:00 to Mon 2026-12-07 09:00 (Asia/Tokyo), and 11 more times until 2027-02-24, 684 h in all`.
fn named(spans: &[Span], zone: &TimeZone) -> String {
    let clock = |at: Timestamp| minute(zone.to_datetime(at));
    let some: Vec<String> =
        spans.iter().take(SPANS_NAMED_MAX).map(|span| format!("from {} to {}", clock(span.from), clock(span.until))).collect();
    let zone_name = zone.iana_name().unwrap_or("UTC");
    let mut text = format!("{} ({zone_name})", some.join(", "));
    let more = spans.len().saturating_sub(SPANS_NAMED_MAX);
    if let (1.., Some(last)) = (more, spans.last()) {
        let minutes: u64 = spans.iter().map(|span| span.until.duration_since(span.from).unsigned_abs().as_secs() / 60).sum();
        text += &format!(
            ", and {} until {}, {} h in all",
            counted(more, "more time"),
            zone.to_datetime(last.until).date(),
            minutes.div_ceil(60)
        );
    }
    text
}

fn minute(at: DateTime) -> String {
    let at = at.round(Unit::Minute).unwrap_or(at);
    at.strftime("%a %Y-%m-%d %H:%M").to_string()
}
