//! A layer: a rotation in the time zone of its schedule.

use jiff::{Timestamp, tz::TimeZone};

use super::{
    hand_off::instant,
    member::{Eras, Member},
    rotation::Rotation,
};

/// What can be worked out once for a rotation and a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LayerTimes {
    /// The first moment at which it is not in force any more.
    end: Timestamp,
    eras: Eras,
}

/// A rotation in its zone.
#[derive(Clone, Copy)]
pub(super) struct Layer<'a> {
    pub(super) rotation: &'a Rotation,
    pub(super) zone: &'a TimeZone,
    pub(super) times: &'a LayerTimes,
}

/// A time in which a layer is in force with one slot.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    /// `None`: every slot has left.
    pub(super) slot: Option<usize>,
}

impl LayerTimes {
    pub(super) fn new(rotation: &Rotation, zone: &TimeZone) -> Self {
        let end = rotation.spec().end.and_then(|end| instant(zone, end)).unwrap_or(Timestamp::MAX);
        let first_turn_from = |at| instant(zone, at).map_or(i64::MAX, |at| rotation.hand_offs().count_before(zone, at));
        Self { end, eras: Eras::new(rotation.members(), first_turn_from) }
    }
}

impl<'a> Layer<'a> {
    /// The slot in force at `at`: `None` when the layer is not in force, `Some(None)` when every slot has left.
    pub(super) fn slot_at(&self, at: Timestamp) -> Option<Option<usize>> {
        if self.has_ended_at(at) {
            return None;
        }
        let only = &self.rotation.spec().only;
        if !only.is_empty() && !only.iter().any(|restriction| restriction.contains(self.zone, at)) {
            return None;
        }
        self.rotation.hand_offs().turn_at(self.zone, at).map(|turn| self.times.eras.slot(turn))
    }

    /// The next moment after `at` at which [`Self::slot_at`] may change.
    pub(super) fn next_change_after(&self, at: Timestamp) -> Option<Timestamp> {
        if self.has_ended_at(at) {
            return None;
        }
        let (has_begun, hand_off) = self.rotation.hand_offs().next_after(self.zone, at);
        // Before the start, windows change nothing.
        let only = if has_begun { self.rotation.spec().only.as_slice() } else { &[] };
        let edges = only.iter().filter_map(|restriction| restriction.next_edge_after(self.zone, at));
        let next = edges.chain(hand_off).chain(self.rotation.spec().end.map(|_| self.times.end)).min();
        next.filter(|next| *next <= self.times.end)
    }

    /// Where it is in force in the period, in order.
    pub(super) fn spans(&self, from: Timestamp, until: Timestamp) -> Vec<Span> {
        let until = if self.rotation.spec().end.is_some() { until.min(self.times.end) } else { until };
        if until <= from {
            return Vec::new();
        }
        let turns = self.rotation.hand_offs().turns(self.zone, from, until);
        let windows = self.windows(from, until);
        let mut windows = windows.iter().copied().peekable();
        let mut spans: Vec<Span> = Vec::new();
        for (place, (turn, begin)) in turns.iter().enumerate() {
            let end = turns.get(place + 1).map_or(until, |(_, next)| *next);
            let slot = self.times.eras.slot(*turn);
            while let Some((opens, closes)) = windows.peek().copied() {
                let (from, until) = (opens.max(*begin), closes.min(end));
                if from < until {
                    self.push(&mut spans, Span { from, until, slot });
                }
                // A window that reaches into the next turn is needed there too.
                if closes > end || opens >= end {
                    break;
                }
                windows.next();
            }
        }
        spans
    }

    /// Adds a span, or makes the last one longer when nothing changes between them.
    fn push(&self, spans: &mut Vec<Span>, span: Span) {
        match spans.last_mut() {
            Some(last) if last.until == span.from && (last.slot == span.slot || self.users_of(last.slot) == self.users_of(span.slot)) => {
                last.until = span.until;
            }
            Some(_) | None => spans.push(span),
        }
    }

    /// The users of a slot; none when it is nobody's.
    pub(super) fn users_of(&self, slot: Option<usize>) -> &'a [crate::id::UserId] {
        slot.and_then(|slot| self.rotation.members().get(slot)).map_or(&[], |member: &Member| &member.users)
    }

    /// The windows of the period, put together where they touch or overlap.
    fn windows(&self, from: Timestamp, until: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        let only = &self.rotation.spec().only;
        if only.is_empty() {
            return vec![(from, until)];
        }
        let mut windows: Vec<_> = only.iter().flat_map(|restriction| restriction.windows_in(self.zone, from, until)).collect();
        windows.sort_unstable();
        let mut apart: Vec<(Timestamp, Timestamp)> = Vec::with_capacity(windows.len());
        for (opens, closes) in windows {
            match apart.last_mut() {
                Some(last) if opens <= last.1 => last.1 = last.1.max(closes),
                Some(_) | None => apart.push((opens, closes)),
            }
        }
        apart
    }

    fn has_ended_at(&self, at: Timestamp) -> bool {
        self.rotation.spec().end.is_some() && at >= self.times.end
    }
}
