//! What topics of Amazon SNS send over HTTPS: alarms and whatever else AWS tells, the question whether a topic may, and that it stops.
//!
//! Who sends is known by the signature and by nothing else, so it is looked at before anything is done; a topic has to be one of the
//! integration's. SNS tries again after an answer of 5xx or 429 and takes any other 4xx for final (SNS developer guide, "Message
//! delivery retries"), so what could be an alarm is refused for good only when it is not of its topic.

mod answer;
mod certificate;
mod message;
mod raw;
mod signal;
mod stranger;
mod subscription;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Request, State, rejection::PathRejection},
    response::Response,
    routing::post,
};
use hansho_domain::{Integration, IntegrationId, IntegrationKind, Routes};
use hansho_intake::{Signal, Taken};
use hansho_runtime::{Downloads, telemetry};
use hansho_store::Received;
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};

use self::{
    answer::Refusal,
    certificate::Keys,
    message::{Asked, Message, Notification},
    stranger::Strangers,
};
use crate::Api;

/// Longest request, in bytes: a message of 256 KB (SNS quotas) whose every byte is escaped in JSON, and the rest of it.
const REQUEST_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Oldest notification that is taken in. SNS gives up after an hour (SNS developer guide, "Message delivery retries").
const AGE_MAX: SignedDuration = SignedDuration::from_hours(2);

/// What the way in remembers between messages.
#[derive(Debug, Default)]
pub(crate) struct Sns {
    /// How certificates are asked for, and subscriptions confirmed.
    pub(crate) downloads: Downloads,
    keys: Keys,
    strangers: Strangers,
}

/// The addresses that topics send to.
pub(crate) fn router() -> Router<Arc<Api>> {
    Router::new().route("/sns/{integration}", post(receive))
}

/// What a message would come to if it came in at `now` by an integration, without taking it in; whether its signature is right is not
/// looked at. `None`: it is no notification of SNS.
pub fn preview(text: &str, integration: &Integration, routes: &Routes, now: Timestamp) -> Option<Vec<(Signal, String)>> {
    let message = Message::read(text).ok()?;
    if message.asked != Asked::Notification {
        return None;
    }
    Some(signal::read(&message.notification, integration, routes, now).into_iter().map(|read| (read.signal, read.raw)).collect())
}

async fn receive(State(api): State<Arc<Api>>, path: Result<Path<String>, PathRejection>, request: Request) -> Response {
    let name = path.map(|Path(name)| name).unwrap_or_default();
    match Box::pin(take_in(&api, &name, request)).await {
        Ok(()) => answer::taken(),
        Err(refusal) => {
            let name: String = name.chars().take(60).collect();
            tracing::warn!(integration = name, reason = %refusal, "a message of SNS was not taken in");
            telemetry::print_metric(api.store.clock().now(), "SnsMessagesRefused", 1.0, "Count");
            answer::refused(&refusal)
        }
    }
}

/// When this returns `Ok`, what the message says is durable.
async fn take_in(api: &Api, name: &str, request: Request) -> Result<(), Refusal> {
    let integration = configured(api, name).await?;
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, REQUEST_BYTES_MAX).await.map_err(|_| Refusal::TooLarge)?;
    let text = String::from_utf8_lossy(&bytes);
    if raw::is_raw(&parts.headers) {
        let notification = raw::read(api, &integration, &parts, &text).await?;
        return notified(api, &integration, &notification).await;
    }
    let message = Message::read(&text)?;
    is_of_its_type(&parts.headers, &message)?;
    let is_listed = integration.spec().kind.topics().contains(&message.notification.topic);
    let now = api.store.clock().now();
    if !is_listed && !api.sns.strangers.admit(now) {
        return Err(Refusal::TooMany);
    }
    api.sns.keys.of(&message.signature.certificate, &api.sns.downloads, now).await?.verify(&message.signature)?;
    match (&message.asked, is_listed) {
        (Asked::Notification, true) => notified(api, &integration, &message.notification).await,
        (Asked::Confirmation { token }, true) => subscription::confirm(api, &integration, &message.notification, token).await,
        (Asked::Confirmation { .. }, false) => subscription::asked_by_stranger(api, &integration, &message.notification).await,
        (Asked::Ended, true) => subscription::ended(api, &integration, &message.notification).await,
        (Asked::Notification | Asked::Ended, false) => {
            subscription::sent_by_stranger(api, &integration, &message.notification).await?;
            Err(Refusal::Forged("its topic is none of the integration's topics"))
        }
    }
}

/// The integration of that name, which topics may send to.
async fn configured(api: &Api, name: &str) -> Result<Arc<Integration>, Refusal> {
    let id = IntegrationId::new(name).map_err(|_| Refusal::Unknown)?;
    let integration = api.store.integration(&id).await?.ok_or(Refusal::Unknown)?;
    match integration.spec().kind {
        IntegrationKind::Sns { .. } => Ok(integration),
        IntegrationKind::Events { .. } | IntegrationKind::Email(_) => Err(Refusal::Unknown),
    }
}

/// The header that says what the message is may be missing; it may not say something else than what was signed.
fn is_of_its_type(headers: &HeaderMap, message: &Message) -> Result<(), Refusal> {
    match headers.get("x-amz-sns-message-type") {
        Some(word) if word != message.asked.as_str() => Err(Refusal::Forged("its header names another type than its content")),
        Some(_) | None => Ok(()),
    }
}

async fn notified(api: &Api, integration: &Integration, notification: &Notification) -> Result<(), Refusal> {
    let now = api.store.clock().now();
    if notification.sent_at.is_some_and(|sent_at| now.duration_since(sent_at) > AGE_MAX) {
        let old = signal::too_old(integration, notification, now);
        let _taken = api.alarms.receive(old, &notification.raw()).await?;
        return Err(Refusal::Old);
    }
    let routes = api.store.routes().await?;
    for read in signal::read(notification, integration, &routes, now) {
        let taken = api.alarms.receive(read.signal, &read.raw).await?;
        tracing::info!(integration = %integration.id(), topic = %notification.topic, ?taken, "a message of SNS was taken in");
        // What nobody could read may be another trouble each time.
        if let (Some(alert), Taken::Received(Received::Repeated(incident))) = (read.unread, taken) {
            api.store.keep_payload(incident, alert, read.raw.as_str()).await?;
        }
    }
    Ok(())
}

/// A time of SNS, cut to what may be: one far ahead would outdo everything that comes later.
fn occurred_at(notification: &Notification, now: Timestamp) -> Timestamp {
    notification.sent_at.map_or(now, |sent_at| sent_at.min(now))
}
