//! Hand-offs: when the turns of a rotation begin.
//!
//! Two questions are answered here: which turn a moment falls into, and when the next one begins. Everything else is made of them.
//! None is answered by walking there from the start.

use jiff::{SignedDuration, Span, Timestamp, civil::Date, civil::DateTime, tz::TimeZone};

use super::{occurrences::Occurrences, rotation::Turn};
use crate::error::FieldError;

/// The hand-offs of one rotation, on the clock of a zone that is handed in. The start is the first, of number 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HandOffs {
    start: DateTime,
    every: Every,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Every {
    /// So many elapsed hours.
    Hours(i64),
    /// On days of the calendar, at the time of day of the start.
    Dates(Dates),
}

/// The days of hand-offs.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Dates {
    Days(i64),
    Months(i64),
    Rule(Occurrences),
}

/// A hand-off on a day of the calendar.
#[derive(Clone, Copy)]
struct Dated {
    number: i64,
    date: Date,
    /// `None`: beyond the moments that can be named, which reach to the end of the year 9999.
    instant: Option<Timestamp>,
}

impl HandOffs {
    /// # Errors
    /// Turns of nothing, and a rule that does not occur at the start, or ever.
    pub(super) fn new(every: &Turn, start: DateTime) -> Result<Self, FieldError> {
        let every = match every {
            Turn::Hours(0) | Turn::Days(0) | Turn::Weeks(0) | Turn::Months(0) => {
                return Err(FieldError::new("every", "is 0; a turn lasts at least 1"));
            }
            Turn::Hours(hours) => Every::Hours(i64::from(*hours)),
            Turn::Days(days) => Every::Dates(Dates::Days(i64::from(*days))),
            Turn::Weeks(weeks) => Every::Dates(Dates::Days(i64::from(*weeks) * 7)),
            Turn::Months(months) => Every::Dates(Dates::Months(i64::from(*months))),
            Turn::Rule(rule) => Every::Dates(Dates::Rule(Occurrences::new(rule, start)?)),
        };
        Ok(Self { start, every })
    }

    /// The number of the turn that `at` falls into. `None` before the start.
    pub(super) fn turn_at(&self, zone: &TimeZone, at: Timestamp) -> Option<i64> {
        match &self.every {
            Every::Hours(hours) => {
                let start = instant(zone, self.start)?;
                (at >= start).then(|| at.duration_since(start).as_hours() / hours)
            }
            Every::Dates(dates) => self.around(dates, zone, at).0.map(|last| last.number),
        }
    }

    /// How many hand-offs there are before `at`: the number of the first one at or after it.
    pub(super) fn count_before(&self, zone: &TimeZone, at: Timestamp) -> i64 {
        let just_before = at.checked_sub(SignedDuration::from_nanos(1)).ok();
        just_before.and_then(|at| self.turn_at(zone, at)).map_or(0, |turn| turn + 1)
    }

    /// Whether the first turn has begun at `at`, and the first hand-off after it; the start counts as one.
    pub(super) fn next_after(&self, zone: &TimeZone, at: Timestamp) -> (bool, Option<Timestamp>) {
        match &self.every {
            Every::Hours(_) => {
                let turn = self.turn_at(zone, at);
                (turn.is_some(), self.elapsed(zone, turn.map_or(0, |turn| turn + 1)))
            }
            Every::Dates(dates) => {
                let (last, next) = self.around(dates, zone, at);
                (last.is_some(), next.and_then(|next| next.instant))
            }
        }
    }

    /// The turn that `from` falls into, then every one that begins before `until`: its number, and when it began or `from`.
    pub(super) fn turns(&self, zone: &TimeZone, from: Timestamp, until: Timestamp) -> Vec<(i64, Timestamp)> {
        match &self.every {
            Every::Hours(_) => {
                let first = self.turn_at(zone, from);
                let numbers = first.map_or(0, |turn| turn + 1)..;
                let later = numbers.map_while(|turn| Some((turn, self.elapsed(zone, turn)?))).take_while(|(_, begin)| *begin < until);
                first.map(|turn| (turn, from)).into_iter().chain(later).collect()
            }
            Every::Dates(dates) => {
                let (first, next) = self.around(dates, zone, from);
                let later = std::iter::successors(next, |last| self.after(dates, zone, last))
                    .map_while(|dated| Some((dated.number, dated.instant?)))
                    .take_while(|(_, begin)| *begin < until);
                first.map(|dated| (dated.number, from)).into_iter().chain(later).collect()
            }
        }
    }

    /// When the turn of that number begins, for turns of hours.
    fn elapsed(&self, zone: &TimeZone, turn: i64) -> Option<Timestamp> {
        let Every::Hours(hours) = &self.every else { return None };
        let elapsed = SignedDuration::try_from_hours(turn.checked_mul(*hours)?)?;
        instant(zone, self.start)?.checked_add(elapsed).ok()
    }

    /// The last hand-off at or before `at`, and the one after it.
    ///
    /// The calendar date all but gives it. What can put it off: the time of day is before the hand-off, the clock was put forward over
    /// a hand-off, by up to a whole day where a country crossed the date line, or it was put back over midnight, so that yesterday's
    /// date is shown again after today's hand-off. So the search begins a day late and goes back over what has not begun.
    fn around(&self, dates: &Dates, zone: &TimeZone, at: Timestamp) -> (Option<Dated>, Option<Dated>) {
        let today = zone.to_datetime(at).date();
        let tomorrow = today.tomorrow().unwrap_or(today);
        let mut number = dates.count_through(self.start.date(), tomorrow) - 1;
        let mut date = dates.last_through(self.start.date(), tomorrow);
        let mut next = None;
        while let Some(candidate) = date {
            let dated = self.dated(zone, number, candidate);
            if dated.instant.is_some_and(|instant| instant <= at) {
                return (Some(dated), next.or_else(|| self.after(dates, zone, &dated)));
            }
            next = Some(dated);
            number -= 1;
            date = candidate.yesterday().ok().and_then(|day| dates.last_through(self.start.date(), day));
        }
        (None, Some(self.dated(zone, 0, self.start.date())))
    }

    fn after(&self, dates: &Dates, zone: &TimeZone, last: &Dated) -> Option<Dated> {
        Some(self.dated(zone, last.number + 1, dates.first_after(self.start.date(), last.date)?))
    }

    fn dated(&self, zone: &TimeZone, number: i64, date: Date) -> Dated {
        Dated { number, date, instant: instant(zone, date.to_datetime(self.start.time())) }
    }
}

impl Dates {
    /// How many there are from `start`, the first, up to and including `day`.
    fn count_through(&self, start: Date, day: Date) -> i64 {
        if day < start {
            return 0;
        }
        match self {
            Self::Days(days) => days_between(start, day) / days + 1,
            Self::Months(months) => {
                let between = i64::from(day.year() - start.year()) * 12 + i64::from(day.month() - start.month());
                let turns = between / months;
                // In the month of a hand-off it may be still to come.
                let begun = self.nth(start, turns).is_some_and(|date| date <= day);
                turns + i64::from(begun)
            }
            Self::Rule(occurrences) => occurrences.count_through(day),
        }
    }

    /// The last one up to and including `day`.
    fn last_through(&self, start: Date, day: Date) -> Option<Date> {
        match self {
            Self::Days(_) | Self::Months(_) => match self.count_through(start, day) {
                0 => None,
                count => self.nth(start, count - 1),
            },
            Self::Rule(occurrences) => occurrences.last_through(day),
        }
    }

    /// The first one after `day`.
    fn first_after(&self, start: Date, day: Date) -> Option<Date> {
        match self {
            Self::Days(_) | Self::Months(_) => self.nth(start, self.count_through(start, day)),
            Self::Rule(occurrences) => occurrences.first_after(day),
        }
    }

    fn nth(&self, start: Date, number: i64) -> Option<Date> {
        // Spans and not durations: jiff adds no more than 2.9 million days (eight thousand years) of duration to a date.
        let span = match self {
            Self::Days(days) => Span::new().try_days(number.checked_mul(*days)?),
            // Counted from the start and not from the one before, so that 31 January, 28 February is followed by 31 March.
            Self::Months(months) => Span::new().try_months(number.checked_mul(*months)?),
            Self::Rule(_) => return None,
        };
        start.checked_add(span.ok()?).ok()
    }
}

fn days_between(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

/// The moment of a wall-clock time: forward by the gap when it does not exist, the first when it occurs twice.
/// `None` beyond the moments that can be named.
pub(super) fn instant(zone: &TimeZone, wall_clock: DateTime) -> Option<Timestamp> {
    zone.to_ambiguous_timestamp(wall_clock).compatible().ok()
}
