//! A timer has rung: the incident's deadline may have come.
//!
//! - **Wakes it:** a one-time schedule of EventBridge Scheduler, or a delayed message of the timer queue.
//! - **Delivery:** at least once, late, twice, early by a clock's difference, or never; the sweeper stands in for it.
//! - **Durable when it returns:** everything that was due, with its effects.
//! - **If it dies half-way:** nothing was done or all of it; the timer or the sweeper comes again.

use std::sync::Arc;

use hansho_domain::{Actor, Command, Ignored, IncidentId, Input, InputId};
use hansho_outbox_relay::TimerMessage;
use hansho_runtime::{Answer, Aws, Failure, Settings, SystemClock, batch, queue::Queue};
use hansho_store::{Applied, Store, StoreError};
use serde_json::{Value, json};

/// The function.
#[derive(Debug)]
pub struct Escalation {
    store: Arc<Store>,
    timers: Queue,
}

impl Escalation {
    /// The function over a store and the timer queue.
    pub fn new(store: Arc<Store>, timers: Queue) -> Self {
        Self { store, timers }
    }

    /// The function as the environment sets it up: `HANSHO_TABLE`, `HANSHO_TIMER_QUEUE_URL` and what Lambda sets itself.
    pub fn from_settings(settings: &mut Settings<'_>) -> Self {
        let aws = Aws::from_settings(settings);
        let queue = Queue::new(&aws, settings.required("HANSHO_TIMER_QUEUE_URL", "the URL of the timer queue"));
        Self::new(Arc::new(Store::from_settings(settings, &aws, Arc::new(SystemClock))), queue)
    }

    /// Looks at the incidents that the timers name.
    ///
    /// # Errors
    /// For a single timer: it is not one, or the table does not answer. Messages of a queue are answered one by one.
    pub async fn handle(&self, event: Value) -> Answer {
        match batch::sqs_records(&event) {
            Some(records) => Ok(batch::answer_each(records, |record| async move { self.ring(&read(&record.body)?).await }).await),
            None => {
                self.ring(&read(&event.to_string())?).await?;
                Ok(json!({ "batchItemFailures": [] }))
            }
        }
    }

    async fn ring(&self, timer: &TimerMessage) -> Result<(), Failure> {
        let applied = match deadline_passed(&self.store, timer.incident, timer.generation).await {
            Ok(applied) => applied,
            Err(StoreError::UnreadableIncident { incident, message }) => {
                let reported = self.store.report_unreadable(incident, &message).await;
                return reported.map(|_| ()).map_err(|error| Failure::new("an unreadable incident could not be reported", error));
            }
            Err(error) => return Err(Failure::new("the deadline was not worked on", error)),
        };
        match applied {
            // Too soon by whole seconds or a clock's difference: armed again, never dropped.
            Applied::Ignored(Ignored::EarlyTimer(deadline), _) => {
                let again = TimerMessage { incident: timer.incident, generation: deadline.generation };
                self.timers.send(&again, deadline.at, self.store.clock().now()).await
            }
            Applied::Ignored(why, _) => {
                tracing::debug!(incident.id = %timer.incident, ?why, "nothing to do at this deadline");
                Ok(())
            }
            Applied::Changed(incident) => {
                tracing::info!(incident.id = %incident.id, phase = incident.phase.name().as_str(), "worked on a deadline");
                Ok(())
            }
            Applied::Rejected(why, _) => Err(Failure::new("the deadline was refused", why)),
            Applied::Unknown => {
                tracing::warn!(incident.id = %timer.incident, "a timer names an incident that does not exist; nothing to do");
                Ok(())
            }
        }
    }
}

/// Tells the incident that its deadline of this generation has passed. The sweeper says the same in the same way.
///
/// # Errors
/// The table does not answer, or the incident can not be read.
pub async fn deadline_passed(store: &Store, incident: IncidentId, generation: u64) -> Result<Applied, StoreError> {
    let input = Input {
        id: InputId::derived(format!("deadline-{generation}")),
        actor: Actor::Hansho,
        command: Command::DeadlinePassed { generation },
    };
    store.apply(incident, &input).await
}

fn read(text: &str) -> Result<TimerMessage, Failure> {
    serde_json::from_str(text)
        .map_err(|error| Failure::new("this is no timer: it must be {\"incident\": ID, \"generation\": NUMBER}", error))
}
