//! The list of suppressed alerts: everything that was accepted and paged nobody, with the rule that put it there.

use hansho_domain::{Alert, AlertId, Clear, DedupKey, IncidentId, IntegrationId, SUPPRESSED_DAYS_DEFAULT, ServiceId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    error::StoreError,
    item::{self, Item, With, body, item, n, number, s, text},
    keys,
    payload::{KeptAlert, Payload, RAW},
    pointer::Pointer,
};

/// Longest raw payload kept with it, in bytes.
const RAW_BYTES_MAX: usize = 100_000;
/// How many are listed for a day at most.
const LIST_MAX: usize = 1_000;
/// The attribute with the incident that somebody made of an entry.
const OPENED: &str = "opened";

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
    /// The name of that rule, if it is one of the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// An entry of the list, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuppressedEntry {
    /// What is on the list.
    pub suppressed: Suppressed,
    /// How often the same alert came on that day.
    pub times: u64,
    /// The incident that somebody made of it.
    pub opened: Option<IncidentId>,
    /// Until when it is kept.
    pub expires_at: Option<Timestamp>,
    /// What is kept beside it. On lists the payload is left out.
    pub kept: KeptAlert,
}

/// Some entries of a day, and where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuppressedPage {
    /// The entries, by the ids of their alerts.
    pub entries: Vec<SuppressedEntry>,
    /// Set when there are more: after this one.
    pub next: Option<AlertId>,
}

impl SuppressedEntry {
    fn from_item(found: &Item) -> Option<Self> {
        let suppressed: Suppressed = body(found).ok()?;
        let kept = KeptAlert { alert: suppressed.alert, ..KeptAlert::from_item(found, suppressed.received_at) };
        Some(Self {
            times: number(found, "times").unwrap_or(1),
            opened: text(found, OPENED).and_then(|id| id.parse().ok()),
            expires_at: number(found, "expires_at").and_then(|second: i64| Timestamp::from_second(second).ok()),
            kept,
            suppressed,
        })
    }
}

impl Suppressed {
    pub(crate) fn late_alert(service: &ServiceId, alert: &Alert, now: Timestamp, pointer: &Pointer, is_known: bool) -> Self {
        let reason = if is_known {
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
            rule: None,
        }
    }

    /// `is_known`: it was taken in before, and what it ended is over.
    pub(crate) fn of_nothing(clear: &Clear, now: Timestamp, is_known: bool) -> Self {
        let known = if is_known { " any more: it was taken in before" } else { "" };
        let reason = format!("resolved by its source: no incident with its dedup key is open{known}");
        Self { reason, ..Self::of_clear(clear, now) }
    }

    pub(crate) fn late_clear(clear: &Clear, now: Timestamp, pointer: &Pointer) -> Self {
        let reason = format!("out of order: its source has said something newer ({})", pointer.newest_at);
        Self { reason, ..Self::of_clear(clear, now) }
    }

    fn of_clear(clear: &Clear, now: Timestamp) -> Self {
        Self {
            alert: clear.id,
            integration: clear.integration.clone(),
            dedup_key: clear.dedup_key.clone(),
            service: None,
            title: "cleared".to_owned(),
            occurred_at: clear.occurred_at,
            received_at: now,
            reason: String::new(),
            rule: None,
        }
    }
}

impl Store {
    /// Puts an alert on the list. The same alert twice on a day is one entry, and is counted.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn record_suppressed<'a>(&self, suppressed: &Suppressed, payload: impl Into<Payload<'a>>) -> Result<(), StoreError> {
        let payload = payload.into();
        let key = keys::suppressed(suppressed.received_at, suppressed.alert);
        let kept = SignedDuration::from_hours(24 * i64::from(self.suppressed_days().await));
        let expires_at = suppressed.received_at.saturating_add(kept).unwrap_or(Timestamp::MAX);
        let made =
            item(&key).with("body", s(item::json(&key.pk, suppressed)?)).with(RAW, s(payload.cut(RAW_BYTES_MAX))).expiring(expires_at);
        let made = payload.beside().fold(made, |made, (name, text)| made.with(name, s(text)));
        let beside: String = payload.beside().map(|(name, _)| format!(", #{name} = :{name}")).collect();
        let mut request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression(format!(
                "SET #schema = :schema, #body = :body, #raw = :raw, expires_at = :expires_at{beside} ADD times :one"
            ))
            .expression_attribute_values(":one", n(1));
        for name in ["schema", "body", RAW, "expires_at"].into_iter().chain(payload.beside().map(|(name, _)| name)) {
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

    /// For how many days suppressed alerts are kept. Where the configuration can not be read, as many as when it does not say.
    async fn suppressed_days(&self) -> u16 {
        self.routes().await.map_or(SUPPRESSED_DAYS_DEFAULT, |routes| routes.suppressed_days())
    }

    /// The suppressed alerts of the day (UTC) of `at`, in no particular order.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn suppressed_on(&self, at: Timestamp) -> Result<Vec<Suppressed>, StoreError> {
        let found = self.query_newest(&keys::suppressed_partition(at), keys::ALERT_PREFIX, LIST_MAX).await?;
        Ok(found.iter().filter_map(|found| body(found).ok()).collect())
    }

    /// At most `most` entries of the day (UTC) of `at`, by the ids of their alerts, after `after`; without their payloads.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn suppressed_page(&self, at: Timestamp, after: Option<AlertId>, most: usize) -> Result<SuppressedPage, StoreError> {
        let begin = after.map_or_else(|| keys::ALERT_PREFIX.to_owned(), |after| keys::suppressed(at, after).sk);
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk > :begin")
            .expression_attribute_values(":pk", s(keys::suppressed_partition(at)))
            .expression_attribute_values(":begin", s(begin))
            // The payloads are most of it.
            .projection_expression("pk, sk, body, times, opened, expires_at, reading, trace, raw_bytes")
            .limit(i32::try_from(most).unwrap_or(i32::MAX))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("list suppressed alerts", &error))?;
        let entries: Vec<SuppressedEntry> = answer.items.unwrap_or_default().iter().filter_map(SuppressedEntry::from_item).collect();
        let last = answer.last_evaluated_key.as_ref().and_then(|key| text(key, "sk")?.strip_prefix(keys::ALERT_PREFIX).map(str::to_owned));
        Ok(SuppressedPage { entries, next: last.and_then(|id| AlertId::try_from(id).ok()) })
    }

    /// One entry of the day (UTC) of `at`, with its payload.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn suppressed_entry(&self, at: Timestamp, alert: AlertId) -> Result<Option<SuppressedEntry>, StoreError> {
        Ok(self.get(&keys::suppressed(at, alert)).await?.as_ref().and_then(SuppressedEntry::from_item))
    }

    /// Notes that somebody made an incident of an entry.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn suppressed_was_opened(&self, at: Timestamp, alert: AlertId, incident: IncidentId) -> Result<(), StoreError> {
        let key = keys::suppressed(at, alert);
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET opened = :incident")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":incident", s(incident.to_string()));
        match self.retrying(&key.pk, || request.clone().send()).await {
            Ok(_) => Ok(()),
            // It is kept no longer.
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(()),
            Err(error) => Err(StoreError::unavailable("note what became of a suppressed alert", &error)),
        }
    }
}
