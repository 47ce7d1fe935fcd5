//! What came in and paged nobody, day by day (UTC), with the rule that decided so; and an incident made of one.
//!
//! Whoever sees a service sees what was suppressed for it. What belongs to none is for those who see everything.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, Request, State, rejection::PathRejection, rejection::QueryRejection},
    response::{IntoResponse, Redirect, Response},
};
use hansho_domain::{Actor, AlertId, ServiceId};
use hansho_store::{KnownAlert, Received, Suppressed, SuppressedEntry};
use http::{HeaderMap, Uri};
use jiff::{civil::Date, tz::TimeZone};
use serde::Deserialize;

use super::{form::Form, visitor::Visitor};
use crate::{
    Api,
    link::{Trouble, answer},
    page::app::{
        open::Question,
        suppressed::{DayFacts, EntryFacts, day as day_page, entry as entry_page, heading},
    },
    rest::suppressed::{alert, beginning, service_of, was_opened},
    words,
};

/// Where they are.
const ADDRESS: &str = "/app/suppressed";
/// Most entries of one page.
const PAGE_MAX: usize = 60;

type EntryPath = Result<Path<(String, String)>, PathRejection>;

#[derive(Debug, Default, Deserialize)]
pub(super) struct DayQuery {
    #[serde(default)]
    day: String,
    /// Those that come after this alert.
    after: Option<String>,
}

/// `GET /app/suppressed`
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    query: Result<Query<DayQuery>, QueryRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let query = query.map(|Query(query)| query).unwrap_or_default();
        let today = visitor.reader.now.to_zoned(TimeZone::UTC).date();
        let day = query.day.parse::<Date>().unwrap_or(today).min(today);
        let after = query.after.and_then(|after| AlertId::try_from(after).ok());
        let page = api.store.suppressed_page(beginning(day), after, PAGE_MAX).await?;
        let next = page.next.map(|next| format!("{ADDRESS}?day={day}&after={next}"));
        let mut entries = page.entries;
        entries.retain(|entry| may_see(&visitor, &entry.suppressed));
        entries.sort_by_key(|entry| std::cmp::Reverse((entry.suppressed.received_at, entry.suppressed.alert)));
        let facts = DayFacts { reader: &visitor.reader, directory: &visitor.directory, day, today, entries: &entries, next };
        let title = words::tongue(visitor.reader.language).setup().suppressed.to_owned();
        Ok(day_page(&facts, visitor.frame("more", title)).html().into_response())
    };
    answer(shown.await, &headers)
}

/// `GET /app/suppressed/{day}/{alert}`
pub(super) async fn show(State(api): State<Arc<Api>>, path: EntryPath, headers: HeaderMap, uri: Uri) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let (day, entry) = visible(&api, &visitor, path).await?;
        let service = service_of(&api, &entry.suppressed).await?;
        let may_open = entry.opened.is_none() && may_page(&visitor, &service);
        let now = visitor.reader.now;
        let made = alert(&entry, &service, day, Actor::User(visitor.session.user.clone()), now);
        let question = match may_open {
            true => Some(Question { alert: &made, roster: api.store.roster(&service, now).await?, request: "" }),
            false => None,
        };
        let facts = EntryFacts { reader: &visitor.reader, directory: &visitor.directory, day, entry: &entry, question };
        Ok(entry_page(&facts, visitor.frame("more", heading(&entry.suppressed, &visitor.reader))).html().into_response())
    };
    answer(shown.await, &headers)
}

/// `POST /app/suppressed/{day}/{alert}/open`: makes an incident of it. The same entry again is the same incident.
pub(super) async fn open(State(api): State<Arc<Api>>, path: EntryPath, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let opened = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let (day, entry) = visible(&api, &visitor, path).await?;
        let service = service_of(&api, &entry.suppressed).await?;
        if !may_page(&visitor, &service) {
            return Err(Trouble::NotAllowed);
        }
        let _form = Form::of_session(request, &visitor.secret).await?;
        let made = alert(&entry, &service, day, Actor::User(visitor.session.user.clone()), visitor.reader.now);
        let incident = match api.store.known_alert(&made).await? {
            KnownAlert::Same(id) | KnownAlert::Other(id) => id,
            KnownAlert::Unknown => match api.store.receive_alert(&service, &made, entry.kept.raw.as_str()).await? {
                Received::Opened(id) | Received::Repeated(id) | Received::Louder(id) | Received::Resolved(id) | Received::Cleared(id) => id,
                // Its source has said something else at this very moment.
                Received::Remembered | Received::OutOfDate | Received::NothingOpen => {
                    return Ok(Redirect::to(&format!("{ADDRESS}/{day}/{}", entry.suppressed.alert)).into_response());
                }
            },
        };
        was_opened(&api, day, &made, &entry, incident).await?;
        tracing::info!(incident.id = %incident, user.id = %visitor.session.user, "an incident was made of a suppressed alert on a page");
        Ok(Redirect::to(&format!("/app/incidents/{incident}")).into_response())
    };
    answer(opened.await, &headers)
}

/// `GET` of the address that only takes a button.
pub(super) async fn back(path: EntryPath, headers: HeaderMap) -> Response {
    let named = path.ok().and_then(|Path((day, alert))| Some((day.parse::<Date>().ok()?, AlertId::try_from(alert).ok()?)));
    let back = named.map(|(day, alert)| Redirect::to(&format!("{ADDRESS}/{day}/{alert}")).into_response());
    answer(back.ok_or(Trouble::NotThere), &headers)
}

/// The entry, if there is one and they may see it. Which of both it is, nobody is told.
async fn visible(api: &Api, visitor: &Visitor, path: EntryPath) -> Result<(Date, SuppressedEntry), Trouble> {
    let Path((day, alert)) = path?;
    let day = day.parse::<Date>().map_err(|_| Trouble::NotThere)?;
    let alert = AlertId::try_from(alert).map_err(|_| Trouble::NotThere)?;
    let entry = api.store.suppressed_entry(beginning(day), alert).await?.ok_or(Trouble::NotThere)?;
    if may_see(visitor, &entry.suppressed) { Ok((day, entry)) } else { Err(Trouble::NotThere) }
}

/// Whether a service that they see is concerned: the one that it was for, or that of its integration.
fn may_see(visitor: &Visitor, suppressed: &Suppressed) -> bool {
    let Visitor { access, directory, .. } = visitor;
    let of_integration = directory.integration(&suppressed.integration).ok().and_then(|listed| listed.service.as_ref());
    let concerned = suppressed.service.as_ref().or(of_integration);
    access.sees_everything() || concerned.is_some_and(|service| access.sees_service(directory, service))
}

fn may_page(visitor: &Visitor, service: &ServiceId) -> bool {
    visitor.directory.service(service).is_some() && visitor.access.pages(&visitor.directory, service)
}
