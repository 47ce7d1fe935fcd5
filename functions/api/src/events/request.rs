//! What a request brings, before anybody knows who sends it.

use axum::{body::Body, extract::Request};
use http::HeaderMap;
use serde_json::{Map, Value};

/// Longest event, in bytes (PagerDuty's Events API v2, "Size limits").
pub(super) const EVENT_BYTES_MAX: usize = 512 * 1024;
/// A header that may bring the key instead of the body.
const KEY_HEADER: &str = "x-routing-key";

/// An event as it came. It has no `Debug`, so that no log shows the key.
pub(super) struct Incoming {
    /// The key; empty when there is none.
    pub(super) secret: String,
    /// The event, or why it is none.
    pub(super) event: Result<Map<String, Value>, String>,
    /// The text of it, without the key.
    pub(super) raw: String,
}

/// Reads a request whose key stands in the field `key_field`, in the header `X-Routing-Key`, or in the address. `None`: it is
/// longer than an event may be.
pub(super) async fn read(request: Request, key_field: &str) -> Option<Incoming> {
    let (parts, body) = request.into_parts();
    let text = whole_text(body).await?;
    let beside = header(&parts.headers).or_else(|| in_address(parts.uri.query().unwrap_or_default()));
    let mut event = parse(&text);
    let inside = event.as_mut().ok().and_then(|event| event.remove(key_field));
    let inside = inside.as_ref().and_then(Value::as_str).map(|key| key.trim().to_owned()).filter(|key| !key.is_empty());
    let secret = inside.or(beside).unwrap_or_default();
    let raw = without(&text, &secret, &event);
    Some(Incoming { secret, event, raw })
}

/// The body as text. What is no UTF-8 in it is replaced: a host's name in another encoding is no reason to lose an alarm.
async fn whole_text(body: Body) -> Option<String> {
    let bytes = axum::body::to_bytes(body, EVENT_BYTES_MAX).await.ok()?;
    let text = String::from_utf8_lossy(&bytes);
    Some(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
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

/// The text without the key, which is stored nowhere.
fn without(text: &str, secret: &str, event: &Result<Map<String, Value>, String>) -> String {
    if secret.is_empty() {
        return text.to_owned();
    }
    match event {
        // Written with escapes it would be missed, in one of two fields of the same name too.
        Ok(event) if text.contains("\\u") || !text.contains(secret) => Value::Object(event.clone()).to_string().replace(secret, "(key)"),
        Ok(_) | Err(_) => text.replace(secret, "(key)"),
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
    use super::{parse, without};

    #[test]
    fn the_key_is_kept_nowhere_however_it_is_written() {
        for body in [
            r#"{"routing_key":"R0123456789","a":"R0123456789"}"#,
            r#"{"routing_key":"\u00520123456789","a":"b"}"#,
            r#"{"routing_key":"\u00520123456789","a":"R0123456789"}"#,
            r#"{"routing_key":"\u00520123456789","routing_key":"R0123456789"}"#,
            r#"{"a": "R0123456789""#,
        ] {
            let mut event = parse(body);
            let _key = event.as_mut().ok().and_then(|event| event.remove("routing_key"));
            let raw = without(body, "R0123456789", &event);
            assert!(!raw.contains("0123456789"), "{body}: {raw}");
        }
    }
}
