//! What rules decide, and what they may cost.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]

mod bounds;
mod decisions;
mod expressions;
mod partial;

use hansho_domain::{DedupKey, IntegrationId, Labels, Rule, RuleActions, ServiceId, Severity};
use hansho_routing::{Decision, Event, Outcome, RuleSet, Subject, Trace, Verdict};
use serde_json::{Value, json};

/// A rule without any action.
pub fn rule(name: &str, condition: &str) -> Rule {
    Rule { name: name.into(), description: None, owner: None, condition: condition.into(), then: RuleActions::default(), goes_on: false }
}

/// One with actions.
pub fn acting(name: &str, condition: &str, then: RuleActions) -> Rule {
    Rule { then, ..rule(name, condition) }
}

/// A firing alert of a batch job.
pub fn subject() -> Subject {
    let mut labels = Labels::new();
    labels.add("job", "nightly");
    labels.add("env", "dev");
    Subject {
        title: "夜間バッチが失敗".to_owned(),
        severity: Some(Severity::Critical),
        labels,
        ..Subject::new(service("batch"), IntegrationId::new("cloudwatch").unwrap(), DedupKey::new("arn:batch").unwrap())
    }
}

pub fn service(name: &str) -> ServiceId {
    ServiceId::new(name).unwrap()
}

/// What an Alertmanager sends, more or less.
pub fn body() -> Value {
    json!({
        "alerts": [
            { "labels": { "alertname": "DiskFull", "host": "db-1" }, "value": 91.5 },
            { "labels": { "alertname": "DiskFull", "host": "db-2" }, "value": 97 },
        ],
        "text": "ディスクの空きがありません",
        "count": 2,
        "nothing": null,
    })
}

/// What the rules come to for the batch job and this payload.
pub fn decided_about(rules: &[Rule], subject: Subject, event: &Event, body: &Value) -> Outcome {
    let mut decision = Decision::new(subject, event, body);
    decision.apply(&RuleSet::compile(rules), None);
    decision.finish()
}

pub fn decided(rules: &[Rule]) -> Outcome {
    decided_about(rules, subject(), &Event::default(), &body())
}

/// How the only rule of a trace went.
pub fn verdict(trace: &Trace) -> &Verdict {
    assert_eq!(trace.rules.len(), 1, "{trace:?}");
    &trace.rules[0].verdict
}

/// Whether a condition holds; `Err` with the reason where it can not be evaluated.
pub fn holds(condition: &str) -> Result<bool, String> {
    let outcome = decided(&[rule("r", condition)]);
    match verdict(&outcome.trace) {
        Verdict::Fired { .. } => Ok(true),
        Verdict::Passed => Ok(false),
        Verdict::Failed { reason } => Err(reason.clone()),
    }
}
