//! `POST /incidents`: an incident that somebody opens by hand, or by a tool of their own.
//!
//! The same `Idempotency-Key` again gives the same incident, resolved or not; with another body it is refused. The same `dedup_key` again is counted on the open
//! incident, as with any source. With neither, every request is an incident of its own.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use hansho_domain::{Actor, Alert, AlertId, DedupKey, Incident, IntegrationId, InvalidId, Labels, Priority, ServiceId, Severity, text};
use hansho_store::{KnownAlert, Received, StoreError};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{request_key::request_key, shape};
use crate::{Api, body, caller::Caller, input_id, problem::Problem};

/// The way in which manual incidents come in.
pub(super) const INTEGRATION: &str = "manual";
/// Longest title, in characters; the domain would cut a longer one.
pub(crate) const TITLE_CHARS_MAX: usize = 160;
/// How many services an error lists.
const LISTED_MAX: usize = 30;

const EXAMPLE: &str = r#"{"service": "checkout", "title": "customers can not pay"}"#;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct OpenRequest {
    service: ServiceId,
    title: String,
    severity: Option<Severity>,
    details: Option<String>,
    dedup_key: Option<DedupKey>,
    priority: Option<Priority>,
}

pub(super) async fn open(
    State(api): State<Arc<Api>>,
    Extension(Caller(caller)): Extension<Caller>,
    request: Request,
) -> Result<Response, Problem> {
    let key = request_key(request.headers())?.map(str::to_owned);
    let raw = body::read_text(request.into_body()).await?;
    let mut asked: OpenRequest = body::parse(&raw, EXAMPLE)?;
    asked.title = text::one_line(&asked.title);
    if !(1..=TITLE_CHARS_MAX).contains(&asked.title.chars().count()) {
        return Err(Problem::bad_request(format!("title must have 1 to {TITLE_CHARS_MAX} characters. Send JSON such as {EXAMPLE}.")));
    }
    check_service(&api, &asked.service).await?;
    let alert = alert(&asked, &caller, key.as_deref(), api.store.clock().now()).map_err(|error| Problem::bad_request(error.to_string()))?;
    let is_named_by_key = key.is_some() && asked.dedup_key.is_none();
    let (status, result, incident) = receive(&api, &asked.service, &alert, &raw, is_named_by_key).await?;
    if key.is_some() {
        api.store.remember_request(&alert, incident.id).await?;
    }
    tracing::info!(incident.id = %incident.id, caller, result, "an incident was asked for by hand");
    Ok(answer(status, result, &incident))
}

/// What became of a request for an incident.
pub(super) fn answer(status: StatusCode, result: &str, incident: &Incident) -> Response {
    (status, Json(json!({ "result": result, "incident": shape::incident(incident) }))).into_response()
}

async fn check_service(api: &Api, service: &ServiceId) -> Result<(), Problem> {
    let routes = api.store.routes().await?;
    if routes.knows(service) {
        return Ok(());
    }
    if routes.services.is_empty() {
        return Err(StoreError::Unconfigured { service: service.to_string() }.into());
    }
    let known: Vec<&str> = routes.services.iter().take(LISTED_MAX).map(|service| service.id.as_str()).collect();
    let message = format!("There is no service {service}. Use one of these: {}.", known.join(", "));
    Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, message))
}

/// The alert that opens it. Its id says which request it was, its dedup key which trouble it is about: where the client has not
/// said so, what the client calls the request.
fn alert(asked: &OpenRequest, caller: &str, key: Option<&str>, now: Timestamp) -> Result<Alert, InvalidId> {
    let body = json!(asked).to_string();
    let request = key.map_or_else(|| format!("{now} {body}"), str::to_owned);
    let id = AlertId::from_hash(input_id::hash(&["open", caller, &request, &body]));
    let named = || DedupKey::new(format!("request-{}", input_id::hash_text(&["open", caller, &request], 32)));
    let dedup_key = asked.dedup_key.clone().map_or_else(named, Ok)?;
    let opened_by = Actor::Token(caller.to_owned());
    Ok(Alert {
        // Whoever opens one by hand wants somebody now.
        severity: asked.severity.unwrap_or(Severity::Critical),
        priority: asked.priority,
        details: asked.details.clone().unwrap_or_default(),
        ..by_hand(id, dedup_key, asked.title.clone(), opened_by, now)?
    })
}

/// A critical alert that somebody raises by hand, on a page or through the API.
pub(crate) fn by_hand(id: AlertId, dedup_key: DedupKey, title: String, opened_by: Actor, now: Timestamp) -> Result<Alert, InvalidId> {
    Ok(Alert {
        id,
        integration: IntegrationId::new(INTEGRATION)?,
        dedup_key,
        occurred_at: now,
        severity: Severity::Critical,
        priority: None,
        title,
        details: String::new(),
        runbook: None,
        link: None,
        labels: Labels::new(),
        references: Vec::new(),
        held: None,
        pause: None,
        remark: None,
        opened_by: Some(opened_by),
    })
}

/// Takes in an alert by hand. The very same one again is the incident that it came to.
pub(super) async fn receive(
    api: &Api,
    service: &ServiceId,
    alert: &Alert,
    raw: &str,
    is_named_by_key: bool,
) -> Result<(StatusCode, &'static str, Incident), Problem> {
    let (status, result, id) = match api.store.known_alert(alert).await? {
        KnownAlert::Same(id) => (StatusCode::OK, "known", id),
        KnownAlert::Other(id) if is_named_by_key => {
            let message =
                format!("This Idempotency-Key was used for another request, which opened incident {id}. Use a new key for a new incident.");
            return Err(Problem::new(StatusCode::CONFLICT, message));
        }
        KnownAlert::Other(_) | KnownAlert::Unknown => match api.store.receive_alert(service, alert, raw).await? {
            Received::Opened(id) => (StatusCode::CREATED, "opened", id),
            Received::Repeated(id) | Received::Louder(id) | Received::Resolved(id) | Received::Cleared(id) => {
                (StatusCode::OK, "repeated", id)
            }
            Received::Remembered | Received::OutOfDate | Received::NothingOpen => {
                let message = "An incident with this dedup_key was resolved at this very moment. Send this again if it is not over.";
                return Err(Problem::new(StatusCode::CONFLICT, message));
            }
        },
    };
    let stored = api.store.incident(id).await?;
    stored.map(|stored| (status, result, stored.incident)).ok_or_else(|| super::no_such_incident(&id.to_string()))
}
