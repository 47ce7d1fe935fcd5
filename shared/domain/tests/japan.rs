//! Japan's national holidays against the list that the Cabinet Office has published.

#![expect(clippy::unwrap_used, reason = "a test that can not make its values has failed")]

use hansho_domain::Calendar;
use jiff::civil::{Date, date};

/// 内閣府「国民の祝日について」, <https://www8.cao.go.jp/chosei/shukujitsu/syukujitsu.csv>, 2020 to 2027: day and name, as published.
const PUBLISHED: &str = "
2020 01-01 元日 01-13 成人の日 02-11 建国記念の日 02-23 天皇誕生日 02-24 休日 03-20 春分の日 04-29 昭和の日 05-03 憲法記念日
     05-04 みどりの日 05-05 こどもの日 05-06 休日 07-23 海の日 07-24 スポーツの日 08-10 山の日 09-21 敬老の日 09-22 秋分の日
     11-03 文化の日 11-23 勤労感謝の日
2021 01-01 元日 01-11 成人の日 02-11 建国記念の日 02-23 天皇誕生日 03-20 春分の日 04-29 昭和の日 05-03 憲法記念日 05-04 みどりの日
     05-05 こどもの日 07-22 海の日 07-23 スポーツの日 08-08 山の日 08-09 休日 09-20 敬老の日 09-23 秋分の日 11-03 文化の日
     11-23 勤労感謝の日
2022 01-01 元日 01-10 成人の日 02-11 建国記念の日 02-23 天皇誕生日 03-21 春分の日 04-29 昭和の日 05-03 憲法記念日 05-04 みどりの日
     05-05 こどもの日 07-18 海の日 08-11 山の日 09-19 敬老の日 09-23 秋分の日 10-10 スポーツの日 11-03 文化の日 11-23 勤労感謝の日
2023 01-01 元日 01-02 休日 01-09 成人の日 02-11 建国記念の日 02-23 天皇誕生日 03-21 春分の日 04-29 昭和の日 05-03 憲法記念日
     05-04 みどりの日 05-05 こどもの日 07-17 海の日 08-11 山の日 09-18 敬老の日 09-23 秋分の日 10-09 スポーツの日 11-03 文化の日
     11-23 勤労感謝の日
2024 01-01 元日 01-08 成人の日 02-11 建国記念の日 02-12 休日 02-23 天皇誕生日 03-20 春分の日 04-29 昭和の日 05-03 憲法記念日
     05-04 みどりの日 05-05 こどもの日 05-06 休日 07-15 海の日 08-11 山の日 08-12 休日 09-16 敬老の日 09-22 秋分の日 09-23 休日
     10-14 スポーツの日 11-03 文化の日 11-04 休日 11-23 勤労感謝の日
2025 01-01 元日 01-13 成人の日 02-11 建国記念の日 02-23 天皇誕生日 02-24 休日 03-20 春分の日 04-29 昭和の日 05-03 憲法記念日
     05-04 みどりの日 05-05 こどもの日 05-06 休日 07-21 海の日 08-11 山の日 09-15 敬老の日 09-23 秋分の日 10-13 スポーツの日
     11-03 文化の日 11-23 勤労感謝の日 11-24 休日
2026 01-01 元日 01-12 成人の日 02-11 建国記念の日 02-23 天皇誕生日 03-20 春分の日 04-29 昭和の日 05-03 憲法記念日 05-04 みどりの日
     05-05 こどもの日 05-06 休日 07-20 海の日 08-11 山の日 09-21 敬老の日 09-22 休日 09-23 秋分の日 10-12 スポーツの日 11-03 文化の日
     11-23 勤労感謝の日
2027 01-01 元日 01-11 成人の日 02-11 建国記念の日 02-23 天皇誕生日 03-21 春分の日 03-22 休日 04-29 昭和の日 05-03 憲法記念日
     05-04 みどりの日 05-05 こどもの日 07-19 海の日 08-11 山の日 09-20 敬老の日 09-23 秋分の日 10-11 スポーツの日 11-03 文化の日
     11-23 勤労感謝の日
";

fn published() -> Vec<(Date, &'static str)> {
    let mut days = Vec::new();
    let (mut year, mut day) = ("", None);
    for word in PUBLISHED.split_whitespace() {
        match (word.len(), day) {
            (4, _) => year = word,
            (5, None) => day = Some(format!("{year}-{word}").parse().unwrap()),
            (_, Some(date)) => {
                days.push((date, word));
                day = None;
            }
            _ => panic!("{word}"),
        }
    }
    days
}

fn every_day(first: i16, last: i16) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(date(first, 1, 1)), |day| day.tomorrow().ok()).take_while(move |day| day.year() <= last)
}

#[test]
fn national_holidays_of_japan_equal_the_published_list_for_2020_to_2027() {
    let calendar = Calendar::japan();
    let computed: Vec<_> = every_day(2020, 2027).filter_map(|day| Some((day, calendar.holiday(day)?))).collect();
    assert_eq!(computed, published());
    assert_eq!(computed.len(), 143);
    assert!(calendar.contains(date(2026, 9, 22)), "between two holidays");
}

/// Years without a published list: every year has the sixteen holidays of the Act, and what stands in for a Sunday follows one.
#[test]
fn later_years_follow_from_the_act() {
    let calendar = Calendar::japan();
    for year in 2028..=2150 {
        let names: Vec<&str> = every_day(year, year).filter_map(|day| calendar.holiday(day)).collect();
        assert_eq!(names.iter().filter(|name| **name != "休日").count(), 16, "{year}: {names:?}");
    }
    let named = |day: Date| calendar.holiday(day).unwrap();
    // Known ahead: the run of five days of 2032, and the equinoxes that the observatory expects.
    assert_eq!(named(date(2032, 9, 21)), "休日");
    assert_eq!((named(date(2030, 3, 20)), named(date(2044, 9, 22))), ("春分の日", "秋分の日"));
    assert_eq!(calendar.runs_out_on(), None);
    assert!(every_day(2019, 2019).all(|day| !calendar.contains(day)), "before 2020 other laws were in force");
}
