//! One delivery or notice to one channel: claim it, look again whether it is still needed, send it, record it.
//!
//! - **Wakes it:** the delivery queue; also what SES and SNS report about messages that were sent.
//! - **Delivery:** at least once, late, twice at the same time.
//! - **Durable when it returns:** how the attempt ended, and what follows from it. A message that comes while another
//!   copy is at work comes back after the lease.
//! - **If it dies half-way:** the lease ends and the delivery is sent again. Between a provider's acceptance and our record
//!   that is a second message; SNS and SES have no idempotency key that could prevent it.
//!
//! A provider that is handed a message and does not answer has perhaps accepted it: that is repeated once in the life of a
//! delivery, then the person's next method is used. The times fit into one another: a provider has 10 seconds, this
//! function 20, a lease lasts 25, and a message of the queue is hidden for 30.

mod addressee;
mod bundle;
mod canary;
mod gate;
mod message;
mod notice;
mod report;
mod send;

use std::sync::Arc;

use hansho_channels::{Channels, EmailAddress, PROVIDER_TIMEOUT_SECONDS, SmsSender, WebhookPolicy};
use hansho_domain::{EffectId, IncidentId};
use hansho_outbox_relay::{DeliveryMessage, NoticeMessage};
use hansho_runtime::{
    Answer, Aws, Failure, Secrets, Settings, SystemClock,
    batch::{self, Record},
    queue::Queue,
};
use hansho_store::{Claim, Delivery, DeliveryState, Ending, LEASE_SECONDS, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// How long this function may run, in seconds; the deployment gives it as much.
pub const FUNCTION_TIMEOUT_SECONDS: u32 = 20;
/// How long a message of the delivery queue is hidden while it is worked on, in seconds.
pub const VISIBILITY_SECONDS: u32 = 30;
const _: () = assert!(PROVIDER_TIMEOUT_SECONDS < FUNCTION_TIMEOUT_SECONDS);
const _: () = assert!(FUNCTION_TIMEOUT_SECONDS < LEASE_SECONDS && LEASE_SECONDS <= VISIBILITY_SECONDS);

/// How long the table and the queue may take beside a provider that uses up its time, in seconds.
const TABLE_SECONDS: u32 = 5;
/// Until when, from its start, an invocation takes up another delivery: what comes later would be cut off while it is
/// being sent, and nobody would know whether it was.
const TAKES_UP_FOR: SignedDuration =
    SignedDuration::from_secs((FUNCTION_TIMEOUT_SECONDS - PROVIDER_TIMEOUT_SECONDS - TABLE_SECONDS) as i64);

/// Where links lead.
#[derive(Debug, Clone)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// An address such as `https://oncall.example.com`, without a slash at its end.
    pub fn new(url: &str) -> Self {
        Self(url.trim_end_matches('/').to_owned())
    }

    /// From `HANSHO_PUBLIC_URL`.
    pub fn from_settings(settings: &mut Settings<'_>) -> Self {
        Self::new(&settings.required("HANSHO_PUBLIC_URL", "the address at which people reach Hansho, such as https://oncall.example.com"))
    }

    fn incident(&self, code: &str) -> String {
        format!("{}/i/{code}", self.0)
    }

    fn bundle(&self, code: &str) -> String {
        format!("{}/b/{code}", self.0)
    }

    fn proof(&self, code: &str) -> String {
        format!("{}/p/{code}", self.0)
    }

    fn sign_in(&self, code: &str) -> String {
        format!("{}/s/{code}", self.0)
    }

    fn invitation(&self, code: &str) -> String {
        format!("{}/invitation/{code}", self.0)
    }

    fn swap(&self, code: &str) -> String {
        format!("{}/w/{code}", self.0)
    }
}

/// The function.
#[derive(Debug)]
pub struct DeliveryFunction {
    store: Arc<Store>,
    channels: Channels,
    queue: Queue,
    secrets: Secrets,
    public_url: PublicUrl,
}

impl DeliveryFunction {
    /// The function over a store, the channels, its own queue, the key that signs links and where links lead.
    pub fn new(store: Arc<Store>, channels: Channels, queue: Queue, secrets: Secrets, public_url: PublicUrl) -> Self {
        Self { store, channels, queue, secrets, public_url }
    }

    /// The function as the environment sets it up: `HANSHO_TABLE`, `HANSHO_DELIVERY_QUEUE_URL`, `HANSHO_PUBLIC_URL`,
    /// `HANSHO_LINK_KEY` (or `_FILE`), what the channels need, and what Lambda sets itself.
    pub fn from_settings(settings: &mut Settings<'_>) -> Self {
        let aws = Aws::from_settings(settings);
        let queue = Queue::new(&aws, settings.required("HANSHO_DELIVERY_QUEUE_URL", "the URL of the delivery queue"));
        let public_url = PublicUrl::from_settings(settings);
        // A problem with the key is among the settings' problems, and the function does not start.
        let secrets = Secrets::from_settings(settings).unwrap_or_default();
        let channels = channels(settings, &aws);
        let store = Arc::new(Store::from_settings(settings, &aws, Arc::new(SystemClock)));
        Self::new(store, channels, queue, secrets, public_url)
    }

    /// Sends the deliveries that a queue event names, each answered for itself; or takes in what a provider reports.
    ///
    /// # Errors
    /// For a report: the table does not answer. For anything else that is no event of this function: what it should be.
    pub async fn handle(&self, event: Value) -> Answer {
        if let Some(records) = batch::sqs_records(&event) {
            let started_at = self.store.clock().now();
            return Ok(batch::answer_each(records, |record| self.record(record, started_at)).await);
        }
        if let Some(reports) = report::read(&event) {
            for report in reports {
                report::take_in(&self.store, report).await?;
            }
            return Ok(json!({ "batchItemFailures": [] }));
        }
        Err(Failure::because(
            "this is neither a message of the delivery queue nor a report of SES or SNS: an SQS event whose bodies are {\"delivery\": ID} is expected",
        ))
    }

    async fn record(&self, record: Record, started_at: Timestamp) -> Result<(), Failure> {
        // SES and SMS reports may come through the same queue.
        if let Some(reports) = serde_json::from_str(&record.body).ok().and_then(|value| report::read(&value)) {
            for report in reports {
                report::take_in(&self.store, report).await?;
            }
            return Ok(());
        }
        let now = self.store.clock().now();
        let is_late = now.duration_since(started_at) > TAKES_UP_FOR;
        if let Ok(NoticeMessage { notice }) = serde_json::from_str(&record.body) {
            return if is_late { self.notice_comes_back(&notice, now).await } else { self.deliver_notice(&notice).await };
        }
        let message: DeliveryMessage = serde_json::from_str(&record.body).map_err(|error| {
            Failure::new(
                "this is no delivery message: it must be {\"delivery\": {\"incident\": ID, \"version\": NUMBER, \"index\": NUMBER}} or {\"notice\": ID}",
                error,
            )
        })?;
        if is_late {
            tracing::info!(delivery.id = %message.delivery, "the batch took its time; another invocation sends this one");
            return self.send_message(&message, now).await;
        }
        self.deliver(message).await
    }

    async fn deliver(&self, message: DeliveryMessage) -> Result<(), Failure> {
        let id = message.delivery;
        match self.store.claim(id).await {
            // Boxed: the state of an attempt is large, and callers hold it in theirs.
            Ok(Claim::Claimed(delivery)) => Box::pin(self.work(delivery)).await,
            Ok(Claim::AtGate(delivery)) => Box::pin(self.come_to_gate(*delivery, message)).await,
            Ok(Claim::InProgress) => Err(in_progress(id)),
            // Whoever took it along has woken who is next.
            Ok(Claim::AlreadyDone(delivery)) if message.is_next && delivery.state != DeliveryState::Sent => self.wake_next(&delivery).await,
            Ok(Claim::AlreadyDone(_)) => Ok(()),
            Ok(Claim::Unknown) => {
                tracing::warn!(delivery.id = %id, "a message names a delivery that does not exist; nothing to do");
                Ok(())
            }
            Err(error) => Err(Failure::new("the delivery was not claimed", error)),
        }
    }

    /// The next message about this delivery, to be received at `at`.
    async fn come_back(&self, delivery: EffectId, at: Timestamp) -> Result<(), Failure> {
        self.send_message(&DeliveryMessage::due(delivery, at), at).await
    }

    async fn send_message(&self, message: &DeliveryMessage, at: Timestamp) -> Result<(), Failure> {
        self.queue.send(message, at, self.store.clock().now()).await
    }

    async fn end(&self, delivery: &Delivery, ending: &Ending) -> Result<(), Failure> {
        match self.store.end_claim(delivery, ending).await {
            Ok(true) => Ok(()),
            Ok(false) => {
                tracing::warn!(delivery.id = %delivery.id, "the lease was lost before the attempt was recorded");
                Ok(())
            }
            Err(error) => Err(Failure::new("the attempt was not recorded", error)),
        }
    }

    async fn report_unreadable(&self, incident: IncidentId, problem: &str) -> Result<(), Failure> {
        let reported = self.store.report_unreadable(incident, problem).await;
        reported.map(|_| ()).map_err(|error| Failure::new("an unreadable incident could not be reported", error))
    }
}

/// The channels as the environment sets them up: `HANSHO_EMAIL_FROM`, `HANSHO_EMAIL_REPLY_TO`, `HANSHO_SES_CONFIGURATION_SET`,
/// `HANSHO_SMS_SENDER_ID`, `HANSHO_SMS_ORIGINATION_NUMBER`, `HANSHO_SMS_MAX_PRICE_USD`, `HANSHO_WEBHOOK_ALLOW_PRIVATE`.
fn channels(settings: &mut Settings<'_>, aws: &Aws) -> Channels {
    let mut from = None;
    if let Some(text) = settings.optional("HANSHO_EMAIL_FROM") {
        match EmailAddress::new(&text) {
            Ok(address) => from = Some(address),
            Err(error) => settings.problem(format!("HANSHO_EMAIL_FROM: {error}")),
        }
    }
    let mut reply_to = None;
    if let Some(text) = settings.optional("HANSHO_EMAIL_REPLY_TO") {
        match EmailAddress::new(&text) {
            Ok(address) => reply_to = Some(address),
            Err(error) => settings.problem(format!("HANSHO_EMAIL_REPLY_TO: {error}")),
        }
    }
    let number = settings.optional("HANSHO_SMS_ORIGINATION_NUMBER");
    let sms_sender =
        SmsSender::new(settings.optional("HANSHO_SMS_SENDER_ID"), number.as_deref(), settings.optional("HANSHO_SMS_MAX_PRICE_USD"));
    // No problem of the settings: mails and webhooks reach people without it.
    if let Some(problem) = sms_sender.problem() {
        tracing::error!("{problem}");
    }
    let how = hansho_channels::Settings {
        email_from: from,
        email_reply_to: reply_to,
        ses_configuration_set: settings.optional("HANSHO_SES_CONFIGURATION_SET"),
        sms_sender,
        webhook: WebhookPolicy { allow_private_addresses: settings.or("HANSHO_WEBHOOK_ALLOW_PRIVATE", false, "true or false") },
    };
    Channels::new(aws_sdk_sns::Client::new(&aws.config("sns")), aws_sdk_sesv2::Client::new(&aws.config("sesv2")), how)
}

fn in_progress(id: EffectId) -> Failure {
    Failure::because(format!("delivery {id} is being worked on or waits for its time; it comes back"))
}

fn unavailable(error: StoreError) -> Failure {
    Failure::new("the table did not answer", error)
}

#[cfg(test)]
mod tests {
    use super::{DeliveryFunction, Settings};

    fn problems(name: &str, value: &str) -> Option<String> {
        let lookup = |asked: &str| match asked {
            "HANSHO_LINK_KEY" => Some("0123456789abcdef".repeat(4)),
            "HANSHO_PUBLIC_URL" => Some("https://oncall.example.com".to_owned()),
            "HANSHO_TABLE" | "HANSHO_DELIVERY_QUEUE_URL" | "AWS_REGION" | "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => {
                Some("set".to_owned())
            }
            asked => (asked == name).then(|| value.to_owned()),
        };
        let mut settings = Settings::new(&lookup);
        let _ = DeliveryFunction::from_settings(&mut settings);
        settings.finish().err().map(|problems| problems.to_string())
    }

    #[test]
    fn a_wrong_sender_of_text_messages_keeps_no_mail_from_going_out() {
        let wrong = [("ORIGINATION_NUMBER", "090-1234-5678"), ("SENDER_ID", "半鐘 on-call desk!"), ("MAX_PRICE_USD", "cheap")];
        for (name, value) in wrong {
            assert_eq!(problems(&format!("HANSHO_SMS_{name}"), value), None, "{name}: it starts");
        }
        let told = problems("HANSHO_EMAIL_FROM", "nobody").unwrap();
        assert!(told.contains("HANSHO_EMAIL_FROM: "), "{told}");
    }
}
