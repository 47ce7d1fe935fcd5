//! Patterns with `*`, compared with each other: whether one matches all that another does, and what both match.

/// Whether every text that `inner` matches is matched by `outer` as well.
///
/// `*` of `inner` stands for any text, so only a `*` of `outer` can take it in; everything else is letter by letter. That is
/// matching `inner` as if it were a text whose `*` is a letter of its own, with which no letter of `outer` agrees.
pub(super) fn contains(outer: &str, inner: &str) -> bool {
    let (outer, inner): (Vec<char>, Vec<char>) = (tokens(outer), tokens(inner));
    let (mut o, mut i) = (0, 0);
    // Where to go on when what followed the last `*` of `outer` does not fit: with one letter more for that star.
    let mut retry: Option<(usize, usize)> = None;
    while i < inner.len() {
        if outer.get(o) == Some(&'*') {
            retry = Some((o + 1, i));
            o += 1;
        } else if inner[i] != '*' && outer.get(o) == Some(&inner[i]) {
            o += 1;
            i += 1;
        } else if let Some((after_star, taken)) = retry {
            (o, i) = (after_star, taken + 1);
            retry = Some((after_star, taken + 1));
        } else {
            return false;
        }
    }
    outer[o..].iter().all(|letter| *letter == '*')
}

/// A text that both patterns match, if there is one.
pub(super) fn example_of_both(a: &str, b: &str) -> Option<String> {
    let (a, b) = (tokens(a), tokens(b));
    let letters_fit = |a: &[char], b: &[char]| a.iter().zip(b).take_while(|(x, y)| **x != '*' && **y != '*').all(|(x, y)| x == y);
    let backwards = |text: &[char]| text.iter().rev().copied().collect::<Vec<_>>();
    // Most pairs differ before their first star, or after their last.
    if !letters_fit(&a, &b) || !letters_fit(&backwards(&a), &backwards(&b)) {
        return None;
    }
    let ends = reachable(&a, &b);
    let mut text = String::new();
    let (mut i, mut j) = (0, 0);
    while ends.at(i, j) && (i < a.len() || j < b.len()) {
        let (x, y) = (a.get(i), b.get(j));
        match (x, y) {
            (Some('*'), _) if ends.at(i + 1, j) => i += 1,
            (_, Some('*')) if ends.at(i, j + 1) => j += 1,
            (Some('*'), Some(letter)) => {
                text.push(*letter);
                j += 1;
            }
            (Some(letter), Some('*')) => {
                text.push(*letter);
                i += 1;
            }
            (Some(letter), Some(_)) => {
                text.push(*letter);
                i += 1;
                j += 1;
            }
            (Some(_), None) | (None, Some(_)) | (None, None) => return None,
        }
    }
    ends.at(i, j).then_some(text)
}

/// For each pair of places in two patterns, whether what is left of both has a text in common.
struct Reachable {
    width: usize,
    table: Vec<bool>,
}

impl Reachable {
    fn at(&self, i: usize, j: usize) -> bool {
        self.table.get(i * self.width + j).copied().unwrap_or(false)
    }
}

fn reachable(a: &[char], b: &[char]) -> Reachable {
    let width = b.len() + 1;
    let mut ends = Reachable { width, table: vec![false; (a.len() + 1) * width] };
    for i in (0..=a.len()).rev() {
        for j in (0..=b.len()).rev() {
            let fits = match (a.get(i), b.get(j)) {
                (None, None) => true,
                // A star stands for nothing, or for one letter more of the other.
                (Some('*'), None) => ends.at(i + 1, j),
                (None, Some('*')) => ends.at(i, j + 1),
                (Some('*'), Some(_)) | (Some(_), Some('*')) => ends.at(i + 1, j) || ends.at(i, j + 1),
                (Some(x), Some(y)) => x == y && ends.at(i + 1, j + 1),
                (Some(_), None) | (None, Some(_)) => false,
            };
            ends.table[i * width + j] = fits;
        }
    }
    ends
}

/// The letters of a pattern, without a star beside another: they say the same.
fn tokens(pattern: &str) -> Vec<char> {
    let mut letters: Vec<char> = pattern.chars().collect();
    letters.dedup_by(|a, b| *a == '*' && *b == '*');
    letters
}

#[cfg(test)]
mod tests {
    use hansho_domain::AlarmPattern;

    use super::{contains, example_of_both};

    #[test]
    fn a_pattern_contains_another_when_it_matches_all_of_it() {
        for (outer, inner, expected) in [
            ("*", "", true),
            ("*", "a*b", true),
            ("a*", "ab*c", true),
            ("a*", "a", true),
            ("a", "a*", false),
            ("a*b", "a*", false),
            ("*-errors", "checkout-*-errors", true),
            ("a*b*c", "abc", true),
            ("a*b*c", "a*c", false),
            ("*ab", "*aab", true),
            ("**", "*", true),
            ("", "", true),
            ("", "*", false),
            ("愛*", "愛子", true),
        ] {
            assert_eq!(contains(outer, inner), expected, "{outer} {inner}");
        }
    }

    /// Every pair of short patterns over two letters, against every short text.
    #[test]
    fn comparing_patterns_agrees_with_matching_every_text() {
        let words = |letters: &[char], longest: usize| {
            let mut all = vec![String::new()];
            let mut last = all.clone();
            for _ in 0..longest {
                last = last.iter().flat_map(|word| letters.iter().map(move |letter| format!("{word}{letter}"))).collect();
                all.extend(last.clone());
            }
            all
        };
        let patterns = words(&['a', 'b', '*'], 4);
        // A third letter stands for all that the patterns do not name.
        let texts = words(&['a', 'b', 'c'], 6);
        let matched: Vec<Vec<bool>> = patterns
            .iter()
            .map(|pattern| texts.iter().map(|text| AlarmPattern::new(pattern.clone()).matches(text, "")).collect())
            .collect();
        for (a, of_a) in patterns.iter().zip(&matched) {
            for (b, of_b) in patterns.iter().zip(&matched) {
                let within = of_a.iter().zip(of_b).all(|(a, b)| *a || !*b);
                assert_eq!(contains(a, b), within, "{a:?} contains {b:?}");
                let both = of_a.iter().zip(of_b).any(|(a, b)| *a && *b);
                let example = example_of_both(a, b);
                assert_eq!(example.is_some(), both, "{a:?} and {b:?}");
                if let Some(text) = example {
                    let matches = |pattern: &str| AlarmPattern::new(pattern.to_owned()).matches(&text, "");
                    assert!(matches(a) && matches(b), "{text:?} for {a:?} and {b:?}");
                }
            }
        }
    }
}
