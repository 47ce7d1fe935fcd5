//! The days on which a recurrence rule occurs, counted without walking there.
//!
//! Why an evaluation of our own: a Lambda is asked "who is on call now" years after a rotation started, and the answer is the number
//! of hand-offs before now. The published crates walk there from DTSTART and bring a second calendar and a second time zone
//! database with them. Here a rule is a set of days per month, kept in 31 bits: counting is adding up the bits of the months in between
//! (some nanoseconds each; rules by week or day without a filter on months need no months at all), so no rule can make it hang.
//! A property test holds it against the `rrule` crate.

use jiff::civil::{Date, DateTime, Weekday};

use super::{
    recurrence::{Frequency, Recurrence},
    weekdays::Weekdays,
};
use crate::error::FieldError;

/// Days per month, by bit; bit 0 is unused.
const EVERY_DAY: u32 = 0xffff_fffe;
/// The last month that can be named: December 9999.
const LAST_MONTH: i64 = 9_999 * 12 + 11;

/// A rule with its start: the days on which it occurs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Occurrences {
    rule: Recurrence,
    start: Date,
    /// The last one there is, when COUNT or UNTIL end the rule.
    last: Option<Date>,
    /// How it is counted without looking at months: so many weekdays of every so many weeks.
    weekly: bool,
}

impl Occurrences {
    /// The occurrences from `start` on, which must be the first of them: the RFC leaves open what it means when it is not.
    pub(super) fn new(rule: &Recurrence, start: DateTime) -> Result<Self, FieldError> {
        let mut all = Self { rule: rule.clone(), start: start.date(), last: None, weekly: false };
        all.fill_in();
        let never = || FieldError::new("rule", format!("{rule} has no occurrence from {} on; mend the rule", start.date()));
        let first = if all.includes(start.date()) { start.date() } else { all.first_after(start.date()).ok_or_else(never)? };
        if first != start.date() {
            let (was, first) = (start.date(), first.to_datetime(start.time()));
            let weekday = was.strftime("%A");
            let problem =
                format!("is on {weekday} {was}, on which the rule does not occur; start on {first}, its first occurrence after that");
            return Err(FieldError::new("start", problem));
        }
        if let Some(until) = rule.until {
            // A time of day before the hand-off's shuts out the hand-off of that day.
            let last = if until.time() < start.time() { until.date().yesterday().ok() } else { Some(until.date()) };
            all.last = Some(last.filter(|last| *last >= start.date()).ok_or_else(never)?);
        } else if let Some(count) = rule.count {
            let further = std::iter::successors(Some(start.date()), |day| all.first_after(*day));
            all.last = further.take(usize::try_from(count).unwrap_or(usize::MAX)).last();
        }
        Ok(all)
    }

    /// The occurrences of an event that begins at `start` and has this rule, up to and including `latest`: the start first, whether or not
    /// the rule occurs there (RFC 5545, section 3.8.5.3: DTSTART "defines the first instance"), and it counts for COUNT.
    pub(super) fn of_event(rule: &Recurrence, start: DateTime, latest: Date) -> impl Iterator<Item = Date> {
        let mut all = Self { rule: rule.clone(), start: start.date(), last: None, weekly: false };
        all.fill_in();
        // A time of day before the event's shuts out the event of that day.
        let until =
            rule.until.and_then(|until| if until.time() < start.time() { until.date().yesterday().ok() } else { Some(until.date()) });
        let latest = until.map_or(latest, |until| until.min(latest));
        let count = rule.count.map_or(usize::MAX, |count| usize::try_from(count).unwrap_or(usize::MAX));
        let first = all.start;
        let months = all.months_from(month_of(first)).take_while(move |month| *month <= month_of(latest)).collect::<Vec<_>>();
        let days = months.into_iter().flat_map(move |month| {
            let days = all.days_of(month);
            (1..=31_u32).filter(move |day| days & (1 << day) != 0).filter_map(move |day| date(month, day))
        });
        let later = days.filter(move |day| *day > first).take_while(move |day| *day <= latest);
        std::iter::once(first).chain(later).take(count)
    }

    /// What the rule leaves out comes from the start (RFC 5545: "information not contained in the rule").
    fn fill_in(&mut self) {
        let (start, rule) = (self.start, &mut self.rule);
        let no_day = rule.weekdays.is_empty() && rule.ordinals.is_empty() && rule.month_days | rule.month_days_from_end == 0;
        match rule.frequency {
            Frequency::Daily => {}
            Frequency::Weekly if no_day => rule.weekdays.insert(start.weekday()),
            Frequency::Monthly if no_day => rule.month_days = 1 << start.day(),
            Frequency::Yearly if no_day => {
                rule.month_days = 1 << start.day();
                if rule.months == 0 {
                    rule.months = 1 << start.month();
                }
            }
            Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => {}
        }
        let no_filter = rule.months == 0 && rule.month_days | rule.month_days_from_end == 0;
        // Every day, or every so many days of the week, is a rule by weeks.
        if rule.frequency == Frequency::Daily && rule.interval == 1 && no_filter {
            rule.frequency = Frequency::Weekly;
            if rule.weekdays.is_empty() {
                rule.weekdays = Weekdays::ALL;
            }
        }
        self.weekly = rule.frequency == Frequency::Weekly && rule.months == 0;
    }

    /// How many there are up to and including `day`.
    pub(super) fn count_through(&self, day: Date) -> i64 {
        let day = self.last.map_or(day, |last| last.min(day));
        if day < self.start {
            0
        } else if self.weekly {
            self.weekly_count(day)
        } else {
            let (first, last) = (month_of(self.start), month_of(day));
            let days = |month| match self.days_of(month) {
                days if month == last => days & through(day.day()),
                days => days,
            };
            let before_start = self.days_of(first) & !from(self.start.day());
            self.months_from(first).take_while(|month| *month <= last).map(|month| i64::from(days(month).count_ones())).sum::<i64>()
                - i64::from(before_start.count_ones())
        }
    }

    fn weekly_count(&self, day: Date) -> i64 {
        let (start, day) = (self.week_day(self.start), self.week_day(day));
        let (weeks, interval) = (day.0 - start.0, i64::from(self.rule.interval));
        let of_week = |through: i64| (0..=through).filter(|place| self.rule.weekdays.contains(self.weekday_at(*place))).count();
        let whole_weeks = (weeks + interval - 1) / interval;
        let this_week = if weeks % interval == 0 { of_week(day.1) } else { 0 };
        let counted = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        whole_weeks * counted(of_week(6)) + counted(this_week) - counted(of_week(start.1 - 1))
    }

    /// The last one up to and including `day`.
    pub(super) fn last_through(&self, day: Date) -> Option<Date> {
        let day = self.last.map_or(day, |last| last.min(day));
        let (first, last) = (month_of(self.start), month_of(day));
        let step = self.month_step();
        // The latest month that is in step with the start.
        let latest = last - (last - first).rem_euclid(step);
        let mut months = (0..).map(|n| latest - n * step).take_while(|month| *month >= first);
        months.find_map(|month| {
            let mut days = self.days_of(month);
            if month == last {
                days &= through(day.day());
            }
            let found = date(month, days.checked_ilog2()?)?;
            (found >= self.start).then_some(found)
        })
    }

    /// The first one after `day`.
    pub(super) fn first_after(&self, day: Date) -> Option<Date> {
        let day = day.tomorrow().ok()?.max(self.start);
        if self.last.is_some_and(|last| day > last) {
            return None;
        }
        let (first, from_month) = (month_of(self.start), month_of(day));
        let step = self.month_step();
        let earliest = from_month + (first - from_month).rem_euclid(step);
        let found = self.months_from(earliest).find_map(|month| {
            let mut days = self.days_of(month);
            if month == from_month {
                days &= from(day.day());
            }
            (days != 0).then(|| date(month, days.trailing_zeros())).flatten()
        })?;
        self.last.is_none_or(|last| found <= last).then_some(found)
    }

    fn includes(&self, day: Date) -> bool {
        self.days_of(month_of(day)) & (1 << day.day()) != 0
    }

    /// Months that need not be looked at are stepped over.
    fn month_step(&self) -> i64 {
        match self.rule.frequency {
            Frequency::Monthly => i64::from(self.rule.interval),
            Frequency::Daily | Frequency::Weekly | Frequency::Yearly => 1,
        }
    }

    fn months_from(&self, first: i64) -> impl Iterator<Item = i64> {
        let step = self.month_step();
        (0..).map(move |n| first + n * step).take_while(|month| *month <= LAST_MONTH)
    }

    /// The days of a month on which the rule occurs, whatever its start, COUNT and UNTIL say.
    fn days_of(&self, month: i64) -> u32 {
        let rule = &self.rule;
        let (year, number) = (month.div_euclid(12), month.rem_euclid(12) + 1);
        if rule.months != 0 && rule.months & (1 << number) == 0 {
            return 0;
        }
        let interval = i64::from(rule.interval);
        let in_step = match rule.frequency {
            Frequency::Monthly => (month - month_of(self.start)).rem_euclid(interval) == 0,
            Frequency::Yearly => (year - i64::from(self.start.year())).rem_euclid(interval) == 0,
            Frequency::Daily | Frequency::Weekly => true,
        };
        if !in_step {
            return 0;
        }
        let first = first_day(month);
        let length = first_day(month + 1) - first;
        let mut days = EVERY_DAY & through_number(length);
        if rule.month_days | rule.month_days_from_end != 0 {
            // Bit 1 from the end is the last day: turned around it is bit 31, and moved back to the length of the month.
            let from_end = (rule.month_days_from_end.reverse_bits() << 1) >> (31 - length);
            days &= rule.month_days | from_end;
        }
        if !rule.weekdays.is_empty() || !rule.ordinals.is_empty() {
            days &= self.weekdays_of(first) | self.ordinals_of(month, first, length);
        }
        match rule.frequency {
            Frequency::Daily if interval > 1 => days & in_steps(first, day_number(self.start), interval, 1),
            Frequency::Weekly if interval > 1 => {
                days & in_steps(first, self.week_day(self.start).0 * 7 + self.week_offset(), interval * 7, 7)
            }
            Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => days,
        }
    }

    fn weekdays_of(&self, first: i64) -> u32 {
        // The week beginning with the month's first day, five times over.
        let (days, turned) = (u32::from(self.rule.weekdays.bits()), weekday_number(first));
        let week = (days >> turned | days << (7 - turned)) & 0x7f;
        // Bits 0, 7, 14, 21 and 28.
        (week.wrapping_mul(0x1020_4081)) << 1
    }

    /// Weekdays by number, in the month, or in the year when a yearly rule names no months.
    fn ordinals_of(&self, month: i64, first: i64, length: i64) -> u32 {
        let in_year = self.rule.frequency == Frequency::Yearly && self.rule.months == 0;
        let january = month - month.rem_euclid(12);
        let (begin, end) = if in_year { (first_day(january), first_day(january + 12)) } else { (first, first + length) };
        self.rule.ordinals.iter().fold(0, |days, (ordinal, weekday)| {
            let wanted = i64::from(weekday.to_monday_zero_offset());
            let ordinal = i64::from(*ordinal);
            let day = if ordinal > 0 {
                begin + (wanted - weekday_number(begin)).rem_euclid(7) + (ordinal - 1) * 7
            } else {
                end - 1 - (weekday_number(end - 1) - wanted).rem_euclid(7) + (ordinal + 1) * 7
            };
            let here = begin <= day && day < end && first <= day && day < first + length;
            if here { days | 1 << (day - first + 1) } else { days }
        })
    }

    /// The number of the week that the day is in, by WKST, and its place in it from 0 to 6.
    fn week_day(&self, day: Date) -> (i64, i64) {
        let day = day_number(day) - self.week_offset();
        (day.div_euclid(7), day.rem_euclid(7))
    }

    fn weekday_at(&self, place: i64) -> Weekday {
        weekday_of(place + self.week_offset())
    }

    /// The day number of some first day of a week.
    fn week_offset(&self) -> i64 {
        i64::from(self.rule.week_start.to_monday_zero_offset()) - MONDAY_OFFSET
    }
}

/// 1 January 1970, day 0, was a Thursday.
const MONDAY_OFFSET: i64 = 3;

fn weekday_number(day: i64) -> i64 {
    (day + MONDAY_OFFSET).rem_euclid(7)
}

fn weekday_of(day: i64) -> Weekday {
    const DAYS: [Weekday; 7] =
        [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday, Weekday::Saturday, Weekday::Sunday];
    usize::try_from(weekday_number(day)).map_or(Weekday::Monday, |n| DAYS[n])
}

/// The days of the month beginning at `first` of which the distance to `origin`, taken modulo `period`, is below `width`.
fn in_steps(first: i64, origin: i64, period: i64, width: u32) -> u32 {
    let run = (1_u64 << width) - 1;
    // The first day of a run, counted from the month's first, at or before which one may have begun.
    let mut place = (origin - first).rem_euclid(period) - period;
    let mut days = 0_u64;
    while place < 31 {
        // Bit 8 is the first day; a run that began in the month before is in sight for a week.
        if place > -8 {
            days |= run << (place + 8);
        }
        place += period;
    }
    // The days are bits 8 to 38 and belong to bits 1 to 31.
    u32::try_from((days >> 7) & u64::from(EVERY_DAY)).unwrap_or(0)
}

fn month_of(day: Date) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month()) - 1
}

fn date(month: i64, day: u32) -> Option<Date> {
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The number of a month's first day, counted from 1 January 1970 in the calendar that everybody uses, also before its invention
/// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": days_from_civil).
fn first_day(month: i64) -> i64 {
    // Years that begin in March, so that the leap day is the last of one.
    let march = month - 2;
    let (year, month) = (march.div_euclid(12), march.rem_euclid(12));
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (153 * month + 2) / 5 - 719_468
}

fn day_number(day: Date) -> i64 {
    first_day(month_of(day)) + i64::from(day.day()) - 1
}

fn through(day: i8) -> u32 {
    through_number(i64::from(day))
}

/// The bits of the days up to and including `day`.
fn through_number(day: i64) -> u32 {
    u32::MAX >> (31 - day)
}

/// The bits of the days from `day` on.
fn from(day: i8) -> u32 {
    u32::MAX << day
}
