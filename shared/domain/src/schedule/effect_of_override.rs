//! What one override changes on top of others: who is on call by it, and who is not any more.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Override, Schedule, Segment};
use crate::id::UserId;

/// Who is on call and who is not, at any time, because of one override.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OverrideEffect {
    /// Who would be on call without it.
    pub lost: BTreeSet<UserId>,
    /// Who would not be.
    pub gained: BTreeSet<UserId>,
}

impl OverrideEffect {
    /// Whether the same people are on call all the same.
    pub fn is_nothing(&self) -> bool {
        self.lost.is_empty() && self.gained.is_empty()
    }
}

impl Schedule {
    /// What `made` changes from `from` on, on top of `others`; it counts as made at its own time among them.
    pub fn effect_of(&self, others: &[Override], made: &Override, from: Timestamp) -> OverrideEffect {
        let from = made.from.max(from);
        let without: Vec<Override> = others.iter().filter(|other| other.id != made.id).cloned().collect();
        let with: Vec<Override> = without.iter().chain([made]).cloned().collect();
        let (before, after) = (self.shifts(&without, from, made.until), self.shifts(&with, from, made.until));
        let mut effect = OverrideEffect::default();
        // Both cover the same time without holes, so a moment at every edge of either says all.
        for edge in before.iter().chain(&after).map(|segment| segment.from) {
            let (old, new) = (people_at(&before, edge), people_at(&after, edge));
            effect.lost.extend(old.difference(&new).map(|user| (*user).clone()));
            effect.gained.extend(new.difference(&old).map(|user| (*user).clone()));
        }
        effect
    }
}

fn people_at(segments: &[Segment], at: Timestamp) -> BTreeSet<&UserId> {
    let place = segments.partition_point(|segment| segment.until <= at);
    segments.get(place).into_iter().flat_map(|segment| &segment.people).map(|person| &person.user).collect()
}
