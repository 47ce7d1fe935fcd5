//! Days as an iCalendar file: how what an address answers is kept. The same days are the same text.

use std::{collections::BTreeMap, fmt::Write as _};

use jiff::civil::Date;

/// Longest line, in bytes, without its end (RFC 5545, section 3.1).
const LINE_BYTES_MAX: usize = 75;
/// An event has to say when it was written; the days say nothing of it.
const WRITTEN: &str = "20200101T000000Z";

/// An all-day event for each day, in order.
pub(crate) fn written(days: &BTreeMap<Date, String>) -> String {
    let mut text = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Hansho//Calendar//EN\r\n");
    for (day, name) in days {
        let number = day.strftime("%Y%m%d");
        let _ = write!(text, "BEGIN:VEVENT\r\nUID:{number}@hansho\r\nDTSTAMP:{WRITTEN}\r\nDTSTART;VALUE=DATE:{number}\r\n");
        if !name.is_empty() {
            fold(&mut text, &format!("SUMMARY:{}", escaped(name)));
        }
        text.push_str("END:VEVENT\r\n");
    }
    text.push_str("END:VCALENDAR\r\n");
    text
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars().filter(|c| !c.is_control()) {
        if matches!(c, '\\' | ';' | ',') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Writes a line, cut into lines that are not too long, between characters.
fn fold(text: &mut String, line: &str) {
    let mut length = 0;
    for c in line.chars() {
        if length + c.len_utf8() > LINE_BYTES_MAX {
            text.push_str("\r\n ");
            length = 1;
        }
        text.push(c);
        length += c.len_utf8();
    }
    text.push_str("\r\n");
}
