//! Every minute: what should have happened and did not is done now.
//!
//! - **Wakes it:** an EventBridge rule (not Scheduler, so that the two do not fail together).
//! - **Delivery:** at least once; two at the same time do no harm.
//! - **Durable when it returns:** every overdue deadline that could be worked on, the release of what ended maintenance windows
//!   hold, every pending outbox row, and a fresh message for every stuck delivery.
//! - **If it dies half-way:** the next one does the rest. Without a heartbeat an alarm goes off that does not need Hansho. It beats only
//!   when nothing is overdue and no function, queue or stream that pages wait for is switched off.

mod maintenance;
mod notices;
mod parts;
mod reminders;
mod restores;

use std::sync::Arc;

use hansho_domain::EffectId;
use hansho_escalation::deadline_passed;
use hansho_outbox_relay::{DeliveryMessage, OutboxRelay, Targets};
use hansho_runtime::{Answer, Aws, Failure, Settings, SystemClock, queue::Queue, telemetry};
use hansho_store::{Recording, RestorePause, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use parts::Looked;
pub use parts::Parts;
use restores::{Leaving, Restores};

/// A deadline this old should have been worked on by its timer.
const DEADLINE_GRACE: SignedDuration = SignedDuration::from_secs(5);
/// An outbox row this old should have been relayed from the stream.
const OUTBOX_GRACE: SignedDuration = SignedDuration::from_secs(15);
/// A stuck delivery that was sent on its way again is left alone for so long.
const DELIVERY_GRACE: SignedDuration = SignedDuration::from_secs(50);
/// A delivery older than this that is still not over takes the heartbeat away.
const DELIVERY_OVERDUE: SignedDuration = SignedDuration::from_mins(5);

/// The function.
#[derive(Debug)]
pub struct Sweeper {
    store: Arc<Store>,
    relay: OutboxRelay,
    deliveries: Queue,
    parts: Option<Parts>,
    restores: Option<Restores>,
}

/// What one sweep found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Found {
    deadlines: usize,
    released: usize,
    rows: usize,
    deliveries: usize,
    notices: usize,
    reminders: usize,
    overdue: usize,
    /// What a restored table leaves.
    left: usize,
}

impl Found {
    /// What the stream, the timers and the queue have left to the sweeper, as metrics; nothing of what they have not left.
    fn left_behind(self) -> impl Iterator<Item = (&'static str, f64)> {
        let counted = [("SweptRows", self.rows), ("SweptDeadlines", self.deadlines), ("SweptDeliveries", self.deliveries)];
        counted.into_iter().filter(|(_, count)| *count > 0).map(|(name, count)| (name, count as f64))
    }
}

impl Looked {
    /// Beside the heartbeat: that what no page waits for is off, and of how many parts Lambda did not say; nothing where all is well.
    fn metrics(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let counted = [("SweeperOptionalOff", self.optional_off.len()), ("SweeperUnknownParts", self.unknown)];
        counted.into_iter().filter(|(_, count)| *count > 0).map(|(name, count)| (name, count as f64))
    }
}

impl Sweeper {
    /// The function over a store, the relay and the delivery queue.
    pub fn new(store: Arc<Store>, relay: OutboxRelay, deliveries: Queue) -> Self {
        Self { store, relay, deliveries, parts: None, restores: None }
    }

    /// The same, that looks whether these parts run.
    #[must_use]
    pub fn with_parts(self, parts: Parts) -> Self {
        Self { parts: Some(parts), ..self }
    }

    /// The same, that notices a restored table and leaves what was due in it before, for a while.
    #[must_use]
    pub fn with_restores(self) -> Self {
        Self { restores: Some(Restores::default()), ..self }
    }

    /// The function as the environment sets it up: as the relay's, because it does the relay's work where that failed; and which parts
    /// of the deployment it looks at.
    pub fn from_settings(settings: &mut Settings<'_>) -> Self {
        let aws = Aws::from_settings(settings);
        let targets = Targets::from_settings(settings);
        let deliveries = Queue::new(&aws, &targets.delivery_queue_url);
        let store = Arc::new(Store::from_settings(settings, &aws, Arc::new(SystemClock)));
        let parts = Parts::from_settings(settings, &aws);
        Self::new(Arc::clone(&store), OutboxRelay::new(store, &aws, targets), deliveries).with_parts(parts).with_restores()
    }

    /// Sweeps once; `{ "hansho": "resume" }` ends the pause of a restored table before. The heart beats only when nothing is overdue that is not parked, and no part of the deployment is switched off.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn handle(&self, event: Value) -> Answer {
        let now = self.store.clock().now();
        let resumed = if event == json!({ "hansho": "resume" }) { Some(self.resume().await?) } else { None };
        let pause = self.restore_pause().await;
        let found = self.sweep(now, pause).await.map_err(|error| {
            self.restores.iter().for_each(Restores::forget);
            print(now, [heartbeat(false)]);
            Failure::new("the index of work can not be read", error)
        })?;
        print(now, found.left_behind());
        if let Some(RestorePause { until, .. }) = pause {
            print(now, [("SweeperPaused", 1.0)]);
            tracing::error!(left = found.left, %until, "the table is a restored one: what was due before is left. Resolve what is settled, then run `hansho resume`");
        }
        let looked = self.look_at_parts(now).await;
        let is_clean = found.overdue == 0 && looked.off.is_empty();
        print(now, [heartbeat(is_clean)].into_iter().chain(looked.metrics()));
        if found.overdue > 0 {
            tracing::error!(overdue = found.overdue, "something is overdue and could not be worked on; no heartbeat");
        }
        for part in looked.off.iter().chain(&looked.optional_off) {
            tracing::error!(%part, "a part of Hansho is switched off or gone. Switch it on again, or run `terraform apply`");
        }
        Ok(json!({
            "deadlines": found.deadlines, "released": found.released, "outbox_rows": found.rows, "deliveries": found.deliveries, "notices": found.notices, "reminders": found.reminders,
            "overdue": found.overdue, "switched_off": looked.off, "optional_off": looked.optional_off, "unknown_parts": looked.unknown,
            "left": found.left, "paused_until": pause.map(|pause| pause.until), "resumed": resumed, "heartbeat": is_clean,
        }))
    }

    /// Ends the pause of a restored table: whether there was one. A restored table that nobody has looked at yet is noticed first, or the next look would begin one.
    async fn resume(&self) -> Result<bool, Failure> {
        self.restore_pause().await;
        self.store.end_restore_pause().await.map_err(|error| Failure::new("the pause of the restored table could not be ended", error))
    }

    async fn restore_pause(&self) -> Option<RestorePause> {
        match &self.restores {
            Some(restores) => restores.pause(&self.store).await,
            None => None,
        }
    }

    async fn sweep(&self, now: Timestamp, pause: Option<RestorePause>) -> Result<Found, StoreError> {
        let (mut found, mut leaving) = (Found::default(), Leaving::new(pause));
        self.sweep_deadlines(now, &mut leaving, &mut found).await?;
        self.sweep_outbox(now, &mut leaving, &mut found).await?;
        self.sweep_deliveries(now, &mut leaving, &mut found).await?;
        self.sweep_maintenance(now, &mut found).await?;
        self.record_worked_shifts().await;
        self.sweep_reminders(now, &mut found).await?;
        self.sweep_drills(now, &mut found).await?;
        self.sweep_notices(now, &mut found).await?;
        Ok(found)
    }

    async fn look_at_parts(&self, now: Timestamp) -> Looked {
        match &self.parts {
            Some(parts) => parts.look(now).await,
            None => Looked::default(),
        }
    }

    /// Once a day. No page depends on it, so a failure is told and tried again a minute later, and the heartbeat goes on.
    async fn record_worked_shifts(&self) {
        match self.store.record_daily().await {
            Ok(Recording::Until(until)) => tracing::info!(%until, "worked shifts were written down"),
            Ok(Recording::NotYet | Recording::Overtaken) => {}
            Err(error) => tracing::error!(error = %hansho_runtime::chain(&error), "worked shifts were not written down"),
        }
    }

    async fn sweep_deadlines(&self, now: Timestamp, leaving: &mut Leaving, found: &mut Found) -> Result<(), StoreError> {
        let mut due = Vec::new();
        for (from, by) in leaving.spans(before(now, DEADLINE_GRACE)) {
            due.extend(self.store.due_incidents_from(from, by).await?);
        }
        for incident in due {
            // The index may be behind: what counts is the deadline that the incident itself has.
            let worked = match self.store.incident(incident).await {
                Ok(Some(stored)) => match stored.incident.deadline.filter(|deadline| deadline.at <= now) {
                    Some(deadline) if leaving.leaves_deadline(&self.store, &stored.incident, deadline.at).await => {
                        found.left += 1;
                        Ok(false)
                    }
                    Some(deadline) => deadline_passed(&self.store, incident, deadline.generation).await.map(|_| true),
                    None => Ok(false),
                },
                Ok(None) => Ok(false),
                Err(error) => Err(error),
            };
            match worked {
                Ok(true) => found.deadlines += 1,
                Ok(false) => {}
                Err(StoreError::UnreadableIncident { incident, message }) => {
                    if let Err(error) = self.store.report_unreadable(incident, &message).await {
                        self.left(found, &incident.to_string(), &error);
                    }
                }
                Err(error) => self.left(found, &incident.to_string(), &error),
            }
        }
        Ok(())
    }

    async fn sweep_outbox(&self, now: Timestamp, leaving: &mut Leaving, found: &mut Found) -> Result<(), StoreError> {
        let mut pending = Vec::new();
        for (from, by) in leaving.spans(before(now, OUTBOX_GRACE)) {
            pending.extend(self.store.pending_outbox_rows_from(from, by).await?);
        }
        for row in pending {
            if leaving.leaves_what_is_of(&self.store, row.incident).await {
                found.left += 1;
                continue;
            }
            match self.store.outbox_row(row).await {
                Ok(None) => {}
                Ok(Some(pending)) => match self.relay.relay(&pending).await {
                    Ok(()) => found.rows += 1,
                    Err(error) => self.left(found, &row.to_string(), &error),
                },
                Err(error @ StoreError::Unreadable { .. }) => self.park(found, row, &error, ParkedKind::OutboxRow).await,
                Err(error) => self.left(found, &row.to_string(), &error),
            }
        }
        Ok(())
    }

    async fn sweep_deliveries(&self, now: Timestamp, leaving: &mut Leaving, found: &mut Found) -> Result<(), StoreError> {
        let mut stuck = Vec::new();
        for (from, by) in leaving.spans(now) {
            stuck.extend(self.store.stuck_deliveries_from(from, by).await?);
        }
        for id in stuck {
            if leaving.leaves_what_is_of(&self.store, id.incident).await {
                found.left += 1;
                continue;
            }
            match self.store.delivery(id).await {
                Ok(Some(delivery)) if !delivery.is_over() => {
                    found.deliveries += 1;
                    if delivery.created_at < before(now, DELIVERY_OVERDUE) {
                        found.overdue += 1;
                    }
                    if let Err(error) = self.send_again(id, now).await {
                        self.left(found, &id.to_string(), &error);
                    }
                }
                Ok(_) => {}
                Err(error @ StoreError::Unreadable { .. }) => self.park(found, id, &error, ParkedKind::Delivery).await,
                Err(error) => self.left(found, &id.to_string(), &error),
            }
        }
        Ok(())
    }

    async fn send_again(&self, delivery: EffectId, now: Timestamp) -> Result<(), Failure> {
        self.deliveries.send(&DeliveryMessage::of(delivery), now, now).await?;
        let later = now.saturating_add(DELIVERY_GRACE).unwrap_or(Timestamp::MAX);
        self.store.postpone_stuck(delivery, later).await.map_err(|error| Failure::new("the delivery was not postponed", error))
    }

    /// A row or delivery that can not be read: somebody is paged about it, and it is set aside.
    async fn park(&self, found: &mut Found, id: EffectId, problem: &StoreError, kind: ParkedKind) {
        let title = format!("An effect of incident {} can not be read", id.incident);
        let reported = self.store.page_about(&format!("unreadable-effect/{id}"), &title, &problem.to_string()).await;
        let parked = match (reported, kind) {
            (Err(error), _) => Err(error),
            (Ok(_), ParkedKind::OutboxRow) => self.store.park_outbox_row(id, &problem.to_string()).await,
            (Ok(_), ParkedKind::Delivery) => self.store.park_delivery(id, &problem.to_string()).await,
        };
        if let Err(error) = parked {
            self.left(found, &id.to_string(), &error);
        }
    }

    fn left(&self, found: &mut Found, what: &str, error: &dyn std::error::Error) {
        found.overdue += 1;
        tracing::error!(%what, error = %hansho_runtime::chain(error), "overdue, and could not be worked on");
    }
}

#[derive(Clone, Copy)]
enum ParkedKind {
    OutboxRow,
    Delivery,
}

fn before(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_sub(by).unwrap_or(Timestamp::MIN)
}

/// The heartbeat metric: whether a sweep was clean. A nought and not nothing, because CloudWatch minds a bad point at once and a missing one
/// only after minutes.
fn heartbeat(is_clean: bool) -> (&'static str, f64) {
    ("SweeperHeartbeat", f64::from(is_clean))
}

fn print(now: Timestamp, metrics: impl IntoIterator<Item = (&'static str, f64)>) {
    for (name, count) in metrics {
        telemetry::print_metric(now, name, count, "Count");
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, Looked, heartbeat};

    #[test]
    fn what_was_left_behind_is_counted_and_nothing_else() {
        let found = Found { rows: 2, deliveries: 1, reminders: 5, ..Found::default() };
        assert_eq!(found.left_behind().collect::<Vec<_>>(), [("SweptRows", 2.0), ("SweptDeliveries", 1.0)]);
        assert_eq!(Found::default().left_behind().count(), 0);
    }

    #[test]
    fn a_sweep_that_is_not_clean_is_a_bad_point_and_not_a_missing_one() {
        assert_eq!([heartbeat(true), heartbeat(false)], [("SweeperHeartbeat", 1.0), ("SweeperHeartbeat", 0.0)]);
    }

    #[test]
    fn what_no_page_waits_for_and_what_is_not_known_are_metrics_of_their_own() {
        let looked = Looked { optional_off: vec!["the function bridge".to_owned()], unknown: 3, ..Looked::default() };
        assert_eq!(looked.metrics().collect::<Vec<_>>(), [("SweeperOptionalOff", 1.0), ("SweeperUnknownParts", 3.0)]);
        assert_eq!(Looked::default().metrics().count(), 0);
    }
}
