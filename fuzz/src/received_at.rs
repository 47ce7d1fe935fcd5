//! When everything comes in: no check reads a clock.

use jiff::Timestamp;

/// A Saturday morning in Tokyo.
pub fn received_at() -> Timestamp {
    Timestamp::constant(1_795_198_362, 0)
}
