//! The Events API from one end to the other: what tools post, who is paged, what is answered, and what becomes of the rest.
#![expect(clippy::unwrap_used, reason = "a test stops where an answer is not what it must be")]

#[path = "events/bench.rs"]
mod bench;

#[path = "events/bad_input.rs"]
mod bad_input;
#[path = "events/changes.rs"]
mod changes;
#[path = "events/keys.rs"]
mod keys;
#[path = "events/limit.rs"]
mod limit;
#[path = "events/rules.rs"]
mod rules;
#[path = "events/stories.rs"]
mod stories;
