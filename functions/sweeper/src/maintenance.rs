//! Maintenance windows that were ended early, and whatever they still hold.

use hansho_store::{EndedMaintenance, StoreError};
use jiff::{SignedDuration, Timestamp};

use crate::{Found, Sweeper, before};

/// Whoever ends a window releases what it holds; one this old was left alone, or is looked at once more.
const GRACE: SignedDuration = SignedDuration::from_secs(5);

impl Sweeper {
    pub(crate) async fn sweep_maintenance(&self, now: Timestamp, found: &mut Found) -> Result<(), StoreError> {
        for ended in self.store.ended_maintenance(before(now, GRACE)).await? {
            match self.store.release_ended(&ended).await {
                Ok(release) => found.released += release.incidents,
                Err(error @ StoreError::Unreadable { .. }) => self.park_maintenance(found, &ended, &error).await,
                Err(error) => self.left(found, &ended.to_string(), &error),
            }
        }
        Ok(())
    }

    /// A window that can not be read: somebody is paged about it, and it is set aside. What it holds pages at the end that it had.
    async fn park_maintenance(&self, found: &mut Found, ended: &EndedMaintenance, problem: &StoreError) {
        let title = format!("The maintenance window {ended} can not be read; what it holds pages later");
        let reported = self.store.page_about(&format!("unreadable-maintenance/{ended}"), &title, &problem.to_string()).await;
        let parked = match reported {
            Ok(_) => self.store.park_maintenance(ended, &problem.to_string()).await,
            Err(error) => Err(error),
        };
        if let Err(error) = parked {
            self.left(found, &ended.to_string(), &error);
        }
    }
}
