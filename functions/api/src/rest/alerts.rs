//! `GET /incidents/{id}/alerts`: the payloads of an incident, each with the trace of its decision.
//! `GET /alerts`: every alert of a period that is kept, suppressed ones included, with what rules need to be tried again.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State, rejection::PathRejection, rejection::QueryRejection},
};
use hansho_domain::{AlertId, Incident, IncidentId, IntegrationId, ServiceId};
use hansho_routing::{Reading, Says, Subject, Trace, Verdict};
use hansho_store::{KeptAlert, KeptPage, SuppressedEntry};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{no_such_incident, on_call::moment, open, shape, suppressed};
use crate::{Api, problem::Problem};

/// Incidents that are read for one page, and entries of the list of suppressed alerts.
const INCIDENTS_AT_ONCE: usize = 10;
const ENTRIES_AT_ONCE: usize = 50;
/// Most bytes of payloads on one page: an answer of Lambda takes 6 MB (Lambda quotas).
const PAGE_BYTES_MAX: usize = 2_000_000;
/// Longest payload that is given, in bytes.
const RAW_BYTES_MAX: usize = 100_000;
/// How long a period may be.
const DAYS_MAX: i64 = 92;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlertsQuery {
    from: Option<String>,
    to: Option<String>,
    cursor: Option<String>,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cursor {
    /// After this incident.
    Incident(IncidentId),
    /// On this day of the list of suppressed alerts, after an entry of it.
    Suppressed(Date, Option<AlertId>),
}

/// Where the next page of an incident's alerts begins.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfIncidentQuery {
    cursor: Option<String>,
}

pub(super) async fn of_incident(
    State(api): State<Arc<Api>>,
    id: Result<Path<String>, PathRejection>,
    query: Result<Query<OfIncidentQuery>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let (Path(id), Query(query)) = (id?, query?);
    let known: IncidentId = id.parse().map_err(|_| no_such_incident(&id))?;
    let incident = api.store.incident(known).await?.ok_or_else(|| no_such_incident(&id))?.incident;
    let after = query.cursor.map(AlertId::try_from).transpose().map_err(|_| bad_cursor())?;
    let KeptPage { alerts, next } = api.store.kept_alerts(incident.id, after).await?;
    Ok(Json(json!({ "incident": incident.id, "alerts": alerts.iter().map(shape::kept).collect::<Vec<_>>(), "next": next })))
}

pub(super) async fn list(State(api): State<Arc<Api>>, query: Result<Query<AlertsQuery>, QueryRejection>) -> Result<Json<Value>, Problem> {
    let Query(query) = query?;
    let to = query.to.as_deref().map_or_else(|| Ok(api.store.clock().now()), |text| moment("to", text))?;
    let week_before = || Ok(to.saturating_sub(SignedDuration::from_hours(7 * 24)).unwrap_or(Timestamp::MIN));
    let from = query.from.as_deref().map_or_else(week_before, |text| moment("from", text))?;
    if to.duration_since(from) > SignedDuration::from_hours(24 * DAYS_MAX) {
        return Err(Problem::bad_request(format!("The period is longer than {DAYS_MAX} days; ask for a shorter one.")));
    }
    // Before the first incident that is too late.
    let newest = || {
        Cursor::Incident(IncidentId::derived(to.saturating_add(SignedDuration::from_millis(1)).unwrap_or(to), AlertId::from_hash([0; 16])))
    };
    let cursor = query.cursor.as_deref().map_or_else(|| Ok(newest()), cursor)?;
    let (alerts, next) = match cursor {
        Cursor::Incident(after) => of_incidents(&api, (from, to), after).await?,
        Cursor::Suppressed(day, after) => of_list(&api, (from, to), day, after).await?,
    };
    Ok(Json(json!({ "alerts": alerts, "next": next.map(|next| next.to_string()) })))
}

/// Alerts of incidents that were opened in the period, by the index of incidents by time.
async fn of_incidents(api: &Api, (from, to): (Timestamp, Timestamp), after: IncidentId) -> Result<(Vec<Value>, Option<Cursor>), Problem> {
    let page = api.store.recent_incidents(Some(after), INCIDENTS_AT_ONCE).await?;
    let (mut alerts, mut bytes) = (Vec::new(), 0);
    for incident in &page.incidents {
        if incident.opened_at < from {
            return Ok((alerts, Some(Cursor::Suppressed(date(to), None))));
        }
        if is_asked_of_no_rule(incident) {
            continue;
        }
        let kept = api.store.kept_alerts(incident.id, None).await?.alerts;
        // What says that it is over goes where its alert went.
        for kept in kept.iter().filter(|kept| reading(kept).says == Says::Alert) {
            bytes += kept.raw.len().min(RAW_BYTES_MAX);
            alerts.push(of_kept(incident, kept));
        }
        if bytes >= PAGE_BYTES_MAX {
            return Ok((alerts, Some(Cursor::Incident(incident.id))));
        }
    }
    Ok((alerts, Some(page.next.map_or(Cursor::Suppressed(date(to), None), Cursor::Incident))))
}

/// Whether no rule was for it: it was opened by hand, or by Hansho about its own trouble.
fn is_asked_of_no_rule(incident: &Incident) -> bool {
    incident.integration.as_str() == open::INTEGRATION || incident.integration == IntegrationId::hansho()
}

/// The same of the list of suppressed alerts, a day after the other.
async fn of_list(
    api: &Api,
    (from, to): (Timestamp, Timestamp),
    day: Date,
    after: Option<AlertId>,
) -> Result<(Vec<Value>, Option<Cursor>), Problem> {
    if day < date(from) {
        return Ok((Vec::new(), None));
    }
    let Ok(begin) = day.to_zoned(TimeZone::UTC).map(|begin| begin.timestamp()) else { return Ok((Vec::new(), None)) };
    let page = api.store.suppressed_page(begin, after, ENTRIES_AT_ONCE).await?;
    let (mut alerts, mut bytes) = (Vec::new(), 0);
    for listed in &page.entries {
        let alert = listed.suppressed.alert;
        if !(from..=to).contains(&listed.suppressed.received_at) {
            continue;
        }
        let Some(entry) = api.store.suppressed_entry(begin, alert).await? else { continue };
        bytes += entry.kept.raw.len().min(RAW_BYTES_MAX);
        alerts.push(of_entry(&entry));
        if bytes >= PAGE_BYTES_MAX {
            return Ok((alerts, Some(Cursor::Suppressed(day, Some(alert)))));
        }
    }
    let next = match page.next {
        Some(after) => Some(Cursor::Suppressed(day, Some(after))),
        None => day.yesterday().ok().filter(|before| *before >= date(from)).map(|before| Cursor::Suppressed(before, None)),
    };
    Ok((alerts, next))
}

fn of_kept(incident: &Incident, kept: &KeptAlert) -> Value {
    // Where no rule changed anything the incident says what the alert was about.
    let said = || Subject {
        title: incident.title.clone(),
        details: incident.details.clone(),
        severity: Some(incident.severity),
        priority: incident.priority,
        labels: incident.labels.clone(),
        runbook: incident.runbook.clone(),
        link: incident.link.clone(),
        ..Subject::new(incident.service.clone(), incident.integration.clone(), incident.dedup_key.clone())
    };
    let outcome = json!({ "service": incident.service, "severity": severity(incident, kept), "dedup_key": incident.dedup_key });
    alert(kept, said, json!({ "incident": incident.id, "outcome": outcome }))
}

/// The severity that the alert came in with: that of the incident may be a louder one's.
fn severity(incident: &Incident, kept: &KeptAlert) -> Value {
    let trace: Option<Trace> = kept.trace.as_deref().and_then(|trace| serde_json::from_str(trace).ok());
    let changes = trace.into_iter().flat_map(|trace| trace.rules).flat_map(|tried| match tried.verdict {
        Verdict::Fired { changes, .. } => changes,
        Verdict::Passed | Verdict::Failed { .. } => Vec::new(),
    });
    // The last rule that set it decides.
    let by_rule = changes.filter(|change| change.field == "severity").fold(None, |_, change| Some(json!(change.to)));
    let said = || Some(json!(reading(kept).subject?.severity?));
    by_rule.or_else(said).unwrap_or_else(|| json!(incident.severity))
}

fn of_entry(entry: &SuppressedEntry) -> Value {
    let listed = &entry.suppressed;
    let service = listed.service.clone().unwrap_or_else(ServiceId::catch_all);
    let said =
        || Subject { title: listed.title.clone(), ..Subject::new(service.clone(), listed.integration.clone(), listed.dedup_key.clone()) };
    alert(&entry.kept, said, json!({ "suppressed": listed }))
}

/// An alert, what was read of it and what became of it.
fn alert(kept: &KeptAlert, said: impl FnOnce() -> Subject, became: Value) -> Value {
    let reading = reading(kept);
    let reading = Reading { subject: Some(reading.subject.clone().unwrap_or_else(said)), ..reading };
    let mut value = shape::kept(kept);
    value["raw"] = json!(&kept.raw[..kept.raw.floor_char_boundary(RAW_BYTES_MAX)]);
    value["reading"] = json!(reading);
    if let (Some(value), Value::Object(became)) = (value.as_object_mut(), became) {
        value.extend(became);
    }
    value
}

/// What was read of it, as far as that was kept.
fn reading(kept: &KeptAlert) -> Reading {
    let kept = kept.reading.as_deref().and_then(|reading| serde_json::from_str(reading).ok());
    kept.unwrap_or_default()
}

fn cursor(text: &str) -> Result<Cursor, Problem> {
    let parsed = match text.split_once('.') {
        None => text.parse().ok().map(Cursor::Incident),
        Some(_) => suppressed::cursor(text).ok().map(|(day, after)| Cursor::Suppressed(day, after)),
    };
    parsed.ok_or_else(bad_cursor)
}

fn bad_cursor() -> Problem {
    Problem::bad_request("cursor is none: give what the page before said as \"next\", or leave it out.")
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Incident(id) => write!(f, "{id}"),
            Self::Suppressed(day, None) => write!(f, "{day}."),
            Self::Suppressed(day, Some(after)) => write!(f, "{day}.{after}"),
        }
    }
}

fn date(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}
