//! Classes of hours, and cutting a period into them.

use std::collections::BTreeSet;

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Time, Weekday, time},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::Calendar,
    error::{FieldError, Problems},
    schedule::Weekdays,
};

/// Most classes; a report has a column for each.
const CLASSES_MAX: usize = 10;
/// Longest name of a class, in characters.
const NAME_CHARS_MAX: usize = 30;

/// What hours are called, in the order in which it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowanceRules {
    /// The classes; the last one fits every moment.
    pub classes: Vec<AllowanceClass>,
    /// The days that count as holidays.
    #[serde(default)]
    pub holidays: BTreeSet<Date>,
    /// The calendars whose days count as holidays too, as they were when the rules were written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calendars: Vec<Calendar>,
}

/// A class of hours: the moments on these days, within this time of day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowanceClass {
    /// Its name, as reports show it.
    pub name: String,
    /// On which days.
    pub days: ClassDays,
    /// From when until when on the wall clock, over midnight if it ends before it begins. `None`: all day. Each moment goes by its own
    /// day, so the early hours of a Saturday are Saturday's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<(Time, Time)>,
}

/// The days of a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassDays {
    /// Every day.
    All,
    /// Holidays.
    Holidays,
    /// These days of the week, holidays or not.
    Weekdays(Weekdays),
}

impl Default for AllowanceRules {
    /// Night from 22:00 to 05:00 (as Japan's Labour Standards Act, article 37, has it), then holidays, then weekends, then weekdays.
    fn default() -> Self {
        let class = |name: &str, days, within| AllowanceClass { name: name.to_owned(), days, within };
        let weekend = ClassDays::Weekdays(Weekdays::from_iter([Weekday::Saturday, Weekday::Sunday]));
        Self {
            classes: vec![
                class("night", ClassDays::All, Some((time(22, 0, 0, 0), time(5, 0, 0, 0)))),
                class("holiday", ClassDays::Holidays, None),
                class("weekend", weekend, None),
                class("weekday", ClassDays::All, None),
            ],
            holidays: BTreeSet::new(),
            calendars: Vec::new(),
        }
    }
}

impl AllowanceRules {
    /// Rules of these classes and holidays.
    ///
    /// # Errors
    /// No class or more than 10, two of one name, a name that is empty or too long, a time that ends where it begins, and a last class
    /// that does not fit every moment.
    pub fn new(classes: Vec<AllowanceClass>, holidays: BTreeSet<Date>) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        if classes.len() > CLASSES_MAX {
            problems.push(FieldError::new("classes", format!("has {}; {CLASSES_MAX} are the most", classes.len())));
        }
        for (place, class) in classes.iter().enumerate() {
            let mut wrong = |field: &str, why: String| problems.push(FieldError::new(format!("classes[{place}].{field}"), why));
            if !(1..=NAME_CHARS_MAX).contains(&class.name.chars().count()) {
                wrong("name", format!("must have 1 to {NAME_CHARS_MAX} characters"));
            }
            if classes[..place].iter().any(|other| other.name == class.name) {
                wrong("name", format!("{:?} is the name of another class too", class.name));
            }
            if class.within.is_some_and(|(from, to)| from == to) {
                wrong("to", "is where it begins; leave both out for the whole day".to_owned());
            }
        }
        if !classes.last().is_some_and(|last| last.days == ClassDays::All && last.within.is_none()) {
            problems
                .push(FieldError::new("classes", "must end with a class that fits every moment: one with a name alone, such as weekday"));
        }
        Problems::none_or(problems, Self { classes, holidays, calendars: Vec::new() })
    }

    /// The same, with the days of these calendars as holidays too.
    #[must_use]
    pub fn with_calendars(self, calendars: Vec<Calendar>) -> Self {
        Self { calendars, ..self }
    }

    /// Whether the day counts as a holiday.
    fn is_holiday(&self, date: Date) -> bool {
        self.holidays.contains(&date) || self.calendars.iter().any(|calendar| calendar.contains(date))
    }

    /// The place of the class of a moment on the wall clock.
    pub fn class_of(&self, at: DateTime) -> usize {
        let fits = |class: &AllowanceClass| {
            let is_day = match &class.days {
                ClassDays::All => true,
                ClassDays::Holidays => self.is_holiday(at.date()),
                ClassDays::Weekdays(days) => days.contains(at.date().weekday()),
            };
            is_day && class.within.is_none_or(|(from, to)| is_within(at.time(), from, to))
        };
        self.classes.iter().position(fits).unwrap_or(self.classes.len().saturating_sub(1))
    }

    /// The elapsed seconds of each class in the period, on the clock of `zone`.
    pub fn seconds(&self, zone: &TimeZone, from: Timestamp, until: Timestamp) -> Vec<u64> {
        let mut seconds = vec![0; self.classes.len()];
        let edges = self.edges(zone, from, until);
        for edge in edges.windows(2) {
            let class = self.class_of(zone.to_datetime(edge[0]));
            if let Some(sum) = seconds.get_mut(class) {
                *sum += u64::try_from(edge[1].duration_since(edge[0]).as_secs()).unwrap_or(0);
            }
        }
        seconds
    }

    /// Every moment at which the class may change: midnights, the edges of classes on each day (both times where the clock shows them twice),
    /// and the moments at which the clock is put forward or back.
    fn edges(&self, zone: &TimeZone, from: Timestamp, until: Timestamp) -> Vec<Timestamp> {
        let mut edges = BTreeSet::from([from, until]);
        let mut times: BTreeSet<Time> = self.classes.iter().filter_map(|class| class.within).flat_map(|(from, to)| [from, to]).collect();
        times.insert(Time::midnight());
        let mut day = zone.to_datetime(from).date();
        let last = zone.to_datetime(until).date();
        while day <= last {
            for time in &times {
                let ambiguous = zone.to_ambiguous_timestamp(day.to_datetime(*time));
                edges.extend([ambiguous.earlier(), ambiguous.later()].into_iter().flatten());
            }
            let Ok(next) = day.checked_add(1.day()) else { break };
            day = next;
        }
        edges.extend(zone.following(from).map(|change| change.timestamp()).take_while(|at| *at < until));
        edges.into_iter().filter(|edge| (from..=until).contains(edge)).collect()
    }
}

fn is_within(at: Time, from: Time, to: Time) -> bool {
    if from < to { from <= at && at < to } else { at >= from || at < to }
}
