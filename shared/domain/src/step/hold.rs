//! Holding: what keeps an alert from paging yet, and until when.
//!
//! Three things hold: the source says so (an alarm mute rule), a maintenance window is open, or the service pauses new alerts for a
//! moment because many clear by themselves. A clear during the hold resolves the incident and nobody was paged.

use jiff::Timestamp;

use super::{
    Decision, Ignored, call,
    draft::{Draft, cut},
    ignore,
};
use crate::{
    alert::{Alert, HeldBy},
    id::{IntegrationId, MaintenanceId},
    incident::{Duty, HoldCause, Phase, plus_seconds},
    maintenance::MaintenanceWindow,
    timeline::Event,
};

/// Longest reason kept, in characters.
const REASON_CHARS_MAX: usize = 300;

/// What keeps it from paging.
struct Hold {
    until: Timestamp,
    reason: String,
    cause: HoldCause,
}

/// Holds a new incident, if anything does. Whoever opens one by hand wants somebody now, and so does Hansho about its own trouble:
/// it may be about a page.
pub(super) fn opened(next: &mut Draft<'_>, alert: &Alert) -> bool {
    let wants_somebody_now = alert.opened_by.is_some() || alert.integration == IntegrationId::hansho();
    let found = by_source(next, alert.held.as_ref());
    let found = if wants_somebody_now { found } else { longest(found.into_iter().chain(by_maintenance(next, |_| true))) };
    let found = found.or_else(|| if wants_somebody_now { None } else { by_pause(next) });
    found.map(|found| hold(next, found)).is_some()
}

/// A repeat during the hold: what holds it now is what counts. A pause goes on, and without anything that holds it, it pages.
pub(super) fn repeated(next: &mut Draft<'_>, alert: &Alert) {
    match longest(by_source(next, alert.held.as_ref()).into_iter().chain(by_maintenance(next, |_| true))) {
        Some(found) if is_held_so(next, &found) => {}
        Some(found) => hold(next, found),
        None if is_paused(next) => {}
        None => trigger(next, "still wrong, and no longer held"),
    }
}

/// The hold is over. A window that is open by now holds on.
pub(super) fn ended(next: &mut Draft<'_>) {
    match by_maintenance(next, |_| true) {
        Some(found) => hold(next, found),
        None => trigger(next, "still wrong at the end of the hold"),
    }
}

/// A maintenance window was ended early, or ends earlier than it did: what it alone holds pages now, or at its new end.
pub(super) fn window_ended(next: &mut Draft<'_>, window: &MaintenanceId) -> Decision {
    let is_held_by_it = matches!(&next.incident.phase, Phase::Held { cause: HoldCause::Maintenance(by), .. } if by == window);
    if !is_held_by_it {
        return ignore(Ignored::NoLongerNeeded);
    }
    let until = next.incident.agenda.at(Duty::EndHold);
    // As it was, it is what a reader has not heard of that still believes what was so before.
    let shortened = by_maintenance(next, |other| other.id() == window).filter(|found| until.is_some_and(|until| found.until < until));
    match longest(shortened.into_iter().chain(by_maintenance(next, |other| other.id() != window))) {
        Some(found) => hold(next, found),
        None => trigger(next, "the maintenance was ended early, and it is still wrong"),
    }
    Ok(())
}

/// Ends the hold: it pages now.
pub(super) fn trigger(next: &mut Draft<'_>, reason: &str) {
    // What was not urgent when it came may be now.
    next.incident.urgency = next.incident.urgency.max(next.roster.urgency(next.incident.severity, next.now));
    next.happened(Event::Triggered { reason: reason.to_owned() });
    call::begin(next);
}

fn hold(next: &mut Draft<'_>, Hold { until, reason, cause }: Hold) {
    let reason = cut(&reason, REASON_CHARS_MAX);
    next.happened(Event::Held { until, reason: reason.clone() });
    next.incident.phase = Phase::Held { reason, cause };
    next.incident.agenda.set(Duty::EndHold, until);
}

fn is_held_so(next: &Draft<'_>, found: &Hold) -> bool {
    let is_same_cause = matches!(&next.incident.phase, Phase::Held { cause, .. } if *cause == found.cause);
    is_same_cause && next.incident.agenda.at(Duty::EndHold) == Some(found.until)
}

/// Whether it is paused, and may be with the severity that it has now.
fn is_paused(next: &Draft<'_>) -> bool {
    let is_paused = matches!(&next.incident.phase, Phase::Held { cause: HoldCause::AutoPause, .. });
    let is_excepted = next.roster.service.spec().auto_pause.as_ref().is_some_and(|pause| pause.except.contains(&next.incident.severity));
    is_paused && !is_excepted
}

/// The hold that ends last; the first of several that do.
fn longest(found: impl Iterator<Item = Hold>) -> Option<Hold> {
    found.fold(None, |best: Option<Hold>, hold| if best.as_ref().is_some_and(|best| best.until >= hold.until) { best } else { Some(hold) })
}

fn by_source(next: &Draft<'_>, held: Option<&HeldBy>) -> Option<Hold> {
    let held = held.filter(|held| held.until > next.now)?;
    Some(Hold { until: held.until, reason: held.reason.clone(), cause: HoldCause::Source })
}

fn by_pause(next: &Draft<'_>) -> Option<Hold> {
    let pause = next.roster.service.spec().auto_pause.as_ref().filter(|pause| !pause.except.contains(&next.incident.severity))?;
    let until = plus_seconds(next.now, pause.seconds);
    let reason = "paused, because many alerts of this service clear by themselves".to_owned();
    (until > next.now).then_some(Hold { until, reason, cause: HoldCause::AutoPause })
}

/// Of the windows that are meant, the one that holds this incident longest.
fn by_maintenance(next: &Draft<'_>, is_meant: impl Fn(&MaintenanceWindow) -> bool) -> Option<Hold> {
    let open = next.roster.maintenance.iter().filter(|window| is_meant(window)).filter_map(|window| {
        let until = window.holds_until(&next.incident, next.now)?;
        let dash = if window.spec().reason.is_empty() { "" } else { ": " };
        let reason = format!("maintenance {}{dash}{}", window.id(), window.spec().reason);
        Some(Hold { until, reason, cause: HoldCause::Maintenance(window.id().clone()) })
    });
    longest(open)
}
