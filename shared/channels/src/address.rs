//! Where a message goes. Valid by construction, and masked wherever it is shown.

use std::{fmt, net::IpAddr};

use hansho_domain::Method;
use http::Uri;

/// Digits of a phone number with its country code (ITU-T E.164: at most 15). The shortest in use have 7.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// Longest mail address, and its part before the `@`, in bytes (RFC 5321, section 4.5.3.1; RFC 3696, erratum 1690).
const EMAIL_BYTES_MAX: usize = 254;
const EMAIL_LOCAL_BYTES_MAX: usize = 64;
/// Longest address of a webhook, in bytes.
const URL_BYTES_MAX: usize = 2_048;
/// Shortest and longest secret of a webhook, in bytes.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 16..=256;

/// Why a text is no address. The sentence never repeats the text: it may be personal, or a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidAddress(&'static str);

/// Where one message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A phone.
    Phone(PhoneNumber),
    /// A mailbox.
    Email(EmailAddress),
    /// An HTTP endpoint.
    Webhook(Endpoint),
    /// A chat channel.
    Chat(ChatAddress),
}

impl Address {
    /// A phone, in E.164: `+819012345678`.
    ///
    /// # Errors
    /// Anything but `+`, a digit from 1 to 9 and 6 to 14 more digits.
    pub fn phone(text: &str) -> Result<Self, InvalidAddress> {
        PhoneNumber::new(text).map(Self::Phone)
    }

    /// A mailbox: `aiko@example.com`.
    ///
    /// # Errors
    /// No single `@`, characters that need quoting, too long, not ASCII.
    pub fn email(text: &str) -> Result<Self, InvalidAddress> {
        EmailAddress::new(text).map(Self::Email)
    }

    /// An HTTP endpoint and the secret that requests to it are signed with.
    ///
    /// # Errors
    /// No absolute http or https address, a user name or password in it, too long, a secret outside 16 to 256 bytes.
    pub fn webhook(url: &str, secret: &str) -> Result<Self, InvalidAddress> {
        Endpoint::new(url, secret).map(Self::Webhook)
    }

    /// A chat channel, by the address of its incoming webhook.
    ///
    /// # Errors
    /// No absolute http or https address, a user name or password in it, too long.
    pub fn chat(url: &str) -> Result<Self, InvalidAddress> {
        ChatAddress::new(url).map(Self::Chat)
    }

    /// The contact method it belongs to; `None` for what is no person's.
    pub fn method(&self) -> Option<Method> {
        match self {
            Self::Phone(_) => Some(Method::Sms),
            Self::Email(_) => Some(Method::Email),
            Self::Webhook(_) => Some(Method::Webhook),
            Self::Chat(_) => None,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phone(phone) => phone.fmt(f),
            Self::Email(email) => email.fmt(f),
            Self::Webhook(endpoint) => endpoint.fmt(f),
            Self::Chat(channel) => channel.fmt(f),
        }
    }
}

/// A phone number in E.164. Shown as `+81******5678`.
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// See [`Address::phone`].
    ///
    /// # Errors
    /// As there.
    pub fn new(text: &str) -> Result<Self, InvalidAddress> {
        let wrong = InvalidAddress("A phone number is written with its country code and digits only, such as +819012345678.");
        let Some(digits) = text.strip_prefix('+') else { return Err(wrong) };
        let plausible = PHONE_DIGITS.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        if plausible { Ok(Self(text.to_owned())) } else { Err(wrong) }
    }

    /// The number itself, for the provider and nobody else.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The end tells its owner which phone; a short number keeps less of it, or nothing would be hidden.
        let shown_at_end = if self.0.len() > 10 { 4 } else { 2 };
        let hidden = self.0.len() - 3 - shown_at_end;
        write!(f, "{}{}{}", &self.0[..3], "*".repeat(hidden), &self.0[self.0.len() - shown_at_end..])
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber({self})")
    }
}

/// A mail address. Shown as `a***@example.com`.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// See [`Address::email`].
    ///
    /// # Errors
    /// As there.
    pub fn new(text: &str) -> Result<Self, InvalidAddress> {
        let wrong = InvalidAddress("A mail address is written as name@example.com, without a display name.");
        let Some((local, domain)) = text.split_once('@') else { return Err(wrong) };
        // Dot-atoms only (RFC 5322, section 3.2.3): quoted names exist on paper, and SES takes ASCII names only.
        let is_atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
        let local_is_good = (1..=EMAIL_LOCAL_BYTES_MAX).contains(&local.len()) && local.bytes().all(is_atom) && !local.starts_with('.');
        let domain_is_good = is_host_name(domain);
        if text.len() <= EMAIL_BYTES_MAX && local_is_good && domain_is_good { Ok(Self(text.to_owned())) } else { Err(wrong) }
    }

    /// The address itself, for the provider and nobody else.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// The part after the `@`.
    pub(crate) fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}***@{}", &self.0[..1], self.domain())
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress({self})")
    }
}

fn is_host_name(text: &str) -> bool {
    let is_label = |label: &str| {
        let dashed = label.starts_with('-') || label.ends_with('-');
        (1..=63).contains(&label.len()) && !dashed && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.split('.').all(is_label)
}

/// What requests to a webhook are signed with. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret's bytes, for the signature and nothing else.
    pub(crate) fn reveal(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// An HTTP endpoint. Shown as `https://hooks.example.com/***`: paths of webhooks are often secrets themselves.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    url: Uri,
    secret: Secret,
}

impl Endpoint {
    /// See [`Address::webhook`]. Whether this installation sends to it (https, no private address) is decided when
    /// something is sent.
    ///
    /// # Errors
    /// As there.
    pub fn new(url: &str, secret: &str) -> Result<Self, InvalidAddress> {
        if !SECRET_BYTES.contains(&secret.len()) {
            return Err(InvalidAddress("A webhook's secret has 16 to 256 characters."));
        }
        Ok(Self { url: web_address(url)?, secret: Secret(secret.to_owned()) })
    }

    /// The address itself, for the request and nobody else.
    pub(crate) fn url(&self) -> &Uri {
        &self.url
    }

    /// The secret, for the signature.
    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }
}

fn web_address(url: &str) -> Result<Uri, InvalidAddress> {
    let wrong =
        InvalidAddress("A webhook's address is a web address without user name and password, such as https://hooks.example.com/hansho.");
    if url.len() > URL_BYTES_MAX {
        return Err(wrong);
    }
    let Ok(url) = url.parse::<Uri>() else { return Err(wrong) };
    let is_web = matches!(url.scheme_str(), Some("https" | "http"));
    let names_nobody = url.authority().is_some_and(|a| !a.as_str().contains('@') && !a.host().is_empty());
    if is_web && names_nobody { Ok(url) } else { Err(wrong) }
}

/// The host's address, if it is written as one.
pub(crate) fn literal_address(url: &Uri) -> Option<IpAddr> {
    let host = url.host()?;
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Where a chat takes what is posted to a channel. The address is the secret: shown as `https://hooks.example.com/***`.
#[derive(Clone, PartialEq, Eq)]
pub struct ChatAddress(Uri);

impl ChatAddress {
    /// See [`Address::chat`].
    ///
    /// # Errors
    /// As there.
    pub fn new(url: &str) -> Result<Self, InvalidAddress> {
        web_address(url).map(Self)
    }

    /// The address itself, for the request and nobody else.
    pub(crate) fn url(&self) -> &Uri {
        &self.0
    }
}

impl fmt::Display for ChatAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/***", self.0.scheme_str().unwrap_or(""), self.0.host().unwrap_or(""))
    }
}

impl fmt::Debug for ChatAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChatAddress({self})")
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/***", self.url.scheme_str().unwrap_or(""), self.url.host().unwrap_or(""))
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({self})")
    }
}
