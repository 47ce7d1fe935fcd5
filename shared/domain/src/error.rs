//! What is wrong with a value that came from outside, field by field.

use std::fmt;

/// One mistake in one field, said so that its author can mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field, as the configuration spells it (`steps[1].wait`).
    pub field: String,
    /// What is wrong and what is meant.
    pub problem: String,
}

impl FieldError {
    /// A mistake in `field`.
    pub fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.problem)
    }
}

/// Every mistake found in one value; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Problems(pub Vec<FieldError>);

impl Problems {
    /// `Ok(value)` when nothing was found.
    pub(crate) fn none_or<T>(problems: Vec<FieldError>, value: T) -> Result<T, Self> {
        if problems.is_empty() { Ok(value) } else { Err(Self(problems)) }
    }
}
