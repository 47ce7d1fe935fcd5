//! Rules and an alert. Lines up to the first empty one are rules, each a condition and, after a tab, a text that becomes the title, the
//! dedup key and a label; what is behind it is the payload, whose lines with a colon are headers too.

use hansho_domain::{DedupKey, IntegrationId, Labels, Rule, RuleActions, ServiceId, Severity};
use hansho_routing::{Decision, Event, Expression, Outcome, RuleSet, Subject, Verdict, body};

/// Most rules that are tried: what many cost together has a benchmark.
const RULES_MAX: usize = 8;

/// Every rule that is tried is in the trace, what did not fire changes nothing, what is made has its bounds, what compiles is told apart
/// by what it says, and the same rules decide the same again.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (written, raw) = text.split_once("\n\n").unwrap_or((&text, ""));
    let rules: Vec<Rule> = written.lines().take(RULES_MAX).enumerate().map(|(number, line)| rule(number, line)).collect();
    let outcome = decided(&rules, raw);
    assert_eq!(outcome, decided(&rules, raw));
    let tried = outcome.trace.rules.len() + usize::try_from(outcome.trace.left_out).expect("a count");
    assert!(tried <= rules.len());
    if outcome.trace.fired().next().is_none() {
        assert_eq!((tried, &outcome.subject), (rules.len(), &subject()));
        assert!(outcome.suppression.is_none() && outcome.pause.is_none());
    }
    for tried in &outcome.trace.rules {
        if let Verdict::Failed { reason } = &tried.verdict {
            assert!(!reason.is_empty() && reason.len() < 4_000, "{reason}");
        }
    }
    check_subject(&outcome.subject);
    assert!(serde_json::to_string(&outcome.trace).expect("JSON").len() < 64_000);
    for rule in &rules {
        check_compiled(rule);
    }
}

fn check_subject(subject: &Subject) {
    let title = &subject.title;
    assert!(!title.is_empty() && title.chars().count() <= 160 && !title.contains(char::is_control), "{title:?}");
    assert!(subject.dedup_key.as_str().len() <= 512);
    assert!(subject.labels.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>() <= 1_500);
}

fn check_compiled(rule: &Rule) {
    match Expression::compile(&rule.condition) {
        Ok(compiled) => {
            let spaced = Expression::compile(&format!(" {} ", rule.condition));
            if let Ok(spaced) = spaced {
                assert_eq!(compiled.canonical(), spaced.canonical());
                assert_eq!(compiled.is_always_true(), spaced.is_always_true());
            }
        }
        Err(problem) => assert!(!problem.is_empty() && problem.len() < 4_000, "{problem}"),
    }
}

fn decided(rules: &[Rule], raw: &str) -> Outcome {
    let mut event = Event::from_source("sender@example.com");
    for (name, value) in raw.lines().filter_map(|line| line.split_once(':')) {
        event.add_header(name, value);
    }
    event.add_recipient("checkout-3f9c@oncall.example.com");
    let body = event.body_of(raw);
    assert_eq!(body, self::body(raw));
    let mut decision = Decision::new(subject(), &event, &body);
    decision.apply(&RuleSet::compile(rules), None);
    decision.finish()
}

/// The first rules go on, so that the others are looked at, and the last suppresses.
fn rule(number: usize, line: &str) -> Rule {
    let (condition, made) = line.split_once('\t').map_or((line, None), |(condition, made)| (condition, Some(made.to_owned())));
    let then = RuleActions {
        route: (number == 1).then(|| service("batch")),
        pause_seconds: (number == 2).then_some(60),
        severity: (number == 3).then_some(Severity::Info),
        suppress: (number == RULES_MAX - 1).then(|| "known".to_owned()),
        dedup_key: made.clone(),
        title: made.clone(),
        labels: made.iter().map(|made| ("made".to_owned(), made.clone())).collect(),
        runbook: made,
        ..RuleActions::default()
    };
    let goes_on = number != 4;
    Rule { name: format!("rule-{number}"), description: None, owner: None, condition: condition.to_owned(), then, goes_on }
}

fn subject() -> Subject {
    let mut labels = Labels::new();
    labels.add("job", "nightly");
    labels.add("env", "dev");
    let (integration, key) = (IntegrationId::new("cloudwatch").expect("a name"), DedupKey::new("arn:batch").expect("a key"));
    Subject {
        title: "夜間バッチが失敗".to_owned(),
        severity: Some(Severity::Critical),
        labels,
        link: Some("https://example.com/".to_owned()),
        ..Subject::new(service("checkout"), integration, key)
    }
}

fn service(name: &str) -> ServiceId {
    ServiceId::new(name).expect("a name")
}
