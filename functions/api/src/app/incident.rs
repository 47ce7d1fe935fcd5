//! One incident, for whoever has signed in and may see it.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Redirect, Response},
};
use hansho_domain::{Actor, Incident, IncidentId, Input};
use hansho_store::Applied;
use http::{HeaderMap, Uri};

use super::{form::Form, visitor::Visitor};
use crate::{
    Api, input_id,
    link::{LinkAction, Trouble, answer, is_nonce, name_people, people, roster, segment},
    page::{self, IncidentFacts},
};

/// `GET /app/incidents/{id}`
pub(super) async fn show(State(api): State<Arc<Api>>, id: Result<Path<String>, PathRejection>, headers: HeaderMap, uri: Uri) -> Response {
    let shown = async {
        let mut visitor = Visitor::of(&api, &headers, &uri).await?;
        let Path(id) = id?;
        let incident = visible(&api, &visitor, &id).await?;
        let (timeline, deliveries) = api.store.timeline(incident.id).await?;
        let roster = roster(&api, &incident).await;
        name_people(&api, &mut visitor.reader, roster.as_ref(), people(&incident, &timeline, &deliveries)).await;
        let facts = IncidentFacts {
            incident: &incident,
            roster: roster.as_ref(),
            timeline: &timeline,
            deliveries: &deliveries,
            reader: &visitor.reader,
            address: &address(incident.id),
            bundle_address: None,
        };
        let may_act = visitor.access.acts_on(&visitor.directory, &incident);
        Ok(page::incident_of_visitor(&facts, may_act, |title| visitor.frame("open", title)).into_response())
    };
    answer(shown.await, &headers)
}

/// `GET /app/incidents/{id}/live`: tells a page that is open whether it still shows what is so.
pub(super) async fn live(State(api): State<Arc<Api>>, id: Result<Path<String>, PathRejection>, headers: HeaderMap, uri: Uri) -> Response {
    let looked = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let Path(id) = id?;
        Ok(page::seen(&visible(&api, &visitor, &id).await?).into_response())
    };
    answer(looked.await, &headers)
}

/// `POST /app/incidents/{id}/{action}`
pub(super) async fn act(State(api): State<Arc<Api>>, path: Result<Path<(String, String)>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let acted = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let Path((id, action)) = path?;
        let action = LinkAction::named(&action).ok_or(Trouble::NotThere)?;
        let form = Form::of_session(request, &visitor.secret).await?;
        let incident = visible(&api, &visitor, &id).await?;
        if !visitor.access.acts_on(&visitor.directory, &incident) {
            return Err(Trouble::NotAllowed);
        }
        let nonce = form.text("nonce");
        if !is_nonce(nonce) {
            return Err(Trouble::BadForm);
        }
        let user = &visitor.session.user;
        let id = input_id::of_visitor(user.as_str(), action.as_str(), nonce);
        let input = Input { id, actor: Actor::User(user.clone()), command: action.command() };
        let result = match api.store.apply(incident.id, &input).await? {
            Applied::Changed(_) => "changed",
            Applied::Ignored(..) => "ignored",
            Applied::Rejected(..) => "rejected",
            Applied::Unknown => return Err(Trouble::NotThere),
        };
        tracing::info!(incident.id = %incident.id, user.id = %user, action = action.as_str(), result, "somebody acted on a page");
        Ok(Redirect::to(&address(incident.id)).into_response())
    };
    answer(acted.await, &headers)
}

/// `GET /app/incidents/{id}/{action}`: a browser that remembers where the button led.
pub(super) async fn back(path: Result<Path<(String, String)>, PathRejection>, headers: HeaderMap) -> Response {
    let back = path.map(|Path((id, _))| Redirect::to(&format!("/app/incidents/{}", segment(&id))).into_response());
    answer(back.map_err(Trouble::from), &headers)
}

pub(super) fn address(id: IncidentId) -> String {
    format!("/app/incidents/{id}")
}

/// The incident, if there is one and they may see it. Which of both it is, nobody is told.
pub(super) async fn visible(api: &Api, visitor: &Visitor, id: &str) -> Result<Incident, Trouble> {
    let id: IncidentId = id.parse().map_err(|_| Trouble::NotThere)?;
    let incident = api.store.incident(id).await?.ok_or(Trouble::NotThere)?.incident;
    if visitor.access.sees_incident(&visitor.directory, &incident) { Ok(incident) } else { Err(Trouble::NotThere) }
}
