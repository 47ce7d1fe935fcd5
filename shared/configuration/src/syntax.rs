//! What the YAML parser says, said so that its reader can mend the file.

use serde_saphyr::Error;

use crate::{spelling::quoted, tree::Place};

/// Why a file could not be read at all. A file has one at most: the parser stops there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) place: Place,
    pub(crate) message: String,
}

/// What is said of a tab.
const TAB: &str = "there is a tab here; indent with spaces";

/// What the parser says about a mistake, and what its author can do. The first that is found in the message counts.
const HINTS: [(&str, &str); 15] = [
    ("tabs disallowed", TAB),
    (" tab", TAB),
    (
        "mapping values are not allowed",
        "a `: ` is not possible here; check that the line above ends with its `:`, that this line is indented as it should be, and that text with `: ` in it is in quotes",
    ),
    ("unexpected character: `@'", "text can not begin with `@`; put it in quotes"),
    ("unexpected character: ``'", "text can not begin with a backtick; put it in quotes"),
    ("unexpected character: `%'", "text can not begin with `%`; put it in quotes"),
    ("unexpected character", "there is a character that YAML does not allow here; remove it or put the text in quotes"),
    ("multiline quoted", "text in quotes is not closed; add the closing quote"),
    ("quoted scalar, found unknown escape", "a `\\` in double quotes begins an escape; write it twice, or use single quotes"),
    ("after double-quoted", "there is more text after the closing quote; put all of it within the quotes"),
    ("after single-quoted", "there is more text after the closing quote; put all of it within the quotes"),
    ("unclosed bracket", "this bracket is not closed; add the closing one"),
    ("illegal placement of ':'", "a `:` is not possible here; look for a bracket that is not closed in the lines above"),
    ("bracket", "this bracket does not fit the ones before it; check that every one is opened and closed"),
    ("simple key expected ':'", "a key needs a `:` after it"),
];

/// The parser's error about `text` as a sentence. The text is not quoted: it may hold secrets.
pub(crate) fn explained(error: &Error, text: &str) -> SyntaxError {
    let place = error.location().map_or(Place::START, Place::from);
    let message = sentence(error);
    let place = if message == TAB { tab_at(text, place).unwrap_or(place) } else { place };
    SyntaxError { place, message }
}

/// Where the tab is that the parser means. It names the end of what it had read before, which is on a line above when the tab indents
/// the next one.
fn tab_at(text: &str, named: Place) -> Option<Place> {
    let before = |number: u32| usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
    let indenting = |line: &str| line.chars().take_while(|c| matches!(c, ' ' | '\t')).position(|c| c == '\t');
    let mut lines = (named.line..).zip(text.split('\n').skip(before(named.line)));
    let (_, own) = lines.next()?;
    if indenting(own).is_some() || own.chars().skip(before(named.column)).any(|c| c == '\t') {
        return Some(named);
    }
    let (line, place) = lines.find_map(|(number, line)| Some((number, indenting(line)?)))?;
    // Behind the tab, as the parser names those that it stops at.
    Some(Place { line, column: u32::try_from(place).ok()?.checked_add(2)? })
}

fn sentence(error: &Error) -> String {
    let fixed = match error {
        Error::AliasError { error, .. } => return sentence(error),
        Error::UnsupportedTag { tag, .. } => return format!("the tag {} is not supported; remove it", quoted(tag)),
        Error::ExternalMessage { msg, .. } | Error::Message { msg, .. } => return hint(msg),
        Error::MultipleDocuments { .. } => "a second document begins here; remove the `---`, or move what follows to a file of its own",
        Error::UnknownAnchor { .. } => {
            "text that begins with `*` repeats an anchor, and there is none of this name; put the text in quotes, as in \"*-errors\""
        }
        Error::RecursiveReferencesRequireWeakTypes { .. } => "an anchor repeats itself; remove the alias",
        Error::MergeValueNotMapOrSeqOfMaps { .. } => "`<<` merges maps; give it the alias of a map",
        Error::Unexpected { .. } | Error::NullIntoString { .. } => "a key must be text; put text that begins with `{` or `[` in quotes",
        Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => "the aliases of this file repeat too much; write the values out",
        Error::Budget { .. } => "there is too much in this file, or it is nested too deeply; divide it into several files",
        Error::NonFiniteFloat { .. } | Error::InvalidScalar { .. } => "this is no number that can be used; put it in quotes if it is text",
        Error::InvalidBinaryBase64 { .. } | Error::BinaryNotUtf8 { .. } => "the tag `!!binary` is not supported; write plain text",
        other => return hint(other.to_string().split(" at line ").next().unwrap_or_default()),
    };
    fixed.to_owned()
}

fn hint(message: &str) -> String {
    // The parser has a limit of its own for brackets, above which it does not look.
    if message.contains("recursion limit") {
        return "it is nested too deeply; take some of the brackets away".to_owned();
    }
    match HINTS.iter().find(|(said, _)| message.contains(said)) {
        Some((_, hint)) => (*hint).to_owned(),
        None => format!("this is no valid YAML ({message}); check the indentation and the quotes here and in the line above"),
    }
}
