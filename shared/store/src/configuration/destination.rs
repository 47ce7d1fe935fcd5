//! Destinations: where machines and chat channels are reached, always read live.

use std::{collections::BTreeMap, fmt};

use hansho_domain::{Destination, Language};
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    error::StoreError,
    item::{self, With, body, item, s},
    keys,
};

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
    /// Remembers where destinations are reached. To be called before a configuration that names them is applied.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn put_destinations(&self, destinations: &BTreeMap<Destination, DestinationAddress>) -> Result<(), StoreError> {
        for (destination, address) in destinations {
            let key = keys::destination(destination);
            self.put_item(item(&key).with("body", s(item::json(&key.pk, address)?))).await?;
        }
        Ok(())
    }

    /// Where the destination is reached; `None` when no configuration has named it.
    ///
    /// # Errors
    /// DynamoDB does not answer, or the item can not be read.
    pub async fn destination(&self, destination: &Destination) -> Result<Option<DestinationAddress>, StoreError> {
        self.get(&keys::destination(destination)).await?.map(|found| body(&found)).transpose()
    }
}
