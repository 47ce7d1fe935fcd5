//! What every input does in every phase, as tables.
//!
//! The policy of these tables calls aiko at step 1 (she is told by sms at once and by mail after 3 minutes) for 5 minutes
//! and ben (by sms) at step 2 for 10 minutes, once. chie (by mail) is on no step, and is the fallback. Whoever acknowledges has 30
//! minutes. Every input comes a minute after what is given, except deadlines. Times count from the input.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can not make its values has failed")]

#[path = "tables/by_hand.rs"]
mod by_hand;
#[expect(dead_code, reason = "the stories of calling.rs need more of it")]
mod common;
#[path = "tables/merging.rs"]
mod merging;

use std::collections::BTreeSet;

use common::{World, alert, clear, person, source, span, targets, user, words};
use hansho_domain::{
    Actor, Alert, Command, DeliveryOutcome, Event, HeldBy, Holds, Ignored, IncidentId, Input, MaintenanceFilter, MaintenanceId, PolicyId,
    PolicyStep, PolicyVersion, Priority, Urgency, Verdict,
};

const HEADER: [&str; 6] = ["given", "input", "becomes", "happened", "effects", "due"];

#[test]
fn repeated_alert_is_counted_and_pages_only_when_it_becomes_urgent() {
    check(ALERT);
}

const ALERT: &str = "
    given                             | input          | becomes                             | happened                                                                                       | effects         | due
    held | critical alert | triggered in episode 1 | repeated (critical); triggered (still wrong, and no longer held); escalated to step 1 (aiko) | timer, sms aiko | rules in 3m, escalate in 5m
    held, low urgency | critical alert | triggered in episode 1 | repeated (critical); triggered (still wrong, and no longer held); escalated to step 1 (aiko) | timer, sms aiko | rules in 3m, escalate in 5m
    held | critical alert held for 19m | held | repeated (critical) | | end hold in 19m
    held | critical alert held for 2h | held | repeated (critical); held for 2h (a mute rule) | timer | end hold in 2h
    triggered                         | critical alert | triggered in episode 1              | repeated (critical)                                                                            |                 | rules in 2m, escalate in 4m
    triggered                         | warning alert  | triggered in episode 1              | repeated (warning)                                                                             |                 | rules in 2m, escalate in 4m
    triggered, low urgency            | info alert     | triggered in episode 1, low urgency | repeated (info)                                                                                |                 |
    triggered, low urgency            | error alert    | triggered in episode 2              | repeated (error); triggered (the severity rose and made it urgent); escalated to step 1 (aiko) | timer, sms aiko | rules in 3m, escalate in 5m
    acknowledged by aiko              | critical alert | acknowledged by aiko                | repeated (critical)                                                                            |                 | acknowledgement timeout in 29m
    acknowledged by aiko, low urgency | critical alert | acknowledged by aiko                | repeated (critical)                                                                            |                 | acknowledgement timeout in 29m
    exhausted                         | critical alert | exhausted in episode 1              | repeated (critical)                                                                            |                 | page again in 29m
    resolved by aiko                  | critical alert | ignored: already resolved           |                                                                                                |                 |
";

#[test]
fn maintenance_that_ends_early_triggers_what_it_alone_holds() {
    check(END_MAINTENANCE);
}

const END_MAINTENANCE: &str = "
    given | input | becomes | happened | effects | due
    held for maintenance | maintenance db ends early | triggered in episode 1 | triggered (the maintenance was ended early, and it is still wrong); escalated to step 1 (aiko) | timer, sms aiko | rules in 3m, escalate in 5m
    held for maintenance | maintenance net ends early | ignored: no longer needed | | |
    held for maintenance that is shortened | maintenance db ends early | held | held for 4m (maintenance db: new database) | timer | end hold in 4m
    held for two | maintenance db ends early | held | held for 9m (maintenance net: new database) | timer | end hold in 9m
    held for two | maintenance net ends early | ignored: no longer needed | | |
    held | maintenance db ends early | ignored: no longer needed | | |
    triggered | maintenance db ends early | ignored: no longer needed | | |
    acknowledged by aiko | maintenance db ends early | ignored: no longer needed | | |
    exhausted | maintenance db ends early | ignored: no longer needed | | |
    resolved by aiko | maintenance db ends early | ignored: no longer needed | | |
";

#[test]
fn rules_that_are_edited_count_at_once_for_whoever_is_called() {
    check(REVIEW_RULES);
}

const REVIEW_RULES: &str = "
    given | input | becomes | happened | effects | due
    held | rules reviewed | ignored: unchanged | | |
    triggered | rules reviewed | triggered in episode 1 | rules reviewed | timer, email aiko | escalate in 4m
    triggered, low urgency | rules reviewed | ignored: unchanged | | |
    acknowledged by aiko | rules reviewed | ignored: unchanged | | |
    exhausted | rules reviewed | ignored: unchanged | | |
    resolved by aiko | rules reviewed | ignored: no longer needed | | |
";

#[test]
fn clear_resolves_whatever_is_open() {
    check(CLEAR);
}

const CLEAR: &str = "
    given                  | input | becomes                   | happened            | effects | due
    held                   | clear | resolved by cloudwatch    | resolved (OK again) |         |
    triggered              | clear | resolved by cloudwatch    | resolved (OK again) |         |
    acknowledged by aiko   | clear | resolved by cloudwatch    | resolved (OK again) |         |
    snoozed by aiko for 2h | clear | resolved by cloudwatch    | resolved (OK again) |         |
    exhausted              | clear | resolved by cloudwatch    | resolved (OK again) |         |
    resolved by aiko       | clear | ignored: already resolved |                     |         |
";

#[test]
fn acknowledging_ends_the_paging_and_others_may_join() {
    check(ACKNOWLEDGE);
}

const ACKNOWLEDGE: &str = "
    given                  | input             | becomes                           | happened     | effects | due
    held                   | ben acknowledges  | acknowledged by ben               | acknowledged | timer   | acknowledgement timeout in 30m
    triggered              | aiko acknowledges | acknowledged by aiko              | acknowledged | timer   | acknowledgement timeout in 30m
    triggered, at step 2   | chie acknowledges | acknowledged by chie              | acknowledged | timer   | acknowledgement timeout in 30m
    triggered, low urgency | aiko acknowledges | acknowledged by aiko, low urgency | acknowledged | timer   | acknowledgement timeout in 30m
    acknowledged by aiko   | ben acknowledges  | acknowledged by aiko and ben      | acknowledged |         | acknowledgement timeout in 29m
    acknowledged by aiko   | aiko acknowledges | ignored: already acknowledged     |              |         |
    snoozed by aiko for 2h | ben acknowledges  | acknowledged by aiko and ben      | acknowledged |         | end snooze in 1h59m
    exhausted              | aiko acknowledges | acknowledged by aiko              | acknowledged | timer   | acknowledgement timeout in 30m
    resolved by aiko       | ben acknowledges  | ignored: already resolved         |              |         |
";

#[test]
fn resolving_ends_everything() {
    check(RESOLVE);
}

const RESOLVE: &str = "
    given                  | input        | becomes                   | happened | effects | due
    held                   | ben resolves | resolved by ben           | resolved |         |
    triggered              | ben resolves | resolved by ben           | resolved |         |
    acknowledged by aiko   | ben resolves | resolved by ben           | resolved |         |
    snoozed by aiko for 2h | ben resolves | resolved by ben           | resolved |         |
    exhausted              | ben resolves | resolved by ben           | resolved |         |
    resolved by aiko       | ben resolves | ignored: already resolved |          |         |
";

#[test]
fn reopening_calls_from_the_first_step_unless_a_newer_incident_is_open() {
    check(REOPEN);
}

const REOPEN: &str = "
    given                | input                          | becomes                                                                                      | happened                             | effects         | due
    held                 | ben reopens                    | rejected: the incident is open; only a resolved incident can be reopened                     |                                      |                 |
    triggered            | ben reopens                    | rejected: the incident is open; only a resolved incident can be reopened                     |                                      |                 |
    acknowledged by aiko | ben reopens                    | rejected: the incident is open; only a resolved incident can be reopened                     |                                      |                 |
    exhausted            | ben reopens                    | rejected: the incident is open; only a resolved incident can be reopened                     |                                      |                 |
    resolved by aiko     | ben reopens                    | triggered in episode 2                                                                       | reopened; escalated to step 1 (aiko) | timer, sms aiko | rules in 3m, escalate in 5m
    resolved by aiko     | ben reopens what is open again | rejected: incident 01M6DQV4700C1G60R30C1G60R3 is open for the same trouble; work on that one |                                      |                 |
    triggered            | ben reopens what is open again | rejected: the incident is open; only a resolved incident can be reopened                     |                                      |                 |
";

#[test]
fn escalating_calls_the_next_step_or_the_first_when_nobody_is_called() {
    check(ESCALATE);
}

const ESCALATE: &str = "
    given                             | input          | becomes                                             | happened                                                       | effects         | due
    held                              | chie escalates | triggered in episode 1                              | triggered (user/chie asked for it); escalated to step 1 (aiko) | timer, sms aiko | rules in 3m, escalate in 5m
    held, low urgency                 | chie escalates | triggered in episode 1                              | triggered (user/chie asked for it); escalated to step 1 (aiko) | timer, sms aiko | rules in 3m, escalate in 5m
    triggered                         | chie escalates | triggered in episode 1                              | escalated to step 2 (ben)                                      | timer, sms ben  | escalate in 10m
    triggered, at step 2              | chie escalates | triggered in episode 1                              | escalated to step 1 (aiko)                                     | timer, sms aiko | rules in 3m, escalate in 5m
    triggered, low urgency            | chie escalates | triggered in episode 1                              | escalated to step 2 (ben)                                      | timer, sms ben  | escalate in 10m
    acknowledged by aiko              | aiko escalates | triggered in episode 2                              | triggered (user/aiko escalated it); escalated to step 2 (ben)  | timer, sms ben  | escalate in 10m
    acknowledged by ben, at step 2    | ben escalates  | triggered in episode 2                              | triggered (user/ben escalated it); escalated to step 1 (aiko)  | timer, sms aiko | rules in 3m, escalate in 5m
    acknowledged by aiko, low urgency | aiko escalates | triggered in episode 2                              | triggered (user/aiko escalated it); escalated to step 2 (ben)  | timer, sms ben  | escalate in 10m
    snoozed by aiko for 2h            | aiko escalates | triggered in episode 2                              | triggered (user/aiko escalated it); escalated to step 2 (ben)  | timer, sms ben  | escalate in 10m
    exhausted                         | chie escalates | triggered in episode 2                              | triggered (user/chie asked for it); escalated to step 1 (aiko) | timer, sms aiko | rules in 3m, escalate in 5m
    resolved by aiko                  | chie escalates | rejected: the incident is resolved; reopen it first |                                                                |                 |
";

#[test]
fn snoozing_takes_it_until_a_time_within_a_week() {
    check(SNOOZE);
}

const SNOOZE: &str = "
    given                  | input                   | becomes                                                     | happened         | effects | due
    held                   | aiko snoozes for 2h     | acknowledged by aiko                                        | snoozed for 2h   | timer   | end snooze in 2h
    triggered              | aiko snoozes for 2h     | acknowledged by aiko                                        | snoozed for 2h   | timer   | end snooze in 2h
    triggered, low urgency | aiko snoozes for 1s     | acknowledged by aiko, low urgency                           | snoozed for 1s   | timer   | end snooze in 1s
    acknowledged by aiko   | aiko snoozes for 2h     | acknowledged by aiko                                        | snoozed for 2h   | timer   | end snooze in 2h
    acknowledged by aiko   | ben snoozes for 2h      | acknowledged by ben                                         | snoozed for 2h   | timer   | end snooze in 2h
    snoozed by aiko for 2h | aiko snoozes for 1h     | acknowledged by aiko                                        | snoozed for 1h   | timer   | end snooze in 1h
    exhausted              | aiko snoozes for 168h   | acknowledged by aiko                                        | snoozed for 168h | timer   | end snooze in 168h
    triggered              | aiko snoozes for 0s     | rejected: a snooze must end between now and 7 days from now |                  |         |
    triggered              | aiko snoozes for -1m    | rejected: a snooze must end between now and 7 days from now |                  |         |
    triggered              | aiko snoozes for 168h1s | rejected: a snooze must end between now and 7 days from now |                  |         |
    resolved by aiko       | aiko snoozes for 2h     | rejected: the incident is resolved; reopen it first         |                  |         |
";

#[test]
fn reassigning_calls_these_people_and_then_goes_on_with_the_policy() {
    check(REASSIGN);
}

const REASSIGN: &str = "
    given                  | input                                              | becomes                                                                                  | happened               | effects                    | due
    held                   | aiko reassigns to user/chie                        | triggered in episode 1                                                                   | reassigned to chie     | timer, email chie          | escalate in 5m
    triggered              | aiko reassigns to user/chie                        | triggered in episode 2                                                                   | reassigned to chie     | timer, email chie          | escalate in 5m
    triggered              | aiko reassigns to user/chie user/ben user/chie     | triggered in episode 2                                                                   | reassigned to chie ben | timer, email chie, sms ben | escalate in 5m
    triggered, at step 2   | ben reassigns to user/aiko                         | triggered in episode 2                                                                   | reassigned to aiko     | timer, sms aiko            | rules in 3m, escalate in 10m
    triggered, low urgency | aiko reassigns to user/chie                        | triggered in episode 2, low urgency                                                      | reassigned to chie     | email chie                 |
    acknowledged by aiko   | aiko reassigns to user/chie                        | triggered in episode 2                                                                   | reassigned to chie     | timer, email chie          | escalate in 5m
    snoozed by aiko for 2h | aiko reassigns to user/chie                        | triggered in episode 2                                                                   | reassigned to chie     | timer, email chie          | escalate in 5m
    exhausted              | aiko reassigns to user/chie                        | triggered in episode 2                                                                   | reassigned to chie     | timer, email chie          | escalate in 10m
    triggered              | aiko reassigns to user/nobody-knows schedule/empty | rejected: nobody would be called: the targets are unknown or nobody is on call there now |                        |                            |
    triggered              | aiko reassigns to user/nobody-knows user/chie      | triggered in episode 2                                                                   | reassigned to chie     | timer, email chie          | escalate in 5m
    resolved by aiko       | aiko reassigns to user/chie                        | rejected: the incident is resolved; reopen it first                                      |                        |                            |
";

#[test]
fn note_changes_nothing_but_the_timeline() {
    check(NOTE);
}

const NOTE: &str = "
    given                | input                     | becomes                                                  | happened      | effects | due
    held                 | ben notes hello           | held                                                     | noted (hello) |         | end hold in 19m
    triggered            | ben notes hello           | triggered in episode 1                                   | noted (hello) |         | rules in 2m, escalate in 4m
    acknowledged by aiko | ben notes hello           | acknowledged by aiko                                     | noted (hello) |         | acknowledgement timeout in 29m
    exhausted            | ben notes hello           | exhausted in episode 1                                   | noted (hello) |         | page again in 29m
    resolved by aiko     | ben notes hello           | resolved by aiko                                         | noted (hello) |         |
    triggered            | ben notes 4001 characters | rejected: a note must have between 1 and 4000 characters |               |         |
    triggered            | ben notes blanks          | rejected: a note must have between 1 and 4000 characters |               |         |
";

#[test]
fn deadline_does_what_is_due_and_knows_stale_and_early_timers() {
    check(DEADLINE);
}

const DEADLINE: &str = "
    given                          | input                              | becomes                | happened                                                                       | effects                    | due
    held                           | the deadline passes                | triggered in episode 1 | triggered (still wrong at the end of the hold); escalated to step 1 (aiko)     | timer, sms aiko            | rules in 3m, escalate in 5m
    held                           | the deadline passes a second early | ignored: early timer   |                                                                                |                            |
    held                           | the deadline passes 3h late        | triggered in episode 1 | triggered (still wrong at the end of the hold); escalated to step 1 (aiko)     | timer, sms aiko            | rules in 3m, escalate in 5m
    triggered                      | the deadline passes                | triggered in episode 1 | rules due after 3m                                                             | timer, email aiko          | escalate in 2m
    triggered                      | the deadline passes a second early | ignored: early timer   |                                                                                |                            |
    triggered                      | the deadline passes 3h late        | triggered in episode 1 | rules due after 3h3m; escalated to step 2 (ben)                                | timer, email aiko, sms ben | escalate in 10m
    triggered                      | the deadline before passes         | ignored: stale timer   |                                                                                |                            |
    triggered, at step 2           | the deadline passes                | exhausted in episode 1 | exhausted                                                                      | timer                      | page again in 30m
    triggered, at step 2           | the deadline before passes         | ignored: stale timer   |                                                                                |                            |
    triggered, low urgency         | the deadline passes                | ignored: stale timer   |                                                                                |                            |
    acknowledged by aiko           | the deadline passes                | triggered in episode 2 | triggered (acknowledged, and not resolved in time); escalated to step 1 (aiko) | timer, sms aiko            | rules in 3m, escalate in 5m
    acknowledged by ben, at step 2 | the deadline passes                | triggered in episode 2 | triggered (acknowledged, and not resolved in time); escalated to step 2 (ben)  | timer, sms ben             | escalate in 10m
    acknowledged by ben, at step 2 | the deadline before passes         | ignored: stale timer   |                                                                                |                            |
    snoozed by aiko for 2h         | the deadline passes                | triggered in episode 2 | triggered (the snooze is over); escalated to step 1 (aiko)                     | timer, sms aiko            | rules in 3m, escalate in 5m
    snoozed by aiko for 2h         | the deadline passes a second early | ignored: early timer   |                                                                                |                            |
    exhausted                      | the deadline passes                | exhausted in episode 1 | paged again (ben)                                                              | timer, sms ben             | page again in 30m
    exhausted                      | the deadline passes a second early | ignored: early timer   |                                                                                |                            |
    exhausted                      | the deadline before passes         | ignored: stale timer   |                                                                                |                            |
    resolved by aiko               | the deadline before passes         | ignored: stale timer   |                                                                                |                            |
";

#[test]
fn person_who_can_not_be_reached_is_not_waited_for() {
    check(UNREACHABLE);
}

const UNREACHABLE: &str = "
    given                  | input                                     | becomes                             | happened                                                                                | effects           | due
    held                   | aiko is unreachable                       | ignored: no longer needed           |                                                                                         |                   |
    triggered              | aiko is unreachable                       | triggered in episode 1              | aiko unreachable; escalated to step 2 (ben)                                             | timer, sms ben    | escalate in 10m
    triggered              | ben is unreachable                        | ignored: no longer needed           |                                                                                         |                   |
    triggered              | aiko is unreachable in the episode before | ignored: no longer needed           |                                                                                         |                   |
    triggered, at step 2   | aiko is unreachable                       | ignored: no longer needed           |                                                                                         |                   |
    triggered, at step 2   | ben is unreachable                        | exhausted in episode 1              | ben unreachable; exhausted; fallback paged (chie): nobody who was called can be reached | timer, email chie | page again in 30m
    triggered, low urgency | aiko is unreachable                       | triggered in episode 1, low urgency | aiko unreachable; fallback paged (chie): nobody who was told can be reached | email chie        |
    acknowledged by aiko   | aiko is unreachable                       | ignored: no longer needed           |                                                                                         |                   |
    exhausted              | ben is unreachable                        | exhausted in episode 1              | ben unreachable; fallback paged (chie): nobody who was called can be reached            | email chie        | page again in 29m
    exhausted              | aiko is unreachable                       | ignored: no longer needed           |                                                                                         |                   |
    resolved by aiko       | aiko is unreachable                       | ignored: no longer needed           |                                                                                         |                   |
";

#[test]
fn failed_delivery_is_followed_by_the_next_method() {
    check(REPORT);
}

const REPORT: &str = "
    given                         | input                                   | becomes                             | happened                                                                                                   | effects           | due
    held                          | sms to aiko fails                       | ignored: no longer needed           |                                                                                                            |                   |
    triggered                     | sms to aiko fails                       | triggered in episode 1              | sms to aiko failed, email instead                                                                          | email aiko        | rules in 2m, escalate in 4m
    triggered                     | sms to aiko arrives                     | ignored: no longer needed           |                                                                                                            |                   |
    triggered                     | sms to ben fails                        | ignored: no longer needed           |                                                                                                            |                   |
    triggered                     | sms to aiko fails in the episode before | ignored: no longer needed           |                                                                                                            |                   |
    triggered, sms to aiko failed | email to aiko fails                     | triggered in episode 1              | email to aiko failed; aiko unreachable; escalated to step 2 (ben)                                          | timer, sms ben    | escalate in 10m
    triggered, at step 2          | sms to aiko fails                       | ignored: no longer needed           |                                                                                                            |                   |
    triggered, at step 2          | sms to ben fails                        | exhausted in episode 1              | sms to ben failed; ben unreachable; exhausted; fallback paged (chie): nobody who was called can be reached | timer, email chie | page again in 30m
    triggered, low urgency        | email to aiko fails                     | triggered in episode 1, low urgency | email to aiko failed, sms instead                                                                          | sms aiko          |
    acknowledged by aiko          | sms to aiko fails                       | ignored: no longer needed           |                                                                                                            |                   |
    exhausted                     | sms to ben fails                        | exhausted in episode 1              | sms to ben failed; ben unreachable; fallback paged (chie): nobody who was called can be reached            | email chie        | page again in 29m
    exhausted                     | sms to ben arrives                      | ignored: no longer needed           |                                                                                                            |                   |
    resolved by aiko              | sms to aiko fails                       | ignored: no longer needed           |                                                                                                            |                   |
";

const TABLES: [&str; 26] = [
    END_MAINTENANCE,
    REVIEW_RULES,
    ALERT,
    CLEAR,
    ACKNOWLEDGE,
    RESOLVE,
    REOPEN,
    ESCALATE,
    SNOOZE,
    REASSIGN,
    NOTE,
    DEADLINE,
    UNREACHABLE,
    REPORT,
    by_hand::SNOOZE_FOR,
    by_hand::REASSIGN_TO_POLICY,
    by_hand::REQUEST,
    by_hand::ACCEPT,
    by_hand::DECLINE,
    by_hand::CANCEL,
    by_hand::URGENCY,
    by_hand::PRIORITY,
    merging::MERGE_INTO,
    merging::ABSORB,
    merging::MERGED_ALERT,
    merging::MERGED_CLEAR,
];

#[test]
fn longest_note_is_kept_whole() {
    let text = "鐘".repeat(4000);
    let mut world = given("triggered");
    world.applied(person("ben"), Command::Note { text: text.clone() });
    assert_eq!(world.entry().events, [Event::Noted { text }]);
}

#[test]
fn input_that_was_applied_is_ignored_in_every_phase_it_may_have_led_to() {
    for row in TABLES.into_iter().flat_map(rows) {
        let mut world = given(row[0]);
        let input = input(&mut world, row[1]);
        if let Verdict::Apply(_) = world.offered(&input) {
            let Verdict::Ignore(why) = world.offered(&input) else { panic!("applied again: {row:?}") };
            assert_eq!(words::ignored(why), "ignored: applied before", "{row:?}");
        }
    }
}

#[test]
fn alert_that_opened_the_incident_is_no_news_to_it() {
    let mut world = World::new();
    world.user("aiko", "sms").step("user/aiko", "5m").open("critical").sleep("1m");
    let opening = world.entry().input.clone();
    let again = Input { id: opening, actor: source(), command: Command::Alert(alert(1, common::severity("critical"))) };
    assert_eq!(world.offered(&again), Verdict::Ignore(Ignored::AlreadyApplied));
}

#[test]
fn every_input_is_tried_in_every_phase() {
    let phases = ["held", "triggered", "acknowledged", "exhausted", "resolved"];
    let tried: BTreeSet<(&str, &str)> = TABLES.into_iter().flat_map(rows).map(|row| tried(&row)).collect();
    let missing: Vec<_> =
        phases.into_iter().flat_map(|phase| COMMANDS.map(|command| (phase, command))).filter(|pair| !tried.contains(pair)).collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
}

// How a table is read.

/// Plays every row and compares the whole table, so that a failure shows the table as it would have to be.
#[track_caller]
fn check(table: &str) {
    let (expected, played): (Vec<_>, Vec<_>) = rows(table).into_iter().map(|row| (row.join(" | "), play(&row))).unzip();
    for (expected, played) in expected.iter().zip(&played) {
        if expected != played {
            eprintln!("expected: {expected}\n  played: {played}");
        }
    }
    assert!(expected == played, "the rows above differ; all as played:\n{}", played.join("\n"));
}

fn rows(table: &str) -> Vec<Vec<&str>> {
    let mut rows = table.lines().map(|line| line.split('|').map(str::trim).collect::<Vec<_>>()).filter(|row| row.len() > 1);
    assert_eq!(rows.next().unwrap(), HEADER);
    rows.collect()
}

fn play(row: &[&str]) -> String {
    let mut world = given(row[0]);
    let input = input(&mut world, row[1]);
    let answer = match world.offered(&input) {
        Verdict::Apply(_) => [
            words::phase(world.incident()),
            words::events(world.entry()).join("; "),
            words::effects(world.effects()),
            words::agenda(world.incident(), world.now),
        ],
        Verdict::Ignore(why) => [words::ignored(why).to_owned(), String::new(), String::new(), String::new()],
        Verdict::Reject(why) => [format!("rejected: {why}"), String::new(), String::new(), String::new()],
    };
    [row[0].to_owned(), row[1].to_owned()].into_iter().chain(answer).collect::<Vec<_>>().join(" | ")
}

fn given(state: &str) -> World {
    let mut world = World::new();
    world.user("aiko", "sms, email after 3m").user("ben", "sms").user("chie", "email");
    world.step("user/aiko", "5m").step("user/ben", "10m").fallback("user/chie");
    world.service.acknowledgement_timeout_seconds = Some(1800);
    world.other_policy("database", vec![PolicyStep::calling(targets("user/chie"), 300)], 0);
    world.other_policy("empty", vec![PolicyStep::calling(targets("schedule/empty"), 300)], 0);
    if let Some(state) = state.strip_suffix(", chie asked") {
        world = given(state);
        world.applied(person("aiko"), Command::RequestResponders { to: targets("user/chie"), message: "help".to_owned() });
        return world;
    }
    if let Some(state) = state.strip_suffix(", chie helps") {
        world = given(&format!("{state}, chie asked"));
        world.applied(person("chie"), Command::AcceptRequest);
        return world;
    }
    if let Some(state) = state.strip_suffix(", another in it") {
        world = given(state);
        let absorb = merging::absorb(&world);
        world.applied(person("aiko"), absorb);
        return world;
    }
    if let Some(state) = state.strip_suffix(", itself clear") {
        world = given(state);
        world.clears();
        return world;
    }
    if let Some(state) = state.strip_suffix(", that one clear") {
        world = given(state);
        world.applied(source(), merging::clear());
        return world;
    }
    match state {
        "held" => world.open_held("critical", "20m"),
        "held for maintenance" => world.maintenance("db", "20m", MaintenanceFilter::default()).open("critical"),
        "held for maintenance that is shortened" => {
            let all = MaintenanceFilter::default;
            world.maintenance("db", "20m", all()).open("critical").without_maintenance("db").maintenance("db", "5m", all())
        }
        "held for two" => {
            let all = MaintenanceFilter::default;
            world.maintenance("db", "20m", all()).maintenance("net", "10m", all()).open("critical")
        }
        "held, low urgency" => world.open_held("warning", "20m"),
        "triggered" => world.open("critical"),
        "triggered, at step 2" => world.open("critical").run("5m"),
        "triggered, low urgency" => world.open("warning"),
        "triggered, sms to aiko failed" => world.open("critical").fails("sms", "aiko"),
        "acknowledged by aiko" => world.open("critical").acknowledges("aiko"),
        "acknowledged by ben, at step 2" => world.open("critical").run("5m").acknowledges("ben"),
        "acknowledged by aiko, low urgency" => world.open("warning").acknowledges("aiko"),
        "snoozed by aiko for 2h" => world.open("critical").snoozes("aiko", "2h"),
        "exhausted" => world.open("critical").run("15m"),
        "resolved by aiko" => world.open("critical").applied(person("aiko"), Command::Resolve),
        "merged by aiko" => world.open("critical").applied(person("aiko"), Command::MergeInto { target: merging::other() }),
        other => panic!("what is {other:?}?"),
    };
    world
}

/// The input that a sentence describes, at its time.
fn input(world: &mut World, sentence: &str) -> Input {
    world.now = match (sentence, world.incident().deadline) {
        ("the deadline passes", Some(deadline)) => deadline.at,
        ("the deadline passes 3h late", Some(deadline)) => deadline.at + span("3h"),
        ("the deadline passes a second early", Some(deadline)) => deadline.at - span("1s"),
        _ => world.now + span("1m"),
    };
    if sentence == "rules reviewed" {
        world.user("aiko", "sms, email after 1m");
    }
    let (actor, command) = sentence_of_source(world, sentence)
        .or_else(|| sentence_of_hansho(world, sentence))
        .or_else(|| sentence_of_person(world, sentence))
        .unwrap_or_else(|| panic!("what does {sentence:?} mean?"));
    Input { id: "input".parse().unwrap(), actor, command }
}

fn sentence_of_source(world: &World, sentence: &str) -> Option<(Actor, Command)> {
    let command = match sentence {
        "clear" => Command::Clear(clear()),
        "alert of the other" => merging::fire(),
        "clear of the other" => merging::clear(),
        _ => Command::Alert(match sentence.split_once(" alert held for ") {
            Some((severity, span)) => {
                let held = HeldBy { until: world.now + common::span(span), reason: "a mute rule".to_owned() };
                Alert { held: Some(held), ..alert(2, common::severity(severity)) }
            }
            None => alert(2, common::severity(sentence.strip_suffix(" alert")?)),
        }),
    };
    Some((source(), command))
}

fn sentence_of_hansho(world: &World, sentence: &str) -> Option<(Actor, Command)> {
    let generation = world.incident().generation;
    let episode = world.incident().episode;
    let (main, holds) = match (sentence.strip_suffix(" in the episode before"), sentence.strip_suffix(" on request")) {
        (Some(main), _) => (main, Holds::Unacknowledged { episode: episode - 1 }),
        (_, Some(main)) => (main, Holds::Requested { request: 1 }),
        (None, None) => (sentence, Holds::Unacknowledged { episode }),
    };
    let command = match main.split(' ').collect::<Vec<_>>()[..] {
        ["the", "deadline", "passes", ..] => Command::DeadlinePassed { generation },
        ["rules", "reviewed"] => Command::ReviewRules,
        ["maintenance", name, "ends", "early"] => Command::EndMaintenance { window: MaintenanceId::new(name).unwrap() },
        ["the", "deadline", "before", "passes"] => Command::DeadlinePassed { generation: generation - 1 },
        [name, "is", "unreachable"] => Command::TargetUnreachable { user: user(name), holds, reason: "no address".to_owned() },
        [method, "to", name, "fails"] => world.report_on(method, name, holds, DeliveryOutcome::Failed("number unknown".to_owned())),
        [method, "to", name, "arrives"] => world.report_on(method, name, holds, DeliveryOutcome::Delivered),
        _ => return None,
    };
    Some((Actor::Hansho, command))
}

fn sentence_of_person(world: &mut World, sentence: &str) -> Option<(Actor, Command)> {
    let (name, does) = sentence.split_once(' ')?;
    let newer = IncidentId::derived(world.now, alert(3, common::severity("critical")).id);
    let command = match does.split_once(' ').unwrap_or((does, "")) {
        ("acknowledges", "") => Command::Acknowledge,
        ("resolves", "") => Command::Resolve,
        ("reopens", "") => Command::Reopen { newer: None },
        ("reopens", "what is open again") => Command::Reopen { newer: Some(newer) },
        ("escalates", "") => Command::Escalate,
        ("reassigns", to) => Command::Reassign { to: targets(to.strip_prefix("to ")?) },
        ("snoozes", time) if time.ends_with(" long") => Command::SnoozeFor { seconds: common::seconds(time.strip_suffix(" long")?) },
        ("snoozes", time) => Command::Snooze { until: world.now + span(time.strip_prefix("for ")?) },
        ("gives", to) => {
            let policy: PolicyId = to.strip_prefix("it to ")?.parse().ok()?;
            // The store knows which policies there are.
            world.offered =
                ["database", "empty"].contains(&policy.as_str()).then(|| PolicyVersion { id: policy.clone(), configuration: 9 });
            Command::ReassignToPolicy { policy }
        }
        ("asks", to) => Command::RequestResponders { to: targets(to), message: "help".to_owned() },
        ("asks-at-length", to) => Command::RequestResponders { to: targets(to), message: "鐘".repeat(201) },
        ("accepts", "") => Command::AcceptRequest,
        ("declines", "") => Command::DeclineRequest,
        ("cancels", "") => Command::CancelRequests { of: vec![] },
        ("cancels", name) => Command::CancelRequests { of: vec![user(name)] },
        ("raises", "it") => Command::ChangeUrgency { urgency: Urgency::High },
        ("lowers", "it") => Command::ChangeUrgency { urgency: Urgency::Low },
        ("rates", "it SEV1") => Command::ChangePriority { priority: Some(Priority::Sev1) },
        ("rates", "it nothing") => Command::ChangePriority { priority: None },
        ("raises", "it to SEV1") => Command::RaisePriority { to: Priority::Sev1 },
        ("raises", "it to SEV2") => Command::RaisePriority { to: Priority::Sev2 },
        ("merges", "it into the other") => Command::MergeInto { target: merging::other() },
        ("merges", "it into itself") => Command::MergeInto { target: world.incident().id },
        ("merges", "the other into it") => merging::absorb(world),
        ("merges", "too many into it") => merging::absorb_many(world),
        ("notes", "4001 characters") => Command::Note { text: "鐘".repeat(4001) },
        ("notes", "blanks") => Command::Note { text: " \n".to_owned() },
        ("notes", text) => Command::Note { text: text.to_owned() },
        _ => return None,
    };
    Some((person(name), command))
}

const COMMANDS: [&str; 26] = [
    "end maintenance",
    "review rules",
    "snooze for",
    "reassign to policy",
    "request responders",
    "accept request",
    "decline request",
    "cancel requests",
    "change urgency",
    "change priority",
    "merge into",
    "absorb",
    "merged alert",
    "merged clear",
    "alert",
    "clear",
    "acknowledge",
    "resolve",
    "reopen",
    "escalate",
    "snooze",
    "reassign",
    "note",
    "deadline passed",
    "target unreachable",
    "delivery report",
];

/// The phase and the command of a row.
fn tried(row: &[&str]) -> (&'static str, &'static str) {
    let mut world = given(row[0]);
    let command = match input(&mut world, row[1]).command {
        Command::Alert(_) => "alert",
        Command::Clear(_) => "clear",
        Command::EndMaintenance { .. } => "end maintenance",
        Command::ReviewRules => "review rules",
        Command::Acknowledge => "acknowledge",
        Command::Resolve => "resolve",
        Command::Reopen { .. } => "reopen",
        Command::Escalate => "escalate",
        Command::Snooze { .. } => "snooze",
        Command::Reassign { .. } => "reassign",
        Command::Note { .. } => "note",
        Command::SnoozeFor { .. } => "snooze for",
        Command::ReassignToPolicy { .. } => "reassign to policy",
        Command::RequestResponders { .. } => "request responders",
        Command::AcceptRequest => "accept request",
        Command::DeclineRequest => "decline request",
        Command::CancelRequests { .. } => "cancel requests",
        Command::ChangeUrgency { .. } => "change urgency",
        Command::ChangePriority { .. } => "change priority",
        Command::RaisePriority { .. } => "raise priority",
        Command::MergeInto { .. } => "merge into",
        Command::Absorb { .. } => "absorb",
        Command::MergedAlert { .. } => "merged alert",
        Command::MergedClear { .. } => "merged clear",
        Command::DeadlinePassed { .. } => "deadline passed",
        Command::TargetUnreachable { .. } => "target unreachable",
        Command::DeliveryReport { .. } => "delivery report",
    };
    (world.incident().phase.name().as_str(), command)
}
