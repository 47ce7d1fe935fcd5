//! Dates and times of an iCalendar file (RFC 5545, sections 3.3.4, 3.3.5 and 3.3.6).

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime, Time},
    tz::{TimeZone, TimeZoneDatabase},
};

use super::line::Line;
use crate::spelling::quoted;

/// The zones of Outlook and Exchange that people here meet (Unicode CLDR, windowsZones.xml).
const WINDOWS_ZONES: [(&str, &str); 12] = [
    ("Tokyo Standard Time", "Asia/Tokyo"),
    ("Korea Standard Time", "Asia/Seoul"),
    ("China Standard Time", "Asia/Shanghai"),
    ("Singapore Standard Time", "Asia/Singapore"),
    ("India Standard Time", "Asia/Kolkata"),
    ("AUS Eastern Standard Time", "Australia/Sydney"),
    ("GMT Standard Time", "Europe/London"),
    ("W. Europe Standard Time", "Europe/Berlin"),
    ("Romance Standard Time", "Europe/Paris"),
    ("Eastern Standard Time", "America/New_York"),
    ("Central Standard Time", "America/Chicago"),
    ("Pacific Standard Time", "America/Los_Angeles"),
];
/// Longest event, in days. Whoever is closed for longer has no hours.
pub(super) const EVENT_DAYS_MAX: i64 = 366;

/// The clock of an event.
#[derive(Debug, Clone)]
pub(super) enum Clock {
    /// Whole days, the same everywhere.
    Days,
    /// A clock of which nothing is known but what it shows.
    Floating,
    /// That of a time zone.
    Zone(TimeZone),
}

/// A date, or a time on some clock.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    /// What its clock shows; midnight for a date.
    pub(super) at: DateTime,
    pub(super) clock: Clock,
}

/// Whose clocks are known besides those of the events.
#[derive(Debug, Clone, Default)]
pub(super) struct Clocks {
    /// The one on which events fall on days, if the configuration names one.
    pub(super) asked: Option<TimeZone>,
    /// The name of the file's own (X-WR-TIMEZONE), if it has one.
    pub(super) of_file: Option<String>,
}

/// A time zone by its name here or at Microsoft.
pub(super) fn zone(name: &str) -> Option<TimeZone> {
    let known = WINDOWS_ZONES.iter().find(|(theirs, _)| theirs.eq_ignore_ascii_case(name)).map_or(name, |(_, ours)| ours);
    TimeZoneDatabase::bundled().get(known).ok()
}

impl Clocks {
    /// The values of a line of dates or times, one or several.
    pub(super) fn moments(&self, line: &Line) -> Result<Vec<Moment>, String> {
        line.value.split(',').map(|text| self.moment(line, text.trim())).collect()
    }

    fn moment(&self, line: &Line, text: &str) -> Result<Moment, String> {
        if let Some(day) = day(text) {
            return Ok(Moment { at: day.to_datetime(Time::midnight()), clock: Clock::Days });
        }
        let (clock_text, is_utc) = text.strip_suffix(['Z', 'z']).map_or((text, false), |text| (text, true));
        let at = day_and_time(clock_text)
            .ok_or_else(|| format!("{} has {}, which is no date; write it as 20261229, or 20261229T090000", line.name, quoted(text)))?;
        if is_utc {
            let zone = self.of_utc(line)?;
            let at = TimeZone::UTC.to_timestamp(at).map_err(|_| format!("{} is too far away", quoted(text)))?;
            return Ok(Moment { at: zone.to_datetime(at), clock: Clock::Zone(zone) });
        }
        let Some(name) = line.parameter("TZID") else { return Ok(Moment { at, clock: Clock::Floating }) };
        match (zone(name), &self.asked) {
            (Some(zone), _) => Ok(Moment { at, clock: Clock::Zone(zone) }),
            (None, None) => Ok(Moment { at, clock: Clock::Floating }),
            (None, Some(_)) => Err(format!(
                "{} is in the time zone {}, which is not known; take `time_zone` out, so that each event is on its own clock",
                line.name,
                quoted(name)
            )),
        }
    }

    /// On whose clock a time in UTC falls on a day.
    fn of_utc(&self, line: &Line) -> Result<TimeZone, String> {
        let of_file = || self.of_file.as_deref().and_then(zone);
        // Whatever else an event says is read on the clock of its start.
        let of_start = || (line.name != "DTSTART").then_some(TimeZone::UTC);
        self.asked.clone().or_else(of_file).or_else(of_start).ok_or_else(|| {
            format!(
                "{} is a time in UTC, and nothing says on whose clock it is a day; add `time_zone: Asia/Tokyo` to the calendar",
                line.name
            )
        })
    }

    /// The day on which a moment falls, and whether it is that day's first.
    pub(super) fn day_of(&self, moment: &Moment) -> (Date, bool) {
        let at = match (&moment.clock, &self.asked) {
            (Clock::Zone(own), Some(asked)) => own.to_timestamp(moment.at).map_or(moment.at, |at| asked.to_datetime(at)),
            (Clock::Days | Clock::Floating | Clock::Zone(_), _) => moment.at,
        };
        (at.date(), at.time() == Time::midnight())
    }
}

impl Moment {
    /// The same moment as the clock of `other` shows it, as far as both are known.
    pub(super) fn on_clock_of(&self, other: &Self) -> DateTime {
        match (&self.clock, &other.clock) {
            (Clock::Zone(own), Clock::Zone(theirs)) => own.to_timestamp(self.at).map_or(self.at, |at: Timestamp| theirs.to_datetime(at)),
            (Clock::Days | Clock::Floating | Clock::Zone(_), Clock::Days | Clock::Floating | Clock::Zone(_)) => self.at,
        }
    }

    pub(super) fn is_day(&self) -> bool {
        matches!(self.clock, Clock::Days)
    }
}

/// `20261229`.
pub(super) fn day(text: &str) -> Option<Date> {
    let is_day = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    is_day.then(|| Date::strptime("%Y%m%d", text).ok()).flatten()
}

/// `20261229T090000`.
pub(super) fn day_and_time(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once(['T', 't'])?;
    let is_time = time.len() == 6 && time.bytes().all(|b| b.is_ascii_digit());
    // A leap second is the last one of its minute.
    let time = if is_time { time.strip_suffix("60").map_or_else(|| time.to_owned(), |minute| format!("{minute}59")) } else { return None };
    Some(day(date)?.to_datetime(Time::strptime("%H%M%S", time).ok()?))
}

/// `P1D`, `PT8H30M`, `P2W`: how long an event is.
pub(super) fn duration(text: &str) -> Option<SignedDuration> {
    let text = text.trim_start_matches('+').to_ascii_uppercase();
    let (days, times) = match text.strip_prefix('P')?.split_once('T') {
        Some((days, times)) if !times.is_empty() => (days.to_owned(), times.to_owned()),
        Some(_) => return None,
        None => (text.strip_prefix('P')?.to_owned(), String::new()),
    };
    if days.is_empty() && times.is_empty() {
        return None;
    }
    let of_days = seconds(&days, &[('W', 604_800), ('D', 86_400)])?;
    let of_times = seconds(&times, &[('H', 3_600), ('M', 60), ('S', 1)])?;
    Some(SignedDuration::from_secs(of_days.checked_add(of_times)?))
}

/// The sum of numbers with units, each unit at most once and in this order.
fn seconds(mut text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut sum = 0_i64;
    for (unit, seconds) in units {
        if let Some((number, rest)) = text.split_once(*unit) {
            let number: u32 = number.parse().ok()?;
            sum = sum.checked_add(i64::from(number).checked_mul(*seconds)?)?;
            text = rest;
        }
    }
    text.is_empty().then_some(sum)
}
