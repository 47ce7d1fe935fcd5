//! `GET /oncall`: who is on call at a moment and who is next, or the shifts of a period.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use hansho_domain::{About, by_time};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::about::{about, known, moment, period};
use crate::{Api, problem::Problem};

/// Most shifts of one answer. Lambda answers with 6 MB at most (Lambda developer guide, "Quotas"); a shift takes some 250 bytes.
const SHIFTS_MAX: usize = 15_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OnCallQuery {
    at: Option<String>,
    from: Option<String>,
    until: Option<String>,
    schedule: Option<String>,
    team: Option<String>,
    user: Option<String>,
}

pub(super) async fn shifts(State(api): State<Arc<Api>>, query: Result<Query<OnCallQuery>, QueryRejection>) -> Result<Json<Value>, Problem> {
    let Query(query) = query?;
    let about = about(query.schedule, query.team, query.user)?;
    known(&*api.store.directory().await?, &about)?;
    match (query.at, query.from, query.until) {
        (at, None, None) => now(&api, &about, at.as_deref()).await,
        (None, Some(from), Some(until)) => of_period(&api, &about, &from, &until).await,
        (Some(_), _, _) | (None, Some(_), None) | (None, None, Some(_)) => {
            Err(Problem::bad_request("Give at for a moment, or both from and until for a period, or none of them for now."))
        }
    }
}

async fn now(api: &Api, about: &About, at: Option<&str>) -> Result<Json<Value>, Problem> {
    let at = at.map_or_else(|| Ok(api.store.clock().now()), |at| moment("at", at))?;
    let lines = api.store.on_call(about, at).await?;
    Ok(Json(json!({ "at": at, "schedules": lines })))
}

async fn of_period(api: &Api, about: &About, from: &str, until: &str) -> Result<Json<Value>, Problem> {
    let (from, until) = period(moment("from", from)?, moment("until", until)?)?;
    let mut shifts = api.store.shifts(about, from, until).await?;
    if shifts.len() > SHIFTS_MAX {
        let message = format!(
            "These are {} shifts; {SHIFTS_MAX} are the most. Ask for a shorter period, or for one schedule, team or user.",
            shifts.len()
        );
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, message));
    }
    by_time(&mut shifts);
    Ok(Json(json!({ "from": from, "until": until, "shifts": shifts })))
}
