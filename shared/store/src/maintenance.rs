//! Releasing what an ended maintenance window held.
//!
//! The record of the window stands in the index of work from the commit that ends it. Whoever ended it releases at once; whatever
//! becomes of them, the sweeper goes through the open incidents once more when nobody can hold anything by that window any longer,
//! and only then the record leaves the index. Each incident is told under an input of one id, so it is told once.
//!
//! An apply that takes windows out of the configuration, or changes them, is seen through in the same way.

use std::{collections::BTreeSet, fmt};

use hansho_domain::{HeldForLess, Incident, IncidentId, Input, LiveMaintenance, PhaseName, ServiceId};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Applied, Store,
    delivery::later,
    error::StoreError,
    item::{Item, With, body, item, s, text, time, timestamp},
    keys::{self, Key, SHARDS},
};

/// So long after its end somebody may still hold an alert by the window: whoever ended it may have taken 20 seconds to write so, the
/// version pointer is believed for 4, another function may take 20 for what it has decided, and an index is a little behind.
const SETTLED: SignedDuration = SignedDuration::from_secs(60);

/// How long one pass may take: the API has 20 seconds to answer, and the sweeper has other things to do. The next one goes on, because
/// what is released is no longer held.
const PASS_MAX: SignedDuration = SignedDuration::from_secs(12);

/// For how long it is known that an apply changed windows: no incident is held for longer.
const REPLANNED_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What one pass came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Release {
    /// How many incidents page now.
    pub incidents: usize,
    /// Whether it went through all that were open. The sweeper goes on otherwise.
    pub is_complete: bool,
}

/// Names what may still hold incidents, as the index of work does: a maintenance window that was ended early, or windows that an apply
/// took out of the configuration or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedMaintenance(Key);

impl EndedMaintenance {
    pub(crate) fn named_by(found: &Item) -> Option<Self> {
        Some(Self(Key { pk: text(found, "pk")?.to_owned(), sk: text(found, "sk")?.to_owned() }))
    }

    pub(crate) fn key(&self) -> &Key {
        &self.0
    }
}

impl fmt::Display for EndedMaintenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What stands in the index of work from the commit of an apply at `at` that takes windows out of the configuration or changes them.
pub(crate) fn replanned(version: u64, at: Timestamp) -> Item {
    let made = item(&keys::maintenance_replanned(version)).with("applied_at", time(at));
    made.with("work_pk", s(keys::MAINTENANCE_WORK)).with("work_at", time(at)).expiring(later(at, REPLANNED_KEPT))
}

impl Store {
    /// Releases what an ended window holds, or windows that an apply changed hold no longer, as the index of work names it.
    ///
    /// # Errors
    /// DynamoDB does not answer, or the window or the directory can not be read. What was not released is when this is called again.
    pub async fn release_ended(&self, named: &EndedMaintenance) -> Result<Release, StoreError> {
        let Some(found) = self.get(named.key()).await? else { return Ok(Release { incidents: 0, is_complete: true }) };
        match timestamp(&found, "applied_at") {
            Some(applied_at) => self.release_replanned(named.key(), applied_at).await,
            None => self.release_held(&body(&found)?).await,
        }
    }

    /// Releases what the window holds, which somebody has ended.
    ///
    /// # Errors
    /// DynamoDB does not answer. The sweeper releases the rest.
    pub async fn release_held(&self, ended: &LiveMaintenance) -> Result<Release, StoreError> {
        let (Some(input), Some(end)) = (ended.release(), &ended.ended) else { return Ok(Release { incidents: 0, is_complete: true }) };
        let (began, id) = (self.clock.now(), ended.window.id());
        let told = |incident: &Incident| ended.is_holding(incident).then(|| input.clone());
        let release = self.release(began, &ended.window.spec().services, told).await?;
        if release.is_complete {
            let key = if ended.is_planned { keys::maintenance_rest(id, ended.until()) } else { keys::maintenance(id) };
            self.is_released(&key, began, later(end.at, SETTLED)).await?;
        }
        Ok(release)
    }

    /// Releases what windows of the configuration hold for longer than it says now.
    async fn release_replanned(&self, key: &Key, applied_at: Timestamp) -> Result<Release, StoreError> {
        let began = self.clock.now();
        // What is in force, and not what was believed to be a moment ago.
        let directory = self.directory_at(self.read_current().await?.version).await?;
        let told = |incident: &Incident| HeldForLess::of(incident, &directory.maintenance, began).map(|less| less.input);
        let release = self.release(began, &[], told).await?;
        if release.is_complete {
            self.is_released(key, began, later(applied_at, SETTLED)).await?;
        }
        Ok(release)
    }

    /// Tells the open incidents of these services, or of all, what `told` has for them.
    async fn release(
        &self,
        began: Timestamp,
        services: &[ServiceId],
        told: impl Fn(&Incident) -> Option<Input>,
    ) -> Result<Release, StoreError> {
        let mut release = Release { incidents: 0, is_complete: true };
        let mut failed = None;
        for shard in 0..SHARDS {
            let open = self.open_ids(shard, services).await?;
            for (incident, input) in self.read_all(open).await?.iter().filter_map(|incident| Some((incident, told(incident)?))) {
                if self.clock.now() > later(began, PASS_MAX) {
                    release.is_complete = false;
                    return Ok(release);
                }
                match Box::pin(self.apply(incident.id, &input)).await {
                    Ok(Applied::Changed(incident)) => release.incidents += usize::from(incident.phase.name() != PhaseName::Held),
                    Ok(Applied::Ignored(..) | Applied::Rejected(..) | Applied::Unknown) => {}
                    // Whoever looks after its deadline pages about it.
                    Err(StoreError::UnreadableIncident { incident, .. }) => {
                        tracing::error!(incident.id = %incident, "a held incident can not be read");
                    }
                    Err(error) => failed = Some(error),
                }
            }
        }
        failed.map_or(Ok(release), Err)
    }

    /// Takes the record out of the index of work, or has it looked at once more when everything has settled.
    async fn is_released(&self, key: &Key, began: Timestamp, settled_at: Timestamp) -> Result<(), StoreError> {
        let request = self.client.update_item().table_name(&self.table).key("pk", s(&key.pk)).key("sk", s(&key.sk));
        let request = request.condition_expression("attribute_exists(work_pk)");
        let request = if began >= settled_at {
            request.update_expression("REMOVE work_pk, work_at")
        } else {
            request.update_expression("SET work_at = :settled").expression_attribute_values(":settled", time(settled_at))
        };
        match self.retrying(&key.pk, || request.clone().send()).await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(()),
            Err(error) => Err(StoreError::unavailable("finish the end of a maintenance window", &error)),
        }
    }

    /// The open incidents of a shard that are of these services; of all when there are none.
    async fn open_ids(&self, shard: u8, services: &[ServiceId]) -> Result<Vec<IncidentId>, StoreError> {
        let wanted: BTreeSet<&str> = services.iter().map(ServiceId::as_str).collect();
        let request = self.client.query().table_name(&self.table).index_name("open");
        let request = request.expression_attribute_values(":pk", s(keys::open_shard(shard)));
        let request = match services {
            [service] => request
                .key_condition_expression("open_pk = :pk AND begins_with(open_sk, :service)")
                .expression_attribute_values(":service", s(format!("{service}#"))),
            _ => request.key_condition_expression("open_pk = :pk"),
        };
        let mut items = request.into_paginator().items().send();
        let mut ids = Vec::new();
        while let Some(found) = items.next().await {
            let found: Item = found.map_err(|error| StoreError::unavailable("list open incidents", &error))?;
            let Some((service, id)) = text(&found, "open_sk").and_then(|sk| sk.split_once('#')) else { continue };
            if wanted.is_empty() || wanted.contains(service) {
                ids.extend(id.parse::<IncidentId>().ok());
            }
        }
        Ok(ids)
    }
}
