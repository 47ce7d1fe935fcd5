//! Schedules: who is on call when.
//!
//! A schedule is layers of rotations in one time zone. [`Rotation`] knows its own turns, `layer.rs` when it is in force; here the
//! layers are laid over each other and the overrides on top. Everything is worked out from the moment asked about, never by walking
//! there from the start, so a question about the next century costs next to what a question about tomorrow does (a recurrence rule adds
//! up the months in between, some nanoseconds each).

mod effect_of_override;
mod hand_off;
mod layer;
mod member;
mod occurrences;
mod overrides;
mod recurrence;
mod rendering;
mod restriction;
mod rotation;
mod time_zone;
mod weekdays;

use std::collections::BTreeSet;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use self::layer::{Layer, LayerTimes};
pub(crate) use self::time_zone::named as time_zone_named;
pub use self::{
    effect_of_override::OverrideEffect,
    member::Member,
    overrides::{Override, OverrideChange},
    recurrence::{InvalidRecurrence, Recurrence},
    rendering::{Gap, LayerShift, LayerShifts, OnCall, Origin, Segment, Shift},
    restriction::{Restriction, WeekTime},
    rotation::{Rotation, RotationSpec, Turn},
    weekdays::Weekdays,
};
use crate::{
    error::{FieldError, Problems},
    id::{ScheduleId, UserId},
};

/// Most rotations of a schedule.
const ROTATIONS_MAX: usize = 50;

/// Rotations laid over each other in one time zone.
///
/// Each rotation is a layer. The last one in force decides, also when its slot is nobody: one that has started, has not ended, and
/// is inside one of its windows if it has any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ScheduleParts")]
pub struct Schedule {
    id: ScheduleId,
    name: String,
    time_zone: String,
    #[serde(skip_serializing)]
    zone: TimeZone,
    rotations: Vec<Rotation>,
    /// Of each rotation, what follows from it and the zone.
    #[serde(skip_serializing)]
    times: Vec<LayerTimes>,
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
            Ok(_) if !problems.is_empty() => Err(Problems(problems)),
            Ok((time_zone, zone)) => {
                let times = rotations.iter().map(|rotation| LayerTimes::new(rotation, &zone)).collect();
                Ok(Self { id, name: name.into(), time_zone, zone, rotations, times })
            }
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

    /// Everybody in its rotations, also those who join later or have left.
    pub fn members(&self) -> BTreeSet<UserId> {
        self.rotations.iter().flat_map(Rotation::members).flat_map(|member| &member.users).cloned().collect()
    }

    /// Who is on call at `at`, each person once; empty when nobody is.
    ///
    /// Overrides of other schedules are ignored. The active ones apply in the order of their creation, each on top of what the
    /// ones before it made; of two created at the same moment the one with the greater id comes last.
    pub fn on_call_at(&self, overrides: &[Override], at: Timestamp) -> Vec<UserId> {
        let wins = self.layered().rev().find_map(|layer| layer.slot_at(at).map(|slot| (layer, slot)));
        let active = self.by_creation(overrides, |o| o.is_active_at(at));
        let (people, _) = Self::laid_over(wins, active.into_iter());
        people.into_iter().map(|person| person.user).collect()
    }

    /// The next moment after `at` at which [`Self::on_call_at`] may change: a hand-off, start or end of any layer, the edge of one of
    /// its windows, or the edge of an override. Until then the answer is the same. `None`: it never changes again.
    pub fn next_change_after(&self, overrides: &[Override], at: Timestamp) -> Option<Timestamp> {
        let changes = self.layered().filter_map(|layer| layer.next_change_after(at));
        let edges = overrides.iter().filter(|o| o.schedule == self.id).flat_map(|o| [o.from, o.until]).filter(|edge| *edge > at);
        changes.chain(edges).min()
    }

    /// Its rotations in its zone, lowest layer first.
    fn layered(&self) -> impl DoubleEndedIterator<Item = Layer<'_>> {
        self.rotations.iter().zip(&self.times).map(|(rotation, times)| Layer { rotation, zone: &self.zone, times })
    }

    /// Its own overrides among those, as far as they are wanted, in the order in which they apply.
    fn by_creation<'a>(&self, overrides: &'a [Override], wanted: impl Fn(&Override) -> bool) -> Vec<&'a Override> {
        let mut own: Vec<&Override> = overrides.iter().filter(|o| o.schedule == self.id && wanted(o)).collect();
        own.sort_by_key(|o| (o.created_at, &o.id));
        own
    }
}
