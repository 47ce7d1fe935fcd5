//! Bundles and routes: immutable items, the newest that is not newer than the version in force.

use std::{collections::BTreeSet, sync::Arc};

use hansho_domain::{Bundle, PolicyBundle, PolicyId, Routes, ServiceId, UserId};

use super::{parts, pieces, readable};
use crate::{
    Store,
    canary::{self, is_canary},
    error::StoreError,
    item::{Item, body, s, text},
    keys,
};

/// How many versions of the catch-all service are looked through for one that can be read.
const VERSIONS_MAX: i32 = 20;
/// How many bundles a warm function keeps; a deployment with more services reads some of them again.
const BUNDLES_MAX: usize = 200;

impl Store {
    /// What routing needs.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn routes(&self) -> Result<Arc<Routes>, StoreError> {
        let current = self.current().await?;
        if let Some((version, routes)) = self.cached(|cache| cache.routes.clone())
            && version == current.version
        {
            return Ok(routes);
        }
        // Without routes every alarm opens on the catch-all service.
        let routes = Arc::new(readable(self.read_routes(current.version).await)?.unwrap_or_default());
        self.cached(|cache| cache.routes = Some((current.version, Arc::clone(&routes))));
        Ok(routes)
    }

    /// The service's bundle as it is in force. `None`: there is no such service.
    ///
    /// # Errors
    /// DynamoDB does not answer, or the bundle can not be read.
    pub async fn bundle(&self, service: &ServiceId) -> Result<Option<Arc<Bundle>>, StoreError> {
        let current = self.current().await?;
        self.bundle_at(service, current.version).await
    }

    /// The service's bundle; the catch-all service's where there is none or it can not be read, and where that can not be
    /// read either, an earlier one of it: somebody has to be called.
    pub(super) async fn bundle_or_catch_all(&self, service: &ServiceId, version: u64) -> Result<Arc<Bundle>, StoreError> {
        if is_canary(service) {
            // Never the people of another service.
            return canary::bundle(version).map(Arc::new);
        }
        if let Some(bundle) = readable(self.bundle_at(service, version).await)? {
            return Ok(bundle);
        }
        let problem = match self.bundle_at(&ServiceId::catch_all(), version).await {
            Ok(Some(bundle)) => return Ok(bundle),
            Ok(None) => return Err(StoreError::Unconfigured { service: service.to_string() }),
            Err(error @ StoreError::Unreadable { .. }) => error,
            Err(error) => return Err(error),
        };
        let pk = keys::bundle_partition(&ServiceId::catch_all());
        let earlier = self.newest_versions(&pk, version, VERSIONS_MAX).await?;
        let found = earlier.iter().find_map(|found| bundle_of(found).ok());
        found.map(Arc::new).ok_or(problem)
    }

    pub(super) async fn bundle_at(&self, service: &ServiceId, version: u64) -> Result<Option<Arc<Bundle>>, StoreError> {
        if is_canary(service) {
            return canary::bundle(version).map(|bundle| Some(Arc::new(bundle)));
        }
        let key = (service.clone(), version);
        if let Some(bundle) = self.cached(|cache| cache.bundles.get(&key).cloned()) {
            return Ok(Some(bundle));
        }
        let Some(bundle) = self.read_bundle(service, version).await?.map(Arc::new) else { return Ok(None) };
        self.cached(|cache| {
            if cache.bundles.len() >= BUNDLES_MAX {
                cache.bundles.clear();
            }
            cache.bundles.insert(key, Arc::clone(&bundle));
        });
        Ok(Some(bundle))
    }

    pub(super) async fn read_bundle(&self, service: &ServiceId, version: u64) -> Result<Option<Bundle>, StoreError> {
        let Some(found) = self.newest_version(&keys::bundle_partition(service), version).await? else { return Ok(None) };
        bundle_of(&found).map(Some)
    }

    /// The policy as the configuration of `version` has it, with everybody whom it may call. Not kept: it is seldom asked for.
    pub(super) async fn policy_at(&self, policy: &PolicyId, version: u64) -> Result<Option<PolicyBundle>, StoreError> {
        let Some(found) = self.newest_version(&keys::policy_partition(policy), version).await? else { return Ok(None) };
        Ok(Some(PolicyBundle { version: written_in(&found), ..body(&found)? }))
    }

    pub(super) async fn read_routes(&self, version: u64) -> Result<Option<Routes>, StoreError> {
        let Some(found) = self.newest_version(keys::ROUTES_PARTITION, version).await? else { return Ok(None) };
        if !found.contains_key(pieces::IN_PIECES) {
            return body(&found).map(Some);
        }
        self.put_together(&keys::version_partition(written_in(&found)), keys::ROUTES_PREFIX).await
    }

    /// Everybody who was in an earlier version and has left. Where that can not be read, nobody has: somebody is called.
    pub(super) async fn leavers(&self, version: u64) -> Result<Arc<BTreeSet<UserId>>, StoreError> {
        if let Some((read_in, leavers)) = self.cached(|cache| cache.leavers.clone())
            && read_in == version
        {
            return Ok(leavers);
        }
        let found = self.newest_version(keys::LEAVERS_PARTITION, version).await?;
        let leavers: Arc<BTreeSet<UserId>> = Arc::new(readable(found.map(|found| body(&found)).transpose())?.unwrap_or_default());
        self.cached(|cache| cache.leavers = Some((version, Arc::clone(&leavers))));
        Ok(leavers)
    }

    /// The newest item of a partition of versions that is not newer than `version`, unless it says that there is none.
    pub(super) async fn newest_version(&self, pk: &str, version: u64) -> Result<Option<Item>, StoreError> {
        Ok(self.newest_versions(pk, version, 1).await?.into_iter().next().filter(|found| !parts::is_gone(found)))
    }

    /// The newest items of a partition of versions that are not newer than `version`, the newest first.
    pub(super) async fn newest_versions(&self, pk: &str, version: u64, most: i32) -> Result<Vec<Item>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            // Other things may stand beside the versions.
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :version")
            .expression_attribute_values(":pk", s(pk))
            .expression_attribute_values(":first", s(keys::VERSION_PREFIX))
            .expression_attribute_values(":version", s(keys::version_sk(version)))
            .scan_index_forward(false)
            .limit(most)
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("read the configuration", &error))?;
        Ok(answer.items.unwrap_or_default())
    }
}

/// A bundle, with the version that wrote it.
fn bundle_of(found: &Item) -> Result<Bundle, StoreError> {
    Ok(Bundle { version: written_in(found), ..body(found)? })
}

/// The version that wrote a part; 0 where its key does not say.
fn written_in(found: &Item) -> u64 {
    text(found, "sk").and_then(|sk| sk.strip_prefix(keys::VERSION_PREFIX)?.parse().ok()).unwrap_or(0)
}
