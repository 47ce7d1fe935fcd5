//! `hansho route`: where rules send an alert and why; and what other rules would have done with the alerts of the last days.

mod event;
mod replay;
mod words;

use std::path::PathBuf;

use clap::Args;
use hansho_domain::Language;
use hansho_routing::Outcome;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{
    client::ServerArguments,
    decide::Rules,
    incoming::{Incoming, WayIn},
    language::LanguageArgument,
    print,
    simulate::Source,
};
use crate::gathering::OfflineArguments;

#[derive(Debug, Args)]
#[group(id = "what", required = true, args = ["event", "replay"])]
pub(super) struct RouteArguments {
    /// An event as it would come in (- for standard input): an alarm as AWS sends it (JSON), the body of an event of the Events API, or a mail
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,
    /// Try the rules on the alerts that came in so long ago and since, such as 7d, and tell what would be different
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    replay: Option<SignedDuration>,
    /// The rules of a folder of configuration (YAML); those in force otherwise
    #[arg(long, value_name = "DIR")]
    config: Option<PathBuf>,
    #[command(flatten)]
    offline: OfflineArguments,
    /// The service that it leads to; that of the integration otherwise
    #[arg(long, value_name = "NAME", requires = "event")]
    service: Option<hansho_domain::ServiceId>,
    /// The integration by which it comes in
    #[arg(long, value_name = "NAME", requires = "event")]
    integration: Option<hansho_domain::IntegrationId>,
    /// For machines
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    language: LanguageArgument,
    #[command(flatten)]
    server: ServerArguments,
}

/// Tells it, or tries the rules again.
pub(super) async fn run(asked: &RouteArguments) -> Result<(), RouteError> {
    let source = Source::open(asked.config.as_deref(), asked.offline, &asked.server).await.map_err(RouteError)?;
    let told = match (&asked.event, asked.replay) {
        (Some(path), _) => of_event(asked, &source, &Incoming::read(path).map_err(RouteError)?).await,
        (None, Some(back)) => replay::run(asked, &source, back).await,
        (None, None) => Ok(String::new()),
    };
    print(&told.map_err(RouteError)?);
    Ok(())
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct RouteError(String);

async fn of_event(asked: &RouteArguments, source: &Source, incoming: &Incoming) -> Result<String, String> {
    let mut rules = Rules::of(source);
    let (mut texts, mut values) = (Vec::new(), Vec::new());
    let way_in = WayIn::of(source, incoming, asked.integration.as_ref(), asked.service.as_ref()).await?;
    for came in incoming.came(&way_in, source.routes(), source.now())? {
        match event::asked(came) {
            event::Asked::Nothing { reason } => {
                texts.push(words::nothing(asked.language.language, &reason));
                values.push(json!({ "result": "no_decision", "reason": reason }));
            }
            event::Asked::Subject { subject, event, body, is_clear } => {
                let outcome = rules.decide(hansho_routing::Subject::clone(&subject), &event, &body).await?;
                let hint = if way_in.is_unknown() { WayIn::unknown_told(asked.language.language) } else { "" };
                texts.push(words::decision(asked.language.language, &subject, &outcome, is_clear) + hint);
                values.push(as_json(&outcome, is_clear));
            }
        }
    }
    if !asked.json {
        return Ok(texts.join("\n"));
    }
    Ok(if values.len() == 1 { format!("{:#}\n", values.remove(0)) } else { format!("{:#}\n", Value::Array(values)) })
}

fn as_json(outcome: &Outcome, is_clear: bool) -> Value {
    let result = match (&outcome.suppression, is_clear) {
        (_, true) => "clear",
        (Some(_), false) => "suppressed",
        (None, false) => "routed",
    };
    let suppressed = outcome.suppression.as_ref().map(|by| json!({ "rule": by.rule, "reason": by.reason }));
    let pause_seconds = outcome.pause.as_ref().map(|pause| pause.seconds);
    json!({
        "result": result,
        "alert": outcome.subject,
        "suppressed": suppressed,
        "pause_seconds": pause_seconds,
        "decision": outcome.trace,
    })
}

/// `7d`, `12h`.
fn duration(text: &str) -> Result<SignedDuration, String> {
    hansho_configuration::seconds(text).map(|seconds| SignedDuration::from_secs(i64::from(seconds)))
}

/// The language of the arguments, for those that tell.
fn language(asked: &RouteArguments) -> Language {
    asked.language.language
}
