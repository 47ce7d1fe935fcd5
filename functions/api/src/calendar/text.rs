//! iCalendar text (RFC 5545): lines, folded and escaped.
//!
//! Written by hand because it is this file: the crates that write calendars bring a second library of dates, random UIDs and the zones of the
//! machine into the function.

use jiff::Timestamp;

/// Longest line, in bytes without its end (RFC 5545, section 3.1).
const LINE_BYTES_MAX: usize = 75;
/// Longest text of a property, in characters; a longer one is cut.
const TEXT_CHARS_MAX: usize = 500;

/// A calendar as it is written.
#[derive(Debug, Default)]
pub(super) struct Lines(String);

impl Lines {
    /// `NAME:value`, for a value that needs no escaping.
    pub(super) fn raw(&mut self, name: &str, value: &str) {
        self.line(&format!("{name}:{value}"));
    }

    /// `NAME:value`, for text of people.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.line(&format!("{name}:{}", escaped(value)));
    }

    /// A moment, in UTC: it needs no zone's rules, and every program shows it on its owner's clock.
    pub(super) fn moment(&mut self, name: &str, at: Timestamp) {
        self.raw(name, &at.strftime("%Y%m%dT%H%M%SZ").to_string());
    }

    /// Everything that was written.
    pub(super) fn finish(self) -> String {
        self.0
    }

    /// One line, folded between characters: a line of 75 bytes, then a line break and a space, which counts.
    fn line(&mut self, line: &str) {
        let mut rest = line;
        let mut room = LINE_BYTES_MAX;
        while rest.len() > room {
            let (piece, after) = rest.split_at(rest.floor_char_boundary(room));
            self.0.push_str(piece);
            self.0.push_str("\r\n ");
            rest = after;
            room = LINE_BYTES_MAX - 1;
        }
        self.0.push_str(rest);
        self.0.push_str("\r\n");
    }
}

/// Text as a value (RFC 5545, section 3.3.11). Control characters have no place in it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars().take(TEXT_CHARS_MAX) {
        match character {
            '\\' | ';' | ',' => escaped.extend(['\\', character]),
            '\n' => escaped.push_str("\\n"),
            other if other.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{LINE_BYTES_MAX, Lines};

    #[test]
    fn lines_are_folded_at_75_bytes_and_never_inside_a_character() {
        for filler in 0..4 {
            let text = format!("{}{}", "x".repeat(filler), "鐘楼の当番".repeat(40));
            let mut lines = Lines::default();
            lines.text("SUMMARY", &text);
            let written = lines.finish();
            assert!(written.split("\r\n").all(|line| line.len() <= LINE_BYTES_MAX), "{written}");
            assert!(written.split("\r\n").any(|line| line.len() > LINE_BYTES_MAX - 4), "a line is used");
            assert_eq!(written.replace("\r\n ", ""), format!("SUMMARY:{text}\r\n"));
        }
    }

    #[test]
    fn what_means_something_in_a_calendar_is_escaped_and_no_line_can_be_smuggled_in() {
        let mut lines = Lines::default();
        lines.text("SUMMARY", "a;b,c\\d\r\nEND:VCALENDAR\u{0}");
        assert_eq!(lines.finish(), "SUMMARY:a\\;b\\,c\\\\d\\nEND:VCALENDAR\r\n");
    }
}
