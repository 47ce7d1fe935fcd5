//! `hansho import`: what another tool knows, as a folder of configuration.

mod made;
mod people;
mod plans;
mod policies;
mod reading;
mod schedules;

use std::{fs, path::PathBuf};

use clap::{Args, Subcommand};
use hansho_configuration::load_files;

use super::{
    language::{LanguageArgument, word},
    print,
};
use made::Made;

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

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub(super) enum ImportError {
    #[error("{folder} can not be read: {error}")]
    Read { folder: String, error: std::io::Error },
    #[error("{0} has nothing of Incident Manager; `hansho import incident-manager --commands` prints what fetches it")]
    Nothing(String),
    #[error("{0} would be replaced; name another folder with --to, or replace with --force")]
    Exists(String),
    #[error("{file} can not be written: {error}")]
    Write { file: String, error: std::io::Error },
    #[error("what was made is no configuration, and was not written; please report it:\n{0}")]
    Broken(String),
}

pub(super) fn run(command: ImportCommand) -> Result<(), ImportError> {
    let ImportCommand::IncidentManager(asked) = command;
    let (Some(from), Some(to)) = (&asked.from, &asked.to) else {
        print(COMMANDS);
        return Ok(());
    };
    let unreadable = |error| ImportError::Read { folder: from.display().to_string(), error };
    let export = reading::folder(from).map_err(unreadable)?;
    if export.is_empty() {
        return Err(ImportError::Nothing(from.display().to_string()));
    }
    let made = Made::of(&export, asked.bridge);
    let named: Vec<_> = made.files.iter().map(|(name, text)| (PathBuf::from(name), text.clone())).collect();
    load_files(&named).map_err(|problems| ImportError::Broken(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))?;
    write(&made, to, asked.force)?;
    print(&told(&made, asked.language.language, &to.display().to_string()));
    Ok(())
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
fn told(made: &Made, language: hansho_domain::Language, to: &str) -> String {
    let names = made.files.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let mut text = format!("{} {to}: {names}\n", word(language, "Written to", "書き出しました"));
    if made.left.is_empty() {
        text.push_str(word(language, "Everything was carried over.\n", "すべて移行できました。\n"));
        return text;
    }
    text.push_str(word(language, "\nNot carried over, or not exactly:\n", "\n移行できなかったもの、完全には移行できなかったもの:\n"));
    for left in &made.left {
        let why = word(language, &left.english, &left.japanese);
        text.push_str(&format!("  {}: {}: {why}\n", left.file, left.what));
    }
    text
}
