//! iCalendar files (RFC 5545) as days: the days that its events take, each with the name of its event.
//!
//! `line.rs` undoes the folding and takes a line apart, `event.rs` gathers what is said about each event, `moment.rs` reads dates and times
//! with their zones, and `days.rs` turns an event with its rule and its exceptions into days. What is in none of these (alarms, tasks,
//! attendees, the rules of zones) is passed over. Whatever is wrong is said with the number of the line on which it stands.

mod days;
mod event;
mod line;
mod moment;
mod writing;

use std::collections::BTreeMap;

use jiff::{
    civil::{Date, date},
    tz::TimeZone,
};

pub(crate) use self::writing::written;

/// The first and last day that is kept: holidays before Japan's are worked out decide about nothing any more, and a rule without an end
/// has to be cut somewhere.
pub(crate) const FIRST_DAY: Date = date(2020, 1, 1);
pub(crate) const LAST_DAY: Date = date(2049, 12, 31);
/// Most mistakes of one file that are told.
const MISTAKES_MAX: usize = 20;

/// A mistake in an iCalendar file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// The line on which it stands, counted from 1.
    pub(crate) line: u32,
    /// What is wrong and what to do.
    pub(crate) message: String,
}

impl Mistake {
    fn new(line: u32, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

/// Whether a file is one of these by its name.
pub(crate) fn is_ics(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("ics"))
}

/// The days that the events of a file take, from 2020 to 2049, each with the name of its first event. `zone` is the clock on which an event
/// with a time of day falls on days; without it, each event's own clock.
pub(crate) fn read(text: &str, zone: Option<&TimeZone>) -> Result<BTreeMap<Date, String>, Vec<Mistake>> {
    let (events, mut mistakes) = event::read(text, zone);
    let days = match days::of(&events) {
        Ok(days) => days,
        Err(found) => {
            mistakes.extend(found);
            BTreeMap::new()
        }
    };
    if mistakes.is_empty() && days.is_empty() {
        let what = if events.is_empty() { "has no event (VEVENT) in it" } else { "has no event between 2020 and 2049 in it" };
        mistakes.push(Mistake::new(1, format!("{what}, so no day; export the calendar again, or take it out")));
    }
    mistakes.sort_by_key(|mistake| mistake.line);
    mistakes.truncate(MISTAKES_MAX);
    if mistakes.is_empty() { Ok(days) } else { Err(mistakes) }
}
