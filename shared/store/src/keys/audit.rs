//! Keys of the audit log: a partition for each month (UTC), and in it an entry for each moment.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use super::{Key, month};

/// How the sort keys of entries begin.
pub(crate) const AUDIT_PREFIX: &str = "AT#";

/// The entries of the month of `at`.
pub(crate) fn audit_partition(at: Timestamp) -> String {
    format!("AUDIT#{}", month(at))
}

/// One entry.
pub(crate) fn audit_entry(at: Timestamp, hash: &str) -> Key {
    let milliseconds = at.as_millisecond().max(0);
    Key::new(audit_partition(at), format!("{AUDIT_PREFIX}{milliseconds:014}#{hash}"))
}

/// Sorts behind every entry of a partition.
pub(crate) fn audit_end() -> String {
    "AT#~".to_owned()
}

/// Entries sort before it that are before a place.
pub(crate) fn audit_before(place: &str) -> String {
    format!("{AUDIT_PREFIX}{place}")
}

/// When the entry at a place was written; nothing of what is no place.
pub(crate) fn audit_time(place: &str) -> Option<Timestamp> {
    let (milliseconds, hash) = place.split_once('#')?;
    let is_place = milliseconds.len() == 14 && hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    Timestamp::from_millisecond(milliseconds.parse().ok().filter(|_| is_place)?).ok()
}

/// The last moment of the month before that of `at`.
pub(crate) fn end_of_month_before(at: Timestamp) -> Option<Timestamp> {
    let first: Date = at.to_zoned(TimeZone::UTC).date().first_of_month();
    let begin = first.to_zoned(TimeZone::UTC).ok()?.timestamp();
    begin.checked_sub(SignedDuration::from_millis(1)).ok()
}
