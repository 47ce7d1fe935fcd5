//! Moments as people type them.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
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

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::moment;

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
