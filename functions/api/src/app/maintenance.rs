//! Maintenance windows: those of the configuration and those that people begin here, in which new alerts are kept and page nobody.
//!
//! The form asks by GET and so does nothing; what it answers says what it would do, and has the button that does.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, Request, State, rejection::PathRejection, rejection::QueryRejection},
    response::{IntoResponse, Redirect, Response},
};
use hansho_domain::{
    ListedService, LiveMaintenance, MaintenanceFilter, MaintenanceId, MaintenanceSpec, MaintenanceState, MaintenanceTime,
    MaintenanceWindow, ServiceId, maintenance_in_force, text,
};
use hansho_runtime::clock::whole_milliseconds;
use hansho_store::{MaintenanceAdded, MaintenanceEnding, audited_user};
use http::{HeaderMap, Uri};
use jiff::SignedDuration;
use serde::Deserialize;

use super::{form::Form, visitor::Visitor};
use crate::{
    Api, input_id,
    link::{Trouble, answer},
    page::app::maintenance::{BeginFacts, WindowsFacts, begin as begin_page, windows},
    words,
};

/// Where they are.
pub(super) const ADDRESS: &str = "/app/maintenance";
/// For how many minutes one may be begun on a page. A longer one is planned in the configuration.
const MINUTES: [u32; 6] = [30, 60, 120, 240, 480, 1_440];
/// Longest reason, in characters, as the domain has it.
const REASON_CHARS_MAX: usize = 200;
/// Digits of what is unique about a window's name.
const ID_DIGITS: usize = 12;

#[derive(Debug, Default, Deserialize)]
pub(super) struct DoneQuery {
    /// What was done a moment ago.
    #[serde(default)]
    done: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct BeginQuery {
    #[serde(default)]
    service: String,
    #[serde(default)]
    minutes: String,
    #[serde(default)]
    reason: String,
}

/// What is asked for.
struct Asked {
    service: ServiceId,
    minutes: u32,
    reason: String,
}

/// `GET /app/maintenance`
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    query: Result<Query<DoneQuery>, QueryRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let u = words::tongue(visitor.reader.language).setup();
        let visible = visible(&api, &visitor).await?;
        let facts = WindowsFacts {
            reader: &visitor.reader,
            directory: &visitor.directory,
            windows: &visible,
            may_begin: services(&visitor).next().is_some(),
        };
        let mut sheet = windows(&facts, visitor.frame("more", u.maintenance.to_owned()));
        sheet.done = match query.map(|Query(query)| query.done).unwrap_or_default().as_str() {
            "begun" => u.maintenance_begun,
            "ended" => u.maintenance_ended,
            "full" => u.maintenance_full,
            "not-open" => u.maintenance_not_open,
            _ => "",
        };
        Ok(sheet.html().into_response())
    };
    answer(shown.await, &headers)
}

/// `GET /app/maintenance/begin`: the form, and once it is filled in, what it would do.
pub(super) async fn ask(
    State(api): State<Arc<Api>>,
    query: Result<Query<BeginQuery>, QueryRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let shown = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let Query(query) = query.map_err(|_| Trouble::BadForm)?;
        let services: Vec<&ListedService> = services(&visitor).collect();
        if services.is_empty() {
            return Err(Trouble::NotAllowed);
        }
        let asked = asked(&visitor, &query.service, &query.minutes, &query.reason).ok();
        let now = visitor.reader.now;
        let facts = BeginFacts {
            reader: &visitor.reader,
            services: &services,
            service: &query.service,
            minutes: &MINUTES,
            chosen: asked.as_ref().map(|asked| asked.minutes),
            reason: &query.reason,
            until: asked.as_ref().map(|asked| now.saturating_add(span(asked.minutes)).unwrap_or(now)),
            request: &input_id::hash_text(&["maintenance", visitor.session.user.as_str(), &now.to_string()], 32),
        };
        let title = words::tongue(visitor.reader.language).setup().maintenance_begin.to_owned();
        Ok(begin_page(&facts, visitor.frame("more", title)).into_response())
    };
    answer(shown.await, &headers)
}

/// `POST /app/maintenance/begin`: begins it. Two taps on one button are one window.
pub(super) async fn begin(State(api): State<Arc<Api>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let begun = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let form = Form::of_session(request, &visitor.secret).await?;
        let Asked { service, minutes, reason } = asked(&visitor, form.text("service"), form.text("minutes"), form.text("reason"))?;
        let request = form.text("request");
        if request.len() != 32 || !request.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Trouble::BadForm);
        }
        let by = audited_user(&visitor.session.user);
        let id = MaintenanceId::live(&input_id::hash_text(&["maintenance", &by, request], ID_DIGITS)).map_err(|_| Trouble::BadForm)?;
        let now = whole_milliseconds(visitor.reader.now);
        let time = MaintenanceTime::Once { from: now, until: now.saturating_add(span(minutes)).unwrap_or(now) };
        let spec = MaintenanceSpec { id, reason, services: vec![service], only: MaintenanceFilter::default(), time };
        let window = MaintenanceWindow::new(spec).map_err(|_| Trouble::BadForm)?;
        let made = LiveMaintenance { window, is_planned: false, created_at: now, created_by: by, ended: None };
        let done = match api.store.add_maintenance(&made).await? {
            MaintenanceAdded::Added | MaintenanceAdded::Known(_) => "begun",
            MaintenanceAdded::TooMany { .. } => "full",
        };
        tracing::info!(id = %made.window.id(), by = made.created_by, done, "maintenance was asked for on a page");
        Ok(Redirect::to(&format!("{ADDRESS}?done={done}")).into_response())
    };
    answer(begun.await, &headers)
}

/// `POST /app/maintenance/{id}/end`: ends it before its time; of one of the configuration, what is left of its present opening.
pub(super) async fn end(State(api): State<Arc<Api>>, id: Result<Path<String>, PathRejection>, request: Request) -> Response {
    let headers = request.headers().clone();
    let uri = request.uri().clone();
    let ended = async {
        let visitor = Visitor::of(&api, &headers, &uri).await?;
        let id: MaintenanceId = id?.0.parse().map_err(|_| Trouble::NotThere)?;
        match visible(&api, &visitor).await?.into_iter().find(|(window, _)| *window.id() == id) {
            None => return Ok(Redirect::to(&format!("{ADDRESS}?done=not-open")).into_response()),
            Some((_, may_end)) if !may_end => return Err(Trouble::NotAllowed),
            Some(_) => {}
        }
        let _form = Form::of_session(request, &visitor.secret).await?;
        let by = audited_user(&visitor.session.user);
        let done = match api.store.end_maintenance(&id, &by).await? {
            // Whoever asks again may do so because the first answer was lost, and the release with it.
            MaintenanceEnding::Ended(ended) | MaintenanceEnding::EndedBefore(ended) => {
                if let Err(error) = api.store.release_held(&ended).await {
                    tracing::error!(%id, error = %hansho_runtime::chain(&error), "what the window holds is released by the sweeper");
                }
                "ended"
            }
            MaintenanceEnding::Over(_) | MaintenanceEnding::NotOpen { .. } | MaintenanceEnding::Unknown => "not-open",
        };
        tracing::info!(%id, by, done, "maintenance was ended on a page");
        Ok(Redirect::to(&format!("{ADDRESS}?done={done}")).into_response())
    };
    answer(ended.await, &headers)
}

/// `GET` of the address that only takes a button.
pub(super) async fn back() -> Response {
    Redirect::to(ADDRESS).into_response()
}

/// The windows that are open, or to come, of services that the visitor sees; each with whether they may end it now. One of the
/// configuration is ended only while it is open.
async fn visible(api: &Api, visitor: &Visitor) -> Result<Vec<(MaintenanceWindow, bool)>, Trouble> {
    let Visitor { access, directory, reader, .. } = visitor;
    let live = api.store.maintenance_over_after(reader.now).await?;
    let planned: Vec<LiveMaintenance> = live.iter().filter(|live| live.is_planned).cloned().collect();
    let in_force = maintenance_in_force(&directory.maintenance, &planned, reader.now);
    let planned = in_force.into_iter().map(|window| {
        let is_open = window.open_until(reader.now).is_some();
        (window, is_open)
    });
    let is_there = |live: &LiveMaintenance| matches!(live.state(reader.now), MaintenanceState::Open | MaintenanceState::Coming);
    let live = live.iter().filter(|live| !live.is_planned && is_there(live)).map(|live| (live.window.clone(), true));
    let is_seen = |service: &ServiceId| access.sees_service(directory, service);
    let all = planned.chain(live);
    let mut seen: Vec<(MaintenanceWindow, bool)> =
        all.filter(|(window, _)| window.spec().services.is_empty() || window.spec().services.iter().any(is_seen)).collect();
    for (window, may_end) in &mut seen {
        *may_end = *may_end && decides_on(visitor, window);
    }
    Ok(seen)
}

/// The services of which the visitor may begin maintenance.
fn services(visitor: &Visitor) -> impl Iterator<Item = &ListedService> {
    let Visitor { access, directory, .. } = visitor;
    directory.services.iter().filter(move |one| access.holds(directory, &one.id))
}

/// Whether the window is of services of theirs alone.
fn decides_on(visitor: &Visitor, window: &MaintenanceWindow) -> bool {
    let Visitor { access, directory, .. } = visitor;
    let services = &window.spec().services;
    access.administers() || (!services.is_empty() && services.iter().all(|service| access.holds(directory, service)))
}

/// What was filled in, if it is whole and theirs to ask for.
fn asked(visitor: &Visitor, service: &str, minutes: &str, reason: &str) -> Result<Asked, Trouble> {
    let service: ServiceId = service.parse().map_err(|_| Trouble::BadForm)?;
    if visitor.directory.service(&service).is_none() || !visitor.access.holds(&visitor.directory, &service) {
        return Err(Trouble::NotAllowed);
    }
    let minutes = minutes.parse().ok().filter(|minutes| MINUTES.contains(minutes)).ok_or(Trouble::BadForm)?;
    let reason = text::one_line(reason);
    if reason.chars().count() > REASON_CHARS_MAX {
        return Err(Trouble::BadForm);
    }
    Ok(Asked { service, minutes, reason })
}

fn span(minutes: u32) -> SignedDuration {
    SignedDuration::from_mins(i64::from(minutes))
}
