//! Topics that are not configured: anybody can have one, and point it here.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// How many of their messages a process looks at in a minute.
const MESSAGES_PER_MINUTE_MAX: u32 = 20;

/// How many messages of theirs came in this minute.
#[derive(Debug, Default)]
pub(super) struct Strangers(Mutex<(i64, u32)>);

impl Strangers {
    /// Whether one more is looked at. Beyond that they would have this process download certificates and write down tasks as they like.
    pub(super) fn admit(&self, now: Timestamp) -> bool {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now.as_second().div_euclid(60);
        if counted.0 != minute {
            *counted = (minute, 0);
        }
        counted.1 = counted.1.saturating_add(1);
        counted.1 <= MESSAGES_PER_MINUTE_MAX
    }
}
