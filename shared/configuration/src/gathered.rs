//! The files of a configuration, before they are understood: those of a folder, and what addresses answered.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::{
    Checked, Loaded, folder,
    foreign_calendar::CalendarAddress,
    ics,
    invented::{self, Invented},
    problem::Problem,
    section,
    warnings::{Runbooks, Surroundings},
};

/// The files that a configuration is made of.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    pub(crate) files: Vec<(PathBuf, String)>,
    pub(crate) problems: Vec<Problem>,
}

impl Gathered {
    /// Reads every `*.yaml` and `*.yml` file of a folder and of the folders in it, hidden ones excepted, and the iCalendar files that
    /// they name, among them what addresses answered when the folder was exported. What can not be read is kept as a problem.
    pub fn from_folder(folder: &Path) -> Self {
        let (mut files, mut problems) = folder::read(folder);
        let mut names: Vec<String> = section::foreign_calendars(&files).iter().map(|foreign| foreign.name().to_owned()).collect();
        names.sort();
        names.dedup();
        for name in names {
            match folder::read_one(folder, Path::new(&name)) {
                Ok(Some(text)) => files.push((PathBuf::from(name), text)),
                // Whoever names it is told.
                Ok(None) => {}
                Err(problem) => problems.push(problem),
            }
        }
        Self { files, problems }
    }

    /// The addresses that calendars have their days from.
    pub fn addresses(&self) -> Vec<CalendarAddress> {
        section::foreign_calendars(&self.files).iter().filter_map(|foreign| foreign.asked()).collect()
    }

    /// Takes what an address answered, in place of an earlier answer: its days, or what is wrong with it.
    pub fn answered(&mut self, address: &CalendarAddress, answer: &[u8]) {
        self.forget(address);
        let text = match folder::as_text(answer) {
            Ok(text) => text,
            Err((line, message)) => return self.problems.push(address.problem(&format!("line {line} of what it answers {message}"))),
        };
        match ics::read(&text, address.zone.as_ref()) {
            Ok(days) => self.files.push((PathBuf::from(&address.name), ics::written(&days))),
            Err(mistakes) => {
                let told = mistakes
                    .iter()
                    .map(|ics::Mistake { line, message }| address.problem(&format!("line {line} of what it answers: {message}")));
                self.problems.extend(told);
            }
        }
    }

    /// Notes that an address did not answer, and why.
    pub fn unanswered(&mut self, address: &CalendarAddress, why: &str) {
        self.forget(address);
        let copy = &address.name;
        self.problems.push(address.problem(&format!(
            "its calendar can not be read: {why}; try again, or say --offline to go by the days of {copy}, which `hansho export` writes"
        )));
    }

    fn forget(&mut self, address: &CalendarAddress) {
        self.files.retain(|(name, _)| folder::name(name) != address.name);
        self.problems.retain(|problem| folder::name(&problem.file) != address.name);
    }

    /// Puts the files together.
    ///
    /// # Errors
    /// As [`crate::load`].
    pub fn load(self) -> Result<Loaded, Vec<Problem>> {
        section::read(&self.files, self.problems).map(|(loaded, _)| loaded)
    }

    /// The same, with the addresses in it that nobody has.
    ///
    /// # Errors
    /// As [`crate::load`].
    pub fn load_with_invented(self) -> Result<(Loaded, Vec<Invented>), Vec<Problem>> {
        section::read(&self.files, self.problems).map(|(loaded, sources)| (loaded, invented::find(&sources)))
    }

    /// The same, with what loads and is probably not meant.
    ///
    /// # Errors
    /// As [`crate::check`].
    pub fn check(self, at: Timestamp, runbooks: Option<&Runbooks>) -> Result<Checked, Vec<Problem>> {
        crate::check::checked(&self.files, self.problems, &Surroundings { at, runbooks })
    }
}
