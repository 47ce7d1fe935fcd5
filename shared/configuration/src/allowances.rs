//! `allowances:` what hours of on-call duty are called, for the report of a month.

use std::collections::BTreeSet;

use hansho_domain::{AllowanceClass, AllowanceRules, ClassDays, Weekdays};
use jiff::civil::{Date, Time};

use crate::{map::Keys, schedule, spelling::quoted, spot::Spot, tree::Value};

const KEYS: Keys = Keys { known: &["classes", "holidays"], later: &[] };
const CLASS_KEYS: Keys = Keys { known: &["name", "days", "from", "to"], later: &[] };
/// Most holidays that are written out.
const HOLIDAYS_MAX: usize = 1_000;
/// How a class says that its days are the holidays.
const HOLIDAYS: &str = "holidays";

/// Reads the section. Without classes, those that hold without any.
pub(crate) fn read(spot: &Spot<'_>) -> Option<AllowanceRules> {
    let map = spot.map(&KEYS)?;
    let holidays = map.optional("holidays").map_or(Some(Vec::new()), |s| s.list(|item| item.parsed(day)))?;
    if holidays.len() > HOLIDAYS_MAX {
        spot.fail(format!("has {} holidays; {HOLIDAYS_MAX} are the most", holidays.len()));
        return None;
    }
    let classes = map.optional("classes").map_or_else(|| Some(AllowanceRules::default().classes), |s| s.list(class))?;
    spot.accept(AllowanceRules::new(classes, BTreeSet::from_iter(holidays)))
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
    read.ok_or_else(|| format!("{} is no day; write it as 2026-12-29", quoted(text)))
}

fn time_of_day(text: &str) -> Result<Time, String> {
    // The midnight at the end of a day is that at the beginning of the next.
    let text = if text == "24:00" { "00:00" } else { text };
    Time::strptime("%H:%M", text).map_err(|_| format!("{} is no time; write it as \"22:00\"", quoted(text)))
}
