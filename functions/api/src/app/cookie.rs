//! The cookie that holds a session's secret (RFC 6265bis).

use http::{HeaderMap, HeaderValue, header};

/// Kept by the browser for as long as one may (section 5.5): how long the session lasts is ours to say.
const AGE_SECONDS: u32 = 400 * 86_400;
/// Where TLS is: bound to this host, to `/` and to TLS (section 4.1.3.2), so that no neighbour can plant one.
const SECURE_NAME: &str = "__Host-session";
/// On this machine, where there is no TLS. Not every browser takes a secure cookie there.
const PLAIN_NAME: &str = "session";
/// What somebody wanted to see before they had to sign in.
const WAY_NAME: &str = "to";
/// For as long as the link of the mail signs in.
const WAY_SECONDS: u32 = 1200;
/// Most characters of a secret that is looked up at all.
const SECRET_CHARS_MAX: usize = 100;

/// The secret that the browser sent.
pub(super) fn secret(headers: &HeaderMap) -> Option<String> {
    let wanted = name(headers);
    let mut found = cookies(headers).filter(|(name, _)| *name == wanted).map(|(_, value)| value);
    let secret = found.next()?;
    // Two of one name say that somebody else has set one of them.
    if found.next().is_some() || secret.len() > SECRET_CHARS_MAX || !secret.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    Some(secret.to_owned())
}

/// Hands the secret to the browser. Pages of other sites send it with no form of theirs (`SameSite=Lax`), scripts never see it.
pub(super) fn keep(secret: &str, headers: &HeaderMap) -> Option<HeaderValue> {
    set(secret, AGE_SECONDS, headers)
}

/// Takes it away.
pub(super) fn forget(headers: &HeaderMap) -> Option<HeaderValue> {
    set("", 0, headers)
}

/// Remembers what somebody wanted to see while they wait for the mail that lets them in.
pub(super) fn keep_way(to: &str) -> Option<HeaderValue> {
    if to.is_empty() {
        return None;
    }
    HeaderValue::from_str(&format!("{WAY_NAME}={to}; Path=/s; Max-Age={WAY_SECONDS}; HttpOnly; SameSite=Lax")).ok()
}

/// What they wanted to see. Anybody may have set it.
pub(super) fn way(headers: &HeaderMap) -> Option<&str> {
    cookies(headers).find(|(name, _)| *name == WAY_NAME).map(|(_, value)| value)
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='))
}

fn set(secret: &str, age_seconds: u32, headers: &HeaderMap) -> Option<HeaderValue> {
    let name = name(headers);
    let secure = if name == SECURE_NAME { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{name}={secret}; Path=/; Max-Age={age_seconds}; HttpOnly; SameSite=Lax{secure}")).ok()
}

fn name(headers: &HeaderMap) -> &'static str {
    if is_this_machine(headers) { PLAIN_NAME } else { SECURE_NAME }
}

/// Whether the browser reaches us under a name of this machine. No page can make a browser send another `Host`.
pub(super) fn is_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    };
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::{forget, keep, secret};

    fn headers(host: &'static str, cookies: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static(host));
        for cookie in cookies {
            headers.append(header::COOKIE, HeaderValue::from_static(cookie));
        }
        headers
    }

    #[test]
    fn a_secret_is_read_from_the_cookie_of_this_host_alone() {
        for (host, cookies, expected) in [
            ("h.example", vec!["__Host-session=abc"], Some("abc")),
            ("h.example", vec!["a=b; __Host-session=abc; c=d"], Some("abc")),
            ("h.example", vec!["session=abc"], None),
            ("h.example:443", vec!["__Host-session=abc"], Some("abc")),
            ("127.0.0.1:4270", vec!["session=abc"], Some("abc")),
            ("localhost", vec!["session=abc"], Some("abc")),
            ("[::1]:4270", vec!["session=abc"], Some("abc")),
            ("127.0.0.1.evil.example", vec!["session=abc"], None),
            ("h.example", vec!["__Host-session=abc; __Host-session=def"], None),
            ("h.example", vec!["__Host-session=abc", "__Host-session=def"], None),
            ("h.example", vec!["__Host-session="], Some("")),
            ("h.example", vec!["__Host-session=a\"b"], None),
            ("h.example", vec![], None),
        ] {
            assert_eq!(secret(&headers(host, &cookies)).as_deref(), expected, "{host} {cookies:?}");
        }
    }

    #[test]
    fn a_cookie_is_for_tls_and_this_host_only_but_on_this_machine() {
        let kept = keep("abc", &headers("h.example", &[])).unwrap();
        assert_eq!(kept, "__Host-session=abc; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax; Secure");
        let kept = keep("abc", &headers("localhost:1", &[])).unwrap();
        assert_eq!(kept, "session=abc; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax");
        let gone = forget(&headers("h.example", &[])).unwrap();
        assert_eq!(gone, "__Host-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
    }
}
