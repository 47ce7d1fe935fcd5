//! Overrides: somebody else is on call for a while.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    error::{FieldError, Problems},
    id::{ScheduleId, UserId},
};

/// Most people whom an override puts on call.
const BY_MAX: usize = 20;
/// Longest override, in days of 24 hours: a year, also a leap year.
const DAYS_MAX: i64 = 366;

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
    /// Whose place is taken, if they are on call. `None`: that of everybody on call.
    pub replaces: Option<UserId>,
    /// Who is on call instead. Empty: nobody.
    pub by: Vec<UserId>,
    /// When it was created; the last created wins.
    pub created_at: Timestamp,
}

#[derive(Deserialize)]
struct OverrideParts {
    id: String,
    schedule: ScheduleId,
    from: Timestamp,
    until: Timestamp,
    replaces: Option<UserId>,
    by: Vec<UserId>,
    created_at: Timestamp,
}

impl TryFrom<OverrideParts> for Override {
    type Error = Problems;
    fn try_from(p: OverrideParts) -> Result<Self, Problems> {
        Self::new(p.id, p.schedule, p.from, p.until, p.replaces, p.by, p.created_at)
    }
}

impl Override {
    /// An override; the fields say what each argument means.
    ///
    /// # Errors
    /// It ends before it has begun, is longer than 366 days, or puts more than 20 people on call.
    pub fn new(
        id: String,
        schedule: ScheduleId,
        from: Timestamp,
        until: Timestamp,
        replaces: Option<UserId>,
        by: Vec<UserId>,
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
        if by.len() > BY_MAX {
            problems.push(FieldError::new("by", format!("names {}; {BY_MAX} people are the most", by.len())));
        }
        Problems::none_or(problems, Self { id, schedule, from, until, replaces, by, created_at })
    }

    pub(super) fn is_active_at(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }

    /// Who is on call once this override is laid over `on_call`, each person once. A replacement takes the place in the order
    /// of the person replaced, who stays only if `by` names them.
    pub(super) fn applied_to(&self, on_call: Vec<UserId>) -> Vec<UserId> {
        let everybody: Vec<UserId> = match &self.replaces {
            None => self.by.clone(),
            Some(replaced) => on_call.into_iter().flat_map(|user| if user == *replaced { self.by.clone() } else { vec![user] }).collect(),
        };
        let mut once: Vec<UserId> = Vec::with_capacity(everybody.len());
        for user in everybody {
            if !once.contains(&user) {
                once.push(user);
            }
        }
        once
    }
}
