//! The page of one incident: is somebody on it, is it me, and what can I do.

use std::borrow::Cow;

use axum::response::Html;
use hansho_domain::{
    Actor, Duty, Event, Holds, Incident, Phase, REFERENCES_MAX, Recipient, ResponderRequest, Roster, Spared, TimelineEntry, Urgency,
    UserId, Wave, text,
};
use hansho_store::{Delivery, DeliveryState};
use serde::Serialize;

use super::{
    Reader,
    app::Frame,
    call_in::CallIn,
    outlook::{self, Called},
    template::filled,
    timeline::{self, Line},
};
use crate::{
    asset,
    link::LinkAction,
    words::{BackAt, Standing, Telling},
};

/// Most people who are named one by one.
const NAMED_MAX: usize = 12;

/// What the page is made of.
#[derive(Debug)]
pub struct IncidentFacts<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// Who can be called; `None` where the configuration can not be read, and the page says less.
    pub roster: Option<&'a Roster>,
    /// What happened, in order.
    pub timeline: &'a [TimelineEntry],
    /// What was sent, in order.
    pub deliveries: &'a [Delivery],
    /// Who looks.
    pub reader: &'a Reader,
    /// The page's own address; actions are below it.
    pub address: &'a str,
    /// The address of the bundle that it was opened from.
    pub bundle_address: Option<&'a str>,
}

#[derive(Serialize)]
struct View<'a> {
    /// What the page is laid out by.
    layout: &'static str,
    #[serde(flatten)]
    frame: Frame,
    script: &'static str,
    /// Where it is asked whether what was seen is still so.
    live: String,
    /// What was seen.
    seen: String,
    /// Whether it is behind a sign-in.
    is_visitor: bool,
    /// Said to whoever may look only.
    only_looking: Option<&'static str>,
    state: &'static str,
    state_word: &'static str,
    label: &'static str,
    is_low: bool,
    since: String,
    since_full: String,
    standing: String,
    service: String,
    title: String,
    calling_word: &'static str,
    calling: Vec<Person>,
    calling_more: usize,
    next: Option<String>,
    request: Option<Request<'a>>,
    responders: Option<String>,
    primary: Option<Action<'a>>,
    more: Vec<Action<'a>>,
    /// What has a page of its own.
    others: Vec<Other>,
    runbook: Option<Address>,
    link: Option<Address>,
    references: Vec<Address>,
    alerts_word: &'static str,
    details: String,
    timeline: Vec<Line>,
    older: usize,
    id: String,
    address: &'a str,
    bundle_address: Option<&'a str>,
}

#[derive(Serialize)]
struct Person {
    name: String,
    is_reader: bool,
    is_unreachable: bool,
    ways: Vec<Way>,
}

#[derive(Serialize)]
struct Way {
    text: String,
    mark: &'static str,
}

#[derive(Serialize)]
struct Action<'a> {
    address: String,
    nonce: String,
    word: Cow<'static, str>,
    explanation: String,
    confirm: &'a str,
}

/// What is done on a page of its own.
#[derive(Serialize)]
struct Other {
    address: String,
    word: &'static str,
}

/// What the reader was asked, with an answer for each thumb.
#[derive(Serialize)]
struct Request<'a> {
    asked: String,
    accept: Action<'a>,
    decline: Action<'a>,
}

#[derive(Serialize)]
struct Address {
    /// Where it leads, if it leads to the web.
    target: String,
    text: String,
    is_web: bool,
}

/// The page behind a link.
pub fn incident(facts: &IncidentFacts<'_>) -> Html<String> {
    let frame = |title| Frame::new(facts.reader, "", title, String::new());
    filled("incident.html", &view(facts, true, frame))
}

/// The page for whoever has signed in, who may act or only look.
pub(crate) fn incident_of_visitor(facts: &IncidentFacts<'_>, may_act: bool, frame: impl FnOnce(String) -> Frame) -> Html<String> {
    let only_looking = (!may_act).then(|| facts.reader.clock().tongue().app().only_looking);
    let view = View { layout: "app.html", is_visitor: true, only_looking, ..view(facts, may_act, frame) };
    filled("incident.html", &view)
}

fn view<'a>(facts: &IncidentFacts<'a>, may_act: bool, frame: impl FnOnce(String) -> Frame) -> View<'a> {
    let IncidentFacts { incident, roster, timeline, deliveries, reader, address, bundle_address } = *facts;
    let clock = reader.clock();
    let tongue = clock.tongue();
    let t = tongue.labels();
    let service = text::one_line(roster.map_or(incident.service.as_str(), |roster| &roster.service.spec().name));
    let title = text::one_line(&incident.title);
    let (calling, calling_more) = calling(facts);
    let (lines, older) = timeline::lines(timeline, deliveries, reader);
    View {
        layout: "layout.html",
        frame: frame(format!("{} {service}: {title}", tongue.phase(incident.phase.name()))),
        script: asset::LIVE.as_str(),
        live: format!("{address}/live"),
        seen: seen(incident),
        is_visitor: false,
        only_looking: None,
        state: incident.phase.name().as_str(),
        state_word: tongue.phase(incident.phase.name()),
        label: incident.priority.map_or_else(|| tongue.severity(incident.severity), super::priority),
        is_low: incident.urgency == Urgency::Low,
        since: tongue.since(&clock.short(incident.occurred_at), &clock.span(incident.occurred_at)),
        since_full: clock.full(incident.occurred_at),
        standing: tongue.standing(&standing(incident, reader)),
        service,
        title,
        calling_word: if incident.urgency == Urgency::High { t.calling } else { t.told },
        calling,
        calling_more,
        next: roster.and_then(|roster| next(incident, roster, reader)),
        request: request(facts).filter(|_| may_act),
        responders: responders(incident, reader),
        primary: primary(facts).filter(|_| may_act),
        more: if may_act { more(facts) } else { Vec::new() },
        others: if may_act { others(facts) } else { Vec::new() },
        runbook: incident.runbook.as_deref().and_then(web_address),
        link: incident.link.as_deref().and_then(web_address),
        references: references(facts),
        alerts_word: tongue.judgement().alerts,
        details: text::lines(&incident.details),
        timeline: lines,
        older,
        id: incident.id.to_string(),
        address,
        bundle_address,
    }
}

/// Tells what the page shows of an incident from what it showed before.
pub(crate) fn seen(incident: &Incident) -> String {
    incident.version.to_string()
}

/// Whether somebody is on it, and whether it is the reader.
pub(super) fn standing(incident: &Incident, reader: &Reader) -> Standing {
    let (clock, telling) = (reader.clock(), Telling::new(reader));
    let at = |duty| incident.agenda.at(duty).map(|at| clock.short(at));
    let who = |actor: &Actor| text::one_line(&clock.tongue().actor(actor, &telling));
    match &incident.phase {
        Phase::Triggered => Standing::Nobody { is_urgent: incident.urgency == Urgency::High },
        Phase::Acknowledged { by } => {
            let is_reader = |actor: &&Actor| **actor == Actor::User(reader.user.clone());
            let snoozed = at(Duty::EndSnooze).map(BackAt::Snoozed);
            Standing::Taken {
                by_reader: by.iter().any(|actor| is_reader(&actor)),
                others: by.iter().filter(|actor| !is_reader(actor)).map(who).collect(),
                back_at: snoozed.or_else(|| at(Duty::AcknowledgementTimeout).map(BackAt::TimedOut)),
            }
        }
        Phase::Exhausted => Standing::Unanswered { again_at: at(Duty::Repage) },
        Phase::Held { reason, .. } => Standing::Held { until: at(Duty::EndHold), reason: text::one_line(reason) },
        Phase::Resolved { by, at } => match incident.merged_into {
            Some(target) => Standing::Merged { into: target.to_string(), by: who(by), at: clock.short(*at) },
            None => Standing::Over { by: who(by), at: clock.short(*at) },
        },
    }
}

/// The people who are being called, and how many more there are.
fn calling(facts: &IncidentFacts<'_>) -> (Vec<Person>, usize) {
    let IncidentFacts { incident, deliveries, reader, .. } = facts;
    let Some(wave) = incident.wave.as_ref().filter(|_| incident.phase.is_unacknowledged()) else { return (Vec::new(), 0) };
    let people = (0u16..).zip(&wave.users).take(NAMED_MAX).map(|(place, user)| Person {
        name: reader.name(user),
        is_reader: *user == reader.user,
        is_unreachable: wave.unreachable.contains(&place),
        ways: deliveries.iter().filter(|d| is_about(incident, wave, d, user)).filter_map(|d| way(d, user, reader)).collect(),
    });
    (people.collect(), wave.users.len().saturating_sub(NAMED_MAX))
}

/// Whether it tells this person that they are called: it was sent for that, or just before, and nothing was sent after it.
fn is_about(incident: &Incident, wave: &Wave, delivery: &Delivery, called: &UserId) -> bool {
    let holds = delivery.notification.holds;
    let stands_for_one = |spared: &Spared| {
        spared.by == holds
            && spared.user == *called
            && matches!(&delivery.notification.to, Recipient::Person { method, .. } if *method == spared.method)
    };
    match holds {
        Holds::Requested { .. } => incident.spared.iter().any(stands_for_one),
        Holds::Unacknowledged { .. } | Holds::Always => delivery.created_at >= wave.at,
    }
}

/// A message to this person.
fn way(delivery: &Delivery, called: &UserId, reader: &Reader) -> Option<Way> {
    let Recipient::Person { user, method } = &delivery.notification.to else { return None };
    if user != called {
        return None;
    }
    let clock = reader.clock();
    let mark = match delivery.state {
        DeliveryState::Pending | DeliveryState::Sending => "…",
        DeliveryState::Sent => "✓",
        DeliveryState::Failed | DeliveryState::Ended => "✗",
    };
    Some(Way { text: format!("{} {}", clock.tongue().method(*method), clock.short(delivery.created_at)), mark })
}

/// Whom the policy calls next, and when.
fn next(incident: &Incident, roster: &Roster, reader: &Reader) -> Option<String> {
    let clock = reader.clock();
    let at = incident.agenda.at(Duty::Escalate).filter(|_| incident.phase == Phase::Triggered)?;
    let people = outlook::when_unanswered(incident, roster);
    if people.is_empty() {
        return Some(clock.tongue().last_call(&clock.short(at)));
    }
    let span = (!clock.is_past(at)).then(|| clock.span(at));
    let people = reader.names_of(people.iter().take(NAMED_MAX).map(|called| &called.user));
    Some(clock.tongue().next_call(&people, &clock.short(at), span.as_deref()))
}

/// What the thumb is for: taking what nobody has. Once somebody has it there is no big button, so that a second tap on the
/// same place does nothing else.
fn primary<'a>(facts: &IncidentFacts<'a>) -> Option<Action<'a>> {
    let t = facts.reader.clock().tongue().labels();
    // Whoever was asked to help has two other buttons for the thumb.
    if facts.incident.is_asked(&facts.reader.user) {
        return None;
    }
    match facts.incident.phase {
        Phase::Triggered | Phase::Exhausted | Phase::Held { .. } => {
            Some(action(facts, LinkAction::Acknowledge, t.acknowledge, t.acknowledge_hint.to_owned(), t.acknowledge))
        }
        Phase::Acknowledged { .. } | Phase::Resolved { .. } => None,
    }
}

/// What is a step away, and says first what it does.
fn more<'a>(facts: &IncidentFacts<'a>) -> Vec<Action<'a>> {
    let tongue = facts.reader.clock().tongue();
    let t = tongue.labels();
    let mut actions = Vec::new();
    let has_it = match &facts.incident.phase {
        Phase::Resolved { .. } => return actions,
        Phase::Acknowledged { by } => Some(by.contains(&Actor::User(facts.reader.user.clone()))),
        Phase::Triggered | Phase::Exhausted | Phase::Held { .. } => None,
    };
    if has_it.is_none() && facts.incident.is_asked(&facts.reader.user) {
        actions.push(action(facts, LinkAction::Acknowledge, t.acknowledge, t.acknowledge_hint.to_owned(), t.acknowledge));
    }
    if has_it == Some(false) {
        actions.push(action(facts, LinkAction::Acknowledge, t.join, t.join_explanation.to_owned(), t.join_confirm));
    }
    let now = facts.reader.now;
    let called = facts.roster.map(|roster| outlook::when_escalated(facts.incident, roster, now)).unwrap_or_default();
    actions.push(action(facts, LinkAction::Escalate, t.escalate, tongue.escalation(&told(&called, facts.reader)), t.escalate_confirm));
    actions.extend(louder(facts));
    actions.push(action(facts, LinkAction::Snooze, t.snooze, t.snooze_explanation.to_owned(), t.snooze_confirm));
    actions.push(action(facts, LinkAction::Resolve, t.resolve, t.resolve_explanation.to_owned(), t.resolve_confirm));
    actions
}

/// When in doubt, one level higher; and what woke nobody wakes somebody.
fn louder<'a>(facts: &IncidentFacts<'a>) -> Vec<Action<'a>> {
    let IncidentFacts { incident, roster, reader, .. } = facts;
    let tongue = reader.clock().tongue();
    let r = tongue.response();
    let mut actions = Vec::new();
    if let Some(above) = incident.rank().above() {
        let raise = action(facts, LinkAction::Raise(above), tongue.raise(above), r.raise_explanation.to_owned(), r.raise_confirm);
        actions.push(raise);
    }
    if incident.urgency == Urgency::Low {
        let called = roster.map(|roster| outlook::when_urgent(incident, roster, reader.now)).unwrap_or_default();
        let explanation = tongue.making_urgent(&told(&called, reader));
        actions.push(action(facts, LinkAction::MakeUrgent, r.make_urgent, explanation, r.make_urgent_confirm));
    }
    actions
}

/// Calling others in, and writing a note: those also of what is over.
fn others(facts: &IncidentFacts<'_>) -> Vec<Other> {
    let r = facts.reader.clock().tongue().response();
    let calls = [(CallIn::Request.as_str(), r.request), (CallIn::Reassign.as_str(), r.reassign)];
    let calls = calls.into_iter().filter(|_| !facts.incident.phase.is_resolved());
    let other = |(path, word): (&str, &'static str)| Other { address: format!("{}/{path}", facts.address), word };
    calls.chain([("notes", r.note)]).map(other).collect()
}

/// Who asks the reader for help, in whose words, and the two answers.
fn request<'a>(facts: &IncidentFacts<'a>) -> Option<Request<'a>> {
    let IncidentFacts { incident, timeline, reader, .. } = facts;
    if !incident.is_asked(&reader.user) {
        return None;
    }
    let (clock, telling) = (reader.clock(), Telling::new(reader));
    let t = clock.tongue().labels();
    let asked = timeline.iter().rev().find_map(|entry| {
        let message = entry.events.iter().find_map(|event| match event {
            Event::RespondersRequested { users, message } if users.contains(&reader.user) => Some(message),
            _ => None,
        })?;
        Some(clock.tongue().asked(&text::one_line(&clock.tongue().actor(&entry.actor, &telling)), &text::one_line(message)))
    });
    Some(Request {
        asked: asked.unwrap_or_else(|| t.asked.to_owned()),
        accept: action(facts, LinkAction::Accept, t.accept, t.accept_hint.to_owned(), t.accept),
        decline: action(facts, LinkAction::Decline, t.decline, t.decline_hint.to_owned(), t.decline),
    })
}

/// Who helps, and who was asked and has not answered.
fn responders(incident: &Incident, reader: &Reader) -> Option<String> {
    let waiting: Vec<&UserId> = incident.requests.iter().flat_map(ResponderRequest::waiting).collect();
    if waiting.is_empty() && incident.responders.is_empty() {
        return None;
    }
    Some(reader.clock().tongue().helping(&reader.names_of(&incident.responders), &reader.names_of(waiting)))
}

/// Everybody who would be called, each with the ways: whoever rings a phone knows whose.
pub(super) fn told(called: &[Called], reader: &Reader) -> String {
    let tongue = reader.clock().tongue();
    let user =
        |user: &UserId| if *user == reader.user { format!("{} [{}]", reader.name(user), tongue.labels().you) } else { reader.name(user) };
    let one = |called: &Called| {
        let methods: Vec<String> = called.methods.iter().map(|method| tongue.method(*method).to_owned()).collect();
        tongue.called(&user(&called.user), &tongue.list(&methods))
    };
    let mut names: Vec<String> = called.iter().take(NAMED_MAX).map(one).collect();
    if called.len() > NAMED_MAX {
        names.push(format!("+ {}", called.len() - NAMED_MAX));
    }
    tongue.list(&names)
}

fn action<'a>(
    facts: &IncidentFacts<'_>,
    what: LinkAction,
    word: impl Into<Cow<'static, str>>,
    explanation: String,
    confirm: &'a str,
) -> Action<'a> {
    let nonce = what.nonce([(facts.incident.id, facts.incident.version)]);
    Action { address: format!("{}/{}", facts.address, what.as_str()), nonce, word: word.into(), explanation, confirm }
}

/// What the source brought along, each address once.
fn references(facts: &IncidentFacts<'_>) -> Vec<Address> {
    let of_entries = facts.timeline.iter().flat_map(|entry| &entry.events).filter_map(|event| match event {
        Event::Linked { references } => Some(references),
        _ => None,
    });
    let mut shown: Vec<Address> = Vec::new();
    let is_link = |address: &str| facts.incident.link.as_deref() == Some(address);
    for reference in of_entries.flatten().filter(|r| text::is_web_address(&r.address) && !is_link(&r.address)) {
        if shown.len() < REFERENCES_MAX && shown.iter().all(|known| known.target != reference.address) {
            let text = if reference.text.is_empty() { text::one_line(&reference.address) } else { reference.text.clone() };
            shown.push(Address { text, target: reference.address.clone(), is_web: true });
        }
    }
    shown
}

/// An address of the source's: a link when it leads to the web, text when it is anything else.
fn web_address(address: &str) -> Option<Address> {
    let is_web = text::is_web_address(address);
    let text = text::one_line(address);
    (!text.is_empty()).then(|| Address { target: text.clone(), text, is_web })
}
