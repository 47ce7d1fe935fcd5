//! What holds for any input whatever. Each module has one function, `check`: a target of `fuzz_targets/` calls it with what libFuzzer
//! makes up, and the test `corpus` of the crate that it checks includes the module and calls it with every file of the corpus.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what can not be made can not be checked")]

pub mod alarm;
pub mod events;
pub mod mail;
mod received_at;
pub mod replay;
pub mod rules;

use received_at::received_at;
