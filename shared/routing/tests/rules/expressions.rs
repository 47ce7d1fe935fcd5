//! What can be asked, and what is refused before anything is evaluated.

use hansho_routing::Expression;

use crate::holds;

#[test]
fn conditions_ask_about_everything_that_came_with_an_alert() {
    for (condition, expected) in [
        ("true", true),
        ("labels.env == \"dev\"", true),
        ("labels['job'] in ['nightly', 'hourly']", true),
        ("has(labels.team)", false),
        ("has(labels.job) && !has(body.missing)", true),
        ("severity == 'critical' && integration == 'cloudwatch' && service == 'batch'", true),
        ("priority == null && link == null", true),
        ("title.contains('バッチ')", true),
        ("title.matches('(?i)失敗$')", true),
        ("title.matches('\\\\p{Han}{2}バッチ')", true),
        ("dedup_key.startsWith('arn:') && !dedup_key.endsWith(':')", true),
        ("body.text.size() == 13", true),
        ("size(body.alerts) == 2 && body.count == 2 && body.alerts.size() == 2", true),
        ("body.alerts[0].value > 91 && body.alerts[1].value >= 97.0", true),
        ("body.alerts.exists(a, a.labels.host == 'db-2')", true),
        ("body.alerts.all(a, a.labels.alertname == 'DiskFull')", true),
        ("body.alerts.exists_one(a, a.value > 95)", true),
        ("body.alerts.filter(a, a.value > 95).size() == 1", true),
        ("'db-1' in body.alerts.map(a, a.labels.host)", true),
        ("labels.map(k, k) == ['env', 'job']", true),
        ("['env', 'job'] == labels.map(k, k)", true),
        ("{'env': 'dev', 'job': 'nightly'} == labels", true),
        ("[1, 2] != body.alerts", true),
        ("body.alerts == body.alerts && labels == labels && body != labels", true),
        ("body.alerts[0].labels == {'host': 'db-1', 'alertname': 'DiskFull'}", true),
        ("body.nothing == null", true),
        ("int('3') + 1 == 4 && string(body.count) == '2' && double('1.5') < 2.0", true),
        ("'DiskFULL'.lowerAscii() == 'diskfull'", true),
        ("body.count > 1 ? labels.env == 'dev' : false", true),
        ("size(headers) == 0 && recipients == [] && source == ''", true),
        ("details == '' && runbook == null", true),
    ] {
        assert_eq!(holds(condition), Ok(expected), "{condition}");
    }
}

#[test]
fn what_can_not_be_evaluated_does_not_match_and_says_why() {
    for (condition, told) in [
        ("labels.team == 'sre'", "there is no `team` in it"),
        ("body.alerts[7].value > 1", "there is no `7` in it"),
        ("body.text > 3", "`>` does not work on string and int"),
        ("body.text.labels == 'x'", "it asks for a field of something that is string, and only a map has fields"),
        ("body.text['labels'] == 'x'", "it asks for an element of something that is string, and only a list or a map has those"),
        ("body.count", "it is int, and a condition is true or false"),
        ("body.alerts", "it is list"),
        ("1 / 0 == 1", "zero"),
        ("int(body.text) == 1", "int"),
        ("9223372036854775807 + body.count > 0", "verflow"),
    ] {
        let reason = holds(condition).expect_err(condition);
        assert!(reason.contains(told), "{condition}: {reason}");
    }
}

#[test]
fn mistakes_are_found_when_a_rule_is_read() {
    for (condition, told) in [
        ("", "is empty"),
        ("labels.env = 'dev'", "can be read, at column"),
        ("labels.env == 'dev' &&", "can be read, at column"),
        ("labels.env == 'dev", "can be read, at column"),
        ("label.env == 'dev'", "there is no variable `label`; there are body, headers"),
        ("body.alerts.exists(a, b.x == 1)", "there is no variable `b`"),
        ("contains(title, 'x')", "calls `contains` with 2 arguments; write text.contains(...)"),
        ("title.split(' ').size() > 1", "there is no function `split`"),
        ("now() > 3", "there is no function `now`"),
        ("title.matches(labels.job)", "something else than a regular expression"),
        ("title.matches('(')", "which can not be read"),
        ("title.matches('(a{1000}){1000}')", "too large"),
        ("title == b'x'", "bytes"),
        ("timestamp('2026-01-05T00:00:00Z') > 3", "no function `timestamp`"),
        ("Foo{a: 1} == 1", "makes a Foo"),
        ("body.exists(a, body.exists(b, body.exists(c, a == c)))", "more than 2 loops"),
        ("optional.of(1) == 1", "there is no"),
        ("dyn(1) == 1", "there is no function `dyn`"),
    ] {
        let problem = Expression::compile(condition).map(|_| ()).expect_err(condition);
        assert!(problem.contains(told), "{condition}: {problem}");
    }
}

#[test]
fn what_is_too_large_or_too_deep_is_refused() {
    let long = format!("title == '{}'", "x".repeat(3_000));
    assert!(Expression::compile(&long).unwrap_err().contains("longer than 2000 bytes"));
    for deep in ["![".repeat(500) + "1" + &"]".repeat(500), "[".repeat(1_900), "size(".repeat(300) + "1" + &")".repeat(300)] {
        assert!(Expression::compile(&deep).is_err(), "{}", &deep[..20]);
    }
    // Whatever these are, they are read without a loss of the stack.
    for deep in
        [format!("{}1{} == 1", "(".repeat(900), ")".repeat(900)), "!".repeat(1_900) + "true", "-".repeat(1_900) + "1", "?".repeat(1_900)]
    {
        let _ = Expression::compile(&deep);
    }
    let sum = vec!["1"; 400].join("+") + " == 400";
    assert!(Expression::compile(&sum).is_err());
    // A long list of alternatives is what people write.
    let alternatives: Vec<String> = (0..50).map(|n| format!("labels.job == 'job-{n}'")).collect();
    assert!(Expression::compile(&alternatives.join(" || ")).is_ok());
}

#[test]
fn two_ways_of_writing_the_same_are_known() {
    let canonical = |text: &str| Expression::compile(text).unwrap().canonical();
    assert_eq!(canonical("labels.env == 'dev'"), canonical("  labels.env==\"dev\" "));
    assert_eq!(canonical("title.matches('a+')"), canonical("title.matches(\"a+\")"));
    assert_ne!(canonical("title.matches('a+')"), canonical("title.matches('b+')"));
    assert_ne!(canonical("has(labels.env)"), canonical("labels.env"));
    assert!(Expression::compile("true").unwrap().is_always_true());
    assert!(!Expression::compile("labels.env == 'dev'").unwrap().is_always_true());
}

#[test]
fn what_is_neither_true_nor_false_is_no_condition() {
    for (written, said) in [
        ("severity", "is a text, and a condition is true or false"),
        ("labels.env", "is a text"),
        ("size(recipients)", "is a number"),
        ("recipients", "is a list"),
        ("labels", "is a map"),
        ("recipients.filter(r, r == 'a')", "is a list"),
        ("has(labels.env) && labels.env", "has `labels.env` beside `&&`, which is a text"),
        ("!severity", "has `severity` beside `!`"),
        ("title || true", "has `title` beside `||`"),
        ("severity == 'info' ? 'yes' : 'no'", "is a text"),
    ] {
        let problem = Expression::compile_condition(written).unwrap_err();
        assert!(problem.contains(said) && problem.contains("条件は真偽で書く"), "{written}: {problem}");
    }
    for written in ["body.is_test", "recipients.exists(r, r == 'a')", "labels.all(l, l != 'a')", "body.items.exists_one(i, i == 1)", "true"]
    {
        Expression::compile_condition(written).unwrap();
    }
}

#[test]
fn conditions_that_hold_for_no_alert_are_told() {
    for (written, why) in [
        ("false", "written out"),
        ("severity == 'high'", "`severity` is never \"high\"; it is one of critical"),
        ("'SEV5' == priority", "`priority` is never \"SEV5\""),
        ("severity in ['high', 'low']", "`severity` is never \"high\""),
        ("labels.count > 5", "`labels.count` is a text and 5 is a number, which are never alike; write int(...)"),
        ("labels.count == 5", "never alike"),
        ("title == true", "never alike"),
        ("has(labels.Env)", "names in `labels` are in lower case"),
        ("headers['X-Severity'] == 'high'", "write headers[\"x-severity\"]"),
        ("'X-Severity' in headers", "in lower case"),
        ("labels['a b'] == 'x'", "no label can be called"),
        ("labels.contains('x')", "`labels` is a map and no text"),
        ("title.contains('x') && severity == 'high'", "never \"high\""),
        ("severity == 'high' || severity == 'low'", "never \"low\""),
        ("!(severity != 'high')", "never \"high\""),
        ("!has(labels.Env)", "in lower case"),
    ] {
        let found = Expression::compile_condition(written).unwrap().never_holds();
        assert!(found.as_ref().is_some_and(|found| found.contains(why)), "{written}: {found:?}");
    }
    for written in [
        "true",
        "severity != 'high'",
        "severity == null",
        "severity == 'info' || severity == 'high'",
        "severity in ['high', 'info']",
        "int(labels.count) > 5",
        "body.count > 5 && body.name == 'x'",
        "labels.env != 'dev'",
        "!(severity == 'high')",
        "runbook == null",
        "link.startsWith('https://example.com')",
        "'env' in labels && recipients[0] == 'a'",
        "labels.exists(name, name.startsWith('k8s') && labels[name] == 'x')",
        "title.lowerAscii().contains('x') == false",
        "has(body.Env) && body.Env == 'dev'",
    ] {
        assert_eq!(Expression::compile_condition(written).unwrap().never_holds(), None, "{written}");
    }
}
