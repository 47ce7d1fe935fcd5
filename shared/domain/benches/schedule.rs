//! How long a question to a schedule takes: `cargo bench -p hansho-domain --bench schedule`.
//!
//! The schedule has ten rotations and fifty people, of every kind: by day, week, month, hours and rule, with windows, joins, leaves, and
//! a hundred overrides. Its year has to render in less than 10 ms, and who is on call has to take microseconds.

#![expect(clippy::unwrap_used, reason = "a benchmark that can not make its values has failed")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use hansho_domain::{
    Member, Override, OverrideChange, Restriction, Rotation, RotationSpec, Schedule, ScheduleId, Turn, UserId, WeekTime, Weekdays,
};
use jiff::{SignedDuration, Timestamp};

fn questions(c: &mut Criterion) {
    let schedule = schedule();
    let overrides = overrides();
    let (from, until) = (at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
    let segments = schedule.shifts(&overrides, from, until).len();
    println!("a year of {} rotations and {} people has {segments} segments", schedule.rotations().len(), schedule.members().len());
    c.bench_function("shifts of a year", |b| b.iter(|| schedule.shifts(black_box(&overrides), from, until)));
    c.bench_function("layers of a year", |b| b.iter(|| schedule.layers(black_box(from), until)));
    for (name, moment) in [("now", at("2026-11-22T03:00:00Z")), ("in a century", at("2126-11-22T03:00:00Z"))] {
        c.bench_function(&format!("on_call_at, {name}"), |b| b.iter(|| schedule.on_call_at(black_box(&overrides), moment)));
        c.bench_function(&format!("next_change_after, {name}"), |b| b.iter(|| schedule.next_change_after(black_box(&overrides), moment)));
    }
    let weekly = RotationSpec::new("weekly", "2026-01-05T10:00".parse().unwrap(), Turn::Weeks(1), (0..5).map(user));
    let simple = Schedule::new(id(), "S", "Asia/Tokyo", vec![Rotation::new(weekly).unwrap()]).unwrap();
    let moment = at("2026-11-22T03:00:00Z");
    c.bench_function("on_call_at, one weekly rotation", |b| b.iter(|| simple.on_call_at(black_box(&[]), moment)));
    let stored = serde_json::to_string(&schedule).unwrap();
    c.bench_function("reading it from storage", |b| b.iter(|| serde_json::from_str::<Schedule>(black_box(&stored)).unwrap()));
}

/// Everything there is, the higher layers in force by night, at weekends and for a time.
fn schedule() -> Schedule {
    let night = |from: &str, to: &str| Restriction::TimeOfDay { from: from.parse().unwrap(), to: to.parse().unwrap(), days: Weekdays::ALL };
    let week_time = |text: &str| text.parse::<WeekTime>().unwrap();
    let weekend = Restriction::TimeOfWeek { from: week_time("fri 18:00"), to: week_time("mon 09:00") };
    let rule = |text: &str| Turn::Rule(text.parse().unwrap());
    let kinds = [
        (Turn::Weeks(1), vec![]),
        (Turn::Days(1), vec![night("09:00:00", "18:00:00")]),
        (Turn::Hours(8), vec![night("00:00:00", "04:00:00"), night("12:00:00", "13:00:00")]),
        (Turn::Months(1), vec![weekend]),
        (rule("FREQ=WEEKLY;BYDAY=MO,TH"), vec![night("22:00:00", "07:00:00")]),
        (rule("FREQ=MONTHLY;BYDAY=1MO,3MO"), vec![night("06:00:00", "08:00:00")]),
        (Turn::Days(2), vec![weekend, night("20:00:00", "21:00:00")]),
        (Turn::Hours(12), vec![night("19:00:00", "20:00:00")]),
        (rule("FREQ=DAILY;INTERVAL=2;BYMONTH=1,2,3,6,7,8"), vec![night("05:00:00", "06:00:00")]),
        (Turn::Days(1), vec![night("23:00:00", "01:00:00")]),
    ];
    let rotations = kinds.into_iter().enumerate().map(|(place, (every, only))| {
        let start = if matches!(every, Turn::Rule(_)) { "2020-01-06T10:00" } else { "2020-01-01T10:00" }.parse().unwrap();
        let mut members: Vec<Member> = (0..5).map(|n| user(place * 5 + n).into()).collect();
        members[3].joins = Some("2022-04-01T00:00".parse().unwrap());
        members[4].leaves = Some("2026-09-30T00:00".parse().unwrap());
        let mut spec = RotationSpec { only, ..RotationSpec::new(format!("layer-{place}"), start, every.clone(), members) };
        // A rule has to occur at its start.
        while Rotation::new(spec.clone()).is_err() {
            spec.start += SignedDuration::from_hours(24);
        }
        Rotation::new(spec).unwrap()
    });
    Schedule::new(id(), "Primary", "America/New_York", rotations.collect()).unwrap()
}

fn overrides() -> Vec<Override> {
    let made = (0..100).map(|n: i64| {
        let from = at("2026-01-01T00:00:00Z") + SignedDuration::from_hours(n * 87);
        let number = usize::try_from(n).unwrap();
        let change = match n % 3 {
            0 => OverrideChange::ReplaceAll { by: vec![user(number % 50)] },
            1 => OverrideChange::Add { by: vec![user(number % 50)] },
            _ => OverrideChange::Remove { user: user(number % 50) },
        };
        Override::new(format!("o{n}"), id(), from, from + SignedDuration::from_hours(12), change, from).unwrap()
    });
    made.collect()
}

fn id() -> ScheduleId {
    ScheduleId::new("primary").unwrap()
}

fn user(n: usize) -> UserId {
    UserId::new(format!("user-{n}")).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

criterion_group!(benches, questions);
criterion_main!(benches);
