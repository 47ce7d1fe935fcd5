//! A mistake in the configuration, said to the person who made it.

use std::path::{Path, PathBuf};

/// One mistake: where it stands, what is wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{}: {message}", position(.file, *.line, *.column))]
pub struct Problem {
    /// The file, relative to the folder that was loaded.
    pub file: PathBuf,
    /// The line, counted from 1; 0 where the file or folder as a whole is meant.
    pub line: u32,
    /// The column, counted from 1 in characters; 0 with line 0.
    pub column: u32,
    /// What is wrong and what to do, in one sentence.
    pub message: String,
}

impl Problem {
    /// Its place as compilers write it: `file:line:column`, or the file alone.
    pub fn position(&self) -> String {
        position(&self.file, self.line, self.column)
    }

    /// A problem of a whole file or folder.
    pub(crate) fn whole(file: &Path, message: impl Into<String>) -> Self {
        Self { file: file.to_path_buf(), line: 0, column: 0, message: message.into() }
    }
}

fn position(file: &Path, line: u32, column: u32) -> String {
    let file = file.display();
    if line == 0 { file.to_string() } else { format!("{file}:{line}:{column}") }
}
