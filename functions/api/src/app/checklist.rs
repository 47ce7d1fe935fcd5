//! What a newcomer has yet to do before their first night, and what they do about it from there.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Redirect, Response},
};
use hansho_domain::{About, Actor, ListedShift, UserId, by_time};
use hansho_store::{TestPageAsked, TestPageRequest};
use http::{HeaderMap, HeaderValue, Uri, header};
use jiff::SignedDuration;

use super::{form::Form, profile::own_profile, visitor::Visitor};
use crate::{
    Api,
    calendar::card,
    input_id,
    link::{Trouble, answer},
    page::app::checklist::{ChecklistFacts, NUMBERS, Readiness, SHIFT, SHIFT_DAYS, checklist},
    words,
};

/// Where it is.
pub(super) const ADDRESS: &str = "/app/me/checklist";

/// `GET /app/me/checklist`
pub(super) async fn show(State(api): State<Arc<Api>>, headers: HeaderMap, uri: Uri) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let readiness = readiness(&api, &visitor.session.user).await?;
        let facts = ChecklistFacts {
            reader: &visitor.reader,
            readiness: &readiness,
            request: &input_id::hash_text(&["checklist", visitor.session.user.as_str(), &visitor.reader.now.to_string()], 32),
            sent: uri.query().and_then(|query| query.strip_prefix("sent=")).unwrap_or_default(),
        };
        let title = words::tongue(visitor.reader.language).people().checklist.to_owned();
        Ok(checklist(&facts, visitor.frame("me", title)).into_response())
    };
    answer(shown.await, &headers)
}

/// `POST /app/me/test-page`: pages whoever asks, and nobody else.
pub(super) async fn test_page(State(api): State<Arc<Api>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let asked = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let form = Form::of_session(request, &visitor.secret).await?;
        let title = words::tongue(visitor.reader.language).people().test_page_title;
        let by = Actor::User(visitor.session.user.clone());
        let asked = TestPageRequest { id: form.text("request"), title, details: "", by: &by };
        match api.store.open_test_page(&visitor.session.user, &asked).await? {
            TestPageAsked::Sent(incident) => {
                tracing::info!(incident.id = %incident, user.id = %visitor.session.user, "somebody asked for a test page");
                Ok(Redirect::to(&format!("{ADDRESS}?sent=test-page")).into_response())
            }
            TestPageAsked::Known(_) => Ok(Redirect::to(&format!("{ADDRESS}?sent=test-page")).into_response()),
            TestPageAsked::TooOften { .. } => Err(Trouble::AskedTooOften),
            TestPageAsked::Nobody => Err(Trouble::NotThere),
        }
    };
    answer(asked.await, &headers)
}

/// `POST /app/me/checklist/{what}`: they have done what only they know of.
pub(super) async fn confirm(State(api): State<Arc<Api>>, what: Result<Path<String>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let confirmed = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let Path(what) = what?;
        let form = Form::of_session(request, &visitor.secret).await?;
        let of = match what.as_str() {
            NUMBERS => numbers_hash(&api),
            SHIFT => "seen".to_owned(),
            _ => return Err(Trouble::NotThere),
        };
        // What they were shown may be another by now; then they are shown that.
        if form.text("of") == of {
            api.store.confirm(&visitor.session.user, &what, &of).await?;
        }
        Ok(Redirect::to(ADDRESS).into_response())
    };
    answer(confirmed.await, &headers)
}

/// A browser that remembers where a button led.
pub(super) async fn back() -> Response {
    Redirect::to(ADDRESS).into_response()
}

/// `GET /app/me/numbers.vcf`: the number that messages come from, for the contacts of a phone.
pub(super) async fn numbers(State(api): State<Arc<Api>>, headers: HeaderMap, uri: Uri) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let number = api.sender.number.as_deref().ok_or(Trouble::NotThere)?;
        let note = words::tongue(visitor.reader.language).people().numbers;
        let mut response = card("Hansho", number, note).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/vcard; charset=utf-8"));
        let name = HeaderValue::from_static("attachment; filename=\"hansho.vcf\"");
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
        Ok(response)
    };
    answer(shown.await, &headers)
}

/// What is known of how ready somebody is.
pub(super) async fn readiness(api: &Api, user: &UserId) -> Result<Readiness, Trouble> {
    let profile = own_profile(api, user).await?;
    let proofs = match &profile {
        Some(profile) => api.store.contact_proofs(user, &profile.contact).await?,
        None => BTreeMap::new(),
    };
    Ok(Readiness {
        profile,
        proofs,
        test_page: api.store.test_page(user).await?,
        shift: next_shift(api, user).await?,
        confirmed: api.store.confirmed(user).await?,
        sender: api.sender.clone(),
        numbers: numbers_hash(api),
        calendars: api.store.calendars_of(&About::User(user.clone())).await?.len(),
    })
}

/// Tells the numbers that are known from those that are known later.
fn numbers_hash(api: &Api) -> String {
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    input_id::hash_text(&["numbers", &text(&api.sender.number), &text(&api.sender.name)], 16)
}

/// The shift that they have now, or the next one.
async fn next_shift(api: &Api, user: &UserId) -> Result<Option<ListedShift>, Trouble> {
    let now = api.store.clock().now();
    let until = now.saturating_add(SignedDuration::from_hours(24 * SHIFT_DAYS)).unwrap_or(now);
    let mut shifts = api.store.shifts(&About::User(user.clone()), now, until).await?;
    by_time(&mut shifts);
    Ok(shifts.into_iter().find(|shift| shift.people.iter().any(|person| person.user == *user)))
}
