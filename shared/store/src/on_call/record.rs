//! Reading the record of worked shifts.

use std::collections::BTreeSet;

use hansho_domain::{ScheduleId, WorkedStretch, joined};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use crate::{
    Store,
    error::StoreError,
    item::{Item, body, s, timestamp},
    keys,
};

impl Store {
    /// Up to when worked shifts are written down; `None` before the first configuration.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn recorded_until(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.get(&keys::recorded()).await?.and_then(|found| timestamp(&found, "until")))
    }

    /// What is written down about a schedule in the period, in the order of time, each moment once.
    ///
    /// # Errors
    /// DynamoDB does not answer, or what it holds can not be read.
    pub async fn worked(&self, schedule: &ScheduleId, from: Timestamp, until: Timestamp) -> Result<Vec<WorkedStretch>, StoreError> {
        let mut stretches = Vec::new();
        for month in months(from, until) {
            stretches.extend(self.worked_in(&month, &format!("{schedule}#")).await?);
        }
        Ok(joined(stretches).into_iter().filter_map(|stretch| stretch.within(from, until)).collect())
    }

    /// Every schedule about which something is written down in the months (UTC) of the period.
    pub(super) async fn schedules_recorded(&self, from: Timestamp, until: Timestamp) -> Result<BTreeSet<ScheduleId>, StoreError> {
        let mut schedules = BTreeSet::new();
        for month in months(from, until) {
            schedules.extend(self.worked_in(&month, "").await?.into_iter().map(|stretch| stretch.schedule));
        }
        Ok(schedules)
    }

    /// What is written down in a month (UTC, `2026-11`) about the schedules whose keys begin so.
    pub(super) async fn worked_in(&self, month: &str, prefix: &str) -> Result<Vec<WorkedStretch>, StoreError> {
        let request = self.client.query().table_name(&self.table).consistent_read(true);
        let request = request.expression_attribute_values(":pk", s(keys::worked_partition(month)));
        let request = match prefix {
            "" => request.key_condition_expression("pk = :pk"),
            prefix => {
                request.key_condition_expression("pk = :pk AND begins_with(sk, :prefix)").expression_attribute_values(":prefix", s(prefix))
            }
        };
        let mut items = request.into_paginator().items().send();
        let mut stretches = Vec::new();
        while let Some(found) = items.next().await {
            let found: Item = found.map_err(|error| StoreError::unavailable("read worked shifts", &error))?;
            stretches.push(body(&found)?);
        }
        Ok(stretches)
    }
}

/// The months (UTC) that the period touches.
pub(super) fn months(from: Timestamp, until: Timestamp) -> Vec<String> {
    let mut day: Date = from.to_zoned(TimeZone::UTC).date().first_of_month();
    let mut months = Vec::new();
    while until > from && day.to_zoned(TimeZone::UTC).is_ok_and(|begin| begin.timestamp() < until) {
        months.push(day.strftime("%Y-%m").to_string());
        let Ok(next) = day.checked_add(1.month()) else { break };
        day = next;
    }
    months
}

#[cfg(test)]
mod tests {
    use super::months;

    #[test]
    fn a_period_touches_the_months_in_which_it_has_a_moment() {
        let months = |from: &str, until: &str| months(from.parse().unwrap(), until.parse().unwrap());
        assert_eq!(months("2026-11-30T23:59:59Z", "2026-12-01T00:00:01Z"), ["2026-11", "2026-12"]);
        assert_eq!(months("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"), ["2026-11"]);
        assert_eq!(months("2026-11-05T00:00:00Z", "2026-11-05T00:00:00Z"), [""; 0]);
        assert_eq!(months("2025-12-31T00:00:00Z", "2026-02-01T00:00:01Z").len(), 3);
    }
}
