//! A transition in the making: the incident as it will be, what happened, and who is to be told.

use jiff::Timestamp;

use super::{Transition, together};
use crate::{
    alert::Alert,
    effect::{Effect, Holds, NOTIFICATIONS_PER_COMMIT_MAX, NOTIFICATIONS_PER_FAN_OUT_MAX, Notification},
    id::IncidentId,
    incident::{Agenda, Deadline, Duty, Incident, Phase, PolicyVersion, Position, plus_seconds},
    input::Input,
    policy::EscalationPolicy,
    roster::{Roster, StepTurn},
    runbook,
    timeline::{Event, TimelineEntry},
};

/// Longest title kept, in characters.
const TITLE_CHARS_MAX: usize = 160;
/// Longest account of the source kept on the incident, in characters. The whole payload is an item of its own.
const DETAILS_CHARS_MAX: usize = 500;
/// Longest web address kept, in bytes.
const ADDRESS_BYTES_MAX: usize = 500;
/// What a character of a text that is kept may take on average: Japanese takes three bytes.
const BYTES_PER_CHAR_MAX: usize = 3;

pub(super) struct Draft<'a> {
    pub(super) incident: Incident,
    pub(super) roster: &'a Roster,
    pub(super) now: Timestamp,
    events: Vec<Event>,
    notifications: Vec<Notification>,
    turns: Vec<StepTurn>,
}

impl<'a> Draft<'a> {
    /// The next state of `incident`. Time never goes back on a timeline, whatever the clocks of two functions say.
    pub(super) fn of(incident: &Incident, roster: &'a Roster, now: Timestamp) -> Self {
        let now = now.max(incident.updated_at);
        Self { incident: incident.clone(), roster, now, events: Vec::new(), notifications: Vec::new(), turns: Vec::new() }
    }

    /// An incident for `alert` that nothing has happened to yet.
    pub(super) fn opening(alert: &Alert, roster: &'a Roster, now: Timestamp) -> Self {
        let spec = roster.service.spec();
        let incident = Incident {
            id: IncidentId::derived(now, alert.id),
            version: 0,
            service: spec.id.clone(),
            integration: alert.integration.clone(),
            dedup_key: alert.dedup_key.clone(),
            title: cut(&alert.title, TITLE_CHARS_MAX),
            details: cut(&alert.details, DETAILS_CHARS_MAX),
            severity: alert.severity,
            urgency: roster.urgency(alert.severity, now),
            is_urgency_chosen: None,
            priority: alert.priority.or_else(|| spec.priority.as_ref().and_then(|rule| rule.priority(&alert.labels))),
            labels: alert.labels.kept(),
            runbook: alert
                .runbook
                .as_deref()
                .and_then(address)
                .or_else(|| address(&runbook::filled(spec.runbook.as_deref()?, &alert.labels)?)),
            link: alert.link.as_deref().and_then(address),
            phase: Phase::Triggered,
            episode: 0,
            policy: PolicyVersion { id: roster.policy.id().clone(), configuration: roster.configuration },
            handed_over_to: None,
            position: Position::default(),
            wave: None,
            requests: Vec::new(),
            requests_made: 0,
            told: Vec::new(),
            spared: Vec::new(),
            responders: Vec::new(),
            merged: Vec::new(),
            is_cleared: false,
            merged_into: None,
            agenda: Agenda::default(),
            deadline: None,
            generation: 0,
            recent_inputs: Vec::new(),
            occurred_at: alert.occurred_at,
            opened_at: now,
            updated_at: now,
        };
        Self { incident, roster, now, events: Vec::new(), notifications: Vec::new(), turns: Vec::new() }
    }

    pub(super) fn happened(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Whether this has happened in the transition so far.
    pub(super) fn has_happened(&self, is_it: impl Fn(&Event) -> bool) -> bool {
        self.events.iter().any(is_it)
    }

    /// The policy that the incident stands in.
    pub(super) fn policy(&self) -> &'a EscalationPolicy {
        self.roster.policy_of(&self.incident)
    }

    /// The number of turns that were taken before at a step of the policy. Where that is not known it is noted as missing,
    /// and the first turn is taken.
    pub(super) fn turn(&mut self, step: u8) -> u64 {
        let turn = StepTurn { policy: self.policy().id().clone(), step };
        let known = self.roster.turns.get(&turn).copied();
        if known.is_none() && !self.turns.contains(&turn) {
            self.turns.push(turn);
        }
        known.unwrap_or(0)
    }

    pub(super) fn tell(&mut self, notification: Notification) {
        self.notifications.push(notification);
    }

    /// How many messages this transition has asked for so far.
    pub(super) fn notified(&self) -> usize {
        self.notifications.len()
    }

    /// Takes back the pages of this transition that were for the episode so far: nobody need get what no longer holds.
    pub(super) fn withdraw_pages(&mut self) {
        self.notifications.retain(|told| match told.holds {
            Holds::Unacknowledged { .. } => false,
            Holds::Requested { .. } | Holds::Always => true,
        });
    }

    /// Puts `duty` on the agenda so many seconds from now. At the end of time, in the year 9999, there is no later to put it
    /// to, and what is due at once again and again would never end.
    pub(super) fn due_in(&mut self, duty: Duty, seconds: u32) {
        self.due_at(duty, plus_seconds(self.now, seconds));
    }

    /// An incident that nobody touches resolves itself after the service's time, counted from when it triggered or was last touched.
    /// While it is held or snoozed nothing is counted: what is still wrong at the end of that has to page.
    pub(super) fn count_to_auto_resolve(&mut self) {
        if let Some(seconds) = self.roster.service.spec().auto_resolve_seconds {
            self.due_in(Duty::AutoResolve, seconds);
        }
    }

    /// Puts `duty` on the agenda at a time after now.
    pub(super) fn due_at(&mut self, duty: Duty, at: Timestamp) {
        self.incident.agenda.cancel(duty);
        if at > self.now {
            self.incident.agenda.set(duty, at);
        }
    }

    /// Closes the transition: the version, the one deadline, the entry, the effects.
    pub(super) fn finish(mut self, input: Input) -> Transition {
        together::settle(&mut self);
        self.incident.version += 1;
        self.incident.updated_at = self.now;
        self.incident.remember(input.id.clone());
        let mut effects: Vec<Effect> = self.renew_deadline().into_iter().collect();
        if self.notifications.len() > NOTIFICATIONS_PER_COMMIT_MAX {
            effects.extend(self.notifications.chunks(NOTIFICATIONS_PER_FAN_OUT_MAX).map(|some| Effect::FanOut(some.to_vec())));
        } else {
            effects.extend(self.notifications.into_iter().map(Effect::Notify));
        }
        let entry =
            TimelineEntry { version: self.incident.version, at: self.now, actor: input.actor, input: input.id, events: self.events };
        Transition { incident: self.incident, entry, effects, missing_turns: self.turns }
    }

    /// Makes the earliest entry of the agenda the deadline. A new deadline has a new generation, so that timers for the
    /// one before are known to be stale.
    fn renew_deadline(&mut self) -> Option<Effect> {
        let earliest = self.incident.agenda.earliest().map(|due| due.at);
        if self.incident.deadline.map(|deadline| deadline.at) == earliest {
            return None;
        }
        self.incident.generation += 1;
        let generation = self.incident.generation;
        self.incident.deadline = earliest.map(|at| Deadline { at, generation });
        earliest.map(|at| Effect::ArmTimer { at, generation })
    }
}

/// The first `chars` characters of `text`, with an ellipsis where something is left out; fewer where they take more than
/// three bytes each. Control characters, which take six bytes in JSON and say nothing, become blanks.
pub(super) fn cut(text: &str, chars: usize) -> String {
    let is_cut = text.chars().count() > chars || text.len() > chars * BYTES_PER_CHAR_MAX;
    let kept = if is_cut { chars.saturating_sub(1) } else { chars };
    let mut bytes = 0;
    let fits = |character: &char| {
        bytes += character.len_utf8();
        bytes <= kept * BYTES_PER_CHAR_MAX
    };
    let shown = |character: char| if character.is_control() && character != '\n' { ' ' } else { character };
    text.chars().take(kept).take_while(fits).map(shown).chain(is_cut.then_some('…')).collect()
}

/// A web address is kept whole or not at all: the first half of one leads nowhere.
fn address(text: &str) -> Option<String> {
    let is_plain = |character: char| !character.is_control() && !matches!(character, '"' | '\\');
    (text.len() <= ADDRESS_BYTES_MAX && text.chars().all(is_plain)).then(|| text.to_owned())
}
