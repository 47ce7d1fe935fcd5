//! Services: what alerts are about, and how their incidents behave.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    alert::{Priority, Severity},
    bridge::Bridge,
    error::{FieldError, Problems},
    id::{PolicyId, ServiceId, TeamId},
    labels::Labels,
    message_templates::MessageTemplates,
    rule::Rule,
    runbook,
    urgency::UrgencyRule,
};

/// How often an exhausted incident is paged again when the service does not say: 30 minutes.
pub(crate) const REPAGE_SECONDS_DEFAULT: u32 = 30 * 60;
/// Shortest and longest of a service's timeouts: a minute to 30 days.
const TIMEOUT_SECONDS: std::ops::RangeInclusive<u32> = 60..=30 * 86_400;
/// Most alarm patterns of a service.
const PATTERNS_MAX: usize = 100;
/// Shortest and longest pause of transient alerts: a second to an hour. What is held for longer is maintenance.
const AUTO_PAUSE_SECONDS: std::ops::RangeInclusive<u32> = 1..=3_600;
/// Most values of a label that stand for a priority.
const PRIORITY_VALUES_MAX: usize = 50;

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

/// New alerts are held for a while before they page, because many of the service's clear by themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoPause {
    /// How long they are held, in seconds.
    pub seconds: u32,
    /// Severities that page at once all the same.
    pub except: Vec<Severity>,
}

/// Which priority an incident gets from its alert's labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriorityRule {
    /// The label that says it.
    pub label: Option<String>,
    /// What its values mean. Capitals make no difference.
    pub map: BTreeMap<String, Priority>,
    /// The priority of alerts that do not have the label, or another value of it.
    pub default: Option<Priority>,
}

impl PriorityRule {
    /// The priority of an alert with these labels. A value that spells a priority (`SEV1`) needs no entry in the map.
    pub fn priority(&self, labels: &Labels) -> Option<Priority> {
        let value = self.label.as_ref().and_then(|label| labels.get(label));
        let mapped = |value: &str| self.map.iter().find(|(known, _)| known.eq_ignore_ascii_case(value)).map(|(_, priority)| *priority);
        value.and_then(|value| mapped(value).or_else(|| Priority::named(value))).or(self.default)
    }
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

impl AlarmPattern {
    /// Whether the whole of `text` is as the pattern says.
    pub fn matches_text(&self, text: &str) -> bool {
        matches_glob(&self.0, text)
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
    /// Where to read what to do: a web address, in which `{{ labels.job }}` stands for the alert's label `job`.
    pub runbook: Option<String>,
    /// The CloudWatch alarms that are about it.
    pub alarms: Vec<AlarmPattern>,
    /// For how long new alerts are held before they page.
    #[serde(default)]
    pub auto_pause: Option<AutoPause>,
    /// Which priority its incidents get, where their alerts do not say so themselves.
    #[serde(default)]
    pub priority: Option<PriorityRule>,
    /// Its own rules, in order, which are looked at after those for all alerts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// Where its incidents are kept besides, if anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bridge: Option<Bridge>,
    /// The team that looks after it, if it is said. Nobody is paged for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// Its own words for its pages. Where it has none the standard ones stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<Box<MessageTemplates>>,
}

impl ServiceSpec {
    /// A service of that name whose incidents page by that policy at high urgency, and of which nothing else is said.
    pub fn new(id: ServiceId, escalation_policy: PolicyId) -> Self {
        Self {
            name: id.to_string(),
            id,
            escalation_policy,
            urgency: UrgencyRule::High,
            acknowledgement_timeout_seconds: None,
            auto_resolve_seconds: None,
            repage_seconds: None,
            insufficient_data: InsufficientData::Note,
            runbook: None,
            alarms: Vec::new(),
            auto_pause: None,
            priority: None,
            rules: Vec::new(),
            bridge: None,
            team: None,
            messages: None,
        }
    }
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
    /// A timeout outside a minute to 30 days, an auto-pause outside a second to an hour, more than 100 alarm patterns, an empty
    /// pattern, more than 50 values of a priority label, a bridge to no response plan or of no category, a runbook that is no web
    /// address, or has anything but labels of the alert in double braces, a template of a message that is empty or too long.
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
        if spec.auto_pause.as_ref().is_some_and(|pause| !AUTO_PAUSE_SECONDS.contains(&pause.seconds)) {
            problems.push(FieldError::new("auto_pause", "must be between 1s and 1h; for longer use a maintenance window"));
        }
        if spec.priority.as_ref().is_some_and(|rule| rule.map.len() > PRIORITY_VALUES_MAX) {
            problems
                .push(FieldError::new("priority.map", format!("has more than {PRIORITY_VALUES_MAX} values; use `default` for the rest")));
        }
        problems.extend(spec.bridge.as_ref().and_then(Bridge::problem).map(|(key, problem)| FieldError::new(key, problem)));
        problems.extend(spec.runbook.as_deref().and_then(runbook::problem).map(|problem| FieldError::new("runbook", problem)));
        problems.extend(spec.messages.iter().flat_map(|messages| messages.problems()));
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
