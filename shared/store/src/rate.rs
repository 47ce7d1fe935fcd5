//! How many events come in under an integration key in a minute, counted by all processes together.

use aws_sdk_dynamodb::types::ReturnValue;
use jiff::SignedDuration;

use crate::{
    Store,
    error::StoreError,
    integration_key::IntegrationKey,
    item::{n, number, s},
    keys,
};

/// How long the count of a minute is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(1);

impl Store {
    /// Adds `events` to what came in under the key in a minute (since 1970), and says how many that makes.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn count_events(&self, key: &IntegrationKey, minute: i64, events: u32) -> Result<u64, StoreError> {
        let at = keys::rate(&key.integration, &key.id, minute);
        let expires_at = self.clock.now().saturating_add(KEPT).unwrap_or(jiff::Timestamp::MAX);
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&at.pk))
            .key("sk", s(&at.sk))
            .update_expression("SET expires_at = :expires ADD events :events")
            .expression_attribute_values(":expires", n(expires_at.as_second()))
            .expression_attribute_values(":events", n(events))
            .return_values(ReturnValue::UpdatedNew);
        let answer =
            self.retrying(&at.pk, || request.clone().send()).await.map_err(|error| StoreError::unavailable("count events", &error))?;
        let all = answer.attributes.as_ref().and_then(|found| number(found, "events"));
        all.ok_or_else(|| StoreError::unreadable(at.pk, "it does not say how many there are"))
    }
}
