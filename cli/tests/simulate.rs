//! `hansho simulate` with an alarm as AWS sends it, and against a Hansho that runs.
#![expect(clippy::unwrap_used, reason = "a test that can not go on has failed")]
#![expect(clippy::disallowed_methods, reason = "a process that starts needs real time")]
#![expect(dead_code, reason = "the other commands' tests use the rest of what starts processes")]

mod process;

use process::{Folder, Served, run, text};
use serde_json::Value;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/example");

/// An event of those that the alarm intake is tested with.
fn event(name: &str) -> String {
    format!("{}/../events/alarm-intake/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

#[track_caller]
fn told(arguments: &[&str]) -> String {
    let output = run(&[&["simulate"], arguments].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[track_caller]
fn of_event(name: &str, more: &[&str]) -> String {
    told(&[&["--config", EXAMPLE, "--event", &event(name)], more].concat())
}

#[test]
fn an_event_finds_its_service_and_says_why() {
    let story = of_event("alarm-direct-metric", &[]);
    for part in ["goes to the service checkout: ", "Severity critical", "alarm=checkout-", "Calling step 1"] {
        assert!(story.contains(part), "{part:?} is missing in\n{story}");
    }
    let story = of_event("alarm-sns-metric", &["--language", "ja"]);
    assert!(story.contains("の担当はサービス batch です (アラームの説明文での指定)"), "{story}");
    let story = of_event("alarm-eventbridge-muted", &[]);
    assert!(story.contains("goes to the service batch: it is the first to claim it, by batch-*."), "{story}");
    assert!(story.contains("Held until") && story.contains("muted by arn:aws:cloudwatch"), "{story}");
}

#[test]
fn an_event_is_played_at_its_own_time_unless_another_is_given() {
    let at = |more: &[&str]| {
        let story: Value = serde_json::from_str(&of_event("alarm-eventbridge-muted", &[more, &["--json"]].concat())).unwrap();
        (story["at"].as_str().unwrap().to_owned(), story["first_page_after_seconds"].clone())
    };
    let (own, first) = at(&[]);
    assert_eq!((own.as_str(), first.as_i64()), ("2026-11-20T18:12:15Z", Some(10_065)), "held until the mute rule's window ends at 21:00");
    let (later, first) = at(&["--at", "2026-11-20T22:00Z"]);
    assert_eq!((later.as_str(), first.as_i64()), ("2026-11-20T22:00:00Z", Some(0)), "the window is over by then");
}

#[test]
fn an_event_that_pages_nobody_says_why() {
    for (name, part) in [
        ("ok-direct-metric", "is over"),
        ("insufficient-data-direct", "has no data"),
        ("alarm-direct-composite-suppressed", "is recorded as suppressed"),
        ("sns-subscription-confirmation", "Nobody is paged."),
    ] {
        let story = of_event(name, &[]);
        assert!(story.contains(part) && !story.contains("WHO"), "{name}: {story}");
        let json: Value = serde_json::from_str(&of_event(name, &["--json"])).unwrap();
        assert_eq!(json["pages"].as_array().map(Vec::len), Some(0), "{name}: {json}");
        assert!(of_event(name, &["--language", "ja"]).contains("誰も呼び出しません"), "{name}");
    }
}

#[test]
fn an_event_that_can_not_be_read_pages_by_the_catch_all_service() {
    let story = of_event("unreadable-truncated", &["--at", "2026-11-20T18:12Z"]);
    assert!(story.starts_with("catch-all (") && story.contains("This is not recognised as an alarm"), "{story}");
    assert!(story.contains("Calling step 1"), "{story}");
}

#[test]
fn without_a_folder_what_runs_is_played_with_what_people_changed_in_it() {
    let folder = Folder::new("simulate");
    let served = Served::local(&folder);
    let (url, data) = (format!("http://localhost:{}", served.port), folder.path("data"));
    let server = ["--url", &url, "--data", &data];
    let at = ["--service", "checkout", "--at", "2026-12-31T03:00+09:00"];
    let before = told(&[&at[..], &server].concat());
    assert!(before.contains("Played on version 1 of the configuration at") && before.contains("with no overrides"), "{before}");
    assert!(before.contains("Calling step 1: 佐藤 愛子"), "{before}");
    let pages = |text: &str| text.lines().skip(2).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(pages(&before), pages(&told(&[&at[..], &["--config", EXAMPLE]].concat())));

    let period = ["--from", "2026-12-31T02:00:00+09:00", "--to", "2026-12-31T04:00:00+09:00"];
    let made = [&["override", "add", "--schedule", "checkout-primary", "--replace", "aiko", "--by", "chie"], &period[..], &server].concat();
    let made = run(&made);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let after = told(&[&at[..], &server].concat());
    assert!(after.contains("with 1 override") && after.contains("Calling step 1: 田中 千恵"), "{after}");
    assert!(told(&[&at[..], &server, &["--language", "ja"]].concat()).contains("交代1件"));

    let sweep = ["--service", "checkout", "--within", "4m", "--from", "2026-12-31T01:00+09:00", "--to", "2026-12-31T05:00+09:00"];
    let sweep = told(&[&sweep[..], &server].concat());
    assert!(sweep.contains("only aiko") && sweep.contains("only chie"), "{sweep}");
    for (more, sentence) in [
        (["--service", "chekout"], "there is no service chekout; there are batch, catch-all, checkout"),
        (["--service", "checkout"], "--answer: there is no user nadia"),
    ] {
        let refused =
            run(&[&["simulate"], &more[..], &server, &["--answer", "nadia=5m"][..if sentence.contains("nadia") { 2 } else { 0 }]].concat());
        assert!(!refused.status.success() && text(&refused.stderr).contains(sentence), "{}", text(&refused.stderr));
    }
}
