//! The audit log, for admins: who did what to how things are set up.

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
    page::app::audit::{AuditFacts, audit},
    words,
};

/// Where it is.
pub(super) const ADDRESS: &str = "/app/audit";
/// Most entries of one page.
const PAGE_MAX: usize = 60;

#[derive(Debug, Default, Deserialize)]
pub(super) struct AuditQuery {
    /// The place before which the page begins.
    before: Option<String>,
}

/// `GET /app/audit`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    query: Result<Query<AuditQuery>, QueryRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        if !visitor.access.administers() {
            return Err(Trouble::NotThere);
        }
        let before = query.map(|Query(query)| query.before).unwrap_or_default();
        let page = api.store.audit_log(before.as_deref(), PAGE_MAX).await?;
        let next = page.next.map(|place| {
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("before", &place).finish();
            format!("{ADDRESS}?{query}")
        });
        let facts = AuditFacts { reader: &visitor.reader, directory: &visitor.directory, entries: &page.entries, next };
        let title = words::tongue(visitor.reader.language).setup().audit.to_owned();
        Ok(audit(&facts, visitor.frame("more", title)).html().into_response())
    };
    answer(shown.await, &headers)
}
