//! Days of the week, as a set and by name.

use jiff::civil::Weekday;
use serde::{Deserialize, Serialize};

const NAMES: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// A set of days of the week. Stored as the list of their names: `["mon", "tue"]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Weekdays(u8);

impl Weekdays {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// All seven.
    pub const ALL: Self = Self(0b111_1111);

    /// Adds a day.
    pub fn insert(&mut self, day: Weekday) {
        self.0 |= bit(day);
    }

    /// Whether the day is one of them.
    pub fn contains(self, day: Weekday) -> bool {
        self.0 & bit(day) != 0
    }

    /// Whether there is no day in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its days as bits, Monday being bit 0.
    pub(super) fn bits(self) -> u8 {
        self.0
    }

    /// Its days, from Monday to Sunday.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        NAMES.iter().map(|(_, day)| *day).filter(move |day| self.contains(*day))
    }

    /// The day of that short English name: `mon`, `tue`, `wed`, `thu`, `fri`, `sat` or `sun`.
    pub fn named(name: &str) -> Option<Weekday> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, day)| *day)
    }
}

impl FromIterator<Weekday> for Weekdays {
    fn from_iter<I: IntoIterator<Item = Weekday>>(days: I) -> Self {
        days.into_iter().fold(Self::NONE, |mut set, day| {
            set.insert(day);
            set
        })
    }
}

impl TryFrom<Vec<String>> for Weekdays {
    type Error = String;
    fn try_from(names: Vec<String>) -> Result<Self, String> {
        names.iter().map(|name| Self::named(name).ok_or_else(|| format!("{name:?} is no day of the week"))).collect()
    }
}

impl From<Weekdays> for Vec<String> {
    fn from(days: Weekdays) -> Self {
        days.iter().map(|day| short_name(day).to_owned()).collect()
    }
}

/// The name that [`Weekdays::named`] reads.
pub(super) fn short_name(day: Weekday) -> &'static str {
    NAMES.iter().find(|(_, known)| *known == day).map_or("mon", |(name, _)| name)
}

fn bit(day: Weekday) -> u8 {
    1 << day.to_monday_zero_offset()
}
