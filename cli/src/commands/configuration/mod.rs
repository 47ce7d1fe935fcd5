//! `hansho plan`, `apply`, `rollback`, `export` and `versions`: the configuration as code, against the local run or a deployment; and
//! `hansho token`, which the same function makes.

mod answer;
mod apply;
mod export;
mod lambda;
mod target;
mod text;
mod token;
mod versions;

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use hansho_config::PackError;
use hansho_configuration::Problem;

pub(super) use apply::whoever;
pub use apply::{apply, plan, rollback};
pub use export::export;
pub use target::TargetArguments;
pub use token::{TokenCommand, token};
pub use versions::versions;

use super::{client::ClientError, language::LanguageArgument};
use crate::gathering::OfflineArguments;
use lambda::LambdaError;

/// Most versions that are listed at once. The function has the same.
const VERSIONS_MAX: usize = 200;

/// What `hansho plan` is asked.
#[derive(Debug, Args)]
pub struct PlanArguments {
    /// The configuration's folder
    #[arg(long, value_name = "DIR")]
    config: PathBuf,
    #[command(flatten)]
    offline: OfflineArguments,
    /// Exit with 2 when something would change, 0 when nothing would
    #[arg(long)]
    detailed_exitcode: bool,
    #[command(flatten)]
    language: LanguageArgument,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: TargetArguments,
}

/// What `hansho apply` is asked.
#[derive(Debug, Args)]
pub struct ApplyArguments {
    /// The configuration's folder
    #[arg(long, value_name = "DIR")]
    config: PathBuf,
    #[command(flatten)]
    offline: OfflineArguments,
    #[command(flatten)]
    making: MakingArguments,
}

/// What `hansho rollback` is asked.
#[derive(Debug, Args)]
pub struct RollbackArguments {
    /// The version whose files are to be in force again
    #[arg(value_parser = version)]
    version: u64,
    #[command(flatten)]
    making: MakingArguments,
}

/// How a version is made.
#[derive(Debug, Args)]
struct MakingArguments {
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Why, for `hansho versions`
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
    /// Who you are, for `hansho versions`; your user name otherwise
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    language: LanguageArgument,
    #[command(flatten)]
    target: TargetArguments,
}

/// What `hansho export` is asked.
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// The folder to write the files into; it is made if it is not there
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// An earlier version; what is in force otherwise
    #[arg(long, value_name = "N", value_parser = version)]
    version: Option<u64>,
    /// Overwrite files that say something else
    #[arg(long)]
    force: bool,
    /// Remove YAML files that are not part of the version: `hansho plan` of the folder would read them, too
    #[arg(long)]
    delete: bool,
    #[command(flatten)]
    target: TargetArguments,
}

/// What `hansho versions` is asked.
#[derive(Debug, Args)]
pub struct VersionsArguments {
    /// How many, the newest first (at most 200)
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = limit)]
    limit: usize,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    language: LanguageArgument,
    #[command(flatten)]
    target: TargetArguments,
}

fn version(text: &str) -> Result<u64, String> {
    let version = text.parse().ok().filter(|version| *version > 0);
    version.ok_or_else(|| "is no version; write its number, as `hansho versions` lists it".to_owned())
}

fn limit(text: &str) -> Result<usize, String> {
    let limit = text.parse().ok().filter(|limit| (1..=VERSIONS_MAX).contains(limit));
    limit.ok_or_else(|| format!("is not possible; write a number from 1 to {VERSIONS_MAX}"))
}

/// Why a command about the configuration did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// The folder has mistakes.
    #[error("{}\n{} problem(s); nothing was changed", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"), .0.len())]
    Invalid(Vec<Problem>),
    /// The folder does not fit into a request.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The local run, or whatever `--url` names, does not do it.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The function on AWS does not do it.
    #[error(transparent)]
    Lambda(#[from] LambdaError),
    /// The function says no.
    #[error("{0}")]
    Refused(String),
    /// Somebody else was faster.
    #[error("{0}")]
    Overtaken(String),
    /// What answered is not the function, or a much older one.
    #[error("the answer is none of the configuration function; is it of the same version as this command? ({0})")]
    Foreign(String),
    /// Nobody can be asked.
    #[error("nobody can be asked here: look at the plan above, and say --yes")]
    NotAsked,
    /// Whoever was asked said no.
    #[error("nothing was changed")]
    Declined,
    /// A folder can not be written.
    #[error("{path} can not be written: {error}")]
    Write {
        /// Which file or folder.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The folder holds something else.
    #[error("{0}")]
    Occupied(String),
}

/// How a command ends.
pub type Ending = Result<ExitCode, ConfigurationError>;
