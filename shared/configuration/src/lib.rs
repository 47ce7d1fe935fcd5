//! Reads a folder of YAML files into a [`Configuration`], or into everything that is wrong with it.
//!
//! A file becomes a tree whose values know their lines (`tree.rs`). Small readers (`spot.rs`, `map.rs`) walk it, one file
//! of this crate per section, and note what is wrong without stopping, so that one mistake does not hide the next. The
//! domain's constructors say what is possible; what they say comes back to the line of the field. Names are looked up
//! last, when every file is read.
//!
//! What loads may still be a mistake: `warnings/` looks for that, with the tree at hand to say where.

mod address;
mod allowances;
mod bridge;
mod calendar;
mod check;
mod clock_change;
mod destination;
mod difference;
mod duration;
mod folder;
mod foreign;
mod foreign_calendar;
mod gathered;
mod hours;
mod ics;
mod integration;
mod invented;
mod japanese;
mod mail_rules;
mod maintenance;
mod map;
mod masking;
mod messages;
mod names;
mod notify;
mod offboard;
mod parameter;
mod policy;
mod problem;
mod reference;
mod retention;
mod rule;
mod schedule;
mod section;
mod service;
mod sources;
mod spelling;
mod spot;
mod syntax;
mod team;
mod test;
mod tree;
mod user;
mod warning;
mod warnings;
mod year;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use hansho_domain::{Configuration, Destination, UserId};
use hansho_rehearsal::Test;

pub use crate::{
    address::{webhook, webhook_secret},
    check::{Checked, check, check_files},
    destination::DestinationAddress,
    difference::{Change, FieldChange, Files, Kind, differences, summary},
    duration::seconds,
    folder::FILE_BYTES_MAX,
    foreign_calendar::CalendarAddress,
    gathered::Gathered,
    invented::{Invented, is_invented},
    parameter::{parameter, parameter_team},
    problem::Problem,
    reference::reference,
    user::Contact,
    warning::{Warning, WarningKind},
    warnings::Runbooks,
};
pub use japanese::in_japanese;
pub use offboard::{Mention, Offboarding, Repair, offboard};
pub use spelling::did_you_mean;
pub use spot::QuietOnUtc;

/// The JSON Schema (draft-07) of one file, for editors: <https://json-schema.org>. Descriptions are English, then Japanese.
pub const SCHEMA: &str = include_str!("../../../docs/configuration.schema.json");

/// A configuration whose parts fit together, and where its people are reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// Users, teams, schedules, policies, services and destinations.
    pub configuration: Configuration,
    /// Every user's addresses.
    pub contacts: BTreeMap<UserId, Contact>,
    /// What alarms have to lead to, in the order of the files.
    pub tests: Vec<Test>,
    /// Every machine's and channel's.
    pub destinations: BTreeMap<Destination, DestinationAddress>,
    /// What it was read from: the files, by their names in the folder.
    pub files: Files,
}

/// Reads every `*.yaml` and `*.yml` file of a folder and of the folders in it, hidden ones excepted, and the iCalendar files that they name.
/// No address is asked: what one answers has to be in the folder, as `hansho export` writes it ([`Gathered`] takes answers).
///
/// # Errors
/// Every problem, by file and line. A file that is no YAML hides the rest of that file only; names that may be
/// missing because of it are not reported.
pub fn load(folder: &Path) -> Result<Loaded, Vec<Problem>> {
    Gathered::from_folder(folder).load()
}

/// The names of the files that [`load`] would read; none where the folder is not there.
pub fn file_names(folder: &Path) -> Vec<String> {
    folder::names(folder)
}

/// The same for texts that have been read already, each with the name that problems give it.
///
/// # Errors
/// As [`load`].
pub fn load_files(files: &[(PathBuf, String)]) -> Result<Loaded, Vec<Problem>> {
    section::read(files, Vec::new()).map(|(loaded, _)| loaded)
}

/// The same for files by their names.
///
/// # Errors
/// As [`load`], and a name that is none: it may come from a request.
pub fn load_named(files: &Files) -> Result<Loaded, Vec<Problem>> {
    load_files(&with_paths(files)?)
}

/// The same for files that were in force before, so that a version of an earlier Hansho can be gone back to: quiet times of people
/// without a `time_zone` are taken on UTC's clock, as they were then. Says whose.
///
/// # Errors
/// As [`load_named`].
pub fn load_stored(files: &Files) -> Result<(Loaded, Vec<QuietOnUtc>), Vec<Problem>> {
    section::read_stored(&with_paths(files)?)
}

fn with_paths(files: &Files) -> Result<Vec<(PathBuf, String)>, Vec<Problem>> {
    let strange: Vec<Problem> = files.keys().filter_map(|name| folder::strange_name(name)).collect();
    if !strange.is_empty() {
        return Err(strange);
    }
    Ok(files.iter().map(|(name, text)| (PathBuf::from(name), text.clone())).collect())
}
