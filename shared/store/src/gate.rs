//! The gate per person and channel, or destination, and urgency: the first page goes at once, later ones wait a little and go together.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use hansho_domain::{EffectId, GATE_SECONDS, Notification};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Store,
    error::StoreError,
    item::{Item, With, item, n, s, text, time, timestamp},
    keys,
};

/// For how long the gate stays closed after a message: what comes meanwhile goes together in the next one.
const CLOSED_FOR: SignedDuration = SignedDuration::from_secs(GATE_SECONDS as i64);
/// Why a delivery waits at its gate, as it is written down.
pub const WAITS_TOGETHER: &str = "waits a moment, so that several go together";
/// How long gates and what waits at them are kept after their use.
const KEPT: SignedDuration = SignedDuration::from_hours(48);
/// How many waiting deliveries go into one message; the rest waits for the next.
pub(crate) const BUNDLE_MAX: usize = 200;
/// How many of the rest are woken for the next message: one is enough, unless it is no longer needed by then.
const NEXT_MAX: usize = 3;

/// Whether a delivery may go now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Passage {
    /// It may, and takes along what waits.
    Open,
    /// It has to wait until then.
    Closed {
        /// When the gate opens.
        until: Timestamp,
        /// Whether more wait than go into one message: then who is next has been woken for then, and nobody else need come so soon.
        is_crowded: bool,
    },
}

/// What waits at a gate, oldest incident first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// What goes along in one message.
    pub along: Vec<EffectId>,
    /// Some of what has to wait for the message after it; empty when all go along.
    pub next: Vec<EffectId>,
}

impl Store {
    /// Passes the gate, or learns when it opens. Whoever has passed passes again (a retry is no second message).
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn pass_gate(&self, delivery: EffectId, notification: &Notification) -> Result<Passage, StoreError> {
        let now = self.clock.now();
        let later = |by| now.saturating_add(by).unwrap_or(Timestamp::MAX);
        let key = keys::gate(&notification.to, notification.urgency);
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET opens_at = :opens, holder = :me, expires_at = :expires")
            .condition_expression("attribute_not_exists(pk) OR opens_at <= :now OR holder = :me")
            .expression_attribute_values(":opens", time(later(CLOSED_FOR)))
            .expression_attribute_values(":now", time(now))
            .expression_attribute_values(":me", s(delivery.to_string()))
            .expression_attribute_values(":expires", n(later(KEPT).as_second()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let error = match self.retrying(&key.pk, || request.clone().send()).await {
            Ok(_) => return Ok(Passage::Open),
            Err(error) => error,
        };
        let refused = error.as_service_error().and_then(|e| {
            if let aws_sdk_dynamodb::operation::update_item::UpdateItemError::ConditionalCheckFailedException(e) = e {
                Some(e)
            } else {
                None
            }
        });
        match refused {
            Some(refused) => {
                let gate = refused.item();
                let until = gate.and_then(|gate| timestamp(gate, "opens_at")).unwrap_or(now);
                Ok(Passage::Closed { until, is_crowded: gate.is_some_and(is_crowded) })
            }
            None => Err(StoreError::unavailable("pass a gate", &error)),
        }
    }

    /// Lets the next one pass at once: nothing was said after all. `false` when it had not passed, or another has passed since.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn reopen_gate(&self, delivery: EffectId, notification: &Notification) -> Result<bool, StoreError> {
        self.mark_gate(delivery, notification, "SET opens_at = :value", time(self.clock.now())).await
    }

    /// Tells whoever comes to the gate while it is closed behind this one that more wait than go into one message, and that those who
    /// are next have been woken.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn crowd_gate(&self, delivery: EffectId, notification: &Notification) -> Result<(), StoreError> {
        self.mark_gate(delivery, notification, "SET crowded = :value", s(delivery.to_string())).await.map(|_| ())
    }

    /// Changes the gate for whoever holds it; for nobody else.
    async fn mark_gate(
        &self,
        delivery: EffectId,
        notification: &Notification,
        change: &str,
        value: AttributeValue,
    ) -> Result<bool, StoreError> {
        let key = keys::gate(&notification.to, notification.urgency);
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression(change)
            .condition_expression("holder = :me")
            .expression_attribute_values(":value", value)
            .expression_attribute_values(":me", s(delivery.to_string()));
        match self.retrying(&key.pk, || request.clone().send()).await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(false),
            Err(error) => Err(StoreError::unavailable("change a gate", &error)),
        }
    }

    /// Notes that the delivery waits at the gate.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn wait_at_gate(&self, delivery: EffectId, notification: &Notification) -> Result<(), StoreError> {
        let key = keys::waiting(&notification.to, notification.urgency, delivery);
        let expires_at = self.clock.now().saturating_add(KEPT).unwrap_or(Timestamp::MAX);
        self.put_item(item(&key).with("delivery", s(delivery.to_string())).expiring(expires_at)).await
    }

    /// What else waits at the gate, oldest incident first.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn waiting_at_gate(&self, delivery: EffectId, notification: &Notification) -> Result<Waiting, StoreError> {
        let partition = keys::gate_partition(&notification.to, notification.urgency);
        let found = self.query_oldest(&partition, keys::WAITING_PREFIX, BUNDLE_MAX + NEXT_MAX + 1).await?;
        let mut along: Vec<EffectId> = found.iter().filter_map(|found| text(found, "delivery")?.parse().ok()).collect();
        along.retain(|other| *other != delivery);
        let mut next = along.split_off(along.len().min(BUNDLE_MAX));
        next.truncate(NEXT_MAX);
        Ok(Waiting { along, next })
    }

    /// Takes the delivery off the gate.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn leave_gate(&self, delivery: EffectId, notification: &Notification) -> Result<(), StoreError> {
        let key = keys::waiting(&notification.to, notification.urgency, delivery);
        self.retrying(&key.pk, || self.client.delete_item().table_name(&self.table).key("pk", s(&key.pk)).key("sk", s(&key.sk)).send())
            .await
            .map(|_| ())
            .map_err(|error| StoreError::unavailable("leave a gate", &error))
    }
}

/// Whether whoever passed last has said so: a mark of somebody before says nothing about what waits now.
fn is_crowded(gate: &Item) -> bool {
    gate.contains_key("crowded") && gate.get("crowded") == gate.get("holder")
}
