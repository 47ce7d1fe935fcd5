//! What is told about shifts that change hands: overrides, and swaps.

use hansho_domain::{Shift, SwapStage};
use jiff::Timestamp;

/// Another on call for a while than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeFacts {
    /// The schedule's name as people say it.
    pub schedule: String,
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
    /// The names of those who were on call and are not any more.
    pub before: Vec<String>,
    /// The names of those who are on call instead.
    pub after: Vec<String>,
    /// The name of the one who has changed it.
    pub by: String,
}

/// A swap, as one of both sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwapFacts {
    /// What became of it.
    pub stage: SwapStage,
    /// The schedule's name as people say it.
    pub schedule: String,
    /// The name of the other.
    pub other: String,
    /// The reader's shift, which they give.
    pub gives: Shift,
    /// The other's, which they get.
    pub gets: Shift,
    /// When it is too late for an answer.
    pub until: Timestamp,
    /// Where to answer, for whoever is asked.
    pub link: Option<String>,
}

impl SwapFacts {
    /// The word for what it tells, as webhooks and templates name it.
    pub(crate) fn kind(&self) -> &'static str {
        match self.stage {
            SwapStage::Asked => "swap_asked",
            SwapStage::Accepted => "swap_accepted",
            SwapStage::Declined => "swap_declined",
            SwapStage::Withdrawn => "swap_withdrawn",
            SwapStage::Expired => "swap_expired",
        }
    }
}
