//! Covers: who is called in the place of somebody who wants quiet, and that a page of high urgency always reaches somebody.

#![expect(clippy::unwrap_used, reason = "a test that can not make its values has failed")]

use std::collections::BTreeMap;

use hansho_domain::{
    Alert, AlertId, Configuration, DedupKey, Effect, IntegrationId, Language, Method, Notification, PageReason, Quiet, QuietTime,
    QuietTimes, Recipient, Restriction, Roster, Severity, Target, Transition, Urgency, User, UserId, Weekdays, open, with_covers,
};
use jiff::{Timestamp, civil::Time};
use proptest::prelude::*;

const NIGHT: &str = "2027-01-04T23:00:00Z";

fn id(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

fn time(from: i8, to: i8, quiet: Quiet) -> QuietTime {
    let window = Restriction::TimeOfDay { from: Time::constant(from, 0, 0, 0), to: Time::constant(to, 0, 0, 0), days: Weekdays::ALL };
    QuietTime { window, quiet }
}

fn covered(by: &str) -> Vec<QuietTime> {
    vec![time(22, 7, Quiet::Covered { by: id(by) })]
}

fn person(name: &str, times: Vec<QuietTime>) -> User {
    let user = User::new(id(name), name, Language::En, vec![Method::Sms], Vec::new(), Vec::new()).unwrap();
    user.with_quiet(QuietTimes::new("UTC", times).unwrap()).unwrap()
}

/// A team whose catch-all policy calls aiko, and nobody else.
fn roster(people: Vec<User>) -> Roster {
    let fallback = vec![Target::User(id("aiko"))];
    let configuration = Configuration::new(people, Vec::new(), Vec::new(), Vec::new(), Vec::new(), fallback).unwrap();
    Roster::at(&configuration.bundles(1)[0], &[], NIGHT.parse().unwrap())
}

fn alert(severity: Severity) -> Alert {
    Alert {
        id: AlertId::from_hash([7; 16]),
        integration: IntegrationId::new("manual").unwrap(),
        dedup_key: DedupKey::new("k").unwrap(),
        occurred_at: NIGHT.parse().unwrap(),
        severity,
        priority: None,
        title: "It burns".to_owned(),
        details: String::new(),
        runbook: None,
        link: None,
        labels: hansho_domain::Labels::new(),
        references: Vec::new(),
        held: None,
        pause: None,
        remark: None,
        opened_by: None,
    }
}

fn notifications(transition: &Transition) -> Vec<&Notification> {
    let all = transition.effects.iter().flat_map(|effect| match effect {
        Effect::Notify(notification) => std::slice::from_ref(notification),
        Effect::FanOut(notifications) => notifications.as_slice(),
        Effect::ArmTimer { .. } => &[],
    });
    all.collect()
}

fn opened(roster: &Roster) -> Vec<(String, PageReason)> {
    let now: Timestamp = NIGHT.parse().unwrap();
    let transition = open(&alert(Severity::Critical), roster, now);
    let told = notifications(&transition).into_iter().filter_map(|one| match &one.to {
        Recipient::Person { user, .. } => Some((user.to_string(), one.reason.clone())),
        Recipient::Destination { .. } => None,
    });
    told.collect()
}

#[test]
fn the_cover_is_paged_in_the_persons_place_and_told_for_whom() {
    let roster = roster(vec![person("aiko", covered("ben")), person("ben", Vec::new())]);
    assert_eq!(opened(&roster), [("ben".to_owned(), PageReason::Cover { user: id("aiko") })]);
}

#[test]
fn a_cover_who_is_quiet_too_leaves_the_page_to_the_person() {
    let roster = roster(vec![person("aiko", covered("ben")), person("ben", covered("chie")), person("chie", Vec::new())]);
    let told = opened(&roster);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0, "aiko");
    assert!(!matches!(told[0].1, PageReason::Cover { .. }));
}

#[test]
fn a_quiet_time_without_a_cover_hides_no_page_of_high_urgency() {
    let roster = roster(vec![person("aiko", vec![time(0, 0, Quiet::Waits { methods: Vec::new() })])]);
    assert_eq!(opened(&roster)[0].0, "aiko");
}

#[test]
fn low_urgency_is_nobody_elses_business() {
    let roster = roster(vec![person("aiko", covered("ben")), person("ben", Vec::new())]);
    let called = with_covers(&roster, vec![(id("aiko"), String::new())], Urgency::Low, NIGHT.parse().unwrap());
    assert_eq!((called[0].user.as_str(), called[0].for_user.as_ref()), ("aiko", None));
}

const NAMES: [&str; 4] = ["aiko", "ben", "chie", "dai"];

prop_compose! {
    fn quiet_of(own: usize)(given in prop::collection::vec((0_i8..24, 0_i8..24, 0..5_usize), 0..4)) -> Vec<QuietTime> {
        let quiet = |kind: usize| match NAMES.get(kind) {
            Some(name) if kind != own => Quiet::Covered { by: id(name) },
            Some(_) | None => Quiet::Waits { methods: Vec::new() },
        };
        given.into_iter().map(|(from, to, kind)| time(from, to, quiet(kind))).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever anybody wants quiet: the page goes out, to the person or to whoever covers for them, and to nobody twice.
    #[test]
    fn a_page_of_high_urgency_always_reaches_somebody(
        quiet in (quiet_of(0), quiet_of(1), quiet_of(2), quiet_of(3)), hour in 0_i64..24, called in prop::collection::btree_set(0..4_usize, 1..4),
    ) {
        let (a, b, c, d) = quiet;
        let people: Vec<User> = NAMES.into_iter().zip([a, b, c, d]).map(|(name, times)| person(name, times)).collect();
        let users: BTreeMap<UserId, User> = people.iter().map(|user| (user.id().clone(), user.clone())).collect();
        let fallback = called.iter().map(|place| Target::User(id(NAMES[*place]))).collect();
        let configuration = Configuration::new(people, Vec::new(), Vec::new(), Vec::new(), Vec::new(), fallback).unwrap();
        let now = "2027-01-04T00:30:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_hours(hour);
        let roster = Roster::at(&configuration.bundles(1)[0], &[], now);
        let transition = open(&alert(Severity::Critical), &roster, now);
        let told: Vec<UserId> = notifications(&transition).iter().filter_map(|one| one.user().cloned()).collect();
        for place in called {
            let user = id(NAMES[place]);
            let cover = users[&user].quiet().cover_at(now);
            prop_assert!(told.contains(&user) || cover.is_some_and(|cover| told.contains(cover)), "{user} and {cover:?} of {told:?}");
        }
        for user in &told {
            prop_assert_eq!(told.iter().filter(|other| *other == user).count(), 1, "twice: {:?}", told);
        }
    }
}
