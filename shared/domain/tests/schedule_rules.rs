//! Rotations that turn by an RFC 5545 rule: the hand-offs are those of the `rrule` crate, and what is not supported is refused.

#![expect(clippy::unwrap_used, reason = "a test that can not make its values has failed")]

use hansho_domain::{Problems, Recurrence, Rotation, RotationSpec, Schedule, ScheduleId, Turn, UserId};
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use proptest::{
    prelude::*,
    test_runner::{Config, RngSeed},
};
use rrule::RRuleSet;

/// Most occurrences that are compared. The numbers of the turns are compared modulo the number of members.
const OCCURRENCES_MAX: u16 = 120;
const MEMBERS: usize = 97;

#[test]
fn hand_offs_are_the_occurrences_of_the_rule() {
    for (rule, start, expected) in [
        ("FREQ=WEEKLY;BYDAY=MO,TH", "2026-01-05T10:00", "2026-01-08 2026-01-12 2026-01-15"),
        ("FREQ=MONTHLY;BYDAY=2MO", "2026-01-12T10:00", "2026-02-09 2026-03-09 2026-04-13"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "2026-01-30T10:00", "2026-02-27 2026-03-27 2026-04-24"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31T10:00", "2026-02-28 2026-03-31 2026-04-30"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "2026-01-15T10:00", "2026-02-01 2026-02-15 2026-03-01"),
        // A month without a 31st is passed over, as the RFC says; `every: 1 month` would take its last day.
        ("FREQ=MONTHLY", "2026-01-31T10:00", "2026-03-31 2026-05-31 2026-07-31"),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "2026-02-13T10:00", "2026-03-13 2026-11-13 2027-08-13"),
        ("FREQ=YEARLY", "2028-02-29T10:00", "2032-02-29 2036-02-29 2040-02-29"),
        ("FREQ=YEARLY;BYDAY=20MO", "1997-05-19T09:00", "1998-05-18 1999-05-17 2000-05-15"),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=1TH", "2026-11-05T10:00", "2027-11-04 2028-11-02 2029-11-01"),
        ("FREQ=DAILY;INTERVAL=10", "2026-01-05T10:00", "2026-01-15 2026-01-25 2026-02-04"),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "2026-01-08T10:00", "2026-01-09 2026-01-12 2026-01-13"),
        // The two rules of RFC 5545, section 3.3.10, that show what WKST is for.
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO", "1997-08-05T09:00", "1997-08-10 1997-08-19 1997-08-24"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", "1997-08-05T09:00", "1997-08-17 1997-08-19 1997-08-31"),
        ("RRULE:freq=weekly;byday=mo;", "2026-01-05T10:00", "2026-01-12 2026-01-19 2026-01-26"),
    ] {
        let days: Vec<String> = hand_offs(rule, start, 3).iter().map(|at| at.strftime("%Y-%m-%d").to_string()).collect();
        assert_eq!(days.join(" "), expected, "{rule}");
    }
}

#[test]
fn weekdays_with_and_without_numbers_are_united() {
    let days: Vec<String> =
        hand_offs("FREQ=MONTHLY;BYDAY=MO,1TU", "2026-01-05T10:00", 6).iter().map(|at| at.strftime("%m-%d").to_string()).collect();
    assert_eq!(days, ["01-06", "01-12", "01-19", "01-26", "02-02", "02-03"]);
}

#[test]
fn after_the_last_occurrence_the_last_turn_goes_on() {
    for rule in ["FREQ=WEEKLY;COUNT=3", "FREQ=WEEKLY;UNTIL=20260119T100000", "FREQ=WEEKLY;UNTIL=20260119"] {
        let schedule = schedule(rule, "2026-01-05T10:00").unwrap();
        assert_eq!(hand_offs(rule, "2026-01-05T10:00", 9).len(), 2, "{rule}");
        assert_eq!(schedule.on_call_at(&[], at("2026-01-19T09:59:59Z")), [user(1)], "{rule}");
        for moment in ["2026-01-19T10:00:00Z", "2026-01-26T10:00:00Z", "2525-01-01T00:00:00Z"] {
            assert_eq!(schedule.on_call_at(&[], at(moment)), [user(2)], "{rule}");
            assert_eq!(schedule.next_change_after(&[], at(moment)), None, "{rule}");
        }
    }
    // UNTIL is before the hand-off of its day.
    assert_eq!(hand_offs("FREQ=WEEKLY;UNTIL=20260119T095959", "2026-01-05T10:00", 9).len(), 1);
}

#[test]
fn hand_offs_by_a_rule_stay_at_their_time_of_day_when_the_clock_changes() {
    let start = "2026-03-22T02:30".parse().unwrap();
    let weekly = RotationSpec::new("r", start, Turn::Rule("FREQ=WEEKLY".parse().unwrap()), [user(0), user(1)]);
    let schedule = Schedule::new(id(), "S", "Europe/Berlin", vec![Rotation::new(weekly).unwrap()]).unwrap();
    // 29 March has no 02:30.
    let first = schedule.next_change_after(&[], at("2026-03-22T01:30:00Z")).unwrap();
    assert_eq!(first, at("2026-03-29T01:30:00Z"));
    assert_eq!(schedule.next_change_after(&[], first), Some(at("2026-04-05T00:30:00Z")));
}

#[test]
fn whatever_the_rule_the_far_future_is_near() {
    // Nothing here may take long; the test would be noticed.
    for rule in [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3;BYMONTH=2",
        "FREQ=WEEKLY;BYDAY=MO,TH;BYMONTH=6",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=YEARLY;INTERVAL=1000",
        "FREQ=DAILY;COUNT=10000",
    ] {
        let start = if rule.contains("BYMONTH=6") { "2026-06-01T10:00" } else { "2026-02-27T10:00" };
        let schedule = schedule(rule, start).unwrap();
        for moment in ["9999-12-30T00:00:00Z", "2026-02-28T00:00:00Z"].map(at).into_iter().chain([Timestamp::MIN, Timestamp::MAX]) {
            let people = schedule.on_call_at(&[], moment).len();
            assert_eq!(people, usize::from(moment > at(&format!("{start}:00Z"))), "{rule} at {moment}");
            assert!(schedule.next_change_after(&[], moment).is_none_or(|next| next > moment), "{rule} after {moment}");
        }
    }
    let before_all_time =
        RotationSpec::new("r", "-009999-01-01T00:00".parse().unwrap(), Turn::Rule("FREQ=DAILY".parse().unwrap()), [user(0)]);
    assert!(Rotation::new(before_all_time).is_ok());
}

#[test]
fn start_that_is_no_occurrence_is_refused_with_the_first_one_after_it() {
    let problems = schedule("FREQ=WEEKLY;BYDAY=MO,TH", "2026-01-06T10:00").unwrap_err().to_string();
    assert_eq!(
        problems,
        "start: is on Tuesday 2026-01-06, on which the rule does not occur; start on 2026-01-08T10:00:00, its first occurrence after that"
    );
    assert!(schedule("FREQ=WEEKLY;BYDAY=MO,TH", "2026-01-08T10:00").is_ok());
}

#[test]
fn rule_that_never_occurs_is_refused() {
    for rule in [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTH=4,6,9,11;BYMONTHDAY=31",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-30",
        "FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=2MO",
        "FREQ=DAILY;UNTIL=20260104",
        "FREQ=DAILY;UNTIL=20260105T095959",
    ] {
        let problems = schedule(rule, "2026-01-05T10:00").unwrap_err().to_string();
        assert_eq!(problems, format!("rule: {rule} has no occurrence from 2026-01-05 on; mend the rule"));
    }
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    for (rule, part) in [
        ("FREQ=HOURLY", "FREQ=HOURLY is not supported"),
        ("FREQ=MINUTELY", "FREQ=MINUTELY is not supported"),
        ("FREQ=SECONDLY", "FREQ=SECONDLY is not supported"),
        ("FREQ=FORTNIGHTLY", "FREQ is \"FORTNIGHTLY\""),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1", "BYSETPOS is not supported"),
        ("FREQ=YEARLY;BYWEEKNO=20", "BYWEEKNO is not supported"),
        ("FREQ=YEARLY;BYYEARDAY=100", "BYYEARDAY is not supported"),
        ("FREQ=DAILY;BYHOUR=9", "BYHOUR is not supported"),
        ("FREQ=DAILY;BYMINUTE=30", "BYMINUTE is not supported"),
        ("FREQ=DAILY;BYSECOND=0", "BYSECOND is not supported"),
        ("FREQ=DAILY;RSCALE=HEBREW", "\"RSCALE\" is not known"),
        ("FREQ=DAILY;FREQ=WEEKLY", "FREQ stands in it twice"),
        ("BYDAY=MO", "has no FREQ"),
        ("", "is no part of a rule"),
        ("every monday", "is no part of a rule"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL is \"0\""),
        ("FREQ=DAILY;INTERVAL=1001", "INTERVAL is \"1001\""),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL is \"-1\""),
        ("FREQ=DAILY;COUNT=0", "COUNT is \"0\""),
        ("FREQ=DAILY;COUNT=1000000", "COUNT is \"1000000\""),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "has COUNT and UNTIL"),
        ("FREQ=DAILY;UNTIL=20271301", "UNTIL is \"20271301\""),
        ("FREQ=DAILY;UNTIL=20270101T000000Z", "in UTC"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH has \"13\""),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY has \"0\""),
        ("FREQ=MONTHLY;BYMONTHDAY=-32", "BYMONTHDAY has \"-32\""),
        ("FREQ=MONTHLY;BYMONTHDAY=-128", "BYMONTHDAY has \"-128\""),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "has BYMONTHDAY, which FREQ=WEEKLY can not have"),
        ("FREQ=WEEKLY;BYDAY=1MO", "numbers a weekday"),
        ("FREQ=MONTHLY;BYDAY=6MO", "weekday number 6 of a month"),
        ("FREQ=YEARLY;BYMONTH=1;BYDAY=-6MO", "weekday number -6 of a month"),
        ("FREQ=YEARLY;BYDAY=54MO", "BYDAY has \"54MO\""),
        ("FREQ=YEARLY;BYDAY=0MO", "BYDAY has \"0MO\""),
        ("FREQ=YEARLY;BYDAY=-128MO", "BYDAY has \"-128MO\""),
        ("FREQ=WEEKLY;BYDAY=", "BYDAY has \"\""),
        ("FREQ=WEEKLY;BYDAY=月", "BYDAY has \"月\""),
        ("FREQ=WEEKLY;WKST=XX", "WKST is \"XX\""),
    ] {
        let problem = rule.parse::<Recurrence>().unwrap_err().to_string();
        assert!(problem.contains(part), "{rule}: {problem}");
    }
    assert!("X".repeat(10_000).parse::<Recurrence>().unwrap_err().to_string().len() < 200);
}

#[test]
fn rule_is_kept_as_it_was_written_and_survives_storage() {
    let rule: Recurrence = "rrule:freq=monthly;byday=-1fr;wkst=su".parse().unwrap();
    assert_eq!(rule.to_string(), "FREQ=MONTHLY;BYDAY=-1FR;WKST=SU");
    let stored = serde_json::to_string(&rule).unwrap();
    assert_eq!(stored, "\"FREQ=MONTHLY;BYDAY=-1FR;WKST=SU\"");
    assert_eq!(serde_json::from_str::<Recurrence>(&stored).unwrap(), rule);
    assert!(serde_json::from_str::<Recurrence>("\"FREQ=HOURLY\"").is_err());
}

// Against another implementation.

fn rule() -> impl Strategy<Value = String> {
    let weekday = || prop::sample::select(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"]);
    let weekdays = || prop::collection::btree_set(weekday(), 1..4).prop_map(|days| joined(days.iter().map(ToString::to_string)));
    let numbered = |most: i8| {
        let one = ((1..=most), any::<bool>(), weekday()).prop_map(|(n, back, day)| format!("{}{n}{day}", if back { "-" } else { "" }));
        prop::collection::btree_set(one, 1..3).prop_map(joined)
    };
    let maybe = |key: &'static str, some: BoxedStrategy<String>| prop_oneof![2 => Just(String::new()), 1 => some.prop_map(move |value| format!(";{key}={value}"))];
    let months = || prop::collection::btree_set(1u8..=12, 1..5).prop_map(|m| joined(m.iter().map(ToString::to_string))).boxed();
    let month_days = || {
        let day = prop_oneof![1i8..=31, -31i8..=-1];
        prop::collection::btree_set(day, 1..4).prop_map(|d| joined(d.iter().map(ToString::to_string))).boxed()
    };
    let interval = || prop_oneof![3 => Just(1u16), 2 => 2u16..6, 1 => 6u16..40];
    let end = prop_oneof![
        3 => Just(String::new()),
        1 => (1u16..300).prop_map(|n| format!(";COUNT={n}")),
        1 => (2027i16..2040, 1i8..=12, 1i8..=28).prop_map(|(y, m, d)| format!(";UNTIL={y}{m:02}{d:02}T100000")),
    ];
    let body = prop_oneof![
        (maybe("BYDAY", weekdays().boxed()), maybe("BYMONTH", months()), maybe("BYMONTHDAY", month_days()))
            .prop_map(|(d, m, n)| format!("FREQ=DAILY{d}{m}{n}")),
        (maybe("BYDAY", weekdays().boxed()), maybe("BYMONTH", months()), weekday())
            .prop_map(|(d, m, w)| format!("FREQ=WEEKLY{d}{m};WKST={w}")),
        (maybe("BYDAY", prop_oneof![weekdays(), numbered(5)].boxed()), maybe("BYMONTH", months()), maybe("BYMONTHDAY", month_days()))
            .prop_map(|(d, m, n)| format!("FREQ=MONTHLY{d}{m}{n}")),
        (maybe("BYDAY", prop_oneof![weekdays(), numbered(5)].boxed()), months(), maybe("BYMONTHDAY", month_days()))
            .prop_map(|(d, m, n)| format!("FREQ=YEARLY{d};BYMONTH={m}{n}")),
        (maybe("BYDAY", prop_oneof![weekdays(), numbered(53)].boxed()), maybe("BYMONTHDAY", month_days()))
            .prop_map(|(d, n)| format!("FREQ=YEARLY{d}{n}")),
    ];
    (body, interval(), end).prop_map(|(body, interval, end)| format!("{body};INTERVAL={interval}{end}"))
}

proptest! {
    #![proptest_config(Config { cases: 250, rng_seed: RngSeed::Fixed(5545), failure_persistence: None, ..Config::default() })]

    #[test]
    fn hand_offs_are_those_of_the_rrule_crate(rule in rule(), day in 0i64..4_000, far in 0usize..1_000_000) {
        let earliest = at("2020-01-01T10:00:00Z") + SignedDuration::from_hours(24 * day);
        // The rule must occur at its start; the other crate says where it does.
        let endless = rule.split(";COUNT").next().unwrap().split(";UNTIL").next().unwrap();
        let Some(start) = occurrences(endless, earliest, 1).first().copied() else {
            // Its walk ends some time; ours goes on to the last year there is, so that only this can be said.
            return Ok(());
        };
        let expected = occurrences(&rule, start, OCCURRENCES_MAX);
        let start = start.strftime("%Y-%m-%dT%H:%M").to_string();
        if expected.is_empty() {
            prop_assert!(schedule(&rule, &start).is_err());
            return Ok(());
        }
        let schedule = schedule(&rule, &start).map_err(|problems| TestCaseError::fail(format!("{rule} {start}: {problems}")))?;
        // An event with this rule has the same days.
        let last = expected.last().unwrap().to_zoned(TimeZone::UTC).date();
        let event: Vec<_> = rule.parse::<Recurrence>().unwrap().days_of_event(start.parse().unwrap(), last).collect();
        prop_assert_eq!(event, expected.iter().map(|at| at.to_zoned(TimeZone::UTC).date()).collect::<Vec<_>>(), "{} from {}", rule, start);
        let limited = expected.len() == usize::from(OCCURRENCES_MAX);
        for (turn, hand_off) in expected.iter().enumerate() {
            prop_assert_eq!(schedule.on_call_at(&[], *hand_off), [user(turn % MEMBERS)], "{} from {}, at {}", rule, start, hand_off);
            let next = schedule.next_change_after(&[], *hand_off);
            match expected.get(turn + 1) {
                Some(next_one) => prop_assert_eq!(next, Some(*next_one), "{} from {}, after {}", rule, start, hand_off),
                // Where the other crate gives up (its rules end in 2262 at the latest), ours may go on.
                None => prop_assert!(limited || next.is_none_or(|next| next > at("2100-01-01T00:00:00Z")), "{} from {}: {:?}", rule, start, next),
            }
        }
        let place = far % expected.len();
        let before = expected[place] - SignedDuration::from_nanos(1);
        let people = schedule.on_call_at(&[], before);
        prop_assert_eq!(people, place.checked_sub(1).map(|turn| user(turn % MEMBERS)).into_iter().collect::<Vec<_>>());
    }
}

/// What the `rrule` crate says.
fn occurrences(rule: &str, start: Timestamp, most: u16) -> Vec<Timestamp> {
    // In its rules UNTIL is in UTC when the start is.
    let rule = if rule.contains("UNTIL") { format!("{rule}Z") } else { rule.to_owned() };
    let set: Result<RRuleSet, _> = format!("DTSTART:{}\nRRULE:{rule}", start.strftime("%Y%m%dT%H%M%SZ")).parse();
    set.map(|set| set.all(most).dates).unwrap_or_default().iter().map(|date| Timestamp::from_second(date.timestamp()).unwrap()).collect()
}

fn joined(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().collect::<Vec<_>>().join(",")
}

/// The first hand-offs after the start.
fn hand_offs(rule: &str, start: &str, most: usize) -> Vec<Timestamp> {
    let schedule = schedule(rule, start).unwrap();
    let first = at(&format!("{start}:00Z"));
    std::iter::successors(schedule.next_change_after(&[], first), |last| schedule.next_change_after(&[], *last)).take(most).collect()
}

fn schedule(rule: &str, start: &str) -> Result<Schedule, Problems> {
    let start: DateTime = start.parse().unwrap();
    let spec = RotationSpec::new("r", start, Turn::Rule(rule.parse().unwrap()), (0..MEMBERS).map(user));
    Ok(Schedule::new(id(), "S", "UTC", vec![Rotation::new(spec)?]).unwrap())
}

fn id() -> ScheduleId {
    ScheduleId::new("s").unwrap()
}

fn user(n: usize) -> UserId {
    UserId::new(format!("user-{n}")).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
