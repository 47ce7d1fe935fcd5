//! Integration keys: whoever sends one with an event may put alerts into the integration. Stored by their hash, and read for
//! every event, so that one that is revoked opens nothing from that moment on.

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem};
use hansho_domain::IntegrationId;
use hansho_runtime::secrets::token_hash;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    audit::Act,
    commit::Commit,
    error::StoreError,
    item::{self, Item, With, body, item, s, text, time, timestamp},
    keys,
};

/// Longest key that is looked up, in bytes: those that are made have 32 characters.
const KEY_BYTES_MAX: usize = 64;
/// Most keys of one integration.
pub const INTEGRATION_KEYS_MAX: usize = 20;
/// How long a key that has ended is listed.
const ENDED_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long it is known that there was such a key: a sender that was forgotten may have little to say.
const ENDED_KNOWN: SignedDuration = SignedDuration::from_hours(400 * 24);
/// When people were last told that a key which has ended is used.
const TOLD_AT: &str = "told_at";

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
    /// From when on it opens nothing.
    pub ends_at: Option<Timestamp>,
    /// Somebody has ended it at once; otherwise another takes its place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_revoked: bool,
}

impl IntegrationKey {
    /// Whether it opens anything at `at`.
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        self.ends_at.is_none_or(|ends_at| at < ends_at)
    }

    /// How it ended, in words that follow its name.
    pub fn ending(&self) -> String {
        match (self.ends_at, self.is_revoked) {
            (Some(at), true) => format!("was revoked at {at}"),
            (Some(at), false) => format!("has ended at {at}, because another has taken its place"),
            (None, _) => "goes on".to_owned(),
        }
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
        let act = Act::KeyMade { integration: key.integration.clone(), key: key.id.clone() };
        writes.push(self.audited(key.created_at, &key.made_by, act)?);
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

    /// What the secret opens, or opened: whoever asks has to look at its end. `None` when nobody made it, and long after its end. It is
    /// looked up by its hash, so that the time the look-up takes says nothing about the secret, and never remembered.
    ///
    /// # Errors
    /// DynamoDB does not answer, or the key can not be read.
    pub async fn integration_key(&self, secret: &str) -> Result<Option<IntegrationKey>, StoreError> {
        if secret.is_empty() || secret.len() > KEY_BYTES_MAX {
            return Ok(None);
        }
        let found = self.get_together(&keys::integration_key(&token_hash(secret))).await?;
        found.map(|found| body(&found)).transpose()
    }

    /// When people were last told that this key, which has ended, is used.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn ended_key_was_told(&self, secret: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.get(&keys::integration_key(&token_hash(secret))).await?.and_then(|found| timestamp(&found, TOLD_AT)))
    }

    /// Notes that people are told now.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn ended_key_is_told(&self, secret: &str) -> Result<(), StoreError> {
        let key = keys::integration_key(&token_hash(secret));
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression(format!("SET {TOLD_AT} = :now"))
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":now", time(self.clock.now()));
        match self.retrying(&key.pk, || request.clone().send()).await {
            Ok(_) => Ok(()),
            // It is known no longer.
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(()),
            Err(error) => Err(StoreError::unavailable("note that people were told of a key", &error)),
        }
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

    /// Revokes a key, by the hand of `by`: it opens nothing from now on. Says whether there was one.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn revoke_integration_key(&self, integration: &IntegrationId, id: &str, by: &str) -> Result<bool, StoreError> {
        let listed = keys::integration_key_of(integration, id);
        let Some(found) = self.get(&listed).await? else { return Ok(false) };
        let by_hash = keys::integration_key(secret_hash(&found)?);
        let key: IntegrationKey = body(&found)?;
        let now = self.clock.now();
        // It is known for longer than it opens, so that a sender who still uses it is noticed.
        let ended = IntegrationKey { ends_at: Some(key.ends_at.map_or(now, |ends_at| ends_at.min(now))), is_revoked: true, ..key };
        let known_until = now.saturating_add(ENDED_KNOWN).unwrap_or(Timestamp::MAX);
        let kept = self.put(item(&by_hash).with("body", s(item::json(&by_hash.pk, &ended)?)).expiring(known_until))?;
        let delete = Delete::builder().table_name(&self.table).key("pk", s(&listed.pk)).key("sk", s(&listed.sk)).build();
        let delete = delete.map_err(|error| StoreError::unreadable(&listed.pk, error))?;
        let act = Act::KeyRevoked { integration: integration.clone(), key: id.to_owned() };
        let writes = vec![kept, TransactWriteItem::builder().delete(delete).build(), self.audited(now, by, act)?];
        match self.transact_alone(&format!("revoke-integration-key/{id}"), writes).await? {
            Commit::Committed | Commit::Conflict => Ok(true),
        }
    }

    /// Both items of a key: where events find it, and in the list of its integration. One that is there must be as it was read,
    /// so that a key that is revoked at the same moment does not come back.
    fn key_writes(&self, hash: &str, key: &IntegrationKey, before: Option<&Item>) -> Result<Vec<TransactWriteItem>, StoreError> {
        let (by_hash, listed) = (keys::integration_key(hash), keys::integration_key_of(&key.integration, &key.id));
        let text = item::json(&by_hash.pk, key)?;
        [(item(&by_hash), ENDED_KNOWN), (item(&listed).with("hash", s(hash)), ENDED_KEPT)]
            .into_iter()
            .map(|(made, kept)| {
                let made = made.with("body", s(&text));
                let made = match key.ends_at {
                    Some(ends_at) => made.expiring(ends_at.saturating_add(kept).unwrap_or(Timestamp::MAX)),
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
