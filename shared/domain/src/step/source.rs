//! What the source says: alerts and clears.

use super::{
    Decision, call,
    draft::{Draft, cut},
    hold,
};
use crate::{
    alert::{Alert, Clear, Urgency},
    id::InputId,
    incident::Phase,
    input::{Actor, Command, Input},
    reference::REFERENCES_MAX,
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
    link(next, alert);
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
        made_urgent(next, "the severity rose and made it urgent");
    } else if next.incident.phase == Phase::Triggered {
        // With another severity the hours may mean something else.
        call::await_hours(next);
    }
    Ok(())
}

/// It is urgent from now on. Where people are being told quietly, the calling starts over, now aloud.
pub(super) fn made_urgent(next: &mut Draft<'_>, reason: &str) {
    next.incident.urgency = Urgency::High;
    hold::choose_urgency(next, false);
    match next.incident.phase {
        Phase::Triggered | Phase::Exhausted => {
            next.happened(Event::Triggered { reason: reason.to_owned() });
            call::begin(next);
        }
        Phase::Held { .. } | Phase::Acknowledged { .. } | Phase::Resolved { .. } => {}
    }
}

/// The incident's own source says that it is over. It is, unless that of a merged one is still at it.
pub(super) fn clear(next: &mut Draft<'_>, clear: &Clear, actor: &Actor) -> Decision {
    next.incident.is_cleared = true;
    cleared(next, clear, actor)
}

/// One of the sources says that it is over: the last one ends the incident.
pub(super) fn cleared(next: &mut Draft<'_>, clear: &Clear, actor: &Actor) -> Decision {
    let details = cut(&clear.details, DETAILS_CHARS_MAX);
    if !next.incident.is_cleared || next.incident.merged.iter().any(|merged| merged.is_firing) {
        next.happened(Event::Cleared { details });
    } else {
        call::end(next, actor.clone(), Some(details));
    }
    Ok(())
}

fn record(next: &mut Draft<'_>, alert: &Alert) {
    if (&alert.integration, &alert.dedup_key) == (&next.incident.integration, &next.incident.dedup_key) {
        next.incident.is_cleared = false;
    }
    // What is no worse than before does not undo what a person has decided about the urgency.
    if alert.severity > next.incident.severity {
        next.incident.severity = alert.severity;
        let urgency = next.roster.urgency(alert.severity, next.now);
        next.incident.urgency = next.incident.urgency.max(urgency);
        hold::choose_urgency(next, false);
    }
    next.happened(Event::Repeated { details: cut(&alert.details, DETAILS_CHARS_MAX), severity: alert.severity });
    link(next, alert);
}

fn link(next: &mut Draft<'_>, alert: &Alert) {
    if !alert.references.is_empty() {
        next.happened(Event::Linked { references: alert.references.iter().take(REFERENCES_MAX).cloned().collect() });
    }
}
