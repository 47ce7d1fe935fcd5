//! Who is on call at a moment, and who is next.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{ListedShift, View};
use crate::{
    directory::ListedSchedule,
    id::{ScheduleId, UserId},
    schedule::{Override, Schedule},
};

/// How far around the moment is looked, in days, until both edges of the shift and the next one are found. Most rotations turn within a
/// week, so most are found in the first look.
const LOOKS_DAYS: [i64; 3] = [9, 63, LOOK_DAYS_MAX];
/// The furthest look: a rotation of months with a dozen members comes round within it.
pub const LOOK_DAYS_MAX: i64 = 400;

/// One schedule at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnCallLine {
    /// The schedule.
    pub schedule: ScheduleId,
    /// The schedule's name as people say it.
    pub name: String,
    /// The IANA name of the schedule's time zone.
    pub time_zone: String,
    /// The shift at the moment. `None`: nobody of those who were asked about is on call.
    pub now: Option<ListedShift>,
    /// The shift after it, or the first of those who were asked about. `None`: there is none within 400 days.
    pub next: Option<ListedShift>,
}

impl OnCallLine {
    /// Who is on call in `schedule` at `at`, and who is next, by its definition and these overrides alone.
    pub fn at(
        schedule: &Schedule,
        listed: &ListedSchedule,
        overrides: &[Override],
        view: &View,
        name_of: impl Fn(&UserId) -> String,
        at: Timestamp,
    ) -> Self {
        let mut line =
            Self { schedule: listed.id.clone(), name: listed.name.clone(), time_zone: listed.time_zone.clone(), now: None, next: None };
        for days in LOOKS_DAYS {
            let by = SignedDuration::from_hours(24 * days);
            let from = at.saturating_sub(by).unwrap_or(Timestamp::MIN);
            let until = at.saturating_add(by).unwrap_or(Timestamp::MAX);
            let mut shifts = listed.listed(&schedule.shifts(overrides, from, until), view, &name_of);
            for shift in &mut shifts {
                shift.from = shift.from.filter(|edge| *edge > from);
                shift.until = shift.until.filter(|edge| *edge < until);
            }
            line.now = shifts.iter().find(|shift| is_at(shift, at)).cloned();
            line.next = shifts.into_iter().find(|shift| shift.from.is_some_and(|begin| begin > at));
            let is_whole = line.now.as_ref().is_none_or(|now| now.from.is_some() && now.until.is_some());
            if is_whole && line.next.as_ref().is_some_and(|next| next.until.is_some()) {
                break;
            }
        }
        line
    }
}

fn is_at(shift: &ListedShift, at: Timestamp) -> bool {
    shift.from.is_none_or(|from| from <= at) && shift.until.is_none_or(|until| at < until)
}
