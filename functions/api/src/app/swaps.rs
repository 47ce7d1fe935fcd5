//! Swaps: a shift of one's own for one of somebody else's, if they say yes.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, Request, State, rejection::PathRejection, rejection::QueryRejection},
    response::{IntoResponse, Redirect, Response},
};
use hansho_domain::{About, ListedSchedule, ListedShift, Shift, Swap, SwapId, UserId};
use hansho_runtime::clock::whole_milliseconds;
use hansho_store::{StoredSwap, SwapAnswer, SwapAnswered, SwapAsked};
use http::{HeaderMap, Uri};
use jiff::SignedDuration;
use serde::Deserialize;

use super::{form::Form, on_call, schedules::visible, visitor::Visitor};
use crate::{
    Api, input_id,
    link::{Trouble, answer, segment},
    page::app::swaps::{AskFacts, SwapFacts, ask_page, swap_page},
};

/// How far ahead shifts are offered for a swap.
const AHEAD: SignedDuration = SignedDuration::from_hours(56 * 24);

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    /// Whose shift is asked for, and which.
    #[serde(default)]
    with: String,
    #[serde(default)]
    their_from: String,
    #[serde(default)]
    their_until: String,
}

/// `GET /app/schedules/{schedule}/swap`: for which shift, and then what asking does.
pub(super) async fn ask(
    State(api): State<Arc<Api>>,
    id: Result<Path<String>, PathRejection>,
    query: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let Path(id) = id?;
        let listed = visible(&visitor, &id)?;
        let asked = query.map(|Query(query)| query).unwrap_or_default();
        let gives = shift(&asked.from, &asked.until).ok_or(Trouble::BadForm)?;
        let swap = wanted(&visitor, listed, &asked, "asked");
        let offers = if swap.is_some() { Vec::new() } else { offers(&api, &visitor, listed).await? };
        let request = input_id::hash_text(&["swap", visitor.session.user.as_str(), &visitor.reader.now.to_string()], 32);
        let facts = AskFacts { reader: &visitor.reader, listed, gives, swap: swap.as_ref(), offers: &offers, request: &request };
        Ok(ask_page(&facts, visitor.frame("on_call", listed.name.clone())).into_response())
    };
    answer(shown.await, &headers)
}

/// `POST /app/swaps`: the other is asked.
pub(super) async fn begin(State(api): State<Arc<Api>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let begun = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let form = Form::of_session(request, &visitor.secret).await?;
        let listed = visible(&visitor, form.text("schedule"))?;
        let text = |name: &str| form.text(name).to_owned();
        let asked = Asked {
            from: text("from"),
            until: text("until"),
            with: text("with"),
            their_from: text("their_from"),
            their_until: text("their_until"),
        };
        if form.text("request").is_empty() {
            return Err(Trouble::BadForm);
        }
        let swap = wanted(&visitor, listed, &asked, form.text("request")).ok_or(Trouble::BadForm)?;
        // What is theirs to give the store knows; who only looks has nothing to ask for.
        if !visitor.access.names(&visitor.directory, &swap.by) {
            return Err(Trouble::NotAllowed);
        }
        if let Some(known) = api.store.swap(&swap.id).await? {
            return Ok(Redirect::to(&address(&known.swap.id)).into_response());
        }
        match api.store.ask_for_swap(&swap).await? {
            SwapAsked::Asked | SwapAsked::Known => {
                tracing::info!(schedule = %listed.id, swap = %swap.id, user.id = %swap.by, "somebody asked for a swap");
                Ok(Redirect::to(&address(&swap.id)).into_response())
            }
            SwapAsked::Changed => Err(Trouble::ShiftChanged),
            SwapAsked::TooMany => Err(Trouble::AskedTooOften),
        }
    };
    answer(begun.await, &headers)
}

/// `GET /app/swaps/{swap}`
pub(super) async fn show(State(api): State<Arc<Api>>, id: Result<Path<String>, PathRejection>, headers: HeaderMap, uri: Uri) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let Path(id) = id?;
        let found = theirs(&api, &visitor, &id).await?;
        let address = address(&found.swap.id);
        let title = visitor.reader.name(found.swap.other_than(&visitor.session.user));
        let facts = SwapFacts { reader: &visitor.reader, found: &found, address: &address, may_withdraw: true, base: "app.html" };
        Ok(swap_page(&facts, visitor.frame("on_call", title)).into_response())
    };
    answer(shown.await, &headers)
}

/// `POST /app/swaps/{swap}/{answer}`
pub(super) async fn give_answer(
    State(api): State<Arc<Api>>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let answered = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let Path((id, word)) = path?;
        let _form = Form::of_session(request, &visitor.secret).await?;
        let given = named(&word).ok_or(Trouble::NotThere)?;
        let found = theirs(&api, &visitor, &id).await?;
        settle(&api, &found.swap.id, &visitor.session.user, given).await?;
        Ok(Redirect::to(&address(&found.swap.id)).into_response())
    };
    answer(answered.await, &headers)
}

/// `GET /app/swaps`: a browser that remembers where the button led.
pub(super) async fn back() -> Response {
    Redirect::to(on_call::ADDRESS).into_response()
}

/// `GET /app/swaps/{swap}/{answer}`: the same.
pub(super) async fn back_to_one(path: Result<Path<(String, String)>, PathRejection>, headers: HeaderMap) -> Response {
    let back = path.map(|Path((id, _))| Redirect::to(&format!("/app/swaps/{}", segment(&id))).into_response());
    answer(back.map_err(Trouble::from), &headers)
}

/// The answer of that name.
pub(crate) fn named(word: &str) -> Option<SwapAnswer> {
    match word {
        "accept" => Some(SwapAnswer::Accept),
        "decline" => Some(SwapAnswer::Decline),
        "withdraw" => Some(SwapAnswer::Withdraw),
        _ => None,
    }
}

/// Gives an answer. One that comes too late, or a second time, changes nothing: the page says how it stands.
pub(crate) async fn settle(api: &Api, id: &SwapId, user: &UserId, given: SwapAnswer) -> Result<(), Trouble> {
    match api.store.answer_swap(id, user, given).await? {
        SwapAnswered::Done(stage) => {
            tracing::info!(swap = %id, user.id = %user, stage = stage.as_str(), "a swap was answered");
            Ok(())
        }
        SwapAnswered::Before(_) => Ok(()),
        SwapAnswered::Changed => Err(Trouble::ShiftChanged),
        SwapAnswered::Unknown => Err(Trouble::NotAllowed),
    }
}

fn address(id: &SwapId) -> String {
    format!("/app/swaps/{id}")
}

/// The swap, if there is one and the visitor is one of both. Which of both it is, nobody is told.
async fn theirs(api: &Api, visitor: &Visitor, id: &str) -> Result<StoredSwap, Trouble> {
    let id: SwapId = id.parse().map_err(|_| Trouble::NotThere)?;
    let found = api.store.swap(&id).await?.ok_or(Trouble::NotThere)?;
    let me = &visitor.session.user;
    if found.swap.by == *me || found.swap.with == *me { Ok(found) } else { Err(Trouble::NotThere) }
}

fn shift(from: &str, until: &str) -> Option<Shift> {
    let (from, until) = (whole_milliseconds(from.parse().ok()?), whole_milliseconds(until.parse().ok()?));
    (from < until).then_some(Shift { from, until })
}

/// The swap that is asked about, once it is whole.
fn wanted(visitor: &Visitor, listed: &ListedSchedule, asked: &Asked, request: &str) -> Option<Swap> {
    let with: UserId = asked.with.parse().ok()?;
    let by = visitor.session.user.clone();
    if !visitor.access.names(&visitor.directory, &with) || with == by {
        return None;
    }
    Some(Swap {
        id: SwapId::new(input_id::hash_text(&["page-swap", by.as_str(), listed.id.as_str(), request], 32)).ok()?,
        schedule: listed.id.clone(),
        name: listed.name.clone(),
        by,
        with,
        gives: shift(&asked.from, &asked.until)?,
        takes: shift(&asked.their_from, &asked.their_until)?,
        asked_at: whole_milliseconds(visitor.reader.now),
    })
}

/// The shifts of others that can be asked for: those that have not begun.
async fn offers(api: &Api, visitor: &Visitor, listed: &ListedSchedule) -> Result<Vec<ListedShift>, Trouble> {
    let now = visitor.reader.now;
    let until = now.saturating_add(AHEAD).unwrap_or(now);
    let mut shifts = api.store.shifts(&About::Schedule(listed.id.clone()), now, until).await?;
    let me = &visitor.session.user;
    shifts.retain(|shift| {
        let is_ahead = shift.from.is_some_and(|from| from > now);
        is_ahead && shift.until.is_some_and(|end| end < until) && shift.people.iter().all(|person| person.user != *me)
    });
    for shift in &mut shifts {
        shift.people.retain(|person| visitor.access.names(&visitor.directory, &person.user));
    }
    Ok(shifts)
}
