//! A schedule as a calendar, for whoever may see it.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{Path, Query, State, rejection::PathRejection, rejection::QueryRejection},
    response::{IntoResponse, Redirect, Response},
};
use hansho_domain::{About, ListedSchedule, Override, OverrideEffect, Schedule, ScheduleId, UserId};
use http::{HeaderMap, Uri};
use jiff::{Timestamp, civil::Date};
use serde::Deserialize;

use super::visitor::Visitor;
use crate::{
    Api,
    link::{Trouble, answer, segment},
    page::app::{
        calendar::{CalendarFacts, Made, Period, calendar},
        overrides::change_told,
    },
};

#[derive(Debug, Default, Deserialize)]
pub(super) struct CalendarQuery {
    from: Option<String>,
    weeks: Option<i64>,
    made: Option<String>,
}

/// `GET /app/schedules/{schedule}`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    id: Result<Path<String>, PathRejection>,
    query: Result<Query<CalendarQuery>, QueryRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let Path(id) = id?;
        let listed = visible(&visitor, &id)?;
        let query = query.map(|Query(query)| query).unwrap_or_default();
        let seen = seen(&api).await?;
        let day = query.from.as_deref().and_then(|day| day.parse::<Date>().ok());
        let period = Period::of(&visitor.reader.clock(), day, query.weeks.unwrap_or(2));
        let now = visitor.reader.now;
        let past = match now.min(period.until) {
            border if border > period.from => api.store.shifts(&About::Schedule(listed.id.clone()), period.from, border).await?,
            _ => Vec::new(),
        };
        let schedule = api.store.definition(listed).await?.ok_or(Trouble::NotThere)?;
        let overrides = api.store.overrides_between(&listed.id, period.from, period.followed_until()).await?;
        let facts = CalendarFacts {
            reader: &visitor.reader,
            listed,
            schedule: &schedule,
            overrides: &overrides,
            past: &past,
            period: &period,
            made: &made(&api, &visitor, listed, &schedule).await?,
            just_made: query.made.as_deref(),
            may_change: may_change(&visitor, listed),
            seen: &seen,
        };
        Ok(calendar(&facts, visitor.frame("on_call", listed.name.clone())).into_response())
    };
    answer(shown.await, &headers)
}

/// `GET /app/schedules/{schedule}/live`: tells a page that is open whether it still shows what is so.
pub(super) async fn live(State(api): State<Arc<Api>>, id: Result<Path<String>, PathRejection>, headers: HeaderMap, uri: Uri) -> Response {
    let looked = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let Path(id) = id?;
        visible(&visitor, &id)?;
        Ok(seen(&api).await?.into_response())
    };
    answer(looked.await, &headers)
}

/// `GET` of an address that only takes a button: a browser that remembers where it led.
pub(super) async fn back(path: Result<Path<(String, String)>, PathRejection>, headers: HeaderMap) -> Response {
    let back = path.map(|Path((id, _))| Redirect::to(&address_of(&segment(&id))).into_response());
    answer(back.map_err(Trouble::from), &headers)
}

/// Where the calendar of a schedule is.
pub(super) fn address_of(id: &str) -> String {
    format!("/app/schedules/{id}")
}

/// The schedule of that name, if there is one and they may see it. Which of both it is, nobody is told.
pub(super) fn visible<'a>(visitor: &'a Visitor, id: &str) -> Result<&'a ListedSchedule, Trouble> {
    let id: ScheduleId = id.parse().map_err(|_| Trouble::NotThere)?;
    let listed = visitor.directory.schedule(&id).ok_or(Trouble::NotThere)?;
    if visitor.access.sees_schedule(&visitor.directory, &id) { Ok(listed) } else { Err(Trouble::NotThere) }
}

/// Goes up with every change of the configuration and of overrides: no more than one small read, and of a warm function often none.
pub(super) async fn seen(api: &Api) -> Result<String, Trouble> {
    Ok(api.store.revision().await?.to_string())
}

/// Whether they may change who is on call there at all, for themselves at least.
fn may_change(visitor: &Visitor, listed: &ListedSchedule) -> bool {
    let me = BTreeSet::from([visitor.session.user.clone()]);
    visitor.access.overrides(&visitor.directory, &listed.id, &me, &me)
}

/// The overrides that are not over, the next first, and what taking them back comes to where they may.
async fn made(api: &Api, visitor: &Visitor, listed: &ListedSchedule, schedule: &Schedule) -> Result<Vec<Made>, Trouble> {
    let mut known = api.store.overrides_between(&listed.id, visitor.reader.now, Timestamp::MAX).await?;
    known.sort_by(|a, b| (a.from, &a.id).cmp(&(b.from, &b.id)));
    let told = |one: &Override| {
        let effect = schedule.effect_of(&known, one, visitor.reader.now);
        let from = one.from.max(visitor.reader.now);
        let undoing = may_take_back(visitor, listed, one, &effect).then(|| {
            let back = OverrideEffect { lost: effect.gained.clone(), gained: effect.lost.clone() };
            change_told(&visitor.reader, &back, from, one.until)
        });
        Made { id: one.id.clone(), told: change_told(&visitor.reader, &effect, one.from, one.until), undoing }
    };
    Ok(known.iter().map(told).collect())
}

/// Whether they may take the override back: it gives back what is theirs, gives away what it gave them, or they decide there.
pub(super) fn may_take_back(visitor: &Visitor, listed: &ListedSchedule, one: &Override, effect: &OverrideEffect) -> bool {
    let by: BTreeSet<UserId> = one.change.by().iter().cloned().collect();
    let from = if effect.is_nothing() { &by } else { &effect.gained };
    visitor.access.overrides(&visitor.directory, &listed.id, from, &effect.lost)
}
