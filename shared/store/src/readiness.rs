//! What a newcomer has said that they have done, where nobody else can know it: beside the profile, which an apply writes.

use std::collections::BTreeMap;

use hansho_domain::UserId;
use jiff::Timestamp;

use crate::{
    Store,
    error::StoreError,
    item::{With, item, s, text, time, timestamp},
    keys,
};

/// Most of them that are read.
const CONFIRMED_MAX: usize = 20;

/// One thing that a person has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// When they said so.
    pub at: Timestamp,
    /// What they were shown then: where it is another by now, it is to be done again.
    pub of: String,
}

impl Store {
    /// What a person has done, by what it is.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn confirmed(&self, user: &UserId) -> Result<BTreeMap<String, Confirmed>, StoreError> {
        let found = self.query_newest(&keys::readiness_partition(user), keys::CONFIRMED_PREFIX, CONFIRMED_MAX).await?;
        let each = found.iter().filter_map(|found| {
            let what = text(found, "sk")?.strip_prefix(keys::CONFIRMED_PREFIX)?.to_owned();
            Some((what, Confirmed { at: timestamp(found, "confirmed_at")?, of: text(found, "of")?.to_owned() }))
        });
        Ok(each.collect())
    }

    /// Records that a person has done `what`, having been shown `of`.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn confirm(&self, user: &UserId, what: &str, of: &str) -> Result<(), StoreError> {
        self.put_item(item(&keys::confirmed(user, what)).with("confirmed_at", time(self.clock.now())).with("of", s(of))).await
    }
}
