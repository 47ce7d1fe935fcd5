//! An alarm's Lambda action and the EventBridge events of alarms. The state stands in `alarmData` in the one and in
//! `detail` in the other, and is the same in both.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{
    AlarmKind, AlarmState, AlarmTransition, Contributor, Muted, RAW_BYTES_MAX, Reading,
    identity::{Claims, Identity},
    lenient,
    metric::{self, Measure, Query},
    reason, text, time,
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Envelope {
    #[serde(deserialize_with = "lenient::text")]
    alarm_arn: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    account_id: Option<String>,
    /// EventBridge's name for `accountId`.
    #[serde(deserialize_with = "lenient::text")]
    account: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    region: Option<String>,
    #[serde(deserialize_with = "lenient::field")]
    time: Option<String>,
    /// EventBridge has the alarm's ARN here.
    #[serde(deserialize_with = "lenient::list")]
    resources: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AlarmData {
    #[serde(deserialize_with = "lenient::text")]
    alarm_name: Option<String>,
    #[serde(deserialize_with = "lenient::field")]
    state: State,
    #[serde(deserialize_with = "lenient::field")]
    previous_state: State,
    #[serde(deserialize_with = "lenient::field")]
    configuration: Configuration,
    #[serde(deserialize_with = "lenient::field")]
    mute_detail: MuteDetail,
    /// What happened to the configuration: create, update or delete.
    #[serde(deserialize_with = "lenient::field")]
    operation: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct State {
    #[serde(deserialize_with = "lenient::field")]
    value: Option<String>,
    #[serde(deserialize_with = "lenient::field")]
    reason: Option<String>,
    #[serde(deserialize_with = "lenient::field")]
    reason_data: Option<String>,
    #[serde(deserialize_with = "lenient::field")]
    timestamp: Option<String>,
    #[serde(deserialize_with = "lenient::field")]
    actions_suppressed_by: Option<String>,
    #[serde(deserialize_with = "lenient::field")]
    actions_suppressed_reason: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Configuration {
    #[serde(deserialize_with = "lenient::field")]
    description: Option<String>,
    /// Only composite alarms have one.
    #[serde(deserialize_with = "lenient::text")]
    alarm_rule: Option<String>,
    #[serde(deserialize_with = "lenient::list")]
    metrics: Vec<Query>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct MuteDetail {
    #[serde(deserialize_with = "lenient::field")]
    muted_by_arn: Option<String>,
    #[serde(deserialize_with = "lenient::field")]
    mute_window_end: Option<String>,
}

/// Reads an alarm's Lambda action.
pub(super) fn action(value: &Value, sent_at: Timestamp) -> Result<Reading, String> {
    let data = &value["alarmData"];
    // Where the action of a contributor has it is not published.
    let contributor = match Contributor::read(data)? {
        Some(contributor) => Some(contributor),
        None => Contributor::read(value)?,
    };
    transition(value, data, contributor, sent_at)
}

/// Reads `CloudWatch Alarm State Change`.
pub(super) fn event(value: &Value, sent_at: Timestamp) -> Result<Reading, String> {
    let data = &value["detail"];
    transition(value, data, Contributor::read(data)?, sent_at)
}

/// Reads `CloudWatch Alarm Contributor State Change`.
pub(super) fn contributor_event(value: &Value, sent_at: Timestamp) -> Result<Reading, String> {
    let data = &value["detail"];
    let contributor = Contributor::read(data)?.ok_or("It is about a contributor of an alarm and does not say which one.")?;
    transition(value, data, Some(contributor), sent_at)
}

/// Reads `CloudWatch Alarm Configuration Change`: somebody edited the alarm. Its state did not change.
pub(super) fn configuration_change(value: &Value) -> Reading {
    let data: AlarmData = lenient::read(&value["detail"]);
    let reason = match data.operation.as_deref() {
        Some("delete") => "The alarm was deleted. It will not say OK any more: if its incident is open, resolve it by hand.",
        Some("create") => "The alarm was created.",
        _ => "The configuration of the alarm was changed.",
    };
    let raw = text::cut_bytes(&value.to_string(), RAW_BYTES_MAX).to_owned();
    Reading::NothingToOpen { reason: reason.to_owned(), alarm: data.alarm_name, raw }
}

fn transition(envelope: &Value, data: &Value, contributor: Option<Contributor>, sent_at: Timestamp) -> Result<Reading, String> {
    let envelope: Envelope = lenient::read(envelope);
    let AlarmData { alarm_name, state, previous_state, configuration, mute_detail, .. } = lenient::read(data);
    let occurred_at = [&state.timestamp, &envelope.time].into_iter().flatten().find_map(|t| time::timestamp(t)).unwrap_or(sent_at);
    let alarm = Identity::settle(Claims {
        name: alarm_name,
        arn: envelope.alarm_arn.or_else(|| envelope.resources.into_iter().find(|arn| arn.contains(":alarm:"))),
        account: envelope.account_id.or(envelope.account),
        region: envelope.region,
    })?;
    let value = AlarmState::required(state.value.as_deref())?;
    Ok(Reading::Alarm(Box::new(
        AlarmTransition {
            kind: configuration.kind(),
            previous: previous_state.value.as_deref().and_then(AlarmState::read),
            suppressed_by: state.suppressed_by(),
            muted: mute_detail.muted(),
            threshold: state.threshold(),
            reason: state.reason.unwrap_or_default(),
            description: configuration.description,
            ..AlarmTransition::new(alarm, contributor, value, occurred_at)?
        }
        .measuring(Measure::of(&configuration.metrics)),
    )))
}

impl Configuration {
    fn kind(&self) -> AlarmKind {
        if self.alarm_rule.is_some() { AlarmKind::Composite } else { metric::kind(&self.metrics) }
    }
}

impl State {
    /// Only text suppresses: a field that can not be read must not keep a page from anybody.
    fn suppressed_by(&self) -> Option<String> {
        let by = self.actions_suppressed_by.as_deref().map(str::trim).filter(|by| !by.is_empty())?;
        Some(match self.actions_suppressed_reason.as_deref().map(str::trim) {
            Some(reason) if !reason.is_empty() => format!("{by}: {reason}"),
            _ => by.to_owned(),
        })
    }

    /// `> 50.0`, or the number alone where the reason does not say how it is compared.
    fn threshold(&self) -> Option<String> {
        reason::threshold(self.reason.as_deref().unwrap_or("")).or_else(|| {
            let data: Value = serde_json::from_str(self.reason_data.as_deref()?).ok()?;
            data.get("threshold").filter(|t| t.is_number()).map(Value::to_string)
        })
    }
}

impl MuteDetail {
    fn muted(self) -> Option<Muted> {
        let by_arn = self.muted_by_arn.filter(|arn| !arn.trim().is_empty())?;
        Some(Muted { by_arn, until: self.mute_window_end.as_deref().and_then(time::timestamp) })
    }
}
