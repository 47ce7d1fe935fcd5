//! What was cut, or never seen, before rules are asked: nothing becomes quieter by what it does not say.

use hansho_domain::{Labels, Rule, RuleActions, Severity, text};
use hansho_routing::{Event, Outcome, Part, Subject};
use serde_json::{Value, json};

use crate::{acting, decided_about, service, subject};

/// Rules that make an alert quieter in every way, if `condition` holds.
fn quieter(condition: &str) -> [Rule; 4] {
    let of = |then| acting("quiet", condition, then);
    [
        of(RuleActions { suppress: Some("only a test".to_owned()), ..RuleActions::default() }),
        of(RuleActions { pause_seconds: Some(120), ..RuleActions::default() }),
        of(RuleActions { route: Some(service("quiet")), dedup_key: Some("all".to_owned()), ..RuleActions::default() }),
        of(RuleActions { severity: Some(Severity::Info), ..RuleActions::default() }),
    ]
}

/// Whether all of them, or none of them, made it quieter.
fn is_quieter(condition: &str, subject: &Subject, event: &Event, body: &Value) -> bool {
    let is_other = |outcome: &Outcome| outcome.suppression.is_some() || outcome.pause.is_some() || outcome.subject != *subject;
    let all = quieter(condition).map(|rule| is_other(&decided_about(&[rule], subject.clone(), event, body)));
    assert!(all.iter().all(|one| *one == all[0]), "{condition}: {all:?}");
    all[0]
}

#[test]
fn a_condition_that_asks_for_a_title_or_an_account_that_was_cut_makes_nothing_quieter() {
    let long = format!("{}FATAL", "all is well, ".repeat(100));
    let of = |title: &str, details: &str| Subject { title: title.to_owned(), details: details.to_owned(), ..subject() };
    let line = format!("note: {}\nhost: db-1", text::cut(&long, 300));
    let is = |condition: &str, subject: &Subject| is_quieter(condition, subject, &Event::default(), &Value::Null);
    for details in [&text::cut(&long, 1_000), &text::cut(&long, 600), &line] {
        assert!(!is("!details.contains('FATAL')", &of("t", details)), "{details}");
        assert!(is("title == 't'", &of("t", details)), "what was seen whole is known");
    }
    assert!(!is("!title.contains('FATAL')", &of(&text::cut(&long, 200), "")));
    assert!(is("!title.contains('FATAL') && !details.contains('FATAL')", &of("遅延しています…", "all is well")));
    // It is made louder, and what comes after it is no quieter.
    let low = Subject { severity: Some(Severity::Info), ..of("t", &line) };
    let loud = acting("loud", "details.contains('well')", RuleActions { severity: Some(Severity::Critical), ..RuleActions::default() });
    let rules = [Rule { goes_on: true, ..loud }, quieter("true")[0].clone()];
    let outcome = decided_about(&rules, low, &Event::default(), &Value::Null);
    assert_eq!((outcome.suppression, outcome.subject.severity), (None, Some(Severity::Critical)));
}

#[test]
fn a_title_that_is_made_of_a_cut_one_suppresses_nothing_by_what_it_does_not_say() {
    let title = RuleActions { title: Some("{{ title.size() }} characters".to_owned()), ..RuleActions::default() };
    let rules = [Rule { goes_on: true, ..acting("t", "true", title) }, quieter("!title.contains('FATAL')")[0].clone()];
    let of = |title: String| decided_about(&rules, Subject { title, ..subject() }, &Event::default(), &Value::Null).suppression;
    assert!(of("x".repeat(200)).is_some() && of(text::cut(&"x".repeat(201), 200)).is_none());
}

#[test]
fn what_a_way_in_did_not_see_is_not_taken_for_absent() {
    let body = json!({ "text": "", "mail": { "subject": "disk" }, "headers": [] });
    let mut event = Event::from_source("noc@example.com");
    event.add_header("x-host", "db-1");
    let asks = [
        (None, "!string(body.text).contains('FATAL')"),
        (None, "!('FATAL' in body.headers)"),
        (None, "body.mail.subject == 'disk'"),
        (None, "!body.exists(name, name == 'urgent')"),
        (Some(Part::Headers), "!('x-urgent' in headers)"),
        (Some(Part::Headers), "headers['x-host'] == 'db-1'"),
        (Some(Part::Headers), "!headers.exists(name, name == 'x-urgent')"),
        (Some(Part::Source), "source == 'noc@example.com'"),
        (Some(Part::Title), "title != 'FATAL'"),
        (Some(Part::Details), "details != 'FATAL'"),
    ];
    for (part, condition) in asks {
        assert!(is_quieter(condition, &subject(), &event, &body), "{condition}");
        let mut partial = event.clone();
        match part {
            Some(part) => partial.add_partial(part),
            None => ["text", "headers", "mail"].into_iter().for_each(|field| partial.add_partial_field(field)),
        }
        // It is still known when it is decided again.
        let stored = serde_json::to_string(&partial).unwrap();
        let partial: Event = serde_json::from_str(&stored).unwrap();
        assert!(!is_quieter(condition, &subject(), &partial, &body), "{condition}");
        assert!(is_quieter("labels.job == 'nightly'", &subject(), &partial, &body), "what was seen is known");
    }
    let mut partial = event;
    partial.add_partial_field("headers");
    assert!(is_quieter("body.text == '' && body['mail'].subject == 'disk'", &subject(), &partial, &body), "the other fields are whole");
    assert!(!is_quieter("body['headers'] == []", &subject(), &partial, &body));
    let long = Event::from_source(&"x".repeat(2_001));
    assert!(!is_quieter("!source.endsWith('prod')", &subject(), &long, &body));
}

#[test]
fn a_label_that_could_not_be_one_is_not_taken_for_absent() {
    let of = |left_out: fn(&mut Labels)| {
        let mut labels = Labels::new();
        labels.add("env", "dev");
        left_out(&mut labels);
        Subject { labels, ..subject() }
    };
    let is = |condition: &str, subject: &Subject| is_quieter(condition, subject, &Event::default(), &Value::Null);
    let (named, strange, unnamed) = (of(|l| l.add_partial("Urgent")), of(|l| l.add("very urgent", "1")), of(Labels::add_unnamed));
    assert!(!is("!('urgent' in labels)", &named) && is("!('other' in labels)", &named));
    assert!(!is("!('very urgent' in labels)", &strange) && !is("!labels.exists(name, name.contains('urgent'))", &strange));
    assert!(is("!('urgent' in labels)", &strange), "any other name is known");
    assert!(!is("!('urgent' in labels)", &unnamed));
    assert!([named, strange, unnamed].iter().all(|subject| is("labels.env == 'dev'", subject)), "what is there is known");
}
