//! Keys of integrations that Terraform makes: they stand in SSM Parameter Store, where this function reads them once to keep their hash, and
//! in no state, plan or log.

use std::collections::BTreeSet;

use hansho_domain::IntegrationId;
use hansho_runtime::secrets::token_hash;
use hansho_store::{INTEGRATION_KEYS_MAX, IntegrationKey, KeyMade, StoreError};
use jiff::{SignedDuration, Timestamp};

use crate::{Config, team::Team};

/// How long a key is, in characters: as `hansho integration key create` makes them.
const KEY_CHARS: usize = 32;
/// Digits of a key's id.
const ID_DIGITS: usize = 12;
/// Who has made these keys. An integration is in one module, so the others of it are people's.
const MADE_BY: &str = "terraform";
/// How often a key is made whose list somebody else changes at the same time.
const ATTEMPTS_MAX: u32 = 5;

impl Config {
    /// Whether every key that a team asks for is one that opens its integration. One that can not be read is none.
    pub(crate) async fn has_keys(&self, team: &Team) -> Result<bool, StoreError> {
        for (integration, key) in &team.keys {
            let secret = match &self.parameters {
                Some(parameters) => parameters.get(&key.parameter).await.unwrap_or_default(),
                None => return Ok(false),
            };
            if !self.store.integration_key(&secret).await?.is_some_and(|key| key.integration == *integration && key.ends_at.is_none()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Makes the keys that a team asks for and that there are not yet. Those that they take the place of go on for a while.
    pub(crate) async fn make_keys(&self, team: &Team) -> Result<Result<(), String>, StoreError> {
        for (integration, key) in &team.keys {
            let place = format!("integrations.{integration}: its key in the parameter {}", key.parameter);
            let Some(parameters) = &self.parameters else {
                return Ok(Err(format!("{place} can not be read here, because this function is not told of SSM Parameter Store")));
            };
            let secret = match parameters.get(&key.parameter).await {
                Ok(secret) => secret,
                Err(why) => return Ok(Err(format!("{place} can not be read: {why}; is it there, and below the deployment's /keys/?"))),
            };
            if secret.len() != KEY_CHARS || !secret.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)) {
                return Ok(Err(format!("{place} is none: a key has {KEY_CHARS} hexadecimal digits in lower case")));
            }
            if let Err(what) = self.make_key(team, integration, &secret).await? {
                return Ok(Err(format!("{place} {what}")));
            }
        }
        Ok(Ok(()))
    }

    async fn make_key(&self, team: &Team, integration: &IntegrationId, secret: &str) -> Result<Result<(), String>, StoreError> {
        for _ in 0..ATTEMPTS_MAX {
            let now = self.store.clock().now();
            if let Some(known) = self.store.integration_key(secret).await? {
                return Ok(if known.integration != *integration {
                    Err(format!("is that of the integration {}; raise key_version, which makes another", known.integration))
                } else if known.ends_at.is_some() {
                    Err(format!("{}; raise key_version, which makes another", known.ending()))
                } else {
                    Ok(())
                });
            }
            let id = token_hash(&format!("integration-key/{secret}")).chars().take(ID_DIGITS).collect();
            let (made_by, integration) = (MADE_BY.to_owned(), integration.clone());
            let key = IntegrationKey { id, integration, made_by, created_at: now, ends_at: None, is_revoked: false };
            let mut replaced = self.store.integration_keys(&key.integration).await?;
            replaced.retain(|key| key.made_by == MADE_BY && key.is_valid_at(now));
            let ends_at = now.saturating_add(SignedDuration::from_secs(team.key_overlap_seconds.into())).unwrap_or(Timestamp::MAX);
            match self.store.make_integration_key(secret, &key, &replaced, ends_at).await? {
                KeyMade::Made { .. } => {
                    tracing::info!(integration = %key.integration, key = key.id, by = key.made_by, "an integration key was made");
                    return Ok(Ok(()));
                }
                KeyMade::TooMany => {
                    let most = INTEGRATION_KEYS_MAX;
                    return Ok(Err(format!("is one too many: {most} are the most; revoke one with `hansho integration key revoke`")));
                }
                KeyMade::Overtaken => {}
            }
        }
        Ok(Err("could not be kept, because others change the integration's keys all the time; run terraform apply again".to_owned()))
    }

    /// Ends the keys that a module had made for these by `asked_at`. Whoever still sends under one is noticed.
    pub(crate) async fn end_keys(&self, integrations: &BTreeSet<IntegrationId>, asked_at: Timestamp) -> Result<(), StoreError> {
        let is_meant = |key: &&IntegrationKey| key.made_by == MADE_BY && !key.is_revoked && key.created_at <= asked_at;
        for integration in integrations {
            for key in self.store.integration_keys(integration).await?.iter().filter(is_meant) {
                self.store.revoke_integration_key(integration, &key.id, MADE_BY).await?;
            }
        }
        Ok(())
    }
}
