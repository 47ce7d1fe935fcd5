//! The tests of a configuration, played by `hansho check`.

use std::{fs, path::Path};

use hansho_configuration::{Loaded, Problem};
use hansho_rehearsal::{Test, TestFailure};

use super::junit::{Case, report};

/// What the report's suite is called.
const SUITE: &str = "hansho check";
/// The case that stands for everything but the tests.
const LOADS: &str = "the configuration has no problems";

/// What the tests came to.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    cases: Vec<Case>,
    /// Every expectation that was not met, at its place.
    pub(super) failures: Vec<Problem>,
}

/// Plays every test.
pub(super) fn run(loaded: &Loaded) -> Outcome {
    let mut outcome = Outcome::default();
    let titles: Vec<String> = loaded.tests.iter().map(Test::title).collect();
    for (test, title) in loaded.tests.iter().zip(&titles) {
        // A report has one case of a name; a second one would be taken for the first.
        let is_only = titles.iter().filter(|other| *other == title).count() == 1;
        let failures: Vec<Problem> = test.run(&loaded.configuration).into_iter().map(|failure| problem(test, failure)).collect();
        outcome.cases.push(Case {
            name: if is_only { title.clone() } else { format!("{title} (line {})", test.place.line) },
            file: test.place.file.display().to_string(),
            line: test.place.line,
            failures: failures.iter().map(ToString::to_string).collect(),
        });
        outcome.failures.extend(failures);
    }
    outcome
}

impl Outcome {
    /// Writes the report for CI. `problems` are those of the configuration itself.
    ///
    /// # Errors
    /// The file can not be written; the sentence says so.
    pub(super) fn write_junit<'a>(&self, file: &Path, problems: impl Iterator<Item = &'a Problem>) -> Result<(), String> {
        let failures = problems.map(ToString::to_string).collect();
        let mut cases = vec![Case { name: LOADS.to_owned(), file: ".".to_owned(), line: 0, failures }];
        cases.extend(self.cases.iter().cloned());
        let unwritable = |error| format!("the report {} can not be written: {error}; name another file with --junit", file.display());
        fs::write(file, report(SUITE, &cases)).map_err(unwritable)
    }
}

fn problem(test: &Test, failure: TestFailure) -> Problem {
    let TestFailure { place, message } = failure;
    let message = test.name.as_ref().map_or_else(|| message.clone(), |name| format!("{name}: {message}"));
    Problem { file: place.file, line: place.line, column: place.column, message }
}
