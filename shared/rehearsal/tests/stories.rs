//! Stories of one incident: who is paged, how, when, and how it ends.

mod common;

use common::{TEAM, answer, at, scenario, stage, told};
use hansho_domain::Severity;
use hansho_rehearsal::{Ending, Idle, IdleAnswer, Reaction, Scenario, rehearse};
use jiff::SignedDuration;

#[test]
fn nobody_answers_and_the_policy_is_played_to_its_end_and_two_pages_beyond() {
    let story = rehearse(&stage(TEAM), &scenario());
    let round = |start: i64| {
        [
            (0, "aiko sms"),
            (180, "aiko email"),
            (300, "ben sms"),
            (600, "aiko sms"),
            (600, "ben sms"),
            (600, "chie sms"),
            (780, "aiko email"),
        ]
        .map(|(after, page)| format!("{} {page}", start + after))
    };
    let again = |start: i64| {
        [(0, "aiko sms"), (0, "ben sms"), (0, "chie sms"), (180, "aiko email")].map(|(after, page)| format!("{} {page}", start + after))
    };
    let expected: Vec<String> = round(0).into_iter().chain(round(1200)).chain(again(2400 + 1800)).chain(again(2400 + 3600)).collect();
    assert_eq!(told(&story), expected);
    assert_eq!(story.ending, Ending::Exhausted { repage_seconds: 1800 });
    assert_eq!(story.pages[0].until, Some(at("2026-11-20T12:05+09:00")));
    assert_eq!(story.pages[1].until, Some(at("2026-11-20T12:05+09:00")), "a delayed rule does not make the wait longer");
}

#[test]
fn whoever_is_on_call_is_asked_anew_at_every_step() {
    let late = Scenario { at: at("2026-11-21T09:55+09:00"), ..scenario() };
    let story = rehearse(&stage(TEAM), &late);
    assert_eq!(told(&story)[..2], ["0 aiko sms", "180 aiko email"]);
    let second_round = story.pages.iter().find(|page| page.position.round == 1).unwrap();
    assert_eq!(second_round.who(), "chie", "the hand-off was at 10:00");
}

#[test]
fn an_answer_ends_the_pages_and_its_timeout_begins_them_again() {
    let answers = vec![answer("ben", 60, Reaction::Acknowledge)];
    let story = rehearse(&stage(TEAM), &Scenario { answers, ..scenario() });
    assert_eq!(told(&story)[..5], ["0 aiko sms", "180 aiko email", "300 ben sms", "1560 ben sms", "1860 aiko sms"]);
    assert!(story.idle_answers.is_empty());
}

#[test]
fn a_resolution_ends_the_story() {
    let answers = vec![answer("aiko", 200, Reaction::Resolve)];
    let story = rehearse(&stage(TEAM), &Scenario { answers, ..scenario() });
    assert_eq!(told(&story), ["0 aiko sms", "180 aiko email"]);
    assert_eq!(story.ending, Ending::Resolved);
}

#[test]
fn an_escalation_calls_the_next_step_before_its_time() {
    let answers = vec![answer("aiko", 60, Reaction::Escalate), answer("ben", 0, Reaction::Resolve)];
    let story = rehearse(&stage(TEAM), &Scenario { answers, ..scenario() });
    assert_eq!(told(&story), ["0 aiko sms", "60 ben sms"]);
}

#[test]
fn an_answer_of_somebody_who_is_never_paged_is_told() {
    let idle = answer("chie", 60, Reaction::Acknowledge);
    let answers = vec![answer("aiko", 60, Reaction::Resolve), idle.clone()];
    let story = rehearse(&stage(TEAM), &Scenario { answers, ..scenario() });
    assert_eq!(story.idle_answers, [IdleAnswer { answer: idle, why: Idle::NeverPaged }]);
}

#[test]
fn low_urgency_is_told_once_and_ends_quietly() {
    let low = Scenario::new(scenario().at, "disk", Severity::Warning, None).unwrap();
    let story = rehearse(&stage(TEAM), &low);
    assert_eq!(told(&story), ["0 aiko email"]);
    assert_eq!(story.ending, Ending::Quiet);
}

#[test]
fn a_second_message_within_half_a_minute_waits_and_takes_others_along() {
    let text = TEAM.replace(
        "high: [{ after: 0m, by: sms }, { after: 3m, by: email }]",
        "high: [{ after: 0m, by: sms }, { after: 10s, by: sms }, { after: 20s, by: sms }, { after: 40s, by: sms }]",
    );
    let answers = vec![answer("aiko", 200, Reaction::Resolve)];
    let story = rehearse(&stage(&text), &Scenario { answers, ..scenario() });
    assert_eq!(told(&story), ["0 aiko sms", "30 aiko sms", "60 aiko sms"]);
    assert_eq!(story.pages[1].reasons.len(), 2);
}

#[test]
fn a_message_that_waits_is_not_sent_once_somebody_has_answered() {
    let text = TEAM.replace("{ after: 3m, by: email }", "{ after: 10s, by: sms }");
    let answers = vec![answer("aiko", 20, Reaction::Acknowledge)];
    let story = rehearse(&stage(&text), &Scenario { answers, until: Some(SignedDuration::from_mins(10)), ..scenario() });
    assert_eq!(told(&story), ["0 aiko sms"]);
    assert_eq!(story.ending, Ending::Cut);
}
