//! Addresses: what is one, and how little of it is shown.

use hansho_channels::{Address, Method};

const SECRET: &str = "0123456789abcdef";

#[test]
fn phones() {
    for (text, shown) in [
        ("+819012345678", Some("+81******5678")),
        ("+12065550100", Some("+12*****0100")),
        ("+2901234", Some("+29***34")),
        ("+123456789012345", Some("+12*********2345")),
        ("819012345678", None),
        ("+81 90 1234 5678", None),
        ("+81-90-1234-5678", None),
        ("+0901234567", None),
        ("+123456", None),
        ("+1234567890123456", None),
        ("+81９０12345678", None),
        ("+", None),
        ("", None),
    ] {
        assert_eq!(Address::phone(text).map(|a| a.to_string()).ok().as_deref(), shown, "{text:?}");
    }
}

#[test]
fn mailboxes() {
    for (text, shown) in [
        ("aiko@example.com", Some("a***@example.com")),
        ("a+b.c_d@mail.example.co.jp", Some("a***@mail.example.co.jp")),
        ("x@localhost", Some("x***@localhost")),
        ("aiko", None),
        ("@example.com", None),
        ("aiko@", None),
        ("aiko@example..com", None),
        ("aiko@-example.com", None),
        ("a@b@example.com", None),
        ("Aiko <aiko@example.com>", None),
        ("aiko@example.com, ben@example.com", None),
        ("aiko\r\nBcc: x@example.com", None),
        (".aiko@example.com", None),
        ("愛子@example.com", None),
        ("aiko@例え.jp", None),
    ] {
        assert_eq!(Address::email(text).map(|a| a.to_string()).ok().as_deref(), shown, "{text:?}");
    }
    assert!(Address::email(&format!("{}@example.com", "a".repeat(64))).is_ok());
    assert!(Address::email(&format!("{}@example.com", "a".repeat(65))).is_err());
}

#[test]
fn webhooks() {
    for (url, secret, shown) in [
        ("https://hooks.example.com/services/T0/hidden?token=hidden", SECRET, Some("https://hooks.example.com/***")),
        ("https://hooks.example.com:8443", SECRET, Some("https://hooks.example.com/***")),
        ("http://[::1]:3000/x", SECRET, Some("http://[::1]/***")),
        ("https://user:password@example.com/", SECRET, None),
        ("ftp://example.com/", SECRET, None),
        ("//example.com/", SECRET, None),
        ("/path", SECRET, None),
        ("https:///path", SECRET, None),
        ("https://exa mple.com/", SECRET, None),
        ("", SECRET, None),
        ("https://hooks.example.com/", "too short", None),
    ] {
        assert_eq!(Address::webhook(url, secret).map(|a| a.to_string()).ok().as_deref(), shown, "{url:?}");
    }
    assert!(Address::webhook(&format!("https://example.com/{}", "a".repeat(2_048)), SECRET).is_err());
    assert!(Address::webhook("https://example.com/", &"s".repeat(257)).is_err());
}

#[test]
fn nothing_personal_is_shown_or_debugged() {
    let addresses = [
        Address::phone("+819012345678").unwrap(),
        Address::email("aiko@example.com").unwrap(),
        Address::webhook("https://example.com/hidden", SECRET).unwrap(),
    ];
    for (address, method) in addresses.into_iter().zip(Method::ALL) {
        assert_eq!(address.method(), Some(method));
        for secret in ["9012", "aiko", "hidden", SECRET] {
            let shown = format!("{address} {address:?} {address:#?}");
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
    for wrong in [
        Address::phone("+81 90-hidden"),
        Address::email("hidden"),
        Address::webhook("hidden", SECRET),
        Address::webhook("https://example.com", "hidden"),
    ] {
        let error = wrong.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hidden"), "{error}");
        assert!(error.to_string().ends_with('.'), "{error}");
    }
}
