//! From a decision to a message: the gate and the last look, as `functions/delivery` and `shared/store` have them.

use std::collections::BTreeMap;

use hansho_domain::{GATE_SECONDS, Holds, Incident, Method, Notification, PhaseName, Position, Urgency, UserId};
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

/// Everything on its way, and when each gate opens.
#[derive(Debug, Default)]
pub(crate) struct Deliveries {
    count: u64,
    /// By the time of their next attempt, and in the order in which they were put there.
    under_way: BTreeMap<(Timestamp, u64), Delivery>,
    gates: BTreeMap<(UserId, Method, Urgency), Timestamp>,
}

impl Deliveries {
    /// Puts a notification on its way that `incident` asks for. Its moment waits for an answer until `until`.
    pub(crate) fn add(&mut self, notification: Notification, incident: &Incident, until: Option<Timestamp>, now: Timestamp) {
        let (position, phase) = (incident.position, incident.phase.name());
        self.put(now, Delivery { notification, position, phase, until, waits_at_gate: false });
    }

    /// When the next attempt is due.
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.under_way.first_key_value().map(|((at, _), _)| *at)
    }

    /// Makes every attempt that is due by `now`, and says what is sent.
    pub(crate) fn attempt_due(&mut self, incident: &Incident, now: Timestamp) -> Vec<Page> {
        let mut sent = Vec::new();
        while let Some(key) = self.under_way.first_key_value().map(|(key, _)| *key).filter(|(at, _)| *at <= now) {
            if let Some(delivery) = self.under_way.remove(&key) {
                sent.extend(self.attempt(delivery, incident, now));
            }
        }
        sent
    }

    fn attempt(&mut self, delivery: Delivery, incident: &Incident, now: Timestamp) -> Option<Page> {
        if !is_needed(&delivery.notification, incident) {
            return None;
        }
        let Notification { user, method, urgency, .. } = &delivery.notification;
        let gate = (user.clone(), *method, *urgency);
        if let Some(opens_at) = self.gates.get(&gate).copied().filter(|opens_at| *opens_at > now) {
            self.put(opens_at, Delivery { waits_at_gate: true, ..delivery });
            return None;
        }
        let closed_until = now.saturating_add(SignedDuration::from_secs(GATE_SECONDS.into())).unwrap_or(Timestamp::MAX);
        self.gates.insert(gate.clone(), closed_until);
        let mut reasons = vec![delivery.notification.reason];
        reasons.extend(self.companions(&gate).into_iter().filter(|other| is_needed(other, incident)).map(|other| other.reason));
        let (user, method, urgency) = gate;
        Some(Page { at: now, user, method, urgency, reasons, position: delivery.position, phase: delivery.phase, until: delivery.until })
    }

    /// Takes out what waits at this gate: it goes along.
    fn companions(&mut self, (user, method, urgency): &(UserId, Method, Urgency)) -> Vec<Notification> {
        let goes_along = |delivery: &Delivery| {
            let other = &delivery.notification;
            delivery.waits_at_gate && (&other.user, &other.method, &other.urgency) == (user, method, urgency)
        };
        self.under_way.extract_if(.., |_, delivery| goes_along(delivery)).map(|(_, delivery)| delivery.notification).collect()
    }

    fn put(&mut self, at: Timestamp, delivery: Delivery) {
        self.count += 1;
        self.under_way.insert((at, self.count), delivery);
    }
}

/// The last look before sending: does what the notification was made for still hold?
fn is_needed(notification: &Notification, incident: &Incident) -> bool {
    match notification.holds {
        Holds::Unacknowledged { episode } => incident.is_unacknowledged_in(episode),
        Holds::Always => true,
    }
}
