//! The form of a person's addresses. Whether anybody answers there, only a test page can tell.
//!
//! No message repeats an address: it would end up in the logs of a build.

/// Digits of a telephone number with its country code (ITU-T E.164).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;
/// Shortest and longest secret of a webhook, in bytes, as `shared/channels` takes it.
const WEBHOOK_SECRET_BYTES: std::ops::RangeInclusive<usize> = 16..=256;
/// Longest mail address (RFC 5321), in bytes, and what stands before its `@`.
const EMAIL_BYTES_MAX: usize = 254;
const EMAIL_LOCAL_BYTES_MAX: usize = 64;

/// A telephone number as `+`, country code and number.
pub(crate) fn phone(text: &str) -> Result<String, String> {
    let japanese = "a Japanese 090-1234-5678 is \"+819012345678\"";
    let Some(digits) = text.strip_prefix('+') else {
        return Err(format!("must begin with + and the country code, without the number's leading 0: {japanese}"));
    };
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("must have nothing but digits after the +, no spaces, hyphens or brackets: {japanese}"));
    }
    if digits.starts_with('0') || digits.starts_with("810") {
        return Err(format!("must have the country code after the +, and no 0 after it: {japanese}"));
    }
    if !PHONE_DIGITS.contains(&digits.len()) {
        return Err(format!("must have 8 to 15 digits, country code included: {japanese}"));
    }
    Ok(text.to_owned())
}

/// A mail address.
pub(crate) fn email(text: &str) -> Result<String, &'static str> {
    let wrong = "is no mail address; write it as aiko@example.com, without a name or brackets";
    let (local, domain) = text.split_once('@').ok_or(wrong)?;
    let odd = |c: char| c.is_whitespace() || c.is_control() || "@<>()[],;:\\\"".contains(c);
    if local.is_empty() || domain.is_empty() || local.contains(odd) || domain.contains(odd) {
        return Err(wrong);
    }
    if text.len() > EMAIL_BYTES_MAX || local.len() > EMAIL_LOCAL_BYTES_MAX {
        return Err("is longer than a mail address can be");
    }
    // SES takes ASCII names only; a mail to another would never be sent.
    if !text.is_ascii() || local.starts_with('.') {
        return Err("can not be sent to: it must have ASCII characters only, and no dot at its start");
    }
    Ok(text.to_owned())
}

/// A web address that a page is sent to.
///
/// # Errors
/// It is none: what is wrong, without the address.
pub fn webhook(text: &str) -> Result<String, &'static str> {
    let wrong = "is no address for a webhook; write it as https://example.com/page";
    let rest = text.strip_prefix("https://").ok_or("must begin with https://, so that nobody on the way can read or change a page")?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() || host.starts_with(':') || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(wrong);
    }
    if host.contains('@') {
        return Err("has a user name or password in it; use webhook_secret to prove who sends");
    }
    Ok(text.to_owned())
}

/// The web address of a calendar.
pub(crate) fn calendar(text: &str) -> Result<String, &'static str> {
    let wrong = "is no address of a calendar; write it as https://example.com/holidays.ics";
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(wrong);
    }
    let (scheme, rest) = text.split_once("://").ok_or(wrong)?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() || host.starts_with(':') {
        return Err(wrong);
    }
    if host.contains('@') {
        return Err("has a user name or password in it; use an address that is secret by itself, or a file");
    }
    match scheme {
        "https" => Ok(text.to_owned()),
        "http" if is_loopback(host) => Ok(text.to_owned()),
        "webcal" => Err("begins with webcal://; write the same with https://"),
        _ => Err("must begin with https://, so that nobody on the way can change who is woken"),
    }
}

/// Whether a host, with or without a port, is the machine itself.
fn is_loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(name, _)| name);
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

/// What signs the requests to a webhook.
///
/// # Errors
/// It is none: what is wrong, without the secret.
pub fn webhook_secret(text: &str) -> Result<String, &'static str> {
    if text.starts_with("ssm:/") {
        // It would sign as well as any other, and whoever guesses the name could too.
        return Err("is the name of a parameter, in whose place only a team of Terraform's has its value; write the secret itself");
    }
    if WEBHOOK_SECRET_BYTES.contains(&text.len()) { Ok(text.to_owned()) } else { Err("must have 16 to 256 characters") }
}

#[cfg(test)]
mod tests {
    use super::{calendar, email, phone, webhook, webhook_secret};

    #[test]
    fn a_calendar_is_read_over_https_or_from_this_machine() {
        for good in ["https://example.com/a.ics", "https://example.com:8443/a?b=c", "http://localhost:9000/a.ics", "http://[::1]:9000/"] {
            assert_eq!(calendar(good).as_deref(), Ok(good));
        }
        for bad in [
            "http://example.com/a.ics",
            "http://localhost.example.com/a.ics",
            "http://localhost@example.com/a.ics",
            "https://user:pass@example.com/a.ics",
            "webcal://example.com/a.ics",
            "file:///etc/passwd",
            "https:///a.ics",
            "https://:443/a",
            "company.ics",
            "https://example.com/a b.ics",
        ] {
            assert!(calendar(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_webhook_secret_is_neither_guessed_nor_endless() {
        assert!(webhook_secret("0123456789abcdef").is_ok());
        assert!(webhook_secret("short").is_err() && webhook_secret(&"a".repeat(257)).is_err());
        assert!(webhook_secret("ssm:/hansho/keys/dai-hook").unwrap_err().contains("the name of a parameter"));
    }

    #[test]
    fn a_phone_number_has_its_country_code() {
        for good in ["+819012345678", "+447700900123", "+12025550123"] {
            assert_eq!(phone(good).as_deref(), Ok(good));
        }
        for bad in [
            "090-1234-5678",
            "09012345678",
            "+81-90-1234-5678",
            "+8109012345678",
            "+0819012345678",
            "+81",
            "+8190123456789012",
            "+",
            "+８１９０１２３４５６７８",
        ] {
            assert!(phone(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_mail_address_has_one_at() {
        assert!(email("aiko.sato+page@example.com").is_ok());
        for bad in [
            "aiko",
            "愛子@example.com",
            ".aiko@example.com",
            "@example.com",
            "aiko@",
            "a@b@c",
            "Aiko <aiko@example.com>",
            "aiko @example.com",
            "aiko@exam ple.com",
            "a@b\r\nBcc:c",
        ] {
            assert!(email(bad).is_err(), "{bad}");
        }
        assert!(email(&format!("{}@example.com", "a".repeat(300))).is_err());
    }

    #[test]
    fn a_webhook_is_https_without_a_password() {
        assert!(webhook("https://hooks.example.com/a?b=c@d").is_ok());
        for bad in [
            "http://example.com",
            "example.com",
            "https://",
            "https:///a",
            "https://:443/",
            "https://a b.example",
            "https://me:secret@example.com/",
        ] {
            assert!(webhook(bad).is_err(), "{bad}");
        }
    }
}
