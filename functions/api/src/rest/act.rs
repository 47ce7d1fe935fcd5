//! `POST /incidents/{id}/{action}`: what a token asks of an incident, for itself or for a person.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use hansho_domain::{Actor, Ignored, Incident, IncidentId, Input, UserId};
use hansho_store::{Applied, StoreError};
use http::StatusCode;
use serde_json::{Value, json};

use super::{
    command::{Asked, asked},
    no_such_incident,
    request_key::request_key,
    sentence, shape,
};
use crate::{Api, body, caller::Caller, input_id, problem::Problem};

pub(super) async fn act(
    State(api): State<Arc<Api>>,
    Extension(Caller(caller)): Extension<Caller>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Path((id, action)) = path?;
    let now = api.store.clock().now();
    let key = request_key(request.headers())?.map(str::to_owned);
    let body = body::read_text(request.into_body()).await?;
    let Asked { command, user } = asked(&action, &body)?;
    let actor = match user {
        Some(user) => Actor::User(known(&api, user).await?),
        None => Actor::Token(caller.clone()),
    };
    let incident: IncidentId = id.parse().map_err(|_| no_such_incident(&id))?;
    // Without a key of the client's every request is a request of its own.
    let key = key.unwrap_or_else(|| format!("{now} {body}"));
    // What was understood, not how it was written: a client may put its JSON another way when it asks again.
    let content = json!([actor, command]).to_string();
    let input = Input { id: input_id::of_request(&caller, &action, &key, &content), actor, command };
    let applied = apply(&api, incident, &input).await?;
    tracing::info!(incident.id = %incident, action, caller, "a token acted on an incident");
    answer(applied, &id)
}

/// The person, if there is one of that name.
async fn known(api: &Api, user: UserId) -> Result<UserId, Problem> {
    match api.store.profile(&user).await {
        // A profile that can not be read is somebody's: they can not be called, but they can act.
        Ok(Some(_)) | Err(StoreError::Unreadable { .. }) => Ok(user),
        Err(error) => Err(error.into()),
        Ok(None) => Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("There is no user {user}. Name somebody whom the configuration knows, or leave \"user\" out."),
        )),
    }
}

async fn apply(api: &Api, incident: IncidentId, input: &Input) -> Result<Applied, Problem> {
    match api.store.apply(incident, input).await {
        Err(StoreError::UnreadableIncident { incident, message }) => {
            // Somebody works on what can not be read: the people of last resort have to know.
            let _reported = api.store.report_unreadable(incident, &message).await?;
            Err(StoreError::UnreadableIncident { incident, message }.into())
        }
        other => Ok(other?),
    }
}

fn answer(applied: Applied, id: &str) -> Result<Response, Problem> {
    match applied {
        Applied::Changed(incident) => Ok(Json(outcome("changed", None, &incident)).into_response()),
        Applied::Ignored(why, incident) => Ok(Json(outcome("ignored", Some(ignored(why)), &incident)).into_response()),
        Applied::Rejected(why, incident) => {
            let why = format!("{}.", sentence(&why.to_string()));
            let mut body = outcome("rejected", Some(&why), &incident);
            body["error"] = json!({ "message": why });
            Ok((StatusCode::CONFLICT, Json(body)).into_response())
        }
        Applied::Unknown => Err(no_such_incident(id)),
    }
}

fn outcome(result: &str, why: Option<&str>, incident: &Incident) -> Value {
    json!({ "result": result, "why": why, "incident": shape::incident(incident) })
}

fn ignored(why: Ignored) -> &'static str {
    match why {
        Ignored::AlreadyApplied => "This very request has been applied before.",
        Ignored::AlreadyAcknowledged => "They have it already.",
        Ignored::AlreadyResolved => "It is resolved already.",
        Ignored::AlreadyAnswered => "They have answered already.",
        Ignored::Unchanged => "It is so already.",
        Ignored::StaleTimer | Ignored::EarlyTimer(_) | Ignored::NoLongerNeeded => "It is no longer needed.",
    }
}
