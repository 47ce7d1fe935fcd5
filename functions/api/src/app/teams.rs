//! Teams: who is in each, who looks after it, and what it looks after. A guest sees their own.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, State, rejection::PathRejection, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use hansho_domain::TeamId;
use http::{HeaderMap, Uri};

use super::{
    paging::{ListQuery, paged},
    visitor::Visitor,
};
use crate::{
    Api,
    link::{Trouble, answer},
    page::app::{
        sheet::Link,
        teams::{TeamFacts, team, teams},
    },
    words,
};

/// Where they are.
const ADDRESS: &str = "/app/teams";

/// `GET /app/teams`
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    query: Result<Query<ListQuery>, QueryRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let query = query.map(|Query(query)| query).unwrap_or_default();
        let u = words::tongue(visitor.reader.language).setup();
        let visible = visitor.directory.teams.iter().filter(|one| visitor.access.sees_team(&one.id));
        let page = paged(visible, |one| (one.id.as_str(), one.name.as_str()), &query, ADDRESS);
        let mut sheet = teams(&page.here, &visitor.reader, visitor.frame("more", u.teams.to_owned()));
        sheet.search = Some(query.search());
        sheet.links = page.next.map(|next| Link::new(next, u.next_page)).into_iter().collect();
        Ok(sheet.html().into_response())
    };
    answer(shown.await, &headers)
}

/// `GET /app/teams/{id}`
pub(super) async fn show(State(api): State<Arc<Api>>, id: Result<Path<String>, PathRejection>, headers: HeaderMap, uri: Uri) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let id: TeamId = id?.0.parse().map_err(|_| Trouble::NotThere)?;
        let Visitor { access, directory, reader, .. } = &visitor;
        let listed = directory.team(&id).filter(|_| access.sees_team(&id)).ok_or(Trouble::NotThere)?;
        let facts = TeamFacts { reader, access, directory, listed };
        Ok(team(&facts, visitor.frame("more", listed.name.clone())).html().into_response())
    };
    answer(shown.await, &headers)
}
