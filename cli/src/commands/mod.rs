//! What the command line offers.

mod args;
pub mod client;
mod columns;
mod demo;
mod incident;
mod junit;
mod moment;
mod on_call;
mod rehearsals;
mod simulate;

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::Path,
    process::ExitCode,
};

pub use args::Arguments;
use args::{Command, IncidentCommand, TableCommand};
use hansho_configuration::Loaded;
use hansho_runtime::{settings::environment, telemetry};

use crate::{local, table};
use moment::moment;

/// Runs what was asked for; a problem is one account of it on standard error.
pub async fn run(arguments: Arguments) -> ExitCode {
    telemetry::start(environment("HANSHO_LOG").as_deref().or(Some("warn")));
    let result = match arguments.command.unwrap_or(Command::Local(arguments.local)) {
        Command::Local(options) => local::run(options.into(), announce).await.map_err(describe),
        Command::Demo { quick } => demo::run(quick).await.map_err(describe),
        Command::Check { config, junit } => return check(&config, junit.as_deref()),
        Command::Simulate(arguments) => return simulate::run(&arguments),
        Command::Table(TableCommand::Create { endpoint_url, table, region }) => {
            table::create(endpoint_url.as_deref(), &table, region.as_deref()).await.map_err(describe)
        }
        Command::Table(TableCommand::Serve { data, port }) => table::serve(&data, port).await.map_err(describe),
        Command::Incident(IncidentCommand::Create(request)) => incident::create(request).await.map_err(describe),
        Command::Oncall(asked) => on_call::run(*asked).await.map_err(describe),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn describe(error: impl std::error::Error) -> String {
    hansho_runtime::chain(&error)
}

/// Prints what was asked for. A reader that has seen enough (`| head`) is no problem.
fn print(text: &str) {
    let _ = io::stdout().lock().write_all(text.as_bytes());
}

fn announce(address: SocketAddr, token: &str) {
    let port = address.port();
    println!("Hansho is up: http://localhost:{port}   (stop with Ctrl-C)");
    println!(
        "  fire an alarm   curl -d @events/alarm-intake/alarm-direct-metric.json http://localhost:{port}/2015-03-31/functions/alarm-intake/invocations"
    );
    println!("  what was sent   curl http://localhost:{port}/_local/outbox");
    println!("  incidents       curl -H 'Authorization: Bearer {token}' http://localhost:{port}/incidents");
}

/// Every mistake at once, with file and line; without any, the configuration's tests are played.
fn check(folder: &Path, junit: Option<&Path>) -> ExitCode {
    let (loaded, problems) = match hansho_configuration::load(folder) {
        Ok(loaded) => (Some(loaded), Vec::new()),
        Err(problems) => (None, problems),
    };
    let outcome = loaded.as_ref().map(rehearsals::run);
    for problem in &problems {
        eprintln!("{problem}");
    }
    if !problems.is_empty() {
        eprintln!("error: {} problem(s) in {}", problems.len(), folder.display());
    }
    let failures = outcome.as_ref().map_or(&[][..], |outcome| &outcome.failures);
    for failure in failures {
        eprintln!("{}", rehearsals::told(failure));
    }
    if !failures.is_empty() {
        eprintln!("error: {} expectation(s) of the tests in {} are not met", failures.len(), folder.display());
    }
    let is_written = match junit.map(|file| rehearsals::write_junit(file, &problems, outcome.as_ref())) {
        Some(Err(problem)) => {
            eprintln!("error: {problem}");
            false
        }
        Some(Ok(())) | None => true,
    };
    match (&loaded, &outcome) {
        (Some(loaded), Some(outcome)) if failures.is_empty() && is_written => {
            println!("{}: no problems ({})", folder.display(), counts(loaded, outcome));
            ExitCode::SUCCESS
        }
        _ => ExitCode::FAILURE,
    }
}

fn counts(loaded: &Loaded, outcome: &rehearsals::Outcome) -> String {
    let c = &loaded.configuration;
    let counts = [
        (c.users().len(), "users"),
        (c.teams().len(), "teams"),
        (c.schedules().len(), "schedules"),
        (c.policies().len(), "escalation policies"),
        (c.services().len(), "services"),
        (outcome.count(), "tests"),
    ];
    counts.iter().map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
}
