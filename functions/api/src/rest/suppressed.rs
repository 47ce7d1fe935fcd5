//! `GET /suppressed`: what came in and paged nobody, with the rule that decided so; and an incident made of one.
//!
//! The list is by day, and a search goes through days: the newest first, page by page.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, Query, State, rejection::PathRejection, rejection::QueryRejection},
    response::Response,
};
use hansho_domain::{Actor, Alert, AlertId, IncidentId, IntegrationId, ServiceId, Severity, text};
use hansho_routing::{Reading, Subject};
use hansho_store::{StoreError, Suppressed, SuppressedEntry};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{on_call::moment, open, shape};
use crate::{Api, caller::Caller, input_id, problem::Problem};

/// Entries of a page when nobody says how many, and at most.
const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 1_000;
/// How many entries are looked at for one page; where few match, the next page goes on from there.
const LOOKED_AT_MAX: usize = 5_000;
/// How many entries are read at once.
const READ_AT_ONCE: usize = 500;
/// Longest part of a payload that an incident shows, in characters.
const DETAILS_CHARS_MAX: usize = 1_000;
/// How far back a search goes when nobody says so.
const SEARCH_DAYS: i64 = 7;
/// How many days a search may go through.
const DAYS_MAX: i64 = 750;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SuppressedQuery {
    day: Option<String>,
    from: Option<String>,
    to: Option<String>,
    q: Option<String>,
    service: Option<ServiceId>,
    integration: Option<IntegrationId>,
    rule: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

/// What is looked for.
struct Wanted {
    from: Timestamp,
    to: Timestamp,
    text: Option<String>,
    service: Option<ServiceId>,
    integration: Option<IntegrationId>,
    rule: Option<String>,
}

impl Wanted {
    fn is(&self, entry: &SuppressedEntry) -> bool {
        let Suppressed { title, reason, dedup_key, integration, service, rule, received_at, .. } = &entry.suppressed;
        let is_in = |text: &str| {
            let lower = |text: &str| text.to_lowercase();
            [title.as_str(), reason, dedup_key.as_str()].iter().any(|known| lower(known).contains(text))
        };
        (self.from..=self.to).contains(received_at)
            && self.text.as_deref().is_none_or(is_in)
            && self.service.as_ref().is_none_or(|wanted| service.as_ref() == Some(wanted))
            && self.integration.as_ref().is_none_or(|wanted| integration == wanted)
            && self.rule.as_ref().is_none_or(|wanted| rule.as_ref() == Some(wanted))
    }
}

pub(super) async fn suppressed(
    State(api): State<Arc<Api>>,
    query: Result<Query<SuppressedQuery>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(query) = query?;
    let now = api.store.clock().now();
    let limit = query.limit.as_deref().map_or(Ok(LIMIT_DEFAULT), limit)?;
    let cursor = query.cursor.as_deref().map(cursor).transpose()?;
    let is_search = query.from.is_some() || query.to.is_some() || query.q.is_some() || query.rule.is_some();
    let is_search = is_search || query.service.is_some() || query.integration.is_some();
    let day = match &query.day {
        Some(day) => Some(day_of(day)?),
        None if !is_search => Some(now.to_zoned(TimeZone::UTC).date()),
        None => None,
    };
    let (from, to) = match day {
        Some(day) => whole(day)?,
        None => (
            query.from.as_deref().map_or_else(|| Ok(before(now, SEARCH_DAYS)), |text| moment("from", text))?,
            query.to.as_deref().map_or(Ok(now), |text| moment("to", text))?,
        ),
    };
    if from < before(to, DAYS_MAX) {
        return Err(Problem::bad_request(format!("The period is longer than {DAYS_MAX} days; ask for a shorter one.")));
    }
    let text = query.q.map(|text| text.to_lowercase());
    let wanted = Wanted { from, to, text, service: query.service, integration: query.integration, rule: query.rule };
    let (mut found, next) = search(&api, &wanted, cursor, limit).await?;
    found.sort_by_key(|entry| std::cmp::Reverse((entry.suppressed.received_at, entry.suppressed.alert)));
    let list: Vec<Value> = found.iter().map(shape::suppressed).collect();
    Ok(Json(json!({ "day": day, "suppressed": list, "next": next })))
}

/// Goes through the days, the newest first. A page may hold less than `limit`, or nothing, and still say where to go on.
async fn search(
    api: &Api,
    wanted: &Wanted,
    cursor: Option<(Date, Option<AlertId>)>,
    limit: usize,
) -> Result<(Vec<SuppressedEntry>, Option<String>), Problem> {
    let (first, last) = (date(wanted.from), date(wanted.to));
    let (mut day, mut after) = cursor.unwrap_or((last, None));
    let (mut found, mut looked_at) = (Vec::new(), 0);
    while day >= first {
        let (begin, _) = whole(day)?;
        let page = api.store.suppressed_page(begin, after, READ_AT_ONCE).await?;
        looked_at += page.entries.len();
        after = page.next;
        let mut entries = page.entries.into_iter();
        while let Some(entry) = entries.next() {
            let alert = entry.suppressed.alert;
            found.extend(Some(entry).filter(|entry| wanted.is(entry)));
            if found.len() >= limit && !entries.as_slice().is_empty() {
                return Ok((found, Some(format!("{day}.{alert}"))));
            }
        }
        if after.is_none() {
            let Ok(before) = day.yesterday() else { break };
            day = before;
        }
        if day >= first && (found.len() >= limit || looked_at >= LOOKED_AT_MAX) {
            let after = after.map_or_else(String::new, |after| after.to_string());
            return Ok((found, Some(format!("{day}.{after}"))));
        }
    }
    Ok((found, None))
}

pub(super) async fn show(State(api): State<Arc<Api>>, path: Result<Path<(String, String)>, PathRejection>) -> Result<Json<Value>, Problem> {
    let (_, entry) = entry(&api, path).await?;
    let mut shown = shape::suppressed(&entry);
    shown["raw"] = json!(entry.kept.raw);
    Ok(Json(json!({ "suppressed": shown })))
}

/// Makes an incident of an entry. The same entry again is the same incident.
pub(super) async fn open(
    State(api): State<Arc<Api>>,
    Extension(Caller(caller)): Extension<Caller>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Response, Problem> {
    let (day, entry) = entry(&api, path).await?;
    let service = service_of(&api, &entry.suppressed).await?;
    let alert = alert(&entry, &service, day, Actor::Token(caller.clone()), api.store.clock().now());
    let (status, result, incident) = open::receive(&api, &service, &alert, &entry.kept.raw, false).await?;
    was_opened(&api, day, &alert, &entry, incident.id).await?;
    tracing::info!(incident.id = %incident.id, caller, result, "an incident was made of a suppressed alert");
    Ok(open::answer(status, result, &incident))
}

/// Notes which incident was made of an entry.
pub(crate) async fn was_opened(
    api: &Api,
    day: Date,
    alert: &Alert,
    entry: &SuppressedEntry,
    incident: IncidentId,
) -> Result<(), StoreError> {
    api.store.remember_request(alert, incident).await?;
    api.store.suppressed_was_opened(beginning(day), entry.suppressed.alert, incident).await
}

/// The alert as it would have been, now, by the hand of somebody: whoever asks wants people now. The same entry again is the same alert.
pub(crate) fn alert(entry: &SuppressedEntry, service: &ServiceId, day: Date, by: Actor, now: Timestamp) -> Alert {
    let suppressed = &entry.suppressed;
    let subject =
        subject(entry).unwrap_or_else(|| Subject::new(service.clone(), suppressed.integration.clone(), suppressed.dedup_key.clone()));
    Alert {
        id: AlertId::from_hash(input_id::hash(&["suppressed", &day.to_string(), &suppressed.alert.to_string()])),
        integration: suppressed.integration.clone(),
        dedup_key: suppressed.dedup_key.clone(),
        occurred_at: now,
        severity: subject.severity.unwrap_or(Severity::Critical),
        priority: subject.priority,
        title: suppressed.title.clone(),
        details: if subject.details.is_empty() { readable(&entry.kept.raw) } else { subject.details },
        runbook: subject.runbook,
        link: subject.link,
        labels: subject.labels,
        references: Vec::new(),
        held: None,
        pause: None,
        remark: Some(format!("it was suppressed at {} ({})", suppressed.received_at, suppressed.reason)),
        opened_by: Some(by),
    }
}

/// The service that it was about, or else that of its integration: what said that something is over names none.
pub(crate) async fn service_of(api: &Api, suppressed: &Suppressed) -> Result<ServiceId, StoreError> {
    if let Some(service) = &suppressed.service {
        return Ok(service.clone());
    }
    let integration = api.store.integration(&suppressed.integration).await?;
    Ok(integration.map_or_else(ServiceId::catch_all, |integration| integration.service_or_catch_all()))
}

/// What people see of a payload of which nothing was kept but itself: the text of a mail, or all of it.
fn readable(raw: &str) -> String {
    let mail = serde_json::from_str::<Value>(raw).ok().and_then(|mail| mail.get("text")?.as_str().map(str::to_owned));
    text::cut(&text::lines(mail.as_deref().unwrap_or(raw)), DETAILS_CHARS_MAX)
}

/// What was read of it.
fn subject(entry: &SuppressedEntry) -> Option<Subject> {
    serde_json::from_str::<Reading>(entry.kept.reading.as_deref()?).ok()?.subject
}

async fn entry(api: &Api, path: Result<Path<(String, String)>, PathRejection>) -> Result<(Date, SuppressedEntry), Problem> {
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "There is no such suppressed alert. GET /suppressed lists those that there are.");
    let Path((day, alert)) = path.map_err(|_| unknown())?;
    let day = day_of(&day)?;
    let alert = AlertId::try_from(alert).map_err(|_| unknown())?;
    let (begin, _) = whole(day)?;
    Ok((day, api.store.suppressed_entry(begin, alert).await?.ok_or_else(unknown)?))
}

fn limit(text: &str) -> Result<usize, Problem> {
    let number = text.parse().ok().filter(|number| (1..=LIMIT_MAX).contains(number));
    number.ok_or_else(|| Problem::bad_request(format!("limit is {text:?}; it must be a number from 1 to {LIMIT_MAX}.")))
}

/// A day, and the entry of it after which to go on.
pub(super) fn cursor(text: &str) -> Result<(Date, Option<AlertId>), Problem> {
    let parsed = text.split_once('.').and_then(|(day, after)| {
        let after = if after.is_empty() { None } else { Some(AlertId::try_from(after.to_owned()).ok()?) };
        Some((day_of(day).ok()?, after))
    });
    parsed.ok_or_else(|| Problem::bad_request("cursor is none: give what the page before said as \"next\", or leave it out."))
}

pub(super) fn day_of(day: &str) -> Result<Date, Problem> {
    let parsed = day.parse::<Date>().ok().filter(|_| day.len() == "2026-01-05".len());
    let shown: String = day.chars().take(40).collect();
    parsed.ok_or_else(|| Problem::bad_request(format!("day is {shown:?}; write a day in UTC such as 2026-01-05.")))
}

/// When the day begins in UTC.
pub(crate) fn beginning(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC).map_or(Timestamp::MIN, |at| at.timestamp())
}

/// The day's beginning and end in UTC.
pub(super) fn whole(day: Date) -> Result<(Timestamp, Timestamp), Problem> {
    let begin = day.to_zoned(TimeZone::UTC).map(|at| at.timestamp());
    let begin = begin.map_err(|_| Problem::bad_request(format!("day is {day}; write a day in UTC such as 2026-01-05.")))?;
    let end = begin.saturating_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX);
    Ok((begin, end.saturating_sub(SignedDuration::from_nanos(1)).unwrap_or(end)))
}

fn date(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

fn before(at: Timestamp, days: i64) -> Timestamp {
    at.saturating_sub(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MIN)
}
