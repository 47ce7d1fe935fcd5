//! The clock, handed in so that tests and simulations have their own.

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use jiff::Timestamp;

/// A future that ends when time has passed.
pub type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Tells the time and waits.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The time now, to the millisecond: what is stored and compared has no finer parts.
    fn now(&self) -> Timestamp;

    /// Ends after `duration` of this clock's time.
    fn sleep(&self, duration: Duration) -> Sleep<'_>;
}

/// A clock that everybody holds.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
        whole_milliseconds(Timestamp::now())
    }

    fn sleep(&self, duration: Duration) -> Sleep<'_> {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that waits")]
        Box::pin(tokio::time::sleep(duration))
    }
}

/// `at` without what is finer than a millisecond.
pub fn whole_milliseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}
