//! What people ask.

use jiff::{SignedDuration, Timestamp};

use super::{Decision, Ignored, Rejected, call, draft::Draft, hold, ignore, reject, together};
use crate::{
    alert::{Priority, Urgency},
    effect::PageReason,
    id::{IncidentId, PolicyId},
    incident::{Duty, Phase, Position, plus_seconds},
    input::Actor,
    roster::Roster,
    target::Target,
    timeline::Event,
};

/// Longest snooze: 7 days, as PagerDuty's.
const SNOOZE_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Longest note, in characters.
const NOTE_CHARS_MAX: usize = 4000;
/// How many acknowledgers an incident names.
const ACKNOWLEDGERS_MAX: usize = 20;

pub(super) fn acknowledge(next: &mut Draft<'_>, actor: &Actor) -> Decision {
    next.happened(Event::Acknowledged);
    take(next, vec![actor.clone()]);
    if let Some(seconds) = next.roster.service.spec().acknowledgement_timeout_seconds {
        next.due_in(Duty::AcknowledgementTimeout, seconds);
    }
    Ok(())
}

/// One more person takes what others have already.
pub(super) fn join(next: &mut Draft<'_>, by: &[Actor], actor: &Actor) -> Decision {
    if by.contains(actor) {
        return ignore(Ignored::AlreadyAcknowledged);
    }
    next.happened(Event::Acknowledged);
    let mut by = by.to_vec();
    if by.len() < ACKNOWLEDGERS_MAX {
        by.push(actor.clone());
    }
    next.incident.phase = Phase::Acknowledged { by };
    Ok(())
}

pub(super) fn resolve(next: &mut Draft<'_>, actor: &Actor) -> Decision {
    call::end(next, actor.clone(), None);
    Ok(())
}

pub(super) fn reopen(next: &mut Draft<'_>, newer: Option<IncidentId>) -> Decision {
    if let Some(target) = next.incident.merged_into {
        return reject(Rejected::Merged(target));
    }
    if let Some(newer) = newer {
        return reject(Rejected::NewerIncident(newer));
    }
    next.happened(Event::Reopened);
    // Their keys were given back when it was resolved.
    next.incident.merged.clear();
    next.incident.is_cleared = false;
    call::begin(next);
    Ok(())
}

/// Escalating what is not being paged calls the policy from its first step.
pub(super) fn call_from_the_start(next: &mut Draft<'_>, actor: &Actor) -> Decision {
    next.incident.urgency = Urgency::High;
    next.happened(Event::Triggered { reason: format!("{actor} asked for it") });
    call::begin(next);
    Ok(())
}

/// The next step, now. At the end of the policy it starts over: whoever asks wants somebody called.
pub(super) fn escalate(next: &mut Draft<'_>) -> Decision {
    next.incident.urgency = Urgency::High;
    // The calling does not end here as it does when time is up: if nobody is on call on the following steps, it comes round.
    next.incident.wave = None;
    let position = call::after(next, next.incident.position).unwrap_or_default();
    next.count_to_auto_resolve();
    call::from(next, position);
    Ok(())
}

/// Whoever has it wants somebody else to have it.
pub(super) fn escalate_acknowledged(next: &mut Draft<'_>, actor: &Actor) -> Decision {
    next.incident.urgency = Urgency::High;
    next.happened(Event::Triggered { reason: format!("{actor} escalated it") });
    let position = call::after(next, next.incident.position).unwrap_or_default();
    call::new_episode(next);
    call::from(next, position);
    Ok(())
}

pub(super) fn snooze(next: &mut Draft<'_>, until: Timestamp, actor: &Actor) -> Decision {
    let latest = next.now.saturating_add(SNOOZE_MAX).unwrap_or(Timestamp::MAX);
    if until <= next.now || until > latest {
        return reject(Rejected::SnoozeOutOfRange);
    }
    next.happened(Event::Snoozed { until });
    let holders = holders_after(next, actor);
    take(next, holders);
    next.incident.agenda.set(Duty::EndSnooze, until);
    // It is to page again then, so it does not resolve itself before.
    next.incident.agenda.cancel(Duty::AutoResolve);
    Ok(())
}

/// Who has it when `actor` has snoozed it: a person takes it; a program leaves it to the people who have it.
fn holders_after(next: &Draft<'_>, actor: &Actor) -> Vec<Actor> {
    match (actor, &next.incident.phase) {
        (Actor::Token(_) | Actor::Integration(_) | Actor::Hansho, Phase::Acknowledged { by }) => by.clone(),
        (Actor::Token(_) | Actor::Integration(_) | Actor::Hansho | Actor::User(_), _) => vec![actor.clone()],
    }
}

pub(super) fn snooze_for(next: &mut Draft<'_>, seconds: u32, actor: &Actor) -> Decision {
    let until = plus_seconds(next.now, seconds);
    snooze(next, until, actor)
}

/// Calls these people instead. If they do not answer, the policy goes on from where it was.
pub(super) fn reassign(next: &mut Draft<'_>, to: &[Target]) -> Decision {
    let people = next.roster.resolve(to);
    if people.is_empty() {
        return reject(Rejected::NobodyToCall);
    }
    next.happened(Event::Reassigned { users: people.iter().map(|(user, _)| user.clone()).collect() });
    call::new_episode(next);
    let Position { step, .. } = next.incident.position;
    call::people(next, people, |_| PageReason::Reassigned);
    call::post(next, Roster::destinations(to), |_| PageReason::Reassigned);
    call::wait_for_answer(next, step);
    Ok(())
}

/// The same for one that the policy was not called for yet: if these people do not answer, it begins with its first step.
pub(super) fn reassign_held(next: &mut Draft<'_>, to: &[Target]) -> Decision {
    reassign(next, to)?;
    if let Some(wave) = &mut next.incident.wave {
        wave.before_policy = true;
    }
    Ok(())
}

/// From here on another policy is in force, in the version of today.
pub(super) fn reassign_to_policy(next: &mut Draft<'_>, policy: &PolicyId) -> Decision {
    let Some(offered) = next.roster.offered.as_ref().filter(|offered| offered.id == *policy) else {
        return reject(Rejected::UnknownPolicy(policy.clone()));
    };
    next.incident.policy = offered.clone();
    next.happened(Event::ReassignedToPolicy { policy: policy.clone() });
    call::begin(next);
    // Whoever asks for a policy wants its people, and is told at once that it has none.
    if next.has_happened(|event| matches!(event, Event::FallbackPaged { .. })) {
        return reject(Rejected::NobodyToCall);
    }
    Ok(())
}

/// Nobody is being paged: it counts when somebody is again, also at the end of a hold.
pub(super) fn change_urgency(next: &mut Draft<'_>, urgency: Urgency) -> Decision {
    if next.incident.urgency == urgency {
        return ignore(Ignored::Unchanged);
    }
    next.incident.urgency = urgency;
    hold::choose_urgency(next, true);
    next.happened(Event::UrgencyChanged { urgency });
    Ok(())
}

/// Raised, the calling starts over and now aloud; lowered, it ends.
pub(super) fn change_urgency_while_paging(next: &mut Draft<'_>, urgency: Urgency, actor: &Actor) -> Decision {
    change_urgency(next, urgency)?;
    match urgency {
        Urgency::High => {
            next.happened(Event::Triggered { reason: format!("{actor} made it urgent") });
            call::begin(next);
        }
        Urgency::Low => call::quiet(next),
    }
    Ok(())
}

pub(super) fn change_priority(next: &mut Draft<'_>, priority: Option<Priority>) -> Decision {
    if next.incident.priority == priority {
        return ignore(Ignored::Unchanged);
    }
    next.incident.priority = priority;
    next.happened(Event::PriorityChanged { priority });
    Ok(())
}

pub(super) fn raise_priority(next: &mut Draft<'_>, to: Priority) -> Decision {
    // The highest priority is the least.
    if next.incident.rank() <= to {
        return ignore(Ignored::Unchanged);
    }
    change_priority(next, Some(to))
}

pub(super) fn note(next: &mut Draft<'_>, text: &str) -> Decision {
    if text.trim().is_empty() || text.chars().count() > NOTE_CHARS_MAX {
        return reject(Rejected::NoteLength);
    }
    next.happened(Event::Noted { text: text.to_owned() });
    Ok(())
}

/// Somebody has it: nobody is paged until further notice.
fn take(next: &mut Draft<'_>, by: Vec<Actor>) {
    for actor in &by {
        match actor {
            Actor::User(user) => together::answered(next, user),
            Actor::Integration(_) | Actor::Token(_) | Actor::Hansho => {}
        }
    }
    next.incident.phase = Phase::Acknowledged { by };
    next.incident.wave = None;
    next.incident.agenda.cancel_all_but(&[Duty::RequestRules]);
    next.count_to_auto_resolve();
}
