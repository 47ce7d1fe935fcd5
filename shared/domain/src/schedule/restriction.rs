//! Restrictions: the windows in which a rotation is in force.
//!
//! A window is given on the wall clock. Where it begins and ends is worked out as for hand-offs: a time that does not exist moves
//! forward by the gap, one that occurs twice is its first occurrence. So a night of 22:00 to 07:00 has 8, 9 or 10 hours.

use std::{fmt, str::FromStr};

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Time, Weekday},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};

use super::{
    hand_off::instant,
    weekdays::{Weekdays, short_name},
};

/// Longest window, in days; its end can be put off by as much as another day where a country crossed the date line.
const WINDOW_DAYS_MAX: i32 = 7;
/// So many days around a moment hold the window that it is in, the one before it and the one after it, of which one may have been
/// left out with the hour, or the day, in which it lay.
const DAYS_BEFORE: i32 = WINDOW_DAYS_MAX + 2;
const DAYS_AFTER: i32 = 2 * WINDOW_DAYS_MAX + 2;

/// A window that comes back every day or every week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Restriction {
    /// On each of `days` from a time of day to another; over midnight when `to` is not after `from`, so that two equal ones mean
    /// 24 hours. `days` are those on which it begins.
    TimeOfDay {
        /// Its first moment.
        from: Time,
        /// The first moment after it.
        to: Time,
        /// The days on which it begins.
        days: Weekdays,
    },
    /// From a time of the week to another, over the week's end if need be; two equal ones mean the whole week.
    TimeOfWeek {
        /// Its first moment.
        from: WeekTime,
        /// The first moment after it.
        to: WeekTime,
    },
}

/// A time of day on a day of the week. Written and stored as `fri 18:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WeekTime {
    /// The day.
    pub day: Weekday,
    /// The time of day.
    pub time: Time,
}

impl FromStr for WeekTime {
    type Err = String;

    /// Reads `fri 18:00`. The error says how to write it.
    fn from_str(text: &str) -> Result<Self, String> {
        let read = text.split_once(' ').and_then(|(day, time)| {
            let time = ["%H:%M", "%H:%M:%S%.f"].iter().find_map(|format| Time::strptime(format, time).ok())?;
            Some(Self { day: Weekdays::named(day)?, time })
        });
        read.ok_or_else(|| format!("{:?} is no time of the week; write it as fri 18:00", text.chars().take(30).collect::<String>()))
    }
}

impl TryFrom<String> for WeekTime {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<WeekTime> for String {
    fn from(time: WeekTime) -> Self {
        time.to_string()
    }
}

impl fmt::Display for WeekTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (day, time) = (short_name(self.day), self.time);
        if time.second() == 0 && time.subsec_nanosecond() == 0 {
            write!(f, "{day} {:02}:{:02}", time.hour(), time.minute())
        } else {
            write!(f, "{day} {time}")
        }
    }
}

impl Restriction {
    /// Whether `at` is inside one of its windows.
    pub(super) fn contains(&self, zone: &TimeZone, at: Timestamp) -> bool {
        let today = zone.to_datetime(at).date();
        // Windows that begin tomorrow: the clock may show yesterday again.
        self.windows(zone, today, -DAYS_BEFORE, 1).any(|(from, until)| from <= at && at < until)
    }

    /// The first beginning or end of a window after `at`. `None` at the end of time.
    pub(super) fn next_edge_after(&self, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
        let today = zone.to_datetime(at).date();
        self.windows(zone, today, -DAYS_BEFORE, DAYS_AFTER).flat_map(|(from, until)| [from, until]).filter(|edge| *edge > at).min()
    }

    /// Its windows that have a part in the period from `from` to `until`.
    pub(super) fn windows_in(&self, zone: &TimeZone, from: Timestamp, until: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let (first, last) = (zone.to_datetime(from).date(), zone.to_datetime(until).date());
        let days = first.until(last).map_or(0, |span| span.get_days());
        self.windows(zone, first, -DAYS_BEFORE, days + 1).filter(move |(begin, end)| *begin < until && *end > from)
    }

    /// The windows that begin on the days from `first` to `last`, counted from `day`. Those that a gap leaves nothing of are left out.
    fn windows(&self, zone: &TimeZone, day: Date, first: i32, last: i32) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        (first..=last)
            .filter_map(move |n| self.window_from(day.checked_add(n.days()).ok()?))
            .filter_map(move |(from, to)| Some((instant(zone, from)?, instant(zone, to)?)))
            .filter(|(from, until)| from < until)
    }

    /// The window that begins on that day, on the wall clock.
    fn window_from(&self, day: Date) -> Option<(DateTime, DateTime)> {
        let (days, from, to, length) = match self {
            Self::TimeOfDay { from, to, days } => (*days, *from, *to, i32::from(to <= from)),
            Self::TimeOfWeek { from, to } => {
                let days = i32::from(to.day.since(from.day));
                let whole = days == 0 && to.time <= from.time;
                (Weekdays::from_iter([from.day]), from.time, to.time, if whole { WINDOW_DAYS_MAX } else { days })
            }
        };
        if !days.contains(day.weekday()) {
            return None;
        }
        Some((day.to_datetime(from), day.checked_add(length.days()).ok()?.to_datetime(to)))
    }

    /// Whether it can never match because it names no day.
    pub(super) fn names_no_day(&self) -> bool {
        match self {
            Self::TimeOfDay { days, .. } => days.is_empty(),
            Self::TimeOfWeek { .. } => false,
        }
    }

    /// Whether one of its windows has a part in that period of the wall clock.
    pub(super) fn has_window_in(&self, start: DateTime, end: DateTime) -> bool {
        // Two weeks hold every window there is.
        let days = (-WINDOW_DAYS_MAX..=WINDOW_DAYS_MAX).filter_map(|n| start.date().checked_add(n.days()).ok());
        days.filter_map(|day| self.window_from(day)).any(|(from, to)| from < end && start < to)
    }
}
