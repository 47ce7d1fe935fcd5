//! Everybody whom the configuration in force can call.

use std::collections::BTreeSet;

use hansho_domain::UserId;

use super::readable;
use crate::{Store, error::StoreError};

impl Store {
    /// Everybody whom any service may call, by name. A bundle that can not be read is passed over: whoever is in it only is
    /// missing here.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn people(&self) -> Result<BTreeSet<UserId>, StoreError> {
        let current = self.current().await?;
        let mut people = BTreeSet::new();
        for service in &self.routes().await?.services {
            if let Some(bundle) = readable(self.bundle_at(&service.id, current.version).await)? {
                people.extend(bundle.users.iter().map(|user| user.id().clone()));
            }
        }
        Ok(people)
    }
}
