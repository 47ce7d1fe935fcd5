//! `GET /services` and `GET /services/{id}/stage`: what a rehearsal needs to tell what would really happen.
//!
//! A *stage* is one service as it is in force, with what people have made live beside the configuration: overrides, maintenance windows, and
//! how far the turns of its steps have gone. It holds names and no addresses.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Json,
    extract::{Path, Query, State, rejection::PathRejection, rejection::QueryRejection},
};
use hansho_domain::{Bundle, Override, ScheduleId, ServiceId, StepTurn, TARGETS_MAX, Target, Team, User, UserId};
use hansho_rehearsal::{Beyond, Stage, TurnsTaken};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{on_call::moment, sentence};
use crate::{Api, problem::Problem};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StageQuery {
    /// Overrides that are over by then are left out.
    from: Option<String>,
    /// Who may be asked for help: targets, with commas between them.
    ask: Option<String>,
}

/// Every service with its alarms, whose alerts by owner are whose, the rules for all alerts, and what the clock here shows.
pub(super) async fn list(State(api): State<Arc<Api>>) -> Result<Json<Value>, Problem> {
    let (version, routes) = (api.store.configuration_version().await?, api.store.routes().await?);
    let mut answer = json!({ "version": version, "now": api.store.clock().now(), "services": routes.services, "owners": routes.owners });
    if !routes.rules.is_empty() {
        answer["rules"] = json!(routes.rules);
    }
    Ok(Json(answer))
}

/// One service, and everything that decides who is called for it.
pub(super) async fn stage(
    State(api): State<Arc<Api>>,
    id: Result<Path<String>, PathRejection>,
    query: Result<Query<StageQuery>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let (Path(id), Query(query)) = (id?, query?);
    let from = query.from.map_or_else(|| Ok(api.store.clock().now()), |from| moment("from", &from))?;
    let asked = targets(query.ask.as_deref().unwrap_or_default())?;
    let service: ServiceId = id.parse().map_err(|error| Problem::bad_request(format!("{}.", sentence(&format!("{error}")))))?;
    let Some(bundle) = api.store.bundle(&service).await? else { return Err(no_such_service(&service)) };
    let stage = set(&api, Bundle::clone(&bundle), from, &asked).await?;
    Ok(Json(json!({ "version": api.store.configuration_version().await?, "stage": stage })))
}

fn targets(text: &str) -> Result<Vec<Target>, Problem> {
    let named: Vec<&str> = text.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if named.len() > TARGETS_MAX {
        return Err(Problem::bad_request(format!("ask names {} targets; {TARGETS_MAX} are the most.", named.len())));
    }
    named.into_iter().map(|name| name.parse().map_err(|error: String| Problem::bad_request(format!("ask: {error}.")))).collect()
}

fn no_such_service(service: &ServiceId) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, format!("There is no service {service}. GET /services lists those that there are."))
}

async fn set(api: &Api, bundle: Bundle, from: Timestamp, asked: &[Target]) -> Result<Stage, Problem> {
    let mut beyond = named_by(api, &bundle, asked).await?;
    let schedules: Vec<ScheduleId> = bundle.schedules.iter().chain(&beyond.schedules).map(|schedule| schedule.id().clone()).collect();
    let mut overrides: Vec<Override> = Vec::new();
    for schedule in &schedules {
        overrides.extend(api.store.overrides_between(schedule, from, Timestamp::MAX).await?);
    }
    let mut people: BTreeSet<UserId> = overrides.iter().flat_map(|made| made.change.by()).cloned().collect();
    people.extend(beyond.teams.iter().flat_map(Team::members).cloned());
    people.extend(beyond.schedules.iter().flat_map(hansho_domain::Schedule::members));
    people.extend(asked.iter().filter_map(|target| if let Target::User(user) = target { Some(user.clone()) } else { None }));
    add_people(api, &mut beyond, &bundle, people).await?;
    let turns = turns(api, &bundle).await?;
    let mut maintenance = api.store.maintenance_over_after(from).await?;
    maintenance.retain(|live| live.window.spec().services.is_empty() || live.window.spec().services.contains(bundle.service.id()));
    Ok(Stage { overrides, maintenance, beyond, turns, ..Stage::from(bundle) })
}

/// Teams and schedules behind `asked` that the service's policies do not name.
async fn named_by(api: &Api, bundle: &Bundle, asked: &[Target]) -> Result<Beyond, Problem> {
    let mut beyond = Beyond::default();
    let directory = if asked.is_empty() { Arc::default() } else { api.store.directory().await? };
    for target in asked {
        match target {
            Target::Team(id) if bundle.teams.iter().all(|team| team.id() != id) => {
                let listed = directory.teams.iter().find(|team| team.id == *id);
                let team = listed.and_then(|team| Team::new(team.id.clone(), team.name.clone(), team.members.clone()).ok());
                beyond.teams.extend(team);
            }
            Target::Schedule(id) if bundle.schedules.iter().all(|schedule| schedule.id() != id) => {
                let Some(listed) = directory.schedule(id) else { continue };
                beyond.schedules.extend(api.store.definition(listed).await?.as_deref().cloned());
            }
            Target::User(_) | Target::Team(_) | Target::Schedule(_) | Target::Destination(_) => {}
        }
    }
    Ok(beyond)
}

/// Whoever may be called and is not in the bundle, and who covers for them.
async fn add_people(api: &Api, beyond: &mut Beyond, bundle: &Bundle, people: BTreeSet<UserId>) -> Result<(), Problem> {
    let mut ahead: Vec<UserId> = people.into_iter().collect();
    let mut seen: BTreeSet<UserId> = bundle.users.iter().map(|user| user.id().clone()).collect();
    while let Some(id) = ahead.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        let Some(profile) = api.store.profile(&id).await? else { continue };
        ahead.extend(profile.user.quiet().covers().cloned());
        beyond.users.push(profile.user);
    }
    beyond.users.sort_by(|a: &User, b: &User| a.id().cmp(b.id()));
    Ok(())
}

/// How far the turns have gone at the steps that take turns.
async fn turns(api: &Api, bundle: &Bundle) -> Result<Vec<TurnsTaken>, Problem> {
    let mut turns = Vec::new();
    for policy in [&bundle.policy].into_iter().chain(&bundle.policies) {
        for (step, _) in (0u8..).zip(policy.steps()).filter(|(_, step)| step.round_robin) {
            let step = StepTurn { policy: policy.id().clone(), step };
            let taken = api.store.turns_taken(&step).await?;
            turns.push(TurnsTaken { step, taken });
        }
    }
    Ok(turns)
}
