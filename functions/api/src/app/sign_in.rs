//! Signing in by a link that is sent by mail: a form that asks for it, a page that asks once more, and a tap that signs in.
//!
//! Scanners open links, so opening one does nothing. The answer to a mail address is the same whoever it belongs to.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Path, Query, Request, State, rejection::PathRejection, rejection::QueryRejection},
    response::{IntoResponse, Redirect, Response},
};
use hansho_runtime::secrets::random_code;
use hansho_store::{LinkTo, Session, SignedIn, audited_user};
use http::{HeaderMap, header};
use serde::Deserialize;

use super::{cookie, form::Form, home, visitor::Visitor};
use crate::{
    Api,
    event::SourceAddress,
    language,
    link::{Trouble, answer, find, reader, segment},
    page::app::sign_in::{self, Ways},
};

/// Longest mail address (RFC 5321, section 4.5.3.1.3: a path of 256 octets with its brackets).
const MAIL_CHARS_MAX: usize = 254;
/// Longest address of ours that signing in leads back to.
const TO_CHARS_MAX: usize = 300;

#[derive(Debug, Default, Deserialize)]
pub(super) struct AskQuery {
    #[serde(default)]
    to: String,
}

/// `GET /sign-in`
pub(super) async fn ask(State(api): State<Arc<Api>>, headers: HeaderMap, query: Result<Query<AskQuery>, QueryRejection>) -> Response {
    let to = query.map(|Query(query)| query.to).unwrap_or_default();
    let ways = Ways { has_passkeys: api.relying_party.is_some() };
    sign_in::ask(language::preferred(&headers), ours(&to), &ways).into_response()
}

/// `POST /sign-in`: sends a link, and says the same whatever became of it.
pub(super) async fn send(State(api): State<Arc<Api>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let sent = async {
        let asker = asker(&request);
        let form = Form::read(request).await?;
        let address = form.text("mail").trim();
        if !address.is_empty() && address.chars().count() <= MAIL_CHARS_MAX {
            api.store.ask_to_sign_in(address, &asker).await?;
        }
        let mut response = sign_in::sent(language::preferred(&headers)).into_response();
        let way = cookie::keep_way(ours(form.text("to")));
        response.headers_mut().extend(way.map(|way| (header::SET_COOKIE, way)));
        Ok(response)
    };
    answer(sent.await, &headers)
}

/// `GET /s/{code}`: asks whether to sign in.
pub(super) async fn show(State(api): State<Arc<Api>>, code: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Response {
    let shown = async {
        let Path(code) = code?;
        let link = find(&api, &code).await?;
        let LinkTo::SignIn { .. } = link.to else { return Err(Trouble::Unknown) };
        if api.store.clock().now() >= link.expires_at {
            return Err(Trouble::SignInOver);
        }
        let reader = reader(&api, &link.user, &headers).await;
        Ok(sign_in::confirm(&reader, &format!("/s/{}", segment(&code))).into_response())
    };
    answer(shown.await, &headers)
}

/// `POST /s/{code}`: signs in. The session is a new one, whatever the browser held before.
pub(super) async fn enter(State(api): State<Arc<Api>>, code: Result<Path<String>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let entered = async {
        let Path(code) = code?;
        let _form = Form::read(request).await?;
        let secret = secret()?;
        match api.store.sign_in(&code, &secret, agent(&headers)).await? {
            SignedIn::Done(session) => {
                let to = cookie::way(&headers).unwrap_or_default();
                Ok(begin_session(&api, &session, &secret, to, &headers).await)
            }
            SignedIn::UsedBefore => Err(Trouble::SignInUsed),
            SignedIn::Over => Err(Trouble::SignInOver),
            SignedIn::Unknown => Err(Trouble::Unknown),
        }
    };
    answer(entered.await, &headers)
}

/// The secret of a new session.
pub(super) fn secret() -> Result<String, Trouble> {
    random_code().map_err(|error| {
        tracing::error!(%error, "the system gives no randomness");
        Trouble::NoRandomness
    })
}

/// What the browser says of itself.
pub(super) fn agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Hands a session that has begun to the browser, and leads to what its person wanted to see, if that is ours.
pub(super) async fn begin_session(api: &Api, session: &Session, secret: &str, to: &str, headers: &HeaderMap) -> Response {
    tracing::info!(user.id = %session.user, session.id = session.id, by = ?session.by, "somebody signed in");
    let to = if ours(to).is_empty() { home::ADDRESS } else { to };
    begun(api, headers, secret, to).await
}

/// A session has begun that `secret` proves: the browser keeps it in the place of the one before, and goes on to `to`.
pub(super) async fn begun(api: &Api, headers: &HeaderMap, secret: &str, to: &str) -> Response {
    end_before(api, headers).await;
    let mut response = Redirect::to(to).into_response();
    let kept = cookie::keep(secret, headers);
    response.headers_mut().extend(kept.map(|kept| (header::SET_COOKIE, kept)));
    response
}

/// `POST /sign-out`
pub(super) async fn leave(State(api): State<Arc<Api>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let left = async {
        if let Ok(visitor) = Visitor::of(&api, &headers, &uri).await {
            let _form = Form::of_session(request, &visitor.secret).await?;
            let _was_there =
                api.store.end_session(&visitor.session.user, &visitor.session.id, &audited_user(&visitor.session.user)).await?;
        }
        let mut response = Redirect::to("/sign-in").into_response();
        let gone = cookie::forget(&headers);
        response.headers_mut().extend(gone.map(|gone| (header::SET_COOKIE, gone)));
        Ok(response)
    };
    answer(left.await, &headers)
}

/// Whoever asks, by their network.
pub(super) fn asker(request: &Request) -> String {
    network(request.extensions().get::<SourceAddress>().map_or("", |asker| &asker.0))
}

/// What one customer of a network has: an address of IPv4, the first half of one of IPv6 (RFC 6177). On one machine there is none.
fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(address)) => address.segments()[..4].iter().map(|part| format!("{part:x}:")).collect(),
        Ok(IpAddr::V4(_)) | Err(_) => address.to_owned(),
    }
}

/// The session that the browser had before is its person's no more. One that can not be ended ends by itself.
async fn end_before(api: &Api, headers: &HeaderMap) {
    let Some(secret) = cookie::secret(headers) else { return };
    let ended = async {
        match api.store.session(&secret).await? {
            Some(before) => api.store.end_session(&before.user, &before.id, &audited_user(&before.user)).await,
            None => Ok(false),
        }
    };
    if let Err(error) = ended.await {
        tracing::warn!(error = %hansho_runtime::chain(&error), "the session before could not be ended");
    }
}

/// An address behind the sign-in, and no other: nobody is led elsewhere by a link to us.
fn ours(to: &str) -> &str {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.?=&%".contains(&byte);
    let is_below = to == home::ADDRESS || to.starts_with("/app/") || to.starts_with("/app?");
    if is_below && to.len() <= TO_CHARS_MAX && to.bytes().all(is_plain) { to } else { "" }
}

#[cfg(test)]
mod tests {
    use super::{network, ours};

    #[test]
    fn a_network_of_ipv6_is_one_however_many_addresses_it_has() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!((network("192.0.2.1").as_str(), network("").as_str()), ("192.0.2.1", ""));
    }

    #[test]
    fn signing_in_leads_to_no_other_site() {
        for (to, expected) in [
            ("/app", "/app"),
            ("/app/incidents/01JD5Z0000ABCDEFGHJKMNPQRS", "/app/incidents/01JD5Z0000ABCDEFGHJKMNPQRS"),
            ("/app?show=all", "/app?show=all"),
            ("//evil.example/app", ""),
            ("/app\\evil.example", ""),
            ("/app/\r\nSet-Cookie: a=b", ""),
            ("https://evil.example/app/", ""),
            ("/appearance", ""),
            ("", ""),
        ] {
            assert_eq!(ours(to), expected, "{to}");
        }
    }
}
