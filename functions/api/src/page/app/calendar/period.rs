//! Which weeks a calendar shows.

use jiff::{SignedDuration, Span, Timestamp, civil::Date};

use crate::page::clock::Clock;

/// So many days ahead and back a calendar goes.
const DAYS_MAX: i64 = 800;

/// So long a shift is followed to its end.
pub(crate) const SHIFT_LONGEST: SignedDuration = SignedDuration::from_hours(62 * 24);

/// Whole days of the reader's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Period {
    /// The first day.
    first: Date,
    /// So many weeks: one, two or four.
    pub(crate) weeks: i64,
    /// Its first moment.
    pub(crate) from: Timestamp,
    /// The first moment after it.
    pub(crate) until: Timestamp,
}

impl Period {
    /// So many weeks from a day on; without one, or with one that is too far away, from this week's Monday on.
    pub(crate) fn of(clock: &Clock, first: Option<Date>, weeks: i64) -> Self {
        let weeks = if matches!(weeks, 1 | 2 | 4) { weeks } else { 2 };
        let today = clock.today();
        let near = |day: &Date| (day.duration_since(today).as_hours() / 24).abs() <= DAYS_MAX;
        let since_monday = i64::from(today.weekday().to_monday_zero_offset());
        let monday = today.checked_sub(Span::new().days(since_monday)).unwrap_or(today);
        let first = first.filter(near).unwrap_or(monday);
        let until = first.checked_add(Span::new().days(weeks * 7)).unwrap_or(first);
        Self { first, weeks, from: clock.midnight(first), until: clock.midnight(until) }
    }

    /// The same time, as addresses say it.
    pub(crate) fn query(&self) -> String {
        format!("from={}&weeks={}", self.first, self.weeks)
    }

    /// Until when shifts are followed that begin in it: whoever gives one away must not keep the rest of it unawares.
    pub(crate) fn followed_until(&self) -> Timestamp {
        self.until.saturating_add(SHIFT_LONGEST).unwrap_or(self.until)
    }

    /// As long, so many times its length later.
    pub(super) fn moved(&self, times: i64, clock: &Clock) -> Self {
        let by = Span::new().days(self.weeks * 7 * times);
        Self::of(clock, self.first.checked_add(by).ok(), self.weeks)
    }

    /// The same beginning with every length.
    pub(super) fn spans(&self) -> [Self; 3] {
        [1, 2, 4].map(|weeks| Self { weeks, ..self.clone() })
    }

    /// The days of each week, with the first one after it.
    pub(super) fn weeks(&self, clock: &Clock) -> impl Iterator<Item = Vec<(Date, Timestamp)>> {
        let day = |number: i64| {
            let day = self.first.checked_add(Span::new().days(number)).unwrap_or(self.first);
            (day, clock.midnight(day))
        };
        (0..self.weeks).map(move |week| (week * 7..=week * 7 + 7).map(day).collect())
    }
}

#[cfg(test)]
mod tests {
    use hansho_domain::Language;

    use super::{Clock, Period};

    #[test]
    fn a_calendar_begins_on_monday_and_its_days_are_the_readers() {
        let clock = Clock::new("Europe/London", "2026-10-24T23:30:00Z".parse().unwrap(), Language::En);
        let period = Period::of(&clock, None, 1);
        // Sunday the 25th in London has 25 hours.
        assert_eq!((period.from.to_string(), period.until.to_string()), ("2026-10-18T23:00:00Z".into(), "2026-10-26T00:00:00Z".into()));
        let weeks: Vec<_> = period.weeks(&clock).collect();
        assert_eq!((weeks.len(), weeks[0].len(), weeks[0][7].1), (1, 8, period.until));
        assert_eq!(period.moved(1, &clock).query(), "from=2026-10-26&weeks=1");
        for odd in [0, 3, -1, 1000] {
            assert_eq!(Period::of(&clock, None, odd).weeks, 2);
        }
        let far = Period::of(&clock, Some("9999-12-31".parse().unwrap()), 4);
        assert_eq!(far.query(), "from=2026-10-19&weeks=4");
    }
}
