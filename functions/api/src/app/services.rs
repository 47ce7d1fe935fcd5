//! Services: what alerts are about, and who is called for each. A guest sees those of their own teams.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, State, rejection::PathRejection, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use hansho_domain::{ServiceId, maintenance_in_force};
use http::{HeaderMap, Uri};

use super::{
    paging::{ListQuery, paged},
    visitor::Visitor,
};
use crate::{
    Api,
    link::{Trouble, answer},
    page::app::{
        services::{ServiceFacts, service, services},
        sheet::Link,
    },
    words,
};

/// Where they are.
pub(crate) const ADDRESS: &str = "/app/services";
/// How many of a service's open incidents its page shows.
const OPEN_SHOWN_MAX: usize = 10;

/// `GET /app/services`
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
        let visible = visitor.directory.services.iter().filter(|one| visitor.access.sees_service(&visitor.directory, &one.id));
        let page = paged(visible, |one| (one.id.as_str(), one.name.as_str()), &query, ADDRESS);
        let mut sheet = services(&page.here, &visitor.reader, &visitor.directory, visitor.frame("more", u.services.to_owned()));
        sheet.search = Some(query.search());
        sheet.links = page.next.map(|next| Link::new(next, u.next_page)).into_iter().collect();
        Ok(sheet.html().into_response())
    };
    answer(shown.await, &headers)
}

/// `GET /app/services/{id}`
pub(super) async fn show(State(api): State<Arc<Api>>, id: Result<Path<String>, PathRejection>, headers: HeaderMap, uri: Uri) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let id: ServiceId = id?.0.parse().map_err(|_| Trouble::NotThere)?;
        let Visitor { access, directory, reader, .. } = &visitor;
        let listed = directory.service(&id).filter(|_| access.sees_service(directory, &id)).ok_or(Trouble::NotThere)?;
        let bundle = api.store.bundle(&id).await?.ok_or(Trouble::NotThere)?;
        let (open, beyond) = api.store.newest_open_of_service(&id, OPEN_SHOWN_MAX).await?;
        let live = api.store.maintenance_over_after(reader.now).await?;
        let mut windows = maintenance_in_force(&bundle.maintenance, &live, reader.now);
        windows.retain(|window| window.is_about(&id));
        let facts = ServiceFacts {
            reader,
            access,
            directory,
            listed,
            bundle: &bundle,
            windows: &windows,
            open: &open,
            beyond,
            may_page: access.pages(directory, &id),
        };
        Ok(service(&facts, visitor.frame("more", listed.name.clone())).html().into_response())
    };
    answer(shown.await, &headers)
}
