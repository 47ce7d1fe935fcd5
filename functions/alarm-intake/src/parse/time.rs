//! The times in AWS payloads.

use jiff::{Timestamp, fmt::rfc2822};

/// Reads RFC 3339 and CloudWatch's own `2026-11-20T18:12:36.490+0000`, whose offset has no colon.
///
/// `None` for anything else, a time without an offset included: guessing a zone could put an alarm hours into
/// the past, where it would look older than what is already known and change nothing.
pub fn timestamp(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse().ok().or_else(|| Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text).ok())
}

/// Reads the milliseconds since 1970 that SQS gives as text.
pub(super) fn milliseconds(text: &str) -> Option<Timestamp> {
    Timestamp::from_millisecond(text.trim().parse().ok()?).ok()
}

/// Reads the times of AWS Health: `Fri, 20 Nov 2026 18:12:36 GMT`. Its documentation has weekdays that are wrong, so none is looked at.
pub(super) fn mail_date(text: &str) -> Option<Timestamp> {
    static PARSER: rfc2822::DateTimeParser = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    PARSER.parse_timestamp(text.trim()).ok()
}
