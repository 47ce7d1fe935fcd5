//! `GET /changes`: what was changed on a day, as change events say it.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use hansho_domain::{IntegrationId, ServiceId};
use hansho_store::Change;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};

use super::suppressed::{day_of, whole};
use crate::{Api, problem::Problem};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangesQuery {
    day: Option<String>,
    service: Option<ServiceId>,
    integration: Option<IntegrationId>,
}

pub(super) async fn changes(
    State(api): State<Arc<Api>>,
    query: Result<Query<ChangesQuery>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(query) = query?;
    let at = query.day.map_or_else(|| Ok(api.store.clock().now()), |day| whole(day_of(&day)?).map(|(begin, _)| begin))?;
    let is_meant = |change: &Change| {
        query.service.as_ref().is_none_or(|service| change.service.as_ref() == Some(service))
            && query.integration.as_ref().is_none_or(|integration| change.integration == *integration)
    };
    let found: Vec<Change> = api.store.changes_on(at).await?.into_iter().filter(is_meant).collect();
    Ok(Json(json!({ "day": at.to_zoned(TimeZone::UTC).date(), "changes": found })))
}
