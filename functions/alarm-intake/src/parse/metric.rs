//! What an alarm measures: its metrics and expressions, and the kind of alarm that they make.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{AlarmKind, lenient, text};

/// Longest label of a metric, in characters.
const LABEL_CHARS_MAX: usize = 160;
/// Longest short name of a metric, in characters.
const NAME_CHARS_MAX: usize = 40;

/// One element of an alarm's `metrics`. SNS writes the same names with capitals.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Query {
    #[serde(alias = "Expression", deserialize_with = "lenient::text")]
    expression: Option<String>,
    #[serde(alias = "Label", deserialize_with = "lenient::text")]
    label: Option<String>,
    #[serde(alias = "MetricStat", deserialize_with = "lenient::field")]
    metric_stat: MetricStat,
    /// Absent means true.
    #[serde(alias = "ReturnData", deserialize_with = "lenient::field")]
    return_data: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MetricStat {
    #[serde(alias = "Metric", deserialize_with = "lenient::field")]
    metric: Metric,
}

/// One metric of CloudWatch.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Metric {
    #[serde(alias = "Namespace", deserialize_with = "lenient::text")]
    namespace: Option<String>,
    #[serde(alias = "MetricName", deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(alias = "Dimensions", deserialize_with = "lenient::pairs")]
    dimensions: BTreeMap<String, String>,
}

/// What an alarm measures, in words.
#[derive(Default)]
pub(super) struct Measure {
    /// `AWS/EC2 CPUUtilization InstanceId=i-123`.
    pub(super) label: Option<String>,
    /// `CPUUtilization`.
    pub(super) name: Option<String>,
    /// What the metric is of: `InstanceId` = `i-123`. Of an expression, what all its metrics are of.
    pub(super) dimensions: BTreeMap<String, String>,
}

impl Metric {
    /// From its parts; the dimensions as in [`lenient::pairs`].
    pub(super) fn new(namespace: Option<String>, name: Option<String>, dimensions: &Value) -> Self {
        Self { namespace, name, dimensions: lenient::pairs(dimensions).unwrap_or_default() }
    }

    fn measure(&self) -> Measure {
        let Some(name) = &self.name else {
            return Measure::default();
        };
        let dimensions = self.dimensions.iter().map(|(name, value)| format!("{name}={value}"));
        let words: Vec<String> = self.namespace.iter().chain([name]).cloned().chain(dimensions).collect();
        Measure { dimensions: self.dimensions.clone(), ..Measure::new(&words.join(" "), name) }
    }
}

impl Query {
    /// A query for a single metric, which SNS has outside of any list.
    pub(super) fn of(metric: Metric) -> Self {
        Self { metric_stat: MetricStat { metric }, ..Self::default() }
    }

    fn measure(&self) -> Measure {
        match (&self.expression, &self.label) {
            (Some(expression), Some(label)) => Measure::new(&format!("{label} = {expression}"), label),
            (Some(expression), None) if self.is_query() => Measure::new(expression, &selected(expression)),
            (Some(expression), None) => Measure::new(expression, expression),
            (None, _) => self.metric_stat.metric.measure(),
        }
    }

    fn begins_with(&self, word: &str) -> bool {
        let head = self.expression.as_deref().and_then(|e| e.trim_start().get(..word.len()));
        head.is_some_and(|head| head.eq_ignore_ascii_case(word))
    }

    fn is_query(&self) -> bool {
        self.begins_with("SELECT")
    }

    fn is_band(&self) -> bool {
        self.begins_with("ANOMALY_DETECTION_BAND")
    }
}

impl Measure {
    fn new(label: &str, name: &str) -> Self {
        let line = |text: &str, chars_max| Some(text::cut(&text::one_line(text), chars_max));
        Self { label: line(label, LABEL_CHARS_MAX), name: line(name, NAME_CHARS_MAX), dimensions: BTreeMap::new() }
    }

    /// What the alarm compares: the first query that returns data and is not the band of expected values.
    pub(super) fn of(queries: &[Query]) -> Self {
        let mut candidates = queries.iter().filter(|q| !q.is_band());
        let compared = candidates.clone().find(|q| q.return_data != Some(false)).or_else(|| candidates.next());
        let measure = compared.map(Query::measure).unwrap_or_default();
        if measure.dimensions.is_empty() { Self { dimensions: common_dimensions(queries), ..measure } } else { measure }
    }
}

/// The dimensions that all metrics of an alarm have, with one value.
fn common_dimensions(queries: &[Query]) -> BTreeMap<String, String> {
    let mut metrics = queries.iter().map(|query| &query.metric_stat.metric).filter(|metric| metric.name.is_some());
    let mut common = metrics.next().map(|metric| metric.dimensions.clone()).unwrap_or_default();
    for metric in metrics {
        common.retain(|name, value| metric.dimensions.get(name) == Some(value));
    }
    common
}

/// `AVG(CPUUtilization)` of `SELECT AVG(CPUUtilization) FROM ...`.
fn selected(query: &str) -> String {
    let words = query.split_whitespace().skip(1).take_while(|word| !word.eq_ignore_ascii_case("FROM"));
    words.collect::<Vec<_>>().join(" ")
}

/// The kind of a metric alarm, by its expressions.
pub(super) fn kind(queries: &[Query]) -> AlarmKind {
    if queries.iter().any(Query::is_band) {
        AlarmKind::AnomalyDetection
    } else if queries.iter().any(Query::is_query) {
        AlarmKind::MetricsInsights
    } else if queries.iter().any(|q| q.expression.is_some()) {
        AlarmKind::MetricMath
    } else if queries.iter().any(|q| q.metric_stat.metric.name.is_some()) {
        AlarmKind::Metric
    } else {
        AlarmKind::Unknown
    }
}
