//! The corpus of the fuzz target `events` (fuzz/README.md): what was found once, and what hostile senders may think of.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what can not be made can not be checked")]

#[path = "../../../fuzz/src/events.rs"]
mod events;
#[path = "../../../fuzz/src/received_at.rs"]
mod received_at;
#[path = "../../../fuzz/src/replay.rs"]
mod replay;

use received_at::received_at;

#[test]
fn every_event_of_the_corpus_is_a_signal_or_refused_with_its_mistakes() {
    replay::replay("events", events::check);
}
