//! Telling the time as the reader's clock does.

use hansho_domain::Language;
use jiff::{Timestamp, tz::TimeZone};

/// A time of day alone is understood for so long; later the day is told too.
const CLOCK_ALONE_SECONDS_MAX: i64 = 12 * 3600;

/// A reader's clock. A zone that nobody knows is UTC, and UTC is always named, so that nobody takes it for their own.
pub(crate) struct Clock {
    zone: TimeZone,
    now: Timestamp,
    language: Language,
}

impl Clock {
    pub(crate) fn new(zone: &str, now: Timestamp, language: Language) -> Self {
        Self { zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC), now, language }
    }

    /// As short as can be: `03:12`, `Oct 4 03:12`, `03:12 UTC`.
    pub(crate) fn short(&self, at: Timestamp) -> String {
        let recent = self.now.as_second().saturating_sub(at.as_second()) < CLOCK_ALONE_SECONDS_MAX;
        let format = match (recent, self.language) {
            (true, Language::En | Language::Ja) => "%H:%M",
            (false, Language::En) => "%b %-d %H:%M",
            (false, Language::Ja) => "%-m/%-d %H:%M",
        };
        let told = at.to_zoned(self.zone.clone()).strftime(format).to_string();
        if self.is_utc() { told + " UTC" } else { told }
    }

    /// In full: `2026-10-04 03:12 (Asia/Tokyo)`.
    pub(crate) fn full(&self, at: Timestamp) -> String {
        let told = at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M");
        if self.is_utc() { format!("{told} (UTC)") } else { format!("{told} ({})", self.zone.iana_name().unwrap_or("UTC")) }
    }

    fn is_utc(&self) -> bool {
        matches!(self.zone.iana_name(), None | Some("UTC" | "Etc/UTC"))
    }
}

#[cfg(test)]
mod tests {
    use hansho_domain::Language;
    use jiff::Timestamp;

    use super::Clock;

    #[test]
    fn times_are_told_on_the_readers_clock() {
        let since: Timestamp = "2026-10-03T18:12:40Z".parse().unwrap();
        let soon: Timestamp = "2026-10-03T18:13:00Z".parse().unwrap();
        let later: Timestamp = "2026-10-04T06:13:00Z".parse().unwrap();
        for (zone, now, language, short, full) in [
            ("Asia/Tokyo", soon, Language::En, "03:12", "2026-10-04 03:12 (Asia/Tokyo)"),
            ("Asia/Tokyo", later, Language::En, "Oct 4 03:12", "2026-10-04 03:12 (Asia/Tokyo)"),
            ("Asia/Tokyo", later, Language::Ja, "10/4 03:12", "2026-10-04 03:12 (Asia/Tokyo)"),
            ("UTC", soon, Language::Ja, "18:12 UTC", "2026-10-03 18:12 (UTC)"),
            ("Mars/Olympus", soon, Language::En, "18:12 UTC", "2026-10-03 18:12 (UTC)"),
            ("", soon, Language::En, "18:12 UTC", "2026-10-03 18:12 (UTC)"),
        ] {
            let clock = Clock::new(zone, now, language);
            assert_eq!((clock.short(since), clock.full(since)), (short.to_owned(), full.to_owned()), "{zone} {language:?}");
        }
    }
}
