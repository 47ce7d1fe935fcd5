//! Passkeys (Web Authentication Level 3): which keys of a person's devices sign them in.
//!
//! A passkey stands twice, as a session does: by the hash of its credential id, by which a sign-in finds it, and in the list of its
//! person. Both are written, moved on and deleted in one transaction. What it proves is for whoever verifies it to know; here it is text.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use hansho_domain::{Directory, Method, Notice, NoticeKind, UserId};
use hansho_runtime::secrets::token_hash;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Session, SignedInBy, Store,
    audit::{Act, HANSHO, audited_user},
    commit::Commit,
    delivery::later,
    error::StoreError,
    item::{self, Item, With, body, item, s, text},
    keys::{self, Key},
    notice::{notice_id, notice_item},
};

/// Most passkeys of a person.
pub const PASSKEYS_MAX: usize = 10;
/// How long one is kept that nobody uses.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);
/// Digits of the name by which one is removed.
const ID_DIGITS: usize = 16;

/// A key of a person's device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// What its device calls it, in base64url.
    pub credential: String,
    /// Whose it is.
    pub user: UserId,
    /// What devices know that person by, in base64url: random, and the same for all of their keys.
    pub handle: String,
    /// What its person calls it.
    pub name: String,
    /// Its public part, in base64url.
    pub key: String,
    /// What changes as it is used, in base64url: the counter of its signatures and whether it is synced.
    pub counter: String,
    /// The hash of their mail address when it was added, as the directory has it. Whoever has another one now is perhaps somebody else.
    pub mail: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last signed in.
    pub used_at: Option<Timestamp>,
}

/// What became of adding one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum PasskeyAdded {
    /// It signs in from now on, and its person is told by mail.
    Done,
    /// It is known already, as theirs or somebody else's.
    Known,
    /// They have as many as anybody may have.
    TooMany,
}

impl Passkey {
    /// Its name, by which it is removed; no secret.
    pub fn id(&self) -> String {
        token_hash(&self.credential).chars().take(ID_DIGITS).collect()
    }

    /// Whether it is still of whoever has its person's name: they are in the configuration, and have the address they had then.
    fn is_of(&self, directory: &Directory) -> bool {
        directory.users.get(&self.user).is_some_and(|listed| listed.mail == self.mail)
    }

    /// Until when it signs in if nobody uses it any more.
    fn expires_at(&self) -> Timestamp {
        later(self.used_at.unwrap_or(self.created_at), KEPT)
    }

    fn items(&self) -> Result<[Item; 2], StoreError> {
        let (hash, body) = (token_hash(&self.credential), item::json(&self.credential, self)?);
        let keys = [keys::passkey(&hash), keys::passkey_of(&self.user, &self.id())];
        let filled = |key: Key| item(&key).with("hash", s(&hash)).with("body", s(&body)).with("counter", s(&self.counter));
        Ok(keys.map(|key| filled(key).expiring(self.expires_at())))
    }
}

impl Store {
    /// The passkey that its device calls so, if it signs in. One whose person has left, or has another mail address now, is deleted: it must
    /// not sign in whoever has the name later.
    ///
    /// # Errors
    /// DynamoDB does not answer, or it can not be read.
    pub async fn passkey(&self, credential: &str) -> Result<Option<Passkey>, StoreError> {
        let Some(found) = self.get(&keys::passkey(&token_hash(credential))).await? else { return Ok(None) };
        let passkey: Passkey = body(&found)?;
        let directory = self.directory().await?;
        if passkey.is_of(&directory) && self.clock.now() < passkey.expires_at() {
            return Ok(Some(passkey));
        }
        self.remove_passkey(&passkey.user, &passkey.id(), HANSHO).await?;
        Ok(None)
    }

    /// A person's passkeys, the newest first. What can not be read, or is not theirs any more, is left out.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn passkeys(&self, user: &UserId) -> Result<Vec<Passkey>, StoreError> {
        let directory = self.directory().await?;
        let (found, now) = (self.passkey_items(user).await?, self.clock.now());
        let mut passkeys: Vec<Passkey> = found.iter().filter_map(|found| body(found).ok()).collect();
        passkeys.retain(|passkey| passkey.is_of(&directory) && now < passkey.expires_at());
        passkeys.sort_by_key(|passkey| std::cmp::Reverse(passkey.created_at));
        Ok(passkeys)
    }

    /// Adds one, and tells its person so by mail.
    ///
    /// # Errors
    /// DynamoDB does not answer. It may or may not have been added.
    pub async fn add_passkey(&self, passkey: &Passkey) -> Result<PasskeyAdded, StoreError> {
        if self.passkeys(&passkey.user).await?.len() >= PASSKEYS_MAX {
            return Ok(PasskeyAdded::TooMany);
        }
        let now = self.clock.now();
        let mut writes = passkey.items()?.into_iter().map(|made| self.put_new(made)).collect::<Result<Vec<_>, _>>()?;
        let id = notice_id(&["passkey", passkey.user.as_str(), &passkey.id(), &now.to_string()])?;
        let kind = NoticeKind::PasskeyAdded { name: passkey.name.clone(), at: passkey.created_at };
        let notice = Notice { user: passkey.user.clone(), method: Method::Email, kind, address: None };
        writes.push(self.put_new(notice_item(&id, &notice, now, now)?)?);
        writes.push(self.audited(passkey.created_at, &audited_user(&passkey.user), Act::PasskeyAdded)?);
        match self.transact_alone("add-passkey", writes).await? {
            Commit::Committed => Ok(PasskeyAdded::Done),
            Commit::Conflict => Ok(PasskeyAdded::Known),
        }
    }

    /// Begins a session that `secret` proves, for the person of a passkey that has just signed, and keeps that its counter is `counter` now.
    /// `None` when the passkey was removed, or has signed in, in the same moment.
    ///
    /// # Errors
    /// DynamoDB does not answer. The session may or may not have begun.
    pub async fn sign_in_by_passkey(
        &self,
        passkey: &Passkey,
        counter: &str,
        secret: &str,
        agent: &str,
    ) -> Result<Option<Session>, StoreError> {
        let now = self.clock.now();
        let session = Session::new(secret, passkey.user.clone(), SignedInBy::Passkey, agent, now).of_mail(passkey.mail.clone());
        let mut writes = self.session_writes(secret, &session).await?;
        let used = Passkey { counter: counter.to_owned(), used_at: Some(now), ..passkey.clone() };
        for made in used.items()? {
            writes.push(self.put_after(made, &passkey.counter)?);
        }
        match self.transact_alone(&format!("sign-in/{}", session.id), writes).await? {
            Commit::Committed => Ok(Some(session)),
            Commit::Conflict => Ok(None),
        }
    }

    /// Removes one of a person, by the hand of `by`. Says whether there was one.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn remove_passkey(&self, user: &UserId, id: &str, by: &str) -> Result<bool, StoreError> {
        let Some(found) = self.get(&keys::passkey_of(user, id)).await? else { return Ok(false) };
        self.delete_passkey(&found, user, by).await?;
        Ok(true)
    }

    /// Removes every passkey of a person, by the hand of `by`. Says how many there were.
    ///
    /// # Errors
    /// DynamoDB does not answer. Some may have been removed.
    pub async fn remove_passkeys(&self, user: &UserId, by: &str) -> Result<usize, StoreError> {
        let mut removed = 0;
        for found in self.passkey_items(user).await? {
            self.delete_passkey(&found, user, by).await?;
            removed += 1;
        }
        Ok(removed)
    }

    /// Deletes one of the list, with what a sign-in finds. What it says is not looked at: one that can not be read is deleted too.
    async fn delete_passkey(&self, listed: &Item, user: &UserId, by: &str) -> Result<(), StoreError> {
        let hash = text(listed, "hash").ok_or_else(|| StoreError::unreadable(item::name(listed), "it has no hash"))?;
        let listed = Key { pk: text(listed, "pk").unwrap_or_default().to_owned(), sk: text(listed, "sk").unwrap_or_default().to_owned() };
        let mut writes = [keys::passkey(hash), listed].iter().map(|key| self.delete_item_of(key)).collect::<Result<Vec<_>, _>>()?;
        writes.push(self.audited(self.clock.now(), by, Act::PasskeyRemoved { user: user.clone() })?);
        match self.transact_alone("remove-passkey", writes).await? {
            Commit::Committed | Commit::Conflict => Ok(()),
        }
    }

    /// A put over what has this counter still. A copy of the key that signs in the same moment, or a removal, is seen by it.
    fn put_after(&self, made: Item, counter: &str) -> Result<TransactWriteItem, StoreError> {
        let name = item::name(&made);
        let put = Put::builder().table_name(&self.table).set_item(Some(made)).condition_expression("#counter = :counter");
        let put = put.expression_attribute_names("#counter", "counter").expression_attribute_values(":counter", s(counter)).build();
        Ok(TransactWriteItem::builder().put(put.map_err(|error| StoreError::unreadable(name, error))?).build())
    }

    async fn passkey_items(&self, user: &UserId) -> Result<Vec<Item>, StoreError> {
        self.query_newest(&keys::passkeys_partition(user), keys::PASSKEY_PREFIX, PASSKEYS_MAX * 4).await
    }
}
