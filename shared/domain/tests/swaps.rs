//! Swaps of shifts, and what one override changes on top of others.

#![expect(clippy::unwrap_used, reason = "a test that can not make its values has failed")]

use std::collections::BTreeSet;

use hansho_domain::{Override, OverrideChange, Rotation, RotationSpec, Schedule, Shift, Swap, SwapId, Turn, UserId};
use jiff::Timestamp;

fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn shift(from: &str, until: &str) -> Shift {
    Shift { from: at(from), until: at(until) }
}

/// Weeks in turn from Monday the 4th: aiko, ben, chie.
fn schedule() -> Schedule {
    let members = ["aiko", "ben", "chie"].map(user);
    let spec = RotationSpec::new("weekly", "2027-01-04T10:00".parse().unwrap(), Turn::Weeks(1), members);
    Schedule::new("shop".parse().unwrap(), "The shop", "UTC", vec![Rotation::new(spec).unwrap()]).unwrap()
}

const FIRST: (&str, &str) = ("2027-01-04T10:00:00Z", "2027-01-11T10:00:00Z");
const SECOND: (&str, &str) = ("2027-01-11T10:00:00Z", "2027-01-18T10:00:00Z");

fn swap() -> Swap {
    Swap {
        id: SwapId::new("0123456789abcdef0123456789abcdef").unwrap(),
        schedule: "shop".parse().unwrap(),
        name: "The shop".to_owned(),
        by: user("ben"),
        with: user("aiko"),
        gives: shift(SECOND.0, SECOND.1),
        takes: shift(FIRST.0, FIRST.1),
        asked_at: at("2027-01-01T00:00:00Z"),
    }
}

fn made(id: &str, change: OverrideChange, (from, until): (&str, &str), created_at: &str) -> Override {
    Override::new(id.to_owned(), "shop".parse().unwrap(), at(from), at(until), change, at(created_at)).unwrap()
}

fn replace(from: &str, to: &str) -> OverrideChange {
    OverrideChange::Replace { user: user(from), by: vec![user(to)] }
}

#[test]
fn a_swap_stands_while_both_have_all_of_what_they_give_and_none_of_what_they_get() {
    let schedule = schedule();
    assert!(swap().stands(&schedule, &[]));
    let a_day = ("2027-01-06T00:00:00Z", "2027-01-07T00:00:00Z");
    for (name, change, shift) in [
        ("a part is another's by now", replace("aiko", "chie"), a_day),
        ("whoever asks is on call beside the other already", OverrideChange::Add { by: vec![user("ben")] }, a_day),
        ("nobody is on call", OverrideChange::Nobody, a_day),
        ("the asker's own has gone", replace("ben", "chie"), SECOND),
    ] {
        let changed = made("o1", change, shift, "2027-01-02T00:00:00Z");
        assert!(!swap().stands(&schedule, std::slice::from_ref(&changed)), "{name}");
    }
    let beside = made("o1", OverrideChange::Add { by: vec![user("chie")] }, a_day, "2027-01-02T00:00:00Z");
    assert!(swap().stands(&schedule, &[beside]), "a third one beside them does not concern it");
    assert!(!Swap { with: user("ben"), ..swap() }.stands(&schedule, &[]), "nobody swaps with themselves");
    assert!(!Swap { takes: shift(FIRST.1, FIRST.0), ..swap() }.stands(&schedule, &[]), "a shift that ends before it begins is none");
}

#[test]
fn a_swap_comes_to_two_overrides_and_each_has_the_others_shift() {
    let (schedule, swap) = (schedule(), swap());
    let made = swap.overrides(["a".to_owned(), "b".to_owned()], at("2027-01-02T00:00:00Z")).unwrap();
    for (moment, who) in [(FIRST.0, "ben"), ("2027-01-11T09:59:59Z", "ben"), (SECOND.0, "aiko"), (SECOND.1, "chie")] {
        assert_eq!(schedule.on_call_at(&made, at(moment)), [user(who)], "{moment}");
    }
    assert_eq!(swap.expires_at(), at(FIRST.0), "the first of the two begins");
    assert_eq!(swap.seen_by(&user("aiko")), (swap.takes, swap.gives));
    assert_eq!(swap.seen_by(&user("ben")), (swap.gives, swap.takes));
    assert_eq!((swap.other_than(&user("aiko")), swap.other_than(&user("ben"))), (&user("ben"), &user("aiko")));
}

#[test]
fn what_an_override_changes_is_who_is_on_call_by_it_and_who_is_not_any_more() {
    let schedule = schedule();
    let both = (FIRST.0, SECOND.1);
    let people = |names: &[&str]| names.iter().map(|name| user(name)).collect::<BTreeSet<_>>();
    for (name, change, lost, gained) in [
        ("one place", replace("aiko", "chie"), &["aiko"][..], &["chie"][..]),
        ("everybody's", OverrideChange::ReplaceAll { by: vec![user("ben")] }, &["aiko"], &["ben"]),
        ("somebody too", OverrideChange::Add { by: vec![user("chie")] }, &[], &["chie"]),
        ("nobody", OverrideChange::Nobody, &["aiko", "ben"], &[]),
        ("who is not there", replace("chie", "ben"), &[], &[]),
    ] {
        let made = made("o1", change, both, "2027-01-02T00:00:00Z");
        let effect = schedule.effect_of(&[], &made, at("2027-01-01T00:00:00Z"));
        assert_eq!((effect.lost.clone(), effect.gained.clone()), (people(lost), people(gained)), "{name}");
        assert_eq!(effect.is_nothing(), lost.is_empty() && gained.is_empty(), "{name}");
    }
    let first = made("o1", replace("aiko", "chie"), FIRST, "2027-01-02T00:00:00Z");
    let second = made("o2", replace("chie", "ben"), FIRST, "2027-01-02T01:00:00Z");
    let effect = schedule.effect_of(&[first.clone(), second.clone()], &first, at(FIRST.0));
    assert_eq!((effect.lost, effect.gained), (people(&["aiko"]), people(&["ben"])), "what lies over it counts");
    let over = schedule.effect_of(std::slice::from_ref(&first), &first, at(FIRST.1));
    assert!(over.is_nothing(), "what is over changes nothing any more");
}
