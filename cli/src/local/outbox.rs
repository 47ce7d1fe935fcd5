//! The outbox as a phone would show it: what was sent to whom, when, and in which words.

use hansho_domain::text;
use hansho_runtime::SharedClock;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::Path,
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

/// Longest line about a message, in characters.
const LINE_CHARS_MAX: usize = 240;

impl Sent {
    /// It in one line, as a terminal shows it: `18:12:41Z  sms to +819000000001: [重大] checkout: ...`.
    pub fn in_a_line(&self) -> String {
        let what = if self.subject.is_empty() { &self.text } else { &self.subject };
        let line = format!("{}  {} to {}: {what}", self.at.strftime("%H:%M:%SZ"), self.channel, self.to);
        text::cut(&text::one_line(&line), LINE_CHARS_MAX)
    }
}

#[derive(Debug, Default)]
struct Kept {
    count: u64,
    sent: Vec<Sent>,
    down: BTreeMap<String, ProviderFault>,
    /// A line per message, so that a restart shows what was sent before.
    file: Option<File>,
}

impl Kept {
    /// A message that can not be kept was not accepted.
    fn write(&mut self, sent: &Sent) -> Result<(), ProviderFault> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut line = serde_json::to_string(sent).map_err(|_| ProviderFault::Unavailable)?;
        line.push('\n');
        file.write_all(line.as_bytes()).map_err(|_| ProviderFault::Unavailable)
    }
}

/// Everything that was sent, and which channels are out of order.
#[derive(Debug)]
pub struct Outbox {
    clock: SharedClock,
    kept: Mutex<Kept>,
    /// Hears of every message that was accepted.
    told: Option<fn(&Sent)>,
}

impl Outbox {
    /// An empty outbox.
    pub fn new(clock: SharedClock) -> Self {
        Self { clock, kept: Mutex::default(), told: None }
    }

    /// The outbox that `path` keeps: what was sent before a restart is still shown.
    ///
    /// # Errors
    /// The file can not be read or written.
    pub fn open(clock: SharedClock, path: &Path) -> io::Result<Self> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        // A line that a kill cut short is a message that was not accepted.
        let sent: Vec<Sent> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let mut file = fs::OpenOptions::new().create(true).append(true).open(path)?;
        if !text.is_empty() && !text.ends_with('\n') {
            file.write_all(b"\n")?;
        }
        let count = sent.last().map_or(0, |last| last.number);
        Ok(Self { clock, kept: Mutex::new(Kept { count, sent, down: BTreeMap::new(), file: Some(file) }), told: None })
    }

    /// The outbox, with somebody who hears of every message that it accepts from now on.
    #[must_use]
    pub fn telling(self, told: fn(&Sent)) -> Self {
        Self { told: Some(told), ..self }
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
        let sent = self.kept(|kept| {
            if let Some(fault) = kept.down.get(channel) {
                return Err(fault.clone());
            }
            let sent = Sent { number: kept.count + 1, at, channel: channel.to_owned(), to, subject, text, delivery };
            kept.write(&sent)?;
            kept.count += 1;
            kept.sent.push(sent.clone());
            if kept.sent.len() > KEPT_MAX {
                kept.sent.remove(0);
            }
            Ok(sent)
        })?;
        if let Some(told) = self.told {
            told(&sent);
        }
        Ok(format!("local-{channel}-{}", sent.number))
    }

    fn kept<T>(&self, look: impl FnOnce(&mut Kept) -> T) -> T {
        look(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
