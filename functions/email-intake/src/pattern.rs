//! Regular expressions, compiled within limits. The crate's take time in proportion to the text, whatever they are; only their size needs
//! a bound. Compiling takes much longer than matching, so they are kept for the next mails.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use hansho_domain::mail_rules::COMPILED_BYTES_MAX;
use regex::{Regex, RegexBuilder};

/// Most patterns that are kept. Usual ones take some 10 KB; the largest that there may be, [`COMPILED_BYTES_MAX`] and as much again to
/// match with, so that all together stay within half of the function's memory of 512 MB.
const KEPT_MAX: usize = 128;

/// The patterns of the mails before, for the life of the function.
static KEPT: Mutex<Patterns> = Mutex::new(Patterns { kept: BTreeMap::new(), turn: 0 });

/// Compiled patterns, by how they are written, each with the turn in which it was used last.
struct Patterns {
    kept: BTreeMap<String, (u64, Option<Regex>)>,
    turn: u64,
}

/// A regular expression; `None` when it is none or too large. `hansho check` refuses those that the configuration has.
pub fn compiled(pattern: &str) -> Option<Regex> {
    // A thread that panicked while holding it left nothing half-done.
    KEPT.lock().unwrap_or_else(PoisonError::into_inner).get(pattern)
}

impl Patterns {
    fn get(&mut self, pattern: &str) -> Option<Regex> {
        self.turn += 1;
        if let Some((used, regex)) = self.kept.get_mut(pattern) {
            *used = self.turn;
            return regex.clone();
        }
        if self.kept.len() >= KEPT_MAX
            && let Some(oldest) = self.kept.iter().min_by_key(|(_, (used, _))| *used).map(|(pattern, _)| pattern.clone())
        {
            self.kept.remove(&oldest);
        }
        let regex = RegexBuilder::new(pattern).size_limit(COMPILED_BYTES_MAX).dfa_size_limit(COMPILED_BYTES_MAX).build().ok();
        self.kept.insert(pattern.to_owned(), (self.turn, regex.clone()));
        regex
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{KEPT_MAX, Patterns};

    #[test]
    fn a_pattern_is_compiled_once_and_those_that_nobody_uses_go_first() {
        let mut patterns = Patterns { kept: BTreeMap::new(), turn: 0 };
        assert!(patterns.get("^a+$").unwrap().is_match("aa"));
        assert!(patterns.get("(").is_none() && patterns.get("(").is_none(), "what is none is known too");
        for n in 0..2 * KEPT_MAX {
            patterns.get(&format!("b{n}")).unwrap();
            patterns.get("^a+$").unwrap();
        }
        assert_eq!(patterns.kept.len(), KEPT_MAX);
        assert!(patterns.kept.contains_key("^a+$") && !patterns.kept.contains_key("(") && !patterns.kept.contains_key("b0"));
        assert_eq!(patterns.kept.values().filter(|(used, _)| *used + 2 >= patterns.turn).count(), 2, "the two that were used last");
    }
}
