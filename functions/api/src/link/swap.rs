//! The question behind a link whether somebody swaps a shift: a page that shows what for what, and two buttons.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Redirect, Response},
};
use hansho_domain::SwapId;
use hansho_store::{AddressHash, Link, LinkTo, StoredSwap, SwapAnswer};
use http::HeaderMap;

use super::{
    address, find, form,
    incident::segment,
    reader::reader,
    trouble::{Trouble, answer},
};
use crate::{
    Api,
    app::swaps::{named, settle},
    page::app::{
        Frame,
        swaps::{SwapFacts, swap_page},
    },
};

/// `GET /w/{code}`
pub(super) async fn show(State(api): State<Arc<Api>>, code: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Response {
    let shown = async {
        let Path(code) = code?;
        let link = find(&api, &code).await?;
        let LinkTo::Swap { swap, .. } = &link.to else { return Ok(Redirect::to(&address(&code, &link.to)).into_response()) };
        let found = asked(&api, &link, swap).await?;
        let mut reader = reader(&api, &link.user, &headers).await;
        super::name_people(&api, &mut reader, None, [found.swap.by.clone(), found.swap.with.clone()].into()).await;
        let title = reader.name(&found.swap.by);
        let address = format!("/w/{code}");
        let facts = SwapFacts { reader: &reader, found: &found, address: &address, may_withdraw: false, base: "layout.html" };
        Ok(swap_page(&facts, Frame::new(&reader, "", title, String::new())).into_response())
    };
    answer(shown.await, &headers)
}

/// `POST /w/{code}/{answer}`
pub(super) async fn give_answer(
    State(api): State<Arc<Api>>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let headers = request.headers().clone();
    let answered = async {
        let Path((code, word)) = path?;
        // The form has nothing to say; it has to be ours.
        let _nonce = form::nonce(request).await?;
        let link = find(&api, &code).await?;
        let LinkTo::Swap { swap, .. } = &link.to else { return Err(Trouble::Unknown) };
        let given = named(&word).filter(|given| *given != SwapAnswer::Withdraw).ok_or(Trouble::NotThere)?;
        let found = asked(&api, &link, swap).await?;
        settle(&api, &found.swap.id, &link.user, given).await?;
        Ok(Redirect::to(&format!("/w/{code}")).into_response())
    };
    answer(answered.await, &headers)
}

/// `GET /w/{code}/{answer}`: a browser that remembers where the button led.
pub(super) async fn back(path: Result<Path<(String, String)>, PathRejection>, headers: HeaderMap) -> Response {
    let back = path.map(|Path((code, _))| Redirect::to(&format!("/w/{}", segment(&code))).into_response());
    answer(back.map_err(Trouble::from), &headers)
}

/// The swap behind a link, if the address that it was sent to is the person's still.
async fn asked(api: &Api, link: &Link, swap: &SwapId) -> Result<StoredSwap, Trouble> {
    let profile = api.store.profile(&link.user).await?.ok_or(Trouble::Unknown)?;
    if let Some(via) = &link.via
        && AddressHash::of(&profile.contact, via.method).as_ref() != Some(&via.address)
    {
        return Err(Trouble::AddressChanged);
    }
    let found = api.store.swap(swap).await?.ok_or(Trouble::Expired)?;
    if found.swap.with == link.user { Ok(found) } else { Err(Trouble::Unknown) }
}
