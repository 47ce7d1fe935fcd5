//! Incidents are kept in Incident Manager or OpsCenter of AWS Systems Manager too: opened, told and resolved there, and resolved here
//! when they are resolved there. No page waits for any of it: the bridge reads what is committed, by a queue of its own.
//!
//! - **Wakes it:** the table's stream, filtered to new timeline entries; its own queue; the topic that the other side reports to; a rule,
//!   every minute.
//! - **Delivery:** at least once, in any order, or never; each time it looks at what is so and not at what the event says, and the rule
//!   finds what nobody told.
//! - **Durable when it returns:** for an event of the stream a message in the queue for each incident; for a message how far the incident
//!   was copied. What was refused comes back, and ends in the dead-letter queue while the rule goes on trying.
//! - **If it dies half-way:** the same calls are made again under the same client tokens, so they count once.

mod event;
mod follow;
mod incident_manager;
mod look;
mod open;
mod ops_center;
mod poll;
mod refusal;
mod side;
mod words;

use std::{collections::BTreeSet, sync::Arc};

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use hansho_domain::IncidentId;
use hansho_runtime::{
    Answer, Aws, Failure, Settings, SystemClock, SystemsManager,
    batch::{self, Record},
    queue::Queue,
};
use hansho_store::{Store, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use event::{Entry, Woken};
use incident_manager::IncidentManager;
use ops_center::OpsCenter;

/// How long this function may run, in seconds; the deployment gives it as much.
pub const FUNCTION_TIMEOUT_SECONDS: u32 = 60;
/// How long a message of its queue is hidden while it is worked on, in seconds.
pub const VISIBILITY_SECONDS: u32 = 90;
const _: () = assert!(FUNCTION_TIMEOUT_SECONDS < VISIBILITY_SECONDS);

/// The message that asks to look at one incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BridgeMessage {
    /// Which.
    pub incident: IncidentId,
}

/// Where the bridge is, besides AWS itself.
#[derive(Debug, Clone)]
pub struct Place {
    /// The bridge's own queue.
    pub queue_url: String,
    /// The address at which people reach Hansho.
    pub public_url: String,
    /// The topic that OpsCenter reports changes to; Incident Manager is told of it by the response plan.
    pub topic_arn: Option<String>,
}

impl Place {
    /// From `HANSHO_BRIDGE_QUEUE_URL`, `HANSHO_PUBLIC_URL` and `HANSHO_BRIDGE_TOPIC_ARN`.
    pub fn from_settings(settings: &mut Settings<'_>) -> Self {
        Self {
            queue_url: settings.required("HANSHO_BRIDGE_QUEUE_URL", "the URL of the bridge's queue"),
            public_url: settings
                .required("HANSHO_PUBLIC_URL", "the address at which people reach Hansho, such as https://oncall.example.com"),
            topic_arn: settings.optional("HANSHO_BRIDGE_TOPIC_ARN"),
        }
    }
}

/// The function.
#[derive(Debug)]
pub struct Bridge {
    store: Arc<Store>,
    queue: Queue,
    public_url: String,
    incident_manager: IncidentManager,
    ops_center: OpsCenter,
}

impl Bridge {
    /// The function over a store and AWS.
    pub fn new(store: Arc<Store>, aws: &Aws, place: Place) -> Self {
        Self {
            store,
            queue: Queue::new(aws, place.queue_url),
            public_url: place.public_url.trim_end_matches('/').to_owned(),
            incident_manager: IncidentManager::new(aws),
            ops_center: OpsCenter::new(SystemsManager::new(aws), place.topic_arn),
        }
    }

    /// The same with a connector of the caller's to Systems Manager.
    #[must_use]
    pub fn with_connector(self, connector: SharedHttpConnector) -> Self {
        Self { ops_center: self.ops_center.with_connector(connector), ..self }
    }

    /// The function as the environment sets it up: `HANSHO_TABLE`, its [`Place`] and what Lambda sets itself.
    pub fn from_settings(settings: &mut Settings<'_>) -> Self {
        let aws = Aws::from_settings(settings);
        let place = Place::from_settings(settings);
        Self::new(Arc::new(Store::from_settings(settings, &aws, Arc::new(SystemClock))), &aws, place)
    }

    /// Does what the event asks for.
    ///
    /// # Errors
    /// The event is none of this function's, or the table or the other side does not answer.
    pub async fn handle(&self, event: Value) -> Answer {
        match event::read(&event) {
            Some(Woken::Stream(entries)) => Ok(self.queue_up(entries).await),
            Some(Woken::Messages(records)) => Ok(batch::answer_each(records, |record| self.message(record)).await),
            Some(Woken::Reported(records)) => {
                self.look_at_all(&records).await?;
                Ok(json!({ "looked_at": records.len() }))
            }
            Some(Woken::Minute) => self.poll().await,
            None => Err(Failure::because(
                "this is none of the bridge's events: an event of the table's stream, of its queue or topic, or of its rule is expected",
            )),
        }
    }

    /// A message for each incident that something happened to. What could not be sent is for the stream to bring again.
    async fn queue_up(&self, entries: Vec<Entry>) -> Value {
        let mut sent = BTreeSet::new();
        let now = self.store.clock().now();
        for Entry { sequence_number, incident } in entries {
            if sent.contains(&incident) {
                continue;
            }
            if let Err(error) = self.queue.send(&BridgeMessage { incident }, now, now).await {
                tracing::error!(incident.id = %incident, error = %hansho_runtime::chain(&error), "an entry was not queued; the stream brings it again");
                return json!({ "batchItemFailures": [{ "itemIdentifier": sequence_number }] });
            }
            sent.insert(incident);
        }
        json!({ "batchItemFailures": [] })
    }

    async fn message(&self, record: Record) -> Result<(), Failure> {
        if let Ok(BridgeMessage { incident }) = serde_json::from_str(&record.body) {
            return self.follow(incident).await;
        }
        // The topic may be subscribed by the queue as well.
        let named = event::records_named(&record.body);
        if named.is_empty() {
            return Err(Failure::because(
                "this is no message of the bridge: it must be {\"incident\": ID}, or name a record of Incident Manager or an OpsItem",
            ));
        }
        self.look_at_all(&named).await
    }
}

pub(crate) fn unavailable(error: StoreError) -> Failure {
    Failure::new("the table did not do its part", error)
}
