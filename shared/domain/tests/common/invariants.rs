//! What holds of every transition, whatever the input was.

use std::{collections::BTreeSet, fmt::Debug};

use hansho_domain::{
    Command, Duty, Effect, Holds, Incident, Input, NOTIFICATIONS_PER_COMMIT_MAX, NOTIFICATIONS_PER_FAN_OUT_MAX, Notification, Phase,
    ResponderRequest, Transition, Urgency,
};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

/// An incident stays under 16 KB, whatever is in it.
const INCIDENT_BYTES_MAX: usize = 16 * 1024;
const RECENT_INPUTS_MAX: usize = 32;

/// `before` is the incident and the input that the transition was made of; `None` when it opened the incident.
#[track_caller]
pub(crate) fn hold(before: Option<(&Incident, &Input)>, transition: &Transition, now: Timestamp) {
    let incident = &transition.incident;
    agenda_is_in_order(incident);
    agenda_suits_the_phase(incident);
    urgent_incident_has_a_deadline(incident);
    account_is_complete(before, transition, now);
    effects_suit_the_state(before.map(|(incident, _)| incident), transition);
    wave_is_consistent(incident);
    requests_are_consistent(incident);
    whoever_was_spared_was_told(incident);
    merge_is_consistent(incident);
    if let Some((before, input)) = before {
        nothing_goes_back(before, incident);
        what_is_fixed_stays(before, incident);
        let may_lower = matches!(input.command, Command::ChangeUrgency { .. });
        assert!(may_lower || incident.urgency >= before.urgency, "only a person lowers the urgency");
        let may_give_away = matches!(input.command, Command::ReassignToPolicy { .. });
        assert!(may_give_away || incident.policy == before.policy, "the policy at the trigger is in force");
        if let Command::DeadlinePassed { .. } = input.command {
            assert!(incident.deadline.is_none_or(|deadline| deadline.at > incident.updated_at), "the next deadline lies behind");
        }
    }
}

/// What is stored can be read again, and the incident stays small.
#[track_caller]
pub(crate) fn can_be_stored(transition: &Transition) {
    survives_storage(&transition.incident);
    survives_storage(&transition.entry);
    survives_storage(&transition.effects);
    let bytes = json(&transition.incident).len();
    assert!(bytes < INCIDENT_BYTES_MAX, "the incident has {bytes} bytes");
}

/// Every notification among the effects, however many they are.
pub(crate) fn notifications(effects: &[Effect]) -> impl Iterator<Item = &Notification> {
    effects.iter().flat_map(|effect| match effect {
        Effect::ArmTimer { .. } => &[],
        Effect::Notify(notification) => std::slice::from_ref(notification),
        Effect::FanOut(notifications) => notifications.as_slice(),
    })
}

pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

/// What is read back is what was written.
#[track_caller]
pub(crate) fn survives_storage<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let stored = json(value);
    let read: T = serde_json::from_str(&stored).unwrap_or_else(|error| panic!("{error}: {stored}"));
    assert_eq!(read, *value);
    assert_eq!(json(&read), stored);
}

fn agenda_is_in_order(incident: &Incident) {
    let entries = incident.agenda.entries();
    assert!(entries.is_sorted(), "{entries:?}");
    assert_eq!(entries.iter().map(|due| due.duty).collect::<BTreeSet<_>>().len(), entries.len(), "a duty is on it twice: {entries:?}");
    assert_eq!(
        incident.deadline.map(|deadline| deadline.at),
        incident.agenda.earliest().map(|due| due.at),
        "the deadline is the earliest duty"
    );
}

fn agenda_suits_the_phase(incident: &Incident) {
    let possible: &[Duty] = match &incident.phase {
        Phase::Held { .. } => &[Duty::EndHold, Duty::AutoResolve, Duty::RequestRules],
        Phase::Triggered => &[Duty::NotificationRules, Duty::Escalate, Duty::AutoResolve, Duty::RequestRules, Duty::RaiseUrgency],
        Phase::Acknowledged { .. } => &[Duty::EndSnooze, Duty::AcknowledgementTimeout, Duty::AutoResolve, Duty::RequestRules],
        Phase::Exhausted => &[Duty::NotificationRules, Duty::Repage, Duty::AutoResolve, Duty::RequestRules],
        Phase::Resolved { .. } => &[],
    };
    let entries = incident.agenda.entries();
    assert!(entries.iter().all(|due| possible.contains(&due.duty)), "{:?} with {entries:?}", incident.phase);
    assert_eq!(incident.wave.is_some(), incident.phase.is_unacknowledged(), "people are called while it is unacknowledged");
    let is_due = |duty| incident.agenda.at(duty).is_some();
    assert!(!(is_due(Duty::EndSnooze) && is_due(Duty::AcknowledgementTimeout)), "a snooze takes the place of the timeout");
}

/// Law 2.
fn urgent_incident_has_a_deadline(incident: &Incident) {
    let must_have = match (&incident.phase, incident.urgency) {
        (Phase::Held { .. } | Phase::Exhausted, Urgency::High | Urgency::Low) | (Phase::Triggered, Urgency::High) => true,
        (Phase::Triggered, Urgency::Low) | (Phase::Acknowledged { .. } | Phase::Resolved { .. }, Urgency::High | Urgency::Low) => false,
    };
    assert!(!must_have || incident.deadline.is_some(), "{:?} has no deadline", incident.phase);
}

fn account_is_complete(before: Option<(&Incident, &Input)>, Transition { incident, entry, .. }: &Transition, now: Timestamp) {
    let (version, time) = before.map_or((1, now), |(before, _)| (before.version + 1, now.max(before.updated_at)));
    assert_eq!((incident.version, entry.version), (version, version));
    assert_eq!((incident.updated_at, entry.at), (time, time));
    assert!(!entry.events.is_empty(), "the timeline says nothing");
    assert_eq!(incident.recent_inputs.last(), Some(&entry.input));
    assert!(incident.recent_inputs.len() <= RECENT_INPUTS_MAX);
    if let Some((before, input)) = before {
        assert_eq!((&entry.input, &entry.actor), (&input.id, &input.actor));
        let kept = before.recent_inputs.iter().rev().take(RECENT_INPUTS_MAX - 1);
        assert!(incident.recent_inputs.iter().rev().skip(1).eq(kept), "an input was forgotten");
    }
}

fn effects_suit_the_state(before: Option<&Incident>, Transition { incident, effects, .. }: &Transition) {
    let is_new = before.and_then(|before| before.deadline).map(|deadline| deadline.at) != incident.deadline.map(|deadline| deadline.at);
    let generation = before.map_or(0, |before| before.generation) + u64::from(is_new);
    assert_eq!(incident.generation, generation, "the generation changes exactly when the deadline does");
    assert!(incident.deadline.is_none_or(|deadline| deadline.generation == generation));
    let timer = incident.deadline.filter(|_| is_new).map(|deadline| Effect::ArmTimer { at: deadline.at, generation });
    let (first, others) =
        if timer.is_some() { (effects.first(), effects.get(1..).unwrap_or_default()) } else { (None, effects.as_slice()) };
    assert_eq!(first, timer.as_ref(), "a new deadline has a timer");
    match others {
        [Effect::FanOut(many)] => assert!(many.len() > NOTIFICATIONS_PER_COMMIT_MAX),
        [Effect::FanOut(_), ..] => {
            assert!(others.iter().all(|row| matches!(row, Effect::FanOut(some) if some.len() <= NOTIFICATIONS_PER_FAN_OUT_MAX)));
        }
        rows => assert!(rows.len() <= NOTIFICATIONS_PER_COMMIT_MAX && rows.iter().all(|row| matches!(row, Effect::Notify(_))), "{rows:?}"),
    }
    // An auto-resolve that comes due together with a page ends it; the delivery is then ended with its reason.
    let may_page = incident.phase.is_unacknowledged() || incident.phase.is_resolved();
    for notification in notifications(effects) {
        match notification.holds {
            Holds::Unacknowledged { episode } => {
                assert_eq!((episode, notification.urgency), (incident.episode, incident.urgency));
                assert!(may_page, "paged while {:?}", incident.phase);
            }
            Holds::Requested { .. } => {
                assert_eq!(notification.urgency, Urgency::High, "who is asked by name is asked aloud");
                assert!(incident.phase.is_resolved() || incident.still_holds(notification.holds, notification.user()));
            }
            Holds::Always => panic!("{notification:?} holds for ever"),
        }
    }
}

fn wave_is_consistent(incident: &Incident) {
    let Some(wave) = &incident.wave else { return };
    assert_eq!(wave.users.iter().collect::<BTreeSet<_>>().len(), wave.users.len(), "somebody is called twice");
    assert_eq!(wave.unreachable.iter().collect::<BTreeSet<_>>().len(), wave.unreachable.len());
    let places = wave.unreachable.iter().chain(wave.exceptions.iter().map(|exception| &exception.user));
    assert!(places.into_iter().all(|place| usize::from(*place) < wave.users.len()));
    assert!(wave.at <= incident.updated_at);
}

/// Somebody is waited for in every request, and nobody in two.
fn requests_are_consistent(incident: &Incident) {
    let mut waiting: Vec<_> = incident.requests.iter().flat_map(ResponderRequest::waiting).collect();
    assert!(incident.requests.iter().all(|request| request.waiting().next().is_some()), "{:?}", incident.requests);
    assert!(waiting.iter().all(|user| !incident.responders.contains(user)), "whoever helps is not asked");
    waiting.sort();
    let all = waiting.len();
    waiting.dedup();
    assert_eq!(waiting.len(), all, "somebody is asked twice");
    assert!(!incident.phase.is_resolved() || incident.requests.is_empty(), "nobody is asked about what is over");
}

/// What was not sent is waited for, and so is what was sent in its place.
fn whoever_was_spared_was_told(incident: &Incident) {
    for spared in &incident.spared {
        assert!(incident.still_holds(spared.holds, Some(&spared.user)), "nobody needs it: {spared:?}");
        assert!(incident.still_holds(spared.by, Some(&spared.user)), "what told them is over: {spared:?}");
        assert_ne!(spared.holds, spared.by);
    }
}

/// What was merged is part of something open, and something of it fires.
fn merge_is_consistent(incident: &Incident) {
    if incident.merged_into.is_some() {
        assert!(incident.phase.is_resolved() && incident.merged.is_empty());
    }
    let fires = !incident.is_cleared || incident.merged.iter().any(|merged| merged.is_firing);
    assert!(fires || incident.phase.is_resolved(), "every source says that it is over: {incident:?}");
}

/// Law 3, and what else only grows.
fn nothing_goes_back(before: &Incident, after: &Incident) {
    assert!(after.generation >= before.generation);
    assert!(after.severity >= before.severity);
    let is_new_episode = after.episode == before.episode + 1;
    assert!(is_new_episode || after.episode == before.episode);
    // Time may have triggered it and ended it in one transition.
    let triggers = !before.phase.is_unacknowledged() && after.phase.is_unacknowledged();
    assert!(!triggers || is_new_episode, "pages of the episode before would hold again");
}

fn what_is_fixed_stays(before: &Incident, after: &Incident) {
    assert_eq!(
        (before.id, &before.service, &before.integration, &before.dedup_key),
        (after.id, &after.service, &after.integration, &after.dedup_key)
    );
    assert_eq!((&before.title, &before.details), (&after.title, &after.details));
    assert_eq!((before.occurred_at, before.opened_at), (after.occurred_at, after.opened_at));
}
