//! Settings from the environment, read once, with every problem reported together.

use std::{fmt, str::FromStr};

/// Looks a variable up; a test hands in a table.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Every problem found in the settings; never empty.
#[derive(Debug, thiserror::Error)]
pub struct SettingsProblems(pub Vec<String>);

impl fmt::Display for SettingsProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the environment is not complete: {}", self.0.join("; "))
    }
}

/// Reads settings one by one and remembers what is wrong with them.
pub struct Settings<'a> {
    lookup: Lookup<'a>,
    problems: Vec<String>,
}

impl<'a> Settings<'a> {
    /// Settings that come from `lookup`.
    pub fn new(lookup: Lookup<'a>) -> Self {
        Self { lookup, problems: Vec::new() }
    }

    /// A setting that must be there. `meaning` completes the sentence "set NAME to ...".
    pub fn required(&mut self, name: &str, meaning: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.problems.push(format!("set {name} to {meaning}"));
            String::new()
        })
    }

    /// A setting that may be missing. Empty counts as missing.
    pub fn optional(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.is_empty())
    }

    /// A setting with a default.
    pub fn or<T: FromStr>(&mut self, name: &str, default: T, meaning: &str) -> T {
        match self.optional(name).map(|value| value.parse()) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(_)) => {
                self.problems.push(format!("{name} must be {meaning}"));
                default
            }
        }
    }

    /// A problem that the caller found.
    pub fn problem(&mut self, problem: impl Into<String>) {
        self.problems.push(problem.into());
    }

    /// Ends the reading: `Ok` when nothing was wrong.
    ///
    /// # Errors
    /// Everything that was wrong.
    pub fn finish(self) -> Result<(), SettingsProblems> {
        if self.problems.is_empty() { Ok(()) } else { Err(SettingsProblems(self.problems)) }
    }
}

/// The process's environment.
pub fn environment(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_reported_at_once_and_names_its_variable() {
        let lookup = |name: &str| (name == "PORT").then(|| "many".to_owned());
        let mut settings = Settings::new(&lookup);
        settings.required("HANSHO_TABLE", "the name of the DynamoDB table");
        assert_eq!(settings.or("PORT", 8080u16, "a port number"), 8080);
        let text = settings.finish().unwrap_err().to_string();
        assert!(text.contains("set HANSHO_TABLE to the name of the DynamoDB table"), "{text}");
        assert!(text.contains("PORT must be a port number"), "{text}");
    }
}
