//! What rules do, in which order, and what a trace tells of it.

use std::collections::BTreeMap;

use hansho_domain::{Labels, Pause, Priority, Rule, RuleActions, Severity};
use hansho_routing::{Change, Decision, Event, RuleSet, Subject, Tried, Verdict};
use serde_json::{Value, json};

use crate::{acting, body, decided, decided_about, rule, service, subject, verdict};

fn severity(severity: Severity) -> RuleActions {
    RuleActions { severity: Some(severity), ..RuleActions::default() }
}

#[test]
fn a_rule_changes_everything_that_rules_can_change() {
    let then = RuleActions {
        route: Some(service("disks")),
        suppress: None,
        pause_seconds: Some(120),
        severity: Some(Severity::Warning),
        priority: Some(Priority::Sev3),
        dedup_key: Some("disk-{{ body.alerts[0].labels.host }}".to_owned()),
        title: Some("{{ body.alerts[0].labels.alertname }} ({{ body.count }}) \n {{ labels.job }}".to_owned()),
        labels: BTreeMap::from([("team".to_owned(), "{{ labels.env }}-team".to_owned()), ("env".to_owned(), "test".to_owned())]),
        runbook: Some("https://example.com/{{ body.text }}/{{ labels.job }}".to_owned()),
    };
    let outcome = decided(&[acting("disks", "body.count == 2", then)]);
    let Subject { service: leads_to, dedup_key, title, severity, priority, labels, runbook, .. } = outcome.subject.clone();
    assert_eq!(leads_to, service("disks"));
    assert_eq!(dedup_key.as_str(), "disk-db-1");
    assert_eq!(title, "DiskFull (2) nightly");
    assert_eq!((severity, priority), (Some(Severity::Warning), Some(Priority::Sev3)));
    assert_eq!((labels.get("team"), labels.get("env"), labels.get("job")), (Some("dev-team"), Some("test"), Some("nightly")));
    assert!(runbook.unwrap().starts_with("https://example.com/%E3%83%87%E3%82%A3"));
    assert_eq!(outcome.pause.map(|Pause { seconds, .. }| seconds), Some(120));
    let Verdict::Fired { changes, problems } = verdict(&outcome.trace) else { panic!("{:?}", outcome.trace) };
    assert!(problems.is_empty(), "{problems:?}");
    let told: Vec<String> = changes.iter().take(3).map(Change::told).collect();
    assert_eq!(told, ["service batch -> disks", "severity critical -> warning", "priority SEV3"]);
    assert!(outcome.trace.remark().unwrap().starts_with("rule disks: service batch -> disks, severity critical -> warning"));
}

#[test]
fn the_first_rule_that_fires_is_the_last_unless_it_goes_on() {
    let going_on = |mut rule: hansho_domain::Rule| {
        rule.goes_on = true;
        rule
    };
    let rules = [
        acting("other", "labels.env == 'prod'", severity(Severity::Info)),
        going_on(acting("first", "labels.env == 'dev'", severity(Severity::Warning))),
        // It sees what the one before it has changed.
        acting("second", "severity == 'warning'", RuleActions { title: Some("開発: {{ title }}".to_owned()), ..RuleActions::default() }),
        acting("never", "true", severity(Severity::Info)),
    ];
    let outcome = decided(&rules);
    assert_eq!(outcome.subject.severity, Some(Severity::Warning));
    assert_eq!(outcome.subject.title, "開発: 夜間バッチが失敗");
    let tried: Vec<(&str, bool)> =
        outcome.trace.rules.iter().map(|t| (t.rule.as_str(), matches!(t.verdict, Verdict::Fired { .. }))).collect();
    assert_eq!(tried, [("other", false), ("first", true), ("second", true)]);
}

#[test]
fn a_service_s_own_rules_come_after_those_for_all_and_not_after_a_suppression() {
    let own = RuleSet::compile(&[acting("own", "service == 'disks'", severity(Severity::Info))]);
    let global = |then| RuleSet::compile(&[acting("global", "true", then)]);
    let (event, body) = (Event::default(), body());
    let mut decision = Decision::new(subject(), &event, &body);
    decision.apply(&global(RuleActions { route: Some(service("disks")), ..RuleActions::default() }), None);
    assert_eq!(decision.service(), &service("disks"));
    let disks = decision.service().clone();
    decision.apply(&own, Some(&disks));
    let outcome = decision.finish();
    assert_eq!(outcome.subject.severity, Some(Severity::Info));
    let of: Vec<Option<&str>> = outcome.trace.rules.iter().map(|tried| tried.of.as_ref().map(|of| of.as_str())).collect();
    assert_eq!(of, [None, Some("disks")]);

    let mut decision = Decision::new(subject(), &event, &body);
    decision.apply(&global(RuleActions { suppress: Some("開発環境".to_owned()), ..RuleActions::default() }), None);
    assert!(decision.is_over());
    decision.apply(&own, None);
    let outcome = decision.finish();
    let suppression = outcome.suppression.unwrap();
    assert_eq!((suppression.rule.as_str(), suppression.reason.as_str()), ("global", "開発環境"));
    assert_eq!(outcome.trace.rules.len(), 1);
}

#[test]
fn what_can_not_be_seen_whole_is_neither_suppressed_nor_paused() {
    let then = RuleActions { suppress: Some("only info".to_owned()), pause_seconds: None, ..RuleActions::default() };
    let pause = RuleActions { pause_seconds: Some(120), ..RuleActions::default() };
    for (then, is_kept) in [(then, "suppressed"), (pause, "paused")] {
        let rules = [acting("quiet", "body.items.all(item, item == 'info')", then)];
        let of = |items: Vec<&str>| decided_about(&rules, subject(), &Event::default(), &json!({ "items": items }));
        let whole = of(vec!["info"; 10]);
        assert!(whole.suppression.is_some() || whole.pause.is_some(), "{is_kept}");
        // The last of so many is not looked at any more.
        let cut = of([vec!["info"; 1_500], vec!["critical"]].concat());
        assert!(cut.trace.is_cut && cut.suppression.is_none() && cut.pause.is_none(), "{is_kept}");
        let Verdict::Fired { problems, .. } = verdict(&cut.trace) else { panic!("{:?}", cut.trace) };
        assert!(problems[0].contains("too large to be seen whole"), "{problems:?}");
    }
}

/// An alert with more labels than are kept: `env` is the first that was left out.
fn subject_with_many_labels() -> Subject {
    let mut labels = Labels::new();
    (0..24).for_each(|n| labels.add(&format!("l{n}"), "x"));
    labels.add("env", "prod");
    Subject { labels, ..subject() }
}

fn suppressing(name: &str, condition: &str) -> Rule {
    acting(name, condition, RuleActions { suppress: Some("only a test".to_owned()), ..RuleActions::default() })
}

#[test]
fn a_rule_that_asks_for_a_label_that_was_left_out_neither_suppresses_nor_pauses() {
    let pause = RuleActions { pause_seconds: Some(120), ..RuleActions::default() };
    for condition in
        ["!has(labels.env)", "!('env' in labels)", "labels.all(name, name != 'env')", "!has(labels.env) || labels['env'] == 'dev'"]
    {
        for rule in [suppressing("quiet", condition), acting("quiet", condition, pause.clone())] {
            let outcome = decided_about(&[rule], subject_with_many_labels(), &Event::default(), &body());
            assert_eq!((&outcome.suppression, &outcome.pause), (&None, &None), "{condition}");
            let Verdict::Fired { problems, .. } = verdict(&outcome.trace) else { panic!("{condition}: {:?}", outcome.trace) };
            assert!(problems[0].contains("too large to be seen whole"), "{problems:?}");
        }
    }
    // A label that is there, and one that nobody sent, are known.
    for condition in ["labels.l3 == 'x'", "!has(labels.other)"] {
        let outcome = decided_about(&[suppressing("quiet", condition)], subject_with_many_labels(), &Event::default(), &body());
        assert!(outcome.suppression.is_some(), "{condition}: {:?}", outcome.trace);
    }
}

#[test]
fn what_follows_a_rule_that_could_not_see_a_label_does_not_suppress_either() {
    let first = acting("prod-pages", "has(labels.env) && labels.env == 'prod'", severity(Severity::Critical));
    let rules = [first.clone(), suppressing("others", "true")];
    let outcome = decided_about(&rules, subject_with_many_labels(), &Event::default(), &body());
    assert_eq!(outcome.suppression, None, "the first would have fired: {:?}", outcome.trace);
    let cut = |chars: usize| {
        let mut labels = Labels::new();
        labels.add("env", &"x".repeat(chars));
        Subject { labels, ..subject() }
    };
    let is_suppressed = |subject| decided_about(&rules, subject, &Event::default(), &body()).suppression.is_some();
    assert!(is_suppressed(cut(200)) && !is_suppressed(cut(201)), "of a value that is cut the end is not known");
    // What a rule has made of it is known again.
    let made = RuleActions { labels: [("env".to_owned(), "dev".to_owned())].into(), ..RuleActions::default() };
    let rules = [Rule { goes_on: true, ..acting("made", "true", made) }, first, suppressing("others", "true")];
    assert!(decided_about(&rules, subject_with_many_labels(), &Event::default(), &body()).suppression.is_some());
}

#[test]
fn headers_and_recipients_that_were_left_out_are_not_taken_for_absent() {
    let (mut many, mut long) = (Event::default(), Event::default());
    (0..100).for_each(|n| many.add_header(&format!("x-{n}"), "y"));
    (0..50).for_each(|n| many.add_recipient(&format!("r{n}@example.com")));
    long.add_header("x-cause", &"y".repeat(2_001));
    let is_suppressed =
        |condition: &str, event: &Event| decided_about(&[suppressing("quiet", condition)], subject(), event, &body()).suppression.is_some();
    assert!(is_suppressed("!('x-prod' in headers) && !recipients.exists(r, r == 'noc@example.com')", &many), "all of them are seen");
    many.add_header("x-prod", "1");
    many.add_recipient("noc@example.com");
    assert!(!is_suppressed("!('x-prod' in headers)", &many));
    assert!(!is_suppressed("!recipients.exists(r, r == 'noc@example.com')", &many));
    assert!(is_suppressed("headers['x-1'] == 'y'", &many), "what is there is seen");
    assert!(!is_suppressed("!headers['x-cause'].contains('prod')", &long) && is_suppressed("!('x-prod' in headers)", &long));
}

fn keyed(name: &str, text: &str) -> Rule {
    acting(name, "true", RuleActions { dedup_key: Some(text.to_owned()), ..RuleActions::default() })
}

/// The key that the rules come to, and what the trace of the last of them says could not be done.
fn key_of(rules: &[Rule], subject: Subject, body: &Value) -> (String, String) {
    let outcome = decided_about(rules, subject, &Event::default(), body);
    let Some(Verdict::Fired { problems, .. }) = outcome.trace.rules.last().map(|tried| &tried.verdict) else {
        panic!("{:?}", outcome.trace)
    };
    (outcome.subject.dedup_key.as_str().to_owned(), problems.join("; "))
}

#[test]
fn a_dedup_key_made_of_a_label_that_was_cut_stays_that_of_the_source() {
    let of = |id: &str| {
        let mut labels = Labels::new();
        labels.add("longid", id);
        Subject { labels, ..subject() }
    };
    let start = "x".repeat(199);
    assert_eq!(key_of(&[keyed("k", "id-{{ labels.longid }}")], of(&format!("{start}a")), &body()).0, format!("id-{start}a"));
    // What is made of it does not make it whole.
    let copied = |then| [Rule { goes_on: true, ..acting("copy", "true", then) }];
    let by_label = copied(RuleActions { labels: [("id".to_owned(), "{{ labels.longid }}".to_owned())].into(), ..RuleActions::default() });
    let by_title = copied(RuleActions { title: Some("{{ labels.longid.size() }}".to_owned()), ..RuleActions::default() });
    for rules in [
        vec![keyed("k", "id-{{ labels.longid }}")],
        [by_label.to_vec(), vec![keyed("k", "id-{{ labels.id }}")]].concat(),
        [by_title.to_vec(), vec![keyed("k", "id-{{ title }}")]].concat(),
    ] {
        let (key, problems) = key_of(&rules, of(&format!("{start}-001")), &body());
        assert_eq!(key, "arn:batch", "{rules:?}");
        assert!(problems.contains("dedup_key stays: ") && problems.contains("too large to be seen whole"), "{problems}");
    }
}

#[test]
fn a_dedup_key_made_of_a_title_or_an_account_that_was_cut_stays_that_of_the_source() {
    let cut = hansho_domain::text::cut(&"disk full ".repeat(30), 200);
    let in_the_middle = format!("{}…: no data", "checkout-latency ".repeat(4));
    let titled = |title: &str| Subject { title: title.to_owned(), ..subject() };
    for title in [&cut, &in_the_middle] {
        let (key, problems) = key_of(&[keyed("k", "{{ title }}")], titled(title), &body());
        assert_eq!(key, "arn:batch", "{title}");
        assert!(problems.contains("dedup_key stays: the title"), "{problems}");
        assert_eq!(key_of(&[keyed("k", "{{ labels.job }}")], titled(title), &body()).0, "nightly", "what is whole is a key");
    }
    let (key, problems) = key_of(&[keyed("k", "{{ details }}")], Subject { details: cut.clone(), ..subject() }, &body());
    assert!(key == "arn:batch" && problems.contains("the details"), "{key} {problems}");
    for whole in ["遅延しています…", "disk full"] {
        assert_eq!(key_of(&[keyed("k", "{{ title }}")], titled(whole), &body()).0, whole);
    }
    // A rule's own title is whole where it is made of what is.
    let title = RuleActions { title: Some("{{ labels.job }} failed".to_owned()), ..RuleActions::default() };
    let rules = [Rule { goes_on: true, ..acting("t", "true", title) }, keyed("k", "{{ title }}")];
    assert_eq!(key_of(&rules, titled(&cut), &body()).0, "nightly failed");
}

#[test]
fn a_rule_that_asks_for_what_was_left_out_makes_nothing_quieter_and_no_other_key() {
    let then = RuleActions {
        route: Some(service("quiet")),
        severity: Some(Severity::Info),
        priority: Some(Priority::Sev4),
        dedup_key: Some("all".to_owned()),
        title: Some("not production".to_owned()),
        labels: [("team".to_owned(), "x".to_owned())].into(),
        ..RuleActions::default()
    };
    let asks = "!(has(labels.env) && labels.env == 'prod')";
    let after =
        [acting("prod", "has(labels.env) && labels.env == 'prod'", severity(Severity::Critical)), acting("rest", "true", then.clone())];
    for rules in [vec![acting("asks", asks, then.clone())], after.to_vec()] {
        let outcome = decided_about(&rules, subject_with_many_labels(), &Event::default(), &body());
        let Subject { service: leads_to, severity, priority, dedup_key, title, labels, .. } = outcome.subject;
        assert_eq!((leads_to, dedup_key.as_str()), (service("batch"), "arn:batch"));
        assert_eq!((severity, priority), (Some(Severity::Critical), None));
        assert_eq!((title.as_str(), labels.get("team")), ("not production", Some("x")));
        let Some(Verdict::Fired { problems, .. }) = outcome.trace.rules.last().map(|tried| &tried.verdict) else { panic!() };
        for (problem, what) in problems.iter().zip(["the service stays", "severity stays", "priority stays", "dedup_key stays"]) {
            assert_eq!(problem, &format!("{what}: the label env was too large to be seen whole, and what is left out may be what matters"));
        }
        assert_eq!(problems.len(), 4, "{problems:?}");
    }
    // The same of an alert whose labels are all there.
    let outcome = decided(&[acting("asks", asks, then)]);
    assert_eq!((outcome.subject.service, outcome.subject.severity), (service("quiet"), Some(Severity::Info)));
}

#[test]
fn a_rule_that_asks_for_what_was_left_out_makes_an_alert_louder() {
    let then = RuleActions { priority: Some(Priority::Sev1), ..severity(Severity::Critical) };
    let low = Subject { severity: Some(Severity::Info), priority: Some(Priority::Sev3), ..subject_with_many_labels() };
    let outcome = decided_about(&[acting("loud", "!has(labels.env)", then)], low, &Event::default(), &body());
    assert_eq!((outcome.subject.severity, outcome.subject.priority), (Some(Severity::Critical), Some(Priority::Sev1)));
}

#[test]
fn a_payload_that_was_cut_routes_nothing_by_itself_and_a_condition_that_was_seen_whole_does() {
    let body = json!({ "team": "x".repeat(70_000) });
    let route = |condition: &str| {
        let title = Some("{{ body.team }}".to_owned());
        let then = RuleActions { route: Some(service("quiet")), title, ..severity(Severity::Info) };
        let outcome = decided_about(&[acting("r", condition, then)], subject(), &Event::default(), &body);
        (outcome.subject.service, outcome.subject.severity)
    };
    assert_eq!(route("body.team != 'db'"), (service("batch"), Some(Severity::Critical)));
    assert_eq!(route("labels.job == 'nightly'"), (service("quiet"), Some(Severity::Info)));
    let (key, problems) = key_of(&[keyed("k", "n{{ body.team.size() }}")], subject(), &body);
    assert!(key == "arn:batch" && problems.contains("the payload"), "{key} {problems}");
}

#[test]
fn large_numbers_keep_their_digits_in_a_dedup_key_or_make_none() {
    let of = |raw: &str, text: &str| key_of(&[keyed("k", text)], subject(), &hansho_routing::Event::default().body_of(raw)).0;
    for id in ["18446744073709551615", "18446744073709551614", "9223372036854775808", "-9223372036854775808"] {
        let raw = format!(r#"{{"id":{id}}}"#);
        assert_eq!((of(&raw, "{{ body.id }}"), of(&raw, "{{ string(body.id) }}")), (id.to_owned(), id.to_owned()));
        let holds = acting(
            "r",
            &format!("body.id == {id}{} && body.id != 1", if id.starts_with('-') { "" } else { "u" }),
            severity(Severity::Info),
        );
        let outcome = decided_about(&[holds], subject(), &Event::default(), &Event::default().body_of(&raw));
        assert!(matches!(verdict(&outcome.trace), Verdict::Fired { .. }), "{:?}", outcome.trace);
    }
    for id in ["18446744073709551616", "-9223372036854775809"] {
        let body = Event::default().body_of(&format!(r#"{{"id":{id},"ids":[{id}]}}"#));
        let (key, problems) = key_of(&[keyed("k", "{{ body.id }}")], subject(), &body);
        assert!(key == "arn:batch" && problems.contains("dedup_key stays: `body.id` is a number too large"), "{key} {problems}");
        for text in ["{{ string(body.id) }}", "{{ 'a' + string(body.id + 1.0) }}", "{{ string(body.ids[0]) }}"] {
            let (key, problems) = key_of(&[keyed("k", text)], subject(), &body);
            assert!(key == "arn:batch" && problems.contains("too large for all of its digits to be known"), "{key} {problems}");
        }
    }
    assert_eq!(of(r#"{"id":91.5}"#, "{{ string(body.id) + string(true) + string('x') }}"), "91.5truex");
    assert_eq!(of(r#"{"id":91.5}"#, "{{ body.id }}"), "91.5");
}

#[test]
fn the_reason_of_a_suppression_is_filled_in_and_suppresses_also_when_it_can_not_be() {
    let suppressing = |reason: &str| acting("quiet", "true", RuleActions { suppress: Some(reason.to_owned()), ..RuleActions::default() });
    for (reason, told) in [
        ("{{ labels.job }} は {{ labels.env }} だけ", "nightly は dev だけ"),
        ("no {{ labels.missing }}", "no {{ labels.missing }}"),
        ("{{ '' }}", "{{ '' }}"),
    ] {
        let outcome = decided(&[suppressing(reason)]);
        assert_eq!(outcome.suppression.map(|suppression| suppression.reason).as_deref(), Some(told), "{reason}");
    }
    let outcome = decided(&[suppressing("{{ labels.job")]);
    assert!(outcome.suppression.is_none(), "what can not be read is for no alert: {:?}", outcome.trace);
}

#[test]
fn what_an_action_can_not_make_stays_and_is_noted() {
    let then = RuleActions {
        dedup_key: Some("{{ body.missing }}".to_owned()),
        title: Some("{{ body.alerts }}".to_owned()),
        severity: Some(Severity::Error),
        ..RuleActions::default()
    };
    let outcome = decided(&[acting("r", "true", then)]);
    assert_eq!((outcome.subject.dedup_key.as_str(), outcome.subject.title.as_str()), ("arn:batch", "夜間バッチが失敗"));
    assert_eq!(outcome.subject.severity, Some(Severity::Error));
    let Verdict::Fired { problems, .. } = verdict(&outcome.trace) else { panic!() };
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].contains("dedup_key stays: there is no `missing`"), "{problems:?}");
    assert!(problems[1].contains("title stays: `body.alerts` is list and no text"), "{problems:?}");
}

#[test]
fn a_rule_that_can_not_be_compiled_is_for_no_alert_and_the_next_one_is_tried() {
    let outcome = decided(&[rule("broken", "labels.env =="), acting("good", "true", severity(Severity::Info))]);
    assert!(matches!(&outcome.trace.rules[0].verdict, Verdict::Failed { reason } if reason.contains("can be read")));
    assert_eq!(outcome.subject.severity, Some(Severity::Info));
}

#[test]
fn a_recovery_gets_the_key_of_its_firing() {
    let rules = [acting(
        "by-host",
        "integration == 'cloudwatch'",
        RuleActions { dedup_key: Some("host/{{ labels.job }}".to_owned()), severity: Some(Severity::Info), ..RuleActions::default() },
    )];
    let firing = decided(&rules);
    let silent = Subject { title: String::new(), severity: None, ..subject() };
    let recovery = decided_about(&rules, silent, &Event::default(), &Value::Null);
    assert_eq!(firing.subject.dedup_key, recovery.subject.dedup_key);
    assert_eq!(recovery.subject.dedup_key.as_str(), "host/nightly");
}

#[test]
fn headers_recipients_and_the_payload_in_its_envelopes_are_seen() {
    let mut event = Event::from_source("noc@example.com");
    event.add_header("X-Zabbix-Severity", "High");
    event.add_header("x-zabbix-severity", "urgent");
    event.add_recipient("checkout-3f9c@oncall.example.com");
    let message = json!({ "AlarmName": "checkout-5xx" }).to_string();
    let raw = json!({ "EventSource": "aws:sns", "Sns": { "TopicArn": "arn:x", "Message": message } }).to_string();
    let rules = [rule(
        "r",
        "headers['x-zabbix-severity'] == 'High, urgent' && recipients.exists(r, r.startsWith('checkout-')) \
         && source.endsWith('@example.com') && body.AlarmName == 'checkout-5xx'",
    )];
    let outcome = decided_about(&rules, subject(), &event, &event.body_of(&raw));
    assert!(matches!(verdict(&outcome.trace), Verdict::Fired { .. }), "{:?}", outcome.trace);
    // What is no JSON is text.
    let outcome = decided_about(&[rule("r", "body.contains('復旧')")], subject(), &event, &event.body_of("障害は復旧しました"));
    assert!(matches!(verdict(&outcome.trace), Verdict::Fired { .. }), "{:?}", outcome.trace);
}

#[test]
fn a_trace_comes_back_from_json_as_it_was() {
    let outcome = decided(&[rule("a", "labels.team == 'x'"), rule("b", "false"), acting("c", "true", severity(Severity::Info))]);
    let text = serde_json::to_string(&outcome.trace).unwrap();
    assert_eq!(serde_json::from_str::<hansho_routing::Trace>(&text).unwrap(), outcome.trace);
    assert_eq!(outcome.trace.rules[1], Tried { rule: "b".to_owned(), of: None, verdict: Verdict::Passed });
}
