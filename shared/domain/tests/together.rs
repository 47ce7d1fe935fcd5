//! A person who is asked for help and called by the escalation within a moment: one message is enough, and none is lost by it.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper that can not go on has failed the test")]

#[expect(dead_code, reason = "the stories of calling.rs need more of it")]
mod common;

use common::{World, person, targets};
use hansho_domain::{Actor, AlertId, Command, DeliveryOutcome, Holds, IncidentId, Merged, Severity, Urgency};

/// Aiko is called first and ben, by text and a minute later by mail, a minute after her.
fn aiko_then_ben() -> World {
    let mut world = World::new();
    world.user("aiko", "sms").user("ben", "sms, email after 1m").user("chie", "sms");
    world.step("user/aiko", "1m").step("user/ben", "10m").step("user/chie", "10m").open("critical");
    world.expect_pages(&["0m sms aiko"]);
    world
}

fn asks(world: &mut World, whom: &str, message: &str) {
    let command = Command::RequestResponders { to: targets(whom), message: message.to_owned() };
    world.applied(person("aiko"), command);
}

fn request_fails(world: &mut World, method: &str, name: &str) {
    let report = world.report_on(method, name, Holds::Requested { request: 1 }, DeliveryOutcome::Failed("number unknown".to_owned()));
    world.applied(Actor::Hansho, report);
}

#[test]
fn whoever_was_just_asked_is_not_told_again_when_the_escalation_reaches_them() {
    let mut world = aiko_then_ben();
    world.sleep("50s");
    asks(&mut world, "user/ben", "the database is slow");
    world.expect_pages(&["50s sms ben"]);
    world.run("10s").expect_pages(&[]).expect_events(&["escalated to step 2 (ben)", "ben told already by sms"]);
    // Nor by the delayed rules of the two, which are as near to each other; whoever does not answer is followed as ever.
    world.run("1m").expect_pages(&["1m50s email ben"]);
    world.run("10m").expect_pages(&["11m sms chie"]);
}

#[test]
fn whoever_was_asked_a_while_ago_is_called_by_the_escalation_with_a_page_of_its_own() {
    let mut world = aiko_then_ben();
    world.sleep("30s");
    asks(&mut world, "user/ben", "");
    world.expect_pages(&["30s sms ben"]);
    world.run("30s").expect_pages(&["1m sms ben"]);
}

#[test]
fn rules_of_both_that_come_due_in_one_moment_are_one_message() {
    let mut world = aiko_then_ben();
    asks(&mut world, "user/ben", "");
    world.expect_pages(&["0m sms ben"]);
    // The mail of the request, and the text of the step.
    world.run("1m").expect_pages(&["1m sms ben", "1m email ben"]);
    world.run("1m").expect_pages(&["2m email ben"]);
}

#[test]
fn whoever_was_just_called_is_not_told_again_that_their_help_is_wanted_unless_in_words() {
    for (message, pages) in [("", [].as_slice()), ("the database is slow", &["1m5s sms ben"])] {
        let mut world = aiko_then_ben();
        world.run("1m").expect_pages(&["1m sms ben"]).sleep("5s");
        asks(&mut world, "user/ben", message);
        world.expect_pages(pages);
        // The delayed rules of the two are one message in either case.
        world.run("1m10s").expect_pages(&["2m email ben"]);
        assert!(world.incident().is_asked(&common::user("ben")));
    }
}

#[test]
fn whoever_has_declined_is_called_by_the_escalation() {
    let mut world = aiko_then_ben();
    world.sleep("50s");
    asks(&mut world, "user/ben", "");
    world.applied(person("ben"), Command::DeclineRequest).expect_pages(&["50s sms ben"]);
    world.run("10s").expect_pages(&["1m sms ben"]);
}

#[test]
fn whoever_declines_after_the_escalation_has_reached_them_is_called_then() {
    let mut world = aiko_then_ben();
    world.sleep("50s");
    asks(&mut world, "user/ben", "");
    world.run("10s").expect_pages(&["50s sms ben"]);
    world.applied(person("ben"), Command::DeclineRequest).expect_pages(&["1m sms ben"]);
    world.run("1m").expect_pages(&["2m email ben"]);
    assert!(world.incident().spared.is_empty());
}

#[test]
fn whoever_is_called_is_paged_when_the_request_that_told_them_is_cancelled() {
    let mut world = aiko_then_ben();
    world.sleep("50s");
    asks(&mut world, "user/ben", "");
    world.run("10s").expect_pages(&["50s sms ben"]);
    world.applied(person("aiko"), Command::CancelRequests { of: Vec::new() }).expect_pages(&["1m sms ben"]);
}

#[test]
fn whoever_accepts_is_not_told_again_at_once_and_is_still_called() {
    let mut world = aiko_then_ben();
    world.sleep("50s");
    asks(&mut world, "user/ben", "");
    world.run("10s").expect_pages(&["50s sms ben"]);
    world.applied(person("ben"), Command::AcceptRequest).expect_pages(&[]);
    assert!(world.incident().spared.is_empty());
    // An answer acknowledges nothing.
    world.run("1m").expect_pages(&["2m email ben"]);
    world.run("10m").expect_pages(&["11m sms chie"]);
}

#[test]
fn whoever_accepted_before_is_called_by_the_escalation() {
    let mut world = aiko_then_ben();
    world.sleep("50s");
    asks(&mut world, "user/ben", "");
    world.applied(person("ben"), Command::AcceptRequest).expect_pages(&["50s sms ben"]);
    world.run("10s").expect_pages(&["1m sms ben"]);
}

#[test]
fn whoever_is_asked_is_told_when_somebody_else_takes_the_incident_whose_page_told_them() {
    let mut world = aiko_then_ben();
    world.run("1m").expect_pages(&["1m sms ben"]).sleep("5s");
    asks(&mut world, "user/ben", "");
    world.expect_pages(&[]);
    world.acknowledges("aiko").expect_pages(&["1m5s sms ben"]);
    world.run("1m").expect_pages(&["2m5s email ben"]);
}

#[test]
fn whoever_takes_the_incident_themselves_is_not_told_of_the_request_at_once() {
    let mut world = aiko_then_ben();
    world.run("1m").expect_pages(&["1m sms ben"]).sleep("5s");
    asks(&mut world, "user/ben", "");
    world.acknowledges("ben").expect_pages(&[]);
    assert!(world.incident().is_asked(&common::user("ben")));
}

#[test]
fn page_of_an_episode_that_is_over_tells_nobody_of_a_request() {
    let mut world = aiko_then_ben();
    world.run("1m").expect_pages(&["1m sms ben"]).acknowledges("aiko");
    asks(&mut world, "user/ben", "");
    world.expect_pages(&["1m sms ben"]);
}

#[test]
fn new_episode_that_reaches_whoever_was_just_asked_is_one_message_too() {
    let mut world = World::new();
    world.user("ben", "sms").step("user/ben", "10m").open("critical").expect_pages(&["0m sms ben"]).sleep("5s");
    asks(&mut world, "user/ben", "");
    world.expect_pages(&[]).acknowledges("chie").expect_pages(&["5s sms ben"]).sleep("5s");
    world.escalates("chie").expect_phase("triggered in episode 2").expect_pages(&[]);
    world.applied(person("ben"), Command::DeclineRequest).expect_pages(&["10s sms ben"]);
}

#[test]
fn failure_of_the_one_message_is_the_failure_of_both() {
    let mut world = aiko_then_ben();
    world.user_with("ben", "webhook", "sms", "");
    world.sleep("50s");
    asks(&mut world, "user/ben", "");
    world.run("10s").expect_pages(&["50s sms ben"]);
    request_fails(&mut world, "sms", "ben");
    world.expect_pages(&["1m webhook ben"]);
    world.expect_events(&["sms to ben failed, webhook instead", "ben told already by webhook"]);
    // The last method has failed: ben can not be reached by the request, so the escalation need not wait for him.
    request_fails(&mut world, "webhook", "ben");
    world.expect_pages(&["1m sms chie"]);
}

#[test]
fn failure_of_a_page_that_told_of_the_request_is_followed_by_the_next_method_though_others_are_called_by_then() {
    let mut world = aiko_then_ben();
    world.user_with("ben", "webhook", "sms", "");
    world.run("1m").expect_pages(&["1m sms ben"]).sleep("5s");
    asks(&mut world, "user/ben", "");
    world.escalates("aiko").expect_pages(&["1m5s sms chie"]);
    world.fails("sms", "ben").expect_pages(&["1m5s webhook ben"]);
}

#[test]
fn whoever_can_not_be_reached_by_the_one_is_not_waited_for_by_the_other() {
    let mut world = aiko_then_ben();
    world.sleep("50s");
    asks(&mut world, "user/ben", "");
    world.run("10s").expect_pages(&["50s sms ben"]);
    let command =
        Command::TargetUnreachable { user: common::user("ben"), holds: Holds::Requested { request: 1 }, reason: "has left".to_owned() };
    world.applied(Actor::Hansho, command).expect_pages(&["1m sms chie"]);
}

#[test]
fn who_is_given_the_incident_by_name_hears_so_though_they_were_just_asked() {
    let mut world = aiko_then_ben();
    asks(&mut world, "user/ben", "");
    world.expect_pages(&["0m sms ben"]).sleep("5s").reassigns("aiko", "user/ben").expect_pages(&["5s sms ben"]);
}

#[test]
fn quiet_message_stands_for_no_loud_one() {
    let mut world = World::new();
    world.user_with("ben", "", "email", "email").step("user/ben", "5m").open("info");
    world.expect_pages(&["0m email ben"]).sleep("5s");
    asks(&mut world, "user/ben", "");
    world.expect_pages(&["5s email ben"]);
}

#[test]
fn of_many_who_are_called_and_asked_at_once_everybody_is_told_and_the_incident_stays_small() {
    let mut world = World::new();
    let names: Vec<String> = (0..40).map(|number| format!("user-{number:02}")).collect();
    for name in &names {
        world.user(name, "sms, email");
    }
    world.team("everybody", &names.join(" ")).step("team/everybody", "5m").open("critical");
    let mut told = world.pages();
    let asked: Vec<String> = names.iter().rev().take(20).map(|name| format!("user/{name}")).collect();
    asks(&mut world, &asked.join(" "), "");
    told.extend(world.pages());
    for name in &names {
        assert!(told.contains(&format!("0m sms {name}")) && told.contains(&format!("0m email {name}")), "{name}: {told:?}");
    }
}

#[test]
fn incident_that_grows_by_merges_sends_what_it_spared() {
    let mut world = aiko_then_ben();
    world.sleep("50s");
    asks(&mut world, "user/ben", "");
    world.run("10s").expect_pages(&["50s sms ben"]);
    for number in 11..=13u8 {
        let incident = IncidentId::derived(common::start(), AlertId::from_hash([number; 16]));
        let keys = vec![Merged { incident, pointer: format!("DEDUP#{number}"), is_firing: true }];
        let (severity, urgency) = (Severity::Critical, Urgency::High);
        let taken = Command::Absorb { source: incident, title: "Down".to_owned(), keys, severity, urgency, is_paging: true };
        world.applied(person("aiko"), taken);
    }
    world.expect_pages(&["1m sms ben"]);
}
