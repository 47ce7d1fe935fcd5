//! Ceremonies: what begins with one request of a browser and ends with another, such as the signing of a challenge by a passkey. Each
//! ends once, and within minutes.

use aws_sdk_dynamodb::types::ReturnValue;
use hansho_domain::UserId;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    commit::Commit,
    delivery::later,
    error::StoreError,
    frequency::Frequency,
    item::{self, With, body, item, s},
    keys,
};

/// Within how long a ceremony ends: for as long as browsers wait for a person (Web Authentication Level 3, section 15.1: 5 minutes).
const LASTS: SignedDuration = SignedDuration::from_mins(5);
/// How often somebody may begin one: an office behind one address signs in on Monday morning, and strangers must not fill the table.
const BEGINNING: Frequency = Frequency { apart: SignedDuration::ZERO, max: 60, within: SignedDuration::from_hours(1) };
/// How often counting is tried when others of the same network begin in the same moment.
const ATTEMPTS_MAX: u32 = 4;

/// What a ceremony is for. One that began for something ends for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CeremonyKind {
    /// Signing in with a passkey.
    SignIn,
    /// Adding a passkey.
    AddPasskey,
}

/// What began, and what has to be known of it when it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ceremony {
    /// What it is for.
    pub kind: CeremonyKind,
    /// Who began it, where that is known.
    pub user: Option<UserId>,
    /// What whoever began it wants to know again.
    pub state: String,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    ceremony: Ceremony,
    until: Timestamp,
}

impl Store {
    /// Keeps a ceremony under `name`, which nobody can guess, for somebody who is counted as `asker`. False when there were too many of late.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn begin_ceremony(&self, name: &str, ceremony: &Ceremony, asker: &str) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let (key, counted) = (keys::ceremony(name), keys::ceremony_asker(asker));
        let kept = Kept { ceremony: ceremony.clone(), until: later(now, LASTS) };
        let made = item(&key).with("body", s(item::json(&key.pk, &kept)?)).expiring(kept.until);
        for _ in 0..ATTEMPTS_MAX {
            let known = self.get(&counted).await?;
            let Ok(count) = BEGINNING.once_more(known.as_ref(), now) else { return Ok(false) };
            let writes = vec![self.put_new(made.clone())?, self.counted(&counted, known.as_ref(), count, now)?];
            match self.transact_alone("ceremony", writes).await? {
                Commit::Committed => return Ok(true),
                Commit::Conflict => {}
            }
        }
        Err(StoreError::Contention { key: counted.pk })
    }

    /// Ends the ceremony of this name and kind. `None` when there is none, it is too late, or it was ended before.
    ///
    /// # Errors
    /// DynamoDB does not answer, or what it says can not be read. It may have ended.
    pub async fn end_ceremony(&self, name: &str, kind: CeremonyKind) -> Result<Option<Ceremony>, StoreError> {
        let key = keys::ceremony(name);
        // Whoever deletes it has it: two that end it in the same moment are not both given it.
        let delete = || {
            let delete = self.client.delete_item().table_name(&self.table).key("pk", s(&key.pk)).key("sk", s(&key.sk));
            delete.return_values(ReturnValue::AllOld).send()
        };
        let deleted = self.retrying(&key.pk, delete).await.map_err(|error| StoreError::unavailable("end a ceremony", &error))?;
        let Some(found) = deleted.attributes else { return Ok(None) };
        let Kept { ceremony, until } = body(&found)?;
        Ok(Some(ceremony).filter(|ceremony| ceremony.kind == kind && self.clock.now() < until))
    }
}
