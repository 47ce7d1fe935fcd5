//! Overrides: somebody else is on call for a while.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::rendering::{Gap, OnCall, Origin};
use crate::{
    error::{FieldError, Problems},
    id::{ScheduleId, UserId},
};

/// Most people whom an override puts on call.
const BY_MAX: usize = 20;
/// Longest override, in days of 24 hours: a year, also a leap year.
const DAYS_MAX: i64 = 366;

/// What an override does to whoever is on call without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverrideChange {
    /// One person's place is taken while they are on call; the others stay. They stay too if `by` names them.
    Replace {
        /// Whose place is taken.
        user: UserId,
        /// Who takes it.
        by: Vec<UserId>,
    },
    /// Nobody but these is on call.
    ReplaceAll {
        /// Who is on call.
        by: Vec<UserId>,
    },
    /// These are on call too.
    Add {
        /// Who is on call besides.
        by: Vec<UserId>,
    },
    /// One person is not on call; the others stay.
    Remove {
        /// Who is not on call.
        user: UserId,
    },
    /// Nobody is on call.
    Nobody,
}

impl OverrideChange {
    /// Whom it may put on call.
    pub fn by(&self) -> &[UserId] {
        match self {
            Self::Replace { by, .. } | Self::ReplaceAll { by } | Self::Add { by } => by,
            Self::Remove { .. } | Self::Nobody => &[],
        }
    }
}

/// A change of who is on call in one schedule, from a moment on and until another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "OverrideParts")]
pub struct Override {
    /// Its id; orders overrides that were created at the same moment.
    pub id: String,
    /// The schedule that it changes.
    pub schedule: ScheduleId,
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
    /// What it changes.
    pub change: OverrideChange,
    /// When it was created; the last created wins.
    pub created_at: Timestamp,
}

#[derive(Deserialize)]
struct OverrideParts {
    id: String,
    schedule: ScheduleId,
    from: Timestamp,
    until: Timestamp,
    change: OverrideChange,
    created_at: Timestamp,
}

impl TryFrom<OverrideParts> for Override {
    type Error = Problems;
    fn try_from(p: OverrideParts) -> Result<Self, Problems> {
        Self::new(p.id, p.schedule, p.from, p.until, p.change, p.created_at)
    }
}

impl Override {
    /// An override; the fields say what each argument means.
    ///
    /// # Errors
    /// It ends before it has begun, is longer than 366 days, names no people where it needs some, or more than 20.
    pub fn new(
        id: String,
        schedule: ScheduleId,
        from: Timestamp,
        until: Timestamp,
        change: OverrideChange,
        created_at: Timestamp,
    ) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        if until <= from {
            problems.push(FieldError::new("until", format!("is {until}; it must be after {from}, when the override begins")));
        }
        if until.duration_since(from) > SignedDuration::from_hours(DAYS_MAX * 24) {
            problems.push(FieldError::new(
                "until",
                format!("is more than {DAYS_MAX} days after the override begins; change the schedule instead"),
            ));
        }
        let instead = match &change {
            OverrideChange::Replace { .. } => Some("remove the person instead"),
            OverrideChange::ReplaceAll { .. } => Some("put nobody on call instead"),
            OverrideChange::Add { .. } => Some("name whom to add"),
            OverrideChange::Remove { .. } | OverrideChange::Nobody => None,
        };
        if let Some(instead) = instead.filter(|_| change.by().is_empty()) {
            problems.push(FieldError::new("by", format!("names nobody; {instead}")));
        }
        if change.by().len() > BY_MAX {
            problems.push(FieldError::new("by", format!("names {}; {BY_MAX} people are the most", change.by().len())));
        }
        Problems::none_or(problems, Self { id, schedule, from, until, change, created_at })
    }

    pub(super) fn is_active_at(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }

    /// Lays this override over who is on call, each person once. Whoever takes a place takes it in the order too.
    pub(super) fn apply(&self, on_call: &mut Vec<OnCall>, gap: &mut Option<Gap>) {
        let mine = |user: &UserId| OnCall { user: user.clone(), origin: Origin::Override(self.id.clone()) };
        let was_gap = gap.is_some();
        match &self.change {
            OverrideChange::Replace { user, by } => {
                if let Some(place) = on_call.iter().position(|person| person.user == *user) {
                    on_call.splice(place..=place, by.iter().map(mine));
                }
            }
            OverrideChange::ReplaceAll { by } => *on_call = by.iter().map(mine).collect(),
            OverrideChange::Add { by } => on_call.extend(by.iter().map(mine)),
            OverrideChange::Remove { user } => on_call.retain(|person| person.user != *user),
            OverrideChange::Nobody => on_call.clear(),
        }
        let mut once: Vec<UserId> = Vec::with_capacity(on_call.len());
        on_call.retain(|person| {
            let first = !once.contains(&person.user);
            if first {
                once.push(person.user.clone());
            }
            first
        });
        if !on_call.is_empty() {
            *gap = None;
        } else if !was_gap || self.change == OverrideChange::Nobody {
            *gap = Some(Gap::Override(self.id.clone()));
        }
    }
}
