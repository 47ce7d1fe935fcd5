//! Recurrence rules (RFC 5545, section 3.3.10): hand-offs on "every Monday and Thursday" or "the first Monday of a month".
//!
//! Supported: FREQ=DAILY, WEEKLY, MONTHLY or YEARLY, INTERVAL, BYDAY (`2MO`, `-1FR` with MONTHLY and YEARLY), BYMONTHDAY (`-1` is the
//! last day), BYMONTH, WKST, and UNTIL or COUNT. Everything else is refused with a sentence. A rule yields days (`occurrences.rs` says
//! why we work them out ourselves); the time of day of its hand-offs is that of the rotation's start. As in the RFC, a month without
//! the day is passed over (and not clamped).

use std::{fmt, str::FromStr};

use jiff::civil::{Date, DateTime, Time, Weekday};
use serde::{Deserialize, Serialize};

use super::{occurrences::Occurrences, weekdays::Weekdays};

/// Longest rule, in bytes. One that names every weekday, month and day of the month has less.
const RULE_BYTES_MAX: usize = 400;
/// Greatest INTERVAL, in days, weeks, months or years.
const INTERVAL_MAX: u16 = 1_000;
/// Greatest COUNT: more than 27 years of days. Whoever writes more means a rule that goes on.
const COUNT_MAX: u32 = 10_000;
/// Greatest ordinal of a weekday in a month and in a year.
const MONTH_ORDINAL_MAX: i8 = 5;
const YEAR_ORDINAL_MAX: i8 = 53;

/// A rule that can not be used, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidRecurrence(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// A recurrence rule, as far as it stands in its text: without the start, which fills in what it leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recurrence {
    text: String,
    pub(super) frequency: Frequency,
    pub(super) interval: u16,
    /// BYMONTH, January being bit 1; 0 when it is not given.
    pub(super) months: u16,
    /// BYMONTHDAY counted from the first and from the last day, by bit; 0 when it is not given.
    pub(super) month_days: u32,
    pub(super) month_days_from_end: u32,
    /// BYDAY without and with ordinals.
    pub(super) weekdays: Weekdays,
    pub(super) ordinals: Vec<(i8, Weekday)>,
    pub(super) week_start: Weekday,
    /// UNTIL, included.
    pub(super) until: Option<DateTime>,
    pub(super) count: Option<u32>,
}

impl Recurrence {
    /// The days of an event that begins at `start` and comes back by this rule, in order, up to and including `latest`. The start is the
    /// first of them, whether or not the rule occurs there.
    pub fn days_of_event(&self, start: DateTime, latest: Date) -> impl Iterator<Item = Date> {
        Occurrences::of_event(self, start, latest)
    }
}

impl FromStr for Recurrence {
    type Err = InvalidRecurrence;

    /// Reads the value of an RRULE, with or without `RRULE:` before it, in any case.
    fn from_str(text: &str) -> Result<Self, InvalidRecurrence> {
        parsed(text).map_err(InvalidRecurrence)
    }
}

impl TryFrom<String> for Recurrence {
    type Error = InvalidRecurrence;
    fn try_from(text: String) -> Result<Self, InvalidRecurrence> {
        text.parse()
    }
}

impl From<Recurrence> for String {
    fn from(rule: Recurrence) -> Self {
        rule.text
    }
}

impl fmt::Display for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn parsed(text: &str) -> Result<Recurrence, String> {
    if text.len() > RULE_BYTES_MAX {
        return Err(format!("is longer than {RULE_BYTES_MAX} bytes; shorten it"));
    }
    let text = text.trim().to_ascii_uppercase();
    let text = text.strip_prefix("RRULE:").unwrap_or(&text).trim_end_matches(';');
    let mut rule = Recurrence {
        text: text.to_owned(),
        frequency: Frequency::Daily,
        interval: 1,
        months: 0,
        month_days: 0,
        month_days_from_end: 0,
        weekdays: Weekdays::NONE,
        ordinals: Vec::new(),
        week_start: Weekday::Monday,
        until: None,
        count: None,
    };
    let mut seen: Vec<&str> = Vec::new();
    for part in text.split(';') {
        let Some((key, value)) = part.split_once('=') else {
            return Err(format!("{} is no part of a rule; write it as FREQ=WEEKLY;BYDAY=MO,TH", shown(part)));
        };
        if seen.contains(&key) {
            return Err(format!("{key} stands in it twice; remove one"));
        }
        seen.push(key);
        read_part(&mut rule, key, value)?;
    }
    if !seen.contains(&"FREQ") {
        return Err("has no FREQ; begin it with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY".to_owned());
    }
    fits_together(&rule)?;
    Ok(rule)
}

fn read_part(rule: &mut Recurrence, key: &str, value: &str) -> Result<(), String> {
    match key {
        "FREQ" => rule.frequency = frequency(value)?,
        "INTERVAL" => {
            let interval = value.parse().ok().filter(|n| (1..=INTERVAL_MAX).contains(n));
            rule.interval = interval.ok_or_else(|| format!("INTERVAL is {}; it is a number from 1 to {INTERVAL_MAX}", shown(value)))?;
        }
        "BYMONTH" => {
            for item in value.split(',') {
                let month = item.parse().ok().filter(|n: &u16| (1..=12).contains(n));
                rule.months |= 1 << month.ok_or_else(|| format!("BYMONTH has {}; months are numbers from 1 to 12", shown(item)))?;
            }
        }
        "BYMONTHDAY" => {
            for item in value.split(',') {
                let day = number(item).filter(|n| (1..=31).contains(&n.abs()));
                match day.ok_or_else(|| format!("BYMONTHDAY has {}; days are numbers from 1 to 31, or from -1 to -31", shown(item)))? {
                    day if day > 0 => rule.month_days |= 1 << day,
                    day => rule.month_days_from_end |= 1 << -day,
                }
            }
        }
        "BYDAY" => value.split(',').try_for_each(|item| read_weekday(rule, item))?,
        "WKST" => {
            rule.week_start = weekday(value).ok_or_else(|| format!("WKST is {}; write MO, TU, WE, TH, FR, SA or SU", shown(value)))?
        }
        "UNTIL" => rule.until = Some(until(value)?),
        "COUNT" => {
            let count = value.parse().ok().filter(|n| (1..=COUNT_MAX).contains(n));
            let wrong = || format!("COUNT is {}; it is a number from 1 to {COUNT_MAX}, and without COUNT the rule goes on", shown(value));
            rule.count = Some(count.ok_or_else(wrong)?);
        }
        "BYHOUR" | "BYMINUTE" | "BYSECOND" => {
            return Err(format!("{key} is not supported; hand-offs are at the time of day of the rotation's start"));
        }
        "BYSETPOS" | "BYWEEKNO" | "BYYEARDAY" => {
            return Err(format!("{key} is not supported; use BYDAY (such as 2MO or -1FR), BYMONTHDAY and BYMONTH"));
        }
        _ => {
            let known = "FREQ, INTERVAL, BYDAY, BYMONTHDAY, BYMONTH, WKST, UNTIL and COUNT";
            return Err(format!("{} is not known; the parts of a rule are {known}", shown(key)));
        }
    }
    Ok(())
}

fn frequency(value: &str) -> Result<Frequency, String> {
    match value {
        "DAILY" => Ok(Frequency::Daily),
        "WEEKLY" => Ok(Frequency::Weekly),
        "MONTHLY" => Ok(Frequency::Monthly),
        "YEARLY" => Ok(Frequency::Yearly),
        "HOURLY" | "MINUTELY" | "SECONDLY" => {
            Err(format!("FREQ={value} is not supported; for turns shorter than a day use `every: 12 hours`"))
        }
        _ => Err(format!("FREQ is {}; write DAILY, WEEKLY, MONTHLY or YEARLY", shown(value))),
    }
}

fn read_weekday(rule: &mut Recurrence, item: &str) -> Result<(), String> {
    let wrong = || format!("BYDAY has {}; write MO, TU, WE, TH, FR, SA or SU, with a number before it as in 2MO or -1FR", shown(item));
    let (ordinal, name) = item.split_at_checked(item.len().saturating_sub(2)).ok_or_else(wrong)?;
    let day = weekday(name).ok_or_else(wrong)?;
    if ordinal.is_empty() {
        rule.weekdays.insert(day);
    } else {
        let ordinal = number(ordinal).filter(|n| *n != 0 && n.abs() <= YEAR_ORDINAL_MAX).ok_or_else(wrong)?;
        rule.ordinals.push((ordinal, day));
    }
    Ok(())
}

fn until(value: &str) -> Result<DateTime, String> {
    if value.ends_with('Z') {
        return Err(format!("UNTIL is {}, in UTC; write it on the clock of the schedule, without Z, or use `end`", shown(value)));
    }
    let day = |text| Date::strptime("%Y%m%d", text).ok();
    let read = match value.split_once('T') {
        None => day(value).map(|date| date.to_datetime(Time::MAX)),
        Some((date, time)) => day(date).zip(Time::strptime("%H%M%S", time).ok()).map(|(date, time)| date.to_datetime(time)),
    };
    read.ok_or_else(|| format!("UNTIL is {}; write it as 20261231 or 20261231T100000", shown(value)))
}

/// What is possible by itself and not together (RFC 5545: "MUST NOT").
fn fits_together(rule: &Recurrence) -> Result<(), String> {
    let in_month = rule.frequency == Frequency::Monthly || rule.months != 0;
    let by_period = matches!(rule.frequency, Frequency::Monthly | Frequency::Yearly);
    if rule.count.is_some() && rule.until.is_some() {
        return Err("has COUNT and UNTIL; remove one".to_owned());
    }
    if rule.frequency == Frequency::Weekly && rule.month_days | rule.month_days_from_end != 0 {
        return Err("has BYMONTHDAY, which FREQ=WEEKLY can not have; use FREQ=MONTHLY or DAILY".to_owned());
    }
    match rule.ordinals.iter().find(|(ordinal, _)| !by_period || in_month && ordinal.abs() > MONTH_ORDINAL_MAX) {
        Some(_) if !by_period => Err("numbers a weekday in BYDAY; that needs FREQ=MONTHLY or YEARLY".to_owned()),
        Some((ordinal, _)) => Err(format!("has weekday number {ordinal} of a month in BYDAY; a month has at most {MONTH_ORDINAL_MAX}")),
        None => Ok(()),
    }
}

/// A small number. The least of its type is left out: it has no opposite.
fn number(text: &str) -> Option<i8> {
    text.parse().ok().filter(|number| *number != i8::MIN)
}

fn weekday(name: &str) -> Option<Weekday> {
    let place = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].iter().position(|n| *n == name)?;
    Weekday::from_monday_zero_offset(i8::try_from(place).ok()?).ok()
}

/// Somebody's text, cut and with its control characters made visible.
fn shown(text: &str) -> String {
    format!("{:?}", text.chars().take(30).collect::<String>())
}
