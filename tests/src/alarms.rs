//! CloudWatch alarms as their direct Lambda action sends them.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

/// A direct alarm event in the making.
pub struct AlarmEvent {
    name: String,
    state: &'static str,
    at: Timestamp,
    description: String,
    dimensions: Value,
}

/// An alarm of this name that goes off.
pub fn alarm_event(name: &str) -> AlarmEvent {
    AlarmEvent { name: name.to_owned(), state: "ALARM", at: crate::start(), description: String::new(), dimensions: json!({}) }
}

impl AlarmEvent {
    pub fn ok(mut self) -> Self {
        self.state = "OK";
        self
    }

    pub fn no_data(mut self) -> Self {
        self.state = "INSUFFICIENT_DATA";
        self
    }

    pub fn at(mut self, at: Timestamp) -> Self {
        self.at = at;
        self
    }

    /// Lines such as `severity: warning`.
    pub fn described(mut self, description: &str) -> Self {
        self.description = description.to_owned();
        self
    }

    /// What the metric is of: `{ "Team": "sre" }`.
    pub fn measured(mut self, dimensions: Value) -> Self {
        self.dimensions = dimensions;
        self
    }

    pub fn build(self) -> Value {
        let at = self.at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string();
        json!({
            "source": "aws.cloudwatch",
            "alarmArn": format!("arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:{}", self.name),
            "accountId": "111122223333",
            "time": at,
            "region": "ap-northeast-1",
            "alarmData": {
                "alarmName": self.name,
                "state": { "value": self.state, "reason": "Threshold Crossed: 1 datapoint [12.0 (20/11/26 18:11:00)] was greater than the threshold (1.0).", "timestamp": at },
                "previousState": { "value": "OK", "reason": "", "timestamp": at },
                "configuration": {
                    "description": self.description,
                    "metrics": [{ "id": "m1", "returnData": true, "metricStat": { "metric": { "namespace": "AWS/ApplicationELB", "name": "5XX", "dimensions": self.dimensions }, "period": 60, "stat": "Sum" } }],
                },
            },
        })
    }
}
