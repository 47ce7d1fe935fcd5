//! Calendars that somebody else keeps: an iCalendar file in the folder, or what an address answers.
//!
//! Nothing is fetched here. Whoever reads a folder for a command puts what the addresses answer among its files (`folder.rs`), as days and
//! nothing else, under a name that follows from the calendar's own; so the text of a version has the days that it was made with.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use hansho_domain::CalendarId;
use jiff::{civil::Date, tz::TimeZone};

use crate::{
    address, calendar, folder,
    ics::{self, Mistake},
    names::{Section, problem_at},
    problem::Problem,
    spelling::visible,
    spot::{Findings, Spot},
    tree::{Entry, Node, Place, Value},
};

/// The folder of what addresses answer.
const FETCHED: &str = "fetched";

/// Where a calendar has days from besides those that are written.
#[derive(Debug, Clone)]
pub(crate) struct ForeignCalendar {
    /// Where the configuration says so.
    at: PathBuf,
    place: Place,
    path: String,
    /// The file's name among the files.
    name: String,
    /// The address whose answer the file is.
    url: Option<String>,
    zone: Option<TimeZone>,
}

/// An address that a calendar has its days from.
#[derive(Clone, PartialEq, Eq)]
pub struct CalendarAddress {
    /// What is asked. It may be secret: whoever knows the address of a private calendar can read it.
    pub url: String,
    /// The file that its answer is kept as.
    pub(crate) name: String,
    pub(crate) zone: Option<TimeZone>,
    at: PathBuf,
    place: Place,
    path: String,
}

impl std::fmt::Debug for CalendarAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CalendarAddress").field("name", &self.name).finish_non_exhaustive()
    }
}

impl CalendarAddress {
    /// A problem with it, where the configuration names it.
    pub(crate) fn problem(&self, message: &str) -> Problem {
        problem_at(&self.at, self.place, format!("{}: {message}", self.path))
    }
}

/// Reads `file:`, which is looked for beside the file in which it stands.
pub(crate) fn file(spot: &Spot<'_>) -> Option<ForeignCalendar> {
    let name = spot.parsed(|text| {
        let below = spot.file.parent().unwrap_or(Path::new(""));
        let name = folder::name(&below.join(text.strip_prefix("./").unwrap_or(text)));
        if !ics::is_ics(text) {
            return Err("is no iCalendar file by its name; write one such as company.ics".to_owned());
        }
        if text.starts_with('/') || text.split(['/', '\\']).any(|part| part == "..") {
            return Err("leads out of the folder of this file; put the calendar beside it, and write company.ics".to_owned());
        }
        if name.starts_with(&format!("{FETCHED}/")) {
            return Err(format!("is in the folder {FETCHED}, where the answers of addresses are kept; put it elsewhere"));
        }
        Ok(name)
    })?;
    Some(foreign(spot, name, None))
}

/// Reads `url:`.
pub(crate) fn address(spot: &Spot<'_>, id: &CalendarId) -> Option<ForeignCalendar> {
    let url = spot.parsed(address::calendar)?;
    Some(foreign(spot, format!("{FETCHED}/{id}.ics"), Some(url)))
}

fn foreign(spot: &Spot<'_>, name: String, url: Option<String>) -> ForeignCalendar {
    ForeignCalendar { at: spot.file.to_path_buf(), place: spot.node.place, path: spot.path.clone(), name, url, zone: None }
}

impl ForeignCalendar {
    /// The same with its times on that clock.
    pub(crate) fn on_clock_of(self, zone: Option<TimeZone>) -> Self {
        Self { zone, ..self }
    }

    /// The name of its file.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The address that has to be asked, if it is one.
    pub(crate) fn asked(&self) -> Option<CalendarAddress> {
        let Self { at, place, path, name, url, zone } = self.clone();
        Some(CalendarAddress { url: url?, name, zone, at, place, path })
    }

    /// Its days, out of `files`. What is wrong with the file is a finding, at its own line.
    pub(crate) fn days(&self, files: &BTreeMap<String, &str>, findings: &Findings) -> BTreeMap<Date, String> {
        let Some(text) = files.get(&self.name) else {
            // A file that is there and can not be read has a problem of its own, and so has an address that did not answer.
            let is_about = |problem: &Problem| {
                let here = problem.file == self.at && problem.message.starts_with(&self.path);
                here || folder::name(&problem.file) == self.name
            };
            let is_told = findings.problems.borrow().iter().any(is_about);
            if !is_told {
                findings.add(problem_at(&self.at, self.place, format!("{}: {}", self.path, self.missing())));
            }
            return BTreeMap::new();
        };
        // What an address answered is kept as days, on no clock.
        let zone = self.zone.as_ref().filter(|_| self.url.is_none());
        ics::read(text, zone).unwrap_or_else(|mistakes| {
            for Mistake { line, message } in mistakes {
                let place = Place { line, column: 1 };
                findings.add(problem_at(Path::new(&self.name), place, format!("{}: {message}", self.path)));
            }
            BTreeMap::new()
        })
    }

    /// The days of its file, if that can be read.
    fn known_days(&self, files: &BTreeMap<String, &str>) -> Option<BTreeMap<Date, String>> {
        ics::read(files.get(&self.name)?, self.zone.as_ref().filter(|_| self.url.is_none())).ok()
    }

    fn missing(&self) -> String {
        match self.url {
            None => format!("there is no file {} in the configuration; put it beside this file, or mend the name", self.name),
            Some(_) => format!(
                "what this address answers is not among the files as {}; `hansho check`, `plan` and `apply` ask it, unless they are told --offline",
                self.name
            ),
        }
    }
}

/// The calendar of an entry of `calendars:`, if somebody else keeps it.
pub(crate) fn of_entry(entry: &Entry, file: &Path) -> Option<ForeignCalendar> {
    let findings = Findings::default();
    let path = format!("{}.{}", Section::Calendars.key(), visible(&entry.key));
    let spot = Spot { findings: &findings, file, path, key: Some(entry.place), node: &entry.node };
    calendar::read(&spot, &entry.key.parse().ok()?)?.into_foreign()
}

/// Adds the days of its iCalendar file to an entry of `calendars:`, as one more key, so that they are compared with others.
pub(crate) fn add_days(entry: &mut Entry, file: &Path, files: &BTreeMap<String, &str>) {
    let Some(foreign) = of_entry(entry, file) else { return };
    let Some(days) = foreign.known_days(files) else { return };
    let Value::Map(keys) = &mut entry.node.value else { return };
    let text = |text: String| Node { place: Place::START, value: Value::Text(text) };
    let days = days.into_iter().map(|(day, name)| Entry { key: day.to_string(), place: Place::START, node: text(name) });
    let node = Node { place: Place::START, value: Value::Map(days.collect()) };
    keys.push(Entry { key: format!("days of {}", foreign.name), place: Place::START, node });
}
