//! The payloads of an incident's alerts and clears, the newest first, page by page.
//!
//! Their keys have no order of time, and a payload may have hundreds of kilobytes: what there is is listed first, and then the payloads
//! of one page are read.

use hansho_domain::{AlertId, IncidentId};
use jiff::Timestamp;

use crate::{
    Store,
    error::StoreError,
    item::{s, text, timestamp},
    keys,
    payload::{KeptAlert, RAW},
};

/// Of one incident with more payloads than these, about so many are listed, whichever come first by their keys.
const LISTED_MAX: usize = 10_000;
/// Most payloads of a page.
const PAGE_MAX: usize = 50;
/// A page with so many bytes of payloads takes no more: an answer of Lambda takes 6 MB (Lambda quotas), and one payload 300 KB.
const PAGE_BYTES_MAX: usize = 2_000_000;

/// Some payloads of an incident, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPage {
    /// They.
    pub alerts: Vec<KeptAlert>,
    /// Set when there are more: after this one.
    pub next: Option<AlertId>,
}

impl Store {
    /// The payloads of alerts and clears of this incident, the newest first, after `after`: at most 50, or about 2 MB. Of
    /// an incident with more than 10,000 of them some 10,000 are found.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn kept_alerts(&self, id: IncidentId, after: Option<AlertId>) -> Result<KeptPage, StoreError> {
        let listed = self.listed_alerts(id).await?;
        let from = after.and_then(|after| listed.iter().position(|(_, alert)| *alert == after)).map_or(0, |place| place + 1);
        let (mut alerts, mut bytes) = (Vec::new(), 0);
        for (place, (_, alert)) in listed.iter().enumerate().skip(from) {
            if let Some(found) = self.get(&keys::alert(id, *alert)).await? {
                bytes += text(&found, RAW).map_or(0, str::len);
                alerts.push(KeptAlert::from_item(&found, Timestamp::UNIX_EPOCH));
            }
            let is_last = place + 1 == listed.len();
            if !is_last && (alerts.len() >= PAGE_MAX || bytes >= PAGE_BYTES_MAX) {
                return Ok(KeptPage { alerts, next: Some(*alert) });
            }
        }
        Ok(KeptPage { alerts, next: None })
    }

    /// The first payload of this incident: that of the alert which opened it, as long as it is kept.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn first_kept_alert(&self, id: IncidentId) -> Result<Option<KeptAlert>, StoreError> {
        let Some((_, first)) = self.listed_alerts(id).await?.pop() else { return Ok(None) };
        Ok(self.get(&keys::alert(id, first)).await?.map(|found| KeptAlert::from_item(&found, Timestamp::UNIX_EPOCH)))
    }

    /// When which alert came in, the newest first.
    async fn listed_alerts(&self, id: IncidentId) -> Result<Vec<(Timestamp, AlertId)>, StoreError> {
        let mut listed = Vec::new();
        let mut start = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":pk", s(keys::incident_partition(id)))
                .expression_attribute_values(":prefix", s(keys::ALERT_PREFIX))
                .projection_expression("sk, received_at")
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| StoreError::unavailable("list the payloads of an incident", &error))?;
            listed.extend(answer.items.unwrap_or_default().iter().filter_map(|found| {
                let alert = text(found, "sk")?.strip_prefix(keys::ALERT_PREFIX)?;
                Some((timestamp(found, "received_at").unwrap_or(Timestamp::UNIX_EPOCH), AlertId::try_from(alert.to_owned()).ok()?))
            }));
            start = answer.last_evaluated_key;
            if start.is_none() || listed.len() >= LISTED_MAX {
                listed.sort_by(|a, b| b.cmp(a));
                return Ok(listed);
            }
        }
    }
}
