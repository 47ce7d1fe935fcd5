//! The corpus of the fuzz target `mail` (fuzz/README.md): what was found once, and what hostile senders may think of.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what can not be made can not be checked")]

#[path = "../../../fuzz/src/mail.rs"]
mod mail;
#[path = "../../../fuzz/src/received_at.rs"]
mod received_at;
#[path = "../../../fuzz/src/replay.rs"]
mod replay;

use received_at::received_at;

#[test]
fn every_mail_of_the_corpus_is_a_signal_of_bounded_size() {
    replay::replay("mail", mail::check);
}
