//! Everything of a view that nobody has, and one button for all of it: for a storm.

use std::sync::Arc;

use axum::{
    extract::{Query, Request, State, rejection::QueryRejection},
    response::{IntoResponse, Redirect, Response},
};
use hansho_domain::{Actor, Command, IncidentId, Input};
use hansho_store::Applied;
use http::{HeaderMap, Uri};

use super::{
    form::Form,
    home::{self, HomeQuery},
    incident::visible,
    visitor::Visitor,
};
use crate::{
    Api, input_id,
    link::{Trouble, answer, is_nonce},
    page::{BundleFacts, BundleItem, bundle_of_visitor},
};

/// Where it is.
pub(super) const ADDRESS: &str = "/app/bundle";
/// Most incidents that one tap takes: as many as a page shows.
const TAKEN_MAX: usize = 300;

/// `GET /app/bundle`: what one tap would take, each by its name.
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    query: Result<Query<HomeQuery>, QueryRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let show = home::wanted(query, &visitor);
        let (items, beyond) = home::open(&api, &visitor, show).await?;
        let items: Vec<BundleItem> = items.into_iter().filter(|item| is_takeable(&visitor, item)).collect();
        let address = format!("{ADDRESS}?show={}", show.as_str());
        let facts = BundleFacts { items: &items, reader: &visitor.reader, address: &address };
        Ok(bundle_of_visitor(&facts, show.as_str(), beyond, |title| visitor.frame("open", title)).into_response())
    };
    answer(shown.await, &headers)
}

/// Whether nobody has it, and this person may take it.
pub(super) fn is_takeable(visitor: &Visitor, item: &BundleItem) -> bool {
    item.incident.phase.is_unacknowledged() && visitor.access.acts_on(&visitor.directory, &item.incident)
}

/// `POST /app/bundle`: takes what the page named, and nothing that came since. What one of them lacks does not keep the others.
pub(super) async fn acknowledge(State(api): State<Arc<Api>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let acted = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let form = Form::of_session(request, &visitor.secret).await?;
        let nonce = form.text("nonce");
        let ids: Vec<IncidentId> = form.text("ids").split(',').map(str::parse).collect::<Result<_, _>>().map_err(|_| Trouble::BadForm)?;
        if !is_nonce(nonce) || ids.len() > TAKEN_MAX {
            return Err(Trouble::BadForm);
        }
        let mut failure = None;
        for id in ids {
            if let Err(trouble) = take(&api, &visitor, id, nonce).await {
                failure = Some(trouble);
            }
        }
        let show = home::Show::named(form.text("show")).unwrap_or(home::Show::All);
        failure.map_or_else(|| Ok(Redirect::to(&format!("{}?show={}", home::ADDRESS, show.as_str())).into_response()), Err)
    };
    answer(acted.await, &headers)
}

/// Acknowledges one that nobody has. One that somebody has by now stays theirs.
async fn take(api: &Api, visitor: &Visitor, id: IncidentId, nonce: &str) -> Result<(), Trouble> {
    let incident = visible(api, visitor, &id.to_string()).await?;
    if !visitor.access.acts_on(&visitor.directory, &incident) {
        return Err(Trouble::NotAllowed);
    }
    if !incident.phase.is_unacknowledged() {
        return Ok(());
    }
    let user = &visitor.session.user;
    let id = input_id::of_visitor(user.as_str(), "acknowledge", nonce);
    let input = Input { id, actor: Actor::User(user.clone()), command: Command::Acknowledge };
    match api.store.apply(incident.id, &input).await? {
        Applied::Changed(_) | Applied::Ignored(..) | Applied::Rejected(..) => {
            tracing::info!(incident.id = %incident.id, user.id = %user, "somebody took one of a bundle on a page");
            Ok(())
        }
        Applied::Unknown => Err(Trouble::NotThere),
    }
}
