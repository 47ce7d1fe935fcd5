//! The Events API that tools already speak: an alert, an acknowledgement, a resolution, a change, each under an integration key.
//!
//! What is answered with success is durable. What is refused with 400 under a key that is known is on the list of suppressed
//! alerts with its errors: its sender knows, and so does whoever looks for it here.

mod alert;
mod answer;
mod change;
mod ended;
mod event;
mod field;
mod limit;
mod preview;
mod reading;
mod request;
mod secret;
mod sender;
mod v1;
mod v2;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    response::Response,
    routing::post,
};
use hansho_domain::{AlertId, DedupKey, IntegrationId};
use hansho_intake::Signal;
use hansho_store::StoreError;
use serde_json::{Map, Value};

use self::{
    limit::Admission,
    reading::Reading,
    request::{EVENT_BYTES_MAX, Incoming, NoEvent},
    sender::Sender,
};
pub use answer::Way;
pub(crate) use limit::Limiter;
pub use preview::{Preview, preview};
pub(crate) use request::key_beside_body;

use crate::{Api, input_id};

/// The addresses that senders post to.
pub(crate) fn router() -> Router<Arc<Api>> {
    Router::new()
        .route("/v2/enqueue", post(v2))
        .route("/v2/change/enqueue", post(change))
        .route("/generic/2010-04-15/create_event.json", post(v1))
}

async fn v2(State(api): State<Arc<Api>>, request: Request) -> Response {
    take_in(api, Way::V2, request).await
}

async fn change(State(api): State<Arc<Api>>, request: Request) -> Response {
    take_in(api, Way::Change, request).await
}

async fn v1(State(api): State<Arc<Api>>, request: Request) -> Response {
    take_in(api, Way::V1, request).await
}

async fn take_in(api: Arc<Api>, way: Way, request: Request) -> Response {
    let key_field = way.key_field();
    let incoming = request::read(request, key_field).await;
    if incoming.secret.is_empty() {
        return match incoming.event {
            Err(NoEvent::TooLarge) => answer::too_large(EVENT_BYTES_MAX),
            Err(NoEvent::Unreadable(problem)) => answer::invalid(&[problem]),
            Err(NoEvent::OfOtherVersion) => answer::invalid(&[answer::of_other_version(way).to_owned()]),
            Ok(_) => answer::invalid(&[format!("'{key_field}' is missing or blank")]),
        };
    }
    Box::pin(taken(&api, way, incoming)).await.unwrap_or_else(|error| answer::failed(way, &error))
}

/// Whoever holds `secret` now. Of one who uses a key that has ended somebody hears.
async fn holder(api: &Api, secret: &str, event: Option<&Map<String, Value>>, raw: &str) -> Result<Option<Sender>, StoreError> {
    let Some(sender) = Sender::of(api, secret).await? else { return Ok(None) };
    if sender.key.is_valid_at(sender.at) {
        return Ok(Some(sender));
    }
    ended::note(api, &sender, secret, event, raw).await?;
    Ok(None)
}

/// The integration that `secret` opens now, for what comes by another way in than the Events API. `raw` is what came, without the key.
///
/// # Errors
/// DynamoDB does not answer.
pub(crate) async fn opened_by(api: &Api, secret: &str, raw: &str) -> Result<Option<IntegrationId>, StoreError> {
    Ok(holder(api, secret, None, raw).await?.map(|sender| sender.integration().clone()))
}

async fn taken(api: &Api, way: Way, incoming: Incoming) -> Result<Response, StoreError> {
    let Incoming { secret, event, raw } = incoming;
    let Some(sender) = holder(api, &secret, event.as_ref().ok(), &raw).await? else {
        let is_of_other_version = matches!(event, Err(NoEvent::OfOtherVersion));
        let problem = if is_of_other_version { answer::of_other_version(way) } else { "Invalid routing key" };
        return Ok(answer::invalid(&[problem.to_owned()]));
    };
    if let Admission::Refused { seconds_left, is_news } =
        api.limiter.admit(&api.store, &sender.key, sender.per_minute_max(), sender.at).await
    {
        if is_news {
            report_limit(api, &sender).await?;
        }
        return Ok(answer::too_many(way, sender.per_minute_max(), seconds_left));
    }
    match reading::read(way, &event, &raw, &sender).map_err(|error| unusable(&error))? {
        Reading::Change(change) => {
            api.store.record_change(&change).await?;
            Ok(answer::taken(way, ""))
        }
        Reading::Signal { signal, dedup_key } => {
            let taken = api.intake.receive(*signal, &raw).await?;
            tracing::info!(integration = %sender.integration(), key = sender.key.id, ?taken, "an event was taken in");
            Ok(answer::taken(way, &dedup_key))
        }
        // It is written down that it came: the same one again on the same day is counted.
        Reading::Refused { suppressed, errors } => {
            let taken = api.intake.receive(Signal::Suppressed(suppressed), &raw).await?;
            tracing::warn!(integration = %sender.integration(), key = sender.key.id, ?taken, "an event was refused");
            let is_too_large = matches!(event, Err(NoEvent::TooLarge));
            Ok(if is_too_large { answer::too_large(EVENT_BYTES_MAX) } else { answer::invalid(&errors) })
        }
    }
}

/// Opens an incident about the limit: many senders never send again what was refused.
async fn report_limit(api: &Api, sender: &Sender) -> Result<(), StoreError> {
    let (integration, most) = (sender.integration(), sender.per_minute_max());
    let id = AlertId::from_hash(input_id::hash(&["rate-limit", integration.as_str(), &sender.key.id, &sender.serial]));
    let alert = alert::of_hansho(
        id,
        DedupKey::new(format!("rate-limit/{integration}")).map_err(|error| unusable(&error))?,
        format!("Integration {integration} sends more than {most} events a minute; the others are refused (受信上限を超過)"),
        format!(
            "Key {} takes {most} events a minute, and more came in. What is refused with 429 is lost unless its sender sends it again.\n\
             Look for what sends so much, or raise `events_per_minute` of the integration.\n\
             1分あたりの上限を超えたイベントは 429 で拒否されます。送信元を確認するか、events_per_minute を増やしてください。",
            sender.key.id
        ),
        sender,
    );
    let raw = alert.details.clone();
    let taken = api.intake.receive_own(&sender.service(), &alert, &raw).await?;
    api.limiter.reported(&sender.key, sender.at);
    tracing::warn!(%integration, key = sender.key.id, most, ?taken, "an integration key is at its limit");
    Ok(())
}

/// A key that is made here and can not be one; its form is known, so this is never seen.
fn unusable(error: &hansho_domain::InvalidId) -> StoreError {
    StoreError::Unreadable { key: "dedup key".to_owned(), message: error.to_string() }
}
