//! Rotations: members who take turns.
//!
//! A rotation has no time zone of its own; the schedule hands in its own. Two questions are answered here, both in constant
//! time, and everything else is made of them: which turn a moment falls into, and when a turn starts.

use jiff::{SignedDuration, Span, Timestamp, civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    error::{FieldError, Problems},
    id::UserId,
};

/// Most slots of a rotation.
const MEMBERS_MAX: usize = 100;

/// How long a turn is; at least 1 of its unit.
///
/// Days and weeks are the calendar's, on the wall clock: the hand-off stays at the same time of day whether the day had 23, 24
/// or 25 hours. Hours are elapsed ones: their hand-off moves on the wall clock when the clock is put forward or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// So many elapsed hours.
    Hours(u16),
    /// So many calendar days.
    Days(u16),
    /// So many calendar weeks.
    Weeks(u16),
}

/// Slots that take turns from a start on, round and round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RotationParts")]
pub struct Rotation {
    name: String,
    start: DateTime,
    every: Turn,
    members: Vec<Option<UserId>>,
}

#[derive(Deserialize)]
struct RotationParts {
    name: String,
    start: DateTime,
    every: Turn,
    members: Vec<Option<UserId>>,
}

impl TryFrom<RotationParts> for Rotation {
    type Error = Problems;
    fn try_from(p: RotationParts) -> Result<Self, Problems> {
        Self::new(p.name, p.start, p.every, p.members)
    }
}

impl Rotation {
    /// A rotation whose first turn starts at `start` on the schedule's wall clock and which hands off at that time of day.
    /// A member of `None` is a slot in which nobody is on call.
    ///
    /// # Errors
    /// No name, no member or more than 100, a turn of 0 hours, days or weeks.
    pub fn new(name: String, start: DateTime, every: Turn, members: Vec<Option<UserId>>) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        if name.is_empty() {
            problems.push(FieldError::new("name", "is empty; give the rotation a name"));
        }
        match every {
            Turn::Hours(0) | Turn::Days(0) | Turn::Weeks(0) => problems.push(FieldError::new("every", "is 0; a turn lasts at least 1")),
            Turn::Hours(_) | Turn::Days(_) | Turn::Weeks(_) => {}
        }
        if members.is_empty() {
            problems.push(FieldError::new("members", "is empty; name at least one user, or nobody"));
        }
        if members.len() > MEMBERS_MAX {
            problems.push(FieldError::new("members", format!("has {}; {MEMBERS_MAX} are the most", members.len())));
        }
        Problems::none_or(problems, Self { name, start, every, members })
    }

    /// Its name, unique in its schedule.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When its first turn starts, on the schedule's wall clock. Before that it has nobody on call.
    pub fn start(&self) -> DateTime {
        self.start
    }

    /// How long a turn is.
    pub fn every(&self) -> Turn {
        self.every
    }

    /// Its slots in the order of their turns, never empty; `None` is nobody.
    pub fn members(&self) -> &[Option<UserId>] {
        &self.members
    }

    /// Who has the turn of that number; `None` is nobody.
    pub(super) fn slot(&self, turn: i64) -> Option<&UserId> {
        let place = usize::try_from(turn).ok()? % self.members.len();
        self.members[place].as_ref()
    }

    /// The number of the turn that `at` falls into, the first being 0. `None` before the start.
    pub(super) fn turn_at(&self, zone: &TimeZone, at: Timestamp) -> Option<i64> {
        match self.every {
            Turn::Hours(hours) => {
                let start = instant(zone, self.start)?;
                (at >= start).then(|| at.duration_since(start).as_hours() / i64::from(hours))
            }
            Turn::Days(days) => self.calendar_turn_at(zone, at, i64::from(days)),
            Turn::Weeks(weeks) => self.calendar_turn_at(zone, at, i64::from(weeks) * 7),
        }
    }

    /// When the turn of that number starts. `None` when that is beyond the last moment that can be named, in the year 9999.
    pub(super) fn turn_start(&self, zone: &TimeZone, turn: i64) -> Option<Timestamp> {
        match self.every {
            Turn::Hours(hours) => {
                let elapsed = SignedDuration::try_from_hours(turn.checked_mul(i64::from(hours))?)?;
                instant(zone, self.start)?.checked_add(elapsed).ok()
            }
            Turn::Days(days) => self.calendar_turn_start(zone, turn, i64::from(days)),
            Turn::Weeks(weeks) => self.calendar_turn_start(zone, turn, i64::from(weeks) * 7),
        }
    }

    /// The first hand-off after `at`; the start counts as one.
    pub(super) fn next_hand_off_after(&self, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
        self.turn_start(zone, self.turn_at(zone, at).map_or(0, |turn| turn + 1))
    }

    /// The calendar date all but gives the turn. What can put it off: the time of day is before the hand-off (one turn less), the
    /// clock was put forward over a hand-off, by up to a whole day where a country crossed the date line (another one less), or
    /// it was put back over midnight, so that yesterday's date is shown again after today's hand-off (one more).
    fn calendar_turn_at(&self, zone: &TimeZone, at: Timestamp, days: i64) -> Option<i64> {
        let today = zone.to_datetime(at).date();
        let guess = self.start.date().duration_until(today).as_hours() / 24 / days;
        let has_started = |turn: &i64| self.calendar_turn_start(zone, *turn, days).is_some_and(|start| start <= at);
        (guess - 2..=guess + 1).rev().filter(|turn| *turn >= 0).find(has_started)
    }

    fn calendar_turn_start(&self, zone: &TimeZone, turn: i64, days: i64) -> Option<Timestamp> {
        // A span and not a duration: jiff adds no more than 2.9 million days (eight thousand years) of duration to a date.
        let days = Span::new().try_days(turn.checked_mul(days)?).ok()?;
        instant(zone, self.start.checked_add(days).ok()?)
    }
}

/// The moment of a wall-clock time: forward by the gap when it does not exist, the first when it occurs twice.
fn instant(zone: &TimeZone, wall_clock: DateTime) -> Option<Timestamp> {
    zone.to_ambiguous_timestamp(wall_clock).compatible().ok()
}
