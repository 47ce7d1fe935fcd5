//! The mail addresses of integrations: `NAME-SECRET@DOMAIN`. The secret is derived from the signing key, the integration and a
//! generation, so that it can be shown again and stands nowhere; only the generation is kept.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use hansho_domain::IntegrationId;
use hansho_runtime::Secrets;
use jiff::{SignedDuration, Timestamp};

use crate::{
    Store,
    audit::Act,
    commit::Commit,
    delivery::later,
    error::StoreError,
    item::{Item, With, item, n, number, s, text, time, timestamp},
    keys,
};

/// Bytes of the secret: 80 bits, and 20 digits in an address whose part before `@` may have 64 (RFC 5321 section 4.5.3.1.1).
const SECRET_BYTES: usize = 10;
/// Longest time that an address goes on after it was replaced.
pub const OVERLAP_MAX: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Most addresses that go on beside the one in use.
const GOING_ON_MAX: u32 = 10;

/// Which secrets of an integration's address hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailAddress {
    /// The generation of the address that is in use.
    pub generation: u32,
    /// The oldest generation that goes on beside it.
    pub oldest: u32,
    /// Until when those before it go on.
    pub previous_until: Option<Timestamp>,
}

impl MailAddress {
    fn from_item(found: Option<&Item>) -> Self {
        let generation = found.and_then(|found| number(found, "generation")).unwrap_or(1);
        Self {
            generation,
            oldest: found.and_then(|found| number(found, "oldest")).unwrap_or(generation.saturating_sub(1)).max(1),
            previous_until: found.and_then(|found| timestamp(found, "previous_until")),
        }
    }

    /// The part of the address before `@`.
    pub fn local_part(&self, secrets: &Secrets, integration: &IntegrationId) -> String {
        let signature = secrets.sign_link(&signed(integration, self.generation));
        let secret: String = signature.iter().take(SECRET_BYTES).map(|byte| format!("{byte:02x}")).collect();
        format!("{integration}-{secret}")
    }

    /// Whether `secret` opens the address at `now`. The time that this takes says nothing about the secret.
    pub fn is_opened_by(&self, secrets: &Secrets, integration: &IntegrationId, secret: &str, now: Timestamp) -> bool {
        let Some(secret) = bytes(secret) else { return false };
        let is_current = secrets.has_signed(&signed(integration, self.generation), &secret);
        // Each is tried, so that the time does not tell which it is.
        let previous = (self.oldest..self.generation).filter(|generation| secrets.has_signed(&signed(integration, *generation), &secret));
        is_current | (previous.count() > 0 && self.previous_until.is_some_and(|until| now < until))
    }

    /// What holds once it is replaced at `now`. An address that was promised to go on is not cut short by the next one, unless that
    /// comes with no overlap at all: then whoever asks wants the others gone.
    fn replaced(&self, now: Timestamp, overlap: SignedDuration) -> Self {
        let until = later(now, overlap.clamp(SignedDuration::ZERO, OVERLAP_MAX));
        let generation = self.generation.saturating_add(1);
        let promised = self.previous_until.filter(|promised| *promised > now && until > now);
        Self {
            generation,
            oldest: promised.map_or(self.generation, |_| self.oldest).max(generation.saturating_sub(GOING_ON_MAX)),
            previous_until: Some(promised.map_or(until, |promised| promised.max(until))),
        }
    }
}

fn signed(integration: &IntegrationId, generation: u32) -> String {
    format!("mail-address/{integration}/{generation}")
}

fn bytes(secret: &str) -> Option<[u8; SECRET_BYTES]> {
    let mut bytes = [0; SECRET_BYTES];
    if secret.len() != 2 * SECRET_BYTES || !secret.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(secret.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

impl Store {
    /// Which secrets of the integration's address hold.
    ///
    /// # Errors
    /// DynamoDB does not answer.
    pub async fn mail_address(&self, integration: &IntegrationId) -> Result<MailAddress, StoreError> {
        Ok(MailAddress::from_item(self.get(&keys::mail_address(integration)).await?.as_ref()))
    }

    /// Gives the integration another address, by the hand of `by`. The one before goes on for `overlap`, at most [`OVERLAP_MAX`], and so do those that still
    /// went on, ten at most; with an overlap of nothing all of them end at once. The same `request` again changes nothing.
    ///
    /// # Errors
    /// DynamoDB does not answer, or somebody else does the same all the time.
    pub async fn rotate_mail_address(
        &self,
        integration: &IntegrationId,
        overlap: SignedDuration,
        request: &str,
        by: &str,
    ) -> Result<MailAddress, StoreError> {
        let key = keys::mail_address(integration);
        for attempt in 1..=5 {
            let found = self.get(&key).await?;
            let known = MailAddress::from_item(found.as_ref());
            if found.as_ref().is_some_and(|found| text(found, "request") == Some(request)) {
                return Ok(known);
            }
            let next = known.replaced(self.clock.now(), overlap);
            let mut made = item(&key).with("generation", n(next.generation)).with("oldest", n(next.oldest)).with("request", s(request));
            if let Some(until) = next.previous_until {
                made = made.with("previous_until", time(until));
            }
            let mut put = Put::builder().table_name(&self.table).set_item(Some(made));
            put = match &found {
                None => put.condition_expression("attribute_not_exists(pk)"),
                Some(_) => put.condition_expression("generation = :known").expression_attribute_values(":known", n(known.generation)),
            };
            let put = put.build().map_err(|error| StoreError::unreadable(&key.pk, error))?;
            let told = self.audited(self.clock.now(), by, Act::MailAddressChanged { integration: integration.clone() })?;
            let writes = vec![TransactWriteItem::builder().put(put).build(), told];
            match self.transact_alone(&format!("mail-address/{integration}"), writes).await? {
                Commit::Committed => return Ok(next),
                Commit::Conflict => self.pause(&key.pk, attempt).await,
            }
        }
        Err(StoreError::Contention { key: integration.to_string() })
    }
}
