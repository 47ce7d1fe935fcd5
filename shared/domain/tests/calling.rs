//! Who is called, when, and how: one story per behaviour. Pages are written as when, counted from the opening, how, and whom.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can not make its values has failed")]

#[expect(dead_code, reason = "the tables of transitions.rs need more of it")]
mod common;

use common::{World, alert, person, user, words};
use hansho_domain::{
    Actor, AlarmPattern, Alert, AlertId, AutoPause, Command, DeliveryOutcome, Duty, Effect, Event, ExceptionKind, HeldBy, Holds, Ignored,
    IncidentId, IntegrationId, Labels, MaintenanceFilter, Merged, NOTIFICATIONS_PER_COMMIT_MAX, PageReason, Phase, Priority, PriorityRule,
    Recipient, Severity, Urgency, UrgencyLevel, UrgencyRule, Verdict,
};

// Steps.

#[test]
fn targets_of_a_step_are_called_together() {
    let mut world = World::new();
    world.user("aiko", "sms").user("ben", "email").user("chie", "sms").user("dai", "sms, webhook");
    world.on_call("primary", "aiko").on_call("secondary", "ben chie");
    world.step("schedule/primary schedule/secondary user/dai", "5m").open("critical");
    world.expect_pages(&["0m sms aiko", "0m email ben", "0m sms chie", "0m sms dai", "0m webhook dai"]);
    let via: Vec<_> = world.notifications().into_iter().map(|told| told.reason).collect();
    let step = |via: &str| PageReason::Step { step: 0, round: 0, via: via.to_owned() };
    assert_eq!(via, ["schedule/primary", "schedule/secondary", "schedule/secondary", "user/dai", "user/dai"].map(step));
}

#[test]
fn person_behind_several_targets_is_called_once() {
    let mut world = World::new();
    world.user("aiko", "sms").user("ben", "sms").on_call("primary", "aiko").team("sre", "ben aiko");
    world.step("schedule/primary team/sre user/aiko", "5m").open("critical");
    world.expect_pages(&["0m sms aiko", "0m sms ben"]);
}

#[test]
fn each_step_is_waited_for_before_the_next_is_called() {
    let mut world = three_steps();
    world.open("critical").run("4m59s").expect_pages(&["0m sms aiko"]);
    world.run("1s").expect_pages(&["5m sms ben"]).expect_events(&["escalated to step 2 (ben)"]);
    world.run("9m59s").expect_pages(&[]);
    world.run("1s").expect_pages(&["15m sms aiko", "15m sms ben", "15m sms chie"]);
}

#[test]
fn everybody_in_the_team_is_called_at_last() {
    let mut world = three_steps();
    world.open("critical").run("15m").expect_events(&["escalated to step 3 (aiko ben chie)"]);
}

#[test]
fn policy_is_gone_through_as_often_again_as_it_says() {
    let mut world = two_steps();
    world.repeat = 2;
    world.open("critical").run("44m");
    world.expect_pages(&["0m sms aiko", "5m sms ben", "15m sms aiko", "20m sms ben", "30m sms aiko", "35m sms ben"]);
    world.expect_phase("triggered in episode 1").expect_events(&["escalated to step 2 of round 3 (ben)"]);
    world.run("1m").expect_phase("exhausted in episode 1").expect_pages(&[]);
}

#[test]
fn who_is_on_call_is_asked_at_every_step() {
    let mut world = World::new();
    world.user("aiko", "sms").user("ben", "sms").on_call("primary", "aiko").step("schedule/primary", "5m");
    world.repeat = 1;
    world.open("critical").run("1m").on_call("primary", "ben").run("4m");
    world.expect_pages(&["0m sms aiko", "5m sms ben"]);
}

#[test]
fn step_with_nobody_on_call_is_passed_at_once() {
    let mut world = World::new();
    world.user("aiko", "sms").user("ben", "sms").on_call("primary", "").on_call("secondary", "").on_call("third", "ben");
    world.step("schedule/primary", "5m").step("schedule/secondary", "5m").step("schedule/third", "10m").step("user/aiko", "5m");
    world.open("critical").expect_pages(&["0m sms ben"]);
    world.expect_events(&["opened", "step 1 skipped", "step 2 skipped", "escalated to step 3 (ben)"]).expect_due("escalate in 10m");
    world.run("10m").expect_pages(&["10m sms aiko"]);
}

#[test]
fn step_that_names_only_people_who_are_gone_is_passed_at_once() {
    let mut world = World::new();
    world.user("ben", "sms").team("ghosts", "zoe yann").step("user/xaver team/ghosts schedule/gone", "5m").step("user/ben", "5m");
    world.open("critical").expect_pages(&["0m sms ben"]);
}

#[test]
fn empty_last_step_ends_the_policy_when_somebody_was_called_before() {
    let mut world = World::new();
    world.user("aiko", "sms").fallback("user/aiko").step("user/aiko", "5m").step("schedule/nobody", "5m");
    world.open("critical").run("5m").expect_events(&["step 2 skipped", "exhausted"]).expect_pages(&["0m sms aiko"]);
}

#[test]
fn nobody_on_any_step_pages_the_fallback_and_says_why() {
    let mut world = World::new();
    world.user("aiko", "sms").user("boss", "sms").on_call("primary", "").step("schedule/primary", "5m").step("schedule/secondary", "5m");
    world.fallback("user/boss").open("critical");
    world.expect_pages(&["0m sms boss"]).expect_phase("triggered in episode 1");
    let why = "fallback paged (boss): nobody is on call on any step of the policy";
    world.expect_events(&["opened", "step 1 skipped", "step 2 skipped", why]);
    assert_eq!(world.notifications()[0].reason, PageReason::Fallback);
    // Unanswered, it goes on like every other, and the fallback is paged at the slow beat.
    world.run("2h").expect_phase("exhausted in episode 1");
    world.expect_pages(&["35m sms boss", "1h5m sms boss", "1h35m sms boss"]);
}

#[test]
fn fallback_is_called_in_every_round_when_no_step_ever_calls_anybody() {
    for steps in 1..=3 {
        let mut world = World::new();
        world.user("boss", "sms").fallback("user/boss");
        for _ in 0..steps {
            world.step("schedule/empty", "5m");
        }
        world.repeat = 3;
        world.open("critical").run("20m").expect_pages(&["0m sms boss", "5m sms boss", "10m sms boss", "15m sms boss"]);
        world.expect_phase("exhausted in episode 1");
    }
}

#[test]
fn without_a_fallback_everybody_is_the_last_resort() {
    let mut world = World::new();
    world.user("aiko", "sms").user("ben", "email").user("chie", "sms").step("schedule/primary", "5m");
    world.open("critical").expect_pages(&["0m sms aiko", "0m email ben", "0m sms chie"]);
}

#[test]
fn fallback_that_reaches_nobody_is_everybody() {
    let mut world = World::new();
    world.user("aiko", "sms").user("ben", "email").on_call("leads", "").fallback("schedule/leads").step("schedule/primary", "5m");
    world.open("critical").expect_pages(&["0m sms aiko", "0m email ben"]);
}

#[test]
fn incident_opens_though_there_is_nobody_at_all() {
    let mut world = World::new();
    world.step("schedule/primary", "5m").open("critical").expect_pages(&[]).expect_phase("triggered in episode 1");
    world.expect_events(&["opened", "step 1 skipped", "fallback paged (): nobody is on call on any step of the policy"]);
    // Somebody who comes later is paged.
    world.run("1h").user("aiko", "sms").run("30m").expect_pages(&["1h5m sms aiko"]);
}

#[test]
fn fallback_is_called_though_somebody_is_on_call_again_only_at_the_next_step() {
    let mut world = World::new();
    world.user("aiko", "sms").user("boss", "sms").fallback("user/boss").step("schedule/primary", "5m");
    world.repeat = 2;
    world.open("critical").on_call("primary", "aiko").run("5m").expect_pages(&["0m sms boss", "5m sms aiko"]);
}

// Unanswered.

#[test]
fn unanswered_incident_is_exhausted_and_paged_again_every_half_hour() {
    let mut world = two_steps();
    world.open("critical").run("15m").expect_phase("exhausted in episode 1").expect_events(&["exhausted"]);
    world.expect_pages(&["0m sms aiko", "5m sms ben"]);
    world.run("1h30m").expect_pages(&["45m sms ben", "1h15m sms ben", "1h45m sms ben"]).expect_events(&["paged again (ben)"]);
    assert_eq!(world.notifications()[0].reason, PageReason::Repage);
    world.expect_phase("exhausted in episode 1").acknowledges("ben").run("24h").expect_pages(&[]);
}

#[test]
fn slow_beat_is_the_services_own() {
    let mut world = two_steps();
    world.service.repage_seconds = Some(600);
    world.open("critical").run("35m").expect_pages(&["0m sms aiko", "5m sms ben", "25m sms ben", "35m sms ben"]);
}

#[test]
fn slow_beat_calls_the_last_step_that_has_somebody() {
    let mut world = two_steps();
    world.step("schedule/nights", "5m").open("critical").run("45m").expect_events(&["paged again (ben)"]);
    world.on_call("nights", "chie").user("chie", "sms").run("30m").expect_events(&["paged again (chie)"]);
}

#[test]
fn slow_beat_pages_the_fallback_when_nobody_is_left() {
    let mut world = two_steps();
    world.user("boss", "sms").fallback("user/boss").open("critical").run("15m").pages();
    world.without_user("aiko").without_user("ben").run("30m").expect_pages(&["45m sms boss"]);
    world.expect_events(&["fallback paged (boss): nobody is on call on any step of the policy"]);
}

#[test]
fn low_urgency_is_told_once_and_does_not_escalate() {
    let mut world = World::new();
    world.user_with("aiko", "", "sms", "email, sms after 1h").user("ben", "sms").step("user/aiko", "5m").step("user/ben", "5m");
    world.open("warning").expect_due("rules in 1h").run("48h").expect_pages(&["0m email aiko", "1h sms aiko"]);
    world.expect_phase("triggered in episode 1, low urgency").expect_due("");
}

#[test]
fn low_urgency_that_can_not_be_told_goes_quietly_to_the_last_resort_and_does_not_escalate() {
    let mut world = two_steps();
    let told = "fallback paged (aiko ben): nobody who was told can be reached";
    world.open("warning").fails("sms", "aiko").expect_events(&["sms to aiko failed", "aiko unreachable", told]);
    world.expect_pages(&["0m sms aiko", "0m sms aiko", "0m sms ben"]).run("1h").expect_pages(&[]);
    world.expect_phase("triggered in episode 1, low urgency");
}

#[test]
fn rising_severity_makes_it_urgent_and_starts_the_calling_over() {
    let mut world = World::new();
    world.user_with("aiko", "", "sms, sms after 2m", "email").user("ben", "sms").step("user/aiko", "5m").step("user/ben", "5m");
    world.open("info").run("1h").expect_pages(&["0m email aiko"]);
    world.repeats("warning").expect_phase("triggered in episode 1, low urgency").expect_pages(&[]);
    world.repeats("error").expect_phase("triggered in episode 2").expect_pages(&["1h sms aiko"]);
    world.run("5m").expect_pages(&["1h2m sms aiko", "1h5m sms ben"]);
    // It is urgent already: another rise starts nothing over.
    world.repeats("critical").expect_pages(&[]).expect_due("escalate in 5m");
    assert_eq!(world.incident().severity, Severity::Critical);
}

#[test]
fn severity_that_rises_while_somebody_has_it_pages_nobody_until_they_let_go() {
    let mut world = two_steps();
    world.service.acknowledgement_timeout_seconds = Some(3600);
    world.open("warning").acknowledges("aiko").repeats("critical").expect_pages(&["0m sms aiko"]).expect_phase("acknowledged by aiko");
    world.run("1h5m").expect_pages(&["1h sms aiko", "1h5m sms ben"]);
}

#[test]
fn service_says_what_is_urgent() {
    for (rule, phase) in [(UrgencyRule::High, "triggered in episode 1"), (UrgencyRule::Low, "triggered in episode 1, low urgency")] {
        let mut world = two_steps();
        world.service.urgency = rule;
        world.open("critical").expect_phase(phase).repeats("critical").expect_phase(phase);
    }
}

// Notification rules.

#[test]
fn rules_go_out_after_their_delays() {
    let mut world = World::new();
    world.user("aiko", "sms, email, webhook after 2m, sms after 3m").user("ben", "email after 1m, sms after 3m");
    world
        .step("user/aiko user/ben", "5m")
        .open("critical")
        .expect_pages(&["0m sms aiko", "0m email aiko"])
        .expect_due("rules in 1m, escalate in 5m");
    world.run("4m").expect_pages(&["1m email ben", "2m webhook aiko", "3m sms aiko", "3m sms ben"]).expect_due("escalate in 1m");
}

#[test]
fn delayed_page_says_which_rule_sent_it() {
    let mut world = World::new();
    world.user("aiko", "sms, email after 3m").step("user/aiko", "5m").open("critical").run("3m").expect_events(&["rules due after 3m"]);
    assert_eq!(world.notifications()[0].reason, PageReason::Rule { after_seconds: 180 });
}

#[test]
fn each_urgency_has_rules_of_its_own() {
    let mut world = World::new();
    world.user_with("aiko", "", "sms, sms after 1m", "email, webhook after 2m").step("user/aiko", "5m");
    world.open("warning").run("10m").expect_pages(&["0m email aiko", "2m webhook aiko"]);
    world.escalates("aiko").run("1m").expect_pages(&["10m sms aiko", "11m sms aiko"]);
}

#[test]
fn somebody_without_rules_is_told_by_everything_when_it_is_urgent_and_quietly_when_not() {
    let mut world = World::new();
    world.user_with("aiko", "webhook email sms", "", "").step("user/aiko", "5m");
    world.open("warning").expect_pages(&["0m email aiko"]).repeats("critical").expect_pages(&[
        "0m sms aiko",
        "0m email aiko",
        "0m webhook aiko",
    ]);
}

#[test]
fn escalating_cancels_the_pending_rules_of_those_called_before() {
    let mut world = World::new();
    world
        .user("aiko", "sms, email after 3m, sms after 6m")
        .user("ben", "sms, email after 4m")
        .step("user/aiko", "5m")
        .step("user/ben", "5m");
    world.open("critical").run("9m");
    world.expect_pages(&["0m sms aiko", "3m email aiko", "5m sms ben", "9m email ben"]);
}

#[test]
fn escalating_by_hand_cancels_them_too() {
    let mut world = World::new();
    world.user("aiko", "sms, email after 3m").user("ben", "sms").step("user/aiko", "5m").step("user/ben", "5m");
    world.open("critical").run("2m").escalates("chie").expect_due("escalate in 5m").run("2m").expect_pages(&["0m sms aiko", "2m sms ben"]);
}

#[test]
fn rules_of_the_last_step_go_on_after_the_policy_has_ended() {
    let mut world = World::new();
    world.user("aiko", "sms, email after 7m").step("user/aiko", "5m").open("critical");
    world.run("5m").expect_phase("exhausted in episode 1").expect_due("rules in 2m, page again in 30m");
    world.run("2m").expect_pages(&["0m sms aiko", "7m email aiko"]);
}

#[test]
fn rules_that_are_edited_while_people_are_called_count_from_the_next_time_they_are_looked_at() {
    let mut world = World::new();
    world.user("aiko", "sms, email after 2m, sms after 30m").step("user/aiko", "60m").open("critical").run("2m");
    world.expect_pages(&["0m sms aiko", "2m email aiko"]).expect_due("rules in 28m, escalate in 58m");
    // What the new rules ask for before now is past, and she was told by mail already; the rest is done, beginning with the timer that
    // is set.
    world.user("aiko", "webhook after 1m, webhook after 20m, email after 10m, email after 40m").run("38m");
    world.expect_pages(&["30m webhook aiko", "40m email aiko"]);
}

#[test]
fn rules_of_somebody_who_was_removed_are_not_done() {
    let mut world = World::new();
    world.user("aiko", "sms, email after 2m").user("ben", "sms").step("user/aiko", "5m").step("user/ben", "5m").open("critical");
    world.without_user("aiko").run("5m").expect_pages(&["0m sms aiko", "5m sms ben"]);
}

// Answers.

#[test]
fn acknowledging_cancels_everything() {
    let mut world = World::new();
    world.user("aiko", "sms, email after 3m").user("ben", "sms").step("user/aiko", "5m").step("user/ben", "5m");
    world.open("critical").run("1m").acknowledges("aiko").expect_due("").run("72h").expect_pages(&["0m sms aiko"]);
    world.expect_phase("acknowledged by aiko");
}

#[test]
fn acknowledgement_that_lasts_too_long_triggers_again_at_the_same_step_in_a_new_episode() {
    let mut world = two_steps();
    world.service.acknowledgement_timeout_seconds = Some(1800);
    world.open("critical").run("6m").acknowledges("ben").pages();
    world.run("29m59s").expect_pages(&[]).expect_phase("acknowledged by ben");
    world.run("1s").expect_pages(&["36m sms ben"]).expect_phase("triggered in episode 2").expect_due("escalate in 10m");
    world.expect_events(&["triggered (acknowledged, and not resolved in time)", "escalated to step 2 (ben)"]);
}

#[test]
fn acknowledgement_timeout_asks_every_step_before_it_pages_the_fallback() {
    let mut world = two_steps();
    world.service.acknowledgement_timeout_seconds = Some(1800);
    world.user("boss", "sms").fallback("user/boss").open("critical").run("6m").acknowledges("ben").pages();
    world.without_user("ben").run("30m").expect_pages(&["36m sms aiko"]);
    world.expect_events(&["triggered (acknowledged, and not resolved in time)", "step 2 skipped", "escalated to step 1 (aiko)"]);
}

#[test]
fn incident_that_nobody_touches_resolves_itself_when_the_service_says_so() {
    type Story = fn(&mut World) -> &mut World;
    let stories: [(Story, &str); 5] = [
        (|world| world.open("critical"), "the paging goes on until then"),
        (|world| world.open("critical").run("1h").acknowledges("aiko"), "from the acknowledgement on"),
        (|world| world.open("critical").run("1h").applied(person("aiko"), Command::Escalate), "from the escalation on"),
        (|world| world.open_held("critical", "3h").run("3h"), "from the end of the hold on, which pages"),
        (|world| world.open("critical").snoozes("aiko", "24h").run("24h"), "from the end of the snooze on, which pages"),
    ];
    for (story, why) in stories {
        let mut world = two_steps();
        world.service.auto_resolve_seconds = Some(7200);
        story(&mut world).run("1h59m59s");
        assert!(!world.incident().phase.is_resolved(), "{why}");
        world.run("1s").expect_phase("resolved by hansho").expect_events(&["resolved (open for longer than the service allows)"]);
    }
}

#[test]
fn what_is_held_or_snoozed_does_not_resolve_itself_before_it_pages() {
    let mut world = two_steps();
    world.service.auto_resolve_seconds = Some(1800);
    world.open_held("critical", "3h").expect_due("end hold in 3h");
    world.run("3h").expect_pages(&["3h sms aiko"]);
    world.snoozes("aiko", "2h").expect_due("end snooze in 2h").pages();
    world.run("2h").expect_pages(&["5h sms aiko"]);
}

#[test]
fn what_waits_for_the_end_of_a_night_does_not_resolve_itself_before_anybody_has_heard_of_it() {
    let mut world = World::new();
    world.user_in("Asia/Tokyo", "aiko").step("user/aiko", "5m").service.auto_resolve_seconds = Some(1800);
    world.now = "2026-11-02T12:00:00Z".parse().unwrap();
    world.open("warning").expect_due("rules in 11h, auto-resolve in 11h30m");
    world.run("11h").expect_pages(&["11h sms aiko"]).run("30m").expect_phase("resolved by hansho");
    // Whoever is told at once starts the time.
    let mut world = World::new();
    world.user_in("Asia/Tokyo", "aiko").user_with("ben", "email", "sms", "").step("user/aiko user/ben", "5m");
    world.service.auto_resolve_seconds = Some(1800);
    world.now = "2026-11-02T12:00:00Z".parse().unwrap();
    world.open("warning").expect_due("auto-resolve in 30m, rules in 11h").expect_pages(&["0m email ben"]);
}

#[test]
fn whoever_waits_for_the_end_of_a_night_is_told_though_their_rules_become_earlier_meanwhile() {
    for edit in [
        |world: &mut World| {
            world.user_with("aiko", "email", "", "");
        },
        |world: &mut World| {
            world.user("aiko", "sms");
        },
        |world: &mut World| {
            world.user_with("aiko", "", "", "sms");
        },
    ] {
        let mut world = World::new();
        world.user_in("Asia/Tokyo", "aiko").step("user/aiko", "5m");
        world.now = "2026-11-02T12:00:00Z".parse().unwrap();
        world.open("warning").expect_due("rules in 11h").run("1h").expect_pages(&[]);
        edit(&mut world);
        let pages = world.run("12h").pages();
        assert!(pages.len() == 1 && pages[0].starts_with("11h ") && pages[0].ends_with(" aiko"), "{pages:?}");
    }
}

#[test]
fn reopened_incident_has_its_time_again() {
    let mut world = two_steps();
    world.service.auto_resolve_seconds = Some(7200);
    world.open("critical").sleep("1h").applied(person("aiko"), Command::Resolve).sleep("5h");
    world.applied(person("aiko"), Command::Reopen { newer: None }).expect_due("escalate in 5m, auto-resolve in 2h");
}

#[test]
fn snooze_ends_with_a_page_from_the_first_step() {
    let mut world = two_steps();
    world.open("critical").run("6m").snoozes("ben", "2h").pages();
    world.run("1h59m59s").expect_pages(&[]).expect_phase("acknowledged by ben");
    world.run("5m1s").expect_pages(&["2h6m sms aiko", "2h11m sms ben"]).expect_phase("triggered in episode 2");
}

#[test]
fn snooze_by_a_token_leaves_the_incident_to_whoever_has_it() {
    let token = || Actor::Token("ci".to_owned());
    let by = |world: &World| match &world.incident().phase {
        Phase::Acknowledged { by } => by.clone(),
        other => panic!("{other:?}"),
    };
    let mut world = two_steps();
    world.open("critical").acknowledges("aiko").applied(person("ben"), Command::Acknowledge);
    world.applied(token(), Command::SnoozeFor { seconds: 3600 }).expect_due("end snooze in 1h");
    assert_eq!(by(&world), [person("aiko"), person("ben")]);
    // A person who snoozes it has it from then on.
    world.snoozes("chie", "2h");
    assert_eq!(by(&world), [person("chie")]);
    // Where nobody has it, whoever quiets it is named.
    let mut world = two_steps();
    world.open("critical").applied(token(), Command::SnoozeFor { seconds: 3600 });
    assert_eq!(by(&world), [token()]);
    world.applied(token(), Command::SnoozeFor { seconds: 7200 }).expect_due("end snooze in 2h");
    world.run("2h").expect_phase("triggered in episode 2");
}

#[test]
fn snooze_takes_the_place_of_the_acknowledgement_timeout() {
    let mut world = two_steps();
    world.service.acknowledgement_timeout_seconds = Some(1800);
    world.open("critical").acknowledges("aiko").snoozes("aiko", "2h").expect_due("end snooze in 2h");
}

#[test]
fn hold_ends_with_a_page_from_the_first_step() {
    let mut world = two_steps();
    world.open_held("critical", "1h").expect_phase("held").expect_pages(&[]).expect_events(&["opened", "held for 1h (maintenance)"]);
    world.run("59m59s").expect_pages(&[]);
    world.run("1s").expect_pages(&["1h sms aiko"]).expect_phase("triggered in episode 1");
}

#[test]
fn hold_that_is_over_before_it_begins_pages_at_once() {
    let mut world = two_steps();
    let held = Some(HeldBy { until: world.now, reason: "maintenance".to_owned() });
    world.open_with(Alert { held, ..alert(1, Severity::Critical) }).expect_pages(&["0m sms aiko"]);
}

#[test]
fn escalating_past_the_end_starts_over() {
    let mut world = two_steps();
    world.open("critical").escalates("chie").escalates("chie").expect_pages(&["0m sms aiko", "0m sms ben", "0m sms aiko"]);
}

#[test]
fn escalating_calls_somebody_though_nobody_is_on_call_on_the_steps_that_follow() {
    let mut world = World::new();
    world.user("aiko", "sms").step("user/aiko", "5m").step("schedule/nights", "5m").open("critical").escalates("chie");
    world.expect_pages(&["0m sms aiko", "0m sms aiko"]).expect_events(&["step 2 skipped", "escalated to step 1 (aiko)"]);
    world.without_user("aiko").user("boss", "sms").escalates("chie").expect_pages(&["0m sms boss"]).expect_phase("triggered in episode 1");
}

#[test]
fn acknowledger_who_escalates_reaches_somebody_though_nobody_follows() {
    let mut world = World::new();
    world.user("aiko", "sms").user("boss", "sms").fallback("user/boss").step("user/aiko", "5m").step("schedule/nights", "5m");
    world.open("critical").acknowledges("boss").escalates("boss").expect_pages(&["0m sms aiko", "0m sms aiko"]);
}

#[test]
fn reassigned_people_are_waited_for_and_then_the_policy_goes_on() {
    let mut world = three_steps();
    world.open("critical").run("5m").reassigns("ben", "user/chie team/sre").expect_pages(&[
        "0m sms aiko",
        "5m sms ben",
        "5m sms chie",
        "5m sms aiko",
        "5m sms ben",
    ]);
    assert!(world.notifications().iter().all(|told| told.reason == PageReason::Reassigned));
    world.run("10m").expect_events(&["escalated to step 3 (aiko ben chie)"]);
}

// Failures.

#[test]
fn failed_method_is_followed_by_the_persons_next() {
    let mut world = World::new();
    world
        .user_with("aiko", "webhook", "sms, email after 3m", "")
        .step("user/aiko", "5m")
        .open("critical")
        .sleep("10s")
        .fails("sms", "aiko");
    world.expect_pages(&["0m sms aiko", "10s email aiko"]).expect_events(&["sms to aiko failed, email instead"]);
    assert_eq!(world.notifications()[0].reason, PageReason::NextMethod { failed: common::method("sms") });
    // A method that no rule names is better than none.
    world.fails("email", "aiko").expect_pages(&["10s webhook aiko"]);
}

#[test]
fn method_that_was_used_early_is_not_used_again_when_its_rule_comes_due() {
    let mut world = World::new();
    world.user("aiko", "sms, email after 3m, email after 4m").step("user/aiko", "10m").open("critical").fails("sms", "aiko");
    world.run("3m").expect_pages(&["0m sms aiko", "0m email aiko"]);
    // That was the turn of the first rule; the second is another reminder.
    world.run("1m").expect_pages(&["4m email aiko"]);
}

#[test]
fn method_that_was_used_early_is_not_used_early_again() {
    let mut world = World::new();
    world.user("aiko", "sms, webhook, email after 3m").step("user/aiko", "10m").open("critical").fails("sms", "aiko");
    world.expect_pages(&["0m sms aiko", "0m webhook aiko", "0m email aiko"]).fails("webhook", "aiko").expect_pages(&[]);
}

#[test]
fn method_of_a_rule_that_was_edited_in_the_meantime_is_used_at_once() {
    let mut world = World::new();
    world.user("aiko", "webhook").step("user/aiko", "10m").open("critical").user_with("aiko", "webhook", "email after 3m", "");
    world.fails("webhook", "aiko").expect_pages(&["0m webhook aiko", "0m email aiko"]);
}

#[test]
fn method_that_is_under_way_is_not_used_again_in_place_of_a_failed_one() {
    let mut world = World::new();
    world.user("aiko", "sms, email").step("user/aiko", "5m").open("critical").fails("sms", "aiko");
    world.expect_pages(&["0m sms aiko", "0m email aiko"]).expect_events(&["sms to aiko failed"]).expect_phase("triggered in episode 1");
}

#[test]
fn when_everybody_who_is_called_is_unreachable_the_next_step_is_called_at_once() {
    let mut world = World::new();
    world
        .user("aiko", "sms, email after 3m")
        .user("ben", "sms")
        .user("chie", "sms")
        .step("user/aiko user/ben", "5m")
        .step("user/chie", "5m");
    world.open("critical").sleep("20s").fails("sms", "aiko").fails("sms", "ben");
    world.expect_events(&["sms to ben failed", "ben unreachable"]).expect_pages(&["0m sms aiko", "0m sms ben", "20s email aiko"]);
    world.sleep("20s").fails("email", "aiko");
    world.expect_events(&["email to aiko failed", "aiko unreachable", "escalated to step 2 (chie)"]).expect_pages(&["40s sms chie"]);
}

#[test]
fn somebody_who_is_unreachable_twice_counts_once() {
    let mut world = World::new();
    world.user("aiko", "sms").user("ben", "sms").step("user/aiko user/ben", "5m").open("critical");
    let unreachable =
        || Command::TargetUnreachable { user: user("aiko"), holds: Holds::Unacknowledged { episode: 1 }, reason: "no address".to_owned() };
    world.applied(Actor::Hansho, unreachable()).applied(Actor::Hansho, unreachable()).expect_phase("triggered in episode 1");
    world.expect_events(&["aiko unreachable"]);
}

#[test]
fn when_nobody_of_the_whole_policy_can_be_reached_the_fallback_is_paged_at_once() {
    let mut world = two_steps();
    world.user("boss", "sms").fallback("user/boss").open("critical").fails("sms", "aiko").fails("sms", "ben");
    world.expect_pages(&["0m sms aiko", "0m sms ben", "0m sms boss"]).expect_phase("exhausted in episode 1");
    let why = "fallback paged (boss): nobody who was called can be reached";
    world.expect_events(&["sms to ben failed", "ben unreachable", "exhausted", why]).expect_due("page again in 30m");
    // Nobody is left after that: it ends here until the next beat.
    world.fails("sms", "boss").expect_pages(&[]).run("30m").expect_pages(&["30m sms ben"]);
    world.fails("sms", "ben").expect_pages(&["30m sms boss"]);
}

#[test]
fn fallback_who_could_not_be_reached_is_not_paged_again_at_once() {
    let mut world = two_steps();
    world.fallback("user/ben").open("critical").fails("sms", "aiko").fails("sms", "ben");
    world.expect_events(&["sms to ben failed", "ben unreachable", "exhausted"]).expect_pages(&["0m sms aiko", "0m sms ben"]);
}

#[test]
fn failure_of_somebody_who_was_removed_makes_them_unreachable() {
    let mut world = two_steps();
    world.open("critical").without_user("aiko").fails("sms", "aiko").expect_events(&[
        "sms to aiko failed",
        "aiko unreachable",
        "escalated to step 2 (ben)",
    ]);
}

#[test]
fn what_was_sent_in_an_earlier_episode_may_fail_unnoticed() {
    let mut world = two_steps();
    world.open("critical").acknowledges("aiko").escalates("aiko").escalates("aiko").expect_phase("triggered in episode 2").pages();
    let report = world.report("sms", "aiko", 1, DeliveryOutcome::Failed("number unknown".to_owned()));
    assert_eq!(world.asked(Actor::Hansho, report), Verdict::Ignore(Ignored::NoLongerNeeded));
}

#[test]
fn trying_methods_ends_though_more_fail_than_an_incident_can_remember() {
    let mut world = World::new();
    let names = crowd(&mut world, 40, |world, name| {
        world.user_with(name, "email webhook", "sms", "");
    });
    world.step("team/everybody", "60m").open("critical");
    let mut told = 0;
    let mut failing: Vec<(String, &str)> = names.into_iter().map(|name| (name, "sms")).collect();
    while let Some((name, method)) = failing.pop() {
        world.pages();
        world.fails(method, &name);
        failing.extend(world.notifications().into_iter().map(|next| {
            let Recipient::Person { method, .. } = next.to else { panic!("{next:?} is for a person") };
            (name.clone(), method.as_str())
        }));
        told += world.pages().len();
        assert!(told <= 80, "each had two more methods to be tried");
    }
    assert_eq!(told, 80);
    assert_eq!(world.incident().wave.as_ref().unwrap().exceptions.len(), 24);
}

#[test]
fn failures_are_remembered_with_the_wave_and_forgotten_with_it() {
    let mut world = World::new();
    world.user("aiko", "sms, email after 3m").step("user/aiko", "5m").open("critical").fails("sms", "aiko");
    let kinds: Vec<_> =
        world.incident().wave.as_ref().unwrap().exceptions.iter().map(|known| (known.method.as_str(), known.kind)).collect();
    assert_eq!(kinds, [("sms", ExceptionKind::Failed), ("email", ExceptionKind::Advanced)]);
    // The next call is a new try by the person's own rules.
    world.escalates("ben").run("3m").expect_pages(&["0m sms aiko", "0m email aiko", "0m sms aiko", "3m email aiko"]);
}

// Many people.

#[test]
fn sixty_notifications_are_rows_of_their_own_and_sixty_one_are_one_fan_out() {
    let mut world = World::new();
    crowd(&mut world, NOTIFICATIONS_PER_COMMIT_MAX, sms);
    world.step("team/everybody", "5m").open("critical");
    assert_eq!(world.effects().len(), 1 + NOTIFICATIONS_PER_COMMIT_MAX);

    let mut world = World::new();
    crowd(&mut world, NOTIFICATIONS_PER_COMMIT_MAX + 1, sms);
    world.step("team/everybody", "5m").open("critical");
    let [Effect::ArmTimer { .. }, Effect::FanOut(many)] = world.effects() else { panic!("{:?}", world.effects()) };
    assert_eq!(many.len(), NOTIFICATIONS_PER_COMMIT_MAX + 1);
}

#[test]
fn of_more_than_40_people_nobody_is_forgotten() {
    let mut world = World::new();
    let names = crowd(&mut world, 200, |world, name| {
        world.user(name, "sms, email after 3m");
    });
    world.step("team/everybody", "5m").open("critical").run("3m");
    let told = world.pages();
    for (place, name) in names.iter().enumerate() {
        // Those who are not followed one by one are told by all their rules at once.
        let email = if place < 40 { "3m" } else { "0m" };
        for page in [format!("0m sms {name}"), format!("{email} email {name}")] {
            assert_eq!(told.iter().filter(|told| **told == page).count(), 1, "{page}");
        }
    }
    assert_eq!(told.len(), 400);
    assert!(
        matches!(world.events().find(|event| matches!(event, Event::Escalated { .. })), Some(Event::Escalated { users, .. }) if users.len() == 200)
    );
}

#[test]
fn everybody_is_200_people_at_most_when_no_fallback_is_configured() {
    let mut world = World::new();
    crowd(&mut world, 230, sms);
    assert_eq!(world.step("schedule/nobody", "5m").open("critical").pages().len(), 200);
}

// Texts.

#[test]
fn texts_are_cut_to_what_a_sleepy_person_reads_and_an_incident_holds() {
    let mut world = two_steps();
    let kept = |world: &mut World, title: &str, details: &str| {
        world.open_with(Alert { title: title.to_owned(), details: details.to_owned(), ..alert(1, Severity::Critical) });
        (world.incident().title.clone(), world.incident().details.clone())
    };
    let (title, details) = ("鐘".repeat(160), "鐘".repeat(500));
    assert_eq!(kept(&mut world, &title, &details), (title, details));
    assert_eq!(kept(&mut world, &"鐘".repeat(161), &"鐘".repeat(501)), ("鐘".repeat(159) + "…", "鐘".repeat(499) + "…"));
    // Emoji take four bytes each.
    assert_eq!(kept(&mut world, &"🔔".repeat(160), ""), ("🔔".repeat(119) + "…", String::new()));
    assert_eq!(kept(&mut world, "a\u{1}b\u{7f}c", "a\nb\0c"), ("a b c".to_owned(), "a\nb c".to_owned()));
}

#[test]
fn web_address_is_kept_whole_or_not_at_all() {
    let mut world = two_steps();
    let long = format!("https://example.com/{}", "x".repeat(480));
    let addresses = |world: &mut World, runbook: &str, link: &str| {
        let (runbook, link) = (Some(runbook.to_owned()), Some(link.to_owned()));
        world.open_with(Alert { runbook, link, ..alert(1, Severity::Critical) });
        (world.incident().runbook.clone(), world.incident().link.clone())
    };
    assert_eq!(addresses(&mut world, &long, &long), (Some(long.clone()), Some(long.clone())));
    assert_eq!(addresses(&mut world, &format!("{long}x"), "https://example.com/\n"), (None, None));
    // The service's own runbook is better than none.
    world.service.runbook = Some("https://example.com/runbook".to_owned());
    assert_eq!(addresses(&mut world, &format!("{long}x"), &long).0, world.service.runbook);
}

#[test]
fn the_runbook_of_a_service_may_depend_on_the_labels_of_the_alert() {
    let mut world = two_steps();
    world.service.runbook = Some("https://example.com/runbooks/{{ labels.job }}.md".to_owned());
    let mut labels = Labels::new();
    labels.add("job", "nightly batch");
    world.open_with(Alert { labels, ..alert(1, Severity::Critical) });
    assert_eq!(world.incident().runbook.as_deref(), Some("https://example.com/runbooks/nightly%20batch.md"));
    // Half an address leads nowhere.
    world.open_with(alert(2, Severity::Critical));
    assert_eq!(world.incident().runbook, None);
}

#[test]
fn what_pages_goes_on_paging_when_it_is_merged_into_what_is_held() {
    let merged = |is_paging| {
        let mut world = two_steps();
        let source = IncidentId::derived(common::start(), AlertId::from_hash([9; 16]));
        let keys = vec![Merged { incident: source, pointer: "DEDUP#cloudwatch#other".to_owned(), is_firing: true }];
        let (severity, urgency) = (Severity::Critical, Urgency::High);
        let absorb = Command::Absorb { source, title: "Cart is slow".to_owned(), keys, severity, urgency, is_paging };
        world.open_held("critical", "3h").applied(person("ben"), absorb);
        world
    };
    merged(true).expect_phase("triggered in episode 1").expect_pages(&["0m sms aiko"]);
    merged(false).expect_due("end hold in 3h").expect_pages(&[]);
}

// Time.

#[test]
fn late_deadline_does_everything_that_is_due_in_order_and_goes_on_from_now() {
    let mut world = World::new();
    world
        .user("aiko", "sms, email after 3m, webhook after 4m")
        .user("ben", "sms, email after 3m")
        .step("user/aiko", "5m")
        .step("user/ben", "10m");
    world.open("critical").pages();
    world.sleep("7h").deadline_passes();
    // Both of aiko's rules and the step after her; ben has his whole time.
    world
        .expect_pages(&["7h email aiko", "7h webhook aiko", "7h sms ben"])
        .expect_events(&["rules due after 7h", "escalated to step 2 (ben)"]);
    world.expect_due("rules in 3m, escalate in 10m");
}

#[test]
fn late_deadline_ends_what_is_over_by_then() {
    let mut world = two_steps();
    world.service.auto_resolve_seconds = Some(7200);
    world.open("critical").sleep("24h").deadline_passes().expect_phase("resolved by hansho").expect_due("");
}

#[test]
fn late_end_of_a_hold_pages_and_does_not_resolve_what_nobody_has_heard_of() {
    let mut world = two_steps();
    world.service.auto_resolve_seconds = Some(7200);
    world.open_held("critical", "1h").sleep("24h").deadline_passes();
    world.expect_events(&["triggered (still wrong at the end of the hold)", "escalated to step 1 (aiko)"]);
    world.expect_due("escalate in 5m, auto-resolve in 2h");
}

#[test]
fn late_deadline_of_an_exhausted_incident_pages_once_and_not_for_every_beat_that_was_missed() {
    let mut world = two_steps();
    world.open("critical").run("15m").pages();
    world.sleep("240h").deadline_passes().expect_pages(&["240h15m sms ben"]).expect_due("page again in 30m");
}

#[test]
fn clock_that_goes_back_counts_as_the_last_entrys_time() {
    let mut world = two_steps();
    world.open("critical").run("4m").repeats("critical").sleep("-3m").repeats("critical");
    assert_eq!(words::span(world.entry().at.duration_since(world.incident().opened_at)), "4m");
    world.acknowledges("aiko").expect_phase("acknowledged by aiko");
}

#[test]
fn generation_changes_exactly_when_the_deadline_does() {
    let mut world = two_steps();
    let generation = |world: &World| (world.incident().generation, world.due_in(Duty::Escalate));
    world.open("critical");
    assert_eq!(generation(&world), (1, Some("5m".to_owned())));
    world.repeats("critical");
    assert_eq!(generation(&world), (1, Some("5m".to_owned())));
    // The same deadline again, though for another person: the timer that is set is good.
    world.reassigns("aiko", "user/ben");
    assert_eq!(generation(&world), (1, Some("5m".to_owned())));
    world.sleep("1m").escalates("aiko");
    assert_eq!(generation(&world), (2, Some("10m".to_owned())));
    // It has none: timers for the one before are stale.
    world.acknowledges("aiko");
    assert_eq!((generation(&world), world.incident().deadline), ((3, None), None));
    assert_eq!(world.asked(Actor::Hansho, Command::DeadlinePassed { generation: 3 }), Verdict::Ignore(Ignored::StaleTimer));
}

#[test]
fn early_timer_says_which_deadline_has_to_be_armed_again() {
    let mut world = two_steps();
    world.open("critical").sleep("4m59s");
    let deadline = world.incident().deadline.unwrap();
    assert_eq!(world.asked(Actor::Hansho, Command::DeadlinePassed { generation: 1 }), Verdict::Ignore(Ignored::EarlyTimer(deadline)));
    // The same timer in time is applied: it was not remembered.
    world.sleep("1s").deadline_passes().expect_events(&["escalated to step 2 (ben)"]);
}

#[test]
fn policy_at_the_trigger_stays_the_incidents_though_the_configuration_moves_on() {
    let mut world = two_steps();
    world.open("critical");
    let in_force = world.incident().policy.clone();
    assert_eq!((in_force.id.as_str(), in_force.configuration), ("checkout", 7));
    world.configuration = 8;
    world.run("5m").acknowledges("ben").applied(person("ben"), Command::Resolve).applied(person("ben"), Command::Reopen { newer: None });
    assert_eq!(world.incident().policy, in_force);
}

#[test]
fn policy_that_has_become_shorter_ends_instead_of_failing() {
    let mut world = three_steps();
    world.open("critical").run("15m").without_steps().step("user/aiko", "5m").run("15m").expect_phase("exhausted in episode 1");
    world.reassigns("ben", "user/ben").expect_due("escalate in 5m");
}

#[test]
fn thirty_two_inputs_are_remembered() {
    let mut world = two_steps();
    world.open("critical");
    let first = world.entry().input.clone();
    for _ in 0..31 {
        world.repeats("critical");
    }
    assert!(world.incident().has_seen(&first));
    world.repeats("critical");
    assert!(!world.incident().has_seen(&first));
    assert_eq!(world.incident().recent_inputs.len(), 32);
}

// Worlds.

/// aiko, and then ben.
fn two_steps() -> World {
    let mut world = World::new();
    world.user("aiko", "sms").user("ben", "sms").step("user/aiko", "5m").step("user/ben", "10m");
    world
}

/// aiko, then ben, then the whole team.
fn three_steps() -> World {
    let mut world = two_steps();
    world.user("chie", "sms").team("sre", "aiko ben chie").step("team/sre", "15m");
    world
}

/// A team of so many, who are made by `add`.
fn crowd(world: &mut World, count: usize, add: fn(&mut World, &str)) -> Vec<String> {
    let names: Vec<String> = (0..count).map(|n| format!("user-{n:03}")).collect();
    names.iter().for_each(|name| add(world, name));
    world.team("everybody", &names.join(" "));
    names
}

fn sms(world: &mut World, name: &str) {
    world.user(name, "sms");
}

// Hours, holds and labels. Monday 09:00 UTC is 18:00 in Tokyo.

fn by_hours(world: &mut World) {
    let hours = hansho_domain::HoursId::new("office").unwrap();
    world.service.urgency = UrgencyRule::ByHours { hours, during: UrgencyLevel::High, otherwise: UrgencyLevel::BySeverity };
    world.hours("office", "09:00-12:00 13:00-18:00");
}

#[test]
fn low_urgency_incident_of_saturday_night_is_raised_on_the_right_morning_over_a_holiday() {
    let mut world = two_steps();
    by_hours(&mut world);
    // A Saturday at 23:00 in Tokyo. Monday, Tuesday and Wednesday are holidays, so the hours begin on Thursday at 09:00.
    world.now = "2026-09-19T23:00:00+09:00".parse().unwrap();
    world.open("warning").expect_phase("triggered in episode 1, low urgency").expect_pages(&["0m sms aiko"]);
    world.expect_due("raise urgency in 106h").run("105h59m59s").expect_pages(&[]);
    world.run("1s").expect_phase("triggered in episode 2").expect_pages(&["106h sms aiko"]);
    world.expect_events(&["triggered (urgent from now on, by the hours of the service)", "escalated to step 1 (aiko)"]);
    world.run("5m").expect_events(&["escalated to step 2 (ben)"]);
}

#[test]
fn low_urgency_that_somebody_has_is_not_raised_when_hours_begin() {
    let mut world = two_steps();
    by_hours(&mut world);
    world.open("warning").acknowledges("aiko").expect_due("").run("72h").expect_phase("acknowledged by aiko, low urgency");
}

#[test]
fn urgency_is_raised_however_late_its_timer_comes() {
    let mut world = two_steps();
    by_hours(&mut world);
    // Tuesday is a holiday, and the hours of Wednesday have come and gone again when somebody looks.
    world.open("warning").sleep("50h").deadline_passes().expect_phase("triggered in episode 2");
}

#[test]
fn rule_that_was_edited_in_the_meantime_leaves_it_quiet() {
    let mut world = two_steps();
    by_hours(&mut world);
    world.open("warning");
    world.service.urgency = UrgencyRule::Low;
    world.run("39h").expect_events(&["urgency stays"]).expect_phase("triggered in episode 1, low urgency").expect_due("");
}

#[test]
fn low_urgency_that_nobody_can_be_told_of_reaches_the_fallback_and_at_last_becomes_urgent() {
    let mut world = two_steps();
    world.user("boss", "sms").fallback("user/boss");
    world.open("warning").fails("sms", "aiko").expect_phase("triggered in episode 1, low urgency");
    world.expect_pages(&["0m sms aiko", "0m sms boss"]);
    world.fails("sms", "boss").expect_phase("triggered in episode 2").expect_pages(&["0m sms aiko"]);
}

#[test]
fn reassigning_what_is_held_begins_the_policy_when_nobody_answers() {
    let mut world = two_steps();
    world.user("chie", "sms").open_held("critical", "1h").reassigns("ben", "user/chie").expect_pages(&["0m sms chie"]);
    world.run("5m").expect_events(&["escalated to step 1 (aiko)"]).run("5m").expect_events(&["escalated to step 2 (ben)"]);
}

fn paused(except: &[Severity]) -> Option<AutoPause> {
    Some(AutoPause { seconds: 120, except: except.to_vec() })
}

#[test]
fn transient_alert_that_clears_during_the_pause_is_resolved_unpaged_and_recorded() {
    let mut world = two_steps();
    world.service.auto_pause = paused(&[]);
    world.open("critical").expect_phase("held").expect_due("end hold in 2m");
    world.sleep("1m").clears().expect_phase("resolved by cloudwatch").expect_pages(&[]).expect_events(&["resolved (OK again)"]);
}

#[test]
fn alert_that_lasts_longer_than_the_pause_pages_and_a_repeat_does_not_end_the_pause() {
    let mut world = two_steps();
    world.service.auto_pause = paused(&[Severity::Critical]);
    world.open("error").sleep("1m").repeats("error").expect_phase("held").expect_pages(&[]);
    world.run("1m").expect_phase("triggered in episode 1").expect_pages(&["2m sms aiko"]);
}

#[test]
fn severity_that_is_excepted_is_not_paused_and_ends_a_pause() {
    let mut world = two_steps();
    world.service.auto_pause = paused(&[Severity::Critical]);
    world.open("error").repeats("critical").expect_phase("triggered in episode 1").expect_pages(&["0m sms aiko"]);
    let mut world = two_steps();
    world.service.auto_pause = paused(&[Severity::Critical]);
    world.open("critical").expect_pages(&["0m sms aiko"]);
}

#[test]
fn mute_or_pause_that_still_runs_goes_on_holding_when_a_longer_window_is_ended_early() {
    let ended = || Command::EndMaintenance { window: "db".parse().unwrap() };
    let mut world = two_steps();
    world.maintenance("db", "1h", MaintenanceFilter::default()).open_held("critical", "30m").expect_due("end hold in 1h");
    world.sleep("10m").without_maintenance("db").applied(Actor::Hansho, ended());
    world.expect_events(&["held for 20m (maintenance)"]).expect_due("end hold in 20m").expect_phase("held");
    world.run("20m").expect_pages(&["30m sms aiko"]);

    let mut world = two_steps();
    world.service.auto_pause = paused(&[]);
    world.maintenance("db", "1h", MaintenanceFilter::default()).open("critical").expect_due("end hold in 1h");
    world.sleep("1m").without_maintenance("db").applied(Actor::Hansho, ended()).expect_due("end hold in 1m");
    world.run("1m").expect_pages(&["2m sms aiko"]);

    // What its source no longer says, or is over, holds nothing.
    let mut world = two_steps();
    world.maintenance("db", "1h", MaintenanceFilter::default()).open_held("critical", "30m").repeats("critical");
    world.sleep("10m").without_maintenance("db").applied(Actor::Hansho, ended()).expect_pages(&["10m sms aiko"]);
    let mut world = two_steps();
    world.service.auto_pause = paused(&[]);
    world.maintenance("db", "1h", MaintenanceFilter::default()).open_held("critical", "30m").sleep("30m");
    world.without_maintenance("db").applied(Actor::Hansho, ended()).expect_pages(&["30m sms aiko"]);
}

#[test]
fn mute_that_ends_before_the_pause_does_not_end_it() {
    let mut world = two_steps();
    world.service.auto_pause = paused(&[]);
    world.open_held("critical", "1m").expect_due("end hold in 2m");
    world.run("2m").expect_pages(&["2m sms aiko"]);
}

#[test]
fn urgency_that_a_person_chose_while_it_was_held_stays_at_the_end_of_the_hold() {
    let lower = || Command::ChangeUrgency { urgency: Urgency::Low };
    let mut world = two_steps();
    world.maintenance("db", "1h", MaintenanceFilter::default()).open("error").applied(person("aiko"), lower());
    world.sleep("30m").repeats("error").run("30m").expect_phase("triggered in episode 1, low urgency");
    world.run("24h").expect_pages(&["1h sms aiko"]);
}

#[test]
fn what_is_louder_than_a_person_knew_makes_it_urgent_all_the_same() {
    let lower = || Command::ChangeUrgency { urgency: Urgency::Low };
    let mut world = two_steps();
    world.maintenance("db", "1h", MaintenanceFilter::default()).open("error").applied(person("aiko"), lower());
    world.sleep("30m").repeats("critical").run("30m");
    world.expect_phase("triggered in episode 1").expect_pages(&["1h sms aiko"]);
    // The hours that begin during the hold do, where nobody has decided about it.
    let mut world = two_steps();
    world.service.urgency = UrgencyRule::Low;
    world.open_held("error", "1h");
    world.service.urgency = UrgencyRule::High;
    world.run("1h").expect_phase("triggered in episode 1");
}

#[test]
fn whoever_opens_an_incident_by_hand_is_neither_paused_nor_held() {
    let mut world = two_steps();
    world.service.auto_pause = paused(&[]);
    world.maintenance("db", "1h", MaintenanceFilter::default());
    world.open_with(Alert { opened_by: Some(common::person("chie")), ..alert(1, Severity::Critical) }).expect_pages(&["0m sms aiko"]);
}

#[test]
fn what_hansho_says_of_its_own_trouble_is_neither_paused_nor_held() {
    let mut world = two_steps();
    world.service.auto_pause = paused(&[]);
    world.maintenance("db", "1h", MaintenanceFilter::default());
    world.open_with(Alert { integration: IntegrationId::hansho(), ..alert(1, Severity::Critical) }).expect_pages(&["0m sms aiko"]);
}

#[test]
fn alert_in_a_maintenance_window_is_held_and_what_still_fires_at_its_end_triggers() {
    let mut world = two_steps();
    world.maintenance("db", "1h", MaintenanceFilter::default()).open("critical").expect_phase("held").expect_pages(&[]);
    world.expect_events(&["opened", "held for 1h (maintenance db: new database)"]);
    world.sleep("30m").repeats("critical").expect_phase("held").expect_pages(&[]);
    world.run("30m").expect_phase("triggered in episode 1").expect_pages(&["1h sms aiko"]);
}

#[test]
fn window_is_about_the_alarms_labels_and_severities_that_it_names() {
    let window = |only: MaintenanceFilter, severity: &str| {
        let mut world = two_steps();
        let mut labels = Labels::new();
        labels.add("alarm", "checkout-db-latency");
        labels.add("env", "prod-tokyo");
        world.maintenance("db", "1h", only).open_with(Alert { labels, ..alert(1, common::severity(severity)) });
        world.incident().phase.name().as_str()
    };
    let pattern = |text: &str| vec![AlarmPattern::new(text)];
    let labels = |value: &str| [("env".to_owned(), AlarmPattern::new(value))].into();
    assert_eq!(window(MaintenanceFilter { alarms: pattern("checkout-db-*"), ..Default::default() }, "error"), "held");
    assert_eq!(window(MaintenanceFilter { alarms: pattern("checkout-web-*"), ..Default::default() }, "error"), "triggered");
    assert_eq!(window(MaintenanceFilter { labels: labels("prod*"), ..Default::default() }, "error"), "held");
    assert_eq!(window(MaintenanceFilter { labels: labels("test*"), ..Default::default() }, "error"), "triggered");
    let warnings = || MaintenanceFilter { severities: vec![Severity::Warning], ..Default::default() };
    assert_eq!((window(warnings(), "warning"), window(warnings(), "error")), ("held", "triggered"));
}

#[test]
fn repeat_that_is_too_bad_for_the_window_pages_at_once() {
    let mut world = two_steps();
    let only = MaintenanceFilter { severities: vec![Severity::Error], ..Default::default() };
    world.maintenance("db", "1h", only).open("error").repeats("critical").expect_phase("triggered in episode 1");
}

#[test]
fn windows_that_follow_each_other_hold_for_a_week_at_most() {
    let mut world = two_steps();
    world.maintenance("long", "480h", MaintenanceFilter::default()).open("critical").expect_due("end hold in 168h");
    world.run("168h").expect_phase("triggered in episode 1").expect_pages(&["168h sms aiko"]);
}

#[test]
fn open_incident_goes_on_through_a_window_that_begins_later() {
    let mut world = two_steps();
    world.open("critical").maintenance("db", "1h", MaintenanceFilter::default()).run("5m").expect_pages(&["0m sms aiko", "5m sms ben"]);
}

#[test]
fn labels_say_the_priority() {
    let mut world = two_steps();
    let map = [("P1".to_owned(), Priority::Sev1)].into();
    world.service.priority = Some(PriorityRule { label: Some("priority".to_owned()), map, default: Some(Priority::Sev3) });
    let mut labels = Labels::new();
    labels.add("Priority", "p1");
    world.open_with(Alert { labels, ..alert(1, Severity::Critical) });
    assert_eq!(world.incident().priority, Some(Priority::Sev1));
}
