//! Identifiers, valid by construction.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Longest name of a user, team, schedule, policy, destination, service or integration, in bytes.
const SLUG_BYTES_MAX: usize = 40;
/// Longest dedup key, in bytes. PagerDuty's Events API allows 255 characters; alarm ARNs with a contributor reach about 350.
const DEDUP_KEY_BYTES_MAX: usize = 512;
/// Longest id of an input, in bytes.
const INPUT_ID_BYTES_MAX: usize = 80;
/// What stands between the name of a request and what it asks, in the id of an input.
const CONTENT_MARK: char = '/';

/// A name that can not be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a valid {kind}: {why}")]
pub struct InvalidId {
    kind: &'static str,
    text: String,
    why: &'static str,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks `text` and keeps it. Errors say what is allowed.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                let check: fn(&str) -> Result<(), &'static str> = $check;
                match check(&text) {
                    Ok(()) => Ok(Self(text)),
                    Err(why) => Err(InvalidId { kind: $kind, text: text.chars().take(60).collect(), why }),
                }
            }

            /// The text of it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

fn slug(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("it is empty");
    }
    if text.len() > SLUG_BYTES_MAX {
        return Err("it is longer than 40 characters");
    }
    if !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_') {
        return Err("use lower-case letters a-z, digits, '-' and '_'");
    }
    if text.starts_with(['-', '_']) {
        return Err("it must start with a letter or a digit");
    }
    Ok(())
}

fn dedup_key(text: &str) -> Result<(), &'static str> {
    match text.len() {
        0 => Err("it is empty"),
        // One of them takes six bytes in JSON, and no alarm's name has any.
        1..=DEDUP_KEY_BYTES_MAX if text.chars().any(char::is_control) => Err("it has control characters in it"),
        1..=DEDUP_KEY_BYTES_MAX => Ok(()),
        513.. => Err("it is longer than 512 bytes"),
    }
}

fn input_id(text: &str) -> Result<(), &'static str> {
    match text.len() {
        0 => Err("it is empty"),
        1..=INPUT_ID_BYTES_MAX if text.chars().any(char::is_control) => Err("it has control characters in it"),
        1..=INPUT_ID_BYTES_MAX => Ok(()),
        81.. => Err("it is longer than 80 bytes"),
    }
}

fn hexadecimal(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn notice_id(text: &str) -> Result<(), &'static str> {
    if hexadecimal(text, 32) { Ok(()) } else { Err("it is not 32 hexadecimal digits") }
}

fn drill_id(text: &str) -> Result<(), &'static str> {
    if hexadecimal(text, 12) { Ok(()) } else { Err("it is not 12 hexadecimal digits") }
}

text_id!(/// A responder.
    UserId, "user name", slug);
text_id!(/// A team.
    TeamId, "team name", slug);
text_id!(/// A schedule.
    ScheduleId, "schedule name", slug);
text_id!(/// An escalation policy.
    PolicyId, "escalation policy name", slug);
text_id!(/// A machine or a chat channel that is told about incidents.
    DestinationId, "destination name", slug);
text_id!(/// A service.
    ServiceId, "service name", slug);
text_id!(/// Support hours.
    HoursId, "name of support hours", slug);
text_id!(/// A calendar of holidays.
    CalendarId, "calendar name", slug);
text_id!(/// A maintenance window.
    MaintenanceId, "maintenance window name", slug);
text_id!(/// One way into a service: `cloudwatch`, `manual`.
    IntegrationId, "integration name", slug);
text_id!(/// What tells two alerts about the same trouble from two about different ones; unique within an integration.
    DedupKey, "dedup key", dedup_key);
text_id!(/// A message that belongs to no incident: a hash of what makes it the only one of its kind.
    NoticeId, "notice id", notice_id);
text_id!(/// A swap of shifts: a hash of who asked for it by which request.
    SwapId, "swap id", notice_id);
text_id!(/// A drill: a hash of who asked for it by which request.
    DrillId, "drill id", drill_id);
text_id!(/// Names one input for good, so that the same input applied twice changes nothing the second time.
    InputId, "input id", input_id);

impl ServiceId {
    /// The service that takes what no other service claims. It always exists.
    pub fn catch_all() -> Self {
        Self("catch-all".to_owned())
    }

    /// The service of the canary, which goes the whole way and calls nobody. No configuration may have it.
    pub fn canary() -> Self {
        Self("hansho-canary".to_owned())
    }

    /// The service of test pages, each of which calls the person who asked for it. No configuration may have it.
    pub fn test_page() -> Self {
        Self("hansho-test-page".to_owned())
    }
}

impl ServiceId {
    /// The service that takes alerts which name this team as their owner. It exists for every team.
    ///
    /// # Errors
    /// The team's name is too long to be part of another.
    pub fn of_team(team: &TeamId) -> Result<Self, InvalidId> {
        Self::new(format!("team-{team}"))
    }
}

impl MaintenanceId {
    /// What the names of windows begin with that people begin live, so that the configuration has none of the same name.
    pub const LIVE_PREFIX: &str = "live-";

    /// The name of a live window, of what is unique about it: up to 35 lower-case letters and digits.
    ///
    /// # Errors
    /// It has something else in it, or is longer.
    pub fn live(unique: &str) -> Result<Self, InvalidId> {
        Self::new(format!("{}{unique}", Self::LIVE_PREFIX))
    }

    /// Whether it is the name of a live window.
    pub fn is_live(&self) -> bool {
        self.0.starts_with(Self::LIVE_PREFIX)
    }
}

impl IntegrationId {
    /// Hansho as a source of alerts about itself.
    pub fn hansho() -> Self {
        Self("hansho".to_owned())
    }

    /// Whether it is a way in that exists without being configured.
    pub fn is_built_in(&self) -> bool {
        ["aws-events", "cloudwatch", "email", "hansho", "manual", "rehearsal"].contains(&self.as_str())
    }
}

impl CalendarId {
    /// Japan's national holidays, which exist without being configured.
    pub fn jp_national() -> Self {
        Self("jp-national".to_owned())
    }
}

impl InputId {
    /// An input id made of parts that are known to fit.
    pub fn derived(text: String) -> Self {
        debug_assert!(input_id(&text).is_ok(), "derived input id too long: {text}");
        Self(text)
    }

    /// The id of a request that its client named: `name` is the same whenever the client uses the same name, `content` whenever
    /// it asks the same. Both are hashes, without `/`.
    pub fn of_request(name: &str, content: &str) -> Self {
        debug_assert!(!name.contains('/') && !content.contains('/'), "not hashes: {name} {content}");
        Self::derived(format!("request-{name}{CONTENT_MARK}{content}"))
    }

    /// Whether `other` is a request of the same name that asks something else.
    pub fn is_same_name_for_other_content(&self, other: &Self) -> bool {
        match (self.0.split_once(CONTENT_MARK), other.0.split_once(CONTENT_MARK)) {
            (Some((name, content)), Some((other_name, other_content))) => {
                name.starts_with("request-") && name == other_name && content != other_content
            }
            (None | Some(_), None) | (None, Some(_)) => false,
        }
    }
}

/// 128 bits that name one alert: a hash of what makes the source's transition unique. Lower-case hexadecimal as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AlertId([u8; 16]);

impl AlertId {
    /// From the first 16 bytes of a hash.
    pub fn from_hash(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AlertId({self})")
    }
}

impl From<AlertId> for String {
    fn from(id: AlertId) -> String {
        id.to_string()
    }
}

impl TryFrom<String> for AlertId {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        let invalid = || InvalidId { kind: "alert id", text: text.chars().take(60).collect(), why: "it is not 32 hexadecimal digits" };
        let mut bytes = [0; 16];
        // `from_str_radix` alone would take a sign.
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(invalid());
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(pair).map_err(|_| invalid())?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| invalid())?;
        }
        Ok(Self(bytes))
    }
}

/// An incident: a ULID (<https://github.com/ulid/spec>), 26 characters of Crockford's base 32, that sorts by the time of opening.
/// Its random half is the alert's hash, so opening twice for the same alert at the same time gives the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IncidentId(u128);

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl IncidentId {
    /// The id of the incident that `alert` opens at `now`.
    pub fn derived(now: Timestamp, alert: AlertId) -> Self {
        let milliseconds = u128::try_from(now.as_millisecond()).unwrap_or(0) & ((1 << 48) - 1);
        Self((milliseconds << 80) | (u128::from_be_bytes(alert.0) >> 48))
    }
}

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for place in (0..26).rev() {
            let digit = usize::try_from((self.0 >> (place * 5)) & 31).unwrap_or(0);
            write!(f, "{}", char::from(CROCKFORD[digit]))?;
        }
        Ok(())
    }
}

impl From<IncidentId> for String {
    fn from(id: IncidentId) -> String {
        id.to_string()
    }
}

impl TryFrom<String> for IncidentId {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl FromStr for IncidentId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = |why| InvalidId { kind: "incident id", text: text.chars().take(60).collect(), why };
        if text.len() != 26 {
            return Err(invalid("an incident id has 26 characters"));
        }
        let mut value: u128 = 0;
        for byte in text.bytes() {
            let upper = byte.to_ascii_uppercase();
            let digit = CROCKFORD.iter().position(|c| *c == upper).ok_or_else(|| invalid("it has a character that no incident id has"))?;
            value = value.checked_mul(32).and_then(|v| v.checked_add(digit as u128)).ok_or_else(|| invalid("it is too large"))?;
        }
        Ok(Self(value))
    }
}

/// The derived id of an effect: the outbox key, the delivery's key, and the idempotency key at a provider that has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EffectId {
    /// The incident whose commit asked for it.
    pub incident: IncidentId,
    /// The version that the commit made.
    pub version: u64,
    /// Its place among the effects of that commit.
    pub index: u32,
}

impl fmt::Display for EffectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.incident, self.version, self.index)
    }
}

impl FromStr for EffectId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId { kind: "effect id", text: text.chars().take(60).collect(), why: "it is not INCIDENT-VERSION-INDEX" };
        let mut parts = text.split('-');
        let (Some(incident), Some(version), Some(index), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(invalid());
        };
        // `parse` alone would take a sign.
        if !version.bytes().chain(index.bytes()).all(|b| b.is_ascii_digit()) {
            return Err(invalid());
        }
        Ok(Self {
            incident: incident.parse()?,
            version: version.parse().map_err(|_| invalid())?,
            index: index.parse().map_err(|_| invalid())?,
        })
    }
}
