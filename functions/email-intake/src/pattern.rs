//! Regular expressions, compiled within limits. The crate's take time in proportion to the text, whatever they are; only their size needs
//! a bound.

use hansho_domain::mail_rules::COMPILED_BYTES_MAX;
use regex::{Regex, RegexBuilder};

/// A regular expression; `None` when it is none or too large. `hansho check` refuses those that the configuration has.
pub fn compiled(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).size_limit(COMPILED_BYTES_MAX).dfa_size_limit(COMPILED_BYTES_MAX).build().ok()
}
