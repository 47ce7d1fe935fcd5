//! Moments as people type them.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime},
    tz::{TimeZone, TimeZoneDatabase},
};

/// Reads `2026-12-31T03:00:00+09:00`, or on the clock of `zone` `2026-12-31T03:00` and the day `2026-12-31` (its first moment).
pub(super) fn moment(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let civil = text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(|day| day.to_datetime(jiff::civil::Time::midnight())));
    let at = civil.and_then(|civil| civil.to_zoned(zone.clone())).map(|zoned| zoned.timestamp());
    at.map_err(|_| {
        let shown: String = text.chars().take(40).collect();
        format!("{shown:?} is no time; write 2026-12-31T03:00:00+09:00, or 2026-12-31T03:00 on the clock of --time-zone, or a day")
    })
}

/// A moment for which no clock is known, so that it has to say its offset.
pub(super) fn exact(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| match moment(text, &TimeZone::UTC) {
        Ok(_) => "does not say its offset; write 2026-12-31T03:00:00+09:00, or 2026-12-30T18:00:00Z".to_owned(),
        Err(_) => "is no time; write 2026-12-31T03:00:00+09:00".to_owned(),
    })
}

/// `90m`, `8h`, `2d`; a day has 24 hours.
pub(super) fn duration(text: &str) -> Result<SignedDuration, String> {
    let read = text.parse::<jiff::Span>().ok().and_then(|span| span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok());
    read.filter(|duration| duration.is_positive()).ok_or_else(|| format!("{text:?} is no duration; write 90m, 8h or 2d"))
}

/// A duration in whole minutes, which is how lengths are sent.
pub(super) fn minutes(text: &str) -> Result<i64, String> {
    let length = duration(text)?;
    let is_whole = length.as_secs() % 60 == 0 && length.subsec_nanos() == 0;
    if is_whole { Ok(length.as_mins()) } else { Err("--for takes whole minutes; write 90m, 8h or 2d".to_owned()) }
}

/// The zone of that IANA name; UTC when none is given.
pub(super) fn zone(name: Option<&str>) -> Result<TimeZone, String> {
    let Some(name) = name else { return Ok(TimeZone::UTC) };
    TimeZoneDatabase::bundled().get(name).map_err(|_| format!("{name:?} is no time zone; write its IANA name, such as Asia/Tokyo"))
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, tz::TimeZone};

    use super::{duration, exact, moment, zone};

    #[test]
    fn a_duration_is_a_number_and_a_unit_and_longer_than_nothing() {
        assert_eq!(duration("90m"), Ok(SignedDuration::from_mins(90)));
        assert_eq!(duration("2d"), Ok(SignedDuration::from_hours(48)));
        for text in ["", "2", "0h", "-2h", "soon"] {
            assert!(duration(text).unwrap_err().contains("is no duration"), "{text}");
        }
    }

    #[test]
    fn a_moment_without_a_clock_has_an_offset() {
        assert_eq!(exact("2026-12-31T03:00:00+09:00").unwrap().to_string(), "2026-12-30T18:00:00Z");
        for text in ["2026-12-31T03:00", "2026-12-31"] {
            assert!(exact(text).unwrap_err().contains("does not say its offset; write 2026-12-31T03:00:00+09:00"), "{text}");
        }
        assert_eq!(exact("tomorrow").unwrap_err(), "is no time; write 2026-12-31T03:00:00+09:00");
    }

    #[test]
    fn a_zone_has_an_iana_name() {
        assert_eq!(zone(None), Ok(TimeZone::UTC));
        assert_eq!(zone(Some("Asia/Tokyo")).unwrap().iana_name(), Some("Asia/Tokyo"));
        assert!(zone(Some("Tokyo Time")).unwrap_err().contains("is no time zone"));
    }

    #[test]
    fn a_moment_has_an_offset_or_stands_on_the_clock_of_the_zone() {
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        for text in ["2026-12-31T03:00:00+09:00", "2026-12-30T18:00:00Z", "2026-12-31T03:00", "2026-12-31 03:00"] {
            assert_eq!(moment(text, &tokyo).unwrap().to_string(), "2026-12-30T18:00:00Z", "{text}");
        }
        assert_eq!(moment("2026-12-31", &tokyo).unwrap().to_string(), "2026-12-30T15:00:00Z");
        for text in ["", "tomorrow", "2026-13-01", "31.12.2026", "2026-12-31T25:00"] {
            assert!(moment(text, &tokyo).unwrap_err().contains("is no time"), "{text}");
        }
    }
}
