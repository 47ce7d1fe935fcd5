//! A table that was restored: it knows nothing of what happened between its point of recovery and now.
//!
//! An item says which table it is in, by the id that DynamoDB gives to each table and copies into no other (`TableId`, DynamoDB API
//! reference, "TableDescription"). Whoever finds another id there than the table's own is in a copy of that time. What was due before then
//! may have been settled since, so it is left for a while: its people resolve what is over first. The pause has an end, because what still
//! burns has to page; and what anybody or any alarm says of an incident meanwhile is news, which ends it for that incident.

use hansho_domain::Incident;
use jiff::{SignedDuration, Timestamp};

use crate::{
    Store,
    error::StoreError,
    item::{With, item, s, text, time, timestamp},
    keys,
};

/// For how long a restored table leaves what was due before, unless somebody ends it.
pub const RESTORE_PAUSE: SignedDuration = SignedDuration::from_mins(60);
/// How often it is looked again because somebody else has written at the same time.
const LOOKS_MAX: u32 = 5;

/// Which table it is, in DynamoDB's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableOrigin {
    /// The id that it has given to the table (`TableId`).
    pub id: String,
    /// When the table was made (`CreationDateTime`): a restored one when its restoring began, which is after its point of recovery. The
    /// time in its `RestoreSummary` is that point.
    pub created_at: Timestamp,
}

/// That a restored table leaves what was due before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestorePause {
    /// When the table began: whatever was written later was written to it, and not copied.
    pub began: Timestamp,
    /// When it was noticed: what was due before is left. Functions may have worked on the table for some minutes by then.
    pub since: Timestamp,
    /// When it ends by itself.
    pub until: Timestamp,
}

impl RestorePause {
    fn new(origin: &TableOrigin, since: Timestamp) -> Self {
        // What was noticed had begun, whatever the clocks say.
        Self { began: origin.created_at.min(since), since, until: Self::end(since) }
    }

    /// When one ends by itself that was noticed then.
    pub fn end(since: Timestamp) -> Timestamp {
        since.saturating_add(RESTORE_PAUSE).unwrap_or(Timestamp::MAX)
    }
}

impl Store {
    /// Which table it is.
    ///
    /// # Errors
    /// DynamoDB does not answer, or does not say.
    pub async fn table_origin(&self) -> Result<TableOrigin, StoreError> {
        let answer = self.client.describe_table().table_name(&self.table).send().await;
        let table = answer.map_err(|error| StoreError::unavailable("describe the table", &error))?.table;
        let origin = table.and_then(|table| {
            let created_at = table.creation_date_time?.to_millis().ok()?;
            Some(TableOrigin { id: table.table_id?, created_at: Timestamp::from_millisecond(created_at).ok()? })
        });
        origin.ok_or_else(|| StoreError::unreadable(&self.table, "DynamoDB does not say the table's id, or not since when there is one"))
    }

    /// Whether the table is a restored one that leaves what was due before. The first to ask notices it.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn restore_pause(&self, origin: &TableOrigin) -> Result<Option<RestorePause>, StoreError> {
        let (key, now) = (keys::table_identity(), self.clock.now());
        for attempt in 1..=LOOKS_MAX {
            let found = self.get(&key).await?;
            let written = found.as_ref().and_then(|found| text(found, "table_id")).unwrap_or_default();
            if let Some(found) = found.as_ref().filter(|_| written == origin.id) {
                let since = timestamp(found, "restored_at").filter(|_| !found.contains_key("resumed_at"));
                return Ok(since.map(|since| RestorePause::new(origin, since)).filter(|pause| now < pause.until));
            }
            // A table in which nothing is written is new, or from before anything was.
            let is_copy = found.is_some();
            let mut made = item(&key).with("table_id", s(&origin.id));
            if is_copy {
                made = made.with("restored_at", time(now));
            }
            let put = self.client.put_item().table_name(&self.table).set_item(Some(made));
            let put = if is_copy {
                put.condition_expression("table_id = :before").expression_attribute_values(":before", s(written))
            } else {
                put.condition_expression("attribute_not_exists(pk)")
            };
            match self.retrying(&key.pk, || put.clone().send()).await {
                Ok(_) => return Ok(is_copy.then(|| RestorePause::new(origin, now))),
                Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => {}
                Err(error) => return Err(StoreError::unavailable("write down which table it is", &error)),
            }
            self.pause(&key.pk, attempt).await;
        }
        Err(StoreError::Contention { key: key.pk })
    }

    /// Has a restored table work on what was due before. `false`: it left nothing.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn end_restore_pause(&self) -> Result<bool, StoreError> {
        let (key, now) = (keys::table_identity(), self.clock.now());
        let since = now.saturating_sub(RESTORE_PAUSE).unwrap_or(Timestamp::MIN);
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", s(&key.pk))
            .key("sk", s(&key.sk))
            .update_expression("SET resumed_at = :now")
            .condition_expression("restored_at > :since AND attribute_not_exists(resumed_at)")
            .expression_attribute_values(":now", time(now))
            .expression_attribute_values(":since", time(since));
        match self.retrying(&key.pk, || request.clone().send()).await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(false),
            Err(error) => Err(StoreError::unavailable("end the pause of a restored table", &error)),
        }
    }

    /// Whether nothing was said of the incident since then: no input, and no repeat of an alert of its own or of one merged into it.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn is_untouched_since(&self, incident: &Incident, since: Timestamp) -> Result<bool, StoreError> {
        if incident.updated_at >= since {
            return Ok(false);
        }
        let own = keys::pointer(&incident.integration, &incident.dedup_key);
        for key in [own].into_iter().chain(incident.merged.iter().map(|merged| keys::pointer_of(&merged.pointer))) {
            let pointer = self.get(&key).await?;
            if pointer.is_some_and(|pointer| timestamp(&pointer, "told_at").is_some_and(|at| at >= since)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
