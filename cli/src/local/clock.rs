//! The local run's clock: the machine's, or one that stands still until it is moved.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use hansho_runtime::{
    Clock, SystemClock,
    clock::{Sleep, whole_milliseconds},
};
use jiff::Timestamp;

/// The machine's clock, or a virtual one.
#[derive(Debug)]
pub struct LocalClock {
    virtual_now: Option<Mutex<Timestamp>>,
}

impl LocalClock {
    /// The machine's clock.
    pub fn real() -> Self {
        Self { virtual_now: None }
    }

    /// A clock that stands at `start`.
    pub fn stopped_at(start: Timestamp) -> Self {
        Self { virtual_now: Some(Mutex::new(whole_milliseconds(start))) }
    }

    /// Whether it stands still by itself.
    pub fn is_virtual(&self) -> bool {
        self.virtual_now.is_some()
    }

    /// Moves a virtual clock to `at`; it never goes back. The machine's clock can not be moved.
    pub fn move_to(&self, at: Timestamp) {
        if let Some(now) = &self.virtual_now {
            let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
            *now = (*now).max(whole_milliseconds(at));
        }
    }
}

impl Clock for LocalClock {
    fn now(&self) -> Timestamp {
        match &self.virtual_now {
            Some(now) => *now.lock().unwrap_or_else(PoisonError::into_inner),
            None => SystemClock.now(),
        }
    }

    /// On a virtual clock nobody waits: time passes only when it is moved.
    fn sleep(&self, duration: Duration) -> Sleep<'_> {
        if self.is_virtual() { Box::pin(std::future::ready(())) } else { SystemClock.sleep(duration) }
    }
}
