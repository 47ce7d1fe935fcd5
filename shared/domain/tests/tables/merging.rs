//! Merging, in every phase: what becomes of the one that is merged, and of the one that takes it in.

use super::{
    check,
    common::{World, alert, clear as cleared, severity, start},
};
use hansho_domain::{AlertId, Command, IncidentId, MERGED_MAX, Merged, Urgency};

/// The other incident.
pub(crate) fn other() -> IncidentId {
    IncidentId::derived(start(), AlertId::from_hash([7; 16]))
}

/// The other incident is merged into this one; it is urgent.
pub(crate) fn absorb(world: &World) -> Command {
    absorbing(world, vec![merged(other())])
}

pub(crate) fn absorb_many(world: &World) -> Command {
    let many = (0..=MERGED_MAX).map(|number| merged(IncidentId::derived(start(), AlertId::from_hash([u8::try_from(number).unwrap(); 16]))));
    absorbing(world, many.collect())
}

fn absorbing(world: &World, keys: Vec<Merged>) -> Command {
    assert_ne!(world.incident().id, other());
    let severity = severity("critical");
    Command::Absorb { source: other(), title: "Cart is slow".to_owned(), keys, severity, urgency: Urgency::High, is_paging: false }
}

fn merged(incident: IncidentId) -> Merged {
    Merged { incident, pointer: format!("DEDUP#cloudwatch#{incident}"), is_firing: true }
}

/// The source of the other says that it is wrong.
pub(crate) fn fire() -> Command {
    let alert = hansho_domain::Alert { dedup_key: "cart-latency".parse().unwrap(), ..alert(4, severity("critical")) };
    Command::MergedAlert { of: other(), alert }
}

/// The source of the other says that it is over.
pub(crate) fn clear() -> Command {
    Command::MergedClear { of: other(), clear: hansho_domain::Clear { dedup_key: "cart-latency".parse().unwrap(), ..cleared() } }
}

#[test]
fn what_is_merged_is_over_and_stays_over() {
    check(MERGE_INTO);
}

pub(crate) const MERGE_INTO: &str = "
    given                    | input                        | becomes                                                                            | happened            | effects | due
    held                     | ben merges it into the other | resolved by ben                                                                    | merged into another |         |
    triggered                | ben merges it into the other | resolved by ben                                                                    | merged into another |         |
    acknowledged by aiko     | ben merges it into the other | resolved by ben                                                                    | merged into another |         |
    exhausted                | ben merges it into the other | resolved by ben                                                                    | merged into another |         |
    resolved by aiko         | ben merges it into the other | rejected: the incident is resolved; reopen it first                                |                     |         |
    triggered, chie asked    | ben merges it into the other | resolved by ben                                                                    | merged into another |         |
    triggered, another in it | ben merges it into the other | resolved by ben                                                                    | merged into another |         |
    triggered                | ben merges it into itself    | rejected: an incident can not be merged into itself; name another one              |                     |         |
    merged by aiko           | ben merges it into the other | rejected: the incident is resolved; reopen it first                                |                     |         |
    merged by aiko           | ben reopens                  | rejected: it was merged into incident 01M6DQS9M00W3GE1R70W3GE1R7; work on that one |                     |         |
";

#[test]
fn whatever_takes_another_in_becomes_as_bad_as_that_was() {
    check(ABSORB);
}

pub(crate) const ABSORB: &str = "
    given                             | input                        | becomes                                                                                | happened                                                                                                      | effects         | due
    held                              | ben merges the other into it | held                                                                                   | took in another (Cart is slow)                                                                                |                 | end hold in 19m
    triggered                         | ben merges the other into it | triggered in episode 1                                                                 | took in another (Cart is slow)                                                                                |                 | rules in 2m, escalate in 4m
    acknowledged by aiko              | ben merges the other into it | acknowledged by aiko                                                                   | took in another (Cart is slow)                                                                                |                 | acknowledgement timeout in 29m
    exhausted                         | ben merges the other into it | exhausted in episode 1                                                                 | took in another (Cart is slow)                                                                                |                 | page again in 29m
    resolved by aiko                  | ben merges the other into it | rejected: the incident to merge into is resolved; reopen it first, or name an open one |                                                                                                               |                 |
    held, low urgency                 | ben merges the other into it | held                                                                                   | took in another (Cart is slow)                                                                                |                 | end hold in 19m
    triggered, low urgency            | ben merges the other into it | triggered in episode 2                                                                 | took in another (Cart is slow); triggered (an urgent incident was merged into it); escalated to step 1 (aiko) | timer, sms aiko | rules in 3m, escalate in 5m
    acknowledged by aiko, low urgency | ben merges the other into it | acknowledged by aiko                                                                   | took in another (Cart is slow)                                                                                |                 | acknowledgement timeout in 29m
    triggered                         | ben merges too many into it  | rejected: at most 16 incidents can be merged into one; merge into another              |                                                                                                               |                 |
";

#[test]
fn an_alert_of_what_was_merged_is_counted_here() {
    check(MERGED_ALERT);
}

pub(crate) const MERGED_ALERT: &str = "
    given                                    | input              | becomes                   | happened                                                                                     | effects         | due
    held, another in it                      | alert of the other | triggered in episode 1    | repeated (critical); triggered (still wrong, and no longer held); escalated to step 1 (aiko) | timer, sms aiko | rules in 3m, escalate in 5m
    triggered, another in it                 | alert of the other | triggered in episode 1    | repeated (critical)                                                                          |                 | rules in 2m, escalate in 4m
    acknowledged by aiko, another in it      | alert of the other | acknowledged by aiko      | repeated (critical)                                                                          |                 | acknowledgement timeout in 29m
    exhausted, another in it                 | alert of the other | exhausted in episode 1    | repeated (critical)                                                                          |                 | page again in 29m
    resolved by aiko                         | alert of the other | ignored: already resolved |                                                                                              |                 |
    triggered, another in it, that one clear | alert of the other | triggered in episode 1    | repeated (critical)                                                                          |                 | rules in 2m, escalate in 4m
";

#[test]
fn what_was_merged_is_over_when_every_source_says_so() {
    check(MERGED_CLEAR);
}

pub(crate) const MERGED_CLEAR: &str = "
    given                                             | input              | becomes                   | happened            | effects | due
    held, another in it                               | clear of the other | held                      | cleared (OK again)  |         | end hold in 19m
    triggered, another in it                          | clear of the other | triggered in episode 1    | cleared (OK again)  |         | rules in 2m, escalate in 4m
    acknowledged by aiko, another in it               | clear of the other | acknowledged by aiko      | cleared (OK again)  |         | acknowledgement timeout in 29m
    exhausted, another in it                          | clear of the other | exhausted in episode 1    | cleared (OK again)  |         | page again in 29m
    resolved by aiko                                  | clear of the other | ignored: already resolved |                     |         |
    triggered, another in it, itself clear            | clear of the other | resolved by cloudwatch    | resolved (OK again) |         |
    triggered, another in it, that one clear          | clear              | resolved by cloudwatch    | resolved (OK again) |         |
    triggered, another in it                          | clear              | triggered in episode 1    | cleared (OK again)  |         | rules in 2m, escalate in 4m
    triggered, another in it, itself clear            | critical alert     | triggered in episode 1    | repeated (critical) |         | rules in 2m, escalate in 4m
    acknowledged by aiko, another in it, itself clear | clear of the other | resolved by cloudwatch    | resolved (OK again) |         |
";
