//! Somebody's own page: their role and teams, and where they are signed in.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Redirect, Response},
};
use hansho_domain::{About, Method, UserId};
use hansho_store::{Asked, Profile, StoreError, audited_user};
use http::{HeaderMap, Uri};

use super::{checklist, form::Form, visitor::Visitor};
use crate::{
    Api, input_id,
    link::{Trouble, answer},
    page::app::profile::{ProfileFacts, profile},
};

/// Where it is.
pub(super) const ADDRESS: &str = "/app/me";

/// `GET /app/me`
pub(super) async fn show(State(api): State<Arc<Api>>, headers: HeaderMap, uri: Uri) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let sessions = api.store.sessions(&visitor.session.user).await?;
        let user = &visitor.session.user;
        let found = own_profile(&api, user).await?;
        let proofs = match &found {
            Some(profile) => api.store.contact_proofs(user, &profile.contact).await?,
            None => BTreeMap::new(),
        };
        let passkeys = api.store.passkeys(user).await?;
        let mine = visitor.directory.teams.iter().filter(|team| visitor.access.teams().contains(&team.id));
        let facts = ProfileFacts {
            reader: &visitor.reader,
            role: visitor.access.role(),
            teams: mine.map(|team| team.name.clone()).collect(),
            profile: found.as_ref(),
            proofs: &proofs,
            request: &input_id::hash_text(&["verify", user.as_str(), &visitor.reader.now.to_string()], 32),
            sent: uri.query().and_then(|query| query.strip_prefix("sent=")).unwrap_or_default(),
            sessions: &sessions,
            passkeys: &passkeys,
            has_passkeys: api.relying_party.is_some(),
            here: &visitor.session.id,
            calendars: &api.store.calendars_of(&About::User(user.clone())).await?,
        };
        let title = visitor.reader.names.get(&visitor.session.user).cloned().unwrap_or_default();
        Ok(profile(&facts, visitor.frame("me", title)).into_response())
    };
    answer(shown.await, &headers)
}

/// `POST /app/me/contacts/{method}/verify`: sends a message that asks for proof.
pub(super) async fn verify(State(api): State<Arc<Api>>, method: Result<Path<String>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let asked = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let Path(method) = method?;
        let form = Form::of_session(request, &visitor.secret).await?;
        let method = Method::ALL.into_iter().find(|one| one.as_str() == method).ok_or(Trouble::NotThere)?;
        match api.store.ask_for_proof(&visitor.session.user, method, form.text("request")).await? {
            Asked::Sent(_) | Asked::Known(_) => {
                let back = if form.text("to") == "checklist" { checklist::ADDRESS } else { ADDRESS };
                Ok(Redirect::to(&format!("{back}?sent={}", method.as_str())).into_response())
            }
            Asked::TooOften { .. } => Err(Trouble::AskedTooOften),
            Asked::UnknownUser | Asked::NoAddress => Err(Trouble::NotThere),
        }
    };
    answer(asked.await, &headers)
}

/// Their profile. One that can not be read costs what it says, not the page.
pub(super) async fn own_profile(api: &Api, user: &UserId) -> Result<Option<Profile>, Trouble> {
    match api.store.profile(user).await {
        Err(StoreError::Unreadable { key, .. }) => {
            tracing::error!(%key, "a profile can not be read");
            Ok(None)
        }
        other => Ok(other?),
    }
}

/// `POST /app/me/sessions/{id}/end`
pub(super) async fn end_session(State(api): State<Arc<Api>>, id: Result<Path<String>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let ended = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let Path(id) = id?;
        let _form = Form::of_session(request, &visitor.secret).await?;
        let was_there = api.store.end_session(&visitor.session.user, &id, &audited_user(&visitor.session.user)).await?;
        tracing::info!(user.id = %visitor.session.user, session.id = id, was_there, "a session was ended");
        Ok(Redirect::to(ADDRESS).into_response())
    };
    answer(ended.await, &headers)
}

/// `POST /app/me/sessions/end-others`
pub(super) async fn end_others(State(api): State<Arc<Api>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let ended = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let _form = Form::of_session(request, &visitor.secret).await?;
        let by = audited_user(&visitor.session.user);
        let count = api.store.end_sessions(&visitor.session.user, Some(&visitor.session.id), &by).await?;
        tracing::info!(user.id = %visitor.session.user, count, "every other session was ended");
        Ok::<_, Trouble>(Redirect::to(ADDRESS).into_response())
    };
    answer(ended.await, &headers)
}
