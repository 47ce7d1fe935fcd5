//! The gate: who has to wait there, who passes, and who is next.
//!
//! Whoever has waited comes to the gate unclaimed: of several that come at once one passes, and finds the others free to take along.
//! More may wait than go into one message. Then whoever passes wakes some of the rest for the next opening, so the others need not
//! all come at every opening: each comes back after about as long as it has waited, two minutes at most. Nothing depends on being woken.
//!
//! Whoever waits has a message on its way for the time that its record names. The message is sent before the record is written, so a
//! message may be dropped that is for an earlier time: a later one stands behind it. Where one is lost all the same, the sweeper sends
//! another within 80 seconds after that time.

use std::time::Duration;

use hansho_domain::{EffectId, GATE_SECONDS, Notification};
use hansho_outbox_relay::DeliveryMessage;
use hansho_runtime::{Failure, backoff::backoff};
use hansho_store::{Claim, Delivery, DeliveryState, Ending, Passage, Setback, StoreError, Waiting};
use jiff::{SignedDuration, Timestamp};

use crate::{DeliveryFunction, in_progress, send::Look, unavailable};

/// The longest that a delivery stays away from a crowded gate once it has opened: so late it is, at worst, where nobody was woken.
const AWAY_MAX: Duration = Duration::from_secs(120);
/// How many that are not needed any more one invocation ends at the gate; whoever it wakes then does the rest.
const ENDED_MAX: usize = 50;

impl DeliveryFunction {
    /// A claimed delivery has found the gate closed.
    pub(crate) async fn wait_at_gate(&self, delivery: &Delivery, until: Timestamp) -> Result<(), Failure> {
        self.store.wait_at_gate(delivery.id, &delivery.notification).await.map_err(unavailable)?;
        self.come_back(delivery.id, until).await?;
        let reason = hansho_store::WAITS_TOGETHER.to_owned();
        self.end(delivery, &Ending::Retry { at: until, reason, setback: Setback::NotAsked }).await
    }

    /// What waits at the gate comes to it again. It is claimed when it has passed.
    pub(crate) async fn come_to_gate(&self, waiting: Delivery, message: DeliveryMessage) -> Result<(), Failure> {
        let now = self.store.clock().now();
        if let Some(at) = waiting.retry_at.filter(|_| waiting.is_put_off(now)) {
            return self.wait_on(&waiting, message, at).await;
        }
        let is_needed = matches!(self.look(&waiting).await?, Look::Needed(_));
        if is_needed
            && let Passage::Closed { until, is_crowded } =
                self.store.pass_gate(waiting.id, &waiting.notification).await.map_err(unavailable)?
        {
            let at = if is_crowded && !message.is_next { self.away_until(&waiting, until) } else { until };
            return self.wait_on(&waiting, message, at).await;
        }
        match self.store.claim_early(waiting.id).await.map_err(unavailable)? {
            Claim::Claimed(delivery) => {
                self.work(delivery).await?;
                if message.is_next && !is_needed { self.wake_next(&waiting).await } else { Ok(()) }
            }
            // Another has just taken it along, so the person is told something now, and the gate may be closed. Should they fail,
            // this message is there.
            Claim::InProgress | Claim::AtGate(_) => Err(in_progress(waiting.id)),
            Claim::AlreadyDone(delivery) if delivery.state == DeliveryState::Sent => Ok(()),
            Claim::AlreadyDone(_) | Claim::Unknown => self.hand_on(&waiting).await,
        }
    }

    /// The gate is closed, or a provider has put the delivery off: it comes back at `at`.
    async fn wait_on(&self, waiting: &Delivery, message: DeliveryMessage, at: Timestamp) -> Result<(), Failure> {
        if message.is_next {
            // It comes by itself, too: what the record names is another message.
            return self.send_message(&message, at).await;
        }
        let now = self.store.clock().now();
        if is_behind(message.due_at, waiting.retry_at, now) {
            return Ok(());
        }
        self.come_back(waiting.id, at).await?;
        if self.store.wait_on(waiting.id, at).await.map_err(unavailable)? {
            return Ok(());
        }
        // Somebody has just taken it along. Should they fail, this message is there first.
        Err(in_progress(waiting.id))
    }

    /// When one comes back to a crowded gate that has opened by then: after about as long as it has waited.
    fn away_until(&self, waiting: &Delivery, until: Timestamp) -> Timestamp {
        let now = self.store.clock().now();
        let waited = Duration::try_from(now.duration_since(waiting.created_at)).unwrap_or_default();
        let away = SignedDuration::try_from(away(&format!("{}/{now}", waiting.id), waited)).unwrap_or_default();
        until.saturating_add(away).unwrap_or(Timestamp::MAX)
    }

    /// Wakes those who are next when the gate opens again behind one that has passed. Where that fails the gate does not count as
    /// crowded, and all of them come for its opening.
    pub(crate) async fn wake(&self, passed: &Delivery, next: &[EffectId]) {
        if next.is_empty() {
            return;
        }
        if let Err(error) = self.wake_for_opening(passed, next).await {
            tracing::warn!(delivery.id = %passed.id, error = %hansho_runtime::chain(&error), "nobody was woken for the next opening of a gate");
        }
    }

    async fn wake_for_opening(&self, passed: &Delivery, next: &[EffectId]) -> Result<(), Failure> {
        let opens_at = self.store.clock().now().saturating_add(SignedDuration::from_secs(GATE_SECONDS.into())).unwrap_or(Timestamp::MAX);
        for id in next {
            self.send_message(&DeliveryMessage::next(*id), opens_at).await?;
        }
        self.store.crowd_gate(passed.id, &passed.notification).await.map_err(unavailable)
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
        for (looked_at, id) in along.into_iter().chain(next).enumerate() {
            if looked_at >= ENDED_MAX || self.is_needed(id, &over.notification).await? {
                return self.send_message(&DeliveryMessage::next(id), self.store.clock().now()).await;
            }
        }
        Ok(())
    }

    /// Whether one that waits at the gate of `notification` has something to say, and nobody is at it. It is ended when it has not.
    async fn is_needed(&self, id: EffectId, notification: &Notification) -> Result<bool, Failure> {
        let waiting = match self.store.delivery(id).await {
            Ok(Some(waiting)) if !waiting.is_over() => waiting,
            Ok(_) => {
                self.store.leave_gate(id, notification).await.map_err(unavailable)?;
                return Ok(false);
            }
            // The sweeper sets it aside and pages about it.
            Err(StoreError::Unreadable { .. }) => {
                self.store.leave_gate(id, notification).await.map_err(unavailable)?;
                return Ok(false);
            }
            Err(error) => return Err(unavailable(error)),
        };
        let now = self.store.clock().now();
        if !waiting.is_free(now) || waiting.is_put_off(now) {
            return Ok(false);
        }
        if let Look::Needed(_) = self.look(&waiting).await? {
            return Ok(true);
        }
        if let Claim::Claimed(claimed) = self.store.claim_early(id).await.map_err(unavailable)? {
            self.still_needed(&claimed).await?;
        }
        Ok(false)
    }
}

/// Whether a message for `due_at` is behind: another is on its way for a later time, that of the record, which has not come.
fn is_behind(due_at: Option<Timestamp>, retry_at: Option<Timestamp>, now: Timestamp) -> bool {
    due_at.zip(retry_at).is_some_and(|(due_at, retry_at)| due_at < retry_at && now < retry_at)
}

/// How long somebody stays away from a crowded gate, once it has opened, who has waited so long.
fn away(key: &str, waited: Duration) -> Duration {
    backoff(key, 1, waited, AWAY_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_dropped_only_where_another_for_later_is_on_its_way() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert!(is_behind(Some(at(30)), Some(at(75)), at(30)));
        assert!(!is_behind(Some(at(75)), Some(at(75)), at(70)), "it is that other one, and has come early: clocks differ");
        assert!(!is_behind(Some(at(80)), Some(at(75)), at(70)), "whoever sent it died before it was written down");
        assert!(!is_behind(Some(at(30)), Some(at(75)), at(75)), "the other should be here by now");
        assert!(!is_behind(None, Some(at(75)), at(30)), "the relay, the sweeper and older code do not say for when theirs is");
        assert!(!is_behind(Some(at(30)), None, at(30)));
    }

    #[test]
    fn nobody_stays_away_for_longer_than_they_have_waited_or_for_more_than_two_minutes() {
        for seconds in [0, 1, 30, 119, 120, 600, 86_400] {
            for key in 0..50 {
                let (waited, away) = (Duration::from_secs(seconds), away(&key.to_string(), Duration::from_secs(seconds)));
                assert!(away <= waited.min(Duration::from_secs(120)) && away >= waited.min(Duration::from_secs(120)) / 2, "{away:?}");
            }
        }
    }
}
