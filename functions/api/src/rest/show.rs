//! `GET /incidents/{id}`: one incident, with everything that happened to it.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use hansho_domain::IncidentId;
use serde_json::{Value, json};

use super::{no_such_incident, shape};
use crate::{Api, problem::Problem};

pub(super) async fn show(State(api): State<Arc<Api>>, id: Result<Path<String>, PathRejection>) -> Result<Json<Value>, Problem> {
    let Path(id) = id?;
    let known: IncidentId = id.parse().map_err(|_| no_such_incident(&id))?;
    let incident = api.store.incident(known).await?.ok_or_else(|| no_such_incident(&id))?.incident;
    let (timeline, deliveries) = api.store.timeline(incident.id).await?;
    let repeats = api.store.repeats(&incident).await?;
    Ok(Json(json!({
        "incident": shape::incident(&incident),
        "timeline": timeline.iter().map(shape::entry).collect::<Vec<_>>(),
        "deliveries": deliveries.iter().map(shape::delivery).collect::<Vec<_>>(),
        "repeats": repeats,
    })))
}
