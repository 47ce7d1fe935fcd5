//! Sweeps: the same alarm at many moments, and at which of them too few people would hear of it.

use std::collections::BTreeSet;

use hansho_domain::{Urgency, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::{play::rehearse, scenario::Scenario, stage::Stage};

/// Whom an alarm at one moment reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// When the alarm came in.
    pub at: Timestamp,
    /// Who was woken in time.
    pub woken: BTreeSet<UserId>,
    /// Who was told in time without being woken.
    pub told: BTreeSet<UserId>,
}

/// What is too little.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// Nobody is woken, and nobody is told either.
    Nobody,
    /// People are told, and nobody is woken: the urgency is low then.
    NobodyWoken,
    /// These people alone.
    Only(Vec<UserId>),
}

/// A row of moments with the same lack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The first moment.
    pub from: Timestamp,
    /// The last moment.
    pub to: Timestamp,
    /// How many moments.
    pub moments: usize,
    /// What lacks.
    pub lack: Lack,
}

/// Which moments are looked at, and how soon people have to be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// The first moment.
    pub from: Timestamp,
    /// Where it ends; this moment is not looked at.
    pub to: Timestamp,
    /// The distance of two moments.
    pub every: SignedDuration,
    /// Within which people have to be reached.
    pub within: SignedDuration,
}

impl Sweep {
    /// How many moments there are.
    pub fn count(&self) -> u64 {
        let length = self.to.duration_since(self.from).as_secs();
        let every = self.every.as_secs();
        if length <= 0 || every <= 0 { 0 } else { u64::try_from((length - 1) / every + 1).unwrap_or(0) }
    }

    /// The moments, in order.
    pub fn moments(&self) -> impl Iterator<Item = Timestamp> + use<> {
        let (from, every) = (self.from, self.every.as_secs());
        let seconds = move |n: u64| i64::try_from(n).ok()?.checked_mul(every).map(SignedDuration::from_secs);
        (0..self.count()).map_while(move |n| from.checked_add(seconds(n)?).ok())
    }

    /// Whom the alarm of `scenario` would reach in time if it came in at `at`.
    pub fn reach(&self, stage: &Stage, scenario: &Scenario, at: Timestamp) -> Reach {
        let scenario = Scenario { at, until: Some(self.within), ..scenario.clone() };
        let story = rehearse(stage, &scenario);
        let of = |urgency: Urgency| {
            story.pages.iter().filter(|page| page.urgency == urgency).filter_map(|page| page.person().cloned()).collect()
        };
        Reach { at, woken: of(Urgency::High), told: of(Urgency::Low) }
    }
}

impl Reach {
    /// What is too little about it, if fewer than `least` people are woken.
    pub fn lack(&self, least: usize) -> Option<Lack> {
        match (self.woken.len(), self.told.is_empty()) {
            (woken, _) if woken >= least => None,
            (0, true) => Some(Lack::Nobody),
            (0, false) => Some(Lack::NobodyWoken),
            _ => Some(Lack::Only(self.woken.iter().cloned().collect())),
        }
    }
}

/// The moments at which fewer than `least` people are woken, with neighbours of the same lack put together.
pub fn spans(reaches: &[Reach], least: usize) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut before = None;
    for reach in reaches {
        let lack = reach.lack(least);
        match (&lack, spans.last_mut()) {
            (Some(_), Some(span)) if lack == before => {
                span.to = reach.at;
                span.moments += 1;
            }
            (Some(lack), _) => spans.push(Span { from: reach.at, to: reach.at, moments: 1, lack: lack.clone() }),
            (None, _) => {}
        }
        before = lack;
    }
    spans
}
