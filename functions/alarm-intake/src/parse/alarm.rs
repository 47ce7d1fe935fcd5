//! Alarm transitions: what every route into this function comes down to.

use std::{collections::BTreeMap, fmt};

use hansho_domain::{AlertId, DedupKey};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{Contributor, Directives, console, identity::Identity, metric::Measure, text, title};

/// Longest account of the reason that goes into an alert, in characters.
const DETAILS_CHARS_MAX: usize = 600;
/// Longest dedup key that is kept as it is, in bytes. Of a longer one the end is replaced by its hash.
const KEY_BYTES_MAX: usize = 512;

/// An alarm's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmState {
    /// Something is wrong.
    Alarm,
    /// It is over.
    Ok,
    /// CloudWatch can not tell.
    InsufficientData,
}

/// What an alarm watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmKind {
    /// One metric.
    Metric,
    /// An expression over metrics.
    MetricMath,
    /// A metric and its band of expected values.
    AnomalyDetection,
    /// Other alarms.
    Composite,
    /// A query over many time series, each a contributor.
    MetricsInsights,
    /// The payload does not say: PromQL, log queries, and whatever comes next.
    Unknown,
}

/// An alarm mute rule that was in force: the alarm was evaluated and its actions did not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Muted {
    /// The ARN of the rule.
    pub by_arn: String,
    /// When its window ends.
    pub until: Option<Timestamp>,
}

/// An alarm (or one contributor of it) went from one state to another.
///
/// A transition from ALARM to ALARM is a real one: a composite alarm, once its suppressor lets go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmTransition {
    /// The state it is in now.
    pub state: AlarmState,
    /// The alarm's name.
    pub name: String,
    /// The alarm's ARN; put together from Region, account and name where the payload has none.
    pub arn: String,
    /// The alarm's account, or "unknown".
    pub account: String,
    /// The code of the alarm's Region.
    pub region: Option<String>,
    /// The time series that this is about, for an alarm that watches many.
    pub contributor: Option<Contributor>,
    /// What the alarm watches.
    pub kind: AlarmKind,
    /// When it went into the state, by CloudWatch's clock.
    pub occurred_at: Timestamp,
    /// The state before, if the payload says so. It may be the same.
    pub previous: Option<AlarmState>,
    /// Why CloudWatch ran no actions for the state it is in now: `WaitPeriod: Actions suppressed by WaitPeriod`.
    pub suppressed_by: Option<String>,
    /// The mute rule that kept its actions from running.
    pub muted: Option<Muted>,
    /// CloudWatch's account of it; empty if there is none.
    pub reason: String,
    /// What the alarm's owner wrote about it.
    pub description: Option<String>,
    /// What it measures: `AWS/EC2 CPUUtilization InstanceId=i-123`.
    pub metric: Option<String>,
    /// What that is of: `InstanceId` = `i-123`.
    pub dimensions: BTreeMap<String, String>,
    /// What it compares with: `> 50.0`.
    pub threshold: Option<String>,
    /// The record it came in, as JSON, cut to 200 KB.
    pub raw: String,
    /// The metric's name alone, for titles.
    pub(super) metric_name: Option<String>,
    /// Checked while reading, so that asking for it can not fail.
    pub(super) key: DedupKey,
}

impl AlarmState {
    /// From CloudWatch's word for it.
    pub(super) fn read(text: &str) -> Option<Self> {
        match text.trim() {
            "ALARM" => Some(Self::Alarm),
            "OK" => Some(Self::Ok),
            "INSUFFICIENT_DATA" => Some(Self::InsufficientData),
            _ => None,
        }
    }

    /// The state that a transition must have. Guessed wrong it would resolve what is burning, so it is never guessed.
    pub(super) fn required(text: Option<&str>) -> Result<Self, String> {
        let text = text.ok_or("It does not say which state the alarm is in (ALARM, OK or INSUFFICIENT_DATA).")?;
        Self::read(text).ok_or_else(|| format!("\"{}\" is no state of an alarm.", text::cut(&text::one_line(text), 40)))
    }
}

/// CloudWatch's word for it.
impl fmt::Display for AlarmState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alarm => "ALARM",
            Self::Ok => "OK",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        })
    }
}

impl AlarmTransition {
    /// A transition that is known by its alarm, state and time, and by nothing else yet.
    pub(super) fn new(
        alarm: Identity,
        contributor: Option<Contributor>,
        state: AlarmState,
        occurred_at: Timestamp,
    ) -> Result<Self, String> {
        let key = key(&alarm.arn, contributor.as_ref())?;
        let Identity { name, arn, account, region } = alarm;
        Ok(Self {
            state,
            name,
            arn,
            account,
            region,
            contributor,
            kind: AlarmKind::Unknown,
            occurred_at,
            previous: None,
            suppressed_by: None,
            muted: None,
            reason: String::new(),
            description: None,
            metric: None,
            dimensions: BTreeMap::new(),
            threshold: None,
            raw: String::new(),
            metric_name: None,
            key,
        })
    }

    /// The same with what it measures.
    pub(super) fn measuring(self, measure: Measure) -> Self {
        Self { metric: measure.label, metric_name: measure.name, dimensions: measure.dimensions, ..self }
    }

    /// Which trouble it is about: the alarm, or the one contributor of it.
    pub fn dedup_key(&self) -> DedupKey {
        self.key.clone()
    }

    /// Names the transition, the same on every route by which it may arrive and however often.
    pub fn alert_id(&self) -> AlertId {
        let contributor = self.contributor.as_ref().map_or("", |c| &c.id);
        let at = self.occurred_at.as_millisecond().to_string();
        let mut hash = Sha256::new();
        for part in [&self.arn, contributor, &at, &self.state.to_string()] {
            // With its length, so that no two lists of parts run together into the same bytes.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let mut first = [0; 16];
        first.copy_from_slice(&hash.finalize()[..16]);
        AlertId::from_hash(first)
    }

    /// One line of at most 120 characters for somebody who has just been woken: `checkout-5xx-rate: 12.0 > 1.0 (5XXError)`.
    pub fn title(&self) -> String {
        title::of(self)
    }

    /// CloudWatch's account of it, at most 600 characters.
    pub fn reason(&self) -> String {
        match self.reason.trim() {
            "" => "CloudWatch gave no reason.".to_owned(),
            reason => text::cut(reason, DETAILS_CHARS_MAX),
        }
    }

    /// What the alarm's owner has written for people, and CloudWatch's account of it, at most 600 characters.
    pub fn details(&self) -> String {
        match self.directives().prose.as_str() {
            "" => self.reason(),
            prose => text::cut(&format!("{prose}\n{}", self.reason()), DETAILS_CHARS_MAX),
        }
    }

    /// The alarm's page in the CloudWatch console, if its Region is known.
    pub fn console_link(&self) -> Option<String> {
        console::link(self.region.as_deref()?, &self.name)
    }

    /// What the alarm's owner has written for us into its description.
    pub fn directives(&self) -> Directives {
        Directives::read(self.description.as_deref().unwrap_or(""))
    }
}

fn key(arn: &str, contributor: Option<&Contributor>) -> Result<DedupKey, String> {
    let key = match contributor {
        Some(contributor) => format!("{arn}#{}", contributor.id),
        None => arn.to_owned(),
    };
    key_of(key)
}

/// A dedup key, however long the text is and whatever is in it.
pub(super) fn key_of(mut key: String) -> Result<DedupKey, String> {
    if key.len() > KEY_BYTES_MAX {
        let hash: String = Sha256::digest(&key).iter().map(|byte| format!("{byte:02x}")).collect();
        key = format!("{}~{hash}", text::cut_bytes(&key, KEY_BYTES_MAX - 1 - hash.len()));
    }
    // No alarm of CloudWatch has one, and a key must not either; after the hash, so that two names stay two keys.
    let key: String = key.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    DedupKey::new(key).map_err(|error| format!("Its name can not be used: {error}."))
}
