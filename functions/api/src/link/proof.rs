//! The question behind a link whether messages arrive: a page that asks, and a tap that proves.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Redirect, Response},
};
use hansho_domain::{DrillId, Incident};
use hansho_store::{AddressHash, ContactProof, Link, LinkTo, ProvenBy, Via, is_test_page};
use http::HeaderMap;
use jiff::Timestamp;

use super::{
    address, find, form,
    incident::segment,
    reader::reader,
    trouble::{Trouble, answer},
};
use crate::{
    Api,
    page::{self, ProofFacts},
};

/// What a link asks.
struct Question<'a> {
    via: &'a Via,
    drill: Option<&'a DrillId>,
    since: Timestamp,
}

/// `GET /p/{code}`
pub(super) async fn show(State(api): State<Arc<Api>>, code: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Response {
    let shown = async {
        let Path(code) = code?;
        let link = find(&api, &code).await?;
        let Some(question) = question(&link) else { return Ok(Redirect::to(&address(&code, &link.to)).into_response()) };
        let known = known(&api, &link, &question).await?;
        let proven_at = known.proven_at.filter(|at| *at >= question.since);
        if proven_at.is_none() && api.store.clock().now() >= link.expires_at {
            return Err(Trouble::QuestionOver);
        }
        let reader = reader(&api, &link.user, &headers).await;
        let facts = ProofFacts {
            method: question.via.method,
            is_drill: question.drill.is_some(),
            proven_at,
            reader: &reader,
            address: &format!("/p/{code}"),
        };
        Ok(page::proof(&facts).into_response())
    };
    answer(shown.await, &headers)
}

/// `POST /p/{code}/confirm`
pub(super) async fn confirm(State(api): State<Arc<Api>>, code: Result<Path<String>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let confirmed = async {
        let Path(code) = code?;
        // The form has nothing to say; it has to be ours.
        let _nonce = form::nonce(request).await?;
        let link = find(&api, &code).await?;
        let question = question(&link).ok_or(Trouble::Unknown)?;
        if api.store.clock().now() >= link.expires_at {
            return Err(Trouble::QuestionOver);
        }
        let by = question.drill.cloned().map_or(ProvenBy::Verification, ProvenBy::Drill);
        if !api.store.prove(&link.user, question.via.method, &question.via.address, &by).await? {
            return Err(Trouble::AddressChanged);
        }
        tracing::info!(user.id = %link.user, method = question.via.method.as_str(), "an address was proven");
        Ok(Redirect::to(&format!("/p/{code}")).into_response())
    };
    answer(confirmed.await, &headers)
}

/// `GET /p/{code}/confirm`: a browser that remembers where the button led.
pub(super) async fn back(code: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Response {
    answer(code.map(|Path(code)| Redirect::to(&format!("/p/{}", segment(&code))).into_response()).map_err(Trouble::from), &headers)
}

/// Somebody acted through the link of a page: what was sent that way has reached them. A proof that can not be recorded does not
/// take back what they did.
pub(crate) async fn of_page(api: &Api, link: &Link) {
    let Some(Via { method, address }) = &link.via else { return };
    if let Err(error) = api.store.prove(&link.user, *method, address, &ProvenBy::Page).await {
        tracing::warn!(user.id = %link.user, error = %hansho_runtime::chain(&error), "a proof could not be recorded");
    }
}

/// Whoever answers their test page by its link has been reached by it. One who taps again after this could not be recorded, records it.
pub(super) async fn of_test_page(api: &Api, link: &Link, incident: &Incident) -> Result<(), Trouble> {
    let Some(Via { method, .. }) = &link.via else { return Ok(()) };
    if is_test_page(&incident.service) && !incident.phase.is_unacknowledged() {
        let _is_newest = api.store.answer_test_page(&link.user, incident.id, *method).await?;
    }
    Ok(())
}

fn question(link: &Link) -> Option<Question<'_>> {
    match &link.to {
        LinkTo::Proof { drill, since, .. } => Some(Question { via: link.via.as_ref()?, drill: drill.as_ref(), since: *since }),
        LinkTo::Incident(_) | LinkTo::Bundle(_) | LinkTo::SignIn { .. } | LinkTo::Invitation { .. } | LinkTo::Swap { .. } => None,
    }
}

/// What is known of the address, if it is still the person's.
async fn known(api: &Api, link: &Link, question: &Question<'_>) -> Result<ContactProof, Trouble> {
    let profile = api.store.profile(&link.user).await?.ok_or(Trouble::Unknown)?;
    if AddressHash::of(&profile.contact, question.via.method).as_ref() != Some(&question.via.address) {
        return Err(Trouble::AddressChanged);
    }
    let mut proofs = api.store.contact_proofs(&link.user, &profile.contact).await?;
    Ok(proofs.remove(&question.via.method).unwrap_or_default())
}
