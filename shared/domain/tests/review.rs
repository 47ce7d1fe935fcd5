//! The configuration is edited while people are called: they are told as it is now, and nobody is lost by it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can not make its values has failed")]

#[expect(dead_code, reason = "the stories of calling.rs need more of it")]
mod common;

use common::{World, person, targets};
use hansho_domain::{Actor, Command, HoursId, Ignored, Urgency, UrgencyLevel, UrgencyRule, Verdict};

/// Somebody who is called and waits for her first rule.
fn waiting() -> World {
    let mut world = World::new();
    world.user_with("aiko", "email webhook", "sms after 20m", "").step("user/aiko", "1h").open("critical");
    world.expect_pages(&[]).expect_due("rules in 20m, escalate in 1h");
    world
}

fn reviewed(world: &mut World) -> &mut World {
    world.applied(Actor::Hansho, Command::ReviewRules)
}

#[test]
fn rule_that_was_made_earlier_counts_from_its_new_time() {
    let mut world = waiting();
    world.sleep("2m").user("aiko", "sms after 5m");
    reviewed(&mut world).expect_pages(&[]).expect_due("rules in 3m, escalate in 58m").expect_events(&["rules reviewed"]);
    world.run("58m").expect_pages(&["5m sms aiko"]).expect_phase("exhausted in episode 1");
}

#[test]
fn rule_whose_new_time_is_past_is_done_at_once() {
    let mut world = waiting();
    world.sleep("6m").user("aiko", "sms after 5m");
    reviewed(&mut world).expect_pages(&["6m sms aiko"]).expect_due("escalate in 54m");
}

#[test]
fn rule_that_was_made_later_waits_until_then() {
    let mut world = waiting();
    world.sleep("2m").user("aiko", "sms after 30m");
    reviewed(&mut world).expect_pages(&[]).expect_due("rules in 28m, escalate in 58m");
    world.run("30m").expect_pages(&["30m sms aiko"]);
}

#[test]
fn method_that_is_taken_away_loses_no_page() {
    let mut world = waiting();
    // Without rules she is told by everything that she has.
    world.sleep("2m").user_with("aiko", "email", "", "");
    reviewed(&mut world).expect_pages(&["2m email aiko"]).expect_due("escalate in 58m");
}

#[test]
fn rule_that_was_still_to_come_is_not_lost_among_those_of_others() {
    let mut world = World::new();
    world.user("aiko", "sms, email after 10m").user("ben", "sms, email after 6m").step("user/aiko user/ben", "1h").open("critical");
    world.run("7m").expect_pages(&["0m sms aiko", "0m sms ben", "6m email ben"]);
    world.user("aiko", "sms, email after 5m");
    reviewed(&mut world).expect_pages(&["7m email aiko"]);
}

#[test]
fn what_was_said_already_is_not_said_again() {
    let mut world = World::new();
    world
        .user("aiko", "sms, email after 2m")
        .step("user/aiko", "1h")
        .open("critical")
        .run("3m")
        .expect_pages(&["0m sms aiko", "2m email aiko"]);
    for rules in ["sms, email after 2m", "sms after 1m, email", "email, sms after 2m", "sms"] {
        world.user("aiko", rules);
        assert_eq!(world.asked(Actor::Hansho, Command::ReviewRules), Verdict::Ignore(Ignored::Unchanged), "{rules}");
    }
    // Another way that she wants to be told by is used.
    world.user("aiko", "sms, webhook after 1m, webhook after 2m");
    reviewed(&mut world).expect_pages(&["3m webhook aiko"]);
}

#[test]
fn method_that_was_used_in_place_of_one_that_failed_is_not_used_again() {
    let mut world = World::new();
    world.user("aiko", "sms, email after 10m").step("user/aiko", "1h").open("critical").fails("sms", "aiko");
    world.expect_pages(&["0m sms aiko", "0m email aiko"]).run("6m");
    world.user("aiko", "sms, email after 5m");
    reviewed(&mut world).expect_pages(&[]);
}

#[test]
fn whoever_was_asked_for_help_is_told_by_the_new_rules_too() {
    let mut world = waiting();
    world.user("ben", "sms after 30m");
    world.applied(person("aiko"), Command::RequestResponders { to: targets("user/ben"), message: String::new() });
    world.acknowledges("aiko").sleep("2m").user("ben", "sms after 1m");
    reviewed(&mut world).expect_pages(&["2m sms ben"]);
    world.user("ben", "sms after 1m, email after 10m");
    reviewed(&mut world).expect_due("request rules in 8m");
}

#[test]
fn what_becomes_urgent_by_the_new_hours_is_urgent_at_once() {
    let mut world = World::new();
    let hours = HoursId::new("office").unwrap();
    world.service.urgency = UrgencyRule::ByHours { hours, during: UrgencyLevel::High, otherwise: UrgencyLevel::BySeverity };
    world.user_with("aiko", "", "sms", "email").step("user/aiko", "5m").hours("office", "19:00-20:00");
    // Six in the evening in Tokyo.
    world.open("warning").expect_pages(&["0m email aiko"]).expect_due("raise urgency in 1h");
    world.sleep("10m").hours("office", "18:30-20:00");
    reviewed(&mut world).expect_pages(&[]).expect_due("raise urgency in 20m");
    world.hours("office", "18:00-20:00");
    reviewed(&mut world).expect_pages(&["10m sms aiko"]).expect_phase("triggered in episode 2");
}

#[test]
fn whoever_was_quieted_is_not_told_by_new_rules() {
    let mut world = waiting();
    world.applied(person("ben"), Command::ChangeUrgency { urgency: Urgency::Low });
    world.user_with("aiko", "", "sms", "email");
    assert_eq!(world.asked(Actor::Hansho, Command::ReviewRules), Verdict::Ignore(Ignored::Unchanged));
}
