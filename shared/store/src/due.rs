//! The sparse index of work: what is overdue, as far as an index knows. Whoever acts on it reads it again.

use hansho_domain::{DrillId, EffectId, IncidentId, NoticeId, ScheduleId};
use jiff::Timestamp;

use crate::{
    Store,
    error::StoreError,
    incident::effect_id,
    item::{Item, s, text, time},
    keys::{self, Key, SHARDS},
    maintenance::EndedMaintenance,
    notice::id_of,
};

/// How many of one shard are looked at in one go; the rest comes with the next.
const SHARD_MAX: i32 = 100;
/// The same for what is not spread over shards, because no storm makes any of it.
const UNSHARDED_MAX: i32 = 1_000;
/// Schedules that are looked at in one go: each takes some requests, and a sweep has 50 seconds.
const SCHEDULES_MAX: i32 = 200;

impl Store {
    /// Incidents whose deadline was at `by` or before.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn due_incidents(&self, by: Timestamp) -> Result<Vec<IncidentId>, StoreError> {
        self.due_incidents_from(Timestamp::MIN, by).await
    }

    /// Incidents whose deadline was between `from` and `by`.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn due_incidents_from(&self, from: Timestamp, by: Timestamp) -> Result<Vec<IncidentId>, StoreError> {
        let found = self.work_from(keys::due_shard, from, by).await?;
        Ok(found.iter().filter_map(|found| text(found, "pk")?.strip_prefix("INCIDENT#")?.parse().ok()).collect())
    }

    /// Outbox rows that have been pending since `by` or before.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn pending_outbox_rows(&self, by: Timestamp) -> Result<Vec<EffectId>, StoreError> {
        self.pending_outbox_rows_from(Timestamp::MIN, by).await
    }

    /// Outbox rows that have been pending since a time between `from` and `by`.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn pending_outbox_rows_from(&self, from: Timestamp, by: Timestamp) -> Result<Vec<EffectId>, StoreError> {
        let found = self.work_from(keys::outbox_shard, from, by).await?;
        Ok(found.iter().filter_map(|found| effect_id(found, keys::OUTBOX_PREFIX).ok()).collect())
    }

    /// Deliveries that should have moved at `by` or before.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn stuck_deliveries(&self, by: Timestamp) -> Result<Vec<EffectId>, StoreError> {
        self.stuck_deliveries_from(Timestamp::MIN, by).await
    }

    /// Deliveries that should have moved between `from` and `by`.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn stuck_deliveries_from(&self, from: Timestamp, by: Timestamp) -> Result<Vec<EffectId>, StoreError> {
        let found = self.work_from(keys::delivery_shard, from, by).await?;
        Ok(found.iter().filter_map(|found| effect_id(found, keys::DELIVERY_PREFIX).ok()).collect())
    }

    /// Notices that should have moved at `by` or before, or that are to be sent first.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn due_notices(&self, by: Timestamp) -> Result<Vec<NoticeId>, StoreError> {
        let found = self.work_of(keys::NOTICE_WORK, by, UNSHARDED_MAX).await?;
        Ok(found.iter().filter_map(id_of).collect())
    }

    /// Schedules that are to be looked at for reminders at `by` or before, those that wait longest first, at most 200: after a new
    /// version of a large configuration the others are looked at a few minutes later.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn due_reminders(&self, by: Timestamp) -> Result<Vec<ScheduleId>, StoreError> {
        let found = self.work_of(keys::REMINDER_WORK, by, SCHEDULES_MAX).await?;
        Ok(found.iter().filter_map(|found| text(found, "pk")?.strip_prefix(keys::REMINDER_PREFIX)?.parse().ok()).collect())
    }

    /// Drills whose messages are not all made.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn unfinished_drills(&self, by: Timestamp) -> Result<Vec<DrillId>, StoreError> {
        let found = self.work_of(keys::DRILL_WORK, by, UNSHARDED_MAX).await?;
        Ok(found.iter().filter_map(|found| text(found, "pk")?.strip_prefix(keys::DRILL_PREFIX)?.parse().ok()).collect())
    }

    /// Maintenance windows that were ended early and of which incidents may be held on at `by`.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn ended_maintenance(&self, by: Timestamp) -> Result<Vec<EndedMaintenance>, StoreError> {
        let found = self.work_of(keys::MAINTENANCE_WORK, by, UNSHARDED_MAX).await?;
        Ok(found.iter().filter_map(EndedMaintenance::named_by).collect())
    }

    /// Sets an incident aside that can not be worked on: the sweeper no longer counts it as overdue.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn park_incident(&self, id: IncidentId, reason: &str) -> Result<(), StoreError> {
        self.park(&keys::incident(id), reason).await
    }

    /// Sets an outbox row aside that can not be read.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn park_outbox_row(&self, id: EffectId, reason: &str) -> Result<(), StoreError> {
        self.park(&keys::outbox(id), reason).await
    }

    /// Sets a delivery aside that can not be read.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn park_delivery(&self, id: EffectId, reason: &str) -> Result<(), StoreError> {
        self.park(&keys::delivery(id), reason).await
    }

    /// Sets a notice aside that can not be read.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn park_notice(&self, id: &NoticeId, reason: &str) -> Result<(), StoreError> {
        self.park(&keys::notice(id), reason).await
    }

    /// Sets an ended maintenance window aside that can not be read.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn park_maintenance(&self, ended: &EndedMaintenance, reason: &str) -> Result<(), StoreError> {
        self.park(ended.key(), reason).await
    }

    async fn park(&self, key: &Key, reason: &str) -> Result<(), StoreError> {
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET parked = :reason REMOVE work_pk, work_at")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":reason", s(reason));
        match self.retrying(&key.pk, || request.clone().send()).await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(()),
            Err(error) => Err(StoreError::unavailable("park an item", &error)),
        }
    }

    pub(crate) async fn work(&self, partition: fn(u8) -> String, by: Timestamp) -> Result<Vec<Item>, StoreError> {
        self.work_from(partition, Timestamp::MIN, by).await
    }

    async fn work_from(&self, partition: fn(u8) -> String, from: Timestamp, by: Timestamp) -> Result<Vec<Item>, StoreError> {
        let mut found = Vec::new();
        // DynamoDB refuses a beginning behind its end.
        for shard in (0..SHARDS).filter(|_| from <= by) {
            found.extend(self.work_between(&partition(shard), from, by, SHARD_MAX).await?);
        }
        Ok(found)
    }

    async fn work_of(&self, partition: &str, by: Timestamp, most: i32) -> Result<Vec<Item>, StoreError> {
        self.work_between(partition, Timestamp::MIN, by, most).await
    }

    async fn work_between(&self, partition: &str, from: Timestamp, by: Timestamp, most: i32) -> Result<Vec<Item>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("work")
            .key_condition_expression("work_pk = :pk AND work_at BETWEEN :from AND :by")
            .expression_attribute_values(":pk", s(partition))
            .expression_attribute_values(":from", time(from))
            .expression_attribute_values(":by", time(by))
            .limit(most)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("query the index of work", &error))?;
        Ok(answer.items.unwrap_or_default())
    }
}
