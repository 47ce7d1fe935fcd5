//! Hostile alerts and heavy rules: bounded in time and in memory, and never a panic.

use std::time::{Duration, Instant};

use hansho_domain::{Rule, RuleActions};
use hansho_routing::{Event, Trace, Verdict};
use serde_json::{Value, json};

use crate::{acting, decided_about, rule, subject};

/// Far above what is allowed, for a machine that does other things and code that is not optimised.
const LONG: Duration = Duration::from_secs(5);

fn timed(rules: &[Rule], body: &Value) -> Trace {
    #[expect(clippy::disallowed_methods, reason = "what is measured is how long it takes")]
    let now = Instant::now;
    let began = now();
    let outcome = decided_about(rules, subject(), &Event::default(), body);
    let took = began.elapsed();
    assert!(took < LONG, "{took:?}");
    outcome.trace
}

fn reason(trace: &Trace) -> &str {
    match &trace.rules[0].verdict {
        Verdict::Failed { reason } => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_loop_in_a_loop_over_a_long_list_is_not_begun() {
    let long: Vec<Value> = (0..100_000).map(|n| json!({ "n": n })).collect();
    let body = json!({ "list": long });
    let trace = timed(&[rule("r", "body.list.exists(a, body.list.exists(b, a.n == -b.n - 1))")], &body);
    assert!(reason(&trace).contains("too long"), "{trace:?}");
    assert!(trace.is_cut);
    // The same over a short list is fine, and so is one loop over a long one.
    let short = json!({ "list": &body["list"].as_array().unwrap()[..50] });
    assert_eq!(timed(&[rule("r", "body.list.exists(a, body.list.exists(b, a.n == b.n + 49))")], &short).fired().count(), 1);
    assert_eq!(timed(&[rule("r", "body.list.all(a, a.n >= 0)")], &body).fired().count(), 1);
}

#[test]
fn many_heavy_rules_together_take_no_longer_than_is_allowed() {
    let long: Vec<Value> = (0..1_000).map(|n| json!(format!("host-{n}"))).collect();
    let body = json!({ "list": long });
    let rules: Vec<Rule> = (0..1_000).map(|n| rule(&format!("r{n}"), "body.list.exists(h, h.matches('(x+x+)+y'))")).collect();
    let trace = timed(&rules, &body);
    let exhausted = |tried: &hansho_routing::Tried| matches!(&tried.verdict, Verdict::Failed { reason } if reason.contains("all the time"));
    assert!(trace.rules.iter().any(exhausted), "{:?}", trace.rules.last());
}

#[test]
fn a_regular_expression_that_blows_up_elsewhere_takes_its_time_in_proportion_to_the_text() {
    let body = Value::String("a".repeat(10_000_000));
    for pattern in ["(a+)+$b", "(a|aa)+$b", "([a-z]+)*\\\\d", "(.*)(.*)(.*)x", "(?i)(a?){30}b{3}"] {
        timed(&[rule("r", &format!("body.matches('{pattern}')"))], &body);
    }
}

#[test]
fn texts_do_not_grow_beyond_bounds() {
    let body = json!({ "text": "x".repeat(500_000), "list": vec!["y"; 1_000] });
    let grow = (0..6).fold("body.text".to_owned(), |text, _| format!("({text} + {text})"));
    let trace = timed(&[rule("r", &format!("{grow}.contains('z')"))], &body);
    assert!(reason(&trace).contains("too long"), "{trace:?}");
    let trace = timed(&[rule("r", "body.list.map(l, body.text + body.text).size() == 1000")], &body);
    assert!(reason(&trace).contains("too long"), "{trace:?}");
    let title = RuleActions { title: Some("{{ body.text }}{{ body.text }}".to_owned()), ..RuleActions::default() };
    let outcome = decided_about(&[acting("r", "true", title)], subject(), &Event::default(), &body);
    assert_eq!(outcome.subject.title.chars().count(), 160);
}

#[test]
fn hostile_payloads_are_cut_and_do_no_harm() {
    let deep = (0..120).fold(json!(1), |inner, _| json!([inner]));
    let wide = Value::Object((0..200_000).map(|n| (format!("k{n}"), json!(n))).collect());
    let nested = json!(vec![vec![vec![1; 60]; 60]; 60]);
    let strange = json!({ "__proto__": 1, "": "\u{0}\u{202e}", "#0": true, "labels": 1e308, "big": u64::MAX, "n": -0.0 });
    let rules = [
        rule("a", "body == 1 || body.x == 1"),
        rule("b", "body[0][0][0] == 2 || labels == body"),
        rule("c", "body == body && body != labels && size(body) > 1000000"),
        rule("d", "body.big > 1 && body.n == 0.0 && body.labels > 1.0 && body[''].size() < 1"),
    ];
    let rules = rules.map(|rule| Rule { goes_on: true, ..rule });
    for body in [deep, wide, nested, strange, Value::Null, json!("x"), json!(1), json!([])] {
        let trace = timed(&rules, &body);
        assert_eq!(trace.rules.len(), 4);
    }
}

#[test]
fn a_trace_stays_small_whatever_is_tried() {
    let rules: Vec<Rule> =
        (0..1_000).map(|n| rule(&format!("a-rule-with-quite-a-long-name-{n}"), if n % 2 == 0 { "body.x == 1" } else { "false" })).collect();
    let body = json!({});
    let trace = timed(&rules, &body);
    assert_eq!(trace.rules.len() + usize::try_from(trace.left_out).unwrap(), 1_000);
    assert!(serde_json::to_string(&trace).unwrap().len() < 12_000);
    let mut going_on = acting("r", "true", RuleActions { title: Some("{{ body }}".to_owned()), ..RuleActions::default() });
    going_on.goes_on = true;
    let trace = timed(&vec![going_on; 1_000], &Value::String("\u{1}\n".repeat(50_000)));
    assert!(serde_json::to_string(&trace).unwrap().len() < 20_000);
}
