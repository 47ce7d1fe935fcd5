//! Why an expression could not be evaluated, in words.

use cel::ExecutionError;

use crate::trace::cut;

/// What went wrong, as a sentence without its end.
pub(crate) fn told(error: &ExecutionError) -> String {
    match error {
        ExecutionError::NoSuchKey(key) => format!("there is no `{}` in it", cut(key)),
        ExecutionError::NoSuchOverload(overload) => {
            let types = overload.argument_types();
            let first = types.first().map(ToString::to_string).unwrap_or_default();
            match spelled(overload.function()) {
                "." => format!("it asks for a field of something that is {first}, and only a map has fields"),
                "[_]" => format!("it asks for an element of something that is {first}, and only a list or a map has those"),
                name => format!("`{name}` does not work on {}", types.join(" and ")),
            }
        }
        ExecutionError::UnexpectedType { got, want } => format!("it is {} where {} is needed", cut(got), cut(want)),
        other => cut(&other.to_string()),
    }
}

/// `_==_` as it is written.
fn spelled(function: &str) -> &str {
    function.trim_matches(|c| c == '_' || c == '@')
}
