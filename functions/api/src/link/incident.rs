//! One incident behind a link.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Redirect, Response},
};
use hansho_domain::{Actor, Incident, IncidentId, Input};
use hansho_store::{Applied, Link, LinkTo, StoreError};
use http::HeaderMap;

use super::{
    LinkAction, find, form, is_expired, proof,
    reader::{name_people, people, reader, roster},
    trouble::{Trouble, answer},
};
use crate::{
    Api, input_id,
    page::{self, IncidentFacts},
};

/// `GET /i/{code}`
pub(super) async fn show(State(api): State<Arc<Api>>, code: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Response {
    let shown = async {
        let Path(code) = code?;
        let link = find(&api, &code).await?;
        match link.to {
            LinkTo::Incident(id) => page(&api, &link, id, &format!("/i/{code}"), None, &headers).await,
            LinkTo::Bundle(_) | LinkTo::Proof { .. } | LinkTo::SignIn { .. } | LinkTo::Invitation { .. } | LinkTo::Swap { .. } => {
                Ok(Redirect::to(&super::address(&code, &link.to)).into_response())
            }
        }
    };
    answer(shown.await, &headers)
}

/// `GET /i/{code}/live`: tells a page that is open whether it still shows what is so.
pub(super) async fn live(State(api): State<Arc<Api>>, code: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Response {
    let looked = async {
        let Path(code) = code?;
        let link = find(&api, &code).await?;
        let LinkTo::Incident(id) = link.to else { return Err(Trouble::Unknown) };
        Ok(page::seen(&incident(&api, &link, id).await?).into_response())
    };
    answer(looked.await, &headers)
}

/// `POST /i/{code}/{action}`
pub(super) async fn act(State(api): State<Arc<Api>>, path: Result<Path<(String, String)>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let acted = async {
        let Path((code, action)) = path?;
        let action = LinkAction::named(&action).ok_or(Trouble::Unknown)?;
        let nonce = form::nonce(request).await?;
        let link = find(&api, &code).await?;
        let LinkTo::Incident(id) = link.to else { return Err(Trouble::Unknown) };
        let incident = act_on(&api, &code, &link, id, action, nonce).await?;
        proof::of_test_page(&api, &link, &incident).await?;
        proof::of_page(&api, &link).await;
        Ok(Redirect::to(&format!("/i/{code}")).into_response())
    };
    answer(acted.await, &headers)
}

/// `GET /i/{code}/{action}`: a browser that remembers where the button led. It shows the state.
pub(super) async fn back(path: Result<Path<(String, String)>, PathRejection>, headers: HeaderMap) -> Response {
    let back = path.map_err(Trouble::from).and_then(|Path((code, action))| {
        LinkAction::named(&action).map(|_| Redirect::to(&format!("/i/{}", segment(&code))).into_response()).ok_or(Trouble::Unknown)
    });
    answer(back, &headers)
}

/// A code that nobody has checked yet, fit for an address.
pub(crate) fn segment(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// The incident's page, at `address`.
pub(super) async fn page(
    api: &Api,
    link: &Link,
    id: IncidentId,
    address: &str,
    bundle_address: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response, Trouble> {
    let incident = incident(api, link, id).await?;
    let (timeline, deliveries) = api.store.timeline(id).await?;
    let roster = roster(api, &incident).await;
    let mut reader = reader(api, &link.user, headers).await;
    name_people(api, &mut reader, roster.as_ref(), people(&incident, &timeline, &deliveries)).await;
    let facts = IncidentFacts {
        incident: &incident,
        roster: roster.as_ref(),
        timeline: &timeline,
        deliveries: &deliveries,
        reader: &reader,
        address,
        bundle_address,
    };
    Ok(page::incident(&facts).into_response())
}

/// The incident, if the link still shows it.
pub(crate) async fn incident(api: &Api, link: &Link, id: IncidentId) -> Result<Incident, Trouble> {
    let incident = api.store.incident(id).await?.ok_or(Trouble::Unknown)?.incident;
    if is_expired(link, &incident, api.store.clock().now()) { Err(Trouble::Expired) } else { Ok(incident) }
}

/// Does what the button says, as the person whom the link was made for. What changes nothing is no error: the page shows
/// how it stands.
pub(super) async fn act_on(
    api: &Api,
    code: &str,
    link: &Link,
    id: IncidentId,
    action: LinkAction,
    nonce: Option<String>,
) -> Result<Box<Incident>, Trouble> {
    let nonce = match nonce {
        Some(nonce) => nonce,
        None => action.nonce([(id, paged_if_unreadable(api, incident(api, link, id).await).await?.version)]),
    };
    let input =
        Input { id: input_id::of_link(code, action.as_str(), &nonce), actor: Actor::User(link.user.clone()), command: action.command() };
    let applied = api.store.apply(id, &input).await.map_err(Trouble::from);
    let (what, incident) = match paged_if_unreadable(api, applied).await? {
        Applied::Changed(incident) => ("changed", incident),
        Applied::Ignored(_, incident) => ("ignored", incident),
        Applied::Rejected(_, incident) => ("rejected", incident),
        Applied::Unknown => return Err(Trouble::Unknown),
    };
    tracing::info!(incident.id = %id, action = action.as_str(), result = what, "somebody acted through a link");
    // Nothing that a link can ask changes what is over, so it is early enough to look at the link's end now.
    if is_expired(link, &incident, api.store.clock().now()) { Err(Trouble::Expired) } else { Ok(incident) }
}

/// Somebody wants to act on what can not be read: the people of last resort have to know.
pub(crate) async fn paged_if_unreadable<T>(api: &Api, result: Result<T, Trouble>) -> Result<T, Trouble> {
    if let Err(Trouble::Store(StoreError::UnreadableIncident { incident, message })) = &result {
        let _reported = api.store.report_unreadable(*incident, message).await?;
    }
    result
}
