//! Notices: messages to one person that belong to no incident.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    id::{DrillId, ScheduleId, UserId},
    swap::{Swap, SwapStage},
    user::Method,
};

/// What a notice is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Asks for proof that messages reach the person at this address.
    Verification,
    /// Their shift begins soon.
    ShiftBegins(HandOff),
    /// Their shift ends soon.
    ShiftEnds(HandOff),
    /// Asks for an answer before a period in which they may be called.
    Drill {
        /// The drill.
        drill: DrillId,
        /// Since when an answer counts.
        since: Timestamp,
        /// The first moment of its period.
        from: Timestamp,
        /// The first moment after it.
        until: Timestamp,
    },
    /// Lets them sign in.
    SignIn {
        /// Until when its link does so.
        until: Timestamp,
    },
    /// Invites them: its link signs in, once, and shows what a newcomer does next.
    Invitation {
        /// Until when its link does so.
        until: Timestamp,
        /// Who invites them; nobody where a tool does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<UserId>,
    },
    /// Somebody else has put them on call for a while, or taken their place.
    OverrideMade(ShiftChange),
    /// Somebody else has taken such an override back.
    OverrideRemoved(ShiftChange),
    /// What became of a swap that they ask for, or are asked.
    Swap {
        /// The swap.
        swap: Box<Swap>,
        /// What became of it.
        stage: SwapStage,
    },
    /// Tells them that a passkey signs them in from now on.
    PasskeyAdded {
        /// What the passkey is called.
        name: String,
        /// When it was added.
        at: Timestamp,
    },
}

impl NoticeKind {
    /// The word for it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Verification => "verification",
            Self::ShiftBegins(_) => "shift_begins",
            Self::ShiftEnds(_) => "shift_ends",
            Self::Drill { .. } => "drill",
            Self::SignIn { .. } => "sign_in",
            Self::Invitation { .. } => "invitation",
            Self::OverrideMade(_) => "override_made",
            Self::OverrideRemoved(_) => "override_removed",
            Self::Swap { stage: SwapStage::Asked, .. } => "swap_asked",
            Self::Swap { stage: SwapStage::Accepted, .. } => "swap_accepted",
            Self::Swap { stage: SwapStage::Declined, .. } => "swap_declined",
            Self::Swap { stage: SwapStage::Withdrawn, .. } => "swap_withdrawn",
            Self::Swap { stage: SwapStage::Expired, .. } => "swap_expired",
            Self::PasskeyAdded { .. } => "passkey_added",
        }
    }
}

/// A hand-off of a schedule, from somebody to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOff {
    /// The schedule.
    pub schedule: ScheduleId,
    /// The schedule as people call it.
    pub name: String,
    /// When it is.
    pub at: Timestamp,
    /// Where the shift that begins then ends, if that is known.
    pub until: Option<Timestamp>,
    /// Who is on call before (of a shift that begins) or after (of one that ends).
    pub others: Vec<UserId>,
}

/// Another on call for a while than before, by somebody's hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShiftChange {
    /// The schedule.
    pub schedule: ScheduleId,
    /// The schedule as people call it.
    pub name: String,
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
    /// Who was on call and is not any more.
    pub before: Vec<UserId>,
    /// Who is on call instead.
    pub after: Vec<UserId>,
    /// Who has changed it.
    pub by: UserId,
}

impl ShiftChange {
    /// Whom it is news to: everybody in it but the one who has done it.
    pub fn told(&self) -> impl Iterator<Item = &UserId> {
        self.before.iter().chain(&self.after).filter(|user| **user != self.by)
    }
}

/// One message to one person on one channel that belongs to no incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// To whom.
    pub user: UserId,
    /// How.
    pub method: Method,
    /// What about.
    pub kind: NoticeKind,
    /// The hash of the only address that it is meant for; a message that proves an address must not go to another.
    #[serde(default)]
    pub address: Option<String>,
}
