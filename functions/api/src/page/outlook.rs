//! What comes next: whom the policy calls, and whom an escalation would call.
//!
//! Told from who is on call now. The step itself asks again when it is taken.

use hansho_domain::{EscalationPolicy, Incident, Method, Phase, Position, Roster, Urgency, UserId};

/// Somebody who would be called, and how at once.
pub(super) struct Called {
    pub(super) user: UserId,
    pub(super) methods: Vec<Method>,
}

/// Whom the policy calls when nobody answers; empty at its end.
pub(super) fn when_unanswered(incident: &Incident, roster: &Roster) -> Vec<Called> {
    let Some(position) = after(&roster.policy, incident.position) else { return Vec::new() };
    from(roster, position)
}

/// Whom an escalation calls: the next step, the first one after the last, and the people of last resort when nobody is on call.
pub(super) fn when_escalated(incident: &Incident, roster: &Roster) -> Vec<Called> {
    let position = match incident.phase {
        Phase::Triggered | Phase::Acknowledged { .. } => after(&roster.policy, incident.position).unwrap_or_default(),
        Phase::Held { .. } | Phase::Exhausted => Position::default(),
        Phase::Resolved { .. } => return Vec::new(),
    };
    let people = from(roster, position);
    if people.is_empty() { called(roster, roster.last_resort()) } else { people }
}

fn after(policy: &EscalationPolicy, position: Position) -> Option<Position> {
    if usize::from(position.step) + 1 < policy.steps().len() {
        return Some(Position { step: position.step + 1, round: position.round });
    }
    (position.round < policy.repeat()).then(|| Position { step: 0, round: position.round + 1 })
}

/// The people of the first step from `position` on that has any.
fn from(roster: &Roster, position: Position) -> Vec<Called> {
    let mut next = Some(position);
    for _ in 0..roster.policy.steps().len() {
        let Some(position) = next else { break };
        let step = roster.policy.steps().get(usize::from(position.step));
        let people = step.map(|step| roster.resolve(&step.notify)).unwrap_or_default();
        if !people.is_empty() {
            return called(roster, people.into_iter().map(|(user, _)| user).collect());
        }
        next = after(&roster.policy, position);
    }
    Vec::new()
}

fn called(roster: &Roster, users: Vec<UserId>) -> Vec<Called> {
    let methods = |user: &UserId| {
        let rules = roster.users.get(user).map(|user| user.rules(Urgency::High)).unwrap_or_default();
        rules.into_iter().filter(|rule| rule.after_seconds == 0).map(|rule| rule.by).collect()
    };
    users.into_iter().map(|user| Called { methods: methods(&user), user }).collect()
}
