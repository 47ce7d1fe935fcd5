//! The configuration is edited while people are called: they are told as it is now, and nobody is lost by it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can not make its values has failed")]

#[expect(dead_code, reason = "the stories of calling.rs need more of it")]
mod common;

use common::{World, person, targets};
use hansho_domain::{Actor, Command, HoursId, Ignored, Incident, Input, InputId, Urgency, UrgencyLevel, UrgencyRule, Verdict, step};

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

fn by_office_hours(during: UrgencyLevel, otherwise: UrgencyLevel) -> UrgencyRule {
    UrgencyRule::ByHours { hours: HoursId::new("office").unwrap(), during, otherwise }
}

#[track_caller]
fn expect_no_change(world: &mut World) -> &mut World {
    assert_eq!(world.asked(Actor::Hansho, Command::ReviewRules), Verdict::Ignore(Ignored::Unchanged));
    world
}

/// Urgent by the hours of its service at six in the evening in Tokyo, and made low by a person.
fn made_low() -> World {
    let mut world = World::new();
    world.service.urgency = by_office_hours(UrgencyLevel::High, UrgencyLevel::Low);
    world.user_with("aiko", "", "sms", "email").step("user/aiko", "5m").hours("office", "09:00-20:00");
    world.open("warning").expect_pages(&["0m sms aiko"]);
    world.applied(person("ben"), Command::ChangeUrgency { urgency: Urgency::Low });
    world.expect_pages(&[]).expect_due("raise urgency in 39h").sleep("10m");
    world
}

#[test]
fn what_a_person_has_made_low_stays_low_through_an_apply_that_changes_nothing() {
    let mut world = made_low();
    expect_no_change(&mut world).expect_pages(&[]);
    world.run("39h").expect_pages(&["39h sms aiko"]);
}

#[test]
fn what_a_person_has_made_low_is_raised_by_hours_that_begin_later_and_by_no_apply() {
    let mut world = made_low();
    world.hours("office", "08:00-20:00");
    reviewed(&mut world).expect_pages(&[]).expect_due("raise urgency in 37h50m");
    world.service.urgency = UrgencyRule::High;
    expect_no_change(&mut world).run("38h").expect_pages(&["38h sms aiko"]);
}

#[test]
fn what_a_person_has_made_low_on_an_urgent_service_stays_low() {
    let mut world = World::new();
    world.service.urgency = UrgencyRule::High;
    world.user_with("aiko", "", "sms", "email").step("user/aiko", "5m").open("warning").expect_pages(&["0m sms aiko"]);
    world.applied(person("ben"), Command::ChangeUrgency { urgency: Urgency::Low });
    expect_no_change(&mut world);
    // Somebody else is told quietly.
    world.user_with("ben", "", "sms", "email").reassigns("aiko", "user/ben").expect_pages(&["0m email ben"]);
    expect_no_change(&mut world).expect_pages(&[]);
}

#[test]
fn what_was_made_low_while_it_was_held_stays_low_through_an_apply() {
    let mut world = World::new();
    world.service.urgency = UrgencyRule::High;
    world.user_with("aiko", "", "sms", "email").step("user/aiko", "5m").open_held("warning", "10m");
    world.applied(person("ben"), Command::ChangeUrgency { urgency: Urgency::Low });
    world.run("10m").expect_pages(&["10m email aiko"]);
    expect_no_change(&mut world).expect_pages(&[]);
}

#[test]
fn what_was_made_low_before_that_was_remembered_stays_low() {
    let world = made_low();
    let mut stored = serde_json::to_value(world.incident()).unwrap();
    stored.as_object_mut().unwrap().remove("is_urgency_chosen").expect("it is remembered");
    let stored: Incident = serde_json::from_value(stored).unwrap();
    let input = Input { id: InputId::derived("rules".to_owned()), actor: Actor::Hansho, command: Command::ReviewRules };
    assert_eq!(step(&stored, &input, &world.roster(), world.now), Verdict::Ignore(Ignored::Unchanged));
}

#[test]
fn what_was_made_low_and_has_grown_worse_since_is_for_the_service_to_say() {
    let mut world = World::new();
    world.service.urgency = UrgencyRule::BySeverity;
    world.user_with("aiko", "", "sms", "email").step("user/aiko", "5m").open("warning").expect_pages(&["0m email aiko"]);
    world.applied(person("ben"), Command::ChangeUrgency { urgency: Urgency::High }).expect_pages(&["0m sms aiko"]);
    world.applied(person("ben"), Command::ChangeUrgency { urgency: Urgency::Low });
    world.service.urgency = UrgencyRule::Low;
    world.repeats("critical").expect_pages(&[]);
    world.service.urgency = UrgencyRule::High;
    reviewed(&mut world).expect_pages(&["0m sms aiko"]);
}

/// A service that tells quietly, in the way of `urgency`.
fn quiet_service(urgency: UrgencyRule) -> World {
    let mut world = World::new();
    world.service.urgency = urgency;
    world.user_with("aiko", "", "sms", "email").step("user/aiko", "5m").hours("office", "18:00-20:00");
    world.open("critical").expect_pages(&["0m email aiko"]).sleep("10m");
    world
}

#[test]
fn what_becomes_urgent_by_another_urgency_of_the_service_is_urgent_at_once() {
    for before in
        [UrgencyRule::Low, by_office_hours(UrgencyLevel::Low, UrgencyLevel::High), by_office_hours(UrgencyLevel::Low, UrgencyLevel::Low)]
    {
        let mut world = quiet_service(before);
        expect_no_change(&mut world);
        world.service.urgency = UrgencyRule::High;
        reviewed(&mut world).expect_pages(&["10m sms aiko"]).expect_phase("triggered in episode 2");
        expect_no_change(&mut world);
    }
}

#[test]
fn what_becomes_urgent_later_by_another_urgency_of_the_service_is_raised_then() {
    let mut world = quiet_service(UrgencyRule::Low);
    world.service.urgency = by_office_hours(UrgencyLevel::Low, UrgencyLevel::High);
    reviewed(&mut world).expect_pages(&[]).expect_due("raise urgency in 1h50m");
    world.run("2h").expect_pages(&["2h sms aiko"]);
}

#[test]
fn what_somebody_has_is_not_raised_by_an_apply() {
    let mut world = quiet_service(UrgencyRule::Low);
    world.acknowledges("aiko").service.urgency = UrgencyRule::High;
    expect_no_change(&mut world).expect_pages(&[]);
}

#[test]
fn raise_that_is_due_is_not_lost_to_an_apply_that_comes_before_its_timer() {
    let mut world = quiet_service(by_office_hours(UrgencyLevel::Low, UrgencyLevel::High));
    // The timer is late by two days, of which one is a holiday, and the hours have begun again.
    world.sleep("48h");
    expect_no_change(&mut world).deadline_passes().expect_pages(&["48h10m sms aiko"]);
}

#[test]
fn rule_by_which_somebody_was_told_is_done_wherever_it_is_moved() {
    let mut world = World::new();
    world.user("aiko", "sms").step("user/aiko", "1h").open("critical").expect_pages(&["0m sms aiko"]).sleep("1m");
    world.user("aiko", "sms after 3m");
    expect_no_change(&mut world).run("10m").expect_pages(&[]);

    let mut world = World::new();
    world.user("aiko", "sms after 2m").step("user/aiko", "1h").open("critical").run("1m").user("aiko", "sms after 30s");
    reviewed(&mut world).expect_pages(&["1m sms aiko"]);
    world.user("aiko", "sms after 4m");
    expect_no_change(&mut world).run("10m").expect_pages(&[]);
}

#[test]
fn rule_that_is_new_besides_one_that_was_done_is_told() {
    let mut world = World::new();
    world.user("aiko", "sms").step("user/aiko", "1h").open("critical").expect_pages(&["0m sms aiko"]).sleep("1m");
    world.user("aiko", "sms after 3m, sms after 6m, email after 9m");
    reviewed(&mut world).run("10m").expect_pages(&["6m sms aiko", "9m email aiko"]);
}

#[test]
fn method_that_was_used_early_is_used_again_by_its_second_rule() {
    let mut world = World::new();
    world.user("aiko", "sms, email after 3m, email after 6m").step("user/aiko", "1h").open("critical").fails("sms", "aiko");
    world.run("10m").expect_pages(&["0m sms aiko", "0m email aiko", "6m email aiko"]);
}

#[test]
fn rule_that_was_still_to_come_is_told_though_the_one_that_was_done_is_taken_away() {
    for (rules, told) in [("sms after 5m", "5m sms aiko"), ("sms after 7m", "7m sms aiko")] {
        let mut world = World::new();
        world.user("aiko", "sms, sms after 5m").step("user/aiko", "1h").open("critical").expect_pages(&["0m sms aiko"]).sleep("1m");
        world.user("aiko", rules);
        let _ = world.asked(Actor::Hansho, Command::ReviewRules);
        world.run("10m").expect_pages(&[told]);
        // Whatever it is moved to then, it is done.
        world.user("aiko", "sms after 20m");
        expect_no_change(&mut world).run("10m").expect_pages(&[]);
    }
}

#[test]
fn edit_that_is_taken_back_tells_nobody_again() {
    let mut world = World::new();
    world.user("aiko", "sms").step("user/aiko", "1h").open("critical").expect_pages(&["0m sms aiko"]).sleep("1m");
    for rules in ["sms, sms after 3m", "sms"] {
        world.user("aiko", rules);
        reviewed(&mut world).expect_pages(&[]);
    }
    world.run("10m").expect_pages(&[]);
}
