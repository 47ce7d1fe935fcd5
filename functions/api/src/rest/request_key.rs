//! `Idempotency-Key`: the client's own name for a request, so that asking again is not asking twice.

use http::HeaderMap;

use crate::problem::Problem;

const NAME: &str = "idempotency-key";
/// Longest key, in characters.
const KEY_CHARS_MAX: usize = 255;

/// The key, if there is one.
pub(super) fn request_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get(NAME) else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| (1..=KEY_CHARS_MAX).contains(&key.len()));
    key.map(Some).ok_or_else(|| {
        Problem::bad_request(format!("Idempotency-Key must have 1 to {KEY_CHARS_MAX} printable ASCII characters, such as a UUID."))
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::request_key;

    #[test]
    fn a_key_is_short_and_printable() {
        for (key, is_one) in [("a", true), ("4f6c1f7e-0d3b-4f0e-9b1a-000000000000", true), ("", false), ("鐘", false)] {
            let mut headers = HeaderMap::new();
            headers.insert("idempotency-key", HeaderValue::from_bytes(key.as_bytes()).unwrap());
            assert_eq!(request_key(&headers).is_ok_and(|found| found == Some(key)), is_one, "{key}");
        }
        let mut headers = HeaderMap::new();
        headers.insert("idempotency-key", HeaderValue::from_bytes(&[b'a'; 256]).unwrap());
        assert!(request_key(&headers).is_err());
        assert_eq!(request_key(&HeaderMap::new()).ok(), Some(None));
    }
}
