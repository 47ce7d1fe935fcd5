//! Rules: which alert goes where, and what is changed about it on the way.
//!
//! A rule asks in CEL (the Common Expression Language, <https://cel.dev>) and says what is done. Nothing here reads a clock, a network
//! or a file. Rules are trusted to be sensible and not to be cheap, and alerts are trusted in nothing: what a rule may cost on an alert
//! is worked out before it is evaluated (`cost.rs`), and what it sees of an alert is cut (`facts.rs`), so no payload makes it slow.
//!
//! The way of an alert: its [`Subject`] and its [`Event`] make a [`Decision`]; the [`RuleSet`] for all alerts is applied to that, then
//! the one of the service that it leads to; [`Decision::finish`] says what came of it, with a [`Trace`] of every rule that was tried.

mod check;
mod cost;
mod decision;
mod event;
mod expression;
mod facts;
mod failure;
mod function;
mod kind;
mod reading;
mod reads;
mod rule_set;
mod scope;
mod shortcut;
mod subject;
mod template;
mod trace;

pub use check::{VARIABLES, Variable};
pub use decision::{Decision, Outcome, Suppression};
pub use event::{Event, Part, body};
pub use expression::{EXPRESSION_BYTES_MAX, Expression};
pub use reading::{Reading, Says};
pub use rule_set::RuleSet;
pub use subject::Subject;
pub use template::Template;
pub use trace::{Change, Trace, Tried, Verdict};
