//! Destinations: where machines and chat channels are reached, always read live.

use std::fmt;

use hansho_domain::{Destination, Language};
use serde::{Deserialize, Serialize};

use super::Current;
use crate::{Store, error::StoreError, item::body, keys};

/// Where a destination is reached. Hidden from logs: whoever knows the address of a channel can post to it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestinationAddress {
    /// The address that takes the posts.
    pub url: String,
    /// The secret that signs requests to a webhook.
    pub secret: Option<String>,
    /// The language of what is posted.
    #[serde(default)]
    pub language: Language,
    /// The time zone of times in it, an IANA name.
    #[serde(default)]
    pub time_zone: String,
}

impl fmt::Debug for DestinationAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DestinationAddress").field("language", &self.language).field("time_zone", &self.time_zone).finish_non_exhaustive()
    }
}

impl Store {
    /// Where the destination is reached; `None` when the configuration does not know it (any more).
    ///
    /// # Errors
    /// DynamoDB does not answer, or the item can not be read.
    pub async fn destination(&self, destination: &Destination) -> Result<Option<DestinationAddress>, StoreError> {
        let Current { version, .. } = self.current().await?;
        // Where the pointer is lost, the newest address there is is better than none.
        let version = if version == 0 { u64::MAX / 2 } else { version };
        self.destination_in(destination, version).await
    }

    /// The same as a version had it: what was applied a moment ago is in no memory of this process yet.
    ///
    /// # Errors
    /// As [`Store::destination`].
    pub async fn destination_in(&self, destination: &Destination, version: u64) -> Result<Option<DestinationAddress>, StoreError> {
        self.newest_version(&keys::destination_partition(destination), version).await?.map(|found| body(&found)).transpose()
    }
}
