//! What comes next: whom the policy calls, and whom an escalation would call.
//!
//! Told by the step itself, from who is on call now. It asks again when it is taken.

use hansho_domain::{Actor, Alert, Command, Duty, Event, Incident, Input, InputId, Method, Roster, Urgency, UserId, Verdict, open, step};
use jiff::Timestamp;

/// Somebody who would be called, and how at once.
pub(super) struct Called {
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
