//! `schedules:` who is on call when.

use hansho_domain::{Member, Recurrence, Restriction, Rotation, RotationSpec, Schedule, ScheduleId, Turn, UserId, WeekTime, Weekdays};
use jiff::civil::{DateTime, Time, Weekday, datetime};

use crate::{
    clock_change, duration,
    map::{Keys, Map},
    spelling::{did_you_mean, quoted},
    spot::Spot,
    team,
    tree::Value,
    user, year,
};

const KEYS: Keys = Keys { known: &["name", "time_zone", "rotations"], later: &[] };
const ROTATION_KEYS: Keys = Keys { known: &["name", "start", "end", "every", "rule", "members", "only"], later: &[] };
const MEMBER_KEYS: Keys = Keys { known: &["user", "users", "joins", "leaves"], later: &[] };
const RESTRICTION_KEYS: Keys = Keys { known: &["from", "to", "days"], later: &[] };
/// How a hand-off is written; seconds are possible and seldom meant.
const START_FORMATS: [&str; 4] = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"];
/// How a rotation says that a slot is nobody's.
const NOBODY: &str = "nobody";
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// Stand in for what could not be read, so that the rest is still checked. They never get out: there is a problem.
const ANY_START: DateTime = datetime(2026, 1, 5, 10, 0, 0, 0);
const ANY_TURN: Turn = Turn::Weeks(1);

/// Reads one schedule.
pub(crate) fn read(spot: &Spot<'_>, id: ScheduleId) -> Option<Schedule> {
    let map = spot.map(&KEYS)?;
    let name = map.optional("name").map_or_else(|| Some(id.to_string()), Spot::name);
    let time_zone = map.required("time_zone").and_then(|s| s.parsed(user::time_zone));
    let rotations = map.required("rotations").and_then(|s| s.list(rotation))?;
    let time_zone = time_zone.as_deref().unwrap_or("UTC");
    let schedule = spot.accept(Schedule::new(id, name.unwrap_or_default(), time_zone, rotations))?;
    clock_change::check(spot, &schedule);
    Some(schedule)
}

fn rotation(spot: &Spot<'_>) -> Option<Rotation> {
    let map = spot.map(&ROTATION_KEYS)?;
    let name = map.required("name").and_then(Spot::name);
    let start = map.required("start").and_then(moment);
    let end = map.optional("end").map(moment);
    let every = every(spot, &map);
    let only = map.optional("only").map(|s| s.list(restriction));
    let members = map.required("members").and_then(|s| s.list(member))?;
    // What depends on the start is not checked against another one.
    let (every, end) = if start.is_some() { (every, end.flatten()) } else { (None, None) };
    spot.accept(Rotation::new(RotationSpec {
        name: name?,
        start: start.unwrap_or(ANY_START),
        end,
        every: every.unwrap_or(ANY_TURN),
        members,
        only: only.flatten().unwrap_or_default(),
    }))
}

/// How long a turn is: by `every` or by `rule`, and never by both.
fn every(spot: &Spot<'_>, map: &Map<'_>) -> Option<Turn> {
    match (map.optional("every"), map.optional("rule")) {
        (Some(every), None) => turn(every),
        (None, Some(rule)) => rule.parsed(str::parse::<Recurrence>).map(Turn::Rule),
        (Some(_), Some(rule)) => {
            rule.fail("stands beside `every`; a rotation turns by one of them, so remove the other");
            None
        }
        (None, None) => {
            spot.fail("the key `every` is missing; add it (`every: 1 week`), or `rule` with a recurrence rule");
            None
        }
    }
}

/// A slot: a person, several at once, `nobody`, or a map that says from when until when as well.
fn member(spot: &Spot<'_>) -> Option<Member> {
    match &spot.node.value {
        Value::Map(_) => {
            let map = spot.map(&MEMBER_KEYS)?;
            let users = match (map.optional("user"), map.optional("users")) {
                (Some(user), None) => one(user),
                (None, Some(users)) => several(users),
                (Some(user), Some(_)) => {
                    user.fail("stands beside `users`; write all of them in `users`");
                    None
                }
                (None, None) => {
                    spot.fail("names nobody; add `users`, such as `users: [aiko]`, or `user: nobody`");
                    None
                }
            };
            let time = |key| map.optional(key).map(|s| moment(s).ok_or(())).transpose();
            let (joins, leaves) = (time("joins"), time("leaves"));
            Some(Member { users: users?, joins: joins.ok()?, leaves: leaves.ok()? })
        }
        Value::List(_) => several(spot).map(Member::of),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => one(spot).map(Member::of),
    }
}

/// A person, or `nobody`.
fn one(spot: &Spot<'_>) -> Option<Vec<UserId>> {
    match &spot.node.value {
        Value::Text(text) if text == NOBODY => Some(Vec::new()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) | Value::Map(_) => {
            team::user(spot).map(|user| vec![user])
        }
    }
}

/// Several people at once.
fn several(spot: &Spot<'_>) -> Option<Vec<UserId>> {
    let users = spot.list(|item| match &item.node.value {
        Value::Text(text) if text == NOBODY => {
            item.fail("`nobody` stands alone; take it out of the list, or write it instead of the list");
            None
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) | Value::Map(_) => team::user(item),
    })?;
    if users.is_empty() {
        spot.fail("names nobody; name a user, or write `nobody` for a slot in which nobody is on call");
        return None;
    }
    Some(users)
}

/// A window: by time of day, on some days if it names them, or by time of the week.
pub(crate) fn restriction(spot: &Spot<'_>) -> Option<Restriction> {
    window(spot, &spot.map(&RESTRICTION_KEYS)?)
}

/// The window that the keys `from`, `to` and `days` of a map give.
pub(crate) fn window(spot: &Spot<'_>, map: &Map<'_>) -> Option<Restriction> {
    let from = map.required("from").and_then(|s| s.parsed(|text| edge(text, false)));
    let to = map.required("to").and_then(|s| s.parsed(|text| edge(text, true)));
    let days = map.optional("days").map(days);
    match (from?, to?, days) {
        ((None, from), (None, to), days) => Some(Restriction::TimeOfDay { from, to, days: days.map_or(Some(Weekdays::ALL), |read| read)? }),
        ((Some(from), from_time), (Some(to), to_time), None) => {
            let (from, to) = (WeekTime { day: from, time: from_time }, WeekTime { day: to, time: to_time });
            Some(Restriction::TimeOfWeek { from, to })
        }
        ((Some(_), _), (Some(_), _), Some(_)) => {
            spot.fail("has `days`, and its times name days already; remove one of them");
            None
        }
        ((None, _), (Some(_), _), _) | ((Some(_), _), (None, _), _) => {
            spot.fail("names a day in only one of its times; write \"22:00\" and \"07:00\", or fri 18:00 and mon 09:00");
            None
        }
    }
}

/// Reads `22:00` or `fri 22:00`. Where a window ends, 24:00 is the midnight at the end of the day.
fn edge(text: &str, ends: bool) -> Result<(Option<Weekday>, Time), String> {
    let wrong = || format!("{} is no time; write it as \"22:00\", or fri 22:00 for a time of the week", quoted(text));
    let mut words = text.split_whitespace();
    let (day, time) = match (words.next(), words.next(), words.next()) {
        (Some(time), None, None) => (None, time),
        (Some(day), Some(time), None) => (Some(weekday(day)?), time),
        _ => return Err(wrong()),
    };
    if time == "24:00" && ends {
        return Ok((day.map(Weekday::next), Time::midnight()));
    }
    let time = ["%H:%M", "%H:%M:%S"].iter().find_map(|format| Time::strptime(format, time).ok());
    Ok((day, time.ok_or_else(wrong)?))
}

fn days(spot: &Spot<'_>) -> Option<Weekdays> {
    spot.list(|item| item.parsed(weekday)).map(Weekdays::from_iter)
}

pub(crate) fn weekday(text: &str) -> Result<Weekday, String> {
    Weekdays::named(&text.to_lowercase()).ok_or_else(|| {
        let hint = did_you_mean(text, DAYS);
        let hint = if hint.is_empty() { "; write mon, tue, wed, thu, fri, sat or sun".to_owned() } else { hint };
        format!("there is no day {}{hint}", quoted(text))
    })
}

fn turn(spot: &Spot<'_>) -> Option<Turn> {
    if let Value::Number(number) = &spot.node.value {
        spot.fail(format!("`{number}` has no unit; write {number} hours, {number} days, {number} weeks or {number} months"));
        return None;
    }
    spot.parsed(duration::turn)
}

/// A time on the clock of the schedule.
fn moment(spot: &Spot<'_>) -> Option<DateTime> {
    spot.parsed(wall_clock)
}

fn wall_clock(text: &str) -> Result<DateTime, String> {
    let read = START_FORMATS.iter().find_map(|format| DateTime::strptime(format, text).ok());
    let read = read.ok_or_else(|| {
        format!("{} is no date and time; write it as 2026-01-05T10:00, on the clock of the schedule's time zone", quoted(text))
    })?;
    year::check(text, read.date()).map(|()| read)
}
