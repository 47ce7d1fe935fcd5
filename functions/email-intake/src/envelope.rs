//! What whoever took the mail says about it, apart from the mail itself.

use jiff::Timestamp;

/// What is known of a mail's way. Routing goes by this and never by `To`, which says whatever its sender wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// What names this mail for good: the message id of SES.
    pub id: String,
    /// When it was taken; now when nobody says.
    pub received_at: Option<Timestamp>,
    /// Whom the envelope says that it is from.
    pub sender: Sent,
    /// Whom it is for.
    pub recipients: Vec<String>,
    /// What was found when it was checked.
    pub verdicts: Verdicts,
}

/// Whom an envelope says that a mail is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// Nobody has said.
    Unknown,
    /// This address. An empty one is that of bounces (RFC 5321 section 4.5.5).
    By(String),
}

impl Sent {
    /// The address, where one is known.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Unknown => None,
            Self::By(path) => Some(path),
        }
    }
}

/// What a check of SES came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verdict {
    /// Nothing is known, or the check could not be made.
    #[default]
    Unknown,
    /// It passed.
    Pass,
    /// It failed.
    Fail,
    /// It neither passed nor failed.
    Gray,
}

impl Verdict {
    /// Reads a `status` of SES.
    pub fn of(status: &str) -> Self {
        match status {
            "PASS" => Self::Pass,
            "FAIL" => Self::Fail,
            "GRAY" => Self::Gray,
            _ => Self::Unknown,
        }
    }
}

/// What the checks of SES came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verdicts {
    /// Whether it is free of what looks like spam.
    pub spam: Verdict,
    /// Whether it is free of viruses.
    pub virus: Verdict,
    /// Whether the domain of its `From` vouches for it (RFC 7489).
    pub dmarc: Verdict,
}
