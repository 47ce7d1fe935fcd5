//! What a plan says of an edit.
#![expect(clippy::unwrap_used, reason = "a test stops where an answer is not what it must be")]

use hansho_configuration::{Files, Kind, differences, summary};

const TEAM: &str = r#"
users:
  aiko: { name: Aiko, phone: "+819012345678", notify: { high: [{ after: 0m, by: sms }, { after: 3m, by: sms }] } }
  ben: { name: Ben, email: ben@example.com }
schedules:
  primary:
    time_zone: Asia/Tokyo
    rotations:
      - { name: weekly, start: 2026-01-05T10:00, every: 1 week, members: [aiko, ben] }
      - { name: nights, start: 2026-01-05T22:00, every: 1 day, members: [ben] }
escalation_policies:
  checkout: { steps: [{ notify: [schedule/primary], wait: 5m }, { notify: [user/ben], wait: 10m }] }
services:
  checkout: { escalation_policy: checkout, alarms: ["checkout-*"] }
fallback: [user/ben]
"#;

fn files(texts: &[(&str, &str)]) -> Files {
    texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// What changes, one line for each value.
fn lines(before: &str, after: &str) -> Vec<String> {
    let changes = differences(&files(&[("team.yaml", before)]), &files(&[("team.yaml", after)])).unwrap();
    let mut lines = Vec::new();
    for change in changes {
        let sign = match change.kind {
            Kind::Created => '+',
            Kind::Changed => '~',
            Kind::Removed => '-',
        };
        let name = change.name.unwrap_or_default();
        lines.push(format!("{sign} {} {name}", change.section).trim_end().to_owned());
        lines.extend(change.fields.into_iter().map(|field| {
            let side = |value: Option<String>| value.unwrap_or_else(|| "nothing".to_owned());
            format!("  {}: {} -> {}", field.path, side(field.before), side(field.after))
        }));
    }
    lines
}

#[track_caller]
fn edit(from: &str, to: &str, expected: &[&str]) {
    assert!(TEAM.contains(from), "the team has no {from}");
    assert_eq!(lines(TEAM, &TEAM.replace(from, to)), expected);
}

#[test]
fn the_same_text_has_no_difference() {
    assert!(lines(TEAM, TEAM).is_empty());
}

#[test]
fn comments_order_of_keys_and_the_file_of_an_entry_make_no_difference() {
    let people = TEAM.split("schedules:").next().unwrap();
    let rest = &TEAM[people.len()..];
    let moved = files(&[("a.yaml", rest), ("b/people.yaml", &format!("# who\n{people}"))]);
    assert!(differences(&files(&[("team.yaml", TEAM)]), &moved).unwrap().is_empty());
    let turned = TEAM
        .replace("{ escalation_policy: checkout, alarms: [\"checkout-*\"] }", "{ alarms: ['checkout-*'], escalation_policy: checkout }");
    assert_ne!(turned, TEAM);
    assert!(lines(TEAM, &turned).is_empty());
}

#[test]
fn a_value_is_shown_as_it_was_and_as_it_will_be_with_its_path() {
    edit("after: 3m, by: sms", "after: 5m, by: sms", &["~ users aiko", "  notify.high[1].after: 3m -> 5m"]);
    edit("time_zone: Asia/Tokyo", "time_zone: Asia/Seoul", &["~ schedules primary", "  time_zone: Asia/Tokyo -> Asia/Seoul"]);
    edit("name: Ben, ", "name: Ben, language: ja, ", &["~ users ben", "  language: nothing -> ja"]);
    edit(
        "members: [aiko, ben]",
        "members: [ben, aiko]",
        &["~ schedules primary", "  rotations[weekly].members: [aiko, ben] -> [ben, aiko]"],
    );
}

#[test]
fn an_item_that_is_put_into_a_list_does_not_change_the_ones_after_it() {
    edit(
        "steps: [{ notify: [schedule/primary], wait: 5m }, ",
        "steps: [{ notify: [schedule/primary], wait: 5m }, { notify: [user/aiko], wait: 2m }, ",
        &["~ escalation_policies checkout", "  steps[1]: nothing -> { notify: [user/aiko], wait: 2m }"],
    );
    edit(
        "      - { name: weekly, start: 2026-01-05T10:00, every: 1 week, members: [aiko, ben] }\n",
        "",
        &[
            "~ schedules primary",
            "  rotations[weekly]: { name: weekly, start: 2026-01-05T10:00, every: 1 week, members: [aiko, ben] } -> nothing",
        ],
    );
}

#[test]
fn layers_that_change_places_are_a_change() {
    let weekly = "      - { name: weekly, start: 2026-01-05T10:00, every: 1 week, members: [aiko, ben] }\n";
    let turned = TEAM.replace(weekly, "").replace("members: [ben] }\n", &format!("members: [ben] }}\n{weekly}"));
    assert_eq!(lines(TEAM, &turned), ["~ schedules primary", "  rotations (order): weekly, nights -> nights, weekly"]);
}

#[test]
fn entries_come_and_go() {
    let with_dai = TEAM.replace("schedules:\n", "  dai: { name: Dai, email: dai@example.com }\nschedules:\n");
    assert_eq!(lines(TEAM, &with_dai), ["+ users dai", "  name: nothing -> Dai", "  email: nothing -> d…@example.com"]);
    assert_eq!(lines(&with_dai, TEAM), ["- users dai"]);
    edit("fallback: [user/ben]", "fallback: [user/aiko]", &["~ fallback", "  [0]: user/ben -> user/aiko"]);
}

#[test]
fn a_section_that_this_version_does_not_know_is_compared_all_the_same() {
    let before = format!("{TEAM}later: {{ one: {{ depth: [1, 2] }} }}\n");
    assert_eq!(lines(&before, &before.replace("[1, 2]", "[1, 3]")), ["~ later one", "  depth: [1, 2] -> [1, 3]"]);
}

#[test]
fn secrets_are_not_shown_and_addresses_only_in_part() {
    let webhook = |path: &str, secret: &str| {
        TEAM.replace("name: Ben, ", &format!("name: Ben, webhook: https://hooks.example.com/{path}, webhook_secret: {secret}, "))
    };
    let said = lines(&webhook("first", "correct-horse"), &webhook("second", "battery-staple"));
    assert_eq!(
        said,
        [
            "~ users ben",
            "  webhook: https://hooks.example.com/… -> https://hooks.example.com/… (another one)",
            "  webhook_secret: (secret) -> (secret) (another one)"
        ]
    );
    edit("+819012345678", "+819099995678", &["~ users aiko", "  phone: +81…78 -> +81…78 (another one)"]);
}

#[test]
fn long_values_are_told_whole() {
    let quiet = |cover: &str| {
        let times: Vec<String> = ["mon", "tue", "wed", "thu", "fri"]
            .map(|day| format!("{{ from: 22:00, to: 07:00, days: [{day}], cover: user/{cover} }}"))
            .into();
        format!("[{}]", times.join(", "))
    };
    let with = |cover: &str| {
        TEAM.replace("email: ben@example.com }", &format!("email: ben@example.com, notify: {{ quiet: {} }} }}", quiet(cover)))
    };
    assert!(quiet("aiko").len() > 250);
    assert_eq!(lines(TEAM, &with("aiko")), ["~ users ben".to_owned(), format!("  notify: nothing -> {{ quiet: {} }}", quiet("aiko"))]);
    let changed = lines(&with("aiko"), &with("chie"));
    assert_eq!((changed.len(), changed[5].as_str()), (6, "  notify.quiet[4].cover: user/aiko -> user/chie"));
    let alarms = |count: usize| (0..count).map(|n| format!("alarm-{n:04}")).collect::<Vec<_>>().join(", ");
    let long = lines(TEAM, &TEAM.replace("alarms: [\"checkout-*\"]", &format!("alarms: [{}]", alarms(1_000))));
    assert!(long[1].ends_with("… (and 8000 more characters)"), "{}", long[1]);
}

#[test]
fn a_summary_counts_by_section() {
    let after = TEAM.replace("  ben: { name: Ben, email", "  dai: { name: Dai, email").replace("wait: 5m", "wait: 6m");
    let changes = differences(&files(&[("team.yaml", TEAM)]), &files(&[("team.yaml", &after)])).unwrap();
    assert_eq!(summary(&changes), "users: 1 new, 1 removed; escalation_policies: 1 changed");
}

#[test]
fn what_is_no_yaml_is_a_problem_with_its_line() {
    let problems = differences(&files(&[("team.yaml", TEAM)]), &files(&[("team.yaml", "users:\n\t- a")])).unwrap_err();
    assert_eq!((problems.len(), problems[0].line), (1, 2), "{problems:?}");
}
