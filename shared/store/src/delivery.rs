//! Deliveries: a notification on one channel, claimed by a lease before it is sent.

use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use hansho_domain::{EffectId, Method, Notification, Recipient};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Store, canary,
    commit::Commit,
    error::StoreError,
    incident::effect_id,
    item::{self, Item, With, body, item, n, number, s, text, time, timestamp},
    keys::{self, Key},
};

/// How long a claim lasts, in seconds: longer than the function may run, so that a claim is over only when its holder is gone.
pub const LEASE_SECONDS: u32 = 25;
const LEASE: SignedDuration = SignedDuration::from_secs(LEASE_SECONDS as i64);
/// So much before its time a delivery may be claimed: queues count in whole seconds and clocks differ, and a message that is
/// refused for being a moment early comes back half a minute later.
const EARLY: SignedDuration = SignedDuration::from_secs(1);
/// How long after it should have moved a delivery counts as stuck.
const STUCK_AFTER: SignedDuration = SignedDuration::from_secs(20);
/// Since when a delivery waits at the gate, or had to wait there.
const AT_GATE: &str = "at_gate";
/// Whose time has come by `:by`, or whose claim is over.
const CLAIMABLE: &str = "(#state = :pending AND retry_at <= :by) OR (#state = :sending AND lease_until <= :now)";
/// How long a provider's message id is remembered for its report.
const MESSAGE_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// Waits to be sent, or to be tried again.
    Pending,
    /// Somebody holds its lease and is sending it.
    Sending,
    /// The provider accepted it.
    Sent,
    /// This method did not work.
    Failed,
    /// It was no longer needed.
    Ended,
}

impl DeliveryState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Ended => "ended",
        }
    }

    pub(crate) fn from_str(text: &str) -> Option<Self> {
        [Self::Pending, Self::Sending, Self::Sent, Self::Failed, Self::Ended].into_iter().find(|state| state.as_str() == text)
    }
}

/// One message on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id, the effect's.
    pub id: EffectId,
    /// What is to be said to whom.
    pub notification: Notification,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was claimed.
    pub attempt: u32,
    /// How often a provider was asked and said "later".
    pub refusals: u32,
    /// How often it was handed to a provider that did not answer, so that it may have been sent.
    pub unanswered: u32,
    /// When it was made: the person's 60 seconds per method count from here.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Until when its claim lasts.
    pub lease_until: Option<Timestamp>,
    /// When it may be tried (again).
    pub retry_at: Option<Timestamp>,
    /// Whether it waits at the gate, or has waited there: the next one that passes takes it along.
    pub is_at_gate: bool,
    /// Why it stands where it stands.
    pub reason: Option<String>,
}

impl Delivery {
    pub(crate) fn from_item(found: &Item) -> Result<Self, StoreError> {
        let missing = |what: &str| StoreError::unreadable(item::name(found), format!("{what} is missing"));
        Ok(Self {
            id: effect_id(found, keys::DELIVERY_PREFIX)?,
            notification: body(found)?,
            state: text(found, "state").and_then(DeliveryState::from_str).ok_or_else(|| missing("state"))?,
            attempt: number(found, "attempt").unwrap_or(0),
            refusals: number(found, "refusals").unwrap_or(0),
            unanswered: number(found, "unanswered").unwrap_or(0),
            created_at: timestamp(found, "created_at").ok_or_else(|| missing("created_at"))?,
            updated_at: timestamp(found, "updated_at").ok_or_else(|| missing("updated_at"))?,
            lease_until: timestamp(found, "lease_until"),
            retry_at: timestamp(found, "retry_at"),
            is_at_gate: found.contains_key(AT_GATE),
            reason: text(found, "reason").map(str::to_owned),
        })
    }

    /// Whether nothing more will happen to it.
    pub fn is_over(&self) -> bool {
        match self.state {
            DeliveryState::Pending | DeliveryState::Sending => false,
            DeliveryState::Sent | DeliveryState::Failed | DeliveryState::Ended => true,
        }
    }

    /// Whether a provider that was asked has put it off, and its time has not come at `now`: waiting at a gate does not shorten that.
    pub fn is_put_off(&self, now: Timestamp) -> bool {
        self.refusals + self.unanswered > 0 && self.retry_at.is_some_and(|at| at > later(now, EARLY))
    }

    /// Whether it is to be sent and nobody holds it at `now`.
    pub fn is_free(&self, now: Timestamp) -> bool {
        match self.state {
            DeliveryState::Pending => true,
            DeliveryState::Sending => self.lease_until.is_none_or(|until| until <= now),
            DeliveryState::Sent | DeliveryState::Failed | DeliveryState::Ended => false,
        }
    }
}

/// What trying to claim a delivery comes to. A lost race is a value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Claim {
    /// It is this caller's until the lease ends.
    Claimed(Delivery),
    /// It waits at the gate and nobody is at it. It is not claimed before it has passed: whoever passes takes it along, and finds
    /// it free.
    AtGate(Box<Delivery>),
    /// Somebody else is at it, or it waits for its time: not success, come back later.
    InProgress,
    /// Nothing is left to do.
    AlreadyDone(Delivery),
    /// There is no such delivery.
    Unknown,
}

/// What of the items that nobody holds may be claimed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Claimable {
    /// What does not wait at a gate, if its time comes at this moment or before.
    When(Timestamp),
    /// Whatever it waits for.
    Always,
}

/// What trying to lease an item comes to.
pub(crate) enum Lease {
    /// It is this caller's until the lease ends; the item as it is now.
    Held(Item),
    /// It is not; the item as it is, if there is one.
    Refused(Option<Item>),
}

/// How a claim ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The provider accepted it under this id of its own.
    Sent {
        /// The provider's id.
        provider_id: String,
        /// The other deliveries that went in the same message: what the provider reports later is about them too.
        companions: Vec<EffectId>,
        /// What is worth knowing ("in one message with 4 others").
        reason: Option<String>,
    },
    /// It went in the message of another delivery, whose record names it.
    SentAlong {
        /// With which.
        reason: String,
    },
    /// This method did not work.
    Failed {
        /// Why.
        reason: String,
    },
    /// It was no longer needed.
    Ended {
        /// Why.
        reason: String,
    },
    /// It is to be tried again.
    Retry {
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
        /// What came of the attempt.
        setback: Setback,
    },
}

/// What came of an attempt that is to be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setback {
    /// No provider was asked: it waits at the gate for its turn.
    NotAsked,
    /// A provider was asked and took nothing.
    Refused,
    /// A provider was handed the message and did not answer: it may have been sent.
    Unanswered,
}

pub(crate) fn delivery_item(id: EffectId, notification: &Notification, now: Timestamp) -> Result<Item, StoreError> {
    let key = keys::delivery(id);
    let made = item(&key)
        .with("state", s(DeliveryState::Pending.as_str()))
        .with("attempt", n(0))
        .with("created_at", time(now))
        .with("updated_at", time(now))
        .with("retry_at", time(now))
        .with("body", s(item::json(&key.pk, notification)?))
        .with("work_pk", s(keys::delivery_shard(keys::shard(id.incident))))
        .with("work_at", time(later(now, STUCK_AFTER)));
    Ok(if canary::is_for_canary(&notification.to) { made.expiring(later(now, canary::KEPT)) } else { made })
}

pub(crate) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

impl Store {
    /// The delivery, read consistently.
    ///
    /// # Errors
    /// DynamoDB does not answer, or the item can not be read.
    pub async fn delivery(&self, id: EffectId) -> Result<Option<Delivery>, StoreError> {
        self.get(&keys::delivery(id)).await?.map(|found| Delivery::from_item(&found)).transpose()
    }

    /// Claims the delivery for 25 seconds, if nobody else holds it and its time has come, or comes within a second. What waits at
    /// the gate is not claimed, whatever its time.
    ///
    /// # Errors
    /// DynamoDB does not answer. The claim may or may not stand then; it ends with its lease.
    pub async fn claim(&self, id: EffectId) -> Result<Claim, StoreError> {
        self.claim_from(id, Claimable::When(later(self.clock.now(), EARLY))).await
    }

    /// Claims a delivery that waits for its time or at the gate, because it has passed the gate or another takes it along.
    ///
    /// # Errors
    /// As [`Store::claim`].
    pub async fn claim_early(&self, id: EffectId) -> Result<Claim, StoreError> {
        self.claim_from(id, Claimable::Always).await
    }

    async fn claim_from(&self, id: EffectId, claimable: Claimable) -> Result<Claim, StoreError> {
        match self.lease(&keys::delivery(id), claimable).await? {
            Lease::Held(found) => Ok(Claim::Claimed(Delivery::from_item(&found)?)),
            Lease::Refused(found) => match found.as_ref().map(Delivery::from_item).transpose()? {
                None => Ok(Claim::Unknown),
                Some(delivery) if delivery.is_over() => Ok(Claim::AlreadyDone(delivery)),
                Some(delivery) if delivery.is_at_gate && delivery.is_free(self.clock.now()) => Ok(Claim::AtGate(Box::new(delivery))),
                Some(_) => Ok(Claim::InProgress),
            },
        }
    }

    /// Claims the item at `key`, a delivery or a notice.
    pub(crate) async fn lease(&self, key: &Key, claimable: Claimable) -> Result<Lease, StoreError> {
        let now = self.clock.now();
        let lease_until = later(now, LEASE);
        let (time_comes, condition) = match claimable {
            Claimable::When(time_comes) => (time_comes, format!("attribute_not_exists({AT_GATE}) AND ({CLAIMABLE})")),
            Claimable::Always => (Timestamp::MAX, CLAIMABLE.to_owned()),
        };
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET #state = :sending, lease_until = :lease, updated_at = :now, work_at = :work ADD attempt :one")
            .condition_expression(condition)
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":sending", s(DeliveryState::Sending.as_str()))
            .expression_attribute_values(":pending", s(DeliveryState::Pending.as_str()))
            .expression_attribute_values(":lease", time(lease_until))
            .expression_attribute_values(":work", time(later(lease_until, STUCK_AFTER)))
            .expression_attribute_values(":now", time(now))
            .expression_attribute_values(":by", time(time_comes))
            .expression_attribute_values(":one", n(1))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let error = match self.retrying(&key.pk, || request.clone().send()).await {
            Ok(answer) => return Ok(Lease::Held(answer.attributes.unwrap_or_default())),
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
            None => Err(StoreError::unavailable("claim a delivery", &error)),
            Some(refused) => Ok(Lease::Refused(refused.item().cloned())),
        }
    }

    /// Ends a claim. `false` when the claim was no longer this caller's: whoever has it now ends it. With what was sent goes
    /// the list of every delivery in the message, so that a report finds them all.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn end_claim(&self, claimed: &Delivery, ending: &Ending) -> Result<bool, StoreError> {
        let mut writes = vec![self.ending_update(&keys::delivery(claimed.id), claimed.attempt, ending)?];
        if let Ending::Sent { provider_id, companions, .. } = ending
            && let Some(method) = reporting_method(&claimed.notification.to, provider_id)
        {
            writes.push(self.put(message_item(claimed, method, provider_id, companions, self.clock.now()))?);
        }
        let token = format!("end/{}/{}/{:?}", claimed.id, claimed.attempt, ending);
        Ok(self.transact(&token, writes).await? == Commit::Committed)
    }

    /// What ends the claim of `attempt` on the item at `key`, a delivery or a notice.
    pub(crate) fn ending_update(&self, key: &Key, attempt: u32, ending: &Ending) -> Result<TransactWriteItem, StoreError> {
        let now = self.clock.now();
        let (state, reason) = match ending {
            Ending::Sent { reason, .. } => (DeliveryState::Sent, reason.clone()),
            Ending::SentAlong { reason } => (DeliveryState::Sent, Some(reason.clone())),
            Ending::Failed { reason } => (DeliveryState::Failed, Some(reason.clone())),
            Ending::Ended { reason } => (DeliveryState::Ended, Some(reason.clone())),
            Ending::Retry { reason, .. } => (DeliveryState::Pending, Some(reason.clone())),
        };
        let mut update = Update::builder()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .condition_expression("#state = :sending AND attempt = :attempt")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":sending", s(DeliveryState::Sending.as_str()))
            .expression_attribute_values(":attempt", n(attempt))
            .expression_attribute_values(":state", s(state.as_str()))
            .expression_attribute_values(":reason", s(reason.unwrap_or_default()))
            .expression_attribute_values(":now", time(now));
        update = if let Ending::Retry { at, setback, .. } = ending {
            let at_gate = if *setback == Setback::NotAsked { format!(", {AT_GATE} = :now") } else { String::new() };
            update
                .update_expression(format!(
                    "SET #state = :state, reason = :reason, updated_at = :now, retry_at = :retry, work_at = :work{at_gate} REMOVE lease_until ADD refusals :refusals, unanswered :unanswered",
                ))
                .expression_attribute_values(":refusals", n(u8::from(*setback == Setback::Refused)))
                .expression_attribute_values(":unanswered", n(u8::from(*setback == Setback::Unanswered)))
                .expression_attribute_values(":retry", time(*at))
                .expression_attribute_values(":work", time(later(*at, STUCK_AFTER)))
        } else {
            update.update_expression("SET #state = :state, reason = :reason, updated_at = :now REMOVE lease_until, work_pk, work_at")
        };
        let update = update.build().map_err(|error| StoreError::unreadable(&key.pk, error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// What waits at the gate waits on: it comes back at `at`. `false` when somebody has taken it along meanwhile.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn wait_on(&self, id: EffectId, at: Timestamp) -> Result<bool, StoreError> {
        let key = keys::delivery(id);
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET retry_at = :retry, work_at = :work")
            .condition_expression("#state = :pending OR (#state = :sending AND lease_until <= :now)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":sending", s(DeliveryState::Sending.as_str()))
            .expression_attribute_values(":pending", s(DeliveryState::Pending.as_str()))
            .expression_attribute_values(":now", time(self.clock.now()))
            .expression_attribute_values(":retry", time(at))
            .expression_attribute_values(":work", time(later(at, STUCK_AFTER)));
        match self.retrying(&key.pk, || request.clone().send()).await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(false),
            Err(error) => Err(StoreError::unavailable("have a delivery wait on", &error)),
        }
    }

    /// Records what a provider said later: what was sent did not arrive. `false` when it had not been sent.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn record_bounce(&self, id: EffectId, reason: &str) -> Result<bool, StoreError> {
        self.bounce(&keys::delivery(id), reason).await
    }

    /// What was sent, a delivery or a notice, has failed after all.
    pub(crate) async fn bounce(&self, key: &Key, reason: &str) -> Result<bool, StoreError> {
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET #state = :failed, reason = :reason, updated_at = :now")
            .condition_expression("#state = :sent")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":sent", s(DeliveryState::Sent.as_str()))
            .expression_attribute_values(":failed", s(DeliveryState::Failed.as_str()))
            .expression_attribute_values(":reason", s(reason))
            .expression_attribute_values(":now", time(self.clock.now()));
        match self.retrying(&key.pk, || request.clone().send()).await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(false),
            Err(error) => Err(StoreError::unavailable("record a bounce", &error)),
        }
    }

    /// Moves the time at which the delivery counts as stuck, because it has just been sent on its way again.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn postpone_stuck(&self, id: EffectId, until: Timestamp) -> Result<(), StoreError> {
        self.postpone(&keys::delivery(id), until).await
    }

    /// The item, a delivery or a notice, is not looked at before `until`.
    pub(crate) async fn postpone(&self, key: &Key, until: Timestamp) -> Result<(), StoreError> {
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET work_at = :work")
            .condition_expression("attribute_exists(work_pk) AND work_at < :work")
            .expression_attribute_values(":work", time(until));
        match self.retrying(&key.pk, || request.clone().send()).await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(()),
            Err(error) => Err(StoreError::unavailable("postpone a delivery", &error)),
        }
    }

    /// Every delivery of the message that a provider's report is about, the one whose turn it was first. Empty when nothing
    /// is known of it.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn deliveries_of_message(&self, method: Method, provider_id: &str) -> Result<Vec<EffectId>, StoreError> {
        let Some(found) = self.get(&keys::provider_message(method, provider_id)).await? else { return Ok(Vec::new()) };
        let ids = [text(&found, "delivery"), text(&found, "companions")].into_iter().flatten().flat_map(str::split_whitespace);
        Ok(ids.filter_map(|id| id.parse().ok()).collect())
    }
}

/// The method by which somebody may name the message again: webhooks and channels give no id, and nobody reports about them.
fn reporting_method(to: &Recipient, provider_id: &str) -> Option<Method> {
    match to {
        Recipient::Person { method, .. } => Some(*method).filter(|method| *method != Method::Webhook && !provider_id.is_empty()),
        Recipient::Destination { .. } => None,
    }
}

fn message_item(claimed: &Delivery, method: Method, provider_id: &str, companions: &[EffectId], now: Timestamp) -> Item {
    let companions: Vec<String> = companions.iter().map(ToString::to_string).collect();
    item(&keys::provider_message(method, provider_id))
        .with("delivery", s(claimed.id.to_string()))
        .with("companions", s(companions.join(" ")))
        .expiring(later(now, MESSAGE_KEPT))
}
