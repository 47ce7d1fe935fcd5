//! Paging somebody: an incident that is opened by hand, after the page has said whom that wakes.
//!
//! The form asks by GET and so does nothing; what it answers has the button that does.

use std::sync::Arc;

use axum::{
    extract::{Query, Request, State, rejection::QueryRejection},
    response::{IntoResponse, Redirect, Response},
};
use hansho_domain::{Actor, Alert, AlertId, DedupKey, ServiceId, Severity, text};
use hansho_store::{KnownAlert, Received};
use http::{HeaderMap, Uri};
use serde::Deserialize;
use serde_json::json;

use super::{form::Form, visitor::Visitor};
use crate::{
    Api, input_id,
    link::{Trouble, answer},
    page::app::open::{self, OpenFacts, Question, page},
    rest::{TITLE_CHARS_MAX, by_hand},
    words,
};

/// Longest text beside it, in characters.
const DETAILS_CHARS_MAX: usize = 4_000;

#[derive(Debug, Default, Deserialize)]
pub(super) struct OpenQuery {
    #[serde(default)]
    service: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    details: String,
    #[serde(default)]
    severity: String,
    /// Set where what was filled in is to be changed.
    #[serde(default)]
    edit: String,
}

/// `GET /app/open`: the form, and once it is filled in, whom it would wake.
pub(super) async fn ask(
    State(api): State<Arc<Api>>,
    query: Result<Query<OpenQuery>, QueryRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let Query(query) = query.map_err(|_| Trouble::BadForm)?;
        let services: Vec<_> = visitor.directory.services.iter().filter(|one| visitor.access.pages(&visitor.directory, &one.id)).collect();
        if services.is_empty() {
            return Err(Trouble::NotAllowed);
        }
        let now = visitor.reader.now;
        let request = input_id::hash_text(&["open", visitor.session.user.as_str(), &now.to_string()], 32);
        let asked = asked(&visitor, &query.service, &query.title, &query.details, &query.severity, &request);
        let question = match &asked {
            Ok((service, alert)) if query.edit.is_empty() => {
                Some(Question { alert, roster: api.store.roster(service, now).await?, request: &request })
            }
            Ok(_) | Err(_) => None,
        };
        let facts = OpenFacts {
            reader: &visitor.reader,
            services: &services,
            service: &query.service,
            title: &query.title,
            details: &query.details,
            severity: severity(&query.severity),
            is_incomplete: !query.service.is_empty() && asked.is_err(),
            question,
        };
        let title = words::tongue(visitor.reader.language).app().page_somebody.to_owned();
        Ok(page(&facts, visitor.frame("open", title)).into_response())
    };
    answer(shown.await, &headers)
}

/// `POST /app/open`: opens it. Two taps on one button are one incident.
pub(super) async fn begin(State(api): State<Arc<Api>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let opened = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let form = Form::of_session(request, &visitor.secret).await?;
        let field = |name| form.text(name);
        let (service, alert) = asked(&visitor, field("service"), field("title"), field("details"), field("severity"), field("request"))?;
        let raw = json!({ "service": service, "title": alert.title, "severity": alert.severity, "by": visitor.session.user }).to_string();
        let incident = match api.store.known_alert(&alert).await? {
            KnownAlert::Same(id) | KnownAlert::Other(id) => id,
            KnownAlert::Unknown => match api.store.receive_alert(&service, &alert, &raw).await? {
                Received::Opened(id) | Received::Repeated(id) | Received::Louder(id) | Received::Resolved(id) | Received::Cleared(id) => id,
                // The key is made of this request alone, so nothing can have closed it.
                Received::Remembered | Received::OutOfDate | Received::NothingOpen => return Err(Trouble::BadForm),
            },
        };
        api.store.remember_request(&alert, incident).await?;
        tracing::info!(incident.id = %incident, user.id = %visitor.session.user, "an incident was opened on a page");
        Ok(Redirect::to(&format!("/app/incidents/{incident}")).into_response())
    };
    answer(opened.await, &headers)
}

/// The alert that it would be. `request` tells it from every other one.
fn asked(visitor: &Visitor, service: &str, title: &str, details: &str, word: &str, request: &str) -> Result<(ServiceId, Alert), Trouble> {
    let service: ServiceId = service.parse().map_err(|_| Trouble::BadForm)?;
    if !visitor.access.pages(&visitor.directory, &service) || visitor.directory.service(&service).is_none() {
        return Err(Trouble::NotAllowed);
    }
    let title = text::one_line(title);
    let is_short = (1..=TITLE_CHARS_MAX).contains(&title.chars().count()) && details.chars().count() <= DETAILS_CHARS_MAX;
    let is_request = request.len() == 32 && request.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_short || !is_request {
        return Err(Trouble::BadForm);
    }
    let user = visitor.session.user.clone();
    let id = AlertId::from_hash(input_id::hash(&["page", user.as_str(), request]));
    let dedup_key = DedupKey::new(format!("page-{request}")).map_err(|_| Trouble::BadForm)?;
    let alert = by_hand(id, dedup_key, title, Actor::User(user), visitor.reader.now).map_err(|_| Trouble::BadForm)?;
    let alert = Alert { severity: severity(word), details: text::lines(details), ..alert };
    Ok((service, alert))
}

/// Whoever opens one by hand wants somebody now.
fn severity(word: &str) -> Severity {
    let known = [Severity::Error, Severity::Warning, Severity::Info].into_iter().find(|one| open::word(*one) == word);
    known.unwrap_or(Severity::Critical)
}
