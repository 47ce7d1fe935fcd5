//! Invitations: a mail whose link signs a newcomer in, once, and lives longer than one that somebody asks for.
//!
//! A person has one invitation: the newest. Its item says by which notice it was sent, so an older link finds that it is not meant, and
//! whether it was used, so two taps are one session.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use hansho_domain::{Method, Notice, NoticeId, NoticeKind, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    AddressHash, Link, LinkTo, ProvenBy, Store,
    audit::Act,
    commit::Commit,
    delivery::later,
    error::StoreError,
    frequency::{Count, Frequency},
    item::{self, Item, With, body, item, n, s, text, time, timestamp},
    keys,
    notice::{notice_id, notice_item},
    session::{Session, SignedInBy},
};

/// How long an invitation signs in: newcomers read their mail when they have begun.
const LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How often a person may be invited.
const INVITING: Frequency = Frequency { apart: SignedDuration::from_secs(60), max: 5, within: SignedDuration::from_hours(24) };
/// Most invitations of a day (UTC). With the mails that sign in (`sign_in.rs`) they leave room for pages in a new account of SES, which may
/// send 200 mails in a day (SES developer guide, "Service quotas").
const SENT_MAX: u32 = 50;
/// How long the count of a day is kept.
const DAY_KEPT: SignedDuration = SignedDuration::from_hours(48);
/// How long it is known that somebody was invited.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

/// The newest invitation of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The notice that sends it.
    pub notice: NoticeId,
    /// When it was made.
    pub at: Timestamp,
    /// Until when it signs in.
    pub until: Timestamp,
    /// Who invited them, as people and logs call it: `user/ben`, `token/ci`.
    pub by: String,
    /// When it signed them in.
    #[serde(skip)]
    pub used_at: Option<Timestamp>,
    /// When it was ended before that.
    #[serde(skip)]
    pub ended_at: Option<Timestamp>,
}

impl Invitation {
    fn from_item(found: &Item) -> Result<Self, StoreError> {
        let invitation: Self = body(found)?;
        Ok(Self { used_at: timestamp(found, "used_at"), ended_at: timestamp(found, "ended_at"), ..invitation })
    }

    /// Whether it is the one that `notice` sends, and nobody has used or ended it.
    pub fn is_open_by(&self, notice: &NoticeId) -> bool {
        self.notice == *notice && self.used_at.is_none() && self.ended_at.is_none()
    }
}

/// What inviting somebody comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Invited {
    /// A mail is on its way.
    Sent(Invitation),
    /// They were invited too often of late, or somebody else has just invited them.
    TooOften {
        /// When they may be invited again.
        again_at: Timestamp,
    },
    /// There were as many invitations today as may be.
    TooManyToday,
    /// There is no such person.
    UnknownUser,
    /// They have no mail address.
    NoAddress,
}

/// What became of a link of an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Accepted {
    /// The session has begun.
    Done(Box<Session>),
    /// It has signed somebody in before.
    UsedBefore,
    /// It is too late for it, a newer one was sent, or it was ended.
    Over,
    /// It is no invitation, its person is not in the configuration any more, or has another mail address.
    Unknown,
}

/// Whom an invitation that is open signs in.
struct Invitee {
    user: UserId,
    /// The hash of their mail address, as the directory has it.
    mail: Option<String>,
    address: AddressHash,
    notice: NoticeId,
}

impl Store {
    /// The newest invitation of a person.
    ///
    /// # Errors
    /// DynamoDB does not answer, or it can not be read.
    pub async fn invitation(&self, user: &UserId) -> Result<Option<Invitation>, StoreError> {
        self.get(&keys::invitation(user)).await?.map(|found| Invitation::from_item(&found)).transpose()
    }

    /// Invites a person whom the configuration knows: `inviter` is the person who does so, `by` how that is told. What invited them before
    /// signs in no more.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn invite(&self, user: &UserId, inviter: Option<&UserId>, by: &str) -> Result<Invited, StoreError> {
        let now = self.clock.now();
        let Some(profile) = self.profile(user).await? else { return Ok(Invited::UnknownUser) };
        let Some(address) = AddressHash::of(&profile.contact, Method::Email) else { return Ok(Invited::NoAddress) };
        let key = keys::invitation(user);
        let known = self.get(&key).await?;
        let count = match INVITING.once_more(known.as_ref(), now) {
            Ok(count) => count,
            Err(again_at) => return Ok(Invited::TooOften { again_at }),
        };
        let notice = notice_id(&["invitation", user.as_str(), &now.to_string()])?;
        let made = Invitation { notice, at: now, until: later(now, LASTS), by: by.to_owned(), used_at: None, ended_at: None };
        let kind = NoticeKind::Invitation { until: made.until, by: inviter.cloned() };
        let message = Notice { user: user.clone(), method: Method::Email, kind, address: Some(address.as_str().to_owned()) };
        let writes = vec![
            self.put_invitation(&key, known.as_ref(), &made, count)?,
            self.invited_of_day(now)?,
            self.put_new(notice_item(&made.notice, &message, now, now)?)?,
            self.audited(now, by, Act::Invited { user: user.clone() })?,
        ];
        match self.transact_alone(&format!("invite/{user}"), writes).await? {
            Commit::Committed => Ok(Invited::Sent(made)),
            Commit::Conflict => {
                let after = self.get(&key).await?.and_then(|found| timestamp(&found, "asked_at"));
                let is_unchanged = after == known.as_ref().and_then(|known| timestamp(known, "asked_at"));
                Ok(if is_unchanged { Invited::TooManyToday } else { Invited::TooOften { again_at: later(now, INVITING.apart) } })
            }
        }
    }

    /// The new invitation in place of the one before, if nobody else has made one meanwhile.
    fn put_invitation(
        &self,
        key: &keys::Key,
        known: Option<&Item>,
        made: &Invitation,
        count: Count,
    ) -> Result<TransactWriteItem, StoreError> {
        let filled = item(key)
            .with("body", s(item::json(&key.pk, made)?))
            .with("notice", s(made.notice.as_str()))
            .with("asked_at", time(made.at))
            .with("asked_since", time(count.since))
            .with("asked", n(count.count))
            .expiring(later(made.at, KEPT));
        let put = Put::builder().table_name(&self.table).set_item(Some(filled));
        let put = match known.and_then(|known| text(known, "notice")) {
            None => put.condition_expression("attribute_not_exists(notice)"),
            Some(before) => put.condition_expression("notice = :before").expression_attribute_values(":before", s(before)),
        };
        Ok(TransactWriteItem::builder().put(put.build().map_err(|error| StoreError::unreadable(&key.pk, error))?).build())
    }

    /// Counts the invitations of the day, as long as they are not too many.
    fn invited_of_day(&self, now: Timestamp) -> Result<TransactWriteItem, StoreError> {
        let key = keys::invitations_of_day(now);
        let update = Update::builder()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET expires_at = :expires ADD sent :one")
            .condition_expression("attribute_not_exists(sent) OR sent < :most")
            .expression_attribute_values(":expires", n(later(now, DAY_KEPT).as_second()))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":most", n(SENT_MAX));
        Ok(TransactWriteItem::builder().update(update.build().map_err(|error| StoreError::unreadable(&key.pk, error))?).build())
    }

    /// Whether the invitation behind `code` signs in at the moment, and whom. Changes nothing.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn invitee(&self, code: &str) -> Result<Result<UserId, Accepted>, StoreError> {
        Ok(self.open_invitation(code).await?.map(|invitee| invitee.user))
    }

    async fn open_invitation(&self, code: &str) -> Result<Result<Invitee, Accepted>, StoreError> {
        let Some(Link { user, to: LinkTo::Invitation { notice, .. }, expires_at, via: Some(via) }) = self.link(code).await? else {
            return Ok(Err(Accepted::Unknown));
        };
        if self.clock.now() >= expires_at {
            return Ok(Err(Accepted::Over));
        }
        let directory = self.directory().await?;
        let Some(listed) = directory.users.get(&user) else { return Ok(Err(Accepted::Unknown)) };
        // The mailbox that it was sent to may be another's by now, and so may the name.
        let current = self.profile(&user).await?.and_then(|profile| AddressHash::of(&profile.contact, via.method));
        if current.as_ref() != Some(&via.address) {
            return Ok(Err(Accepted::Unknown));
        }
        match self.invitation(&user).await? {
            Some(one) if one.is_open_by(&notice) => Ok(Ok(Invitee { user, mail: listed.mail.clone(), address: via.address, notice })),
            Some(one) if one.notice == notice && one.used_at.is_some() => Ok(Err(Accepted::UsedBefore)),
            Some(_) | None => Ok(Err(Accepted::Over)),
        }
    }

    /// Begins a session that `secret` proves, for the person of the invitation behind `code`. It does so once.
    ///
    /// # Errors
    /// DynamoDB does not answer. The session may or may not have begun; whoever holds `secret` can ask for it.
    pub async fn accept_invitation(&self, code: &str, secret: &str, agent: &str) -> Result<Accepted, StoreError> {
        let Invitee { user, mail, address, notice } = match self.open_invitation(code).await? {
            Ok(invitee) => invitee,
            Err(why) => return Ok(why),
        };
        let session = Session::new(secret, user, SignedInBy::Link, agent, self.clock.now()).of_mail(mail);
        let mut writes = self.session_writes(secret, &session).await?;
        writes.push(self.mark_invitation(&session.user, "used_at", &notice)?);
        match self.transact_alone(&format!("invitation/{}", session.id), writes).await? {
            Commit::Committed => {}
            // Another tap was faster, or another invitation was sent in this moment.
            Commit::Conflict => return Ok(self.open_invitation(code).await?.err().unwrap_or(Accepted::UsedBefore)),
        }
        if let Err(error) = self.prove(&session.user, Method::Email, &address, &ProvenBy::Verification).await {
            tracing::warn!(user.id = %session.user, error = %hansho_runtime::chain(&error), "a proof could not be recorded");
        }
        Ok(Accepted::Done(Box::new(session)))
    }

    /// Ends the invitation of a person that nobody has used. Says whether there was one.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn end_invitation(&self, user: &UserId) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let is_open = |one: &Invitation| one.is_open_by(&one.notice) && now < one.until;
        let Some(open) = self.invitation(user).await?.filter(is_open) else { return Ok(false) };
        let writes = vec![self.mark_invitation(user, "ended_at", &open.notice)?];
        Ok(self.transact_alone(&format!("end-invitation/{user}"), writes).await? == Commit::Committed)
    }

    /// Notes the time on an invitation that is open.
    fn mark_invitation(&self, user: &UserId, what: &str, notice: &NoticeId) -> Result<TransactWriteItem, StoreError> {
        let key = keys::invitation(user);
        let update = Update::builder()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET #what = :now")
            .condition_expression("notice = :notice AND attribute_not_exists(used_at) AND attribute_not_exists(ended_at)")
            .expression_attribute_names("#what", what)
            .expression_attribute_values(":now", time(self.clock.now()))
            .expression_attribute_values(":notice", s(notice.as_str()));
        Ok(TransactWriteItem::builder().update(update.build().map_err(|error| StoreError::unreadable(&key.pk, error))?).build())
    }
}
