//! `GET /oncall`: who is on call at a moment and who is next, or the shifts of a period. Now is Hansho's, whatever the caller's clock says.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use hansho_domain::{About, by_time};
use http::StatusCode;
use jiff::{Span, Timestamp, tz::TimeZoneDatabase};
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
    days: Option<u16>,
    time_zone: Option<String>,
    schedule: Option<String>,
    team: Option<String>,
    user: Option<String>,
}

pub(super) async fn shifts(State(api): State<Arc<Api>>, query: Result<Query<OnCallQuery>, QueryRejection>) -> Result<Json<Value>, Problem> {
    let Query(query) = query?;
    let about = about(query.schedule.clone(), query.team.clone(), query.user.clone())?;
    known(&*api.store.directory().await?, &about)?;
    let is_period = query.from.is_some() || query.until.is_some() || query.days.is_some();
    match query.at {
        at if !is_period => now(&api, &about, at.as_deref()).await,
        None => {
            let (from, until) = asked_period(&query, api.store.clock().now())?;
            of_period(&api, &about, from, until).await
        }
        Some(_) => Err(Problem::bad_request("Give at for a moment, or until or days for a period, or none of them for now.")),
    }
}

/// From when until when: from now on unless it says otherwise, until a moment or for days of the calendar.
fn asked_period(query: &OnCallQuery, now: Timestamp) -> Result<(Timestamp, Timestamp), Problem> {
    let from = query.from.as_deref().map_or(Ok(now), |from| moment("from", from))?;
    let until = match (&query.until, query.days) {
        (Some(until), None) => moment("until", until)?,
        (None, Some(days)) => {
            let zone = query.time_zone.as_deref().unwrap_or("UTC");
            let zone = TimeZoneDatabase::bundled().get(zone).map_err(|_| {
                let shown: String = zone.chars().take(40).collect();
                Problem::bad_request(format!("time_zone is {shown:?}, which is none; write its IANA name, such as Asia/Tokyo."))
            })?;
            // Days of the calendar: a period that starts at midnight ends at midnight.
            let end = from.to_zoned(zone).checked_add(Span::new().days(i64::from(days)));
            end.map_err(|_| Problem::bad_request(format!("{days} days from then on is beyond the calendar.")))?.timestamp()
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(Problem::bad_request("A period ends at until, or after so many days. Give one of them."));
        }
    };
    period(from, until)
}

async fn now(api: &Api, about: &About, at: Option<&str>) -> Result<Json<Value>, Problem> {
    let at = at.map_or_else(|| Ok(api.store.clock().now()), |at| moment("at", at))?;
    let lines = api.store.on_call(about, at).await?;
    Ok(Json(json!({ "at": at, "schedules": lines })))
}

async fn of_period(api: &Api, about: &About, from: Timestamp, until: Timestamp) -> Result<Json<Value>, Problem> {
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
