//! What can be asked of an incident, read from an address and a body.

use hansho_domain::{Command, TARGETS_MAX, Target, UserId};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::{body::parse, problem::Problem};

/// What is asked, and for whom.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) command: Command,
    /// The person in whose name it is asked; nobody's but the token's otherwise.
    pub(super) user: Option<UserId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain {
    user: Option<UserId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Snooze {
    until: Option<Timestamp>,
    minutes: Option<u32>,
    user: Option<UserId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reassign {
    to: Vec<Target>,
    user: Option<UserId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    text: String,
    user: Option<UserId>,
}

/// What `action` with `body` asks at `now`.
pub(super) fn asked(action: &str, body: &str, now: Timestamp) -> Result<Asked, Problem> {
    match action {
        "acknowledge" => plain(body, Command::Acknowledge),
        "resolve" => plain(body, Command::Resolve),
        // The store fills in who holds the dedup key now.
        "reopen" => plain(body, Command::Reopen { newer: None }),
        "escalate" => plain(body, Command::Escalate),
        "snooze" => snooze(body, now),
        "reassign" => reassign(body),
        "notes" => {
            let Note { text, user } = parse(body, r#"{"text": "rolled back to 41"}"#)?;
            Ok(Asked { command: Command::Note { text }, user })
        }
        _ => Err(Problem::new(
            StatusCode::NOT_FOUND,
            "There is no such action. An incident takes acknowledge, resolve, reopen, escalate, snooze, reassign and notes.",
        )),
    }
}

/// An action that says everything by its name; a body is only needed to act for a person.
fn plain(body: &str, command: Command) -> Result<Asked, Problem> {
    let body = if body.trim().is_empty() { "{}" } else { body };
    let Plain { user } = parse(body, r#"{"user": "aiko"} to act for a person, or nothing"#)?;
    Ok(Asked { command, user })
}

fn snooze(body: &str, now: Timestamp) -> Result<Asked, Problem> {
    let example = r#"{"minutes": 60} or {"until": "2026-01-05T09:00:00+09:00"}"#;
    let Snooze { until, minutes, user } = parse(body, example)?;
    let until = match (until, minutes) {
        (Some(until), None) => until,
        (None, Some(minutes)) => now.saturating_add(SignedDuration::from_mins(i64::from(minutes))).unwrap_or(Timestamp::MAX),
        (Some(_), Some(_)) | (None, None) => {
            return Err(Problem::bad_request(format!("A snooze takes either minutes or until. Send JSON such as {example}.")));
        }
    };
    Ok(Asked { command: Command::Snooze { until }, user })
}

fn reassign(body: &str) -> Result<Asked, Problem> {
    let example = r#"{"to": ["user/aiko", "schedule/checkout-primary", "team/sre"]}"#;
    let Reassign { to, user } = parse(body, example)?;
    if to.is_empty() || to.len() > TARGETS_MAX {
        return Err(Problem::bad_request(format!("to must name 1 to {TARGETS_MAX} targets. Send JSON such as {example}.")));
    }
    Ok(Asked { command: Command::Reassign { to }, user })
}

#[cfg(test)]
mod tests {
    use hansho_domain::Command;
    use jiff::Timestamp;

    use super::asked;

    #[test]
    fn every_action_is_read_from_its_body() {
        let now = Timestamp::UNIX_EPOCH;
        let hour: Timestamp = "1970-01-01T01:00:00Z".parse().unwrap();
        for (action, body, expected) in [
            ("acknowledge", "", Command::Acknowledge),
            ("acknowledge", "{}", Command::Acknowledge),
            ("resolve", r#" {"user": "aiko"} "#, Command::Resolve),
            ("reopen", "", Command::Reopen { newer: None }),
            ("escalate", "\n", Command::Escalate),
            ("snooze", r#"{"minutes": 60}"#, Command::Snooze { until: hour }),
            ("snooze", r#"{"until": "1970-01-01T10:00:00+09:00"}"#, Command::Snooze { until: hour }),
            ("reassign", r#"{"to": ["team/sre"]}"#, Command::Reassign { to: vec!["team/sre".parse().unwrap()] }),
            ("notes", r#"{"text": "x"}"#, Command::Note { text: "x".to_owned() }),
        ] {
            assert_eq!(asked(action, body, now).unwrap().command, expected, "{action} {body}");
        }
        assert_eq!(asked("resolve", r#"{"user": "aiko"}"#, now).unwrap().user.unwrap().as_str(), "aiko");
    }
}
