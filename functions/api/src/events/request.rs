//! What a request brings, before anybody knows who sends it.

use axum::extract::Request;
use http::{HeaderMap, request::Parts};
use serde_json::{Map, Value};

use super::secret;

/// Longest event, in bytes (PagerDuty's Events API v2, "Size limits").
pub(super) const EVENT_BYTES_MAX: usize = 512 * 1024;
/// A header that may bring the key instead of the body.
const KEY_HEADER: &str = "x-routing-key";

/// Fields that hold the dedup key, by version.
const DEDUP_KEY_FIELDS: [&str; 2] = ["dedup_key", "incident_key"];

/// Length of an escape of a UTF-16 unit in JSON, in bytes: `\uD83D`.
const UNIT_BYTES: usize = 6;
/// Longest text that is looked at for a key when it is longer than an event may be, in bytes: as much as Lambda takes (Lambda
/// quotas, "Invocation payload").
const TEXT_BYTES_MAX: usize = 6 * 1024 * 1024;

/// Why a text is no event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoEvent {
    /// It can not be read, for this reason.
    Unreadable(String),
    /// It is longer than an event may be.
    TooLarge,
    /// Its key stands where another version of the Events API has it.
    OfOtherVersion,
}

/// An event as it came. It has no `Debug`, so that no log shows the key.
pub(super) struct Incoming {
    /// The key; empty when there is none.
    pub(super) secret: String,
    /// The event, or why it is none.
    pub(super) event: Result<Map<String, Value>, NoEvent>,
    /// The text of it, without keys; of one that is too long, the beginning.
    pub(super) raw: String,
}

/// Reads a request whose key stands in the field `key_field`, in the header `X-Routing-Key`, or in the address. What can not be read is
/// searched for its key: whoever sends it may be somebody.
pub(super) async fn read(request: Request, key_field: &str) -> Incoming {
    let (parts, body) = request.into_parts();
    let beside = key_beside_body(&parts);
    match axum::body::to_bytes(body, TEXT_BYTES_MAX).await {
        Ok(bytes) => incoming(&bytes, beside, key_field),
        Err(_) => too_large(beside),
    }
}

/// The event of a body; its key may stand in it or `beside` it.
pub(super) fn incoming(bytes: &[u8], beside: Option<String>, key_field: &str) -> Incoming {
    if bytes.len() > TEXT_BYTES_MAX {
        return too_large(beside);
    }
    let (mut text, mut event) = match utf_16(bytes) {
        // Whose it is can be read all the same, and what it says.
        Some(text) => (text, Err(NoEvent::Unreadable("The body is in UTF-16; send JSON in UTF-8".to_owned()))),
        None => {
            let text = whole_text(bytes);
            let event = parse(&text).map_err(NoEvent::Unreadable);
            (text, event)
        }
    };
    if text.len() > EVENT_BYTES_MAX {
        event = Err(NoEvent::TooLarge);
    }
    let key_in = |name: &str| match &event {
        Ok(event) => event.get(name).and_then(Value::as_str).map(|key| key.trim().to_owned()).filter(|key| !key.is_empty()),
        Err(_) => secret::values_of(&text, name).into_iter().next(),
    };
    let secret = match key_in(key_field).or(beside) {
        Some(secret) => secret,
        None => {
            let other = secret::FIELDS.iter().filter(|name| **name != key_field).find_map(|name| key_in(name));
            if event.is_ok() && other.is_some() {
                event = Err(NoEvent::OfOtherVersion);
            }
            other.unwrap_or_default()
        }
    };
    text.truncate(text.floor_char_boundary(EVENT_BYTES_MAX));
    let raw = secret::taken_out(&text, &secret);
    // What is made of the event is kept as well, so it is made of what is without keys.
    if let Ok(event) = &mut event {
        if let (Ok(mut without), Ok(own)) = (parse(&raw), parse(&secret::without_own(&text, &secret))) {
            keep_dedup_key(&mut without, own);
            *event = without;
        }
        event.remove(key_field);
    }
    Incoming { secret, event, raw }
}

/// The dedup key is as it was sent: what resolves an incident does not say again what was in its alert.
fn keep_dedup_key(event: &mut Map<String, Value>, mut sent: Map<String, Value>) {
    for name in DEDUP_KEY_FIELDS {
        if let Some(key) = sent.remove(name) {
            event.insert(name.to_owned(), key);
        }
    }
}

/// The key that the header `X-Routing-Key` or the address brings.
pub(crate) fn key_beside_body(parts: &Parts) -> Option<String> {
    header(&parts.headers).or_else(|| in_address(parts.uri.query().unwrap_or_default()))
}

/// What is too long to be looked at.
fn too_large(beside: Option<String>) -> Incoming {
    Incoming { secret: beside.unwrap_or_default(), event: Err(NoEvent::TooLarge), raw: String::new() }
}

/// The body as text. What is no UTF-8 in it is replaced: a host's name in another encoding is no reason to lose an alarm. The bytes are
/// told beside their mark, so that two names stay two. Nor is half of a character a reason, which is left of an emoji where a sender
/// cuts a text by UTF-16 units.
fn whole_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push(char::REPLACEMENT_CHARACTER);
            text.push_str(&format!("{byte:02x}"));
        }
    }
    with_whole_characters(text.strip_prefix('\u{feff}').unwrap_or(&text))
}

/// The text of a body in UTF-16, which begins with its mark, or with two characters of ASCII.
fn utf_16(bytes: &[u8]) -> Option<String> {
    let is_ascii = |byte: u8| byte.is_ascii() && byte != 0;
    let is_big = match *bytes {
        [0xfe, 0xff, ..] => true,
        [0xff, 0xfe, ..] => false,
        [0, first, 0, second, ..] if is_ascii(first) && is_ascii(second) => true,
        [first, 0, second, 0, ..] if is_ascii(first) && is_ascii(second) => false,
        _ => return None,
    };
    let (pairs, _) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| if is_big { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) }).collect();
    Some(String::from_utf16_lossy(&units).trim_start_matches('\u{feff}').to_owned())
}

/// JSON in which no escape is half of a surrogate pair (RFC 8259, section 8.2).
fn with_whole_characters(json: &str) -> String {
    let is_first = |unit: &u16| (0xD800..0xDC00).contains(unit);
    let is_second = |unit: &u16| (0xDC00..0xE000).contains(unit);
    let mut whole = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        whole.push_str(before);
        let (first, second) = (escaped_unit(escape), escape.get(UNIT_BYTES..).and_then(escaped_unit));
        let (taken, length) = match (first.filter(is_first), second.filter(is_second), first.filter(is_second)) {
            (Some(_), Some(_), _) => (escape.get(..2 * UNIT_BYTES), 2 * UNIT_BYTES),
            (Some(_), None, _) | (None, _, Some(_)) => (Some("\\ufffd"), UNIT_BYTES),
            // A backslash and what it escapes, which may be another backslash.
            (None, _, None) => {
                let length = escape.chars().take(2).map(char::len_utf8).sum();
                (escape.get(..length), length)
            }
        };
        whole.push_str(taken.unwrap_or_default());
        rest = escape.get(length..).unwrap_or_default();
    }
    whole + rest
}

/// The UTF-16 unit of an escape that `text` begins with.
fn escaped_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

/// The content type is not asked: what reads as a JSON object is an event. The depth is bounded by the parser (128).
fn parse(text: &str) -> Result<Map<String, Value>, String> {
    if text.trim().is_empty() {
        return Err("The body is empty; send an event as a JSON object".to_owned());
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(event)) => Ok(event),
        Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            Err("The body is no JSON object; send one event in each request".to_owned())
        }
        Err(error) => Err(format!("The body is no JSON: {error}")),
    }
}

fn header(headers: &HeaderMap) -> Option<String> {
    let key = headers.get(KEY_HEADER)?.to_str().ok()?.trim();
    (!key.is_empty()).then(|| key.to_owned())
}

fn in_address(query: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == "routing_key").map(|(_, key)| key.trim().to_owned()).filter(|key| !key.is_empty())
}

#[cfg(test)]
mod tests {
    use super::with_whole_characters;

    #[test]
    fn half_of_a_character_is_replaced_and_everything_else_stays() {
        for (text, whole) in [
            (r#"{"a":"disk \ud83d"}"#, r#"{"a":"disk \ufffd"}"#),
            (r#""\uDD25 \ud83d\udd25 \ud83d\ud83d\udd25""#, r#""\ufffd \ud83d\udd25 \ufffd\ud83d\udd25""#),
            (r#""\\ud83d \\\ud83d \n \u00e9 火""#, r#""\\ud83d \\\ufffd \n \u00e9 火""#),
            (r#""\u"#, r#""\u"#),
            (r#""\ud83"#, r#""\ud83"#),
            ("\\", "\\"),
            ("\\火", "\\火"),
        ] {
            assert_eq!(with_whole_characters(text), whole, "{text}");
        }
    }
}
