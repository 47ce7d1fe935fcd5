//! What can be asked of an incident, read from an address and a body.

use hansho_domain::{Command, IncidentId, PolicyId, Priority, TARGETS_MAX, Target, Urgency, UserId};
use http::StatusCode;
use jiff::Timestamp;
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
    to: Option<Vec<Target>>,
    escalation_policy: Option<PolicyId>,
    user: Option<UserId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestResponders {
    to: Vec<Target>,
    #[serde(default)]
    message: String,
    user: Option<UserId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CancelRequests {
    #[serde(default)]
    of: Vec<UserId>,
    user: Option<UserId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Urgent {
    urgency: Urgency,
    user: Option<UserId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rated {
    /// Must be there, so that a slip of the pen takes no rating off.
    #[serde(deserialize_with = "Option::deserialize")]
    priority: Option<Priority>,
    user: Option<UserId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Merge {
    into: IncidentId,
    user: Option<UserId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    text: String,
    user: Option<UserId>,
}

/// What `action` with `body` asks.
pub(super) fn asked(action: &str, body: &str) -> Result<Asked, Problem> {
    match action {
        "acknowledge" => plain(body, Command::Acknowledge),
        "resolve" => plain(body, Command::Resolve),
        // The store fills in who holds the dedup key now.
        "reopen" => plain(body, Command::Reopen { newer: None }),
        "escalate" => plain(body, Command::Escalate),
        "snooze" => snooze(body),
        "reassign" => reassign(body),
        "request-responders" => request_responders(body),
        "accept" => plain(body, Command::AcceptRequest),
        "decline" => plain(body, Command::DeclineRequest),
        "cancel-requests" => {
            let body = if body.trim().is_empty() { "{}" } else { body };
            let CancelRequests { of, user } = parse(body, r#"{"of": ["aiko"]}, or {} for everybody"#)?;
            Ok(Asked { command: Command::CancelRequests { of }, user })
        }
        "urgency" => {
            let Urgent { urgency, user } = parse(body, r#"{"urgency": "high"} or {"urgency": "low"}"#)?;
            Ok(Asked { command: Command::ChangeUrgency { urgency }, user })
        }
        "priority" => {
            let Rated { priority, user } = parse(body, r#"{"priority": "SEV1"}, or {"priority": null} to take it off"#)?;
            Ok(Asked { command: Command::ChangePriority { priority }, user })
        }
        "merge" => {
            let Merge { into, user } = parse(body, r#"{"into": "01JD5Z0000ABCDEFGHJKMNPQRS"}"#)?;
            Ok(Asked { command: Command::MergeInto { target: into }, user })
        }
        "notes" => {
            let Note { text, user } = parse(body, r#"{"text": "rolled back to 41"}"#)?;
            Ok(Asked { command: Command::Note { text }, user })
        }
        _ => Err(Problem::new(
            StatusCode::NOT_FOUND,
            "There is no such action. An incident takes acknowledge, resolve, reopen, escalate, snooze, reassign, request-responders, \
             accept, decline, cancel-requests, urgency, priority, merge and notes.",
        )),
    }
}

/// An action that says everything by its name; a body is only needed to act for a person.
fn plain(body: &str, command: Command) -> Result<Asked, Problem> {
    let body = if body.trim().is_empty() { "{}" } else { body };
    let Plain { user } = parse(body, r#"{"user": "aiko"} to act for a person, or nothing"#)?;
    Ok(Asked { command, user })
}

fn snooze(body: &str) -> Result<Asked, Problem> {
    let example = r#"{"minutes": 60} or {"until": "2026-01-05T09:00:00+09:00"}"#;
    let Snooze { until, minutes, user } = parse(body, example)?;
    let command = match (until, minutes) {
        (Some(until), None) => Command::Snooze { until },
        (None, Some(minutes)) => Command::SnoozeFor { seconds: minutes.saturating_mul(60) },
        (Some(_), Some(_)) | (None, None) => {
            return Err(Problem::bad_request(format!("A snooze takes either minutes or until. Send JSON such as {example}.")));
        }
    };
    Ok(Asked { command, user })
}

fn reassign(body: &str) -> Result<Asked, Problem> {
    let example = r#"{"to": ["user/aiko", "schedule/checkout-primary", "team/sre"]} or {"escalation_policy": "database"}"#;
    let Reassign { to, escalation_policy, user } = parse(body, example)?;
    let command = match (to, escalation_policy) {
        (Some(to), None) => Command::Reassign { to: targets(to, example)? },
        (None, Some(policy)) => Command::ReassignToPolicy { policy },
        (Some(_), Some(_)) | (None, None) => {
            return Err(Problem::bad_request(format!("Name either to or escalation_policy. Send JSON such as {example}.")));
        }
    };
    Ok(Asked { command, user })
}

fn request_responders(body: &str) -> Result<Asked, Problem> {
    let example = r#"{"to": ["user/aiko", "team/database"], "message": "the database is slow"}"#;
    let RequestResponders { to, message, user } = parse(body, example)?;
    Ok(Asked { command: Command::RequestResponders { to: targets(to, example)?, message }, user })
}

fn targets(to: Vec<Target>, example: &str) -> Result<Vec<Target>, Problem> {
    if to.is_empty() || to.len() > TARGETS_MAX {
        return Err(Problem::bad_request(format!("to must name 1 to {TARGETS_MAX} targets. Send JSON such as {example}.")));
    }
    Ok(to)
}

#[cfg(test)]
mod tests {
    use hansho_domain::{Command, Priority, Urgency};
    use jiff::Timestamp;

    use super::asked;

    #[test]
    fn every_action_is_read_from_its_body() {
        let hour: Timestamp = "1970-01-01T01:00:00Z".parse().unwrap();
        for (action, body, expected) in [
            ("acknowledge", "", Command::Acknowledge),
            ("acknowledge", "{}", Command::Acknowledge),
            ("resolve", r#" {"user": "aiko"} "#, Command::Resolve),
            ("reopen", "", Command::Reopen { newer: None }),
            ("escalate", "\n", Command::Escalate),
            ("snooze", r#"{"minutes": 60}"#, Command::SnoozeFor { seconds: 3600 }),
            ("snooze", r#"{"until": "1970-01-01T10:00:00+09:00"}"#, Command::Snooze { until: hour }),
            ("reassign", r#"{"to": ["team/sre"]}"#, Command::Reassign { to: vec!["team/sre".parse().unwrap()] }),
            ("reassign", r#"{"escalation_policy": "database"}"#, Command::ReassignToPolicy { policy: "database".parse().unwrap() }),
            (
                "request-responders",
                r#"{"to": ["user/ben"], "message": "help"}"#,
                Command::RequestResponders { to: vec!["user/ben".parse().unwrap()], message: "help".to_owned() },
            ),
            ("accept", "", Command::AcceptRequest),
            ("decline", "{}", Command::DeclineRequest),
            ("cancel-requests", "", Command::CancelRequests { of: vec![] }),
            ("cancel-requests", r#"{"of": ["ben"]}"#, Command::CancelRequests { of: vec!["ben".parse().unwrap()] }),
            ("urgency", r#"{"urgency": "low"}"#, Command::ChangeUrgency { urgency: Urgency::Low }),
            ("priority", r#"{"priority": "SEV2"}"#, Command::ChangePriority { priority: Some(Priority::Sev2) }),
            ("priority", r#"{"priority": null}"#, Command::ChangePriority { priority: None }),
            (
                "merge",
                r#"{"into": "01JD5Z0000ABCDEFGHJKMNPQRS"}"#,
                Command::MergeInto { target: "01JD5Z0000ABCDEFGHJKMNPQRS".parse().unwrap() },
            ),
            ("notes", r#"{"text": "x"}"#, Command::Note { text: "x".to_owned() }),
        ] {
            assert_eq!(asked(action, body).unwrap().command, expected, "{action} {body}");
        }
        assert_eq!(asked("resolve", r#"{"user": "aiko"}"#).unwrap().user.unwrap().as_str(), "aiko");
    }

    #[test]
    fn a_body_that_says_too_little_or_too_much_is_told_what_to_send() {
        for (action, body) in [
            ("reassign", "{}"),
            ("reassign", r#"{"to": ["user/ben"], "escalation_policy": "database"}"#),
            ("reassign", r#"{"to": []}"#),
            ("request-responders", r#"{"message": "help"}"#),
            ("request-responders", r#"{"to": ["ben"]}"#),
            ("snooze", r#"{"minutes": 5, "until": "2026-01-05T09:00:00+09:00"}"#),
            ("urgency", r#"{"urgency": "urgent"}"#),
            ("urgency", ""),
            ("priority", "{}"),
            ("priority", r#"{"priority": "P1"}"#),
            ("merge", r#"{"into": "x"}"#),
            ("merge", "{}"),
        ] {
            let problem = asked(action, body).unwrap_err();
            assert!(format!("{problem:?}").contains("Send JSON"), "{action} {body}: {problem:?}");
        }
    }
}
