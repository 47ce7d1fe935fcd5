//! Requests for help: people are asked by their rules for high urgency until they accept or decline.
//!
//! A request is no part of the escalation: acknowledging the incident does not end it, and an answer acknowledges nothing.

use super::{
    Decision, Ignored, Rejected,
    call::{self, For},
    draft::{Draft, cut},
    ignore, reject, together,
};
use crate::{
    effect::PageReason,
    id::UserId,
    incident::{Duty, ResponderRequest},
    input::Actor,
    target::Target,
    timeline::Event,
};

/// How many people can be asked at a time; each is followed one by one, and an incident has to stay under 16 KB.
pub(super) const ASKED_MAX: usize = 20;
/// How many requests can be open at a time, for the same reason.
const REQUESTS_MAX: usize = 4;
/// How many responders an incident names.
const RESPONDERS_MAX: usize = 16;
/// How many exceptions of a request's people are remembered, for the same reason.
pub(super) const EXCEPTIONS_MAX: usize = 4;
/// Longest message to those who are asked, in characters: it has to fit into a text message.
pub(super) const MESSAGE_CHARS_MAX: usize = 200;

pub(super) fn ask(next: &mut Draft<'_>, to: &[Target], message: &str, by: &Actor) -> Decision {
    if message.chars().count() > MESSAGE_CHARS_MAX {
        return reject(Rejected::MessageLength);
    }
    let is_new = |user: &UserId| !next.incident.is_asked(user) && !next.incident.responders.contains(user);
    let users: Vec<UserId> = next.roster.resolve(to).into_iter().map(|(user, _)| user).filter(is_new).collect();
    if users.is_empty() {
        return reject(Rejected::NobodyToAsk);
    }
    let asked: usize = next.incident.requests.iter().map(|request| request.wave.users.len()).sum();
    if asked + users.len() > ASKED_MAX || next.incident.requests.len() >= REQUESTS_MAX {
        return reject(Rejected::TooManyAsked);
    }
    let message = cut(message.trim(), MESSAGE_CHARS_MAX);
    next.incident.requests_made += 1;
    let number = next.incident.requests_made;
    next.happened(Event::RespondersRequested { users: users.clone(), message: message.clone() });
    let reason = PageReason::Requested { by: by.clone(), message };
    for user in &users {
        call::first_rules(next, user, For::Request { number }, &reason);
    }
    let wave = call::wave(next, users, For::Request { number });
    next.incident.requests.push(ResponderRequest { number, wave, settled: Vec::new() });
    await_rules(next);
    Ok(())
}

pub(super) fn accept(next: &mut Draft<'_>, actor: &Actor) -> Decision {
    let user = whoever_answers(next, actor)?;
    settle(next, std::slice::from_ref(&user));
    together::answered(next, &user);
    if next.incident.responders.len() < RESPONDERS_MAX {
        next.incident.responders.push(user);
    }
    next.happened(Event::RequestAccepted);
    Ok(())
}

pub(super) fn decline(next: &mut Draft<'_>, actor: &Actor) -> Decision {
    let user = whoever_answers(next, actor)?;
    settle(next, &[user]);
    next.happened(Event::RequestDeclined);
    Ok(())
}

/// Takes the requests of these people back, or of everybody.
pub(super) fn cancel(next: &mut Draft<'_>, of: &[UserId]) -> Decision {
    let waiting = next.incident.requests.iter().flat_map(ResponderRequest::waiting);
    let users: Vec<UserId> = waiting.filter(|user| of.is_empty() || of.contains(user)).cloned().collect();
    if users.is_empty() {
        return ignore(Ignored::NoLongerNeeded);
    }
    settle(next, &users);
    next.happened(Event::RequestsCancelled { users });
    Ok(())
}

/// The person who answers, if anybody waits for that.
fn whoever_answers(next: &Draft<'_>, actor: &Actor) -> Result<UserId, super::Declined> {
    let user = match actor {
        Actor::User(user) => user,
        Actor::Integration(_) | Actor::Token(_) | Actor::Hansho => return Err(super::Declined::Reject(Rejected::NotAsked)),
    };
    if next.incident.is_asked(user) {
        return Ok(user.clone());
    }
    let has_answered = next.incident.responders.contains(user);
    Err(if has_answered { super::Declined::Ignore(Ignored::AlreadyAnswered) } else { super::Declined::Reject(Rejected::NotAsked) })
}

/// Nobody waits for these people any more. A request that all have answered is over.
fn settle(next: &mut Draft<'_>, users: &[UserId]) {
    for request in &mut next.incident.requests {
        let places = (0u16..).zip(&request.wave.users).filter(|(_, user)| users.contains(user)).map(|(place, _)| place);
        for place in places.collect::<Vec<_>>() {
            if !request.settled.contains(&place) {
                request.settled.push(place);
            }
        }
    }
    next.incident.requests.retain(|request| request.waiting().next().is_some());
    await_rules(next);
}

/// The rules of those who have not answered that have come due since the last time.
pub(super) fn delayed_rules(next: &mut Draft<'_>) {
    let after_seconds = rules_due(next);
    next.happened(Event::RulesDue { after_seconds });
}

/// Whoever was asked is told by their rules as they are now.
pub(super) fn review(next: &mut Draft<'_>) {
    rules_due(next);
}

/// Tells whoever has not answered by their rules that are due; says which delay that was.
fn rules_due(next: &mut Draft<'_>) -> u32 {
    let mut requests = std::mem::take(&mut next.incident.requests);
    let mut after_seconds = 0;
    for request in &mut requests {
        if call::rules_due(next, &mut request.wave, &request.settled, For::Request { number: request.number }) {
            after_seconds = request.wave.rules_done_seconds;
        }
    }
    next.incident.requests = requests;
    await_rules(next);
    after_seconds
}

/// Puts the next delayed rules of those who have not answered on the agenda.
fn await_rules(next: &mut Draft<'_>) {
    next.incident.agenda.cancel(Duty::RequestRules);
    let following =
        |request: &ResponderRequest| call::following_rules(next, &request.wave, &request.settled, For::Request { number: request.number });
    if let Some(at) = next.incident.requests.iter().filter_map(following).min() {
        next.due_at(Duty::RequestRules, at);
    }
}
