//! The number that text messages come from.

use std::fmt;

/// Digits of a number with its country code (ITU-T E.164: at most 15). The shortest in use have 7.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// Digits of a short code (SNS developer guide, "Origination identities": typically between three and seven).
const SHORT_CODE_DIGITS: std::ops::RangeInclusive<usize> = 3..=7;

/// The number that text messages come from: in E.164, or a short code, which has no country before it. It is shown to everybody who gets one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginationNumber(String);

/// Why a text is none. The sentence does not repeat the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("A number is written with its country code and digits only, such as +819012345678; a short code is 3 to 7 digits, such as 12345.")]
pub struct InvalidOriginationNumber;

impl OriginationNumber {
    /// `+819012345678`, or `12345`.
    ///
    /// # Errors
    /// Anything but `+`, a digit from 1 to 9 and 6 to 14 more digits, or 3 to 7 digits.
    pub fn new(text: &str) -> Result<Self, InvalidOriginationNumber> {
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_number = match text.strip_prefix('+') {
            Some(digits) => DIGITS.contains(&digits.len()) && is_digits(digits) && !digits.starts_with('0'),
            None => SHORT_CODE_DIGITS.contains(&text.len()) && is_digits(text),
        };
        if is_number { Ok(Self(text.to_owned())) } else { Err(InvalidOriginationNumber) }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OriginationNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::OriginationNumber;

    #[test]
    fn a_number_has_its_country_or_is_a_short_code() {
        for number in
            ["+819012345678", "+12065550100", "+1234567", "+123456789012345", "911", "1234", "12345", "123456", "1234567", "01234"]
        {
            assert_eq!(OriginationNumber::new(number).unwrap().as_str(), number);
        }
        let wrong =
            ["", "+", "12", "12345678", "12065550100", "+0123456789", "+1234", "090-1234-5678", "+81 90 1234 5678", "HANSHO", "12 45"];
        for number in wrong {
            assert!(OriginationNumber::new(number).is_err(), "{number}");
        }
    }
}
