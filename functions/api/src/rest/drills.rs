//! `POST /drills`: ask everybody who may be called in a period whether they can be reached. `GET /drills/{id}`: who was asked and
//! who answered. `GET /drills/{id}/certificate`: hour by hour, who is reachable by what. `POST /drills/{id}/end` calls it off.
//! `GET /drills` lists them.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, Request, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use hansho_domain::{DrillId, DrillPeriodError, ScheduleId, ServiceId, TeamId, UserId, common_zone, drill_period};
use hansho_store::{Certificate, CertifiedPerson, DRILL_PEOPLE_MAX, Drill, DrillBegun, DrillRequest, DrillScope, ListedDrill, StoreError};
use http::{StatusCode, header};
use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{request_key::request_key, sentence, users::contact};
use crate::{Api, body, caller::Caller, input_id, problem::Problem};

const EXAMPLE: &str = r#"{"from": "2026-12-29", "to": "2027-01-03"}"#;
/// Digits of a drill's id.
const ID_DIGITS: usize = 12;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DrillBody {
    from: String,
    to: String,
    time_zone: Option<String>,
    service: Option<ServiceId>,
    schedule: Option<ScheduleId>,
    team: Option<TeamId>,
    at: Option<Timestamp>,
}

pub(super) async fn begin(
    State(api): State<Arc<Api>>,
    Extension(Caller(caller)): Extension<Caller>,
    request: Request,
) -> Result<Response, Problem> {
    let now = api.store.clock().now();
    let key = request_key(request.headers())?.map(str::to_owned);
    let raw = body::read_text(request.into_body()).await?;
    let asked: DrillBody = body::parse(&raw, EXAMPLE)?;
    let scope = scope(&asked)?;
    let time_zone = time_zone(&api, &asked, &scope).await?;
    let (from, until) = period(&asked, &time_zone, now)?;
    let send_at = asked.at.unwrap_or(now).max(now);
    if send_at >= until {
        return Err(Problem::bad_request(
            "at is after the end of the period. Ask before it begins, so that there is time to repair what is found.",
        ));
    }
    // Without a key: the request itself, so that another drill of the same moment is another drill.
    let key = key.unwrap_or_else(|| format!("{now} {raw}"));
    let id = input_id::hash_text(&["drill", &caller, &key], ID_DIGITS);
    let id = DrillId::new(id).map_err(|error| Problem::bad_request(error.to_string()))?;
    let request = DrillRequest { id, scope, from, until, time_zone, send_at, by: caller.clone() };
    let (status, result, drill) = match api.store.begin_drill(&request).await? {
        DrillBegun::Begun(drill) => (StatusCode::CREATED, "begun", drill),
        DrillBegun::Known(drill) if drill.scope == request.scope && (drill.from, drill.until) == (from, until) => {
            (StatusCode::OK, "known", drill)
        }
        DrillBegun::Known(drill) => {
            let message = format!("This Idempotency-Key was used for another drill, {}. Use a new key for a new drill.", drill.id);
            return Err(Problem::new(StatusCode::CONFLICT, message));
        }
        DrillBegun::UnknownScope => {
            let message =
                "There is no such service, schedule or team, or none that calls anybody. Check the name, or leave it out for everything.";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, message));
        }
        DrillBegun::Nobody => {
            let message = "Nobody would be called in this period, so there is nobody to ask. Look at `hansho oncall` for its gaps.";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, message));
        }
        DrillBegun::TooLarge => {
            let message = format!(
                "This is more than {DRILL_PEOPLE_MAX} people, or too many hours of too many policies. Name a service, a schedule or a team, or a shorter period."
            );
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, message));
        }
        DrillBegun::TooOften { again_at } => {
            let message = format!("There were too many drills of late. Begin the next one after {again_at}.");
            return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, message).with_header(header::RETRY_AFTER, "60"));
        }
    };
    tracing::info!(drill.id = %drill.id, caller, result, people = drill.asked.len(), "a drill was asked for");
    Ok((status, Json(json!({ "result": result, "drill": shape(&api, &drill).await? }))).into_response())
}

fn scope(asked: &DrillBody) -> Result<DrillScope, Problem> {
    match (&asked.service, &asked.schedule, &asked.team) {
        (None, None, None) => Ok(DrillScope::Everything),
        (Some(service), None, None) => Ok(DrillScope::Service(service.clone())),
        (None, Some(schedule), None) => Ok(DrillScope::Schedule(schedule.clone())),
        (None, None, Some(team)) => Ok(DrillScope::Team(team.clone())),
        _ => Err(Problem::bad_request(format!(
            "A drill is about one service, one schedule, one team, or everything. Send JSON such as {EXAMPLE}."
        ))),
    }
}

/// The zone on whose clock days are: the one that is given, the schedule's, or the one of all schedules that agree.
async fn time_zone(api: &Api, asked: &DrillBody, scope: &DrillScope) -> Result<String, Problem> {
    if let Some(zone) = &asked.time_zone {
        let known = TimeZone::get(zone).ok().and_then(|zone| zone.iana_name().map(str::to_owned));
        return known.ok_or_else(|| Problem::bad_request(format!("time_zone is {zone:?}; write an IANA name such as Asia/Tokyo.")));
    }
    let directory = api.store.directory().await?;
    let is_meant = |id: &ScheduleId| match scope {
        DrillScope::Schedule(schedule) => id == schedule,
        DrillScope::Everything | DrillScope::Service(_) | DrillScope::Team(_) => true,
    };
    let zones = directory.schedules.iter().filter(|listed| is_meant(&listed.id)).map(|listed| listed.time_zone.as_str());
    Ok(common_zone(zones).to_owned())
}

/// The period, or what is wrong with it and what to send instead.
fn period(asked: &DrillBody, time_zone: &str, now: Timestamp) -> Result<(Timestamp, Timestamp), Problem> {
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    let wrong = |error: DrillPeriodError| Problem::bad_request(format!("{}. Send JSON such as {EXAMPLE}.", sentence(&error.to_string())));
    drill_period(&asked.from, &asked.to, &zone, now).map_err(wrong)
}

pub(super) async fn show(State(api): State<Arc<Api>>, id: Result<Path<String>, PathRejection>) -> Result<Json<Value>, Problem> {
    let drill = find(&api, id).await?;
    Ok(Json(json!({ "drill": shape(&api, &drill).await? })))
}

pub(super) async fn end(
    State(api): State<Arc<Api>>,
    Extension(Caller(caller)): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Value>, Problem> {
    let drill = find(&api, id).await?;
    let ended = api.store.end_drill(&drill.id, &caller).await?.unwrap_or(drill);
    Ok(Json(json!({ "drill": shape(&api, &ended).await? })))
}

pub(super) async fn certificate(State(api): State<Arc<Api>>, id: Result<Path<String>, PathRejection>) -> Result<Json<Value>, Problem> {
    let drill = find(&api, id).await?;
    let Some(certificate) = api.store.certificate(&drill).await? else {
        let message = "What this drill is about is not in the configuration any more. Begin a new drill.";
        return Err(Problem::new(StatusCode::GONE, message));
    };
    Ok(Json(certified(&drill, &certificate)))
}

async fn find(api: &Api, id: Result<Path<String>, PathRejection>) -> Result<Drill, Problem> {
    let Path(id) = id?;
    let unknown = || {
        let id: String = id.chars().take(40).collect();
        Problem::new(StatusCode::NOT_FOUND, format!("There is no drill {id:?}. GET /drills lists those that there are."))
    };
    let known: DrillId = id.parse().map_err(|_| unknown())?;
    api.store.drill(&known).await?.ok_or_else(unknown)
}

/// The drills, the newest first.
pub(super) async fn list(State(api): State<Arc<Api>>) -> Result<Json<Value>, Problem> {
    let now = api.store.clock().now();
    let drills = api.store.drills().await?;
    let shape = |drill: &ListedDrill| {
        let mut shown = json!(drill);
        shown["state"] = json!(state(drill, now));
        shown
    };
    Ok(Json(json!({ "drills": drills.iter().map(shape).collect::<Vec<_>>() })))
}

/// Where a drill stands at `now`.
fn state(drill: &ListedDrill, now: Timestamp) -> &'static str {
    match drill {
        ListedDrill { ended_at: Some(_), .. } => "ended",
        ListedDrill { until, .. } if *until <= now => "over",
        ListedDrill { send_at, .. } if now < *send_at => "planned",
        ListedDrill { .. } => "asking",
    }
}

/// A drill with what became of each message and each answer.
async fn shape(api: &Api, drill: &Drill) -> Result<Value, Problem> {
    let mut asked = Vec::new();
    for one in &drill.asked {
        let notice = api.store.notice(&drill.notice_of(one)?).await?;
        let proof = match api.store.profile(&one.user).await {
            Ok(Some(profile)) if hansho_store::AddressHash::of(&profile.contact, one.method).as_ref() == Some(&one.address) => {
                api.store.contact_proofs(&one.user, &profile.contact).await?.remove(&one.method)
            }
            Ok(_) | Err(StoreError::Unreadable { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let answered = proof.filter(|proof| proof.is_proven_since(drill.began_at));
        asked.push(json!({
            "user": one.user,
            "method": one.method,
            "state": notice.as_ref().map_or("pending", |notice| notice.state.as_str()),
            "reason": notice.and_then(|notice| notice.reason),
            "answered_at": answered.as_ref().and_then(|proof| proof.proven_at),
            "answered_by": answered.and_then(|proof| proof.proven_by),
        }));
    }
    Ok(json!({
        "id": drill.id, "scope": drill.scope, "from": drill.from, "until": drill.until, "time_zone": drill.time_zone,
        "began_at": drill.began_at, "send_at": drill.send_at, "by": drill.by, "ended_at": drill.ended_at, "asked": asked,
    }))
}

/// What was proven since the drill began counts, if it wakes; what was proven before is told with its time.
fn certified(drill: &Drill, certificate: &Certificate) -> Value {
    let is_proven = |person: &CertifiedPerson| person.is_proven_since(drill.began_at);
    let knows = |user: &UserId| certificate.people.get(user).is_some_and(is_proven);
    let people: serde_json::Map<String, Value> = certificate
        .people
        .iter()
        .map(|(user, person)| {
            let contacts: Vec<Value> = person
                .contacts
                .iter()
                .map(|(method, proof)| {
                    let mut told = contact(*method, proof);
                    told["proven"] = json!(proof.is_proven_since(drill.began_at));
                    told
                })
                .collect();
            (user.to_string(), json!({ "name": person.name, "proven": is_proven(person), "wakes": person.wakes, "contacts": contacts }))
        })
        .collect();
    let unproven: Vec<&UserId> = certificate.people.keys().filter(|user| !knows(user)).collect();
    let unproven_contacts: Vec<Value> = certificate
        .people
        .iter()
        .flat_map(|(user, person)| person.contacts.iter().map(move |(method, proof)| (user, method, proof)))
        .filter(|(.., proof)| !proof.is_proven_since(drill.began_at))
        .map(|(user, method, _)| json!({ "user": user, "method": method }))
        .collect();
    let mut nobody = 0;
    let calls: Vec<Value> = certificate
        .calls
        .iter()
        .map(|calls| {
            let hours: Vec<Value> = calls
                .hours
                .iter()
                .map(|hour| {
                    let proven = hour.is_proven(knows);
                    nobody += usize::from(!proven);
                    json!({ "at": hour.at, "steps": hour.steps(), "proven": proven })
                })
                .collect();
            json!({ "by": calls.by, "hours": hours })
        })
        .collect();
    json!({
        "drill": drill.id, "from": drill.from, "until": drill.until, "time_zone": drill.time_zone, "began_at": drill.began_at,
        "calls": calls, "people": people, "unproven": unproven, "unproven_contacts": unproven_contacts,
        "hours_with_nobody_proven": nobody,
    })
}
