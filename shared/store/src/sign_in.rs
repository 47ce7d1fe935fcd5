//! Signing in by a link that is sent to one's mail address.
//!
//! Whoever asks learns nothing of who there is: for an address that is nobody's, as many items are written as for one that is
//! somebody's, and the answer is the same.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use hansho_domain::{Method, Notice, NoticeKind, UserId};
use jiff::{SignedDuration, Timestamp};

use crate::{
    AddressHash, Link, LinkTo, ProvenBy, Store,
    commit::Commit,
    delivery::later,
    error::StoreError,
    frequency::{Count, Frequency},
    item::{Item, With, item, n, s, time, timestamp},
    keys,
    notice::{notice_id, notice_item},
    on_call::mail_hash,
    session::{Session, SignedInBy},
};

/// Until when a link signs in.
const LINK_LASTS: SignedDuration = SignedDuration::from_mins(20);
/// How often links may be sent to an address: whoever waits for a mail asks again, and strangers must not fill a mailbox. It is counted for
/// as long as a link lasts: whoever is refused because strangers have asked has one of theirs in the mailbox, and it signs in.
const ASKING: Frequency = Frequency { apart: SignedDuration::from_secs(30), max: 3, within: LINK_LASTS };
/// How often one network address may ask, for whomever it is.
const ASKER: Frequency = Frequency { apart: SignedDuration::ZERO, max: 20, within: SignedDuration::from_hours(1) };
/// Most such mails of a day (UTC). A new account of SES may send 200 in a day (SES developer guide, "Service quotas"), and pages go first.
const SENT_MAX: u32 = 100;
/// How long it is kept how often they were.
const ASKED_KEPT: SignedDuration = SignedDuration::from_hours(2);
/// How long the count of a day is kept.
const DAY_KEPT: SignedDuration = SignedDuration::from_hours(48);
/// How long it is kept that a link was used, which is longer than any signs in.
const USED_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Most people who share a mail address; the first of them by name are sent a link each.
const SHARING_MAX: usize = 5;

/// What became of a tap on "sign in".
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum SignedIn {
    /// The session has begun.
    Done(Box<Session>),
    /// The link has signed somebody in before.
    UsedBefore,
    /// It is too late for the link.
    Over,
    /// It is no link that signs in, or its person is not in the configuration any more.
    Unknown,
}

impl Store {
    /// Sends links that sign in to whoever has this mail address, for somebody at the network address `asker`. Says nothing of whether there
    /// is anybody, or whether it was asked too often.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn ask_to_sign_in(&self, address: &str, asker: &str) -> Result<(), StoreError> {
        let Some(hash) = mail_hash(address) else { return Ok(()) };
        let now = self.clock.now();
        let asked = (keys::sign_in(&hash), keys::sign_in_asker(asker));
        let known = (self.get(&asked.0).await?, self.get(&asked.1).await?);
        let (Ok(of_address), Ok(of_asker)) = (ASKING.once_more(known.0.as_ref(), now), ASKER.once_more(known.1.as_ref(), now)) else {
            return Ok(());
        };
        let directory = self.directory().await?;
        let theirs: Vec<&UserId> = directory.with_mail(&hash).take(SHARING_MAX).collect();
        let mut writes = vec![
            self.counted(&asked.0, known.0.as_ref(), of_address, now)?,
            self.counted(&asked.1, known.1.as_ref(), of_asker, now)?,
            self.counted_of_day(now, &theirs)?,
        ];
        for user in &theirs {
            writes.push(self.put_new(sign_in_notice(user, later(now, LINK_LASTS), now)?)?);
        }
        if theirs.is_empty() {
            writes.push(self.put(item(&keys::sign_in_of_nobody(&hash)).with("body", s(" ".repeat(120))).expiring(later(now, ASKED_KEPT)))?);
        }
        match self.transact_alone("sign-in", writes).await? {
            Commit::Committed => Ok(()),
            // Somebody else has asked for the same in this moment, or there were as many of them today as may be.
            Commit::Conflict => {
                tracing::warn!("a link to sign in was not sent: it was asked for twice at once, or too often today");
                Ok(())
            }
        }
    }

    /// Counts the mails of the day, as long as they are not too many. Those that nobody gets are counted for themselves.
    fn counted_of_day(&self, now: Timestamp, theirs: &[&UserId]) -> Result<TransactWriteItem, StoreError> {
        let key = keys::sign_ins_of_day(now, !theirs.is_empty());
        let count = theirs.len().max(1);
        let update = Update::builder()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET expires_at = :expires ADD asked :count")
            .condition_expression("attribute_not_exists(asked) OR asked < :most")
            .expression_attribute_values(":expires", n(later(now, DAY_KEPT).as_second()))
            .expression_attribute_values(":count", n(count))
            .expression_attribute_values(":most", n(if theirs.is_empty() { u32::MAX } else { SENT_MAX }));
        Ok(TransactWriteItem::builder().update(update.build().map_err(|error| StoreError::unreadable(&key.pk, error))?).build())
    }

    /// The write that counts one more time, as long as nobody else has counted since `known` was read.
    pub(crate) fn counted(
        &self,
        key: &keys::Key,
        known: Option<&Item>,
        count: Count,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let made = item(key)
            .with("asked_at", time(now))
            .with("asked_since", time(count.since))
            .with("asked", n(count.count))
            .expiring(later(now, ASKED_KEPT));
        let put = Put::builder().table_name(&self.table).set_item(Some(made));
        let put = match known.and_then(|known| timestamp(known, "asked_at")) {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(before) => put.condition_expression("asked_at = :before").expression_attribute_values(":before", time(before)),
        };
        Ok(TransactWriteItem::builder().put(put.build().map_err(|error| StoreError::unreadable(&key.pk, error))?).build())
    }

    /// Begins a session that `secret` proves, for the person of the link behind `code`. A link does so once.
    ///
    /// # Errors
    /// DynamoDB does not answer. The session may or may not have begun; whoever holds `secret` can ask for it.
    pub async fn sign_in(&self, code: &str, secret: &str, agent: &str) -> Result<SignedIn, StoreError> {
        let Some(Link { user, to: LinkTo::SignIn { .. }, expires_at, via }) = self.link(code).await? else { return Ok(SignedIn::Unknown) };
        let now = self.clock.now();
        if now >= expires_at {
            return Ok(SignedIn::Over);
        }
        let directory = self.directory().await?;
        let (Some(listed), Some(via)) = (directory.users.get(&user), via) else { return Ok(SignedIn::Unknown) };
        // The mailbox that it was sent to may be another's by now, and so may the name.
        let current = self.profile(&user).await?.and_then(|profile| AddressHash::of(&profile.contact, via.method));
        if current.as_ref() != Some(&via.address) {
            return Ok(SignedIn::Unknown);
        }
        let used = keys::used_link(code);
        if self.get(&used).await?.is_some() {
            return Ok(SignedIn::UsedBefore);
        }
        let session = Session::new(secret, user, SignedInBy::Link, agent, now).of_mail(listed.mail.clone());
        let mut writes = self.session_writes(secret, &session).await?;
        writes.push(self.put_new(item(&used).with("session", s(&session.id)).expiring(later(now, USED_KEPT)))?);
        match self.transact_alone(&format!("sign-in/{}", session.id), writes).await? {
            Commit::Committed => {}
            // Another tap was faster.
            Commit::Conflict => return Ok(SignedIn::UsedBefore),
        }
        if let Err(error) = self.prove(&session.user, via.method, &via.address, &ProvenBy::Verification).await {
            tracing::warn!(user.id = %session.user, error = %hansho_runtime::chain(&error), "a proof could not be recorded");
        }
        Ok(SignedIn::Done(Box::new(session)))
    }
}

fn sign_in_notice(user: &UserId, until: Timestamp, now: Timestamp) -> Result<Item, StoreError> {
    let id = notice_id(&["sign-in", user.as_str(), &now.to_string()])?;
    let notice = Notice { user: user.clone(), method: Method::Email, kind: NoticeKind::SignIn { until }, address: None };
    notice_item(&id, &notice, now, now)
}
