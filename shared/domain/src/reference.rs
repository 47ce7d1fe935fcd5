//! References: web addresses that an alert brings along, beside its runbook and the page of its source.

use serde::{Deserialize, Serialize};

use crate::text;

/// Most references of an alert; whoever wants more has the payload.
pub const REFERENCES_MAX: usize = 10;
/// Longest address, in bytes.
const ADDRESS_BYTES_MAX: usize = 500;
/// Longest text, in characters.
const TEXT_CHARS_MAX: usize = 100;

/// What an address leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceKind {
    /// A page.
    Link,
    /// An image. It is never loaded for anybody: its server would learn who looks, and when.
    Image,
}

/// A web address that an alert brings along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// What it leads to.
    pub kind: ReferenceKind,
    /// The https address.
    pub address: String,
    /// What it is called; empty when nobody said so.
    pub text: String,
}

impl Reference {
    /// A reference to an https address of at most 500 bytes; `None` when it is anything else, or names a user before its host, as
    /// addresses do that want to be mistaken for others.
    pub fn new(kind: ReferenceKind, address: &str, text: &str) -> Option<Self> {
        let address = address.trim();
        let (scheme, rest) = address.split_once("://")?;
        let host = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
        let is_good = scheme.eq_ignore_ascii_case("https")
            && text::is_web_address(address)
            && address.len() <= ADDRESS_BYTES_MAX
            && !host.is_empty()
            && !host.contains('@');
        is_good.then(|| Self { kind, address: address.to_owned(), text: text::cut(&text::one_line(text), TEXT_CHARS_MAX) })
    }
}

#[cfg(test)]
mod tests {
    use super::{Reference, ReferenceKind};

    #[test]
    fn only_https_addresses_that_are_what_they_seem_are_references() {
        for (address, is_one) in [
            ("https://graphs.example.com/a?b=c#d", true),
            ("HTTPS://graphs.example.com", true),
            ("https://graphs.example.com/~a@b", true),
            ("http://graphs.example.com", false),
            ("javascript:alert(1)", false),
            ("data:text/html,https://a", false),
            ("https://good.example.com@evil.example.com/", false),
            ("https:///nowhere", false),
            ("https://evil.example.com/\u{202e}moc", false),
            ("https://a b", false),
            ("ftp://a", false),
            ("", false),
        ] {
            assert_eq!(Reference::new(ReferenceKind::Link, address, "text").is_some(), is_one, "{address:?}");
        }
        assert_eq!(Reference::new(ReferenceKind::Link, &format!("https://a/{}", "b".repeat(500)), ""), None);
        assert_eq!(Reference::new(ReferenceKind::Image, "https://a", " a\nb ").unwrap().text, "a b");
    }
}
