//! `/maintenance`: windows in which new alerts are recorded and page nobody until the window ends. Begun and ended live; those of the
//! configuration are listed beside them, and their present opening can be ended too.

mod request;
mod shape;

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    extract::{Path, Query, Request, State, rejection::PathRejection, rejection::QueryRejection},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hansho_domain::{LiveMaintenance, MaintenanceId, MaintenanceState, MaintenanceWindow, ServiceId, maintenance_in_force};
use hansho_store::{MaintenanceAdded, MaintenanceEnding, Release};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use self::{
    request::{AddRequest, EXAMPLE},
    shape::{live_shape, shape},
};
use super::{on_call::moment, request_key::request_key};
use crate::{Api, body, caller::Caller, input_id, problem::Problem};

/// Most windows of one list; each of the answers is about recent times.
const LISTED_MAX: usize = 1_000;
/// Digits of what is unique about a live window's name.
const ID_DIGITS: usize = 12;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    from: Option<String>,
    service: Option<ServiceId>,
}

pub(super) fn router() -> Router<Arc<Api>> {
    Router::new().route("/maintenance", get(list).post(add)).route("/maintenance/{id}/end", post(end))
}

async fn list(State(api): State<Arc<Api>>, query: Result<Query<ListQuery>, QueryRejection>) -> Result<Json<Value>, Problem> {
    let Query(query) = query?;
    let now = api.store.clock().now();
    let from = query.from.map_or(Ok(now), |from| moment("from", &from))?;
    let planned = api.store.directory().await?.maintenance.clone();
    let mut live = api.store.maintenance_over_after(from.min(now)).await?;
    let in_force = maintenance_in_force(&planned, &live, now);
    // What an apply has made longer since it was cut off is not over yet.
    live.retain(|live| live.over_at() >= from || planned.iter().any(|window| live.cuts_off(window, now)));
    if live.len() > LISTED_MAX {
        return Err(Problem::bad_request(format!("These are more than {LISTED_MAX} windows. Give a later from.")));
    }
    let is_meant = |window: &MaintenanceWindow| query.service.as_ref().is_none_or(|service| window.is_about(service));
    let of_configuration = planned.iter().filter(|window| is_meant(window)).filter_map(|window| {
        let is_cut_off = window.open_until(now).is_some() && !in_force.iter().any(|known| known.id() == window.id());
        // What is cut off is told as ended; this one is told as it comes back.
        let at = if is_cut_off { window.open_until(now)? } else { now };
        let from = window.next_from(at)?;
        let state = if from <= now { MaintenanceState::Open } else { MaintenanceState::Coming };
        Some(shape(window, "configuration", state, from, window.open_until(from)))
    });
    let live = live.iter().filter(|live| is_meant(&live.window)).map(|live| live_shape(live, now));
    let mut windows: Vec<Value> = of_configuration.chain(live).collect();
    windows.sort_by_key(|window| window["from"].as_str().and_then(|from| from.parse::<Timestamp>().ok()));
    Ok(Json(json!({ "windows": windows })))
}

async fn add(State(api): State<Arc<Api>>, Extension(Caller(caller)): Extension<Caller>, request: Request) -> Result<Response, Problem> {
    let now = api.store.clock().now();
    let key = request_key(request.headers())?.map(str::to_owned);
    let raw = body::read_text(request.into_body()).await?;
    let asked: AddRequest = body::parse(&raw, EXAMPLE)?;
    let id = input_id::hash_text(&["maintenance", &caller, &key.unwrap_or_else(|| format!("{now} {raw}"))], ID_DIGITS);
    let id = MaintenanceId::live(&id).map_err(|error| Problem::bad_request(error.to_string()))?;
    if let Some(known) = api.store.live_maintenance(&id).await? {
        if !asked.is(&known) {
            let message = format!("This Idempotency-Key was used for another maintenance window, {id}. Use a new key for a new window.");
            return Err(Problem::new(StatusCode::CONFLICT, message));
        }
        return Ok(Json(json!({ "result": "known", "window": live_shape(&known, now) })).into_response());
    }
    let window = asked.window(&api, id, now).await?;
    let made = LiveMaintenance { window, is_planned: false, created_at: now, created_by: caller.clone(), ended: None };
    let (status, result, made) = match api.store.add_maintenance(&made).await? {
        MaintenanceAdded::Added => (StatusCode::CREATED, "added", made),
        MaintenanceAdded::Known(known) => (StatusCode::OK, "known", *known),
        MaintenanceAdded::TooMany { most } => {
            let message = format!(
                "There are {most} maintenance windows that are not over, which is the most. End some, or write what comes back into the configuration."
            );
            return Err(Problem::new(StatusCode::CONFLICT, message));
        }
    };
    tracing::info!(id = %made.window.id(), caller, result, "a maintenance window was asked for");
    Ok((status, Json(json!({ "result": result, "window": live_shape(&made, now) }))).into_response())
}

async fn end(
    State(api): State<Arc<Api>>,
    Extension(Caller(caller)): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<Value>, Problem> {
    let Path(name) = path?;
    let now = api.store.clock().now();
    let Ok(id) = name.parse::<MaintenanceId>() else { return Err(no_such_window(&name)) };
    let (result, ended) = match api.store.end_maintenance(&id, &caller).await? {
        MaintenanceEnding::Ended(ended) => ("ended", ended),
        // Whoever asks again may do so because the first answer was lost, and the release with it.
        MaintenanceEnding::EndedBefore(ended) => ("known", ended),
        MaintenanceEnding::Over(over) => {
            return Err(Problem::new(StatusCode::CONFLICT, format!("This maintenance window was over at {}.", over.until())));
        }
        MaintenanceEnding::NotOpen { next } => {
            let next = next.map_or_else(String::new, |next| format!("; it opens next at {next}"));
            let message = format!(
                "Maintenance window {id} is one of the configuration and not open now{next}. While it is open it can be ended here; to call it off beforehand, change it in the configuration and apply that."
            );
            return Err(Problem::new(StatusCode::CONFLICT, message));
        }
        MaintenanceEnding::Unknown => return Err(no_such_window(&name)),
    };
    tracing::info!(%id, caller, result, "a maintenance window was ended");
    let release = match api.store.release_held(&ended).await {
        Ok(release) => release,
        Err(error) => {
            tracing::error!(%id, error = %hansho_runtime::chain(&error), "what the window holds is released by the sweeper");
            Release { incidents: 0, is_complete: false }
        }
    };
    let window = live_shape(&ended, now);
    Ok(Json(json!({ "result": result, "window": window, "released": release.incidents, "is_complete": release.is_complete })))
}

fn no_such_window(name: &str) -> Problem {
    let name: String = name.chars().take(40).collect();
    Problem::new(StatusCode::NOT_FOUND, format!("There is no maintenance window {name:?}. GET /maintenance lists those that there are."))
}
