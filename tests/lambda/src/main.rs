//! Runs the functions' real release binaries as Lambda does: each one asks a Runtime API for its events, and everything it
//! calls is answered on loopback.
//!
//! - `lambda-suite check FOLDER` carries one alarm through all of them; FOLDER is what `scripts/build-lambdas` fills.
//! - `lambda-suite versions FOLDER OLDER` has functions of both folders work on one table, as during a deployment.
//! - `lambda-suite serve [PORT]` only answers for AWS, with a table that holds a small team: what `scripts/lambda-watch` and
//!   `scripts/measure-lambdas` put the functions on.

mod aws_front;
mod events;
mod function;
mod journey;
mod report;
mod runtime_api;
mod versions;
mod world;

use std::{error::Error, path::Path, process::ExitCode};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const USAGE: &str = "say `lambda-suite check FOLDER` (the folder is target/lambda after scripts/build-lambdas), `lambda-suite versions FOLDER OLDER`, or `lambda-suite serve [PORT]`";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["check", folder] => check(Path::new(folder)).await,
        ["versions", newer, older] => versions(Path::new(newer), Path::new(older)).await,
        ["serve"] => serve(0).await,
        ["serve", port] => match port.parse() {
            Ok(port) => serve(port).await,
            Err(_) => Err(format!("{port} is no port").into()),
        },
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("lambda-suite: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn check(folder: &Path) -> Outcome<ExitCode> {
    let mut report = report::Report::default();
    let walked = journey::walk(folder, &mut report).await;
    Ok(report.end(walked))
}

async fn versions(newer: &Path, older: &Path) -> Outcome<ExitCode> {
    let mut report = report::Report::default();
    let walked = versions::walk(newer, older, &mut report).await;
    Ok(report.end(walked))
}

async fn serve(port: u16) -> Outcome<ExitCode> {
    let world = world::World::start(port, world::TEAM).await?;
    println!("AWS_ENDPOINT_URL={}", world.endpoint_url());
    std::future::pending().await
}
