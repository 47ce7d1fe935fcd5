//! States, events and effects in words, for rows that can be read without a legend. Times count from a moment that the
//! caller names.

use hansho_domain::{
    Actor, Duty, Effect, Event, Ignored, Incident, Notification, Phase, Recipient, Skipped, TimelineEntry, Urgency, UserId,
};
use jiff::{SignedDuration, Timestamp};

use super::invariants;

/// `1h30m`; days are hours.
pub(crate) fn span(span: SignedDuration) -> String {
    let seconds = span.as_secs();
    let parts = [(seconds / 3600, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    let text: String = parts.into_iter().filter(|(number, _)| *number != 0).map(|(number, unit)| format!("{number}{unit}")).collect();
    if text.is_empty() { "0m".to_owned() } else { text }
}

pub(crate) fn phase(incident: &Incident) -> String {
    let urgency = if incident.urgency == Urgency::Low { ", low urgency" } else { "" };
    match &incident.phase {
        Phase::Held { .. } => format!("held{urgency}"),
        Phase::Triggered => format!("triggered in episode {}{urgency}", incident.episode),
        Phase::Acknowledged { by } => format!("acknowledged by {}{urgency}", by.iter().map(actor).collect::<Vec<_>>().join(" and ")),
        Phase::Exhausted => format!("exhausted in episode {}{urgency}", incident.episode),
        Phase::Resolved { by, .. } => format!("resolved by {}", actor(by)),
    }
}

fn actor(actor: &Actor) -> String {
    match actor {
        Actor::User(user) => user.to_string(),
        Actor::Integration(integration) => integration.to_string(),
        Actor::Token(name) => name.clone(),
        Actor::Hansho => "hansho".to_owned(),
    }
}

pub(crate) fn events(entry: &TimelineEntry) -> Vec<String> {
    entry.events.iter().map(|happened| event(happened, entry.at)).collect()
}

fn event(event: &Event, now: Timestamp) -> String {
    let step = |step: u8, round: u8| {
        let round = if round > 0 { format!(" of round {}", round + 1) } else { String::new() };
        format!("step {}{round}", step + 1)
    };
    match event {
        Event::Opened { .. } => "opened".to_owned(),
        Event::Linked { references } => format!("{} links", references.len()),
        Event::Held { until, reason } => format!("held for {} ({reason})", span(until.duration_since(now))),
        Event::Triggered { reason } => format!("triggered ({reason})"),
        Event::Repeated { severity, .. } => format!("repeated ({severity:?})").to_lowercase(),
        Event::Escalated { step: number, round, users } => format!("escalated to {} ({})", step(*number, *round), names(users)),
        Event::StepSkipped { step: number, round, why: Skipped::Nobody } => format!("{} skipped", step(*number, *round)),
        Event::StepSkipped { step: number, round, why: Skipped::Condition } => format!("{} not met", step(*number, *round)),
        Event::StepSkipped { step: number, round, why: Skipped::Hours } => format!("{} for other hours", step(*number, *round)),
        Event::Covered { user, by } => format!("{by} covers for {user}"),
        Event::Posted { destinations } => {
            format!("posted to {}", destinations.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
        }
        Event::HandedOver { policy } => format!("handed over to {policy}"),
        Event::ReassignedToPolicy { policy } => format!("given to {policy}"),
        Event::RespondersRequested { users, message } => format!("asked {} ({message})", names(users)),
        Event::RequestAccepted => "accepted".to_owned(),
        Event::RequestDeclined => "declined".to_owned(),
        Event::RequestsCancelled { users } => format!("cancelled {}", names(users)),
        Event::UrgencyChanged { urgency } => format!("urgency {urgency:?}").to_lowercase(),
        Event::PriorityChanged { priority } => priority.map_or("no priority".to_owned(), |priority| format!("priority {priority:?}")),
        Event::MergedInto { .. } => "merged into another".to_owned(),
        Event::Merged { title, .. } => format!("took in another ({title})"),
        Event::Cleared { details } => format!("cleared ({details})"),
        Event::FallbackPaged { reason, users } => format!("fallback paged ({}): {reason}", names(users)),
        Event::RulesDue { after_seconds } => format!("rules due after {}", span(SignedDuration::from_secs(i64::from(*after_seconds)))),
        Event::RulesReviewed => "rules reviewed".to_owned(),
        Event::Acknowledged => "acknowledged".to_owned(),
        Event::Snoozed { until } => format!("snoozed for {}", span(until.duration_since(now))),
        Event::Reassigned { users } => format!("reassigned to {}", names(users)),
        Event::Exhausted => "exhausted".to_owned(),
        Event::Repaged { users } => format!("paged again ({})", names(users)),
        Event::Resolved { reason: Some(reason) } => format!("resolved ({reason})"),
        Event::Resolved { reason: None } => "resolved".to_owned(),
        Event::UrgencyStays => "urgency stays".to_owned(),
        Event::Reopened => "reopened".to_owned(),
        Event::Noted { text } => format!("noted ({text})"),
        Event::DeliveryFailed { user, method, next: Some(next), .. } => {
            format!("{} to {user} failed, {} instead", method.as_str(), next.as_str())
        }
        Event::DeliveryFailed { user, method, next: None, .. } => format!("{} to {user} failed", method.as_str()),
        Event::ToldAlready { user, method } => format!("{user} told already by {}", method.as_str()),
        Event::Unreachable { user, .. } => format!("{user} unreachable"),
    }
}

pub(crate) fn names(users: &[UserId]) -> String {
    users.iter().map(UserId::as_str).collect::<Vec<_>>().join(" ")
}

pub(crate) fn notification(notification: &Notification) -> String {
    match &notification.to {
        Recipient::Person { user, method } => format!("{} {user}", method.as_str()),
        Recipient::Destination { destination } => format!("post {destination}"),
    }
}

/// A timer is only named: it is always for the deadline.
pub(crate) fn effects(effects: &[Effect]) -> String {
    let timer = effects.iter().filter(|effect| matches!(effect, Effect::ArmTimer { .. })).map(|_| "timer".to_owned());
    timer.chain(invariants::notifications(effects).map(notification)).collect::<Vec<_>>().join(", ")
}

pub(crate) fn agenda(incident: &Incident, now: Timestamp) -> String {
    let due = incident.agenda.entries().iter().map(|due| format!("{} in {}", duty(due.duty), span(due.at.duration_since(now))));
    due.collect::<Vec<_>>().join(", ")
}

fn duty(duty: Duty) -> &'static str {
    match duty {
        Duty::NotificationRules => "rules",
        Duty::Escalate => "escalate",
        Duty::EndHold => "end hold",
        Duty::EndSnooze => "end snooze",
        Duty::AcknowledgementTimeout => "acknowledgement timeout",
        Duty::Repage => "page again",
        Duty::RaiseUrgency => "raise urgency",
        Duty::AutoResolve => "auto-resolve",
        Duty::RequestRules => "request rules",
    }
}

pub(crate) fn ignored(why: Ignored) -> &'static str {
    match why {
        Ignored::AlreadyApplied => "ignored: applied before",
        Ignored::AlreadyAcknowledged => "ignored: already acknowledged",
        Ignored::AlreadyResolved => "ignored: already resolved",
        Ignored::StaleTimer => "ignored: stale timer",
        Ignored::EarlyTimer(_) => "ignored: early timer",
        Ignored::NoLongerNeeded => "ignored: no longer needed",
        Ignored::AlreadyAnswered => "ignored: already answered",
        Ignored::Unchanged => "ignored: unchanged",
    }
}
