//! The words of a file: where they stand, and taking them out.

use crate::tree::Place;

/// A word in a text: from which byte on, and the byte after it.
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The word at a place, if it is this name, with its quotes, and nothing (an anchor, a tag) is fastened to it.
pub(super) fn word_at(text: &str, Place { line, column }: Place, name: &str) -> Option<Word> {
    let line = usize::try_from(line).ok()?.checked_sub(1)?;
    let line_start = if line == 0 { 0 } else { text.match_indices('\n').nth(line - 1)?.0 + 1 };
    let column = usize::try_from(column).ok()?.checked_sub(1)?;
    let start = line_start + text[line_start..].char_indices().nth(column)?.0;
    let rest = &text[start..];
    let written =
        [name.to_owned(), format!("\"{name}\""), format!("'{name}'")].into_iter().find(|written| rest.starts_with(written.as_str()))?;
    let end = start + written.len();
    let is_whole = text[end..].chars().next().is_none_or(|next| next.is_whitespace() || matches!(next, ',' | ']' | '}'));
    (is_whole && is_free(text, start)).then_some(Word { start, end })
}

/// Whether a value begins right after what separates values.
pub(super) fn is_free(text: &str, start: usize) -> bool {
    let before = text[..start].trim_end_matches(' ');
    before.is_empty() || before.ends_with(['[', ',', '-', ':', '\n'])
}

/// What stands before the dash, when the word is an item of a list with a line for each.
pub(super) fn block_indent(text: &str, word: &Word) -> Option<String> {
    let line_start = text[..word.start].rfind('\n').map_or(0, |at| at + 1);
    let before = &text[line_start..word.start];
    let indent = before.trim_end().strip_suffix('-')?;
    indent.chars().all(|character| character == ' ').then(|| indent.to_owned())
}

/// Takes an item out of a list. Says whether it could.
pub(super) fn take_out(text: &mut String, word: &Word) -> bool {
    if block_indent(text, word).is_some() {
        let line_start = text[..word.start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[word.end..].find('\n').map_or(text.len(), |at| word.end + at + 1);
        // A comment about them is for its author to judge.
        let is_alone = text[word.end..line_end].trim().is_empty();
        if is_alone {
            text.replace_range(line_start..line_end, "");
        }
        return is_alone;
    }
    let after = &text[word.end..];
    let spaces = after.len() - after.trim_start_matches(' ').len();
    if let Some(rest) = after[spaces..].strip_prefix(',') {
        let more = rest.len() - rest.trim_start_matches(' ').len();
        text.replace_range(word.start..word.end + spaces + 1 + more, "");
        return true;
    }
    let before = text[..word.start].trim_end_matches(' ');
    let Some(before) = before.strip_suffix(',').map(str::len) else { return false };
    text.replace_range(before..word.end, "");
    true
}
