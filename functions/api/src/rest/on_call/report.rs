//! `GET /oncall/report?month=2026-12`: on-call hours by person and class, for allowances.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use hansho_domain::{AllowanceReport, ReportPeriod};
use http::StatusCode;
use jiff::{civil::Date, tz::TimeZoneDatabase};
use serde::Deserialize;

use crate::{Api, problem::Problem};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportQuery {
    month: String,
    time_zone: Option<String>,
}

pub(super) async fn report(
    State(api): State<Arc<Api>>,
    query: Result<Query<ReportQuery>, QueryRejection>,
) -> Result<Json<AllowanceReport>, Problem> {
    let Query(query) = query?;
    let day = Some(&query.month).filter(|month| month.len() == "2026-12".len());
    let month: Date = day.and_then(|month| format!("{month}-01").parse().ok()).ok_or_else(|| {
        let shown: String = query.month.chars().take(20).collect();
        Problem::bad_request(format!("month is {shown:?}; write it as 2026-12."))
    })?;
    let zone = query.time_zone.map(|name| {
        TimeZoneDatabase::bundled().get(&name).map_err(|_| {
            let shown: String = name.chars().take(40).collect();
            Problem::bad_request(format!("time_zone is {shown:?}, which is none; write its IANA name, such as Asia/Tokyo."))
        })
    });
    let period = ReportPeriod { month, zone: zone.transpose()?, now: api.store.clock().now() };
    let (from, until) = period.around();
    if from >= until {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, format!("{} has not begun; nobody has worked in it.", query.month)));
    }
    Ok(Json(api.store.allowances(&period).await?))
}
