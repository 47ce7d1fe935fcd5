//! `schedules:` who is on call when.

use hansho_domain::{Rotation, Schedule, ScheduleId, Turn, UserId};
use jiff::civil::{DateTime, datetime};

use crate::{duration, map::Keys, spelling::quoted, spot::Spot, team, tree::Value, user};

const KEYS: Keys = Keys { known: &["name", "time_zone", "rotations"], later: &[] };
const ROTATION_KEYS: Keys = Keys {
    known: &["name", "start", "every", "members"],
    later: &[("only", "a rotation that turns `every: 12 hours`, with `nobody` for the hours that are off")],
};
/// How a hand-off is written; seconds are possible and seldom meant.
const START_FORMATS: [&str; 4] = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"];
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
    spot.accept(Schedule::new(id, name.unwrap_or_default(), time_zone, rotations))
}

fn rotation(spot: &Spot<'_>) -> Option<Rotation> {
    let map = spot.map(&ROTATION_KEYS)?;
    let name = map.required("name").and_then(Spot::name);
    let start = map.required("start").and_then(|s| s.parsed(wall_clock));
    let every = map.required("every").and_then(turn);
    let members = map.required("members").and_then(|s| s.list(member))?;
    spot.accept(Rotation::new(name?, start.unwrap_or(ANY_START), every.unwrap_or(ANY_TURN), members))
}

/// A person, or `nobody` for a slot in which no one of this rotation is on call.
fn member(spot: &Spot<'_>) -> Option<Option<UserId>> {
    match &spot.node.value {
        Value::Text(text) if text == "nobody" => Some(None),
        _ => team::user(spot).map(Some),
    }
}

fn turn(spot: &Spot<'_>) -> Option<Turn> {
    if let Value::Number(number) = &spot.node.value {
        spot.fail(format!("`{number}` has no unit; write {number} hours, {number} days or {number} weeks"));
        return None;
    }
    spot.parsed(duration::turn)
}

fn wall_clock(text: &str) -> Result<DateTime, String> {
    let read = START_FORMATS.iter().find_map(|format| DateTime::strptime(format, text).ok());
    read.ok_or_else(|| {
        format!("{} is no date and time; write it as 2026-01-05T10:00, on the clock of the schedule's time zone", quoted(text))
    })
}
