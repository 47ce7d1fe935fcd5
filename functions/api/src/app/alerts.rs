//! The alerts of an incident, and which rules made of them what they are.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
    routing::get,
};
use hansho_domain::AlertId;
use http::{HeaderMap, Uri};
use serde::Deserialize;

use super::desk::{Desk, Names};
use crate::{
    Api,
    link::{Trouble, answer},
    page::alerts::{AlertsFacts, page},
    words,
};

/// Below the page of an incident, wherever it is.
pub(super) fn router() -> Router<Arc<Api>> {
    let places = ["/app/incidents/{id}/alerts", "/i/{code}/alerts", "/b/{code}/{incident}/alerts"];
    places.into_iter().fold(Router::new(), |router, place| router.route(place, get(show)))
}

#[derive(Debug, Default, Deserialize)]
struct AlertsQuery {
    /// The alert after which the page begins.
    after: Option<String>,
}

/// `GET .../alerts`: the newest first.
async fn show(
    State(api): State<Arc<Api>>,
    names: Names,
    query: Result<Query<AlertsQuery>, QueryRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let shown = async {
        let desk = Desk::of(&api, names, &headers, &uri).await?;
        let Query(query) = query.map_err(|_| Trouble::BadForm)?;
        let after = query.after.map(AlertId::try_from).transpose().map_err(|_| Trouble::BadForm)?;
        let kept = api.store.kept_alerts(desk.incident.id, after).await?;
        let facts = AlertsFacts {
            incident: &desk.incident,
            kept: &kept,
            reader: &desk.reader,
            address: &desk.address,
            // What came in may say more than was meant for whoever a message is handed on to.
            has_payloads: desk.is_visitor(),
        };
        let title = words::tongue(desk.reader.language).judgement().alerts;
        Ok(page(&facts, desk.layout(title.to_owned())).into_response())
    };
    answer(shown.await, &headers)
}
