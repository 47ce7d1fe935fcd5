//! From a decision to a message: the gate and the last look, as `functions/delivery` and `shared/store` have them.

use std::collections::BTreeMap;

use hansho_domain::{GATE_SECONDS, Incident, Notification, PhaseName, Position, Recipient, Urgency};
use jiff::{SignedDuration, Timestamp};

use crate::story::Page;

/// One message on its way.
#[derive(Debug)]
struct Delivery {
    notification: Notification,
    position: Position,
    phase: PhaseName,
    until: Option<Timestamp>,
    waits_at_gate: bool,
}

/// Who is told, by what, and whether it wakes them: each has a gate of its own.
type Gate = (String, Urgency);

/// Everything on its way, and when each gate opens.
#[derive(Debug, Default)]
pub(crate) struct Deliveries {
    /// By the time of their next attempt, and in the order in which they were put there.
    under_way: BTreeMap<(Timestamp, u64), Delivery>,
    gates: BTreeMap<Gate, Timestamp>,
}

impl Deliveries {
    /// Puts a notification on its way that `incident` asks for. Its moment waits for an answer until `until`.
    pub(crate) fn add(&mut self, notification: Notification, incident: &Incident, until: Option<Timestamp>, place: (Timestamp, u64)) {
        let (position, phase) = (incident.position, incident.phase.name());
        self.under_way.insert(place, Delivery { notification, position, phase, until, waits_at_gate: false });
    }

    /// When the next attempt is due, and its place among all that is due then.
    pub(crate) fn next(&self) -> Option<(Timestamp, u64)> {
        self.under_way.first_key_value().map(|(place, _)| *place)
    }

    /// Makes the next attempt. Says what is sent; what has to wait takes the place `later` in the queue.
    pub(crate) fn attempt_next(&mut self, incident: &Incident, now: Timestamp, later: u64) -> Option<Page> {
        let (_, delivery) = self.under_way.pop_first()?;
        self.attempt(delivery, incident, now, later)
    }

    fn attempt(&mut self, delivery: Delivery, incident: &Incident, now: Timestamp, later: u64) -> Option<Page> {
        if !is_needed(&delivery.notification, incident) {
            return None;
        }
        let gate = gate(&delivery.notification);
        if let Some(opens_at) = self.gates.get(&gate).copied().filter(|opens_at| *opens_at > now) {
            self.under_way.insert((opens_at, later), Delivery { waits_at_gate: true, ..delivery });
            return None;
        }
        let closed_until = now.saturating_add(SignedDuration::from_secs(GATE_SECONDS.into())).unwrap_or(Timestamp::MAX);
        let mut reasons = vec![delivery.notification.reason];
        reasons.extend(self.companions(&gate).into_iter().filter(|other| is_needed(other, incident)).map(|other| other.reason));
        self.gates.insert(gate, closed_until);
        let Notification { to, urgency, .. } = delivery.notification;
        Some(Page { at: now, to, urgency, reasons, position: delivery.position, phase: delivery.phase, until: delivery.until })
    }

    /// Takes out what waits at this gate: it goes along.
    fn companions(&mut self, at: &Gate) -> Vec<Notification> {
        let goes_along = |delivery: &Delivery| delivery.waits_at_gate && gate(&delivery.notification) == *at;
        self.under_way.extract_if(.., |_, delivery| goes_along(delivery)).map(|(_, delivery)| delivery.notification).collect()
    }
}

fn gate(notification: &Notification) -> Gate {
    let to = match &notification.to {
        Recipient::Person { user, method } => format!("user/{user} {}", method.as_str()),
        Recipient::Destination { destination } => destination.to_string(),
    };
    (to, notification.urgency)
}

/// The last look before sending: does what the notification was made for still hold?
fn is_needed(notification: &Notification, incident: &Incident) -> bool {
    incident.still_holds(notification.holds, notification.user())
}
