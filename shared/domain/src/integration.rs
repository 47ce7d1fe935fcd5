//! Integrations: the ways into services that the configuration names.

use serde::{Deserialize, Serialize};

use crate::{
    error::{FieldError, Problems},
    id::{IntegrationId, ServiceId},
    mail_rules::MailRules,
    topic::TopicArn,
};

/// How many events a key of an integration takes in a minute when the configuration does not say: what PagerDuty takes at most.
const PER_MINUTE_DEFAULT: u32 = 10_000;
/// The most that can be configured.
const PER_MINUTE_MAX: u32 = 1_000_000;
/// Most topics of one integration.
const TOPICS_MAX: usize = 100;

/// One way into a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "IntegrationSpec", into = "IntegrationSpec")]
pub struct Integration(IntegrationSpec);

/// What an integration is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntegrationSpec {
    /// Its name in keys and configuration.
    pub id: IntegrationId,
    /// Its name as people say it.
    pub name: String,
    /// The service that its alerts are about; rules decide otherwise, and where they do not, the catch-all service takes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceId>,
    /// What comes in by it.
    #[serde(flatten)]
    pub kind: IntegrationKind,
}

/// What comes in by an integration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum IntegrationKind {
    /// Events over HTTP, under integration keys.
    Events {
        /// How many events each of its keys takes in a minute.
        per_minute_max: u32,
    },
    /// Mails to its address, and what they mean.
    Email(MailRules),
    /// What topics of Amazon SNS send to its address over HTTPS.
    Sns {
        /// The topics that may; nothing of another is taken.
        topics: Vec<TopicArn>,
    },
}

impl IntegrationKind {
    /// Events, as many as are taken when nobody says otherwise.
    pub fn events() -> Self {
        Self::Events { per_minute_max: PER_MINUTE_DEFAULT }
    }

    /// How many events each of its keys takes in a minute. What was of another type before may have some still.
    pub fn per_minute_max(&self) -> u32 {
        match self {
            Self::Events { per_minute_max } => *per_minute_max,
            Self::Email(_) | Self::Sns { .. } => PER_MINUTE_DEFAULT,
        }
    }

    /// The topics of Amazon SNS that may send to it.
    pub fn topics(&self) -> &[TopicArn] {
        match self {
            Self::Sns { topics } => topics,
            Self::Events { .. } | Self::Email(_) => &[],
        }
    }

    /// The word for it in the configuration.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Events { .. } => "events",
            Self::Email(_) => "email",
            Self::Sns { .. } => "sns",
        }
    }
}

impl Integration {
    /// Checks what the integration is made of.
    ///
    /// # Errors
    /// Its name belongs to one of Hansho's own ways in, or a number is impossible.
    pub fn new(spec: IntegrationSpec) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        if spec.id.is_built_in() {
            problems.push(FieldError::new("id", "is the name of a way in that Hansho has itself; give the integration another name"));
        }
        match &spec.kind {
            IntegrationKind::Events { per_minute_max: 1..=PER_MINUTE_MAX } => {}
            IntegrationKind::Events { .. } => {
                problems.push(FieldError::new("events_per_minute", format!("must be 1 to {PER_MINUTE_MAX}")));
            }
            IntegrationKind::Sns { topics } if (1..=TOPICS_MAX).contains(&topics.len()) => {}
            IntegrationKind::Sns { .. } => {
                problems.push(FieldError::new("topics", format!("must be 1 to {TOPICS_MAX} topics")));
            }
            IntegrationKind::Email(rules) => problems.extend(rules.check().err().into_iter().flat_map(|found| found.0)),
        }
        Problems::none_or(problems, Self(spec))
    }

    /// Its name in keys and configuration.
    pub fn id(&self) -> &IntegrationId {
        &self.0.id
    }

    /// What it is made of.
    pub fn spec(&self) -> &IntegrationSpec {
        &self.0
    }

    /// The service that its alerts are about where no rule says otherwise.
    pub fn service_or_catch_all(&self) -> ServiceId {
        self.0.service.clone().unwrap_or_else(ServiceId::catch_all)
    }
}

impl TryFrom<IntegrationSpec> for Integration {
    type Error = Problems;

    fn try_from(spec: IntegrationSpec) -> Result<Self, Problems> {
        Self::new(spec)
    }
}

impl From<Integration> for IntegrationSpec {
    fn from(integration: Integration) -> Self {
        integration.0
    }
}
