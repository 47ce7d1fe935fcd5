//! Schedules whose hand-offs come near, and drills that died half-way.

use hansho_store::{Looked, StoreError};
use jiff::{SignedDuration, Timestamp};

use crate::{Found, Sweeper, before};

/// A drill makes its messages itself; one this old was left alone.
const DRILL_GRACE: SignedDuration = SignedDuration::from_secs(60);

impl Sweeper {
    /// Makes the reminders that are due. A schedule that can not be worked on keeps its time and is tried again; nobody is woken for it.
    pub(crate) async fn sweep_reminders(&self, now: Timestamp, found: &mut Found) -> Result<(), StoreError> {
        if let Err(error) = self.store.follow_configuration().await {
            tracing::error!(error = %hansho_runtime::chain(&error), "the schedules of a new configuration are looked at a minute later");
        }
        for schedule in self.store.due_reminders(now).await? {
            match self.store.remind(&schedule).await {
                Ok(Looked::Made(count)) => found.reminders += count,
                Ok(Looked::Overtaken | Looked::Gone) => {}
                Err(error) => {
                    tracing::error!(%schedule, error = %hansho_runtime::chain(&error), "a schedule's reminders are a minute late");
                }
            }
        }
        Ok(())
    }

    pub(crate) async fn sweep_drills(&self, now: Timestamp, found: &mut Found) -> Result<(), StoreError> {
        for id in self.store.unfinished_drills(before(now, DRILL_GRACE)).await? {
            let made = match self.store.drill(&id).await {
                Ok(Some(drill)) => self.store.make_drill_notices(&drill).await,
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = made {
                self.left(found, id.as_str(), &error);
            }
        }
        Ok(())
    }
}
