//! Notices: messages that belong to no incident, claimed by a lease as deliveries are.
//!
//! The item is its own outbox row: it stands in the index of work from the moment it is made, so whoever dies after that
//! leaves it to the sweeper.

use aws_sdk_dynamodb::types::TransactWriteItem;
use hansho_domain::{Method, Notice, NoticeId, NoticeKind, UserId};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Store,
    commit::Commit,
    delivery::{Claimable, DeliveryState, Ending, Lease, later},
    error::StoreError,
    item::{self, Item, With, body, item, n, number, s, text, time, timestamp},
    keys,
};

/// How long a notice is kept: nothing that is told ahead of time is told so much ahead.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);
/// How long a provider's message id is remembered for its report.
const MESSAGE_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// So much before its time a notice may be claimed: queues count in whole seconds and clocks differ.
const EARLY: SignedDuration = SignedDuration::from_secs(1);

/// What the items of notices say they are, for the filter of the table's stream.
const ENTITY: &str = "NOTICE";

/// A notice on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredNotice {
    /// Its id.
    pub id: NoticeId,
    /// What is to be said to whom.
    pub notice: Notice,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was claimed.
    pub attempt: u32,
    /// How often a provider was asked and said "later".
    pub refusals: u32,
    /// How often it was handed to a provider that did not answer, so that it may have been sent.
    pub unanswered: u32,
    /// When it was to be sent first.
    pub due_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Why it stands where it stands.
    pub reason: Option<String>,
}

impl StoredNotice {
    fn from_item(found: &Item) -> Result<Self, StoreError> {
        let missing = |what: &str| StoreError::unreadable(item::name(found), format!("{what} is missing"));
        Ok(Self {
            id: id_of(found).ok_or_else(|| missing("its id"))?,
            notice: body(found)?,
            state: text(found, "state").and_then(DeliveryState::from_str).ok_or_else(|| missing("state"))?,
            attempt: number(found, "attempt").unwrap_or(0),
            refusals: number(found, "refusals").unwrap_or(0),
            unanswered: number(found, "unanswered").unwrap_or(0),
            due_at: timestamp(found, "created_at").ok_or_else(|| missing("created_at"))?,
            updated_at: timestamp(found, "updated_at").ok_or_else(|| missing("updated_at"))?,
            reason: text(found, "reason").filter(|reason| !reason.is_empty()).map(str::to_owned),
        })
    }

    /// Whether nothing more will happen to it.
    pub fn is_over(&self) -> bool {
        match self.state {
            DeliveryState::Pending | DeliveryState::Sending => false,
            DeliveryState::Sent | DeliveryState::Failed | DeliveryState::Ended => true,
        }
    }
}

/// What trying to claim a notice comes to. A lost race is a value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum NoticeClaim {
    /// It is this caller's until the lease ends.
    Claimed(Box<StoredNotice>),
    /// Somebody else is at it, or it waits for its time: not success, come back later.
    InProgress,
    /// Nothing is left to do.
    AlreadyDone,
    /// There is no such notice.
    Unknown,
}

/// The id of the notice that `parts` make the only one of its kind.
pub(crate) fn notice_id(parts: &[&str]) -> Result<NoticeId, StoreError> {
    let text = parts.join("/");
    NoticeId::new(keys::hash(&text)).map_err(|error| StoreError::unreadable(text, error))
}

/// The id of the notice that an item of its partition belongs to.
pub(crate) fn id_of(found: &Item) -> Option<NoticeId> {
    text(found, "pk")?.strip_prefix(keys::NOTICE_PREFIX)?.parse().ok()
}

/// The id and the time of a new notice, as a stream record has it; `None` when it is something else.
pub fn new_notice(image: &Item) -> Option<(NoticeId, Timestamp)> {
    let id = id_of(image).filter(|_| text(image, "entity") == Some(ENTITY))?;
    Some((id, timestamp(image, "created_at")?))
}

/// The item of a new notice that is to be sent at `due_at`.
pub(crate) fn notice_item(id: &NoticeId, notice: &Notice, due_at: Timestamp, now: Timestamp) -> Result<Item, StoreError> {
    let key = keys::notice(id);
    Ok(item(&key)
        .with("entity", s(ENTITY))
        .with("state", s(DeliveryState::Pending.as_str()))
        .with("attempt", n(0))
        // Retries count from here, as those of a delivery do.
        .with("created_at", time(due_at))
        .with("updated_at", time(now))
        .with("retry_at", time(due_at))
        .with("body", s(item::json(&key.pk, notice)?))
        .with("work_pk", s(keys::NOTICE_WORK))
        .with("work_at", time(due_at))
        .expiring(later(due_at, KEPT)))
}

impl Store {
    /// The write that makes a notice about something that wakes nobody, by the quietest way that the person has; nothing where they have none.
    /// `parts` tell what it is about from everything else.
    pub(crate) async fn telling(
        &self,
        parts: &[&str],
        user: &UserId,
        kind: &NoticeKind,
        due_at: Timestamp,
    ) -> Result<Option<TransactWriteItem>, StoreError> {
        // Who can not be read is not told; the others are.
        let profile = match self.profile(user).await {
            Ok(found) => found,
            Err(StoreError::Unreadable { key, .. }) => {
                tracing::error!(%key, "a profile can not be read; its person is not told");
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let Some(method) = profile.and_then(|profile| profile.user.quietest_method()) else { return Ok(None) };
        let id = notice_id(&[parts, &[user.as_str()]].concat())?;
        let notice = Notice { user: user.clone(), method, kind: kind.clone(), address: None };
        Ok(Some(self.put_new(notice_item(&id, &notice, due_at, self.clock.now())?)?))
    }

    /// Makes a notice that is to be sent at `due_at`. `false` when there is one of this id: nothing is sent twice.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn make_notice(&self, id: &NoticeId, notice: &Notice, due_at: Timestamp) -> Result<bool, StoreError> {
        let made = notice_item(id, notice, due_at, self.clock.now())?;
        let request = self.client.put_item().table_name(&self.table).set_item(Some(made)).condition_expression("attribute_not_exists(pk)");
        match self.retrying(id.as_str(), || request.clone().send()).await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(false),
            Err(error) => Err(StoreError::unavailable("make a notice", &error)),
        }
    }

    /// As [`Store::make_notice`], and a notice that was ended before anything was sent, because it was not true any more, is to be sent
    /// after all. `false` when there is one that was sent, or is on its way.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn make_notice_again(&self, id: &NoticeId, notice: &Notice, due_at: Timestamp) -> Result<bool, StoreError> {
        if self.make_notice(id, notice, due_at).await? {
            return Ok(true);
        }
        let key = keys::notice(id);
        // Attempts are counted on: what ends one of them must not look like the end of an earlier one.
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression(
                "SET #state = :pending, body = :body, created_at = :due, retry_at = :due, updated_at = :now, work_pk = :work, work_at = :due, \
                 refusals = :none, unanswered = :none REMOVE reason, lease_until",
            )
            .condition_expression("#state = :ended")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":pending", s(DeliveryState::Pending.as_str()))
            .expression_attribute_values(":ended", s(DeliveryState::Ended.as_str()))
            .expression_attribute_values(":body", s(item::json(&key.pk, notice)?))
            .expression_attribute_values(":due", time(due_at))
            .expression_attribute_values(":now", time(self.clock.now()))
            .expression_attribute_values(":work", s(keys::NOTICE_WORK))
            .expression_attribute_values(":none", n(0));
        match self.retrying(id.as_str(), || request.clone().send()).await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(false),
            Err(error) => Err(StoreError::unavailable("make a notice again", &error)),
        }
    }

    /// The notice, read consistently.
    ///
    /// # Errors
    /// DynamoDB does not answer, or the item can not be read.
    pub async fn notice(&self, id: &NoticeId) -> Result<Option<StoredNotice>, StoreError> {
        self.get(&keys::notice(id)).await?.map(|found| StoredNotice::from_item(&found)).transpose()
    }

    /// The notice as a stream record shows it (`NewImage`), if nobody has sent it on its way yet: for feeding the relay without
    /// a stream.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn notice_image(&self, id: &NoticeId) -> Result<Option<serde_json::Value>, StoreError> {
        let Some(found) = self.get(&keys::notice(id)).await? else { return Ok(None) };
        let due_at = timestamp(&found, "created_at");
        let is_new = text(&found, "work_pk").is_some() && timestamp(&found, "work_at") == due_at;
        let (true, Some(due_at)) = (is_new, due_at) else { return Ok(None) };
        let text = |name| (name, serde_json::json!({ "S": text(&found, name).unwrap_or_default() }));
        let due_at = ("created_at", serde_json::json!({ "N": due_at.as_millisecond().to_string() }));
        let image = [text("pk"), text("sk"), text("entity"), due_at].map(|(name, value)| (name.to_owned(), value));
        Ok(Some(serde_json::Value::Object(image.into_iter().collect())))
    }

    /// Claims the notice for 25 seconds, if nobody else holds it and its time has come, or comes within a second.
    ///
    /// # Errors
    /// DynamoDB does not answer. The claim may or may not stand then; it ends with its lease.
    pub async fn claim_notice(&self, id: &NoticeId) -> Result<NoticeClaim, StoreError> {
        match self.lease(&keys::notice(id), Claimable::When(later(self.clock.now(), EARLY))).await? {
            Lease::Held(found) => Ok(NoticeClaim::Claimed(Box::new(StoredNotice::from_item(&found)?))),
            Lease::Refused(found) => match found.as_ref().map(StoredNotice::from_item).transpose()? {
                None => Ok(NoticeClaim::Unknown),
                Some(notice) if notice.is_over() => Ok(NoticeClaim::AlreadyDone),
                Some(_) => Ok(NoticeClaim::InProgress),
            },
        }
    }

    /// Ends a claim. `false` when the claim was no longer this caller's: whoever has it now ends it.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn end_notice(&self, claimed: &StoredNotice, ending: &Ending) -> Result<bool, StoreError> {
        let mut writes = vec![self.ending_update(&keys::notice(&claimed.id), claimed.attempt, ending)?];
        if let Ending::Sent { provider_id, .. } = ending
            && claimed.notice.method != Method::Webhook
            && !provider_id.is_empty()
        {
            writes.push(self.message_of_notice(claimed, provider_id)?);
        }
        let token = format!("end-notice/{}/{}/{ending:?}", claimed.id, claimed.attempt);
        Ok(self.transact(&token, writes).await? == Commit::Committed)
    }

    fn message_of_notice(&self, claimed: &StoredNotice, provider_id: &str) -> Result<TransactWriteItem, StoreError> {
        let key = keys::provider_message(claimed.notice.method, provider_id);
        self.put(item(&key).with("notice", s(claimed.id.as_str())).expiring(later(self.clock.now(), MESSAGE_KEPT)))
    }

    /// The notice that a provider's report is about.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn notice_of_message(&self, method: Method, provider_id: &str) -> Result<Option<NoticeId>, StoreError> {
        let found = self.get(&keys::provider_message(method, provider_id)).await?;
        Ok(found.and_then(|found| text(&found, "notice")?.parse().ok()))
    }

    /// Records what a provider said later: the notice did not arrive. `false` when it had not been sent.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn record_notice_bounce(&self, id: &NoticeId, reason: &str) -> Result<bool, StoreError> {
        self.bounce(&keys::notice(id), reason).await
    }

    /// Moves the time at which the notice is looked at next, because it has just been sent on its way.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn postpone_notice(&self, id: &NoticeId, until: Timestamp) -> Result<(), StoreError> {
        self.postpone(&keys::notice(id), until).await
    }
}
