//! What decides an incident's urgency.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    alert::{Severity, Urgency},
    hours::SupportHours,
    id::HoursId,
};

/// An urgency, or what decides it without looking at a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum UrgencyLevel {
    /// Always wakes somebody.
    #[default]
    High,
    /// Never wakes anybody.
    Low,
    /// Critical and error wake somebody, warning and info do not.
    BySeverity,
}

impl UrgencyLevel {
    /// The urgency of an alert of this severity.
    pub fn urgency(self, severity: Severity) -> Urgency {
        match (self, severity) {
            (Self::High, Severity::Critical | Severity::Error | Severity::Warning | Severity::Info)
            | (Self::BySeverity, Severity::Critical | Severity::Error) => Urgency::High,
            (Self::Low, Severity::Critical | Severity::Error | Severity::Warning | Severity::Info)
            | (Self::BySeverity, Severity::Warning | Severity::Info) => Urgency::Low,
        }
    }
}

/// What decides an incident's urgency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum UrgencyRule {
    /// Always wakes somebody.
    #[default]
    High,
    /// Never wakes anybody.
    Low,
    /// Critical and error wake somebody, warning and info do not.
    BySeverity,
    /// One thing inside support hours, another outside.
    ByHours {
        /// The hours.
        hours: HoursId,
        /// Inside them.
        during: UrgencyLevel,
        /// Outside.
        otherwise: UrgencyLevel,
    },
}

impl UrgencyRule {
    /// Whether it ever says that somebody is told and not woken.
    pub fn can_be_low(&self) -> bool {
        match self {
            Self::High => false,
            Self::Low | Self::BySeverity => true,
            Self::ByHours { during, otherwise, .. } => (*during, *otherwise) != (UrgencyLevel::High, UrgencyLevel::High),
        }
    }

    /// The hours that it goes by.
    pub fn hours(&self) -> Option<&HoursId> {
        match self {
            Self::High | Self::Low | Self::BySeverity => None,
            Self::ByHours { hours, .. } => Some(hours),
        }
    }

    /// The urgency of an alert of this severity at `at`. Hours that are not among `hours` are always on: better woken than missed.
    pub fn urgency(&self, severity: Severity, hours: &BTreeMap<HoursId, SupportHours>, at: Timestamp) -> Urgency {
        match self {
            Self::High => UrgencyLevel::High.urgency(severity),
            Self::Low => UrgencyLevel::Low.urgency(severity),
            Self::BySeverity => UrgencyLevel::BySeverity.urgency(severity),
            Self::ByHours { hours: id, during, otherwise } => match hours.get(id) {
                Some(hours) if !hours.is_inside(at) => otherwise.urgency(severity),
                Some(_) => during.urgency(severity),
                None => during.urgency(severity).max(otherwise.urgency(severity)),
            },
        }
    }

    /// When an alert of this severity that is of low urgency at `at` becomes one of high urgency by the clock alone: when the hours
    /// begin or end. `None`: it does not.
    pub fn becomes_high_after(&self, severity: Severity, hours: &BTreeMap<HoursId, SupportHours>, at: Timestamp) -> Option<Timestamp> {
        match self {
            Self::High | Self::Low | Self::BySeverity => None,
            Self::ByHours { hours: id, during, otherwise } => {
                let hours = hours.get(id)?;
                let is_high = |level: &UrgencyLevel| level.urgency(severity) == Urgency::High;
                match (is_high(during), is_high(otherwise)) {
                    (true, false) => hours.next_start_after(at),
                    (false, true) => hours.next_end_after(at),
                    (true, true) | (false, false) => None,
                }
            }
        }
    }
}
