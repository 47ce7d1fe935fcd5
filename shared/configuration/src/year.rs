//! The years that a date of a configuration can be in.

use jiff::civil::Date;

use crate::spelling::quoted;

/// No on-call is planned outside of these: another year is a slip, and the rules of today's clocks do not hold in it.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2199;

/// Refuses a date that nobody means.
pub(crate) fn check(text: &str, date: Date) -> Result<(), String> {
    if YEARS.contains(&date.year()) {
        return Ok(());
    }
    Err(format!("{} is in the year {}; write one between {} and {}", quoted(text), date.year(), YEARS.start(), YEARS.end()))
}
