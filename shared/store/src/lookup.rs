//! What people and their tools look up. Nothing here decides anything.

use hansho_domain::{Actor, Alert, Command, Incident, IncidentId, Input, InputId, Roster};

use jiff::{SignedDuration, Timestamp};

use crate::{
    Store,
    error::StoreError,
    item::{With, item, number, s, text},
    keys,
};

/// How long it is remembered what a request came to.
const REQUEST_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What is known of an alert's dedup key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum KnownAlert {
    /// Nothing.
    Unknown,
    /// The last incident that held it took in this very alert.
    Same(IncidentId),
    /// The last incident that held it has not seen this alert.
    Other(IncidentId),
}

impl Store {
    /// Who can be called for `incident` now: the service and people as configured now, the policy as at its trigger.
    ///
    /// # Errors
    /// DynamoDB does not answer, or there is no configuration at all.
    pub async fn roster_now(&self, incident: &Incident) -> Result<Roster, StoreError> {
        // The roster of an input that names nobody itself.
        self.roster_for(incident, &Command::Acknowledge).await
    }

    /// The same for what `command` would ask, with whoever it names. Nobody's turn is taken.
    ///
    /// # Errors
    /// DynamoDB does not answer, or there is no configuration at all.
    pub async fn roster_for(&self, incident: &Incident, command: &Command) -> Result<Roster, StoreError> {
        let look = Input { id: InputId::derived("look".to_owned()), actor: Actor::Hansho, command: command.clone() };
        let mut roster = self.roster_of(incident, &look, self.clock.now()).await?;
        self.look_at_turns(&mut roster).await?;
        Ok(roster)
    }

    /// Whether the dedup key of `alert` is known, and by this very alert: what tells a request that is repeated from a new
    /// one, also after the incident is resolved.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn known_alert(&self, alert: &Alert) -> Result<KnownAlert, StoreError> {
        let request = self.get(&keys::request(alert.id)).await?;
        if let Some(incident) = request.and_then(|found| text(&found, "incident")?.parse().ok()) {
            return Ok(KnownAlert::Same(incident));
        }
        let pointer = self.pointer(&alert.integration, &alert.dedup_key).await?;
        let Some((pointer, incident)) = pointer.and_then(|pointer| pointer.incident.map(|incident| (pointer, incident))) else {
            return Ok(KnownAlert::Unknown);
        };
        let is_same = pointer.newest_id == alert.id || self.get(&keys::alert(incident, alert.id)).await?.is_some();
        Ok(if is_same { KnownAlert::Same(incident) } else { KnownAlert::Other(incident) })
    }

    /// Remembers which incident the request of `alert` came to, for as long as anybody may repeat it: the incident itself
    /// only counts it, and another one may hold the dedup key by then.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn remember_request(&self, alert: &Alert, incident: IncidentId) -> Result<(), StoreError> {
        let until = self.clock.now().saturating_add(REQUEST_KEPT).unwrap_or(Timestamp::MAX);
        self.put_item(item(&keys::request(alert.id)).with("incident", s(incident.to_string())).expiring(until)).await
    }

    /// The version of the configuration in force, asked of the table itself: whoever gets an answer knows that it answers.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn stored_configuration_version(&self) -> Result<u64, StoreError> {
        Ok(self.get(&keys::configuration()).await?.and_then(|found| number(&found, "version")).unwrap_or(0))
    }
}
