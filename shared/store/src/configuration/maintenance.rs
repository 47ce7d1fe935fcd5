//! Live maintenance: windows that people begin beside those of the configuration, and end before their time. They are made live,
//! beside every version of the configuration, and kept for good.

use std::sync::Arc;

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use hansho_domain::{LiveMaintenance, MaintenanceEnd, MaintenanceId, MaintenanceSpec, MaintenanceTime, MaintenanceWindow};
use hansho_runtime::clock::whole_milliseconds;
use jiff::Timestamp;

use super::Current;
use crate::{
    Store,
    audit::Act,
    commit::Commit,
    error::StoreError,
    item::{self, Item, With, body, item, s, time},
    keys::{self, Key},
};

/// Most live windows that are not over; each step of an incident that is held, or may be, looks at all of them.
const WINDOWS_MAX: usize = 100;
/// What counts how often they have changed, beside the version pointer.
const COUNTER: &str = "maintenance";

/// What became of a window that somebody wants to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum MaintenanceAdded {
    /// It is there. It is in force within 5 seconds.
    Added,
    /// This very request was made before, and came to this.
    Known(Box<LiveMaintenance>),
    /// There are too many that are not over.
    TooMany {
        /// How many are the most.
        most: usize,
    },
}

/// What became of the wish to end a window.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum MaintenanceEnding {
    /// It ends now. What it holds is still to be released.
    Ended(Box<LiveMaintenance>),
    /// Somebody has ended it before.
    EndedBefore(Box<LiveMaintenance>),
    /// Its time was over.
    Over(Box<LiveMaintenance>),
    /// It is one of the configuration, and not open now.
    NotOpen {
        /// When it is open next.
        next: Option<Timestamp>,
    },
    /// There is none of that name.
    Unknown,
}

impl Store {
    /// Adds a window. The same name again changes nothing.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn add_maintenance(&self, made: &LiveMaintenance) -> Result<MaintenanceAdded, StoreError> {
        let id = made.window.id();
        if let Some(known) = self.live_maintenance(id).await? {
            return Ok(MaintenanceAdded::Known(Box::new(known)));
        }
        let begun = self.maintenance_over_after(made.created_at).await?.iter().filter(|known| !known.is_planned).count();
        if begun >= WINDOWS_MAX {
            return Ok(MaintenanceAdded::TooMany { most: WINDOWS_MAX });
        }
        let writes = vec![
            self.put_new(record(&keys::maintenance(id), made)?)?,
            self.put(record(&by_end(made), made)?)?,
            self.live_state_changed(COUNTER)?,
            self.audited(made.created_at, &made.created_by, Act::MaintenanceBegun { id: id.clone(), until: made.until() })?,
        ];
        let committed = self.transact(&format!("maintenance/{id}/{}/{}", made.created_at, made.until()), writes).await?;
        self.cached(|cache| cache.current = None);
        match committed {
            Commit::Committed => Ok(MaintenanceAdded::Added),
            Commit::Conflict => match self.live_maintenance(id).await? {
                Some(known) => Ok(MaintenanceAdded::Known(Box::new(known))),
                None => Err(StoreError::Contention { key: id.to_string() }),
            },
        }
    }

    /// Ends a window now, before its time or before it began; of one of the configuration, what is left of its present opening.
    /// From then on it holds nothing new, and the sweeper sees to it that what it holds is released, whatever happens to this caller.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn end_maintenance(&self, id: &MaintenanceId, by: &str) -> Result<MaintenanceEnding, StoreError> {
        let at = whole_milliseconds(self.clock.now());
        let end = MaintenanceEnd { at, by: by.to_owned() };
        let mut replaced = None;
        let (key, ended, mut writes) = match self.live_maintenance(id).await? {
            Some(known) if known.ended.is_some() => return Ok(MaintenanceEnding::EndedBefore(Box::new(known))),
            Some(known) if known.until() <= at => return Ok(MaintenanceEnding::Over(Box::new(known))),
            Some(known) => {
                let before = self.delete(&by_end(&known), true)?;
                (keys::maintenance(id), LiveMaintenance { ended: Some(end), ..known }, vec![before])
            }
            None => {
                let Some(planned) = self.directory().await?.maintenance_window(id).cloned() else { return Ok(MaintenanceEnding::Unknown) };
                let Some(until) = planned.open_until(at) else {
                    return Ok(MaintenanceEnding::NotOpen { next: planned.next_from(at) });
                };
                if let Some(known) = self.maintenance_over_after(at).await?.into_iter().find(|known| known.cuts_off(&planned, at)) {
                    return Ok(MaintenanceEnding::EndedBefore(Box::new(known)));
                }
                let key = keys::maintenance_rest(id, until);
                // Of an opening that an apply has moved away since; this one ends at the same time.
                replaced = self.get(&key).await?.and_then(|found| item::timestamp(&found, "ended_at"));
                (key, rest_of(&planned, until, end)?, Vec::new())
            }
        };
        writes.push(self.put_ended(&key, &ended, replaced)?);
        writes.push(self.put(record(&by_end(&ended), &ended)?)?);
        writes.push(self.live_state_changed(COUNTER)?);
        writes.push(self.audited(at, by, Act::MaintenanceEnded { id: id.clone() })?);
        let committed = self.transact(&format!("end-maintenance/{id}/{at}"), writes).await?;
        self.cached(|cache| cache.current = None);
        match committed {
            Commit::Committed => Ok(MaintenanceEnding::Ended(Box::new(ended))),
            // Somebody else was faster with the same.
            Commit::Conflict => {
                let known = self.get(&key).await?.map(|found| body(&found)).transpose()?;
                Ok(known.map_or(MaintenanceEnding::Unknown, |known| MaintenanceEnding::EndedBefore(Box::new(known))))
            }
        }
    }

    /// Live windows that were not over at `from`, and what was cut off of planned ones up to 31 days before it.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn maintenance_over_after(&self, from: Timestamp) -> Result<Vec<LiveMaintenance>, StoreError> {
        // One that can not be read holds nothing: a page is better than none.
        self.readable_between(keys::MAINTENANCE_BY_END, &keys::maintenance_from(from), keys::MAINTENANCE_END).await
    }

    /// The live window of that name.
    ///
    /// # Errors
    /// DynamoDB does not answer, or it can not be read.
    pub async fn live_maintenance(&self, id: &MaintenanceId) -> Result<Option<LiveMaintenance>, StoreError> {
        self.get(&keys::maintenance(id)).await?.map(|found| body(&found)).transpose()
    }

    /// What a step has to know of them. Where there never was any, nothing is read.
    pub(super) async fn maintenance(&self, current: Current, now: Timestamp) -> Result<Arc<Vec<LiveMaintenance>>, StoreError> {
        if current.maintenance == 0 {
            return Ok(Arc::default());
        }
        if let Some((counted, known)) = self.cached(|cache| cache.maintenance.clone())
            && counted == current.maintenance
        {
            return Ok(known);
        }
        let found = Arc::new(self.maintenance_over_after(now).await?);
        self.cached(|cache| cache.maintenance = Some((current.maintenance, Arc::clone(&found))));
        Ok(found)
    }

    /// The record of a window that ends, which stands in the index of work until what it held is released. It takes the place of
    /// none, or of that of an end at `replaced`.
    fn put_ended(&self, key: &Key, ended: &LiveMaintenance, replaced: Option<Timestamp>) -> Result<TransactWriteItem, StoreError> {
        let at = ended.ended.as_ref().map_or(ended.created_at, |end| end.at);
        let made = record(key, ended)?.with("ended_at", time(at)).with("work_pk", s(keys::MAINTENANCE_WORK)).with("work_at", time(at));
        let put = Put::builder().table_name(&self.table).set_item(Some(made));
        let put = match replaced {
            None => put.condition_expression("attribute_not_exists(ended_at)"),
            Some(before) => put.condition_expression("ended_at = :before").expression_attribute_values(":before", time(before)),
        };
        let put = put.build().map_err(|error| StoreError::unreadable(&key.pk, error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

fn by_end(made: &LiveMaintenance) -> Key {
    keys::maintenance_by_end(made.needed_until(), made.window.id())
}

fn record(key: &Key, made: &LiveMaintenance) -> Result<Item, StoreError> {
    Ok(item(key).with("body", s(item::json(&key.pk, made)?)))
}

/// What is left of the present opening of a planned window when somebody ends it.
fn rest_of(planned: &MaintenanceWindow, until: Timestamp, end: MaintenanceEnd) -> Result<LiveMaintenance, StoreError> {
    let time = MaintenanceTime::Once { from: end.at, until };
    let window = MaintenanceWindow::new(MaintenanceSpec { time, ..planned.spec().clone() });
    let window = window.map_err(|problems| StoreError::unreadable(planned.id().as_str(), problems))?;
    Ok(LiveMaintenance { window, is_planned: true, created_at: end.at, created_by: end.by.clone(), ended: Some(end) })
}
