//! `hansho import`: what another tool knows, as a folder of configuration.

mod coverage;
mod fitting;
mod folder;
mod made;
mod people;
mod plans;
mod policies;
mod reading;
mod rotations;
mod schedules;
#[cfg(test)]
mod tests;
mod turning;
mod yaml;

use std::{fs, path::PathBuf};

use clap::{Args, Subcommand};
use hansho_configuration::{Problem, load_files};
use hansho_domain::{Language, text};

use super::{
    language::{LanguageArgument, word},
    print,
};
use made::{Left, Made};

/// Asks Incident Manager for everything that is read, into the folder `incident-manager`.
const COMMANDS: &str = include_str!("fetch.sh");

#[derive(Debug, Subcommand)]
pub(super) enum ImportCommand {
    /// Contacts, rotations, escalation plans and response plans of AWS Systems Manager Incident Manager  (Incident Manager からの移行)
    #[command(
        after_help = "Reads the answers of the AWS CLI, one file each, by what is in them; names of files make no difference:\n  aws ssm-contacts get-contact, list-contact-channels, get-rotation (or list-rotations)\n  aws ssm-incidents get-response-plan\n--commands prints a script that fetches them all (needs the AWS CLI, and permission to read both services).\nAWS CLI の出力（JSON）を読み、YAML の設定を作ります。取得用のスクリプトは --commands で表示されます。\n\nExamples:\n  hansho import incident-manager --commands | sh\n  hansho import incident-manager --from incident-manager/ --to on-call/\n  hansho check --config on-call/\n  hansho import incident-manager --from incident-manager/ --to on-call/ --bridge --force --language ja\n\ndocs/incident-manager.md says how a team goes over, step by step."
    )]
    IncidentManager(IncidentManagerArguments),
}

#[derive(Debug, Args)]
pub(super) struct IncidentManagerArguments {
    /// Print the commands that fetch what is read, and do nothing else  (取得コマンドの表示)
    #[arg(long, conflicts_with_all = ["from", "to"])]
    commands: bool,
    /// The folder with the answers of the AWS CLI  (読み込むフォルダー)
    #[arg(long, value_name = "DIR", required_unless_present = "commands")]
    from: Option<PathBuf>,
    /// The folder that the configuration is written to  (書き出すフォルダー)
    #[arg(long, value_name = "DIR", required_unless_present = "commands")]
    to: Option<PathBuf>,
    /// Replace files that are there already  (上書きする)
    #[arg(long)]
    force: bool,
    /// Have each service's incidents kept under its response plan too  (両方に記録する)
    #[arg(long)]
    bridge: bool,
    #[command(flatten)]
    language: LanguageArgument,
}

/// Why nothing was written, or not all of what was can be applied.
#[derive(Debug, thiserror::Error)]
pub(super) enum ImportError {
    #[error("{folder} can not be read: {error}")]
    Read { folder: String, error: std::io::Error },
    #[error("{folder} has nothing of Incident Manager; `hansho import incident-manager --commands` prints what fetches it{left}")]
    Nothing { folder: String, left: String },
    #[error("nothing of {folder} could be carried over, and nothing was written{left}")]
    NothingGood { folder: String, left: String },
    #[error("{0} would be replaced; name another folder with --to, or replace with --force")]
    Exists(String),
    #[error("{file} can not be written: {error}")]
    Write { file: String, error: std::io::Error },
    #[error("what was written needs mending by hand before it can be applied; `hansho check` says the same:\n{0}")]
    ToMend(String),
}

pub(super) fn run(command: ImportCommand) -> Result<(), ImportError> {
    let ImportCommand::IncidentManager(asked) = command;
    let (Some(from), Some(to)) = (&asked.from, &asked.to) else {
        print(COMMANDS);
        return Ok(());
    };
    let language = asked.language.language;
    let folder = from.display().to_string();
    let export = folder::read(from).map_err(|error| ImportError::Read { folder: folder.clone(), error })?;
    if export.is_empty() {
        return Err(ImportError::Nothing { folder, left: told(&export.left, language) });
    }
    let made = Made::of(&export, asked.bridge);
    if made.files.is_empty() {
        return Err(ImportError::NothingGood { folder, left: told(&made.left, language) });
    }
    write(&made, to, asked.force)?;
    print(&report(&made, language, &to.display().to_string()));
    problems(&made).map_err(|problems| ImportError::ToMend(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
}

/// What a configuration does not take of it. Each part of it was looked at before, so this is about the whole, such as its size.
fn problems(made: &Made) -> Result<(), Vec<Problem>> {
    let named: Vec<_> = made.files.iter().map(|(name, text)| (PathBuf::from(name), text.clone())).collect();
    load_files(&named).map(|_| ())
}

/// All of it, or nothing where something would be replaced.
fn write(made: &Made, to: &std::path::Path, force: bool) -> Result<(), ImportError> {
    let unwritable = |path: &std::path::Path, error| ImportError::Write { file: path.display().to_string(), error };
    if let Some(there) = made.files.iter().map(|(name, _)| to.join(name)).find(|path| !force && path.exists()) {
        return Err(ImportError::Exists(there.display().to_string()));
    }
    fs::create_dir_all(to).map_err(|error| unwritable(to, error))?;
    for (name, text) in &made.files {
        let path = to.join(name);
        fs::write(&path, text).map_err(|error| unwritable(&path, error))?;
    }
    Ok(())
}

/// What was written, and what could not be carried over.
fn report(made: &Made, language: Language, to: &str) -> String {
    let names = made.files.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let written = format!("{} {to}: {names}\n", word(language, "Written to", "書き出しました"));
    if made.left.is_empty() {
        return written + word(language, "Everything was carried over.\n", "すべて移行できました。\n");
    }
    format!("{written}{}\n", told(&made.left, language))
}

/// A line for each that was not carried over. Names come from anywhere, and must not steer the terminal.
fn told(left: &[Left], language: Language) -> String {
    if left.is_empty() {
        return String::new();
    }
    let head = word(language, "\nNot carried over, or not exactly:", "\n移行できなかったもの、完全には移行できなかったもの:").to_owned();
    let line = |left: &Left| {
        let why = word(language, &left.english, &left.japanese);
        text::one_line(&format!("{}: {}: {why}", left.file, left.what))
    };
    left.iter().fold(head, |text, left| format!("{text}\n  {}", line(left)))
}
