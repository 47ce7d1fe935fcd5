//! Overrides: who takes whose shift. They are made live, beside every version of the configuration.

use std::{collections::BTreeSet, sync::Arc};

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem, Update, builders::UpdateBuilder};
use hansho_domain::{NoticeKind, Override, ScheduleId, ShiftChange, UserId};
use jiff::{SignedDuration, Timestamp};

use super::Current;
use crate::{
    Store,
    audit::{Act, audited_user},
    commit::Commit,
    error::StoreError,
    item::{self, With, item, n, s},
    keys,
};

/// What counts how often overrides have changed, beside the version pointer.
const OVERRIDES: &str = "live";
/// An override is made at least so long after the one that it wins over.
const TICK: SignedDuration = SignedDuration::from_millis(1);

/// What who is on call was decided on: the configuration, and the overrides beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Footing(Current);

/// What became of an override that somebody took away.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum OverrideRemoved {
    /// It had not begun, and is gone.
    Gone(Override),
    /// It had begun, and ends now.
    EndedNow(Override),
    /// It was over already, and stays.
    Over(Override),
    /// There is none.
    Unknown,
}

impl Store {
    /// Adds an override, by the hand of `by`. It is in force within 5 seconds. Whoever it puts on call finds the schedule from then on.
    /// It wins over those that are there already, whatever the clocks of the functions that made them said.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn add_override(&self, made: &Override, by: &str) -> Result<(), StoreError> {
        let made = &self.made_last(made).await?;
        let mut writes = self.override_writes(made)?;
        writes.push(self.override_audited(made, by)?);
        writes.push(self.live_state_changed(OVERRIDES)?);
        writes.push(self.look_again_at(&made.schedule, made.created_at)?);
        match self.transact(&format!("override/{}/{}", made.id, made.created_at), writes).await? {
            Commit::Committed | Commit::Conflict => {
                self.cached(|cache| cache.current = None);
                Ok(())
            }
        }
    }

    /// What a look at who is on call is based on, read now. It comes before the look, and what is done upon it is done only while it stands.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn footing(&self) -> Result<Footing, StoreError> {
        let current = self.read_current().await?;
        self.cached(|cache| cache.current = Some((self.clock.now(), current)));
        Ok(Footing(current))
    }

    /// As [`Store::add_override`], if nobody has changed who is on call since `footing`, and whoever else it concerns is told: both are
    /// written at once. `false` when somebody has, or when it was made before.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn make_override(&self, footing: &Footing, made: &Override, change: &ShiftChange) -> Result<bool, StoreError> {
        let made = &self.made_last(made).await?;
        let mut writes = self.override_writes(made)?;
        writes.push(self.override_audited(made, &audited_user(&change.by))?);
        writes.push(self.live_state_changed_since(footing)?);
        writes.push(self.look_again_at(&made.schedule, made.created_at)?);
        writes.extend(self.telling_of_override(&made.id, change, NoticeKind::OverrideMade).await?);
        Ok(self.transact_live(&format!("make-override/{}", made.id), writes).await? == Commit::Committed)
    }

    /// The notices about an override, to everybody whom it concerns but the one who has changed it.
    async fn telling_of_override(
        &self,
        id: &str,
        change: &ShiftChange,
        kind: impl Fn(ShiftChange) -> NoticeKind,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let kind = kind(change.clone());
        let told: BTreeSet<&UserId> = change.told().collect();
        let mut writes = Vec::new();
        for user in told {
            writes.extend(self.telling(&["override", id, kind.as_str()], user, &kind, self.clock.now()).await?);
        }
        Ok(writes)
    }

    /// A transaction that changes who is on call.
    pub(crate) async fn transact_live(&self, name: &str, writes: Vec<TransactWriteItem>) -> Result<Commit, StoreError> {
        let commit = self.transact_alone(name, writes).await;
        self.cached(|cache| cache.current = None);
        commit
    }

    /// The override with a time of making after those of the others in its time. One that is there already keeps its own.
    pub(crate) async fn made_last(&self, made: &Override) -> Result<Override, StoreError> {
        let others = self.overrides_between(&made.schedule, made.from, made.until).await?;
        if let Some(known) = others.iter().find(|other| other.id == made.id) {
            return Ok(Override { created_at: known.created_at, ..made.clone() });
        }
        let newest = others.iter().map(|other| other.created_at).max();
        let after = newest.map(|newest| newest.saturating_add(TICK).unwrap_or(newest));
        Ok(Override { created_at: after.map_or(made.created_at, |after| after.max(made.created_at)), ..made.clone() })
    }

    /// Takes an override away at `now`, by the hand of `by`: one that has begun ends now, because what was worked stays as it was.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn remove_override(&self, schedule: &ScheduleId, id: &str, now: Timestamp, by: &str) -> Result<OverrideRemoved, StoreError> {
        self.take_override_away(schedule, id, now, by, None).await
    }

    /// The same, and whoever else the change concerns is told: both are written at once.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn remove_override_and_tell(
        &self,
        schedule: &ScheduleId,
        id: &str,
        now: Timestamp,
        change: &ShiftChange,
    ) -> Result<OverrideRemoved, StoreError> {
        self.take_override_away(schedule, id, now, &audited_user(&change.by), Some(change)).await
    }

    async fn take_override_away(
        &self,
        schedule: &ScheduleId,
        id: &str,
        now: Timestamp,
        by: &str,
        change: Option<&ShiftChange>,
    ) -> Result<OverrideRemoved, StoreError> {
        let is_it = |made: &Override| made.id == id;
        let Some(made) = self.overrides_ending_after(schedule, now).await?.into_iter().find(|made| is_it(made) && made.until > now) else {
            let ended = self.overrides_ending_after(schedule, Timestamp::UNIX_EPOCH).await?.into_iter().find(is_it);
            return Ok(ended.map_or(OverrideRemoved::Unknown, OverrideRemoved::Over));
        };
        let mut writes = vec![self.delete(&keys::schedule_override(&made.schedule, made.until, &made.id), true)?];
        for user in made.change.by() {
            writes.push(self.delete(&keys::user_override(user, made.until, &made.id), false)?);
        }
        let ended = (made.from < now).then(|| Override { until: now, ..made.clone() });
        if let Some(ended) = &ended {
            writes.extend(self.override_writes(ended)?);
        }
        writes.push(self.audited(now, by, Act::OverrideRemoved { schedule: schedule.clone(), id: id.to_owned() })?);
        writes.push(self.live_state_changed(OVERRIDES)?);
        writes.push(self.look_again_at(schedule, now)?);
        if let Some(change) = change {
            writes.extend(self.telling_of_override(id, change, NoticeKind::OverrideRemoved).await?);
        }
        match self.transact(&format!("remove-override/{}/{now}", made.id), writes).await? {
            // Somebody else was faster with the same.
            Commit::Conflict => Ok(OverrideRemoved::Unknown),
            Commit::Committed => {
                self.cached(|cache| cache.current = None);
                Ok(ended.map_or(OverrideRemoved::Gone(made), OverrideRemoved::EndedNow))
            }
        }
    }

    /// The overrides of a schedule that touch the period, in the order of their end.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn overrides_between(&self, schedule: &ScheduleId, from: Timestamp, until: Timestamp) -> Result<Vec<Override>, StoreError> {
        let mut found = self.overrides_ending_after(schedule, from).await?;
        found.retain(|made| made.from < until && made.until > from);
        Ok(found)
    }

    /// The override, and for each person whom it puts on call where it is.
    pub(crate) fn override_writes(&self, made: &Override) -> Result<Vec<TransactWriteItem>, StoreError> {
        let key = keys::schedule_override(&made.schedule, made.until, &made.id);
        let mut writes = vec![self.put(item(&key).with("body", s(item::json(&key.pk, made)?)))?];
        let people: BTreeSet<&UserId> = made.change.by().iter().collect();
        for user in people {
            let found_by = item(&keys::user_override(user, made.until, &made.id)).with("schedule", s(made.schedule.to_string()));
            writes.push(self.put(found_by)?);
        }
        Ok(writes)
    }

    /// The line of the log about an override.
    pub(crate) fn override_audited(&self, made: &Override, by: &str) -> Result<TransactWriteItem, StoreError> {
        let act = Act::OverrideMade { schedule: made.schedule.clone(), id: made.id.clone(), from: made.from, until: made.until };
        self.audited(made.created_at, by, act)
    }

    /// The same as for every change of overrides, if nothing has changed since `footing`.
    pub(crate) fn live_state_changed_since(&self, footing: &Footing) -> Result<TransactWriteItem, StoreError> {
        let Footing(Current { version, live, .. }) = footing;
        let is_same = if *live == 0 { "(attribute_not_exists(#counter) OR #counter = :live)" } else { "#counter = :live" };
        let update = self.counting(OVERRIDES).condition_expression(format!("version = :version AND {is_same}"));
        let update = update.expression_attribute_values(":version", n(version)).expression_attribute_values(":live", n(live));
        let update = update.build().map_err(|error| StoreError::unreadable(keys::configuration().pk, error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Whoever has read what is counted under this name before reads it again.
    pub(super) fn live_state_changed(&self, counter: &str) -> Result<TransactWriteItem, StoreError> {
        let update = self.counting(counter).build();
        let update = update.map_err(|error| StoreError::unreadable(keys::configuration().pk, error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn counting(&self, counter: &str) -> UpdateBuilder {
        let pointer = keys::configuration();
        Update::builder()
            .table_name(&self.table)
            .key("pk", s(&pointer.pk))
            .key("sk", s(&pointer.sk))
            .update_expression("ADD #counter :one")
            .expression_attribute_names("#counter", counter)
            .expression_attribute_values(":one", n(1))
    }

    pub(super) fn delete(&self, key: &keys::Key, must_exist: bool) -> Result<TransactWriteItem, StoreError> {
        let mut delete = Delete::builder().table_name(&self.table).key("pk", s(&key.pk)).key("sk", s(&key.sk));
        if must_exist {
            delete = delete.condition_expression("attribute_exists(pk)");
        }
        let delete = delete.build().map_err(|error| StoreError::unreadable(&key.pk, error))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    pub(super) async fn overrides(
        &self,
        schedule: &ScheduleId,
        current: Current,
        now: Timestamp,
    ) -> Result<Arc<Vec<Override>>, StoreError> {
        if let Some((live, overrides)) = self.cached(|cache| cache.overrides.get(schedule).cloned())
            && live == current.live
        {
            return Ok(overrides);
        }
        let found = self.overrides_ending_after(schedule, now).await?;
        let found = Arc::new(found);
        self.cached(|cache| cache.overrides.insert(schedule.clone(), (current.live, Arc::clone(&found))));
        Ok(found)
    }

    async fn overrides_ending_after(&self, schedule: &ScheduleId, from: Timestamp) -> Result<Vec<Override>, StoreError> {
        // The schedule without one that can not be read still names somebody.
        self.readable_between(&keys::schedule_partition(schedule), &keys::override_from(from), keys::OVERRIDE_END).await
    }
}
