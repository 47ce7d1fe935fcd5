//! Worked shifts: what is written down about the past, so that no later configuration alters it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ListedShift, View};
use crate::{
    directory::{Directory, ListedSchedule},
    id::{ScheduleId, UserId},
    schedule::{Override, Schedule, Segment},
};

/// A stretch of the past of one schedule, with the names as they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkedStretch {
    /// The schedule.
    pub schedule: ScheduleId,
    /// The schedule's name as people said it.
    pub name: String,
    /// The IANA name of the schedule's time zone.
    pub time_zone: String,
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
    /// The hash of the allowance rules in force; empty for those that hold without any.
    #[serde(default)]
    pub rules: String,
    /// Who was on call, without holes.
    pub segments: Vec<Segment>,
    /// The names of everybody in the segments.
    pub people: BTreeMap<UserId, String>,
}

impl WorkedStretch {
    /// What `schedule` says of the time from `from` to before `until`, which is over.
    pub fn new(schedule: &Schedule, directory: &Directory, overrides: &[Override], from: Timestamp, until: Timestamp) -> Self {
        let segments = schedule.shifts(overrides, from, until);
        let people = segments.iter().flat_map(|segment| &segment.people);
        let people = people.map(|person| (person.user.clone(), directory.name_of(&person.user))).collect();
        let (name, time_zone) = (schedule.name().to_owned(), schedule.time_zone().to_owned());
        Self { schedule: schedule.id().clone(), name, time_zone, from, until, rules: directory.allowances.clone(), segments, people }
    }

    /// Its shifts as they are listed, with the names as they were.
    pub fn listed_as(&self, view: &View) -> Vec<ListedShift> {
        let name_of = |user: &UserId| self.people.get(user).cloned().unwrap_or_else(|| user.to_string());
        self.schedule_then().listed(&self.segments, view, name_of)
    }

    /// The schedule as it was.
    fn schedule_then(&self) -> ListedSchedule {
        ListedSchedule {
            id: self.schedule.clone(),
            name: self.name.clone(),
            time_zone: self.time_zone.clone(),
            members: self.people.keys().cloned().collect::<BTreeSet<_>>(),
            definition: String::new(),
        }
    }

    /// Without what lies outside of the period; `None` when nothing is left.
    pub fn within(mut self, from: Timestamp, until: Timestamp) -> Option<Self> {
        self.from = self.from.max(from);
        self.until = self.until.min(until);
        for segment in &mut self.segments {
            segment.from = segment.from.max(self.from);
            segment.until = segment.until.min(self.until);
        }
        self.segments.retain(|segment| segment.from < segment.until);
        (self.from < self.until).then_some(self)
    }
}

/// The stretches of one schedule in the order of time, each moment once. Two that overlap say the same about the time that they share: both
/// were true when they were written.
pub fn joined(mut stretches: Vec<WorkedStretch>) -> Vec<WorkedStretch> {
    stretches.sort_by_key(|stretch| (stretch.from, stretch.until));
    let mut covered = Timestamp::MIN;
    let mut apart = Vec::with_capacity(stretches.len());
    for stretch in stretches {
        let until = stretch.until;
        apart.extend(stretch.within(covered, Timestamp::MAX));
        covered = covered.max(until);
    }
    apart
}
