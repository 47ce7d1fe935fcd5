//! One line per step, and the counts at the end.

use std::process::ExitCode;

use serde_json::Value;

use crate::Outcome;

/// What passed and what failed so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    passed: usize,
    failed: usize,
}

impl Report {
    pub(crate) fn pass(&mut self, step: &str) {
        self.passed += 1;
        println!("ok      {step}");
    }

    pub(crate) fn fail(&mut self, step: &str, problem: &str) {
        self.failed += 1;
        println!("FAILED  {step}: {problem}");
    }

    /// A step that holds when `holds`; `found` is printed when it does not.
    pub(crate) fn step(&mut self, step: &str, holds: bool, found: &impl std::fmt::Debug) {
        if holds { self.pass(step) } else { self.fail(step, &format!("found {found:?}")) }
    }

    /// A step whose answer has to be `expected`.
    pub(crate) fn equals(&mut self, step: &str, found: &Value, expected: &Value) {
        if found == expected { self.pass(step) } else { self.fail(step, &format!("expected {expected}, found {found}")) }
    }

    /// A step that can not be gone without: what it gives is needed further on.
    pub(crate) fn needed<T>(&mut self, step: &str, found: Option<T>, shown: &impl std::fmt::Debug) -> Outcome<T> {
        match found {
            Some(found) => {
                self.pass(step);
                Ok(found)
            }
            None => Err(format!("\"{step}\" did not happen: {shown:?}").into()),
        }
    }

    /// The closing line. A way that was not gone to its end has failed.
    pub(crate) fn end(mut self, walked: Outcome) -> ExitCode {
        if let Err(error) = walked {
            self.fail("the rest of the way", &error.to_string());
        }
        self.finish()
    }

    fn finish(self) -> ExitCode {
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
