//! Maintenance windows: times in which alerts of some services are recorded and page nobody until the window ends.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    alert::Severity,
    error::{FieldError, Problems},
    hours::SupportHours,
    id::{InputId, MaintenanceId, ServiceId},
    incident::{Duty, HoldCause, Incident, Phase},
    input::{Actor, Command, Input},
    service::AlarmPattern,
};

/// Longest window that is given by its two ends: 31 days. What lasts longer is no maintenance.
pub(crate) const WINDOW_MAX: SignedDuration = SignedDuration::from_hours(31 * 24);
/// Longest time that an incident is held by windows, however they follow each other: 7 days, so that a forgotten window hides
/// nothing for ever.
const HOLD_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Most services, alarm patterns and labels that a window names.
const NAMED_MAX: usize = 100;
/// Longest reason, in characters.
const REASON_CHARS_MAX: usize = 200;

/// When a window is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaintenanceTime {
    /// Once.
    Once {
        /// Its first moment.
        from: Timestamp,
        /// The first moment after it.
        until: Timestamp,
    },
    /// Again and again, on the clock of a zone.
    Recurring(SupportHours),
}

/// Which alerts of its services a window is about. What is empty is not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct MaintenanceFilter {
    /// Names or ARNs of alarms, any of which must match.
    #[serde(default)]
    pub alarms: Vec<AlarmPattern>,
    /// Labels that the alert must have, each with a pattern for its value.
    #[serde(default)]
    pub labels: BTreeMap<String, AlarmPattern>,
    /// Severities, one of which must be its.
    #[serde(default)]
    pub severities: Vec<Severity>,
}

/// A maintenance window as its author describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaintenanceSpec {
    /// Its name.
    pub id: MaintenanceId,
    /// Why; may be empty.
    pub reason: String,
    /// The services; all when it names none.
    pub services: Vec<ServiceId>,
    /// Which of their alerts.
    #[serde(default)]
    pub only: MaintenanceFilter,
    /// When.
    pub time: MaintenanceTime,
}

/// A maintenance window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "MaintenanceSpec", into = "MaintenanceSpec")]
pub struct MaintenanceWindow(MaintenanceSpec);

impl TryFrom<MaintenanceSpec> for MaintenanceWindow {
    type Error = Problems;
    fn try_from(spec: MaintenanceSpec) -> Result<Self, Problems> {
        Self::new(spec)
    }
}

impl From<MaintenanceWindow> for MaintenanceSpec {
    fn from(window: MaintenanceWindow) -> Self {
        window.0
    }
}

impl MaintenanceWindow {
    /// A window.
    ///
    /// # Errors
    /// It ends before it begins or lasts longer than 31 days, it names too much, or its reason is longer than 200 characters.
    pub fn new(spec: MaintenanceSpec) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        if let MaintenanceTime::Once { from, until } = &spec.time {
            if until <= from {
                problems.push(FieldError::new("until", "is not after `from`; a window ends after it begins"));
            } else if until.duration_since(*from) > WINDOW_MAX {
                problems.push(FieldError::new("until", "is more than 31 days after `from`; make it shorter"));
            }
        }
        for (field, count) in
            [("services", spec.services.len()), ("only.alarms", spec.only.alarms.len()), ("only.labels", spec.only.labels.len())]
        {
            if count > NAMED_MAX {
                problems.push(FieldError::new(field, format!("names {count}; {NAMED_MAX} are the most")));
            }
        }
        if spec.only.alarms.iter().any(|pattern| pattern.as_str().is_empty()) {
            problems.push(FieldError::new("only.alarms", "has an empty pattern; write an alarm name such as checkout-*"));
        }
        if spec.reason.chars().count() > REASON_CHARS_MAX || spec.reason.chars().any(char::is_control) {
            problems.push(FieldError::new("reason", format!("must be one line of at most {REASON_CHARS_MAX} characters")));
        }
        Problems::none_or(problems, Self(spec))
    }

    /// Everything about it.
    pub fn spec(&self) -> &MaintenanceSpec {
        &self.0
    }

    /// Its name.
    pub fn id(&self) -> &MaintenanceId {
        &self.0.id
    }

    /// Whether it is about the service.
    pub fn is_about(&self, service: &ServiceId) -> bool {
        self.0.services.is_empty() || self.0.services.contains(service)
    }

    /// When it ends, if it is open at `at`. A recurring one that never ends is cut where its author can not look further.
    pub fn open_until(&self, at: Timestamp) -> Option<Timestamp> {
        match &self.0.time {
            MaintenanceTime::Once { from, until } => (*from <= at && at < *until).then_some(*until),
            MaintenanceTime::Recurring(hours) => {
                let latest = || at.saturating_add(HOLD_MAX).unwrap_or(Timestamp::MAX);
                hours.is_inside(at).then(|| hours.next_end_after(at).unwrap_or_else(latest))
            }
        }
    }

    /// When it is open next, from `at` on: now, if it is open.
    pub fn next_from(&self, at: Timestamp) -> Option<Timestamp> {
        match &self.0.time {
            MaintenanceTime::Once { from, until } => (at < *until).then(|| at.max(*from)),
            MaintenanceTime::Recurring(hours) if hours.is_inside(at) => Some(at),
            MaintenanceTime::Recurring(hours) => hours.next_start_after(at),
        }
    }

    /// Until when it holds the incident at `at`, if it does. No incident is held for longer than a week in all.
    pub fn holds_until(&self, incident: &Incident, at: Timestamp) -> Option<Timestamp> {
        let latest = incident.opened_at.saturating_add(HOLD_MAX).unwrap_or(Timestamp::MAX);
        let until = self.open_until(at).filter(|_| self.matches(incident))?.min(latest);
        (until > at).then_some(until)
    }

    /// Whether it is about this incident, whatever the time.
    pub fn matches(&self, incident: &Incident) -> bool {
        let MaintenanceFilter { alarms, labels, severities } = &self.0.only;
        let key = incident.dedup_key.as_str();
        let name = incident.labels.get("alarm").unwrap_or(key);
        let has = |label: &String, pattern: &AlarmPattern| incident.labels.get(label).is_some_and(|value| pattern.matches_text(value));
        self.is_about(&incident.service)
            && (alarms.is_empty() || alarms.iter().any(|pattern| pattern.matches(name, key)))
            && (severities.is_empty() || severities.contains(&incident.severity))
            && labels.iter().all(|(label, pattern)| has(label, pattern))
    }
}

/// What a configuration says to an incident that one of its windows holds for longer than it says now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldForLess {
    /// The window.
    pub window: MaintenanceId,
    /// Until when it holds the incident now; `None` when it does not hold it any more.
    pub until: Option<Timestamp>,
    /// What the incident is told.
    pub input: Input,
}

impl HeldForLess {
    /// What `windows`, which are those of the configuration, say to the incident at `at`. Nothing when no window of a configuration
    /// holds it, or it holds it for as long as it says.
    pub fn of(incident: &Incident, windows: &[MaintenanceWindow], at: Timestamp) -> Option<Self> {
        let Phase::Held { cause: HoldCause::Maintenance(id), .. } = &incident.phase else { return None };
        let held_until = incident.agenda.at(Duty::EndHold).filter(|_| !id.is_live())?;
        let until = windows.iter().find(|window| window.id() == id).and_then(|window| window.holds_until(incident, at));
        if until.is_some_and(|until| until >= held_until) {
            return None;
        }
        // A window that is taken out, put back and taken out again ends twice.
        let input = InputId::derived(format!("maintenance-{id}-v{}", incident.version));
        let input = Input { id: input, actor: Actor::Hansho, command: Command::EndMaintenance { window: id.clone() } };
        Some(Self { window: id.clone(), until, input })
    }
}
