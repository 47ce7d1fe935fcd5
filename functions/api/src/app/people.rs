//! People: for those who look after others, how each is reached and where they are signed in; for everybody else, the names of their teams.
//!
//! Whoever does not look after a person is answered as if there was nobody of that name.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    extract::{Path, Query, Request, State, rejection::PathRejection, rejection::QueryRejection},
    response::{IntoResponse, Redirect, Response},
};
use futures_util::future::join_all;
use hansho_domain::{Access, Role, UserId};
use hansho_store::{Drill, Invited, audited_user};
use http::{HeaderMap, Uri};
use serde::Deserialize;

use super::{checklist::readiness, form::Form, visitor::Visitor};
use crate::{
    Api,
    link::{Trouble, answer},
    page::app::people::{Managed, PeopleFacts, PersonFacts, PersonLine, people, person},
    words,
};

/// Where they are.
const ADDRESS: &str = "/app/people";
/// Most people of one page.
const PAGE_MAX: usize = 50;
/// How many are looked up at once.
const READ_AT_ONCE: usize = 10;

#[derive(Debug, Default, Deserialize)]
pub(super) struct PeopleQuery {
    /// Those who come after this name.
    #[serde(default)]
    after: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct PersonQuery {
    /// What was done a moment ago.
    #[serde(default)]
    done: String,
}

/// `GET /app/people`
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    query: Result<Query<PeopleQuery>, QueryRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let after = query.map(|Query(query)| query.after).unwrap_or_default();
        let visible = visible(&visitor);
        let mut rest = visible.iter().filter(|user| user.as_str() > after.as_str());
        let here: Vec<&UserId> = rest.by_ref().take(PAGE_MAX).collect();
        let drill = newest_drill(&api, here.iter().any(|user| manages(&visitor, user))).await?;
        let mut lines = Vec::new();
        for some in here.chunks(READ_AT_ONCE) {
            let read = some.iter().map(|user| line(&api, &visitor, user, drill.as_ref()));
            lines.extend(join_all(read).await.into_iter().collect::<Result<Vec<_>, Trouble>>()?);
        }
        let next = rest.next().and_then(|_| here.last()).map(|last| format!("{ADDRESS}?after={last}"));
        let facts = PeopleFacts { reader: &visitor.reader, lines, next };
        let title = words::tongue(visitor.reader.language).people().people.to_owned();
        Ok(people(&facts, visitor.frame("me", title)).into_response())
    };
    answer(shown.await, &headers)
}

/// `GET /app/people/{id}`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    id: Result<Path<String>, PathRejection>,
    query: Result<Query<PersonQuery>, QueryRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let user = managed(&visitor, id)?;
        let drill = newest_drill(&api, true).await?;
        let facts = PersonFacts {
            reader: &visitor.reader,
            line: line(&api, &visitor, &user, drill.as_ref()).await?,
            readiness: &readiness(&api, &user).await?,
            invitation: api.store.invitation(&user).await?,
            sessions: if visitor.access.administers() { Some(api.store.sessions(&user).await?) } else { None },
            may_sign_out: may_sign_out(&visitor, &user),
            done: &query.map(|Query(query)| query.done).unwrap_or_default(),
        };
        let title = visitor.directory.name_of(&user);
        Ok(person(&facts, visitor.frame("me", title)).into_response())
    };
    answer(shown.await, &headers)
}

/// `POST /app/people/{id}/invite`
pub(super) async fn invite(State(api): State<Arc<Api>>, id: Result<Path<String>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let invited = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let user = managed(&visitor, id)?;
        let _form = Form::of_session(request, &visitor.secret).await?;
        let by = &visitor.session.user;
        match api.store.invite(&user, Some(by), &format!("user/{by}")).await? {
            Invited::Sent(_) => {
                tracing::info!(user.id = %user, by = %by, "somebody was invited");
                Ok(Redirect::to(&format!("{ADDRESS}/{user}?done=invited")).into_response())
            }
            Invited::TooOften { .. } | Invited::TooManyToday => Err(Trouble::InvitedTooOften),
            Invited::UnknownUser | Invited::NoAddress => Err(Trouble::NotThere),
        }
    };
    answer(invited.await, &headers)
}

/// `POST /app/people/{id}/sign-out`: ends every session of theirs, and an invitation that they have not used.
pub(super) async fn sign_out(State(api): State<Arc<Api>>, id: Result<Path<String>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let ended = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let user = managed(&visitor, id)?;
        if !may_sign_out(&visitor, &user) {
            return Err(Trouble::NotAllowed);
        }
        let _form = Form::of_session(request, &visitor.secret).await?;
        let by = audited_user(&visitor.session.user);
        let was_invited = api.store.end_invitation(&user).await?;
        // The sessions last: what ends before them can not begin another.
        let passkeys = api.store.remove_passkeys(&user, &by).await?;
        let count = api.store.end_sessions(&user, None, &by).await?;
        tracing::info!(user.id = %user, by = %visitor.session.user, count, passkeys, was_invited, "somebody was signed out everywhere");
        Ok(Redirect::to(&format!("{ADDRESS}/{user}?done=signed-out")).into_response())
    };
    answer(ended.await, &headers)
}

/// A browser that remembers where a button led.
pub(super) async fn back(id: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Response {
    let known = id.ok().and_then(|Path(id)| id.parse::<UserId>().ok());
    answer(known.map(|id| Redirect::to(&format!("{ADDRESS}/{id}")).into_response()).ok_or(Trouble::NotThere), &headers)
}

/// The person of that name, of those whom the visitor looks after.
fn managed(visitor: &Visitor, id: Result<Path<String>, PathRejection>) -> Result<UserId, Trouble> {
    let user: UserId = id.map_err(|_| Trouble::NotThere)?.0.parse().map_err(|_| Trouble::NotThere)?;
    if manages(visitor, &user) { Ok(user) } else { Err(Trouble::NotThere) }
}

fn manages(visitor: &Visitor, user: &UserId) -> bool {
    visitor.directory.users.contains_key(user) && visitor.access.manages_user(&visitor.directory, user)
}

/// Admins sign out whom they look after; of admins and owners, only owners do.
fn may_sign_out(visitor: &Visitor, user: &UserId) -> bool {
    let role = visitor.directory.users.get(user).map_or(Role::Owner, |listed| listed.role);
    let Visitor { access, .. } = visitor;
    access.administers() && (role < Role::Admin || access.owns())
}

/// Whom the visitor sees: those whom they look after, and those of their teams.
fn visible(visitor: &Visitor) -> BTreeSet<UserId> {
    let Visitor { access, directory, .. } = visitor;
    if access.administers() {
        return directory.users.keys().cloned().collect();
    }
    let teams = directory.teams.iter().filter(|team| access.teams().contains(&team.id));
    let people = teams.flat_map(|team| team.members.iter().chain(&team.managers));
    people.filter(|user| directory.users.contains_key(*user)).cloned().collect()
}

/// What the visitor is told of a person: their name, and what they need to know of whomever they look after.
async fn line(api: &Api, visitor: &Visitor, user: &UserId, drill: Option<&Drill>) -> Result<PersonLine, Trouble> {
    let Visitor { access, directory, .. } = visitor;
    let listed = directory.users.get(user).ok_or(Trouble::NotThere)?;
    let theirs = Access::of(directory, user).map(|theirs| theirs.teams().clone()).unwrap_or_default();
    let seen =
        directory.teams.iter().filter(|team| theirs.contains(&team.id) && (access.administers() || access.teams().contains(&team.id)));
    let managed = if manages(visitor, user) {
        let profile = super::profile::own_profile(api, user).await?;
        let proofs = match &profile {
            Some(profile) => api.store.contact_proofs(user, &profile.contact).await?,
            None => BTreeMap::new(),
        };
        let asked = drill.filter(|drill| drill.asked.iter().any(|asked| asked.user == *user));
        let sessions = api.store.sessions(user).await?;
        Some(Managed {
            role: listed.role,
            answered_at: asked
                .and_then(|drill| proofs.values().filter_map(|proof| proof.proven_at).filter(|at| *at >= drill.began_at).max()),
            asked_at: asked.map(|drill| drill.began_at),
            proofs,
            has_mail: profile.is_some_and(|profile| profile.contact.email.is_some()),
            sessions: sessions.len(),
            seen_at: sessions.first().map(|session| session.seen_at),
        })
    } else {
        None
    };
    Ok(PersonLine { user: user.clone(), name: listed.name.clone(), teams: seen.map(|team| team.name.clone()).collect(), managed })
}

/// The newest drill that was not called off, where somebody is told of it.
async fn newest_drill(api: &Api, is_told: bool) -> Result<Option<Drill>, Trouble> {
    if !is_told {
        return Ok(None);
    }
    let now = api.store.clock().now();
    let listed = api.store.drills().await?.into_iter().find(|drill| drill.ended_at.is_none() && drill.send_at <= now);
    match listed {
        Some(listed) => Ok(api.store.drill(&listed.id).await?),
        None => Ok(None),
    }
}
