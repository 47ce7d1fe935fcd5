//! Notices that are due or stuck.

use hansho_domain::NoticeId;
use hansho_store::StoreError;
use jiff::{SignedDuration, Timestamp};

use crate::{Found, Sweeper, before};

/// A new notice this old should have been sent on its way from the stream.
const GRACE: SignedDuration = SignedDuration::from_secs(15);
/// A notice that is not over so long after its time takes the heartbeat away. Nobody is woken by one, so it is not a page's 5 minutes.
const OVERDUE: SignedDuration = SignedDuration::from_hours(1);

impl Sweeper {
    pub(crate) async fn sweep_notices(&self, now: Timestamp, found: &mut Found) -> Result<(), StoreError> {
        for id in self.store.due_notices(before(now, GRACE)).await? {
            match self.store.notice(&id).await {
                Ok(Some(notice)) if !notice.is_over() => {
                    found.notices += 1;
                    if notice.due_at < before(now, OVERDUE) {
                        found.overdue += 1;
                    }
                    if let Err(error) = self.relay.send_notice(&id, now).await {
                        self.left(found, id.as_str(), &error);
                    }
                }
                Ok(_) => {}
                Err(error @ StoreError::Unreadable { .. }) => self.park_notice(found, &id, &error).await,
                Err(error) => self.left(found, id.as_str(), &error),
            }
        }
        Ok(())
    }

    /// A notice that can not be read: somebody is paged about it, and it is set aside.
    async fn park_notice(&self, found: &mut Found, id: &NoticeId, problem: &StoreError) {
        let reported =
            self.store.page_about(&format!("unreadable-notice/{id}"), &format!("Notice {id} can not be read"), &problem.to_string()).await;
        let parked = match reported {
            Ok(_) => self.store.park_notice(id, &problem.to_string()).await,
            Err(error) => Err(error),
        };
        if let Err(error) = parked {
            self.left(found, id.as_str(), &error);
        }
    }
}
