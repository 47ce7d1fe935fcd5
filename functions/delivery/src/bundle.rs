//! What waited at the gate goes together.

use hansho_domain::Incident;
use hansho_runtime::Failure;
use hansho_store::{Claim, Delivery, Ending};

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
        for id in self.store.waiting_at_gate(delivery.id, &delivery.notification).await.map_err(unavailable)? {
            let waiting = match self.store.claim_early(id).await.map_err(unavailable)? {
                Claim::Claimed(waiting) => waiting,
                Claim::InProgress => continue,
                Claim::AlreadyDone(_) | Claim::Unknown => {
                    self.store.leave_gate(id, &delivery.notification).await.map_err(unavailable)?;
                    continue;
                }
            };
            match self.look(&waiting).await? {
                Look::Needed(incident) => companions.push(Companion { delivery: waiting, incident: *incident }),
                Look::Over(reason) => self.finish(&waiting, &Ending::Ended { reason }).await?,
                Look::Reported(reason) => self.finish(&waiting, &Ending::Failed { reason }).await?,
            }
        }
        Ok(companions)
    }
}
