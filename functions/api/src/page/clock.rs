//! The reader's clock: times in their zone, spans in their language.

use hansho_domain::Language;
use jiff::{
    Timestamp,
    civil::{self, Date, Weekday},
    tz::TimeZone,
};

use crate::words::{self, Tongue};

/// A time of day alone is understood for so long, forwards and backwards; beyond it the day is told too.
const TIME_ALONE_SECONDS_MAX: u64 = 12 * 3600;

fn weekday_in_japanese(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "月",
        Weekday::Tuesday => "火",
        Weekday::Wednesday => "水",
        Weekday::Thursday => "木",
        Weekday::Friday => "金",
        Weekday::Saturday => "土",
        Weekday::Sunday => "日",
    }
}

/// Tells times. A zone that nobody knows is UTC.
pub(crate) struct Clock {
    zone: TimeZone,
    now: Timestamp,
    language: Language,
}

impl Clock {
    pub(crate) fn new(zone: &str, now: Timestamp, language: Language) -> Self {
        Self { zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC), now, language }
    }

    /// As short as is understood: `03:12`, `Oct 4 03:12`, `10/4 03:12`.
    pub(crate) fn short(&self, at: Timestamp) -> String {
        let distance = self.now.as_second().abs_diff(at.as_second());
        let format = match (distance < TIME_ALONE_SECONDS_MAX, self.language) {
            (true, Language::En | Language::Ja) => "%H:%M",
            (false, Language::En) => "%b %-d %H:%M",
            (false, Language::Ja) => "%-m/%-d %H:%M",
        };
        at.to_zoned(self.zone.clone()).strftime(format).to_string()
    }

    /// With its day, as people plan: `Sat Nov 28 10:00`, `11/28(土) 10:00`.
    pub(crate) fn planned(&self, at: Timestamp) -> String {
        let then = at.to_zoned(self.zone.clone());
        match self.language {
            Language::En => then.strftime("%a %b %-d %H:%M").to_string(),
            Language::Ja => format!("{}({}) {}", then.strftime("%-m/%-d"), weekday_in_japanese(then.weekday()), then.strftime("%H:%M")),
        }
    }

    /// A day in a few characters, for the head of a column: `Sat 28`, `28土`.
    pub(crate) fn column(&self, day: Date) -> String {
        match self.language {
            Language::En => day.strftime("%a %-d").to_string(),
            Language::Ja => format!("{}{}", day.day(), weekday_in_japanese(day.weekday())),
        }
    }

    /// The day that it is.
    pub(crate) fn today(&self) -> Date {
        self.date(self.now)
    }

    /// The day of a moment.
    pub(crate) fn date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// The first moment of a day.
    pub(crate) fn midnight(&self, day: Date) -> Timestamp {
        day.to_zoned(self.zone.clone()).map_or(self.now, |at| at.timestamp())
    }

    /// A moment as the fields of forms write it, and back: `2026-11-28T10:00`.
    pub(crate) fn field(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// The moment that such a field says; nothing when it says none.
    pub(crate) fn of_field(&self, text: &str) -> Option<Timestamp> {
        let then: civil::DateTime = text.parse().ok()?;
        then.to_zoned(self.zone.clone()).ok().map(|at| at.timestamp())
    }

    /// The time of day: `03:12`.
    pub(crate) fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%H:%M").to_string()
    }

    /// When it is next so late on this clock.
    pub(crate) fn next(&self, time: civil::Time) -> Timestamp {
        let now = self.now.to_zoned(self.zone.clone());
        let today = now.date().to_datetime(time).to_zoned(self.zone.clone()).map(|at| at.timestamp());
        let tomorrow = now.date().tomorrow().and_then(|day| day.to_datetime(time).to_zoned(self.zone.clone())).map(|at| at.timestamp());
        [today, tomorrow].into_iter().flatten().find(|at| *at > self.now).unwrap_or(self.now)
    }

    /// For machines and for whoever asks a browser about it: `2026-10-04T03:12:40+09:00`.
    pub(crate) fn full(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// The zone's name, which every page says once.
    pub(crate) fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// How long ago it was, or how long it is until then.
    pub(crate) fn span(&self, at: Timestamp) -> String {
        self.tongue().span(self.now.as_second().abs_diff(at.as_second()))
    }

    pub(crate) fn is_past(&self, at: Timestamp) -> bool {
        at <= self.now
    }

    pub(crate) fn tongue(&self) -> &'static dyn Tongue {
        words::tongue(self.language)
    }
}

#[cfg(test)]
mod tests {
    use hansho_domain::Language;
    use jiff::Timestamp;

    use super::Clock;

    #[test]
    fn times_are_told_on_the_readers_clock() {
        let at: Timestamp = "2026-10-03T18:12:40Z".parse().unwrap();
        for (zone, now, language, short, full, named) in [
            ("Asia/Tokyo", "2026-10-03T18:13:00Z", Language::En, "03:12", "2026-10-04T03:12:40+09:00", "Asia/Tokyo"),
            ("Asia/Tokyo", "2026-10-04T06:13:00Z", Language::En, "Oct 4 03:12", "2026-10-04T03:12:40+09:00", "Asia/Tokyo"),
            ("Asia/Tokyo", "2026-10-03T06:10:00Z", Language::Ja, "10/4 03:12", "2026-10-04T03:12:40+09:00", "Asia/Tokyo"),
            ("America/New_York", "2026-10-03T18:13:00Z", Language::Ja, "14:12", "2026-10-03T14:12:40-04:00", "America/New_York"),
            ("Mars/Olympus", "2026-10-03T18:13:00Z", Language::En, "18:12", "2026-10-03T18:12:40+00:00", "UTC"),
            ("", "2026-10-03T18:13:00Z", Language::En, "18:12", "2026-10-03T18:12:40+00:00", "UTC"),
        ] {
            let clock = Clock::new(zone, now.parse().unwrap(), language);
            assert_eq!((clock.short(at).as_str(), clock.full(at).as_str(), clock.zone()), (short, full, named), "{zone} {language:?}");
        }
    }

    #[test]
    fn spans_are_told_in_the_units_that_people_use() {
        let now: Timestamp = "2026-10-03T18:00:00Z".parse().unwrap();
        for (seconds, english, japanese) in [
            (0, "less than a minute", "1分未満"),
            (59, "less than a minute", "1分未満"),
            (60, "1 min", "1分"),
            (299, "4 min", "4分"),
            (3600, "1 h", "1時間"),
            (4800, "1 h 20 min", "1時間20分"),
            (86_399, "23 h 59 min", "23時間59分"),
            (86_400, "1 day", "1日"),
            (3 * 86_400 + 7200, "3 days", "3日"),
        ] {
            let at = now - jiff::SignedDuration::from_secs(seconds);
            assert_eq!(Clock::new("UTC", now, Language::En).span(at), english);
            assert_eq!(Clock::new("UTC", now, Language::Ja).span(at), japanese);
        }
    }
}
