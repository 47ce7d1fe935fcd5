//! Whether it works: the table answers.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde_json::{Value, json};

use crate::{Api, problem::Problem};

pub(crate) async fn health(State(api): State<Arc<Api>>) -> Result<Json<Value>, Problem> {
    let version = api.store.stored_configuration_version().await?;
    Ok(Json(json!({ "status": "ok", "configuration": version })))
}
