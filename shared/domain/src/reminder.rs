//! Hand-off reminders: whom to tell ahead of time that their shift begins or ends.
//!
//! Pure: a schedule, its overrides, the people and a time go in, what is due and when to look again come out. A shift that merely
//! continues, over a hand-off from somebody to themselves too, begins and ends nowhere.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    id::UserId,
    incident::plus_seconds,
    notice::{HandOff, NoticeKind},
    schedule::{Override, Schedule, Segment},
    user::{Method, User},
};

/// Most reminders of a person.
pub const REMINDERS_MAX: usize = 10;
/// Longest lead of a reminder, in seconds: two weeks.
pub const LEAD_SECONDS_MAX: u32 = 14 * 86_400;
/// Shortest lead: the sweeper looks once a minute.
pub const LEAD_SECONDS_MIN: u32 = 60;
/// The lead of somebody who chose none, in seconds: a day.
const LEAD_SECONDS_DEFAULT: u32 = 86_400;
/// How far ahead hand-offs are looked for, beyond the longest lead: at least so often every schedule is looked at.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How far ahead the end of a shift is looked for. One that is longer is told without its end.
const END_WITHIN: SignedDuration = SignedDuration::from_hours(35 * 24);

/// What a reminder is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShiftEdge {
    /// The shift begins.
    Start,
    /// It ends.
    End,
}

impl ShiftEdge {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::End => "end",
        }
    }
}

/// "So long before my shift begins, tell me by this."
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ReminderRule {
    /// So long before, in seconds.
    pub before_seconds: u32,
    /// How; `None` is the quietest method that the person has.
    #[serde(default)]
    pub by: Option<Method>,
    /// Before what.
    pub of: ShiftEdge,
}

impl ReminderRule {
    /// The reminder of somebody who chose none: a day before a shift begins.
    pub const DEFAULT: Self = Self { before_seconds: LEAD_SECONDS_DEFAULT, by: None, of: ShiftEdge::Start };
}

impl User {
    /// How they are told what wakes nobody and is no incident: by mail, or what there is. `None` when there is nothing.
    pub fn quietest_method(&self) -> Option<Method> {
        [Method::Email, Method::Webhook, Method::Sms].into_iter().find(|method| self.methods().contains(method))
    }

    /// How they are reminded when the reminder does not say. A text rings at night, so whoever chose no reminders is sent none by it.
    fn reminded_by(&self) -> Option<Method> {
        self.quietest_method().filter(|method| *method != Method::Sms || self.chose_reminders())
    }
}

/// One reminder that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    /// Whom.
    pub user: UserId,
    /// How.
    pub method: Method,
    /// Which of their reminders, by its lead in seconds: with the hand-off it makes the reminder the only one of its kind.
    pub before_seconds: u32,
    /// The hand-off.
    pub kind: NoticeKind,
}

/// What a look at a schedule comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminders {
    /// What is due now.
    pub due: Vec<Reminder>,
    /// When to look again, always later than now.
    pub next_at: Timestamp,
}

/// Who begins or ends at a moment, with whom before and after.
struct Edge<'a> {
    at: Timestamp,
    before: &'a BTreeSet<&'a UserId>,
    after: &'a BTreeSet<&'a UserId>,
}

impl Schedule {
    /// The reminders that are due at `now`: of each person and hand-off the one with the shortest lead that has begun, so that whoever
    /// looks late tells once. None for a hand-off that is over. People whom `users` does not know are not told.
    pub fn reminders(&self, overrides: &[Override], users: &BTreeMap<UserId, User>, now: Timestamp) -> Reminders {
        let later = |by| now.saturating_add(by).unwrap_or(Timestamp::MAX);
        let lead_max = SignedDuration::from_secs(i64::from(LEAD_SECONDS_MAX));
        let horizon = later(lead_max).saturating_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX);
        let segments = self.shifts(overrides, now, horizon.saturating_add(END_WITHIN).unwrap_or(Timestamp::MAX));
        let people: Vec<BTreeSet<&UserId>> =
            segments.iter().map(|segment| segment.people.iter().map(|person| &person.user).collect()).collect();
        let mut found = Reminders { due: Vec::new(), next_at: later(LOOK_AGAIN) };
        for (place, pair) in people.windows(2).enumerate() {
            let edge = Edge { at: segments[place + 1].from, before: &pair[0], after: &pair[1] };
            if edge.at <= now || edge.at >= horizon {
                continue;
            }
            let beginning = edge.after.difference(edge.before).map(|user| (*user, ShiftEdge::Start));
            for (user, which) in beginning.chain(edge.before.difference(edge.after).map(|user| (*user, ShiftEdge::End))) {
                let Some(user) = users.get(user) else { continue };
                found.add(user, which, edge.at, now, || {
                    self.hand_off(&edge, user.id(), which, &segments[place + 1..], &people[place + 1..])
                });
            }
        }
        found
    }

    /// Whether the person's shift begins or ends at exactly `at`.
    pub fn is_edge(&self, overrides: &[Override], user: &UserId, which: ShiftEdge, at: Timestamp) -> bool {
        let is_on = |at| self.on_call_at(overrides, at).contains(user);
        let before = at.saturating_sub(SignedDuration::from_nanos(1)).unwrap_or(at);
        match which {
            ShiftEdge::Start => is_on(at) && !is_on(before),
            ShiftEdge::End => !is_on(at) && is_on(before),
        }
    }

    fn hand_off(
        &self,
        edge: &Edge<'_>,
        user: &UserId,
        which: ShiftEdge,
        following: &[Segment],
        people: &[BTreeSet<&UserId>],
    ) -> NoticeKind {
        // Whoever stays on call hands nothing over, and takes nothing over.
        let (others, until) = match which {
            ShiftEdge::Start => {
                let last = people.iter().position(|people| !people.contains(user));
                (edge.before.difference(edge.after), last.and_then(|last| following.get(last)).map(|segment| segment.from))
            }
            ShiftEdge::End => (edge.after.difference(edge.before), None),
        };
        let hand_off = HandOff {
            schedule: self.id().clone(),
            name: self.name().to_owned(),
            at: edge.at,
            until,
            others: others.map(|user| (*user).clone()).collect(),
        };
        match which {
            ShiftEdge::Start => NoticeKind::ShiftBegins(hand_off),
            ShiftEdge::End => NoticeKind::ShiftEnds(hand_off),
        }
    }
}

impl Reminders {
    fn add(&mut self, user: &User, which: ShiftEdge, at: Timestamp, now: Timestamp, kind: impl Fn() -> NoticeKind) {
        let rules = user.reminders().iter().filter(|rule| rule.of == which);
        let (begun, ahead): (Vec<&ReminderRule>, Vec<&ReminderRule>) = rules.partition(|rule| plus_seconds(now, rule.before_seconds) >= at);
        let next = ahead.iter().map(|rule| rule.before_seconds).max();
        if let Some(seconds) = next {
            let due_at = at.saturating_sub(SignedDuration::from_secs(i64::from(seconds))).unwrap_or(at);
            self.next_at = self.next_at.min(due_at);
        }
        let Some(shortest) = begun.iter().map(|rule| rule.before_seconds).min() else { return };
        for rule in begun.iter().filter(|rule| rule.before_seconds == shortest) {
            let Some(method) = rule.by.filter(|by| user.methods().contains(by)).or_else(|| user.reminded_by()) else { continue };
            self.due.push(Reminder { user: user.id().clone(), method, before_seconds: shortest, kind: kind() });
        }
    }
}
