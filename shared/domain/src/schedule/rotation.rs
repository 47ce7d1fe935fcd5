//! Rotations: members who take turns.
//!
//! A rotation has no time zone of its own; the schedule hands in its own.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize, Serializer};

use super::{hand_off::HandOffs, member::Member, recurrence::Recurrence, restriction::Restriction};
use crate::{
    error::{FieldError, Problems},
    id::UserId,
};

/// Most slots of a rotation.
const MEMBERS_MAX: usize = 100;
/// Most users of one slot.
const SLOT_USERS_MAX: usize = 20;
/// Most restrictions of a rotation: one for every day of the week, several times over.
const RESTRICTIONS_MAX: usize = 50;

/// How long a turn is; at least 1 of its unit.
///
/// Days, weeks and months are the calendar's, on the wall clock: the hand-off stays at the same time of day whether the day had 23,
/// 24 or 25 hours. Hours are elapsed ones: their hand-off moves on the wall clock when the clock is put forward or back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// So many elapsed hours.
    Hours(u16),
    /// So many calendar days.
    Days(u16),
    /// So many calendar weeks.
    Weeks(u16),
    /// So many calendar months, on the start's day of the month, or on the last day of a month that has no such day: 31 January,
    /// 28 February, 31 March.
    Months(u16),
    /// Until the next occurrence of a rule, at the start's time of day. The turn after the last occurrence goes on to the rotation's end.
    Rule(Recurrence),
}

/// What a rotation is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotationSpec {
    /// Its name, unique in its schedule.
    pub name: String,
    /// When its first turn starts, on the schedule's wall clock; it hands off at that time of day. Before it, it is not in force.
    pub start: DateTime,
    /// The first wall-clock time at which it is not in force any more. `None`: it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<DateTime>,
    /// How long a turn is.
    pub every: Turn,
    /// Its slots in the order of their turns.
    pub members: Vec<Member>,
    /// It is in force only inside these windows. Empty: always. Its turns pass all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<Restriction>,
}

impl RotationSpec {
    /// A rotation that goes on and is always in force. A member is a [`Member`], a user, or `None` for a slot of nobody.
    pub fn new(name: impl Into<String>, start: DateTime, every: Turn, members: impl IntoIterator<Item: Into<Member>>) -> Self {
        let members = members.into_iter().map(Into::into).collect();
        Self { name: name.into(), start, end: None, every, members, only: Vec::new() }
    }
}

/// Slots that take turns from a start on, round and round.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RotationSpec")]
pub struct Rotation {
    spec: RotationSpec,
    hand_offs: HandOffs,
}

impl TryFrom<RotationSpec> for Rotation {
    type Error = Problems;
    fn try_from(spec: RotationSpec) -> Result<Self, Problems> {
        Self::new(spec)
    }
}

impl Serialize for Rotation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.spec.serialize(serializer)
    }
}

impl Rotation {
    /// A rotation of that specification.
    ///
    /// # Errors
    /// No name; an end that is not after the start; a turn of 0; a rule that does not occur at the start, or ever; no slot, more than
    /// 100, or none with a user in it; a slot of more than 20 users or with one twice; a slot that leaves before it joins; more than
    /// 50 restrictions, and one that never matches.
    pub fn new(spec: RotationSpec) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        if spec.name.is_empty() {
            problems.push(FieldError::new("name", "is empty; give the rotation a name"));
        }
        if let Some(end) = spec.end.filter(|end| *end <= spec.start) {
            problems.push(FieldError::new("end", format!("is {end}; it must be after {}, when the rotation starts", spec.start)));
        }
        let hand_offs = HandOffs::new(&spec.every, spec.start).map_err(|problem| problems.push(problem)).ok();
        check_members(&spec.members, &mut problems);
        check_restrictions(&spec, &mut problems);
        match hand_offs {
            Some(hand_offs) => Problems::none_or(problems, Self { spec, hand_offs }),
            None => Err(Problems(problems)),
        }
    }

    /// What it is made of.
    pub fn spec(&self) -> &RotationSpec {
        &self.spec
    }

    /// Its name, unique in its schedule.
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    /// Its slots in the order of their turns, never empty.
    pub fn members(&self) -> &[Member] {
        &self.spec.members
    }

    pub(super) fn hand_offs(&self) -> &HandOffs {
        &self.hand_offs
    }
}

fn check_members(members: &[Member], problems: &mut Vec<FieldError>) {
    if members.is_empty() {
        problems.push(FieldError::new("members", "is empty; name at least one user"));
    } else if members.iter().all(Member::is_nobody) {
        let problem = "has nobody in any slot, so nobody would ever be on call; name at least one user, or remove the rotation";
        problems.push(FieldError::new("members", problem));
    }
    if members.len() > MEMBERS_MAX {
        problems.push(FieldError::new("members", format!("has {}; {MEMBERS_MAX} are the most", members.len())));
    }
    for (place, member) in members.iter().enumerate() {
        let mut problem = |field: &str, problem| problems.push(FieldError::new(format!("members[{place}]{field}"), problem));
        if member.users.len() > SLOT_USERS_MAX {
            problem("", format!("names {}; {SLOT_USERS_MAX} users are the most", member.users.len()));
        }
        let mut once = BTreeSet::<&UserId>::new();
        if let Some(twice) = member.users.iter().find(|user| !once.insert(user)) {
            problem("", format!("names {twice} twice; remove one"));
        }
        if let (Some(joins), Some(leaves)) = (member.joins, member.leaves)
            && leaves <= joins
        {
            problem(".leaves", format!("is {leaves}; it must be after {joins}, when they join"));
        }
    }
}

fn check_restrictions(spec: &RotationSpec, problems: &mut Vec<FieldError>) {
    if spec.only.len() > RESTRICTIONS_MAX {
        problems.push(FieldError::new("only", format!("has {}; {RESTRICTIONS_MAX} are the most", spec.only.len())));
    }
    for (place, restriction) in spec.only.iter().enumerate() {
        if restriction.names_no_day() {
            problems.push(FieldError::new(format!("only[{place}].days"), "is empty, so it never matches; name a day, or leave `days` out"));
        } else if let Some(end) = spec.end.filter(|end| spec.start < *end && !restriction.has_window_in(spec.start, *end)) {
            let problem = format!("never matches between {} and {end}, while the rotation runs; remove it, or mend its times", spec.start);
            problems.push(FieldError::new(format!("only[{place}]"), problem));
        }
    }
}
