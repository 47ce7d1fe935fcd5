//! The content lines of an iCalendar file (RFC 5545, section 3.1).

use super::Mistake;
use crate::spelling::quoted;

/// Most lines of a file, folded ones together: 5,000 events of 20 lines.
const LINES_MAX: usize = 100_000;

/// One line, unfolded: `DTSTART;VALUE=DATE:20261229`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Where it begins, counted from 1.
    pub(super) number: u32,
    /// Its name, in capitals.
    pub(super) name: String,
    /// Its parameters, their names in capitals and their values without quotation marks.
    parameters: Vec<(String, String)>,
    /// What it says.
    pub(super) value: String,
}

impl Line {
    /// The value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Every line, and the first mistake: what comes after it is not looked at, because a file that is cut or no calendar has one on
/// each line.
pub(super) fn all(text: &str) -> (Vec<Line>, Option<Mistake>) {
    let mut lines = Vec::new();
    for (number, line) in unfolded(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        if lines.is_empty() && !line.trim_end().eq_ignore_ascii_case("BEGIN:VCALENDAR") {
            let message = "is no iCalendar file, which begins with BEGIN:VCALENDAR; export the calendar as .ics (iCalendar)";
            return (lines, Some(Mistake::new(number, message)));
        }
        if lines.len() == LINES_MAX {
            let message = format!("has more than {LINES_MAX} lines; export the holidays alone");
            return (lines, Some(Mistake::new(number, message)));
        }
        match parsed(number, &line) {
            Ok(line) => lines.push(line),
            Err(mistake) => return (lines, Some(mistake)),
        }
    }
    let mistake = lines.is_empty().then(|| Mistake::new(1, "is empty; export the calendar as .ics (iCalendar)"));
    (lines, mistake)
}

/// Lines with those that continue them (they begin with a space or a tab), each with its number. Empty lines are passed over.
fn unfolded(text: &str) -> Vec<(u32, String)> {
    let mut lines: Vec<(u32, String)> = Vec::new();
    for (number, line) in (1_u32..).zip(text.split('\n')) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(more), Some((_, before))) => before.push_str(more),
            _ if line.trim().is_empty() => {}
            _ => lines.push((number, line.to_owned())),
        }
        // One more than there may be is enough to say so.
        if lines.len() > LINES_MAX + 1 {
            break;
        }
    }
    lines
}

fn parsed(number: u32, text: &str) -> Result<Line, Mistake> {
    let wrong = || Mistake::new(number, format!("{} is no line of an iCalendar file; export the calendar again", quoted(text)));
    let (head, value) = split_at_mark(text, ':').ok_or_else(wrong)?;
    let (name, mut rest) = match split_at_mark(head, ';') {
        Some((name, rest)) => (name, Some(rest)),
        None => (head, None),
    };
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(wrong());
    }
    let mut parameters = Vec::new();
    while let Some(text) = rest {
        let (parameter, more) = split_at_mark(text, ';').map_or((text, None), |(parameter, more)| (parameter, Some(more)));
        let (key, value) = parameter.split_once('=').ok_or_else(wrong)?;
        parameters.push((key.to_ascii_uppercase(), value.trim_matches('"').to_owned()));
        rest = more;
    }
    Ok(Line { number, name: name.to_ascii_uppercase(), parameters, value: value.to_owned() })
}

/// What stands before and after the first mark that is not inside of quotation marks.
fn split_at_mark(text: &str, mark: char) -> Option<(&str, &str)> {
    let mut quoted = false;
    let place = text.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == mark && !quoted
    })?;
    Some((text.get(..place.0)?, text.get(place.0 + mark.len_utf8()..)?))
}
