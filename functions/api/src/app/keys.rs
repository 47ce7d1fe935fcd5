//! Keys: the tokens of tools, for admins, and the keys by which events come in, for those who look after the service that they are for.
//!
//! A secret is shown once, in answer to the tap that makes it. A token may do whatever the API can, so only owners make one: an admin would
//! come by it to what is an owner's.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, Request, State, rejection::PathRejection, rejection::QueryRejection},
    response::{IntoResponse, Redirect, Response},
};
use hansho_domain::{IntegrationId, ListedIntegration};
use hansho_runtime::secrets::random_code;
use hansho_store::{KeyMade, Token, TokenMade, audited_user};
use http::{HeaderMap, Uri};
use jiff::SignedDuration;
use serde::Deserialize;

use super::{
    form::Form,
    paging::{ListQuery, paged},
    visitor::Visitor,
};
use crate::{
    Api,
    link::{Trouble, answer, segment},
    page::app::{
        keys::{IntegrationFacts, KeysFacts, integration, keys},
        sheet::Link,
    },
    rest::integrations::{MadeKey, has_keys, make_key},
    words::{self, SetupLabels},
};

/// Where they are.
pub(super) const ADDRESS: &str = "/app/keys";

#[derive(Debug, Default, Deserialize)]
pub(super) struct DoneQuery {
    /// What was done a moment ago.
    #[serde(default)]
    done: String,
}

/// Whether there is anything on the page for them.
pub(super) fn may_see(visitor: &Visitor) -> bool {
    visitor.access.administers() || managed(visitor).next().is_some()
}

/// `GET /app/keys`
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    query: Result<Query<ListQuery>, QueryRejection>,
    done: Result<Query<DoneQuery>, QueryRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let query = query.map(|Query(query)| query).unwrap_or_default();
        let done = done.map(|Query(query)| query.done).unwrap_or_default();
        let u = setup(&visitor);
        let done = match done.as_str() {
            "revoked" => u.revoked,
            "known" => u.token_known,
            "name" => u.token_name_wrong,
            "full" => u.tokens_full,
            _ => "",
        };
        page(&api, &visitor, &query, done, String::new()).await
    };
    answer(shown.await, &headers)
}

/// `POST /app/keys/tokens`: makes a token, and shows it this once.
pub(super) async fn make_token(State(api): State<Arc<Api>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let made = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        if !visitor.access.administers() {
            return Err(Trouble::NotThere);
        }
        if !visitor.access.owns() {
            return Err(Trouble::NotAllowed);
        }
        let form = Form::of_session(request, &visitor.secret).await?;
        let back = |done: &str| Ok(Redirect::to(&format!("{ADDRESS}?done={done}")).into_response());
        let name = form.text("name").trim();
        if !Token::may_be_called(name) {
            return back("name");
        }
        let secret = random_code().map_err(|_| Trouble::NoRandomness)?;
        let by = audited_user(&visitor.session.user);
        let token = Token { name: name.to_owned(), made_by: by.clone(), created_at: visitor.reader.now };
        match api.store.make_token(&secret, &token).await? {
            TokenMade::Made => {
                tracing::info!(name, by, "a token was made on a page");
                page(&api, &visitor, &ListQuery::default(), setup(&visitor).token_made, secret).await
            }
            TokenMade::Known => back("known"),
            TokenMade::TooMany => back("full"),
        }
    };
    answer(made.await, &headers)
}

/// `POST /app/keys/tokens/{name}/revoke`
pub(super) async fn revoke_token(State(api): State<Arc<Api>>, name: Result<Path<String>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let revoked = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        if !visitor.access.administers() {
            return Err(Trouble::NotThere);
        }
        let Path(name) = name?;
        let _form = Form::of_session(request, &visitor.secret).await?;
        let was_there = api.store.revoke_token(&name, &audited_user(&visitor.session.user)).await?;
        tracing::info!(name, by = %visitor.session.user, was_there, "a token was revoked on a page");
        Ok(Redirect::to(&format!("{ADDRESS}?done=revoked")).into_response())
    };
    answer(revoked.await, &headers)
}

/// `GET /app/keys/integrations/{id}`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    id: Result<Path<String>, PathRejection>,
    query: Result<Query<DoneQuery>, QueryRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let listed = visible(&visitor, &id?.0)?;
        let u = setup(&visitor);
        let done = match query.map(|Query(query)| query.done).unwrap_or_default().as_str() {
            "revoked" => u.revoked,
            "full" => u.keys_full,
            _ => "",
        };
        one(&api, &visitor, listed, done, String::new()).await
    };
    answer(shown.await, &headers)
}

/// `POST /app/keys/integrations/{id}`: makes a key, and shows it this once.
pub(super) async fn make(State(api): State<Arc<Api>>, id: Result<Path<String>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let made = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let listed = visible(&visitor, &id?.0)?;
        let _form = Form::of_session(request, &visitor.secret).await?;
        let by = audited_user(&visitor.session.user);
        let made = make_key(&api, listed.id.clone(), by, &[], SignedDuration::ZERO).await?;
        let MadeKey { secret, made, .. } = made.map_err(|_| Trouble::NoRandomness)?;
        match made {
            KeyMade::Made { .. } => one(&api, &visitor, listed, setup(&visitor).key_made, secret).await,
            // Nothing was replaced, so nobody can have been faster.
            KeyMade::TooMany | KeyMade::Overtaken => Ok(Redirect::to(&format!("{}?done=full", address_of(listed))).into_response()),
        }
    };
    answer(made.await, &headers)
}

/// `POST /app/keys/integrations/{id}/{key}/revoke`
pub(super) async fn revoke(State(api): State<Arc<Api>>, path: Result<Path<(String, String)>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let revoked = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let Path((id, key)) = path?;
        let listed = visible(&visitor, &id)?;
        let _form = Form::of_session(request, &visitor.secret).await?;
        let was_there = api.store.revoke_integration_key(&listed.id, &key, &audited_user(&visitor.session.user)).await?;
        tracing::info!(integration = %listed.id, key, by = %visitor.session.user, was_there, "an integration key was revoked on a page");
        Ok(Redirect::to(&format!("{}?done=revoked", address_of(listed))).into_response())
    };
    answer(revoked.await, &headers)
}

/// `GET` of an address that only takes a button.
pub(super) async fn back() -> Response {
    Redirect::to(ADDRESS).into_response()
}

/// The same of one integration's.
pub(super) async fn back_to_one(path: Result<Path<(String, String)>, PathRejection>, headers: HeaderMap) -> Response {
    let back = path.map(|Path((id, _))| Redirect::to(&format!("{ADDRESS}/integrations/{}", segment(&id))).into_response());
    answer(back.map_err(Trouble::from), &headers)
}

/// The page of all.
async fn page(api: &Api, visitor: &Visitor, query: &ListQuery, done: &'static str, secret: String) -> Result<Response, Trouble> {
    if !may_see(visitor) {
        return Err(Trouble::NotThere);
    }
    let tokens = if visitor.access.administers() { Some(api.store.tokens().await?) } else { None };
    let page = paged(managed(visitor), |one| (one.id.as_str(), one.name.as_str()), query, ADDRESS);
    let facts = KeysFacts { reader: &visitor.reader, tokens: tokens.as_deref(), may_make: visitor.access.owns(), integrations: &page.here };
    let u = setup(visitor);
    let mut sheet = keys(&facts, visitor.frame("more", u.keys.to_owned()));
    (sheet.done, sheet.secret) = (done, secret);
    sheet.links = page.next.map(|next| Link::new(next, u.next_page)).into_iter().collect();
    Ok(sheet.html().into_response())
}

/// The page of one integration.
async fn one(api: &Api, visitor: &Visitor, listed: &ListedIntegration, done: &'static str, secret: String) -> Result<Response, Trouble> {
    let keys = api.store.integration_keys(&listed.id).await?;
    let facts = IntegrationFacts { reader: &visitor.reader, listed, keys: &keys };
    let mut sheet = integration(&facts, visitor.frame("more", listed.name.clone()));
    (sheet.done, sheet.secret) = (done, secret);
    Ok(sheet.html().into_response())
}

/// The integrations with keys that the visitor looks after.
fn managed(visitor: &Visitor) -> impl Iterator<Item = &ListedIntegration> {
    let Visitor { access, directory, .. } = visitor;
    directory.integrations.iter().filter(move |one| has_keys(&one.kind) && access.manages_integration(directory, one))
}

/// The integration of that name, of those. Whoever does not look after it is answered as if there was none.
fn visible<'a>(visitor: &'a Visitor, id: &str) -> Result<&'a ListedIntegration, Trouble> {
    let id: IntegrationId = id.parse().map_err(|_| Trouble::NotThere)?;
    managed(visitor).find(|one| one.id == id).ok_or(Trouble::NotThere)
}

fn address_of(listed: &ListedIntegration) -> String {
    format!("{ADDRESS}/integrations/{}", listed.id)
}

fn setup(visitor: &Visitor) -> &'static SetupLabels {
    words::tongue(visitor.reader.language).setup()
}
