//! Telling the time as the reader's clock does.

use hansho_domain::{Language, Shift};
use jiff::{SignedDuration, Timestamp, Zoned, civil::Weekday, tz::TimeZone};

/// A time of day alone is understood for so long; later the day is told too.
const CLOCK_ALONE_SECONDS_MAX: i64 = 12 * 3600;

/// Which day a moment between two days belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Day {
    /// The one that it begins.
    First,
    /// The one that it ends.
    Last,
}

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
        self.marked(at.to_zoned(self.zone.clone()).strftime(format).to_string())
    }

    /// In full: `2026-10-04 03:12 (Asia/Tokyo)`.
    pub(crate) fn full(&self, at: Timestamp) -> String {
        let told = at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M");
        if self.is_utc() { format!("{told} (UTC)") } else { format!("{told} ({})", self.zone.iana_name().unwrap_or("UTC")) }
    }

    /// A time that is still to come, as people say it: `today 10:00`, `tomorrow 10:00`, `Monday 10:00`, `Mon Jan 11 10:00`.
    pub(crate) fn ahead(&self, at: Timestamp) -> String {
        let (then, now) = (at.to_zoned(self.zone.clone()), self.now.to_zoned(self.zone.clone()));
        let days = now.date().until(then.date()).map_or(i32::MAX, |span| span.get_days());
        let format = match (days, self.language) {
            (0, Language::En) => "today %H:%M",
            (0, Language::Ja) => "今日%H:%M",
            (1, Language::En) => "tomorrow %H:%M",
            (1, Language::Ja) => "明日%H:%M",
            (2..=6, Language::En) => "%A %H:%M",
            (_, Language::En) => "%a %b %-d %H:%M",
            (_, Language::Ja) => return self.marked(format!("{} {}", self.date(&then), then.strftime("%H:%M"))),
        };
        self.marked(then.strftime(format).to_string())
    }

    /// From when until when: `tomorrow 10:00 - Monday 10:00`.
    pub(crate) fn stretch(&self, shift: Shift) -> String {
        let mark = match self.language {
            Language::En => " - ",
            Language::Ja => "〜",
        };
        format!("{}{mark}{}", self.ahead(shift.from), self.ahead(shift.until))
    }

    /// The day alone: `Dec 29`, `12/29(火)`. The last day of a period is the one that its end is the end of.
    pub(crate) fn day(&self, at: Timestamp, which: Day) -> String {
        let at = match which {
            Day::First => at,
            Day::Last => at.saturating_sub(SignedDuration::from_nanos(1)).unwrap_or(at),
        };
        self.date(&at.to_zoned(self.zone.clone()))
    }

    fn date(&self, at: &Zoned) -> String {
        match self.language {
            Language::En => at.strftime("%b %-d").to_string(),
            Language::Ja => format!("{}({})", at.strftime("%-m/%-d"), weekday_in_japanese(at.weekday())),
        }
    }

    /// UTC is always named.
    fn marked(&self, told: String) -> String {
        if self.is_utc() { told + " UTC" } else { told }
    }

    fn is_utc(&self) -> bool {
        matches!(self.zone.iana_name(), None | Some("UTC" | "Etc/UTC"))
    }
}

#[cfg(test)]
mod tests {
    use hansho_domain::Language;
    use jiff::Timestamp;

    use super::{Clock, Day};

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

    #[test]
    fn times_ahead_are_told_as_people_say_them() {
        let now: Timestamp = "2027-01-04T01:00:00Z".parse().unwrap();
        for (at, zone, english, japanese) in [
            ("2027-01-04T05:00:00Z", "Asia/Tokyo", "today 14:00", "今日14:00"),
            ("2027-01-04T15:00:00Z", "Asia/Tokyo", "tomorrow 00:00", "明日00:00"),
            ("2027-01-04T15:00:00Z", "Europe/London", "today 15:00", "今日15:00"),
            ("2027-01-06T01:00:00Z", "Asia/Tokyo", "Wednesday 10:00", "1/6(水) 10:00"),
            ("2027-01-11T01:00:00Z", "Asia/Tokyo", "Mon Jan 11 10:00", "1/11(月) 10:00"),
            ("2027-01-05T01:00:00Z", "", "tomorrow 01:00 UTC", "明日01:00 UTC"),
            ("2027-01-03T01:00:00Z", "Asia/Tokyo", "Sun Jan 3 10:00", "1/3(日) 10:00"),
        ] {
            let told = |language| Clock::new(zone, now, language).ahead(at.parse().unwrap());
            assert_eq!((told(Language::En), told(Language::Ja)), (english.to_owned(), japanese.to_owned()), "{at} {zone}");
        }
        let clock = Clock::new("Asia/Tokyo", now, Language::Ja);
        let midnight: Timestamp = "2027-01-03T15:00:00Z".parse().unwrap();
        assert_eq!((clock.day(midnight, Day::First), clock.day(midnight, Day::Last)), ("1/4(月)".to_owned(), "1/3(日)".to_owned()));
    }
}
