//! Overrides: somebody else is on call for a while. What was worked stays as it was, so an override begins now at the earliest.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, Query, Request, State, rejection::PathRejection, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use hansho_domain::{Directory, Override, OverrideChange, Schedule, ScheduleId, UserId};
use hansho_store::OverrideRemoved;
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{about::moment, schedules::schedule};
use crate::{
    Api, body,
    caller::Caller,
    input_id,
    problem::Problem,
    rest::{
        period::{AskedPeriod, LATE_MAX},
        request_key::request_key,
    },
};

const EXAMPLE: &str = r#"{"change": "replace", "user": "aiko", "by": ["ben"], "minutes": 480}"#;
/// Most overrides of a schedule that are not over; each is looked at by every step that asks who is on call.
pub(crate) const OVERRIDES_MAX: usize = 500;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AddRequest {
    change: ChangeName,
    user: Option<UserId>,
    #[serde(default)]
    by: Vec<UserId>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    minutes: Option<u32>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChangeName {
    Replace,
    ReplaceAll,
    Add,
    Remove,
    Nobody,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    from: Option<String>,
}

pub(super) async fn list(
    State(api): State<Arc<Api>>,
    id: Result<Path<String>, PathRejection>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let (Path(id), Query(query)) = (id?, query?);
    let directory = api.store.directory().await?;
    let listed = schedule(&directory, &id)?;
    let from = query.from.map_or_else(|| Ok(api.store.clock().now()), |from| moment("from", &from))?;
    let mut overrides = api.store.overrides_between(&listed.id, from, Timestamp::MAX).await?;
    overrides.sort_by(|a, b| (a.from, &a.id).cmp(&(b.from, &b.id)));
    Ok(Json(json!({ "overrides": overrides })))
}

pub(super) async fn add(
    State(api): State<Arc<Api>>,
    Extension(Caller(caller)): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let Path(id) = id?;
    let now = api.store.clock().now();
    let key = request_key(request.headers())?.map(str::to_owned);
    let raw = body::read_text(request.into_body()).await?;
    let asked: AddRequest = body::parse(&raw, EXAMPLE)?;
    let directory = api.store.directory().await?;
    let listed = schedule(&directory, &id)?;
    let request = key.unwrap_or_else(|| format!("{now} {raw}"));
    let id = input_id::hash_text(&["override", &caller, listed.id.as_str(), &request], 16);
    let known = api.store.overrides_between(&listed.id, now, Timestamp::MAX).await?;
    if let Some(known) = known.iter().find(|known| known.id == id) {
        if asked.change()? != known.change || !asked.period().is(known.from, known.until) {
            let message = format!("This Idempotency-Key was used for another override, {id}. Use a new key for a new override.");
            return Err(Problem::new(StatusCode::CONFLICT, message));
        }
        return Ok(Json(json!({ "result": "known", "override": known })).into_response());
    }
    if known.len() >= OVERRIDES_MAX {
        let message = format!(
            "Schedule {} has {OVERRIDES_MAX} overrides that are not over, which is the most. Change its rotations instead.",
            listed.id
        );
        return Err(Problem::new(StatusCode::CONFLICT, message));
    }
    let made = asked.made(id, &listed.id, &directory, now)?;
    let definition = api.store.definition(listed).await?;
    let changes = definition.is_none_or(|schedule| changes_somebody(&schedule, known, &made));
    api.store.add_override(&made, &caller).await?;
    tracing::info!(schedule = %made.schedule, id = made.id, caller, "an override was added");
    Ok((StatusCode::CREATED, Json(json!({ "result": "added", "changes_who_is_on_call": changes, "override": made }))).into_response())
}

/// Whether somebody else is on call at any time by `made`, on top of the overrides that are known. One that changes nothing is made all
/// the same, because the schedule may change under it, but whoever made it probably meant another time or person.
fn changes_somebody(schedule: &Schedule, mut known: Vec<Override>, made: &Override) -> bool {
    known.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    let on_call = |overrides: &[Override]| {
        let mut stretches: Vec<(Timestamp, Vec<UserId>)> = Vec::new();
        for segment in schedule.shifts(overrides, made.from, made.until) {
            let people: Vec<UserId> = segment.people.into_iter().map(|person| person.user).collect();
            if stretches.last().is_none_or(|(_, before)| *before != people) {
                stretches.push((segment.from, people));
            }
        }
        stretches
    };
    let without = on_call(&known);
    known.push(made.clone());
    on_call(&known) != without
}

pub(super) async fn remove(
    State(api): State<Arc<Api>>,
    Extension(Caller(caller)): Extension<Caller>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<Value>, Problem> {
    let Path((id, made)) = path?;
    let directory = api.store.directory().await?;
    let listed = schedule(&directory, &id)?;
    let removed = api.store.remove_override(&listed.id, &made, api.store.clock().now(), &caller).await?;
    tracing::info!(schedule = %listed.id, id = made, caller, "an override was taken away");
    match removed {
        OverrideRemoved::Gone(made) => Ok(Json(json!({ "result": "removed", "override": made }))),
        OverrideRemoved::EndedNow(made) => Ok(Json(json!({ "result": "ended", "override": made }))),
        OverrideRemoved::Over(made) => {
            Err(Problem::new(StatusCode::CONFLICT, format!("This override ended at {}; what was worked stays as it was.", made.until)))
        }
        OverrideRemoved::Unknown => Err(Problem::new(
            StatusCode::NOT_FOUND,
            format!("There is no such override of {}. GET /schedules/{}/overrides lists those that there are.", listed.id, listed.id),
        )),
    }
}

impl AddRequest {
    fn made(self, id: String, schedule: &ScheduleId, directory: &Directory, now: Timestamp) -> Result<Override, Problem> {
        let refuse = |message: String| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, message);
        for user in self.by.iter().chain(&self.user) {
            if let Some(problem) = directory.problem_of(&hansho_domain::About::User(user.clone())) {
                return Err(refuse(format!("{}.", super::super::sentence(&problem))));
            }
        }
        self.check_people().map_err(refuse)?;
        let from = self.from.unwrap_or(now);
        if from < now.saturating_sub(LATE_MAX).unwrap_or(now) {
            return Err(refuse(format!(
                "from is {from}, which is past, and what was worked stays as it was. Leave from out to begin now."
            )));
        }
        let change = self.change()?;
        let until = self.period().end(from.max(now), "An override", EXAMPLE)?;
        let (from, until) = (whole(from.max(now)), whole(until));
        Override::new(id, schedule.clone(), from, until, change, now).map_err(|problems| {
            let sentences: Vec<String> = problems.0.iter().map(|problem| format!("{} {}", problem.field, problem.problem)).collect();
            refuse(format!("{}.", sentences.join("; ")))
        })
    }

    fn period(&self) -> AskedPeriod {
        AskedPeriod { from: self.from, until: self.until, minutes: self.minutes }
    }

    /// Refuses people who are named twice, and somebody in their own place: neither changes anything, so something else was meant.
    fn check_people(&self) -> Result<(), String> {
        if let Some(twice) = self.by.iter().enumerate().find_map(|(place, user)| self.by[..place].contains(user).then_some(user)) {
            return Err(format!("by names {twice} twice. Name each person once."));
        }
        match &self.user {
            Some(user) if self.by.contains(user) => Err(format!("{user} can not stand in for themself. Name somebody else in by.")),
            Some(_) | None => Ok(()),
        }
    }

    fn change(&self) -> Result<OverrideChange, Problem> {
        let by = || self.by.clone();
        match (self.change, self.user.clone()) {
            (ChangeName::Replace, Some(user)) => Ok(OverrideChange::Replace { user, by: by() }),
            (ChangeName::ReplaceAll, None) => Ok(OverrideChange::ReplaceAll { by: by() }),
            (ChangeName::Add, None) => Ok(OverrideChange::Add { by: by() }),
            (ChangeName::Remove, Some(user)) if self.by.is_empty() => Ok(OverrideChange::Remove { user }),
            (ChangeName::Nobody, None) if self.by.is_empty() => Ok(OverrideChange::Nobody),
            (ChangeName::Replace | ChangeName::ReplaceAll | ChangeName::Add | ChangeName::Remove | ChangeName::Nobody, _) => {
                Err(Problem::bad_request(format!(
                    "replace takes user and by, replace_all and add take by, remove takes user, nobody takes neither. Send JSON such as {EXAMPLE}."
                )))
            }
        }
    }
}

/// To the millisecond, which is how exactly its end is stored.
fn whole(at: Timestamp) -> Timestamp {
    hansho_runtime::clock::whole_milliseconds(at)
}
