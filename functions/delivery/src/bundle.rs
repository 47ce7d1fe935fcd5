//! What waited at the gate goes together.

use hansho_domain::Incident;
use hansho_runtime::Failure;
use hansho_store::{Claim, Delivery, Ending, StoreError, Waiting};

use crate::{DeliveryFunction, send::Look, unavailable};

/// A delivery that goes along with another in one message.
pub(crate) struct Companion {
    pub(crate) delivery: Delivery,
    pub(crate) incident: Incident,
}

impl DeliveryFunction {
    /// Claims what else waits for the same person on the same channel and is still needed.
    pub(crate) async fn companions(&self, delivery: &Delivery) -> Result<Vec<Companion>, Failure> {
        let mut companions = Vec::new();
        let Waiting { along, next } = self.store.waiting_at_gate(delivery.id, &delivery.notification).await.map_err(unavailable)?;
        self.wake(delivery, &next).await;
        for id in along {
            let waiting = match self.store.claim_early(id).await {
                Ok(Claim::Claimed(waiting)) => waiting,
                Ok(Claim::InProgress | Claim::AtGate(_)) => continue,
                Ok(Claim::AlreadyDone(_) | Claim::Unknown) => {
                    self.store.leave_gate(id, &delivery.notification).await.map_err(unavailable)?;
                    continue;
                }
                // The sweeper sets it aside and pages about it, when nobody at the gate puts that off by claiming it again.
                Err(error @ StoreError::Unreadable { .. }) => {
                    tracing::error!(delivery.id = %id, %error, "a delivery that waits at a gate can not be read");
                    self.store.leave_gate(id, &delivery.notification).await.map_err(unavailable)?;
                    continue;
                }
                Err(error) => return Err(unavailable(error)),
            };
            if let Some(incident) = self.still_needed(&waiting).await? {
                companions.push(Companion { delivery: waiting, incident });
            }
        }
        Ok(companions)
    }

    /// The incident that a claimed delivery is about. `None` when it is no longer needed: then it has ended.
    pub(crate) async fn still_needed(&self, claimed: &Delivery) -> Result<Option<Incident>, Failure> {
        let ending = match self.look(claimed).await? {
            Look::Needed(incident) => return Ok(Some(*incident)),
            Look::Over(reason) => Ending::Ended { reason },
            Look::Reported(reason) => Ending::Failed { reason },
        };
        self.finish(claimed, &ending).await?;
        Ok(None)
    }
}
