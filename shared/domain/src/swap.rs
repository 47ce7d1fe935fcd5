//! Swaps: two people of a schedule take a shift of each other's, when the one who is asked says yes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    error::Problems,
    id::{ScheduleId, SwapId, UserId},
    schedule::{Override, OverrideChange, Schedule, Shift},
};

/// Two shifts of one schedule, and who is to have which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swap {
    /// Its id.
    pub id: SwapId,
    /// The schedule of both shifts.
    pub schedule: ScheduleId,
    /// The schedule as people call it.
    pub name: String,
    /// Who asks.
    pub by: UserId,
    /// Who is asked.
    pub with: UserId,
    /// The time of the one who asks, which the other is to have.
    pub gives: Shift,
    /// The time of the one who is asked, which whoever asks is to have.
    pub takes: Shift,
    /// When it was asked.
    pub asked_at: Timestamp,
}

/// What became of a swap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SwapStage {
    /// The other has not answered.
    Asked,
    /// They said yes, and it is so.
    Accepted,
    /// They said no.
    Declined,
    /// Whoever asked has thought better of it.
    Withdrawn,
    /// Nobody answered before the first of the two shifts began.
    Expired,
}

impl SwapStage {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Asked, Self::Accepted, Self::Declined, Self::Withdrawn, Self::Expired];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }
}

impl Swap {
    /// When it is too late for an answer: the first of the two shifts begins.
    pub fn expires_at(&self) -> Timestamp {
        self.gives.from.min(self.takes.from)
    }

    /// The time that `user` gives up by it, and the one that they get; from whoever asks to whoever is asked for all others.
    pub fn seen_by(&self, user: &UserId) -> (Shift, Shift) {
        if *user == self.with { (self.takes, self.gives) } else { (self.gives, self.takes) }
    }

    /// The one of both who is not `user`.
    pub fn other_than(&self, user: &UserId) -> &UserId {
        if *user == self.by { &self.with } else { &self.by }
    }

    /// Whether both have what they would give, all of it and without the other.
    pub fn stands(&self, schedule: &Schedule, overrides: &[Override]) -> bool {
        let has = |who: &UserId, not: &UserId, shift: Shift| {
            let segments = schedule.shifts(overrides, shift.from, shift.until);
            let is_on = |who: &UserId, people: &[crate::schedule::OnCall]| people.iter().any(|person| person.user == *who);
            !segments.is_empty() && segments.iter().all(|one| is_on(who, &one.people) && !is_on(not, &one.people))
        };
        self.by != self.with && has(&self.by, &self.with, self.gives) && has(&self.with, &self.by, self.takes)
    }

    /// The two overrides that make it so, under these ids.
    ///
    /// # Errors
    /// A shift is none: it ends before it begins, or is longer than an override may be.
    pub fn overrides(&self, ids: [String; 2], made_at: Timestamp) -> Result<[Override; 2], Problems> {
        let [first, second] = ids;
        let made = |id, from: &UserId, to: &UserId, shift: Shift| {
            let change = OverrideChange::Replace { user: from.clone(), by: vec![to.clone()] };
            Override::new(id, self.schedule.clone(), shift.from, shift.until, change, made_at)
        };
        Ok([made(first, &self.by, &self.with, self.gives)?, made(second, &self.with, &self.by, self.takes)?])
    }
}
