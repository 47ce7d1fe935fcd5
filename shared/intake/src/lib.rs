//! What every way in does with a signal once its payload is read: rules decide where it goes, and it becomes durable on an incident's
//! timeline, is counted on an incident, or is put on the list of suppressed alerts.

mod decided;
mod rules;
mod signal;
mod subscription;
mod taken;

use std::sync::Arc;

use hansho_domain::{Actor, Alert, Clear, Command, Ignored, IncidentId, Input, InputId, ServiceId};
use hansho_routing::Says;
use hansho_store::{Applied, Order, Origin, Payload, Received, Store, StoreError, Suppressed};

use decided::Decided;
use rules::Rules;

pub use hansho_routing::{Event, Part, Subject};
pub use signal::{Note, Signal};
pub use subscription::subscription_task;
pub use taken::Taken;

/// The way from a signal into the store.
#[derive(Debug, Clone)]
pub struct Intake {
    store: Arc<Store>,
    rules: Arc<Rules>,
    order: Order,
}

impl Intake {
    /// The way into a store, for signals that count by the clock of their source.
    pub fn new(store: Arc<Store>) -> Self {
        Self { store, rules: Arc::default(), order: Order::OfSource }
    }

    /// The same for signals that count in the order in which they come in.
    #[must_use]
    pub fn by_arrival(self) -> Self {
        Self { order: Order::OfArrival, ..self }
    }

    /// The same for alerts of a key that troubles share which have nothing to do with each other.
    #[must_use]
    pub fn of_shared_key(&self) -> Self {
        Self { order: Order::Shared, ..self.clone() }
    }

    /// The store that signals go to.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Takes a signal in: the rules in force decide where it goes. `raw` is the payload as it came. When this returns `Ok`, the signal
    /// is durable.
    ///
    /// # Errors
    /// DynamoDB does not answer, or there is no configuration at all.
    pub async fn receive(&self, signal: Signal, raw: &str) -> Result<Taken, StoreError> {
        match signal {
            Signal::Alert { service, alert, event } => {
                let decided = self.decide(Says::Alert, Subject::of_alert(&service, &alert), *event, raw).await?;
                self.alert(&alert, &decided, raw).await
            }
            Signal::Clear { clear, subject, event } => {
                let decided = self.decide(Says::Clear, *subject, *event, raw).await?;
                let clear = Clear { dedup_key: decided.subject().dedup_key.clone(), ..*clear };
                let received = self.store.receive_clear_in(self.origin(&decided), &clear, decided.payload(raw)).await;
                self.or_report(received).await.map(Taken::Received)
            }
            Signal::Note(note) => {
                let Note { text, suppressed, subject, event } = *note;
                let decided = self.decide(Says::Note, subject, event, raw).await?;
                let suppressed = Suppressed { dedup_key: decided.subject().dedup_key.clone(), ..suppressed };
                self.told("note", Command::Note { text }, suppressed, &decided, raw, Taken::Noted).await
            }
            Signal::Acknowledge { suppressed, subject, event } => {
                let decided = self.decide(Says::Clear, *subject, *event, raw).await?;
                let suppressed = Suppressed { dedup_key: decided.subject().dedup_key.clone(), ..*suppressed };
                self.told("acknowledge", Command::Acknowledge, suppressed, &decided, raw, Taken::Acknowledged).await
            }
            Signal::Suppressed(suppressed) => self.suppress(*suppressed, raw.into()).await,
        }
    }

    async fn decide(&self, says: Says, subject: Subject, event: Event, raw: &str) -> Result<Decided, StoreError> {
        let outcome = self.rules.decide(&self.store, &subject, &event, raw).await?;
        Ok(Decided::new(says, subject, event, outcome))
    }

    fn origin<'a>(&self, decided: &'a Decided) -> Origin<'a> {
        Origin { order: self.order, sent_as: Some(decided.sent_as()) }
    }

    async fn alert(&self, alert: &Alert, decided: &Decided, raw: &str) -> Result<Taken, StoreError> {
        let payload = decided.payload(raw);
        if let Some(suppressed) = decided.suppressed(alert, self.store.clock().now()) {
            return self.suppress(suppressed, payload).await;
        }
        let alert = decided.alert(alert);
        let received = self.store.receive_alert_in(self.origin(decided), &decided.subject().service, &alert, payload).await;
        self.or_report(received).await.map(Taken::Received)
    }

    /// Takes in what Hansho itself has to say, such as that a sender is not heard any more: no rule can silence that.
    ///
    /// # Errors
    /// DynamoDB does not answer, or there is no configuration at all.
    pub async fn receive_own(&self, service: &ServiceId, alert: &Alert, raw: &str) -> Result<Taken, StoreError> {
        let received = self.store.receive_alert_in(Origin::of(self.order), service, alert, raw.into()).await;
        self.or_report(received).await.map(Taken::Received)
    }

    /// Takes in what can not be read: it pages once by the catch-all service, and every payload of it is kept, for each may be
    /// another trouble.
    ///
    /// # Errors
    /// DynamoDB does not answer, or there is no configuration at all.
    pub async fn receive_unreadable(&self, alert: &Alert, raw: &str) -> Result<Taken, StoreError> {
        let received = self.store.receive_alert_in(Origin::of(self.order), &ServiceId::catch_all(), alert, raw.into()).await;
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

    /// What is told to the open incidents that it may be about, and is recorded as suppressed where there is none or none takes it.
    async fn told(
        &self,
        what: &str,
        command: Command,
        suppressed: Suppressed,
        decided: &Decided,
        raw: &str,
        taken: fn(IncidentId) -> Taken,
    ) -> Result<Taken, StoreError> {
        let incidents = self.store.open_incidents_of(&suppressed.integration, decided.sent_as(), &suppressed.dedup_key).await?;
        let input = Input {
            id: InputId::derived(format!("{what}-{}", suppressed.alert)),
            actor: Actor::Integration(suppressed.integration.clone()),
            command,
        };
        let (mut told, mut reported, mut suppressed) = (None, None, suppressed);
        for incident in incidents {
            match self.store.apply(incident, &input).await {
                Ok(Applied::Changed(_) | Applied::Ignored(Ignored::AlreadyApplied, _)) => told = told.or(Some(incident)),
                Ok(Applied::Ignored(..)) => suppressed.reason = format!("it changes nothing: incident {incident} is as it says already"),
                Ok(Applied::Rejected(..) | Applied::Unknown) => {}
                Err(StoreError::UnreadableIncident { incident, message }) => {
                    reported = Some(Taken::Received(self.store.report_unreadable(incident, &message).await?));
                }
                Err(error) => return Err(error),
            }
        }
        if let Some(incident) = told {
            return Ok(taken(incident));
        }
        let suppressed = self.suppress(suppressed, decided.payload(raw)).await?;
        Ok(reported.unwrap_or(suppressed))
    }

    async fn suppress(&self, suppressed: Suppressed, payload: Payload<'_>) -> Result<Taken, StoreError> {
        self.store.record_suppressed(&suppressed, payload).await?;
        Ok(Taken::Suppressed { reason: suppressed.reason })
    }
}
