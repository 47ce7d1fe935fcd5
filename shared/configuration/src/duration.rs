//! Durations (`90s`, `5m`, `1h30m`, `4h`, `1d`) and the turns of a rotation (`1 week`, `2 days`, `12 hours`).

use hansho_domain::Turn;

use crate::spelling::quoted;

const UNITS: [(char, u32); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// Reads a duration (`90s`, `1h30m`), in seconds.
///
/// # Errors
/// What is written is none; the sentence says what to write.
pub fn seconds(text: &str) -> Result<u32, String> {
    let wrong = || format!("{} is no duration; write 90s, 5m, 1h30m, 4h or 1d", quoted(text));
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(without_unit(text));
    }
    let mut total: u32 = 0;
    let mut rest = text;
    // Larger units come first and none comes twice, so what is left of the list is what may follow.
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = rest.split_at(digits);
        let unit = tail.chars().next().ok_or_else(wrong)?;
        let (_, length) = units.by_ref().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
        if number.is_empty() {
            return Err(wrong());
        }
        let part = number.parse::<u32>().ok().and_then(|n| n.checked_mul(*length));
        total = part.and_then(|part| total.checked_add(part)).ok_or_else(|| format!("{} is too long", quoted(text)))?;
        rest = &tail[unit.len_utf8()..];
    }
    if text.is_empty() { Err(wrong()) } else { Ok(total) }
}

/// A duration as a file writes it: `1h30m`.
pub(crate) fn written(seconds: u32) -> String {
    let mut rest = seconds;
    let mut text = String::new();
    for (name, length) in UNITS {
        if rest >= length {
            text += &format!("{}{name}", rest / length);
            rest %= length;
        }
    }
    if text.is_empty() { "0m".to_owned() } else { text }
}

/// The sentence for a number that might be seconds, minutes or anything.
pub(crate) fn without_unit(number: &str) -> String {
    match number.parse::<u32>() {
        Ok(number) => format!("`{number}` has no unit; write {number}s, {number}m or {number}h"),
        Err(_) => format!("{} is no duration; write 90s, 5m, 1h30m, 4h or 1d", quoted(number)),
    }
}

/// Reads how often a rotation turns.
pub(crate) fn turn(text: &str) -> Result<Turn, String> {
    let wrong = || format!("{} is no turn; write a number and hours, days, weeks or months, such as 1 week", quoted(text));
    let mut words = text.split_whitespace();
    let (Some(number), Some(unit), None) = (words.next(), words.next(), words.next()) else {
        return Err(wrong());
    };
    let number: u16 = number.parse().map_err(|_| wrong())?;
    if number == 0 {
        return Err(format!("{} would never turn; the least is 1", quoted(text)));
    }
    match unit {
        "hour" | "hours" => Ok(Turn::Hours(number)),
        "day" | "days" => Ok(Turn::Days(number)),
        "week" | "weeks" => Ok(Turn::Weeks(number)),
        "month" | "months" => Ok(Turn::Months(number)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use hansho_domain::Turn;

    use super::{seconds, turn, written};

    #[test]
    fn durations_are_numbers_with_units() {
        for (text, expected) in
            [("0m", 0), ("90s", 90), ("5m", 300), ("1h30m", 5_400), ("4h", 14_400), ("1d", 86_400), ("1d2h3m4s", 93_784)]
        {
            assert_eq!(seconds(text), Ok(expected), "{text}");
            assert_eq!(seconds(&written(expected)), Ok(expected), "{text}");
        }
        for text in [
            "",
            "5",
            "m",
            "5 m",
            "5min",
            "30m1h",
            "1h1h",
            "-5m",
            "+5m",
            "1.5h",
            "５分",
            "5M",
            "1h30",
            "99999999999d",
            "4294967295m",
            "4294967295s1s",
        ] {
            assert!(seconds(text).is_err(), "{text}");
        }
        assert_eq!(seconds("5"), Err("`5` has no unit; write 5s, 5m or 5h".to_owned()));
    }

    #[test]
    fn turns_are_hours_days_weeks_or_months() {
        assert_eq!(turn("1 week"), Ok(Turn::Weeks(1)));
        assert_eq!(turn("2 days"), Ok(Turn::Days(2)));
        assert_eq!(turn("12 hours"), Ok(Turn::Hours(12)));
        assert_eq!(turn("1 month"), Ok(Turn::Months(1)));
        for text in ["week", "1w", "0 days", "-1 days", "70000 hours", "1 week 2 days", "0 months", "1 fortnight", ""] {
            assert!(turn(text).is_err(), "{text}");
        }
    }
}
