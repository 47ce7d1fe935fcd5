//! Sessions: who has signed in, on which device. A session is found by the hash of its secret, which only its browser holds.
//!
//! It stands twice: by that hash, which every request reads, and in the list of its person, who may end it. Both are written, moved
//! on and ended in one transaction, so that none lives on in one place.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use hansho_domain::UserId;
use hansho_runtime::secrets::token_hash;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    audit::{Act, audited_user},
    commit::Commit,
    delivery::later,
    error::StoreError,
    item::{self, Item, With, body, item, s, text, time, timestamp},
    keys::{self, Key},
};

/// How long a session lasts that nobody uses. Whoever is woken at night must not have to sign in first.
const IDLE: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How long one lasts that is used: browsers keep no cookie longer (RFC 6265bis, section 5.5: 400 days).
const LASTS: SignedDuration = SignedDuration::from_hours(400 * 24);
/// How exactly is known when it was last used; between, nothing is written.
const SEEN_EVERY: SignedDuration = SignedDuration::from_hours(6);
/// Most sessions of a person. One more ends the one that was not used for longest.
const SESSIONS_MAX: usize = 20;
/// Digits of the name by which a session is ended.
const ID_DIGITS: usize = 16;
/// Most characters of what the browser says of itself.
const AGENT_CHARS_MAX: usize = 200;

/// How somebody signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedInBy {
    /// By a link that was sent to their mail address.
    Link,
    /// With a passkey.
    Passkey,
}

/// One browser in which somebody has signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its name, by which it is ended; no secret.
    pub id: String,
    /// Who.
    pub user: UserId,
    /// How they signed in.
    pub by: SignedInBy,
    /// What the browser said of itself then.
    pub agent: String,
    /// The hash of their mail address then, as the directory has it. Whoever has another one now is perhaps somebody else.
    #[serde(default)]
    pub mail: Option<String>,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it was last used, to within six hours.
    pub seen_at: Timestamp,
}

impl Session {
    /// A new session that `secret` proves.
    pub fn new(secret: &str, user: UserId, by: SignedInBy, agent: &str, now: Timestamp) -> Self {
        let id = token_hash(secret).chars().take(ID_DIGITS).collect();
        let agent = agent.chars().filter(|c| !c.is_control()).take(AGENT_CHARS_MAX).collect();
        Self { id, user, by, agent, mail: None, created_at: now, seen_at: now }
    }

    /// The same of somebody who has this mail address, by its hash.
    #[must_use]
    pub fn of_mail(self, mail: Option<String>) -> Self {
        Self { mail, ..self }
    }

    /// Until when it lasts if nobody uses it any more.
    pub fn expires_at(&self) -> Timestamp {
        later(self.seen_at, IDLE).min(later(self.created_at, LASTS))
    }

    fn from_item(found: &Item) -> Result<Self, StoreError> {
        let session: Self = body(found)?;
        Ok(Self { seen_at: timestamp(found, "seen_at").unwrap_or(session.seen_at), ..session })
    }

    fn items(&self, hash: &str) -> Result<[Item; 2], StoreError> {
        let (found_by, listed) = (keys::session(hash), keys::session_of(&self.user, &self.id));
        let text = item::json(&listed.pk, self)?;
        let filled = |key: &Key| {
            let made = item(key).with("hash", s(hash)).with("body", s(&text)).with("seen_at", time(self.seen_at));
            made.expiring(self.expires_at())
        };
        Ok([filled(&found_by), filled(&listed)])
    }
}

impl Store {
    /// The session that `secret` proves, if it lasts still. Using it makes it last longer.
    ///
    /// # Errors
    /// DynamoDB does not answer, or the session can not be read.
    pub async fn session(&self, secret: &str) -> Result<Option<Session>, StoreError> {
        let hash = token_hash(secret);
        let now = self.clock.now();
        let Some(found) = self.get(&keys::session(&hash)).await? else { return Ok(None) };
        let session = Session::from_item(&found)?;
        if now >= session.expires_at() {
            return Ok(None);
        }
        if now < later(session.seen_at, SEEN_EVERY) {
            return Ok(Some(session));
        }
        let seen = Session { seen_at: now, ..session };
        let writes = seen.items(&hash)?.map(|made| self.put_known(made));
        match self.transact_alone(&format!("session/{}", seen.id), writes.into_iter().collect::<Result<_, _>>()?).await? {
            Commit::Committed => Ok(Some(seen)),
            // It was ended a moment ago, or another request of the same browser has moved it on.
            Commit::Conflict => self.get(&keys::session(&hash)).await?.map(|found| Session::from_item(&found)).transpose(),
        }
    }

    /// The writes that make a session, and end the one that was not used for longest where there are as many as there may be.
    pub(crate) async fn session_writes(&self, secret: &str, session: &Session) -> Result<Vec<TransactWriteItem>, StoreError> {
        let mut writes = Vec::new();
        for made in session.items(&token_hash(secret))? {
            writes.push(self.put_new(made)?);
        }
        let act = Act::SignedIn { way: session.by };
        writes.push(self.audited(session.created_at, &audited_user(&session.user), act)?);
        let known = self.session_items(&session.user).await?;
        if known.len() >= SESSIONS_MAX
            && let Some(oldest) = known.iter().min_by_key(|found| timestamp(found, "seen_at"))
        {
            writes.extend(self.ending_writes(oldest)?);
        }
        Ok(writes)
    }

    /// A person's sessions, the last used first. What can not be read is left out.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn sessions(&self, user: &UserId) -> Result<Vec<Session>, StoreError> {
        let now = self.clock.now();
        let found = self.session_items(user).await?;
        let mut sessions: Vec<Session> = found.iter().filter_map(|found| Session::from_item(found).ok()).collect();
        sessions.retain(|session| now < session.expires_at());
        sessions.sort_by_key(|session| std::cmp::Reverse(session.seen_at));
        Ok(sessions)
    }

    /// Ends one session of a person, by the hand of `by`. Says whether there was one.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn end_session(&self, user: &UserId, id: &str, by: &str) -> Result<bool, StoreError> {
        let Some(found) = self.get(&keys::session_of(user, id)).await? else { return Ok(false) };
        let mut writes = self.ending_writes(&found)?;
        writes.push(self.audited(self.clock.now(), by, Act::SignedOut { user: user.clone() })?);
        match self.transact_alone(&format!("end-session/{id}"), writes).await? {
            Commit::Committed | Commit::Conflict => Ok(true),
        }
    }

    /// Ends every session of a person, but the one that they keep, by the hand of `by`. Says how many there were.
    ///
    /// # Errors
    /// DynamoDB does not answer. Some may have ended.
    pub async fn end_sessions(&self, user: &UserId, but: Option<&str>, by: &str) -> Result<usize, StoreError> {
        let mut ended = 0;
        for found in self.session_items(user).await? {
            let id = text(&found, "sk").and_then(|sk| sk.strip_prefix(keys::SESSION_PREFIX));
            if but.is_some() && id == but {
                continue;
            }
            let mut writes = self.ending_writes(&found)?;
            writes.push(self.audited(self.clock.now(), by, Act::SignedOut { user: user.clone() })?);
            match self.transact_alone("end-session", writes).await? {
                Commit::Committed | Commit::Conflict => ended += 1,
            }
        }
        Ok(ended)
    }

    /// A put over what is there; what was deleted meanwhile stays so.
    fn put_known(&self, made: Item) -> Result<TransactWriteItem, StoreError> {
        let name = item::name(&made);
        let put = Put::builder().table_name(&self.table).set_item(Some(made)).condition_expression("attribute_exists(pk)").build();
        Ok(TransactWriteItem::builder().put(put.map_err(|error| StoreError::unreadable(name, error))?).build())
    }

    fn ending_writes(&self, listed: &Item) -> Result<Vec<TransactWriteItem>, StoreError> {
        let unreadable = |what: &str| StoreError::unreadable(item::name(listed), format!("it has no {what}"));
        let hash = text(listed, "hash").ok_or_else(|| unreadable("hash"))?;
        let listed = Key { pk: text(listed, "pk").unwrap_or_default().to_owned(), sk: text(listed, "sk").unwrap_or_default().to_owned() };
        [keys::session(hash), listed].iter().map(|key| self.delete_item_of(key)).collect()
    }

    async fn session_items(&self, user: &UserId) -> Result<Vec<Item>, StoreError> {
        self.query_newest(&keys::sessions_partition(user), keys::SESSION_PREFIX, SESSIONS_MAX * 2).await
    }
}
