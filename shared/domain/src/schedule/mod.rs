//! Schedules: who is on call when.
//!
//! A schedule is layers of rotations in one time zone. [`Rotation`] knows its own turns; here the layers are laid over each
//! other and the overrides on top. Everything is worked out from the moment asked about, never by walking there from the
//! start, so a question about the next century costs what a question about tomorrow does.

mod overrides;
mod rotation;
mod time_zone;

use std::collections::BTreeSet;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

pub use self::{
    overrides::Override,
    rotation::{Rotation, Turn},
};
use crate::{
    error::{FieldError, Problems},
    id::{ScheduleId, UserId},
};

/// Most rotations of a schedule.
const ROTATIONS_MAX: usize = 50;

/// Rotations laid over each other in one time zone.
///
/// Each rotation is a layer. The last one that has started decides, also when its slot is nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ScheduleParts")]
pub struct Schedule {
    id: ScheduleId,
    name: String,
    time_zone: String,
    #[serde(skip_serializing)]
    zone: TimeZone,
    rotations: Vec<Rotation>,
}

#[derive(Deserialize)]
struct ScheduleParts {
    id: ScheduleId,
    name: String,
    time_zone: String,
    rotations: Vec<Rotation>,
}

impl TryFrom<ScheduleParts> for Schedule {
    type Error = Problems;
    fn try_from(p: ScheduleParts) -> Result<Self, Problems> {
        Self::new(p.id, p.name, &p.time_zone, p.rotations)
    }
}

impl Schedule {
    /// A schedule whose hand-offs are wall-clock times in `time_zone`, an IANA name in any case. Later rotations hide earlier ones.
    ///
    /// # Errors
    /// No such time zone (the message says what was probably meant), no rotation or more than 50, two rotations of one name.
    pub fn new(id: ScheduleId, name: impl Into<String>, time_zone: &str, rotations: Vec<Rotation>) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        if rotations.is_empty() {
            problems.push(FieldError::new("rotations", "is empty; a schedule needs at least one rotation"));
        }
        if rotations.len() > ROTATIONS_MAX {
            problems.push(FieldError::new("rotations", format!("has {}; {ROTATIONS_MAX} are the most", rotations.len())));
        }
        let mut names = BTreeSet::new();
        for (place, rotation) in rotations.iter().enumerate() {
            if !names.insert(rotation.name()) {
                problems.push(FieldError::new(
                    format!("rotations[{place}].name"),
                    format!("{:?} is the name of another rotation too", rotation.name()),
                ));
            }
        }
        match time_zone::named(time_zone) {
            Ok((time_zone, zone)) => Problems::none_or(problems, Self { id, name: name.into(), time_zone, zone, rotations }),
            Err(problem) => {
                problems.insert(0, FieldError::new("time_zone", problem));
                Err(Problems(problems))
            }
        }
    }

    /// Its name in ids and configuration.
    pub fn id(&self) -> &ScheduleId {
        &self.id
    }

    /// Its name as people say it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The IANA name of the time zone of its hand-offs, spelt as the time zone database spells it.
    pub fn time_zone(&self) -> &str {
        &self.time_zone
    }

    /// Its rotations, lowest layer first; never empty.
    pub fn rotations(&self) -> &[Rotation] {
        &self.rotations
    }

    /// Everybody in its rotations.
    pub fn members(&self) -> BTreeSet<UserId> {
        self.rotations.iter().flat_map(Rotation::members).flatten().cloned().collect()
    }

    /// Who is on call at `at`, each person once; empty when nobody is.
    ///
    /// Overrides of other schedules are ignored. The active ones apply in the order of their creation, each on top of what the
    /// ones before it made; of two created at the same moment the one with the greater id comes last.
    pub fn on_call_at(&self, overrides: &[Override], at: Timestamp) -> Vec<UserId> {
        let mut active: Vec<&Override> = self.own(overrides).filter(|o| o.is_active_at(at)).collect();
        active.sort_by_key(|o| (o.created_at, &o.id));
        let by_rotations = self.by_rotations(at).cloned().into_iter().collect();
        active.into_iter().fold(by_rotations, |on_call, o| o.applied_to(on_call))
    }

    /// The next moment after `at` at which [`Self::on_call_at`] may change: a hand-off of any layer, or the edge of an override.
    /// Until then the answer is the same. `None`: it never changes again.
    pub fn next_change_after(&self, overrides: &[Override], at: Timestamp) -> Option<Timestamp> {
        let hand_offs = self.rotations.iter().filter_map(|r| r.next_hand_off_after(&self.zone, at));
        let edges = self.own(overrides).flat_map(|o| [o.from, o.until]).filter(|edge| *edge > at);
        hand_offs.chain(edges).min()
    }

    /// The person whom the layers alone put on call. A slot of nobody hides the layers below: it is somebody's decision.
    fn by_rotations(&self, at: Timestamp) -> Option<&UserId> {
        let (rotation, turn) = self.rotations.iter().rev().find_map(|r| r.turn_at(&self.zone, at).map(|turn| (r, turn)))?;
        rotation.slot(turn)
    }

    fn own<'a>(&'a self, overrides: &'a [Override]) -> impl Iterator<Item = &'a Override> {
        overrides.iter().filter(|o| o.schedule == self.id)
    }
}
