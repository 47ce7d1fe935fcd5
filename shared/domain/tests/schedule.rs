//! Who is on call when: hand-offs on the wall clock and by elapsed hours, layers, overrides.
//!
//! A table row is a moment and who is on call from then on; the moment itself belongs to the new shift, so most tables
//! also ask a second earlier.

#![expect(clippy::unwrap_used, reason = "a test that can not make its values has failed")]

use std::collections::BTreeSet;

use hansho_domain::{FieldError, Override, OverrideChange, Problems, Rotation, RotationSpec, Schedule, ScheduleId, Turn, UserId};
use jiff::{
    SignedDuration, Timestamp,
    civil::DateTime,
    tz::{Offset, TimeZone, TimeZoneDatabase},
};
use proptest::prelude::*;

// Hand-offs on the wall clock.

#[test]
fn weekly_hand_off_in_tokyo_is_at_ten_in_the_morning_every_monday() {
    let schedule = schedule("Asia/Tokyo", [rotation("2026-01-05T10:00", Turn::Weeks(1), "aiko ben chie")]);
    expect(
        &schedule,
        &[],
        &[
            ("2026-01-05T01:00:00Z", "aiko"),
            ("2026-01-12T00:59:59Z", "aiko"),
            ("2026-01-12T01:00:00Z", "ben"),
            ("2026-01-19T00:59:59.999999999Z", "ben"),
            ("2026-01-19T01:00:00Z", "chie"),
            ("2026-01-26T01:00:00Z", "aiko"),
            ("2026-12-28T00:59:59Z", "chie"),
            ("2026-12-28T01:00:00Z", "aiko"),
        ],
    );
}

#[test]
fn two_weeks_and_three_days_are_turns_too() {
    let fortnight = schedule("Asia/Tokyo", [rotation("2026-01-05T10:00", Turn::Weeks(2), "aiko ben")]);
    assert_eq!(changes(&fortnight, &[], "2026-01-05T01:00:00Z", 2), ["2026-01-19T01:00:00Z ben", "2026-02-02T01:00:00Z aiko"]);
    let three_days = schedule("Asia/Tokyo", [rotation("2026-01-05T10:00", Turn::Days(3), "aiko ben")]);
    assert_eq!(changes(&three_days, &[], "2026-01-05T01:00:00Z", 2), ["2026-01-08T01:00:00Z ben", "2026-01-11T01:00:00Z aiko"]);
}

#[test]
fn leap_day_is_a_day_like_any_other() {
    let schedule = schedule("UTC", [rotation("2028-02-27T00:00", Turn::Days(1), "aiko ben chie")]);
    expect(&schedule, &[], &[("2028-02-28T00:00:00Z", "ben"), ("2028-02-29T00:00:00Z", "chie"), ("2028-03-01T00:00:00Z", "aiko")]);
}

#[test]
fn hand_off_at_half_past_two_in_new_york_moves_forward_with_the_clock_in_spring() {
    // 8 March 2026 has no 02:30; the hand-off is at 03:30 daylight time, and the shift after it lasts 23 hours.
    let schedule = schedule("America/New_York", [rotation("2026-03-06T02:30", Turn::Days(1), "aiko ben chie")]);
    expect(
        &schedule,
        &[],
        &[
            ("2026-03-08T07:29:59Z", "ben"),
            ("2026-03-08T07:30:00Z", "chie"),
            ("2026-03-09T06:29:59Z", "chie"),
            ("2026-03-09T06:30:00Z", "aiko"),
        ],
    );
}

#[test]
fn hand_off_at_half_past_two_in_new_york_ends_a_shift_of_25_hours_in_autumn() {
    let schedule = schedule("America/New_York", [rotation("2026-10-30T02:30", Turn::Days(1), "aiko ben chie")]);
    assert_eq!(
        changes(&schedule, &[], "2026-10-30T06:30:00Z", 3),
        ["2026-10-31T06:30:00Z ben", "2026-11-01T07:30:00Z chie", "2026-11-02T07:30:00Z aiko",]
    );
}

#[test]
fn hand_off_that_occurs_twice_is_at_the_first_occurrence() {
    // 01:30 on 1 November 2026 in New York is 05:30 UTC and again 06:30 UTC.
    let schedule = schedule("America/New_York", [rotation("2026-10-31T01:30", Turn::Days(1), "aiko ben chie")]);
    expect(
        &schedule,
        &[],
        &[
            ("2026-11-01T05:29:59Z", "aiko"),
            ("2026-11-01T05:30:00Z", "ben"),
            // The clock shows 01:15 again, before the time of day of the hand-off, and it is still ben.
            ("2026-11-01T06:15:00Z", "ben"),
            ("2026-11-01T06:30:00Z", "ben"),
            ("2026-11-02T06:29:59Z", "ben"),
            ("2026-11-02T06:30:00Z", "chie"),
        ],
    );
}

#[test]
fn rotation_that_starts_in_the_gap_starts_after_it_and_keeps_its_time_of_day() {
    let schedule = schedule("America/New_York", [rotation("2026-03-08T02:30", Turn::Days(1), "aiko ben")]);
    assert_eq!(changes(&schedule, &[], "2026-03-08T07:29:59Z", 2), ["2026-03-08T07:30:00Z aiko", "2026-03-09T06:30:00Z ben"]);
}

#[test]
fn weekly_hand_off_in_london_follows_summer_time() {
    let schedule = schedule("Europe/London", [rotation("2026-03-22T01:30", Turn::Weeks(1), "aiko ben")]);
    // 29 March has no 01:30, 25 October has two.
    assert_eq!(changes(&schedule, &[], "2026-03-22T01:30:00Z", 2), ["2026-03-29T01:30:00Z ben", "2026-04-05T00:30:00Z aiko"]);
    assert_eq!(changes(&schedule, &[], "2026-10-24T00:00:00Z", 2), ["2026-10-25T00:30:00Z ben", "2026-11-01T01:30:00Z aiko"]);
}

#[test]
fn lord_howe_puts_its_clock_forward_by_half_an_hour() {
    // 02:15 on 4 October 2026 is 02:45 there, at +11.
    let spring = schedule("Australia/Lord_Howe", [rotation("2026-10-03T02:15", Turn::Days(1), "aiko ben chie")]);
    assert_eq!(changes(&spring, &[], "2026-10-02T15:45:00Z", 2), ["2026-10-03T15:45:00Z ben", "2026-10-04T15:15:00Z chie"]);
    // 01:45 on 5 April 2026 occurs twice, half an hour apart; that shift lasts 24 and a half hours.
    let autumn = schedule("Australia/Lord_Howe", [rotation("2026-04-04T01:45", Turn::Days(1), "aiko ben chie")]);
    assert_eq!(changes(&autumn, &[], "2026-04-03T14:45:00Z", 2), ["2026-04-04T14:45:00Z ben", "2026-04-05T15:15:00Z chie"]);
}

#[test]
fn day_that_a_country_left_out_has_no_shift() {
    // Samoa crossed the date line: 30 December 2011 does not exist there, and chie's day with it.
    let schedule = schedule("Pacific/Apia", [rotation("2011-12-28T10:00", Turn::Days(1), "aiko ben chie dai")]);
    expect(
        &schedule,
        &[],
        &[
            ("2011-12-29T20:00:00Z", "ben"),
            ("2011-12-30T12:00:00Z", "ben"),
            ("2011-12-30T19:59:59Z", "ben"),
            ("2011-12-30T20:00:00Z", "dai"),
            ("2011-12-31T20:00:00Z", "aiko"),
        ],
    );
    assert_eq!(changes(&schedule, &[], "2011-12-30T12:00:00Z", 2), ["2011-12-30T20:00:00Z dai", "2011-12-31T20:00:00Z aiko"]);
}

#[test]
fn hand_off_at_midnight_is_not_taken_back_when_the_clock_shows_yesterday_again() {
    // St John's put its clock back from 00:01 to 23:01 on 7 November 2010, a minute after the hand-off.
    let schedule = schedule("America/St_Johns", [rotation("2010-11-06T00:00", Turn::Days(1), "aiko ben chie")]);
    expect(
        &schedule,
        &[],
        &[
            ("2010-11-07T02:29:59Z", "aiko"),
            ("2010-11-07T02:30:00Z", "ben"),
            ("2010-11-07T03:00:00Z", "ben"),
            ("2010-11-07T03:30:00Z", "ben"),
            ("2010-11-08T03:30:00Z", "chie"),
        ],
    );
    // A rotation that starts at that midnight has started.
    let started = self::schedule("America/St_Johns", [rotation("2010-11-07T00:00", Turn::Days(1), "aiko ben")]);
    expect(&started, &[], &[("2010-11-07T02:29:59Z", ""), ("2010-11-07T03:00:00Z", "aiko")]);
}

// Turns counted in hours.

#[test]
fn twelve_hours_are_elapsed_hours_when_the_clock_changes() {
    // From 20:00 in New York over the night of 8 March 2026 twelve hours end at 09:00, not 08:00.
    let spring = schedule("America/New_York", [rotation("2026-03-07T20:00", Turn::Hours(12), "aiko ben")]);
    assert_eq!(changes(&spring, &[], "2026-03-08T01:00:00Z", 2), ["2026-03-08T13:00:00Z ben", "2026-03-09T01:00:00Z aiko"]);
    let autumn = schedule("America/New_York", [rotation("2026-10-31T20:00", Turn::Hours(12), "aiko ben")]);
    assert_eq!(changes(&autumn, &[], "2026-11-01T00:00:00Z", 2), ["2026-11-01T12:00:00Z ben", "2026-11-02T00:00:00Z aiko"]);
}

#[test]
fn turn_of_hours_owns_its_start_and_not_its_end() {
    let schedule = schedule("Asia/Tokyo", [rotation("2026-01-05T10:00", Turn::Hours(8), "aiko ben chie")]);
    expect(
        &schedule,
        &[],
        &[
            ("2026-01-05T00:59:59.5Z", ""),
            ("2026-01-05T01:00:00Z", "aiko"),
            ("2026-01-05T08:59:59.999999999Z", "aiko"),
            ("2026-01-05T09:00:00Z", "ben"),
        ],
    );
}

// Starts, nobody, layers.

#[test]
fn before_the_start_nobody_is_on_call_and_the_start_is_the_next_change() {
    for every in [Turn::Hours(12), Turn::Days(1), Turn::Weeks(1), Turn::Months(1), rule("FREQ=WEEKLY")] {
        let schedule = schedule("Asia/Tokyo", [rotation("2026-01-05T10:00", every, "aiko ben")]);
        expect(
            &schedule,
            &[],
            &[("1969-07-20T20:17:00Z", ""), ("2026-01-04T23:00:00Z", ""), ("2026-01-05T00:59:59Z", ""), ("2026-01-05T01:00:00Z", "aiko")],
        );
        assert_eq!(changes(&schedule, &[], "2019-01-01T00:00:00Z", 1), ["2026-01-05T01:00:00Z aiko"]);
    }
}

#[test]
fn nobody_is_a_slot_of_its_own() {
    let schedule = schedule("Asia/Tokyo", [rotation("2026-01-05T10:00", Turn::Days(1), "aiko - ben")]);
    assert_eq!(
        changes(&schedule, &[], "2026-01-05T01:00:00Z", 3),
        ["2026-01-06T01:00:00Z ", "2026-01-07T01:00:00Z ben", "2026-01-08T01:00:00Z aiko"]
    );
}

#[test]
fn last_layer_that_has_started_wins() {
    let schedule = schedule(
        "UTC",
        [
            rotation("2026-01-01T00:00", Turn::Days(1), "aiko"),
            rotation("2026-01-10T00:00", Turn::Days(1), "ben"),
            rotation("2026-01-05T00:00", Turn::Days(1), "chie"),
        ],
    );
    expect(
        &schedule,
        &[],
        &[
            ("2026-01-04T23:59:59Z", "aiko"),
            ("2026-01-05T00:00:00Z", "chie"),
            // The second layer starts later, but chie's lies above it.
            ("2026-01-10T00:00:00Z", "chie"),
        ],
    );
}

#[test]
fn slot_of_nobody_hides_the_layers_below() {
    let schedule =
        schedule("UTC", [rotation("2026-01-01T00:00", Turn::Weeks(1), "aiko"), rotation("2026-01-05T00:00", Turn::Days(1), "- ben")]);
    expect(
        &schedule,
        &[],
        &[("2026-01-04T00:00:00Z", "aiko"), ("2026-01-05T00:00:00Z", ""), ("2026-01-06T00:00:00Z", "ben"), ("2026-01-07T00:00:00Z", "")],
    );
}

#[test]
fn next_change_is_the_nearest_hand_off_of_any_layer() {
    let schedule =
        schedule("UTC", [rotation("2026-01-01T06:00", Turn::Days(1), "aiko ben"), rotation("2026-01-03T00:00", Turn::Weeks(1), "chie")]);
    assert_eq!(
        changes(&schedule, &[], "2026-01-01T12:00:00Z", 3),
        ["2026-01-02T06:00:00Z ben", "2026-01-03T00:00:00Z chie", "2026-01-03T06:00:00Z chie"]
    );
}

// Overrides.

#[test]
fn override_owns_its_start_and_not_its_end() {
    let weekly = weekly_in_tokyo();
    let overrides = [over("a", "2026-01-06T09:00:00Z", "2026-01-06T12:00:00Z", None, "dai emi", 1)];
    expect(
        &weekly,
        &overrides,
        &[
            ("2026-01-06T08:59:59.999999999Z", "aiko"),
            ("2026-01-06T09:00:00Z", "dai emi"),
            ("2026-01-06T11:59:59.999999999Z", "dai emi"),
            ("2026-01-06T12:00:00Z", "aiko"),
        ],
    );
    assert_eq!(
        changes(&weekly, &overrides, "2026-01-06T00:00:00Z", 3),
        ["2026-01-06T09:00:00Z dai emi", "2026-01-06T12:00:00Z aiko", "2026-01-12T01:00:00Z ben"]
    );
}

#[test]
fn override_by_nobody_leaves_nobody_on_call() {
    expect(&weekly_in_tokyo(), &[over("a", "2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z", None, "", 1)], &[("2026-01-06T00:00:00Z", "")]);
}

#[test]
fn override_covers_the_time_before_the_first_rotation() {
    expect(
        &weekly_in_tokyo(),
        &[over("a", "2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z", None, "dai", 1)],
        &[("2025-12-01T00:00:00Z", "dai")],
    );
}

#[test]
fn override_of_another_schedule_changes_nothing() {
    let weekly = weekly_in_tokyo();
    let mut other = over("a", "2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z", None, "dai", 1);
    other.schedule = ScheduleId::new("secondary").unwrap();
    let overrides = [other];
    expect(&weekly, &overrides, &[("2026-01-06T12:00:00Z", "aiko")]);
    assert_eq!(changes(&weekly, &overrides, "2026-01-05T12:00:00Z", 1), ["2026-01-12T01:00:00Z ben"]);
}

#[test]
fn last_created_override_wins_wherever_it_stands_in_the_list() {
    let early = over("z", "2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z", None, "dai", 1);
    let late = over("a", "2026-01-06T06:00:00Z", "2026-01-06T12:00:00Z", None, "emi", 2);
    for overrides in [[early.clone(), late.clone()], [late, early]] {
        assert_eq!(
            changes(&weekly_in_tokyo(), &overrides, "2026-01-05T12:00:00Z", 4),
            ["2026-01-06T00:00:00Z dai", "2026-01-06T06:00:00Z emi", "2026-01-06T12:00:00Z dai", "2026-01-07T00:00:00Z aiko",]
        );
    }
}

#[test]
fn of_two_overrides_created_together_the_greater_id_wins() {
    let a = over("a", "2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z", None, "dai", 1);
    let b = over("b", "2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z", None, "emi", 1);
    for overrides in [[a.clone(), b.clone()], [b, a]] {
        expect(&weekly_in_tokyo(), &overrides, &[("2026-01-06T00:00:00Z", "emi")]);
    }
}

#[test]
fn replacing_one_person_leaves_the_others_and_keeps_the_order() {
    let pair = over("a", "2026-01-06T00:00:00Z", "2026-01-08T00:00:00Z", None, "dai emi", 1);
    let swap = over("b", "2026-01-06T06:00:00Z", "2026-01-06T12:00:00Z", Some("dai"), "ben chie", 2);
    let gone = over("c", "2026-01-06T10:00:00Z", "2026-01-06T11:00:00Z", Some("emi"), "", 3);
    expect(
        &weekly_in_tokyo(),
        &[pair, swap, gone],
        &[
            ("2026-01-06T00:00:00Z", "dai emi"),
            ("2026-01-06T06:00:00Z", "ben chie emi"),
            ("2026-01-06T10:00:00Z", "ben chie"),
            ("2026-01-06T11:00:00Z", "ben chie emi"),
            ("2026-01-06T12:00:00Z", "dai emi"),
        ],
    );
}

#[test]
fn replacing_somebody_who_is_not_on_call_changes_nothing() {
    let schedule = schedule("UTC", [rotation("2026-01-05T00:00", Turn::Days(1), "aiko ben")]);
    // It spans two shifts and takes only aiko's.
    let overrides = [over("a", "2026-01-05T12:00:00Z", "2026-01-06T12:00:00Z", Some("aiko"), "chie", 1)];
    expect(&schedule, &overrides, &[("2026-01-05T12:00:00Z", "chie"), ("2026-01-06T00:00:00Z", "ben")]);
}

#[test]
fn whoever_is_named_twice_is_on_call_once() {
    let pair = over("a", "2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z", None, "dai emi dai", 1);
    let same = over("b", "2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z", Some("emi"), "dai", 2);
    expect(&weekly_in_tokyo(), std::slice::from_ref(&pair), &[("2026-01-06T00:00:00Z", "dai emi")]);
    expect(&weekly_in_tokyo(), &[pair, same], &[("2026-01-06T00:00:00Z", "dai")]);
}

#[test]
fn replaced_person_stays_when_they_are_named_among_the_replacements() {
    expect(
        &weekly_in_tokyo(),
        &[over("a", "2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z", Some("aiko"), "aiko dai", 1)],
        &[("2026-01-06T00:00:00Z", "aiko dai")],
    );
}

// What is refused.

#[test]
fn unknown_time_zone_is_refused_with_what_was_probably_meant() {
    for (written, meant) in [
        ("Tokyo", "Asia/Tokyo"),
        ("Asia/Tokio", "Asia/Tokyo"),
        ("asia tokyo", "Asia/Tokyo"),
        ("New York", "America/New_York"),
        ("Europe/Londn", "Europe/London"),
        ("Lord Howe", "Australia/Lord_Howe"),
    ] {
        let problems = zoned(written).unwrap_err();
        assert_eq!(problems.0[0].field, "time_zone");
        assert!(problems.0[0].problem.ends_with(&format!("did you mean {meant}?")), "{written}: {problems}");
    }
}

#[test]
fn time_zone_that_resembles_none_is_refused_with_an_example() {
    for written in ["", "JST", "UTC+9", "+09:00", "東京", "Etc/Unknown", "Middle/Earth", &"x".repeat(10_000)] {
        let problems = zoned(written).unwrap_err().to_string();
        assert!(problems.contains("such as Asia/Tokyo"), "{written}: {problems}");
        assert!(problems.len() < 400, "{problems}");
    }
}

#[test]
fn time_zone_is_kept_as_the_database_spells_it() {
    assert_eq!(zoned("asia/tokyo").unwrap().time_zone(), "Asia/Tokyo");
    assert_eq!(zoned("utc").unwrap().time_zone(), "UTC");
    assert_eq!(zoned("asia/tokyo").unwrap(), zoned("Asia/Tokyo").unwrap());
    assert_ne!(zoned("Asia/Seoul").unwrap(), zoned("Asia/Tokyo").unwrap());
}

#[test]
fn all_that_is_wrong_with_a_schedule_is_said_at_once() {
    let twice = || Rotation::new(rotation("2026-01-05T10:00", Turn::Days(1), "aiko")).unwrap();
    let problems = Schedule::new(primary(), "Primary", "Nowhere", vec![twice(), twice()]).unwrap_err();
    assert_eq!(fields(&problems), ["time_zone", "rotations[1].name"]);
    assert_eq!(fields(&Schedule::new(primary(), "Primary", "UTC", Vec::new()).unwrap_err()), ["rotations"]);
    assert!(Schedule::new(primary(), "Primary", "UTC", numbered(50)).is_ok());
    assert_eq!(fields(&Schedule::new(primary(), "Primary", "UTC", numbered(51)).unwrap_err()), ["rotations"]);
}

#[test]
fn rotation_without_members_or_with_turns_of_nothing_is_refused() {
    let start: DateTime = "2026-01-05T10:00".parse().unwrap();
    for every in [Turn::Hours(0), Turn::Days(0), Turn::Weeks(0), Turn::Months(0)] {
        let nothing = RotationSpec::new("", start, every, Vec::<UserId>::new());
        assert_eq!(fields(&Rotation::new(nothing).unwrap_err()), ["name", "every", "members"]);
    }
    let many = |count| Rotation::new(RotationSpec::new("many", start, Turn::Days(1), vec![user("aiko"); count]));
    assert!(many(100).is_ok());
    assert_eq!(fields(&many(101).unwrap_err()), ["members"]);
}

#[test]
fn override_that_ends_before_it_begins_or_lasts_too_long_is_refused() {
    let try_new = |from: &str, until: &str, people: usize| {
        let by = (0..people).map(|n| user(&format!("user-{n}"))).collect();
        let change = if people == 0 { OverrideChange::Nobody } else { OverrideChange::ReplaceAll { by } };
        Override::new("a".to_owned(), primary(), at(from), at(until), change, at(from)).map_err(|problems| fields(&problems).join(" "))
    };
    assert!(try_new("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", 20).is_ok());
    assert!(try_new("2028-01-01T00:00:00Z", "2029-01-01T00:00:00Z", 0).is_ok());
    assert_eq!(try_new("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", 1).unwrap_err(), "until");
    assert_eq!(try_new("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z", 1).unwrap_err(), "until");
    assert_eq!(try_new("2028-01-01T00:00:00Z", "2029-01-01T00:00:01Z", 1).unwrap_err(), "until");
    assert_eq!(try_new("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", 21).unwrap_err(), "by");
    assert_eq!(try_new("2028-01-01T00:00:00Z", "2029-01-01T00:00:01Z", 21).unwrap_err(), "until by");
}

// Parts.

#[test]
fn members_are_everybody_in_any_rotation_once() {
    let schedule = schedule(
        "UTC",
        [rotation("2026-01-05T10:00", Turn::Days(1), "aiko - ben aiko"), rotation("2027-01-05T10:00", Turn::Days(1), "chie ben")],
    );
    assert_eq!(schedule.members(), ["aiko", "ben", "chie"].map(user).into_iter().collect::<BTreeSet<_>>());
    assert!(schedule.members().contains(&user("aiko")));
    assert!(!schedule.members().contains(&user("dai")));
}

// Far away.

#[test]
fn turn_of_centuries_hence_is_the_right_one() {
    // The last Monday of 2525 is 31,410 weeks after the start, and three go into that without remainder.
    let schedule = schedule("Asia/Tokyo", [rotation("1924-01-07T10:00", Turn::Weeks(1), "aiko ben chie")]);
    expect(
        &schedule,
        &[],
        &[
            ("2525-12-31T00:59:59Z", "chie"),
            ("2525-12-31T01:00:00Z", "aiko"),
            ("2526-01-07T00:59:59Z", "aiko"),
            ("2526-01-07T01:00:00Z", "ben"),
        ],
    );
}

#[test]
fn edges_of_time_neither_panic_nor_take_long() {
    let moments = [
        Timestamp::MIN,
        at("-000001-01-01T00:00:00Z"),
        at("1970-06-01T00:00:00Z"),
        at("2026-08-01T00:00:00Z"),
        at("9998-06-01T00:00:00Z"),
        Timestamp::MAX,
    ];
    // Each start with how many of the moments are before it. No moment is after the last start: time ends a day earlier.
    let starts =
        [("0001-01-01T10:00", 2), ("1970-01-01T00:00", 2), ("2026-01-05T10:00", 3), ("9999-12-29T10:00", 5), ("9999-12-31T23:59:59", 6)];
    let turns = [1, u16::MAX].into_iter().flat_map(|n| [Turn::Hours(n), Turn::Days(n), Turn::Weeks(n), Turn::Months(n)]);
    for (every, (start, before)) in turns.flat_map(|every| starts.map(|start| (every.clone(), start))) {
        for zone in ["UTC", "Asia/Tokyo", "America/New_York", "Pacific/Apia"] {
            let schedule = schedule(zone, [rotation(start, every.clone(), "aiko ben chie")]);
            for (place, moment) in moments.into_iter().enumerate() {
                let people = schedule.on_call_at(&[], moment).len();
                assert_eq!(people, usize::from(place >= before), "{zone} {start} {every:?} at {moment}");
                let next = schedule.next_change_after(&[], moment);
                assert!(next.is_none_or(|next| next > moment), "{zone} {start} {every:?}: {next:?} is not after {moment}");
            }
        }
    }
}

#[test]
fn start_before_all_time_does_not_panic() {
    for every in [Turn::Hours(1), Turn::Days(1), Turn::Weeks(u16::MAX), Turn::Months(1), rule("FREQ=DAILY")] {
        let schedule = schedule("America/New_York", [rotation("-009999-01-01T00:00", every, "aiko ben chie")]);
        for moment in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            assert!(schedule.next_change_after(&[], moment).is_none_or(|next| next > moment));
        }
    }
}

#[test]
fn last_turn_that_can_be_named_never_ends() {
    let schedule = schedule("UTC", [rotation("9999-12-29T10:00", Turn::Weeks(1), "aiko ben")]);
    assert_eq!(schedule.on_call_at(&[], Timestamp::MAX), [user("aiko")]);
    assert_eq!(schedule.next_change_after(&[], Timestamp::MAX), None);
}

// Properties.

/// Zones that put their clocks forward and back at night, at midnight, over midnight, by half an hour, by three hours, by a
/// whole day, twice a year, four times a year around Ramadan, or not at all.
const ZONES: [&str; 19] = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Caracas",
    "America/Havana",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Casey",
    "Antarctica/Troll",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Pyongyang",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "UTC",
];

/// The changes that put the calendar date off: a day left out, a day shown twice, a clock put back over midnight. Each with
/// a day shortly before it; they are drawn more often than they would be.
const ODD_CHANGES: [(&str, &str); 4] = [
    ("Pacific/Apia", "2011-12-29T00:00:00Z"),
    ("Pacific/Kwajalein", "1993-08-20T00:00:00Z"),
    ("Pacific/Kwajalein", "1969-09-29T00:00:00Z"),
    ("Antarctica/Casey", "2010-03-03T00:00:00Z"),
];

/// A rotation and moments to ask about, both placed around one change of the clock in one zone.
#[derive(Debug)]
struct Case {
    zone: TimeZone,
    start: DateTime,
    every: Turn,
    members: Vec<Option<UserId>>,
    moments: Vec<Timestamp>,
}

fn case() -> impl Strategy<Value = Case> {
    let every = prop_oneof![
        4 => (1u16..=3).prop_map(Turn::Days),
        2 => (4u16..=40).prop_map(Turn::Days),
        2 => (1u16..=6).prop_map(Turn::Weeks),
        2 => (5u16..=100).prop_map(Turn::Hours),
    ];
    // Where the hand-off lies on the day: mostly within three hours of the change of the clock.
    let minutes = prop_oneof![3 => -180i64..=180, 1 => 0i64..1440];
    // Starts mostly some time ago, now and then on the very day.
    let days_ago = prop_oneof![3 => 0i64..400, 1 => 0i64..3];
    let seconds = prop_oneof![3 => -4 * 3600i64..=4 * 3600, 1 => -60 * 3600i64..=60 * 3600];
    (clock_change(), days_ago, minutes, every, 1usize..=5, prop::collection::vec(seconds, 12)).prop_map(
        |((zone, change), days_ago, minutes, every, slots, seconds)| {
            // The hand-off is placed by the clock that was in force before the change, where gaps and folds are described.
            let wall_clock = zone.to_datetime(change - SignedDuration::from_secs(1)) + SignedDuration::from_secs(1);
            let start = wall_clock + SignedDuration::from_mins(minutes) - SignedDuration::from_hours(24 * days_ago);
            let members = (0..slots).map(|n| (n != 3).then(|| user(&format!("user-{n}")))).collect();
            let moments = seconds.into_iter().map(|s| change + SignedDuration::from_secs(s)).collect();
            Case { zone, start, every, members, moments }
        },
    )
}

/// A zone and one change of its clock between 1965 and 2040; a fixed day where it never changes.
fn clock_change() -> impl Strategy<Value = (TimeZone, Timestamp)> {
    let zone = |name: &str| TimeZoneDatabase::bundled().get(name).unwrap();
    let odd = prop::sample::select(&ODD_CHANGES[..]).prop_map(move |(name, before)| {
        let zone = zone(name);
        let change = zone.following(at(before)).next().unwrap().timestamp();
        (zone, change)
    });
    let any_change = (prop::sample::select(&ZONES[..]), any::<prop::sample::Index>()).prop_map(move |(name, which)| {
        let zone = zone(name);
        let changes = zone.following(at("1965-01-01T00:00:00Z")).map(|t| t.timestamp());
        let changes: Vec<Timestamp> = changes.take_while(|t| *t < at("2040-01-01T00:00:00Z")).collect();
        let change = if changes.is_empty() { at("2026-03-29T01:00:00Z") } else { changes[which.index(changes.len())] };
        (zone, change)
    });
    prop_oneof![1 => odd, 4 => any_change]
}

proptest! {
    // A failing case is printed in full, so nothing is kept in files beside the tests.
    #![proptest_config(ProptestConfig { cases: 600, rng_seed: proptest::test_runner::RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn turns_are_those_of_somebody_who_walks_there_from_the_start(case in case()) {
        let last = case.moments.iter().max().copied().unwrap();
        let hand_offs = walk(&case.zone, case.start, &case.every, last);
        let schedule = Schedule::new(primary(), "Primary", case.zone.iana_name().unwrap(), vec![
            Rotation::new(RotationSpec::new("only", case.start, case.every.clone(), case.members.clone())).unwrap(),
        ]).unwrap();
        // Besides the moments around the change: the hand-offs nearest to it, and just before and after them.
        let near = hand_offs.iter().rev().take(6).flat_map(|h| [-1, 0, 1].map(|n| *h + SignedDuration::from_nanos(n)));
        for moment in case.moments.iter().copied().chain(near).filter(|m| *m <= last) {
            let turn = hand_offs.iter().rposition(|h| *h <= moment);
            let expected: Vec<UserId> = turn.and_then(|turn| case.members[turn % case.members.len()].clone()).into_iter().collect();
            prop_assert_eq!(schedule.on_call_at(&[], moment), expected, "at {}, turn {:?}", moment, turn);
            let next = hand_offs.iter().copied().find(|h| *h > moment);
            prop_assert_eq!(schedule.next_change_after(&[], moment), next, "after {}", moment);
        }
    }

    #[test]
    fn between_changes_the_same_people_are_on_call(
        case in case(),
        second in prop::option::of((-20i64..20, 1u16..30)),
        spans in prop::collection::vec((-50i64..50, 1i64..60, prop::option::of(0usize..5), prop::collection::vec(0usize..5, 0..3), 0i64..3), 0..5),
    ) {
        let middle = case.moments[0];
        let mut rotations = vec![Rotation::new(RotationSpec::new("first", case.start, case.every.clone(), case.members.clone())).unwrap()];
        if let Some((hours, every)) = second {
            let start = case.zone.to_datetime(middle + SignedDuration::from_hours(hours));
            rotations.push(Rotation::new(RotationSpec::new("second", start, Turn::Hours(every), [Some(user("dai")), None, Some(user("emi"))])).unwrap());
        }
        let overrides: Vec<Override> = spans.iter().enumerate().map(|(n, (hour, hours, replaces, by, created))| {
            let from = middle + SignedDuration::from_hours(*hour);
            let person = |n: &usize| user(&format!("user-{n}"));
            let until = from + SignedDuration::from_hours(*hours);
            let by: Vec<UserId> = by.iter().map(person).collect();
            let change = match (replaces.as_ref().map(person), by.is_empty()) {
                (Some(user), false) => OverrideChange::Replace { user, by },
                (Some(user), true) => OverrideChange::Remove { user },
                (None, false) if n % 2 == 0 => OverrideChange::ReplaceAll { by },
                (None, false) => OverrideChange::Add { by },
                (None, true) => OverrideChange::Nobody,
            };
            Override::new(n.to_string(), primary(), from, until, change, middle + SignedDuration::from_secs(*created)).unwrap()
        }).collect();
        let schedule = Schedule::new(primary(), "Primary", case.zone.iana_name().unwrap(), rotations).unwrap();
        for moment in case.moments.iter().copied() {
            let on_call = schedule.on_call_at(&overrides, moment);
            prop_assert_eq!(on_call.iter().collect::<BTreeSet<_>>().len(), on_call.len(), "somebody is on call twice at {}", moment);
            let next = schedule.next_change_after(&overrides, moment).unwrap();
            prop_assert!(next > moment);
            let span = next.duration_since(moment);
            for part in [span / 4, span / 2, span - SignedDuration::from_nanos(1)] {
                prop_assert_eq!(&schedule.on_call_at(&overrides, moment + part), &on_call, "{} after {}, before {}", part, moment, next);
            }
        }
    }
}

/// Every hand-off from the start to the first one after `last`, found the slow way.
fn walk(zone: &TimeZone, start: DateTime, every: &Turn, last: Timestamp) -> Vec<Timestamp> {
    let mut hand_offs = Vec::new();
    let mut wall_clock = start;
    let mut elapsed = moment_of(zone, start);
    loop {
        let hand_off = match every {
            Turn::Hours(_) => elapsed,
            Turn::Days(_) | Turn::Weeks(_) | Turn::Months(_) | Turn::Rule(_) => moment_of(zone, wall_clock),
        };
        hand_offs.push(hand_off);
        if hand_off > last {
            return hand_offs;
        }
        match every {
            Turn::Hours(hours) => elapsed += SignedDuration::from_hours(i64::from(*hours)),
            Turn::Days(days) => (0..*days).for_each(|_| wall_clock = wall_clock.date().tomorrow().unwrap().to_datetime(wall_clock.time())),
            Turn::Weeks(weeks) => {
                (0..weeks * 7).for_each(|_| wall_clock = wall_clock.date().tomorrow().unwrap().to_datetime(wall_clock.time()))
            }
            Turn::Months(_) | Turn::Rule(_) => unreachable!("the cases here have none; tests/schedule_oracle.rs has"),
        }
    }
}

/// The moment of a wall-clock time by trial, without jiff's own disambiguation: the earliest moment at which the clock shows it;
/// when it never does, the moment at which it would have, had the clock not been put forward.
fn moment_of(zone: &TimeZone, wall_clock: DateTime) -> Timestamp {
    let about = Offset::UTC.to_timestamp(wall_clock).unwrap();
    let before = zone.to_offset(about - SignedDuration::from_hours(26));
    let after = zone.to_offset(about + SignedDuration::from_hours(26));
    let candidates = [before, after].map(|offset| offset.to_timestamp(wall_clock).unwrap());
    candidates.into_iter().filter(|c| zone.to_datetime(*c) == wall_clock).min().unwrap_or(candidates[0])
}

// Helpers.

fn expect(schedule: &Schedule, overrides: &[Override], rows: &[(&str, &str)]) {
    for (moment, people) in rows {
        assert_eq!(names(&schedule.on_call_at(overrides, at(moment))), *people, "at {moment}");
    }
}

/// The next `count` changes after `moment`, each with who is on call from then on.
fn changes(schedule: &Schedule, overrides: &[Override], moment: &str, count: usize) -> Vec<String> {
    std::iter::successors(schedule.next_change_after(overrides, at(moment)), |change| schedule.next_change_after(overrides, *change))
        .take(count)
        .map(|change| format!("{change} {}", names(&schedule.on_call_at(overrides, change))))
        .collect()
}

fn names(people: &[UserId]) -> String {
    people.iter().map(UserId::as_str).collect::<Vec<_>>().join(" ")
}

fn fields(problems: &Problems) -> Vec<String> {
    problems.0.iter().map(|FieldError { field, .. }| field.clone()).collect()
}

fn weekly_in_tokyo() -> Schedule {
    schedule("Asia/Tokyo", [rotation("2026-01-05T10:00", Turn::Weeks(1), "aiko ben chie")])
}

fn schedule<const N: usize>(time_zone: &str, rotations: [RotationSpec; N]) -> Schedule {
    // Only the tests about names care for them.
    let named =
        rotations.into_iter().enumerate().map(|(n, spec)| Rotation::new(RotationSpec { name: format!("layer-{n}"), ..spec }).unwrap());
    Schedule::new(primary(), "Primary", time_zone, named.collect()).unwrap()
}

fn zoned(time_zone: &str) -> Result<Schedule, Problems> {
    Schedule::new(primary(), "Primary", time_zone, numbered(1))
}

fn numbered(count: usize) -> Vec<Rotation> {
    (0..count)
        .map(|n| RotationSpec { name: format!("layer-{n}"), ..rotation("2026-01-05T10:00", Turn::Days(1), "aiko") })
        .map(|spec| Rotation::new(spec).unwrap())
        .collect()
}

/// Members are separated by blanks; `-` is nobody.
fn rotation(start: &str, every: Turn, members: &str) -> RotationSpec {
    let members = members.split(' ').map(|name| (name != "-").then(|| user(name)));
    RotationSpec::new("rotation", start.parse().unwrap(), every, members)
}

/// Replaces one person or everybody, or takes them away when `by` is empty; created `created` seconds into the year.
fn over(id: &str, from: &str, until: &str, replaces: Option<&str>, by: &str, created: i64) -> Override {
    let by: Vec<UserId> = by.split_whitespace().map(user).collect();
    let change = match (replaces, by.is_empty()) {
        (Some(replaced), false) => OverrideChange::Replace { user: user(replaced), by },
        (Some(removed), true) => OverrideChange::Remove { user: user(removed) },
        (None, false) => OverrideChange::ReplaceAll { by },
        (None, true) => OverrideChange::Nobody,
    };
    changed(id, from, until, change, created)
}

fn changed(id: &str, from: &str, until: &str, change: OverrideChange, created: i64) -> Override {
    let created_at = at("2026-01-01T00:00:00Z") + SignedDuration::from_secs(created);
    Override::new(id.to_owned(), primary(), at(from), at(until), change, created_at).unwrap()
}

fn rule(text: &str) -> Turn {
    Turn::Rule(text.parse().unwrap())
}

fn primary() -> ScheduleId {
    ScheduleId::new("primary").unwrap()
}

fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
