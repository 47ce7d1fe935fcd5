//! `hansho override`: somebody else is on call for a while.

use clap::{Args, Subcommand};
use hansho_domain::{Override, OverrideChange, ScheduleId, UserId};
use hansho_runtime::{Clock, SystemClock};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{
    client::{Client, ClientError, ServerArguments, query},
    columns::columns,
    moment::{duration, moment, zone},
    print,
};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub(super) enum OverrideError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{0}")]
    Argument(String),
    #[error("the answer can not be read: {0}; is Hansho there of the same version as this command?")]
    Answer(#[from] serde_json::Error),
}

#[derive(Debug, Subcommand)]
pub(super) enum OverrideCommand {
    /// Put somebody else on call; the last override that was made wins  (交代)
    #[command(
        after_help = "Examples:\n  hansho override add --schedule checkout-primary --replace aiko --by ben --for 8h\n  hansho override add --schedule checkout-primary --replace-all --by chie,ben --from 2026-12-31T10:00 --to 2027-01-01T10:00 --time-zone Asia/Tokyo\n  hansho override add --schedule checkout-primary --nobody --for 2h"
    )]
    Add(Box<AddArguments>),
    /// The overrides of a schedule that are not over
    #[command(after_help = "Example:\n  hansho override list --schedule checkout-primary")]
    List(ListArguments),
    /// Take an override away; one that has begun ends now
    #[command(after_help = "Example:\n  hansho override remove --schedule checkout-primary 5d41402abc4b2a76")]
    Remove(RemoveArguments),
}

#[derive(Debug, Args)]
#[group(id = "change", required = true, args = ["replace", "replace_all", "add", "remove", "nobody"])]
pub(super) struct AddArguments {
    /// The schedule
    #[arg(long, value_name = "NAME")]
    schedule: ScheduleId,
    /// Whose place is taken while they are on call; the others stay
    #[arg(long, value_name = "USER", requires = "by")]
    replace: Option<UserId>,
    /// Nobody but those of --by is on call
    #[arg(long, requires = "by")]
    replace_all: bool,
    /// These are on call too, with commas between them
    #[arg(long, value_name = "USERS", value_delimiter = ',')]
    add: Vec<UserId>,
    /// This person is not on call; the others stay
    #[arg(long, value_name = "USER")]
    remove: Option<UserId>,
    /// Nobody is on call
    #[arg(long)]
    nobody: bool,
    /// Who takes over, with commas between them
    #[arg(long, value_name = "USERS", value_delimiter = ',')]
    by: Vec<UserId>,
    /// When it begins; now otherwise
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// When it ends
    #[arg(long = "to", value_name = "TIME", required_unless_present = "length")]
    until: Option<String>,
    /// How long it is, such as 90m, 8h or 2d
    #[arg(long = "for", value_name = "DURATION", conflicts_with = "until")]
    length: Option<String>,
    /// The clock of times without an offset, such as Asia/Tokyo; UTC otherwise
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// The same key makes it only once, however often this is run
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// The schedule
    #[arg(long, value_name = "NAME")]
    schedule: ScheduleId,
    /// Also those that ended after this time
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// The clock on which times are shown, such as Asia/Tokyo; UTC otherwise
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
pub(super) struct RemoveArguments {
    /// The schedule
    #[arg(long, value_name = "NAME")]
    schedule: ScheduleId,
    /// The override, as the list names it
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    server: ServerArguments,
}

pub(super) async fn run(command: OverrideCommand) -> Result<(), OverrideError> {
    match command {
        OverrideCommand::Add(asked) => add(&asked).await,
        OverrideCommand::List(asked) => list(&asked).await,
        OverrideCommand::Remove(asked) => remove(&asked).await,
    }
}

async fn add(asked: &AddArguments) -> Result<(), OverrideError> {
    let zone = zone(asked.time_zone.as_deref()).map_err(OverrideError::Argument)?;
    let body = asked.body(&zone).map_err(OverrideError::Argument)?;
    let client = Client::new(&asked.server)?;
    let path = format!("/schedules/{}/overrides", asked.schedule);
    let answer = client.post(&path, &body, asked.idempotency_key.as_deref()).await?;
    let id = answer.get("override").and_then(|made| made.get("id")?.as_str()).unwrap_or("?");
    print(&format!("{id}\n"));
    Ok(())
}

async fn list(asked: &ListArguments) -> Result<(), OverrideError> {
    let zone = zone(asked.time_zone.as_deref()).map_err(OverrideError::Argument)?;
    let from = asked.from.as_deref().map(|text| moment(text, &zone)).transpose().map_err(OverrideError::Argument)?;
    let client = Client::new(&asked.server)?;
    let pairs = [("from", from.map(|from| from.to_string()))];
    let answer = client.get(&format!("/schedules/{}/overrides{}", asked.schedule, query(&pairs))).await?;
    if asked.json {
        print(&format!("{answer:#}\n"));
        return Ok(());
    }
    let found: Vec<Override> = serde_json::from_value(answer.get("overrides").cloned().unwrap_or(Value::Null))?;
    if found.is_empty() {
        print(&format!("No override of {}.\n", asked.schedule));
        return Ok(());
    }
    let shown = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%a %Y-%m-%d %H:%M %:z").to_string();
    let mut rows = vec![["ID", "FROM", "UNTIL", "CHANGE"].map(str::to_owned).to_vec()];
    rows.extend(found.iter().map(|made| vec![made.id.clone(), shown(made.from), shown(made.until), change(&made.change)]));
    print(&columns(&rows));
    Ok(())
}

async fn remove(asked: &RemoveArguments) -> Result<(), OverrideError> {
    let client = Client::new(&asked.server)?;
    let id: String = form_urlencoded::byte_serialize(asked.id.as_bytes()).collect();
    let answer = client.delete(&format!("/schedules/{}/overrides/{id}", asked.schedule)).await?;
    let is_ended = answer.get("result").and_then(Value::as_str) == Some("ended");
    print(if is_ended { "It had begun, and has ended now.\n" } else { "It is gone.\n" });
    Ok(())
}

impl AddArguments {
    fn body(&self, zone: &TimeZone) -> Result<Value, String> {
        let from = self.from.as_deref().map(|text| moment(text, zone)).transpose()?;
        let until = match (&self.until, &self.length) {
            (Some(until), _) => moment(until, zone)?,
            (None, length) => {
                let length = length.as_deref().unwrap_or_default();
                let length: SignedDuration = duration(length)?;
                let begin = from.unwrap_or_else(|| SystemClock.now());
                begin.checked_add(length).map_err(|_| "it ends beyond the calendar; give a shorter --for".to_owned())?
            }
        };
        let (change, user, by) = match (&self.replace, self.replace_all, &self.remove, self.nobody) {
            (Some(user), ..) => ("replace", Some(user), &self.by),
            (None, true, ..) => ("replace_all", None, &self.by),
            (None, false, Some(user), _) => ("remove", Some(user), &self.by),
            (None, false, None, true) => ("nobody", None, &self.by),
            (None, false, None, false) => ("add", None, &self.add),
        };
        let mut body = json!({ "change": change, "until": until });
        if let Some(user) = user {
            body["user"] = json!(user);
        }
        if !by.is_empty() {
            body["by"] = json!(by);
        }
        if let Some(from) = from {
            body["from"] = json!(from);
        }
        Ok(body)
    }
}

fn change(change: &OverrideChange) -> String {
    let people = |by: &[UserId]| by.iter().map(UserId::as_str).collect::<Vec<_>>().join(", ");
    match change {
        OverrideChange::Replace { user, by } => format!("{} instead of {user}", people(by)),
        OverrideChange::ReplaceAll { by } => format!("only {}", people(by)),
        OverrideChange::Add { by } => format!("{} besides", people(by)),
        OverrideChange::Remove { user } => format!("without {user}"),
        OverrideChange::Nobody => "nobody".to_owned(),
    }
}
