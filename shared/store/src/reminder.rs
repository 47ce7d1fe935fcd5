//! Hand-off reminders in the store: per schedule one item that says when to look at it next.
//!
//! Whoever looks makes the notices that are due, each under an id of its own, and then moves the item. A crash between the two makes
//! the same notices again, which are there already. A change that comes between is counted in the item, so that the move fails
//! and the schedule is looked at once more.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use futures_util::future::join_all;
use hansho_domain::{HandOff, Notice, NoticeKind, Reminder, ScheduleId, ShiftEdge, UserId};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Store,
    error::StoreError,
    item::{With, item, n, number, s, time, timestamp},
    keys::{self, Key},
    notice::notice_id,
};

/// How far ahead overrides are read: no reminder speaks of what is later.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 60);
/// So many schedules are marked at once.
const MARKED_AT_ONCE: usize = 25;

/// What looking at a schedule came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Looked {
    /// So many reminders were made, and the item was moved.
    Made(usize),
    /// Something changed meanwhile; it is to be looked at again.
    Overtaken,
    /// There is no such schedule any more.
    Gone,
}

impl Store {
    /// Has every schedule looked at again when another version of the configuration is in force than the last time. `true` when
    /// it was.
    ///
    /// # Errors
    /// DynamoDB does not answer. What was marked stays marked, and all of it is marked again the next time.
    pub async fn follow_configuration(&self) -> Result<bool, StoreError> {
        let version = self.configuration_version().await?;
        let key = keys::reminders_followed();
        let followed = self.get(&key).await?.and_then(|found| number::<u64>(&found, "version"));
        if version == 0 || followed == Some(version) {
            return Ok(false);
        }
        let now = self.clock.now();
        for some in self.directory().await?.schedules.chunks(MARKED_AT_ONCE) {
            let marked = join_all(some.iter().map(|schedule| self.look_again(&schedule.id, now))).await;
            marked.into_iter().collect::<Result<(), _>>()?;
        }
        self.put_item(item(&key).with("version", n(version))).await?;
        Ok(true)
    }

    async fn look_again(&self, schedule: &ScheduleId, now: Timestamp) -> Result<(), StoreError> {
        let key = keys::reminder(schedule);
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression(LOOK_AGAIN)
            .expression_attribute_values(":work", s(keys::REMINDER_WORK))
            .expression_attribute_values(":now", time(now))
            .expression_attribute_values(":one", n(1));
        let marked = self.retrying(&key.pk, || request.clone().send()).await;
        marked.map(|_| ()).map_err(|error| StoreError::unavailable("mark a schedule", &error))
    }

    /// The same as a part of the transaction that changes the schedule's overrides.
    pub(crate) fn look_again_at(&self, schedule: &ScheduleId, now: Timestamp) -> Result<TransactWriteItem, StoreError> {
        let key = keys::reminder(schedule);
        let update = Update::builder()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression(LOOK_AGAIN)
            .expression_attribute_values(":work", s(keys::REMINDER_WORK))
            .expression_attribute_values(":now", time(now))
            .expression_attribute_values(":one", n(1))
            .build()
            .map_err(|error| StoreError::unreadable(&key.pk, error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Makes the reminders of a schedule that are due, and moves the time at which it is looked at next.
    ///
    /// # Errors
    /// DynamoDB does not answer. Nothing is lost by that, and nothing told twice.
    pub async fn remind(&self, schedule: &ScheduleId) -> Result<Looked, StoreError> {
        let key = keys::reminder(schedule);
        let Some(marked) = self.get(&key).await? else { return Ok(Looked::Gone) };
        let touched = number::<u64>(&marked, "touched").unwrap_or(0);
        let now = self.clock.now();
        if timestamp(&marked, "work_at").is_some_and(|at| at > now) {
            return Ok(Looked::Made(0));
        }
        let directory = self.directory().await?;
        let definition = match directory.schedule(schedule) {
            Some(listed) => self.definition(listed).await?,
            None => None,
        };
        let Some(definition) = definition else { return self.forget(&key).await.map(|()| Looked::Gone) };
        let overrides = self.overrides_between(schedule, now, now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX)).await?;
        let people: BTreeSet<UserId> =
            definition.members().into_iter().chain(overrides.iter().flat_map(|made| made.change.by()).cloned()).collect();
        let mut users = BTreeMap::new();
        for user in people {
            // Who can not be read is not told; the others are.
            match self.profile(&user).await {
                Ok(found) => users.extend(found.map(|profile| (user, profile.user))),
                Err(StoreError::Unreadable { key, .. }) => tracing::error!(%key, "a profile can not be read; its person gets no reminders"),
                Err(error) => return Err(error),
            }
        }
        let reminders = definition.reminders(&overrides, &users, now);
        let mut made = 0;
        for reminder in &reminders.due {
            made += usize::from(self.make_reminder(reminder, now).await?);
        }
        Ok(if self.move_reminder(&key, touched, reminders.next_at).await? { Looked::Made(made) } else { Looked::Overtaken })
    }

    async fn make_reminder(&self, reminder: &Reminder, now: Timestamp) -> Result<bool, StoreError> {
        let Some((which, hand_off)) = edge_of(&reminder.kind) else { return Ok(false) };
        let id = notice_id(&[
            "hand-off",
            hand_off.schedule.as_str(),
            which.as_str(),
            &hand_off.at.to_string(),
            reminder.user.as_str(),
            reminder.method.as_str(),
            &reminder.before_seconds.to_string(),
        ])?;
        let notice = Notice { user: reminder.user.clone(), method: reminder.method, kind: reminder.kind.clone(), address: None };
        // A shift may move away and back.
        self.make_notice_again(&id, &notice, now).await
    }

    /// Moves the item, if nothing has marked it meanwhile.
    async fn move_reminder(&self, key: &Key, touched: u64, next_at: Timestamp) -> Result<bool, StoreError> {
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET work_at = :next")
            .condition_expression("touched = :touched")
            .expression_attribute_values(":next", time(next_at))
            .expression_attribute_values(":touched", n(touched));
        match self.retrying(&key.pk, || request.clone().send()).await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(false),
            Err(error) => Err(StoreError::unavailable("move a reminder", &error)),
        }
    }

    async fn forget(&self, key: &Key) -> Result<(), StoreError> {
        self.retrying(&key.pk, || self.client.delete_item().table_name(&self.table).key("pk", s(&key.pk)).key("sk", s(&key.sk)).send())
            .await
            .map(|_| ())
            .map_err(|error| StoreError::unavailable("forget a schedule", &error))
    }

    /// Whether what a reminder tells is still so: the shift begins or ends then, for this person.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn is_handed_off(&self, user: &UserId, which: ShiftEdge, hand_off: &HandOff) -> Result<bool, StoreError> {
        let directory = self.directory().await?;
        let Some(listed) = directory.schedule(&hand_off.schedule) else { return Ok(false) };
        let Some(definition) = self.definition(listed).await? else { return Ok(false) };
        let before = hand_off.at.saturating_sub(SignedDuration::from_secs(1)).unwrap_or(hand_off.at);
        let after = hand_off.at.saturating_add(SignedDuration::from_secs(1)).unwrap_or(hand_off.at);
        let overrides = self.overrides_between(&hand_off.schedule, before, after).await?;
        Ok(definition.is_edge(&overrides, user, which, hand_off.at))
    }
}

/// Marks a schedule: whoever looked at it before does not move it any more.
const LOOK_AGAIN: &str = "SET work_pk = :work, work_at = :now ADD touched :one";

fn edge_of(kind: &NoticeKind) -> Option<(ShiftEdge, &HandOff)> {
    match kind {
        NoticeKind::ShiftBegins(hand_off) => Some((ShiftEdge::Start, hand_off)),
        NoticeKind::ShiftEnds(hand_off) => Some((ShiftEdge::End, hand_off)),
        NoticeKind::Verification
        | NoticeKind::Drill { .. }
        | NoticeKind::SignIn { .. }
        | NoticeKind::PasskeyAdded { .. }
        | NoticeKind::Invitation { .. }
        | NoticeKind::OverrideMade(_)
        | NoticeKind::OverrideRemoved(_)
        | NoticeKind::Swap { .. } => None,
    }
}
