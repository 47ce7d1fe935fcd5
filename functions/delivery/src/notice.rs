//! One claimed notice, from the last look to the record. It passes no gate: what belongs to no incident is never a storm, and
//! must not keep a page waiting.

use std::time::Duration;

use hansho_channels::{Address, ChangeFacts, Message, NoticeFacts, NoticeText, SendOutcome, ShiftFacts, SwapFacts, Thread, render_notice};
use hansho_domain::{HandOff, Language, Notice, NoticeId, NoticeKind, ShiftChange, ShiftEdge, Swap, SwapStage, UserId};
use hansho_outbox_relay::NoticeMessage;
use hansho_runtime::{Failure, backoff::backoff};
use hansho_store::{AddressHash, Ending, LinkTo, NoticeClaim, Profile, Setback, StoreError, StoredNotice, Via};
use jiff::{SignedDuration, Timestamp};

use crate::{DeliveryFunction, addressee, unavailable};

/// How long sending may be tried, counted from when it was due. Nobody is woken by a notice, so there is time.
const BUDGET: SignedDuration = SignedDuration::from_mins(30);
/// How often a notice is sent again that a provider has perhaps accepted.
const REPEATS_MAX: u32 = 1;
const WAIT_BASE: Duration = Duration::from_secs(5);
const WAIT_MAX: Duration = Duration::from_secs(300);
/// Until when the link of a verification counts.
const VERIFICATION_LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Whether a notice should still be sent.
enum Look {
    /// It should, to this person at this address.
    Needed(Box<Profile>, Address),
    /// It should not, for this reason.
    Over(String),
    /// It can not be.
    Impossible(String),
}

impl DeliveryFunction {
    pub(crate) async fn deliver_notice(&self, id: &NoticeId) -> Result<(), Failure> {
        match self.store.claim_notice(id).await {
            Ok(NoticeClaim::Claimed(claimed)) => Box::pin(self.work_on_notice(&claimed)).await,
            Ok(NoticeClaim::InProgress) => {
                Err(Failure::because(format!("notice {id} is being worked on or waits for its time; it comes back")))
            }
            Ok(NoticeClaim::AlreadyDone) => Ok(()),
            Ok(NoticeClaim::Unknown) => {
                tracing::warn!(notice.id = %id, "a message names a notice that does not exist; nothing to do");
                Ok(())
            }
            Err(error) => Err(Failure::new("the notice was not claimed", error)),
        }
    }

    /// The next message about this notice, to be received at `at`.
    pub(crate) async fn notice_comes_back(&self, id: &NoticeId, at: Timestamp) -> Result<(), Failure> {
        self.queue.send(&NoticeMessage { notice: id.clone() }, at, self.store.clock().now()).await
    }

    async fn work_on_notice(&self, claimed: &StoredNotice) -> Result<(), Failure> {
        let (profile, address) = match self.look_at_notice(claimed).await? {
            Look::Needed(profile, address) => (profile, address),
            Look::Over(reason) => return self.end_notice(claimed, &Ending::Ended { reason }).await,
            Look::Impossible(reason) => return self.end_notice(claimed, &Ending::Failed { reason }).await,
        };
        let message = self.compose_notice(claimed, &profile, address).await?;
        match self.channels.send(claimed.notice.method, &message).await {
            SendOutcome::Accepted { provider_id } => {
                self.end_notice(claimed, &Ending::Sent { provider_id, companions: Vec::new(), reason: None }).await
            }
            SendOutcome::Failed { reason } => self.end_notice(claimed, &Ending::Failed { reason }).await,
            SendOutcome::Retry { reason, after_seconds } => self.send_notice_later(claimed, Setback::Refused, reason, after_seconds).await,
            SendOutcome::Unknown { reason } => self.send_notice_later(claimed, Setback::Unanswered, reason, None).await,
        }
    }

    /// The last look before sending: is it still true, and is the address still the one that is meant?
    async fn look_at_notice(&self, claimed: &StoredNotice) -> Result<Look, Failure> {
        let notice = &claimed.notice;
        if let Some(reason) = self.why_over(claimed).await? {
            return Ok(Look::Over(reason));
        }
        let profile = match self.store.profile(&notice.user).await {
            Ok(Some(profile)) => profile,
            Ok(None) => return Ok(Look::Impossible("they are not in the configuration any more".to_owned())),
            // What it says may quote their addresses.
            Err(StoreError::Unreadable { key, .. }) => {
                tracing::error!(%key, "a profile can not be read");
                return Ok(Look::Impossible("their profile can not be read; apply the configuration again".to_owned()));
            }
            Err(error) => return Err(unavailable(error)),
        };
        let current = AddressHash::of(&profile.contact, notice.method);
        if notice.address.as_deref().is_some_and(|meant| current.as_ref().map(AddressHash::as_str) != Some(meant)) {
            return Ok(Look::Over("no longer needed: their address has changed".to_owned()));
        }
        Ok(match addressee::address(&profile.contact, notice.method) {
            Ok(address) => Look::Needed(Box::new(profile), address),
            Err(reason) => Look::Impossible(reason),
        })
    }

    /// Why the notice is not true any more, if it is not.
    async fn why_over(&self, claimed: &StoredNotice) -> Result<Option<String>, Failure> {
        let now = self.store.clock().now();
        let notice = &claimed.notice;
        match &notice.kind {
            NoticeKind::Verification | NoticeKind::PasskeyAdded { .. } => Ok(None),
            NoticeKind::ShiftBegins(hand_off) => self.why_no_hand_off(notice, ShiftEdge::Start, hand_off).await,
            NoticeKind::ShiftEnds(hand_off) => self.why_no_hand_off(notice, ShiftEdge::End, hand_off).await,
            NoticeKind::SignIn { until } => Ok((now >= *until).then(|| "no longer needed: the time to sign in by it is over".to_owned())),
            NoticeKind::Invitation { until, .. } if now >= *until => {
                Ok(Some("no longer needed: the time to sign in by it is over".to_owned()))
            }
            NoticeKind::Invitation { .. } => {
                let is_open =
                    self.store.invitation(&notice.user).await.map_err(unavailable)?.is_some_and(|one| one.is_open_by(&claimed.id));
                Ok((!is_open).then(|| "no longer needed: another invitation was sent, or it was ended".to_owned()))
            }
            NoticeKind::OverrideMade(change) | NoticeKind::OverrideRemoved(change) => {
                Ok((now >= change.until).then(|| "no longer needed: the time that it is about is over".to_owned()))
            }
            NoticeKind::Swap { swap, stage: stage @ (SwapStage::Asked | SwapStage::Expired) } => {
                let found = self.store.swap(&swap.id).await.map_err(unavailable)?.map(|found| found.stage);
                Ok((found != Some(*stage)).then(|| "no longer needed: the swap was answered, or nobody can answer it any more".to_owned()))
            }
            NoticeKind::Swap { stage: SwapStage::Accepted | SwapStage::Declined | SwapStage::Withdrawn, .. } => Ok(None),
            NoticeKind::Drill { until, .. } if now >= *until => Ok(Some("no longer needed: the period of the drill is over".to_owned())),
            NoticeKind::Drill { drill, .. } => {
                let is_open = self.store.drill(drill).await.map_err(unavailable)?.is_some_and(|drill| drill.ended_at.is_none());
                Ok((!is_open).then(|| "no longer needed: the drill was called off".to_owned()))
            }
        }
    }

    async fn why_no_hand_off(&self, notice: &Notice, which: ShiftEdge, hand_off: &HandOff) -> Result<Option<String>, Failure> {
        if self.store.clock().now() >= hand_off.at {
            return Ok(Some("no longer needed: the hand-off is over".to_owned()));
        }
        let is_so = self.store.is_handed_off(&notice.user, which, hand_off).await.map_err(unavailable)?;
        Ok((!is_so).then(|| "no longer needed: the schedule has changed".to_owned()))
    }

    async fn compose_notice(&self, claimed: &StoredNotice, profile: &Profile, to: Address) -> Result<Message, Failure> {
        let now = self.store.clock().now();
        let notice = &claimed.notice;
        let facts = match &notice.kind {
            NoticeKind::Verification => {
                // Counted from when it was due, so that another attempt has the same link.
                let until = claimed.due_at.saturating_add(VERIFICATION_LASTS).unwrap_or(Timestamp::MAX);
                let link = self.proof_link(notice, profile, LinkTo::Proof { drill: None, since: claimed.due_at, until }).await?;
                NoticeFacts::Verification { link }
            }
            NoticeKind::Drill { drill, since, from, until } => {
                let to = LinkTo::Proof { drill: Some(drill.clone()), since: *since, until: *until };
                NoticeFacts::Drill { from: *from, until: *until, link: self.proof_link(notice, profile, to).await? }
            }
            NoticeKind::SignIn { until } => {
                let to = LinkTo::SignIn { notice: claimed.id.clone(), until: *until };
                let code = self.notice_link(notice, profile, to).await?;
                NoticeFacts::SignIn { until: *until, link: self.public_url.sign_in(&code) }
            }
            NoticeKind::Invitation { until, by } => {
                let to = LinkTo::Invitation { notice: claimed.id.clone(), until: *until };
                let code = self.notice_link(notice, profile, to).await?;
                let by = match by {
                    Some(by) => Some(self.name_of(by).await),
                    None => None,
                };
                NoticeFacts::Invitation { until: *until, by, link: self.public_url.invitation(&code) }
            }
            NoticeKind::OverrideMade(change) => NoticeFacts::OverrideMade(self.change(change).await),
            NoticeKind::OverrideRemoved(change) => NoticeFacts::OverrideRemoved(self.change(change).await),
            NoticeKind::Swap { swap, stage } => NoticeFacts::Swap(self.swap(notice, profile, swap, *stage).await?),
            NoticeKind::PasskeyAdded { name, at } => NoticeFacts::PasskeyAdded { name: name.clone(), at: *at },
            NoticeKind::ShiftBegins(hand_off) => NoticeFacts::ShiftBegins(self.shift(hand_off).await),
            NoticeKind::ShiftEnds(hand_off) => NoticeFacts::ShiftEnds(self.shift(hand_off).await),
        };
        let text = NoticeText { facts, time_zone: profile.contact.time_zone.clone(), now };
        let language: Language = profile.user.language();
        Ok(Message {
            to,
            text: render_notice(notice.method, language, &text),
            idempotency_key: claimed.id.to_string(),
            thread: Thread::Notice(claimed.id.to_string()),
            sent_at: now,
        })
    }

    async fn proof_link(&self, notice: &Notice, profile: &Profile, to: LinkTo) -> Result<String, Failure> {
        Ok(self.public_url.proof(&self.notice_link(notice, profile, to).await?))
    }

    /// The code of a link for the address that the notice goes to.
    async fn notice_link(&self, notice: &Notice, profile: &Profile, to: LinkTo) -> Result<String, Failure> {
        let via = AddressHash::of(&profile.contact, notice.method).map(|address| Via { method: notice.method, address });
        self.store.make_link_via(&self.secrets, &notice.user, to, via).await.map_err(unavailable)
    }

    async fn shift(&self, hand_off: &HandOff) -> ShiftFacts {
        let others = self.names_of(&hand_off.others).await;
        ShiftFacts { schedule: hand_off.name.clone(), at: hand_off.at, until: hand_off.until, others }
    }

    async fn names_of(&self, users: &[UserId]) -> Vec<String> {
        let mut names = Vec::new();
        for user in users {
            names.push(self.name_of(user).await);
        }
        names
    }

    async fn change(&self, change: &ShiftChange) -> ChangeFacts {
        ChangeFacts {
            schedule: change.name.clone(),
            from: change.from,
            until: change.until,
            before: self.names_of(&change.before).await,
            after: self.names_of(&change.after).await,
            by: self.name_of(&change.by).await,
        }
    }

    async fn swap(&self, notice: &Notice, profile: &Profile, swap: &Swap, stage: SwapStage) -> Result<SwapFacts, Failure> {
        let (gives, gets) = swap.seen_by(&notice.user);
        let link = match stage {
            SwapStage::Asked => {
                let to = LinkTo::Swap { swap: swap.id.clone(), until: swap.expires_at() };
                Some(self.public_url.swap(&self.notice_link(notice, profile, to).await?))
            }
            SwapStage::Accepted | SwapStage::Declined | SwapStage::Withdrawn | SwapStage::Expired => None,
        };
        let other = self.name_of(swap.other_than(&notice.user)).await;
        Ok(SwapFacts { stage, schedule: swap.name.clone(), other, gives, gets, until: swap.expires_at(), link })
    }

    /// How a person is called. A profile that can not be read costs a name, not the notice.
    pub(crate) async fn name_of(&self, user: &UserId) -> String {
        match self.store.profile(user).await {
            Ok(Some(profile)) => profile.user.name().to_owned(),
            Ok(None) | Err(_) => user.to_string(),
        }
    }

    /// Another attempt, or the end when there were enough.
    async fn send_notice_later(
        &self,
        claimed: &StoredNotice,
        setback: Setback,
        reason: String,
        after_seconds: Option<u32>,
    ) -> Result<(), Failure> {
        let wait = backoff(claimed.id.as_str(), claimed.refusals + claimed.unanswered + 1, WAIT_BASE, WAIT_MAX);
        let wait = wait.max(Duration::from_secs(after_seconds.unwrap_or(0).into()));
        let at = self.store.clock().now().saturating_add(SignedDuration::try_from(wait).unwrap_or(BUDGET)).unwrap_or(Timestamp::MAX);
        let is_late = at > claimed.due_at.saturating_add(BUDGET).unwrap_or(Timestamp::MAX);
        let was_repeated = setback == Setback::Unanswered && claimed.unanswered >= REPEATS_MAX;
        if is_late || was_repeated {
            let reason = if setback == Setback::Unanswered {
                format!("given up, though it may have been sent: {reason}")
            } else {
                format!("given up: {reason}")
            };
            return self.end_notice(claimed, &Ending::Failed { reason }).await;
        }
        self.end_notice(claimed, &Ending::Retry { at, reason, setback }).await?;
        self.notice_comes_back(&claimed.id, at).await
    }

    async fn end_notice(&self, claimed: &StoredNotice, ending: &Ending) -> Result<(), Failure> {
        match self.store.end_notice(claimed, ending).await {
            Ok(true) => Ok(()),
            Ok(false) => {
                tracing::warn!(notice.id = %claimed.id, "the lease was lost before the attempt was recorded");
                Ok(())
            }
            Err(error) => Err(Failure::new("the attempt was not recorded", error)),
        }
    }
}
