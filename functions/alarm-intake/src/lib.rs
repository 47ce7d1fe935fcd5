//! CloudWatch alarms and events of AWS services (GuardDuty, Security Hub, AWS Health) in, incidents out.
//!
//! - **Wakes it:** an alarm's Lambda action, an SNS topic, or an EventBridge rule (directly or through SQS); another rule sends the canary.
//! - **Delivery:** at least once and in any order; the same transition may come by two ways.
//! - **Durable when it returns:** every alarm of the event is on an incident's timeline, counted on one, or on the list of
//!   suppressed alerts.
//! - **If it dies half-way:** the event comes again; what was taken in is recognised by its transition and changes nothing.

mod canary;
pub mod parse;
mod preview;
mod route;
mod signal;

use std::sync::Arc;

use hansho_intake::{Intake, Taken};
use hansho_runtime::{Answer, Aws, Failure, Settings, SystemClock};
use hansho_store::{Received, Store, StoreError};
use parse::{Reading, Record};
use serde_json::{Value, json};

pub use preview::{Preview, preview, preview_otherwise};
pub use route::{FoundBy, Route};
pub use signal::Signal;

/// The function.
#[derive(Debug)]
pub struct AlarmIntake {
    intake: Intake,
}

impl AlarmIntake {
    /// The function over a store.
    pub fn new(store: Arc<Store>) -> Self {
        Self { intake: Intake::new(store) }
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
        if canary::is_canary(&event) {
            let received = self.intake.store().open_canary().await;
            let received = received.map_err(|error| Failure::new("the canary could not be made durable", error))?;
            return Ok(json!({ "batchItemFailures": [], "results": [received_answer(&received)] }));
        }
        let mut came_back = Vec::new();
        let mut results = Vec::new();
        let mut failure = None;
        for record in parse::parse(&event, self.intake.store().clock().now()) {
            let message_id = record.message_id.clone();
            match self.take_in(record).await {
                Ok(result) => results.push(result),
                Err(error) => {
                    tracing::error!(error = %hansho_runtime::chain(&error), "an alarm could not be made durable and will come again");
                    match message_id.map(|id| json!({ "itemIdentifier": id })) {
                        // A message with several findings comes back once.
                        Some(id) if came_back.contains(&id) => {}
                        Some(id) => came_back.push(id),
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
        let store = self.intake.store();
        let now = store.clock().now();
        let taken = match record.reading {
            Reading::Alarm(alarm) => {
                let routes = store.routes().await?;
                let raw = alarm.raw.clone();
                let event = signal::event(&alarm);
                self.intake.receive(signal::of_alarm(*alarm, &routes, None, now).into_intake(event), &raw).await?
            }
            Reading::Unreadable { reason, raw } => {
                tracing::warn!(%reason, "an alarm payload was not recognised; it pages");
                self.intake.receive_unreadable(&signal::of_unreadable(&reason, &raw, now), &raw).await?
            }
            Reading::AwsEvent(event) => {
                let routes = store.routes().await?;
                let raw = event.raw.clone();
                let read = signal::event_of_aws(&event);
                self.intake.receive(signal::of_aws_event(*event, &routes, None, now).into_intake(read), &raw).await?
            }
            Reading::NothingToOpen { reason, alarm, raw } => {
                tracing::info!(%reason, ?alarm, "nothing to open");
                let suppressed = Box::new(signal::of_nothing(&reason, alarm.as_deref(), &raw, now));
                self.intake.receive(hansho_intake::Signal::Suppressed(suppressed), &raw).await?
            }
        };
        Ok(answer(&taken))
    }
}

fn answer(taken: &Taken) -> Value {
    match taken {
        Taken::Received(received) => received_answer(received),
        Taken::Acknowledged(incident) => json!({ "result": "acknowledged", "incident": incident }),
        Taken::Noted(incident) => json!({ "result": "noted", "incident": incident }),
        Taken::Suppressed { reason } => json!({ "result": "suppressed", "reason": reason }),
    }
}

fn received_answer(received: &Received) -> Value {
    match received {
        Received::Opened(incident) => json!({ "result": "opened", "incident": incident }),
        Received::Repeated(incident) => json!({ "result": "repeated", "incident": incident }),
        Received::Louder(incident) => json!({ "result": "louder", "incident": incident }),
        Received::Resolved(incident) => json!({ "result": "resolved", "incident": incident }),
        Received::Cleared(incident) => json!({ "result": "cleared", "incident": incident }),
        Received::Remembered => json!({ "result": "remembered" }),
        Received::OutOfDate => json!({ "result": "out_of_date" }),
        Received::NothingOpen => json!({ "result": "nothing_open" }),
    }
}
