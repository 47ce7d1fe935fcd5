//! What a configuration means for incidents that are open: none is left to somebody or something that is no more.
//!
//! Nothing here is needed for an incident to go on: whoever reads the configuration passes people over who have left, and
//! puts the catch-all service in place of one that is no more. This says so, and does at once what the next deadline would do.

use std::collections::BTreeSet;

use hansho_domain::{
    Actor, Command, Configuration, Duty, Effect, Event, HeldForLess, Holds, Incident, Input, InputId, MaintenanceWindow, Notification,
    Phase, ServiceId, Urgency, UserId, Verdict, Wave, step,
};
use hansho_store::{Store, StoreError};
use jiff::Timestamp;
use serde::Serialize;

/// What a configuration means for one open incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Affected {
    /// The incident's id.
    pub incident: String,
    /// Its title.
    pub title: String,
    /// What it means, for whoever applies.
    pub effect: String,
    #[serde(skip)]
    inputs: Vec<Input>,
    /// Whether it is about people who are called, so that others may be.
    #[serde(skip)]
    is_called: bool,
}

/// Every open incident that the configuration means something for.
pub(crate) async fn affected(store: &Store, configuration: &Configuration) -> Result<Vec<Affected>, StoreError> {
    let now = store.clock().now();
    let open = store.open_incidents(None).await?;
    let users: BTreeSet<&UserId> = configuration.users().iter().map(|user| user.id()).collect();
    let of_teams = configuration.services_of_teams().iter().map(|(_, service)| service);
    let services: BTreeSet<&ServiceId> = configuration.services().iter().chain(of_teams).map(|service| service.id()).collect();
    let mut affected = Vec::new();
    for incident in &open {
        let first = affected.len();
        affected.extend(of(incident, &users, &services));
        for one in affected.iter_mut().skip(first).filter(|one: &&mut Affected| one.is_called) {
            one.effect.push_str(&called_instead(store, configuration, incident, &one.inputs, now).await?);
        }
        affected.extend(told_otherwise(store, configuration, incident, now).await?);
        affected.extend(held_for_less(incident, configuration.maintenance(), now));
    }
    Ok(affected)
}

/// What becomes of an incident of which people are called who leave: what the step makes of it that the apply will take.
async fn called_instead(
    store: &Store,
    configuration: &Configuration,
    incident: &Incident,
    inputs: &[Input],
    now: Timestamp,
) -> Result<String, StoreError> {
    let roster = store.roster_under(incident, configuration).await?;
    let (mut then, mut events) = (incident.clone(), Vec::new());
    for input in inputs {
        if let Verdict::Apply(transition) = step(&then, input, &roster, now) {
            then = transition.incident;
            events.extend(transition.entry.events);
        }
    }
    let is_new = |wave: &&Wave| incident.wave.as_ref().is_none_or(|before| (before.at, &before.users) != (wave.at, &wave.users));
    let Some(wave) = then.wave.as_ref().filter(is_new) else {
        return Ok(match then.phase {
            Phase::Exhausted => "nobody else is called now; it is paged again, look after it".to_owned(),
            Phase::Held { .. } | Phase::Triggered | Phase::Acknowledged { .. } | Phase::Resolved { .. } => {
                "the others are called on".to_owned()
            }
        });
    };
    let names = wave.users.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let how = |event: &Event| match event {
        Event::FallbackPaged { .. } if wave.users.is_empty() => Some("nobody else can be called; look after it".to_owned()),
        Event::FallbackPaged { .. } => Some(format!("the people of last resort are called at once: {names}")),
        Event::Escalated { step, round, .. } if (*step, *round) == (0, incident.position.round.saturating_add(1)) => {
            Some(format!("the policy begins again at once: {names}"))
        }
        Event::Escalated { .. } => Some(format!("the next step is called at once: {names}")),
        _ => None,
    };
    Ok(events.iter().rev().find_map(how).unwrap_or_else(|| format!("called at once: {names}")))
}

/// Whoever is called or asked is told by their rules, methods and quiet times as they are now; so is whoever waits for the hours of
/// the service.
async fn told_otherwise(
    store: &Store,
    configuration: &Configuration,
    incident: &Incident,
    now: Timestamp,
) -> Result<Option<Affected>, StoreError> {
    if !incident.phase.is_unacknowledged() && incident.requests.is_empty() {
        return Ok(None);
    }
    let roster = store.roster_under(incident, configuration).await?;
    // The same look at the same state is one input, however often it is asked for.
    let input = hansho_says(format!("rules-{}", incident.version), Command::ReviewRules);
    let Verdict::Apply(then) = step(incident, &input, &roster, now) else { return Ok(None) };
    let mut told: Vec<&UserId> = then.effects.iter().flat_map(Effect::notifications).filter_map(Notification::user).collect();
    told.dedup();
    let names = told.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let next = [Duty::NotificationRules, Duty::RequestRules, Duty::RaiseUrgency].map(|duty| then.incident.agenda.at(duty));
    let effect = match (names.is_empty(), next.into_iter().flatten().min()) {
        (false, _) => format!("by the rules as they are now, {names} is told at once"),
        (true, Some(at)) => format!("people are told by their rules as they are now, next at {}", whole_second(at)),
        (true, None) => "people are told by their rules as they are now; nobody waits for more".to_owned(),
    };
    Ok(Some(about(incident, effect, vec![input])))
}

fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// Tells the incidents. One that can not be told now goes on all the same, at its next deadline.
pub(crate) async fn tell(store: &Store, affected: &[Affected]) {
    for Affected { incident, inputs, .. } in affected {
        for input in inputs {
            let Ok(id) = incident.parse() else { continue };
            if let Err(error) = store.apply(id, input).await {
                tracing::error!(incident.id = %incident, %error, "an open incident could not be told of the new configuration");
            }
        }
    }
}

fn of(incident: &Incident, users: &BTreeSet<&UserId>, services: &BTreeSet<&ServiceId>) -> Vec<Affected> {
    let is_there = |user: &UserId| users.contains(user);
    let mut affected = Vec::new();
    if !services.contains(&incident.service) {
        affected.push(service_is_gone(incident));
    }
    if let (Some(wave), true) = (&incident.wave, incident.phase.is_unacknowledged()) {
        affected.extend(called_have_left(incident, wave, is_there));
    }
    if let Phase::Acknowledged { by } = &incident.phase {
        affected.extend(holders_have_left(incident, by, is_there));
    }
    if !incident.phase.is_resolved() {
        affected.extend(asked_have_left(incident, is_there));
    }
    affected
}

fn service_is_gone(incident: &Incident) -> Affected {
    let (service, instead) = (&incident.service, ServiceId::catch_all());
    let note = format!(
        "Service {service} is no longer in the configuration. The people of its escalation policy are called as before; everything else is now as {instead} has it. / サービス {service} は設定から外されました。呼び出す相手は変わらず、その他は {instead} の設定に従います。"
    );
    // However often it is applied again, it is said once.
    let input = hansho_says("service-removed".to_owned(), Command::Note { text: note });
    let effect = format!("service {service} is removed; it goes on with the service {instead}, and with its own escalation policy");
    about(incident, effect, vec![input])
}

fn called_have_left(incident: &Incident, wave: &Wave, is_there: impl Fn(&UserId) -> bool) -> Option<Affected> {
    let has_left = |(place, user): &(u16, &UserId)| !is_there(user) && !wave.unreachable.contains(place);
    let left: Vec<&UserId> = (0u16..).zip(&wave.users).filter(has_left).map(|(_, user)| user).collect();
    let names: Vec<String> = left.iter().map(|user| user.to_string()).collect();
    let unreachable = |user: &UserId| {
        let reason = format!("{user} has left: the configuration no longer has them / {user} は設定から外されました");
        let command = Command::TargetUnreachable { user: user.clone(), holds: Holds::Unacknowledged { episode: incident.episode }, reason };
        hansho_says(format!("left-{user}-{}", incident.episode), command)
    };
    let inputs = left.into_iter().map(unreachable).collect();
    let word = if incident.urgency == Urgency::High { "is called" } else { "was told" };
    let effect = format!("{} {word} and leaves; ", names.join(", "));
    (!names.is_empty()).then(|| Affected { is_called: true, ..about(incident, effect, inputs) })
}

/// Nobody waits for an answer of somebody who was asked to help and is not there any more.
fn asked_have_left(incident: &Incident, is_there: impl Fn(&UserId) -> bool) -> Option<Affected> {
    let mut names: Vec<&UserId> = Vec::new();
    let mut inputs = Vec::new();
    for request in &incident.requests {
        for user in request.waiting().filter(|user| !is_there(user)) {
            let reason = format!("{user} has left: the configuration no longer has them / {user} は設定から外されました");
            let holds = Holds::Requested { request: request.number };
            let unreachable = Command::TargetUnreachable { user: user.clone(), holds, reason };
            inputs.push(hansho_says(format!("asked-left-{user}-{}", request.number), unreachable));
            if !names.contains(&user) {
                names.push(user);
            }
        }
    }
    if names.is_empty() {
        return None;
    }
    let of: Vec<UserId> = names.iter().copied().cloned().collect();
    let numbers: Vec<String> = incident.requests.iter().map(|request| request.number.to_string()).collect();
    inputs.push(hansho_says(format!("asked-left-{}", numbers.join("-")), Command::CancelRequests { of }));
    let names: Vec<String> = names.into_iter().map(ToString::to_string).collect();
    Some(about(incident, format!("{} is asked to help and leaves; ask somebody else", names.join(", ")), inputs))
}

/// Whoever has it can not answer for it any more.
fn holders_have_left(incident: &Incident, by: &[Actor], is_there: impl Fn(&UserId) -> bool) -> Option<Affected> {
    let has_left = |actor: &Actor| match actor {
        Actor::User(user) => !is_there(user),
        Actor::Integration(_) | Actor::Token(_) | Actor::Hansho => false,
    };
    if by.is_empty() || !by.iter().all(has_left) {
        return None;
    }
    let names = by.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if incident.urgency == Urgency::Low {
        return Some(about(incident, format!("{names} has it and leaves; look after it"), Vec::new()));
    }
    let note =
        format!("{names} had it and has left; others are called. / 対応していた {names} が設定から外されたため、次の人を呼び出します。");
    let inputs = vec![
        hansho_says(format!("holder-left-{}", incident.episode), Command::Note { text: note }),
        hansho_says(format!("holder-left-call-{}", incident.episode), Command::Escalate),
    ];
    Some(about(incident, format!("{names} has it and leaves; others are called"), inputs))
}

/// It is held by a window of the configuration that is gone, or not about it any more, or ends earlier than it did.
fn held_for_less(incident: &Incident, windows: &[MaintenanceWindow], now: Timestamp) -> Option<Affected> {
    let HeldForLess { window, until, input } = HeldForLess::of(incident, windows, now)?;
    let effect = match until {
        Some(earlier) => format!("maintenance window {window} ends earlier; it is held until {earlier}, or by another"),
        None => format!("maintenance window {window} holds it no longer; if no other does, it pages now"),
    };
    Some(about(incident, effect, vec![input]))
}

fn about(incident: &Incident, effect: String, inputs: Vec<Input>) -> Affected {
    Affected { incident: incident.id.to_string(), title: incident.title.clone(), effect, inputs, is_called: false }
}

fn hansho_says(id: String, command: Command) -> Input {
    Input { id: InputId::derived(id), actor: Actor::Hansho, command }
}
