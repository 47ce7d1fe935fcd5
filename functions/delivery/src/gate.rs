//! The gate: who has to wait there, who passes, and who is next.
//!
//! Whoever has waited comes to the gate unclaimed: of several that come at once one passes, and finds the others free to take along.
//! More may wait than go into one message. Then whoever passes wakes some of the rest for the next opening, so the others need not
//! all come at every opening: each comes back after about as long as it has waited, and only so that nothing depends on being woken.

use std::time::Duration;

use hansho_domain::{EffectId, GATE_SECONDS, Notification};
use hansho_outbox_relay::DeliveryMessage;
use hansho_runtime::{Failure, backoff::backoff};
use hansho_store::{Claim, Delivery, Ending, Passage, Setback, StoreError, Waiting};
use jiff::{SignedDuration, Timestamp};

use crate::{DeliveryFunction, in_progress, send::Look, unavailable};

/// The longest that a delivery stays away from a crowded gate: what a queue can delay.
const AWAY_MAX: Duration = Duration::from_secs(600);
/// By how much a message may come early, because clocks differ and queues count in whole seconds.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(2);

impl DeliveryFunction {
    /// A claimed delivery has found the gate closed.
    pub(crate) async fn wait_at_gate(&self, delivery: &Delivery, until: Timestamp) -> Result<(), Failure> {
        self.store.wait_at_gate(delivery.id, &delivery.notification).await.map_err(unavailable)?;
        let reason = "waits a moment, so that several go together".to_owned();
        self.end(delivery, &Ending::Retry { at: until, reason, setback: Setback::NotAsked }).await?;
        self.come_back(delivery.id, until).await
    }

    /// What waits at the gate comes to it again. It is claimed when it has passed.
    pub(crate) async fn come_to_gate(&self, waiting: Delivery, is_next: bool) -> Result<(), Failure> {
        let is_needed = matches!(self.look(&waiting).await?, Look::Needed(_));
        if is_needed
            && let Passage::Closed { until, is_crowded } =
                self.store.pass_gate(waiting.id, &waiting.notification).await.map_err(unavailable)?
        {
            let at = if is_crowded && !is_next { self.away_until(&waiting, until) } else { until };
            return self.wait_on(&waiting, at, is_next).await;
        }
        match self.store.claim_early(waiting.id).await.map_err(unavailable)? {
            Claim::Claimed(delivery) => {
                self.work(delivery).await?;
                if is_next && !is_needed { self.wake_next(&waiting).await } else { Ok(()) }
            }
            Claim::InProgress | Claim::AtGate(_) => {
                self.store.reopen_gate(waiting.id, &waiting.notification).await.map_err(unavailable)?;
                Err(in_progress(waiting.id))
            }
            Claim::AlreadyDone(_) | Claim::Unknown => {
                self.store.reopen_gate(waiting.id, &waiting.notification).await.map(|_| ()).map_err(unavailable)
            }
        }
    }

    async fn wait_on(&self, waiting: &Delivery, at: Timestamp, is_next: bool) -> Result<(), Failure> {
        // A message that was sent once more has come before its time, and the one for that is on its way.
        let now = self.store.clock().now();
        if !is_next && waiting.retry_at.is_some_and(|retry_at| retry_at.duration_since(now) > CLOCKS_DIFFER) {
            return Ok(());
        }
        if self.store.wait_on(waiting.id, at).await.map_err(unavailable)? {
            return self.send_message(&DeliveryMessage { delivery: waiting.id, is_next }, at).await;
        }
        // Somebody has just taken it along. Should they fail, this message is there.
        Err(in_progress(waiting.id))
    }

    /// When one comes back to a crowded gate that has opened by then: after about as long as it has waited.
    fn away_until(&self, waiting: &Delivery, until: Timestamp) -> Timestamp {
        let now = self.store.clock().now();
        let waited = Duration::try_from(now.duration_since(waiting.created_at)).unwrap_or_default();
        let away = SignedDuration::try_from(backoff(&format!("{}/{now}", waiting.id), 1, waited, AWAY_MAX)).unwrap_or_default();
        until.saturating_add(away).unwrap_or(Timestamp::MAX)
    }

    /// Wakes those who are next when the gate opens again behind one that has passed. Where that fails they come by themselves, later.
    pub(crate) async fn wake(&self, passed: &Delivery, next: &[EffectId]) {
        if next.is_empty() {
            return;
        }
        if let Err(error) = self.wake_for_opening(passed, next).await {
            tracing::warn!(delivery.id = %passed.id, error = %hansho_runtime::chain(&error), "nobody was woken for the next opening of a gate");
        }
    }

    async fn wake_for_opening(&self, passed: &Delivery, next: &[EffectId]) -> Result<(), Failure> {
        self.store.crowd_gate(passed.id, &passed.notification).await.map_err(unavailable)?;
        let opens_at = self.store.clock().now().saturating_add(SignedDuration::from_secs(GATE_SECONDS.into())).unwrap_or(Timestamp::MAX);
        for id in next {
            self.send_message(&DeliveryMessage { delivery: *id, is_next: true }, opens_at).await?;
        }
        Ok(())
    }

    /// One that has waited at the gate says nothing after all. Where it has passed, the gate is open for another in its place.
    pub(crate) async fn hand_on(&self, over: &Delivery) -> Result<(), Failure> {
        if over.is_at_gate && self.store.reopen_gate(over.id, &over.notification).await.map_err(unavailable)? {
            return self.wake_next(over).await;
        }
        Ok(())
    }

    /// Wakes the first one at the gate that has something to say, and ends those before it that have not.
    pub(crate) async fn wake_next(&self, over: &Delivery) -> Result<(), Failure> {
        let Waiting { along, next } = self.store.waiting_at_gate(over.id, &over.notification).await.map_err(unavailable)?;
        for id in along {
            if self.is_needed(id, &over.notification).await? {
                return self.wake_now(id).await;
            }
        }
        match next.first() {
            Some(id) => self.wake_now(*id).await,
            None => Ok(()),
        }
    }

    async fn wake_now(&self, id: EffectId) -> Result<(), Failure> {
        self.send_message(&DeliveryMessage { delivery: id, is_next: true }, self.store.clock().now()).await
    }

    /// Whether one that waits at the gate of `notification` has something to say. It is ended when it has not.
    async fn is_needed(&self, id: EffectId, notification: &Notification) -> Result<bool, Failure> {
        let waiting = match self.store.delivery(id).await {
            Ok(Some(waiting)) if !waiting.is_over() => waiting,
            Ok(_) => {
                self.store.leave_gate(id, notification).await.map_err(unavailable)?;
                return Ok(false);
            }
            // The sweeper sets it aside and pages about it.
            Err(StoreError::Unreadable { .. }) => return Ok(false),
            Err(error) => return Err(unavailable(error)),
        };
        if let Look::Needed(_) = self.look(&waiting).await? {
            return Ok(true);
        }
        if let Claim::Claimed(claimed) = self.store.claim_early(id).await.map_err(unavailable)? {
            self.still_needed(&claimed).await?;
        }
        Ok(false)
    }
}
