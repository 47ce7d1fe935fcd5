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

/// Days of a week. No window is longer.
const WEEK_DAYS: i32 = 7;
/// So many days before a moment begin the first windows that it may be in, besides the length of the window itself: where a country
/// crossed the date line, an end is put off by a day.
const DAYS_BEFORE: i32 = 1;
/// Most days that are searched for the next window: it comes within a week, or in the one after when a gap leaves nothing of it.
const DAYS_SEARCHED_MAX: usize = 28;

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
    pub(crate) fn contains(&self, zone: &TimeZone, at: Timestamp) -> bool {
        let today = zone.to_datetime(at).date();
        // Windows that begin tomorrow: the clock may show yesterday again.
        let tomorrow = today.tomorrow().unwrap_or(today);
        self.windows(zone, self.earliest(today))
            .take_while(|(day, _)| *day <= tomorrow)
            .any(|(_, window)| window.is_some_and(|(from, until)| from <= at && at < until))
    }

    /// The first beginning or end of a window after `at`. `None` at the end of time.
    pub(crate) fn next_edge_after(&self, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
        let first = self.earliest(zone.to_datetime(at).date());
        let mut next: Option<Timestamp> = None;
        for (_, window) in self.windows(zone, first).take(DAYS_SEARCHED_MAX) {
            let Some((from, until)) = window else { continue };
            next = [from, until].into_iter().filter(|edge| *edge > at).chain(next).min();
            // Later windows begin later, and end later still.
            if from > at {
                break;
            }
        }
        next
    }

    /// Its windows that have a part in the period from `from` to `until`.
    pub(crate) fn windows_in(&self, zone: &TimeZone, from: Timestamp, until: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let (first, last) = (self.earliest(zone.to_datetime(from).date()), zone.to_datetime(until).date());
        let last = last.tomorrow().unwrap_or(last);
        let windows = self.windows(zone, first).take_while(move |(day, _)| *day <= last).filter_map(|(_, window)| window);
        windows.filter(move |(begin, end)| *begin < until && *end > from)
    }

    /// The first day of which a window may reach into `day`.
    fn earliest(&self, day: Date) -> Date {
        let length = match self {
            Self::TimeOfDay { .. } => 1,
            Self::TimeOfWeek { .. } => WEEK_DAYS,
        };
        day.checked_sub((length + DAYS_BEFORE).days()).unwrap_or(Date::MIN)
    }

    /// The days from `first` on on which a window begins, each with it. `None` when a gap leaves nothing of it.
    fn windows(&self, zone: &TimeZone, first: Date) -> impl Iterator<Item = (Date, Option<(Timestamp, Timestamp)>)> {
        let step = match self {
            Self::TimeOfDay { .. } => 1,
            Self::TimeOfWeek { .. } => WEEK_DAYS,
        };
        let first = match self {
            Self::TimeOfDay { .. } => Some(first),
            Self::TimeOfWeek { from, .. } => first.checked_add(i32::from(from.day.since(first.weekday())).days()).ok(),
        };
        let next = move |day: &Date| if step == 1 { day.tomorrow().ok() } else { day.checked_add(step.days()).ok() };
        std::iter::successors(first, next).map(move |day| {
            let window = self.window_from(day).and_then(|(from, to)| Some((instant(zone, from)?, instant(zone, to)?)));
            (day, window.filter(|(from, until)| from < until))
        })
    }

    /// The window that begins on that day, on the wall clock.
    fn window_from(&self, day: Date) -> Option<(DateTime, DateTime)> {
        let (days, from, to, length) = match self {
            Self::TimeOfDay { from, to, days } => (*days, *from, *to, i32::from(to <= from)),
            Self::TimeOfWeek { from, to } => {
                let days = i32::from(to.day.since(from.day));
                let whole = days == 0 && to.time <= from.time;
                (Weekdays::from_iter([from.day]), from.time, to.time, if whole { WEEK_DAYS } else { days })
            }
        };
        if !days.contains(day.weekday()) {
            return None;
        }
        let last = match length {
            0 => day,
            1 => day.tomorrow().ok()?,
            days => day.checked_add(days.days()).ok()?,
        };
        Some((day.to_datetime(from), last.to_datetime(to)))
    }

    /// Whether it can never match because it names no day.
    pub(crate) fn names_no_day(&self) -> bool {
        match self {
            Self::TimeOfDay { days, .. } => days.is_empty(),
            Self::TimeOfWeek { .. } => false,
        }
    }

    /// Whether one of its windows has a part in that period of the wall clock.
    pub(super) fn has_window_in(&self, start: DateTime, end: DateTime) -> bool {
        // Two weeks hold every window there is.
        let days = (-WEEK_DAYS..=WEEK_DAYS).filter_map(|n| start.date().checked_add(n.days()).ok());
        days.filter_map(|day| self.window_from(day)).any(|(from, to)| from < end && start < to)
    }
}
