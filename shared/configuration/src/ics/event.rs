//! What an iCalendar file says about each event.

use jiff::{SignedDuration, civil::DateTime, tz::TimeZone};

use super::{
    Mistake,
    line::{self, Line},
    moment::{self, Clock, Clocks, EVENT_DAYS_MAX, Moment},
};
use crate::spelling::quoted;

/// Most events of a file.
const EVENTS_MAX: usize = 5_000;
/// Deepest nesting of parts. A calendar has an event, and that an alarm.
const DEPTH_MAX: usize = 10;

/// The events of a file, and the clocks that they are read by.
#[derive(Debug, Default)]
pub(super) struct Events {
    pub(super) all: Vec<Event>,
    pub(super) clocks: Clocks,
}

impl Events {
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

/// One event.
#[derive(Debug)]
pub(super) struct Event {
    /// What several of a file have in common that are about one series.
    pub(super) uid: String,
    /// The one of the series in whose place this stands.
    pub(super) instead_of: Option<Moment>,
    /// Whether those of the series that follow that one are moved with it (RANGE=THISANDFUTURE), with the number of the line.
    pub(super) and_following: Option<u32>,
    pub(super) start: Moment,
    /// How long it is on its clock, never negative.
    pub(super) length: SignedDuration,
    /// Its rule, with the number of its line.
    pub(super) rule: Option<(u32, String)>,
    /// Further starts.
    pub(super) also: Vec<Moment>,
    /// Starts that do not take place.
    pub(super) except: Vec<Moment>,
    pub(super) name: String,
    pub(super) is_cancelled: bool,
    /// The number of its first line.
    pub(super) line: u32,
}

/// The events of a file, and every mistake about them.
pub(super) fn read(text: &str, asked: Option<&TimeZone>) -> (Events, Vec<Mistake>) {
    let (lines, mistake) = line::all(text);
    let mut mistakes: Vec<Mistake> = mistake.into_iter().collect();
    let of_file = lines.iter().find(|line| line.name == "X-WR-TIMEZONE").map(|line| line.value.trim().to_owned());
    let mut events = Events { all: Vec::new(), clocks: Clocks { asked: asked.cloned(), of_file } };
    // Of a file that is cut off, what is open at its end is no further mistake.
    let is_whole = mistakes.is_empty();
    for group in groups(&lines, is_whole, &mut mistakes) {
        if events.all.len() == EVENTS_MAX {
            mistakes.push(Mistake::new(group.line, format!("is event number {}; {EVENTS_MAX} are the most", EVENTS_MAX + 1)));
            break;
        }
        match event(&group, &events.clocks) {
            Ok(event) => events.all.push(event),
            Err(found) => mistakes.push(found),
        }
    }
    (events, mistakes)
}

/// The lines of one event.
struct Group<'a> {
    line: u32,
    lines: Vec<&'a Line>,
}

impl<'a> Group<'a> {
    fn one(&self, name: &str) -> Option<&'a Line> {
        self.lines.iter().find(|line| line.name == name).copied()
    }

    fn every(&self, name: &'static str) -> impl Iterator<Item = &'a Line> {
        self.lines.iter().filter(move |line| line.name == name).copied()
    }
}

/// The lines that stand in an event itself, event by event.
fn groups<'a>(lines: &'a [Line], is_whole: bool, mistakes: &mut Vec<Mistake>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut open: Vec<(&str, u32)> = Vec::new();
    for line in lines {
        let part = line.value.trim();
        match line.name.as_str() {
            "BEGIN" if open.len() == DEPTH_MAX => {
                mistakes.push(Mistake::new(line.number, format!("is nested deeper than {DEPTH_MAX} parts; export the calendar again")));
                return groups;
            }
            "BEGIN" => {
                if part.eq_ignore_ascii_case("VEVENT") {
                    groups.push(Group { line: line.number, lines: Vec::new() });
                }
                open.push((part, line.number));
            }
            "END" => match open.pop() {
                Some((begun, _)) if begun.eq_ignore_ascii_case(part) => {}
                begun => {
                    let what = begun.map_or("nothing".to_owned(), |(name, line)| format!("{} of line {line}", quoted(name)));
                    let message = format!("ends {}, and what is open here is {what}; export the calendar again", quoted(part));
                    mistakes.push(Mistake::new(line.number, message));
                    return groups;
                }
            },
            _ if open.last().is_some_and(|(name, _)| name.eq_ignore_ascii_case("VEVENT")) => {
                groups.last_mut().into_iter().for_each(|group| group.lines.push(line));
            }
            _ => {}
        }
    }
    if let Some((name, line)) = open.last().filter(|_| is_whole) {
        mistakes.push(Mistake::new(*line, format!("{} has no end: the file is cut off; export the calendar again", quoted(name))));
    }
    groups
}

fn event(group: &Group<'_>, clocks: &Clocks) -> Result<Event, Mistake> {
    let start_line = group.one("DTSTART").ok_or_else(|| Mistake::new(group.line, "is an event without DTSTART; it has no day"))?;
    let start = single(clocks, start_line)?;
    let unsupported = group.lines.iter().find(|line| line.name == "EXRULE" || line.parameter("VALUE") == Some("PERIOD"));
    if let Some(line) = unsupported {
        let what = if line.name == "EXRULE" { "EXRULE" } else { "VALUE=PERIOD" };
        return Err(Mistake::new(line.number, format!("{what} is not supported; list the days as EXDATE or RDATE")));
    }
    let length = length(group, clocks, &start)?;
    let and_following = following(group)?;
    let many = |name| -> Result<Vec<Moment>, Mistake> {
        let found: Result<Vec<_>, _> = group.every(name).map(|line| several(clocks, line)).collect();
        Ok(found?.into_iter().flatten().collect())
    };
    Ok(Event {
        uid: group.one("UID").map(|line| line.value.clone()).unwrap_or_default(),
        instead_of: group.one("RECURRENCE-ID").map(|line| single(clocks, line)).transpose()?,
        and_following,
        length,
        rule: group.one("RRULE").map(|line| rule(line, &start)).transpose()?,
        also: many("RDATE")?,
        except: many("EXDATE")?,
        name: group.one("SUMMARY").map(|line| unescaped(&line.value)).unwrap_or_default(),
        is_cancelled: group.one("STATUS").is_some_and(|line| line.value.trim().eq_ignore_ascii_case("CANCELLED")),
        line: group.line,
        start,
    })
}

/// The line on which an event says that it stands for all that follow, too (RFC 5545, sections 3.2.13 and 3.8.4.4). What these are is
/// said by the series: a rule of its own would be another series.
fn following(group: &Group<'_>) -> Result<Option<u32>, Mistake> {
    let line = group.one("RECURRENCE-ID");
    let Some((line, range)) = line.and_then(|line| line.parameter("RANGE").map(|range| (line, range))) else { return Ok(None) };
    if !range.eq_ignore_ascii_case("THISANDFUTURE") {
        let message =
            format!("RECURRENCE-ID has RANGE={}, which is not supported; end the series with UNTIL and add another one", quoted(range));
        return Err(Mistake::new(line.number, message));
    }
    if let Some(own) = group.lines.iter().find(|line| ["RRULE", "RDATE", "EXDATE"].contains(&line.name.as_str())) {
        let message = format!(
            "{} stands in an event that is for all that follow (RANGE=THISANDFUTURE), which are those of the series; end the series with UNTIL and make this one of its own",
            own.name
        );
        return Err(Mistake::new(own.number, message));
    }
    Ok(Some(line.number))
}

fn several(clocks: &Clocks, line: &Line) -> Result<Vec<Moment>, Mistake> {
    clocks.moments(line).map_err(|message| Mistake::new(line.number, message))
}

fn single(clocks: &Clocks, line: &Line) -> Result<Moment, Mistake> {
    match several(clocks, line)?.as_slice() {
        [moment] => Ok(moment.clone()),
        _ => Err(Mistake::new(line.number, format!("{} has several dates; it is one", line.name))),
    }
}

/// How long an event is. Without DTEND and DURATION a date is its day, and a time that moment.
fn length(group: &Group<'_>, clocks: &Clocks, start: &Moment) -> Result<SignedDuration, Mistake> {
    let (line, length) = match (group.one("DTEND"), group.one("DURATION")) {
        (Some(line), _) => (line, single(clocks, line)?.on_clock_of(start).duration_since(start.at)),
        (None, Some(line)) => {
            let wrong = || Mistake::new(line.number, format!("DURATION is {}; write it as P1D or PT8H", quoted(&line.value)));
            (line, moment::duration(line.value.trim()).ok_or_else(wrong)?)
        }
        (None, None) if start.is_day() => return Ok(SignedDuration::from_hours(24)),
        (None, None) => return Ok(SignedDuration::ZERO),
    };
    if length.is_negative() {
        return Err(Mistake::new(line.number, "the event ends before it begins; mend its DTEND"));
    }
    if length > SignedDuration::from_hours(EVENT_DAYS_MAX * 24) {
        return Err(Mistake::new(line.number, "the event is longer than a year; leave the service's hours out instead"));
    }
    // Some programs write the day itself as its end.
    Ok(if start.is_day() { length.max(SignedDuration::from_hours(24)) } else { length })
}

/// The value of an RRULE in the words of the recurrence rules here: UNTIL on the event's own clock, and the n-th weekday of a month as `2MO`,
/// where Outlook writes BYDAY=MO;BYSETPOS=2.
fn rule(line: &Line, start: &Moment) -> Result<(u32, String), Mistake> {
    let value = line.value.trim().to_ascii_uppercase();
    let mut parts: Vec<(String, String)> = Vec::new();
    for part in value.split(';').filter(|part| !part.is_empty()) {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let value = match (key, moment::day_and_time(value.trim_end_matches('Z'))) {
            ("BYHOUR" | "BYMINUTE" | "BYSECOND", _) => {
                return Err(Mistake::new(line.number, format!("{key} in RRULE is not supported; a calendar of days has no times of day")));
            }
            ("FREQ", _) if ["HOURLY", "MINUTELY", "SECONDLY"].contains(&value) => {
                let message = format!("FREQ={value} in RRULE is not supported; a calendar of days repeats by the day at most");
                return Err(Mistake::new(line.number, message));
            }
            ("UNTIL", Some(until)) => until_on_clock_of(start, until, value.ends_with('Z'), line)?,
            _ => value.to_owned(),
        };
        parts.push((key.to_owned(), value));
    }
    let get = |parts: &[(String, String)], key: &str| parts.iter().find(|(k, _)| k == key).map(|(_, value)| value.clone());
    let position = get(&parts, "BYSETPOS").filter(|position| position.parse::<i8>().is_ok());
    let weekday = get(&parts, "BYDAY").filter(|days| days.len() == 2);
    let in_month = match get(&parts, "FREQ").as_deref() {
        Some("MONTHLY") => get(&parts, "BYMONTHDAY").is_none(),
        Some("YEARLY") => get(&parts, "BYMONTHDAY").is_none() && get(&parts, "BYMONTH").is_some_and(|months| !months.contains(',')),
        _ => false,
    };
    if let (Some(position), Some(weekday), true) = (position, weekday, in_month) {
        parts.retain(|(key, _)| key != "BYSETPOS" && key != "BYDAY");
        parts.push(("BYDAY".to_owned(), format!("{position}{weekday}")));
    }
    Ok((line.number, parts.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(";")))
}

fn until_on_clock_of(start: &Moment, until: DateTime, is_utc: bool, line: &Line) -> Result<String, Mistake> {
    let until = match (&start.clock, is_utc) {
        (Clock::Days, _) => return Ok(until.strftime("%Y%m%d").to_string()),
        (Clock::Floating, false) | (Clock::Zone(_), false) => until,
        (Clock::Zone(_), true) => Moment { at: until, clock: Clock::Zone(TimeZone::UTC) }.on_clock_of(start),
        (Clock::Floating, true) => {
            let message = "UNTIL in RRULE is a time in UTC, and the event's time zone is not known; give its last day as UNTIL=20261231";
            return Err(Mistake::new(line.number, message));
        }
    };
    Ok(until.strftime("%Y%m%dT%H%M%S").to_string())
}

/// Text as it is meant (RFC 5545, section 3.3.11), on one line.
fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some('n' | 'N') => plain.push(' '),
                Some(escaped) => plain.push(escaped),
                None => {}
            },
            c => plain.push(c),
        }
    }
    plain.trim().to_owned()
}
