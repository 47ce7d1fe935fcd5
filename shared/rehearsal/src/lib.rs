//! Rehearsals: what would happen if this alarm went off then, played to the end without sending anything.
//!
//! What is played on is a [`Stage`]: a service as configured, with the overrides, maintenance windows and turns that are live beside it.
//! The pages come from the domain's own `open` and `step`, fed with the deadlines that they set and with the answers that a
//! [`Scenario`] gives people; nothing here knows what a step, a round or an urgency is. What stands between a decision and a
//! message, the gate per person and method and the last look, is played in `delivery.rs` as `functions/delivery` does it.
//! Providers are well, and nobody else works on the incident. Pure like the domain: no clock, no network.

mod delivery;
mod expectation;
mod play;
mod scenario;
mod span;
mod stage;
mod story;
mod sweep;
mod test;

pub use expectation::{Expectation, Whom};
pub use play::{STEPS_MAX, rehearse};
pub use scenario::{Answer, REPAGES_DEFAULT, Reaction, Scenario};
pub use span::written;
pub use stage::{Beyond, Stage, TurnsTaken};
pub use story::{Ending, Idle, IdleAnswer, Moment, Page, Story};
pub use sweep::{Lack, Reach, Span, Sweep, spans};
pub use test::{About, Expected, Place, Test, TestFailure, When, zone_of};
