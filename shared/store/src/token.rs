//! API tokens, stored by their hash, and in a list by their names.

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem};
use hansho_runtime::secrets::token_hash;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    audit::Act,
    commit::Commit,
    error::StoreError,
    item::{self, Item, With, body, item, s, text},
    keys::{self, Key},
};

/// Most tokens that are listed; a token is for a tool, of which a deployment has a few dozen.
pub const TOKENS_MAX: usize = 500;

/// Longest name of a token, in characters.
pub const TOKEN_NAME_CHARS_MAX: usize = 60;

/// A token, without its secret: that is only known to whoever made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its name, which timelines show.
    pub name: String,
    /// Who made it, as they say themselves.
    pub made_by: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Token {
    /// Whether a token may be called so: its name is shown on timelines, and is part of a key.
    pub fn may_be_called(name: &str) -> bool {
        let may_stand_there = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        (1..=TOKEN_NAME_CHARS_MAX).contains(&name.len()) && name.chars().all(may_stand_there)
    }
}

/// What became of a new token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum TokenMade {
    /// It is accepted from now on.
    Made,
    /// There is one of this name.
    Known,
    /// There are as many as there may be.
    TooMany,
}

impl Store {
    /// Accepts `token` from now on, under a name that timelines show.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn add_token(&self, token: &str, name: &str) -> Result<(), StoreError> {
        self.put_item(item(&keys::token(&token_hash(token))).with("name", s(name))).await
    }

    /// Makes `token`, which `secret` proves, where there is none of its name.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn make_token(&self, secret: &str, token: &Token) -> Result<TokenMade, StoreError> {
        if self.token_items().await?.len() >= TOKENS_MAX {
            return Ok(TokenMade::TooMany);
        }
        let (hash, listed) = (token_hash(secret), keys::token_of(&token.name));
        let text = item::json(&listed.pk, token)?;
        let writes = vec![
            self.put_new(item(&listed).with("hash", s(&hash)).with("body", s(text)))?,
            self.put_new(item(&keys::token(&hash)).with("name", s(&token.name)))?,
            self.audited(token.created_at, &token.made_by, Act::TokenMade { name: token.name.clone() })?,
        ];
        match self.transact_alone(&format!("token/{}", token.name), writes).await? {
            Commit::Committed => Ok(TokenMade::Made),
            Commit::Conflict => Ok(TokenMade::Known),
        }
    }

    /// The tokens that were made, by their names.
    ///
    /// # Errors
    /// DynamoDB does not answer, or a token can not be read.
    pub async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        let mut tokens: Vec<Token> = self.token_items().await?.iter().map(body).collect::<Result<_, _>>()?;
        tokens.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(tokens)
    }

    /// Ends a token, by the hand of `by`: nobody is let in with it from now on. Says whether there was one.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn revoke_token(&self, name: &str, by: &str) -> Result<bool, StoreError> {
        let listed = keys::token_of(name);
        let Some(found) = self.get(&listed).await? else { return Ok(false) };
        let Some(hash) = text(&found, "hash") else { return Err(StoreError::unreadable(&listed.pk, "it does not say which token it is")) };
        let told = self.audited(self.clock.now(), by, Act::TokenRevoked { name: name.to_owned() })?;
        let writes = vec![self.delete_item_of(&keys::token(hash))?, self.delete_item_of(&listed)?, told];
        match self.transact_alone(&format!("revoke-token/{name}"), writes).await? {
            Commit::Committed | Commit::Conflict => Ok(true),
        }
    }

    pub(crate) fn delete_item_of(&self, key: &Key) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder().table_name(&self.table).key("pk", s(&key.pk)).key("sk", s(&key.sk)).build();
        Ok(TransactWriteItem::builder().delete(delete.map_err(|error| StoreError::unreadable(&key.pk, error))?).build())
    }

    async fn token_items(&self) -> Result<Vec<Item>, StoreError> {
        self.query_newest(keys::TOKENS_PARTITION, keys::TOKEN_PREFIX, TOKENS_MAX).await
    }

    /// The name of a token; `None` when it was never accepted. It is looked up by its hash, so that the time the look-up
    /// takes says nothing about the token.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn token_name(&self, token: &str) -> Result<Option<String>, StoreError> {
        Ok(self.get(&keys::token(&token_hash(token))).await?.and_then(|found| text(&found, "name").map(str::to_owned)))
    }
}
