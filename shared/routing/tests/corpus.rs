//! The corpus of the fuzz target `rules` (fuzz/README.md): what was found once, and what hostile senders may think of.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what can not be made can not be checked")]

#[path = "../../../fuzz/src/replay.rs"]
mod replay;
#[path = "../../../fuzz/src/rules.rs"]
mod rules;

#[test]
fn every_rule_of_the_corpus_decides_the_same_again_within_bounds() {
    replay::replay("rules", rules::check);
}
