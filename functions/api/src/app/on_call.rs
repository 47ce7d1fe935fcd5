//! Who is on call, in every schedule that the visitor may see, and standing in for whoever is.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Redirect, Response},
};
use hansho_domain::{About, ListedShift, OnCallLine, Override, OverrideChange, ScheduleId, UserId};
use http::{HeaderMap, Uri};
use jiff::{SignedDuration, Timestamp};

use super::{form::Form, overrides::change, schedules::visible, visitor::Visitor};
use crate::{
    Api, input_id,
    link::{Trouble, answer},
    page::app::{
        calendar::SHIFT_LONGEST,
        on_call::{OnCallFacts, on_call, seen as shown},
    },
    rest::OVERRIDES_MAX,
    words,
};

pub(super) const ADDRESS: &str = "/app/on-call";
/// How long a shift is taken that has no end in sight.
const TAKEN_OTHERWISE: SignedDuration = SignedDuration::from_hours(24);
/// How far ahead somebody's own shifts are listed.
const MINE_AHEAD: SignedDuration = SignedDuration::from_hours(28 * 24);
/// How often a shift that is taken is looked at anew because somebody else has changed who is on call.
const TRIES_MAX: usize = 4;

/// `GET /app/on-call`
pub(super) async fn show(State(api): State<Arc<Api>>, headers: HeaderMap, uri: Uri) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let (me, now) = (&visitor.session.user, visitor.reader.now);
        let seen = seen(&api, &visitor).await?;
        let lines = api.store.on_call(&About::Everything, now).await?;
        // Whoever stands in sees where, whatever else they see.
        let is_seen = |line: &OnCallLine| {
            visitor.access.sees_schedule(&visitor.directory, &line.schedule)
                || line.now.as_ref().is_some_and(|shift| people(shift).contains(me))
        };
        let lines = lines.into_iter().filter(is_seen).map(|line| {
            let may_take = line.now.as_ref().is_some_and(|shift| may_take(&visitor, &line.schedule, shift));
            (line, may_take)
        });
        let listed_until = now.saturating_add(MINE_AHEAD).unwrap_or(now);
        // To their ends: whoever gives a shift away must not keep the rest of it unawares.
        let followed_until = listed_until.saturating_add(SHIFT_LONGEST).unwrap_or(listed_until);
        let mut mine = api.store.shifts(&About::User(me.clone()), now, followed_until).await?;
        mine.retain(|shift| shift.from.is_none_or(|from| from < listed_until));
        let facts = OnCallFacts {
            reader: &visitor.reader,
            lines: &lines.collect::<Vec<_>>(),
            mine: &mine,
            swaps: &api.store.open_swaps(me).await?,
            may_change: visitor.access.names(&visitor.directory, me),
            seen: &seen,
        };
        let title = words::tongue(visitor.reader.language).app().on_call_now.to_owned();
        Ok(on_call(&facts, visitor.frame("on_call", title)).into_response())
    };
    answer(shown.await, &headers)
}

/// `GET /app/on-call/live`: tells a page that is open whether it still shows what is so.
pub(super) async fn live(State(api): State<Arc<Api>>, headers: HeaderMap, uri: Uri) -> Response {
    let looked = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        Ok(seen(&api, &visitor).await?.into_response())
    };
    answer(looked.await, &headers)
}

/// Tells what the page shows from what it showed before: cheap, whatever there is to see. Hand-offs by the clock are seen with the
/// next drawing, once a minute.
async fn seen(api: &Api, visitor: &Visitor) -> Result<String, Trouble> {
    let swaps = api.store.open_swaps(&visitor.session.user).await?;
    let swaps: Vec<&str> = swaps.iter().map(|swap| swap.id.as_str()).collect();
    Ok(input_id::hash_text(&[&super::schedules::seen(api).await?, &swaps.join("/")], 16))
}

/// `POST /app/on-call/{schedule}/take`: the visitor is on call instead of whoever is, until the shift ends that they saw.
pub(super) async fn take(State(api): State<Arc<Api>>, id: Result<Path<String>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let taken = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let Path(id) = id?;
        let form = Form::of_session(request, &visitor.secret).await?;
        let listed = visible(&visitor, &id)?;
        for _ in 0..TRIES_MAX {
            let footing = api.store.footing().await?;
            let lines = api.store.on_call(&About::Schedule(listed.id.clone()), visitor.reader.now).await?;
            let Some(shift) = lines.into_iter().find_map(|line| line.now) else { return Err(Trouble::NotThere) };
            if people(&shift).contains(&visitor.session.user) {
                // Two taps: it is theirs already.
                return Ok(Redirect::to(ADDRESS).into_response());
            }
            if !may_take(&visitor, &listed.id, &shift) {
                return Err(Trouble::NotAllowed);
            }
            if form.text("seen") != shown(&shift) {
                return Err(Trouble::ShiftChanged);
            }
            let made = standing_in(&visitor, &listed.id, &shift)?;
            let known = api.store.overrides_between(&listed.id, made.from, Timestamp::MAX).await?;
            if known.len() >= OVERRIDES_MAX {
                return Err(Trouble::TooLarge);
            }
            let schedule = api.store.definition(listed).await?.ok_or(Trouble::NotThere)?;
            let change = change(listed, &made, &schedule.effect_of(&known, &made, made.from), &visitor.session.user);
            if api.store.make_override(&footing, &made, &change).await? {
                tracing::info!(schedule = %listed.id, id = made.id, user.id = %visitor.session.user, "somebody took a shift on a page");
                return Ok(Redirect::to(ADDRESS).into_response());
            }
        }
        Err(Trouble::ShiftChanged)
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
