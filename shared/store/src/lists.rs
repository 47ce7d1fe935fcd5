//! Lists of incidents: what is open, per service or all; everything by time of opening, page by page.

use aws_sdk_dynamodb::types::KeysAndAttributes;
use hansho_domain::{Incident, IncidentId, ServiceId};

use crate::{
    Store,
    error::StoreError,
    incident::Stored,
    item::{Item, s, text},
    keys::{self, Key, SHARDS},
};

/// Most incidents of one page.
const PAGE_MAX: usize = 100;
/// Most open incidents that are read at once for people to look at.
const LISTED_MAX: usize = 1_000;
/// Most items of one BatchGetItem (API reference).
const BATCH_MAX: usize = 100;
/// How often what a batch left over is asked for again.
const BATCH_TRIES_MAX: u32 = 8;

/// Where the next page begins: after this incident.
pub type ListCursor = IncidentId;

/// Some incidents, newest first, and where to go on.
#[derive(Debug, Clone)]
pub struct Page {
    /// The incidents.
    pub incidents: Vec<Incident>,
    /// Set when there are more.
    pub next: Option<ListCursor>,
}

impl Store {
    /// Every open incident of a service, or of all, newest first.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn open_incidents(&self, service: Option<&ServiceId>) -> Result<Vec<Incident>, StoreError> {
        self.open_of(self.listed_open(service).await?).await
    }

    /// Up to 1,000 of them, those that were opened before `cursor`, for people to look at.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn some_open_incidents(&self, service: Option<&ServiceId>, cursor: Option<ListCursor>) -> Result<Vec<Incident>, StoreError> {
        let mut ids = self.listed_open(service).await?;
        ids.retain(|id| cursor.is_none_or(|cursor| *id < cursor));
        ids.truncate(LISTED_MAX);
        self.open_of(ids).await
    }

    /// The `most` newest of the open incidents whose services are wanted, and how many there are beyond.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn newest_open_incidents(
        &self,
        most: usize,
        is_wanted: impl Fn(&ServiceId) -> bool,
    ) -> Result<(Vec<Incident>, usize), StoreError> {
        let listed = self.listed_with_services(None).await?;
        let mut ids: Vec<IncidentId> =
            listed.into_iter().filter(|(_, service)| service.as_ref().is_none_or(&is_wanted)).map(|(id, _)| id).collect();
        let beyond = ids.len().saturating_sub(most);
        ids.truncate(most);
        Ok((self.open_of(ids).await?, beyond))
    }

    /// The `most` newest open incidents of a service, and how many there are beyond.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn newest_open_of_service(&self, service: &ServiceId, most: usize) -> Result<(Vec<Incident>, usize), StoreError> {
        let mut ids = self.listed_open(Some(service)).await?;
        let beyond = ids.len().saturating_sub(most);
        ids.truncate(most);
        Ok((self.open_of(ids).await?, beyond))
    }

    async fn open_of(&self, ids: Vec<IncidentId>) -> Result<Vec<Incident>, StoreError> {
        let mut incidents = self.read_all(ids).await?;
        // The index may be behind: what it calls open is asked again.
        incidents.retain(|incident| !incident.phase.is_resolved());
        incidents.sort_by_key(|incident| std::cmp::Reverse(incident.id));
        Ok(incidents)
    }

    /// What the index calls open, newest first: ids begin with the time of opening.
    pub(crate) async fn listed_open(&self, service: Option<&ServiceId>) -> Result<Vec<IncidentId>, StoreError> {
        Ok(self.listed_with_services(service).await?.into_iter().map(|(id, _)| id).collect())
    }

    /// The same, each with its service as the index has it.
    async fn listed_with_services(&self, service: Option<&ServiceId>) -> Result<Vec<(IncidentId, Option<ServiceId>)>, StoreError> {
        let prefix = service.map(|service| format!("{service}#"));
        let mut ids = Vec::new();
        for shard in 0..SHARDS {
            let mut request = self
                .client
                .query()
                .table_name(&self.table)
                .index_name("open")
                .expression_attribute_values(":pk", s(keys::open_shard(shard)));
            request = match &prefix {
                None => request.key_condition_expression("open_pk = :pk"),
                Some(prefix) => request
                    .key_condition_expression("open_pk = :pk AND begins_with(open_sk, :service)")
                    .expression_attribute_values(":service", s(prefix)),
            };
            let mut items = request.into_paginator().items().send();
            while let Some(found) = items.next().await {
                let found: Item = found.map_err(|error| StoreError::unavailable("list open incidents", &error))?;
                let service = text(&found, "open_sk").and_then(|sk| sk.split_once('#')?.0.parse().ok());
                ids.extend(incident_id(&found).map(|id| (id, service)));
            }
        }
        ids.sort_by_key(|(id, _)| std::cmp::Reverse(*id));
        Ok(ids)
    }

    /// Incidents by time of opening, newest first, `limit` (at most 100) after `cursor`.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn recent_incidents(&self, cursor: Option<ListCursor>, limit: usize) -> Result<Page, StoreError> {
        let limit = limit.clamp(1, PAGE_MAX);
        let mut ids = Vec::new();
        for shard in 0..SHARDS {
            let mut request = self
                .client
                .query()
                .table_name(&self.table)
                .index_name("recent")
                .scan_index_forward(false)
                // One more than asked for tells whether there are more.
                .limit(i32::try_from(limit + 1).unwrap_or(i32::MAX))
                .expression_attribute_values(":pk", s(keys::recent_shard(shard)));
            request = match cursor {
                None => request.key_condition_expression("recent_pk = :pk"),
                Some(cursor) => request
                    .key_condition_expression("recent_pk = :pk AND recent_sk < :cursor")
                    .expression_attribute_values(":cursor", s(cursor.to_string())),
            };
            let answer = request.send().await.map_err(|error| StoreError::unavailable("list recent incidents", &error))?;
            ids.extend(answer.items.unwrap_or_default().iter().filter_map(incident_id));
        }
        ids.sort();
        ids.reverse();
        let has_more = ids.len() > limit;
        ids.truncate(limit);
        let next = ids.last().copied().filter(|_| has_more);
        let mut incidents = self.read_all(ids).await?;
        incidents.sort_by_key(|incident| std::cmp::Reverse(incident.id));
        Ok(Page { incidents, next })
    }

    /// Reads the incidents themselves, consistently. One that can not be read does not hide the others.
    pub(crate) async fn read_all(&self, ids: Vec<IncidentId>) -> Result<Vec<Incident>, StoreError> {
        let mut incidents = Vec::new();
        for chunk in ids.chunks(BATCH_MAX) {
            let wanted: Vec<Key> = chunk.iter().map(|id| keys::incident(*id)).collect();
            for found in self.batch_get(&wanted).await? {
                let Some(id) = incident_id(&found) else { continue };
                match Stored::from_item(id, &found) {
                    Ok(stored) => incidents.push(stored.incident),
                    Err(error) => tracing::error!(incident.id = %id, %error, "an incident in a list can not be read"),
                }
            }
        }
        Ok(incidents)
    }

    /// Up to 100 items, read consistently, in any order; what is not there is left out.
    pub(crate) async fn batch_get(&self, wanted_keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        let mut wanted = KeysAndAttributes::builder().consistent_read(true);
        for key in wanted_keys {
            wanted = wanted.keys([("pk".to_owned(), s(&key.pk)), ("sk".to_owned(), s(&key.sk))].into_iter().collect());
        }
        let mut wanted = wanted.build().map_err(|error| StoreError::unreadable(&self.table, error))?;
        let mut found = Vec::new();
        for attempt in 1..=BATCH_TRIES_MAX {
            let answer = self
                .client
                .batch_get_item()
                .request_items(&self.table, wanted)
                .send()
                .await
                .map_err(|error| StoreError::unavailable("read items", &error))?;
            found.extend(answer.responses.unwrap_or_default().remove(&self.table).unwrap_or_default());
            match answer.unprocessed_keys.unwrap_or_default().remove(&self.table) {
                None => return Ok(found),
                Some(rest) => wanted = rest,
            }
            self.pause(&self.table, attempt).await;
        }
        Err(StoreError::Contention { key: self.table.clone() })
    }
}

fn incident_id(found: &Item) -> Option<IncidentId> {
    text(found, "pk")?.strip_prefix("INCIDENT#")?.parse().ok()
}
