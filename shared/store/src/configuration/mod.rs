//! Configuration as the functions see it: immutable bundles behind one version pointer, and what changes live
//! (contact methods, overrides, maintenance windows) read beside them.

mod apply;
mod bundle;
mod destination;
mod integration;
mod maintenance;
mod overrides;
mod parts;
mod people;
mod pieces;
mod profile;
mod roster;
mod version;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use hansho_domain::{
    Bundle, Directory, Integration, IntegrationId, LiveMaintenance, Override, Routes, Schedule, ScheduleId, ServiceId, UserId,
};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;

pub use apply::{Progress, Proposal, Proposed, Weight};
pub use destination::DestinationAddress;
pub use maintenance::{MaintenanceAdded, MaintenanceEnding};
pub use overrides::{Footing, OverrideRemoved};
pub use parts::{Addresses, Oversized};
pub use profile::{Contact, Profile};
pub use version::{Author, ConfigurationText, Version};

use crate::{
    Store,
    error::StoreError,
    item::{body, number, s},
    keys,
};

/// For how long the version pointer is believed without reading it again: an edit is in force within 5 seconds.
const POINTER_BELIEVED: SignedDuration = SignedDuration::from_secs(4);

/// The version pointer: which configuration is in force, and how often live state has changed: overrides, and maintenance windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Current {
    pub(crate) version: u64,
    live: u64,
    maintenance: u64,
}

/// What a warm function has read before.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    current: Option<(Timestamp, Current)>,
    bundles: BTreeMap<(ServiceId, u64), Arc<Bundle>>,
    integrations: BTreeMap<(IntegrationId, u64), Option<Arc<Integration>>>,
    routes: Option<(u64, Arc<Routes>)>,
    leavers: Option<(u64, Arc<BTreeSet<UserId>>)>,
    overrides: BTreeMap<ScheduleId, (u64, Arc<Vec<Override>>)>,
    maintenance: Option<(u64, Arc<Vec<LiveMaintenance>>)>,
    pub(crate) directory: Option<(u64, Arc<Directory>)>,
    /// Up to when worked shifts were known to be written down.
    pub(crate) recorded: Option<Timestamp>,
    pub(crate) definitions: BTreeMap<(ScheduleId, String), Arc<Schedule>>,
}

impl Store {
    /// The version in force; 0 when nothing was ever applied.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn configuration_version(&self) -> Result<u64, StoreError> {
        Ok(self.current().await?.version)
    }

    /// Goes up with every change of who is on call: of the configuration, and of the overrides beside it.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn revision(&self) -> Result<u64, StoreError> {
        let current = self.current().await?;
        Ok(current.version.saturating_add(current.live))
    }

    /// The version pointer: one small read, at most every few seconds.
    async fn current(&self) -> Result<Current, StoreError> {
        let now = self.clock.now();
        if let Some((read_at, current)) = self.cached(|cache| cache.current)
            && now.duration_since(read_at).abs() < POINTER_BELIEVED
        {
            return Ok(current);
        }
        let current = self.read_current().await?;
        self.cached(|cache| cache.current = Some((now, current)));
        Ok(current)
    }

    pub(crate) async fn read_current(&self) -> Result<Current, StoreError> {
        let found = self.get(&keys::configuration()).await?;
        Ok(found.map_or_else(Current::default, |found| Current {
            version: number(&found, "version").unwrap_or(0),
            live: number(&found, "live").unwrap_or(0),
            maintenance: number(&found, "maintenance").unwrap_or(0),
        }))
    }

    /// What was read before. A thread that panicked while holding it left nothing half-done, so its poison is ignored.
    pub(crate) fn cached<T>(&self, look: impl FnOnce(&mut Cache) -> T) -> T {
        look(&mut self.cache.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Store {
    /// What people have made live, of one partition, between two sort keys, both of them included. What can not be read is left out.
    async fn readable_between<T: DeserializeOwned>(&self, pk: &str, from: &str, end: &str) -> Result<Vec<T>, StoreError> {
        let query = self.client.query().table_name(&self.table).key_condition_expression("pk = :pk AND sk BETWEEN :from AND :end");
        let query = query.expression_attribute_values(":pk", s(pk)).expression_attribute_values(":from", s(from));
        let query = query.expression_attribute_values(":end", s(end)).consistent_read(true);
        let mut items = query.into_paginator().items().send();
        let mut found = Vec::new();
        while let Some(next) = items.next().await {
            let next = next.map_err(|error| StoreError::unavailable("read what is live", &error))?;
            found.extend(readable(body(&next).map(Some))?);
        }
        Ok(found)
    }
}

/// What can not be read counts as not there, where a page is better than none. Its text is kept out of the log: it may hold
/// addresses.
fn readable<T>(found: Result<Option<T>, StoreError>) -> Result<Option<T>, StoreError> {
    match found {
        Err(StoreError::Unreadable { key, .. }) => {
            tracing::error!(%key, "a part of the configuration can not be read; apply it again");
            Ok(None)
        }
        other => other,
    }
}
