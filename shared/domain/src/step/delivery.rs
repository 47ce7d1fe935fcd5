//! What became of the messages to a person: the next method where one failed, and what follows when none is left.

use super::{
    Decision, Ignored,
    call::{For, begin, called_for, fallback, notify, unanswered, wave_of, wave_of_mut},
    draft::{Draft, cut},
    ignore, together,
};
use crate::{
    alert::Urgency,
    effect::{Holds, PageReason},
    id::UserId,
    incident::{Exception, ExceptionKind, Phase, Wave},
    input::DeliveryOutcome,
    timeline::Event,
    user::Method,
};

/// Longest reason kept on the timeline, in characters.
const REASON_CHARS_MAX: usize = 300;

/// A delivery ended. What failed is followed by the person's next method, or by the end of trying to reach them.
pub(super) fn delivery_report(next: &mut Draft<'_>, user: &UserId, method: Method, holds: Holds, outcome: &DeliveryOutcome) -> Decision {
    let DeliveryOutcome::Failed(reason) = outcome else {
        return ignore(Ignored::NoLongerNeeded);
    };
    for_each_call(next, user, (Some(method), holds), |next, what_for, place| failed(next, user, method, (what_for, place), reason))
}

/// One method of a person has failed for what they were called for.
fn failed(next: &mut Draft<'_>, user: &UserId, method: Method, (what_for, place): (For, u16), reason: &str) {
    let Some(wave) = wave_of(next, what_for) else { return };
    let follow_up = follow_up(next, wave, place, user, (method, what_for));
    let following = if let FollowUp::Try(method) = follow_up { Some(method) } else { None };
    happened_once(next, Event::DeliveryFailed { user: user.clone(), method, reason: cut(reason, REASON_CHARS_MAX), next: following });
    remember(next, what_for, Exception { user: place, method, kind: ExceptionKind::Failed });
    match follow_up {
        FollowUp::Try(following) => {
            remember(next, what_for, Exception { user: place, method: following, kind: ExceptionKind::Advanced });
            // Counted, it was the turn of its next rule.
            if let Some(wave) = wave_of_mut(next, what_for) {
                wave.count(place, following);
            }
            notify(next, user, following, what_for, PageReason::NextMethod { failed: method });
        }
        FollowUp::OthersUnderWay => {}
        FollowUp::NothingLeft => unreachable(next, what_for, place, user, "every method they have has failed"),
    }
}

/// No method reaches this person. When that is true of everybody who is called, waiting for them is pointless.
pub(super) fn target_unreachable(next: &mut Draft<'_>, user: &UserId, holds: Holds, reason: &str) -> Decision {
    for_each_call(next, user, (None, holds), |next, what_for, place| unreachable(next, what_for, place, user, reason))
}

/// What a message for `holds` was to tell the person: that, and what was not told by one of its own because of it.
fn for_each_call(
    next: &mut Draft<'_>,
    user: &UserId,
    (method, holds): (Option<Method>, Holds),
    act: impl Fn(&mut Draft<'_>, For, u16),
) -> Decision {
    let mut is_needed = false;
    for holds in std::iter::once(holds).chain(together::failed(next, user, method, holds)) {
        if let Ok((what_for, place)) = called_for(next, user, holds) {
            is_needed = true;
            act(next, what_for, place);
        }
    }
    if is_needed { Ok(()) } else { ignore(Ignored::NoLongerNeeded) }
}

/// One thing that happened is told once, though it means something for two calls.
fn happened_once(next: &mut Draft<'_>, event: Event) {
    if !next.has_happened(|known| *known == event) {
        next.happened(event);
    }
}

enum FollowUp {
    Try(Method),
    OthersUnderWay,
    NothingLeft,
}

/// What to do for a person after `failed` has failed: the first of their methods that was not used yet.
fn follow_up(next: &Draft<'_>, wave: &Wave, place: u16, user: &UserId, (failed, what_for): (Method, For)) -> FollowUp {
    let Some(user) = next.roster.users.get(user) else { return FollowUp::NothingLeft };
    let rules = user.rules_from(what_for.urgency(next), wave.at);
    let is = |method: Method, kind| wave.exceptions.contains(&Exception { user: place, method, kind });
    let was_used = |method: Method| wave.sent_to(place, method) > 0;
    let has_failed = |method: Method| method == failed || is(method, ExceptionKind::Failed);
    let mut by_preference = rules.iter().map(|rule| rule.by).chain(user.methods().iter().copied());
    if let Some(method) = by_preference.clone().find(|method| !was_used(*method) && !has_failed(*method)) {
        return FollowUp::Try(method);
    }
    if by_preference.any(|method| !has_failed(method)) { FollowUp::OthersUnderWay } else { FollowUp::NothingLeft }
}

fn remember(next: &mut Draft<'_>, what_for: For, exception: Exception) {
    let most = what_for.exceptions_max();
    if let Some(wave) = wave_of_mut(next, what_for)
        && wave.exceptions.len() < most
        && !wave.exceptions.contains(&exception)
    {
        wave.exceptions.push(exception);
    }
}

fn unreachable(next: &mut Draft<'_>, what_for: For, place: u16, user: &UserId, reason: &str) {
    happened_once(next, Event::Unreachable { user: user.clone(), reason: cut(reason, REASON_CHARS_MAX) });
    let Some(wave) = wave_of_mut(next, what_for) else { return };
    if !wave.unreachable.contains(&place) {
        wave.unreachable.push(place);
    }
    let is_everybody = wave.unreachable.len() >= wave.users.len();
    match what_for {
        // Nobody stands in for a person who was asked by name; the timeline tells whoever asked.
        For::Request { .. } => {}
        For::Incident if !is_everybody => {}
        For::Incident if next.incident.urgency == Urgency::Low => quietly_unreachable(next),
        For::Incident => nobody_reachable(next),
    }
}

/// None of the people who are called can be reached.
fn nobody_reachable(next: &mut Draft<'_>) {
    if next.incident.phase == Phase::Triggered {
        unanswered(next);
    }
    // The policy has ended, now or before, with people who can not be reached. The people of last resort may be others.
    let last_resort = next.roster.last_resort();
    let is_new = next.incident.wave.as_ref().is_some_and(|wave| last_resort.iter().any(|user| !wave.users.contains(user)));
    if next.incident.phase == Phase::Exhausted && is_new {
        fallback(next, "nobody who was called can be reached");
    }
}

/// Nobody could be told quietly: the people of last resort are, and where they can not be told either it becomes urgent, so that
/// the whole policy is called. Better woken than lost.
fn quietly_unreachable(next: &mut Draft<'_>) {
    let last_resort = next.roster.last_resort();
    if next.incident.wave.as_ref().is_some_and(|wave| last_resort.iter().any(|user| !wave.users.contains(user))) {
        return fallback(next, "nobody who was told can be reached");
    }
    next.incident.urgency = Urgency::High;
    next.happened(Event::Triggered { reason: "nobody can be told of it quietly".to_owned() });
    begin(next);
}
