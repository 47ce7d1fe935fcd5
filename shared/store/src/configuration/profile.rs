//! Responders and their addresses, as the version in force has them.

use std::fmt;

use hansho_domain::{User, UserId};
use serde::{Deserialize, Serialize};

use super::Current;
use crate::{Store, error::StoreError, item::body, keys};

/// A person's addresses. Hidden from logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Contact {
    /// Phone number, E.164 (`+81901234567`).
    pub phone: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// Address of a webhook.
    pub webhook: Option<String>,
    /// The secret that signs requests to it.
    pub webhook_secret: Option<String>,
    /// The person's time zone, an IANA name.
    #[serde(default)]
    pub time_zone: String,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contact").field("time_zone", &self.time_zone).finish_non_exhaustive()
    }
}

/// A responder with their addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The person, as the domain knows them.
    pub user: User,
    /// Their addresses.
    pub contact: Contact,
}

impl Store {
    /// A responder with their addresses; `None` for somebody who is unknown or has left.
    ///
    /// # Errors
    /// DynamoDB does not answer, or the profile can not be read.
    pub async fn profile(&self, user: &UserId) -> Result<Option<Profile>, StoreError> {
        let Current { version, .. } = self.current().await?;
        // Where the pointer is lost, the newest address there is is better than none.
        let version = if version == 0 { u64::MAX / 2 } else { version };
        self.profile_in(user, version).await
    }

    /// The same as a version had it: what was applied a moment ago is in no memory of this process yet.
    ///
    /// # Errors
    /// As [`Store::profile`].
    pub async fn profile_in(&self, user: &UserId, version: u64) -> Result<Option<Profile>, StoreError> {
        self.newest_version(&keys::user_partition(user), version).await?.map(|found| body(&found)).transpose()
    }
}
