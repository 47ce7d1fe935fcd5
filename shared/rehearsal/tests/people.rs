//! Stories of who helps, whose turn it is, and who is on call in place of others.
#![expect(clippy::unwrap_used, reason = "a story that can not go on has failed")]

mod common;

use common::{TEAM, answer, at, happened, scenario, stage, told};
use hansho_domain::{Event, Ignored, Override, OverrideChange, Rejected, StepTurn};
use hansho_rehearsal::{Answer, Idle, IdleAnswer, Reaction, Scenario, Stage, TurnsTaken, rehearse};
use jiff::SignedDuration;

#[test]
fn the_first_turn_is_the_one_after_those_that_were_taken() {
    let text = TEAM.replace("{ notify: [schedule/primary], wait: 5m }", "{ notify: [team/sre], wait: 5m, round_robin: true }");
    let stage = stage(&text);
    let first = |stage: &Stage, turns_taken: Option<u64>| told(&rehearse(stage, &Scenario { turns_taken, ..scenario() }))[0].clone();
    let step = StepTurn { policy: "checkout".parse().unwrap(), step: 0 };
    let later = Stage { turns: vec![TurnsTaken { step, taken: 1 }], ..stage.clone() };
    for (stage, turns_taken, expected) in [
        (&stage, None, "0 aiko sms"),
        (&stage, Some(1), "0 ben sms"),
        (&stage, Some(2), "0 chie sms"),
        (&stage, Some(3), "0 aiko sms"),
        (&later, None, "0 ben sms"),
        (&later, Some(0), "0 aiko sms"),
    ] {
        assert_eq!(first(stage, turns_taken), expected, "{turns_taken:?}");
    }
    let story = rehearse(&stage, &Scenario { turns_taken: Some(2), ..scenario() });
    let second_round = story.pages.iter().find(|page| page.position.round == 1).unwrap();
    assert_eq!(second_round.who(), "aiko", "the turns go on from one round to the next");
}

/// The first step waits for an hour, so that what is asked in it is over before the next.
fn patient() -> Stage {
    let text = TEAM.replace("{ notify: [schedule/primary], wait: 5m }", "{ notify: [schedule/primary], wait: 1h }").replace(
        "ben: { name: Ben, phone: \"+819000000002\", notify: { high: [{ after: 0m, by: sms }] } }",
        "ben: { name: Ben, phone: \"+819000000002\", notify: { high: [{ after: 0m, by: sms }, { after: 5m, by: sms }] } }",
    );
    stage(&text)
}

fn asks_ben() -> Answer {
    Answer { to: vec!["user/ben".parse().unwrap()], ..answer("aiko", 240, Reaction::Request) }
}

#[test]
fn whoever_is_asked_for_help_is_called_until_they_decline() {
    let to_ben = |answers: Vec<Answer>| {
        let story = rehearse(&patient(), &Scenario { answers, until: Some(SignedDuration::from_mins(30)), ..scenario() });
        assert!(story.idle_answers.is_empty(), "{:?}", story.idle_answers);
        told(&story).into_iter().filter(|page| page.contains("ben")).collect::<Vec<_>>()
    };
    assert_eq!(to_ben(vec![asks_ben()]), ["240 ben sms", "540 ben sms"]);
    assert_eq!(to_ben(vec![asks_ben(), answer("ben", 60, Reaction::Decline)]), ["240 ben sms"]);
    assert_eq!(to_ben(vec![asks_ben(), answer("ben", 60, Reaction::Accept)]), ["240 ben sms"]);
}

#[test]
fn a_decline_leaves_the_incident_as_it_was_and_the_policy_goes_on() {
    let answers = vec![asks_ben(), answer("ben", 60, Reaction::Decline)];
    let story = rehearse(&patient(), &Scenario { answers, ..scenario() });
    assert!(happened(&story).contains(&Event::RequestDeclined));
    assert!(told(&story).contains(&"3600 ben sms".to_owned()), "{:#?}", told(&story));
}

#[test]
fn a_page_can_not_be_declined() {
    let declined = answer("aiko", 60, Reaction::Decline);
    let story = rehearse(&stage(TEAM), &Scenario { answers: vec![declined.clone()], ..scenario() });
    assert_eq!(story.idle_answers, [IdleAnswer { answer: declined, why: Idle::NeverAsked }]);
    assert_eq!(told(&story)[2], "300 ben sms", "the policy goes on");
}

#[test]
fn why_an_answer_changes_nothing_is_told() {
    let nobody = Answer { to: vec!["schedule/unknown".parse().unwrap()], ..answer("aiko", 10, Reaction::Request) };
    let answers = vec![answer("aiko", 60, Reaction::Resolve), answer("aiko", 90, Reaction::Acknowledge), nobody.clone()];
    let story = rehearse(&stage(TEAM), &Scenario { answers: answers.clone(), ..scenario() });
    let late = IdleAnswer { answer: answers[1].clone(), why: Idle::Settled(Ignored::AlreadyResolved) };
    assert_eq!(story.idle_answers, [late, IdleAnswer { answer: nobody, why: Idle::Refused(Rejected::NobodyToAsk) }]);
}

#[test]
fn an_override_puts_somebody_on_call_whom_the_service_does_not_know() {
    let text = TEAM
        .replace(
            "teams:\n  sre: { members: [aiko, ben, chie] }",
            "teams:\n  sre: { members: [aiko, ben, chie] }\n  other: { members: [dai] }",
        )
        .replace(
            "  ben: { name: Ben",
            "  dai: { name: Dai, phone: \"+819000000004\", notify: { high: [{ after: 0m, by: sms }] } }\n  ben: { name: Ben",
        );
    let text = text + "fallback: [team/sre]\n";
    let loaded = hansho_configuration::load_files(&[("a.yaml".into(), text)]).unwrap();
    let mut stage: Stage = loaded.configuration.bundle_of(&"checkout".parse().unwrap(), 1).unwrap().into();
    let (from, until) = (at("2026-11-20T00:00Z"), at("2026-11-21T00:00Z"));
    let change = OverrideChange::ReplaceAll { by: vec!["dai".parse().unwrap()] };
    stage.overrides = vec![Override::new("o1".to_owned(), "primary".parse().unwrap(), from, until, change, from).unwrap()];
    assert_eq!(told(&rehearse(&stage, &scenario()))[0], "0 ben sms", "nobody can call whom nobody knows");
    stage.beyond.users = loaded.configuration.users().to_vec();
    assert_eq!(told(&rehearse(&stage, &scenario()))[0], "0 dai sms");
}
