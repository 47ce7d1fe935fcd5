//! What the bridge to AWS Systems Manager knows: how far each incident was copied, and what is known of each record there.
//!
//! Copying is a matter of state and not of messages: an item says up to which timeline entry the other side was told, so whoever
//! looks, when and how often makes no difference. A record there may stand for several incidents, because a response plan may answer
//! with one that exists.

use std::collections::{BTreeMap, BTreeSet};

use hansho_domain::{IncidentId, TimelineEntry};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    error::StoreError,
    item::{self, Item, With, body, item, n, number, s, text, time},
    keys::{self, Key},
};

/// How often a change is made again because somebody else was faster.
const CHANGES_MAX: u32 = 12;
/// Most entries that are read of a timeline in one go; the rest is told the next time.
const ENTRIES_MAX: i32 = 200;
/// Most items of one BatchGetItem (API reference).
const BATCH_MAX: usize = 100;

/// How far an incident was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BridgedIncident {
    /// Which.
    pub incident: IncidentId,
    /// How far.
    pub copied: Copied,
    revision: u64,
}

/// How far an incident was copied: what is stored of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Copied {
    /// What the other side calls its record, as it said so: an ARN of Incident Manager, or the id of an OpsItem.
    pub record: Option<String>,
    /// When it said so.
    pub recorded_at: Option<Timestamp>,
    /// Whether it is still to be asked whether the record was made for us.
    #[serde(default)]
    pub is_claim_open: bool,
    /// Since when a call may have been made that opens a record; nothing when it is sure that there was none.
    pub begun_at: Option<Timestamp>,
    /// Up to which version the timeline was told.
    pub told: u64,
    /// The impact (1 is the highest) that the record has by us.
    pub impact: Option<u8>,
    /// How many of the incident's links were handed over.
    pub links: usize,
    /// How often in a row the other side refused or did not answer.
    pub setbacks: u32,
    /// Until when the rule leaves the copying alone, after setbacks. Whoever brings news does not wait.
    pub not_before: Option<Timestamp>,
    /// Why nothing more is copied, if so.
    pub ended: Option<String>,
}

impl BridgedIncident {
    /// Nothing was copied yet.
    pub fn new(incident: IncidentId) -> Self {
        Self { incident, copied: Copied::default(), revision: 0 }
    }

    /// The record, while anything of it is copied or looked at.
    pub fn watched_record(&self) -> Option<&str> {
        self.copied.record.as_deref().filter(|_| self.copied.ended.is_none())
    }
}

/// Whether a record is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum RecordStatus {
    /// It is.
    #[default]
    Open,
    /// It is over.
    Resolved,
}

/// An incident of a record, as it was when it was looked at last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The version that was looked at.
    pub version: u64,
    /// Whether it was open.
    pub is_open: bool,
}

/// Whose a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(from = "StoredOwner", into = "StoredOwner")]
pub enum Owner {
    /// Nobody has said so yet.
    #[default]
    Unknown,
    /// It was made for an incident of ours.
    Ours,
    /// It was not. Another's record is told, and not resolved by us.
    Another,
}

/// How it is stored. Versions that know of `is_ours` only read what this one writes, and this one what they have written.
#[derive(Serialize, Deserialize)]
struct StoredOwner {
    is_ours: bool,
    #[serde(default)]
    is_anothers: bool,
}

impl From<StoredOwner> for Owner {
    fn from(stored: StoredOwner) -> Self {
        match stored {
            StoredOwner { is_ours: true, .. } => Self::Ours,
            StoredOwner { is_anothers: true, .. } => Self::Another,
            StoredOwner { .. } => Self::Unknown,
        }
    }
}

impl From<Owner> for StoredOwner {
    fn from(owner: Owner) -> Self {
        Self { is_ours: owner == Owner::Ours, is_anothers: owner == Owner::Another }
    }
}

/// What is known of a record on the other side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct BridgedRecord {
    /// Whose it is.
    #[serde(flatten)]
    pub owner: Owner,
    /// The incidents that it stands for.
    pub incidents: BTreeMap<IncidentId, Held>,
    /// The status that was asked for last, or that was seen there since.
    pub status: RecordStatus,
    /// Whether the other side has it.
    pub is_confirmed: bool,
    /// Since when.
    pub confirmed_at: Option<Timestamp>,
    /// Counts changes of the status.
    pub turn: u32,
    /// Until when somebody is telling the other side the status.
    pub telling_until: Option<Timestamp>,
    /// Whether it was resolved there, and the incidents are not yet.
    pub is_to_resolve: bool,
}

impl BridgedRecord {
    /// Notes how an incident of it stands; what is older than what is known changes nothing.
    pub fn note(&mut self, incident: IncidentId, seen: Held) {
        if self.incidents.get(&incident).is_none_or(|known| known.version <= seen.version) {
            self.incidents.insert(incident, seen);
        }
    }

    /// Notes whose it is. What was said first stands: one record may stand for several incidents, each of which asks.
    pub fn claim(&mut self, owner: Owner) {
        if self.owner == Owner::Unknown {
            self.owner = owner;
        }
    }

    /// Whether an incident of it is open.
    pub fn is_wanted_open(&self) -> bool {
        self.incidents.values().any(|held| held.is_open)
    }

    /// The open incidents.
    pub fn open_incidents(&self) -> impl Iterator<Item = IncidentId> {
        self.incidents.iter().filter(|(_, held)| held.is_open).map(|(incident, _)| *incident)
    }
}

impl Store {
    /// How far the incident was copied; `None` when nothing was begun.
    ///
    /// # Errors
    /// DynamoDB does not answer, or the item can not be read.
    pub async fn bridged_incident(&self, incident: IncidentId) -> Result<Option<BridgedIncident>, StoreError> {
        self.get(&keys::bridged_incident(incident)).await?.map(|found| bridged(incident, &found)).transpose()
    }

    /// The same of many, in no order, without those of which nothing was begun, or whose item can not be read.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn bridged_incidents(&self, incidents: &[IncidentId]) -> Result<Vec<BridgedIncident>, StoreError> {
        let mut known = Vec::new();
        for some in incidents.chunks(BATCH_MAX) {
            let wanted: Vec<Key> = some.iter().map(|id| keys::bridged_incident(*id)).collect();
            let found = self.batch_get(&wanted).await?;
            known.extend(found.iter().filter_map(|found| bridged(incident_of(found)?, found).ok()));
        }
        Ok(known)
    }

    /// Writes it down, to be looked at again at `look_at`, or never by itself. `false`: somebody else has written meanwhile.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn save_bridged_incident(&self, bridged: &mut BridgedIncident, look_at: Option<Timestamp>) -> Result<bool, StoreError> {
        let key = keys::bridged_incident(bridged.incident);
        let mut made = revised(&key, bridged.revision + 1, &bridged.copied)?;
        if let Some(look_at) = look_at {
            made = made.with("work_pk", s(keys::bridge_shard(keys::shard(bridged.incident)))).with("work_at", time(look_at));
        }
        let is_saved = self.put_revised(made, bridged.revision).await?;
        bridged.revision += u64::from(is_saved);
        Ok(is_saved)
    }

    /// What is known of a record; `None` when nothing is.
    ///
    /// # Errors
    /// DynamoDB does not answer, or the item can not be read.
    pub async fn bridged_record(&self, record: &str) -> Result<Option<BridgedRecord>, StoreError> {
        self.get(&keys::bridged_record(record)).await?.map(|found| body(&found)).transpose()
    }

    /// Changes what is known of a record, and gives what is so then, with what `change` said last. It may be called more than once.
    ///
    /// # Errors
    /// DynamoDB does not answer, the item can not be read, or too many change it at once.
    pub async fn change_bridged_record<T>(
        &self,
        record: &str,
        change: impl Fn(&mut BridgedRecord) -> T,
    ) -> Result<(BridgedRecord, T), StoreError> {
        let key = keys::bridged_record(record);
        for attempt in 1..=CHANGES_MAX {
            let found = self.get(&key).await?;
            let revision = found.as_ref().and_then(|found| number(found, "revision")).unwrap_or(0);
            let before: BridgedRecord = found.as_ref().map(body).transpose()?.unwrap_or_default();
            let mut known = before.clone();
            let outcome = change(&mut known);
            if known == before && found.is_some() {
                return Ok((known, outcome));
            }
            if self.put_revised(revised(&key, revision + 1, &known)?.with("record", s(record)), revision).await? {
                return Ok((known, outcome));
            }
            self.pause(&key.pk, attempt).await;
        }
        Err(StoreError::Contention { key: key.pk })
    }

    /// Copied incidents that are to be looked at by `by`.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn due_bridged_incidents(&self, by: Timestamp) -> Result<Vec<IncidentId>, StoreError> {
        let found = self.work(keys::bridge_shard, by).await?;
        Ok(found.iter().filter_map(incident_of).collect())
    }

    /// Open incidents that nobody looks at: of which nothing was copied yet, or that were over and are open again. Their messages may be
    /// lost, or their service is copied nowhere.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn unwatched_incidents(&self) -> Result<Vec<IncidentId>, StoreError> {
        let mut ids = self.listed_open(None).await?;
        let mut settled = BTreeSet::new();
        for some in ids.chunks(BATCH_MAX) {
            let wanted: Vec<Key> = some.iter().map(|id| keys::bridged_incident(*id)).collect();
            for found in self.batch_get(&wanted).await? {
                let is_watched = text(&found, "work_pk").is_some();
                if is_watched || body::<Copied>(&found).is_ok_and(|copied| copied.ended.is_some()) {
                    settled.extend(incident_of(&found));
                }
            }
        }
        ids.retain(|id| !settled.contains(id));
        Ok(ids)
    }

    /// Entries of the timeline that were made after `version`, in order, up to 200 of them.
    ///
    /// # Errors
    /// DynamoDB does not answer, or an entry can not be read.
    pub async fn entries_after(&self, incident: IncidentId, version: u64) -> Result<Vec<TimelineEntry>, StoreError> {
        let (first, last) = (keys::entry(incident, version + 1), format!("{}~", keys::ENTRY_PREFIX));
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", s(&first.pk))
            .expression_attribute_values(":first", s(&first.sk))
            .expression_attribute_values(":last", s(last))
            .limit(ENTRIES_MAX)
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("read a timeline", &error))?;
        answer.items.unwrap_or_default().iter().map(body).collect()
    }

    /// Puts an item over the one of that revision; 0: over none. `false`: there is another one.
    async fn put_revised(&self, made: Item, revision: u64) -> Result<bool, StoreError> {
        let name = item::name(&made);
        let put = self.client.put_item().table_name(&self.table).set_item(Some(made));
        let request = match revision {
            0 => put.condition_expression("attribute_not_exists(pk)"),
            _ => put.condition_expression("revision = :revision").expression_attribute_values(":revision", n(revision)),
        };
        match self.retrying(&name, || request.clone().send()).await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(false),
            Err(error) => Err(StoreError::unavailable("write what was copied", &error)),
        }
    }
}

fn revised<T: Serialize>(key: &Key, revision: u64, value: &T) -> Result<Item, StoreError> {
    Ok(item(key).with("revision", n(revision)).with("body", s(item::json(&key.pk, value)?)))
}

fn bridged(incident: IncidentId, found: &Item) -> Result<BridgedIncident, StoreError> {
    Ok(BridgedIncident { incident, copied: body(found)?, revision: number(found, "revision").unwrap_or(0) })
}

fn incident_of(found: &Item) -> Option<IncidentId> {
    text(found, "pk")?.strip_prefix("INCIDENT#")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{BridgedRecord, Owner};

    #[test]
    fn whose_a_record_is_is_read_from_either_version_and_written_for_both() {
        let earlier = |is_ours: bool| {
            let rest = r#""incidents":{},"status":"open","is_confirmed":true,"confirmed_at":null,"turn":0,"telling_until":null,"is_to_resolve":false"#;
            serde_json::from_str::<BridgedRecord>(&format!("{{\"is_ours\":{is_ours},{rest}}}")).unwrap()
        };
        assert_eq!((earlier(true).owner, earlier(false).owner), (Owner::Ours, Owner::Unknown));
        for (owner, is_ours) in [(Owner::Unknown, false), (Owner::Ours, true), (Owner::Another, false)] {
            let written = serde_json::to_value(BridgedRecord { owner, ..BridgedRecord::default() }).unwrap();
            assert_eq!(written["is_ours"], is_ours, "{written}");
            assert_eq!(serde_json::from_value::<BridgedRecord>(written).unwrap().owner, owner);
        }
    }

    #[test]
    fn what_was_said_first_of_a_record_stands() {
        for (first, then) in [(Owner::Ours, Owner::Another), (Owner::Another, Owner::Ours)] {
            let mut record = BridgedRecord::default();
            record.claim(Owner::Unknown);
            record.claim(first);
            record.claim(then);
            assert_eq!(record.owner, first);
        }
    }
}
