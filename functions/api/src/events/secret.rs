//! Keys in the text of an event: finding them where the text is no JSON, and taking them out wherever and however they are written.

/// What stands in place of a key.
const TAKEN_OUT: &str = "(key)";
/// Fields that hold keys.
const FIELDS: [&str; 2] = ["routing_key", "service_key"];
/// Shortest text in such a field that may be a key, in characters; those that are made have 32.
const KEY_CHARS_MIN: usize = 16;
/// Longest.
const KEY_CHARS_MAX: usize = 64;
/// Most keys that are taken out of one event.
const KEYS_MAX: usize = 16;
/// Most backslashes before one escape: a text in a text in a text.
const BACKSLASHES_MAX: usize = 8;

/// What stands in the field `name`, wherever that is: in JSON or in what was to be JSON, twice, in a text inside of it.
pub(super) fn values_of(text: &str, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (start, _) in text.char_indices() {
        let Some(after) = without_start(&text[start..], name) else { continue };
        let value = value(after);
        if value.chars().count() >= KEY_CHARS_MIN && !found.contains(&value) {
            found.push(value);
        }
        if found.len() == KEYS_MAX {
            break;
        }
    }
    found
}

/// The text without `secret`, and without whatever else stands where keys do.
pub(super) fn taken_out(text: &str, secret: &str) -> String {
    let mut secrets: Vec<String> = FIELDS.iter().flat_map(|name| values_of(text, name)).collect();
    // What is shorter is no key, and taking it out would take the text apart.
    secrets.extend((secret.chars().count() >= KEY_CHARS_MIN).then(|| secret.to_owned()));
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(c) = rest.chars().next() {
        match secrets.iter().find_map(|secret| without_start(rest, secret)) {
            Some(after) => {
                out.push_str(TAKEN_OUT);
                rest = after;
            }
            None => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    out
}

/// What follows the name of a field, up to where its value ends.
fn value(after: &str) -> String {
    let is_quote = |c: char| c == '"' || c == '\\' || c.is_whitespace();
    let Some(rest) = after.trim_start_matches(is_quote).strip_prefix(':') else { return String::new() };
    let mut rest = rest.trim_start_matches(|c: char| is_quote(c) && c != '\\' || c == '[');
    // An escape begins with a backslash too.
    while let Some(bare) = rest.strip_prefix('\\').filter(|bare| bare.starts_with(['"', '\\'])) {
        rest = bare.trim_start_matches('"');
    }
    let mut value = String::new();
    while let Some((c, after)) = first(rest).filter(|(c, _)| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
        value.push(c);
        if value.len() > KEY_CHARS_MAX {
            return String::new();
        }
        rest = after;
    }
    value
}

/// What follows `start` at the beginning of the text, each of whose characters may be written as an escape of JSON.
fn without_start<'t>(text: &'t str, start: &str) -> Option<&'t str> {
    start.chars().try_fold(text, |rest, wanted| first(rest).filter(|(c, _)| *c == wanted).map(|(_, after)| after))
}

/// The first character, and what follows it. `\u0041` is one, in a text inside of a text too (RFC 8259, section 7).
fn first(text: &str) -> Option<(char, &str)> {
    let backslashes = text.bytes().take(BACKSLASHES_MAX).take_while(|byte| *byte == b'\\').count();
    let escaped = text[backslashes..].strip_prefix('u').filter(|_| backslashes > 0);
    if let Some((digits, after)) = escaped.and_then(|escaped| escaped.split_at_checked(4))
        && let Some(c) = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
    {
        return Some((c, after));
    }
    let c = text.chars().next()?;
    Some((c, &text[c.len_utf8()..]))
}

#[cfg(test)]
mod tests {
    use super::{taken_out, values_of};

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
        for text in ["\\".repeat(500_000), "routing_key".repeat(40_000), "\\u0030".repeat(80_000), KEY.repeat(15_000)] {
            assert!(taken_out(&text, KEY).len() <= text.len());
        }
    }
}
