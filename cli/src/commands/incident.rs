//! `hansho incident`: over the API, as any tool would.

use clap::{Args, Subcommand};
use hansho_domain::{IncidentId, PolicyId, Priority, Target, Urgency, UserId};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::client::{Client, ClientError, ServerArguments};

#[derive(Debug, Subcommand)]
pub(super) enum IncidentCommand {
    /// Open an incident by hand; it pages like any other  (起票)
    #[command(after_help = "Example:\n  hansho incident create --service checkout --title 'Payments fail'")]
    Create(CreateIncident),
    /// Somebody is on it: nobody else is paged  (対応開始)
    #[command(visible_alias = "ack", after_help = "Example:\n  hansho incident acknowledge 01JD5Z0000ABCDEFGHJKMNPQRS --user aiko")]
    Acknowledge(OnIncident),
    /// It is over  (解決)
    Resolve(OnIncident),
    /// It is not over after all; it pages again  (再オープン)
    Reopen(OnIncident),
    /// Call the next step of the policy now  (エスカレーション)
    Escalate(OnIncident),
    /// Page nobody until then, and then again  (スヌーズ)
    #[command(
        after_help = "Examples:\n  hansho incident snooze 01JD5Z0000ABCDEFGHJKMNPQRS --minutes 60\n  hansho incident snooze 01JD5Z0000ABCDEFGHJKMNPQRS --until 2026-01-05T09:00:00+09:00"
    )]
    Snooze(Snooze),
    /// Give it to other people, or to another escalation policy  (担当変更)
    #[command(
        after_help = "Examples:\n  hansho incident reassign 01JD5Z0000ABCDEFGHJKMNPQRS --to user/aiko,schedule/database\n  hansho incident reassign 01JD5Z0000ABCDEFGHJKMNPQRS --escalation-policy database"
    )]
    Reassign(Reassign),
    /// Ask more people to help  (応援要請)
    #[command(
        after_help = "Example:\n  hansho incident request-responders 01JD5Z0000ABCDEFGHJKMNPQRS --to team/database --message 'replication is stuck'"
    )]
    RequestResponders(RequestResponders),
    /// Accept to help, in the name of a person who was asked  (応援を引き受ける)
    Accept(OnIncident),
    /// Decline to help, in the name of a person who was asked  (応援を断る)
    Decline(OnIncident),
    /// Take requests for help back that nobody has answered  (応援要請の取り消し)
    CancelRequests(CancelRequests),
    /// Make it wake people, or stop it from waking them  (緊急度)
    Urgency(ChangeUrgency),
    /// Say how important it is: SEV1 to SEV4, or none  (優先度)
    Priority(ChangePriority),
    /// Make it a part of another incident, which goes on for both  (統合)
    #[command(after_help = "Example:\n  hansho incident merge 01JD5Z0000ABCDEFGHJKMNPQRS --into 01JD5Y0000ABCDEFGHJKMNPQRS")]
    Merge(Merge),
    /// Write something down on its timeline  (メモ)
    #[command(after_help = "Example:\n  hansho incident note 01JD5Z0000ABCDEFGHJKMNPQRS 'rolled back to 41'")]
    Note(Note),
}

/// An incident to be opened by hand.
#[derive(Debug, Args)]
pub(super) struct CreateIncident {
    /// The service it is about
    #[arg(long)]
    service: String,
    /// One line that a sleepy person understands
    #[arg(long)]
    title: String,
    /// How bad: critical, error, warning, info
    #[arg(long, default_value = "critical")]
    severity: String,
    /// More about it
    #[arg(long, default_value = "")]
    details: String,
    /// The same key opens it only once, however often this is run
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    #[command(flatten)]
    server: ServerArguments,
}

/// The incident that something is done to, and in whose name.
#[derive(Debug, Args)]
pub(super) struct OnIncident {
    /// The incident's id
    id: IncidentId,
    /// The person in whose name it is done; the token's otherwise
    #[arg(long, value_name = "NAME")]
    user: Option<UserId>,
    /// The same key does it only once, however often this is run
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// JSON instead of a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
#[group(id = "how_long", required = true, args = ["minutes", "until"])]
pub(super) struct Snooze {
    #[command(flatten)]
    on: OnIncident,
    /// For so many minutes
    #[arg(long, value_name = "MINUTES")]
    minutes: Option<u32>,
    /// Until then, a time with its offset
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
}

#[derive(Debug, Args)]
#[group(id = "whom", required = true, args = ["to", "escalation_policy"])]
pub(super) struct Reassign {
    #[command(flatten)]
    on: OnIncident,
    /// To whom, with commas between them: user/aiko, team/sre, schedule/primary
    #[arg(long, value_name = "TARGETS", value_delimiter = ',')]
    to: Vec<Target>,
    /// To whomever this policy calls
    #[arg(long, value_name = "NAME")]
    escalation_policy: Option<PolicyId>,
}

#[derive(Debug, Args)]
pub(super) struct RequestResponders {
    #[command(flatten)]
    on: OnIncident,
    /// Whom, with commas between them: user/aiko, team/sre, schedule/primary
    #[arg(long, value_name = "TARGETS", value_delimiter = ',', required = true)]
    to: Vec<Target>,
    /// What they are asked for
    #[arg(long, default_value = "")]
    message: String,
}

#[derive(Debug, Args)]
pub(super) struct CancelRequests {
    #[command(flatten)]
    on: OnIncident,
    /// Only those to these people, with commas between them; everybody's otherwise
    #[arg(long, value_name = "USERS", value_delimiter = ',')]
    of: Vec<UserId>,
}

#[derive(Debug, Args)]
pub(super) struct ChangeUrgency {
    #[command(flatten)]
    on: OnIncident,
    /// high wakes people, low does not
    #[arg(value_parser = urgency)]
    urgency: Urgency,
}

#[derive(Debug, Args)]
pub(super) struct ChangePriority {
    #[command(flatten)]
    on: OnIncident,
    /// SEV1 (the highest) to SEV4, or none to take it off
    #[arg(value_parser = rating)]
    priority: Rating,
}

#[derive(Debug, Args)]
pub(super) struct Merge {
    #[command(flatten)]
    on: OnIncident,
    /// The incident that goes on
    #[arg(long, value_name = "ID")]
    into: IncidentId,
}

#[derive(Debug, Args)]
pub(super) struct Note {
    #[command(flatten)]
    on: OnIncident,
    /// What is written down
    text: String,
}

/// A priority, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rating(Option<Priority>);

fn urgency(text: &str) -> Result<Urgency, String> {
    match text {
        "high" => Ok(Urgency::High),
        "low" => Ok(Urgency::Low),
        _ => Err("write high or low".to_owned()),
    }
}

fn rating(text: &str) -> Result<Rating, String> {
    let named = Priority::named(text).map(|priority| Rating(Some(priority)));
    named.or_else(|| (text == "none").then_some(Rating(None))).ok_or_else(|| "write SEV1, SEV2, SEV3, SEV4 or none".to_owned())
}

/// Runs it and prints what came of it.
pub(super) async fn run(command: IncidentCommand) -> Result<(), ClientError> {
    let (action, on, body) = match command {
        IncidentCommand::Create(asked) => return create(asked).await,
        IncidentCommand::Acknowledge(on) => ("acknowledge", on, json!({})),
        IncidentCommand::Resolve(on) => ("resolve", on, json!({})),
        IncidentCommand::Reopen(on) => ("reopen", on, json!({})),
        IncidentCommand::Escalate(on) => ("escalate", on, json!({})),
        IncidentCommand::Accept(on) => ("accept", on, json!({})),
        IncidentCommand::Decline(on) => ("decline", on, json!({})),
        IncidentCommand::Snooze(Snooze { on, minutes: Some(minutes), .. }) => ("snooze", on, json!({ "minutes": minutes })),
        IncidentCommand::Snooze(Snooze { on, until, .. }) => ("snooze", on, json!({ "until": until })),
        IncidentCommand::Reassign(Reassign { on, escalation_policy: Some(policy), .. }) => {
            ("reassign", on, json!({ "escalation_policy": policy }))
        }
        IncidentCommand::Reassign(Reassign { on, to, .. }) => ("reassign", on, json!({ "to": to })),
        IncidentCommand::RequestResponders(RequestResponders { on, to, message }) => {
            ("request-responders", on, json!({ "to": to, "message": message }))
        }
        IncidentCommand::CancelRequests(CancelRequests { on, of }) => ("cancel-requests", on, json!({ "of": of })),
        IncidentCommand::Urgency(ChangeUrgency { on, urgency }) => ("urgency", on, json!({ "urgency": urgency })),
        IncidentCommand::Priority(ChangePriority { on, priority: Rating(priority) }) => ("priority", on, json!({ "priority": priority })),
        IncidentCommand::Merge(Merge { on, into }) => ("merge", on, json!({ "into": into })),
        IncidentCommand::Note(Note { on, text }) => ("notes", on, json!({ "text": text })),
    };
    act(action, &on, body).await
}

async fn act(action: &str, on: &OnIncident, mut body: Value) -> Result<(), ClientError> {
    if let Some(user) = &on.user {
        body["user"] = json!(user);
    }
    let client = Client::new(&on.server)?;
    let answer = client.post(&format!("/incidents/{}/{action}", on.id), &body, on.idempotency_key.as_deref()).await?;
    if on.json {
        println!("{answer:#}");
    } else {
        println!("{}", told(&answer));
    }
    Ok(())
}

/// What came of it, in one line: the id, how it stands, and why nothing has changed where nothing has.
fn told(answer: &Value) -> String {
    let incident = &answer["incident"];
    let said = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let why = answer["why"].as_str().map(|why| format!(" ({why})")).unwrap_or_default();
    format!("{} {}: {}{why}", said(&incident["id"]), said(&incident["status"]), said(&answer["result"]))
}

async fn create(asked: CreateIncident) -> Result<(), ClientError> {
    let client = Client::new(&asked.server)?;
    let body = json!({ "service": asked.service, "title": asked.title, "severity": asked.severity, "details": asked.details });
    let answer = client.post("/incidents", &body, asked.idempotency_key.as_deref()).await?;
    let id = answer.get("incident").unwrap_or(&answer).get("id").and_then(Value::as_str).unwrap_or("?");
    println!("{id}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use hansho_domain::{Priority, Urgency};
    use serde_json::json;

    use super::{Rating, rating, told, urgency};

    #[test]
    fn what_came_of_it_is_one_line_that_says_why_nothing_has_changed() {
        let answer = |result: &str, why: Option<&str>| json!({ "result": result, "why": why, "incident": { "id": "01JD5Z", "status": "acknowledged" } });
        assert_eq!(told(&answer("changed", None)), "01JD5Z acknowledged: changed");
        assert_eq!(told(&answer("ignored", Some("They have it already."))), "01JD5Z acknowledged: ignored (They have it already.)");
    }

    #[test]
    fn a_priority_can_be_taken_off_and_a_slip_of_the_pen_is_refused() {
        assert_eq!((rating("sev2"), rating("none")), (Ok(Rating(Some(Priority::Sev2))), Ok(Rating(None))));
        assert!(rating("SEV5").is_err() && rating("").is_err());
        assert_eq!((urgency("high"), urgency("low")), (Ok(Urgency::High), Ok(Urgency::Low)));
        assert!(urgency("medium").is_err());
    }
}
