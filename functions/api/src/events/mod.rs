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
use tokio::runtime::Handle;

use self::{
    answer::Way,
    event::{Action, Event, Trigger},
    limit::Admission,
    request::{EVENT_BYTES_MAX, Incoming, NoEvent},
    sender::Sender,
};
pub(crate) use limit::Limiter;
pub(crate) use request::key_beside_body;

use crate::{Api, input_id};

/// Most errors of one event that are told.
const ERRORS_MAX: usize = 20;

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
    let key_field = if way == Way::V1 { "service_key" } else { "routing_key" };
    let incoming = request::read(request, key_field).await;
    if incoming.secret.is_empty() {
        return match incoming.event {
            Err(NoEvent::TooLarge) => answer::too_large(EVENT_BYTES_MAX),
            Err(NoEvent::Unreadable(problem)) => answer::invalid(&[problem]),
            Ok(_) => answer::invalid(&[format!("'{key_field}' is missing or blank")]),
        };
    }
    // A sender that hangs up does not stop it half-way: what others wait for with it would not be known to be done.
    let taking = async move { Box::pin(taken(&api, way, incoming)).await.unwrap_or_else(|error| answer::failed(way, &error)) };
    let Ok(runtime) = Handle::try_current() else { return taking.await };
    runtime.spawn(taking).await.unwrap_or_else(|error| {
        let message = error.to_string();
        answer::failed(way, &StoreError::Unavailable { operation: "take in an event", message })
    })
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
        return Ok(answer::invalid(&["Invalid routing key".to_owned()]));
    };
    if let Admission::Refused { seconds_left, is_news } =
        api.limiter.admit(&api.store, &sender.key, sender.per_minute_max(), sender.at).await
    {
        if is_news {
            report_limit(api, &sender).await?;
        }
        return Ok(answer::too_many(way, sender.per_minute_max(), seconds_left));
    }
    let event = match event {
        Ok(event) => event,
        Err(NoEvent::Unreadable(problem)) => {
            record_refused(api, &sender, std::slice::from_ref(&problem), &raw).await?;
            return Ok(answer::invalid(&[problem]));
        }
        Err(NoEvent::TooLarge) => {
            record_refused(api, &sender, &[answer::too_long(EVENT_BYTES_MAX)], &raw).await?;
            return Ok(answer::too_large(EVENT_BYTES_MAX));
        }
    };
    let read = match way {
        Way::Change => match change::read(&event, &sender) {
            Ok(change) => {
                api.store.record_change(&change).await?;
                return Ok(answer::taken(way, ""));
            }
            Err(errors) => Err(errors),
        },
        Way::V2 => v2::read(&event),
        Way::V1 => v1::read(&event),
    };
    match read {
        Ok(read) => act(api, way, &sender, read, &event, &raw).await,
        Err(mut errors) => {
            errors.truncate(ERRORS_MAX);
            record_refused(api, &sender, &errors, &raw).await?;
            Ok(answer::invalid(&errors))
        }
    }
}

/// Does what the event asks for.
async fn act(api: &Api, way: Way, sender: &Sender, event: Event, fields: &Map<String, Value>, raw: &str) -> Result<Response, StoreError> {
    let named = event.dedup_key.unwrap_or_else(|| event::generated_key(sender.integration().as_str(), fields));
    let dedup_key = event::dedup_key(&named).map_err(|error| unusable(&error))?;
    let id = AlertId::from_hash(input_id::hash(&["event", sender.integration().as_str(), &named, &sender.serial]));
    let signal = match &event.action {
        Action::Trigger(trigger) => Signal::Alert {
            service: sender.service(),
            alert: Box::new(alert::alert(trigger, id, dedup_key.clone(), sender)),
            event: source_of(Some(trigger)),
        },
        Action::Acknowledge(said) => {
            let reason = "acknowledged by its source: no incident with its dedup key is open";
            let suppressed = Box::new(alert::suppressed(id, dedup_key.clone(), "acknowledged", reason, sender));
            let subject = Box::new(alert::subject(said.as_deref(), id, dedup_key, sender));
            Signal::Acknowledge { suppressed, subject, event: source_of(said.as_deref()) }
        }
        Action::Resolve(said) => Signal::Clear {
            subject: Box::new(alert::subject(said.as_deref(), id, dedup_key.clone(), sender)),
            clear: Box::new(alert::clear(id, dedup_key, sender)),
            event: source_of(said.as_deref()),
        },
    };
    let taken = api.intake.receive(signal, raw).await?;
    tracing::info!(integration = %sender.integration(), key = sender.key.id, ?taken, "an event was taken in");
    Ok(answer::taken(way, &named))
}

/// What rules see of an event besides what it is about.
fn source_of(said: Option<&Trigger>) -> Box<hansho_intake::Event> {
    said.map(|said| Box::new(hansho_intake::Event::from_source(said.source()))).unwrap_or_default()
}

/// Writes down that an event came which can not be used: the same one again on the same day is counted.
async fn record_refused(api: &Api, sender: &Sender, errors: &[String], raw: &str) -> Result<(), StoreError> {
    let reason = format!("refused: {}", errors.join("; "));
    let id = input_id::hash_text(&["refused", sender.integration().as_str(), raw], 32);
    let key = DedupKey::new(format!("refused/{id}")).map_err(|error| unusable(&error))?;
    let id = AlertId::from_hash(input_id::hash(&["refused", sender.integration().as_str(), raw]));
    let suppressed = alert::suppressed(id, key, "event that can not be used", &reason, sender);
    let taken = api.intake.receive(Signal::Suppressed(Box::new(suppressed)), raw).await?;
    tracing::warn!(integration = %sender.integration(), key = sender.key.id, ?taken, "an event was refused");
    Ok(())
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
    let taken = api.intake.receive(Signal::alert(sender.service(), alert), &raw).await?;
    api.limiter.reported(&sender.key, sender.at);
    tracing::warn!(%integration, key = sender.key.id, most, ?taken, "an integration key is at its limit");
    Ok(())
}

/// A key that is made here and can not be one; its form is known, so this is never seen.
fn unusable(error: &hansho_domain::InvalidId) -> StoreError {
    StoreError::Unreadable { key: "dedup key".to_owned(), message: error.to_string() }
}
