//! What every way in does with a signal once its payload is read: the signal becomes durable on an incident's timeline, is counted on
//! an incident, or is put on the list of suppressed alerts.

mod signal;
mod taken;

use std::sync::Arc;

use hansho_domain::{Actor, Alert, Command, Input, InputId, ServiceId};
use hansho_store::{Applied, Received, Store, StoreError, Suppressed};

pub use signal::{Note, Signal};
pub use taken::Taken;

/// The way from a signal into the store.
#[derive(Debug, Clone)]
pub struct Intake {
    store: Arc<Store>,
}

impl Intake {
    /// The way into a store.
    pub fn new(store: Arc<Store>) -> Self {
        Self { store }
    }

    /// The store that signals go to.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Takes a signal in. `raw` is the payload as it came. When this returns `Ok`, the signal is durable.
    ///
    /// # Errors
    /// DynamoDB does not answer, or there is no configuration at all.
    pub async fn receive(&self, signal: Signal, raw: &str) -> Result<Taken, StoreError> {
        let received = match signal {
            Signal::Alert { service, alert } => self.store.receive_alert(&service, &alert, raw).await,
            Signal::Clear(clear) => self.store.receive_clear(&clear, raw).await,
            Signal::Note(note) => return self.note(*note, raw).await,
            Signal::Suppressed(suppressed) => return self.suppress(*suppressed, raw).await,
        };
        self.or_report(received).await.map(Taken::Received)
    }

    /// Takes in what can not be read: it pages once by the catch-all service, and every payload of it is kept, for each may be
    /// another trouble.
    ///
    /// # Errors
    /// DynamoDB does not answer, or there is no configuration at all.
    pub async fn receive_unreadable(&self, alert: &Alert, raw: &str) -> Result<Taken, StoreError> {
        let received = self.store.receive_alert(&ServiceId::catch_all(), alert, raw).await;
        let received = self.or_report(received).await?;
        if let Received::Repeated(incident) = received {
            self.store.keep_payload(incident, alert.id, raw).await?;
        }
        Ok(Taken::Received(received))
    }

    /// Where the incident that holds the key is broken somebody has to know, and the signal is in that page.
    async fn or_report(&self, received: Result<Received, StoreError>) -> Result<Received, StoreError> {
        match received {
            Err(StoreError::UnreadableIncident { incident, message }) => self.store.report_unreadable(incident, &message).await,
            received => received,
        }
    }

    async fn note(&self, note: Note, raw: &str) -> Result<Taken, StoreError> {
        let suppressed = note.suppressed;
        let Some(incident) = self.store.open_incident_of(&suppressed.integration, &suppressed.dedup_key).await? else {
            return self.suppress(suppressed, raw).await;
        };
        let input = Input {
            id: InputId::derived(format!("note-{}", suppressed.alert)),
            actor: Actor::Integration(suppressed.integration.clone()),
            command: Command::Note { text: note.text },
        };
        match self.store.apply(incident, &input).await {
            Ok(Applied::Changed(_) | Applied::Ignored(..)) => Ok(Taken::Noted(incident)),
            Ok(Applied::Rejected(..) | Applied::Unknown) => self.suppress(suppressed, raw).await,
            Err(StoreError::UnreadableIncident { incident, message }) => {
                let _kept = self.suppress(suppressed, raw).await?;
                self.store.report_unreadable(incident, &message).await.map(Taken::Received)
            }
            Err(error) => Err(error),
        }
    }

    async fn suppress(&self, suppressed: Suppressed, raw: &str) -> Result<Taken, StoreError> {
        self.store.record_suppressed(&suppressed, raw).await?;
        Ok(Taken::Suppressed { reason: suppressed.reason })
    }
}
