//! `allowances:` what hours of on-call duty are called, for the report of a month.

use std::collections::BTreeSet;

use hansho_domain::{AllowanceClass, AllowanceRules, Calendar, CalendarId, ClassDays, Weekdays};
use jiff::civil::{Date, Time};

use crate::{calendar, map::Keys, schedule, spelling::quoted, spot::Spot, tree::Value, year};

const KEYS: Keys = Keys { known: &["classes", "holidays"], later: &[] };
const CLASS_KEYS: Keys = Keys { known: &["name", "days", "from", "to"], later: &[] };
/// Most holidays that are written out.
const HOLIDAYS_MAX: usize = 1_000;
/// Most calendars.
const CALENDARS_MAX: usize = 20;
/// How a class says that its days are the holidays.
const HOLIDAYS: &str = "holidays";

/// Allowances as they are written: their calendars are looked up when all of them are known.
pub(crate) struct Allowances {
    rules: AllowanceRules,
    calendars: Vec<CalendarId>,
}

impl Allowances {
    /// The rules with the days of their calendars. One that does not exist is reported elsewhere.
    pub(crate) fn with(self, calendars: &[Calendar]) -> AllowanceRules {
        let found = self.calendars.iter().filter_map(|id| calendar::named(id, calendars)).collect();
        self.rules.with_calendars(found)
    }
}

/// What is written in `holidays`.
enum Holiday {
    Day(Date),
    Calendar(CalendarId),
}

/// Reads the section. Without classes, those that hold without any.
pub(crate) fn read(spot: &Spot<'_>) -> Option<Allowances> {
    let map = spot.map(&KEYS)?;
    let (mut holidays, mut calendars) = (BTreeSet::new(), Vec::new());
    for found in map.optional("holidays").map_or(Some(Vec::new()), |s| s.list(holiday))? {
        match found {
            Holiday::Day(day) => drop(holidays.insert(day)),
            Holiday::Calendar(id) => calendars.push(id),
        }
    }
    if holidays.len() > HOLIDAYS_MAX || calendars.len() > CALENDARS_MAX {
        let most = format!("{HOLIDAYS_MAX} days and {CALENDARS_MAX} calendars are the most");
        spot.fail(format!("has {} days and {} calendars as holidays; {most}", holidays.len(), calendars.len()));
        return None;
    }
    let classes = map.optional("classes").map_or_else(|| Some(AllowanceRules::default().classes), |s| s.list(class))?;
    let rules = spot.accept(AllowanceRules::new(classes, holidays))?;
    Some(Allowances { rules, calendars })
}

/// A day, or the name of a calendar, which does not begin with a digit.
fn holiday(spot: &Spot<'_>) -> Option<Holiday> {
    match &spot.node.value {
        Value::Text(text) if !text.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<CalendarId>().is_ok() => {
            calendar::name(spot).map(Holiday::Calendar)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) | Value::Map(_) => {
            spot.parsed(day).map(Holiday::Day)
        }
    }
}

fn class(spot: &Spot<'_>) -> Option<AllowanceClass> {
    let map = spot.map(&CLASS_KEYS)?;
    let name = map.required("name").and_then(Spot::name);
    let days = map.optional("days").map_or(Some(ClassDays::All), days);
    let time = |key| map.optional(key).map(|s| s.parsed(time_of_day).ok_or(())).transpose();
    let within = match (time("from").ok()?, time("to").ok()?) {
        (None, None) => None,
        (Some(from), Some(to)) => Some((from, to)),
        (Some(_), None) | (None, Some(_)) => {
            spot.fail("has only one of `from` and `to`; write both, or none of them for the whole day");
            return None;
        }
    };
    Some(AllowanceClass { name: name?, days: days?, within })
}

/// A list of days of the week, or the word for holidays.
fn days(spot: &Spot<'_>) -> Option<ClassDays> {
    match &spot.node.value {
        Value::Text(text) if text == HOLIDAYS => Some(ClassDays::Holidays),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) | Value::Map(_) => {
            spot.list(|item| item.parsed(schedule::weekday)).map(|days| ClassDays::Weekdays(Weekdays::from_iter(days)))
        }
    }
}

fn day(text: &str) -> Result<Date, String> {
    let read = Some(text).filter(|text| text.len() == "2026-12-29".len()).and_then(|text| text.parse().ok());
    let read = read.ok_or_else(|| format!("{} is no day; write it as 2026-12-29, or name a calendar such as jp-national", quoted(text)))?;
    year::check(text, read).map(|()| read)
}

fn time_of_day(text: &str) -> Result<Time, String> {
    // The midnight at the end of a day is that at the beginning of the next.
    let text = if text == "24:00" { "00:00" } else { text };
    Time::strptime("%H:%M", text).map_err(|_| format!("{} is no time; write it as \"22:00\"", quoted(text)))
}
