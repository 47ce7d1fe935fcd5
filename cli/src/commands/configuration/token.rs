//! `hansho token`: whom the API lets in.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ConfigurationError, Ending, TargetArguments, answer::Answer, apply::whoever};

/// What is done about tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token for a tool or a person; it is shown once
    #[command(after_help = "Example:\n  hansho token make ci.checkout --function hansho-config:live")]
    Make(NamedArguments),
    /// List the tokens: their names, who made them and when
    List(ListArguments),
    /// End a token: nobody is let in with it from that moment on
    Revoke(NamedArguments),
}

/// A token, by its name.
#[derive(Debug, Args)]
pub struct NamedArguments {
    /// Its name, which timelines show: lower-case letters, digits, hyphens and dots
    name: String,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: TargetArguments,
}

/// What `hansho token list` is asked.
#[derive(Debug, Args)]
pub struct ListArguments {
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: TargetArguments,
}

/// A token in the list.
#[derive(Debug, Deserialize)]
pub(super) struct ListedToken {
    name: String,
    made_by: String,
    created_at: Timestamp,
}

/// Does what is asked about tokens.
///
/// # Errors
/// The function is not reached, or refuses.
pub async fn token(asked: TokenCommand) -> Ending {
    match asked {
        TokenCommand::Make(asked) => make(&asked).await,
        TokenCommand::List(asked) => list(&asked).await,
        TokenCommand::Revoke(asked) => revoke(&asked).await,
    }
}

async fn make(asked: &NamedArguments) -> Ending {
    let request = json!({ "action": "make_token", "name": asked.name, "by": whoever() });
    let (answer, json) = asked.target.ask(&request).await?;
    let Answer::TokenMade { token } = answer else { return Err(foreign(&json)) };
    if asked.json {
        println!("{json}");
    } else {
        eprintln!("The token of {}. It is stored as a hash and shown only now:", asked.name);
        println!("{token}");
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(asked: &ListArguments) -> Ending {
    let (answer, json) = asked.target.ask(&json!({ "action": "tokens" })).await?;
    let Answer::Tokens { tokens } = answer else { return Err(foreign(&json)) };
    if asked.json {
        println!("{json}");
        return Ok(ExitCode::SUCCESS);
    }
    if tokens.is_empty() {
        println!("no token was ever made");
    }
    for token in &tokens {
        println!("{:<30}  made by {} at {}", token.name, super::text::visible(&token.made_by), token.created_at);
    }
    Ok(ExitCode::SUCCESS)
}

async fn revoke(asked: &NamedArguments) -> Ending {
    let (answer, json) = asked.target.ask(&json!({ "action": "revoke_token", "name": asked.name })).await?;
    let Answer::TokenRevoked { name } = answer else { return Err(foreign(&json)) };
    if asked.json {
        println!("{json}");
    } else {
        println!("{name} lets nobody in any more");
    }
    Ok(ExitCode::SUCCESS)
}

/// What answered is told without what it says: it may hold a token.
fn foreign(answer: &Value) -> ConfigurationError {
    ConfigurationError::Foreign(answer.get("result").and_then(Value::as_str).unwrap_or("no result").to_owned())
}
