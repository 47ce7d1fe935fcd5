//! `hansho maintenance`: new alerts of some services wait while somebody works on them.

mod arguments;
mod words;

use serde_json::{Value, json};

pub(super) use self::arguments::MaintenanceCommand;
use self::{
    arguments::{AddArguments, EndArguments, ListArguments},
    words::{ended, table, text},
};
use super::{
    client::{Client, ClientError, query},
    moment::{moment, zone},
    print,
};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub(super) enum MaintenanceError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{0}")]
    Argument(String),
}

pub(super) async fn run(command: MaintenanceCommand) -> Result<(), MaintenanceError> {
    match command {
        MaintenanceCommand::Add(asked) => add(&asked).await,
        MaintenanceCommand::List(asked) => list(&asked).await,
        MaintenanceCommand::End(asked) => end(&asked).await,
    }
}

async fn add(asked: &AddArguments) -> Result<(), MaintenanceError> {
    let zone = zone(asked.time_zone.as_deref()).map_err(MaintenanceError::Argument)?;
    let body = asked.body(&zone).map_err(MaintenanceError::Argument)?;
    let answer = Client::new(&asked.server)?.post("/maintenance", &body, asked.idempotency_key.as_deref()).await?;
    tell(asked.json, &answer, || format!("{}\n", text(&answer["window"]["id"])));
    Ok(())
}

async fn list(asked: &ListArguments) -> Result<(), MaintenanceError> {
    let zone = zone(asked.time_zone.as_deref()).map_err(MaintenanceError::Argument)?;
    let from = asked.from.as_deref().map(|text| moment(text, &zone)).transpose().map_err(MaintenanceError::Argument)?;
    let pairs = [("service", asked.service.as_ref().map(ToString::to_string)), ("from", from.map(|from| from.to_string()))];
    let answer = Client::new(&asked.server)?.get(&format!("/maintenance{}", query(&pairs))).await?;
    tell(asked.json, &answer, || table(&answer, &zone, asked.language.language));
    Ok(())
}

async fn end(asked: &EndArguments) -> Result<(), MaintenanceError> {
    let id: String = form_urlencoded::byte_serialize(asked.id.as_bytes()).collect();
    let answer = Client::new(&asked.server)?.post(&format!("/maintenance/{id}/end"), &json!({}), None).await?;
    tell(asked.json, &answer, || ended(&answer, asked.language.language));
    Ok(())
}

fn tell(is_json: bool, answer: &Value, words: impl Fn() -> String) {
    print(&if is_json { format!("{answer:#}\n") } else { words() });
}
