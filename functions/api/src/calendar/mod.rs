//! `GET /calendars/CODE.ics`: somebody's shifts for a calendar program. The address is the secret; it opens nothing else.

mod card;
mod feed;
mod text;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State, rejection::PathRejection},
    response::{IntoResponse, Response},
    routing::get,
};
use hansho_domain::{About, Directory, by_time};
use hansho_store::CalendarLink;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::{Timestamp, ToSpan, tz::TimeZone};

pub(crate) use card::card;

use crate::{Api, input_id::hash_text, language, page::Notice, problem::Problem};

/// How many months before this one a feed goes back. People keep their subscription for the past year's allowances and a month more.
const MONTHS_BEFORE: i64 = 13;
/// How many months after this one it shows.
const MONTHS_AFTER: i64 = 6;

/// The addresses of calendar programs.
pub(crate) fn router() -> Router<Arc<Api>> {
    Router::new().route("/calendars/{file}", get(calendar))
}

async fn calendar(State(api): State<Arc<Api>>, headers: HeaderMap, file: Result<Path<String>, PathRejection>) -> Result<Response, Problem> {
    let code = file.as_ref().ok().and_then(|Path(file)| file.strip_suffix(".ics"));
    let link = match code {
        Some(code) => api.store.calendar(code).await?,
        None => None,
    };
    let Some(link) = link else {
        return Ok(crate::page::notice(language::preferred(&headers), Notice::NothingHere));
    };
    let text = written(&api, &link).await?;
    let tag = format!("\"{}\"", hash_text(&["calendar", &text], 32));
    let is_known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).any(|known| known.contains(&tag));
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, "text/calendar; charset=utf-8"), (header::CONTENT_DISPOSITION, "inline; filename=\"on-call.ics\"")], text)
            .into_response()
    };
    let common = response.headers_mut();
    common.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=300"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        common.insert(header::ETAG, tag);
    }
    Ok(response)
}

async fn written(api: &Api, link: &CalendarLink) -> Result<String, Problem> {
    let directory = api.store.directory().await?;
    let (from, until) = window(api.store.clock().now());
    let mut shifts = api.store.shifts(&link.about, from, until).await?;
    by_time(&mut shifts);
    let name = name(&directory, &link.about);
    let revision = api.store.revision().await?;
    Ok(feed::Feed { link, name: &name, revision, shifts: &shifts }.written())
}

/// Whole months (UTC), so that a shift that is cut at an edge is cut at the same moment for a month.
fn window(now: Timestamp) -> (Timestamp, Timestamp) {
    let month = now.to_zoned(TimeZone::UTC).date().first_of_month();
    let edge = |span: jiff::Span| month.checked_add(span).and_then(|day| day.to_zoned(TimeZone::UTC)).map(|begin| begin.timestamp());
    (edge((-MONTHS_BEFORE).months()).unwrap_or(Timestamp::MIN), edge((MONTHS_AFTER + 1).months()).unwrap_or(Timestamp::MAX))
}

fn name(directory: &Directory, about: &About) -> String {
    match about {
        About::Everything => "Hansho".to_owned(),
        About::Schedule(id) => directory.schedule(id).map_or_else(|| id.to_string(), |schedule| schedule.name.clone()),
        About::Team(id) => directory.team(id).map_or_else(|| id.to_string(), |team| team.name.clone()),
        About::User(id) => directory.name_of(id),
    }
}

#[cfg(test)]
mod tests {
    use super::window;

    #[test]
    fn a_feed_shows_13_past_months_and_6_to_come_in_whole_months() {
        let (from, until) = window("2026-11-20T18:12:00Z".parse().unwrap());
        assert_eq!((from.to_string(), until.to_string()), ("2025-10-01T00:00:00Z".to_owned(), "2027-06-01T00:00:00Z".to_owned()));
        assert_eq!(window("2026-11-01T00:00:00Z".parse().unwrap()), window("2026-11-30T23:59:59Z".parse().unwrap()));
    }
}
