//! Swaps of shifts: asked for by one, answered by the other.
//!
//! A swap is an item of its own, and stands in the list of each of both people. When it is accepted, the two overrides that make it so, the
//! answer and what tells both are one transaction, which fails when anything has changed by which who is on call was looked at.

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use hansho_domain::{NoticeKind, Schedule, Swap, SwapId, SwapStage, UserId};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Store,
    audit::audited_user,
    commit::Commit,
    configuration::Footing,
    delivery::later,
    error::StoreError,
    item::{self, Item, With, body, item, s, text, time},
    keys,
};

/// How long a swap is kept after it is too late for an answer.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Most swaps of a person that wait for an answer: each is a message to somebody.
const OPEN_MAX: usize = 20;
/// So long after it is too late, both are told: a notice may be sent a second before its time, and then it was not too late yet.
const TOLD_AFTER: SignedDuration = SignedDuration::from_secs(2);
/// How often an answer is decided anew because something else has changed.
const TRIES_MAX: usize = 4;

/// A swap, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSwap {
    /// The swap.
    pub swap: Swap,
    /// What became of it, at the time of reading.
    pub stage: SwapStage,
}

/// What became of asking for a swap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum SwapAsked {
    /// The other is asked.
    Asked,
    /// It was asked for before.
    Known,
    /// They do not have these shifts, or it is too late.
    Changed,
    /// One of both has as many that wait for an answer as may be.
    TooMany,
}

/// An answer to a swap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SwapAnswer {
    /// Whoever is asked says yes.
    Accept,
    /// They say no.
    Decline,
    /// Whoever asked does not want it any more.
    Withdraw,
}

/// What became of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum SwapAnswered {
    /// It counts.
    Done(SwapStage),
    /// It was answered before, or it is too late: the first answer holds.
    Before(SwapStage),
    /// The shifts are not theirs any more; nothing was changed.
    Changed,
    /// There is no such swap of this person's to answer so.
    Unknown,
}

impl SwapAnswer {
    fn stage(self) -> SwapStage {
        match self {
            Self::Accept => SwapStage::Accepted,
            Self::Decline => SwapStage::Declined,
            Self::Withdraw => SwapStage::Withdrawn,
        }
    }

    fn is_of(self, swap: &Swap, user: &UserId) -> bool {
        match self {
            Self::Accept | Self::Decline => swap.with == *user,
            Self::Withdraw => swap.by == *user,
        }
    }
}

impl StoredSwap {
    fn from_item(found: &Item, now: Timestamp) -> Result<Self, StoreError> {
        let swap: Swap = body(found)?;
        let stage = text(found, "stage").and_then(|stage| SwapStage::ALL.into_iter().find(|one| one.as_str() == stage));
        let stage = stage.ok_or_else(|| StoreError::unreadable(item::name(found), "stage is missing"))?;
        let is_over = stage == SwapStage::Asked && now >= swap.expires_at();
        Ok(Self { swap, stage: if is_over { SwapStage::Expired } else { stage } })
    }
}

impl Store {
    /// A swap, read consistently.
    ///
    /// # Errors
    /// DynamoDB does not answer, or it can not be read.
    pub async fn swap(&self, id: &SwapId) -> Result<Option<StoredSwap>, StoreError> {
        let now = self.clock.now();
        self.get(&keys::swap(id)).await?.map(|found| StoredSwap::from_item(&found, now)).transpose()
    }

    /// The swaps of a person that wait for an answer, asked for by them or of them, the most urgent first. What can not be read is left out.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn open_swaps(&self, user: &UserId) -> Result<Vec<Swap>, StoreError> {
        let query = self.client.query().table_name(&self.table).key_condition_expression("pk = :pk AND sk BETWEEN :from AND :end");
        let query = query.expression_attribute_values(":pk", s(keys::swaps_partition(user)));
        let query = query.expression_attribute_values(":from", s(keys::swap_from(self.clock.now())));
        let query = query.expression_attribute_values(":end", s(keys::SWAP_END)).consistent_read(true);
        let mut items = query.into_paginator().items().send();
        let mut open = Vec::new();
        while let Some(next) = items.next().await {
            let next = next.map_err(|error| StoreError::unavailable("read the swaps of a person", &error))?;
            let Some(id) = text(&next, "swap").and_then(|id| id.parse().ok()) else { continue };
            match self.swap(&id).await {
                Ok(found) => open.extend(found.filter(|found| found.stage == SwapStage::Asked).map(|found| found.swap)),
                Err(StoreError::Unreadable { key, .. }) => tracing::error!(%key, "a swap can not be read"),
                Err(error) => return Err(error),
            }
        }
        Ok(open)
    }

    /// Asks for a swap: both have it in their list, the other is told now, and both are told when nobody has answered in time.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn ask_for_swap(&self, swap: &Swap) -> Result<SwapAsked, StoreError> {
        if let Some(known) = self.swap(&swap.id).await? {
            return Ok(if known.swap == *swap { SwapAsked::Known } else { SwapAsked::Changed });
        }
        let now = self.clock.now();
        if now >= swap.expires_at() || !self.stands(swap).await? {
            return Ok(SwapAsked::Changed);
        }
        for user in [&swap.by, &swap.with] {
            if self.open_swaps(user).await?.len() >= OPEN_MAX {
                return Ok(SwapAsked::TooMany);
            }
        }
        let until = later(swap.expires_at(), KEPT);
        let key = keys::swap(&swap.id);
        let made = item(&key).with("body", s(item::json(&key.pk, swap)?)).with("stage", s(SwapStage::Asked.as_str())).expiring(until);
        let mut writes = vec![self.put_new(made)?];
        for user in [&swap.by, &swap.with] {
            let listed = item(&keys::swap_of(user, swap.expires_at(), &swap.id)).with("swap", s(swap.id.as_str())).expiring(until);
            writes.push(self.put_new(listed)?);
            writes.extend(self.telling_of_swap(swap, SwapStage::Expired, user, later(swap.expires_at(), TOLD_AFTER)).await?);
        }
        writes.extend(self.telling_of_swap(swap, SwapStage::Asked, &swap.with, now).await?);
        match self.transact_alone(&format!("swap/{}", swap.id), writes).await? {
            Commit::Committed => Ok(SwapAsked::Asked),
            // The same was asked in the same moment.
            Commit::Conflict => Ok(SwapAsked::Known),
        }
    }

    /// Answers a swap, once: by whoever is asked, or by whoever asked. Accepting makes it so in the same transaction, if both have their
    /// shifts still.
    ///
    /// # Errors
    /// DynamoDB does not answer. The answer may or may not stand then; asking again settles it.
    pub async fn answer_swap(&self, id: &SwapId, user: &UserId, answer: SwapAnswer) -> Result<SwapAnswered, StoreError> {
        for _ in 0..TRIES_MAX {
            let footing = self.footing().await?;
            let Some(StoredSwap { swap, stage }) = self.swap(id).await? else { return Ok(SwapAnswered::Unknown) };
            if !answer.is_of(&swap, user) {
                return Ok(SwapAnswered::Unknown);
            }
            if stage != SwapStage::Asked {
                return Ok(SwapAnswered::Before(stage));
            }
            let mut writes = vec![self.swap_answered(&swap, answer.stage())?];
            let told = match answer {
                SwapAnswer::Accept => vec![&swap.by, &swap.with],
                SwapAnswer::Decline => vec![&swap.by],
                SwapAnswer::Withdraw => vec![&swap.with],
            };
            if answer == SwapAnswer::Accept {
                if !self.stands(&swap).await? {
                    return Ok(SwapAnswered::Changed);
                }
                writes.extend(self.swapping(&footing, &swap).await?);
            }
            for user in told {
                writes.extend(self.telling_of_swap(&swap, answer.stage(), user, self.clock.now()).await?);
            }
            match self.transact_live(&format!("answer-swap/{id}"), writes).await? {
                Commit::Committed => return Ok(SwapAnswered::Done(answer.stage())),
                // Another answer was faster, or somebody has changed who is on call meanwhile: it is looked at anew.
                Commit::Conflict => {}
            }
        }
        Err(StoreError::Contention { key: keys::swap(id).pk })
    }

    /// The overrides that a swap comes to.
    async fn swapping(&self, footing: &Footing, swap: &Swap) -> Result<Vec<TransactWriteItem>, StoreError> {
        let now = self.clock.now();
        let ids = ["gives", "takes"].map(|which| keys::hash(&format!("swap/{}/{which}", swap.id)).chars().take(16).collect());
        let made = swap.overrides(ids, now).map_err(|problems| StoreError::unreadable(keys::swap(&swap.id).pk, problems))?;
        let mut writes = vec![self.live_state_changed_since(footing)?, self.look_again_at(&swap.schedule, now)?];
        for one in &made {
            let one = self.made_last(one).await?;
            writes.extend(self.override_writes(&one)?);
            // Whoever is asked makes it so by their answer.
            writes.push(self.override_audited(&one, &audited_user(&swap.with))?);
        }
        Ok(writes)
    }

    fn swap_answered(&self, swap: &Swap, stage: SwapStage) -> Result<TransactWriteItem, StoreError> {
        let key = keys::swap(&swap.id);
        let update = Update::builder()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET stage = :stage, answered_at = :now")
            .condition_expression("stage = :asked")
            .expression_attribute_values(":stage", s(stage.as_str()))
            .expression_attribute_values(":asked", s(SwapStage::Asked.as_str()))
            .expression_attribute_values(":now", time(self.clock.now()))
            .build()
            .map_err(|error| StoreError::unreadable(&key.pk, error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Whether both have what they would give, by what is in force now.
    async fn stands(&self, swap: &Swap) -> Result<bool, StoreError> {
        let directory = self.directory().await?;
        let Some(listed) = directory.schedule(&swap.schedule) else { return Ok(false) };
        let Some(definition) = self.definition(listed).await? else { return Ok(false) };
        let (from, until) = (swap.expires_at(), swap.gives.until.max(swap.takes.until));
        let overrides = self.overrides_between(&swap.schedule, from, until).await?;
        Ok(swap.stands(definition.as_ref() as &Schedule, &overrides))
    }

    async fn telling_of_swap(
        &self,
        swap: &Swap,
        stage: SwapStage,
        user: &UserId,
        due_at: Timestamp,
    ) -> Result<Option<TransactWriteItem>, StoreError> {
        let kind = NoticeKind::Swap { swap: Box::new(swap.clone()), stage };
        self.telling(&["swap", swap.id.as_str(), kind.as_str()], user, &kind, due_at).await
    }
}
