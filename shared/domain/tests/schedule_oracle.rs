//! Schedules against an oracle that is as simple as it is slow: it walks from the start, turn by turn, and asks every minute anew.
//!
//! The oracle shares no code with the product. It works with the civil calendar one day at a time, finds the moment of a wall-clock
//! time by trial, and knows nothing of eras, counts or segments. Compared are all zones of the bundled database whose clock changes
//! between 2020 and 2027, three days around a change, and odd changes of earlier years.

#![expect(clippy::unwrap_used, reason = "a test that can not make its values has failed")]

use std::fmt::Write;

use hansho_domain::{
    Gap, Member, Override, OverrideChange, Restriction, Rotation, RotationSpec, Schedule, ScheduleId, Turn, UserId, WeekTime, Weekdays,
};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime, Weekday},
    tz::{Offset, TimeZone, TimeZoneDatabase},
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

const WEEKDAYS: [Weekday; 7] =
    [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday, Weekday::Saturday, Weekday::Sunday];
/// Changes of the clock that put the calendar date off: a day left out, a day shown twice, a clock put back over midnight.
const ODD_CHANGES: [(&str, &str); 4] = [
    ("Pacific/Apia", "2011-12-29T00:00:00Z"),
    ("Pacific/Kwajalein", "1993-08-20T00:00:00Z"),
    ("Pacific/Kwajalein", "1969-09-29T00:00:00Z"),
    ("Antarctica/Casey", "2010-03-03T00:00:00Z"),
];

// The oracle.

/// What the oracle says of one moment: who is on call, and the rotation or override to blame when nobody is.
#[derive(Debug, Clone, PartialEq)]
struct Answer {
    people: Vec<UserId>,
    gap: Option<Gap>,
}

/// One rotation, walked through from its start to the end of a period.
struct Walked<'a> {
    spec: &'a RotationSpec,
    /// When each turn began, and which slot has it.
    turns: Vec<(Timestamp, Option<usize>)>,
    end: Option<Timestamp>,
    windows: Vec<(Timestamp, Timestamp)>,
}

fn walked<'a>(spec: &'a RotationSpec, zone: &TimeZone, until: Timestamp) -> Walked<'a> {
    let mut turns = Vec::new();
    let mut wall_clock = spec.start;
    let mut moment = moment_of(zone, spec.start);
    let mut months = 0;
    let mut last = None;
    loop {
        let slot = next_slot(spec, zone, last, moment);
        if slot.is_some() {
            last = slot;
        }
        turns.push((moment, slot));
        if moment > until {
            break;
        }
        match &spec.every {
            Turn::Hours(hours) => moment += SignedDuration::from_hours(i64::from(*hours)),
            Turn::Days(days) => (0..*days).for_each(|_| wall_clock = day_after(wall_clock)),
            Turn::Weeks(weeks) => (0..*weeks * 7).for_each(|_| wall_clock = day_after(wall_clock)),
            Turn::Months(step) => {
                months += i32::from(*step);
                wall_clock = months_later(spec.start, months);
            }
            Turn::Rule(rule) => {
                wall_clock = day_after(wall_clock);
                while !occurs_on(&rule.to_string(), spec.start.date(), wall_clock.date()) {
                    wall_clock = day_after(wall_clock);
                }
            }
        }
        if !matches!(spec.every, Turn::Hours(_)) {
            moment = moment_of(zone, wall_clock);
        }
    }
    let mut windows = Vec::new();
    let mut day = zone.to_datetime(until).date();
    for _ in 0..20 {
        for restriction in &spec.only {
            if let Some((from, to)) = window(*restriction, day) {
                windows.push((moment_of(zone, from), moment_of(zone, to)));
            }
        }
        day = day.yesterday().unwrap();
    }
    Walked { spec, turns, end: spec.end.map(|end| moment_of(zone, end)), windows }
}

/// The slot after `last` that has joined and not left when a turn begins.
fn next_slot(spec: &RotationSpec, zone: &TimeZone, last: Option<usize>, begin: Timestamp) -> Option<usize> {
    let count = spec.members.len();
    let first = last.map_or(0, |last| last + 1);
    (first..first + count).map(|slot| slot % count).find(|slot| {
        let member = &spec.members[*slot];
        let joined = member.joins.is_none_or(|joins| moment_of(zone, joins) <= begin);
        let left = member.leaves.is_some_and(|leaves| moment_of(zone, leaves) <= begin);
        joined && !left
    })
}

/// The few rules that the cases use, by looking at the day: `tests/schedule_rules.rs` has all of them.
fn occurs_on(rule: &str, start: Date, day: Date) -> bool {
    let weekday = day.weekday();
    match rule {
        "FREQ=WEEKLY;BYDAY=MO,TH" => weekday == Weekday::Monday || weekday == Weekday::Thursday,
        "FREQ=MONTHLY;BYDAY=-1FR" => weekday == Weekday::Friday && day.day() + 7 > day.days_in_month(),
        "FREQ=WEEKLY;INTERVAL=2" => {
            (1..).map(|n| n * 14).find(|n| days_later(start, *n) >= day).is_some_and(|n| days_later(start, n) == day)
        }
        other => unreachable!("{other}"),
    }
}

fn window(restriction: Restriction, day: Date) -> Option<(DateTime, DateTime)> {
    match restriction {
        Restriction::TimeOfDay { from, to, days } => {
            let last = if to > from { day } else { day.tomorrow().unwrap() };
            days.contains(day.weekday()).then(|| (day.to_datetime(from), last.to_datetime(to)))
        }
        Restriction::TimeOfWeek { from, to } => {
            let mut last = day.to_datetime(to.time);
            while last.date().weekday() != to.day || last <= day.to_datetime(from.time) {
                last = day_after(last);
            }
            (day.weekday() == from.day).then(|| (day.to_datetime(from.time), last))
        }
    }
}

fn answer(rotations: &[Walked<'_>], overrides: &[Override], at: Timestamp) -> Answer {
    let mut people: Vec<UserId> = Vec::new();
    let mut gap = Some(Gap::NoRotation);
    for rotation in rotations {
        let ended = rotation.end.is_some_and(|end| at >= end);
        let open = rotation.spec.only.is_empty() || rotation.windows.iter().any(|(from, to)| *from <= at && at < *to);
        let turn = rotation.turns.iter().rev().find(|(begin, _)| *begin <= at);
        if let (false, true, Some((_, slot))) = (ended, open, turn) {
            people = slot.map(|slot| rotation.spec.members[slot].users.clone()).unwrap_or_default();
            gap = people.is_empty().then(|| Gap::Nobody(rotation.spec.name.clone()));
        }
    }
    let mut active: Vec<&Override> = overrides.iter().filter(|o| o.from <= at && at < o.until).collect();
    active.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    for o in active {
        let was_empty = people.is_empty();
        match &o.change {
            OverrideChange::Replace { user, by } => {
                people = people.into_iter().flat_map(|p| if p == *user { by.clone() } else { vec![p] }).collect();
            }
            OverrideChange::ReplaceAll { by } => people = by.clone(),
            OverrideChange::Add { by } => people = [people, by.clone()].concat(),
            OverrideChange::Remove { user } => people.retain(|p| p != user),
            OverrideChange::Nobody => people = Vec::new(),
        }
        let mut place = 0;
        while place < people.len() {
            if people[..place].contains(&people[place]) {
                people.remove(place);
            } else {
                place += 1;
            }
        }
        if !people.is_empty() {
            gap = None;
        } else if !was_empty || o.change == OverrideChange::Nobody {
            gap = Some(Gap::Override(o.id.clone()));
        }
    }
    Answer { people, gap }
}

/// The moment of a wall-clock time by trial: the earliest moment at which the clock shows it; when it never does, the moment at
/// which it would have, had the clock not been put forward.
fn moment_of(zone: &TimeZone, wall_clock: DateTime) -> Timestamp {
    let about = Offset::UTC.to_timestamp(wall_clock).unwrap();
    let before = zone.to_offset(about - SignedDuration::from_hours(26));
    let after = zone.to_offset(about + SignedDuration::from_hours(26));
    let candidates = [before, after].map(|offset| offset.to_timestamp(wall_clock).unwrap());
    candidates.into_iter().filter(|c| zone.to_datetime(*c) == wall_clock).min().unwrap_or(candidates[0])
}

fn day_after(wall_clock: DateTime) -> DateTime {
    wall_clock.date().tomorrow().unwrap().to_datetime(wall_clock.time())
}

fn days_later(mut day: Date, days: i32) -> Date {
    (0..days).for_each(|_| day = day.tomorrow().unwrap());
    day
}

fn months_later(start: DateTime, months: i32) -> DateTime {
    let (mut year, mut month) = (start.year(), start.month());
    for _ in 0..months {
        month += 1;
        if month > 12 {
            (year, month) = (year + 1, 1);
        }
    }
    let mut day = start.day();
    while Date::new(year, month, day).is_err() {
        day -= 1;
    }
    Date::new(year, month, day).unwrap().to_datetime(start.time())
}

// The cases.

/// A schedule around a change of the clock, in numbers that do not know the zone.
#[derive(Debug, Clone)]
struct Plan {
    rotations: Vec<Layer>,
    overrides: Vec<(i64, i64, u8, usize, usize, i64)>,
    moments: Vec<i64>,
}

#[derive(Debug, Clone)]
struct Layer {
    /// Where the hand-off lies, in minutes around the change; days before it; when it ends, in minutes around the change.
    minutes: i64,
    days_ago: i64,
    ends: Option<i64>,
    every: Turn,
    /// Users of each slot, and joins and leaves in hours around the change.
    slots: Vec<(Vec<usize>, Option<i64>, Option<i64>)>,
    only: Vec<(u8, i64, i64, u8, u8)>,
}

fn plan() -> impl Strategy<Value = Plan> {
    // Edges mostly within three hours of the change, where gaps and folds are, and often on the very same minute.
    let near = || prop_oneof![4 => -180i64..=180, 2 => prop::sample::select(vec![-60, -30, 0, 30, 60]), 1 => -2000i64..2000];
    let every = prop_oneof![
        3 => (1u16..=3).prop_map(Turn::Days),
        1 => (1u16..=3).prop_map(Turn::Weeks),
        1 => (1u16..=2).prop_map(Turn::Months),
        2 => (3u16..=40).prop_map(Turn::Hours),
        2 => prop::sample::select(vec!["FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=WEEKLY;INTERVAL=2"])
            .prop_map(|rule| Turn::Rule(rule.parse().unwrap())),
    ];
    let hours = || prop::option::weighted(0.3, prop_oneof![2 => -80i64..80, 1 => -2000i64..0]);
    let slot = (
        prop_oneof![1 => Just(vec![]), 4 => (0usize..6).prop_map(|n| vec![n]), 1 => (0usize..5).prop_map(|n| vec![n, n + 1])],
        hours(),
        hours(),
    );
    let only = (0u8..3, near(), near(), any::<u8>(), any::<u8>());
    let layer = (
        near(),
        prop_oneof![3 => 0i64..60, 1 => 0i64..3],
        prop::option::weighted(0.2, -2000i64..3000),
        every,
        prop::collection::vec(slot, 1..5),
        prop_oneof![2 => Just(Vec::new()).boxed(), 3 => prop::collection::vec(only, 1..4).boxed()],
    )
        .prop_map(|(minutes, days_ago, ends, every, slots, only)| Layer { minutes, days_ago, ends, every, slots, only });
    let change = (-2200i64..2200, 1i64..3000, 0u8..5, 0usize..7, 0usize..7, 0i64..4);
    let moments = prop::collection::vec(-36 * 3600i64..36 * 3600, 20);
    (prop::collection::vec(layer, 1..4), prop::collection::vec(change, 0..4), moments).prop_map(|(rotations, overrides, moments)| Plan {
        rotations,
        overrides,
        moments,
    })
}

impl Plan {
    fn specs(&self, wall_clock: DateTime) -> Vec<RotationSpec> {
        let by = |minutes: i64| wall_clock + SignedDuration::from_mins(minutes);
        let made = self.rotations.iter().enumerate().map(|(place, layer)| {
            let mut start = by(layer.minutes - layer.days_ago * 1440);
            if let Turn::Rule(rule) = &layer.every {
                while !rule.to_string().contains("INTERVAL") && !occurs_on(&rule.to_string(), start.date(), start.date()) {
                    start = start.date().yesterday().unwrap().to_datetime(start.time());
                }
            }
            let mut members: Vec<Member> = layer
                .slots
                .iter()
                .map(|(users, joins, leaves)| {
                    let joins = joins.map(|hours| by(hours * 60));
                    let leaves = leaves.map(|hours| by(hours * 60)).filter(|leaves| joins.is_none_or(|joins| joins < *leaves));
                    Member { joins, leaves, ..Member::of(users.iter().map(|n| user(*n))) }
                })
                .collect();
            if members.iter().all(Member::is_nobody) {
                members.push(user(6).into());
            }
            let only =
                layer.only.iter().map(|(kind, from, to, day, other)| restriction(wall_clock, *kind, *from, *to, *day, *other)).collect();
            let end = layer.ends.map(by).filter(|end| *end > start + SignedDuration::from_hours(24 * 8));
            RotationSpec { name: format!("layer-{place}"), start, end, every: layer.every.clone(), members, only }
        });
        made.collect()
    }

    fn overrides(&self, change: Timestamp) -> Vec<Override> {
        let made = self.overrides.iter().enumerate().map(|(n, (from, length, kind, who, whom, created))| {
            let (from, by) = (change + SignedDuration::from_mins(*from), vec![user(*who), user(*whom)]);
            let kind = match kind {
                0 => OverrideChange::Replace { user: user(*whom), by: vec![user(*who)] },
                1 => OverrideChange::ReplaceAll { by },
                2 => OverrideChange::Add { by },
                3 => OverrideChange::Remove { user: user(*who) },
                _ => OverrideChange::Nobody,
            };
            let created = change + SignedDuration::from_secs(*created);
            Override::new(format!("o{n}"), primary(), from, from + SignedDuration::from_mins(*length), kind, created).unwrap()
        });
        made.collect()
    }
}

fn restriction(around: DateTime, kind: u8, from: i64, to: i64, day: u8, other: u8) -> Restriction {
    let time = |minutes: i64| (around + SignedDuration::from_mins(minutes)).time();
    let weekday = |n: u8| WEEKDAYS[usize::from(n % 7)];
    let days = match kind {
        0 => Weekdays::ALL,
        _ => (0..7).filter(|n| (day | 1 << (other % 7)) & 1 << n != 0).map(weekday).collect(),
    };
    match kind {
        0 | 1 => Restriction::TimeOfDay { from: time(from), to: time(to), days },
        _ => {
            let (from, to) = (WeekTime { day: weekday(day), time: time(from) }, WeekTime { day: weekday(other), time: time(to) });
            Restriction::TimeOfWeek { from, to }
        }
    }
}

/// Compares one plan in one zone, every minute of the three days around a change of its clock. Gives the number of comparisons.
fn compare(zone: &TimeZone, change: Timestamp, plan: &Plan) -> Result<usize, String> {
    // Placed by the clock in force before the change, where gaps and folds are described.
    let wall_clock = zone.to_datetime(change - SignedDuration::from_secs(1)) + SignedDuration::from_secs(1);
    let (specs, overrides) = (plan.specs(wall_clock), plan.overrides(change));
    let (from, until) = (change - SignedDuration::from_hours(36), change + SignedDuration::from_hours(36));
    let rotations: Vec<Rotation> = specs.iter().map(|spec| Rotation::new(spec.clone()).unwrap()).collect();
    let schedule = Schedule::new(primary(), "Primary", zone.iana_name().unwrap(), rotations).unwrap();
    let mut oracle: Vec<Walked<'_>> = specs.iter().map(|spec| walked(spec, zone, until)).collect();
    // Only the turns of the period are asked about; leaving out the rest changes no answer and saves most of the time.
    for rotation in &mut oracle {
        let first = rotation.turns.iter().rposition(|(begin, _)| *begin <= from).unwrap_or(0);
        rotation.turns.drain(..first);
    }
    let mut wrong = String::new();
    let segments = schedule.shifts(&overrides, from, until);
    if segments.first().map(|s| s.from) != Some(from) || segments.last().map(|s| s.until) != Some(until) {
        let _ = writeln!(wrong, "the segments do not cover the period: {segments:#?}");
    }
    for pair in segments.windows(2) {
        if pair[0].until != pair[1].from || (&pair[0].people, &pair[0].gap) == (&pair[1].people, &pair[1].gap) {
            let _ = writeln!(wrong, "these do not follow each other, or nothing changes between them: {pair:#?}");
        }
    }
    // Every minute against the segments.
    let mut count = 0;
    let mut rest = segments.as_slice();
    let mut minute = from;
    while minute < until && wrong.is_empty() {
        while rest[0].until <= minute {
            rest = &rest[1..];
        }
        let expected = answer(&oracle, &overrides, minute);
        let people: Vec<UserId> = rest[0].people.iter().map(|person| person.user.clone()).collect();
        if expected != (Answer { people, gap: rest[0].gap.clone() }) {
            let _ = writeln!(wrong, "at {minute} the oracle says {expected:?}, and this is rendered: {:#?}", rest[0]);
        }
        count += 1;
        minute += SignedDuration::from_mins(1);
    }
    // Moments anywhere, and every edge with the nanosecond before it, against `on_call_at` and `next_change_after`.
    let edges = segments.iter().flat_map(|s| [s.from, s.from - SignedDuration::from_nanos(1)]);
    let anywhere = plan.moments.iter().map(|seconds| change + SignedDuration::from_secs(*seconds));
    for moment in edges.chain(anywhere) {
        let expected = answer(&oracle, &overrides, moment).people;
        let found = schedule.on_call_at(&overrides, moment);
        if found != expected && moment >= from {
            let _ = writeln!(wrong, "at {moment} the oracle says {expected:?}, and {found:?} are on call");
        }
        let next = schedule.next_change_after(&overrides, moment);
        if next.is_some_and(|next| next <= moment) {
            let _ = writeln!(wrong, "the change after {moment} is {next:?}");
        }
        // Until the next change nothing changes: no segment with other people begins in between.
        let early = segments.windows(2).find(|pair| {
            let people = |place: usize| pair[place].people.iter().map(|p| &p.user).collect::<Vec<_>>();
            pair[1].from > moment && next.is_none_or(|next| pair[1].from < next) && people(0) != people(1)
        });
        if let Some(early) = early {
            let _ = writeln!(wrong, "after {moment} the next change is {next:?}, and before it there is {early:#?}");
        }
        count += 1;
    }
    if wrong.is_empty() {
        Ok(count)
    } else {
        Err(format!("{} around {change}:\n{wrong}{specs:#?}\n{overrides:#?}", zone.iana_name().unwrap()))
    }
}

/// Every zone with a change in the sampled years, with up to three of its changes, and the odd ones. Which three: the first
/// puts a clock forward or back, the second the other way, and the third is the last.
fn changes() -> Vec<(TimeZone, Timestamp)> {
    let database = TimeZoneDatabase::bundled();
    let mut changes = Vec::new();
    let mut zones = 0;
    for name in database.available() {
        let zone = database.get(name.as_str()).unwrap();
        if zone.iana_name().is_none() {
            continue;
        }
        let all: Vec<_> = zone
            .following("2020-01-01T00:00:00Z".parse().unwrap())
            .map(|change| change.timestamp())
            .take_while(|at| *at < "2028-01-01T00:00:00Z".parse().unwrap())
            .filter(|at| zone.to_offset(*at) != zone.to_offset(*at - SignedDuration::from_secs(1)))
            .collect();
        zones += usize::from(!all.is_empty());
        let mut picked: Vec<Timestamp> = all.iter().take(2).chain(all.last()).copied().collect();
        picked.dedup();
        changes.extend(picked.into_iter().map(|at| (zone.clone(), at)));
    }
    for (name, before) in ODD_CHANGES {
        let zone = database.get(name).unwrap();
        let change = zone.following(before.parse().unwrap()).next().unwrap().timestamp();
        changes.extend(vec![(zone, change); 10]);
    }
    assert!(zones > 150, "only {zones} zones have a change");
    changes
}

#[test]
fn schedules_are_those_of_the_oracle_around_the_clock_changes_of_every_zone() {
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[3; 32]));
    let (mut zones, mut count) = (std::collections::BTreeSet::new(), 0);
    for (zone, change) in changes() {
        let tree = plan().new_tree(&mut runner).unwrap();
        let result = compare(&zone, change, &tree.current());
        if let Err(first) = result {
            panic!("{}", smallest(tree, &zone, change, first));
        }
        zones.insert(zone.iana_name().unwrap().to_owned());
        count += result.unwrap();
    }
    println!("{count} moments in {} zones", zones.len());
}

/// The simplest plan that still fails, and how.
fn smallest(mut tree: impl ValueTree<Value = Plan>, zone: &TimeZone, change: Timestamp, first: String) -> String {
    let mut message = first;
    let mut simpler = tree.simplify();
    // Every step makes it simpler or takes one back; so many are enough.
    for _ in 0..2_000 {
        if !simpler {
            break;
        }
        simpler = match compare(zone, change, &tree.current()) {
            Err(still) => {
                message = still;
                tree.simplify()
            }
            Ok(_) => tree.complicate(),
        };
    }
    message
}

fn primary() -> ScheduleId {
    ScheduleId::new("primary").unwrap()
}

fn user(n: usize) -> UserId {
    UserId::new(format!("user-{n}")).unwrap()
}
