//! One mail on its way in: its envelope as far as it was told, and the name under which it is known.

use std::sync::atomic::{AtomicU64, Ordering};

use hansho_email_intake::{Envelope, Sent, Verdicts};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// A mail whose sender was told.
#[derive(Debug)]
pub(super) struct Letter {
    /// The sender of the envelope; an empty one is that of bounces.
    pub(super) sender: String,
    /// Whom it is for.
    pub(super) recipients: Vec<String>,
}

impl Letter {
    /// The envelope of this mail. Nobody checked it: spam, viruses and DMARC are for SES.
    pub(super) fn envelope(self, raw: &[u8], counter: &Counter, now: Timestamp) -> Envelope {
        let id = id(&self.sender, raw, counter, now);
        Envelope { id, received_at: Some(now), sender: Sent::By(self.sender), recipients: self.recipients, verdicts: Verdicts::default() }
    }
}

/// Tells apart mails that say the same.
#[derive(Debug, Default)]
pub(super) struct Counter {
    taken: AtomicU64,
}

impl Counter {
    pub(super) fn new() -> Self {
        Self::default()
    }
}

/// What names a mail for good. A mailer that was not answered sends the same bytes once more, and they are the same mail: they carry a
/// `Message-ID`, which no two mails share (RFC 5322 section 3.6.4). Without one, the same bytes may be the same trouble anew, and that
/// must page: every such mail is one of its own.
fn id(sender: &str, raw: &[u8], counter: &Counter, now: Timestamp) -> String {
    let mut hash = Sha256::new();
    hash.update(sender.as_bytes());
    hash.update([0]);
    hash.update(raw);
    if !has_message_id(raw) {
        let number = counter.taken.fetch_add(1, Ordering::Relaxed);
        hash.update(format!("\0{now}\0{number}\0{}", std::process::id()));
    }
    let digits: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("smtp-{digits}")
}

fn has_message_id(raw: &[u8]) -> bool {
    const NAME: &[u8] = b"message-id:";
    let mut fields = raw.split(|byte| *byte == b'\n').take_while(|line| !matches!(line, [] | [b'\r']));
    fields.any(|line| line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_of(raw: &[u8], counter: &Counter) -> String {
        id("a@example.com", raw, counter, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_mail_that_is_sent_again_is_the_same_mail_and_one_without_message_id_is_always_another() {
        let counter = Counter::new();
        let with = b"Subject: a\r\nMessage-Id: <1@example.com>\r\n\r\nx";
        assert_eq!(id_of(with, &counter), id_of(with, &counter));
        assert_ne!(id_of(with, &counter), id_of(b"Subject: a\r\nMessage-Id: <2@example.com>\r\n\r\nx", &counter));
        assert_ne!(id_of(with, &counter), id("", with, &counter, Timestamp::UNIX_EPOCH), "a bounce of it");
        for without in [&b"Subject: a\r\n\r\nMessage-ID: <1@example.com>"[..], b"Subject: a", b""] {
            assert_ne!(id_of(without, &counter), id_of(without, &counter));
        }
    }
}
