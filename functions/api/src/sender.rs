//! From where messages come: the number that a phone lets through at night.

use hansho_runtime::Settings;

/// Most digits of a number, with its `+` (E.164 allows 15 digits); short codes have fewer.
const NUMBER_CHARS: std::ops::RangeInclusive<usize> = 3..=16;

/// From where messages come to a phone, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sender {
    /// The number that text messages come from: E.164, or a short code. Without it they come from numbers that change.
    pub number: Option<String>,
    /// The name that stands in the place of a number, where networks show one.
    pub name: Option<String>,
}

impl Sender {
    /// From `HANSHO_SMS_ORIGINATION_NUMBER` and `HANSHO_SMS_SENDER_ID`, as the function `delivery` has them.
    pub fn from_settings(settings: &mut Settings<'_>) -> Self {
        let number = settings.optional("HANSHO_SMS_ORIGINATION_NUMBER");
        if let Some(wrong) = number.as_deref().filter(|number| !is_number(number)) {
            settings.problem(format!("HANSHO_SMS_ORIGINATION_NUMBER is {wrong:?}; write it as +819012345678"));
        }
        Self { number, name: settings.optional("HANSHO_SMS_SENDER_ID") }
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    NUMBER_CHARS.contains(&text.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::is_number;

    #[test]
    fn a_number_is_one_that_a_phone_knows() {
        for (text, expected) in [("+819012345678", true), ("12345", true), ("", false), ("+", false), ("HANSHO", false), ("+81 90", false)]
        {
            assert_eq!(is_number(text), expected, "{text}");
        }
    }
}
