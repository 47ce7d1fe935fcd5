//! CloudWatch alarms in, incidents out.
//!
//! - **Wakes it:** an alarm's Lambda action, an SNS topic, or an EventBridge rule (directly or through SQS).
//! - **Delivery:** at least once and in any order; the same transition may come by two ways.
//! - **Durable when it returns:** every alarm of the event is on an incident's timeline, counted on one, or on the list of
//!   suppressed alerts.
//! - **If it dies half-way:** the event comes again; what was taken in is recognised by its transition and changes nothing.

pub mod parse;
mod preview;
mod route;
mod signal;

use std::sync::Arc;

use hansho_domain::{Command, Input, InputId, ServiceId};
use hansho_runtime::{Answer, Aws, Failure, Settings, SystemClock};
use hansho_store::{Applied, Received, Store, StoreError, Suppressed};
use parse::{Reading, Record};
use serde_json::{Value, json};

pub use preview::{Preview, preview};
pub use route::{FoundBy, Route};
pub use signal::{Note, Signal};

/// The function.
#[derive(Debug)]
pub struct AlarmIntake {
    store: Arc<Store>,
}

impl AlarmIntake {
    /// The function over a store.
    pub fn new(store: Arc<Store>) -> Self {
        Self { store }
    }

    /// The function as the environment sets it up: `HANSHO_TABLE` and what Lambda sets itself.
    pub fn from_settings(settings: &mut Settings<'_>) -> Self {
        let aws = Aws::from_settings(settings);
        Self::new(Arc::new(Store::from_settings(settings, &aws, Arc::new(SystemClock))))
    }

    /// Takes in every alarm of `event`. An event from a queue is answered per message; any other fails as a whole when one
    /// of its alarms could not be made durable, and comes again.
    ///
    /// # Errors
    /// The table does not answer, or there is no configuration at all.
    pub async fn handle(&self, event: Value) -> Answer {
        let mut came_back = Vec::new();
        let mut results = Vec::new();
        let mut failure = None;
        for record in parse::parse(&event, self.store.clock().now()) {
            let message_id = record.message_id.clone();
            match self.take_in(record).await {
                Ok(result) => results.push(result),
                Err(error) => {
                    tracing::error!(error = %hansho_runtime::chain(&error), "an alarm could not be made durable and will come again");
                    match message_id {
                        Some(id) => came_back.push(json!({ "itemIdentifier": id })),
                        None => failure = Some(error),
                    }
                }
            }
        }
        match failure {
            Some(error) => Err(Failure::new("an alarm could not be made durable", error)),
            None => Ok(json!({ "batchItemFailures": came_back, "results": results })),
        }
    }

    async fn take_in(&self, record: Record) -> Result<Value, StoreError> {
        let now = self.store.clock().now();
        let (signal, raw) = match record.reading {
            Reading::Alarm(alarm) => {
                let routes = self.store.routes().await?;
                let raw = alarm.raw.clone();
                (signal::of_alarm(*alarm, &routes, now), raw)
            }
            Reading::Unreadable { reason, raw } => {
                tracing::warn!(%reason, "an alarm payload was not recognised; it pages");
                return self.receive_unreadable(&reason, &raw).await;
            }
            Reading::NothingToOpen { reason, alarm } => {
                tracing::info!(%reason, ?alarm, "nothing to open");
                return Ok(json!({ "result": "nothing_to_open", "reason": reason }));
            }
        };
        self.receive(signal, &raw).await
    }

    /// What can not be read pages once, and every payload of it is kept: each may be another trouble.
    async fn receive_unreadable(&self, reason: &str, raw: &str) -> Result<Value, StoreError> {
        let alert = signal::of_unreadable(reason, raw, self.store.clock().now());
        let received = self.store.receive_alert(&ServiceId::catch_all(), &alert, raw).await;
        let received = match received {
            Err(StoreError::UnreadableIncident { incident, message }) => self.store.report_unreadable(incident, &message).await?,
            received => received?,
        };
        if let Received::Repeated(incident) = received {
            self.store.keep_payload(incident, alert.id, raw).await?;
        }
        Ok(answer(&received))
    }

    async fn receive(&self, signal: Signal, raw: &str) -> Result<Value, StoreError> {
        let received = match signal {
            Signal::Alert { route, alert } => self.store.receive_alert(&route.service, &alert, raw).await,
            Signal::Clear(clear) => self.store.receive_clear(&clear, raw).await,
            Signal::Note(note) => return self.note(*note, raw).await,
            Signal::Suppressed(suppressed) => return self.suppress(&suppressed, raw).await,
        };
        match received {
            Ok(received) => Ok(answer(&received)),
            // The incident that holds the key is broken: somebody has to know, and the alarm is in that page.
            Err(StoreError::UnreadableIncident { incident, message }) => {
                Ok(answer(&self.store.report_unreadable(incident, &message).await?))
            }
            Err(error) => Err(error),
        }
    }

    /// Missing data says neither that it is wrong nor that it is over.
    async fn note(&self, note: Note, raw: &str) -> Result<Value, StoreError> {
        let suppressed = &note.suppressed;
        let Some(incident) = self.store.open_incident_of(&suppressed.integration, &suppressed.dedup_key).await? else {
            return self.suppress(suppressed, raw).await;
        };
        let input = Input {
            id: InputId::derived(format!("note-{}", suppressed.alert)),
            actor: hansho_domain::Actor::Integration(suppressed.integration.clone()),
            command: Command::Note { text: note.text },
        };
        match self.store.apply(incident, &input).await {
            Ok(Applied::Changed(_) | Applied::Ignored(..)) => Ok(json!({ "result": "noted", "incident": incident })),
            Ok(Applied::Rejected(..) | Applied::Unknown) => self.suppress(suppressed, raw).await,
            Err(StoreError::UnreadableIncident { incident, message }) => {
                self.suppress(suppressed, raw).await?;
                Ok(answer(&self.store.report_unreadable(incident, &message).await?))
            }
            Err(error) => Err(error),
        }
    }

    async fn suppress(&self, suppressed: &Suppressed, raw: &str) -> Result<Value, StoreError> {
        self.store.record_suppressed(suppressed, raw).await?;
        Ok(json!({ "result": "suppressed", "reason": suppressed.reason }))
    }
}

fn answer(received: &Received) -> Value {
    match received {
        Received::Opened(incident) => json!({ "result": "opened", "incident": incident }),
        Received::Repeated(incident) => json!({ "result": "repeated", "incident": incident }),
        Received::Louder(incident) => json!({ "result": "louder", "incident": incident }),
        Received::Resolved(incident) => json!({ "result": "resolved", "incident": incident }),
        Received::Cleared(incident) => json!({ "result": "cleared", "incident": incident }),
        Received::Remembered => json!({ "result": "remembered" }),
        Received::OutOfDate => json!({ "result": "out_of_date" }),
    }
}
