//! Everybody whom the configuration in force can call.

use std::{collections::BTreeSet, sync::Arc};

use hansho_domain::{Bundle, ServiceId, UserId};

use super::readable;
use crate::{Store, error::StoreError};

impl Store {
    /// Everybody, by name.
    ///
    /// # Errors
    /// DynamoDB does not answer, or the directory can not be read.
    pub async fn people(&self) -> Result<BTreeSet<UserId>, StoreError> {
        Ok(self.directory().await?.users.keys().cloned().collect())
    }

    /// The bundle of a service as it is in force; `None` when there is none, or it can not be read.
    pub(crate) async fn bundle_in_force(&self, service: &ServiceId) -> Result<Option<Arc<Bundle>>, StoreError> {
        let current = self.current().await?;
        readable(self.bundle_at(service, current.version).await)
    }
}
