//! Alerts: one signal from a source, already read out of its payload.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    id::{AlertId, DedupKey, IntegrationId},
    labels::Labels,
    reference::Reference,
};

/// How bad the source says it is. Ordered: `Info` is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// May become trouble.
    Warning,
    /// Something is broken.
    Error,
    /// Users are hurt.
    Critical,
}

/// Whether somebody is woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Told, not woken; never escalates by itself.
    Low,
    /// Paged until somebody answers.
    High,
}

/// How important people hold it to be. `Sev1` is the highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Priority {
    /// Highest.
    Sev1,
    /// High.
    Sev2,
    /// Medium.
    Sev3,
    /// Low.
    Sev4,
}

impl Priority {
    /// The one above it; none above the highest.
    pub fn above(self) -> Option<Self> {
        match self {
            Self::Sev1 => None,
            Self::Sev2 => Some(Self::Sev1),
            Self::Sev3 => Some(Self::Sev2),
            Self::Sev4 => Some(Self::Sev3),
        }
    }

    /// The priority of that name (`SEV1`), in any case.
    pub fn named(name: &str) -> Option<Self> {
        let known = [("SEV1", Self::Sev1), ("SEV2", Self::Sev2), ("SEV3", Self::Sev3), ("SEV4", Self::Sev4)];
        known.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, priority)| priority)
    }
}

/// Why an alert is recorded without paging for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBy {
    /// When it triggers if it has not cleared by then.
    pub until: Timestamp,
    /// The reason, for the timeline.
    pub reason: String,
}

/// For how long a rule holds an alert that opens an incident. Repeats change nothing about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// How long, in seconds.
    pub seconds: u32,
    /// The reason, for the timeline.
    pub reason: String,
}

/// "Something is wrong": what opens an incident or is counted on one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Names this transition of the source; the same transition always has the same id.
    pub id: AlertId,
    /// The way it came in.
    pub integration: IntegrationId,
    /// Which trouble it is about.
    pub dedup_key: DedupKey,
    /// When the source saw it, by the source's clock.
    pub occurred_at: Timestamp,
    /// How bad the source says it is.
    pub severity: Severity,
    /// People's rating, if the source carries one.
    pub priority: Option<Priority>,
    /// One line that a sleepy person understands.
    pub title: String,
    /// The source's own account of it, cut to a few hundred characters.
    pub details: String,
    /// Where to read what to do.
    pub runbook: Option<String>,
    /// Where to look at it (a console page).
    pub link: Option<String>,
    /// What rules can ask about it.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// Web addresses that it brings along, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Set when it must not page yet.
    pub held: Option<HeldBy>,
    /// Set when a rule holds it for a while, in case it clears by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<Pause>,
    /// What is worth saying about how it came to this service ("names the unknown service x").
    pub remark: Option<String>,
    /// Who asked for it, when a person or a token did and no source. An incident a person opened says so.
    pub opened_by: Option<crate::Actor>,
}

/// "It is over": what resolves the incident that holds the dedup key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clear {
    /// Names this transition of the source.
    pub id: AlertId,
    /// The way it came in.
    pub integration: IntegrationId,
    /// Which trouble it is about.
    pub dedup_key: DedupKey,
    /// When the source saw it, by the source's clock.
    pub occurred_at: Timestamp,
    /// The source's own account of it, cut to a few hundred characters.
    pub details: String,
}
