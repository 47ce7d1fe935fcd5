//! `GET /schedules` and `GET /schedules/{id}`: the names, and one schedule with its rendering: the final shifts, what each rotation alone
//! says, and the overrides.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State, rejection::PathRejection, rejection::QueryRejection},
};
use hansho_domain::{About, Directory, ListedSchedule, ScheduleId, UserId};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::about::{known, moment, period};
use crate::{Api, problem::Problem};

/// The period that is rendered when none is given.
const PERIOD_DEFAULT: SignedDuration = SignedDuration::from_hours(24 * 28);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PeriodQuery {
    from: Option<String>,
    until: Option<String>,
}

pub(super) async fn list(State(api): State<Arc<Api>>) -> Result<Json<Value>, Problem> {
    let directory = api.store.directory().await?;
    let schedules = directory.schedules.iter().map(|listed| facts(listed, &directory));
    Ok(Json(json!({ "schedules": schedules.collect::<Vec<_>>() })))
}

pub(super) async fn show(
    State(api): State<Arc<Api>>,
    id: Result<Path<String>, PathRejection>,
    query: Result<Query<PeriodQuery>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let (Path(id), Query(query)) = (id?, query?);
    let directory = api.store.directory().await?;
    let listed = schedule(&directory, &id)?;
    let from = query.from.map_or_else(|| Ok(api.store.clock().now()), |from| moment("from", &from))?;
    let until = query.until.map_or_else(|| Ok(from.saturating_add(PERIOD_DEFAULT).unwrap_or(from)), |until| moment("until", &until))?;
    let (from, until) = period(from, until)?;
    let shifts = api.store.shifts(&About::Schedule(listed.id.clone()), from, until).await?;
    let layers = api.store.definition(listed).await?.map(|definition| definition.layers(from, until));
    let overrides = api.store.overrides_between(&listed.id, from, until).await?;
    Ok(Json(json!({
        "schedule": facts(listed, &directory),
        "from": from,
        "until": until,
        "shifts": shifts,
        "layers": layers,
        "overrides": overrides,
    })))
}

/// The schedule of that name, or a sentence that says which there are.
pub(super) fn schedule<'a>(directory: &'a Directory, id: &str) -> Result<&'a ListedSchedule, Problem> {
    let id: ScheduleId = id.parse().map_err(|error| Problem::bad_request(format!("{}.", super::super::sentence(&format!("{error}")))))?;
    known(directory, &About::Schedule(id.clone()))?;
    directory.schedule(&id).ok_or_else(|| Problem::bad_request("There is no such schedule."))
}

fn facts(listed: &ListedSchedule, directory: &Directory) -> Value {
    let member = |user: &UserId| json!({ "user": user, "name": directory.name_of(user) });
    json!({
        "id": listed.id,
        "name": listed.name,
        "time_zone": listed.time_zone,
        "members": listed.members.iter().map(member).collect::<Vec<_>>(),
    })
}
