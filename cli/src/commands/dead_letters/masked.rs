//! Foreign text without what only its owner may know.

use hansho_channels::{EmailAddress, PhoneNumber};
use hansho_domain::{IncidentId, text};

/// Longest text, in characters.
const CHARS_MAX: usize = 300;
/// Letters and digits in one word from which on it may be a key: nobody reads such a word aloud.
const SECRET_CHARS_MIN: usize = 20;
/// The same of a word of digits only: an account of AWS has 12, and a time in milliseconds 13.
const SECRET_DIGITS_MIN: usize = 16;
/// Most digits of a phone number (ITU-T E.164), and those of one that is written without its country.
const PHONE_DIGITS_MAX: usize = 15;
const NATIONAL_DIGITS: std::ops::RangeInclusive<usize> = 10..=11;
/// How the name of a value ends that is a secret, however short it is.
const SECRET_NAMES: [&str; 15] = [
    "secret",
    "secrets",
    "token",
    "password",
    "passwd",
    "credential",
    "credentials",
    "authorization",
    "signature",
    "apikey",
    "api_key",
    "access_key",
    "private_key",
    "routing_key",
    "integration_key",
];
/// What stands between a name and the secret itself.
const SCHEMES: [&str; 2] = ["bearer", "basic"];
/// What ends a word, and what ends a part of one.
const WORD_ENDS: &str = "\"'<>(),;`{}[]";
const PART_ENDS: [char; 6] = [':', '/', '=', '#', '|', '&'];

/// The text on one line, with phone numbers and mail addresses masked, and what may be a key or the address of a webhook left out.
pub(super) fn masked(told: &str) -> String {
    let line = without_phones(&text::one_line(told));
    let mut reader = Reader::default();
    for word in line.split_inclusive(|c: char| c.is_whitespace() || WORD_ENDS.contains(c)) {
        let end = word.char_indices().next_back().filter(|(_, c)| c.is_whitespace() || WORD_ENDS.contains(*c));
        let (word, after) = word.split_at(end.map_or(word.len(), |(at, _)| at));
        reader.read(word);
        reader.masked.push_str(after);
    }
    text::cut(&reader.masked, CHARS_MAX)
}

/// What stood before, by which a value is known for a secret.
#[derive(Default, PartialEq, Eq)]
enum Before {
    #[default]
    Nothing,
    /// The name of a secret, which may have a value.
    Name,
    /// The same with a sign behind it: its value is next.
    Assigned,
}

#[derive(Default)]
struct Reader {
    masked: String,
    before: Before,
}

impl Reader {
    fn read(&mut self, word: &str) {
        let Some(at) = word.find("://") else { return self.read_parts(word) };
        let scheme = word[..at].rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |before| before + 1);
        self.read_parts(word.get(..scheme).unwrap_or_default());
        self.before = Before::Nothing;
        let rest = &word[at + "://".len()..];
        let (host, path) = rest.split_once(['/', '?', '#']).unwrap_or((rest, ""));
        let host = host.rsplit('@').next().unwrap_or_default();
        self.masked.push_str(word.get(scheme..at).unwrap_or_default());
        self.masked.push_str(&format!("://{host}{}", if path.is_empty() { "" } else { "/***" }));
    }

    /// A word of several parts is masked part by part: an ARN stays readable.
    fn read_parts(&mut self, word: &str) {
        for part in word.split_inclusive(PART_ENDS) {
            let plain = part.trim_end_matches(PART_ENDS);
            let end = &part[plain.len()..];
            let is_assigned = end.starts_with([':', '=']);
            let lower = plain.to_ascii_lowercase();
            if SCHEMES.contains(&lower.as_str()) {
                self.masked.push_str(part);
                self.before = Before::Assigned;
                continue;
            }
            if plain.is_empty() {
                if is_assigned && self.before == Before::Name {
                    self.before = Before::Assigned;
                }
            } else if self.before == Before::Assigned {
                self.masked.push_str("***");
                self.before = Before::Nothing;
            } else {
                self.masked.push_str(&mask(plain));
                let is_name = SECRET_NAMES.iter().any(|name| lower.replace('-', "_").ends_with(name));
                self.before = match (is_name, is_assigned) {
                    (true, true) => Before::Assigned,
                    (true, false) => Before::Name,
                    (false, _) => Before::Nothing,
                };
            }
            self.masked.push_str(end);
        }
    }
}

fn mask(part: &str) -> String {
    let plain = part.trim_end_matches('.');
    if let Ok(email) = EmailAddress::new(plain) {
        return format!("{email}{}", &part[plain.len()..]);
    }
    part.split_inclusive('.').map(mask_piece).collect()
}

fn mask_piece(piece: &str) -> String {
    let plain = piece.trim_end_matches('.');
    let is_id = plain.parse::<IncidentId>().is_ok();
    let has_digits = plain.chars().any(|c| c.is_ascii_digit());
    let has_letters = plain.chars().any(|c| c.is_ascii_alphabetic());
    let signs = plain.chars().filter(char::is_ascii_alphanumeric).count();
    let is_national = plain.starts_with('0') && NATIONAL_DIGITS.contains(&signs) && !has_letters;
    let may_be_key = has_digits && !is_id && signs >= if has_letters { SECRET_CHARS_MIN } else { SECRET_DIGITS_MIN };
    if may_be_key || is_national { format!("***{}", &piece[plain.len()..]) } else { piece.to_owned() }
}

/// The line with every phone number masked that has a `+`, whatever stands around it and however it is divided.
fn without_phones(line: &str) -> String {
    let mut masked = String::new();
    let mut rest = line;
    while let Some((before, plus, after)) = at_plus(rest) {
        masked.push_str(before);
        let number = |(digits, length): (String, usize)| Some((PhoneNumber::new(&format!("+{digits}")).ok()?, length));
        if let Some((phone, length)) = number(dialled(after, "")).or_else(|| number(dialled(after, " -()./\u{a0}"))) {
            masked.push_str(&phone.to_string());
            rest = &after[length..];
        } else {
            masked.push_str(plus);
            rest = after;
        }
    }
    masked + rest
}

/// The text before a `+`, the sign as it is written, and what follows.
fn at_plus(text: &str) -> Option<(&str, &str, &str)> {
    let found = ["+", "%2B", "%2b"].into_iter().filter_map(|plus| Some((text.find(plus)?, plus)));
    let (at, plus) = found.min_by_key(|(at, _)| *at)?;
    Some((&text[..at], plus, &text[at + plus.len()..]))
}

/// The digits at the beginning, with what may stand between them, and how many bytes they take.
fn dialled(text: &str, between: &str) -> (String, usize) {
    let (mut digits, mut length) = (String::new(), 0);
    for (at, c) in text.char_indices() {
        if c.is_ascii_digit() && (between.is_empty() || digits.len() < PHONE_DIGITS_MAX) {
            digits.push(c);
            length = at + 1;
        } else if !between.contains(c) {
            break;
        }
    }
    (digits, length)
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn addresses_and_keys_are_masked_and_what_helps_stays() {
        for (told, expected) in [
            ("the table did not answer (ThrottlingException)", "the table did not answer (ThrottlingException)"),
            ("incident 01M7X2GZC0WFZJNT9BWJCT3FT5 was refused", "incident 01M7X2GZC0WFZJNT9BWJCT3FT5 was refused"),
            ("arn:aws:lambda:x:111122223333:function:hansho-delivery:live", "arn:aws:lambda:x:111122223333:function:hansho-delivery:live"),
            ("at 2026-11-28T09:00:00+09:00 (1795910400000)", "at 2026-11-28T09:00:00+09:00 (1795910400000)"),
            ("the token of it, dedup_key=checkout-5xx: 10.0.0.1:443", "the token of it, dedup_key=checkout-5xx: 10.0.0.1:443"),
            ("ProvisionedThroughputExceededException", "ProvisionedThroughputExceededException"),
            ("https://hooks.slack.com/services/T0/B0/xyz said 404", "https://hooks.slack.com/*** said 404"),
            ("https://user:pass@example.com", "https://example.com"),
            ("to=https://example.com?to=x", "to=https://example.com/***"),
            ("token=ghp0123456789abcdefghij, done", "token=***, done"),
            ("secret=hunter2hunter2", "secret=***"),
            ("password=x&url=https://example.com", "password=***&url=https://example.com"),
            ("{\"webhook_secret\": \"hunter2\", \"at\": 5}", "{\"webhook_secret\": \"***\", \"at\": 5}"),
            ("Authorization: Bearer hunter2 was refused", "Authorization: Bearer *** was refused"),
            ("X-Api-Key: hunter2", "X-Api-Key: ***"),
            ("key 1234567890123456", "key ***"),
            ("called 09012345678 and 090-1234-5678", "called *** and ***"),
        ] {
            assert_eq!(masked(told), expected);
        }
        for (told, secret) in
            [("mail to aiko@example.com.", "aiko@"), ("mailto:aiko@example.com", "aiko"), ("to=aiko@example.com", "aiko@")]
        {
            assert!(!masked(told).contains(secret), "{}", masked(told));
        }
        assert!(masked(&"x ".repeat(1_000)).chars().count() <= 300);
    }

    #[test]
    fn a_phone_number_is_masked_wherever_it_stands() {
        for told in [
            "text to +819012345678: no",
            "to=+819012345678",
            "tel:+819012345678",
            "phone:+819012345678.",
            "sms/+819012345678/1",
            "To=%2B819012345678&Body=x",
            "{\"to\":\"+819012345678\"}",
            "x+819012345678y",
            "+819012345678 111122223333",
            "+81 90 1234 5678",
            "(+81) 90-1234-5678",
            "+81-90-1234-5678",
        ] {
            let shown = masked(told);
            assert!(!shown.contains("1234") && shown.contains("5678"), "{told}: {shown}");
            assert!(shown.contains("***"), "{told}: {shown}");
        }
    }
}
