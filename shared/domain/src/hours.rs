//! Support hours: when a service is looked after, on the clock of a time zone, without the holidays of some calendars.
//!
//! Windows begin and end as those of a rotation do (`schedule/restriction.rs`). A holiday lasts from midnight to midnight of that clock and
//! takes its day out of every window, also of one that began the evening before.

use std::iter;

use jiff::{Timestamp, ToSpan, civil::Time, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::Calendar,
    error::{FieldError, Problems},
    id::HoursId,
    schedule::{Restriction, time_zone_named},
};

/// Most windows: four a day, each day its own.
const WINDOWS_MAX: usize = 28;
/// Most calendars of one set of hours.
const CALENDARS_MAX: usize = 20;
/// So many days ahead hours are looked for. Whoever is closed for longer is closed.
const AHEAD_DAYS: i64 = 400;
/// Most edges looked at on the way there, for a table of time zones that we do not know.
const EDGES_MAX: usize = 20_000;

/// When a service is looked after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "SupportHoursParts")]
pub struct SupportHours {
    id: HoursId,
    time_zone: String,
    #[serde(skip_serializing)]
    zone: TimeZone,
    windows: Vec<Restriction>,
    holidays: Vec<Calendar>,
}

#[derive(Deserialize)]
struct SupportHoursParts {
    id: HoursId,
    time_zone: String,
    windows: Vec<Restriction>,
    #[serde(default)]
    holidays: Vec<Calendar>,
}

impl TryFrom<SupportHoursParts> for SupportHours {
    type Error = Problems;
    fn try_from(p: SupportHoursParts) -> Result<Self, Problems> {
        Self::new(p.id, &p.time_zone, p.windows, p.holidays)
    }
}

impl SupportHours {
    /// Hours on the clock of `time_zone`, an IANA name in any case: inside any of `windows`, except on days of `holidays`.
    ///
    /// # Errors
    /// No such time zone, no window or more than 28, a window on no day, more than 20 calendars.
    pub fn new(id: HoursId, time_zone: &str, windows: Vec<Restriction>, holidays: Vec<Calendar>) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        if windows.is_empty() {
            problems.push(FieldError::new("windows", "is empty; write at least one, such as { from: \"09:00\", to: \"18:00\" }"));
        }
        if windows.len() > WINDOWS_MAX {
            problems.push(FieldError::new("windows", format!("has {} windows; {WINDOWS_MAX} are the most", windows.len())));
        }
        if let Some(place) = windows.iter().position(Restriction::names_no_day) {
            problems.push(FieldError::new(format!("windows[{place}].days"), "is empty; name a day, or leave `days` out for every day"));
        }
        if holidays.len() > CALENDARS_MAX {
            problems.push(FieldError::new("holidays", format!("names {} calendars; {CALENDARS_MAX} are the most", holidays.len())));
        }
        match time_zone_named(time_zone) {
            Ok((time_zone, zone)) => Problems::none_or(problems, Self { id, time_zone, zone, windows, holidays }),
            Err(problem) => {
                problems.insert(0, FieldError::new("time_zone", problem));
                Err(Problems(problems))
            }
        }
    }

    /// The same hours with these calendars in place of theirs; no more than there may be.
    #[must_use]
    pub fn closed_on(self, holidays: Vec<Calendar>) -> Self {
        Self { holidays: holidays.into_iter().take(CALENDARS_MAX).collect(), ..self }
    }

    /// Their name in ids and configuration.
    pub fn id(&self) -> &HoursId {
        &self.id
    }

    /// The IANA name of the zone on whose clock they are, as the time zone database spells it.
    pub fn time_zone(&self) -> &str {
        &self.time_zone
    }

    /// The windows, never empty.
    pub fn windows(&self) -> &[Restriction] {
        &self.windows
    }

    /// The calendars whose days are taken out.
    pub fn holidays(&self) -> &[Calendar] {
        &self.holidays
    }

    /// Whether `at` is inside. A window owns its first moment and not its last.
    pub fn is_inside(&self, at: Timestamp) -> bool {
        let is_open = || self.windows.iter().any(|window| window.contains(&self.zone, at));
        !self.is_holiday(at) && is_open()
    }

    /// The first moment after `at` at which it becomes true that one is inside. `None`: not within 400 days.
    pub fn next_start_after(&self, at: Timestamp) -> Option<Timestamp> {
        self.next_turn_after(at, true)
    }

    /// The first moment after `at` at which it ceases to be true that one is inside. `None`: not within 400 days.
    pub fn next_end_after(&self, at: Timestamp) -> Option<Timestamp> {
        self.next_turn_after(at, false)
    }

    fn is_holiday(&self, at: Timestamp) -> bool {
        if self.holidays.is_empty() {
            return false;
        }
        let day = self.zone.to_datetime(at).date();
        self.holidays.iter().any(|calendar| calendar.contains(day))
    }

    /// The first edge after `at` where being inside becomes `inside`.
    fn next_turn_after(&self, at: Timestamp, inside: bool) -> Option<Timestamp> {
        let latest = at.checked_add((AHEAD_DAYS * 24).hours()).unwrap_or(Timestamp::MAX);
        let edges = iter::successors(self.next_edge_after(at), |edge| self.next_edge_after(*edge)).take(EDGES_MAX);
        let mut was_inside = self.is_inside(at);
        for edge in edges.take_while(|edge| *edge <= latest) {
            let is_inside = self.is_inside(edge);
            if is_inside == inside && was_inside != inside {
                return Some(edge);
            }
            was_inside = is_inside;
        }
        None
    }

    /// The first moment after `at` at which a window begins or ends, or the date changes. Between two of them nothing changes.
    fn next_edge_after(&self, at: Timestamp) -> Option<Timestamp> {
        let windows = self.windows.iter().filter_map(|window| window.next_edge_after(&self.zone, at));
        windows.chain(self.next_date_after(at)).min()
    }

    /// The first moment after `at` at which the clock may show another date: a midnight, or a change of the clock itself.
    fn next_date_after(&self, at: Timestamp) -> Option<Timestamp> {
        if self.holidays.is_empty() {
            return None;
        }
        let today = self.zone.to_datetime(at).date();
        let days = iter::successors(Some(today), |day| day.tomorrow().ok()).take(3);
        // A clock that is put back over midnight shows it twice.
        let midnights = days.flat_map(|day| {
            let midnight = self.zone.to_ambiguous_timestamp(day.to_datetime(Time::midnight()));
            [midnight.earlier().ok(), midnight.later().ok()].into_iter().flatten()
        });
        let change = self.zone.following(at).next().map(|change| change.timestamp());
        midnights.chain(change).filter(|edge| *edge > at).min()
    }
}
