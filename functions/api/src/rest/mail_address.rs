//! `GET /integrations/{id}/address`: where mail for an integration goes. `POST /integrations/{id}/address/rotate`: from now on it goes to
//! another address.

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    extract::{Path, Request, State, rejection::PathRejection},
    routing::{get, post},
};
use hansho_domain::{IntegrationId, IntegrationKind};
use hansho_runtime::Secrets;
use hansho_store::{MailAddress, OVERLAP_MAX};
use http::StatusCode;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::request_key::request_key;
use crate::{Api, body, caller::Caller, problem::Problem};

const EXAMPLE: &str = r#"{"overlap_seconds": 86400}, or {} for none"#;

/// What mail addresses of integrations are made of.
#[derive(Debug, Clone)]
pub struct MailAddresses {
    /// The key that their secret part is derived from.
    pub secrets: Secrets,
    /// The domain that mail is received for.
    pub domain: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RotateRequest {
    overlap_seconds: Option<u32>,
}

pub(super) fn router() -> Router<Arc<Api>> {
    Router::new().route("/integrations/{id}/address", get(show)).route("/integrations/{id}/address/rotate", post(rotate))
}

async fn show(State(api): State<Arc<Api>>, path: Result<Path<String>, PathRejection>) -> Result<Json<Value>, Problem> {
    let (id, addresses) = asked(&api, path).await?;
    let address = api.store.mail_address(&id).await?;
    Ok(Json(shape(&id, &address, addresses, &api)))
}

async fn rotate(
    State(api): State<Arc<Api>>,
    Extension(Caller(caller)): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Json<Value>, Problem> {
    let (id, addresses) = asked(&api, path).await?;
    // Without a key of the client's every request is a request of its own.
    let key = request_key(request.headers())?.map_or_else(|| api.store.clock().now().to_string(), str::to_owned);
    let raw = body::read_text(request.into_body()).await?;
    let asked: RotateRequest = body::parse(if raw.trim().is_empty() { "{}" } else { &raw }, EXAMPLE)?;
    let overlap = SignedDuration::from_secs(asked.overlap_seconds.unwrap_or(0).into());
    if overlap > OVERLAP_MAX {
        let days = OVERLAP_MAX.as_hours() / 24;
        return Err(Problem::bad_request(format!("overlap_seconds is more than {days} days. Send less, such as {EXAMPLE}.")));
    }
    let address = api.store.rotate_mail_address(&id, overlap, &key, &caller).await?;
    tracing::info!(integration = %id, "the mail address of an integration was changed");
    Ok(Json(shape(&id, &address, addresses, &api)))
}

/// The integration that is asked about, and what addresses are made of.
async fn asked(api: &Api, path: Result<Path<String>, PathRejection>) -> Result<(IntegrationId, &MailAddresses), Problem> {
    let Path(text) = path?;
    let none = || {
        let text: String = text.chars().take(40).collect();
        let message = format!("There is no integration {text:?} of the type email. Add it to `integrations:` of the configuration.");
        Problem::new(StatusCode::NOT_FOUND, message)
    };
    let id: IntegrationId = text.parse().map_err(|_| none())?;
    let integration = api.store.integration(&id).await?.ok_or_else(none)?;
    if !matches!(integration.spec().kind, IntegrationKind::Email(_)) {
        return Err(none());
    }
    let message =
        "This installation receives no mail. Set HANSHO_MAIL_DOMAIN to the domain that SES receives for, and the key that signs links.";
    let addresses = api.mail_addresses.as_ref().ok_or_else(|| Problem::new(StatusCode::CONFLICT, message))?;
    Ok((id, addresses))
}

fn shape(id: &IntegrationId, address: &MailAddress, made_of: &MailAddresses, api: &Api) -> Value {
    let now = api.store.clock().now();
    json!({
        "integration": id,
        "address": format!("{}@{}", address.local_part(&made_of.secrets, id), made_of.domain),
        "previous_until": address.previous_until.filter(|until| *until > now),
    })
}
