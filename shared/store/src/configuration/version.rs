//! The versions of the configuration: who made which, when and why, and the text that it was read from.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::readable;
use crate::{Store, error::StoreError, item::body, keys};

/// Most versions of one list.
const LIST_MAX: usize = 200;

/// The files of a configuration: their names, relative to its folder, and what is in them. They may hold addresses and
/// secrets, so they are hidden from logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct ConfigurationText(pub BTreeMap<String, String>);

impl fmt::Debug for ConfigurationText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl ConfigurationText {
    /// Tells this text from any other.
    pub fn digest(&self) -> String {
        let mut whole = String::new();
        for (name, text) in &self.0 {
            whole.push_str(&format!("{}:{name}{}:{text}", name.len(), text.len()));
        }
        keys::hash(&whole)
    }
}

/// Who puts a configuration in force, from where, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Author {
    /// Who, as they say themselves: `aiko@laptop`, `local`.
    pub by: String,
    /// What they used: `hansho apply`, `hansho local`.
    pub with: String,
    /// Why, in their words.
    #[serde(default)]
    pub message: Option<String>,
    /// The earlier version whose text it is, if it is a rollback.
    #[serde(default)]
    pub restores: Option<u64>,
}

/// A version that is or was in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Its number. Numbers grow; one that is missing belongs to an apply that did not get to its end.
    pub version: u64,
    /// The version that was in force before; 0 for none.
    pub follows: u64,
    /// When it came in force.
    pub at: Timestamp,
    /// Who made it.
    pub author: Author,
    /// What changed, in one line.
    pub summary: String,
    /// Tells its text from others.
    pub digest: String,
    /// How many files its text has; 0 when it was made without any.
    pub files: usize,
    /// How many items it wrote or took away.
    pub items: usize,
}

impl Store {
    /// The versions that are and were in force, the newest first: at most `most` (200) of those not newer than `newest`.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn versions(&self, newest: Option<u64>, most: usize) -> Result<Vec<Version>, StoreError> {
        let most = i32::try_from(most.clamp(1, LIST_MAX)).unwrap_or(i32::MAX);
        let found = self.newest_versions(keys::VERSIONS_PARTITION, newest.unwrap_or(u64::MAX / 2), most).await?;
        // One that can not be read must not hide the others.
        Ok(found.iter().filter_map(|found| readable(body(found).map(Some)).ok().flatten()).collect())
    }

    /// A version that is or was in force.
    ///
    /// # Errors
    /// DynamoDB does not answer, or the version can not be read.
    pub async fn version(&self, version: u64) -> Result<Option<Version>, StoreError> {
        self.get(&keys::part(keys::VERSIONS_PARTITION, version)).await?.map(|found| body(&found)).transpose()
    }

    /// The text that a version was read from; `None` when it had none.
    ///
    /// # Errors
    /// DynamoDB does not answer, or the text can not be read.
    pub async fn configuration_text(&self, version: u64) -> Result<Option<ConfigurationText>, StoreError> {
        self.put_together(&keys::version_partition(version), keys::TEXT_PREFIX).await
    }
}
