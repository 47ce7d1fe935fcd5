//! What people write down about an incident while they work on it.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use hansho_domain::{Command, text};
use hansho_store::Applied;
use http::{HeaderMap, StatusCode, Uri};

use super::desk::{Desk, Names};
use crate::{
    Api,
    input_id::hash_text,
    link::{Trouble, answer},
    page::note::{NoteFacts, page},
    words,
};

/// Below the page of an incident, wherever it is.
pub(super) fn router() -> Router<Arc<Api>> {
    let places = ["/app/incidents/{id}/notes", "/i/{code}/notes", "/b/{code}/{incident}/notes"];
    places.into_iter().fold(Router::new(), |router, place| router.route(place, get(show).post(write)))
}

/// `GET .../notes`: room for a note.
async fn show(State(api): State<Arc<Api>>, names: Names, headers: HeaderMap, uri: Uri) -> Response {
    let shown = async {
        let desk = Desk::of(&api, names, &headers, &uri).await?;
        desk.acts()?;
        Ok(drawn(&desk, "", false))
    };
    answer(shown.await, &headers)
}

/// `POST .../notes`: keeps it. The same form twice is one note.
async fn write(State(api): State<Arc<Api>>, names: Names, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let written = async {
        let desk = Desk::to_act(&api, names, &headers, &uri).await?;
        let form = desk.form(request).await?;
        desk.acts()?;
        let note = text::lines(form.text("text"));
        let version: u64 = form.text("version").parse().map_err(|_| Trouble::BadForm)?;
        let id = desk.input_id("note", &hash_text(&["note", &version.to_string(), &note], 16));
        match desk.apply(&api, id, Command::Note { text: note.clone() }).await? {
            Applied::Changed(_) | Applied::Ignored(..) => {
                tracing::info!(incident.id = %desk.incident.id, user.id = %desk.user, "somebody wrote a note");
                Ok(Redirect::to(&format!("{}#timeline", desk.address)).into_response())
            }
            // What was written is not lost: it stands in the form again.
            Applied::Rejected(..) => Ok((StatusCode::UNPROCESSABLE_ENTITY, drawn(&desk, &note, true)).into_response()),
            Applied::Unknown => Err(Trouble::NotThere),
        }
    };
    answer(written.await, &headers)
}

fn drawn(desk: &Desk, written: &str, is_refused: bool) -> Response {
    let title = words::tongue(desk.reader.language).response().note;
    let facts = NoteFacts { incident: &desk.incident, reader: &desk.reader, address: &desk.address, written, is_refused };
    page(&facts, desk.layout(title.to_owned())).into_response()
}
