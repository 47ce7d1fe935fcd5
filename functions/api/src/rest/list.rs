//! `GET /incidents`: what is open, or everything, the newest first and page by page.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use hansho_domain::{Incident, IncidentId, ServiceId};
use hansho_store::ListCursor;
use serde::Deserialize;
use serde_json::{Value, json};

use super::shape;
use crate::{Api, problem::Problem};

/// Incidents of a page when nobody says how many, and at most.
const LIMIT_DEFAULT: usize = 50;
const LIMIT_MAX: usize = 100;
/// How many pages of everything are read for one page of a service.
const PAGES_MAX: usize = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    status: Option<String>,
    service: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

/// What is listed.
struct Wanted {
    is_open_only: bool,
    service: Option<ServiceId>,
    limit: usize,
    cursor: Option<ListCursor>,
}

pub(super) async fn list(State(api): State<Arc<Api>>, query: Result<Query<ListQuery>, QueryRejection>) -> Result<Json<Value>, Problem> {
    let Query(query) = query?;
    let wanted = wanted(query)?;
    let (incidents, next) = if wanted.is_open_only { open(&api, &wanted).await? } else { all(&api, &wanted).await? };
    Ok(Json(json!({ "incidents": incidents.iter().map(shape::incident).collect::<Vec<_>>(), "next": next })))
}

fn wanted(query: ListQuery) -> Result<Wanted, Problem> {
    let is_open_only = match query.status.as_deref() {
        None | Some("open") => true,
        Some("all") => false,
        Some(other) => return Err(Problem::bad_request(format!("status is {other:?}; it must be open or all."))),
    };
    let service = query.service.map(|service| service.parse().map_err(|error| Problem::bad_request(format!("service: {error}."))));
    let limit = query.limit.map(|limit| {
        let number = limit.parse().ok().filter(|number| (1..=LIMIT_MAX).contains(number));
        number.ok_or_else(|| Problem::bad_request(format!("limit is {limit:?}; it must be a number from 1 to {LIMIT_MAX}.")))
    });
    let cursor = query.cursor.map(|cursor| {
        let id: Result<IncidentId, _> = cursor.parse();
        id.map_err(|_| Problem::bad_request("cursor is none: give what the page before said as \"next\", or leave it out."))
    });
    Ok(Wanted {
        is_open_only,
        service: service.transpose()?,
        limit: limit.transpose()?.unwrap_or(LIMIT_DEFAULT),
        cursor: cursor.transpose()?,
    })
}

async fn open(api: &Api, wanted: &Wanted) -> Result<(Vec<Incident>, Option<ListCursor>), Problem> {
    let incidents = api.store.some_open_incidents(wanted.service.as_ref(), wanted.cursor).await?;
    Ok(page_of(incidents, wanted.limit, None))
}

/// Everything is listed by time alone, so a service's own are picked out of page after page. After some pages it is given up,
/// with a cursor that goes on from there.
async fn all(api: &Api, wanted: &Wanted) -> Result<(Vec<Incident>, Option<ListCursor>), Problem> {
    let mut found: Vec<Incident> = Vec::new();
    let mut cursor = wanted.cursor;
    for _ in 0..PAGES_MAX {
        let page = api.store.recent_incidents(cursor, wanted.limit).await?;
        let is_wanted = |incident: &Incident| wanted.service.as_ref().is_none_or(|service| incident.service == *service);
        found.extend(page.incidents.into_iter().filter(is_wanted));
        cursor = page.next;
        if cursor.is_none() || found.len() >= wanted.limit {
            break;
        }
    }
    Ok(page_of(found, wanted.limit, cursor))
}

/// The first `limit` of them, and where to go on: after the last one shown, or where the reading stopped.
fn page_of(mut incidents: Vec<Incident>, limit: usize, stopped_at: Option<ListCursor>) -> (Vec<Incident>, Option<ListCursor>) {
    if incidents.len() <= limit {
        return (incidents, stopped_at);
    }
    incidents.truncate(limit);
    let next = incidents.last().map(|incident| incident.id);
    (incidents, next)
}
