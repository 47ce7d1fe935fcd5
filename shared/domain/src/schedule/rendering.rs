//! The rendered schedule: a period cut where who is on call changes, with where everybody comes from and why nobody is.
//!
//! Only the moments are looked at where something can change: hand-offs, edges of windows and of overrides.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Schedule,
    layer::{Layer, Span},
    overrides::Override,
};
use crate::id::UserId;

/// A part of a period in which the same people are on call for the same reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
    /// Who is on call, each person once.
    pub people: Vec<OnCall>,
    /// Why nobody is on call; `None` when somebody is.
    pub gap: Option<Gap>,
}

/// Somebody who is on call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnCall {
    /// Who it is.
    pub user: UserId,
    /// What put them on call.
    pub origin: Origin,
}

/// What puts somebody on call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Their turn in the rotation of that name.
    Rotation(String),
    /// The override of that id.
    Override(String),
}

/// Why nobody is on call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// No rotation is in force.
    NoRotation,
    /// The highest rotation in force, of that name, is at a slot of nobody.
    Nobody(String),
    /// The override of that id says so, or took the last person away.
    Override(String),
}

/// What one rotation alone says about a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerShifts {
    /// The name of the rotation.
    pub rotation: String,
    /// Where it is in force, in order; between them it is not.
    pub shifts: Vec<LayerShift>,
}

/// A part of a period in which a rotation is in force with the same people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerShift {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
    /// Whose turn it is; empty for nobody.
    pub users: Vec<UserId>,
}

/// A time for which one person is on call without a break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
}

impl Schedule {
    /// The final schedule of the period from `from` to before `until`: segments without holes and overlaps between them, each as
    /// long as nothing changes. Empty when the period is. The cost grows with the length of the period.
    pub fn shifts(&self, overrides: &[Override], from: Timestamp, until: Timestamp) -> Vec<Segment> {
        if until <= from {
            return Vec::new();
        }
        let overrides = self.by_creation(overrides, |o| o.from < until && o.until > from);
        let layers: Vec<(Layer<'_>, Vec<Span>)> = self.layered().map(|layer| (layer, layer.spans(from, until))).collect();
        let span_edges = layers.iter().flat_map(|(_, spans)| spans).flat_map(|span| [span.from, span.until]);
        let override_edges = overrides.iter().flat_map(|o| [o.from, o.until]);
        let mut edges: Vec<Timestamp> =
            span_edges.chain(override_edges).filter(|edge| from < *edge && *edge < until).chain([from, until]).collect();
        edges.sort_unstable();
        edges.dedup();

        let mut rest: Vec<&[Span]> = layers.iter().map(|(_, spans)| spans.as_slice()).collect();
        let mut begins: Vec<usize> = (0..overrides.len()).collect();
        begins.sort_by_key(|place| overrides[*place].from);
        let mut begins = begins.into_iter().peekable();
        // By their place in the order of creation.
        let mut active: BTreeSet<usize> = BTreeSet::new();
        let mut segments: Vec<Segment> = Vec::new();
        for edge in edges.windows(2) {
            let (from, until) = (edge[0], edge[1]);
            while let Some(place) = begins.next_if(|place| overrides[*place].from <= from) {
                active.insert(place);
            }
            active.retain(|place| overrides[*place].until > from);
            for spans in &mut rest {
                while spans.first().is_some_and(|span| span.until <= from) {
                    *spans = &spans[1..];
                }
            }
            let in_force = |spans: &&[Span]| spans.first().filter(|span| span.from <= from).map(|span| span.slot);
            let wins = layers.iter().zip(&rest).rev().find_map(|((layer, _), spans)| in_force(spans).map(|slot| (*layer, slot)));
            let (people, gap) = Self::laid_over(wins, active.iter().map(|place| overrides[*place]));
            match segments.last_mut() {
                Some(last) if last.people == people && last.gap == gap => last.until = until,
                Some(_) | None => segments.push(Segment { from, until, people, gap }),
            }
        }
        segments
    }

    /// What every rotation alone says about the period, lowest layer first: with [`Self::shifts`], who wins where.
    pub fn layers(&self, from: Timestamp, until: Timestamp) -> Vec<LayerShifts> {
        let shifts = |layer: Layer<'_>| {
            let spans = layer.spans(from, until).into_iter();
            spans.map(|span| LayerShift { from: span.from, until: span.until, users: layer.users_of(span.slot).to_vec() }).collect()
        };
        self.layered().map(|layer| LayerShifts { rotation: layer.rotation.name().to_owned(), shifts: shifts(layer) }).collect()
    }

    /// When one person is on call in the period, cut at its ends. A hand-off to themselves is no break.
    pub fn shifts_of(&self, user: &UserId, overrides: &[Override], from: Timestamp, until: Timestamp) -> Vec<Shift> {
        let mut shifts: Vec<Shift> = Vec::new();
        for segment in self.shifts(overrides, from, until) {
            if segment.people.iter().any(|person| person.user == *user) {
                match shifts.last_mut() {
                    Some(last) if last.until == segment.from => last.until = segment.until,
                    Some(_) | None => shifts.push(Shift { from: segment.from, until: segment.until }),
                }
            }
        }
        shifts
    }

    /// Who is on call when that layer wins with that slot, or no layer is in force, and these overrides lie on top in that order.
    pub(super) fn laid_over<'a>(
        wins: Option<(Layer<'_>, Option<usize>)>,
        overrides: impl Iterator<Item = &'a Override>,
    ) -> (Vec<OnCall>, Option<Gap>) {
        let (mut people, mut gap) = match wins {
            None => (Vec::new(), Some(Gap::NoRotation)),
            Some((layer, slot)) => {
                let name = layer.rotation.name();
                let on_call = |user: &UserId| OnCall { user: user.clone(), origin: Origin::Rotation(name.to_owned()) };
                let people: Vec<OnCall> = layer.users_of(slot).iter().map(on_call).collect();
                let gap = people.is_empty().then(|| Gap::Nobody(name.to_owned()));
                (people, gap)
            }
        };
        for change in overrides {
            change.apply(&mut people, &mut gap);
        }
        (people, gap)
    }
}
