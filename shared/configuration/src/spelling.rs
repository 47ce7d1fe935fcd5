//! "Did you mean": the known word that is nearest to one that is not known.

/// Longest word that is compared; longer ones are no typing errors.
const WORD_CHARACTERS_MAX: usize = 50;
/// Most characters of somebody's text that a message repeats.
const QUOTED_CHARACTERS_MAX: usize = 60;

/// `` ; did you mean `...`? `` when one of the `known` words is near to `word`, and nothing otherwise.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// The known word that is nearest to `word`, if one is near enough to be meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters: Vec<char> = word.chars().take(WORD_CHARACTERS_MAX + 1).flat_map(char::to_lowercase).collect();
    if letters.len() > WORD_CHARACTERS_MAX {
        return None;
    }
    let near = letters.len().div_ceil(3).min(3);
    known
        .into_iter()
        .map(|candidate| (distance(&letters, &candidate.to_lowercase().chars().collect::<Vec<_>>()), candidate))
        .filter(|(distance, _)| *distance <= near)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters have to be added, taken away, replaced or swapped with their neighbour.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (i, letter) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, other) in to.iter().enumerate() {
            let replaced = last[j] + usize::from(letter != other);
            let mut least = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *letter == to[j - 1] && from[i - 1] == *other {
                least = least.min(before_last[j - 1] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

/// Somebody's text as part of a message, in backticks.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", visible(text))
}

/// Somebody's text, cut, with its control characters made visible: a message must not steer the terminal that shows it.
pub(crate) fn visible(text: &str) -> String {
    let start: String = text.chars().take(QUOTED_CHARACTERS_MAX).collect();
    let dots = if start.len() < text.len() { "…" } else { "" };
    let visible: String = start.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() }).collect();
    visible + dots
}

/// Words as a sentence lists them: `a`, `b` or `c`.
pub(crate) fn listed<'a>(words: impl IntoIterator<Item = &'a str>, conjunction: &str) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {conjunction} {last}", rest.join(", ")),
        Some((only, _)) => only.clone(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{listed, nearest, quoted};

    #[test]
    fn a_typing_error_is_near_and_another_word_is_not() {
        let keys = ["name", "email", "phone", "notify", "escalation_policy"];
        for (word, meant) in [
            ("escalation_polcy", Some("escalation_policy")),
            ("fone", Some("phone")),
            ("Name", Some("name")),
            ("emial", Some("email")),
            ("notfiy", Some("notify")),
            ("calendar", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, keys), meant, "{word}");
        }
        assert_eq!(nearest(&"name".repeat(100_000), keys), None);
    }

    #[test]
    fn text_is_cut_and_made_visible() {
        assert_eq!(quoted("愛子"), "`愛子`");
        assert_eq!(quoted("a\u{1b}[31m\0"), "`a\\u{1b}[31m\\u{0}`");
        assert_eq!(quoted(&"x".repeat(61)), format!("`{}…`", "x".repeat(60)));
        assert_eq!(listed(["a", "b", "c"], "or"), "`a`, `b` or `c`");
    }
}
