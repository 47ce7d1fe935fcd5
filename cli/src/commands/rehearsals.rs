//! The tests of a configuration, played by `hansho check`.

use std::{fs, path::Path};

use hansho_configuration::{Loaded, Problem};
use hansho_rehearsal::TestFailure;

use super::junit::{Case, report};

/// What the report's suite is called.
const SUITE: &str = "hansho check";
/// The case that stands for everything but the tests.
const LOADS: &str = "the configuration has no problems";

/// What the tests came to.
pub(super) struct Outcome {
    cases: Vec<Case>,
    /// Every expectation that was not met, with its place.
    pub(super) failures: Vec<TestFailure>,
}

/// Plays every test.
pub(super) fn run(loaded: &Loaded) -> Outcome {
    let mut outcome = Outcome { cases: Vec::new(), failures: Vec::new() };
    for test in &loaded.tests {
        let failures = test.run(&loaded.configuration);
        outcome.cases.push(Case {
            name: test.title(),
            file: test.place.file.display().to_string(),
            line: test.place.line,
            failures: failures.iter().map(told).collect(),
        });
        outcome.failures.extend(failures);
    }
    outcome
}

impl Outcome {
    /// How many tests were played.
    pub(super) fn count(&self) -> usize {
        self.cases.len()
    }
}

/// `team.yaml:30:5: within 1m: ...`
pub(super) fn told(failure: &TestFailure) -> String {
    let place = &failure.place;
    format!("{}:{}:{}: {}", place.file.display(), place.line, place.column, failure.message)
}

/// Writes the report for CI. Without an outcome the configuration could not be loaded, and `problems` say why.
///
/// # Errors
/// The file can not be written; the sentence says so.
pub(super) fn write_junit(file: &Path, problems: &[Problem], outcome: Option<&Outcome>) -> Result<(), String> {
    let failures = problems.iter().map(ToString::to_string).collect();
    let mut cases = vec![Case { name: LOADS.to_owned(), file: ".".to_owned(), line: 0, failures }];
    cases.extend(outcome.into_iter().flat_map(|outcome| outcome.cases.clone()));
    let unwritable = |error| format!("the report {} can not be written: {error}; name another file with --junit", file.display());
    fs::write(file, report(SUITE, &cases)).map_err(unwritable)
}
