//! What topics of SNS send over HTTPS, from one end to the other: who is paged, what is refused, and what becomes of subscriptions.
#![expect(clippy::unwrap_used, reason = "a test stops where an answer is not what it must be")]

#[path = "sns/amazon.rs"]
mod amazon;
#[path = "sns/bench.rs"]
mod bench;

#[path = "sns/crashes.rs"]
mod crashes;
#[path = "sns/forged.rs"]
mod forged;
#[path = "sns/raw.rs"]
mod raw;
#[path = "sns/stories.rs"]
mod stories;
#[path = "sns/subscriptions.rs"]
mod subscriptions;
