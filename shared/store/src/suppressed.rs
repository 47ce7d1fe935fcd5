//! The list of suppressed alerts: everything that was accepted and paged nobody, with the rule that put it there.

use hansho_domain::{Alert, AlertId, Clear, DedupKey, IntegrationId, ServiceId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    error::StoreError,
    item::{self, With, body, item, n, s},
    keys,
    pointer::Pointer,
};

/// How long the list is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Longest raw payload kept with it, in bytes.
const RAW_BYTES_MAX: usize = 100_000;
/// How many are listed for a day at most.
const LIST_MAX: usize = 1_000;

/// An alert that paged nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppressed {
    /// The alert.
    pub alert: AlertId,
    /// The way it came in.
    pub integration: IntegrationId,
    /// Which trouble it is about.
    pub dedup_key: DedupKey,
    /// The service it would have gone to, where that was looked up.
    pub service: Option<ServiceId>,
    /// What it says.
    pub title: String,
    /// When the source saw it.
    pub occurred_at: Timestamp,
    /// When it came in.
    pub received_at: Timestamp,
    /// The rule that put it here, in words.
    pub reason: String,
}

impl Suppressed {
    pub(crate) fn late_alert(service: &ServiceId, alert: &Alert, now: Timestamp, pointer: &Pointer) -> Self {
        let reason = if alert.id == pointer.newest_id {
            "out of order: this alert was taken in before, and its incident is resolved".to_owned()
        } else {
            format!("out of order: its source has said something newer ({})", pointer.newest_at)
        };
        Self {
            alert: alert.id,
            integration: alert.integration.clone(),
            dedup_key: alert.dedup_key.clone(),
            service: Some(service.clone()),
            title: alert.title.clone(),
            occurred_at: alert.occurred_at,
            received_at: now,
            reason,
        }
    }

    pub(crate) fn late_clear(clear: &Clear, now: Timestamp, pointer: &Pointer) -> Self {
        Self {
            alert: clear.id,
            integration: clear.integration.clone(),
            dedup_key: clear.dedup_key.clone(),
            service: None,
            title: "cleared".to_owned(),
            occurred_at: clear.occurred_at,
            received_at: now,
            reason: format!("out of order: its source has said something newer ({})", pointer.newest_at),
        }
    }
}

impl Store {
    /// Puts an alert on the list. The same alert twice on a day is one entry, and is counted.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn record_suppressed(&self, suppressed: &Suppressed, raw: &str) -> Result<(), StoreError> {
        let key = keys::suppressed(suppressed.received_at, suppressed.alert);
        let end = raw.floor_char_boundary(RAW_BYTES_MAX);
        let expires_at = suppressed.received_at.saturating_add(KEPT).unwrap_or(Timestamp::MAX);
        let made = item(&key).with("body", s(item::json(&key.pk, suppressed)?)).with("raw", s(&raw[..end])).expiring(expires_at);
        let mut request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET #schema = :schema, #body = :body, #raw = :raw, expires_at = :expires_at ADD times :one")
            .expression_attribute_values(":one", n(1));
        for name in ["schema", "body", "raw", "expires_at"] {
            if name != "expires_at" {
                request = request.expression_attribute_names(format!("#{name}"), name);
            }
            if let Some(value) = made.get(name) {
                request = request.expression_attribute_values(format!(":{name}"), value.clone());
            }
        }
        self.retrying(&key.pk, || request.clone().send())
            .await
            .map(|_| ())
            .map_err(|error| StoreError::unavailable("record a suppressed alert", &error))
    }

    /// The suppressed alerts of the day (UTC) of `at`, in no particular order.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn suppressed_on(&self, at: Timestamp) -> Result<Vec<Suppressed>, StoreError> {
        let found = self.query_newest(&keys::suppressed_partition(at), keys::ALERT_PREFIX, LIST_MAX).await?;
        Ok(found.iter().filter_map(|found| body(found).ok()).collect())
    }
}
