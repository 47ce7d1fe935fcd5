//! From where messages come: the number that a phone lets through at night.

use hansho_domain::OriginationNumber;
use hansho_runtime::Settings;

/// From where messages come to a phone, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sender {
    /// The number that text messages come from: E.164, or a short code. Without it they come from numbers that change.
    pub number: Option<String>,
    /// The name that stands in the place of a number, where networks show one.
    pub name: Option<String>,
}

impl Sender {
    /// From `HANSHO_SMS_ORIGINATION_NUMBER` and `HANSHO_SMS_SENDER_ID`, as the function `delivery` has them. A wrong number is none: no text
    /// message goes out from it, and pages open all the same.
    pub fn from_settings(settings: &Settings<'_>) -> Self {
        let number = settings.optional("HANSHO_SMS_ORIGINATION_NUMBER").and_then(|number| match OriginationNumber::new(&number) {
            Ok(number) => Some(number.to_string()),
            Err(error) => {
                tracing::error!(%error, "HANSHO_SMS_ORIGINATION_NUMBER (`origination_number` of `sms`) is wrong");
                None
            }
        });
        Self { number, name: settings.optional("HANSHO_SMS_SENDER_ID") }
    }
}

#[cfg(test)]
mod tests {
    use hansho_runtime::Settings;

    use super::Sender;

    #[test]
    fn the_number_is_one_that_text_messages_come_from_and_a_wrong_one_is_none() {
        for (text, expected) in [
            ("+819012345678", Some("+819012345678")),
            ("12345", Some("12345")),
            ("", None),
            ("090-1234-5678", None),
            ("HANSHO", None),
            ("12065550100", None),
        ] {
            let lookup = |name: &str| (name == "HANSHO_SMS_ORIGINATION_NUMBER").then(|| text.to_owned());
            let settings = Settings::new(&lookup);
            assert_eq!(Sender::from_settings(&settings).number.as_deref(), expected, "{text}");
            settings.finish().unwrap();
        }
    }
}
