//! Forms: only our own, only from our own page, and two taps are one.

use axum::extract::Request;
use http::{HeaderMap, header};

use super::{action::is_nonce, trouble::Trouble};
use crate::body;

/// The nonce that a form carries. Without one the form is still good: somebody may have posted by hand.
pub(super) async fn nonce(request: Request) -> Result<Option<String>, Trouble> {
    if is_foreign(request.headers()) {
        return Err(Trouble::ForeignForm);
    }
    let body = body::read(request.into_body()).await?;
    let mut found = None;
    for (name, value) in form_urlencoded::parse(&body) {
        if name != "nonce" || found.is_some() || !is_nonce(&value) {
            return Err(Trouble::BadForm);
        }
        found = Some(value.into_owned());
    }
    Ok(found)
}

/// Whether the page of another site sent this, as far as the browser says.
///
/// `Sec-Fetch-Site` decides where it is present, which is in every browser since 2023. `Origin: null` says nothing: it is what a
/// page that sends no referrer gives, and ours send none.
pub(crate) fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return !matches!(site, "same-origin" | "none");
    }
    match (text(header::ORIGIN), text(header::HOST)) {
        (None | Some("null"), _) => false,
        (Some(origin), host) => origin.split_once("://").map(|(_, host)| host) != host,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::is_foreign;

    #[test]
    fn a_form_from_elsewhere_is_told_by_what_the_browser_says() {
        for (given, expected) in [
            (vec![], false),
            (vec![("sec-fetch-site", "same-origin")], false),
            (vec![("sec-fetch-site", "none")], false),
            (vec![("sec-fetch-site", "same-site")], true),
            (vec![("sec-fetch-site", "cross-site")], true),
            (vec![("sec-fetch-site", "cross-site"), ("origin", "https://h.example"), ("host", "h.example")], true),
            (vec![("sec-fetch-site", "same-origin"), ("origin", "null"), ("host", "h.example")], false),
            (vec![("origin", "https://h.example"), ("host", "h.example")], false),
            (vec![("origin", "http://127.0.0.1:4270"), ("host", "127.0.0.1:4270")], false),
            (vec![("origin", "https://evil.example"), ("host", "h.example")], true),
            (vec![("origin", "https://h.example.evil.example"), ("host", "h.example")], true),
            (vec![("origin", "https://h.example")], true),
            (vec![("origin", "null"), ("host", "h.example")], false),
            (vec![("origin", "what"), ("host", "what")], true),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in &given {
                headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            assert_eq!(is_foreign(&headers), expected, "{given:?}");
        }
    }
}
