//! The registry: which file speaks for which method, and what all channels have in common.

use std::{sync::OnceLock, time::Duration};

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_types::timeout::TimeoutConfig;
use hansho_domain::{Destination, IncidentId, Language, Method, Recipient};
use jiff::Timestamp;

use crate::{
    Address, Bundle, EmailAddress, Page, Rendered, SmsSender, chat, email,
    notice::{NoticeContext, NoticeText},
    render::{BundleContext, PageContext},
    sms, webhook,
};

/// How long SNS or SES may take to answer, in seconds, whatever the client allows its other calls: giving up on a slow
/// acceptance means a second message. A function that sends must live longer, a lease longer still.
pub const PROVIDER_TIMEOUT_SECONDS: u32 = 10;
/// How much of that the connection may take. Until it stands nothing was sent, and trying again is safe.
const CONNECT_TIMEOUT_SECONDS: u32 = 3;
/// How long a webhook may take to answer, in seconds: its receiver can tell a repeat, so there is no harm in giving up early.
pub const WEBHOOK_TIMEOUT_SECONDS: u32 = 5;

/// How a page reads on a channel, in a language. Never fails: a page must go out.
pub fn render_page(method: Method, language: Language, page: &Page) -> Rendered {
    let context = PageContext::new(page, language);
    match method {
        Method::Sms => sms::page(language, context),
        Method::Email => email::page(language, &context),
        Method::Webhook => webhook::page(language, page, &context),
    }
}

/// How a bundle reads on a channel, in a language.
pub fn render_bundle(method: Method, language: Language, bundle: &Bundle) -> Rendered {
    let context = BundleContext::new(bundle, language);
    match method {
        Method::Sms => sms::bundle(language, context),
        Method::Email => email::bundle(language, &context),
        Method::Webhook => webhook::bundle(language, bundle, &context),
    }
}

/// How a notice reads on a channel, in a language.
pub fn render_notice(method: Method, language: Language, notice: &NoticeText) -> Rendered {
    let context = NoticeContext::new(notice, language);
    match method {
        Method::Sms => sms::notice(language, &context),
        Method::Email => email::notice(language, &context),
        Method::Webhook => webhook::notice(language, notice, &context),
    }
}

/// The same for whoever it goes to.
pub fn render_page_to(to: &Recipient, language: Language, page: &Page) -> Rendered {
    match to {
        Recipient::Person { method, .. } => render_page(*method, language, page),
        Recipient::Destination { destination: Destination::Webhook(_) } => render_page(Method::Webhook, language, page),
        Recipient::Destination { destination: Destination::Channel(_) } => chat::page(language, &PageContext::new(page, language)),
    }
}

/// The same for whoever it goes to.
pub fn render_bundle_to(to: &Recipient, language: Language, bundle: &Bundle) -> Rendered {
    match to {
        Recipient::Person { method, .. } => render_bundle(*method, language, bundle),
        Recipient::Destination { destination: Destination::Webhook(_) } => render_bundle(Method::Webhook, language, bundle),
        Recipient::Destination { destination: Destination::Channel(_) } => chat::bundle(language, &BundleContext::new(bundle, language)),
    }
}

/// What became of one attempt.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The provider took it. Not the same as delivered.
    Accepted {
        /// What the provider calls it; bounces and delivery reports name it again.
        provider_id: String,
    },
    /// Not now, perhaps later.
    Retry {
        /// A sentence for the timeline.
        reason: String,
        /// When the provider asks to be tried again, in seconds; at most 60.
        after_seconds: Option<u32>,
    },
    /// It was handed over and nobody answered: the provider may have taken it or not. Trying again is perhaps a second
    /// message. Webhooks never say so: their receivers can tell a repeat.
    Unknown {
        /// A sentence for the timeline.
        reason: String,
    },
    /// Never: the next method is due.
    Failed {
        /// A sentence for the timeline that says what to do about it.
        reason: String,
    },
}

impl SendOutcome {
    pub(crate) fn failed(reason: impl Into<String>) -> Self {
        Self::Failed { reason: reason.into() }
    }

    pub(crate) fn retry(reason: impl Into<String>) -> Self {
        Self::Retry { reason: reason.into(), after_seconds: None }
    }

    pub(crate) fn unknown(reason: impl Into<String>) -> Self {
        Self::Unknown { reason: reason.into() }
    }
}

/// What a message belongs to. Mails of one thread stand together in a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thread {
    /// One incident.
    Incident(IncidentId),
    /// A bundle, by its key.
    Bundle(String),
    /// A notice, by its id.
    Notice(String),
}

/// One message to one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where to.
    pub to: Address,
    /// The words, rendered for the same method.
    pub text: Rendered,
    /// The delivery's id: the same on every attempt, handed to providers that can tell a repeat by it.
    pub idempotency_key: String,
    /// What it belongs to.
    pub thread: Thread,
    /// The time of this attempt; signed, so that a receiver can refuse what is old.
    pub sent_at: Timestamp,
}

/// How this installation sends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// The sender of mails, an identity that SES has verified. Without it mails fail and say so.
    pub email_from: Option<EmailAddress>,
    /// Where answers to mails go, an address that SES receives for; to the sender otherwise.
    pub email_reply_to: Option<EmailAddress>,
    /// The SES configuration set, which is what bounces and complaints are reported by.
    pub ses_configuration_set: Option<String>,
    /// Whom text messages come from. Where that is wrong they fail and say so.
    pub sms_sender: SmsSender,
    /// What webhooks may reach.
    pub webhook: WebhookPolicy,
}

/// What webhooks may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WebhookPolicy {
    /// Allows http and addresses that are not on the public internet. For a laptop and for networks whose every
    /// address may be called by whoever may add a contact method.
    pub allow_private_addresses: bool,
}

/// Every channel, ready to send.
#[derive(Debug)]
pub struct Channels {
    sns: aws_sdk_sns::Client,
    sesv2: aws_sdk_sesv2::Client,
    webhook: OnceLock<SharedHttpConnector>,
    settings: Settings,
}

impl Channels {
    /// Channels over these clients. The connector for webhooks is made when the first one is sent: reading the system's
    /// certificates takes 5 ms, which is most of a cold start.
    pub fn new(sns: aws_sdk_sns::Client, sesv2: aws_sdk_sesv2::Client, settings: Settings) -> Self {
        Self { sns, sesv2, webhook: OnceLock::new(), settings }
    }

    /// The same with a connector of the caller's for webhooks. It is asked for what the policy allows, but where names
    /// resolve to is its own affair: it is meant for what does not leave the process.
    #[must_use]
    pub fn with_webhook_connector(self, connector: SharedHttpConnector) -> Self {
        Self { webhook: OnceLock::from(connector), ..self }
    }

    /// Whether answers to mails come back to Hansho.
    pub fn takes_answers(&self) -> bool {
        self.settings.email_reply_to.is_some()
    }

    /// Hands one message to the provider behind `method`, once. Whatever the provider answers is a value.
    pub async fn send(&self, method: Method, message: &Message) -> SendOutcome {
        let outcome = match method {
            Method::Sms => sms::send(&self.sns, &self.settings, message).await,
            Method::Email => email::send(&self.sesv2, &self.settings, message).await,
            Method::Webhook => webhook::send(self.webhook_connector(), self.settings.webhook, message).await,
        };
        log(method.as_str(), message, &outcome);
        outcome
    }

    /// Hands one message to whatever reaches `to`, once. Whatever it answers is a value.
    pub async fn send_to(&self, to: &Recipient, message: &Message) -> SendOutcome {
        match to {
            Recipient::Person { method, .. } => self.send(*method, message).await,
            Recipient::Destination { destination: Destination::Webhook(_) } => self.send(Method::Webhook, message).await,
            Recipient::Destination { destination: Destination::Channel(_) } => {
                let outcome = chat::send(self.webhook_connector(), self.settings.webhook, message).await;
                log("chat", message, &outcome);
                outcome
            }
        }
    }

    fn webhook_connector(&self) -> &SharedHttpConnector {
        self.webhook.get_or_init(|| crate::resolver::connector(self.settings.webhook))
    }
}

/// The time-outs of one attempt at SNS or SES.
pub(crate) fn provider_timeouts() -> TimeoutConfig {
    let answer = Duration::from_secs(PROVIDER_TIMEOUT_SECONDS.into());
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(CONNECT_TIMEOUT_SECONDS.into()))
        .operation_attempt_timeout(answer)
        .operation_timeout(answer)
        .build()
}

/// An address that belongs to another method: a mistake of ours, but no reason to lose the page.
pub(crate) fn misaddressed(meant_for: &str, to: &Address) -> SendOutcome {
    let carries = to.method().map_or("a chat channel", Method::as_str);
    SendOutcome::failed(format!("The message was meant for {meant_for} but carries an address for {carries}."))
}

fn log(method: &str, message: &Message, outcome: &SendOutcome) {
    let (to, delivery) = (&message.to, &message.idempotency_key);
    match outcome {
        SendOutcome::Accepted { provider_id } => {
            tracing::info!(delivery.id = delivery, provider.id = provider_id, "{method} to {to} was accepted");
        }
        SendOutcome::Retry { reason, after_seconds } => {
            tracing::warn!(delivery.id = delivery, after_seconds, "{method} to {to} is worth another try: {reason}");
        }
        SendOutcome::Unknown { reason } => {
            tracing::warn!(delivery.id = delivery, "{method} to {to} may have been accepted or not: {reason}");
        }
        SendOutcome::Failed { reason } => tracing::warn!(delivery.id = delivery, "{method} to {to} failed: {reason}"),
    }
}
