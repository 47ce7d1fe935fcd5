//! What rules cost: 1,000 of them on one alert, and compiling them.

#![expect(clippy::unwrap_used, reason = "what can not be made can not be measured")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use hansho_domain::{Alert, AlertId, DedupKey, IntegrationId, Labels, Rule, RuleActions, ServiceId, Severity};
use hansho_routing::{Decision, Event, RuleSet, Subject, body};
use serde_json::json;

/// As teams write them: labels, words in titles, fields of payloads. None is for the alert, so all are tried.
fn rules(count: usize) -> Vec<Rule> {
    let conditions = |n: usize| match n % 5 {
        0 => format!("labels.job == 'job-{n}' && severity == 'critical'"),
        1 => format!("title.contains('service-{n}')"),
        2 => format!("body.AlarmName.startsWith('team-{n}-')"),
        3 => format!("labels.env in ['dev-{n}', 'test-{n}'] || integration == 'mail-{n}'"),
        _ => format!("has(body.Trigger) && body.Trigger.Namespace == 'Custom/{n}'"),
    };
    let rule = |n: usize| Rule {
        name: format!("rule-{n}"),
        description: None,
        owner: None,
        condition: conditions(n),
        then: RuleActions { severity: Some(Severity::Info), ..RuleActions::default() },
        goes_on: false,
    };
    (0..count).map(rule).collect()
}

fn alert() -> Alert {
    let mut labels = Labels::new();
    for (key, value) in [("job", "nightly"), ("env", "prod"), ("alarm", "checkout-5xx"), ("region", "ap-northeast-1")] {
        labels.add(key, value);
    }
    Alert {
        id: AlertId::from_hash([7; 16]),
        integration: IntegrationId::new("cloudwatch").unwrap(),
        dedup_key: DedupKey::new("arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:checkout-5xx").unwrap(),
        occurred_at: "2026-11-20T18:12:00Z".parse().unwrap(),
        severity: Severity::Critical,
        priority: None,
        title: "checkout-5xx: 12.0 > 5.0 (5XXError)".to_owned(),
        details: "Threshold Crossed: 3 datapoints were greater than the threshold (5.0).".to_owned(),
        runbook: None,
        link: None,
        labels,
        references: Vec::new(),
        held: None,
        pause: None,
        remark: None,
        opened_by: None,
    }
}

fn bench(criterion: &mut Criterion) {
    let rules = rules(1_000);
    let (alert, service) = (alert(), ServiceId::new("checkout").unwrap());
    let trigger = json!({ "MetricName": "5XXError", "Namespace": "AWS/ApplicationELB", "Dimensions": [{ "name": "LB", "value": "x" }] });
    let raw = json!({ "AlarmName": "checkout-5xx", "NewStateValue": "ALARM", "Trigger": trigger, "text": "x".repeat(1_500) }).to_string();
    let compiled = RuleSet::compile(&rules);
    criterion.bench_function("1,000 rules on an alert of 2 KB", |bencher| {
        bencher.iter(|| {
            let event = Event::default();
            let body = body(&raw);
            let mut decision = Decision::new(Subject::of_alert(&service, &alert), &event, &body);
            decision.apply(&compiled, None);
            black_box(decision.finish())
        });
    });
    criterion.bench_function("compiling 1,000 rules", |bencher| bencher.iter(|| RuleSet::compile(black_box(&rules))));
}

criterion_group!(benches, bench);
criterion_main!(benches);
