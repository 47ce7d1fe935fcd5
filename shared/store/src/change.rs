//! Change events: what somebody changed, for those who look for the cause of an incident. They page nobody.

use hansho_domain::{AlertId, IntegrationId, Reference, ServiceId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Store,
    error::StoreError,
    item::{self, With, body, item, s},
    keys,
};

/// How long they are kept, as PagerDuty keeps them.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How many are listed for a day at most.
const LIST_MAX: usize = 1_000;

/// A change event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Names it.
    pub id: AlertId,
    /// The way it came in.
    pub integration: IntegrationId,
    /// The service of the integration, if it names one.
    pub service: Option<ServiceId>,
    /// What was changed, in one line.
    pub summary: String,
    /// Where.
    pub source: Option<String>,
    /// When, by the sender's clock; when it came in, where the sender does not say.
    pub occurred_at: Timestamp,
    /// When it came in.
    pub received_at: Timestamp,
    /// What else the sender says.
    pub details: Option<Value>,
    /// Web addresses that it brings along.
    pub links: Vec<Reference>,
}

impl Store {
    /// Keeps a change event.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn record_change(&self, change: &Change) -> Result<(), StoreError> {
        let key = keys::change(change.received_at, change.id);
        let expires_at = change.received_at.saturating_add(KEPT).unwrap_or(Timestamp::MAX);
        self.put_item(item(&key).with("body", s(item::json(&key.pk, change)?)).expiring(expires_at)).await
    }

    /// The change events that came in on the day (UTC) of `at`, the last ones first; at most 1,000.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn changes_on(&self, at: Timestamp) -> Result<Vec<Change>, StoreError> {
        let found = self.query_newest(&keys::changes_partition(at), keys::CHANGE_PREFIX, LIST_MAX).await?;
        Ok(found.iter().filter_map(|found| body(found).ok()).collect())
    }
}
