//! `GET /users`: who can be called, and by what they were proven to be reached. `POST /users/{id}/verify`: ask them for proof.
//! Addresses are nobody's business and stay out.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use hansho_domain::{Method, UserId};
use hansho_store::{Asked, ContactProof, Invited, Profile, StoreError};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::request_key::request_key;
use crate::{Api, body, caller::Caller, problem::Problem};

const EXAMPLE: &str = r#"{"method": "sms"}, or {} for every method"#;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VerifyRequest {
    method: Option<Method>,
}

pub(super) async fn list(State(api): State<Arc<Api>>) -> Result<Json<Value>, Problem> {
    let mut users = Vec::new();
    for user in api.store.people().await? {
        // One profile that can not be read does not hide the others.
        let profile = match api.store.profile(&user).await {
            Ok(profile) => profile,
            Err(StoreError::Unreadable { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let contacts = match &profile {
            Some(profile) => contacts(&api, profile).await?,
            None => Vec::new(),
        };
        users.push(json!({ "id": user, "name": profile.as_ref().map(|profile| profile.user.name()), "contacts": contacts }));
    }
    Ok(Json(json!({ "users": users })))
}

async fn contacts(api: &Api, profile: &Profile) -> Result<Vec<Value>, Problem> {
    let proofs = api.store.contact_proofs(profile.user.id(), &profile.contact).await?;
    Ok(proofs.iter().map(|(method, proof)| contact(*method, proof)).collect())
}

/// What is known of one address.
pub(super) fn contact(method: Method, proof: &ContactProof) -> Value {
    json!({
        "method": method,
        "verified_at": proof.verified_at,
        "proven_at": proof.proven_at,
        "proven_by": proof.proven_by,
    })
}

pub(super) async fn verify(
    State(api): State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Path(id) = path?;
    let key = request_of(&api, request.headers())?;
    let raw = body::read_text(request.into_body()).await?;
    let asked: VerifyRequest = body::parse(if raw.trim().is_empty() { "{}" } else { &raw }, EXAMPLE)?;
    let user: UserId = id.parse().map_err(|_| no_such_user(&id))?;
    let methods: Vec<Method> = asked.method.map_or_else(|| Method::ALL.to_vec(), |method| vec![method]);
    let mut results = Vec::new();
    for method in methods {
        match api.store.ask_for_proof(&user, method, &key).await? {
            Asked::UnknownUser => return Err(no_such_user(&id)),
            Asked::NoAddress if asked.method.is_some() => {
                let message = format!("{user} has no {}. Add it to the configuration, or ask by another method.", method.as_str());
                return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, message));
            }
            Asked::NoAddress => {}
            Asked::Sent(notice) => results.push(json!({ "method": method, "result": "sent", "notice": notice })),
            Asked::Known(notice) => results.push(json!({ "method": method, "result": "known", "notice": notice })),
            Asked::TooOften { again_at } => {
                results.push(json!({ "method": method, "result": "too_often", "again_at": again_at }));
            }
        }
    }
    answer(&user, results)
}

/// `POST /users/{id}/invite`: sends them a mail whose link signs in, once. What invited them before works no more.
pub(super) async fn invite(
    State(api): State<Arc<Api>>,
    Extension(Caller(caller)): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let Path(id) = path?;
    let user: UserId = id.parse().map_err(|_| no_such_user(&id))?;
    let too_many = |message: String| Problem::new(StatusCode::TOO_MANY_REQUESTS, message).with_header(header::RETRY_AFTER, "60");
    match api.store.invite(&user, None, &format!("token/{caller}")).await? {
        Invited::Sent(invitation) => {
            tracing::info!(user.id = %user, caller, "somebody was invited");
            let answer = json!({ "user": user, "result": "sent", "notice": invitation.notice, "until": invitation.until });
            Ok((StatusCode::ACCEPTED, Json(answer)).into_response())
        }
        Invited::TooOften { again_at } => {
            Err(too_many(format!("{user} was invited too often of late. Invite them again after {again_at}.")))
        }
        Invited::TooManyToday => {
            Err(too_many("As many invitations were sent today as may be. Invite the others tomorrow (UTC).".to_owned()))
        }
        Invited::UnknownUser => Err(no_such_user(&id)),
        Invited::NoAddress => {
            let message = format!("{user} has no mail address. Add `email:` to the configuration, apply it, and invite them then.");
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, message))
        }
    }
}

/// `POST /users/{id}/sign-out`: ends every session of theirs, wherever they are signed in, and an invitation that they have not used, and
/// removes their passkeys: a device that is lost must not sign in again. Also of somebody who has left.
pub(super) async fn sign_out(
    State(api): State<Arc<Api>>,
    Extension(Caller(caller)): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<Value>, Problem> {
    let Path(id) = path?;
    let user: UserId = id.parse().map_err(|_| no_such_user(&id))?;
    let was_invited = api.store.end_invitation(&user).await?;
    // The sessions last: what ends before them can not begin another.
    let passkeys = api.store.remove_passkeys(&user, &caller).await?;
    let ended = api.store.end_sessions(&user, None, &caller).await?;
    if ended == 0 && passkeys == 0 && !was_invited && !api.store.directory().await?.users.contains_key(&user) {
        return Err(no_such_user(&id));
    }
    tracing::info!(user.id = %user, ended, passkeys, "somebody was signed out everywhere");
    Ok(Json(json!({ "user": user, "ended": ended, "passkeys_removed": passkeys })))
}

/// The name of this request; without one of the client's every request is a request of its own.
fn request_of(api: &Api, headers: &HeaderMap) -> Result<String, Problem> {
    Ok(request_key(headers)?.map_or_else(|| api.store.clock().now().to_string(), str::to_owned))
}

fn answer(user: &UserId, results: Vec<Value>) -> Result<Response, Problem> {
    let is_too_often = |result: &Value| result["result"] == "too_often";
    if !results.is_empty() && results.iter().all(is_too_often) {
        let again_at = results.iter().filter_map(|result| result["again_at"].as_str()).min().unwrap_or_default();
        let message =
            format!("{user} was asked too often of late. Ask again after {again_at}, or let them look for the messages they have.");
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, message).with_header(header::RETRY_AFTER, "60"));
    }
    Ok((StatusCode::ACCEPTED, Json(json!({ "user": user, "results": results }))).into_response())
}

pub(super) fn no_such_user(id: &str) -> Problem {
    let id: String = id.chars().take(40).collect();
    Problem::new(StatusCode::NOT_FOUND, format!("There is no user {id:?}. GET /users lists those that there are."))
}
