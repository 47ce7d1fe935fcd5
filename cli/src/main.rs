//! The `hansho` command: arguments in, exit code out.

use std::process::ExitCode;

use clap::Parser;
use hansho::commands::{self, Arguments};

#[tokio::main]
async fn main() -> ExitCode {
    commands::run(Arguments::parse()).await
}
