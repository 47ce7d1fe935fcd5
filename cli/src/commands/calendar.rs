//! `hansho calendar`: secret addresses under which calendar programs read shifts.

use clap::{Args, Subcommand};
use hansho_domain::{ScheduleId, TeamId, UserId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    client::{Client, ClientError, ServerArguments},
    columns::columns,
    print,
};

#[derive(Debug, Subcommand)]
pub(super) enum CalendarCommand {
    /// Make an address to subscribe to; it is shown once  (カレンダー購読)
    #[command(
        after_help = "Examples:\n  hansho calendar make --user aiko\n  hansho calendar make --schedule checkout-primary --language ja"
    )]
    Make(MakeArguments),
    /// The addresses that were made, without their secrets
    #[command(after_help = "Example:\n  hansho calendar list --user aiko")]
    List(ListArguments),
    /// Make an address useless
    #[command(after_help = "Example:\n  hansho calendar revoke --user aiko 5d41402abc4b")]
    Revoke(RevokeArguments),
}

#[derive(Debug, Args)]
#[group(id = "owner", required = true, args = ["user", "team", "schedule"])]
struct Whose {
    /// A person's shifts
    #[arg(long, value_name = "NAME")]
    user: Option<UserId>,
    /// The shifts of a team's members
    #[arg(long, value_name = "NAME")]
    team: Option<TeamId>,
    /// A schedule, with the times at which nobody is on call
    #[arg(long, value_name = "NAME")]
    schedule: Option<ScheduleId>,
}

#[derive(Debug, Args)]
pub(super) struct MakeArguments {
    #[command(flatten)]
    whose: Whose,
    /// The language of the words in it, en or ja; the person's own, or en, otherwise
    #[arg(long)]
    language: Option<String>,
    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    #[command(flatten)]
    whose: Whose,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
pub(super) struct RevokeArguments {
    #[command(flatten)]
    whose: Whose,
    /// The address, as the list names it
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Deserialize)]
struct Listed {
    id: String,
    language: String,
    made_by: String,
    created_at: String,
}

pub(super) async fn run(command: CalendarCommand) -> Result<(), ClientError> {
    match command {
        CalendarCommand::Make(asked) => make(&asked).await,
        CalendarCommand::List(asked) => list(&asked).await,
        CalendarCommand::Revoke(asked) => revoke(&asked).await,
    }
}

async fn make(asked: &MakeArguments) -> Result<(), ClientError> {
    let client = Client::new(&asked.server)?;
    let body = asked.language.as_ref().map_or_else(|| json!({}), |language| json!({ "language": language }));
    let answer = client.post(&asked.whose.path(), &body, None).await?;
    let path = answer.get("path").and_then(Value::as_str).unwrap_or("?");
    print(&format!("{}{path}\n", asked.server.url.trim_end_matches('/')));
    Ok(())
}

async fn list(asked: &ListArguments) -> Result<(), ClientError> {
    let answer = Client::new(&asked.server)?.get(&asked.whose.path()).await?;
    if asked.json {
        print(&format!("{answer:#}\n"));
        return Ok(());
    }
    let found: Vec<Listed> = answer.get("calendar_links").and_then(|links| serde_json::from_value(links.clone()).ok()).unwrap_or_default();
    if found.is_empty() {
        print("No calendar address.\n");
        return Ok(());
    }
    let mut rows = vec![["ID", "MADE", "BY", "LANGUAGE"].map(str::to_owned).to_vec()];
    rows.extend(found.into_iter().map(|link| vec![link.id, link.created_at, link.made_by, link.language]));
    print(&columns(&rows));
    Ok(())
}

async fn revoke(asked: &RevokeArguments) -> Result<(), ClientError> {
    let id: String = form_urlencoded::byte_serialize(asked.id.as_bytes()).collect();
    Client::new(&asked.server)?.delete(&format!("{}/{id}", asked.whose.path())).await?;
    print("It opens nothing any more.\n");
    Ok(())
}

impl Whose {
    fn path(&self) -> String {
        match (&self.user, &self.team, &self.schedule) {
            (Some(user), ..) => format!("/calendar-links/user/{user}"),
            (None, Some(team), _) => format!("/calendar-links/team/{team}"),
            (None, None, Some(schedule)) => format!("/calendar-links/schedule/{schedule}"),
            // The group requires one of them.
            (None, None, None) => "/calendar-links".to_owned(),
        }
    }
}
