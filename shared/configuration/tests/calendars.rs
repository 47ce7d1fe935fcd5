//! Calendars that somebody else keeps: iCalendar files and what addresses answer, as days.
#![expect(clippy::expect_used, reason = "a test that can not go on has failed")]

use std::{collections::BTreeMap, fs, path::PathBuf};

use hansho_configuration::{Files, Gathered, differences, load_files, load_named};
use hansho_domain::{Calendar, CalendarId};
use jiff::civil::Date;

const PEOPLE: &str = "users:\n  aiko: { name: 愛子, email: aiko@example.com }\n";

/// A configuration with one calendar, which has these keys.
fn yaml(keys: &str) -> (PathBuf, String) {
    ("team.yaml".into(), format!("{PEOPLE}calendars:\n  company: {{ {keys} }}\n"))
}

/// A file of these lines in a calendar.
fn ics(lines: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n", lines.trim_start().replace('\n', "\r\n"))
}

/// An event of these lines.
fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\nUID:a@example.com\n{lines}\nEND:VEVENT\n")
}

fn read(keys: &str, text: &str) -> Result<Calendar, String> {
    match load_files(&[yaml(keys), ("company.ics".into(), text.to_owned())]) {
        Ok(loaded) => Ok(loaded.configuration.calendars()[0].clone()),
        Err(problems) => Err(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

/// The days of a file, each as `2026-12-29` with its name.
fn days_of(keys: &str, text: &str) -> BTreeMap<Date, String> {
    read(keys, text).unwrap_or_else(|problem| panic!("{problem}\n{text}")).days().dates.clone()
}

/// The days of one event on its own clock, as text.
fn days(lines: &str) -> String {
    written(&days_of("file: company.ics", &ics(&event(lines))))
}

fn written(days: &BTreeMap<Date, String>) -> String {
    days.keys().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

#[test]
fn an_event_takes_the_days_that_it_touches() {
    for (lines, expected) in [
        ("DTSTART;VALUE=DATE:20261229", "2026-12-29"),
        ("DTSTART:20261229", "2026-12-29"),
        ("DTSTART;VALUE=DATE:20261229\nDTEND;VALUE=DATE:20270101", "2026-12-29 2026-12-30 2026-12-31"),
        ("DTSTART;VALUE=DATE:20261229\nDTEND;VALUE=DATE:20261229", "2026-12-29"),
        ("DTSTART;VALUE=DATE:20261229\nDURATION:P2D", "2026-12-29 2026-12-30"),
        ("DTSTART;VALUE=DATE:20261229\nDURATION:P1W", "2026-12-29 2026-12-30 2026-12-31 2027-01-01 2027-01-02 2027-01-03 2027-01-04"),
        ("DTSTART:20261229T090000\nDTEND:20261229T180000", "2026-12-29"),
        ("DTSTART:20261229T090000", "2026-12-29"),
        ("DTSTART;TZID=Asia/Tokyo:20261229T220000\nDURATION:PT8H", "2026-12-29 2026-12-30"),
        ("DTSTART:20261229T000000\nDTEND:20261230T000000", "2026-12-29"),
        ("DTSTART:20261229T235959\nDTEND:20261230T000001", "2026-12-29 2026-12-30"),
        // Only what is from 2020 to 2049.
        ("DTSTART;VALUE=DATE:20191230\nDTEND;VALUE=DATE:20200102", "2020-01-01"),
    ] {
        assert_eq!(days(lines), expected, "{lines}");
    }
}

#[test]
fn a_rule_is_followed_with_its_exceptions_and_additions() {
    for (lines, expected) in [
        ("DTSTART;VALUE=DATE:20261229\nRRULE:FREQ=YEARLY;COUNT=3", "2026-12-29 2027-12-29 2028-12-29"),
        ("DTSTART;VALUE=DATE:20261229\nRRULE:FREQ=YEARLY;UNTIL=20281229", "2026-12-29 2027-12-29 2028-12-29"),
        ("DTSTART;VALUE=DATE:20261229\nRRULE:FREQ=YEARLY;UNTIL=20271228T235959Z", "2026-12-29"),
        ("DTSTART;VALUE=DATE:20261229\nRRULE:FREQ=YEARLY;COUNT=3\nEXDATE;VALUE=DATE:20271229", "2026-12-29 2028-12-29"),
        ("DTSTART;VALUE=DATE:20261229\nRDATE;VALUE=DATE:20270105,20270106", "2026-12-29 2027-01-05 2027-01-06"),
        ("DTSTART;VALUE=DATE:20260112\nRRULE:FREQ=YEARLY;BYMONTH=1;BYDAY=2MO;COUNT=3", "2026-01-12 2027-01-11 2028-01-10"),
        // As Outlook writes it.
        ("DTSTART;VALUE=DATE:20260112\nRRULE:FREQ=YEARLY;BYDAY=MO;BYMONTH=1;BYSETPOS=2;COUNT=2", "2026-01-12 2027-01-11"),
        ("DTSTART;VALUE=DATE:20260130\nRRULE:FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1;COUNT=3", "2026-01-30 2026-02-27 2026-03-27"),
        // On its own clock, whatever the exception's.
        (
            "DTSTART;TZID=Asia/Tokyo:20261228T090000\nRRULE:FREQ=DAILY;UNTIL=20261230T000000Z\nEXDATE:20261229T000000Z",
            "2026-12-28 2026-12-30",
        ),
        ("DTSTART;TZID=Asia/Tokyo:20261228T090000\nRRULE:FREQ=DAILY;UNTIL=20261229T235959Z", "2026-12-28 2026-12-29"),
        ("DTSTART;TZID=Tokyo Standard Time:20261228T090000\nRRULE:FREQ=DAILY;UNTIL=20261229T000000Z", "2026-12-28 2026-12-29"),
        ("DTSTART:20261228T090000\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20261229", "2026-12-28 2026-12-30"),
        // A start on which the rule does not occur is a day all the same, and counts.
        ("DTSTART;VALUE=DATE:20261229\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2", "2026-12-29 2027-01-04"),
        // A rule that goes on ends with 2049.
        ("DTSTART;VALUE=DATE:20471229\nRRULE:FREQ=YEARLY", "2047-12-29 2048-12-29 2049-12-29"),
        // The year of a birthday that nobody knows.
        ("DTSTART;VALUE=DATE:16041010\nRRULE:FREQ=YEARLY;UNTIL=20211010", "2020-10-10 2021-10-10"),
    ] {
        assert_eq!(days(lines), expected, "{lines}");
    }
}

#[test]
fn one_of_a_series_that_was_moved_or_called_off_is_not_where_it_was() {
    let series = event("DTSTART;VALUE=DATE:20261228\nRRULE:FREQ=DAILY;COUNT=4\nSUMMARY:休業");
    let moved = event("RECURRENCE-ID;VALUE=DATE:20261229\nDTSTART;VALUE=DATE:20270105\nSUMMARY:振替休業");
    let called_off = event("RECURRENCE-ID;VALUE=DATE:20261230\nDTSTART;VALUE=DATE:20261230\nSTATUS:CANCELLED");
    // In whichever order they stand.
    for text in [format!("{series}{moved}{called_off}"), format!("{called_off}{moved}{series}")] {
        let days = days_of("file: company.ics", &ics(&text));
        assert_eq!(written(&days), "2026-12-28 2026-12-31 2027-01-05");
        assert_eq!(days[&"2027-01-05".parse().expect("a day")], "振替休業");
    }
    let other = "BEGIN:VEVENT\nUID:b@example.com\nRECURRENCE-ID;VALUE=DATE:20261229\nDTSTART;VALUE=DATE:20270105\nEND:VEVENT\n";
    assert!(written(&days_of("file: company.ics", &ics(&format!("{series}{other}")))).contains("2026-12-29"), "it is of another series");
}

#[test]
fn one_of_a_series_that_stands_for_all_that_follow_moves_them_with_it() {
    let series = event("DTSTART;VALUE=DATE:20261228\nRRULE:FREQ=WEEKLY;COUNT=6\nEXDATE;VALUE=DATE:20270118\nSUMMARY:休業");
    let dates = |changes: &[&str]| {
        let changes: Vec<String> = changes.iter().map(|change| event(change)).collect();
        // In whichever order they stand.
        let text = |parts: Vec<String>| days_of("file: company.ics", &ics(&parts.concat()));
        let days = text([vec![series.clone()], changes.clone()].concat());
        assert_eq!(days, text([changes, vec![series.clone()]].concat()));
        days
    };
    let moved = "RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20270111\nDTSTART;VALUE=DATE:20270112\nDURATION:P2D\nSUMMARY:棚卸し";
    let days = dates(&[moved]);
    assert_eq!(written(&days), "2026-12-28 2027-01-04 2027-01-12 2027-01-13 2027-01-26 2027-01-27 2027-02-02 2027-02-03");
    assert_eq!((days.values().nth(1).map(String::as_str), days.values().next_back().map(String::as_str)), (Some("休業"), Some("棚卸し")));
    // A later change takes over, one of a single day stands, and the series can be called off from a day on.
    let back = "RECURRENCE-ID;VALUE=DATE;RANGE=ThisAndFuture:20270201\nDTSTART;VALUE=DATE:20270201";
    let single = "RECURRENCE-ID;VALUE=DATE:20270125\nDTSTART;VALUE=DATE:20270129";
    assert_eq!(written(&dates(&[moved, back, single])), "2026-12-28 2027-01-04 2027-01-12 2027-01-13 2027-01-29 2027-02-01");
    let off = "RECURRENCE-ID;VALUE=DATE;RANGE=THISANDFUTURE:20270111\nDTSTART;VALUE=DATE:20270111\nSTATUS:CANCELLED";
    assert_eq!(written(&dates(&[off])), "2026-12-28 2027-01-04");
    // On the clocks of the series and of the change: from Tuesday on it begins at 22:00 and lasts over midnight.
    let nightly = event("DTSTART;TZID=Asia/Tokyo:20261228T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3");
    let later = event("RECURRENCE-ID;RANGE=THISANDFUTURE:20261229T000000Z\nDTSTART;TZID=Asia/Tokyo:20261229T220000\nDURATION:PT4H");
    assert_eq!(written(&days_of("file: company.ics", &ics(&format!("{nightly}{later}")))), "2026-12-28 2026-12-29 2026-12-30 2026-12-31");
}

#[test]
fn a_change_for_all_that_follow_which_can_not_be_followed_is_told_with_its_line() {
    let series = event("DTSTART;VALUE=DATE:20261228\nRRULE:FREQ=DAILY;COUNT=4");
    let change =
        |range: &str, more: &str| event(&format!("RECURRENCE-ID;RANGE={range};VALUE=DATE:20261229\nDTSTART;VALUE=DATE:20261229{more}"));
    for (text, place, sentence) in [
        (format!("{series}{}", change("THISANDPRIOR", "")), 10, "end the series with UNTIL and add another one"),
        (format!("{series}{}", change("THISANDFUTURE", "\nRRULE:FREQ=DAILY;COUNT=2")), 12, "make this one of its own"),
        (format!("{series}{}", change("THISANDFUTURE", "\nEXDATE;VALUE=DATE:20261230")), 12, "make this one of its own"),
        (change("THISANDFUTURE", ""), 5, "of a series that is not in the file; export the whole calendar"),
        (format!("{series}{}", change("THISANDFUTURE", "").repeat(101)), 508, "is change number 101 of one series; 100 are the most"),
    ] {
        let told = read("file: company.ics", &ics(&text)).expect_err("a problem");
        assert!(told.contains(&format!("company.ics:{place}:")) && told.contains(sentence), "{place} {sentence}: {told}");
    }
}

#[test]
fn a_time_falls_on_the_day_of_the_clock_that_is_asked_for() {
    let utc = event("DTSTART:20261228T150000Z\nDTEND:20261229T150000Z");
    let new_york = event("DTSTART;TZID=America/New_York:20261228T200000\nDTEND;TZID=America/New_York:20261228T210000");
    let windows = event("DTSTART;TZID=\"Eastern Standard Time\":20261228T200000\nDURATION:PT1H");
    let of_file = format!("X-WR-TIMEZONE:Asia/Tokyo\n{utc}");
    // Every Monday evening in New York is a Tuesday in Tokyo.
    let mondays = event("DTSTART;TZID=America/New_York:20261207T200000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2");
    let all_day = event("DTSTART;VALUE=DATE:20261228");
    for (keys, text, expected) in [
        ("file: company.ics, time_zone: Asia/Tokyo", &utc, "2026-12-29"),
        ("file: company.ics, time_zone: UTC", &utc, "2026-12-28 2026-12-29"),
        ("file: company.ics", &of_file, "2026-12-29"),
        ("file: company.ics, time_zone: UTC", &of_file, "2026-12-28 2026-12-29"),
        ("file: company.ics", &new_york, "2026-12-28"),
        ("file: company.ics, time_zone: Asia/Tokyo", &new_york, "2026-12-29"),
        ("file: company.ics, time_zone: Asia/Tokyo", &windows, "2026-12-29"),
        ("file: company.ics, time_zone: Asia/Tokyo", &mondays, "2026-12-08 2026-12-15"),
        ("file: company.ics", &mondays, "2026-12-07 2026-12-14"),
        ("file: company.ics, time_zone: Asia/Tokyo", &all_day, "2026-12-28"),
    ] {
        assert_eq!(written(&days_of(keys, &ics(text))), expected, "{keys}\n{text}");
    }
}

#[test]
fn names_are_read_from_folded_and_escaped_lines_and_the_first_of_a_day_counts() {
    let text = "\u{feff}begin:vcalendar\nX-ODD;X-A=\"b;c:d\":e\nbegin:vevent\ndtstart;value=date:20261229\nsummary;language=ja:年末\\, 年始\\n\n \u{3000}休業\n\t日\\;\\\\\nend:vevent\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261229\nSUMMARY:another\nEND:VEVENT\nBEGIN:VTODO\nDTSTART;VALUE=DATE:20270101\nEND:VTODO\nEND:VCALENDAR";
    let days = days_of("file: company.ics", text);
    assert_eq!(days, BTreeMap::from([("2026-12-29".parse().expect("a day"), "年末, 年始 \u{3000}休業日;\\".to_owned())]));
}

#[test]
fn the_days_of_a_file_are_holidays_of_the_hours_and_of_whatever_includes_it() {
    let text = format!(
        "{PEOPLE}calendars:\n  company: {{ file: company.ics, days: [2026-06-01] }}\n  all: {{ include: [company] }}\nhours:\n  office: {{ time_zone: Asia/Tokyo, windows: [{{ from: \"09:00\", to: \"18:00\" }}], holidays: [all] }}\n"
    );
    let calendar = ics(&event("DTSTART;VALUE=DATE:20261229\nSUMMARY:休業"));
    let loaded =
        load_files(&[("sub/team.yaml".into(), text), ("sub/company.ics".into(), calendar), ("sub/other.ics".into(), "x".to_owned())]);
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems:#?}"));
    let hours = &loaded.configuration.hours()[0];
    let open = |at: &str| hours.is_inside(at.parse().expect("a moment"));
    assert!(open("2026-12-28T10:00+09:00") && !open("2026-12-29T10:00+09:00") && !open("2026-06-01T10:00+09:00"));
    // The file belongs to the version's text; one that nobody names does not.
    assert_eq!(loaded.files.keys().collect::<Vec<_>>(), ["sub/company.ics", "sub/team.yaml"]);
    let again = load_named(&loaded.files).unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!(again.configuration, loaded.configuration);
}

#[test]
fn a_file_that_can_not_be_read_or_is_too_large_is_told_with_its_name_and_line() {
    let folder = std::env::temp_dir().join(format!("hansho-calendars-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("team.yaml"), yaml("file: company.ics").1).expect("written");
    let told = |bytes: &[u8]| {
        fs::write(folder.join("company.ics"), bytes).expect("written");
        Gathered::from_folder(&folder).load().expect_err("problems").iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ")
    };
    let shift_jis = [b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:".as_slice(), &[0x8b, 0x78, 0x93, 0xfa]].concat();
    assert_eq!(told(&shift_jis), "company.ics:3:1: is not UTF-8 from here on; save the file as UTF-8, not as Shift_JIS or UTF-16");
    let large = ics(&event("DTSTART;VALUE=DATE:20261229").repeat(120_000));
    assert!(large.len() > 8_000_000);
    assert_eq!(told(large.as_bytes()), "company.ics: is larger than 2 MB; divide it into several files");
    let utf_16: Vec<u8> = ics(&event("DTSTART;VALUE=DATE:20261229")).encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(told(&utf_16).contains("company.ics:1:1"), "{}", told(&utf_16));
    fs::remove_file(folder.join("company.ics")).expect("removed");
    fs::create_dir(folder.join("company.ics")).expect("a folder");
    let told = Gathered::from_folder(&folder).load().expect_err("problems");
    assert_eq!(
        told.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["company.ics: is no ordinary file; remove it, or give it another name"]
    );
    fs::remove_dir_all(folder).expect("removed");
}

/// Files made to exhaust whoever reads them: each is refused with a line, in the time of a test.
#[test]
fn a_file_made_to_exhaust_its_reader_is_refused() {
    let every_day = event("DTSTART;VALUE=DATE:20200101\nRRULE:FREQ=DAILY");
    let never = event("DTSTART;VALUE=DATE:20260130\nRRULE:FREQ=YEARLY;INTERVAL=1000;BYMONTH=2;BYMONTHDAY=30");
    let past = event("DTSTART;VALUE=DATE:16000101\nRRULE:FREQ=DAILY;UNTIL=20191231");
    let long = event("DTSTART;VALUE=DATE:20000101\nDTEND;VALUE=DATE:20001231\nRRULE:FREQ=DAILY");
    let dates = (0..200_000).map(|n| format!("2{:03}0101", n % 1_000)).collect::<Vec<_>>().join(",");
    for (text, sentence) in [
        (every_day.repeat(5_000), "the events stand for more than 100000 days"),
        (never.repeat(6_000), "is event number 5001; 5000 are the most"),
        (past.repeat(4_000), "the events stand for more than 100000 days"),
        (long.repeat(5_000), "the events stand for more than 100000 days"),
        (event(&format!("DTSTART;VALUE=DATE:20261229\nRDATE;VALUE=DATE:{dates}")), "nothing wrong"),
        ("BEGIN:X\n".repeat(90_000), "is nested deeper than 10 parts"),
        ("A:b\n".repeat(150_000), "has more than 100000 lines"),
        (format!("BEGIN:VEVENT\nDTSTART:20261229{}\nEND:VEVENT\n", ";".repeat(1_000_000)), "which is no date"),
        (event("DTSTART;VALUE=DATE:00010101\nRRULE:FREQ=DAILY"), "is an event before the year 1600"),
        (event("DTSTART;VALUE=DATE:99991231\nDURATION:P366D\nRRULE:FREQ=YEARLY"), "has no event between 2020 and 2049"),
        (event("DTSTART;VALUE=DATE:20261229\nDURATION:P99999999999D"), "DURATION is"),
    ] {
        let told = read("file: company.ics", &ics(&text)).map_or_else(|problem| problem, |_| "nothing wrong".to_owned());
        assert!(told.contains(sentence) && told.len() < 5_000, "{sentence}: {}", told.chars().take(500).collect::<String>());
    }
}

/// Cut anywhere, and with any of its bytes replaced, a file is read or refused, and nothing else happens.
#[test]
fn a_mutilated_file_is_read_or_refused() {
    let whole = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/valid/office.ics")).expect("the file");
    let mut refused = 0;
    for (place, _) in whole.char_indices() {
        refused += usize::from(read("file: company.ics", &whole[..place]).is_err());
        // One of them at each place; all of them are had soon enough.
        for with in ["", ":", ";", "\"", "\n", "Z", "9", "-", "\0", "日"].into_iter().skip(place % 10).take(1) {
            let next = whole[place..].chars().next().map_or(0, char::len_utf8);
            let text = format!("{}{with}{}", &whole[..place], &whole[place + next..]);
            let _ = read("file: company.ics, time_zone: Asia/Tokyo", &text);
        }
    }
    assert!(refused > 500, "what is cut off is refused: {refused}");
}

const ADDRESS: &str = "url: \"https://calendar.example.com/private-0a1b/basic.ics\"";

/// The files with what the address answered.
fn answered(answer: &[u8], into: Option<&Files>) -> Result<Files, Vec<String>> {
    let folder = std::env::temp_dir().join(format!("hansho-address-{}-{:?}", std::process::id(), std::thread::current().id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("fetched")).expect("a folder");
    let team = yaml(ADDRESS).1;
    for (name, text) in into.into_iter().flatten().map(|(name, text)| (name.as_str(), text)).chain([("team.yaml", &team)]) {
        fs::write(folder.join(name), text).expect("written");
    }
    let mut gathered = Gathered::from_folder(&folder);
    fs::remove_dir_all(folder).expect("removed");
    let addresses = gathered.addresses();
    assert_eq!(
        addresses.iter().map(|address| address.url.as_str()).collect::<Vec<_>>(),
        ["https://calendar.example.com/private-0a1b/basic.ics"]
    );
    assert!(!format!("{addresses:?}").contains("private-0a1b"), "whoever knows the address can read the calendar");
    gathered.answered(&addresses[0], answer);
    gathered.load().map(|loaded| loaded.files).map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

#[test]
fn what_an_address_answers_is_kept_as_days_and_is_the_same_as_long_as_they_are() {
    let answer = |written: &str, day: &str| {
        let lines = format!("DTSTAMP:{written}\nDTSTART:{day}T150000Z\nDURATION:PT24H\nSUMMARY:休業\nATTENDEE:mailto:aiko@example.com");
        ics(&format!("X-WR-TIMEZONE:Asia/Tokyo\n{}", event(&lines)))
    };
    let files = answered(answer("20261101T000000Z", "20261228").as_bytes(), None).expect("no problems");
    let kept = &files["fetched/company.ics"];
    assert!(kept.contains("DTSTART;VALUE=DATE:20261229\r\n") && kept.contains("SUMMARY:休業") && !kept.contains("ATTENDEE"), "{kept}");
    // The function that puts it in force has the files and asks nobody.
    let company = load_named(&files).expect("no problems").configuration.calendars()[0].clone();
    assert_eq!(
        (company.id().clone(), company.holiday("2026-12-29".parse().expect("a day"))),
        (CalendarId::new("company").expect("a name"), Some("休業"))
    );
    let later = answered(answer("20261102T112233Z", "20261228").as_bytes(), Some(&files)).expect("no problems");
    assert_eq!(later, files, "another time of writing is no change");
    // Another day is one, and a plan shows it.
    let moved = answered(answer("20261102T112233Z", "20261229").as_bytes(), Some(&files)).expect("no problems");
    let changes = differences(&files, &moved).expect("no problems");
    let told: Vec<String> = changes.iter().flat_map(|c| &c.fields).map(|f| format!("{} {:?} {:?}", f.path, f.before, f.after)).collect();
    assert_eq!(
        told,
        ["days of fetched/company.ics.2026-12-29 Some(\"休業\") None", "days of fetched/company.ics.2026-12-30 None Some(\"休業\")"]
    );
    assert_eq!((changes.len(), changes[0].section.as_str(), changes[0].name.as_deref()), (1, "calendars", Some("company")));
}

#[test]
fn what_is_wrong_with_an_answer_is_told_where_the_address_stands() {
    let place = "team.yaml:4:19: calendars.company.url: ";
    let told = |answer: &[u8]| answered(answer, None).expect_err("problems").join(" | ");
    let page =
        "line 1 of what it answers: is no iCalendar file, which begins with BEGIN:VCALENDAR; export the calendar as .ics (iCalendar)";
    assert_eq!(told(b"<html>Log in</html>"), format!("{place}{page}"));
    assert_eq!(
        told(b"BEGIN:VCALENDAR\n\xff"),
        format!("{place}line 2 of what it answers is not UTF-8 from here on; save the file as UTF-8, not as Shift_JIS or UTF-16")
    );
    let rule = ics(&event("DTSTART;VALUE=DATE:20261229\nRRULE:FREQ=YEARLY;BYWEEKNO=1"));
    assert!(
        told(rule.as_bytes()).starts_with(&format!("{place}line 6 of what it answers: RRULE BYWEEKNO is not supported")),
        "{}",
        told(rule.as_bytes())
    );
}

#[test]
fn an_address_that_does_not_answer_is_a_problem_even_where_an_earlier_answer_is_there() {
    let folder = std::env::temp_dir().join(format!("hansho-silent-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("fetched")).expect("a folder");
    fs::write(folder.join("team.yaml"), yaml(ADDRESS).1).expect("written");
    fs::write(folder.join("fetched/company.ics"), ics(&event("DTSTART;VALUE=DATE:20261229"))).expect("written");
    let mut gathered = Gathered::from_folder(&folder);
    fs::remove_dir_all(&folder).expect("removed");
    // Without asking, the days of the folder hold.
    let offline = gathered.clone().load().expect("no problems");
    assert!(offline.configuration.calendars()[0].contains("2026-12-29".parse().expect("a day")));
    let address = gathered.addresses().remove(0);
    gathered.unanswered(&address, "nobody answers there");
    let told: Vec<String> = gathered.load().expect_err("problems").iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "team.yaml:4:19: calendars.company.url: its calendar can not be read: nobody answers there; try again, or say --offline to go by the days of fetched/company.ics, which `hansho export` writes"
        ]
    );
}
