//! What people ask beyond taking it and ending it, in every phase.

use super::check;

#[test]
fn snoozing_for_a_while_counts_from_the_input() {
    check(SNOOZE_FOR);
}

pub(crate) const SNOOZE_FOR: &str = "
    given                 | input                    | becomes                                                     | happened       | effects | due
    held                  | aiko snoozes 2h long     | acknowledged by aiko                                        | snoozed for 2h | timer   | end snooze in 2h
    triggered             | aiko snoozes 2h long     | acknowledged by aiko                                        | snoozed for 2h | timer   | end snooze in 2h
    acknowledged by aiko  | aiko snoozes 2h long     | acknowledged by aiko                                        | snoozed for 2h | timer   | end snooze in 2h
    exhausted             | aiko snoozes 2h long     | acknowledged by aiko                                        | snoozed for 2h | timer   | end snooze in 2h
    resolved by aiko      | aiko snoozes 2h long     | rejected: the incident is resolved; reopen it first         |                |         |
    triggered             | aiko snoozes 168h1s long | rejected: a snooze must end between now and 7 days from now |                |         |
    triggered             | aiko snoozes 0s long     | rejected: a snooze must end between now and 7 days from now |                |         |
    triggered, chie asked | aiko snoozes 2h long     | acknowledged by aiko                                        | snoozed for 2h | timer   | end snooze in 2h
";

#[test]
fn reassigning_to_a_policy_calls_it_from_its_first_step() {
    check(REASSIGN_TO_POLICY);
}

pub(crate) const REASSIGN_TO_POLICY: &str = "
    given                  | input                          | becomes                                                                                  | happened                                      | effects           | due
    held                   | aiko gives it to database      | triggered in episode 1                                                                   | given to database; escalated to step 1 (chie) | timer, email chie | escalate in 5m
    triggered              | aiko gives it to database      | triggered in episode 2                                                                   | given to database; escalated to step 1 (chie) | timer, email chie | escalate in 5m
    acknowledged by aiko   | aiko gives it to database      | triggered in episode 2                                                                   | given to database; escalated to step 1 (chie) | timer, email chie | escalate in 5m
    exhausted              | aiko gives it to database      | triggered in episode 2                                                                   | given to database; escalated to step 1 (chie) | timer, email chie | escalate in 5m
    resolved by aiko       | aiko gives it to database      | rejected: the incident is resolved; reopen it first                                      |                                               |                   |
    triggered, low urgency | aiko gives it to database      | triggered in episode 2, low urgency                                                      | given to database; escalated to step 1 (chie) | email chie        |
    triggered, at step 2   | aiko gives it to database      | triggered in episode 2                                                                   | given to database; escalated to step 1 (chie) | timer, email chie | escalate in 5m
    triggered              | aiko gives it to nothing-known | rejected: there is no escalation policy nothing-known                                    |                                               |                   |
    triggered              | aiko gives it to empty         | rejected: nobody would be called: the targets are unknown or nobody is on call there now |                                               |                   |
";

#[test]
fn a_request_for_help_calls_people_aloud_and_changes_nothing_else() {
    check(REQUEST);
}

pub(crate) const REQUEST: &str = "
    given                          | input                         | becomes                                                                                                           | happened               | effects                     | due
    held                           | aiko asks user/chie           | held                                                                                                              | asked chie (help)      | email chie                  | end hold in 19m
    triggered                      | aiko asks user/chie           | triggered in episode 1                                                                                            | asked chie (help)      | email chie                  | rules in 2m, escalate in 4m
    acknowledged by aiko           | aiko asks user/chie           | acknowledged by aiko                                                                                              | asked chie (help)      | email chie                  | acknowledgement timeout in 29m
    exhausted                      | aiko asks user/chie           | exhausted in episode 1                                                                                            | asked chie (help)      | email chie                  | page again in 29m
    resolved by aiko               | aiko asks user/chie           | rejected: the incident is resolved; reopen it first                                                               |                        |                             |
    triggered, low urgency         | ben asks user/aiko            | triggered in episode 1, low urgency                                                                               | asked aiko (help)      | timer, sms aiko             | request rules in 3m
    acknowledged by ben, at step 2 | ben asks user/aiko user/chie  | acknowledged by ben                                                                                               | asked aiko chie (help) | timer, sms aiko, email chie | request rules in 3m, acknowledgement timeout in 29m
    triggered, chie asked          | aiko asks user/chie           | rejected: nobody would be asked: the targets are unknown, nobody is on call there now, or they were asked already |                        |                             |
    triggered, chie asked          | aiko asks user/chie user/ben  | triggered in episode 1                                                                                            | asked ben (help)       | sms ben                     | rules in 2m, escalate in 4m
    triggered, chie helps          | aiko asks user/chie           | rejected: nobody would be asked: the targets are unknown, nobody is on call there now, or they were asked already |                        |                             |
    triggered                      | aiko asks user/nobody-knows   | rejected: nobody would be asked: the targets are unknown, nobody is on call there now, or they were asked already |                        |                             |
    triggered                      | aiko asks-at-length user/chie | rejected: a message to responders has at most 200 characters                                                      |                        |                             |
";

#[test]
fn whoever_was_asked_accepts_once() {
    check(ACCEPT);
}

pub(crate) const ACCEPT: &str = "
    given                            | input         | becomes                                                                                           | happened | effects | due
    held, chie asked                 | chie accepts  | held                                                                                              | accepted |         | end hold in 19m
    triggered, chie asked            | chie accepts  | triggered in episode 1                                                                            | accepted |         | rules in 2m, escalate in 4m
    acknowledged by aiko, chie asked | chie accepts  | acknowledged by aiko                                                                              | accepted |         | acknowledgement timeout in 29m
    exhausted, chie asked            | chie accepts  | exhausted in episode 1                                                                            | accepted |         | page again in 29m
    resolved by aiko                 | chie accepts  | ignored: already resolved                                                                         |          |         |
    triggered                        | chie accepts  | rejected: nobody waits for an answer of theirs: they were not asked, or the request was cancelled |          |         |
    triggered, chie asked            | ben accepts   | rejected: nobody waits for an answer of theirs: they were not asked, or the request was cancelled |          |         |
    triggered, chie helps            | chie accepts  | ignored: already answered                                                                         |          |         |
    triggered, chie helps            | chie declines | ignored: already answered                                                                         |          |         |
";

#[test]
fn whoever_declines_is_asked_no_more() {
    check(DECLINE);
}

pub(crate) const DECLINE: &str = "
    given                            | input                          | becomes                                                                                           | happened                               | effects | due
    held, chie asked                 | chie declines                  | held                                                                                              | declined                               |         | end hold in 19m
    triggered, chie asked            | chie declines                  | triggered in episode 1                                                                            | declined                               |         | rules in 2m, escalate in 4m
    acknowledged by aiko, chie asked | chie declines                  | acknowledged by aiko                                                                              | declined                               |         | acknowledgement timeout in 29m
    exhausted, chie asked            | chie declines                  | exhausted in episode 1                                                                            | declined                               |         | page again in 29m
    resolved by aiko                 | chie declines                  | ignored: already resolved                                                                         |                                        |         |
    triggered                        | chie declines                  | rejected: nobody waits for an answer of theirs: they were not asked, or the request was cancelled |                                        |         |
    triggered, chie asked            | email to chie fails on request | triggered in episode 1                                                                            | email to chie failed; chie unreachable |         | rules in 2m, escalate in 4m
    acknowledged by aiko, chie asked | email to chie fails on request | acknowledged by aiko                                                                              | email to chie failed; chie unreachable |         | acknowledgement timeout in 29m
    acknowledged by aiko, chie asked | chie is unreachable on request | acknowledged by aiko                                                                              | chie unreachable                       |         | acknowledgement timeout in 29m
    triggered, chie helps            | email to chie fails on request | ignored: no longer needed                                                                         |                                        |         |
";

#[test]
fn a_cancelled_request_waits_for_nobody() {
    check(CANCEL);
}

pub(crate) const CANCEL: &str = "
    given                            | input               | becomes                   | happened           | effects           | due
    held, chie asked                 | aiko cancels        | held                      | cancelled chie     |                   | end hold in 19m
    triggered, chie asked            | aiko cancels        | triggered in episode 1    | cancelled chie     |                   | rules in 2m, escalate in 4m
    acknowledged by aiko, chie asked | aiko cancels        | acknowledged by aiko      | cancelled chie     |                   | acknowledgement timeout in 29m
    exhausted, chie asked            | aiko cancels        | exhausted in episode 1    | cancelled chie     |                   | page again in 29m
    resolved by aiko                 | aiko cancels        | ignored: already resolved |                    |                   |
    triggered                        | aiko cancels        | ignored: no longer needed |                    |                   |
    triggered, chie asked            | aiko cancels ben    | ignored: no longer needed |                    |                   |
    triggered, chie asked            | aiko cancels chie   | triggered in episode 1    | cancelled chie     |                   | rules in 2m, escalate in 4m
    triggered, chie asked            | aiko acknowledges   | acknowledged by aiko      | acknowledged       | timer             | acknowledgement timeout in 30m
    triggered, chie asked            | aiko resolves       | resolved by aiko          | resolved           |                   |
    triggered, chie asked            | the deadline passes | triggered in episode 1    | rules due after 3m | timer, email aiko | escalate in 2m
";

#[test]
fn raised_urgency_starts_the_calling_and_lowered_urgency_ends_it() {
    check(URGENCY);
}

pub(crate) const URGENCY: &str = "
    given                             | input         | becomes                                             | happened                                                                      | effects         | due
    held                              | ben lowers it | held, low urgency                                   | urgency low                                                                   |                 | end hold in 19m
    triggered                         | ben lowers it | triggered in episode 2, low urgency                 | urgency low                                                                   |                 |
    acknowledged by aiko              | ben lowers it | acknowledged by aiko, low urgency                   | urgency low                                                                   |                 | acknowledgement timeout in 29m
    exhausted                         | ben lowers it | triggered in episode 2, low urgency                 | urgency low                                                                   |                 |
    resolved by aiko                  | ben lowers it | rejected: the incident is resolved; reopen it first |                                                                               |                 |
    held, low urgency                 | ben raises it | held                                                | urgency high                                                                  |                 | end hold in 19m
    triggered, low urgency            | ben raises it | triggered in episode 2                              | urgency high; triggered (user/ben made it urgent); escalated to step 1 (aiko) | timer, sms aiko | rules in 3m, escalate in 5m
    acknowledged by aiko, low urgency | ben raises it | acknowledged by aiko                                | urgency high                                                                  |                 | acknowledgement timeout in 29m
    triggered                         | ben raises it | ignored: unchanged                                  |                                                                               |                 |
    triggered, low urgency            | ben lowers it | ignored: unchanged                                  |                                                                               |                 |
    triggered, at step 2              | ben lowers it | triggered in episode 2, low urgency                 | urgency low                                                                   |                 |
    triggered, chie asked             | ben lowers it | triggered in episode 2, low urgency                 | urgency low                                                                   |                 |
";

#[test]
fn a_rating_is_kept_and_pages_nobody() {
    check(PRIORITY);
}

pub(crate) const PRIORITY: &str = "
    given                             | input                 | becomes                                             | happened      | effects | due
    held                              | ben rates it SEV1     | held                                                | priority Sev1 |         | end hold in 19m
    triggered                         | ben rates it SEV1     | triggered in episode 1                              | priority Sev1 |         | rules in 2m, escalate in 4m
    acknowledged by aiko              | ben rates it SEV1     | acknowledged by aiko                                | priority Sev1 |         | acknowledgement timeout in 29m
    exhausted                         | ben rates it SEV1     | exhausted in episode 1                              | priority Sev1 |         | page again in 29m
    resolved by aiko                  | ben rates it SEV1     | rejected: the incident is resolved; reopen it first |               |         |
    triggered                         | ben rates it nothing  | ignored: unchanged                                  |               |         |
    held                              | ben raises it to SEV1 | ignored: unchanged                                  |               |         |
    triggered, low urgency            | ben raises it to SEV2 | triggered in episode 1, low urgency                 | priority Sev2 |         |
    acknowledged by aiko, low urgency | ben raises it to SEV1 | acknowledged by aiko, low urgency                   | priority Sev1 |         | acknowledgement timeout in 29m
    resolved by aiko                  | ben raises it to SEV1 | rejected: the incident is resolved; reopen it first |               |         |
";
