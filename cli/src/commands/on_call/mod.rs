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
    arguments::{NowArguments, OnCallCommand, ShiftsArguments, ViewArguments},
    source::{Source, SourceError},
};
use super::{client::ClientError, moment::moment, print};

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

/// The period that is asked about.
struct Period {
    /// `None`: from now on.
    from: Option<Timestamp>,
    /// `None`: after so many days.
    until: Option<Timestamp>,
    days: u16,
    /// The clock that days are days of.
    zone: TimeZone,
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
    let (source, zone) = opened(&asked.view).await?;
    let at = asked.at.as_deref().map(|text| moment(text, &read_on(zone.as_ref()))).transpose().map_err(OnCallError::Argument)?;
    let (at, lines) = source.now(&asked.view.about(), at, SystemClock.now()).await?;
    if asked.view.json {
        print(&pretty(&json!({ "at": at, "schedules": lines })));
        return Ok(());
    }
    print(&words::Teller { language: asked.view.language.language, zone }.now(&lines, at, which));
    Ok(())
}

async fn shifts(asked: &ShiftsArguments) -> Result<(), OnCallError> {
    let (source, zone) = opened(&asked.view).await?;
    let period = period(asked, &read_on(zone.as_ref())).map_err(OnCallError::Argument)?;
    let (from, until, mut shifts) = source.shifts(&asked.view.about(), &period, SystemClock.now()).await?;
    by_time(&mut shifts);
    if asked.view.json {
        print(&pretty(&json!({ "from": from, "until": until, "shifts": shifts })));
        return Ok(());
    }
    print(&words::Teller { language: asked.view.language.language, zone }.shifts(&shifts, from, until));
    Ok(())
}

/// Where the answer comes from, and the clock that is meant: the one that is named, or that of the one schedule that is asked about.
async fn opened(view: &ViewArguments) -> Result<(Source, Option<TimeZone>), OnCallError> {
    let named = view.named_zone()?;
    let source = Source::open(view).await?;
    let zone = match (named, &view.schedule) {
        (None, Some(schedule)) => Some(source.clock_of(schedule).await?),
        (named, _) => named,
    };
    Ok((source, zone))
}

/// The clock on which times without an offset are read.
fn read_on(zone: Option<&TimeZone>) -> TimeZone {
    zone.cloned().unwrap_or(TimeZone::UTC)
}

/// From when until when, by the arguments.
fn period(asked: &ShiftsArguments, zone: &TimeZone) -> Result<Period, String> {
    let from = asked.from.as_deref().map(|text| moment(text, zone)).transpose()?;
    let until = asked.until.as_deref().map(|text| moment(text, zone)).transpose()?;
    let period = Period { from, until, days: asked.days, zone: zone.clone() };
    // What begins now is checked by whoever knows what now is.
    from.map_or(Ok(()), |from| period.until(from).map(|_| ()))?;
    Ok(period)
}

impl Period {
    /// When it ends, if it begins at `from`.
    fn until(&self, from: Timestamp) -> Result<Timestamp, String> {
        let until = match (self.until, self.days) {
            (Some(until), _) => until,
            // Days of the calendar: a period that starts at midnight ends at midnight.
            (None, days) => from
                .to_zoned(self.zone.clone())
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
        Ok(until)
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
