//! Calling people: steps, waves, delayed rules, failed methods, the end of the policy.

use jiff::Timestamp;

use super::{
    Decision, Ignored,
    draft::{Draft, cut},
    ignore,
};
use crate::{
    alert::Urgency,
    effect::{Holds, Notification, PageReason},
    id::UserId,
    incident::{Duty, Exception, ExceptionKind, Phase, Position, Wave, plus_seconds},
    input::{Actor, DeliveryOutcome},
    timeline::Event,
    user::Method,
};

/// How many people of a wave are followed one by one; an incident has to stay under 16 KB. Whoever is called beyond
/// that is told by all their rules at once.
const FOLLOWED_MAX: usize = 120;
/// How many exceptions of a wave are remembered, for the same reason.
const EXCEPTIONS_MAX: usize = 60;
/// Longest reason kept on the timeline, in characters.
const REASON_CHARS_MAX: usize = 300;

/// Triggers: a new episode, called from the first step.
pub(super) fn begin(next: &mut Draft<'_>) {
    new_episode(next);
    from(next, Position::default());
}

/// From here on pages of earlier episodes no longer hold.
pub(super) fn new_episode(next: &mut Draft<'_>) {
    next.incident.phase = Phase::Triggered;
    next.incident.episode += 1;
    next.incident.wave = None;
    next.incident.agenda.cancel_all_but(&[Duty::AutoResolve]);
    next.incident.urgency = next.incident.urgency.max(next.roster.urgency(next.incident.severity, next.now));
    await_hours(next);
}

/// What is not urgent now may be when the service's hours begin; until then nobody is woken.
pub(super) fn await_hours(next: &mut Draft<'_>) {
    next.incident.agenda.cancel(Duty::RaiseUrgency);
    let rule = &next.roster.service.spec().urgency;
    if next.incident.urgency == Urgency::Low
        && let Some(at) = rule.becomes_high_after(next.incident.severity, &next.roster.hours, next.now)
    {
        next.due_at(Duty::RaiseUrgency, at);
    }
}

/// The hours have begun at `due`, and nobody has it yet. What is urgent by then is, however late this comes.
pub(super) fn raise_urgency(next: &mut Draft<'_>, due: Timestamp) {
    if next.roster.urgency(next.incident.severity, due) == Urgency::Low {
        // The service's rule or its hours have been edited since.
        next.happened(Event::UrgencyStays);
        return await_hours(next);
    }
    next.incident.urgency = Urgency::High;
    next.happened(Event::Triggered { reason: "urgent from now on, by the hours of the service".to_owned() });
    begin(next);
}

/// The position after this one, or `None` at the end of the last round.
pub(super) fn after(next: &Draft<'_>, position: Position) -> Option<Position> {
    let steps = next.roster.policy.steps().len();
    if usize::from(position.step) + 1 < steps {
        return Some(Position { step: position.step + 1, round: position.round });
    }
    (position.round < next.roster.policy.repeat()).then(|| Position { step: 0, round: position.round + 1 })
}

/// Calls the first step from `position` on that has somebody to call; every step has been asked before the people of last
/// resort are called.
pub(super) fn from(next: &mut Draft<'_>, mut position: Position) {
    next.incident.phase = Phase::Triggered;
    for _ in 0..next.roster.policy.steps().len() {
        let found = next.roster.policy.steps().get(usize::from(position.step)).map(|step| next.roster.resolve(&step.notify));
        if let Some(found) = found.filter(|people| !people.is_empty()) {
            return call_step(next, position, found);
        }
        next.happened(Event::StepSkipped { step: position.step, round: position.round });
        position = match after(next, position) {
            Some(following) => following,
            // Somebody was called before and did not answer: that is the end of the policy, not an empty one.
            None if next.incident.wave.is_some() => return exhaust(next),
            // Nobody is being called, and the steps before the one it went on from may have somebody by now.
            None => Position::default(),
        };
    }
    next.incident.position = position;
    fallback(next, "nobody is on call on any step of the policy");
    wait_for_answer(next, position.step);
}

fn call_step(next: &mut Draft<'_>, position: Position, found: Vec<(UserId, String)>) {
    next.incident.position = position;
    next.happened(Event::Escalated {
        step: position.step,
        round: position.round,
        users: found.iter().map(|(user, _)| user.clone()).collect(),
    });
    people(next, found, |via| PageReason::Step { step: position.step, round: position.round, via: via.to_owned() });
    wait_for_answer(next, position.step);
}

/// After the wait of this step the next one is called. Low urgency is not escalated.
pub(super) fn wait_for_answer(next: &mut Draft<'_>, step: u8) {
    if next.incident.urgency == Urgency::High {
        let steps = next.roster.policy.steps();
        let wait = steps.get(usize::from(step)).or(steps.last()).map_or(crate::WAIT_SECONDS_MIN, |s| s.wait_seconds);
        next.due_in(Duty::Escalate, wait);
    }
}

/// Nobody answered the step in time.
pub(super) fn unanswered(next: &mut Draft<'_>) {
    if next.incident.wave.as_ref().is_some_and(|wave| wave.before_policy) {
        next.incident.wave = None;
        return from(next, Position::default());
    }
    match after(next, next.incident.position) {
        Some(position) => from(next, position),
        None => exhaust(next),
    }
}

/// The policy has ended. Rules of the last people that are still to come stay on the agenda.
fn exhaust(next: &mut Draft<'_>) {
    next.happened(Event::Exhausted);
    next.incident.phase = Phase::Exhausted;
    next.incident.agenda.cancel_all_but(&[Duty::AutoResolve, Duty::NotificationRules]);
    next.due_in(Duty::Repage, next.roster.service.repage_seconds());
}

/// Calls the last step that has somebody to call once more, and again after a while.
pub(super) fn repage(next: &mut Draft<'_>) {
    let found = next.roster.policy.steps().iter().rev().map(|step| next.roster.resolve(&step.notify)).find(|people| !people.is_empty());
    match found {
        Some(found) => {
            next.happened(Event::Repaged { users: found.iter().map(|(user, _)| user.clone()).collect() });
            people(next, found, |_| PageReason::Repage);
        }
        None => fallback(next, "nobody is on call on any step of the policy"),
    }
    next.due_in(Duty::Repage, next.roster.service.repage_seconds());
}

/// Calls the people of last resort.
fn fallback(next: &mut Draft<'_>, reason: &str) {
    let users = next.roster.last_resort();
    next.happened(Event::FallbackPaged { reason: reason.to_owned(), users: users.clone() });
    people(next, users.into_iter().map(|user| (user, String::new())).collect(), |_| PageReason::Fallback);
}

/// A new wave: these people are called together, each by their own rules. It ends the rules of whoever was called before.
pub(super) fn people(next: &mut Draft<'_>, people: Vec<(UserId, String)>, reason: impl Fn(&str) -> PageReason) {
    for (place, (user, via)) in people.iter().enumerate() {
        let is_followed = place < FOLLOWED_MAX;
        let rules = next.roster.users.get(user).map(|u| u.rules(next.incident.urgency)).unwrap_or_default();
        for rule in rules.iter().filter(|rule| rule.after_seconds == 0 || !is_followed) {
            notify(next, user, rule.by, reason(via));
        }
    }
    let users = people.into_iter().take(FOLLOWED_MAX).map(|(user, _)| user).collect();
    next.incident.wave =
        Some(Wave { at: next.now, users, rules_done_seconds: 0, exceptions: Vec::new(), unreachable: Vec::new(), before_policy: false });
    await_rules(next);
}

/// The rules of the wave that have come due since the last time.
pub(super) fn delayed_rules(next: &mut Draft<'_>) {
    let Some(mut wave) = next.incident.wave.take() else { return };
    let elapsed = u32::try_from(next.now.duration_since(wave.at).as_secs()).unwrap_or(u32::MAX);
    for (place, user) in (0u16..).zip(&wave.users) {
        let rules = next.roster.users.get(user).map(|u| u.rules(next.incident.urgency)).unwrap_or_default();
        for rule in rules.iter().filter(|rule| rule.after_seconds > wave.rules_done_seconds && rule.after_seconds <= elapsed) {
            let advanced = Exception { user: place, method: rule.by, kind: ExceptionKind::Advanced };
            match wave.exceptions.iter().position(|known| *known == advanced) {
                // It was used early in place of a method that failed; that was this rule's turn.
                Some(used) => drop(wave.exceptions.remove(used)),
                None => notify(next, user, rule.by, PageReason::Rule { after_seconds: rule.after_seconds }),
            }
        }
    }
    next.happened(Event::RulesDue { after_seconds: elapsed });
    wave.rules_done_seconds = elapsed;
    next.incident.wave = Some(wave);
    await_rules(next);
}

/// Puts the wave's next delayed rules on the agenda. Asked of the roster each time, so that edited rules count at once.
fn await_rules(next: &mut Draft<'_>) {
    next.incident.agenda.cancel(Duty::NotificationRules);
    let Some(wave) = &next.incident.wave else { return };
    let rules = wave.users.iter().filter_map(|user| next.roster.users.get(user)).flat_map(|user| user.rules(next.incident.urgency));
    let following = rules.map(|rule| rule.after_seconds).filter(|after| *after > wave.rules_done_seconds).min();
    if let Some(seconds) = following {
        let at = plus_seconds(wave.at, seconds);
        next.due_at(Duty::NotificationRules, at);
    }
}

fn notify(next: &mut Draft<'_>, user: &UserId, method: Method, reason: PageReason) {
    let holds = Holds::Unacknowledged { episode: next.incident.episode };
    next.tell(Notification { user: user.clone(), method, urgency: next.incident.urgency, reason, holds });
}

/// A delivery ended. What failed is followed by the person's next method, or by the end of trying to reach them.
pub(super) fn delivery_report(next: &mut Draft<'_>, user: &UserId, method: Method, episode: u32, outcome: &DeliveryOutcome) -> Decision {
    let DeliveryOutcome::Failed(reason) = outcome else {
        return ignore(Ignored::NoLongerNeeded);
    };
    let place = place_in_wave(next, user, episode)?;
    let follow_up = follow_up(next, place, user, method);
    let following = if let FollowUp::Try(method) = follow_up { Some(method) } else { None };
    next.happened(Event::DeliveryFailed { user: user.clone(), method, reason: cut(reason, REASON_CHARS_MAX), next: following });
    remember(next, Exception { user: place, method, kind: ExceptionKind::Failed });
    match follow_up {
        FollowUp::Try(following) => {
            remember(next, Exception { user: place, method: following, kind: ExceptionKind::Advanced });
            notify(next, user, following, PageReason::NextMethod { failed: method });
        }
        FollowUp::OthersUnderWay => {}
        FollowUp::NothingLeft => unreachable(next, place, user, "every method they have has failed"),
    }
    Ok(())
}

/// No method reaches this person. When that is true of everybody who is called, waiting for them is pointless.
pub(super) fn target_unreachable(next: &mut Draft<'_>, user: &UserId, episode: u32, reason: &str) -> Decision {
    let place = place_in_wave(next, user, episode)?;
    unreachable(next, place, user, reason);
    Ok(())
}

enum FollowUp {
    Try(Method),
    OthersUnderWay,
    NothingLeft,
}

/// What to do for a person after `failed` has failed: the first of their methods that was not used yet.
fn follow_up(next: &Draft<'_>, place: u16, user: &UserId, failed: Method) -> FollowUp {
    let (Some(wave), Some(user)) = (&next.incident.wave, next.roster.users.get(user)) else {
        return FollowUp::NothingLeft;
    };
    let rules = user.rules(next.incident.urgency);
    let is = |method: Method, kind| wave.exceptions.contains(&Exception { user: place, method, kind });
    let was_used = |method: Method| {
        is(method, ExceptionKind::Advanced) || rules.iter().any(|rule| rule.by == method && rule.after_seconds <= wave.rules_done_seconds)
    };
    let has_failed = |method: Method| method == failed || is(method, ExceptionKind::Failed);
    let by_preference = || rules.iter().map(|rule| rule.by).chain(user.methods().iter().copied());
    // What was tried is no longer remembered once there are too many exceptions. Then only what comes after the failed method
    // is tried, so that two methods that fail do not take turns for ever.
    let is_full = wave.exceptions.len() >= EXCEPTIONS_MAX;
    let tried = by_preference().position(|method| method == failed).filter(|_| is_full).map_or(0, |place| place + 1);
    if let Some(method) = by_preference().skip(tried).find(|method| !was_used(*method) && !has_failed(*method)) {
        return FollowUp::Try(method);
    }
    if by_preference().any(|method| !has_failed(method)) { FollowUp::OthersUnderWay } else { FollowUp::NothingLeft }
}

/// The person's place in the wave; pages of another episode, or to people who are no longer called, are settled.
fn place_in_wave(next: &Draft<'_>, user: &UserId, episode: u32) -> Result<u16, super::Declined> {
    let wave = next.incident.wave.as_ref().filter(|_| next.incident.episode == episode);
    let place = wave.and_then(|wave| (0u16..).zip(&wave.users).find(|(_, called)| *called == user));
    place.map(|(place, _)| place).ok_or(super::Declined::Ignore(Ignored::NoLongerNeeded))
}

fn remember(next: &mut Draft<'_>, exception: Exception) {
    if let Some(wave) = &mut next.incident.wave
        && wave.exceptions.len() < EXCEPTIONS_MAX
        && !wave.exceptions.contains(&exception)
    {
        wave.exceptions.push(exception);
    }
}

fn unreachable(next: &mut Draft<'_>, place: u16, user: &UserId, reason: &str) {
    next.happened(Event::Unreachable { user: user.clone(), reason: cut(reason, REASON_CHARS_MAX) });
    let Some(wave) = &mut next.incident.wave else { return };
    if !wave.unreachable.contains(&place) {
        wave.unreachable.push(place);
    }
    if wave.unreachable.len() < wave.users.len() {
        return;
    }
    if next.incident.urgency == Urgency::Low {
        return quietly_unreachable(next);
    }
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

/// It is over.
pub(super) fn end(next: &mut Draft<'_>, by: Actor, reason: Option<String>) {
    next.happened(Event::Resolved { reason });
    next.incident.phase = Phase::Resolved { by, at: next.now };
    next.incident.wave = None;
    next.incident.agenda.cancel_all_but(&[]);
}
