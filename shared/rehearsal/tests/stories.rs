//! Stories of one incident: who is paged, how, when, and how it ends.
#![expect(clippy::unwrap_used, reason = "a story that can not go on has failed")]

use hansho_domain::{Event, Ignored, Labels, Override, OverrideChange, Rejected, Severity, StepTurn};
use hansho_rehearsal::{About, Answer, Ending, Idle, IdleAnswer, Reaction, Scenario, Stage, Story, TurnsTaken, rehearse};
use jiff::{SignedDuration, Timestamp};

const TEAM: &str = r#"
users:
  aiko: { name: 愛子, phone: "+819000000001", email: aiko@example.com, notify: { high: [{ after: 0m, by: sms }, { after: 3m, by: email }], low: [{ after: 0m, by: email }] } }
  ben: { name: Ben, phone: "+819000000002", notify: { high: [{ after: 0m, by: sms }] } }
  chie: { name: 千恵, phone: "+819000000003", notify: { high: [{ after: 0m, by: sms }] } }
teams:
  sre: { members: [aiko, ben, chie] }
schedules:
  primary:
    time_zone: Asia/Tokyo
    rotations: [{ name: days, start: 2026-11-20T10:00, every: 1 day, members: [aiko, chie] }]
escalation_policies:
  checkout:
    steps:
      - { notify: [schedule/primary], wait: 5m }
      - { notify: [user/ben], wait: 5m }
      - { notify: [team/sre], wait: 10m }
    repeat: 1
services:
  checkout: { escalation_policy: checkout, repage_every: 30m, acknowledgement_timeout: 20m, urgency: by_severity }
"#;

fn stage(text: &str) -> Stage {
    let loaded = hansho_configuration::load_files(&[("a.yaml".into(), text.to_owned())]).unwrap_or_else(|problems| panic!("{problems:#?}"));
    loaded.configuration.bundle_of(&"checkout".parse().unwrap(), 1).unwrap().into()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn scenario() -> Scenario {
    Scenario::new(at("2026-11-20T12:00+09:00"), "5xx", Severity::Critical, None).unwrap()
}

fn answer(user: &str, after_seconds: u32, reaction: Reaction) -> Answer {
    Answer::new(user.parse().unwrap(), after_seconds, reaction)
}

/// `0 aiko sms` for every page, in seconds from the start.
fn told(story: &Story) -> Vec<String> {
    story.pages.iter().map(|p| format!("{} {} {}", story.since_start(p.at).as_secs(), p.who(), p.way())).collect()
}

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

/// What happened, without the pages: `0 Held { .. }`.
fn happened(story: &Story) -> Vec<Event> {
    story.moments.iter().flat_map(|moment| moment.entry.events.clone()).collect()
}

#[test]
fn an_alert_that_is_paused_is_held_first_and_pages_when_the_pause_is_over() {
    let text = TEAM.replace("repage_every: 30m", "repage_every: 30m, auto_pause: 2m");
    let story = rehearse(&stage(&text), &scenario());
    assert_eq!(told(&story)[..2], ["120 aiko sms", "300 aiko email"]);
    let until = at("2026-11-20T12:02+09:00");
    assert!(matches!(&happened(&story)[1], Event::Held { until: held, reason } if *held == until && reason.contains("paused")));
    assert_eq!(story.moments[0].until, Some(until));
}

#[test]
fn an_alert_in_a_maintenance_window_is_held_until_its_end() {
    let window =
        "maintenance_windows:\n  move: { reason: new racks, from: 2026-11-20T11:00, until: 2026-11-20T12:30, time_zone: Asia/Tokyo }\n";
    let story = rehearse(&stage(&format!("{TEAM}{window}")), &scenario());
    assert_eq!(told(&story)[0], "1800 aiko sms");
    assert!(matches!(&happened(&story)[1], Event::Held { reason, .. } if reason == "maintenance move: new racks"));
}

#[test]
fn a_window_that_somebody_opened_live_holds_as_a_planned_one_does() {
    let planned = "maintenance_windows:\n  move: { from: 2026-11-20T11:00, until: 2026-11-20T12:30, time_zone: Asia/Tokyo }\n";
    let planned = stage(&format!("{TEAM}{planned}"));
    let live = Stage { maintenance: planned.bundle.maintenance.clone(), ..stage(TEAM) };
    assert_eq!(rehearse(&live, &scenario()).pages, rehearse(&planned, &scenario()).pages);
    assert_eq!(told(&rehearse(&live, &scenario()))[0], "1800 aiko sms");
}

#[test]
fn a_window_about_one_alarm_holds_that_alarm_alone() {
    let window = "maintenance_windows:\n  move: { from: 2026-11-20T11:00+09:00, until: 2026-11-20T12:30+09:00, only: { alarms: [\"checkout-*\"] } }\n";
    let stage = stage(&format!("{TEAM}{window}"));
    let about = |name: &str| scenario().about(&About::Alarm(name.to_owned()));
    assert_eq!(told(&rehearse(&stage, &about("checkout-5xx")))[0], "1800 aiko sms");
    assert_eq!(told(&rehearse(&stage, &about("search-5xx")))[0], "0 aiko sms");
    assert_eq!(told(&rehearse(&stage, &scenario()))[0], "0 aiko sms");
}

#[test]
fn what_is_not_urgent_is_raised_when_hours_begin_and_then_everybody_is_called() {
    let text = TEAM.replace("urgency: by_severity", "urgency: { during: { hours: office, is: high }, otherwise: low }")
        + "hours:\n  office: { time_zone: Asia/Tokyo, windows: [{ from: \"12:10\", to: \"18:00\" }] }\n";
    let story = rehearse(&stage(&text), &scenario());
    assert_eq!(told(&story)[..3], ["0 aiko email", "600 aiko sms", "780 aiko email"]);
    assert_eq!(story.pages[0].until, Some(at("2026-11-20T12:10+09:00")));
    assert_eq!(story.ending, Ending::Exhausted { repage_seconds: 1800 });
}

#[test]
fn the_priority_follows_from_labels_and_decides_which_steps_are_taken() {
    let text = TEAM
        .replace("{ notify: [user/ben], wait: 5m }", "{ notify: [user/ben], wait: 5m, when: { priority: [SEV1] } }")
        .replace("urgency: by_severity", "urgency: high, priority: { label: prio, map: { P1: SEV1 } }");
    let mut labels = Labels::new();
    labels.add("prio", "P1");
    let stage = stage(&text);
    assert_eq!(told(&rehearse(&stage, &scenario().labelled(&labels)))[2], "300 ben sms");
    assert_eq!(told(&rehearse(&stage, &scenario()))[2], "300 aiko sms");
}

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
    let loaded = hansho_configuration::load_files(&[("a.yaml".into(), text)]).unwrap();
    let mut stage: Stage = loaded.configuration.bundle_of(&"checkout".parse().unwrap(), 1).unwrap().into();
    let (from, until) = (at("2026-11-20T00:00Z"), at("2026-11-21T00:00Z"));
    let change = OverrideChange::ReplaceAll { by: vec!["dai".parse().unwrap()] };
    stage.overrides = vec![Override::new("o1".to_owned(), "primary".parse().unwrap(), from, until, change, from).unwrap()];
    assert_eq!(told(&rehearse(&stage, &scenario()))[0], "0 ben sms", "nobody can call whom nobody knows");
    stage.beyond.users = loaded.configuration.users().to_vec();
    assert_eq!(told(&rehearse(&stage, &scenario()))[0], "0 dai sms");
}
