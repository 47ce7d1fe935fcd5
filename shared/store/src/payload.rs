//! The payload of an alert, and what is kept beside it.

use hansho_domain::{AlertId, IncidentId};
use jiff::{SignedDuration, Timestamp};

use crate::{
    item::{Item, With, item, n, s, text, time, timestamp},
    keys,
};

/// Longest raw payload kept, in bytes: an item takes 400 KB (DynamoDB quotas), and the rest of it needs some.
const RAW_BYTES_MAX: usize = 300_000;
/// Longest account of what was read, and longest trace, in bytes; a longer one is left out.
const BESIDE_BYTES_MAX: usize = 40_000;
/// How long raw payloads are kept.
const RAW_KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

/// A payload as it came, and what was made of it before it got here. Both accounts are JSON that the store does not look into.
#[derive(Debug, Clone, Copy)]
pub struct Payload<'a> {
    /// The payload as it came.
    pub raw: &'a str,
    /// What was read of it, where that is more than the incident says: rules are tried again with it.
    pub reading: Option<&'a str>,
    /// Which rules were tried and what they changed, if any were.
    pub trace: Option<&'a str>,
}

impl<'a> From<&'a str> for Payload<'a> {
    fn from(raw: &'a str) -> Self {
        Self { raw, reading: None, trace: None }
    }
}

impl<'a> From<&'a String> for Payload<'a> {
    fn from(raw: &'a String) -> Self {
        Self::from(raw.as_str())
    }
}

impl Payload<'_> {
    /// The raw payload, cut.
    pub(crate) fn cut(&self, bytes_max: usize) -> &str {
        &self.raw[..self.raw.floor_char_boundary(bytes_max)]
    }

    /// What is kept beside it, by the names of its attributes.
    pub(crate) fn beside(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let both = [(READING, self.reading), (TRACE, self.trace)];
        both.into_iter().filter_map(|(name, text)| Some((name, text.filter(|text| text.len() <= BESIDE_BYTES_MAX)?)))
    }
}

/// A payload that was kept, and what was made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAlert {
    /// The alert or clear whose it is.
    pub alert: AlertId,
    /// When it came in.
    pub received_at: Timestamp,
    /// The payload, cut.
    pub raw: String,
    /// What was read of it, as JSON ([`Payload::reading`]).
    pub reading: Option<String>,
    /// Which rules were tried, as JSON ([`Payload::trace`]).
    pub trace: Option<String>,
}

impl KeptAlert {
    pub(crate) fn from_item(found: &Item, received_at: Timestamp) -> Self {
        let of = |name: &str| text(found, name).map(str::to_owned);
        let alert =
            text(found, "sk").and_then(|sk| sk.strip_prefix(keys::ALERT_PREFIX)).and_then(|id| AlertId::try_from(id.to_owned()).ok());
        Self {
            alert: alert.unwrap_or_else(|| AlertId::from_hash([0; 16])),
            received_at: timestamp(found, "received_at").unwrap_or(received_at),
            raw: of(RAW).unwrap_or_default(),
            reading: of(READING),
            trace: of(TRACE),
        }
    }
}

/// Attributes of the items that keep payloads.
pub(crate) const RAW: &str = "raw";
pub(crate) const READING: &str = "reading";
pub(crate) const TRACE: &str = "trace";

/// The payload of an alert of an incident, as an item of its own.
pub(crate) fn raw_item(incident: IncidentId, alert: AlertId, payload: Payload<'_>, now: Timestamp) -> Item {
    let made = item(&keys::alert(incident, alert))
        .with(RAW, s(payload.cut(RAW_BYTES_MAX)))
        .with("raw_bytes", n(payload.raw.len()))
        .with("received_at", time(now))
        .expiring(now.saturating_add(RAW_KEPT).unwrap_or(Timestamp::MAX));
    payload.beside().fold(made, |made, (name, text)| made.with(name, s(text)))
}
