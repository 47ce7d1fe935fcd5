//! The answers of the configuration function.

use std::path::PathBuf;

use hansho_configuration::{Change, Problem};
use hansho_store::Version;
use serde::Deserialize;

use super::{ConfigurationError, token::ListedToken};

/// An answer.
#[derive(Debug, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub(super) enum Answer {
    Planned(Planned),
    Applied {
        in_force: Version,
        #[serde(default)]
        incidents: Vec<AffectedIncident>,
    },
    Unchanged {
        version: u64,
        #[serde(default)]
        incidents: Vec<AffectedIncident>,
    },
    Overtaken {
        version: u64,
        in_force: Option<Version>,
    },
    Exported {
        version: u64,
        files_gzip: String,
    },
    Versions {
        versions: Vec<Version>,
    },
    Progress {
        progress: Option<Written>,
    },
    TokenMade {
        token: String,
    },
    Tokens {
        tokens: Vec<ListedToken>,
    },
    TokenRevoked {
        name: String,
    },
    Invalid {
        problems: Vec<Mistake>,
        #[serde(default)]
        more_problems: usize,
    },
    Refused {
        message: String,
    },
}

/// How far an apply has come.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Written {
    pub(super) written: usize,
    pub(super) items: usize,
}

/// What would change.
#[derive(Debug, Deserialize)]
pub(super) struct Planned {
    /// The version that it was compared with.
    pub(super) version: u64,
    pub(super) in_force: Option<Version>,
    pub(super) items: usize,
    pub(super) text_differs: bool,
    pub(super) changes: Vec<Change>,
    #[serde(default)]
    pub(super) more_changes: usize,
    #[serde(default)]
    pub(super) incidents: Vec<AffectedIncident>,
    /// People of an earlier version whose quiet times are on UTC's clock, because it says nothing of theirs.
    #[serde(default)]
    pub(super) quiet_on_utc: Vec<QuietOnUtc>,
}

/// A person whose clock is not known.
#[derive(Debug, Deserialize)]
pub(super) struct QuietOnUtc {
    pub(super) user: String,
    pub(super) file: PathBuf,
    pub(super) line: u32,
}

/// An open incident that a configuration means something for.
#[derive(Debug, Deserialize)]
pub(super) struct AffectedIncident {
    pub(super) incident: String,
    pub(super) title: String,
    /// What it means.
    pub(super) effect: String,
}

/// A mistake as the function tells it.
#[derive(Debug, Deserialize)]
pub(super) struct Mistake {
    file: PathBuf,
    line: u32,
    column: u32,
    message: String,
}

/// The mistakes that the function found, as `hansho check` says them.
pub(super) fn invalid(mistakes: Vec<Mistake>, more: usize) -> ConfigurationError {
    let problem = |Mistake { file, line, column, message }: Mistake| Problem { file, line, column, message };
    let mut problems: Vec<Problem> = mistakes.into_iter().map(problem).collect();
    if more > 0 {
        problems.push(Problem { file: PathBuf::from("."), line: 0, column: 0, message: format!("and {more} more") });
    }
    ConfigurationError::Invalid(problems)
}

impl Planned {
    /// Whether an apply would change nothing at all.
    pub(super) fn is_nothing(&self) -> bool {
        self.changes.is_empty() && !self.text_differs && self.items == 0
    }
}
