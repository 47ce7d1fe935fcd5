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
    id::MaintenanceId,
    incident::{Duty, HoldCause, Phase, plus_seconds},
    maintenance::{HOLD_MAX, MaintenanceWindow},
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

/// Holds a new incident, if anything does. Whoever opens one by hand wants somebody now.
pub(super) fn opened(next: &mut Draft<'_>, alert: &Alert) -> bool {
    let is_by_hand = alert.opened_by.is_some();
    let found = by_source(next, alert.held.as_ref()).into_iter().chain(if is_by_hand { None } else { by_maintenance(next, None) });
    let found = longest(found).or_else(|| if is_by_hand { None } else { by_pause(next) });
    found.map(|found| hold(next, found)).is_some()
}

/// A repeat during the hold: what holds it now is what counts. A pause goes on, and without anything that holds it, it pages.
pub(super) fn repeated(next: &mut Draft<'_>, alert: &Alert) {
    match longest(by_source(next, alert.held.as_ref()).into_iter().chain(by_maintenance(next, None))) {
        Some(found) if is_held_so(next, &found) => {}
        Some(found) => hold(next, found),
        None if is_paused(next) => {}
        None => trigger(next, "still wrong, and no longer held"),
    }
}

/// The hold is over. A window that is open by now holds on.
pub(super) fn ended(next: &mut Draft<'_>) {
    match by_maintenance(next, None) {
        Some(found) => hold(next, found),
        None => trigger(next, "still wrong at the end of the hold"),
    }
}

/// A maintenance window was ended early: what it alone holds pages now.
pub(super) fn window_ended(next: &mut Draft<'_>, window: &MaintenanceId) -> Decision {
    let is_held_by_it = matches!(&next.incident.phase, Phase::Held { cause: HoldCause::Maintenance(by), .. } if by == window);
    if !is_held_by_it {
        return ignore(Ignored::NoLongerNeeded);
    }
    match by_maintenance(next, Some(window)) {
        Some(found) => hold(next, found),
        None => trigger(next, "the maintenance was ended early, and it is still wrong"),
    }
    Ok(())
}

fn trigger(next: &mut Draft<'_>, reason: &str) {
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

/// The open maintenance window about this incident that ends last. None holds it for longer than a week in all.
fn by_maintenance(next: &Draft<'_>, except: Option<&MaintenanceId>) -> Option<Hold> {
    let latest = next.incident.opened_at.saturating_add(HOLD_MAX).unwrap_or(Timestamp::MAX);
    let is_meant = |window: &&MaintenanceWindow| except != Some(window.id()) && window.matches(&next.incident);
    let open = next.roster.maintenance.iter().filter(is_meant).filter_map(|window| {
        let until = window.open_until(next.now)?.min(latest);
        let dash = if window.spec().reason.is_empty() { "" } else { ": " };
        let reason = format!("maintenance {}{dash}{}", window.id(), window.spec().reason);
        (until > next.now).then(|| Hold { until, reason, cause: HoldCause::Maintenance(window.id().clone()) })
    });
    longest(open)
}
