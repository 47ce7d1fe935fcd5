//! What is known of a person's addresses, apart from their profile: which were proven to reach them, when and by what.
//!
//! An apply writes profiles and never these items, so a proof lives on while the address stays the same. It names the
//! address by its hash; where the profile has another by now, nothing is proven.

use std::{collections::BTreeMap, fmt};

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use hansho_domain::{DrillId, Method, Notice, NoticeId, NoticeKind, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Contact, Store,
    commit::Commit,
    delivery::later,
    error::StoreError,
    frequency::{Count, Frequency},
    item::{self, Item, With, item, n, s, text, time, timestamp},
    keys,
    notice::{notice_id, notice_item},
};

/// How often messages may ask for proof of one address: they cost money, and the address may be a stranger's.
const ASKING: Frequency = Frequency { apart: ASKED_APART, max: 5, within: SignedDuration::from_hours(24) };
const ASKED_APART: SignedDuration = SignedDuration::from_secs(60);

/// The hash that stands for an address of a method, so that what is kept beside the profile holds no address itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AddressHash(String);

impl AddressHash {
    /// Of the address that `contact` has for `method`; `None` when it has none.
    pub fn of(contact: &Contact, method: Method) -> Option<Self> {
        let address = match method {
            Method::Sms => contact.phone.as_deref(),
            Method::Email => contact.email.as_deref(),
            Method::Webhook => contact.webhook.as_deref(),
        };
        address.map(|address| Self(keys::hash(&format!("address/{}/{address}", method.as_str()))))
    }

    /// As it was written before.
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AddressHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What proved that an address reaches its person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProvenBy {
    /// A tap on the link of a message that asked for it.
    Verification,
    /// A tap on the link of a page.
    Page,
    /// An answer to a drill.
    Drill(DrillId),
}

/// What is known of one address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactProof {
    /// When it was proven first; `None` while it never was.
    pub verified_at: Option<Timestamp>,
    /// When it was proven last.
    pub proven_at: Option<Timestamp>,
    /// By what.
    pub proven_by: Option<ProvenBy>,
}

impl ContactProof {
    fn from_item(found: &Item) -> Self {
        Self {
            verified_at: timestamp(found, "verified_at"),
            proven_at: timestamp(found, "proven_at"),
            // A kind of proof that this code does not know is a proof all the same.
            proven_by: text(found, "proven_by").and_then(|by| serde_json::from_str(by).ok()),
        }
    }

    /// Whether it was proven at `since` or later.
    pub fn is_proven_since(&self, since: Timestamp) -> bool {
        self.proven_at.is_some_and(|at| at >= since)
    }
}

/// What asking for proof came to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Asked {
    /// A message is on its way.
    Sent(NoticeId),
    /// This very request was made before.
    Known(NoticeId),
    /// There were too many of late.
    TooOften {
        /// When the next may be asked for.
        again_at: Timestamp,
    },
    /// There is no such person.
    UnknownUser,
    /// The person has no address for the method.
    NoAddress,
}

impl Store {
    /// What is known of a person's addresses, by method: those only that their profile has now.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn contact_proofs(&self, user: &UserId, contact: &Contact) -> Result<BTreeMap<Method, ContactProof>, StoreError> {
        let found = self.query_newest(&keys::contact_partition(user), keys::METHOD_PREFIX, Method::ALL.len()).await?;
        let mut proofs = BTreeMap::new();
        for method in Method::ALL {
            let Some(address) = AddressHash::of(contact, method) else { continue };
            let sk = keys::contact(user, method).sk;
            let known = found.iter().find(|found| text(found, "sk") == Some(&sk) && text(found, "address") == Some(address.as_str()));
            proofs.insert(method, known.map(ContactProof::from_item).unwrap_or_default());
        }
        Ok(proofs)
    }

    /// Records that `address` reached its person just now. `false` when it is not theirs (any more): then nothing is proven.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn prove(&self, user: &UserId, method: Method, address: &AddressHash, by: &ProvenBy) -> Result<bool, StoreError> {
        let Some(profile) = self.profile(user).await? else { return Ok(false) };
        if AddressHash::of(&profile.contact, method).as_ref() != Some(address) {
            return Ok(false);
        }
        let key = keys::contact(user, method);
        let now = self.clock.now();
        let by = item::json(&key.pk, by)?;
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET address = :address, proven_at = :now, proven_by = :by, verified_at = if_not_exists(verified_at, :now)")
            .condition_expression("attribute_not_exists(address) OR address = :address")
            .expression_attribute_values(":address", s(address.as_str()))
            .expression_attribute_values(":now", time(now))
            .expression_attribute_values(":by", s(&by));
        match self.retrying(&key.pk, || request.clone().send()).await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => {
                // What was known of another address goes; how often that one was asked is not this one's affair.
                let proven = item(&key)
                    .with("address", s(address.as_str()))
                    .with("proven_at", time(now))
                    .with("proven_by", s(by))
                    .with("verified_at", time(now));
                self.put_item(proven).await.map(|()| true)
            }
            Err(error) => Err(StoreError::unavailable("record a proof", &error)),
        }
    }

    /// Sends a message that asks for proof of a person's address for `method`. The same `request` again sends nothing.
    ///
    /// # Errors
    /// DynamoDB does not answer, or somebody else asks at the same time.
    pub async fn ask_for_proof(&self, user: &UserId, method: Method, request: &str) -> Result<Asked, StoreError> {
        let Some(profile) = self.profile(user).await? else { return Ok(Asked::UnknownUser) };
        let Some(address) = AddressHash::of(&profile.contact, method) else { return Ok(Asked::NoAddress) };
        let id = notice_id(&["verification", user.as_str(), method.as_str(), address.as_str(), request])?;
        if self.notice(&id).await?.is_some() {
            return Ok(Asked::Known(id));
        }
        let now = self.clock.now();
        let key = keys::contact(user, method);
        let known = self.get(&key).await?;
        let count = match allowance(known.as_ref(), &address, now) {
            Ok(count) => count,
            Err(again_at) => return Ok(Asked::TooOften { again_at }),
        };
        let notice = Notice { user: user.clone(), method, kind: NoticeKind::Verification, address: Some(address.as_str().to_owned()) };
        let writes =
            vec![self.count_asked(&key, known.as_ref(), &address, count, now)?, self.put_new(notice_item(&id, &notice, now, now)?)?];
        match self.transact(&format!("ask/{id}/{now}"), writes).await? {
            Commit::Committed => Ok(Asked::Sent(id)),
            Commit::Conflict if self.notice(&id).await?.is_some() => Ok(Asked::Known(id)),
            // Another request for the same address came between.
            Commit::Conflict => Ok(Asked::TooOften { again_at: later(now, ASKED_APART) }),
        }
    }

    /// Counts a message that asks for proof, if nobody else has counted one meanwhile.
    fn count_asked(
        &self,
        key: &keys::Key,
        known: Option<&Item>,
        address: &AddressHash,
        count: Count,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let unreadable = |error| StoreError::unreadable(&key.pk, error);
        let is_same = known.is_some_and(|known| text(known, "address").is_none_or(|found| found == address.as_str()));
        if !is_same {
            let fresh = item(key)
                .with("address", s(address.as_str()))
                .with("asked_at", time(now))
                .with("asked_since", time(count.since))
                .with("asked", n(count.count));
            let mut put = Put::builder().table_name(&self.table).set_item(Some(fresh));
            put = match known.and_then(|known| text(known, "address")) {
                None => put.condition_expression("attribute_not_exists(pk)"),
                Some(before) => put.condition_expression("address = :before").expression_attribute_values(":before", s(before)),
            };
            return Ok(TransactWriteItem::builder().put(put.build().map_err(unreadable)?).build());
        }
        let before = known.and_then(|known| timestamp(known, "asked_at"));
        let mut update = Update::builder()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET address = :address, asked_at = :now, asked_since = :since, asked = :asked")
            .expression_attribute_values(":address", s(address.as_str()))
            .expression_attribute_values(":now", time(now))
            .expression_attribute_values(":since", time(count.since))
            .expression_attribute_values(":asked", n(count.count));
        update = match before {
            None => update.condition_expression("attribute_not_exists(asked_at)"),
            Some(before) => update.condition_expression("asked_at = :before").expression_attribute_values(":before", time(before)),
        };
        Ok(TransactWriteItem::builder().update(update.build().map_err(unreadable)?).build())
    }
}

/// Whether the address may be asked once more at `now`; otherwise when it may. What was asked of another address does not count.
fn allowance(known: Option<&Item>, address: &AddressHash, now: Timestamp) -> Result<Count, Timestamp> {
    ASKING.once_more(known.filter(|known| text(known, "address").is_none_or(|found| found == address.as_str())), now)
}
