//! `hansho oncall`: who is on call, now, at a time, next, or over a period.

mod arguments;
mod report;
mod source;
mod words;

use hansho_domain::by_time;
use hansho_runtime::{Clock, SystemClock};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::{Value, json};

pub use self::arguments::OnCallArguments;
use self::{
    arguments::{NowArguments, OnCallCommand, ShiftsArguments},
    source::{Source, SourceError},
};
use super::{client::ClientError, moment, print};

/// Longest period of shifts, in days: a year, and some weeks around it. The API has the same.
const PERIOD_DAYS_MAX: i64 = 400;

/// Why nobody can say who is on call.
#[derive(Debug, thiserror::Error)]
pub(super) enum OnCallError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{0}")]
    Argument(String),
}

pub(super) async fn run(arguments: OnCallArguments) -> Result<(), OnCallError> {
    match arguments.command.unwrap_or(OnCallCommand::Now(arguments.now)) {
        OnCallCommand::Now(asked) => now(&asked, words::Which::Now).await,
        OnCallCommand::Next(asked) => now(&asked, words::Which::Next).await,
        OnCallCommand::Shifts(asked) => shifts(&asked).await,
        OnCallCommand::Report(asked) => report::run(&asked).await,
    }
}

async fn now(asked: &NowArguments, which: words::Which) -> Result<(), OnCallError> {
    let zone = asked.view.zone()?;
    let at = asked.at.as_deref().map(|text| moment(text, &zone)).transpose().map_err(OnCallError::Argument)?;
    let at = at.unwrap_or_else(|| SystemClock.now());
    let source = Source::open(&asked.view).await?;
    // A Hansho has its own clock, and may be asked about its own now.
    let asked_at = asked.at.is_some().then_some(at);
    let (at, lines) = source.now(&asked.view.about(), asked_at, at).await?;
    if asked.view.json {
        print(&pretty(&json!({ "at": at, "schedules": lines })));
        return Ok(());
    }
    print(&words::now(&lines, at, asked.view.shown_zone(&zone), which));
    Ok(())
}

async fn shifts(asked: &ShiftsArguments) -> Result<(), OnCallError> {
    let zone = asked.view.zone()?;
    let (from, until) = period(asked, &zone).map_err(OnCallError::Argument)?;
    let source = Source::open(&asked.view).await?;
    let mut shifts = source.shifts(&asked.view.about(), from, until).await?;
    by_time(&mut shifts);
    if asked.view.json {
        print(&pretty(&json!({ "from": from, "until": until, "shifts": shifts })));
        return Ok(());
    }
    print(&words::shifts(&shifts, from, until, asked.view.shown_zone(&zone)));
    Ok(())
}

/// From when until when, by the arguments.
fn period(asked: &ShiftsArguments, zone: &TimeZone) -> Result<(Timestamp, Timestamp), String> {
    let from = asked.from.as_deref().map_or_else(|| Ok(SystemClock.now()), |text| moment(text, zone))?;
    let until = match (&asked.until, asked.days) {
        (Some(until), _) => moment(until, zone)?,
        // Days of the calendar: a period that starts at midnight ends at midnight.
        (None, days) => from
            .to_zoned(zone.clone())
            .checked_add(jiff::Span::new().days(i64::from(days)))
            .map(|end| end.timestamp())
            .map_err(|_| format!("{days} days from then on is beyond the calendar"))?,
    };
    if until <= from {
        return Err(format!("the period ends at {until}, and that is not after {from}, when it begins; check --from and --to"));
    }
    if until.duration_since(from) > SignedDuration::from_hours(24 * PERIOD_DAYS_MAX) {
        return Err(format!("the period is longer than {PERIOD_DAYS_MAX} days; ask for a shorter one"));
    }
    Ok((from, until))
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
