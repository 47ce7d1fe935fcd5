//! The functions, wired together as the deployment does it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use axum::Router;
use hansho_alarm_intake::AlarmIntake;
use hansho_api::{Api, MailAddresses};
use hansho_channels::{Channels, EmailAddress, WebhookPolicy};
use hansho_config::Config;
use hansho_delivery::{DeliveryFunction, PublicUrl};
use hansho_email_intake::{EmailIntake, Mailbox};
use hansho_escalation::Escalation;
use hansho_outbox_relay::{OutboxRelay, Targets};
use hansho_runtime::{Answer, Aws, Downloads, Objects, Secrets, SharedClock, queue::Queue};
use hansho_store::Store;
use hansho_sweeper::Sweeper;
use serde_json::Value;

use super::calls;

/// The names under which functions are invoked.
pub const FUNCTION_NAMES: [&str; 8] =
    ["alarm-intake", "api", "config", "delivery", "email-intake", "escalation", "outbox-relay", "sweeper"];

/// The queues and the function that Scheduler invokes, as the local run names them.
pub(super) const DELIVERY_QUEUE_URL: &str = "http://sqs.local.hansho/000000000000/hansho-deliveries";
/// See [`DELIVERY_QUEUE_URL`].
pub(super) const TIMER_QUEUE_URL: &str = "http://sqs.local.hansho/000000000000/hansho-timers";

/// Where the local run keeps mails, as a receipt rule of SES does.
pub const MAIL_BUCKET: &str = "hansho-mail";
/// The domain of the addresses that mail comes to. Nobody has it: the listener takes whatever it is sent.
pub(super) const MAIL_DOMAIN: &str = "hansho.example";
/// The sender of its mails, and where answers to them go.
const EMAIL_FROM: &str = "hansho@hansho.example";
pub(super) const EMAIL_REPLY_TO: &str = "reply@hansho.example";

/// There is no function of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no function {0:?}; there are {names}", names = FUNCTION_NAMES.join(", "))]
pub struct UnknownFunction(pub String);

/// Every function over one store.
#[derive(Debug)]
pub struct Functions {
    alarm_intake: AlarmIntake,
    email_intake: EmailIntake,
    outbox_relay: OutboxRelay,
    escalation: Escalation,
    delivery: DeliveryFunction,
    sweeper: Sweeper,
    api: Arc<Api>,
    config: Config,
    invocations: Mutex<BTreeMap<String, u64>>,
}

impl Functions {
    /// Every function over `store`, with AWS reached through `aws`, and webhooks and objects through `connector`, and what Amazon
    /// serves to anybody through `downloads`. Links lead to `public_url`.
    pub fn new(
        store: &Arc<Store>,
        aws: &Aws,
        connector: SharedHttpConnector,
        downloads: Downloads,
        secrets: &Secrets,
        public_url: &str,
    ) -> Self {
        let settings = hansho_channels::Settings {
            email_from: EmailAddress::new(EMAIL_FROM).ok(),
            email_reply_to: EmailAddress::new(EMAIL_REPLY_TO).ok(),
            webhook: WebhookPolicy { allow_private_addresses: true },
            ..hansho_channels::Settings::default()
        };
        let channels =
            Channels::new(aws_sdk_sns::Client::new(&aws.config("sns")), aws_sdk_sesv2::Client::new(&aws.config("sesv2")), settings)
                .with_webhook_connector(connector.clone());
        let objects = Objects::new(aws).with_connector(connector);
        let relay = || OutboxRelay::new(Arc::clone(store), aws, targets());
        let deliveries = || Queue::new(aws, DELIVERY_QUEUE_URL);
        Self {
            alarm_intake: AlarmIntake::new(Arc::clone(store)),
            email_intake: EmailIntake::new(Arc::clone(store), secrets.clone(), objects, mailbox()),
            outbox_relay: relay(),
            escalation: Escalation::new(Arc::clone(store), Queue::new(aws, TIMER_QUEUE_URL)),
            delivery: DeliveryFunction::new(Arc::clone(store), channels, deliveries(), secrets.clone(), PublicUrl::new(public_url)),
            sweeper: Sweeper::new(Arc::clone(store), relay(), deliveries()),
            api: Arc::new(
                Api::new(Arc::clone(store))
                    .with_public_url(public_url)
                    .with_downloads(downloads)
                    .with_mail_addresses(Some(MailAddresses { secrets: secrets.clone(), domain: MAIL_DOMAIN.to_owned() })),
            ),
            config: Config::new(Arc::clone(store)),
            invocations: Mutex::default(),
        }
    }

    /// Invokes a function with an event, as the Lambda service would.
    ///
    /// # Errors
    /// There is no such function.
    pub async fn invoke(&self, name: &str, event: Value) -> Result<Answer, UnknownFunction> {
        // A deployment's names carry its prefix. Each function is on the heap: together they would be a stack's worth in every caller.
        let name = name.strip_prefix("hansho-").unwrap_or(name);
        *self.counted().entry(name.to_owned()).or_default() += 1;
        calls::of(name, async {
            match name {
                "alarm-intake" => Ok(Box::pin(self.alarm_intake.handle(event)).await),
                "email-intake" => Ok(Box::pin(self.email_intake.handle(event)).await),
                "outbox-relay" => Ok(Box::pin(self.outbox_relay.handle(event)).await),
                "escalation" => Ok(Box::pin(self.escalation.handle(event)).await),
                "delivery" => Ok(Box::pin(self.delivery.handle(event)).await),
                "sweeper" => Ok(Box::pin(self.sweeper.handle(event)).await),
                "api" => Ok(Box::pin(self.api.handle(event)).await),
                "config" => Ok(Box::pin(self.config.handle(event)).await),
                other => Err(UnknownFunction(other.to_owned())),
            }
        })
        .await
    }

    /// How often each function was invoked so far.
    pub fn invocations(&self) -> BTreeMap<String, u64> {
        self.counted().clone()
    }

    fn counted(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, u64>> {
        self.invocations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The function that takes mails in, for a listener that has them as they came.
    pub fn email_intake(&self) -> &EmailIntake {
        &self.email_intake
    }

    /// The function that puts configurations in force.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The HTTP function.
    pub fn api(&self) -> Arc<Api> {
        Arc::clone(&self.api)
    }

    /// The HTTP function, for a server that needs no events.
    pub fn api_router(&self) -> Router {
        calls::of_router("api", hansho_api::router(Arc::clone(&self.api)))
    }
}

/// The name of the function that works off a queue.
pub(super) fn function_of_queue(queue_url: &str) -> &'static str {
    if queue_url == TIMER_QUEUE_URL { "escalation" } else { "delivery" }
}

fn mailbox() -> Mailbox {
    Mailbox {
        bucket: Some(MAIL_BUCKET.to_owned()),
        prefix: "inbound/".to_owned(),
        own_address: Some(EMAIL_FROM.to_owned()),
        reply_address: Some(EMAIL_REPLY_TO.to_owned()),
    }
}

fn targets() -> Targets {
    Targets {
        delivery_queue_url: DELIVERY_QUEUE_URL.to_owned(),
        timer_queue_url: TIMER_QUEUE_URL.to_owned(),
        escalation_arn: "arn:aws:lambda:local:000000000000:function:hansho-escalation".to_owned(),
        scheduler_role_arn: "arn:aws:iam::000000000000:role/hansho-scheduler".to_owned(),
        schedule_group: "hansho".to_owned(),
        schedule_dead_letter_arn: None,
    }
}

/// The clock and the table's name are all that a store needs besides its client.
pub(super) fn store(aws: &Aws, table: &str, clock: SharedClock) -> Arc<Store> {
    Arc::new(Store::new(aws_sdk_dynamodb::Client::new(&aws.config("dynamodb")), table, clock))
}
