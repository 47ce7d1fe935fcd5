//! Rules: what is done with an alert before it reaches a service's incidents.
//!
//! A rule is kept as its author wrote it. What its condition means is decided by `shared/routing`, which knows the language.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    alert::{Priority, Severity},
    id::{ServiceId, TeamId},
};

/// A rule as its owner wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name, by which traces and remarks call it.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The team to ask about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<TeamId>,
    /// Which alerts it is for: an expression of CEL that is true or false.
    #[serde(rename = "if")]
    pub condition: String,
    /// What is done with them.
    pub then: RuleActions,
    /// Whether the rules below it are looked at all the same.
    #[serde(default, rename = "continue", skip_serializing_if = "std::ops::Not::not")]
    pub goes_on: bool,
}

/// What a rule does. In texts, `{{ labels.job }}` stands for a fact about the alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct RuleActions {
    /// It is about this service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<ServiceId>,
    /// It pages nobody, for this reason: it goes on the list of suppressed alerts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppress: Option<String>,
    /// It is held for so many seconds, and pages nobody if it clears meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause_seconds: Option<u32>,
    /// It is as bad as this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// It is as important as this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Which trouble it is about; so does what says that it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dedup_key: Option<String>,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Labels that it has besides its own, or instead of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Where to read what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook: Option<String>,
}

impl RuleActions {
    /// Whether nothing is done at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
