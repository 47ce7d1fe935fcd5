//! Integration keys: whoever sends one with an event may put alerts into the integration. Stored by their hash, and read for
//! every event, so that one that is revoked opens nothing from that moment on.

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem};
use hansho_domain::IntegrationId;
use hansho_runtime::secrets::token_hash;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    commit::Commit,
    error::StoreError,
    item::{self, Item, With, body, item, s, text},
    keys,
};

/// Longest key that is looked up, in bytes: those that are made have 32 characters.
const KEY_BYTES_MAX: usize = 64;
/// Most keys of one integration.
pub const INTEGRATION_KEYS_MAX: usize = 20;
/// How long a key that has ended is listed.
const ENDED_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A key of an integration, without its secret: that is only known to whoever made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntegrationKey {
    /// Tells it from the others of its integration.
    pub id: String,
    /// What it opens.
    pub integration: IntegrationId,
    /// The name of the token that made it.
    pub made_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it opens nothing, because another takes its place.
    pub ends_at: Option<Timestamp>,
}

impl IntegrationKey {
    /// Whether it opens anything at `at`.
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        self.ends_at.is_none_or(|ends_at| at < ends_at)
    }
}

/// What became of a new key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum KeyMade {
    /// It opens from now on, and these end when it was asked.
    Made {
        /// The keys whose place it takes.
        ending: Vec<IntegrationKey>,
    },
    /// The integration has as many keys as it may have.
    TooMany,
    /// Somebody else changed one of the keys whose place it was to take.
    Overtaken,
}

impl Store {
    /// Makes `key`, which opens with `secret`. The `replaced` ones end at `ends_at`, unless they end before.
    ///
    /// # Errors
    /// DynamoDB does not answer, or a key can not be read.
    pub async fn make_integration_key(
        &self,
        secret: &str,
        key: &IntegrationKey,
        replaced: &[IntegrationKey],
        ends_at: Timestamp,
    ) -> Result<KeyMade, StoreError> {
        let listed = self.integration_key_items(&key.integration).await?;
        if listed.len() >= INTEGRATION_KEYS_MAX {
            return Ok(KeyMade::TooMany);
        }
        let mut writes = self.key_writes(&token_hash(secret), key, None)?;
        let mut ending = Vec::new();
        for found in &listed {
            let old: IntegrationKey = body(found)?;
            if !replaced.iter().any(|replaced| replaced.id == old.id) || !old.is_valid_at(ends_at) {
                continue;
            }
            let ended = IntegrationKey { ends_at: Some(ends_at), ..old.clone() };
            writes.extend(self.key_writes(secret_hash(found)?, &ended, Some(found))?);
            ending.push(ended);
        }
        match self.transact_alone(&format!("integration-key/{}", key.id), writes).await? {
            Commit::Committed => Ok(KeyMade::Made { ending }),
            Commit::Conflict => Ok(KeyMade::Overtaken),
        }
    }

    /// What the secret opens now; `None` when nobody made it, after it was revoked, and after its end. It is looked up by its
    /// hash, so that the time the look-up takes says nothing about the secret, and never remembered.
    ///
    /// # Errors
    /// DynamoDB does not answer, or the key can not be read.
    pub async fn integration_key(&self, secret: &str) -> Result<Option<IntegrationKey>, StoreError> {
        if secret.is_empty() || secret.len() > KEY_BYTES_MAX {
            return Ok(None);
        }
        let found = self.get_together(&keys::integration_key(&token_hash(secret))).await?;
        let key: Option<IntegrationKey> = found.map(|found| body(&found)).transpose()?;
        let now = self.clock.now();
        Ok(key.filter(|key| key.is_valid_at(now)))
    }

    /// The keys of an integration, the oldest first, also those that have ended of late.
    ///
    /// # Errors
    /// DynamoDB does not answer, or a key can not be read.
    pub async fn integration_keys(&self, integration: &IntegrationId) -> Result<Vec<IntegrationKey>, StoreError> {
        let found = self.integration_key_items(integration).await?;
        let mut keys: Vec<IntegrationKey> = found.iter().map(body).collect::<Result<_, _>>()?;
        keys.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(keys)
    }

    /// Revokes a key: it opens nothing from now on. Says whether there was one.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn revoke_integration_key(&self, integration: &IntegrationId, id: &str) -> Result<bool, StoreError> {
        let listed = keys::integration_key_of(integration, id);
        let Some(found) = self.get(&listed).await? else { return Ok(false) };
        let by_hash = keys::integration_key(secret_hash(&found)?);
        let writes = [by_hash, listed].into_iter().map(|key| {
            let delete = Delete::builder().table_name(&self.table).key("pk", s(&key.pk)).key("sk", s(&key.sk)).build();
            let delete = delete.map_err(|error| StoreError::unreadable(&key.pk, error))?;
            Ok(TransactWriteItem::builder().delete(delete).build())
        });
        let writes = writes.collect::<Result<Vec<_>, StoreError>>()?;
        match self.transact_alone(&format!("revoke-integration-key/{id}"), writes).await? {
            Commit::Committed | Commit::Conflict => Ok(true),
        }
    }

    /// Both items of a key: where events find it, and in the list of its integration. One that is there must be as it was read,
    /// so that a key that is revoked at the same moment does not come back.
    fn key_writes(&self, hash: &str, key: &IntegrationKey, before: Option<&Item>) -> Result<Vec<TransactWriteItem>, StoreError> {
        let (by_hash, listed) = (keys::integration_key(hash), keys::integration_key_of(&key.integration, &key.id));
        let text = item::json(&by_hash.pk, key)?;
        [item(&by_hash), item(&listed).with("hash", s(hash))]
            .into_iter()
            .map(|made| {
                let made = made.with("body", s(&text));
                let made = match key.ends_at {
                    Some(ends_at) => made.expiring(ends_at.saturating_add(ENDED_KEPT).unwrap_or(Timestamp::MAX)),
                    None => made,
                };
                match before {
                    Some(before) => self.put_over(made, item::text(before, "body").unwrap_or_default()),
                    None => self.put_new(made),
                }
            })
            .collect()
    }

    async fn integration_key_items(&self, integration: &IntegrationId) -> Result<Vec<Item>, StoreError> {
        self.query_newest(&keys::integration_keys_partition(integration), keys::KEY_PREFIX, INTEGRATION_KEYS_MAX * 4).await
    }
}

fn secret_hash(found: &Item) -> Result<&str, StoreError> {
    text(found, "hash").ok_or_else(|| StoreError::unreadable(item::name(found), "it does not say which key it is"))
}
