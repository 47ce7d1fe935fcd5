//! Integrations: the ways in that the configuration in force has.

use std::sync::Arc;

use hansho_domain::{Integration, IntegrationId};

use super::readable;
use crate::{Store, error::StoreError, item::body, keys};

/// How many integrations a warm function keeps, also those of which it has read that there is none.
const INTEGRATIONS_MAX: usize = 500;

impl Store {
    /// The integration as it is in force. `None`: the configuration has none of this name (any more), or it can not be read;
    /// what comes in by it belongs to the catch-all service then.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn integration(&self, id: &IntegrationId) -> Result<Option<Arc<Integration>>, StoreError> {
        let version = self.current().await?.version;
        let key = (id.clone(), version);
        if let Some(known) = self.cached(|cache| cache.integrations.get(&key).cloned()) {
            return Ok(known);
        }
        let found = self.newest_version(&keys::integration_partition(id), version).await?;
        let integration: Option<Arc<Integration>> = readable(found.map(|found| body(&found)).transpose())?.map(Arc::new);
        self.cached(|cache| {
            if cache.integrations.len() >= INTEGRATIONS_MAX {
                cache.integrations.clear();
            }
            cache.integrations.insert(key, integration.clone());
        });
        Ok(integration)
    }
}
