//! Incidents and their timelines.

use hansho_domain::{Actor, EffectId, Event, Incident, IncidentId, TimelineEntry};
use serde_json::{Map, Value};

use crate::{
    Delivery, Store,
    canary::{self, is_canary},
    delivery::later,
    error::StoreError,
    item::{self, Item, With, body, item, n, s, text, time},
    keys,
    test_page::is_test_page,
};

/// An incident as it stands in the table, with the fields that this code does not know.
#[derive(Debug, Clone)]
pub struct Stored {
    /// What this code knows of it.
    pub incident: Incident,
    /// Everything that was stored.
    pub(crate) fields: Map<String, Value>,
}

impl Stored {
    pub(crate) fn from_item(id: IncidentId, found: &Item) -> Result<Self, StoreError> {
        let unreadable = |message: String| StoreError::UnreadableIncident { incident: id, message };
        let fields: Map<String, Value> = body(found).map_err(|error| unreadable(error.to_string()))?;
        let incident = serde_json::from_value(Value::Object(fields.clone())).map_err(|error| unreadable(error.to_string()))?;
        Ok(Self { incident, fields })
    }
}

/// The item of an incident: the body, and the attributes that conditions and indexes go by.
pub(crate) fn incident_item(incident: &Incident, before: &Map<String, Value>) -> Result<Item, StoreError> {
    let key = keys::incident(incident.id);
    let shard = keys::shard(incident.id);
    let mut made = item(&key)
        .with("version", n(incident.version))
        .with("body", s(item::json_over(&key.pk, incident, before)?))
        // For an incident that can no longer be read: its alarm must be able to open another.
        .with("pointer", s(keys::pointer(&incident.integration, &incident.dedup_key).pk));
    if let Some(deadline) = incident.deadline {
        made = made.with("work_pk", s(keys::due_shard(shard))).with("work_at", time(deadline.at));
    }
    if is_canary(&incident.service) {
        // It is on no list, and not kept.
        return Ok(made.expiring(later(incident.opened_at, canary::KEPT)));
    }
    if is_test_page(&incident.service) {
        // It is its person's affair, and on no list.
        return Ok(made);
    }
    made = made.with("recent_pk", s(keys::recent_shard(shard))).with("recent_sk", s(incident.id.to_string()));
    if !incident.phase.is_resolved() {
        made = made.with("open_pk", s(keys::open_shard(shard))).with("open_sk", s(keys::open_sk(&incident.service, incident.id)));
    }
    Ok(made)
}

pub(crate) fn entry_item(id: IncidentId, entry: &TimelineEntry) -> Result<Item, StoreError> {
    let key = keys::entry(id, entry.version);
    let made = item(&key).with("body", s(item::json(&key.pk, entry)?));
    let Actor::User(user) = &entry.actor else { return Ok(made) };
    if !entry.events.contains(&Event::Acknowledged) {
        return Ok(made);
    }
    // What allowance reports count; no item of its own, and nothing on the way of a page.
    Ok(made
        .with("recent_pk", s(keys::answered_partition(&keys::month(entry.at))))
        .with("recent_sk", s(keys::answered_sk(entry.at, user, id))))
}

/// How many timeline entries and deliveries are read at most for one incident.
const TIMELINE_MAX: usize = 2_000;

impl Store {
    /// The incident, read consistently; `None` when there is none.
    ///
    /// # Errors
    /// DynamoDB does not answer, or the incident can not be read.
    pub async fn incident(&self, id: IncidentId) -> Result<Option<Stored>, StoreError> {
        match self.get(&keys::incident(id)).await? {
            Some(found) => Stored::from_item(id, &found).map(Some),
            None => Ok(None),
        }
    }

    /// The incident's timeline and its deliveries, each in order of time; the newest [`TIMELINE_MAX`] of each.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn timeline(&self, id: IncidentId) -> Result<(Vec<TimelineEntry>, Vec<Delivery>), StoreError> {
        let mut entries = Vec::new();
        for found in self.query_newest(&keys::incident_partition(id), keys::ENTRY_PREFIX, TIMELINE_MAX).await? {
            // An entry that can not be read must not hide the others.
            match body(&found) {
                Ok(entry) => entries.push(entry),
                Err(error) => tracing::error!(incident.id = %id, %error, "a timeline entry can not be read"),
            }
        }
        let deliveries = self.query_newest(&keys::incident_partition(id), keys::DELIVERY_PREFIX, TIMELINE_MAX).await?;
        let mut deliveries: Vec<Delivery> = deliveries.iter().filter_map(|found| Delivery::from_item(found).ok()).collect();
        entries.reverse();
        deliveries.reverse();
        Ok((entries, deliveries))
    }

    /// The raw payload of an alert of this incident, as it came in.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn raw_alerts(&self, id: IncidentId) -> Result<Vec<String>, StoreError> {
        let found = self.query_newest(&keys::incident_partition(id), keys::ALERT_PREFIX, TIMELINE_MAX).await?;
        Ok(found.iter().filter_map(|found| text(found, "raw").map(str::to_owned)).collect())
    }

    pub(crate) async fn get(&self, key: &keys::Key) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("read an item", &error))?;
        Ok(answer.item)
    }

    /// One item, read consistently, and for all who ask for it while another read of it is under way: it is read after they asked.
    pub(crate) async fn get_together(&self, key: &keys::Key) -> Result<Option<Item>, StoreError> {
        let name = key.to_string();
        let read = async |_: Vec<()>| {
            let request = self.client.get_item().table_name(&self.table).key("pk", s(&key.pk)).key("sk", s(&key.sk)).consistent_read(true);
            let answer = self.retrying(&name, || request.clone().send()).await;
            answer.map(|answer| answer.item).map_err(|error| StoreError::given_up(&key.pk, "read an item", &error))
        };
        match self.reads.share(&name, (), read).await {
            Some(found) => found,
            // Whoever read it for this caller is gone.
            None => self.get(key).await,
        }
    }

    /// Up to `most` items of a partition whose sort key starts with `prefix`, the last ones first, read consistently.
    pub(crate) async fn query_newest(&self, pk: &str, prefix: &str, most: usize) -> Result<Vec<Item>, StoreError> {
        self.query_from(End::Last, pk, prefix, most).await
    }

    /// The same with the first ones first.
    pub(crate) async fn query_oldest(&self, pk: &str, prefix: &str, most: usize) -> Result<Vec<Item>, StoreError> {
        self.query_from(End::First, pk, prefix, most).await
    }

    async fn query_from(&self, end: End, pk: &str, prefix: &str, most: usize) -> Result<Vec<Item>, StoreError> {
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":pk", s(pk))
                .expression_attribute_values(":prefix", s(prefix))
                .scan_index_forward(end == End::First)
                .consistent_read(true)
                .limit(i32::try_from(most - found.len()).unwrap_or(i32::MAX))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| StoreError::unavailable("query a partition", &error))?;
            found.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() || found.len() >= most {
                found.truncate(most);
                return Ok(found);
            }
        }
    }
}

/// Where a query begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    First,
    Last,
}

/// The effect id that an outbox row's or delivery's keys spell.
pub(crate) fn effect_id(found: &Item, prefix: &str) -> Result<EffectId, StoreError> {
    let parse = || {
        let incident = text(found, "pk")?.strip_prefix("INCIDENT#")?.parse().ok()?;
        let (version, index) = text(found, "sk")?.strip_prefix(prefix)?.split_once('#')?;
        Some(EffectId { incident, version: version.parse().ok()?, index: index.parse().ok()? })
    };
    parse().ok_or_else(|| StoreError::unreadable(item::name(found), "its keys are not those of an effect"))
}
