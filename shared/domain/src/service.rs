//! Services: what alerts are about, and how their incidents behave.

use serde::{Deserialize, Serialize};

use crate::{
    alert::{Severity, Urgency},
    error::{FieldError, Problems},
    id::{PolicyId, ServiceId},
};

/// How often an exhausted incident is paged again when the service does not say: 30 minutes.
pub(crate) const REPAGE_SECONDS_DEFAULT: u32 = 30 * 60;
/// Shortest and longest of a service's timeouts: a minute to 30 days.
const TIMEOUT_SECONDS: std::ops::RangeInclusive<u32> = 60..=30 * 86_400;
/// Most alarm patterns of a service.
const PATTERNS_MAX: usize = 100;

/// What decides an incident's urgency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum UrgencyRule {
    /// Always wakes somebody.
    #[default]
    High,
    /// Never wakes anybody.
    Low,
    /// Critical and error wake somebody, warning and info do not.
    BySeverity,
}

impl UrgencyRule {
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

/// What an alarm's INSUFFICIENT_DATA means to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum InsufficientData {
    /// A note on the open incident's timeline; the state stays.
    #[default]
    Note,
    /// As bad as ALARM.
    Alert,
}

/// A pattern over alarm names or ARNs: `*` stands for any run of characters, everything else for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmPattern(String);

impl AlarmPattern {
    /// A pattern; one that starts with `arn:` is matched against the alarm's ARN, any other against its name.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the alarm is this service's.
    pub fn matches(&self, name: &str, arn: &str) -> bool {
        let subject = if self.0.starts_with("arn:") { arn } else { name };
        matches_glob(&self.0, subject)
    }
}

/// Linear in the subject for every star: the pattern's pieces must appear in order.
fn matches_glob(pattern: &str, subject: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == subject;
    };
    let Some(mut subject) = subject.strip_prefix(head) else {
        return false;
    };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let tail = pieces.pop().unwrap_or("");
    for piece in pieces {
        match subject.find(piece) {
            Some(place) => subject = &subject[place + piece.len()..],
            None => return false,
        }
    }
    subject.ends_with(tail)
}

/// A service as its owner describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceSpec {
    /// Its name in ids and configuration.
    pub id: ServiceId,
    /// Its name as people say it.
    pub name: String,
    /// The policy that pages for it.
    pub escalation_policy: PolicyId,
    /// What decides urgency.
    pub urgency: UrgencyRule,
    /// An acknowledged incident triggers again after so long, in seconds.
    pub acknowledgement_timeout_seconds: Option<u32>,
    /// An open incident resolves itself after so long, in seconds.
    pub auto_resolve_seconds: Option<u32>,
    /// An exhausted incident is paged again every so often, in seconds.
    pub repage_seconds: Option<u32>,
    /// What INSUFFICIENT_DATA means.
    pub insufficient_data: InsufficientData,
    /// Where to read what to do.
    pub runbook: Option<String>,
    /// The CloudWatch alarms that are about it.
    pub alarms: Vec<AlarmPattern>,
}

/// A service that keeps its promises: every timeout is possible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ServiceSpec", into = "ServiceSpec")]
pub struct Service(ServiceSpec);

impl TryFrom<ServiceSpec> for Service {
    type Error = Problems;
    fn try_from(spec: ServiceSpec) -> Result<Self, Problems> {
        Self::new(spec)
    }
}

impl From<Service> for ServiceSpec {
    fn from(service: Service) -> ServiceSpec {
        service.0
    }
}

impl Service {
    /// A service.
    ///
    /// # Errors
    /// A timeout outside a minute to 30 days, more than 100 alarm patterns, an empty pattern, a runbook that is no web address.
    pub fn new(spec: ServiceSpec) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        for (field, seconds) in [
            ("acknowledgement_timeout", spec.acknowledgement_timeout_seconds),
            ("auto_resolve", spec.auto_resolve_seconds),
            ("repage_every", spec.repage_seconds),
        ] {
            if seconds.is_some_and(|s| !TIMEOUT_SECONDS.contains(&s)) {
                problems.push(FieldError::new(field, "must be between 1m and 30 days (720h)"));
            }
        }
        if spec.alarms.len() > PATTERNS_MAX {
            problems.push(FieldError::new("alarms", format!("has {} patterns; {PATTERNS_MAX} are the most", spec.alarms.len())));
        }
        if let Some(place) = spec.alarms.iter().position(|p| p.as_str().is_empty()) {
            problems.push(FieldError::new(format!("alarms[{place}]"), "is empty; write an alarm name such as checkout-*"));
        }
        if spec.runbook.as_ref().is_some_and(|r| !r.starts_with("https://") && !r.starts_with("http://")) {
            problems.push(FieldError::new("runbook", "is no web address; it must start with https://"));
        }
        Problems::none_or(problems, Self(spec))
    }

    /// Everything about it.
    pub fn spec(&self) -> &ServiceSpec {
        &self.0
    }

    /// Its name in ids and configuration.
    pub fn id(&self) -> &ServiceId {
        &self.0.id
    }

    /// How often an exhausted incident is paged again, in seconds.
    pub fn repage_seconds(&self) -> u32 {
        self.0.repage_seconds.unwrap_or(REPAGE_SECONDS_DEFAULT)
    }
}
