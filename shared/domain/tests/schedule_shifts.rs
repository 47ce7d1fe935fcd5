//! Slots, joins and leaves, windows, ends and overrides, and the schedule that is rendered from them.
//!
//! Moments are UTC. Most tables are what `shifts` renders, a line per segment: when it begins and who is on call, or why nobody is.

#![expect(clippy::unwrap_used, reason = "a test that can not make its values has failed")]

use hansho_domain::{
    FieldError, Gap, Member, Origin, Override, OverrideChange, Problems, Restriction, Rotation, RotationSpec, Schedule, ScheduleId,
    Segment, Shift, Turn, UserId, WeekTime, Weekdays,
};
use jiff::{SignedDuration, Timestamp};

// Months.

#[test]
fn month_without_the_day_hands_off_on_its_last_day_and_the_next_month_on_the_day_again() {
    let schedule = schedule("Asia/Tokyo", [rotation("2026-01-31T10:00", Turn::Months(1), "aiko ben chie")]);
    expect(
        &schedule,
        &[],
        ("2026-01-31T01:00:00Z", "2026-05-01T00:00:00Z"),
        &["2026-01-31T01:00 aiko", "2026-02-28T01:00 ben", "2026-03-31T01:00 chie", "2026-04-30T01:00 aiko"],
    );
}

#[test]
fn months_by_the_quarter_follow_leap_years_and_summer_time() {
    let schedule = schedule("Europe/London", [rotation("2027-11-30T09:00", Turn::Months(3), "aiko ben")]);
    expect(
        &schedule,
        &[],
        ("2027-11-30T09:00:00Z", "2028-12-01T00:00:00Z"),
        &["2027-11-30T09:00 aiko", "2028-02-29T09:00 ben", "2028-05-30T08:00 aiko", "2028-08-30T08:00 ben", "2028-11-30T09:00 aiko"],
    );
}

// Slots.

#[test]
fn slot_of_several_people_puts_all_of_them_on_call() {
    let members = [Member::of([user("aiko"), user("ben")]), user("chie").into(), Member::nobody()];
    let schedule = schedule("UTC", [RotationSpec::new("r", civil("2026-01-05T00:00"), Turn::Days(1), members)]);
    expect(
        &schedule,
        &[],
        ("2026-01-05T00:00:00Z", "2026-01-09T00:00:00Z"),
        &["2026-01-05T00:00 aiko ben", "2026-01-06T00:00 chie", "2026-01-07T00:00 nobody's turn in layer-0", "2026-01-08T00:00 aiko ben"],
    );
}

#[test]
fn newcomer_has_a_turn_in_their_place_and_the_others_keep_their_order() {
    // In the middle of aiko's second turn: the hand-off after it goes on with ben, and chie comes after him.
    let members = [user("aiko").into(), user("ben").into(), joining("chie", "2026-01-07T12:00"), user("dai").into()];
    let schedule = schedule("UTC", [RotationSpec::new("r", civil("2026-01-04T00:00"), Turn::Days(1), members)]);
    expect(
        &schedule,
        &[],
        ("2026-01-04T00:00:00Z", "2026-01-12T00:00:00Z"),
        &[
            "2026-01-04T00:00 aiko",
            "2026-01-05T00:00 ben",
            "2026-01-06T00:00 dai",
            "2026-01-07T00:00 aiko",
            "2026-01-08T00:00 ben",
            "2026-01-09T00:00 chie",
            "2026-01-10T00:00 dai",
            "2026-01-11T00:00 aiko",
        ],
    );
}

#[test]
fn whoever_leaves_finishes_the_turn_and_the_next_one_follows() {
    let members = [user("aiko").into(), leaving("ben", "2026-01-05T00:00:01"), user("chie").into()];
    let schedule = schedule("UTC", [RotationSpec::new("r", civil("2026-01-04T00:00"), Turn::Days(1), members)]);
    expect(
        &schedule,
        &[],
        ("2026-01-04T00:00:00Z", "2026-01-09T00:00:00Z"),
        &["2026-01-04T00:00 aiko", "2026-01-05T00:00 ben", "2026-01-06T00:00 chie", "2026-01-07T00:00 aiko", "2026-01-08T00:00 chie"],
    );
}

#[test]
fn join_and_leave_on_the_hand_off_itself_take_effect_at_it() {
    let members = [user("aiko").into(), leaving("ben", "2026-01-05T00:00"), joining("chie", "2026-01-06T00:00")];
    let schedule = schedule("UTC", [RotationSpec::new("r", civil("2026-01-04T00:00"), Turn::Days(1), members)]);
    // Ben never has a turn. Aiko's second one is merged with her first.
    expect(
        &schedule,
        &[],
        ("2026-01-04T00:00:00Z", "2026-01-08T00:00:00Z"),
        &["2026-01-04T00:00 aiko", "2026-01-06T00:00 chie", "2026-01-07T00:00 aiko"],
    );
}

#[test]
fn replacing_a_member_by_another_in_their_place_moves_nobody_else() {
    let change = "2026-03-01T00:00";
    let before = schedule("UTC", [rotation("2026-01-05T00:00", Turn::Weeks(1), "aiko ben chie")]);
    // Emi stands before ben: were she after him and the last turn his, the next one would be hers.
    let members = [user("aiko").into(), joining("emi", change), leaving("ben", change), user("chie").into()];
    let after = schedule("UTC", [RotationSpec::new("r", civil("2026-01-05T00:00"), Turn::Weeks(1), members)]);
    for week in 0..60 {
        let moment = at("2026-01-05T12:00:00Z") + SignedDuration::from_hours(week * 7 * 24);
        let replaced = |user: UserId| if user.as_str() == "ben" && moment > at("2026-03-01T12:00:00Z") { self::user("emi") } else { user };
        let expected: Vec<UserId> = before.on_call_at(&[], moment).into_iter().map(replaced).collect();
        assert_eq!(after.on_call_at(&[], moment), expected, "{moment}");
    }
}

#[test]
fn when_everybody_has_left_it_is_nobodys_turn_until_somebody_joins() {
    let members = [leaving("aiko", "2026-01-06T00:00"), leaving("ben", "2026-01-06T00:00"), joining("chie", "2026-01-08T00:00")];
    let schedule = schedule("UTC", [RotationSpec::new("r", civil("2026-01-05T00:00"), Turn::Days(1), members)]);
    expect(
        &schedule,
        &[],
        ("2026-01-05T00:00:00Z", "2026-02-01T00:00:00Z"),
        &["2026-01-05T00:00 aiko", "2026-01-06T00:00 nobody's turn in layer-0", "2026-01-08T00:00 chie"],
    );
}

// Windows, starts and ends.

#[test]
fn night_rotation_is_in_force_over_midnight_and_the_days_show_below_it() {
    let nights =
        RotationSpec { only: vec![of_day("22:00", "07:00", Weekdays::ALL)], ..rotation("2026-01-05T22:00", Turn::Days(1), "dai emi") };
    let schedule = schedule("Asia/Tokyo", [rotation("2026-01-05T10:00", Turn::Weeks(1), "aiko ben"), nights]);
    expect(
        &schedule,
        &[],
        ("2026-01-05T12:00:00Z", "2026-01-07T00:00:00Z"),
        &["2026-01-05T12:00 aiko", "2026-01-05T13:00 dai", "2026-01-05T22:00 aiko", "2026-01-06T13:00 emi", "2026-01-06T22:00 aiko"],
    );
}

#[test]
fn turn_advances_outside_of_its_windows() {
    // Only on Mondays: of the daily turns of seven people Monday's is always the same one; of six, every week another.
    let monday = || vec![of_day("00:00", "00:00", [jiff::civil::Weekday::Monday].into_iter().collect())];
    let schedule = schedule("UTC", [RotationSpec { only: monday(), ..rotation("2026-01-05T00:00", Turn::Days(1), "a b c d e f") }]);
    expect(
        &schedule,
        &[],
        ("2026-01-05T00:00:00Z", "2026-01-20T00:00:00Z"),
        &["2026-01-05T00:00 a", "2026-01-06T00:00 no rotation", "2026-01-12T00:00 b", "2026-01-13T00:00 no rotation", "2026-01-19T00:00 c"],
    );
}

#[test]
fn days_of_a_window_are_those_on_which_it_begins() {
    let friday = [jiff::civil::Weekday::Friday].into_iter().collect();
    let schedule = schedule(
        "UTC",
        [RotationSpec { only: vec![of_day("22:00", "07:00", friday)], ..rotation("2026-01-05T00:00", Turn::Weeks(1), "a") }],
    );
    expect(
        &schedule,
        &[],
        ("2026-01-09T00:00:00Z", "2026-01-11T00:00:00Z"),
        &["2026-01-09T00:00 no rotation", "2026-01-09T22:00 a", "2026-01-10T07:00 no rotation"],
    );
}

#[test]
fn weekend_goes_over_the_end_of_the_week_and_follows_the_clock() {
    // New York puts its clock forward on Sunday 8 March 2026: this weekend has 62 hours, not 63.
    let only = vec![of_week("fri 18:00", "mon 09:00")];
    let schedule = schedule("America/New_York", [RotationSpec { only, ..rotation("2026-03-02T09:00", Turn::Weeks(1), "a b") }]);
    expect(
        &schedule,
        &[],
        ("2026-03-05T00:00:00Z", "2026-03-10T00:00:00Z"),
        &["2026-03-05T00:00 no rotation", "2026-03-06T23:00 a", "2026-03-09T13:00 no rotation"],
    );
}

#[test]
fn time_of_the_week_that_ends_where_it_begins_is_the_whole_week() {
    let whole = RotationSpec { only: vec![of_week("fri 18:00", "fri 18:00")], ..rotation("2026-01-05T00:00", Turn::Weeks(1), "a") };
    let schedule = schedule("UTC", [whole]);
    expect(&schedule, &[], ("2026-01-05T00:00:00Z", "2026-03-05T00:00:00Z"), &["2026-01-05T00:00 a"]);
}

#[test]
fn edge_of_a_window_in_the_gap_moves_forward_and_one_that_occurs_twice_is_the_first() {
    let windowed = |from: &str, to: &str| {
        let only = vec![of_day(from, to, Weekdays::ALL)];
        self::schedule("America/New_York", [RotationSpec { only, ..rotation("2026-01-01T00:00", Turn::Days(1), "a") }])
    };
    // 8 March: 02:30 is 03:30, 07:30 UTC.
    let spring = ("2026-03-08T05:00:00Z", "2026-03-08T12:00:00Z");
    expect(
        &windowed("02:30", "05:00"),
        &[],
        spring,
        &["2026-03-08T05:00 no rotation", "2026-03-08T07:30 a", "2026-03-08T09:00 no rotation"],
    );
    // From 02:30, which is 03:30, to 03:15 nothing is left of the window.
    expect(&windowed("02:30", "03:15"), &[], spring, &["2026-03-08T05:00 no rotation"]);
    // 1 November: 01:30 is 05:30 UTC and again 06:30 UTC.
    let autumn = ("2026-11-01T04:00:00Z", "2026-11-01T12:00:00Z");
    expect(
        &windowed("00:30", "01:30"),
        &[],
        autumn,
        &["2026-11-01T04:00 no rotation", "2026-11-01T04:30 a", "2026-11-01T05:30 no rotation"],
    );
    expect(
        &windowed("01:30", "02:30"),
        &[],
        autumn,
        &["2026-11-01T04:00 no rotation", "2026-11-01T05:30 a", "2026-11-01T07:30 no rotation"],
    );
}

#[test]
fn rotation_that_has_ended_shows_the_layers_below() {
    let summer = RotationSpec { end: Some(civil("2026-07-03T12:00")), ..rotation("2026-07-01T12:00", Turn::Days(1), "b c") };
    let schedule = schedule("UTC", [rotation("2026-01-01T00:00", Turn::Weeks(1), "a"), summer]);
    expect(
        &schedule,
        &[],
        ("2026-07-01T00:00:00Z", "2026-08-01T00:00:00Z"),
        &["2026-07-01T00:00 a", "2026-07-01T12:00 b", "2026-07-02T12:00 c", "2026-07-03T12:00 a"],
    );
    let alone =
        self::schedule("UTC", [RotationSpec { end: Some(civil("2026-01-06T00:00")), ..rotation("2026-01-05T00:00", Turn::Hours(5), "a") }]);
    assert_eq!(alone.next_change_after(&[], at("2026-01-05T23:00:00Z")), Some(at("2026-01-06T00:00:00Z")));
    assert_eq!(alone.next_change_after(&[], at("2026-01-06T00:00:00Z")), None);
}

// Overrides.

#[test]
fn each_kind_of_override_does_what_its_name_says_and_the_rest_stays() {
    let members = [Member::of([user("aiko"), user("ben")])];
    let pair = schedule("UTC", [RotationSpec::new("r", civil("2026-01-01T00:00"), Turn::Days(1), members)]);
    let by = || vec![user("chie"), user("dai")];
    for (change, expected) in [
        (OverrideChange::Replace { user: user("aiko"), by: by() }, "chie dai ben"),
        (OverrideChange::Replace { user: user("emi"), by: by() }, "aiko ben"),
        (OverrideChange::ReplaceAll { by: by() }, "chie dai"),
        (OverrideChange::Add { by: by() }, "aiko ben chie dai"),
        (OverrideChange::Add { by: vec![user("ben"), user("chie")] }, "aiko ben chie"),
        (OverrideChange::Remove { user: user("aiko") }, "ben"),
        (OverrideChange::Remove { user: user("emi") }, "aiko ben"),
        (OverrideChange::Nobody, "nobody by o"),
    ] {
        let made = over("o", "2026-01-06T06:00:00Z", "2026-01-06T18:00:00Z", change.clone(), 1);
        let lines =
            ["2026-01-06T00:00 aiko ben".to_owned(), format!("2026-01-06T06:00 {expected}"), "2026-01-06T18:00 aiko ben".to_owned()];
        let lines: Vec<&str> = if expected == "aiko ben" { vec![lines[0].as_str()] } else { lines.iter().map(String::as_str).collect() };
        expect(&pair, &[made], ("2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z"), &lines);
    }
}

#[test]
fn later_overrides_see_what_earlier_ones_made() {
    let schedule = schedule("UTC", [rotation("2026-01-01T00:00", Turn::Weeks(1), "aiko")]);
    let (from, until) = ("2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z");
    let nobody = over("a", from, until, OverrideChange::Nobody, 1);
    let add = over("b", from, "2026-01-06T12:00:00Z", OverrideChange::Add { by: vec![user("ben")] }, 2);
    expect(&schedule, &[add.clone(), nobody.clone()], (from, until), &["2026-01-06T00:00 ben", "2026-01-06T12:00 nobody by a"]);
    // Created the other way round, nobody wins.
    let nobody = Override { created_at: add.created_at + SignedDuration::from_secs(1), ..nobody };
    expect(&schedule, &[add, nobody], (from, until), &["2026-01-06T00:00 nobody by a"]);
}

#[test]
fn gap_names_the_override_that_took_the_last_person_and_no_other() {
    let day = ("2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z");
    let remove = |who: &str| over("o", day.0, day.1, OverrideChange::Remove { user: user(who) }, 1);
    let on_call = schedule("UTC", [rotation("2026-01-01T00:00", Turn::Weeks(1), "aiko")]);
    expect(&on_call, &[remove("aiko")], day, &["2026-01-06T00:00 nobody by o"]);
    let empty = schedule("UTC", [rotation("2026-01-01T00:00", Turn::Weeks(1), "- aiko")]);
    expect(&empty, &[remove("aiko")], day, &["2026-01-06T00:00 nobody's turn in layer-0"]);
    let later = schedule("UTC", [rotation("2027-01-01T00:00", Turn::Weeks(1), "aiko")]);
    expect(&later, &[remove("aiko")], day, &["2026-01-06T00:00 no rotation"]);
}

#[test]
fn override_that_names_nobody_where_it_needs_people_is_refused() {
    for (change, expected) in [
        (OverrideChange::Replace { user: user("aiko"), by: vec![] }, "by: names nobody; remove the person instead"),
        (OverrideChange::ReplaceAll { by: vec![] }, "by: names nobody; put nobody on call instead"),
        (OverrideChange::Add { by: vec![] }, "by: names nobody; name whom to add"),
    ] {
        let moment = at("2026-01-01T00:00:00Z");
        let refused = Override::new("o".to_owned(), primary(), moment, moment + SignedDuration::from_hours(1), change, moment).unwrap_err();
        assert_eq!(refused.to_string(), expected);
    }
}

// The rendered schedule.

#[test]
fn everybody_on_call_is_rendered_with_what_put_them_there() {
    let members = [Member::of([user("aiko"), user("ben")])];
    let schedule = schedule("UTC", [RotationSpec::new("r", civil("2026-01-01T00:00"), Turn::Days(1), members)]);
    let made = over(
        "o1",
        "2026-01-06T00:00:00Z",
        "2026-01-07T00:00:00Z",
        OverrideChange::Replace { user: user("ben"), by: vec![user("chie")] },
        1,
    );
    let segments = schedule.shifts(&[made], at("2026-01-06T00:00:00Z"), at("2026-01-06T01:00:00Z"));
    let origins: Vec<(&str, &Origin)> = segments[0].people.iter().map(|person| (person.user.as_str(), &person.origin)).collect();
    assert_eq!(origins, [("aiko", &Origin::Rotation("layer-0".to_owned())), ("chie", &Origin::Override("o1".to_owned()))]);
    let json = serde_json::to_string(&segments).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Segment>>(&json).unwrap(), segments);
}

#[test]
fn period_is_cut_at_its_ends_and_an_empty_one_has_no_segments() {
    let schedule = schedule("UTC", [rotation("2026-01-05T00:00", Turn::Weeks(1), "a b")]);
    let (from, until) = (at("2026-01-07T00:00:00Z"), at("2026-01-08T00:00:00Z"));
    let segments = schedule.shifts(&[], from, until);
    assert_eq!((segments.len(), segments[0].from, segments[0].until), (1, from, until));
    assert!(schedule.shifts(&[], from, from).is_empty());
    assert!(schedule.shifts(&[], until, from).is_empty());
    assert!(schedule.layers(until, from).iter().all(|layer| layer.shifts.is_empty()));
}

#[test]
fn layers_say_what_each_rotation_alone_would() {
    let nights =
        RotationSpec { only: vec![of_day("22:00", "06:00", Weekdays::ALL)], ..rotation("2026-01-05T00:00", Turn::Days(1), "dai -") };
    let schedule = schedule("UTC", [rotation("2026-01-05T00:00", Turn::Weeks(1), "aiko"), nights]);
    let layers = schedule.layers(at("2026-01-05T12:00:00Z"), at("2026-01-07T00:00:00Z"));
    let lines: Vec<String> = layers
        .iter()
        .flat_map(|layer| {
            layer
                .shifts
                .iter()
                .map(|s| format!("{} {} {} {}", layer.rotation, short(s.from), short(s.until), names(&s.users)).trim_end().to_owned())
        })
        .collect();
    assert_eq!(
        lines,
        [
            "layer-0 2026-01-05T12:00 2026-01-07T00:00 aiko",
            "layer-1 2026-01-05T22:00 2026-01-06T00:00 dai",
            "layer-1 2026-01-06T00:00 2026-01-06T06:00",
            "layer-1 2026-01-06T22:00 2026-01-07T00:00",
        ]
    );
}

#[test]
fn shift_of_a_person_goes_on_over_hand_offs_to_themselves_and_layers() {
    let top =
        RotationSpec { only: vec![of_day("12:00", "13:00", Weekdays::ALL)], ..rotation("2026-01-05T00:00", Turn::Days(1), "aiko ben") };
    let schedule = schedule("UTC", [rotation("2026-01-05T00:00", Turn::Days(2), "aiko ben"), top]);
    let period = (at("2026-01-05T00:00:00Z"), at("2026-01-09T00:00:00Z"));
    let shifts = |who: &str| schedule.shifts_of(&user(who), &[], period.0, period.1);
    let shift = |from: &str, until: &str| Shift { from: at(from), until: at(until) };
    assert_eq!(
        shifts("aiko"),
        [
            shift("2026-01-05T00:00:00Z", "2026-01-06T12:00:00Z"),
            shift("2026-01-06T13:00:00Z", "2026-01-07T00:00:00Z"),
            shift("2026-01-07T12:00:00Z", "2026-01-07T13:00:00Z"),
        ]
    );
    assert_eq!(shifts("chie"), []);
}

// What is refused.

#[test]
fn all_that_is_wrong_with_a_rotation_is_said_at_once_and_what_to_do() {
    let slot = |users: &[&str]| Member::of(users.iter().map(|name| user(name)));
    let members = vec![slot(&["aiko", "aiko"]), Member { leaves: Some(civil("2026-02-01T00:00")), ..joining("ben", "2026-02-01T00:00") }];
    let only = vec![of_day("22:00", "07:00", Weekdays::NONE), of_week("sat 00:00", "sun 00:00")];
    let spec = RotationSpec {
        end: Some(civil("2026-01-05T10:00")),
        only: only.clone(),
        ..RotationSpec::new("r", civil("2026-01-05T10:00"), Turn::Days(0), members)
    };
    assert_eq!(fields(&Rotation::new(spec).unwrap_err()), ["end", "every", "members[0]", "members[1].leaves", "only[0].days"]);
    // From Monday to Saturday midnight there is no Saturday.
    let week = RotationSpec { only, end: Some(civil("2026-01-10T00:00")), ..rotation("2026-01-05T10:00", Turn::Days(1), "aiko") };
    assert_eq!(fields(&Rotation::new(week.clone()).unwrap_err()), ["only[0].days", "only[1]"]);
    let longer = RotationSpec { only: week.only[1..].to_vec(), end: Some(civil("2026-01-10T00:01")), ..week };
    assert!(Rotation::new(longer).is_ok());
}

#[test]
fn rotation_of_nobody_and_rotations_over_the_limits_are_refused() {
    let nobody = rotation("2026-01-05T10:00", Turn::Days(1), "- -");
    let problem = Rotation::new(nobody).unwrap_err().to_string();
    assert!(problem.starts_with("members: has nobody in any slot") && problem.contains("name at least one user"), "{problem}");
    let with_only = |count| RotationSpec {
        only: vec![of_day("22:00", "07:00", Weekdays::ALL); count],
        ..rotation("2026-01-05T10:00", Turn::Days(1), "a")
    };
    assert!(Rotation::new(with_only(50)).is_ok());
    assert_eq!(fields(&Rotation::new(with_only(51)).unwrap_err()), ["only"]);
    let crowd = |count: usize| {
        let slot = Member::of((0..count).map(|n| user(&format!("user-{n}"))));
        Rotation::new(RotationSpec::new("r", civil("2026-01-05T10:00"), Turn::Days(1), [slot]))
    };
    assert!(crowd(20).is_ok());
    assert_eq!(fields(&crowd(21).unwrap_err()), ["members[0]"]);
}

#[test]
fn whatever_a_rotation_has_survives_storage_and_bad_storage_is_refused() {
    let spec = RotationSpec {
        end: Some(civil("2030-01-01T00:00")),
        only: vec![of_day("22:00", "07:00", [jiff::civil::Weekday::Monday].into_iter().collect()), of_week("fri 18:00", "mon 09:30")],
        ..RotationSpec::new(
            "r",
            civil("2026-01-05T10:00"),
            Turn::Rule("FREQ=WEEKLY;BYDAY=MO".parse().unwrap()),
            [
                joining("aiko", "2026-02-01T00:00"),
                leaving("ben", "2026-03-01T00:00"),
                Member::of([user("chie"), user("dai")]),
                Member::nobody(),
            ],
        )
    };
    let schedule = schedule("Asia/Tokyo", [spec]);
    let stored = serde_json::to_string(&schedule).unwrap();
    assert!(stored.contains(r#""only":[{"time_of_day":{"from":"22:00:00","to":"07:00:00","days":["mon"]}},{"time_of_week":{"from":"fri 18:00","to":"mon 09:30"}}]"#), "{stored}");
    assert!(stored.contains(r#""every":{"rule":"FREQ=WEEKLY;BYDAY=MO"}"#), "{stored}");
    assert_eq!(serde_json::from_str::<Schedule>(&stored).unwrap(), schedule);
    for (good, bad) in
        [("FREQ=WEEKLY", "FREQ=HOURLY"), ("\"mon\"", "\"moon\""), ("fri 18:00", "fry 18:00"), ("2030-01-01T00", "2020-01-01T00")]
    {
        assert!(serde_json::from_str::<Schedule>(&stored.replace(good, bad)).is_err(), "{bad}");
    }
}

// Helpers.

/// A line per segment of a period, and `on_call_at` agrees at the beginning, in the middle and at the end of each.
fn expect(schedule: &Schedule, overrides: &[Override], (from, until): (&str, &str), lines: &[&str]) {
    let segments = schedule.shifts(overrides, at(from), at(until));
    let found: Vec<String> = segments.iter().map(|segment| format!("{} {}", short(segment.from), said(segment))).collect();
    assert_eq!(found, lines);
    for segment in &segments {
        let people: Vec<UserId> = segment.people.iter().map(|person| person.user.clone()).collect();
        let length = segment.until.duration_since(segment.from);
        for moment in [segment.from, segment.from + length / 2, segment.until - SignedDuration::from_nanos(1)] {
            assert_eq!(schedule.on_call_at(overrides, moment), people, "at {moment}");
        }
    }
}

fn said(segment: &Segment) -> String {
    match &segment.gap {
        None => names(&segment.people.iter().map(|person| person.user.clone()).collect::<Vec<_>>()),
        Some(Gap::NoRotation) => "no rotation".to_owned(),
        Some(Gap::Nobody(rotation)) => format!("nobody's turn in {rotation}"),
        Some(Gap::Override(id)) => format!("nobody by {id}"),
    }
}

fn names(people: &[UserId]) -> String {
    people.iter().map(UserId::as_str).collect::<Vec<_>>().join(" ")
}

fn fields(problems: &Problems) -> Vec<String> {
    problems.0.iter().map(|FieldError { field, .. }| field.clone()).collect()
}

fn short(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M").to_string()
}

/// Rotations are named `layer-0`, `layer-1` and so on.
fn schedule<const N: usize>(time_zone: &str, rotations: [RotationSpec; N]) -> Schedule {
    let named =
        rotations.into_iter().enumerate().map(|(n, spec)| Rotation::new(RotationSpec { name: format!("layer-{n}"), ..spec }).unwrap());
    Schedule::new(primary(), "Primary", time_zone, named.collect()).unwrap()
}

/// Members are separated by blanks; `-` is nobody.
fn rotation(start: &str, every: Turn, members: &str) -> RotationSpec {
    RotationSpec::new("r", civil(start), every, members.split(' ').map(|name| (name != "-").then(|| user(name))))
}

fn joining(name: &str, joins: &str) -> Member {
    Member { joins: Some(civil(joins)), ..user(name).into() }
}

fn leaving(name: &str, leaves: &str) -> Member {
    Member { leaves: Some(civil(leaves)), ..user(name).into() }
}

fn of_day(from: &str, to: &str, days: Weekdays) -> Restriction {
    let time = |text: &str| format!("{text}:00").parse().unwrap();
    Restriction::TimeOfDay { from: time(from), to: time(to), days }
}

fn of_week(from: &str, to: &str) -> Restriction {
    let time = |text: &str| text.parse::<WeekTime>().unwrap();
    Restriction::TimeOfWeek { from: time(from), to: time(to) }
}

fn over(id: &str, from: &str, until: &str, change: OverrideChange, created: i64) -> Override {
    let created_at = at("2026-01-01T00:00:00Z") + SignedDuration::from_secs(created);
    Override::new(id.to_owned(), primary(), at(from), at(until), change, created_at).unwrap()
}

fn primary() -> ScheduleId {
    ScheduleId::new("primary").unwrap()
}

fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

fn civil(text: &str) -> jiff::civil::DateTime {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
