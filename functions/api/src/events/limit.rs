//! How many events a key takes in a minute.
//!
//! Every process counts by itself and tells the table in blocks of a hundredth of the limit, so that most events cost nothing
//! here. One process alone keeps the limit exactly. Of several, each may take up to a block more than all of them together
//! should; none refuses anything before the limit is reached.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use hansho_store::{IntegrationKey, Store, StoreError};
use jiff::Timestamp;

/// Which part of the limit a process counts before it tells the table.
const BLOCKS: u32 = 100;
/// Largest block, in events.
const BLOCK_MAX: u32 = 1_000;
/// How many keys a process counts for; a deployment with more tells the table a little more often.
const KEYS_MAX: usize = 1_000;

/// What the keys took in this minute, as this process knows.
#[derive(Debug, Default)]
pub(crate) struct Limiter(Mutex<BTreeMap<String, Window>>);

/// The count of one key in one minute.
#[derive(Debug, Clone, Copy, Default)]
struct Window {
    minute: i64,
    /// What all processes had told the table when this one did so last.
    told: u64,
    /// What this process is telling it now.
    telling: u32,
    /// What it took since.
    untold: u32,
    /// Whether somebody was told that the limit is reached.
    is_reported: bool,
}

/// Whether an event is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    /// It is.
    Taken,
    /// It is not.
    Refused {
        /// When the next minute begins.
        seconds_left: u64,
        /// Whether nobody knows that yet.
        is_news: bool,
    },
}

/// What an event has to do before it is known whether it is taken.
enum Step {
    Done(Admission),
    Tell(u32),
}

impl Limiter {
    /// Counts an event that came in at `at` under `key`.
    pub(super) async fn admit(&self, store: &Store, key: &IntegrationKey, per_minute_max: u32, at: Timestamp) -> Admission {
        let minute = at.as_second().div_euclid(60);
        let block = (per_minute_max / BLOCKS).clamp(1, BLOCK_MAX);
        let step = self.with(key, minute, |window| {
            window.untold += 1;
            if window.telling == 0 && window.untold >= block && window.total() <= u64::from(per_minute_max) {
                window.telling = std::mem::take(&mut window.untold);
                return Step::Tell(window.telling);
            }
            Step::Done(window.admission(per_minute_max, at))
        });
        match step {
            Step::Done(admission) => admission,
            Step::Tell(events) => {
                let told = store.count_events(key, minute, events).await;
                self.told(key, minute, events, told);
                self.with(key, minute, |window| window.admission(per_minute_max, at))
            }
        }
    }

    /// Notes that somebody was told that the limit of `key` is reached.
    pub(super) fn reported(&self, key: &IntegrationKey, at: Timestamp) {
        self.with(key, at.as_second().div_euclid(60), |window| window.is_reported = true);
    }

    fn told(&self, key: &IntegrationKey, minute: i64, events: u32, told: Result<u64, StoreError>) {
        self.with(key, minute, |window| {
            match told {
                Ok(told) => window.told = told,
                // A table that does not count is no reason to refuse an alarm.
                Err(error) => {
                    tracing::warn!(error = %hansho_runtime::chain(&error), key = key.id, "events could not be counted");
                    window.untold += events;
                }
            }
            window.telling = 0;
        });
    }

    fn with<T>(&self, key: &IntegrationKey, minute: i64, look: impl FnOnce(&mut Window) -> T) -> T {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= KEYS_MAX && !windows.contains_key(&key.id) {
            windows.clear();
        }
        let window = windows.entry(key.id.clone()).or_default();
        if window.minute < minute {
            *window = Window { minute, ..Window::default() };
        }
        look(window)
    }
}

impl Window {
    fn total(&self) -> u64 {
        self.told + u64::from(self.telling) + u64::from(self.untold)
    }

    fn admission(&self, per_minute_max: u32, at: Timestamp) -> Admission {
        if self.total() <= u64::from(per_minute_max) {
            return Admission::Taken;
        }
        let seconds_left = u64::try_from(60 - at.as_second().rem_euclid(60)).unwrap_or(60);
        Admission::Refused { seconds_left, is_news: !self.is_reported }
    }
}
