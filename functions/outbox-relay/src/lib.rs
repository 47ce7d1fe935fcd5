//! Effects out: every new outbox row becomes a timer or deliveries, and new notices are sent on their way. Never talks to a
//! provider.
//!
//! - **Wakes it:** the table's stream, filtered to new outbox rows and notices; the sweeper and the local run feed it rows by id.
//! - **Delivery:** at least once, in order per incident at best.
//! - **Durable when it returns:** for a notification its delivery, and the row has ended in the same transaction. A row that
//!   failed is still pending, and the sweeper feeds it again; it never blocks the stream.
//! - **If it dies half-way:** the row is pending, or its delivery is; the sweeper finds both.

mod stream;
mod timer;

use std::sync::Arc;

use hansho_domain::{Effect, EffectId, NoticeId, Notification};
use hansho_runtime::{
    Answer, Aws, Failure, Settings, SystemClock,
    queue::{DELAY_SECONDS_MAX, Queue, seconds_until},
};
use hansho_store::{OutboxRow, Store};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
pub use timer::{TimerMessage, Timers};

/// How often a row is tried before it is left to the sweeper.
const TRIES_MAX: u32 = 2;

/// The message that asks the delivery function to send one delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryMessage {
    /// Which one.
    pub delivery: EffectId,
    /// Whether it is woken because its turn has come at the gate, where more wait than go into one message.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_next: bool,
    /// For when it was sent. Where the delivery waits for a later time by now, another message is on its way for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
}

impl DeliveryMessage {
    /// The message about a delivery that is looked at in any case.
    pub fn of(delivery: EffectId) -> Self {
        Self { delivery, is_next: false, due_at: None }
    }

    /// The message about a delivery that waits until `at`.
    pub fn due(delivery: EffectId, at: Timestamp) -> Self {
        Self { delivery, is_next: false, due_at: Some(at) }
    }

    /// The message that wakes a delivery, beside the one that it waits for.
    pub fn next(delivery: EffectId) -> Self {
        Self { delivery, is_next: true, due_at: None }
    }
}

/// The message that asks the delivery function to send one notice. It goes the way of [`DeliveryMessage`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeMessage {
    /// Which one.
    pub notice: NoticeId,
}

/// A notice that was sent on its way is left alone for so long.
const NOTICE_GRACE: SignedDuration = SignedDuration::from_secs(50);

/// Where the relay sends things.
#[derive(Debug, Clone)]
pub struct Targets {
    /// The queue of the delivery function.
    pub delivery_queue_url: String,
    /// The queue of the escalation function, for deadlines within 15 minutes.
    pub timer_queue_url: String,
    /// The escalation function, for Scheduler.
    pub escalation_arn: String,
    /// The role with which Scheduler invokes it.
    pub scheduler_role_arn: String,
    /// The group of the schedules.
    pub schedule_group: String,
    /// The queue that Scheduler gives a timer to that it could not hand over.
    pub schedule_dead_letter_arn: Option<String>,
}

impl Targets {
    /// From `HANSHO_DELIVERY_QUEUE_URL`, `HANSHO_TIMER_QUEUE_URL`, `HANSHO_ESCALATION_ARN`, `HANSHO_SCHEDULER_ROLE_ARN`,
    /// `HANSHO_SCHEDULE_GROUP`, `HANSHO_SCHEDULE_DEAD_LETTER_ARN`.
    pub fn from_settings(settings: &mut Settings<'_>) -> Self {
        Self {
            delivery_queue_url: settings.required("HANSHO_DELIVERY_QUEUE_URL", "the URL of the delivery queue"),
            timer_queue_url: settings.required("HANSHO_TIMER_QUEUE_URL", "the URL of the timer queue"),
            escalation_arn: settings.required("HANSHO_ESCALATION_ARN", "the ARN of the escalation function"),
            scheduler_role_arn: settings.required("HANSHO_SCHEDULER_ROLE_ARN", "the ARN of the role that Scheduler assumes"),
            schedule_group: settings.optional("HANSHO_SCHEDULE_GROUP").unwrap_or_else(|| "hansho".to_owned()),
            schedule_dead_letter_arn: settings.optional("HANSHO_SCHEDULE_DEAD_LETTER_ARN"),
        }
    }
}

/// The function.
#[derive(Debug)]
pub struct OutboxRelay {
    store: Arc<Store>,
    timers: Timers,
    deliveries: Queue,
}

impl OutboxRelay {
    /// The function over a store, AWS and its targets.
    pub fn new(store: Arc<Store>, aws: &Aws, targets: Targets) -> Self {
        let deliveries = Queue::new(aws, &targets.delivery_queue_url);
        Self { store, timers: Timers::new(aws, targets), deliveries }
    }

    /// The function as the environment sets it up: `HANSHO_TABLE`, its [`Targets`] and what Lambda sets itself.
    pub fn from_settings(settings: &mut Settings<'_>) -> Self {
        let aws = Aws::from_settings(settings);
        let targets = Targets::from_settings(settings);
        Self::new(Arc::new(Store::from_settings(settings, &aws, Arc::new(SystemClock))), &aws, targets)
    }

    /// Carries out the new rows of a stream event. Nothing is ever sent back to the stream: a row that fails stays pending
    /// for the sweeper, so that it can not hold up the rows behind it.
    ///
    /// # Errors
    /// The event is not a stream's, which therefore waits for no answer. Every other problem is a row that stays pending.
    pub async fn handle(&self, event: Value) -> Answer {
        let Some(rows) = stream::new_rows(&event) else {
            return Err(Failure::because(
                "this is no event of the table's stream: {\"Records\": [{\"eventName\": \"INSERT\", \"dynamodb\": {\"NewImage\": ITEM}}]} is expected",
            ));
        };
        for row in rows {
            match row {
                Ok(row) => self.relay_or_leave(row).await,
                Err(error) => tracing::error!(%error, "a record of the stream is no outbox row; the sweeper will look at the row"),
            }
        }
        for (notice, due_at) in stream::new_notices(&event) {
            if let Err(error) = self.send_notice(&notice, due_at).await {
                tracing::error!(notice.id = %notice, error = %hansho_runtime::chain(&error), "a notice is left to the sweeper");
            }
        }
        Ok(json!({ "batchItemFailures": [] }))
    }

    /// Sends a notice on its way that is due at `due_at`. One that is due later than a message may wait is the sweeper's.
    ///
    /// # Errors
    /// SQS or the table does not answer; the sweeper finds the notice.
    pub async fn send_notice(&self, notice: &NoticeId, due_at: Timestamp) -> Result<(), Failure> {
        let now = self.store.clock().now();
        if seconds_until(due_at, now) > DELAY_SECONDS_MAX {
            return Ok(());
        }
        self.deliveries.send(&NoticeMessage { notice: notice.clone() }, due_at, now).await?;
        let later = due_at.max(now).saturating_add(NOTICE_GRACE).unwrap_or(Timestamp::MAX);
        self.store.postpone_notice(notice, later).await.map_err(|error| Failure::new("the notice was not postponed", error))
    }

    async fn relay_or_leave(&self, row: OutboxRow) {
        for attempt in 1..=TRIES_MAX {
            match self.relay(&row).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::warn!(effect.id = %row.id, attempt, error = %hansho_runtime::chain(&error), "an effect failed");
                }
            }
        }
        tracing::error!(effect.id = %row.id, "an effect stays pending for the sweeper");
    }

    /// Carries out the row with this id, if it is still pending.
    ///
    /// # Errors
    /// The table or AWS does not answer; the row stays pending.
    pub async fn relay_pending(&self, id: EffectId) -> Result<(), Failure> {
        match self.store.outbox_row(id).await {
            Ok(Some(row)) => self.relay(&row).await,
            Ok(None) => Ok(()),
            Err(error) => Err(Failure::new("the outbox row can not be read", error)),
        }
    }

    /// Carries out one row and ends it. Doing so twice arms the same timer and makes the same deliveries.
    ///
    /// # Errors
    /// The table or AWS does not answer; the row stays pending, or its deliveries do.
    pub async fn relay(&self, row: &OutboxRow) -> Result<(), Failure> {
        match &row.effect {
            Effect::ArmTimer { at, generation } => {
                let message = TimerMessage { incident: row.id.incident, generation: *generation };
                self.timers.arm(message, *at, self.store.clock().now()).await?;
                self.store.end_outbox_row(row.id).await.map_err(|error| Failure::new("the outbox row was not ended", error))
            }
            Effect::Notify(notification) => self.deliver(row.id, std::slice::from_ref(notification)).await,
            Effect::FanOut(notifications) => self.deliver(row.id, notifications).await,
        }
    }

    /// The deliveries are made, and the row ended, before any message is sent: a message that is lost leaves a delivery
    /// that the sweeper finds, and nothing is ever sent for a delivery that is not in the table.
    async fn deliver(&self, row: EffectId, notifications: &[Notification]) -> Result<(), Failure> {
        self.store.make_deliveries(row, notifications).await.map_err(|error| Failure::new("the deliveries were not made", error))?;
        let now = self.store.clock().now();
        for (index, _) in (row.index..).zip(notifications) {
            self.deliveries.send(&DeliveryMessage::of(EffectId { index, ..row }), now, now).await?;
        }
        Ok(())
    }
}
