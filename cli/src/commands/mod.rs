//! What the command line offers.

mod announcement;
mod args;
mod aws;
mod calendar;
mod check;
pub mod client;
mod columns;
mod configuration;
mod cost;
pub mod dead_letters;
mod decide;
mod demo;
mod doctor;
mod drill;
mod import;
mod incident;
mod incoming;
mod integration;
mod invented;
mod junit;
mod known_service;
mod language;
mod mail_address;
mod maintenance;
mod moment;
mod offboard;
mod on_call;
mod overrides;
mod preview;
mod rehearsals;
mod resume;
mod route;
mod simulate;
mod suppressed;
mod user;

use std::{
    io::{self, Write},
    process::ExitCode,
};

pub use args::Arguments;
use args::{Command, TableCommand};
use hansho_configuration::SCHEMA;
use hansho_runtime::{
    clock::{Clock, SystemClock},
    settings::environment,
    telemetry,
};

use crate::{local, table};
use moment::moment;

/// Runs what was asked for; a problem is one account of it on standard error.
pub async fn run(arguments: Arguments) -> ExitCode {
    telemetry::start(environment("HANSHO_LOG").as_deref().or(Some("warn")));
    let result = match arguments.command.unwrap_or(Command::Local(arguments.local)) {
        Command::Local(options) => {
            local::run(options.into(), announcement::announce, |sent| print(&(sent.in_a_line() + "\n"))).await.map_err(describe)
        }
        Command::Demo { quick } => demo::run(quick).await.map_err(describe),
        Command::Doctor(asked) => return ended(doctor::run(asked).await),
        Command::DeadLetters(asked) => return ended(dead_letters::run(asked).await),
        Command::Resume(asked) => return ended(resume::run(asked).await),
        Command::Cost(asked) => return ended(cost::run(&asked)),
        Command::Simulate(arguments) => return simulate::run(&arguments).await,
        Command::Preview(asked) => preview::run(&asked).await.map(|text| print(&text)).map_err(describe),
        Command::Import(command) => import::run(command).map_err(describe),
        Command::Plan(asked) => return ended(configuration::plan(*asked).await),
        Command::Apply(asked) => return ended(configuration::apply(*asked).await),
        Command::Rollback(asked) => return ended(configuration::rollback(*asked).await),
        Command::Export(asked) => return ended(configuration::export(*asked).await),
        Command::Versions(asked) => return ended(configuration::versions(*asked).await),
        Command::Token(asked) => return ended(configuration::token(asked).await),
        Command::Check(options) => match check::run(&options, SystemClock.now()).await {
            Ok(code) => return code,
            Err(problem) => Err(problem),
        },
        Command::Schema { markdown } => {
            print(&if markdown { hansho_configuration::reference() } else { SCHEMA.to_owned() });
            Ok(())
        }
        Command::Table(TableCommand::Create { endpoint_url, table, region }) => {
            table::create(endpoint_url.as_deref(), &table, region.as_deref()).await.map_err(describe)
        }
        Command::Table(TableCommand::Serve { data, port }) => table::serve(&data, port).await.map_err(describe),
        Command::Drill(asked) => drill::run(*asked).await.map_err(describe),
        Command::User(command) => user::run(command).await.map_err(describe),
        Command::Incident(command) => incident::run(command).await.map_err(describe),
        Command::Route(asked) => route::run(&asked).await.map_err(describe),
        Command::Suppressed(command) => suppressed::run(command).await.map_err(describe),
        Command::Integration(command) => integration::run(command).await.map_err(describe),
        Command::Calendar(asked) => calendar::run(asked).await.map_err(describe),
        Command::Maintenance(asked) => maintenance::run(asked).await.map_err(describe),
        Command::Override(asked) => overrides::run(asked).await.map_err(describe),
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

/// A command that has more than one good ending.
fn ended(ending: Result<ExitCode, impl std::error::Error>) -> ExitCode {
    ending.unwrap_or_else(|error| {
        eprintln!("error: {}", describe(error));
        ExitCode::FAILURE
    })
}

fn describe(error: impl std::error::Error) -> String {
    hansho_runtime::chain(&error)
}

/// Prints what was asked for. A reader that has seen enough (`| head`) is no problem.
fn print(text: &str) {
    let _ = io::stdout().lock().write_all(text.as_bytes());
}
