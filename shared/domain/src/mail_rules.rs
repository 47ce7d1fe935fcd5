//! What mails to the address of an integration mean, as its owner has said it. The patterns are regular expressions; whoever reads
//! mails compiles them, within the limits that stand here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    alert::Severity,
    error::{FieldError, Problems},
};

/// Longest pattern, in bytes.
pub const PATTERN_BYTES_MAX: usize = 1_000;
/// Most memory of one compiled pattern, in bytes.
pub const COMPILED_BYTES_MAX: usize = 1 << 20;
/// Most conditions of one list.
const CONDITIONS_MAX: usize = 30;
/// Most words of one severity.
const WORDS_MAX: usize = 50;

/// A tool whose mails are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailPreset {
    /// Nagios, with its own notification commands.
    Nagios,
    /// Icinga 2 and Icinga.
    Icinga,
    /// Zabbix, in English and Japanese.
    Zabbix,
    /// Monit.
    Monit,
    /// Mackerel.
    Mackerel,
    /// Prometheus' Alertmanager, by mail.
    Alertmanager,
    /// CloudWatch alarms by an SNS topic with a mail subscription.
    Cloudwatch,
    /// Datadog.
    Datadog,
    /// Jenkins: its mailer and its extended mailer.
    Jenkins,
}

impl MailPreset {
    /// Every preset with its word in the configuration.
    pub const ALL: [(&'static str, Self); 9] = [
        ("nagios", Self::Nagios),
        ("icinga", Self::Icinga),
        ("zabbix", Self::Zabbix),
        ("monit", Self::Monit),
        ("mackerel", Self::Mackerel),
        ("alertmanager", Self::Alertmanager),
        ("cloudwatch", Self::Cloudwatch),
        ("datadog", Self::Datadog),
        ("jenkins", Self::Jenkins),
    ];
}

/// Which mails are one trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailOpening {
    /// None: every mail opens an incident of its own.
    EveryMail,
    /// Those of one subject, or those that a preset knows to be about the same thing.
    #[default]
    PerSubject,
    /// All: a mail opens an incident only if none of this integration is open.
    IfNothingOpen,
}

/// What of a mail is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailField {
    /// Its subject.
    Subject,
    /// Its text.
    Body,
    /// The address of its sender.
    Sender,
}

/// Whether a field has, or has not, what a pattern finds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailCondition {
    /// Of which field.
    pub field: MailField,
    /// The regular expression.
    pub pattern: String,
    /// Whether it must not match.
    #[serde(default)]
    pub is_negated: bool,
}

/// Which mails are taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailFilters {
    /// Those that meet every condition.
    All(Vec<MailCondition>),
    /// Those that meet one.
    Any(Vec<MailCondition>),
}

/// How the dedup key is found in a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailExtract {
    /// What the first group of a regular expression catches.
    Regex(String),
    /// What stands between two texts, on one line.
    Between(String, String),
    /// All of it.
    Entire,
}

/// Where the dedup key is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailKey {
    /// In which field.
    pub from: MailField,
    /// How.
    pub extract: MailExtract,
}

/// What becomes of a mail that no rule knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailOtherwise {
    /// It opens an incident.
    #[default]
    Open,
    /// It is put on the list of suppressed alerts.
    Suppress,
}

/// What becomes of a mail that a check of SES says something about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailVerdict {
    /// It is taken in all the same, and the timeline says so.
    Open,
    /// It is suppressed when the check failed.
    Suppress,
    /// It is suppressed unless the check passed.
    Require,
}

/// What becomes of mails that fail the checks of SES.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailVerdicts {
    /// Unsolicited mail. An alarm that looks like it is an alarm.
    pub spam: MailVerdict,
    /// Mail with a virus.
    pub virus: MailVerdict,
    /// Mail that its sender's domain does not vouch for.
    pub dmarc: MailVerdict,
}

impl Default for MailVerdicts {
    fn default() -> Self {
        Self { spam: MailVerdict::Open, virus: MailVerdict::Suppress, dmarc: MailVerdict::Open }
    }
}

/// Everything that is said about the mails of one integration.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MailRules {
    /// The tool that sends them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<MailPreset>,
    /// Which mails are one trouble.
    pub open: MailOpening,
    /// Which mails are taken at all; every one otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filters: Option<MailFilters>,
    /// Where the dedup key is found; it goes before `open`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dedup_key: Option<MailKey>,
    /// What says that something is wrong. One of them is enough.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trigger: Vec<MailCondition>,
    /// What says that it is over. One of them is enough, and it goes before `trigger`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resolve: Vec<MailCondition>,
    /// The words by which severities are known, looked for in the subject first.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub severity: BTreeMap<Severity, Vec<String>>,
    /// What becomes of a mail that neither the preset nor `trigger` and `resolve` know.
    pub otherwise: MailOtherwise,
    /// What becomes of mails that fail the checks of SES.
    pub verdicts: MailVerdicts,
}

impl MailRules {
    /// Every condition there is.
    pub fn conditions(&self) -> impl Iterator<Item = &MailCondition> {
        let filters: &[MailCondition] = match &self.filters {
            Some(MailFilters::All(conditions) | MailFilters::Any(conditions)) => conditions,
            None => &[],
        };
        filters.iter().chain(&self.trigger).chain(&self.resolve)
    }

    /// Checks how much there is of everything. Whether the patterns are regular expressions is checked where they are compiled.
    ///
    /// # Errors
    /// Something is too long, too much, or empty.
    pub fn check(&self) -> Result<(), Problems> {
        let mut problems = Vec::new();
        let lists = [("trigger", self.trigger.len()), ("resolve", self.resolve.len())];
        let filters = match &self.filters {
            Some(MailFilters::All(conditions) | MailFilters::Any(conditions)) => Some(conditions.len()),
            None => None,
        };
        if filters == Some(0) {
            problems.push(FieldError::new("filters", "has no condition; give it one, or remove it"));
        }
        for (field, length) in lists.into_iter().chain(filters.map(|length| ("filters", length))) {
            if length > CONDITIONS_MAX {
                problems.push(FieldError::new(field, format!("has {length} conditions; {CONDITIONS_MAX} are the most")));
            }
        }
        let of_key = self.dedup_key.iter().filter_map(|key| match &key.extract {
            MailExtract::Regex(pattern) => Some(pattern),
            MailExtract::Between(..) | MailExtract::Entire => None,
        });
        if self.conditions().map(|condition| &condition.pattern).chain(of_key).any(|pattern| pattern.len() > PATTERN_BYTES_MAX) {
            problems.push(FieldError::new("filters", format!("a pattern is longer than {PATTERN_BYTES_MAX} bytes; shorten it")));
        }
        if self.severity.values().any(|words| words.is_empty() || words.len() > WORDS_MAX) {
            problems.push(FieldError::new("severity", format!("a severity needs 1 to {WORDS_MAX} words")));
        }
        Problems::none_or(problems, ())
    }
}
