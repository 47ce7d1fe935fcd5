//! `hansho incident`: over the API, as any tool would.

mod arguments;
mod show;
mod words;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

pub(super) use self::arguments::IncidentCommand;
use self::{
    arguments::{
        CancelRequests, ChangePriority, ChangeUrgency, CreateIncident, ListArguments, Merge, Note, OnIncident, Rating, Reassign,
        RequestResponders, ShowArguments, Shown,
    },
    words::Teller,
};
use super::{
    client::{Client, ClientError, query},
    known_service,
    moment::zone,
    print,
};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub(super) enum IncidentError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{0}")]
    Argument(String),
}

/// Runs it and prints what came of it.
pub(super) async fn run(command: IncidentCommand) -> Result<(), IncidentError> {
    let (action, on, body) = match command {
        IncidentCommand::List(asked) => return list(&asked).await,
        IncidentCommand::Show(asked) => return show(&asked).await,
        IncidentCommand::Create(asked) => return create(asked).await,
        IncidentCommand::Acknowledge(on) => ("acknowledge", on, json!({})),
        IncidentCommand::Resolve(on) => ("resolve", on, json!({})),
        IncidentCommand::Reopen(on) => ("reopen", on, json!({})),
        IncidentCommand::Escalate(on) => ("escalate", on, json!({})),
        IncidentCommand::Accept(on) => ("accept", on, json!({})),
        IncidentCommand::Decline(on) => ("decline", on, json!({})),
        IncidentCommand::Snooze(snooze) => {
            let body = snooze.body(&clock(&snooze.on.shown)?).map_err(IncidentError::Argument)?;
            ("snooze", snooze.on, body)
        }
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

/// The clock of times that are read and shown.
fn clock(shown: &Shown) -> Result<TimeZone, IncidentError> {
    zone(shown.time_zone.as_deref()).map_err(IncidentError::Argument)
}

/// Whoever tells what is answered.
fn teller(shown: &Shown) -> Result<Teller, IncidentError> {
    Ok(Teller { language: shown.language.language, zone: clock(shown)? })
}

async fn act(action: &str, on: &OnIncident, mut body: Value) -> Result<(), IncidentError> {
    if let Some(user) = &on.user {
        body["user"] = json!(user);
    }
    let teller = teller(&on.shown)?;
    let client = Client::new(&on.server)?;
    let answer = client.post(&format!("/incidents/{}/{action}", on.id), &body, on.idempotency_key.as_deref()).await?;
    tell(on.json, &answer, || format!("{}\n", teller.answer(action, on.user.as_ref(), &answer)));
    Ok(())
}

async fn create(asked: CreateIncident) -> Result<(), IncidentError> {
    let teller = teller(&asked.shown)?;
    let client = Client::new(&asked.server)?;
    let body = json!({ "service": asked.service, "title": asked.title, "severity": asked.severity, "details": asked.details });
    let answer = client.post("/incidents", &body, asked.idempotency_key.as_deref()).await?;
    let incident = answer.get("incident").unwrap_or(&answer);
    print(&format!("{}\n", incident["id"].as_str().unwrap_or("?")));
    // Beside the id, so that a script has the id alone, and a person knows who is called.
    eprintln!("{}", teller.standing(incident));
    Ok(())
}

async fn list(asked: &ListArguments) -> Result<(), IncidentError> {
    let teller = teller(&asked.shown)?;
    let pairs = [
        ("status", asked.all.then(|| "all".to_owned())),
        ("service", asked.service.as_ref().map(ToString::to_string)),
        ("limit", Some(asked.limit.to_string())),
        ("cursor", asked.before.as_ref().map(ToString::to_string)),
    ];
    let client = Client::new(&asked.server)?;
    let answer = client.get(&format!("/incidents{}", query(&pairs))).await?;
    if let Some(service) = asked.service.as_ref().filter(|_| answer["incidents"].as_array().is_some_and(Vec::is_empty)) {
        known_service::check(&client, service.as_str()).await?;
    }
    tell(asked.json, &answer, || show::list(&answer, &teller, asked.all));
    Ok(())
}

async fn show(asked: &ShowArguments) -> Result<(), IncidentError> {
    let teller = teller(&asked.shown)?;
    let answer = Client::new(&asked.server)?.get(&format!("/incidents/{}", asked.id)).await?;
    tell(asked.json, &answer, || show::one(&answer, &teller));
    Ok(())
}

fn tell(is_json: bool, answer: &Value, words: impl Fn() -> String) {
    print(&if is_json { format!("{answer:#}\n") } else { words() });
}
