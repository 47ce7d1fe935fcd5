//! Everything that comes over HTTP: the pages that links open, the JSON that tools use, and the events that they send.
//!
//! - **Wakes it:** a request to the HTTP API or the function URL (payload format 2.0); on one machine, a request to the local server.
//! - **Delivery:** at most once by itself; people tap twice and clients repeat, so every input has an id: a form's nonce or the
//!   client's `Idempotency-Key`; a repeated event has the same dedup key. GET changes nothing, because mail and chat scanners follow links.
//! - **Durable when it returns:** with an answer below 400, what was asked for, with everything that follows from it.
//! - **If it dies half-way:** nothing was done, or all of it and only the answer is lost; the same request again is safe.

mod app;
mod asset;
mod body;
mod boundary;
mod calendar;
mod caller;
mod event;
mod events;
mod health;
mod input_id;
mod language;
mod link;
mod nowhere;
pub mod page;
mod passkey;
mod problem;
mod rest;
mod sender;
mod sns;
mod words;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{Router, middleware, routing::get};
use hansho_intake::Intake;
use hansho_runtime::{Answer, Downloads};
use hansho_store::Store;
use serde_json::Value;

pub use events::{Preview as EventPreview, Way as EventWay, preview as preview_event};
pub use rest::MailAddresses;
pub use sender::Sender;
pub use sns::preview as preview_sns;

/// The function.
#[derive(Debug)]
pub struct Api {
    /// The table.
    pub store: Arc<Store>,
    /// What mail addresses are made of; without it there are none.
    mail_addresses: Option<MailAddresses>,
    /// From where messages come.
    sender: Sender,
    /// The way in for events.
    intake: Intake,
    /// The way in for what has a clock of its own: alarms.
    alarms: Intake,
    /// Whose passkeys sign in; without it there are none.
    relying_party: Option<passkey::RelyingParty>,
    /// What is known of SNS.
    sns: sns::Sns,
    /// How many events each key took in this minute.
    limiter: events::Limiter,
    /// How many events came in.
    serial: AtomicU64,
}

impl Api {
    /// The function over a store.
    pub fn new(store: Arc<Store>) -> Self {
        let alarms = Intake::new(Arc::clone(&store));
        let intake = alarms.clone().by_arrival();
        Self {
            store,
            mail_addresses: None,
            sender: Sender::default(),
            relying_party: None,
            intake,
            alarms,
            sns: sns::Sns::default(),
            limiter: events::Limiter::default(),
            serial: AtomicU64::new(0),
        }
    }

    /// The same where mail is received.
    #[must_use]
    pub fn with_mail_addresses(self, mail_addresses: Option<MailAddresses>) -> Self {
        Self { mail_addresses, ..self }
    }

    /// The same where it is known from where messages come.
    #[must_use]
    pub fn with_sender(self, sender: Sender) -> Self {
        Self { sender, ..self }
    }

    /// The same that people reach at `public_url`: passkeys belong to its host, and to no other.
    #[must_use]
    pub fn with_public_url(self, public_url: &str) -> Self {
        let relying_party = passkey::RelyingParty::of(public_url);
        if relying_party.is_none() {
            tracing::warn!("HANSHO_PUBLIC_URL is no https address with a name, so there are no passkeys");
        }
        Self { relying_party, ..self }
    }

    /// The same that asks for certificates of SNS, and confirms subscriptions, by a way of the caller's.
    #[must_use]
    pub fn with_downloads(mut self, downloads: Downloads) -> Self {
        self.sns.downloads = downloads;
        self
    }

    /// Tells an event from all others that come into the function.
    fn next_serial(&self) -> String {
        format!("{}/{}", self.store.caller(), self.serial.fetch_add(1, Ordering::Relaxed))
    }

    /// Answers one event of an HTTP API or a function URL (payload format 2.0) as they expect it.
    ///
    /// # Errors
    /// The event is not one of these. Whatever else goes wrong is an answer with a status.
    pub async fn handle(self: &Arc<Self>, event: Value) -> Answer {
        event::answer(router(Arc::clone(self)), &event).await
    }
}

/// Every address there is. What it does not know it answers itself, so a server with addresses of its own has it as its fallback.
pub fn router(api: Arc<Api>) -> Router {
    Router::new()
        .route("/health", get(health::health))
        .merge(asset::router())
        .merge(link::router())
        .merge(app::router())
        .merge(events::router())
        .merge(sns::router())
        .merge(calendar::router())
        .merge(rest::router(&api))
        .fallback(nowhere::not_found)
        .method_not_allowed_fallback(nowhere::wrong_method)
        .layer(middleware::from_fn_with_state(Arc::clone(&api), boundary::boundary))
        .with_state(api)
}
