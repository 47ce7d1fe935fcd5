//! `/calendar-links/{kind}/{name}`: the secret addresses under which calendar programs read the shifts of a user, a team or a schedule.

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Response},
    routing::{delete, get},
};
use hansho_domain::{About, Language};
use hansho_store::{CalendarLink, StoreError};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::on_call::{about, known};
use crate::{Api, body, caller::Caller, input_id, problem::Problem};

/// Most links of one person, team or schedule. Whoever needs more has lost count of who reads it.
const LINKS_MAX: usize = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MakeRequest {
    language: Option<String>,
}

pub(super) fn router() -> Router<Arc<Api>> {
    Router::new().route("/calendar-links/{kind}/{name}", get(list).post(make)).route("/calendar-links/{kind}/{name}/{id}", delete(revoke))
}

async fn list(State(api): State<Arc<Api>>, path: Result<Path<(String, String)>, PathRejection>) -> Result<Json<Value>, Problem> {
    let Path((kind, name)) = path?;
    let about = whose(&kind, name)?;
    let links = api.store.calendars_of(&about).await?;
    // Of somebody who has left there may be links; of somebody who never was there are none.
    if links.is_empty() {
        known(&*api.store.directory().await?, &about)?;
    }
    Ok(Json(json!({ "calendar_links": links })))
}

async fn make(
    State(api): State<Arc<Api>>,
    Extension(Caller(caller)): Extension<Caller>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Path((kind, name)) = path?;
    let about = whose(&kind, name)?;
    let raw = body::read_text(request.into_body()).await?;
    let asked: MakeRequest = body::parse(if raw.trim().is_empty() { "{}" } else { &raw }, r#"{"language": "ja"}"#)?;
    let directory = api.store.directory().await?;
    known(&directory, &about)?;
    let language = match (asked.language.as_deref(), &about) {
        (Some("en"), _) => Language::En,
        (Some("ja"), _) => Language::Ja,
        (None, About::User(user)) => directory.users.get(user).map(|user| user.language).unwrap_or_default(),
        (None, About::Everything | About::Schedule(_) | About::Team(_)) => Language::default(),
        (Some(other), _) => return Err(Problem::bad_request(format!("language is {other:?}; it must be en or ja."))),
    };
    match make_calendar_link(&api, about, language, caller.clone()).await? {
        LinkMade::Made { path, link } => {
            tracing::info!(id = link.id, caller, "a calendar link was made");
            Ok((StatusCode::CREATED, Json(json!({ "path": path, "calendar_link": link }))).into_response())
        }
        LinkMade::TooMany => {
            let message = format!("There are {LINKS_MAX} links already, which is the most. Revoke one that nobody uses any more.");
            Err(Problem::new(StatusCode::CONFLICT, message))
        }
        LinkMade::NoRandomness => {
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "No secret can be made at the moment. Send this again."))
        }
    }
}

/// What making a link comes to.
pub(crate) enum LinkMade {
    /// It is there.
    Made {
        /// Where it is below our address: the only time that its code is told.
        path: String,
        link: CalendarLink,
    },
    /// There are as many as may be.
    TooMany,
    /// The system gives no randomness.
    NoRandomness,
}

/// Makes a link for somebody who may have one.
pub(crate) async fn make_calendar_link(api: &Api, about: About, language: Language, made_by: String) -> Result<LinkMade, StoreError> {
    if api.store.calendars_of(&about).await?.len() >= LINKS_MAX {
        return Ok(LinkMade::TooMany);
    }
    let code = match hansho_runtime::secrets::random_code() {
        Ok(code) => code,
        Err(error) => {
            tracing::error!(%error, "the system gives no randomness");
            return Ok(LinkMade::NoRandomness);
        }
    };
    let id = input_id::hash_text(&["calendar-link", &code], 12);
    let link = CalendarLink { id, about, language, made_by, created_at: api.store.clock().now() };
    api.store.make_calendar(&code, &link).await?;
    Ok(LinkMade::Made { path: format!("/calendars/{code}.ics"), link })
}

async fn revoke(
    State(api): State<Arc<Api>>,
    Extension(Caller(caller)): Extension<Caller>,
    path: Result<Path<(String, String, String)>, PathRejection>,
) -> Result<Json<Value>, Problem> {
    let Path((kind, name, id)) = path?;
    let about = whose(&kind, name)?;
    if api.store.revoke_calendar(&about, &id, &caller).await? {
        tracing::info!(id, caller, "a calendar link was revoked");
        return Ok(Json(json!({ "result": "revoked" })));
    }
    Err(Problem::new(StatusCode::NOT_FOUND, "There is no such calendar link. GET the address without the id to list those that there are."))
}

fn whose(kind: &str, name: String) -> Result<About, Problem> {
    match kind {
        "user" => about(None, None, Some(name)),
        "team" => about(None, Some(name), None),
        "schedule" => about(Some(name), None, None),
        _ => Err(Problem::new(
            StatusCode::NOT_FOUND,
            "Calendar links are at /calendar-links/user/NAME, /calendar-links/team/NAME and /calendar-links/schedule/NAME.",
        )),
    }
}
