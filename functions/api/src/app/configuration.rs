//! The configuration as it is in force, and who made which version of it when. Nothing is changed here: all of it stands in files.

use std::sync::Arc;

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use serde::Deserialize;

use super::visitor::Visitor;
use crate::{
    Api,
    link::{Trouble, answer},
    page::app::configuration::{ConfigurationFacts, configuration},
    words,
};

/// Most versions of one page.
const PAGE_MAX: usize = 20;

#[derive(Debug, Default, Deserialize)]
pub(super) struct HistoryQuery {
    /// The versions before this one.
    before: Option<u64>,
}

/// `GET /app/configuration`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    query: Result<Query<HistoryQuery>, QueryRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        if !visitor.access.sees_everything() {
            return Err(Trouble::NotThere);
        }
        let before = query.map(|Query(query)| query.before).unwrap_or_default();
        let newest = match before {
            Some(before) => before.saturating_sub(1),
            None => api.store.configuration_version().await?,
        };
        // One more than is shown tells whether there are more.
        let mut versions = if newest == 0 { Vec::new() } else { api.store.versions(Some(newest), PAGE_MAX + 1).await? };
        let has_more = versions.len() > PAGE_MAX;
        versions.truncate(PAGE_MAX);
        let facts = ConfigurationFacts {
            reader: &visitor.reader,
            access: &visitor.access,
            directory: &visitor.directory,
            is_newest: before.is_none(),
            versions: &versions,
            next: versions.last().filter(|_| has_more).map(|last| format!("/app/configuration?before={}", last.version)),
        };
        let title = words::tongue(visitor.reader.language).setup().configuration.to_owned();
        Ok(configuration(&facts, visitor.frame("more", title)).html().into_response())
    };
    answer(shown.await, &headers)
}
