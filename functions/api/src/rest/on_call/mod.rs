//! Who is on call, for tools: now and over a period, a schedule in full, and the overrides.

mod about;
mod overrides;
mod report;
mod schedules;
mod shifts;

use std::sync::Arc;

use axum::{
    Router,
    routing::{delete, get},
};

pub(super) use self::about::{about, known, moment};
pub(crate) use self::overrides::OVERRIDES_MAX;
use crate::Api;

pub(super) fn router() -> Router<Arc<Api>> {
    Router::new()
        .route("/oncall", get(shifts::shifts))
        .route("/oncall/report", get(report::report))
        .route("/schedules", get(schedules::list))
        .route("/schedules/{id}", get(schedules::show))
        .route("/schedules/{id}/overrides", get(overrides::list).post(overrides::add))
        .route("/schedules/{id}/overrides/{override}", delete(overrides::remove))
}
