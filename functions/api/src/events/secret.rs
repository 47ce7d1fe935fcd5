//! Keys in the text of an event: finding them where the text is no JSON, and taking them out wherever and however they are written.
//!
//! The sender's own key becomes `(key)`. Another one, in a field where keys stand, becomes `(key ...)` with the beginning of its hash, so
//! that whatever differs in it goes on to differ: `routing_key` is a word of others too, and two troubles must not become one.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use aws_smithy_types::base64;
use sha2::{Digest as _, Sha256};

/// What stands in place of the sender's key.
const TAKEN_OUT: &str = "(key)";
/// Fields that hold keys.
pub(super) const FIELDS: [&str; 2] = ["routing_key", "service_key"];
/// How long a key is, in characters: all are made here, of lower-case hexadecimal digits.
const KEY_CHARS: usize = 32;
/// Shortest text that is taken out when the sender gives it for a key, in characters. Taking out a shorter one would take the text apart.
const GIVEN_CHARS_MIN: usize = 16;
/// Most keys that are taken out of one event.
const KEYS_MAX: usize = 16;
/// Most backslashes before one escape: a text in a text in a text.
const BACKSLASHES_MAX: usize = 8;
/// How many digits of a hash tell one key from another.
const HASH_DIGITS: usize = 12;
/// Stands for a character that is in no key.
const NO_KEY: u8 = 0;

/// The keys that stand in the field `name`, wherever that is: in JSON or in what was to be JSON, twice, in a text inside of it.
pub(super) fn values_of(text: &str, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (start, _) in text.char_indices() {
        let Some(after) = without_start(&text[start..], name) else { continue };
        if let Some(value) = value(after)
            && !found.contains(&value)
        {
            found.push(value);
        }
        if found.len() == KEYS_MAX {
            break;
        }
    }
    found
}

/// The text without the sender's key `secret`, and without whatever other keys stand where keys do.
pub(super) fn taken_out(text: &str, secret: &str) -> String {
    let others = FIELDS.iter().flat_map(|name| values_of(text, name)).filter(|other| other != secret);
    let mut keys: BTreeMap<String, String> = others.map(|other| (told(&other), other)).map(|(told, other)| (other, told)).collect();
    keys.extend((secret.chars().count() >= GIVEN_CHARS_MIN).then(|| (secret.to_owned(), TAKEN_OUT.to_owned())));
    replaced(text, &keys)
}

/// The text without the sender's key `secret` alone: what has to stay as it was sent.
pub(super) fn without_own(text: &str, secret: &str) -> String {
    let keys = (secret.chars().count() >= GIVEN_CHARS_MIN).then(|| (secret.to_owned(), TAKEN_OUT.to_owned()));
    replaced(text, &keys.into_iter().collect())
}

/// What stands in place of a key that is not the sender's.
fn told(key: &str) -> String {
    let digits: String = Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("(key {})", &digits[..HASH_DIGITS])
}

/// The text with what stands for each key in its place, in one pass however many keys there are.
fn replaced(text: &str, keys: &BTreeMap<String, String>) -> String {
    let forms: Vec<(String, &str)> =
        keys.iter().flat_map(|(key, told)| in_base64(key).chain([key.clone()]).map(move |form| (form, told.as_str()))).collect();
    let Some(search) = search(&forms) else { return text.to_owned() };
    let (plain, places) = plain(text);
    let (mut out, mut copied) = (String::with_capacity(text.len()), 0);
    for found in search.find_iter(&plain) {
        let (Some((start, _)), Some((_, end))) = (places.get(found.start()), places.get(found.end() - 1)) else { continue };
        out.push_str(text.get(copied..*start).unwrap_or_default());
        out.push_str(forms[found.pattern().as_usize()].1);
        copied = *end;
    }
    out + text.get(copied..).unwrap_or_default()
}

/// Finds the longest of several forms at a place, in upper and lower case. `None` when there is nothing to be found.
fn search(forms: &[(String, &str)]) -> Option<AhoCorasick> {
    if forms.is_empty() {
        return None;
    }
    let mut builder = AhoCorasickBuilder::new();
    builder.match_kind(MatchKind::LeftmostLongest).ascii_case_insensitive(true);
    builder.build(forms.iter().map(|(form, _)| form)).ok()
}

/// A text as it is read: a byte for each character, whether it is written out or as an escape, without the ends of lines; and where in the
/// text each of them begins and ends.
fn plain(text: &str) -> (Vec<u8>, Vec<(usize, usize)>) {
    let (mut plain, mut places) = (Vec::with_capacity(text.len()), Vec::with_capacity(text.len()));
    let mut rest = text;
    loop {
        rest = without_line_end(rest);
        let Some((c, after)) = first(rest) else { return (plain, places) };
        plain.push(u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(NO_KEY));
        places.push((text.len() - rest.len(), text.len() - after.len()));
        rest = after;
    }
}

/// What a text that has `secret` in it has in it when it is written in Base64 (RFC 4648): one of three, by how many bytes stand before
/// the secret. Digits that say something about its neighbours too are left out, a few bits of it stay.
fn in_base64(secret: &str) -> impl Iterator<Item = String> {
    (0..3).flat_map(|before| {
        let bytes = [&b"..."[..before], secret.as_bytes()].concat();
        // Each digit has six bits.
        let (first, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        let digits: String = base64::encode(&bytes).chars().take(end).skip(first).collect();
        // With the alphabet for addresses too (section 5).
        [digits.replace('+', "-").replace('/', "_"), digits]
    })
}

/// The key that follows the name of a field.
fn value(after: &str) -> Option<String> {
    let is_quote = |c: char| c == '"' || c == '\\' || c.is_whitespace();
    let rest = after.trim_start_matches(is_quote).strip_prefix(':')?;
    let mut rest = rest.trim_start_matches(|c: char| is_quote(c) && c != '\\' || c == '[');
    // An escape begins with a backslash too.
    while let Some(bare) = rest.strip_prefix('\\').filter(|bare| bare.starts_with(['"', '\\'])) {
        rest = bare.trim_start_matches('"');
    }
    let mut value = String::new();
    while let Some((c, after)) = first(rest).filter(|(c, _)| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
        value.push(c);
        if value.len() > KEY_CHARS {
            return None;
        }
        rest = after;
    }
    let is_key = value.len() == KEY_CHARS && value.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    is_key.then_some(value)
}

/// What follows `start` at the beginning of the text, each of whose characters may be written as an escape of JSON or of an address,
/// and between whose characters a line may end.
fn without_start<'t>(text: &'t str, start: &str) -> Option<&'t str> {
    let mut rest = text;
    for (place, wanted) in start.chars().enumerate() {
        if place > 0 {
            rest = without_line_end(rest);
        }
        rest = first(rest).filter(|(c, _)| *c == wanted)?.1;
    }
    Some(rest)
}

/// What follows the end of a line, written out or as an escape of JSON: Base64 is often broken into lines.
fn without_line_end(text: &str) -> &str {
    ["\r\n", "\n", "\\r\\n", "\\n"].iter().find_map(|end| text.strip_prefix(end)).unwrap_or(text)
}

/// The first character, and what follows it. `\u0041` is one, in a text inside of a text too (RFC 8259, section 7), and so is `%41` (RFC
/// 3986, section 2.1).
fn first(text: &str) -> Option<(char, &str)> {
    let backslashes = text.bytes().take(BACKSLASHES_MAX).take_while(|byte| *byte == b'\\').count();
    let escaped = text[backslashes..].strip_prefix('u').filter(|_| backslashes > 0);
    if let Some((digits, after)) = escaped.and_then(|escaped| escaped.split_at_checked(4))
        && let Some(c) = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
    {
        return Some((c, after));
    }
    let digits = text.strip_prefix('%').and_then(|escaped| without_escaped_percents(escaped).split_at_checked(2));
    if let Some((digits, after)) = digits
        && let Some(byte) = u8::from_str_radix(digits, 16).ok().filter(u8::is_ascii_graphic)
    {
        return Some((char::from(byte), after));
    }
    let c = text.chars().next()?;
    Some((c, &text[c.len_utf8()..]))
}

/// What follows the percent sign of an escape, or of an escape of an escape: an address inside of an address (`%2541`).
fn without_escaped_percents(mut digits: &str) -> &str {
    while let Some(inner) = digits.strip_prefix("25").filter(|inner| inner.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2) {
        digits = inner;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::{taken_out, values_of, without_own};

    const KEY: &str = "0123456789abcdef0123456789abcdef";
    const OTHER: &str = "fedcba9876543210fedcba9876543210";

    /// Every character of the key as an escape, after so many backslashes.
    fn escaped(backslashes: usize) -> String {
        KEY.chars().map(|c| format!("{}u{:04X}", "\\".repeat(backslashes), u32::from(c))).collect()
    }

    #[test]
    fn a_key_is_taken_out_however_and_wherever_it_is_written() {
        for text in [
            format!(r#"{{"routing_key":"{KEY}","a":"{KEY}","{KEY}":["x{KEY}y"]}}"#),
            format!(r#"{{"routing_key":"{}","a":"b"}}"#, escaped(1)),
            format!(r#"{{"a": "{}""#, escaped(1)),
            format!(r#"{{"text":"{{\"routing_key\":\"{}\"}}"#, escaped(2)),
            format!("{KEY} and no JSON at all"),
        ] {
            let out = taken_out(&text, KEY);
            assert!(!out.contains("0123456789") && !out.contains("0039") && out.contains("(key)"), "{out}");
        }
    }

    #[test]
    fn another_key_in_a_field_of_keys_is_taken_out_too() {
        for text in [
            format!(r#"{{"routing_key":"{OTHER}","routing_key":"{KEY}"}}"#),
            format!(r#"{{"\u0072outing_key" : "{OTHER}","routing_key":"{KEY}"}}"#),
            format!(r#"{{"routing_key":["{OTHER}"]}}"#),
            format!(r#"{{"a":{{"service_key":"{OTHER}"}}}}"#),
            format!(r#"{{"text":"{{\"service_key\": \"{OTHER}\"}}"}}"#),
            format!(r#"{{"routing_key": "{OTHER}"#),
        ] {
            let out = taken_out(&text, KEY);
            assert!(!out.contains("9876543210"), "{out}");
        }
        let event = format!(r#"{{"dedup_key":"{OTHER}","routing_key":"{KEY}","service_key":"short"}}"#);
        assert_eq!(taken_out(&event, KEY), format!(r#"{{"dedup_key":"{OTHER}","routing_key":"(key)","service_key":"short"}}"#));
    }

    #[test]
    fn a_key_is_taken_out_percent_encoded_and_in_base64() {
        let percent = |of: &str| of.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
        for text in [percent(KEY), format!("%30{}", &KEY[1..]), format!("https://example.com/?routing_key={}&a=b", percent(KEY))] {
            let out = taken_out(&text, KEY);
            assert!(out.contains("(key)") && !out.contains("%33%34") && !out.contains("456789"), "{out}");
        }
        // Whatever stands before it, and however it is written on.
        for before in ["", "a", "ab", "user:", "{\"routing_key\":\""] {
            for after in ["", ":", "\"}"] {
                let whole = super::base64::encode(format!("{before}{KEY}{after}"));
                let broken = [&whole[..20], &whole[20..]];
                for text in [whole.clone(), whole.replace('=', "%3D"), broken.join("\r\n"), broken.join("\\n")] {
                    let out = taken_out(&format!("Basic {text}!"), KEY);
                    let left = out.replace("(key)", "");
                    assert!(
                        out.contains("(key)") && left.len() < "Basic !".len() + before.len() * 2 + after.len() * 2 + 20,
                        "{text}: {out}"
                    );
                }
            }
        }
        let other = super::base64::encode(format!("user:{OTHER}"));
        assert_eq!(taken_out(&other, KEY), other);
    }

    #[test]
    fn a_key_is_taken_out_in_upper_case_and_when_an_address_is_in_an_address() {
        let twice: String = KEY.bytes().map(|byte| format!("%25{byte:02x}")).collect();
        for text in [KEY.to_uppercase(), twice] {
            assert_eq!(taken_out(&format!("a {text} b"), KEY), "a (key) b");
        }
    }

    #[test]
    fn what_only_stands_in_a_field_of_that_name_stays_and_two_keys_stay_two() {
        let event = r#"{"payload":{"custom_details":{"routing_key":"orders-payments-high-priority"}}}"#;
        assert_eq!(taken_out(event, KEY), event);
        let event = |key: &str| format!(r#"{{"a":"{key}","custom_details":{{"routing_key":"{key}"}}}}"#);
        let (one, other) = (taken_out(&event(OTHER), KEY), taken_out(&event(&OTHER.replace('f', "a")), KEY));
        assert!(one.matches("(key ").count() == 2 && !one.contains(OTHER), "{one}");
        assert_ne!(one, other);
        assert_eq!(without_own(&event(OTHER), KEY), event(OTHER));
        assert_eq!(without_own(&event(KEY), KEY), event("(key)"));
    }

    #[test]
    fn what_is_too_short_to_be_a_key_does_not_take_the_text_apart() {
        let event = r#"{"routing_key":"k","payload":{"summary":"disk"}}"#;
        assert_eq!(taken_out(event, "k"), event);
    }

    #[test]
    fn a_key_is_found_in_what_is_no_json() {
        assert_eq!(values_of(&format!(r#"{{"payload": [}}, "routing_key" : "{KEY}", "#), "routing_key"), [KEY]);
        assert_eq!(values_of(&format!(r#"{{"routing_key":"{}"#, escaped(1)), "routing_key"), [KEY]);
        assert!(values_of(r#"{"routing_key": null, "a": "routing_key"}"#, "routing_key").is_empty());
    }

    #[test]
    fn a_long_hostile_text_takes_little_time() {
        let alike: String = ('0'..='9').map(|last| format!("\"routing_key\":\"{}{last}\",", "a".repeat(31))).collect();
        let nearly = ["a".repeat(30), "Z".to_owned()].concat().repeat(15_000);
        let texts = ["\\".repeat(500_000), "routing_key".repeat(40_000), "\\u0030".repeat(80_000), KEY.repeat(15_000), alike + &nearly];
        for text in texts {
            assert!(taken_out(&text, KEY).len() <= text.len());
        }
    }
}
