//! Texts as the files have them, and what a configuration takes.

use std::path::PathBuf;

use hansho_configuration::{load_files, parameter};
use hansho_domain::text;

/// Longest name as people say it, in characters.
pub(super) const SHOWN_CHARACTERS_MAX: usize = 100;
/// Words that one reader of YAML or another takes for something else than text.
const NO_TEXT: [&str; 12] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf", "infinity"];

/// A text as YAML has it in quotes; JSON's are YAML's.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A name of letters, digits, `-` and `_`: in quotes where YAML could read a number, a truth value or nothing.
pub(super) fn word(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_lowercase()) && !NO_TEXT.contains(&name);
    if is_plain { name.to_owned() } else { quoted(name) }
}

/// A name as people say it: on one line, and no longer than it may be. None where nothing of it is left.
pub(super) fn shown(name: &str) -> Option<String> {
    let name: String = name.chars().filter(|c| !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect();
    let name = text::cut(&text::one_line(&name), SHOWN_CHARACTERS_MAX);
    // What begins like the name of a parameter is taken for one.
    (!name.is_empty() && parameter(&name).is_none()).then_some(name)
}

/// Why this is no configuration, in a sentence about the value that is wrong; none where it is one.
pub(super) fn refused(text: &str) -> Option<String> {
    let problems = load_files(&[(PathBuf::from("imported.yaml"), text.to_owned())]).err()?;
    let first = problems.first().map(|problem| problem.message.as_str()).unwrap_or_default();
    Some(first.split_once(": ").map_or(first, |(_, what)| what).to_owned())
}

/// People of these names, who are there so that others may name them.
pub(super) fn stand_ins<'a>(users: impl IntoIterator<Item = &'a str>) -> String {
    let users = users.into_iter().map(|user| format!("  {}: {{ name: a, email: a@example.com }}\n", word(user)));
    format!("users:\n{}", users.collect::<String>())
}
