//! One message where a request for help and the escalation would tell a person the same by the same method within a moment.
//!
//! The two go on beside each other, each with its own rules. Only the later message is spared, and only while what the earlier
//! one was sent for still holds: it is sent after all when that is over first, and it has failed when the earlier one has.

use super::{call, draft::Draft};
use crate::{
    alert::Urgency,
    effect::{GATE_SECONDS, Holds, Notification, PageReason, Recipient},
    id::UserId,
    incident::{Spared, Told},
    timeline::Event,
    user::Method,
};

/// How many of the last messages are remembered, how many can be spared, and how many incidents may be merged into one of which
/// that is so: an incident has to stay under 16 KB. Whatever is beyond that is sent.
const TOLD_MAX: usize = 6;
const SPARED_MAX: usize = 6;
const MERGED_MAX: usize = 2;

/// Tells a person, unless the other of the two has just done so.
pub(super) fn tell(next: &mut Draft<'_>, notification: Notification) {
    let Recipient::Person { user, method } = notification.to.clone() else { return next.tell(notification) };
    if let Some(by) = told_by(next, &notification, &user, method) {
        return spare(next, Spared { user, method, holds: notification.holds, by });
    }
    let told = Told { user, method, at: next.now, holds: notification.holds };
    let wakes = notification.urgency == Urgency::High;
    next.tell(notification);
    forget_the_old(next);
    if wakes && next.incident.told.len() < TOLD_MAX && !is_large(next) {
        next.incident.told.push(told);
    }
}

/// What the message was for that has just told the person as much, and aloud.
fn told_by(next: &Draft<'_>, notification: &Notification, user: &UserId, method: Method) -> Option<Holds> {
    if is_large(next) || next.incident.spared.len() >= SPARED_MAX || !says_nothing_of_its_own(&notification.reason) {
        return None;
    }
    let says_as_much = |told: &&Told| {
        told.is_recent(next.now)
            && (&told.user, told.method) == (user, method)
            && is_other(told.holds, notification.holds)
            && next.incident.still_holds(told.holds, Some(user))
    };
    next.incident.told.iter().find(says_as_much).map(|told| told.holds)
}

/// Whether the reader learns nothing from it but that they are wanted for this incident. Words of a person do say something, and
/// so does who gave it to them.
fn says_nothing_of_its_own(reason: &PageReason) -> bool {
    match reason {
        PageReason::Cover { .. }
        | PageReason::Step { .. }
        | PageReason::Rule { .. }
        | PageReason::NextMethod { .. }
        | PageReason::Fallback
        | PageReason::Repage => true,
        PageReason::Requested { message, .. } => message.is_empty(),
        PageReason::Reassigned => false,
    }
}

/// Whether one is the escalation's and the other a request's.
fn is_other(one: Holds, other: Holds) -> bool {
    match (one, other) {
        (Holds::Unacknowledged { .. }, Holds::Requested { .. }) | (Holds::Requested { .. }, Holds::Unacknowledged { .. }) => true,
        (Holds::Unacknowledged { .. }, Holds::Unacknowledged { .. } | Holds::Always)
        | (Holds::Requested { .. }, Holds::Requested { .. } | Holds::Always)
        | (Holds::Always, Holds::Unacknowledged { .. } | Holds::Requested { .. } | Holds::Always) => false,
    }
}

fn spare(next: &mut Draft<'_>, spared: Spared) {
    next.happened(Event::ToldAlready { user: spared.user.clone(), method: spared.method });
    if !next.incident.spared.contains(&spared) {
        next.incident.spared.push(spared);
    }
}

/// A message for `holds` has failed: it has failed for those, too, that were spared for it. `None` is every method.
pub(super) fn failed(next: &mut Draft<'_>, user: &UserId, method: Option<Method>, holds: Holds) -> Vec<Holds> {
    let is_it = |of: Method| method.is_none_or(|method| method == of);
    let has_failed = |spared: &Spared| spared.by == holds && spared.user == *user && is_it(spared.method);
    let (failed, others): (Vec<_>, Vec<_>) = std::mem::take(&mut next.incident.spared).into_iter().partition(has_failed);
    next.incident.spared = others;
    // Nobody has been told by it.
    next.incident.told.retain(|told| told.holds != holds || told.user != *user || !is_it(told.method));
    let mut of: Vec<Holds> = failed.into_iter().map(|spared| spared.holds).collect();
    of.dedup();
    of
}

/// The person has just answered the one, so they need not be told of the other a second time.
pub(super) fn answered(next: &mut Draft<'_>, user: &UserId) {
    next.incident.spared.retain(|spared| spared.user != *user);
}

/// Sends what was spared for something that is over by now, and forgets what nobody waits for.
pub(super) fn settle(next: &mut Draft<'_>) {
    forget_the_old(next);
    if is_large(next) {
        call::forget_what_was_to_come(next);
    }
    for spared in std::mem::take(&mut next.incident.spared) {
        let Ok((what_for, _)) = call::called_for(next, &spared.user, spared.holds) else { continue };
        if next.incident.still_holds(spared.by, Some(&spared.user)) && !is_large(next) {
            next.incident.spared.push(spared);
        } else {
            call::notify(next, &spared.user, spared.method, what_for, PageReason::Rule { after_seconds: 0 });
        }
    }
}

fn forget_the_old(next: &mut Draft<'_>) {
    let (now, is_large) = (next.now, is_large(next));
    next.incident.told.retain(|told| told.is_recent(now) && !is_large);
}

/// Whether the incident has no room for more.
fn is_large(next: &Draft<'_>) -> bool {
    next.incident.merged.len() > MERGED_MAX
}

impl Told {
    /// Whether another message by the same method would still wait at the gate behind it.
    fn is_recent(&self, now: jiff::Timestamp) -> bool {
        now.duration_since(self.at).as_secs() < i64::from(GATE_SECONDS)
    }
}
