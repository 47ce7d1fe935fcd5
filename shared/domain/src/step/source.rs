//! What the source says: alerts and clears.

use super::{
    Decision, call,
    draft::{Draft, cut},
    hold,
};
use crate::{
    alert::{Alert, Clear, Urgency},
    id::InputId,
    incident::Duty,
    input::{Actor, Command, Input},
    timeline::Event,
};

/// Longest account of a repeat kept on the timeline, in characters.
const DETAILS_CHARS_MAX: usize = 500;

/// The input under which an opening is remembered: the same alert again is no news.
pub(super) fn opening_input(alert: &Alert) -> Input {
    Input {
        id: InputId::derived(format!("alert-{}", alert.id)),
        actor: alert.opened_by.clone().unwrap_or_else(|| Actor::Integration(alert.integration.clone())),
        command: Command::Alert(alert.clone()),
    }
}

pub(super) fn open(next: &mut Draft<'_>, alert: &Alert) {
    next.happened(Event::Opened {
        title: next.incident.title.clone(),
        severity: next.incident.severity,
        urgency: next.incident.urgency,
        remark: alert.remark.as_ref().map(|r| cut(r, DETAILS_CHARS_MAX)),
    });
    if let Some(seconds) = next.roster.service.spec().auto_resolve_seconds {
        next.due_in(Duty::AutoResolve, seconds);
    }
    if !hold::opened(next, alert) {
        call::begin(next);
    }
}

/// A repeat during the hold.
pub(super) fn repeat_while_held(next: &mut Draft<'_>, alert: &Alert) -> Decision {
    record(next, alert);
    hold::repeated(next, alert);
    Ok(())
}

/// A repeat that pages nobody: somebody has it, or everybody has been called already.
pub(super) fn repeat(next: &mut Draft<'_>, alert: &Alert) -> Decision {
    record(next, alert);
    Ok(())
}

/// A repeat while people are paged: one that makes it urgent starts the calling over, now aloud.
pub(super) fn repeat_while_paging(next: &mut Draft<'_>, alert: &Alert) -> Decision {
    let before = next.incident.urgency;
    record(next, alert);
    if (before, next.incident.urgency) == (Urgency::Low, Urgency::High) {
        next.happened(Event::Triggered { reason: "the severity rose and made it urgent".to_owned() });
        call::begin(next);
    } else {
        // With another severity the hours may mean something else.
        call::await_hours(next);
    }
    Ok(())
}

pub(super) fn clear(next: &mut Draft<'_>, clear: &Clear, actor: &Actor) -> Decision {
    call::end(next, actor.clone(), Some(cut(&clear.details, DETAILS_CHARS_MAX)));
    Ok(())
}

fn record(next: &mut Draft<'_>, alert: &Alert) {
    next.incident.severity = next.incident.severity.max(alert.severity);
    let urgency = next.roster.urgency(next.incident.severity, next.now);
    next.incident.urgency = next.incident.urgency.max(urgency);
    next.happened(Event::Repeated { details: cut(&alert.details, DETAILS_CHARS_MAX), severity: alert.severity });
}
