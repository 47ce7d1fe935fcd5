//! API tokens, stored by their hash.

use hansho_runtime::secrets::token_hash;

use crate::{
    Store,
    error::StoreError,
    item::{With, item, s, text},
    keys,
};

impl Store {
    /// Accepts `token` from now on, under a name that timelines show.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn add_token(&self, token: &str, name: &str) -> Result<(), StoreError> {
        self.put_item(item(&keys::token(&token_hash(token))).with("name", s(name))).await
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
