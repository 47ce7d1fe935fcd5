//! In which schedules a person stands in, or has stood in, without being a member.

use std::collections::BTreeSet;

use hansho_domain::{ScheduleId, UserId};
use jiff::Timestamp;

use crate::{
    Store,
    error::StoreError,
    item::{Item, s, text},
    keys,
};

impl Store {
    /// The schedules of which an override that ends after `from` puts the person on call.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn schedules_covered_by(&self, user: &UserId, from: Timestamp) -> Result<BTreeSet<ScheduleId>, StoreError> {
        let pk = keys::stands_in_partition(user);
        self.schedules_in(&pk, keys::override_from(from), keys::OVERRIDE_END.to_owned()).await
    }

    /// The schedules in which the person has worked, by the record, in the months (UTC) of the period.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn schedules_worked_by(&self, user: &UserId, from: Timestamp, until: Timestamp) -> Result<BTreeSet<ScheduleId>, StoreError> {
        let pk = keys::worked_by_partition(user);
        // `~` sorts behind every name.
        self.schedules_in(&pk, keys::month(from), format!("{}~", keys::month(until))).await
    }

    async fn schedules_in(&self, pk: &str, from: String, until: String) -> Result<BTreeSet<ScheduleId>, StoreError> {
        let mut items = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :until")
            .expression_attribute_values(":pk", s(pk))
            .expression_attribute_values(":from", s(from))
            .expression_attribute_values(":until", s(until))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut schedules = BTreeSet::new();
        while let Some(found) = items.next().await {
            let found: Item = found.map_err(|error| StoreError::unavailable("read a person's schedules", &error))?;
            schedules.extend(text(&found, "schedule").and_then(|schedule| schedule.parse().ok()));
        }
        Ok(schedules)
    }
}
