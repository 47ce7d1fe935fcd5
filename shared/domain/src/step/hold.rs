//! Holding: what keeps an alert from paging yet, and until when.
//!
//! Four things hold: the source says so (an alarm mute rule), a maintenance window is open, a rule pauses it, or the service pauses
//! new alerts for a moment because many clear by themselves. A clear during the hold resolves the incident and nobody was paged.

use jiff::Timestamp;

use super::{
    Decision, Ignored, call,
    draft::{Draft, cut},
    ignore,
};
use crate::{
    alert::{Alert, HeldBy, Pause},
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

/// What the newest alert says about holding: how its source does, and how long a rule pauses it.
#[derive(Default)]
struct Said {
    source: Option<HeldBy>,
    pause: Option<Pause>,
}

/// Holds a new incident, if anything does. Whoever opens one by hand wants somebody now, and so does Hansho about its own trouble:
/// it may be about a page.
pub(super) fn opened(next: &mut Draft<'_>, alert: &Alert) -> bool {
    let wants_somebody_now = alert.opened_by.is_some() || alert.integration == IntegrationId::hansho();
    let said = Said::by(alert);
    let found = if wants_somebody_now { by_source(next, &said) } else { longest(next, &said) };
    found.map(|found| hold(next, found, &said)).is_some()
}

/// A repeat during the hold: what holds it now is what counts, and of its source and of rules what this alert says. Without anything that holds
/// it, it pages.
pub(super) fn repeated(next: &mut Draft<'_>, alert: &Alert) {
    let said = Said::by(alert);
    match longest(next, &said) {
        Some(found) => hold_anew(next, found, &said),
        None => trigger(next, "still wrong, and no longer held"),
    }
}

/// The hold is over. What holds it by now holds on.
pub(super) fn ended(next: &mut Draft<'_>) {
    let said = Said::before(next);
    match longest(next, &said) {
        Some(found) => hold(next, found, &said),
        None => trigger(next, "still wrong at the end of the hold"),
    }
}

/// A maintenance window was ended early, or ends earlier than it did: what it alone holds pages now, or at its new end.
pub(super) fn window_ended(next: &mut Draft<'_>, window: &MaintenanceId) -> Decision {
    let is_held_by_it = matches!(&next.incident.phase, Phase::Held { cause: HoldCause::Maintenance(by), .. } if by == window);
    if !is_held_by_it {
        return ignore(Ignored::NoLongerNeeded);
    }
    let (until, said) = (next.incident.agenda.at(Duty::EndHold), Said::before(next));
    // As it was, it is what a reader has not heard of that still believes what was so before.
    let shortened = by_maintenance(next, |other| other.id() == window).filter(|found| until.is_some_and(|until| found.until < until));
    let others = by_maintenance(next, |other| other.id() != window);
    match last_to_end([by_source(next, &said), shortened, others, by_rule(next, &said), by_pause(next)].into_iter().flatten()) {
        Some(found) => hold(next, found, &said),
        None => trigger(next, "the maintenance was ended early, and it is still wrong"),
    }
    Ok(())
}

/// Ends the hold: it pages now.
pub(super) fn trigger(next: &mut Draft<'_>, reason: &str) {
    // What was not urgent when it came may be now, unless a person has decided about it.
    if is_urgency_chosen(next) {
        next.incident.is_urgency_chosen = Some(true);
    } else {
        next.incident.urgency = next.incident.urgency.max(next.roster.urgency(next.incident.severity, next.now));
    }
    next.happened(Event::Triggered { reason: reason.to_owned() });
    call::begin(next);
}

/// Remembers whether a person chose the urgency. What is louder than what they knew of undoes that.
pub(super) fn choose_urgency(next: &mut Draft<'_>, is_by_a_person: bool) {
    next.incident.is_urgency_chosen = Some(is_by_a_person);
    if let Phase::Held { is_urgency_chosen, .. } = &mut next.incident.phase {
        *is_urgency_chosen = is_by_a_person;
    }
}

fn is_urgency_chosen(next: &Draft<'_>) -> bool {
    matches!(&next.incident.phase, Phase::Held { is_urgency_chosen: true, .. })
}

impl Said {
    fn by(alert: &Alert) -> Self {
        let source = alert.held.as_ref().map(|held| HeldBy { until: held.until, reason: cut(&held.reason, REASON_CHARS_MAX) });
        let pause = alert.pause.as_ref().map(|pause| Pause { seconds: pause.seconds, reason: cut(&pause.reason, REASON_CHARS_MAX) });
        Self { source, pause }
    }

    /// As the newest alert before said it.
    fn before(next: &Draft<'_>) -> Self {
        match &next.incident.phase {
            Phase::Held { by_source, by_rule, .. } => Self { source: by_source.clone(), pause: by_rule.clone() },
            Phase::Triggered | Phase::Acknowledged { .. } | Phase::Exhausted | Phase::Resolved { .. } => Self::default(),
        }
    }
}

fn hold(next: &mut Draft<'_>, Hold { until, reason, cause }: Hold, said: &Said) {
    next.happened(Event::Held { until, reason: reason.clone() });
    let (by_source, by_rule) = (said.source.clone(), said.pause.clone());
    next.incident.phase = Phase::Held { reason, cause, by_source, by_rule, is_urgency_chosen: is_urgency_chosen(next) };
    next.incident.agenda.set(Duty::EndHold, until);
}

/// The same, told only if it is news.
fn hold_anew(next: &mut Draft<'_>, found: Hold, said: &Said) {
    let is_same_cause = matches!(&next.incident.phase, Phase::Held { cause, .. } if *cause == found.cause);
    if is_same_cause && next.incident.agenda.at(Duty::EndHold) == Some(found.until) {
        if let Phase::Held { by_source, by_rule, .. } = &mut next.incident.phase {
            *by_source = said.source.clone();
            *by_rule = said.pause.clone();
        }
        return;
    }
    hold(next, found, said);
}

/// Of everything that holds it, what ends last.
fn longest(next: &Draft<'_>, said: &Said) -> Option<Hold> {
    last_to_end([by_source(next, said), by_maintenance(next, |_| true), by_rule(next, said), by_pause(next)].into_iter().flatten())
}

/// The hold that ends last; the first of several that do.
fn last_to_end(found: impl Iterator<Item = Hold>) -> Option<Hold> {
    let later = |best: Option<Hold>, hold: Hold| if best.as_ref().is_some_and(|best| best.until >= hold.until) { best } else { Some(hold) };
    found.fold(None, later)
}

fn by_source(next: &Draft<'_>, said: &Said) -> Option<Hold> {
    let held = said.source.as_ref().filter(|held| held.until > next.now)?;
    Some(Hold { until: held.until, reason: held.reason.clone(), cause: HoldCause::Source })
}

/// A rule's pause counts from the opening, as the service's does.
fn by_rule(next: &Draft<'_>, said: &Said) -> Option<Hold> {
    let pause = said.pause.as_ref()?;
    let until = plus_seconds(next.incident.opened_at, pause.seconds);
    (until > next.now).then(|| Hold { until, reason: pause.reason.clone(), cause: HoldCause::Rule })
}

/// The pause counts from the opening, for what has a severity that pauses.
fn by_pause(next: &Draft<'_>) -> Option<Hold> {
    let pause = next.roster.service.spec().auto_pause.as_ref().filter(|pause| !pause.except.contains(&next.incident.severity))?;
    let until = plus_seconds(next.incident.opened_at, pause.seconds);
    let reason = "paused, because many alerts of this service clear by themselves".to_owned();
    (until > next.now).then_some(Hold { until, reason, cause: HoldCause::AutoPause })
}

/// Of the windows that are meant, the one that holds this incident longest.
fn by_maintenance(next: &Draft<'_>, is_meant: impl Fn(&MaintenanceWindow) -> bool) -> Option<Hold> {
    let open = next.roster.maintenance.iter().filter(|window| is_meant(window)).filter_map(|window| {
        let until = window.holds_until(&next.incident, next.now)?;
        let dash = if window.spec().reason.is_empty() { "" } else { ": " };
        let reason = cut(&format!("maintenance {}{dash}{}", window.id(), window.spec().reason), REASON_CHARS_MAX);
        Some(Hold { until, reason, cause: HoldCause::Maintenance(window.id().clone()) })
    });
    last_to_end(open)
}
