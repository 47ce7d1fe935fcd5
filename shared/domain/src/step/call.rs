//! Calling people: steps, waves, delayed rules, the end of the policy.

use super::{Decision, Ignored, draft::Draft, ignore, request, together};
use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    alert::Urgency,
    effect::{Holds, Notification, PageReason, Recipient},
    id::UserId,
    incident::{Duty, Phase, Position, Wave, plus_seconds},
    input::Actor,
    policy::PolicyStep,
    quiet::{Called, with_covers},
    roster::Roster,
    target::{Destination, Target},
    timeline::{Event, Skipped},
    user::{Method, NotificationRule},
};

/// How many people of a wave are followed one by one; an incident has to stay under 16 KB. Whoever is called beyond
/// that is told by all their rules at once.
const FOLLOWED_MAX: usize = 40;
/// How many exceptions of a wave are remembered, for the same reason.
const EXCEPTIONS_MAX: usize = 24;
/// Rules that are all done, because whoever was called need not hear more.
const QUIET: u32 = u32::MAX;

/// What people are called for.
#[derive(Debug, Clone, Copy)]
pub(super) enum For {
    /// The incident itself, as long as nobody has it.
    Incident,
    /// A request for help, aloud whatever the incident's urgency.
    Request { number: u32 },
}

impl For {
    pub(super) fn urgency(self, next: &Draft<'_>) -> Urgency {
        match self {
            Self::Incident => next.incident.urgency,
            Self::Request { .. } => Urgency::High,
        }
    }

    pub(super) fn exceptions_max(self) -> usize {
        match self {
            Self::Incident => EXCEPTIONS_MAX,
            Self::Request { .. } => request::EXCEPTIONS_MAX,
        }
    }

    fn holds(self, next: &Draft<'_>) -> Holds {
        match self {
            Self::Incident => Holds::Unacknowledged { episode: next.incident.episode },
            Self::Request { number } => Holds::Requested { request: number },
        }
    }
}

/// Triggers: a new episode, called from the first step.
pub(super) fn begin(next: &mut Draft<'_>) {
    new_episode(next);
    next.incident.handed_over_to = None;
    from(next, Position::default());
}

/// From here on pages of earlier episodes no longer hold.
pub(super) fn new_episode(next: &mut Draft<'_>) {
    next.withdraw_pages();
    next.incident.phase = Phase::Triggered;
    next.incident.episode += 1;
    next.incident.wave = None;
    next.incident.agenda.cancel_all_but(&[Duty::RequestRules]);
    next.count_to_auto_resolve();
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

/// Whoever was called knows of it; nobody is called any more.
pub(super) fn quiet(next: &mut Draft<'_>) {
    let users = next.incident.wave.take().map(|wave| wave.users).unwrap_or_default();
    new_episode(next);
    next.incident.wave = Some(Wave { rules_done_seconds: QUIET, ..Wave::new(next.now, users) });
}

/// The position after this one, or `None` at the end of the last round.
pub(super) fn after(next: &Draft<'_>, position: Position) -> Option<Position> {
    let policy = next.policy();
    if usize::from(position.step) + 1 < policy.steps().len() {
        return Some(Position { step: position.step + 1, round: position.round });
    }
    (position.round < policy.repeat()).then(|| Position { step: 0, round: position.round + 1 })
}

/// What asking a step comes to.
enum Found {
    /// These people are to be called.
    People(Vec<(UserId, String)>),
    /// Another policy goes on from its start.
    HandedOver,
    /// Nobody.
    Nobody,
}

/// Calls the first step from `position` on that has somebody to call; every step has been asked before the people of last
/// resort are called. They are called in the place of the last step that was asked, so that the next round comes next.
pub(super) fn from(next: &mut Draft<'_>, mut position: Position) {
    next.incident.phase = Phase::Triggered;
    let (began, mut asked) = (position, position);
    // The configuration has no circles; what is stored may.
    let mut hand_overs_left = next.roster.policies.len() + 1;
    let mut steps_left = next.policy().steps().len();
    while steps_left > 0 {
        steps_left -= 1;
        asked = position;
        match find(next, position, hand_overs_left > 0) {
            Found::People(people) => return call_step(next, position, people),
            Found::HandedOver => {
                hand_overs_left -= 1;
                steps_left = next.policy().steps().len();
                position = Position::default();
                continue;
            }
            Found::Nobody => {}
        }
        position = match after(next, position) {
            Some(following) => following,
            // Somebody was called in this round and did not answer: that is the end of the policy, not an empty one.
            None if next.incident.wave.is_some() && began.step > 0 => return exhaust(next),
            // Nobody is being called, and the steps before the one it went on from may have somebody by now.
            None => Position::default(),
        };
    }
    next.incident.position = asked;
    fallback(next, "nobody is on call on any step of the policy");
    wait_for_answer(next, position.step);
}

/// Asks one step. What it tells besides people is told, and a step that has no people is passed: a machine or a channel
/// does not answer, so nothing is waited for.
fn find(next: &mut Draft<'_>, position: Position, may_hand_over: bool) -> Found {
    let Position { step: place, round } = position;
    let skipped = |why| Event::StepSkipped { step: place, round, why };
    let Some(step) = next.policy().steps().get(usize::from(place)) else {
        next.happened(skipped(Skipped::Nobody));
        return Found::Nobody;
    };
    if let Some(why) = next.policy().passes_over(step, &next.incident, next.now) {
        next.happened(skipped(why));
        return Found::Nobody;
    }
    if let Some(policy) = step.hand_over.as_ref().filter(|name| may_hand_over && next.roster.knows_policy(name)) {
        next.happened(Event::HandedOver { policy: policy.clone() });
        next.incident.handed_over_to = Some(policy.clone());
        return Found::HandedOver;
    }
    let people = whom(next, place, step);
    if people.is_empty() {
        if step.notify.iter().any(|target| !matches!(target, Target::Destination(_))) || step.notify.is_empty() {
            next.happened(skipped(Skipped::Nobody));
        }
        post(next, Roster::destinations(&step.notify), |via| PageReason::Step { step: place, round, via });
        return Found::Nobody;
    }
    Found::People(people)
}

/// The people whom a step of the policy calls now, with the targets that led to them: everybody, or whoever's turn it is.
fn whom(next: &mut Draft<'_>, place: u8, step: &PolicyStep) -> Vec<(UserId, String)> {
    if !step.round_robin {
        return next.roster.resolve(&step.notify);
    }
    let mut turns = next.roster.turns_among(&step.notify);
    let Some(count) = u64::try_from(turns.len()).ok().filter(|count| *count > 0) else { return Vec::new() };
    let turn = next.turn(place) % count;
    usize::try_from(turn).map(|turn| turns.swap_remove(turn)).unwrap_or_default()
}

fn call_step(next: &mut Draft<'_>, position: Position, found: Vec<(UserId, String)>) {
    let Position { step, round } = position;
    next.incident.position = position;
    next.happened(Event::Escalated { step, round, users: found.iter().map(|(user, _)| user.clone()).collect() });
    people(next, found, |via| PageReason::Step { step, round, via: via.to_owned() });
    let notify = next.policy().steps().get(usize::from(step)).map(|step| step.notify.as_slice()).unwrap_or_default();
    post(next, Roster::destinations(notify), |via| PageReason::Step { step, round, via });
    wait_for_answer(next, step);
}

/// Tells machines and channels. They are told at once and by nothing else; what they do not take is on the timeline.
pub(super) fn post(next: &mut Draft<'_>, destinations: Vec<Destination>, reason: impl Fn(String) -> PageReason) {
    if destinations.is_empty() {
        return;
    }
    next.happened(Event::Posted { destinations: destinations.clone() });
    let (urgency, holds) = (next.incident.urgency, For::Incident.holds(next));
    for destination in destinations {
        let reason = reason(destination.to_string());
        next.tell(Notification { to: Recipient::Destination { destination }, urgency, reason, holds });
    }
}

/// After the wait of this step the next one is called. Low urgency is not escalated.
pub(super) fn wait_for_answer(next: &mut Draft<'_>, step: u8) {
    if next.incident.urgency == Urgency::High {
        let steps = next.policy().steps();
        let wait = steps.get(usize::from(step)).or(steps.last()).map_or(0, |s| s.wait_seconds);
        next.due_in(Duty::Escalate, wait.max(crate::WAIT_SECONDS_MIN));
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
    next.incident.agenda.cancel_all_but(&[Duty::AutoResolve, Duty::NotificationRules, Duty::RequestRules]);
    next.due_in(Duty::Repage, next.roster.service.repage_seconds());
}

/// Calls the last step that has somebody to call once more, and again after a while.
pub(super) fn repage(next: &mut Draft<'_>) {
    let steps: Vec<(u8, &PolicyStep)> = (0u8..).zip(next.policy().steps()).collect();
    let mut found = None;
    for (place, step) in steps.into_iter().rev() {
        let people = if next.policy().passes_over(step, &next.incident, next.now).is_none() { whom(next, place, step) } else { Vec::new() };
        if !people.is_empty() {
            found = Some((people, step));
            break;
        }
    }
    match found {
        Some((found, step)) => {
            next.happened(Event::Repaged { users: found.iter().map(|(user, _)| user.clone()).collect() });
            people(next, found, |_| PageReason::Repage);
            post(next, Roster::destinations(&step.notify), |_| PageReason::Repage);
        }
        None => fallback(next, "nobody is on call on any step of the policy"),
    }
    next.due_in(Duty::Repage, next.roster.service.repage_seconds());
}

/// Calls the people of last resort.
pub(super) fn fallback(next: &mut Draft<'_>, reason: &str) {
    let users = next.roster.last_resort();
    next.happened(Event::FallbackPaged { reason: reason.to_owned(), users: users.clone() });
    people(next, users.into_iter().map(|user| (user, String::new())).collect(), |_| PageReason::Fallback);
    post(next, Roster::destinations(&next.roster.fallback), |_| PageReason::Fallback);
}

/// A new wave: these people are called together, each by their own rules. It ends the rules of whoever was called before.
pub(super) fn people(next: &mut Draft<'_>, people: Vec<(UserId, String)>, reason: impl Fn(&str) -> PageReason) {
    let called = with_covers(next.roster, people, next.incident.urgency, next.now);
    for (place, Called { user, via, for_user }) in called.iter().enumerate() {
        let why = for_user.clone().map_or_else(|| reason(via), |user| PageReason::Cover { user });
        if let Some(covered) = for_user {
            next.happened(Event::Covered { user: covered.clone(), by: user.clone() });
        }
        if place < FOLLOWED_MAX {
            first_rules(next, user, For::Incident, &why);
        } else {
            for rule in rules(next, user, For::Incident, next.now) {
                let notification = notification(next, user, rule.by, For::Incident, why.clone());
                next.tell(notification);
            }
        }
    }
    let users = called.into_iter().take(FOLLOWED_MAX).map(|called| called.user).collect();
    next.incident.wave = Some(wave(next, users, For::Incident));
    await_rules(next);
    keep_until_told(next);
}

/// A wave that begins now: whoever has a rule for this moment is told by it.
pub(super) fn wave(next: &Draft<'_>, users: Vec<UserId>, what_for: For) -> Wave {
    let mut wave = Wave::new(next.now, users);
    for (place, user) in (0u16..).zip(wave.users.clone()) {
        let (first, later): (Vec<_>, Vec<_>) = rules(next, &user, what_for, next.now).into_iter().partition(|rule| rule.after_seconds == 0);
        for rule in first {
            wave.count(place, rule.by);
        }
        wave.expect(place, later.into_iter().map(|rule| rule.by));
    }
    wave
}

/// What waits for the end of somebody's night or quiet time does not resolve itself before anybody has heard of it: its time counts
/// from then.
fn keep_until_told(next: &mut Draft<'_>) {
    let (Urgency::Low, Some(wave), Some(resolves_at)) =
        (next.incident.urgency, &next.incident.wave, next.incident.agenda.at(Duty::AutoResolve))
    else {
        return;
    };
    let first = wave.users.iter().flat_map(|user| rules(next, user, For::Incident, wave.at)).map(|rule| rule.after_seconds).min();
    let told_at = plus_seconds(wave.at, first.unwrap_or(0));
    if let Some(seconds) = next.roster.service.spec().auto_resolve_seconds.filter(|_| told_at >= resolves_at) {
        next.due_at(Duty::AutoResolve, plus_seconds(told_at, seconds));
    }
}

/// What the person's rules say for the moment in which they are called.
pub(super) fn first_rules(next: &mut Draft<'_>, user: &UserId, what_for: For, reason: &PageReason) {
    for rule in rules(next, user, what_for, next.now).iter().filter(|rule| rule.after_seconds == 0) {
        notify(next, user, rule.by, what_for, reason.clone());
    }
}

/// A person's rules as they are now, for somebody who was called at `called_at`.
fn rules(next: &Draft<'_>, user: &UserId, what_for: For, called_at: Timestamp) -> Vec<NotificationRule> {
    next.roster.users.get(user).map(|user| user.rules_from(what_for.urgency(next), called_at)).unwrap_or_default()
}

/// The person's rules that are still to come, or that are past and by which they were not told, because the rules were others then. Of
/// the rules that name a method as many are done as messages were sent by it, wherever they have been moved to since; but where more
/// were to come at the last look, the last ones of now are those.
fn outstanding(next: &Draft<'_>, wave: &Wave, place: u16, user: &UserId, what_for: For) -> Vec<NotificationRule> {
    let mut rules = rules(next, user, what_for, wave.at);
    let mut left: BTreeMap<Method, u8> = BTreeMap::new();
    for rule in &rules {
        let left = left.entry(rule.by).or_default();
        *left = left.saturating_add(1);
    }
    let all = left.clone();
    rules.retain(|rule| {
        let left = left.entry(rule.by).or_default();
        let from_last = *left;
        *left = left.saturating_sub(1);
        let nth = all.get(&rule.by).map_or(0, |all| all - *left);
        let was_to_come = rule.after_seconds > wave.rules_done_seconds && from_last <= wave.to_come(place, rule.by);
        nth > wave.sent_to(place, rule.by) || was_to_come
    });
    rules
}

/// Where there is no room for it, the messages that were sent alone say which rules are still to come.
pub(super) fn forget_what_was_to_come(next: &mut Draft<'_>) {
    let asked = next.incident.requests.iter_mut().map(|request| &mut request.wave);
    for wave in next.incident.wave.iter_mut().chain(asked) {
        wave.to_come.clear();
    }
}

/// The rules of the wave that have come due since the last time.
pub(super) fn delayed_rules(next: &mut Draft<'_>) {
    rules_of_the_called(next);
    let after_seconds = next.incident.wave.as_ref().map_or(0, |wave| wave.rules_done_seconds);
    next.happened(Event::RulesDue { after_seconds });
}

/// Tells whoever is called by their rules that are due, as they are now, and puts those on the agenda that are to come.
fn rules_of_the_called(next: &mut Draft<'_>) {
    let Some(mut wave) = next.incident.wave.take() else { return };
    rules_due(next, &mut wave, &[], For::Incident);
    next.incident.wave = Some(wave);
    await_rules(next);
}

/// The rules, methods or quiet times of people may have been edited, or the hours of the service: whoever is called, asked or waited
/// for is told as it is configured now, and at the times that are configured now.
pub(super) fn review(next: &mut Draft<'_>) -> Decision {
    let (agenda, notified) = (next.incident.agenda.clone(), next.notified());
    if next.incident.phase.is_unacknowledged() {
        rules_of_the_called(next);
        keep_until_told(next);
    }
    request::review(next);
    if (&next.incident.phase, next.incident.urgency) == (&Phase::Triggered, Urgency::Low) {
        review_urgency(next);
    }
    if next.notified() == notified && next.incident.agenda == agenda {
        return ignore(Ignored::Unchanged);
    }
    next.happened(Event::RulesReviewed);
    Ok(())
}

/// What people are told of quietly may be urgent by the service as it is now, or become so with its hours. What a person has made low
/// stays low; if hours to come were to raise it, they still do.
fn review_urgency(next: &mut Draft<'_>) {
    let is_urgent = next.roster.urgency(next.incident.severity, next.now) == Urgency::High;
    let (is_by_choice, promised) = (is_low_by_choice(next), next.incident.agenda.at(Duty::RaiseUrgency));
    if is_urgent && !is_by_choice {
        return raise_urgency(next, next.now);
    }
    // What is due already is done by the deadline, as of its time.
    if promised.is_some_and(|at| at <= next.now) || (is_by_choice && promised.is_none()) {
        return;
    }
    await_hours(next);
    if let Some(at) = promised.filter(|_| is_urgent && next.incident.agenda.at(Duty::RaiseUrgency).is_none()) {
        // It is urgent at any hour now, and it was to be raised then.
        next.due_at(Duty::RaiseUrgency, at);
    }
}

/// Whether a person has made it low. Of an incident that was stored before that was remembered, its wave tells.
fn is_low_by_choice(next: &Draft<'_>) -> bool {
    let is_quiet = next.incident.wave.as_ref().is_some_and(|wave| wave.rules_done_seconds == QUIET);
    next.incident.urgency == Urgency::Low && next.incident.is_urgency_chosen.unwrap_or(is_quiet)
}

/// Tells the people of `wave`, but those at the places in `settled`, by their rules that have come due since the last time.
/// Says whether there were any.
pub(super) fn rules_due(next: &mut Draft<'_>, wave: &mut Wave, settled: &[u16], what_for: For) -> bool {
    if wave.rules_done_seconds == QUIET {
        return false;
    }
    let elapsed = u32::try_from(next.now.duration_since(wave.at).as_secs()).unwrap_or(u32::MAX);
    let mut were_any = false;
    for (place, user) in (0u16..).zip(wave.users.clone()).filter(|(place, _)| !settled.contains(place)) {
        let rules = outstanding(next, wave, place, &user, what_for);
        let (due, later): (Vec<_>, Vec<_>) = rules.into_iter().partition(|rule| rule.after_seconds <= elapsed);
        were_any |= !due.is_empty();
        for (by, after_seconds) in told_by(wave, place, &due) {
            notify(next, &user, by, what_for, PageReason::Rule { after_seconds });
        }
        wave.expect(place, later.into_iter().map(|rule| rule.by));
    }
    wave.rules_done_seconds = elapsed.max(wave.rules_done_seconds);
    were_any
}

/// By which methods the person is told when these rules are due together: once by each, though several name it.
fn told_by(wave: &mut Wave, place: u16, due: &[NotificationRule]) -> Vec<(Method, u32)> {
    let mut told: Vec<(Method, u32)> = Vec::new();
    for NotificationRule { after_seconds, by } in due.iter().copied() {
        wave.count(place, by);
        told.retain(|(method, _)| *method != by);
        told.push((by, after_seconds));
    }
    told
}

/// Puts the wave's next delayed rules on the agenda. Asked of the roster each time, so that edited rules count at once.
fn await_rules(next: &mut Draft<'_>) {
    next.incident.agenda.cancel(Duty::NotificationRules);
    let Some(wave) = &next.incident.wave else { return };
    if let Some(at) = following_rules(next, wave, &[], For::Incident) {
        next.due_at(Duty::NotificationRules, at);
    }
}

/// When the next delayed rules of the wave are due. What edits have made due already is due in a second.
pub(super) fn following_rules(next: &Draft<'_>, wave: &Wave, settled: &[u16], what_for: For) -> Option<Timestamp> {
    if wave.rules_done_seconds == QUIET {
        return None;
    }
    let people = (0u16..).zip(&wave.users).filter(|(place, _)| !settled.contains(place));
    let rules = people.flat_map(|(place, user)| outstanding(next, wave, place, user, what_for));
    let earliest = rules.map(|rule| rule.after_seconds).min()?;
    Some(plus_seconds(wave.at, earliest).max(plus_seconds(next.now, 1)))
}

pub(super) fn notify(next: &mut Draft<'_>, user: &UserId, method: Method, what_for: For, reason: PageReason) {
    let notification = notification(next, user, method, what_for, reason);
    together::tell(next, notification);
}

fn notification(next: &Draft<'_>, user: &UserId, method: Method, what_for: For, reason: PageReason) -> Notification {
    let (urgency, holds) = (what_for.urgency(next), what_for.holds(next));
    Notification { to: Recipient::Person { user: user.clone(), method }, urgency, reason, holds }
}

/// What the person was called for, and their place among those who were. Pages of another episode, or to people who are no
/// longer called or have answered, are settled.
pub(super) fn called_for(next: &Draft<'_>, user: &UserId, holds: Holds) -> Result<(For, u16), super::Declined> {
    let what_for = match holds {
        Holds::Unacknowledged { episode } if next.incident.episode == episode => Some(For::Incident),
        Holds::Requested { request } if next.incident.still_holds(holds, Some(user)) => Some(For::Request { number: request }),
        Holds::Unacknowledged { .. } | Holds::Requested { .. } | Holds::Always => None,
    };
    let place = |what_for| {
        let called = wave_of(next, what_for)?;
        (0u16..).zip(&called.users).find(|(_, called)| *called == user).map(|(place, _)| (what_for, place))
    };
    what_for.and_then(place).ok_or(super::Declined::Ignore(Ignored::NoLongerNeeded))
}

pub(super) fn wave_of<'a>(next: &'a Draft<'_>, what_for: For) -> Option<&'a Wave> {
    match what_for {
        For::Incident => next.incident.wave.as_ref(),
        For::Request { number } => next.incident.requests.iter().find(|request| request.number == number).map(|request| &request.wave),
    }
}

pub(super) fn wave_of_mut<'a>(next: &'a mut Draft<'_>, what_for: For) -> Option<&'a mut Wave> {
    match what_for {
        For::Incident => next.incident.wave.as_mut(),
        For::Request { number } => {
            next.incident.requests.iter_mut().find(|request| request.number == number).map(|request| &mut request.wave)
        }
    }
}

/// It is over.
pub(super) fn end(next: &mut Draft<'_>, by: Actor, reason: Option<String>) {
    next.happened(Event::Resolved { reason });
    over(next, Phase::Resolved { by, at: next.now });
}

/// Nobody is called, asked or waited for any more.
pub(super) fn over(next: &mut Draft<'_>, phase: Phase) {
    next.incident.phase = phase;
    next.incident.wave = None;
    next.incident.requests.clear();
    next.incident.agenda.cancel_all_but(&[]);
}
