//! Support hours: windows, clock changes and holidays.

#![expect(clippy::unwrap_used, reason = "a test that can not make its values has failed")]

use std::collections::BTreeMap;

use hansho_domain::{Calendar, CalendarDays, CalendarId, HoursId, MonthDay, Restriction, SupportHours, WeekTime, Weekdays, YearlySpan};
use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, Time, Weekday, date},
    tz::{TimeZone, TimeZoneDatabase},
};
use proptest::{prelude::*, sample::select};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn time(text: &str) -> Time {
    Time::strptime("%H:%M", text).unwrap()
}

fn window(days: Weekdays, from: &str, to: &str) -> Restriction {
    Restriction::TimeOfDay { from: time(from), to: time(to), days }
}

fn weekdays() -> Weekdays {
    [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday].into_iter().collect()
}

fn hours(zone: &str, windows: Vec<Restriction>, holidays: Vec<Calendar>) -> SupportHours {
    SupportHours::new(HoursId::new("office").unwrap(), zone, windows, holidays).unwrap()
}

fn yearly(from: &str, to: &str) -> YearlySpan {
    YearlySpan { from: from.parse().unwrap(), to: to.parse().unwrap(), name: "年末年始".to_owned() }
}

fn company() -> Calendar {
    let mut days = CalendarDays { yearly: vec![yearly("12-29", "01-03")], ..CalendarDays::default() };
    days.include(Calendar::japan().days());
    days.dates.insert(date(2026, 6, 1), "創立記念日".to_owned());
    Calendar::new(CalendarId::new("company").unwrap(), days).unwrap()
}

fn tokyo() -> SupportHours {
    hours("Asia/Tokyo", vec![window(weekdays(), "09:00", "12:00"), window(weekdays(), "13:00", "18:00")], vec![company()])
}

#[test]
fn hours_have_several_windows_a_day_on_some_days_and_none_on_holidays() {
    let hours = tokyo();
    for (moment, inside) in [
        ("2026-11-26T08:59:59+09:00", false),
        ("2026-11-26T09:00:00+09:00", true),
        ("2026-11-26T11:59:59+09:00", true),
        ("2026-11-26T12:00:00+09:00", false),
        ("2026-11-26T13:00:00+09:00", true),
        ("2026-11-26T18:00:00+09:00", false),
        ("2026-11-28T10:00:00+09:00", false), // Saturday
        ("2026-11-23T10:00:00+09:00", false), // 勤労感謝の日
        ("2026-09-22T10:00:00+09:00", false), // between two holidays
        ("2026-06-01T10:00:00+09:00", false), // the company's own
        ("2026-12-28T10:00:00+09:00", true),
        ("2026-12-29T10:00:00+09:00", false),
        ("2027-01-04T10:00:00+09:00", true),
    ] {
        assert_eq!(hours.is_inside(at(moment)), inside, "{moment}");
    }
}

#[test]
fn next_start_passes_over_the_weekend_and_the_holidays() {
    let hours = tokyo();
    for (after, start) in [
        ("2026-11-26T10:00:00+09:00", "2026-11-26T13:00:00+09:00"),
        ("2026-11-26T13:00:00+09:00", "2026-11-27T09:00:00+09:00"),
        // The Saturday before the five days off in September 2026: Monday, Tuesday and Wednesday are holidays.
        ("2026-09-19T23:00:00+09:00", "2026-09-24T09:00:00+09:00"),
        ("2026-12-28T18:00:00+09:00", "2027-01-04T09:00:00+09:00"),
    ] {
        assert_eq!(hours.next_start_after(at(after)), Some(at(start)), "{after}");
    }
    assert_eq!(hours.next_end_after(at("2026-12-28T17:00:00+09:00")), Some(at("2026-12-28T18:00:00+09:00")));
    assert_eq!(hours.next_end_after(at("2026-12-28T18:00:00+09:00")), Some(at("2027-01-04T12:00:00+09:00")));
}

#[test]
fn windows_that_meet_are_one_stretch_and_hours_around_the_clock_never_begin() {
    let hours = hours("UTC", vec![window(Weekdays::ALL, "09:00", "12:00"), window(Weekdays::ALL, "12:00", "18:00")], vec![]);
    assert_eq!(hours.next_start_after(at("2026-11-26T10:00:00Z")), Some(at("2026-11-27T09:00:00Z")));
    assert_eq!(hours.next_end_after(at("2026-11-26T10:00:00Z")), Some(at("2026-11-26T18:00:00Z")));
    let always = around_the_clock();
    assert!(always.is_inside(at("2026-11-26T00:00:00Z")));
    assert_eq!((always.next_start_after(at("2026-11-26T00:00:00Z")), always.next_end_after(at("2026-11-26T00:00:00Z"))), (None, None));
}

fn around_the_clock() -> SupportHours {
    hours("UTC", vec![window(Weekdays::ALL, "00:00", "00:00")], vec![])
}

#[test]
fn night_before_a_holiday_ends_at_midnight() {
    let nights = hours("Asia/Tokyo", vec![window(Weekdays::ALL, "22:00", "06:00")], vec![Calendar::japan()]);
    assert!(nights.is_inside(at("2026-11-22T23:59:59+09:00")));
    assert!(!nights.is_inside(at("2026-11-23T00:00:00+09:00")), "the holiday begins");
    assert!(!nights.is_inside(at("2026-11-23T23:00:00+09:00")));
    assert!(nights.is_inside(at("2026-11-24T00:00:00+09:00")), "the night of the holiday goes on when the holiday is over");
    assert_eq!(nights.next_start_after(at("2026-11-23T00:00:00+09:00")), Some(at("2026-11-24T00:00:00+09:00")));
}

#[test]
fn impossible_hours_are_refused_with_a_sentence() {
    let id = || HoursId::new("office").unwrap();
    let refused = |zone: &str, windows| SupportHours::new(id(), zone, windows, vec![]).unwrap_err().to_string();
    let nine = || window(Weekdays::ALL, "09:00", "18:00");
    assert!(refused("Asia/Tokio", vec![nine()]).contains("did you mean Asia/Tokyo"));
    assert!(refused("UTC", vec![]).starts_with("windows: is empty"));
    assert!(refused("UTC", vec![nine(); 29]).contains("28 are the most"));
    assert!(refused("UTC", vec![window(Weekdays::NONE, "09:00", "18:00")]).starts_with("windows[0].days: is empty"));
    assert!(SupportHours::new(id(), "UTC", vec![nine()], vec![Calendar::japan(); 21]).unwrap_err().to_string().contains("20 are the most"));
}

#[test]
fn calendars_add_up_and_say_when_they_run_out() {
    let company = company();
    assert_eq!(company.holiday(date(2026, 6, 1)), Some("創立記念日"));
    assert_eq!(company.holiday(date(2031, 12, 31)), Some("年末年始"));
    assert_eq!(company.holiday(date(2027, 1, 1)), Some("元日"), "a national holiday's name wins over that of a span");
    assert_eq!((company.holiday(date(2027, 1, 4)), company.runs_out_on()), (None, None));
    let dates: BTreeMap<Date, String> = [(date(2026, 6, 1), "x".repeat(500)), (date(2027, 6, 1), String::new())].into();
    let dated = Calendar::new(CalendarId::new("dated").unwrap(), CalendarDays { dates, ..CalendarDays::default() }).unwrap();
    assert_eq!((dated.runs_out_on(), dated.holiday(date(2026, 6, 1)).unwrap().len()), (Some(date(2027, 6, 1)), 60));
    assert!(Calendar::new(CalendarId::new("empty").unwrap(), CalendarDays::default()).is_err());
}

#[test]
fn day_of_any_year_is_month_and_day() {
    assert_eq!("02-29".parse::<MonthDay>().unwrap().to_string(), "02-29");
    for wrong in ["2-9", "02-30", "13-01", "0229", "", "2026-02-01", "00-01"] {
        assert!(wrong.parse::<MonthDay>().is_err(), "{wrong}");
    }
    let leap = YearlySpan { from: "02-29".parse().unwrap(), to: "02-29".parse().unwrap(), name: String::new() };
    let calendar = Calendar::new(CalendarId::new("leap").unwrap(), CalendarDays { yearly: vec![leap], ..CalendarDays::default() }).unwrap();
    assert!(calendar.contains(date(2028, 2, 29)) && !calendar.contains(date(2027, 3, 1)) && !calendar.contains(date(2027, 2, 28)));
}

#[test]
fn hours_that_are_stored_are_read_unchanged() {
    let hours = tokyo();
    let stored = serde_json::to_string(&hours).unwrap();
    assert_eq!(serde_json::from_str::<SupportHours>(&stored).unwrap(), hours, "{stored}");
    assert!(stored.len() < 2_000, "a bundle holds it: {stored}");
}

/// Every zone that has a transition between 2020 and 2030, with its first two.
fn transitions() -> Vec<(String, Timestamp)> {
    let until = at("2030-01-01T00:00:00Z");
    let of =
        |zone: &TimeZone| zone.following(at("2020-01-01T00:00:00Z")).map(|t| t.timestamp()).take_while(|t| *t < until).take(2).collect();
    let mut zones = Vec::new();
    for name in TimeZoneDatabase::bundled().available() {
        let Ok(zone) = TimeZoneDatabase::bundled().get(name.as_str()) else { continue };
        let all: Vec<Timestamp> = of(&zone);
        zones.extend(all.into_iter().map(|transition| (name.to_string(), transition)));
    }
    assert!(zones.len() > 200, "only {} transitions", zones.len());
    zones
}

/// Hours as a person would look them up: every window of the days around, written down one by one.
fn naive_windows(zone: &TimeZone, windows: &[Restriction], around: Date) -> Vec<(Timestamp, Timestamp)> {
    let begins = |day: Date, time: Time| zone.to_ambiguous_timestamp(day.to_datetime(time)).compatible().unwrap();
    let mut written = Vec::new();
    for day in (-12..=5_i32).map(|offset| around.checked_add(offset.days()).unwrap()) {
        for window in windows {
            match window {
                Restriction::TimeOfDay { from, to, days } if days.contains(day.weekday()) => {
                    let last = if to <= from { day.tomorrow().unwrap() } else { day };
                    written.push((begins(day, *from), begins(last, *to)));
                }
                Restriction::TimeOfWeek { from, to } if day.weekday() == from.day => {
                    let days = i32::from(to.day.since(from.day));
                    let days = if days == 0 && to.time <= from.time { 7 } else { days };
                    written.push((begins(day, from.time), begins(day.checked_add(days.days()).unwrap(), to.time)));
                }
                Restriction::TimeOfDay { .. } | Restriction::TimeOfWeek { .. } => {}
            }
        }
    }
    written
}

fn any_time() -> impl Strategy<Value = Time> {
    (0..24_i8, select(vec![0_i8, 0, 30, 59])).prop_map(|(hour, minute)| Time::constant(hour, minute, 0, 0))
}

fn any_weekday() -> impl Strategy<Value = Weekday> {
    (0..7_i8).prop_map(|n| Weekday::from_monday_zero_offset(n).unwrap())
}

fn any_window() -> impl Strategy<Value = Restriction> {
    let days = prop::collection::vec(any_weekday(), 1..7).prop_map(Weekdays::from_iter);
    prop_oneof![
        4 => (any_time(), any_time(), days).prop_map(|(from, to, days)| Restriction::TimeOfDay { from, to, days }),
        1 => (any_weekday(), any_time(), any_weekday(), any_time()).prop_map(|(from_day, from, to_day, to)| {
            Restriction::TimeOfWeek { from: WeekTime { day: from_day, time: from }, to: WeekTime { day: to_day, time: to } }
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Around a transition of every zone, minute by minute for three days; starts and ends are where the naive answer turns.
    #[test]
    fn hours_equal_a_naive_oracle_around_the_clock_changes_of_every_zone(
        windows in prop::collection::vec(any_window(), 1..4),
        closed in prop::collection::btree_set(-1..3_i32, 0..2),
        which in prop::collection::vec(any::<prop::sample::Index>(), 4),
    ) {
        let zones = transitions();
        for (name, transition) in which.iter().map(|which| which.get(&zones)) {
            let zone = TimeZone::get(name).unwrap();
            let today = zone.to_datetime(*transition).date();
            let holidays: Vec<Date> = closed.iter().map(|offset| today.checked_add(offset.days()).unwrap()).collect();
            let dates = holidays.iter().map(|day| (*day, String::new())).collect();
            let calendar = Calendar::new(CalendarId::new("closed").unwrap(), CalendarDays { dates, ..CalendarDays::default() });
            let hours = SupportHours::new(HoursId::new("office").unwrap(), name, windows.clone(), calendar.into_iter().collect()).unwrap();
            let start = *transition - SignedDuration::from_hours(36);
            let start = start - SignedDuration::from_secs(start.as_second().rem_euclid(60));
            let written = naive_windows(&zone, &windows, today);
            let naively_inside = |moment: Timestamp| {
                !holidays.contains(&zone.to_datetime(moment).date()) && written.iter().any(|(from, to)| *from <= moment && moment < *to)
            };
            let minutes: Vec<(Timestamp, bool)> = (0..72 * 60)
                .map(|minute| start + SignedDuration::from_mins(minute))
                .map(|moment| (moment, naively_inside(moment)))
                .collect();
            for (moment, inside) in minutes.iter().step_by(7) {
                prop_assert_eq!(hours.is_inside(*moment), *inside, "{} at {}", name, moment);
            }
            for turn in [true, false] {
                let turns = minutes.windows(2).filter(|pair| pair[0].1 != turn && pair[1].1 == turn).map(|pair| pair[1].0);
                let mut after = start;
                for expected in turns {
                    let next = if turn { hours.next_start_after(after) } else { hours.next_end_after(after) };
                    prop_assert_eq!(next, Some(expected), "{}: {} after {}", name, if turn { "start" } else { "end" }, after);
                    after = expected;
                }
            }
        }
    }
}
