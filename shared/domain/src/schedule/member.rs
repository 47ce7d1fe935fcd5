//! Members: the slots of a rotation, and whose turn it is when some join late and some leave.
//!
//! A join or a leave takes effect at the first hand-off at or after it, and the sequence goes on in the order of the slots from
//! whoever had the last turn. So nobody's shift is cut short, and a newcomer puts off the shifts of the others instead of mixing them up. Between two
//! such hand-offs (an [`Era`]) the same slots take turns, and a turn's slot is a division away.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::id::UserId;

/// A slot of a rotation.
///
/// Somebody who takes over another's place without moving anybody else is written before them, the one joining when the other leaves:
/// after them, and with the last turn theirs, the newcomer would be the next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who is on call in its turns, all together. Empty: nobody is, and layers below stay hidden.
    pub users: Vec<UserId>,
    /// It takes turns from the first hand-off at or after this wall-clock time on. `None`: from the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joins: Option<DateTime>,
    /// It takes no turn from the first hand-off at or after this wall-clock time on; a turn that has begun is finished.
    /// `None`: it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaves: Option<DateTime>,
}

impl Member {
    /// A slot of these users together, from the start and for good.
    pub fn of(users: impl IntoIterator<Item = UserId>) -> Self {
        Self { users: users.into_iter().collect(), joins: None, leaves: None }
    }

    /// A slot in which nobody is on call.
    pub fn nobody() -> Self {
        Self::of([])
    }

    /// Whether nobody is on call in its turns.
    pub fn is_nobody(&self) -> bool {
        self.users.is_empty()
    }
}

impl From<UserId> for Member {
    fn from(user: UserId) -> Self {
        Self::of([user])
    }
}

impl From<Option<UserId>> for Member {
    fn from(user: Option<UserId>) -> Self {
        Self::of(user)
    }
}

/// Whose turn it is, by the number of the turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Eras(Vec<Era>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Era {
    /// Its first turn.
    first: i64,
    /// The slots that take turns in it, in their order.
    slots: Vec<usize>,
    /// Which of them has the first turn.
    offset: usize,
}

impl Eras {
    /// `first_turn_from` gives the number of the first hand-off at or after a wall-clock time, 0 being the start.
    pub(super) fn new(members: &[Member], first_turn_from: impl Fn(DateTime) -> i64) -> Self {
        let turns: Vec<(i64, i64)> = members
            .iter()
            .map(|member| (member.joins.map_or(0, &first_turn_from), member.leaves.map_or(i64::MAX, &first_turn_from)))
            .collect();
        let begins: BTreeSet<i64> =
            turns.iter().flat_map(|(joins, leaves)| [*joins, *leaves]).filter(|turn| *turn < i64::MAX).chain([0]).collect();
        let begins: Vec<i64> = begins.into_iter().collect();
        let mut eras = Vec::with_capacity(begins.len());
        // The last slot before the first turn, so to speak: the first slot begins.
        let mut last = members.len();
        for (place, first) in begins.iter().copied().enumerate() {
            let slots: Vec<usize> = (0..members.len()).filter(|slot| (turns[*slot].0..turns[*slot].1).contains(&first)).collect();
            let offset = slots.iter().position(|slot| *slot > last).unwrap_or(0);
            let era = Era { first, slots, offset };
            if let Some(next) = begins.get(place + 1) {
                last = era.slot(next - 1).unwrap_or(last);
            }
            eras.push(era);
        }
        Self(eras)
    }

    /// The slot of a turn. `None` when everybody has left.
    pub(super) fn slot(&self, turn: i64) -> Option<usize> {
        let after = self.0.partition_point(|era| era.first <= turn);
        self.0.get(after.checked_sub(1)?)?.slot(turn)
    }
}

impl Era {
    fn slot(&self, turn: i64) -> Option<usize> {
        let passed = usize::try_from(turn - self.first).ok()?.checked_rem(self.slots.len())?;
        self.slots.get((self.offset + passed) % self.slots.len()).copied()
    }
}
