//! Channels: the ways a message reaches a person.
//!
//! A channel is one file here: [`Method::Sms`] is `sms.rs`, [`Method::Email`] is `email.rs`, [`Method::Webhook`] is
//! `webhook.rs`; what is no person's is a [`hansho_domain::Destination`]: a webhook, or a chat channel in `chat.rs`. Each says
//! how a page, a bundle and, to people, a notice read on it, and how one message is handed to its provider. [`render_page`],
//! [`render_bundle`] and [`render_notice`] make the words, [`Channels::send`] hands them over.
//!
//! What a provider answers is a value, [`SendOutcome`], never an error: accepted, worth another try, nobody knows, or
//! refused for good with a sentence for the timeline. Which answer is which stands in one place, `retryable.rs`, one table per provider.
//! Nothing is tried twice in here, the SDK's own retries are off: a retry is a new delayed message of the delivery
//! queue, so that every attempt is recorded. SNS and SES have no idempotency key, so where a provider accepts and the
//! answer is lost the next attempt is a second message: that is [`SendOutcome::Unknown`], and the delivery function makes
//! one such attempt at most. The webhook's receiver can tell by `X-Hansho-Delivery`.
//!
//! To add a channel:
//! 1. a variant of [`Method`] in the domain, and of [`Address`] here;
//! 2. a file with `page`, `bundle`, `notice` and `send`, and its templates under `templates/en` and `templates/ja`;
//! 3. its line in each of the four matches of `registry.rs` (the compiler names them);
//! 4. its table in `retryable.rs`, and its rows in `tests/channels/faults.rs` and `tests/channels/messages.rs`.
//!
//! Alert texts are hostile: `text.rs` takes control characters and direction overrides out of everything that is
//! shown, and templates named `.html` escape. Reasons and logs never hold a phone number, a mail address, a webhook's
//! path or a secret: [`Address`] shows itself masked.

mod address;
mod chat;
mod email;
mod notice;
mod own_words;
mod private_address;
mod registry;
mod render;
mod resolver;
mod retryable;
mod shift_change;
mod sms;
mod sms_sender;
mod text;
mod webhook;
mod when;
mod words;

pub use address::{Address, ChatAddress, EmailAddress, Endpoint, InvalidAddress, PhoneNumber, Secret};
pub use hansho_domain::{Language, Method, Templates};
pub use hansho_texts::{Alphabet, sms_parts, sms_units, spoken};
pub use notice::{NoticeFacts, NoticeText, ShiftFacts};
pub use registry::{
    Channels, Message, PROVIDER_TIMEOUT_SECONDS, SendOutcome, Settings, Thread, WEBHOOK_TIMEOUT_SECONDS, WebhookPolicy, render_bundle,
    render_bundle_to, render_notice, render_page, render_page_to,
};
pub use render::{BUNDLE_ITEMS_MAX, Bundle, IncidentFacts, Page, Rendered};
pub use shift_change::{ChangeFacts, SwapFacts};
pub use sms_sender::SmsSender;
pub use webhook::signature;
pub use words::{person, priority, reason, severity, urgency};
