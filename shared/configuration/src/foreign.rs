//! Words that people bring along from other tools, and from their own language, with what they are called here.

/// A word, and the keys that it may mean; the one that is possible where it stands is the one that is meant.
///
/// PagerDuty's from its REST API and Terraform provider, Opsgenie's and Grafana OnCall's from their HTTP APIs.
const WORDS: [(&str, &[&str]); 65] = [
    // PagerDuty
    ("escalation_rules", &["steps"]),
    ("escalation_rule", &["steps"]),
    ("escalation_delay_in_minutes", &["wait"]),
    ("escalation_timeout", &["wait"]),
    ("num_loops", &["repeat"]),
    ("targets", &["notify"]),
    ("schedule_layers", &["rotations"]),
    ("layers", &["rotations"]),
    ("layer", &["rotations"]),
    ("rotation_virtual_start", &["start"]),
    ("rotation_turn_length_seconds", &["every"]),
    ("restrictions", &["only"]),
    ("restriction", &["only"]),
    ("start_time_of_day", &["from"]),
    ("start_delay_in_minutes", &["after"]),
    ("contact_method", &["by"]),
    ("contact_methods", &["phone"]),
    ("notification_rules", &["notify"]),
    ("incident_urgency_rule", &["urgency"]),
    ("auto_resolve_timeout", &["auto_resolve"]),
    ("auto_pause_notifications_parameters", &["auto_pause"]),
    ("html_url", &["runbook"]),
    // Opsgenie
    ("participants", &["members"]),
    ("recipients", &["notify"]),
    ("recipient", &["notify"]),
    ("responders", &["notify"]),
    ("time_restriction", &["only"]),
    ("owner_team", &["owner", "team"]),
    ("delay", &["wait", "after"]),
    ("timezone", &["time_zone"]),
    ("tz", &["time_zone"]),
    // Grafana OnCall
    ("escalation_chains", &["escalation_policies"]),
    ("escalation_chain", &["escalation_policy"]),
    ("shifts", &["rotations"]),
    ("rolling_users", &["members"]),
    ("frequency", &["every"]),
    ("by_day", &["days"]),
    // What else comes to mind
    ("people", &["users"]),
    ("responder", &["user"]),
    ("policies", &["escalation_policies"]),
    ("policy", &["escalation_policy"]),
    ("on_call", &["schedules"]),
    ("rotas", &["schedules"]),
    ("holidays", &["calendars"]),
    ("mobile", &["phone"]),
    ("tel", &["phone"]),
    ("mail", &["email"]),
    ("locale", &["language"]),
    ("timeout", &["wait", "acknowledgement_timeout"]),
    ("ack_timeout", &["acknowledgement_timeout"]),
    ("playbook", &["runbook"]),
    ("runbook_url", &["runbook"]),
    ("alarm_names", &["alarms"]),
    ("loops", &["repeat"]),
    ("method", &["by"]),
    // Japanese
    ("名前", &["name"]),
    ("電話", &["phone"]),
    ("電話番号", &["phone"]),
    ("メール", &["email"]),
    ("言語", &["language"]),
    ("当番表", &["schedules"]),
    ("ユーザー", &["users"]),
    ("チーム", &["teams"]),
    ("サービス", &["services"]),
    ("メンバー", &["members"]),
];

/// What a word is called here, if one of the known keys is meant. `escalationRules` and `Escalation-Rules` are the same word.
pub(crate) fn called_here<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let word = snake(word);
    let (_, meant) = WORDS.iter().find(|(foreign, _)| *foreign == word)?;
    known.iter().find(|key| meant.contains(key)).copied()
}

fn snake(word: &str) -> String {
    let mut snake = String::with_capacity(word.len());
    // No word of the table is longer.
    for letter in word.chars().take(50) {
        if letter.is_ascii_uppercase() && snake.ends_with(|last: char| last.is_ascii_lowercase()) {
            snake.push('_');
        }
        snake.push(if letter == '-' || letter == ' ' { '_' } else { letter.to_ascii_lowercase() });
    }
    snake
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{WORDS, called_here};

    #[test]
    fn words_of_other_tools_are_told_what_they_are_called_here() {
        for (word, known, here) in [
            ("escalation_rules", &["steps", "repeat"][..], Some("steps")),
            ("escalationRules", &["steps", "repeat"], Some("steps")),
            ("Time-Zone", &["time_zone"], None),
            ("timeZone", &["time_zone"], None),
            ("delay", &["after", "by"], Some("after")),
            ("delay", &["notify", "wait"], Some("wait")),
            ("delay", &["name"], None),
            ("電話番号", &["name", "phone"], Some("phone")),
            ("", &["name"], None),
        ] {
            assert_eq!(called_here(word, known), here, "{word}");
        }
        let words: BTreeSet<_> = WORDS.iter().map(|(word, _)| word).collect();
        assert_eq!(words.len(), WORDS.len(), "a word stands there twice");
    }
}
