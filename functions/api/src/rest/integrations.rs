//! `/integrations`: the ways in that the configuration has, and the keys that open them. A key is told once, when it is made.

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use hansho_domain::{Integration, IntegrationId, ListedIntegration};
use hansho_store::{INTEGRATION_KEYS_MAX, IntegrationKey, KeyMade, StoreError};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Api, body, caller::Caller, input_id, problem::Problem};

/// The kinds of integration that have keys; of `sns`, those whose topics have raw message delivery need one.
const WITH_KEYS: [&str; 2] = ["events", "sns"];
/// Longest time for which a key goes on beside the one that takes its place, in seconds: 90 days.
const OVERLAP_SECONDS_MAX: u32 = 90 * 86_400;
const ROTATE_EXAMPLE: &str = r#"{"overlap_seconds": 86400}"#;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RotateRequest {
    overlap_seconds: u32,
    /// The key whose place is taken; all of the integration otherwise.
    key: Option<String>,
}

pub(super) fn router() -> Router<Arc<Api>> {
    Router::new()
        .route("/integrations", get(list))
        .route("/integrations/{id}", get(show))
        .route("/integrations/{id}/keys", get(keys).post(make))
        .route("/integrations/{id}/keys/rotate", post(rotate))
        .route("/integrations/{id}/keys/{key}", delete(revoke))
}

async fn list(State(api): State<Arc<Api>>) -> Result<Json<Value>, Problem> {
    let directory = api.store.directory().await?;
    let shape =
        |listed: &ListedIntegration| json!({ "id": listed.id, "name": listed.name, "type": listed.kind, "service": listed.service });
    Ok(Json(json!({ "integrations": directory.integrations.iter().map(shape).collect::<Vec<_>>() })))
}

/// An integration as the configuration has it; there is no secret in it.
async fn show(State(api): State<Arc<Api>>, path: Result<Path<String>, PathRejection>) -> Result<Json<Integration>, Problem> {
    let Path(id) = path?;
    let id = named(&id)?;
    listed(&api, &id).await?;
    let found = api.store.integration(&id).await?;
    let unreadable = || Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "It is stored in a form that can not be read. Apply it again.");
    found.map(|integration| Json(Integration::clone(&integration))).ok_or_else(unreadable)
}

async fn keys(State(api): State<Arc<Api>>, path: Result<Path<String>, PathRejection>) -> Result<Json<Value>, Problem> {
    let Path(id) = path?;
    let id = named(&id)?;
    let found = api.store.integration_keys(&id).await?;
    // An integration that the configuration does not have any more may have keys.
    if found.is_empty() {
        listed(&api, &id).await?;
    }
    let now = api.store.clock().now();
    Ok(Json(json!({ "keys": found.iter().map(|key| shape(key, now)).collect::<Vec<_>>() })))
}

async fn make(
    State(api): State<Arc<Api>>,
    Extension(Caller(caller)): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let Path(id) = path?;
    let id = named(&id)?;
    with_keys(&api, &id).await?;
    create(&api, id, caller, &[], SignedDuration::ZERO).await
}

async fn rotate(
    State(api): State<Arc<Api>>,
    Extension(Caller(caller)): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Path(id) = path?;
    let id = named(&id)?;
    let asked: RotateRequest = body::parse(&body::read_text(request.into_body()).await?, ROTATE_EXAMPLE)?;
    if asked.overlap_seconds > OVERLAP_SECONDS_MAX {
        return Err(Problem::bad_request(format!("overlap_seconds must be 0 to {OVERLAP_SECONDS_MAX} (90 days).")));
    }
    with_keys(&api, &id).await?;
    let now = api.store.clock().now();
    let mut replaced = api.store.integration_keys(&id).await?;
    replaced.retain(|key| key.is_valid_at(now) && asked.key.as_ref().is_none_or(|wanted| *wanted == key.id));
    if replaced.is_empty() {
        let message = match asked.key {
            Some(_) => format!("Integration {id} has no such key that still opens it. GET /integrations/{id}/keys lists them."),
            None => format!("Integration {id} has no key yet. POST /integrations/{id}/keys makes one."),
        };
        return Err(Problem::new(StatusCode::NOT_FOUND, message));
    }
    create(&api, id, caller, &replaced, SignedDuration::from_secs(asked.overlap_seconds.into())).await
}

async fn create(
    api: &Api,
    id: IntegrationId,
    caller: String,
    replaced: &[IntegrationKey],
    overlap: SignedDuration,
) -> Result<Response, Problem> {
    let now = api.store.clock().now();
    let made = make_key(api, id, caller, replaced, overlap).await?.map_err(|error| {
        tracing::error!(%error, "the system gives no randomness");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "No secret can be made at the moment. Send this again.")
    })?;
    let MadeKey { secret, key, made } = made;
    match made {
        KeyMade::Made { ending } => {
            let ending: Vec<Value> = ending.iter().map(|key| shape(key, now)).collect();
            // The only time that the secret is told.
            let body = json!({ "integration_key": secret, "key": shape(&key, now), "ending": ending });
            Ok((StatusCode::CREATED, Json(body)).into_response())
        }
        KeyMade::TooMany => {
            let message =
                format!("There are {INTEGRATION_KEYS_MAX} keys already, which is the most. Revoke one that nobody uses any more.");
            Err(Problem::new(StatusCode::CONFLICT, message))
        }
        KeyMade::Overtaken => Err(Problem::new(StatusCode::CONFLICT, "Somebody else changed the keys at this moment. Send this again.")),
    }
}

/// A key as it was asked for, and what became of it.
pub(crate) struct MadeKey {
    /// What opens by it; nobody can look it up later.
    pub(crate) secret: String,
    pub(crate) key: IntegrationKey,
    pub(crate) made: KeyMade,
}

/// Makes a key of an integration; the `replaced` ones go on for as long as `overlap`. The inner error: the system gives no randomness.
pub(crate) async fn make_key(
    api: &Api,
    id: IntegrationId,
    by: String,
    replaced: &[IntegrationKey],
    overlap: SignedDuration,
) -> Result<std::io::Result<MadeKey>, StoreError> {
    let secret = match hansho_runtime::secrets::random_key() {
        Ok(secret) => secret,
        Err(error) => return Ok(Err(error)),
    };
    let now = api.store.clock().now();
    let key_id = input_id::hash_text(&["integration-key", &secret], 12);
    let key = IntegrationKey { id: key_id, integration: id, made_by: by, created_at: now, ends_at: None, is_revoked: false };
    let ends_at = now.saturating_add(overlap).unwrap_or(Timestamp::MAX);
    let made = api.store.make_integration_key(&secret, &key, replaced, ends_at).await?;
    if matches!(made, KeyMade::Made { .. }) {
        tracing::info!(integration = %key.integration, key = key.id, by = key.made_by, "an integration key was made");
    }
    Ok(Ok(MadeKey { secret, key, made }))
}

/// Whether integrations of this kind have keys.
pub(crate) fn has_keys(kind: &str) -> bool {
    WITH_KEYS.contains(&kind)
}

async fn revoke(
    State(api): State<Arc<Api>>,
    Extension(Caller(caller)): Extension<Caller>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<Value>, Problem> {
    let Path((id, key)) = path?;
    let id = named(&id)?;
    if api.store.revoke_integration_key(&id, &key, &caller).await? {
        tracing::info!(integration = %id, key, by = caller, "an integration key was revoked");
        return Ok(Json(json!({ "result": "revoked" })));
    }
    Err(Problem::new(StatusCode::NOT_FOUND, format!("Integration {id} has no such key. GET /integrations/{id}/keys lists them.")))
}

fn named(id: &str) -> Result<IntegrationId, Problem> {
    IntegrationId::new(id).map_err(|error| Problem::new(StatusCode::NOT_FOUND, super::sentence(&format!("{error}."))))
}

async fn listed(api: &Api, id: &IntegrationId) -> Result<ListedIntegration, Problem> {
    let directory = api.store.directory().await?;
    directory.integration(id).cloned().map_err(|problem| Problem::new(StatusCode::NOT_FOUND, super::sentence(&format!("{problem}."))))
}

/// An integration of the configuration that has keys.
async fn with_keys(api: &Api, id: &IntegrationId) -> Result<(), Problem> {
    let listed = listed(api, id).await?;
    if has_keys(&listed.kind) {
        return Ok(());
    }
    let message =
        format!("Integration {id} is of the type {}, which has no keys; those of the types {} have.", listed.kind, WITH_KEYS.join(" and "));
    Err(Problem::new(StatusCode::CONFLICT, message))
}

fn shape(key: &IntegrationKey, now: Timestamp) -> Value {
    json!({
        "id": key.id,
        "integration": key.integration,
        "made_by": key.made_by,
        "created_at": key.created_at,
        "ends_at": key.ends_at,
        "is_valid": key.is_valid_at(now),
    })
}
