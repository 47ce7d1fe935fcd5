//! `GET /suppressed`: what came in on a day and paged nobody, with the rule that decided so.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Deserialize;
use serde_json::{Value, json};

use super::shape;
use crate::{Api, problem::Problem};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SuppressedQuery {
    day: Option<String>,
}

pub(super) async fn suppressed(
    State(api): State<Arc<Api>>,
    query: Result<Query<SuppressedQuery>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(query) = query?;
    let at = query.day.map_or_else(|| Ok(api.store.clock().now()), |day| start_of(&day))?;
    let mut found = api.store.suppressed_on(at).await?;
    found.sort_by_key(|suppressed| std::cmp::Reverse((suppressed.received_at, suppressed.alert)));
    let day = at.to_zoned(TimeZone::UTC).date();
    Ok(Json(json!({ "day": day, "suppressed": found.iter().map(shape::suppressed).collect::<Vec<_>>() })))
}

/// The day's beginning in UTC.
fn start_of(day: &str) -> Result<Timestamp, Problem> {
    let parsed = day.parse::<Date>().ok().filter(|_| day.len() == "2026-01-05".len());
    let begun = parsed.and_then(|date| date.to_zoned(TimeZone::UTC).ok());
    begun.map(|at| at.timestamp()).ok_or_else(|| Problem::bad_request(format!("day is {day:?}; write a day in UTC such as 2026-01-05.")))
}
