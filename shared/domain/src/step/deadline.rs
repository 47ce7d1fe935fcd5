//! The deadline: everything that is due, in the order in which it came due.

use super::{Decision, Ignored, call, draft::Draft, ignore, request};
use crate::{
    incident::{Due, Duty},
    input::Actor,
    timeline::Event,
};

/// Does what is due. A timer for another deadline is stale; one that came too soon has to be armed again.
///
/// Ends, because whatever a duty puts on the agenda lies after `now`.
pub(super) fn passed(next: &mut Draft<'_>, generation: u64) -> Decision {
    let Some(deadline) = next.incident.deadline else {
        return ignore(Ignored::StaleTimer);
    };
    if deadline.generation != generation {
        return ignore(Ignored::StaleTimer);
    }
    if next.now < deadline.at {
        return ignore(Ignored::EarlyTimer(deadline));
    }
    while let Some(due) = next.incident.agenda.take_due(next.now) {
        perform(next, due);
    }
    Ok(())
}

fn perform(next: &mut Draft<'_>, due: Due) {
    match due.duty {
        Duty::NotificationRules => call::delayed_rules(next),
        Duty::Escalate => call::unanswered(next),
        Duty::EndHold => {
            next.happened(Event::Triggered { reason: "still wrong at the end of the hold".to_owned() });
            call::begin(next);
        }
        Duty::EndSnooze => {
            next.happened(Event::Triggered { reason: "the snooze is over".to_owned() });
            call::begin(next);
        }
        Duty::AcknowledgementTimeout => {
            next.happened(Event::Triggered { reason: "acknowledged, and not resolved in time".to_owned() });
            let position = next.incident.position;
            call::new_episode(next);
            call::from(next, position);
        }
        Duty::Repage => call::repage(next),
        Duty::RequestRules => request::delayed_rules(next),
        Duty::AutoResolve => call::end(next, Actor::Hansho, Some("open for longer than the service allows".to_owned())),
    }
}
