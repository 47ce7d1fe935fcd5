//! Foreign text without what only its owner may know.

use hansho_channels::{EmailAddress, PhoneNumber};
use hansho_domain::{IncidentId, text};

/// Longest text, in characters.
const CHARS_MAX: usize = 300;
/// Letters and digits in one word from which on it may be a key: nobody reads such a word aloud.
const SECRET_CHARS_MIN: usize = 20;

/// The text on one line, with phone numbers and mail addresses masked, and what may be a key or the address of a webhook left out.
pub(super) fn masked(told: &str) -> String {
    let line = text::one_line(told);
    let mut masked = String::new();
    for word in line.split_inclusive(|c: char| c.is_whitespace() || "\"'<>(),;`{}[]".contains(c)) {
        let end = word.char_indices().next_back().filter(|(_, c)| c.is_whitespace() || "\"'<>(),;`{}[]".contains(*c));
        let (word, after) = word.split_at(end.map_or(word.len(), |(at, _)| at));
        masked.push_str(&mask(word));
        masked.push_str(after);
    }
    text::cut(&masked, CHARS_MAX)
}

fn mask(word: &str) -> String {
    if let Some((scheme, rest)) = word.split_once("://") {
        let (host, path) = rest.split_once(['/', '?']).unwrap_or((rest, ""));
        let host = host.rsplit('@').next().unwrap_or_default();
        return format!("{scheme}://{host}{}", if path.is_empty() { "" } else { "/***" });
    }
    let plain = word.trim_end_matches(['.', ':']);
    let rest = &word[plain.len()..];
    if let Ok(email) = EmailAddress::new(plain) {
        return format!("{email}{rest}");
    }
    if let Ok(phone) = PhoneNumber::new(plain) {
        return format!("{phone}{rest}");
    }
    // A word of several parts is masked part by part: an ARN stays readable.
    word.split_inclusive([':', '/', '=', '.', '#', '|']).map(mask_part).collect()
}

fn mask_part(part: &str) -> String {
    let plain = part.trim_end_matches([':', '/', '=', '.', '#', '|']);
    let is_id = plain.parse::<IncidentId>().is_ok();
    let has = |is: fn(&char) -> bool| plain.chars().any(|c| is(&c));
    let signs = plain.chars().filter(char::is_ascii_alphanumeric).count();
    let may_be_key = signs >= SECRET_CHARS_MIN && has(char::is_ascii_digit) && has(char::is_ascii_alphabetic) && !is_id;
    if may_be_key { format!("***{}", &part[plain.len()..]) } else { part.to_owned() }
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
            ("https://hooks.slack.com/services/T0/B0/xyz said 404", "https://hooks.slack.com/*** said 404"),
            ("https://user:pass@example.com", "https://example.com"),
            ("token=ghp0123456789abcdefghij, done", "token=***, done"),
        ] {
            assert_eq!(masked(told), expected);
        }
        for (told, secret) in [("mail to aiko@example.com.", "aiko@"), ("text to +819012345678: no", "12345678")] {
            assert!(!masked(told).contains(secret), "{}", masked(told));
        }
        assert!(masked(&"x ".repeat(1_000)).chars().count() <= 300);
    }
}
