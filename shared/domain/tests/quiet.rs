//! Quiet times: what waits, who covers, and that nobody is lost by one.

#![expect(clippy::unwrap_used, reason = "a test that can not make its values has failed")]

use hansho_domain::{
    Language, Method, NotificationRule, Quiet, QuietTime, QuietTimes, Restriction, Urgency, User, UserId, WeekTime, Weekdays,
};
use jiff::{Timestamp, civil::Time};
use proptest::prelude::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn id(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

fn window(from: &str, to: &str) -> Restriction {
    let time = |text: &str| text.parse::<Time>().unwrap();
    Restriction::TimeOfDay { from: time(from), to: time(to), days: Weekdays::ALL }
}

fn waits(window: Restriction, methods: &[Method]) -> QuietTime {
    QuietTime { window, quiet: Quiet::Waits { methods: methods.to_vec() } }
}

fn covered(window: Restriction, by: &str) -> QuietTime {
    QuietTime { window, quiet: Quiet::Covered { by: id(by) } }
}

fn times(zone: &str, times: Vec<QuietTime>) -> QuietTimes {
    QuietTimes::new(zone, times).unwrap()
}

fn person(name: &str, low: &[(u32, Method)]) -> User {
    let rules = low.iter().map(|(after_seconds, by)| NotificationRule { after_seconds: *after_seconds, by: *by }).collect();
    User::new(id(name), name, Language::En, vec![Method::Sms, Method::Email], Vec::new(), rules).unwrap()
}

#[test]
fn what_wakes_nobody_waits_for_the_end_of_the_quiet_time_on_the_persons_clock() {
    // 22:00 to 07:00 in Tokyo is 13:00 to 22:00 UTC.
    let quiet = times("Asia/Tokyo", vec![waits(window("22:00:00", "07:00:00"), &[Method::Email])]);
    for (due, told) in [
        ("2027-01-04T12:59:59Z", "2027-01-04T12:59:59Z"),
        ("2027-01-04T13:00:00Z", "2027-01-04T22:00:00Z"),
        ("2027-01-04T20:00:00Z", "2027-01-04T22:00:00Z"),
        ("2027-01-04T22:00:00Z", "2027-01-04T22:00:00Z"),
    ] {
        assert_eq!(quiet.told_at(Method::Email, at(due)), at(told), "{due}");
        assert_eq!(quiet.told_at(Method::Sms, at(due)), at(due), "another method does not wait");
    }
    let all = times("Asia/Tokyo", vec![waits(window("22:00:00", "07:00:00"), &[])]);
    assert_eq!(all.told_at(Method::Sms, at("2027-01-04T13:00:00Z")), at("2027-01-04T22:00:00Z"), "none named is all of them");
}

#[test]
fn quiet_times_that_lie_end_to_end_are_one_to_whoever_waits() {
    let week_end = Restriction::TimeOfWeek { from: "sat 07:00".parse::<WeekTime>().unwrap(), to: "mon 07:00".parse::<WeekTime>().unwrap() };
    let quiet = times("UTC", vec![waits(window("22:00:00", "07:00:00"), &[]), waits(week_end, &[])]);
    assert_eq!(quiet.told_at(Method::Email, at("2027-01-08T23:00:00Z")), at("2027-01-11T07:00:00Z"), "Friday night until Monday");
}

#[test]
fn who_is_never_not_quiet_is_told_at_once() {
    let quiet = times("UTC", vec![waits(window("00:00:00", "00:00:00"), &[])]);
    assert_eq!(quiet.told_at(Method::Email, at("2027-01-08T23:00:00Z")), at("2027-01-08T23:00:00Z"));
}

#[test]
fn a_night_in_which_the_clock_changes_is_as_long_as_it_is() {
    // In London 01:00 to 02:00 does not exist on 2027-03-28.
    let quiet = times("Europe/London", vec![waits(window("22:00:00", "01:30:00"), &[])]);
    assert_eq!(quiet.told_at(Method::Email, at("2027-03-27T23:00:00Z")), at("2027-03-28T01:30:00Z"), "02:30 on the clock");
}

#[test]
fn rules_of_low_urgency_come_due_when_the_quiet_is_over_and_those_of_high_urgency_as_they_stand() {
    let aiko = person("aiko", &[(0, Method::Email), (600, Method::Sms)]);
    let aiko = aiko.with_quiet(times("UTC", vec![waits(window("22:00:00", "07:00:00"), &[Method::Email])])).unwrap();
    let called_at = at("2027-01-04T23:00:00.500Z");
    let after: Vec<(u32, Method)> = aiko.rules_from(Urgency::Low, called_at).iter().map(|rule| (rule.after_seconds, rule.by)).collect();
    assert_eq!(after, [(600, Method::Sms), (8 * 3_600, Method::Email)], "rounded up to a whole second, and in their order");
    assert_eq!(aiko.rules_from(Urgency::High, called_at), aiko.rules(Urgency::High));
    assert_eq!(aiko.rules_from(Urgency::Low, at("2027-01-04T12:00:00Z")), aiko.rules(Urgency::Low));
}

#[test]
fn whoever_has_nothing_but_a_phone_is_texted_by_day_about_what_can_wait_and_at_once_when_it_is_urgent() {
    let phone = |low: Vec<NotificationRule>| User::new(id("aiko"), "Aiko", Language::En, vec![Method::Sms], Vec::new(), low).unwrap();
    let in_tokyo = |user: User| user.with_quiet(times("Asia/Tokyo", Vec::new())).unwrap();
    let after = |user: &User, urgency: Urgency, called_at: &str| {
        user.rules_from(urgency, at(called_at)).iter().map(|rule| rule.after_seconds).collect::<Vec<_>>()
    };
    // 21:00 to 08:00 in Tokyo is 12:00 to 23:00 UTC.
    let aiko = in_tokyo(phone(Vec::new()));
    assert_eq!(after(&aiko, Urgency::Low, "2027-01-04T11:59:59Z"), [0]);
    assert_eq!(after(&aiko, Urgency::Low, "2027-01-04T12:00:00Z"), [11 * 3_600]);
    assert_eq!(after(&aiko, Urgency::Low, "2027-01-04T23:00:00Z"), [0]);
    assert_eq!(after(&aiko, Urgency::High, "2027-01-04T18:00:00Z"), [0], "high urgency wakes them");
    // What they chose is as they chose it, and without a clock there is no night.
    let chose = in_tokyo(phone(vec![NotificationRule { after_seconds: 0, by: Method::Sms }]));
    assert_eq!(after(&chose, Urgency::Low, "2027-01-04T18:00:00Z"), [0]);
    assert_eq!(after(&phone(Vec::new()), Urgency::Low, "2027-01-04T18:00:00Z"), [0]);
    // Their own quiet time ends later on Tuesdays.
    let tuesday = Restriction::TimeOfDay {
        from: Time::midnight(),
        to: Time::constant(10, 0, 0, 0),
        days: Weekdays::named("tue").into_iter().collect(),
    };
    let quiet = times("Asia/Tokyo", vec![waits(tuesday, &[])]);
    assert_eq!(after(&phone(Vec::new()).with_quiet(quiet).unwrap(), Urgency::Low, "2027-01-04T12:00:00Z"), [13 * 3_600]);
    assert_eq!(serde_json::from_str::<User>(&serde_json::to_string(&aiko).unwrap()).unwrap(), aiko, "the clock is kept");
}

#[test]
fn the_cover_of_the_first_quiet_time_that_is_on_stands_in() {
    let quiet = times("UTC", vec![covered(window("22:00:00", "23:00:00"), "ben"), covered(window("22:30:00", "07:00:00"), "chie")]);
    for (now, cover) in [
        ("2027-01-04T21:59:59Z", None),
        ("2027-01-04T22:00:00Z", Some("ben")),
        ("2027-01-04T22:45:00Z", Some("ben")),
        ("2027-01-04T23:00:00Z", Some("chie")),
        ("2027-01-05T07:00:00Z", None),
    ] {
        assert_eq!(quiet.cover_at(at(now)).map(UserId::as_str), cover, "{now}");
    }
    assert_eq!(quiet.told_at(Method::Email, at("2027-01-04T22:00:00Z")), at("2027-01-04T22:00:00Z"), "a cover makes nothing wait");
}

#[test]
fn quiet_times_that_can_not_be_are_refused_with_a_sentence() {
    let refused = |made: Result<QuietTimes, hansho_domain::Problems>| made.unwrap_err().0[0].to_string();
    assert!(refused(QuietTimes::new("Asia/Tokio", Vec::new())).contains("did you mean Asia/Tokyo"));
    let time = waits(window("22:00:00", "07:00:00"), &[]);
    assert!(refused(QuietTimes::new("UTC", vec![time; 21])).contains("has 21; 20 are the most"));
    let never = Restriction::TimeOfDay { from: Time::midnight(), to: Time::midnight(), days: Weekdays::NONE };
    assert!(refused(QuietTimes::new("UTC", vec![waits(never, &[])])).contains("name a day"));
    let own = person("aiko", &[]).with_quiet(times("UTC", vec![covered(window("22:00:00", "07:00:00"), "aiko")]));
    assert!(own.unwrap_err().0[0].to_string().contains("their own cover"));
}

#[test]
fn quiet_times_survive_storage() {
    let quiet =
        times("Asia/Tokyo", vec![waits(window("22:00:00", "07:00:00"), &[Method::Email]), covered(window("01:00:00", "02:00:00"), "ben")]);
    let aiko = person("aiko", &[]).with_quiet(quiet).unwrap();
    assert_eq!(serde_json::from_str::<User>(&serde_json::to_string(&aiko).unwrap()).unwrap(), aiko);
}

prop_compose! {
    fn quiet_time()(from in 0_i8..24, to in 0_i8..24, kind in 0..5_usize) -> QuietTime {
        let window = Restriction::TimeOfDay { from: Time::constant(from, 0, 0, 0), to: Time::constant(to, 0, 0, 0), days: Weekdays::ALL };
        match kind {
            0 => waits(window, &[]),
            1 => waits(window, &[Method::Email]),
            2 => covered(window, "aiko"),
            3 => covered(window, "ben"),
            _ => covered(window, "chie"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing waits for ever, and nothing is told early.
    #[test]
    fn what_waits_is_told_within_eight_days(given in prop::collection::vec(quiet_time(), 0..6), seconds in 0_i64..10_000_000, zone in 0..3_usize) {
        let quiet = times(["UTC", "Asia/Tokyo", "America/New_York"][zone], given);
        let due = at("2027-01-01T00:00:00Z") + jiff::SignedDuration::from_secs(seconds);
        for method in Method::ALL {
            let told = quiet.told_at(method, due);
            prop_assert!(told >= due && told <= due + jiff::SignedDuration::from_hours(8 * 24), "{due} {told}");
        }
    }
}
