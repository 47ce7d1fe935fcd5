//! A configuration with everything that is to be said about it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::{
    Loaded,
    gathered::Gathered,
    invented::{self, Invented},
    problem::Problem,
    section,
    warning::Warning,
    warnings::{self, Runbooks, Surroundings},
};

/// A configuration that loads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The configuration.
    pub loaded: Loaded,
    /// What is probably not meant, by file and line.
    pub warnings: Vec<Warning>,
    /// Addresses that nobody has.
    pub invented: Vec<Invented>,
    /// How many services have a runbook whose address has a template in it: it can be looked up only when there is an alert.
    pub runbook_templates: usize,
}

/// Reads a folder as [`crate::load`] does, and looks for what loads and is probably not meant.
///
/// Coverage is looked at for the 90 days from `at` on. With `runbooks`, every service's runbook has to be a file among them.
///
/// # Errors
/// Every problem, as [`crate::load`]; then nothing is warned about.
pub fn check(folder: &Path, at: Timestamp, runbooks: Option<&Runbooks>) -> Result<Checked, Vec<Problem>> {
    Gathered::from_folder(folder).check(at, runbooks)
}

/// The same for texts that have been read already, each with the name that problems give it.
///
/// # Errors
/// As [`check`].
pub fn check_files(files: &[(PathBuf, String)], at: Timestamp, runbooks: Option<&Runbooks>) -> Result<Checked, Vec<Problem>> {
    checked(files, Vec::new(), &Surroundings { at, runbooks })
}

pub(crate) fn checked(
    files: &[(PathBuf, String)],
    problems: Vec<Problem>,
    surroundings: &Surroundings<'_>,
) -> Result<Checked, Vec<Problem>> {
    let (loaded, sources) = section::read(files, problems)?;
    let (warnings, runbook_templates) = warnings::find(&loaded, &sources, surroundings);
    Ok(Checked { loaded, warnings, invented: invented::find(&sources), runbook_templates })
}
