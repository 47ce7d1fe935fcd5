//! The incidents of a bundle behind one link.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Redirect, Response},
};
use hansho_domain::{Incident, IncidentId};
use hansho_store::{Link, LinkTo, StoreError};
use http::HeaderMap;

use super::{
    LinkAction, find, form,
    incident::{act_on, incident, page, segment},
    is_expired, proof,
    reader::{name_people, people, reader, roster},
    trouble::{Trouble, answer},
};
use crate::{
    Api,
    page::{self, BundleFacts, BundleItem},
};

/// `GET /b/{code}`
pub(super) async fn show(State(api): State<Arc<Api>>, code: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Response {
    let shown = async {
        let Path(code) = code?;
        let link = find(&api, &code).await?;
        match &link.to {
            LinkTo::Incident(_) | LinkTo::Proof { .. } | LinkTo::SignIn { .. } | LinkTo::Invitation { .. } | LinkTo::Swap { .. } => {
                Ok(Redirect::to(&super::address(&code, &link.to)).into_response())
            }
            LinkTo::Bundle(ids) => bundle_page(&api, &link, ids, &format!("/b/{code}"), &headers).await,
        }
    };
    answer(shown.await, &headers)
}

/// `GET /b/{code}/{incident}`
pub(super) async fn show_one(
    State(api): State<Arc<Api>>,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let shown = async {
        let Path((code, id)) = path?;
        let link = find(&api, &code).await?;
        let id = one_of(&link, &id)?;
        page(&api, &link, id, &format!("/b/{code}/{id}"), Some(&format!("/b/{code}")), &headers).await
    };
    answer(shown.await, &headers)
}

/// `GET /b/{code}/{incident}/live`
pub(super) async fn live_one(
    State(api): State<Arc<Api>>,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let looked = async {
        let Path((code, id)) = path?;
        let link = find(&api, &code).await?;
        let id = one_of(&link, &id)?;
        Ok(page::seen(&incident(&api, &link, id).await?).into_response())
    };
    answer(looked.await, &headers)
}

/// `POST /b/{code}/{incident}/{action}`
pub(super) async fn act_on_one(
    State(api): State<Arc<Api>>,
    path: Result<Path<(String, String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let headers = request.headers().clone();
    let acted = async {
        let Path((code, id, action)) = path?;
        let action = LinkAction::named(&action).ok_or(Trouble::Unknown)?;
        let nonce = form::nonce(request).await?;
        let link = find(&api, &code).await?;
        let id = one_of(&link, &id)?;
        act_on(&api, &code, &link, id, action, nonce).await?;
        proof::of_page(&api, &link).await;
        Ok(Redirect::to(&format!("/b/{code}/{id}")).into_response())
    };
    answer(acted.await, &headers)
}

/// `POST /b/{code}/acknowledge`: everything that nobody has yet. What one of them lacks does not keep the others.
pub(super) async fn acknowledge(State(api): State<Arc<Api>>, code: Result<Path<String>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let acted = async {
        let Path(code) = code?;
        let nonce = form::nonce(request).await?;
        let link = find(&api, &code).await?;
        let LinkTo::Bundle(ids) = &link.to else { return Err(Trouble::Unknown) };
        let incidents = shown(&api, &link, ids).await?;
        let seen = incidents.iter().map(|incident| (incident.id, incident.version));
        let nonce = nonce.unwrap_or_else(|| LinkAction::Acknowledge.nonce(seen));
        let mut failure = None;
        for incident in incidents.iter().filter(|incident| incident.phase.is_unacknowledged()) {
            if let Err(trouble) = act_on(&api, &code, &link, incident.id, LinkAction::Acknowledge, Some(nonce.clone())).await {
                failure = Some(trouble);
            }
        }
        proof::of_page(&api, &link).await;
        failure.map_or_else(|| Ok(Redirect::to(&format!("/b/{code}")).into_response()), Err)
    };
    answer(acted.await, &headers)
}

/// `GET /b/{code}/acknowledge`
pub(super) async fn back(code: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Response {
    answer(code.map(|Path(code)| Redirect::to(&format!("/b/{}", segment(&code))).into_response()).map_err(Trouble::from), &headers)
}

/// `GET /b/{code}/{incident}/{action}`
pub(super) async fn back_to_one(path: Result<Path<(String, String, String)>, PathRejection>, headers: HeaderMap) -> Response {
    let back = path.map_err(Trouble::from).and_then(|Path((code, id, action))| {
        let known = LinkAction::named(&action).map(|_| Redirect::to(&format!("/b/{}/{}", segment(&code), segment(&id))).into_response());
        known.ok_or(Trouble::Unknown)
    });
    answer(back, &headers)
}

/// The incident of that id, if the link opens it.
fn one_of(link: &Link, id: &str) -> Result<IncidentId, Trouble> {
    let id: IncidentId = id.parse().map_err(|_| Trouble::Unknown)?;
    match &link.to {
        LinkTo::Bundle(ids) if ids.contains(&id) => Ok(id),
        LinkTo::Bundle(_)
        | LinkTo::Incident(_)
        | LinkTo::Proof { .. }
        | LinkTo::SignIn { .. }
        | LinkTo::Invitation { .. }
        | LinkTo::Swap { .. } => Err(Trouble::Unknown),
    }
}

async fn bundle_page(api: &Api, link: &Link, ids: &[IncidentId], address: &str, headers: &HeaderMap) -> Result<Response, Trouble> {
    let incidents = shown(api, link, ids).await?;
    let mut reader = reader(api, &link.user, headers).await;
    let mut items = Vec::new();
    for incident in incidents {
        let roster = roster(api, &incident).await;
        name_people(api, &mut reader, roster.as_ref(), people(&incident, &[], &[])).await;
        let service = roster.map_or_else(|| incident.service.to_string(), |roster| roster.service.spec().name.clone());
        items.push(BundleItem { incident, service });
    }
    Ok(page::bundle(&BundleFacts { items: &items, reader: &reader, address }).into_response())
}

/// The incidents that the link still shows. One that can not be read does not hide the others.
async fn shown(api: &Api, link: &Link, ids: &[IncidentId]) -> Result<Vec<Incident>, Trouble> {
    let now = api.store.clock().now();
    let mut incidents = Vec::new();
    let mut unreadable = None;
    for id in ids.iter().collect::<BTreeSet<_>>() {
        match api.store.incident(*id).await {
            Ok(found) => incidents.extend(found.map(|stored| stored.incident)),
            Err(error @ StoreError::UnreadableIncident { .. }) => {
                tracing::error!(incident.id = %id, error = %hansho_runtime::chain(&error), "an incident of a bundle can not be read");
                unreadable = Some(error);
            }
            Err(error) => return Err(error.into()),
        }
    }
    match unreadable {
        Some(error) if incidents.is_empty() => Err(error.into()),
        _ if incidents.is_empty() => Err(Trouble::Unknown),
        _ if incidents.iter().all(|incident| is_expired(link, incident, now)) => Err(Trouble::Expired),
        _ => Ok(incidents),
    }
}
