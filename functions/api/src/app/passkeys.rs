//! Passkeys: signing in with one, and those of one's own page.
//!
//! A script asks the device, and sends its answer as a form; without scripts the mail's link is the way. Whoever tries a key that signs in
//! nobody is told the same whyever it is so.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Redirect, Response},
};
use hansho_store::{Ceremony, CeremonyKind, Passkey, PasskeyAdded, audited_user};
use http::header;

use super::{
    form::Form,
    profile,
    sign_in::{agent, asker, begin_session, secret},
    visitor::Visitor,
};
use crate::{
    Api,
    link::{Trouble, answer},
    passkey::{self, Begun, Refused, RelyingParty},
};

/// Longest name of a passkey, in characters.
const NAME_CHARS_MAX: usize = 60;

/// `POST /sign-in/passkey/begin`: what the browser asks the device.
pub(super) async fn begin(State(api): State<Arc<Api>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let begun = async {
        let asker = asker(&request);
        let _form = Form::read(request).await?;
        let begun = party(&api)?.begin_signing_in().map_err(not_signed_in)?;
        let ceremony = Ceremony { kind: CeremonyKind::SignIn, user: None, state: begun.state.clone() };
        keep(&api, &begun, &ceremony, &asker).await
    };
    answer(begun.await, &headers)
}

/// `POST /sign-in/passkey`: signs in whoever's passkey has signed the challenge. The session is a new one.
pub(super) async fn enter(State(api): State<Arc<Api>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let entered = async {
        let form = Form::read(request).await?;
        let party = party(&api)?;
        let (answer, credential, name) = passkey::signed(form.text("credential")).map_err(not_signed_in)?;
        let ended = api.store.end_ceremony(&name, CeremonyKind::SignIn).await?;
        let ceremony = ended.ok_or(Trouble::PasskeyTooLate)?;
        let known = api.store.passkey(&credential).await?.ok_or(Trouble::PasskeyUnknown)?;
        let counter = party.end_signing_in(&ceremony.state, &answer, &known).map_err(not_signed_in)?;
        let secret = secret()?;
        let begun = api.store.sign_in_by_passkey(&known, &counter, &secret, agent(&headers)).await?;
        let session = begun.ok_or(Trouble::PasskeyUnknown)?;
        Ok(begin_session(&api, &session, &secret, form.text("to"), &headers).await)
    };
    answer(entered.await, &headers)
}

/// `POST /app/me/passkeys/begin`: what the browser asks the device for.
pub(super) async fn begin_adding(State(api): State<Arc<Api>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let begun = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let _form = Form::of_session(request, &visitor.secret).await?;
        let user = &visitor.session.user;
        let known = api.store.passkeys(user).await?;
        let handle = known.first().map_or_else(passkey::new_handle, |passkey| passkey.handle.clone());
        let name = visitor.reader.names.get(user).map_or("", String::as_str);
        let begun = party(&api)?.begin_adding(user.as_str(), name, &handle, &known).map_err(not_added)?;
        // The handle is not secret; it goes with the state because the first key has no other that knows it.
        let state = format!("{handle} {}", begun.state);
        let ceremony = Ceremony { kind: CeremonyKind::AddPasskey, user: Some(user.clone()), state };
        keep(&api, &begun, &ceremony, &format!("user/{user}")).await
    };
    answer(begun.await, &headers)
}

/// `POST /app/me/passkeys`: adds what the device has made.
pub(super) async fn add(State(api): State<Arc<Api>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let added = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let form = Form::of_session(request, &visitor.secret).await?;
        let user = &visitor.session.user;
        let (answer, name) = passkey::added(form.text("credential")).map_err(not_added)?;
        let ceremony = api.store.end_ceremony(&name, CeremonyKind::AddPasskey).await?.ok_or(Trouble::PasskeyTooLate)?;
        // Begun in another session's page by somebody else: the key would be theirs, and the device calls it so.
        if ceremony.user.as_ref() != Some(user) {
            return Err(Trouble::PasskeyNotAdded);
        }
        let (handle, state) = ceremony.state.split_once(' ').ok_or(Trouble::PasskeyNotAdded)?;
        let made = party(&api)?.end_adding(state, &answer).map_err(not_added)?;
        let passkey = Passkey {
            credential: made.credential,
            user: user.clone(),
            handle: handle.to_owned(),
            name: called(form.text("name"), &visitor),
            key: made.key,
            counter: made.counter,
            mail: visitor.session.mail.clone(),
            created_at: api.store.clock().now(),
            used_at: None,
        };
        match api.store.add_passkey(&passkey).await? {
            PasskeyAdded::Done => {
                tracing::info!(user.id = %user, passkey.id = passkey.id(), "a passkey was added");
                Ok(Redirect::to(profile::ADDRESS).into_response())
            }
            PasskeyAdded::Known => Err(Trouble::PasskeyNotAdded),
            PasskeyAdded::TooMany => Err(Trouble::PasskeysTooMany),
        }
    };
    answer(added.await, &headers)
}

/// `POST /app/me/passkeys/{id}/remove`
pub(super) async fn remove(State(api): State<Arc<Api>>, id: Result<Path<String>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let removed = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let Path(id) = id?;
        let _form = Form::of_session(request, &visitor.secret).await?;
        let was_there = api.store.remove_passkey(&visitor.session.user, &id, &audited_user(&visitor.session.user)).await?;
        tracing::info!(user.id = %visitor.session.user, passkey.id = id, was_there, "a passkey was removed");
        Ok(Redirect::to(profile::ADDRESS).into_response())
    };
    answer(removed.await, &headers)
}

/// Keeps a ceremony, and gives the browser its options.
async fn keep(api: &Api, begun: &Begun, ceremony: &Ceremony, asker: &str) -> Result<Response, Trouble> {
    if !api.store.begin_ceremony(&begun.name, ceremony, asker).await? {
        return Err(Trouble::SignInTooOften);
    }
    Ok(([(header::CONTENT_TYPE, "application/json")], begun.options.clone()).into_response())
}

fn party(api: &Api) -> Result<&RelyingParty, Trouble> {
    api.relying_party.as_ref().ok_or(Trouble::NotThere)
}

/// What a key is called: what its person has written, or the browser that it was made in.
fn called(name: &str, visitor: &Visitor) -> String {
    let name: String = hansho_domain::text::one_line(name).trim().chars().take(NAME_CHARS_MAX).collect();
    if name.is_empty() { crate::page::app::profile::browser(&visitor.session.agent) } else { name }
}

/// Why is for the log: whoever tries keys of others must not be told how near they are.
fn not_signed_in(why: Refused) -> Trouble {
    tracing::warn!(%why, "a passkey signs nobody in");
    Trouble::PasskeyUnknown
}

fn not_added(why: Refused) -> Trouble {
    tracing::warn!(%why, "a passkey was not added");
    Trouble::PasskeyNotAdded
}
