//! Why an expression could not be evaluated, in words.

use cel::ExecutionError;

use crate::trace::cut;

/// What went wrong, as a sentence without its end.
pub(crate) fn told(error: &ExecutionError) -> String {
    match error {
        ExecutionError::NoSuchKey(key) => format!("there is no `{}` in it", cut(key)),
        ExecutionError::NoSuchOverload(overload) => {
            format!("{} does not work on {}", spelled(overload.function()), overload.argument_types().join(" and "))
        }
        ExecutionError::UnexpectedType { got, want } => format!("it is {} where {} is needed", cut(got), cut(want)),
        other => cut(&other.to_string()),
    }
}

/// `_==_` as it is written.
fn spelled(function: &str) -> String {
    let name = function.trim_matches(|c| c == '_' || c == '@');
    format!("`{}`", if name == "." { "a field" } else { name })
}
