//! What people and their tools look up. Nothing here decides anything, and nothing writes.

use hansho_domain::{Actor, Alert, Command, Incident, IncidentId, Input, InputId, Roster};

use crate::{Store, error::StoreError, item::number, keys};

impl Store {
    /// Who can be called for `incident` now: the service and people as configured now, the policy as at its trigger.
    ///
    /// # Errors
    /// DynamoDB does not answer, or there is no configuration at all.
    pub async fn roster_now(&self, incident: &Incident) -> Result<Roster, StoreError> {
        // The roster of an input that names nobody itself.
        let look = Input { id: InputId::derived("look".to_owned()), actor: Actor::Hansho, command: Command::Acknowledge };
        self.roster_of(incident, &look, self.clock.now()).await
    }

    /// The incident that took in this very alert, as long as it is the last one that held its dedup key. What tells a
    /// request that is repeated from a new one, also after the incident is resolved.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn incident_of_alert(&self, alert: &Alert) -> Result<Option<IncidentId>, StoreError> {
        let Some(pointer) = self.pointer(&alert.integration, &alert.dedup_key).await? else { return Ok(None) };
        let Some(incident) = pointer.incident else { return Ok(None) };
        if pointer.newest_id == alert.id {
            return Ok(Some(incident));
        }
        Ok(self.get(&keys::alert(incident, alert.id)).await?.map(|_| incident))
    }

    /// The version of the configuration in force, asked of the table itself: whoever gets an answer knows that it answers.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn stored_configuration_version(&self) -> Result<u64, StoreError> {
        Ok(self.get(&keys::configuration()).await?.and_then(|found| number(&found, "version")).unwrap_or(0))
    }
}
