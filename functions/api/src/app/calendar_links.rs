//! The addresses under which calendar programs read somebody's shifts, as they make and revoke them on their own page.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Redirect, Response},
};
use hansho_domain::About;
use hansho_store::audited_user;
use http::{HeaderMap, header};

use super::{cookie, form::Form, profile, visitor::Visitor};
use crate::{
    Api,
    link::{Trouble, answer},
    page::app::calendar_link::made,
    rest::{LinkMade, make_calendar_link},
    words,
};

/// `POST /app/me/calendars`: makes one, and shows it this once.
pub(super) async fn make(State(api): State<Arc<Api>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let _form = Form::of_session(request, &visitor.secret).await?;
        let user = visitor.session.user.clone();
        match make_calendar_link(&api, About::User(user.clone()), visitor.reader.language, format!("user/{user}")).await? {
            LinkMade::Made { path, link } => {
                tracing::info!(id = link.id, user.id = %user, "a calendar link was made");
                let title = words::tongue(visitor.reader.language).people().calendar_made.to_owned();
                Ok(made(&host(&headers), &path, visitor.frame("me", title)).into_response())
            }
            LinkMade::TooMany => Err(Trouble::TooManyCalendars),
            LinkMade::NoRandomness => Err(Trouble::NoRandomness),
        }
    };
    answer(shown.await, &headers)
}

/// `POST /app/me/calendars/{id}/revoke`
pub(super) async fn revoke(State(api): State<Arc<Api>>, id: Result<Path<String>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let revoked = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let Path(id) = id?;
        let _form = Form::of_session(request, &visitor.secret).await?;
        let user = &visitor.session.user;
        let was_there = api.store.revoke_calendar(&About::User(user.clone()), &id, &audited_user(user)).await?;
        tracing::info!(id, user.id = %visitor.session.user, was_there, "a calendar link was revoked");
        Ok(Redirect::to(profile::ADDRESS).into_response())
    };
    answer(revoked.await, &headers)
}

/// A browser that remembers where the button led.
pub(super) async fn back() -> Response {
    Redirect::to(profile::ADDRESS).into_response()
}

/// Under which address the browser reaches us, with its scheme.
fn host(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let scheme = if cookie::is_this_machine(headers) { "http" } else { "https" };
    format!("{scheme}://{host}")
}
