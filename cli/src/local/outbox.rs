//! The outbox as a phone would show it: what was sent to whom, when, and in which words.

use hansho_runtime::SharedClock;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use super::aws::{ForeignRequest, Mail, ProviderFault, Sms};

/// How many messages are kept; the oldest go first.
const KEPT_MAX: usize = 100_000;

/// A message that a provider accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Counts from 1.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// How: `sms`, `email`, `webhook`.
    pub channel: String,
    /// To which address.
    pub to: String,
    /// A mail's subject.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// The delivery, where the message carries its id.
    pub delivery: Option<String>,
}

#[derive(Debug, Default)]
struct Kept {
    count: u64,
    sent: Vec<Sent>,
    down: BTreeMap<String, ProviderFault>,
}

/// Everything that was sent, and which channels are out of order.
#[derive(Debug)]
pub struct Outbox {
    clock: SharedClock,
    kept: Mutex<Kept>,
}

impl Outbox {
    /// An empty outbox.
    pub fn new(clock: SharedClock) -> Self {
        Self { clock, kept: Mutex::default() }
    }

    /// Everything sent after the message `number`, in order.
    pub fn since(&self, number: u64) -> Vec<Sent> {
        self.kept(|kept| kept.sent.iter().filter(|sent| sent.number > number).cloned().collect())
    }

    /// How many messages were sent.
    pub fn count(&self) -> u64 {
        self.kept(|kept| kept.count)
    }

    /// Puts a channel out of order (`Some`), or in order again.
    pub fn set_fault(&self, channel: &str, fault: Option<ProviderFault>) {
        self.kept(|kept| match fault {
            Some(fault) => drop(kept.down.insert(channel.to_owned(), fault)),
            None => drop(kept.down.remove(channel)),
        });
    }

    pub(super) fn sms(&self, sms: Sms) -> Result<String, ProviderFault> {
        self.take("sms", sms.phone, String::new(), sms.message, None)
    }

    pub(super) fn mail(&self, mail: Mail) -> Result<String, ProviderFault> {
        let delivery = mail.tags.into_iter().find(|(name, _)| name == "hansho-delivery").map(|(_, id)| id);
        self.take("email", mail.to.join(", "), mail.subject, mail.text, delivery)
    }

    pub(super) fn webhook(&self, request: ForeignRequest) -> Result<(u16, Vec<u8>), String> {
        let delivery = request.headers.iter().find(|(name, _)| name == "x-hansho-delivery").map(|(_, id)| id.clone());
        let body = String::from_utf8_lossy(&request.body).into_owned();
        match self.take("webhook", request.uri, String::new(), body, delivery) {
            Ok(_) => Ok((204, Vec::new())),
            Err(ProviderFault::Throttled) => Ok((429, Vec::new())),
            Err(ProviderFault::Unavailable) => Ok((503, Vec::new())),
            Err(ProviderFault::Rejected(reason)) => Ok((400, reason.into_bytes())),
        }
    }

    fn take(&self, channel: &str, to: String, subject: String, text: String, delivery: Option<String>) -> Result<String, ProviderFault> {
        let at = self.clock.now();
        self.kept(|kept| {
            if let Some(fault) = kept.down.get(channel) {
                return Err(fault.clone());
            }
            kept.count += 1;
            kept.sent.push(Sent { number: kept.count, at, channel: channel.to_owned(), to, subject, text, delivery });
            if kept.sent.len() > KEPT_MAX {
                kept.sent.remove(0);
            }
            Ok(format!("local-{channel}-{}", kept.count))
        })
    }

    fn kept<T>(&self, look: impl FnOnce(&mut Kept) -> T) -> T {
        look(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
