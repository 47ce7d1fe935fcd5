//! What loads and is probably not meant: every example says which warning it gives, and where.
#![expect(clippy::expect_used, reason = "a test that can not go on has failed")]

use std::{fs, path::Path};

use hansho_configuration::{Checked, Runbooks, WarningKind, check, check_files};
use jiff::Timestamp;

/// The day on which the examples are looked at.
const DAY: &str = "2026-12-01T00:00:00Z";

fn here(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn day() -> Timestamp {
    DAY.parse().expect("a moment")
}

fn runbooks() -> Runbooks {
    Runbooks::in_folder(&here("tests/runbooks")).expect("the folder of runbooks")
}

fn checked(text: &str) -> Checked {
    check_files(&[("a.yaml".into(), text.to_owned())], day(), None).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// `LINE [KIND]: MESSAGE` for each warning.
fn lines(checked: &Checked) -> Vec<String> {
    checked.warnings.iter().map(|w| format!("{} [{}]: {}", w.problem.line, w.kind, w.problem.message)).collect()
}

/// The examples, each with its text and what its first line expects.
fn examples() -> Vec<(String, String, String)> {
    let mut examples = Vec::new();
    for entry in fs::read_dir(here("tests/warnings")).expect("the examples") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("the text");
        let expected = text.lines().next().and_then(|line| line.strip_prefix("# expect ")).map(str::to_owned);
        examples.push((name.clone(), text, expected.unwrap_or_else(|| panic!("{name} does not say what it expects"))));
    }
    examples.sort();
    examples
}

/// Every file in `warnings/` has one mistake, for which it is named: `# expect LINE [KIND]: MESSAGE`.
#[test]
fn every_example_of_a_warning_gives_exactly_that_warning_at_its_line() {
    let runbooks = runbooks();
    let mut failures = Vec::new();
    for (name, text, expected) in examples() {
        let found = match check_files(&[(format!("{name}.yaml").into(), text)], day(), Some(&runbooks)) {
            Ok(checked) => lines(&checked).join(" | "),
            Err(problems) => format!("problems: {problems:?}"),
        };
        let kind = expected.split(['[', ']']).nth(1).unwrap_or_default().to_owned();
        if found != expected {
            failures.push(format!("{name}\n  expected {expected}\n     found {found}"));
        } else if !name.starts_with(&kind.replace('-', "_")) && !name.starts_with("allow_") {
            failures.push(format!("{name} is not named for {kind}"));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn every_kind_of_warning_has_an_example() {
    let examples = examples();
    for kind in WarningKind::ALL {
        assert!(examples.iter().any(|(_, _, expected)| expected.contains(&format!("[{kind}]"))), "{kind} has no example");
    }
}

/// A comment above the line, or at its end, silences exactly the kinds it names.
#[test]
fn a_comment_allows_a_warning() {
    let runbooks = runbooks();
    for (name, text, expected) in examples() {
        let (line, rest) = expected.split_once(" [").expect("a line and a kind");
        let kind = rest.split(']').next().expect("a kind");
        if kind == WarningKind::AllowUnused.as_str() {
            continue;
        }
        let line: usize = line.parse().expect("a line");
        let all = |put: &dyn Fn(usize, &str) -> String| {
            let text: String = text.lines().enumerate().map(|(place, text)| put(place + 1, text)).collect();
            let checked = check_files(&[("a.yaml".into(), text)], day(), Some(&runbooks)).unwrap_or_else(|p| panic!("{name}: {p:?}"));
            lines(&checked)
        };
        let above = all(&|number, text| {
            if number == line { format!("# hansho: allow {kind} (a reason)\n# more\n{text}\n") } else { format!("{text}\n") }
        });
        assert!(!above.iter().any(|found| found.contains(&format!("[{kind}]"))), "{name}: {above:?}");
        let beside = all(&|number, text| if number == line { format!("{text} # hansho: allow {kind}\n") } else { format!("{text}\n") });
        assert!(!beside.iter().any(|found| found.contains(&format!("[{kind}]"))), "{name}: {beside:?}");
        let elsewhere =
            all(&|number, text| if number == line { format!("# hansho: allow user-unused\n{text}\n") } else { format!("{text}\n") });
        if kind != "user-unused" {
            assert!(elsewhere.iter().any(|found| found.contains(&format!("[{kind}]"))), "{name}: {elsewhere:?}");
        }
    }
}

/// Every team has a service for alerts that name it as their owner.
#[test]
fn a_team_with_a_policy_of_its_own_is_used_and_so_is_the_policy_and_its_people_are_looked_at() {
    let text = |team: &str| {
        let people = "users:\n  aiko: { name: 愛子, phone: \"+819000000001\" }\n  ben: { name: Ben, email: ben@example.com }\n";
        let policies = "escalation_policies:\n  checkout: { steps: [{ notify: [user/aiko], wait: 5m }] }\n  payments: { steps: [{ notify: [user/ben], wait: 5m }] }\n";
        let services = "services:\n  checkout: { escalation_policy: checkout, alarms: [\"checkout-*\"], runbook: \"https://runbooks.example.com/a.md\" }\n";
        format!("{people}teams:\n  payments: {{ {team} }}\n{policies}{services}")
    };
    let kinds = |text: &str| checked(text).warnings.iter().map(|warning| warning.kind.as_str()).collect::<Vec<_>>();
    assert_eq!(kinds(&text("members: [ben], escalation_policy: payments")), ["no-phone"]);
    assert_eq!(kinds(&text("members: [ben]")), ["no-phone", "team-unused", "policy-unused"]);
}

#[test]
fn the_example_team_gives_no_warning_at_any_time() {
    for at in [DAY, "2026-01-06T00:00:00Z", "2030-06-01T00:00:00Z"] {
        let checked = check(&here("../../cli/example"), at.parse().expect("a moment"), None).expect("no problems");
        assert_eq!(lines(&checked), [""; 0], "{at}");
    }
}

#[test]
fn a_runbook_with_a_template_is_counted_and_not_looked_up() {
    let (_, text, _) = examples().into_iter().find(|(name, _, _)| name == "runbook_unknown").expect("the example");
    let text = text.replace("checkouts.md", "{{ labels.job }}.md");
    let checked = check_files(&[("a.yaml".into(), text)], day(), Some(&runbooks())).expect("no problems");
    assert_eq!((lines(&checked), checked.runbook_templates), (Vec::new(), 1));
}

#[test]
fn gaps_are_joined_told_in_the_schedules_zone_and_counted() {
    let (_, text, _) = examples().into_iter().find(|(name, _, _)| name == "coverage_gap_at_nights").expect("the example");
    let text =
        text.replace("Asia/Tokyo", "America/New_York").replace(r#"to: "18:00" }"#, r#"to: "18:00", days: [mon, tue, wed, thu, fri] }"#);
    let message = lines(&checked(&text)).pop().expect("a warning");
    let expected = "nobody is on call from Mon 2026-11-30 19:00 to Tue 2026-12-01 09:00, from Tue 2026-12-01 18:00 to Wed 2026-12-02 09:00, from Wed 2026-12-02 18:00 to Thu 2026-12-03 09:00 (America/New_York), and 62 more times until 2027-02-28, 1584 h in all";
    assert!(message.contains(expected), "{message}");
}

/// Thousands of the same are counted, not listed.
#[test]
fn a_report_has_an_end() {
    let users: String = (0..2_000).map(|n| format!("  u{n}: {{ name: U, phone: \"+819000000001\" }}\n")).collect();
    let checked = checked(&format!("users:\n{users}fallback: [user/u0]\n"));
    assert_eq!(checked.warnings.len(), 500);
    let last = &checked.warnings.last().expect("a warning").problem.message;
    assert!(last.ends_with("(and 1499 more warnings of this kind, which are not shown)"), "{last}");
}

/// Patterns that are as alike as can be, and as long: compared as far as it is cheap.
#[test]
fn hostile_alarm_patterns_take_no_minutes() {
    let pattern = |n: usize| format!("\"*{}*{n}\"", "a*b".repeat(160));
    let services: String = (0..40)
        .map(|s| {
            let alarms: Vec<String> = (0..100).map(|p| pattern(s * 100 + p)).collect();
            format!("  s{s}: {{ escalation_policy: p, alarms: [{}] }}\n", alarms.join(", "))
        })
        .collect();
    let text = format!(
        "users:\n  aiko: {{ name: A, phone: \"+819000000001\" }}\nescalation_policies:\n  p: {{ steps: [{{ notify: [user/aiko], wait: 5m }}] }}\nservices:\n{services}"
    );
    assert!(text.len() > 1_900_000, "{}", text.len());
    let checked = check_files(&[("a.yaml".into(), text)], day(), None).expect("no problems");
    let told = lines(&checked).into_iter().find(|line| line.contains("[alarm-overlap]")).expect("a warning");
    assert!(told.contains("is not compared with the others, and neither are those after it"), "{told}");
}

/// A wide pattern with exceptions is how alarms are shared out: the exception has to come first.
#[test]
fn an_exception_before_a_wide_pattern_and_arns_of_other_alarms_are_no_overlap() {
    let (_, text, _) = examples().into_iter().find(|(name, _, _)| name == "alarm_overlap_with_an_earlier_service").expect("the example");
    for (batch, checkout) in [
        (r#""checkout-batch-*""#, r#""checkout-*""#),
        (r#""arn:aws:cloudwatch:*:*:alarm:batch-*""#, r#""arn:aws:cloudwatch:*:*:alarm:checkout-*""#),
        (r#""batch-*-errors""#, r#""checkout-*-errors""#),
        (r#""arn:*batch*""#, r#""*batch*""#),
    ] {
        let text = text.replace(r#""*-errors""#, batch).replace(r#""checkout-*""#, checkout);
        assert_eq!(lines(&checked(&text)), [""; 0], "{batch} {checkout}");
    }
}
