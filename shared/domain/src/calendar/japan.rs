//! Japan's national holidays, worked out from the Act on National Holidays (国民の祝日に関する法律, Act No. 178 of 1948) as it stands
//! since 2020, with the days that were moved for the Olympic Games of 2020 and 2021.
//!
//! The Cabinet Office publishes the days of a year in February of the year before
//! (<https://www8.cao.go.jp/chosei/shukujitsu/gaiyou.html>). Later years follow from the Act, except for the two equinoxes, which
//! the National Astronomical Observatory announces; the formula here gives the days that it has announced so far and those that it
//! expects. What parliament decides in the meantime can not be known: put such a day into a calendar of your own.

use jiff::civil::{Date, Weekday, date};

/// The first year that is worked out. Before it other laws were in force.
const FIRST_YEAR: i16 = 2020;
/// What the published list calls a day off that is no holiday itself: the day in place of a Sunday, and a day between two holidays.
const DAY_OFF: &str = "休日";
/// No run of days off is longer: a search along one ends.
const RUN_DAYS_MAX: usize = 10;

/// The name of the day if it is a holiday or a day off by the Act, as the published list has it.
pub(super) fn holiday(day: Date) -> Option<&'static str> {
    if day.year() < FIRST_YEAR {
        return None;
    }
    national_holiday(day).or_else(|| (is_in_place_of_sunday(day) || is_between_holidays(day)).then_some(DAY_OFF))
}

/// Article 2.
fn national_holiday(day: Date) -> Option<&'static str> {
    if let Some(moved) = moved_for_the_olympics(day) {
        return moved;
    }
    let is_monday_number = |number: i8| day.weekday() == Weekday::Monday && (day.day() - 1) / 7 + 1 == number;
    match (day.month(), day.day()) {
        (1, 1) => Some("元日"),
        (1, _) if is_monday_number(2) => Some("成人の日"),
        (2, 11) => Some("建国記念の日"),
        (2, 23) => Some("天皇誕生日"),
        (3, d) if d == vernal_equinox(day.year()) => Some("春分の日"),
        (4, 29) => Some("昭和の日"),
        (5, 3) => Some("憲法記念日"),
        (5, 4) => Some("みどりの日"),
        (5, 5) => Some("こどもの日"),
        (7, _) if is_monday_number(3) => Some("海の日"),
        (8, 11) => Some("山の日"),
        (9, _) if is_monday_number(3) => Some("敬老の日"),
        (9, d) if d == autumnal_equinox(day.year()) => Some("秋分の日"),
        (10, _) if is_monday_number(2) => Some("スポーツの日"),
        (11, 3) => Some("文化の日"),
        (11, 23) => Some("勤労感謝の日"),
        _ => None,
    }
}

/// What the Special Measures Acts for the Olympic Games made of July, August and October of 2020 and 2021. `None`: nothing special.
fn moved_for_the_olympics(day: Date) -> Option<Option<&'static str>> {
    let moved: [(Date, &str); 3] = match day.year() {
        2020 => [(date(2020, 7, 23), "海の日"), (date(2020, 7, 24), "スポーツの日"), (date(2020, 8, 10), "山の日")],
        2021 => [(date(2021, 7, 22), "海の日"), (date(2021, 7, 23), "スポーツの日"), (date(2021, 8, 8), "山の日")],
        _ => return None,
    };
    matches!(day.month(), 7 | 8 | 10).then(|| moved.into_iter().find(|(on, _)| *on == day).map(|(_, name)| name))
}

/// Article 3, paragraph 2: when a holiday falls on a Sunday, the first day after it that is no holiday is a day off.
fn is_in_place_of_sunday(day: Date) -> bool {
    if national_holiday(day).is_some() {
        return false;
    }
    let before = std::iter::successors(day.yesterday().ok(), |day| day.yesterday().ok()).take(RUN_DAYS_MAX);
    before.take_while(|day| national_holiday(*day).is_some()).any(|day| day.weekday() == Weekday::Sunday)
}

/// Article 3, paragraph 3: a day whose neighbours are both holidays.
fn is_between_holidays(day: Date) -> bool {
    let is_holiday = |day: Result<Date, jiff::Error>| day.is_ok_and(|day| national_holiday(day).is_some());
    is_holiday(day.yesterday()) && is_holiday(day.tomorrow())
}

fn vernal_equinox(year: i16) -> i8 {
    equinox(year, 20_843_100, 21_851_000)
}

fn autumnal_equinox(year: i16) -> i8 {
    equinox(year, 23_248_800, 24_248_800)
}

/// The day of the month, by the approximation of the Hydrographic Department of Japan (海上保安庁水路部 暦計算研究会,『新こよみ便利帳』):
/// a constant for 1980 to 2099 and one from 2100 on, and 0.242194 days a year, in millionths of a day.
fn equinox(year: i16, until_2099: i32, from_2100: i32) -> i8 {
    let years = i32::from(year) - 1980;
    let constant = if year < 2100 { until_2099 } else { from_2100 };
    i8::try_from((constant + 242_194 * years) / 1_000_000 - years / 4).unwrap_or_default()
}
