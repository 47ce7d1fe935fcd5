//! Calendars of holidays: which days are not working days, and why.
//!
//! A calendar is a set of days of the civil calendar, in no time zone: whoever asks says on which clock it is that day. Days come from
//! three sources that add up: dates with a name, spans that come back every year, and the national holidays of a country, which are
//! worked out by its law and so never run out.

mod japan;

use std::{collections::BTreeMap, fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    error::{FieldError, Problems},
    id::CalendarId,
};

/// Most dates of a calendar, so that it fits into every bundle that needs it.
const DAYS_MAX: usize = 2_000;
/// Most spans that come back every year.
const YEARLY_MAX: usize = 100;
/// Longest name of a holiday kept, in characters; a longer one is cut.
const NAME_CHARS_MAX: usize = 60;

/// A country whose national holidays are worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Country {
    /// Japan, from 2020 on.
    Japan,
}

/// A day of any year. Written and stored as `12-29`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MonthDay {
    month: i8,
    day: i8,
}

impl MonthDay {
    /// The day of the year that `date` is.
    fn of(date: Date) -> Self {
        Self { month: date.month(), day: date.day() }
    }
}

impl FromStr for MonthDay {
    type Err = String;

    /// Reads `12-29`; 02-29 is possible, and there only in leap years. The error says how to write it.
    fn from_str(text: &str) -> Result<Self, String> {
        // 2000 was a leap year, so that every day of any year is one of its days.
        let read = Some(text).filter(|text| text.len() == "12-29".len()).and_then(|text| format!("2000-{text}").parse::<Date>().ok());
        read.map(Self::of).ok_or_else(|| format!("{:?} is no day of a year; write it as 12-29", text.chars().take(30).collect::<String>()))
    }
}

impl TryFrom<String> for MonthDay {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<MonthDay> for String {
    fn from(day: MonthDay) -> Self {
        day.to_string()
    }
}

impl fmt::Display for MonthDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

/// Days that come back every year, both ends included; over the end of the year when `to` is before `from`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct YearlySpan {
    /// Its first day.
    pub from: MonthDay,
    /// Its last day.
    pub to: MonthDay,
    /// What is celebrated; may be empty.
    pub name: String,
}

impl YearlySpan {
    fn contains(&self, date: Date) -> bool {
        let day = MonthDay::of(date);
        if self.from <= self.to { self.from <= day && day <= self.to } else { self.from <= day || day <= self.to }
    }
}

/// What a calendar is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct CalendarDays {
    /// Single days, each with the name of what is celebrated; it may be empty.
    pub dates: BTreeMap<Date, String>,
    /// Days of every year.
    #[serde(default)]
    pub yearly: Vec<YearlySpan>,
    /// Countries whose national holidays belong to it.
    #[serde(default)]
    pub national: Vec<Country>,
}

impl CalendarDays {
    /// Adds what `other` has. Where both name a day, this one's name stays.
    pub fn include(&mut self, other: &Self) {
        for (date, name) in &other.dates {
            self.dates.entry(*date).or_insert_with(|| name.clone());
        }
        self.yearly.extend(other.yearly.iter().filter(|span| !self.yearly.contains(span)).cloned().collect::<Vec<_>>());
        self.national.extend(other.national.iter().copied());
        self.national.sort();
        self.national.dedup();
    }
}

/// A calendar of holidays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "CalendarParts", into = "CalendarParts")]
pub struct Calendar {
    id: CalendarId,
    days: CalendarDays,
}

#[derive(Serialize, Deserialize)]
struct CalendarParts {
    id: CalendarId,
    #[serde(flatten)]
    days: CalendarDays,
}

impl TryFrom<CalendarParts> for Calendar {
    type Error = Problems;
    fn try_from(p: CalendarParts) -> Result<Self, Problems> {
        Self::new(p.id, p.days)
    }
}

impl From<Calendar> for CalendarParts {
    fn from(calendar: Calendar) -> Self {
        Self { id: calendar.id, days: calendar.days }
    }
}

impl Calendar {
    /// A calendar of these days.
    ///
    /// # Errors
    /// More than 2,000 dates or 100 spans of every year, or no day at all.
    pub fn new(id: CalendarId, mut days: CalendarDays) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        if days.dates.len() > DAYS_MAX {
            problems.push(FieldError::new(
                "days",
                format!("has {} dates; {DAYS_MAX} are the most, so take some out, or end the rules that they come from", days.dates.len()),
            ));
        }
        if days.yearly.len() > YEARLY_MAX {
            problems.push(FieldError::new("days", format!("has {} days of every year; {YEARLY_MAX} are the most", days.yearly.len())));
        }
        if days == CalendarDays::default() {
            problems.push(FieldError::new("days", "has no day at all; write days such as [2026-12-29, \"12-29..01-03\"]"));
        }
        for name in days.dates.values_mut().chain(days.yearly.iter_mut().map(|span| &mut span.name)) {
            *name = name.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect();
        }
        Problems::none_or(problems, Self { id, days })
    }

    /// Japan's national holidays. They exist without being configured, under the name `jp-national`.
    pub fn japan() -> Self {
        let days = CalendarDays { national: vec![Country::Japan], ..CalendarDays::default() };
        Self { id: CalendarId::jp_national(), days }
    }

    /// Its name in ids and configuration.
    pub fn id(&self) -> &CalendarId {
        &self.id
    }

    /// What it is made of.
    pub fn days(&self) -> &CalendarDays {
        &self.days
    }

    /// Whether that day is a holiday.
    pub fn contains(&self, date: Date) -> bool {
        self.holiday(date).is_some()
    }

    /// What is celebrated on that day, `None` when it is no holiday. A holiday without a name is "".
    pub fn holiday(&self, date: Date) -> Option<&str> {
        let named = self.days.dates.get(&date).map(String::as_str);
        let national = || {
            self.days.national.iter().find_map(|country| match country {
                Country::Japan => japan::holiday(date),
            })
        };
        named.or_else(national).or_else(|| self.days.yearly.iter().find(|span| span.contains(date)).map(|span| span.name.as_str()))
    }

    /// The last of its dates, when it lives by dates alone: nothing of it comes back by itself, and after that day it is empty.
    pub fn runs_out_on(&self) -> Option<Date> {
        let is_endless = !self.days.yearly.is_empty() || !self.days.national.is_empty();
        self.days.dates.keys().next_back().copied().filter(|_| !is_endless)
    }
}
