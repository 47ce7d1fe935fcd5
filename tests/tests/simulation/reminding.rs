//! One scripted fault each for messages that belong to no incident, under the names of `docs/failure-modes.md`: reminders of shifts,
//! overrides that move them, drills and their answers.

use std::{cell::RefCell, rc::Rc};

use hansho::local::aws::{ProviderFault, Service};
use hansho_domain::{Method, NoticeKind, OverrideChange, ReminderRule, ShiftEdge};

use super::{
    START_MS,
    scenarios::{Stage, once, outage, times},
    work::{Deed, Work},
    workload::{Plan, override_of, primary, user},
    world::{Fate, Scene, drill_id},
};

/// The shift changes an hour after the world begins, from the first person to the second.
const HAND_OFF_SECONDS: i64 = 3_600;
/// When the second person is reminded of it: fifty minutes before.
const DUE_SECONDS: i64 = 600;

fn rule(before_seconds: i64) -> ReminderRule {
    ReminderRule { before_seconds: u32::try_from(before_seconds).unwrap(), by: Some(Method::Sms), of: ShiftEdge::Start }
}

/// Both are reminded of their shifts by a text.
fn stage() -> Stage {
    let reminders = vec![vec![rule(HAND_OFF_SECONDS - DUE_SECONDS)]; 2];
    Stage::of(Plan { reminders, ..Plan::two_people() })
}

fn with(script: impl FnMut(&Scene<'_>) -> Option<Fate> + 'static) -> Stage {
    let mut stage = stage();
    stage.world.script = Some(Box::new(script));
    stage
}

fn deed_at(stage: &Stage, second: i64, deed: Deed) {
    stage.world.post(START_MS + second * 1000, Work::Deed { deed, tries: 0 });
}

/// The first person takes the hour of the second that begins at the hand-off.
fn takes_over(at_second: i64) -> Deed {
    let ms = |second: i64| START_MS + second * 1000;
    let change = OverrideChange::ReplaceAll { by: vec![user(1)] };
    Deed::AddOverride(override_of("o1", ms(at_second), ms(HAND_OFF_SECONDS), ms(HAND_OFF_SECONDS + 3_600), change))
}

/// A message that a provider accepted: after how many seconds, to whom, about what.
type Message = (i64, String, &'static str);

/// The same as it is expected: to whom, about what, between which seconds.
type Expected = (&'static str, &'static str, std::ops::RangeInclusive<i64>);

/// What was accepted so far: after how many seconds, to whom, about what.
fn told(stage: &Stage) -> Vec<Message> {
    let state = stage.world.board.state();
    let notices = &state.history.notices;
    let one = |told: &super::notices::Told| {
        let notice = &notices.made[&told.id];
        ((told.ms - START_MS) / 1000, notice.user.to_string(), notice.kind.as_str())
    };
    notices.told.iter().map(one).collect()
}

#[track_caller]
fn expect(stage: &Stage, expected: &[Expected]) {
    let told = told(stage);
    let fits = |((at, to, what), (user, kind, when)): (&Message, &Expected)| to == user && what == kind && when.contains(at);
    let is_so = told.len() == expected.len() && told.iter().zip(expected).all(fits);
    assert!(is_so, "expected {expected:?}, got {told:?}\n{}", stage.trace());
}

const REMINDED: [Expected; 1] = [("u2", "shift_begins", DUE_SECONDS..=DUE_SECONDS + 65)];

#[test]
fn everybody_is_reminded_of_a_shift_once() {
    let mut stage = stage();
    expect(stage.until(DUE_SECONDS - 1), &[]);
    expect(stage.until(HAND_OFF_SECONDS + 600), &REMINDED);
    stage.ends_well();
}

#[test]
fn crash_between_a_reminder_and_the_move_of_its_schedule() {
    let mut fate = Some(Fate::CrashBefore);
    let mut stage = with(move |scene| {
        let is_move = scene.function == "sweeper" && scene.call.operation == "UpdateItem" && scene.body.contains("REMINDER#primary");
        let is_due = scene.now_ms >= START_MS + DUE_SECONDS * 1000;
        if is_move && is_due && scene.body.contains(":touched") { fate.take() } else { None }
    });
    expect(stage.until(DUE_SECONDS + 300), &REMINDED);
    stage.ends_well();
}

#[test]
fn crash_between_accept_and_record_of_a_reminder() {
    let mut stage = with(once("delivery", "Publish", "", Fate::CrashAfter));
    // The one duplicate that no design removes where the provider knows no idempotency key.
    stage.until(DUE_SECONDS + 300);
    let again = ("u2", "shift_begins", DUE_SECONDS + 30..=DUE_SECONDS + 100);
    expect(&stage, &[REMINDED[0].clone(), again]);
    assert_eq!(stage.world.board.state().history.notices.duplicates_explained, 1);
    stage.ends_well();
}

#[test]
fn no_stream_record_comes_for_a_reminder() {
    let mut stage = stage();
    stage.world.board.state().weather.stream_lost = 10_000;
    // The sweeper that made it, or the next one, sends it on its way.
    expect(stage.until(DUE_SECONDS + 200), &[("u2", "shift_begins", DUE_SECONDS..=DUE_SECONDS + 140)]);
    stage.ends_well();
}

#[test]
fn a_shift_moves_while_its_reminder_waits() {
    let mut stage = stage();
    let mut sms = outage("sms", "", ProviderFault::Unavailable);
    (sms.from_ms, sms.until_ms) = (START_MS + DUE_SECONDS * 1000, START_MS + (DUE_SECONDS + 400) * 1000);
    stage.world.board.state().weather.outages = vec![sms];
    // The second person's reminder is tried in vain. Then the shift is the first person's, who goes on: nobody begins anything.
    deed_at(&stage, DUE_SECONDS + 200, takes_over(DUE_SECONDS + 200));
    expect(stage.until(HAND_OFF_SECONDS - 10), &[]);
    stage.ends_well();
}

#[test]
fn a_shift_that_moves_away_and_back_is_reminded_of() {
    let mut stage = stage();
    let mut sms = outage("sms", "", ProviderFault::Unavailable);
    (sms.from_ms, sms.until_ms) = (START_MS + DUE_SECONDS * 1000, START_MS + (DUE_SECONDS + 900) * 1000);
    stage.world.board.state().weather.outages = vec![sms];
    deed_at(&stage, DUE_SECONDS + 200, takes_over(DUE_SECONDS + 200));
    deed_at(&stage, DUE_SECONDS + 1_000, Deed::RemoveOverride { schedule: primary(), id: "o1".to_owned() });
    expect(stage.until(HAND_OFF_SECONDS - 10), &[("u2", "shift_begins", DUE_SECONDS + 1_000..=DUE_SECONDS + 1_130)]);
    stage.ends_well();
}

#[test]
fn override_dies_after_its_transaction() {
    let mut stage = with(once("api", "TransactWriteItems", "OVERRIDE#", Fate::CrashAfter));
    deed_at(&stage, 300, takes_over(300));
    // It stands, whoever made it makes it again, and the schedule was marked in the same transaction.
    expect(stage.until(HAND_OFF_SECONDS - 10), &[]);
    stage.ends_well();
}

/// Both are asked by text and by mail.
const ASKED: usize = 4;

#[test]
fn drill_dies_before_its_messages_are_made() {
    let mut stage = with(times(2, "api", "PutItem", "NOTICE#", Fate::CrashBefore));
    deed_at(&stage, 20, Deed::Drill { number: 1 });
    stage.until(200);
    let told = told(&stage);
    assert_eq!(told.len(), ASKED, "{told:?}\n{}", stage.trace());
    let (drill, unproven, people) = stage.certificate(1);
    assert_eq!((drill.asked.len(), unproven.len(), people.len()), (ASKED, 2, 2));
    stage.ends_well();
}

#[test]
fn drill_answer_is_lost() {
    let mut stage = with(once("delivery", "Publish", "", Fate::CrashAfter));
    deed_at(&stage, 20, Deed::Drill { number: 1 });
    let answer = |person: u64| Deed::Answer { user: user(person), method: Method::Sms, drill: drill_id(1) };
    stage.until(100);
    stage.world.script = Some(Box::new(once("api", "UpdateItem", "CONTACT#", Fate::LostAnswer)));
    deed_at(&stage, 110, answer(2));
    stage.until(111);
    // The tap counts, whatever the person was told.
    let (_, unproven, _) = stage.certificate(1);
    assert_eq!(unproven.into_iter().collect::<Vec<_>>(), [user(1)]);
    stage.until(130);
    assert!(stage.world.answers.values().any(|answered| answered.is_made), "they tapped again\n{}", stage.trace());
    stage.ends_well();
}

/// Calls that change something. A crash at any other is a crash after the last of these, or before the next.
const CHANGES: [&str; 7] = ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "SendMessage", "Publish", "SendEmail"];

/// A crash at the call of this number that changes something, before or after it.
fn world_with_a_crash_at(number: u32, fate: &Fate) -> (Stage, Option<(&'static str, String)>) {
    let struck: Rc<RefCell<Option<(&'static str, String)>>> = Rc::default();
    let (mut left, fate, at) = (number, fate.clone(), Rc::clone(&struck));
    let mut stage = with(move |scene| {
        if !CHANGES.contains(&scene.call.operation.as_str()) {
            return None;
        }
        if left == 0 && at.borrow().is_none() {
            let is_sending = matches!(scene.call.service, Service::Sns | Service::Ses);
            let what = if is_sending { "sending".to_owned() } else { scene.call.operation.clone() };
            *at.borrow_mut() = Some((scene.function, what));
            return Some(fate.clone());
        }
        left = left.saturating_sub(1);
        None
    });
    stage.world.is_fast = true;
    deed_at(&stage, 20, Deed::Drill { number: 1 });
    deed_at(&stage, 30, takes_over(30));
    deed_at(&stage, 200, Deed::RemoveOverride { schedule: primary(), id: "o1".to_owned() });
    let answer = Deed::Answer { user: user(1), method: Method::Sms, drill: drill_id(1) };
    deed_at(&stage, 320, answer);
    stage.until(DUE_SECONDS + 240);
    let struck = struck.borrow().clone();
    (stage, struck)
}

#[test]
fn a_crash_at_any_call_loses_no_reminder_and_no_question_and_doubles_only_what_was_accepted() {
    for fate in [Fate::CrashBefore, Fate::CrashAfter] {
        for number in 0.. {
            let (stage, struck) = world_with_a_crash_at(number, &fate);
            let Some((function, what)) = struck else {
                assert!(number > 25, "{number} calls are too few");
                break;
            };
            let told = told(&stage);
            let count = |kind: &str| told.iter().filter(|(.., what)| *what == kind).count();
            // Between the provider's acceptance and the record of it.
            let is_doubled = match fate {
                Fate::CrashAfter => what == "sending",
                _ => (function, what.as_str()) == ("delivery", "TransactWriteItems"),
            };
            let at = format!("{fate:?} at call {number} ({function} {what}): {told:?}\n{}", stage.trace());
            assert_eq!(
                (count("shift_begins") + count("drill"), count("shift_begins") >= 1),
                (ASKED + 1 + usize::from(is_doubled), true),
                "{at}"
            );
            let explained = stage.world.board.state().history.notices.duplicates_explained;
            assert_eq!(explained, u64::from(is_doubled), "{at}");
            let (_, unproven, _) = stage.certificate(1);
            assert_eq!(unproven.into_iter().collect::<Vec<_>>(), [user(2)], "{at}");
            // The laws about everything else are looked at now and then: they take more time than the rest.
            if number % 10 == 0 {
                stage.ends_well();
            }
        }
    }
}

#[test]
fn the_world_knows_a_drill_from_a_reminder() {
    let mut stage = stage();
    deed_at(&stage, 20, Deed::Drill { number: 1 });
    stage.until(DUE_SECONDS + 120);
    let state = stage.world.board.state();
    let drills = state.history.notices.made.values().filter(|notice| matches!(notice.kind, NoticeKind::Drill { .. })).count();
    assert_eq!((drills, state.history.notices.made.len()), (ASKED, ASKED + 1));
}
