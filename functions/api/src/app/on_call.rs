//! Who is on call, in every schedule that the visitor may see, and standing in for whoever is.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Redirect, Response},
};
use hansho_domain::{About, ListedShift, Override, OverrideChange, ScheduleId, UserId};
use http::{HeaderMap, Uri};
use jiff::{SignedDuration, Timestamp};

use super::{form::Form, visitor::Visitor};
use crate::{
    Api, input_id,
    link::{Trouble, answer},
    page::app::on_call::{on_call, seen},
    rest::OVERRIDES_MAX,
    words,
};

const ADDRESS: &str = "/app/on-call";
/// How long a shift is taken that has no end in sight.
const TAKEN_OTHERWISE: SignedDuration = SignedDuration::from_hours(24);

/// `GET /app/on-call`
pub(super) async fn show(State(api): State<Arc<Api>>, headers: HeaderMap, uri: Uri) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let lines = api.store.on_call(&About::Everything, visitor.reader.now).await?;
        let seen = lines.into_iter().filter(|line| visitor.access.sees_schedule(&visitor.directory, &line.schedule));
        let lines = seen.map(|line| {
            let may_take = line.now.as_ref().is_some_and(|shift| may_take(&visitor, &line.schedule, shift));
            (line, may_take)
        });
        let title = words::tongue(visitor.reader.language).app().on_call_now.to_owned();
        Ok(on_call(&visitor.reader, &lines.collect::<Vec<_>>(), visitor.frame("on_call", title)).into_response())
    };
    answer(shown.await, &headers)
}

/// `POST /app/on-call/{schedule}/take`: the visitor is on call instead of whoever is, until the shift ends that they saw.
pub(super) async fn take(State(api): State<Arc<Api>>, id: Result<Path<String>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let taken = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let Path(id) = id?;
        let form = Form::of_session(request, &visitor.secret).await?;
        let schedule: ScheduleId = id.parse().map_err(|_| Trouble::NotThere)?;
        if !visitor.access.sees_schedule(&visitor.directory, &schedule) || visitor.directory.schedule(&schedule).is_none() {
            return Err(Trouble::NotThere);
        }
        let lines = api.store.on_call(&About::Schedule(schedule.clone()), visitor.reader.now).await?;
        let Some(shift) = lines.into_iter().find_map(|line| line.now) else { return Err(Trouble::NotThere) };
        if people(&shift).contains(&visitor.session.user) {
            // Two taps: it is theirs already.
            return Ok(Redirect::to(ADDRESS).into_response());
        }
        if !may_take(&visitor, &schedule, &shift) {
            return Err(Trouble::NotAllowed);
        }
        if form.text("seen") != seen(&shift) {
            return Err(Trouble::ShiftChanged);
        }
        let made = standing_in(&visitor, &schedule, &shift)?;
        let known = api.store.overrides_between(&schedule, made.from, Timestamp::MAX).await?;
        if known.len() >= OVERRIDES_MAX {
            return Err(Trouble::TooLarge);
        }
        api.store.add_override(&made).await?;
        tracing::info!(%schedule, id = made.id, user.id = %visitor.session.user, "somebody took a shift on a page");
        Ok(Redirect::to(ADDRESS).into_response())
    };
    answer(taken.await, &headers)
}

/// `GET /app/on-call/{schedule}/take`: a browser that remembers where the button led.
pub(super) async fn back() -> Response {
    Redirect::to(ADDRESS).into_response()
}

fn people(shift: &ListedShift) -> BTreeSet<UserId> {
    shift.people.iter().map(|person| person.user.clone()).collect()
}

fn may_take(visitor: &Visitor, schedule: &ScheduleId, shift: &ListedShift) -> bool {
    let me = BTreeSet::from([visitor.session.user.clone()]);
    visitor.access.overrides(&visitor.directory, schedule, &people(shift), &me)
}

fn standing_in(visitor: &Visitor, schedule: &ScheduleId, shift: &ListedShift) -> Result<Override, Trouble> {
    let now = hansho_runtime::clock::whole_milliseconds(visitor.reader.now);
    let until = shift.until.unwrap_or_else(|| now.saturating_add(TAKEN_OTHERWISE).unwrap_or(Timestamp::MAX));
    let user = &visitor.session.user;
    let id = input_id::hash_text(&["take", user.as_str(), schedule.as_str(), &until.to_string(), &now.to_string()], 16);
    let change = OverrideChange::ReplaceAll { by: vec![user.clone()] };
    Override::new(id, schedule.clone(), now, until, change, now).map_err(|problems| {
        tracing::warn!(%schedule, ?problems, "a shift could not be taken");
        Trouble::BadForm
    })
}
