//! Allowances against an independent calculation: minute by minute, on the wall clock.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use std::collections::{BTreeMap, BTreeSet};

use hansho_domain::{
    AllowanceClass, AllowanceReport, AllowanceRules, AnsweredPage, ClassDays, Directory, Override, OverrideChange, ReportPeriod, Rotation,
    RotationSpec, Schedule, Turn, UserId, Weekdays, WorkedStretch,
};
use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, Weekday, date, datetime, time},
    tz::TimeZone,
};

fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

fn schedule(id: &str, zone: &str, hour: i8, members: [&str; 3]) -> Schedule {
    let members = members.map(user);
    let day = RotationSpec::new("days", datetime(2026, 1, 1, hour, 0, 0, 0), Turn::Days(1), members.clone());
    let long = RotationSpec::new("long", datetime(2026, 1, 1, hour, 30, 0, 0), Turn::Hours(31), [Some(members[2].clone()), None]);
    let long = RotationSpec {
        only: vec![hansho_domain::Restriction::TimeOfDay { from: time(23, 10, 0, 0), to: time(3, 20, 0, 0), days: Weekdays::ALL }],
        ..long
    };
    Schedule::new(id.parse().unwrap(), id, zone, vec![Rotation::new(day).unwrap(), Rotation::new(long).unwrap()]).unwrap()
}

fn holidays() -> BTreeSet<Date> {
    BTreeSet::from([date(2026, 1, 1), date(2026, 3, 20), date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 3), date(2026, 12, 31)])
}

fn rules() -> AllowanceRules {
    AllowanceRules { holidays: holidays(), ..AllowanceRules::default() }
}

/// What a minute is called, written down once more without the code under test.
fn class_of(at: Timestamp, zone: &TimeZone) -> &'static str {
    let clock = zone.to_datetime(at);
    if clock.hour() >= 22 || clock.hour() < 5 {
        "night"
    } else if holidays().contains(&clock.date()) {
        "holiday"
    } else if matches!(clock.weekday(), Weekday::Saturday | Weekday::Sunday) {
        "weekend"
    } else {
        "weekday"
    }
}

#[test]
fn the_report_of_every_month_of_a_year_equals_a_calculation_minute_by_minute() {
    // Two on one zone with a clock change, and one whose clock is put forward by half an hour.
    let schedules = [
        schedule("london", "Europe/London", 9, ["aiko", "ben", "chie"]),
        schedule("second", "Europe/London", 14, ["ben", "chie", "dan"]),
        schedule("lord-howe", "Australia/Lord_Howe", 1, ["dan", "emi", "aiko"]),
    ];
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let (from, until) = (at("2025-12-30T00:00:00Z"), at("2027-01-02T00:00:00Z"));
    let cover = |id: &str, begin: &str, end: &str, change| {
        Override::new(id.to_owned(), "london".parse().unwrap(), at(begin), at(end), change, at("2026-01-01T00:00:00Z")).unwrap()
    };
    let overrides = [
        cover("o1", "2026-03-28T12:17:00Z", "2026-03-29T04:03:00Z", OverrideChange::ReplaceAll { by: vec![user("emi"), user("dan")] }),
        cover("o2", "2026-10-24T20:00:00Z", "2026-10-26T20:00:00Z", OverrideChange::Nobody),
    ];
    let rules = rules();
    let stretches: Vec<(WorkedStretch, &AllowanceRules)> =
        schedules.iter().map(|schedule| (WorkedStretch::new(schedule, &Directory::default(), &overrides, from, until), &rules)).collect();
    let pages: Vec<AnsweredPage> = (0..400)
        .map(|number| AnsweredPage {
            at: from + SignedDuration::from_mins(1_301 * number),
            user: user(["aiko", "ben", "dan"][number as usize % 3]),
        })
        .collect();
    for month in 1..=12 {
        let month = date(2026, month, 1);
        let report = AllowanceReport::new(&ReportPeriod { month, zone: None, now: until }, &stretches, &pages);
        let expected = minute_by_minute(&schedules, &overrides, month, &pages);
        let told: BTreeMap<(String, String), (u64, u32)> = report
            .by_schedule
            .iter()
            .chain(&report.people)
            .flat_map(|line| {
                let key =
                    |class: &str| (format!("{}/{}", line.user, line.schedule.as_ref().map_or("", |id| id.as_str())), class.to_owned());
                let classes =
                    report.classes.iter().zip(&line.seconds).map(|(class, seconds)| (key(class), (*seconds, 0))).collect::<Vec<_>>();
                classes.into_iter().chain([(key("pages"), (0, line.pages_answered))])
            })
            .filter(|(_, counts)| *counts != (0, 0))
            .collect();
        assert_eq!(told, expected, "{month}");
        assert!(told.len() > 20, "{month}: {}", told.len());
    }
}

fn minute_by_minute(
    schedules: &[Schedule],
    overrides: &[Override],
    month: Date,
    pages: &[AnsweredPage],
) -> BTreeMap<(String, String), (u64, u32)> {
    let mut sums: BTreeMap<(String, String), (u64, u32)> = BTreeMap::new();
    let answered: BTreeMap<(Timestamp, &UserId), u32> = pages.iter().map(|page| ((page.at, &page.user), 1)).collect();
    // All of it on every clock, and two days around.
    let begin = month.to_zoned(TimeZone::UTC).unwrap().timestamp() - SignedDuration::from_hours(48);
    let next = month.checked_add(1.month()).unwrap();
    let end = next.to_zoned(TimeZone::UTC).unwrap().timestamp() + SignedDuration::from_hours(48);
    let zones: Vec<TimeZone> = schedules.iter().map(|schedule| TimeZone::get(schedule.time_zone()).unwrap()).collect();
    let mut at = begin;
    while at < end {
        let mut seen = BTreeSet::new();
        let mut by_name: Vec<(&Schedule, &TimeZone)> = schedules.iter().zip(&zones).collect();
        by_name.sort_by_key(|(schedule, _)| schedule.id());
        for (schedule, zone) in by_name {
            let clock = zone.to_datetime(at);
            if clock.date().first_of_month() != month {
                continue;
            }
            let class = class_of(at, zone);
            for person in schedule.on_call_at(overrides, at) {
                sums.entry((format!("{person}/{}", schedule.id()), class.to_owned())).or_default().0 += 60;
                if seen.insert(person.clone()) {
                    // Someone on call in two schedules at once: the classes of both may differ, the hours count once.
                    sums.entry((format!("{person}/"), class.to_owned())).or_default().0 += 60;
                }
                if let Some(count) = answered.get(&(at, &person)) {
                    sums.entry((format!("{person}/{}", schedule.id()), "pages".to_owned())).or_default().1 += count;
                }
            }
        }
        for person in seen {
            if let Some(count) = answered.get(&(at, &person)) {
                sums.entry((format!("{person}/"), "pages".to_owned())).or_default().1 += count;
            }
        }
        at += SignedDuration::from_mins(1);
    }
    sums
}

#[test]
fn classes_are_asked_in_their_order_and_the_last_one_takes_the_rest() {
    let class = |name: &str, days, within| AllowanceClass { name: name.to_owned(), days, within };
    let friday = ClassDays::Weekdays(Weekdays::from_iter([Weekday::Friday]));
    let own = AllowanceRules::new(
        vec![class("friday evening", friday, Some((time(18, 0, 0, 0), time(23, 0, 0, 0)))), class("other", ClassDays::All, None)],
        BTreeSet::new(),
    )
    .unwrap();
    let zone = TimeZone::get("Asia/Tokyo").unwrap();
    let at = |text: &str| text.parse().unwrap();
    assert_eq!(own.seconds(&zone, at("2026-11-20T16:00:00+09:00"), at("2026-11-22T16:00:00+09:00")), [5 * 3_600, 43 * 3_600]);
    let refused = |classes| AllowanceRules::new(classes, BTreeSet::new()).unwrap_err().to_string();
    assert!(refused(vec![]).contains("must end with a class that fits every moment"));
    assert!(refused(vec![class("holiday", ClassDays::Holidays, None)]).contains("must end with a class that fits every moment"));
    assert!(refused(vec![class("a", ClassDays::All, None), class("a", ClassDays::All, None)]).contains("another class too"));
}

#[test]
fn the_night_of_a_clock_change_has_its_elapsed_hours() {
    let zone = TimeZone::get("Europe/London").unwrap();
    let at = |text: &str| text.parse().unwrap();
    let night = |from: &str, until: &str| rules().seconds(&zone, at(from), at(until))[0] / 3_600;
    assert_eq!(night("2026-03-28T22:00:00Z", "2026-03-29T04:00:00Z"), 6, "put forward");
    assert_eq!(night("2026-10-24T21:00:00Z", "2026-10-25T05:00:00Z"), 8, "put back");
    assert_eq!(night("2026-11-20T22:00:00Z", "2026-11-21T05:00:00Z"), 7);
}
