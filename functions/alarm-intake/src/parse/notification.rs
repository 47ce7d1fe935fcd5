//! An alarm's notification through SNS: the JSON in the `Message`, with names of its own for everything.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{
    AlarmKind, AlarmState, AlarmTransition, Contributor, Reading,
    identity::{Claims, Identity},
    lenient,
    metric::{self, Measure, Metric, Query},
    reason, time,
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Notification {
    #[serde(deserialize_with = "lenient::text")]
    alarm_name: Option<String>,
    /// Absent in captures from before about 2020.
    #[serde(deserialize_with = "lenient::text")]
    alarm_arn: Option<String>,
    #[serde(rename = "AWSAccountId", deserialize_with = "lenient::text")]
    account: Option<String>,
    /// A name for people: "Asia Pacific (Tokyo)".
    #[serde(deserialize_with = "lenient::text")]
    region: Option<String>,
    #[serde(deserialize_with = "lenient::field")]
    alarm_description: Option<String>,
    #[serde(deserialize_with = "lenient::field")]
    new_state_value: Option<String>,
    #[serde(deserialize_with = "lenient::field")]
    new_state_reason: Option<String>,
    #[serde(deserialize_with = "lenient::field")]
    state_change_time: Option<String>,
    #[serde(deserialize_with = "lenient::field")]
    old_state_value: Option<String>,
    /// Only composite alarms have one, and they have no trigger.
    #[serde(deserialize_with = "lenient::text")]
    alarm_rule: Option<String>,
    #[serde(deserialize_with = "lenient::field")]
    trigger: Trigger,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Trigger {
    #[serde(deserialize_with = "lenient::text")]
    namespace: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    metric_name: Option<String>,
    #[serde(deserialize_with = "lenient::field")]
    dimensions: Value,
    /// Of a metric math or anomaly alarm, instead of the three above.
    #[serde(deserialize_with = "lenient::list")]
    metrics: Vec<Query>,
    #[serde(deserialize_with = "lenient::field")]
    comparison_operator: Option<String>,
    /// An anomaly alarm has none, it has a `ThresholdMetricId`.
    #[serde(deserialize_with = "lenient::field")]
    threshold: Option<serde_json::Number>,
    #[serde(deserialize_with = "lenient::text")]
    threshold_metric_id: Option<String>,
}

/// Reads the notification.
pub(super) fn read(value: &Value, sent_at: Timestamp) -> Result<Reading, String> {
    let contributor = Contributor::read(value)?;
    let it: Notification = lenient::read(value);
    let occurred_at = it.state_change_time.as_deref().and_then(time::timestamp).unwrap_or(sent_at);
    let alarm = Identity::settle(Claims { name: it.alarm_name, arn: it.alarm_arn, account: it.account, region: it.region })?;
    let state = AlarmState::required(it.new_state_value.as_deref())?;
    let reason = it.new_state_reason.unwrap_or_default();
    let threshold = reason::threshold(&reason).or_else(|| it.trigger.threshold());
    let is_anomaly = it.trigger.threshold_metric_id.is_some();
    let queries = it.trigger.queries();
    Ok(Reading::Alarm(Box::new(
        AlarmTransition {
            kind: match (it.alarm_rule, is_anomaly) {
                (Some(_), _) => AlarmKind::Composite,
                (None, true) => AlarmKind::AnomalyDetection,
                (None, false) => metric::kind(&queries),
            },
            previous: it.old_state_value.as_deref().and_then(AlarmState::read),
            threshold,
            reason,
            description: it.alarm_description,
            ..AlarmTransition::new(alarm, contributor, state, occurred_at)?
        }
        .measuring(Measure::of(&queries)),
    )))
}

impl Trigger {
    fn threshold(&self) -> Option<String> {
        let number = reason::short(&self.threshold.as_ref()?.to_string());
        Some(match self.comparison_operator.as_deref().and_then(reason::sign_of) {
            Some(sign) => format!("{sign} {number}"),
            None => number,
        })
    }

    fn queries(self) -> Vec<Query> {
        if self.metrics.is_empty() {
            vec![Query::of(Metric::new(self.namespace, self.metric_name, &self.dimensions))]
        } else {
            self.metrics
        }
    }
}
