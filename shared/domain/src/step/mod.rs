//! What happens next: one exhaustive `match (phase, input)`, and `open` for what has no incident yet.

mod call;
mod deadline;
mod delivery;
mod draft;
mod hold;
mod merge;
mod people;
mod request;
mod source;
mod together;

use jiff::Timestamp;

use crate::{
    alert::Alert,
    effect::Effect,
    id::{IncidentId, PolicyId},
    incident::{Deadline, Incident, MERGED_MAX, Phase},
    input::{Command, Input},
    roster::{Roster, StepTurn},
    timeline::TimelineEntry,
};
use draft::Draft;
use request::{ASKED_MAX, MESSAGE_CHARS_MAX};

/// One commit: the next state, its account, and what it wants done outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The incident as it is now.
    pub incident: Incident,
    /// What happened.
    pub entry: TimelineEntry,
    /// What is to be done outside, in order; the place of an effect is part of its id.
    pub effects: Vec<Effect>,
    /// Steps whose people take turns and of which the roster did not say whose turn it is: the first person was taken.
    /// Whoever wants the right one takes a number for each and decides again with it.
    pub missing_turns: Vec<StepTurn>,
}

/// What an input comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// The incident changes.
    Apply(Box<Transition>),
    /// Nothing changes, and that is as it should be.
    Ignore(Ignored),
    /// Nothing changes, and whoever asked should be told why.
    Reject(Rejected),
}

/// Why an input changes nothing, though nobody did anything wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// This very input has been applied before.
    AlreadyApplied,
    /// They have it already.
    AlreadyAcknowledged,
    /// It is over already.
    AlreadyResolved,
    /// The timer is for a deadline that is no longer the incident's.
    StaleTimer,
    /// The timer came before its deadline; it has to be armed again.
    EarlyTimer(Deadline),
    /// Nobody is being paged for that any more.
    NoLongerNeeded,
    /// They have answered already.
    AlreadyAnswered,
    /// It is so already.
    Unchanged,
}

/// Why an input is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// It only makes sense for a resolved incident.
    #[error("the incident is open; only a resolved incident can be reopened")]
    NotResolved,
    /// It only makes sense for an open incident.
    #[error("the incident is resolved; reopen it first")]
    Resolved,
    /// Another incident is about the same trouble.
    #[error("incident {0} is open for the same trouble; work on that one")]
    NewerIncident(IncidentId),
    /// A snooze ends in the future and within a week.
    #[error("a snooze must end between now and 7 days from now")]
    SnoozeOutOfRange,
    /// Nobody would be called.
    #[error("nobody would be called: the targets are unknown or nobody is on call there now")]
    NobodyToCall,
    /// There is no such policy.
    #[error("there is no escalation policy {0}")]
    UnknownPolicy(PolicyId),
    /// Nobody would be asked.
    #[error("nobody would be asked: the targets are unknown, nobody is on call there now, or they were asked already")]
    NobodyToAsk,
    /// Too many people would be waited for.
    #[error("at most {ASKED_MAX} people can be asked at a time; wait for their answers, or cancel the requests")]
    TooManyAsked,
    /// The text is too long.
    #[error("a message to responders has at most {MESSAGE_CHARS_MAX} characters")]
    MessageLength,
    /// Nobody asked this person.
    #[error("nobody waits for an answer of theirs: they were not asked, or the request was cancelled")]
    NotAsked,
    /// It was merged into another incident.
    #[error("it was merged into incident {0}; work on that one")]
    Merged(IncidentId),
    /// An incident can not take itself in.
    #[error("an incident can not be merged into itself; name another one")]
    MergeIntoItself,
    /// The other incident is over.
    #[error("the incident to merge into is resolved; reopen it first, or name an open one")]
    MergeTargetResolved,
    /// There is no such incident.
    #[error("there is no incident {0} to merge into")]
    MergeTargetUnknown(IncidentId),
    /// The other incident holds as much as it can.
    #[error("at most {MERGED_MAX} incidents can be merged into one; merge into another")]
    TooManyMerged,
    /// The client used its name for this request before, for another one.
    #[error("its Idempotency-Key was used for another request to this incident; use a new key for a new request")]
    UsedName,
    /// There is nothing to remember, or too much.
    #[error("a note must have between 1 and 4000 characters")]
    NoteLength,
}

/// How a leaf declines to change the incident.
#[derive(Debug)]
enum Declined {
    Ignore(Ignored),
    Reject(Rejected),
}

type Decision = Result<(), Declined>;

/// Opens the incident that `alert` is about. The policy in `roster` is in force for as long as it is open.
pub fn open(alert: &Alert, roster: &Roster, now: Timestamp) -> Transition {
    let mut draft = Draft::opening(alert, roster, now);
    source::open(&mut draft, alert);
    draft.finish(source::opening_input(alert))
}

/// What `input` does to `incident` at `now`.
///
/// `now` earlier than the incident's last entry counts as that entry's time, so that time never goes back on a timeline.
pub fn step(incident: &Incident, input: &Input, roster: &Roster, now: Timestamp) -> Verdict {
    use Command as C;
    use Phase as P;

    if incident.has_seen(&input.id) {
        return Verdict::Ignore(Ignored::AlreadyApplied);
    }
    if incident.has_seen_other_content(&input.id) {
        return Verdict::Reject(Rejected::UsedName);
    }
    let mut draft = Draft::of(incident, roster, now);
    let next = &mut draft;
    let decision = match (&incident.phase, &input.command) {
        (P::Held { .. }, C::Alert(alert)) => source::repeat_while_held(next, alert),
        (P::Acknowledged { .. } | P::Exhausted, C::Alert(alert)) => source::repeat(next, alert),
        (P::Triggered, C::Alert(alert)) => source::repeat_while_paging(next, alert),
        (P::Held { .. } | P::Triggered | P::Acknowledged { .. } | P::Exhausted, C::Clear(clear)) => {
            source::clear(next, clear, &input.actor)
        }
        (P::Held { .. }, C::MergedAlert { of, alert }) => {
            merge::fires(next, *of);
            source::repeat_while_held(next, alert)
        }
        (P::Acknowledged { .. } | P::Exhausted, C::MergedAlert { of, alert }) => {
            merge::fires(next, *of);
            source::repeat(next, alert)
        }
        (P::Triggered, C::MergedAlert { of, alert }) => {
            merge::fires(next, *of);
            source::repeat_while_paging(next, alert)
        }
        (P::Held { .. } | P::Triggered | P::Acknowledged { .. } | P::Exhausted, C::MergedClear { of, clear }) => {
            merge::clear(next, *of, clear, &input.actor)
        }
        (P::Resolved { .. }, C::Alert(_) | C::Clear(_) | C::MergedAlert { .. } | C::MergedClear { .. }) => ignore(Ignored::AlreadyResolved),

        (P::Held { .. } | P::Triggered | P::Exhausted, C::Acknowledge) => people::acknowledge(next, &input.actor),
        (P::Acknowledged { by }, C::Acknowledge) => people::join(next, by, &input.actor),
        (P::Held { .. } | P::Triggered | P::Acknowledged { .. } | P::Exhausted, C::Resolve) => people::resolve(next, &input.actor),
        (P::Resolved { .. }, C::Acknowledge | C::Resolve) => ignore(Ignored::AlreadyResolved),
        (P::Resolved { .. }, C::Reopen { newer }) => people::reopen(next, *newer),
        (P::Held { .. } | P::Triggered | P::Acknowledged { .. } | P::Exhausted, C::Reopen { .. }) => reject(Rejected::NotResolved),

        (P::Held { .. } | P::Exhausted, C::Escalate) => people::call_from_the_start(next, &input.actor),
        (P::Triggered, C::Escalate) => people::escalate(next),
        (P::Acknowledged { .. }, C::Escalate) => people::escalate_acknowledged(next, &input.actor),
        (P::Held { .. } | P::Triggered | P::Acknowledged { .. } | P::Exhausted, C::Snooze { until }) => {
            people::snooze(next, *until, &input.actor)
        }
        (P::Held { .. } | P::Triggered | P::Acknowledged { .. } | P::Exhausted, C::SnoozeFor { seconds }) => {
            people::snooze_for(next, *seconds, &input.actor)
        }
        (P::Held { .. }, C::Reassign { to }) => people::reassign_held(next, to),
        (P::Triggered | P::Acknowledged { .. } | P::Exhausted, C::Reassign { to }) => people::reassign(next, to),
        (P::Held { .. } | P::Triggered | P::Acknowledged { .. } | P::Exhausted, C::ReassignToPolicy { policy }) => {
            people::reassign_to_policy(next, policy)
        }
        (P::Held { .. } | P::Triggered | P::Acknowledged { .. } | P::Exhausted, C::RequestResponders { to, message }) => {
            request::ask(next, to, message, &input.actor)
        }
        (P::Held { .. } | P::Triggered | P::Acknowledged { .. } | P::Exhausted, C::AcceptRequest) => request::accept(next, &input.actor),
        (P::Held { .. } | P::Triggered | P::Acknowledged { .. } | P::Exhausted, C::DeclineRequest) => request::decline(next, &input.actor),
        (P::Held { .. } | P::Triggered | P::Acknowledged { .. } | P::Exhausted, C::CancelRequests { of }) => request::cancel(next, of),
        (P::Held { .. } | P::Acknowledged { .. }, C::ChangeUrgency { urgency }) => people::change_urgency(next, *urgency),
        (P::Triggered | P::Exhausted, C::ChangeUrgency { urgency }) => people::change_urgency_while_paging(next, *urgency, &input.actor),
        (P::Held { .. } | P::Triggered | P::Acknowledged { .. } | P::Exhausted, C::ChangePriority { priority }) => {
            people::change_priority(next, *priority)
        }
        (P::Held { .. } | P::Triggered | P::Acknowledged { .. } | P::Exhausted, C::RaisePriority { to }) => {
            people::raise_priority(next, *to)
        }
        (P::Held { .. } | P::Triggered | P::Acknowledged { .. } | P::Exhausted, C::MergeInto { target }) => {
            merge::into(next, *target, &input.actor)
        }
        (
            P::Held { .. } | P::Triggered | P::Acknowledged { .. } | P::Exhausted,
            C::Absorb { source, title, keys, severity, urgency, is_paging },
        ) => merge::absorb(next, *source, title, keys, (*severity, *urgency), *is_paging),
        (P::Resolved { .. }, C::Absorb { .. }) => reject(Rejected::MergeTargetResolved),
        // Whoever answers late need not be told that they are wrong.
        (P::Resolved { .. }, C::AcceptRequest | C::DeclineRequest | C::CancelRequests { .. }) => ignore(Ignored::AlreadyResolved),
        (
            P::Resolved { .. },
            C::Escalate
            | C::Snooze { .. }
            | C::SnoozeFor { .. }
            | C::Reassign { .. }
            | C::ReassignToPolicy { .. }
            | C::RequestResponders { .. }
            | C::ChangeUrgency { .. }
            | C::ChangePriority { .. }
            | C::RaisePriority { .. }
            | C::MergeInto { .. },
        ) => reject(Rejected::Resolved),
        (P::Held { .. } | P::Triggered | P::Acknowledged { .. } | P::Exhausted | P::Resolved { .. }, C::Note { text }) => {
            people::note(next, text)
        }

        (P::Held { .. } | P::Triggered | P::Acknowledged { .. } | P::Exhausted, C::DeadlinePassed { generation }) => {
            deadline::passed(next, *generation)
        }
        (P::Resolved { .. }, C::DeadlinePassed { .. }) => ignore(Ignored::StaleTimer),
        (P::Held { .. } | P::Triggered | P::Acknowledged { .. } | P::Exhausted, C::ReviewRules) => call::review(next),
        (P::Resolved { .. }, C::ReviewRules) => ignore(Ignored::NoLongerNeeded),
        (P::Held { .. }, C::EndMaintenance { window }) => hold::window_ended(next, window),
        (P::Triggered | P::Acknowledged { .. } | P::Exhausted | P::Resolved { .. }, C::EndMaintenance { .. }) => {
            ignore(Ignored::NoLongerNeeded)
        }
        (P::Held { .. } | P::Triggered | P::Acknowledged { .. } | P::Exhausted, C::TargetUnreachable { user, holds, reason }) => {
            delivery::target_unreachable(next, user, *holds, reason)
        }
        (P::Held { .. } | P::Triggered | P::Acknowledged { .. } | P::Exhausted, C::DeliveryReport { user, method, holds, outcome, .. }) => {
            delivery::delivery_report(next, user, *method, *holds, outcome)
        }
        (P::Resolved { .. }, C::TargetUnreachable { .. } | C::DeliveryReport { .. }) => ignore(Ignored::NoLongerNeeded),
    };
    match decision {
        Ok(()) => Verdict::Apply(Box::new(draft.finish(input.clone()))),
        Err(Declined::Ignore(why)) => Verdict::Ignore(why),
        Err(Declined::Reject(why)) => Verdict::Reject(why),
    }
}

fn ignore(why: Ignored) -> Decision {
    Err(Declined::Ignore(why))
}

fn reject(why: Rejected) -> Decision {
    Err(Declined::Reject(why))
}
