//! Live maintenance: windows that people begin beside those of the configuration, and the early end of either kind.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    id::InputId,
    incident::{HoldCause, Incident, Phase},
    input::{Actor, Command, Input},
    maintenance::{MaintenanceTime, MaintenanceWindow, WINDOW_MAX},
};

/// That somebody ended a window before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaintenanceEnd {
    /// When.
    pub at: Timestamp,
    /// The name of the token that asked for it.
    pub by: String,
}

/// A window that people began; or, of a window of the configuration, the rest that somebody cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveMaintenance {
    /// The window, which is open once.
    pub window: MaintenanceWindow,
    /// Whether it is the rest of a window of the configuration. Such a record is about nothing but its early end.
    #[serde(default)]
    pub is_planned: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// The name of the token that asked for it.
    pub created_by: String,
    /// Set when somebody ended it before its time, or before it began.
    #[serde(default)]
    pub ended: Option<MaintenanceEnd>,
}

/// How a window stands at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaintenanceState {
    /// It has not begun.
    Coming,
    /// It holds new alerts.
    Open,
    /// Its time is over.
    Over,
    /// Somebody ended it before its time, or before it began.
    Ended,
}

impl LiveMaintenance {
    /// The first moment after it, as it was planned.
    pub fn until(&self) -> Timestamp {
        match self.window.spec().time {
            MaintenanceTime::Once { until, .. } => until,
            // None is made; it would be on until somebody ends it.
            MaintenanceTime::Recurring(_) => Timestamp::MAX,
        }
    }

    /// From when on it means nothing to anybody: its end, or when it was ended. What was cut off of a window of the
    /// configuration counts until that would have closed.
    pub fn over_at(&self) -> Timestamp {
        match &self.ended {
            Some(end) if !self.is_planned => end.at.min(self.until()),
            Some(_) | None => self.until(),
        }
    }

    /// Until when steps have to know of it. An apply may move the end of an opening that was cut off; none lasts longer than 31 days.
    pub fn needed_until(&self) -> Timestamp {
        match &self.ended {
            Some(end) if self.is_planned => self.until().max(end.at.saturating_add(WINDOW_MAX).unwrap_or(Timestamp::MAX)),
            Some(_) | None => self.over_at(),
        }
    }

    /// How it stands.
    pub fn state(&self, at: Timestamp) -> MaintenanceState {
        if self.ended.is_some() {
            MaintenanceState::Ended
        } else if self.window.open_until(at).is_some() {
            MaintenanceState::Open
        } else if at < self.until() {
            MaintenanceState::Coming
        } else {
            MaintenanceState::Over
        }
    }

    /// Whether this window, and no other, is what holds the incident.
    pub fn is_holding(&self, incident: &Incident) -> bool {
        matches!(&incident.phase, Phase::Held { cause: HoldCause::Maintenance(by), .. } if by == self.window.id())
    }

    /// What its early end says to each incident that it holds; nothing while nobody has ended it.
    pub fn release(&self) -> Option<Input> {
        let MaintenanceEnd { at, by } = self.ended.as_ref()?;
        let window = self.window.id().clone();
        let id = InputId::derived(format!("maintenance-{window}-{}", at.as_millisecond()));
        // A person says so on a page, and a tool by its token, whose name has no slash.
        let person = by.strip_prefix("user/").and_then(|user| user.parse().ok());
        let actor = person.map_or_else(|| Actor::Token(by.clone()), Actor::User);
        Some(Input { id, actor, command: Command::EndMaintenance { window } })
    }

    /// Whether somebody ended the opening in which the window of the configuration is at `at`. An opening is the same one wherever
    /// an apply moves its ends to, as long as it was open when it was ended; one that begins after that is another.
    pub fn cuts_off(&self, planned: &MaintenanceWindow, at: Timestamp) -> bool {
        let Some(end) = self.ended.as_ref().filter(|_| self.is_planned && self.window.id() == planned.id()) else { return false };
        let is_since = end.at <= at && at < self.needed_until();
        is_since && planned.open_until(end.at).is_some_and(|until| at < until)
    }
}

/// The windows that count at `at`: those of the configuration, open or not, except where the present opening was cut off, and the live
/// ones that are open.
pub fn maintenance_in_force(planned: &[MaintenanceWindow], live: &[LiveMaintenance], at: Timestamp) -> Vec<MaintenanceWindow> {
    let planned = planned.iter().filter(|planned| !live.iter().any(|live| live.cuts_off(planned, at)));
    let open = live.iter().filter(|live| !live.is_planned && live.state(at) == MaintenanceState::Open).map(|live| &live.window);
    planned.chain(open).cloned().collect()
}
