//! Overrides: who takes whose shift. They are made live, beside every version of the configuration.

use std::sync::Arc;

use hansho_domain::{Override, ScheduleId};
use jiff::{SignedDuration, Timestamp};

use super::{Current, readable};
use crate::{
    Store,
    commit::Commit,
    error::StoreError,
    item::{self, Item, With, body, item, n, s},
    keys,
};

impl Store {
    /// Adds an override. It is in force within 5 seconds.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn add_override(&self, made: &Override) -> Result<(), StoreError> {
        let key = keys::schedule_override(&made.schedule, made.until, &made.id);
        let put = item(&key)
            .with("body", s(item::json(&key.pk, made)?))
            .expiring(made.until.saturating_add(SignedDuration::from_hours(24 * 400)).unwrap_or(Timestamp::MAX));
        let pointer = keys::configuration();
        let update = aws_sdk_dynamodb::types::Update::builder()
            .table_name(&self.table)
            .key("pk", s(&pointer.pk))
            .key("sk", s(&pointer.sk))
            .update_expression("ADD live :one")
            .expression_attribute_values(":one", n(1))
            .build()
            .map_err(|error| StoreError::unreadable(&pointer.pk, error))?;
        let writes = vec![self.put(put)?, aws_sdk_dynamodb::types::TransactWriteItem::builder().update(update).build()];
        match self.transact(&format!("override/{}/{}", made.id, made.created_at), writes).await? {
            Commit::Committed | Commit::Conflict => {
                self.cached(|cache| cache.current = None);
                Ok(())
            }
        }
    }

    pub(super) async fn overrides(
        &self,
        schedule: &ScheduleId,
        current: Current,
        now: Timestamp,
    ) -> Result<Arc<Vec<Override>>, StoreError> {
        if let Some((live, overrides)) = self.cached(|cache| cache.overrides.get(schedule).cloned())
            && live == current.live
        {
            return Ok(overrides);
        }
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk > :from")
            .expression_attribute_values(":pk", s(keys::schedule_partition(schedule)))
            .expression_attribute_values(":from", s(keys::override_from(now)))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        let mut answer = answer;
        while let Some(next) = answer.next().await {
            let next: Item = next.map_err(|error| StoreError::unavailable("read overrides", &error))?;
            // The schedule without it still names somebody.
            found.extend(readable(body(&next).map(Some))?);
        }
        let found = Arc::new(found);
        self.cached(|cache| cache.overrides.insert(schedule.clone(), (current.live, Arc::clone(&found))));
        Ok(found)
    }
}
