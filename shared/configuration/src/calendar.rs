//! `calendars:` the days that are no working days.

use std::collections::{BTreeMap, BTreeSet};

use hansho_domain::{Calendar, CalendarDays, CalendarId, MonthDay, Problems, YearlySpan};
use jiff::{civil::Date, tz::TimeZone};

use crate::{
    foreign_calendar::{self, ForeignCalendar},
    map::Keys,
    names::Section,
    spelling::quoted,
    spot::{Findings, Spot},
    tree::Value,
    user, year,
};

const KEYS: Keys = Keys { known: &["include", "days", "file", "url", "time_zone"], later: &[] };
const DAY_KEYS: Keys = Keys { known: &["day", "name"], later: &[] };
/// Most days of one span with written in it. Whoever is closed for longer has no hours.
const SPAN_DAYS_MAX: usize = 366;

/// A calendar as it is written: the calendars that it includes are looked up when all of them are known.
pub(crate) struct Written {
    days: CalendarDays,
    include: Vec<CalendarId>,
    foreign: Option<ForeignCalendar>,
}

impl Written {
    /// Where else it has days from.
    pub(crate) fn foreign(&self) -> Option<&ForeignCalendar> {
        self.foreign.as_ref()
    }

    /// The same as a value of its own.
    pub(crate) fn into_foreign(self) -> Option<ForeignCalendar> {
        self.foreign
    }

    /// Adds the days of its iCalendar file, which is one of `files`, by their names. What is wrong with it is a finding.
    pub(crate) fn add_foreign(&mut self, files: &BTreeMap<String, &str>, findings: &Findings) {
        if let Some(foreign) = &self.foreign {
            self.days.include(&CalendarDays { dates: foreign.days(files, findings), ..CalendarDays::default() });
        }
    }
}

/// Reads one calendar.
pub(crate) fn read(spot: &Spot<'_>, id: &CalendarId) -> Option<Written> {
    if *id == CalendarId::jp_national() {
        spot.fail("is the name of Japan's national holidays, which are known without being written; choose another name, and `include: [jp-national]` if these are meant too");
        return None;
    }
    let map = spot.map(&KEYS)?;
    let zone = map.optional("time_zone").map(|s| s.parsed(user::time_zone));
    let source = match (map.optional("file"), map.optional("url")) {
        (Some(file), None) => Some(foreign_calendar::file(file)),
        (None, Some(url)) => Some(foreign_calendar::address(url, id)),
        (Some(_), Some(url)) => {
            url.fail("stands beside `file`; make two calendars of it, and `include` one in the other");
            return None;
        }
        (None, None) => None,
    };
    if source.is_none() && zone.is_some() {
        map.optional("time_zone")?
            .fail("says on whose clock the times of a file are, and there is none; remove it, or add `file` or `url`");
        return None;
    }
    let zone = match zone {
        Some(zone) => Some(TimeZone::get(&zone?).ok()?),
        None => None,
    };
    let foreign = match source {
        Some(source) => Some(source?.on_clock_of(zone)),
        None => None,
    };
    let include = map.optional("include").map_or(Some(Vec::new()), |s| s.list(name));
    let listed = map.optional("days").map_or(Some(Vec::new()), |s| s.list(days));
    let (include, listed) = (include?, listed?);
    if include.contains(id) {
        spot.fail("includes itself; take its name out of `include`");
        return None;
    }
    let mut days = CalendarDays::default();
    listed.iter().for_each(|more| days.include(more));
    if include.is_empty() && foreign.is_none() {
        // What it includes is looked up later and is never empty; nor is a file.
        spot.accept(Calendar::new(id.clone(), days.clone()))?;
    }
    Some(Written { days, include, foreign })
}

/// The calendar of a name, among those that were written and those that exist by themselves.
pub(crate) fn named(id: &CalendarId, calendars: &[Calendar]) -> Option<Calendar> {
    let own = calendars.iter().find(|calendar| calendar.id() == id).cloned();
    own.or_else(|| (*id == CalendarId::jp_national()).then(Calendar::japan))
}

/// Reads the name of a calendar.
pub(crate) fn name(spot: &Spot<'_>) -> Option<CalendarId> {
    let id: CalendarId = spot.parsed(str::parse)?;
    if id != CalendarId::jp_national() {
        spot.refers_to(Section::Calendars, id.as_str());
    }
    Some(id)
}

/// Every calendar that is written, each with the days of those that it includes.
///
/// # Errors
/// They are too many together, by calendar.
pub(crate) fn joined(written: &BTreeMap<CalendarId, Written>) -> BTreeMap<CalendarId, Result<Calendar, Problems>> {
    written.keys().map(|id| (id.clone(), with_included(written, id))).collect()
}

fn with_included(written: &BTreeMap<CalendarId, Written>, id: &CalendarId) -> Result<Calendar, Problems> {
    let mut days = CalendarDays::default();
    let mut seen = BTreeSet::new();
    let mut waiting = vec![id];
    // Two that include each other have the same days; there is no end to wait for.
    while let Some(next) = waiting.pop() {
        if !seen.insert(next) {
            continue;
        }
        match written.get(next) {
            Some(found) => {
                days.include(&found.days);
                waiting.extend(&found.include);
            }
            None if *next == CalendarId::jp_national() => days.include(Calendar::japan().days()),
            None => {} // It does not exist, which is reported where it is named.
        }
    }
    Calendar::new(id.clone(), days)
}

/// Days as a text, or a map that gives them a name.
fn days(spot: &Spot<'_>) -> Option<CalendarDays> {
    match &spot.node.value {
        Value::Map(_) => {
            let map = spot.map(&DAY_KEYS)?;
            let called = map.optional("name").map_or_else(|| Some(String::new()), Spot::name);
            let day = map.required("day")?;
            let called = called?;
            day.parsed(|text| span(text, &called))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => spot.parsed(|text| span(text, "")),
    }
}

/// Reads `2026-12-29`, `2026-12-29..2027-01-03`, `12-29` or `12-29..01-03`.
fn span(text: &str, name: &str) -> Result<CalendarDays, String> {
    let wrong =
        || format!("{} is no day; write it as 2026-12-29, or as 12-29 for every year, and several days as 12-29..01-03", quoted(text));
    let (from, to) = text.split_once("..").map_or((text, text), |(from, to)| (from.trim(), to.trim()));
    if let (Ok(from), Ok(to)) = (from.parse::<MonthDay>(), to.parse::<MonthDay>()) {
        let yearly = vec![YearlySpan { from, to, name: name.to_owned() }];
        return Ok(CalendarDays { yearly, ..CalendarDays::default() });
    }
    let date = |text: &str| Date::strptime("%Y-%m-%d", text).ok();
    let (Some(from), Some(to)) = (date(from), date(to)) else { return Err(wrong()) };
    year::check(text, from).and_then(|()| year::check(text, to))?;
    if to < from {
        return Err(format!("{} ends before it begins; write the earlier day first", quoted(text)));
    }
    let dates: BTreeMap<Date, String> = std::iter::successors(Some(from), |day| day.tomorrow().ok())
        .take_while(|day| *day <= to)
        .take(SPAN_DAYS_MAX + 1)
        .map(|day| (day, name.to_owned()))
        .collect();
    if dates.len() > SPAN_DAYS_MAX {
        return Err(format!("{} is longer than a year; leave the service's hours out instead", quoted(text)));
    }
    Ok(CalendarDays { dates, ..CalendarDays::default() })
}
