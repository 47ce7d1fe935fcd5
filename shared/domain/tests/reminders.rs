//! Hand-off reminders: who is told ahead of which shift, and when a schedule is looked at next.

#![expect(clippy::unwrap_used, reason = "a test that can not make its values has failed")]

use std::collections::BTreeMap;

use hansho_domain::{
    HandOff, Language, Method, NoticeKind, Override, OverrideChange, ReminderRule, Reminders, Rotation, RotationSpec, Schedule, ScheduleId,
    ShiftEdge, Turn, User, UserId,
};
use jiff::{SignedDuration, Timestamp};

const HOUR: u32 = 3_600;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

/// Aiko, then ben, a week each, from Monday 10:00 in Tokyo (01:00 UTC).
fn schedule() -> Schedule {
    let spec = RotationSpec::new("weekly", "2027-01-04T10:00".parse().unwrap(), Turn::Weeks(1), [user("aiko"), user("ben")]);
    Schedule::new(ScheduleId::new("primary").unwrap(), "Checkout, primary", "Asia/Tokyo", vec![Rotation::new(spec).unwrap()]).unwrap()
}

fn person(name: &str, methods: &[Method]) -> User {
    User::new(user(name), name, Language::En, methods.to_vec(), Vec::new(), Vec::new()).unwrap()
}

fn people() -> BTreeMap<UserId, User> {
    let both = [Method::Sms, Method::Email];
    ["aiko", "ben", "chie"].into_iter().map(|name| (user(name), person(name, &both))).collect()
}

fn with(name: &str, rules: &[(u32, Option<Method>, ShiftEdge)]) -> BTreeMap<UserId, User> {
    let rules = rules.iter().map(|(before_seconds, by, of)| ReminderRule { before_seconds: *before_seconds, by: *by, of: *of }).collect();
    let mut people = people();
    let user = people.remove(&user(name)).unwrap().with_reminders(rules).unwrap();
    people.insert(user.id().clone(), user);
    people
}

fn replaced(id: &str, from: &str, until: &str, out: &str, by: &str) -> Override {
    let change = OverrideChange::Replace { user: user(out), by: vec![user(by)] };
    let id_of_schedule = ScheduleId::new("primary").unwrap();
    Override::new(id.to_owned(), id_of_schedule, at(from), at(until), change, at("2027-01-01T00:00:00Z")).unwrap()
}

/// `ben start email 86400`.
fn told(found: &Reminders) -> Vec<String> {
    let words = found.due.iter().map(|reminder| {
        let which = match &reminder.kind {
            NoticeKind::ShiftBegins(_) => "start",
            NoticeKind::ShiftEnds(_) => "end",
            NoticeKind::Verification
            | NoticeKind::Drill { .. }
            | NoticeKind::SignIn { .. }
            | NoticeKind::PasskeyAdded { .. }
            | NoticeKind::Invitation { .. }
            | NoticeKind::OverrideMade(_)
            | NoticeKind::OverrideRemoved(_)
            | NoticeKind::Swap { .. } => "no reminder",
        };
        format!("{} {which} {} {}", reminder.user, reminder.method.as_str(), reminder.before_seconds)
    });
    words.collect()
}

#[test]
fn whoever_chose_nothing_is_told_a_day_before_by_a_quiet_method() {
    let found = schedule().reminders(&[], &people(), at("2027-01-10T01:00:00Z"));
    assert_eq!(told(&found), ["ben start email 86400"]);
    let NoticeKind::ShiftBegins(HandOff { schedule: of, name, at: begins, until, others }) = &found.due[0].kind else {
        panic!("it begins")
    };
    assert_eq!((of.as_str(), name.as_str(), *begins), ("primary", "Checkout, primary", at("2027-01-11T01:00:00Z")));
    assert_eq!((*until, others.as_slice()), (Some(at("2027-01-18T01:00:00Z")), [user("aiko")].as_slice()));
    let mut alone = people();
    alone.insert(user("ben"), person("ben", &[Method::Sms]));
    let found = schedule().reminders(&[], &alone, at("2027-01-10T01:00:00Z"));
    assert!(told(&found).is_empty(), "a text rings at night, and nobody asked for it");
    let chosen = vec![ReminderRule::DEFAULT];
    alone.insert(user("ben"), person("ben", &[Method::Sms]).with_reminders(chosen).unwrap());
    assert_eq!(told(&schedule().reminders(&[], &alone, at("2027-01-10T01:00:00Z"))), ["ben start sms 86400"], "there is nothing quieter");
}

#[test]
fn nothing_is_due_before_the_lead_and_the_next_look_is_when_it_begins() {
    let found = schedule().reminders(&[], &people(), at("2027-01-10T00:59:59Z"));
    assert_eq!((told(&found), found.next_at), (Vec::new(), at("2027-01-10T01:00:00Z")));
    let after = schedule().reminders(&[], &people(), at("2027-01-10T01:00:00Z"));
    assert_eq!(after.next_at, at("2027-01-17T01:00:00Z"), "aiko's next shift");
}

#[test]
fn a_shift_that_has_begun_is_not_announced() {
    for now in ["2027-01-11T01:00:00Z", "2027-01-11T01:00:01Z", "2027-01-12T00:00:00Z"] {
        assert_eq!(told(&schedule().reminders(&[], &people(), at(now))), [""; 0], "{now}");
    }
    assert_eq!(told(&schedule().reminders(&[], &people(), at("2027-01-11T00:59:59Z"))), ["ben start email 86400"]);
}

#[test]
fn of_several_leads_each_has_its_time_and_who_looks_late_tells_the_shortest_only() {
    let people = with("ben", &[(24 * HOUR, None, ShiftEdge::Start), (HOUR, Some(Method::Sms), ShiftEdge::Start)]);
    let look = |now: &str| schedule().reminders(&[], &people, at(now));
    assert_eq!(told(&look("2027-01-10T01:00:00Z")), ["ben start email 86400"]);
    assert_eq!(look("2027-01-10T01:00:00Z").next_at, at("2027-01-11T00:00:00Z"));
    assert_eq!(told(&look("2027-01-11T00:30:00Z")), ["ben start sms 3600"]);
}

#[test]
fn the_end_of_a_shift_is_told_to_whoever_asked_for_it() {
    let people = with("aiko", &[(HOUR, None, ShiftEdge::End)]);
    let found = schedule().reminders(&[], &people, at("2027-01-11T00:00:00Z"));
    assert_eq!(told(&found), ["ben start email 86400", "aiko end email 3600"]);
    let NoticeKind::ShiftEnds(hand_off) = &found.due[1].kind else { panic!("it ends") };
    assert_eq!((hand_off.until, hand_off.others.as_slice()), (None, [user("ben")].as_slice()));
}

#[test]
fn no_reminders_means_none() {
    assert_eq!(told(&schedule().reminders(&[], &with("ben", &[]), at("2027-01-10T12:00:00Z"))), [""; 0]);
}

#[test]
fn a_shift_that_merely_continues_begins_nowhere() {
    // Aiko takes ben's week: she goes on, and ben does not begin.
    let all_week = replaced("o1", "2027-01-11T01:00:00Z", "2027-01-18T01:00:00Z", "ben", "aiko");
    assert_eq!(told(&schedule().reminders(&[all_week], &people(), at("2027-01-10T12:00:00Z"))), [""; 0]);
    // Over a hand-off to herself she goes on too.
    let spec = RotationSpec::new("daily", "2027-01-04T10:00".parse().unwrap(), Turn::Days(1), [user("aiko")]);
    let alone = Schedule::new(ScheduleId::new("primary").unwrap(), "Primary", "Asia/Tokyo", vec![Rotation::new(spec).unwrap()]).unwrap();
    assert_eq!(told(&alone.reminders(&[], &people(), at("2027-01-10T12:00:00Z"))), [""; 0]);
}

#[test]
fn an_override_tells_whoever_takes_over_and_names_who_hands_over() {
    let night = replaced("o1", "2027-01-06T13:00:00Z", "2027-01-06T22:00:00Z", "aiko", "chie");
    let found = schedule().reminders(&[night], &people(), at("2027-01-06T00:00:00Z"));
    assert_eq!(told(&found), ["chie start email 86400", "aiko start email 86400"]);
    let NoticeKind::ShiftBegins(chie) = &found.due[0].kind else { panic!("it begins") };
    assert_eq!((chie.until, chie.others.as_slice()), (Some(at("2027-01-06T22:00:00Z")), [user("aiko")].as_slice()));
    let NoticeKind::ShiftBegins(aiko) = &found.due[1].kind else { panic!("it begins") };
    assert_eq!((aiko.at, aiko.others.as_slice()), (at("2027-01-06T22:00:00Z"), [user("chie")].as_slice()));
}

#[test]
fn strangers_are_passed_over_and_a_schedule_without_hand_offs_is_looked_at_within_a_week() {
    let found = schedule().reminders(&[], &BTreeMap::new(), at("2027-01-10T12:00:00Z"));
    assert_eq!((told(&found), found.next_at), (Vec::new(), at("2027-01-17T12:00:00Z")));
}

#[test]
fn every_hand_off_of_a_quarter_is_told_once_by_looking_when_the_schedule_says() {
    let people = with("ben", &[(14 * 24 * HOUR, None, ShiftEdge::Start), (HOUR, None, ShiftEdge::Start)]);
    let mut now = at("2027-01-04T01:00:00Z");
    let (mut seen, mut looks) = (BTreeMap::new(), 0);
    while now < at("2027-04-05T00:00:00Z") {
        let found = schedule().reminders(&[], &people, now);
        for reminder in found.due {
            if let NoticeKind::ShiftBegins(hand_off) = &reminder.kind {
                let due_at = hand_off.at - SignedDuration::from_secs(i64::from(reminder.before_seconds));
                seen.entry((reminder.user.clone(), hand_off.at, reminder.before_seconds)).or_insert((now, due_at));
            }
        }
        assert!(found.next_at > now);
        now = found.next_at;
        looks += 1;
    }
    let late: Vec<_> = seen.iter().filter(|(_, (told_at, due_at))| told_at != due_at && *told_at > at("2027-01-04T01:00:00Z")).collect();
    assert!(late.is_empty(), "{late:#?}");
    let of = |name: &str| seen.keys().filter(|(user, ..)| user.as_str() == name).count();
    // Ben: the first of his seven shifts is less than two weeks away at the beginning; the last one's long lead falls into the quarter.
    assert!(of("ben") >= 13 && of("aiko") >= 6, "{seen:#?}");
    assert!(looks < 60, "{looks} looks");
}

#[test]
fn an_edge_is_where_somebody_begins_or_ends() {
    let schedule = schedule();
    let begins = at("2027-01-11T01:00:00Z");
    let second = begins + SignedDuration::from_secs(1);
    for (name, which, moment, expected) in [
        ("ben", ShiftEdge::Start, begins, true),
        ("aiko", ShiftEdge::End, begins, true),
        ("ben", ShiftEdge::End, begins, false),
        ("aiko", ShiftEdge::Start, begins, false),
        ("chie", ShiftEdge::Start, begins, false),
        ("ben", ShiftEdge::Start, second, false),
    ] {
        assert_eq!(schedule.is_edge(&[], &user(name), which, moment), expected, "{name} {which:?} {moment}");
    }
    let gone = replaced("o1", "2027-01-11T01:00:00Z", "2027-01-12T01:00:00Z", "ben", "chie");
    assert!(!schedule.is_edge(&[gone], &user("ben"), ShiftEdge::Start, begins), "chie took it");
}

#[test]
fn a_reminder_is_refused_that_no_method_brings_or_whose_lead_is_out_of_bounds() {
    let rule = |before_seconds, by| ReminderRule { before_seconds, by, of: ShiftEdge::Start };
    let refused = |rules: Vec<ReminderRule>| person("ben", &[Method::Email]).with_reminders(rules).unwrap_err().0[0].to_string();
    assert!(refused(vec![rule(HOUR, Some(Method::Sms))]).contains("ben has no sms"));
    assert!(refused(vec![rule(59, None)]).contains("shorter than a minute"));
    assert!(refused(vec![rule(15 * 24 * HOUR, None)]).contains("longer than two weeks"));
    assert!(refused(vec![rule(HOUR, None); 11]).contains("has 11; 10 are the most"));
}

#[test]
fn what_people_chose_survives_storage_and_old_items_are_read_without_it() {
    let people = with("ben", &[(HOUR, Some(Method::Sms), ShiftEdge::End)]);
    let stored = serde_json::to_string(&people[&user("ben")]).unwrap();
    assert_eq!(serde_json::from_str::<User>(&stored).unwrap(), people[&user("ben")]);
    let none = with("ben", &[]);
    let stored = serde_json::to_string(&none[&user("ben")]).unwrap();
    assert_eq!(serde_json::from_str::<User>(&stored).unwrap().reminders(), [], "none at all is not nothing chosen");
    let old = serde_json::to_string(&person("ben", &[Method::Sms])).unwrap();
    assert!(!old.contains("reminders") && !old.contains("quiet"), "{old}");
    assert_eq!(serde_json::from_str::<User>(&old).unwrap().reminders(), [ReminderRule::DEFAULT]);
    let newer =
        old.replace("\"low\":[]", r#""low":[],"reminders":[{"before_seconds":3600,"of":"start"},{"at":"09:00"}],"quiet":{"moon":"full"}"#);
    let read = serde_json::from_str::<User>(&newer).unwrap();
    assert_eq!((read.reminders().len(), read.quiet().is_empty()), (1, true), "what newer code wrote is left out");
}
