//! What an alert, a clear or a note is about, as far as its payload says: what rules ask about, and what they change.

use hansho_domain::{Alert, DedupKey, IntegrationId, Labels, Priority, ServiceId, Severity};
use serde::{Deserialize, Serialize};

/// What a signal is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The service that it leads to.
    pub service: ServiceId,
    /// The way it came in.
    pub integration: IntegrationId,
    /// Which trouble it is about.
    pub dedup_key: DedupKey,
    /// One line that a sleepy person understands; may be empty, as for a clear that says nothing more.
    #[serde(default)]
    pub title: String,
    /// The source's own account of it.
    #[serde(default)]
    pub details: String,
    /// How bad it is, if anybody says so.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// People's rating, if the source carries one.
    #[serde(default)]
    pub priority: Option<Priority>,
    /// Small facts about it.
    #[serde(default)]
    pub labels: Labels,
    /// Where to read what to do.
    #[serde(default)]
    pub runbook: Option<String>,
    /// Where to look at it.
    #[serde(default)]
    pub link: Option<String>,
}

impl Subject {
    /// Something of which nothing more is known.
    pub fn new(service: ServiceId, integration: IntegrationId, dedup_key: DedupKey) -> Self {
        Self {
            service,
            integration,
            dedup_key,
            title: String::new(),
            details: String::new(),
            severity: None,
            priority: None,
            labels: Labels::new(),
            runbook: None,
            link: None,
        }
    }

    /// Whether nothing is known of it but which trouble it is about.
    pub fn is_bare(&self) -> bool {
        *self == Self::new(self.service.clone(), self.integration.clone(), self.dedup_key.clone())
    }

    /// What an alert is about that leads to `service`.
    pub fn of_alert(service: &ServiceId, alert: &Alert) -> Self {
        Self {
            title: alert.title.clone(),
            details: alert.details.clone(),
            severity: Some(alert.severity),
            priority: alert.priority,
            labels: alert.labels.clone(),
            runbook: alert.runbook.clone(),
            link: alert.link.clone(),
            ..Self::new(service.clone(), alert.integration.clone(), alert.dedup_key.clone())
        }
    }
}
