//! A slot of a rotation is divided: until a time it is as it was, from then on it is somebody else's.

use hansho_domain::UserId;

use super::words::{Word, block_indent, is_free};

/// Who has the turns of a slot from a time on; nobody: it ends.
pub(super) struct Followers<'a> {
    pub(super) users: &'a [&'a UserId],
    pub(super) at: &'a str,
}

/// Divides the slot that `word` stands in. `rest` says where in it: nothing when the word is the whole slot, `[1]` in a list, `.user` and
/// `.users[1]` in a map. Says whether it could; otherwise the text is as it was.
pub(super) fn divide(text: &mut String, word: &Word, rest: &str, followers: &Followers<'_>) -> bool {
    let at = followers.at;
    let (slot, ending) = if rest.is_empty() {
        (Word { start: word.start, end: word.end }, format!("{{ user: {}, leaves: {at} }}", &text[word.start..word.end]))
    } else if let Some(list) = enclosing(text, word, '[', ']').filter(|_| rest.starts_with('[')) {
        let ending = format!("{{ users: {}, leaves: {at} }}", &text[list.start..list.end]);
        (list, ending)
    } else if let Some(map) = enclosing(text, word, '{', '}').filter(|_| rest.starts_with('.')) {
        let inside = text[map.start + 1..map.end - 1].trim_end().trim_end_matches(',');
        let ending = format!("{{{inside}, leaves: {at} }}");
        (map, ending)
    } else {
        return divide_block(text, word, rest, followers);
    };
    if !is_free(text, slot.start) {
        return false;
    }
    let between = block_indent(text, &slot).map_or_else(|| ", ".to_owned(), |indent| format!("\n{indent}- "));
    let begin = followers.slot().map(|slot| slot + &between).unwrap_or_default();
    text.replace_range(slot.start..slot.end, &format!("{begin}{ending}"));
    true
}

/// A map with a line for each key: `- users: [aiko, ben]`, and `joins:` below it.
fn divide_block(text: &mut String, word: &Word, rest: &str, followers: &Followers<'_>) -> bool {
    if !rest.starts_with('.') {
        return false;
    }
    let line_start = text[..word.start].rfind('\n').map_or(0, |at| at + 1);
    let own_indent = indent_of(&text[line_start..]);
    // The line with the dash of this slot: the nearest one that a key follows, further out than whatever stands between.
    let mut start = line_start;
    let dash = loop {
        let line = text[start..].lines().next().unwrap_or_default();
        let indent = indent_of(line);
        let after = line[indent..].strip_prefix('-').map(str::trim_start).unwrap_or_default();
        if ["user:", "users:", "joins:"].iter().any(|key| after.starts_with(key)) && (start == line_start || indent < own_indent) {
            break start + indent;
        }
        let Some(before) = start.checked_sub(1) else { return false };
        start = text[..before].rfind('\n').map_or(0, |at| at + 1);
    };
    let indent = " ".repeat(dash - start);
    let spaces = text[dash + 1..].len() - text[dash + 1..].trim_start_matches(' ').len();
    let begin = followers.slot().map(|slot| format!("- {slot}\n{indent}")).unwrap_or_default();
    let key_indent = " ".repeat(spaces + 1);
    text.replace_range(dash..dash + 1 + spaces, &format!("{begin}-{}leaves: {}\n{indent}{key_indent}", " ".repeat(spaces), followers.at));
    true
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The list or map in brackets that a word stands in, with its brackets; `None` when there is none, or something in it that has to stay
/// where it is.
fn enclosing(text: &str, word: &Word, open: char, close: char) -> Option<Word> {
    let mut depth = 0_usize;
    let mut start = None;
    for (at, character) in text[..word.start].char_indices().rev() {
        match character {
            ']' | '}' => depth += 1,
            '[' | '{' if depth > 0 => depth -= 1,
            _ if character == open => {
                start = Some(at);
                break;
            }
            // The list that is looked for would have to be inside of it.
            '{' => return None,
            _ => {}
        }
    }
    let start = start?;
    let mut depth = 0_usize;
    let (end, last) = text[start..].char_indices().find(|(_, character)| {
        depth += usize::from(matches!(character, '[' | '{'));
        depth -= usize::from(matches!(character, ']' | '}'));
        depth == 0
    })?;
    let found = Word { start, end: start + end + 1 };
    let is_plain = !text[found.start..found.end].contains(['#', '&', '*']);
    (last == close && is_plain && word.end <= found.end).then_some(found)
}

impl Followers<'_> {
    /// Their slot, as it is written.
    fn slot(&self) -> Option<String> {
        let at = self.at;
        match self.users {
            [] => None,
            [only] => Some(format!("{{ user: {only}, joins: {at} }}")),
            several => {
                let users: Vec<&str> = several.iter().map(|user| user.as_str()).collect();
                Some(format!("{{ users: [{}], joins: {at} }}", users.join(", ")))
            }
        }
    }
}
