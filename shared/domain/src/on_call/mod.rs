//! Who is on call, as people ask: everybody's shifts, those of one person, those of a team.
//!
//! The rendered schedule ([`crate::Schedule::shifts`]) says it for one schedule, cut wherever a reason changes. Here it becomes what is listed:
//! named, narrowed to the people who were asked about, and put together where the same people go on.

mod now;
mod worked;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::{
    now::{LOOK_DAYS_MAX, OnCallLine},
    worked::{WorkedStretch, joined},
};
use crate::{
    directory::{Directory, ListedSchedule},
    id::{ScheduleId, TeamId, UserId},
    schedule::{Gap, Origin, Segment},
};

/// Whom or what a question is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Every schedule.
    Everything,
    /// One schedule: everybody in it, and when nobody is on call.
    Schedule(ScheduleId),
    /// The shifts of a team's members in every schedule, and when nobody is on call in those schedules whose members all belong to the team.
    Team(TeamId),
    /// One person's shifts in every schedule.
    User(UserId),
}

/// A shift as it is listed: the same people without a break, or nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedShift {
    /// The schedule.
    pub schedule: ScheduleId,
    /// The schedule's name as people say it.
    pub name: String,
    /// The IANA name of the schedule's time zone.
    pub time_zone: String,
    /// Its first moment. `None`: before everything that was looked at.
    pub from: Option<Timestamp>,
    /// The first moment after it. `None`: after everything that was looked at.
    pub until: Option<Timestamp>,
    /// Who is on call of those who were asked about; empty when nobody is.
    pub people: Vec<ListedPerson>,
    /// Why nobody is.
    pub gap: Option<Gap>,
}

/// Somebody on call, as they are listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedPerson {
    /// Who it is.
    pub user: UserId,
    /// Their name as people say it.
    pub name: String,
    /// What put them on call at the beginning of the shift.
    pub by: Origin,
}

/// What of a schedule is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The people who were asked about; `None`: everybody.
    pub people: Option<BTreeSet<UserId>>,
    /// Whether it is listed that nobody is on call.
    pub with_gaps: bool,
}

impl About {
    /// What it shows of a schedule with these members; `None`: nothing. `elsewhere` are the schedules in which somebody stands in by an
    /// override without being a member. The directory must know the team; a person may have left.
    pub fn view_of(
        &self,
        schedule: &ScheduleId,
        members: &BTreeSet<UserId>,
        elsewhere: &BTreeSet<ScheduleId>,
        directory: &Directory,
    ) -> Option<View> {
        match self {
            Self::Everything => Some(View { people: None, with_gaps: true }),
            Self::Schedule(asked) => (asked == schedule).then_some(View { people: None, with_gaps: true }),
            Self::User(user) => (members.contains(user) || elsewhere.contains(schedule))
                .then(|| View { people: Some(BTreeSet::from([user.clone()])), with_gaps: false }),
            Self::Team(team) => {
                let people: BTreeSet<UserId> = directory.team(team)?.members.iter().cloned().collect();
                let is_concerned = !people.is_disjoint(members) || elsewhere.contains(schedule);
                let is_own = !members.is_empty() && members.is_subset(&people);
                is_concerned.then_some(View { people: Some(people), with_gaps: is_own })
            }
        }
    }

    /// The people whose overrides in schedules of others count too.
    pub fn people(&self, directory: &Directory) -> Vec<UserId> {
        match self {
            Self::Everything | Self::Schedule(_) => Vec::new(),
            Self::User(user) => vec![user.clone()],
            Self::Team(team) => directory.team(team).map(|team| team.members.clone()).unwrap_or_default(),
        }
    }
}

impl ListedSchedule {
    /// The segments of this schedule as they are listed. `name_of` says the names of people.
    pub fn listed(&self, segments: &[Segment], view: &View, name_of: impl Fn(&UserId) -> String) -> Vec<ListedShift> {
        let mut shifts: Vec<ListedShift> = Vec::new();
        for segment in segments {
            let is_wanted = |user: &UserId| view.people.as_ref().is_none_or(|people| people.contains(user));
            let people = segment.people.iter().filter(|person| is_wanted(&person.user));
            let people: Vec<ListedPerson> = people
                .map(|person| ListedPerson { user: person.user.clone(), name: name_of(&person.user), by: person.origin.clone() })
                .collect();
            if people.is_empty() && !(view.with_gaps && segment.people.is_empty()) {
                continue;
            }
            match shifts.last_mut() {
                Some(last) if last.until == Some(segment.from) && is_same(last, &people, segment.gap.as_ref()) => {
                    last.until = Some(segment.until)
                }
                Some(_) | None => shifts.push(ListedShift {
                    schedule: self.id.clone(),
                    name: self.name.clone(),
                    time_zone: self.time_zone.clone(),
                    from: Some(segment.from),
                    until: Some(segment.until),
                    people,
                    gap: segment.gap.clone(),
                }),
            }
        }
        shifts
    }
}

/// Whether the same people go on: a hand-off to oneself is no break, nor is another reason for the same people.
fn is_same(last: &ListedShift, people: &[ListedPerson], gap: Option<&Gap>) -> bool {
    let is_gap_the_same = !people.is_empty() || last.gap.as_ref() == gap;
    last.people.len() == people.len()
        && is_gap_the_same
        && last.people.iter().all(|before| people.iter().any(|person| person.user == before.user))
}

/// The shifts of one schedule, in the order of time, put together where the same people go on.
pub fn continued(shifts: Vec<ListedShift>) -> Vec<ListedShift> {
    let mut whole: Vec<ListedShift> = Vec::with_capacity(shifts.len());
    for shift in shifts {
        match whole.last_mut() {
            Some(last) if last.until.is_some() && last.until == shift.from && is_same(last, &shift.people, shift.gap.as_ref()) => {
                last.until = shift.until;
            }
            Some(_) | None => whole.push(shift),
        }
    }
    whole
}

/// Shifts in the order in which they are listed: by time, then by schedule.
pub fn by_time(shifts: &mut [ListedShift]) {
    shifts.sort_by(|a, b| (a.from, &a.schedule, a.until).cmp(&(b.from, &b.schedule, b.until)));
}
