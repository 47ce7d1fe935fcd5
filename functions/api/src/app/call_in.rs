//! Calling others to an incident: giving it to them, or asking them to help. The page says whom that wakes and how, and its button does
//! that and nothing else: what would be otherwise by then is shown anew first.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Query, Request, State, rejection::QueryRejection},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use hansho_domain::{Command, Rejected, Target, text};
use hansho_store::Applied;
use http::{HeaderMap, StatusCode, Uri};
use serde::Deserialize;

use super::{
    desk::{Desk, Names},
    form::Form,
    whom::{Whom, choices, may_name},
};
use crate::{
    Api,
    input_id::hash_text,
    link::{Trouble, answer, is_nonce},
    page::call_in::{CallIn, CallInFacts, Preview, page, preview},
    words,
};

/// Longest message to those who are asked, in characters: it has to fit into a text message.
const MESSAGE_CHARS_MAX: usize = 200;
/// How many digits the hash of what was asked has.
const HASH_DIGITS: usize = 16;

/// Below the page of an incident, wherever it is.
pub(super) fn router() -> Router<Arc<Api>> {
    let mut router = Router::new();
    for place in ["/app/incidents/{id}", "/i/{code}", "/b/{code}/{incident}"] {
        for what in [CallIn::Reassign, CallIn::Request] {
            let shows =
                move |State(api): State<Arc<Api>>, names: Names, query: Result<Query<CallInQuery>, QueryRejection>, headers, uri| {
                    show(what, api, names, query, headers, uri)
                };
            let asks = move |State(api): State<Arc<Api>>, names: Names, request: Request| ask(what, api, names, request);
            router = router.route(&format!("{place}/{}", what.as_str()), get(shows).post(asks));
        }
    }
    router
}

#[derive(Debug, Default, Deserialize)]
struct CallInQuery {
    #[serde(default)]
    to: String,
    #[serde(default)]
    message: String,
    /// What the names that can be chosen have in them.
    #[serde(default)]
    find: String,
    /// Set where what was chosen is to be changed.
    #[serde(default)]
    edit: String,
}

/// `GET .../reassign` and `GET .../request-responders`: whom to call, and once that is chosen, what that does.
async fn show(
    what: CallIn,
    api: Arc<Api>,
    names: Names,
    query: Result<Query<CallInQuery>, QueryRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let shown = async {
        let desk = Desk::of(&api, names, &headers, &uri).await?;
        desk.acts()?;
        let Query(query) = query.map_err(|_| Trouble::BadForm)?;
        let asked = asked(&desk, what, &query.to, &query.message)?;
        let found = match &asked {
            Some(asked) if query.edit.is_empty() => Some(asked.looked_at(&api, &desk).await?),
            Some(_) | None => None,
        };
        Ok(drawn(&desk, what, &query, found.as_ref(), false))
    };
    answer(shown.await, &headers)
}

/// `POST .../reassign` and `POST .../request-responders`: does what was shown. Two taps on one button are one.
async fn ask(what: CallIn, api: Arc<Api>, names: Names, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let done = async {
        let desk = Desk::to_act(&api, names, &headers, &uri).await?;
        let form = desk.form(request).await?;
        desk.acts()?;
        let asked = asked(&desk, what, form.text("to"), form.text("message"))?.ok_or(Trouble::BadForm)?;
        let (seen, version) = seen(&form)?;
        let nonce = hash_text(&[what.as_str(), &asked.to.to_string(), &asked.message, seen, &version.to_string()], HASH_DIGITS);
        let id = desk.input_id(what.as_str(), &nonce);
        let back = || Redirect::to(&desk.address).into_response();
        if desk.incident.has_seen(&id) {
            return Ok(back());
        }
        let query = CallInQuery { to: asked.to.to_string(), message: asked.message.clone(), ..CallInQuery::default() };
        let now = asked.looked_at(&api, &desk).await?;
        if now.seen() != seen {
            return Ok((StatusCode::CONFLICT, drawn(&desk, what, &query, Some(&now), true)).into_response());
        }
        match desk.apply(&api, id, asked.command).await? {
            Applied::Changed(_) | Applied::Ignored(..) => {
                tracing::info!(incident.id = %desk.incident.id, user.id = %desk.user, action = what.as_str(), "somebody called others in");
                Ok(back())
            }
            Applied::Rejected(why, _) => {
                let refused = Preview::refused(why);
                Ok((StatusCode::CONFLICT, drawn(&desk, what, &query, Some(&refused), true)).into_response())
            }
            Applied::Unknown => Err(Trouble::NotThere),
        }
    };
    answer(done.await, &headers)
}

/// What somebody wants.
struct Asked {
    to: Whom,
    message: String,
    command: Command,
}

/// Nothing, while nobody is chosen.
fn asked(desk: &Desk, what: CallIn, to: &str, message: &str) -> Result<Option<Asked>, Trouble> {
    if to.is_empty() {
        return Ok(None);
    }
    let to: Whom = to.parse().map_err(|()| Trouble::BadForm)?;
    let message = text::one_line(message);
    if message.chars().count() > MESSAGE_CHARS_MAX {
        return Err(Trouble::BadForm);
    }
    // One that is not theirs to see and one that is not there are the same.
    if !may_name(&desk.access, &desk.directory, &to) {
        return Err(Trouble::NotAllowed);
    }
    let command = match (what, &to) {
        (CallIn::Reassign, Whom::Target(target)) => Command::Reassign { to: vec![target.clone()] },
        (CallIn::Reassign, Whom::Policy(policy)) => Command::ReassignToPolicy { policy: policy.clone() },
        (CallIn::Request, Whom::Target(target)) => Command::RequestResponders { to: vec![Target::clone(target)], message: message.clone() },
        (CallIn::Request, Whom::Policy(_)) => return Err(Trouble::BadForm),
    };
    Ok(Some(Asked { to, message, command }))
}

impl Asked {
    /// What it does now.
    async fn looked_at(&self, api: &Api, desk: &Desk) -> Result<Preview, Trouble> {
        let roster = api.store.roster_for(&desk.incident, &self.command).await?;
        Ok(preview(&desk.incident, &self.command, &desk.user, &roster, desk.reader.now))
    }
}

/// What a form's page showed, and of which version of the incident.
fn seen(form: &Form) -> Result<(&str, u64), Trouble> {
    let seen = form.text("seen");
    let version = form.text("version").parse().map_err(|_| Trouble::BadForm)?;
    if is_nonce(seen) { Ok((seen, version)) } else { Err(Trouble::BadForm) }
}

fn drawn(desk: &Desk, what: CallIn, query: &CallInQuery, found: Option<&Preview>, is_changed: bool) -> Response {
    let labels = words::tongue(desk.reader.language).response();
    let title = match what {
        CallIn::Reassign => labels.reassign,
        CallIn::Request => labels.request,
    };
    let offered = if found.is_none() { choices(desk, what == CallIn::Reassign, &query.find) } else { Default::default() };
    let facts = CallInFacts {
        what,
        incident: &desk.incident,
        service: desk.directory.service(&desk.incident.service).map_or(desk.incident.service.as_str(), |listed| &listed.name),
        reader: &desk.reader,
        address: &desk.address,
        choices: &offered,
        to: &query.to,
        to_word: &whom_word(desk, &query.to),
        message: &query.message,
        find: &query.find,
        preview: found,
        is_changed,
    };
    page(&facts, desk.layout(title.to_owned())).into_response()
}

/// The one who was chosen as people say it.
fn whom_word(desk: &Desk, to: &str) -> String {
    to.parse::<Whom>().map(|whom| whom.word(&desk.directory)).unwrap_or_default()
}

impl Preview {
    fn refused(why: Rejected) -> Self {
        Self::Refused(why)
    }
}
