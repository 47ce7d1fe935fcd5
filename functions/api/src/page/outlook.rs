//! What comes next: whom the policy calls, and whom an escalation would call.
//!
//! Told by the step itself, from who is on call now. It asks again when it is taken.

use hansho_domain::{
    Actor, Alert, Command, Duty, Event, Incident, Input, InputId, Method, Phase, Rejected, Roster, Urgency, UserId, Verdict, open, step,
};
use jiff::Timestamp;

/// Somebody who would be called, and how at once.
#[derive(Debug)]
pub(crate) struct Called {
    pub(super) user: UserId,
    pub(super) methods: Vec<Method>,
}

/// Whom the policy calls when nobody answers; empty at its end.
pub(super) fn when_unanswered(incident: &Incident, roster: &Roster) -> Vec<Called> {
    let Some(at) = incident.agenda.at(Duty::Escalate) else { return Vec::new() };
    after(incident, Command::DeadlinePassed { generation: incident.generation }, roster, at)
}

/// Whom an escalation calls: the next step, the first one after the last, and the people of last resort when nobody is on call.
pub(super) fn when_escalated(incident: &Incident, roster: &Roster, now: Timestamp) -> Vec<Called> {
    after(incident, Command::Escalate, roster, now.max(incident.updated_at))
}

/// Whom an incident calls that `alert` would open now, and at what urgency; then whom the policy calls when nobody answers, and when.
pub(super) fn when_opened(alert: &Alert, roster: &Roster, now: Timestamp) -> Opening {
    let incident = open(alert, roster, now).incident;
    let users = incident.wave.as_ref().map(|wave| wave.users.clone()).unwrap_or_default();
    let then_at = incident.agenda.at(Duty::Escalate);
    let then = when_unanswered(&incident, roster);
    Opening {
        urgency: incident.urgency,
        first: called_at(roster, users, incident.urgency),
        then_at,
        then,
        held: incident.agenda.at(Duty::EndHold),
    }
}

/// What opening an incident does.
pub(super) struct Opening {
    pub(super) urgency: Urgency,
    pub(super) first: Vec<Called>,
    pub(super) then_at: Option<Timestamp>,
    pub(super) then: Vec<Called>,
    /// Until when it is held, if it is.
    pub(super) held: Option<Timestamp>,
}

/// Whom `command` of that person calls, and then the policy when they do not answer; or why it is refused.
pub(super) fn when_asked(
    incident: &Incident,
    command: &Command,
    by: &UserId,
    roster: &Roster,
    now: Timestamp,
) -> Result<Calling, Rejected> {
    // Of a name of its own: what comes after it is looked at too, and an incident takes an input once.
    let input = Input { id: InputId::derived("asked".to_owned()), actor: Actor::User(by.clone()), command: command.clone() };
    let after = match step(incident, &input, roster, now) {
        Verdict::Apply(transition) => transition.incident,
        Verdict::Reject(why) => return Err(why),
        // It is so already, or over: then it calls nobody.
        Verdict::Ignore(_) => return Err(if incident.phase.is_resolved() { Rejected::Resolved } else { Rejected::NobodyToCall }),
    };
    let before = incident.phase.clone();
    if let Command::RequestResponders { .. } = command {
        let users = after.requests.last().map(|request| request.wave.users.clone()).unwrap_or_default();
        return Ok(Calling { before, urgency: Urgency::High, first: called(roster, users), then_at: None, then: Vec::new() });
    }
    let users = after.wave.as_ref().map(|wave| wave.users.clone()).unwrap_or_default();
    Ok(Calling {
        before,
        urgency: after.urgency,
        first: called_at(roster, users, after.urgency),
        then_at: after.agenda.at(Duty::Escalate),
        then: when_unanswered(&after, roster),
    })
}

/// What calling others to an incident does.
#[derive(Debug)]
pub(crate) struct Calling {
    /// Where the incident stands before.
    pub(super) before: Phase,
    pub(super) urgency: Urgency,
    pub(super) first: Vec<Called>,
    pub(super) then_at: Option<Timestamp>,
    pub(super) then: Vec<Called>,
}

/// Whom making it urgent calls; nobody where somebody has it, or it is held.
pub(super) fn when_urgent(incident: &Incident, roster: &Roster, now: Timestamp) -> Vec<Called> {
    after(incident, Command::ChangeUrgency { urgency: Urgency::High }, roster, now.max(incident.updated_at))
}

/// The people whom `command` would call.
fn after(incident: &Incident, command: Command, roster: &Roster, at: Timestamp) -> Vec<Called> {
    let input = Input { id: InputId::derived("outlook".to_owned()), actor: Actor::Hansho, command };
    let transition = match step(incident, &input, roster, at) {
        Verdict::Apply(transition) => transition,
        Verdict::Ignore(_) | Verdict::Reject(_) => return Vec::new(),
    };
    let calls = transition.entry.events.iter().any(|event| matches!(event, Event::Escalated { .. } | Event::FallbackPaged { .. }));
    // The events name those whom the step names; the wave, whoever is called in the place of one who wants quiet.
    let users = transition.incident.wave.filter(|_| calls).map(|wave| wave.users);
    called(roster, users.unwrap_or_default())
}

fn called(roster: &Roster, users: Vec<UserId>) -> Vec<Called> {
    called_at(roster, users, Urgency::High)
}

fn called_at(roster: &Roster, users: Vec<UserId>, urgency: Urgency) -> Vec<Called> {
    let methods = |user: &UserId| {
        let rules = roster.users.get(user).map(|user| user.rules(urgency)).unwrap_or_default();
        rules.into_iter().filter(|rule| rule.after_seconds == 0).map(|rule| rule.by).collect()
    };
    users.into_iter().map(|user| Called { methods: methods(&user), user }).collect()
}
