//! Virtual time that moves on when everybody waits for it.

use std::{
    collections::BTreeMap,
    future::{Future, poll_fn},
    sync::{Mutex, PoisonError},
    task::{Poll, Waker},
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use hansho_runtime::{Clock, clock::Sleep};
use jiff::{SignedDuration, Timestamp};

/// How often all others have their turn before time moves on.
const ROUNDS: usize = 4;

/// A clock that its owner moves to the next moment for which anybody waits.
#[derive(Debug)]
pub(crate) struct SteppedClock(Mutex<State>);

#[derive(Debug)]
struct State {
    now: Timestamp,
    /// Those who wait, by when, each under a number of its own.
    waiting: BTreeMap<(Timestamp, u64), Waker>,
    next: u64,
}

impl SteppedClock {
    pub(crate) fn new(at: Timestamp) -> Self {
        Self(Mutex::new(State { now: at, waiting: BTreeMap::new(), next: 0 }))
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends when it is `at`.
    pub(crate) async fn wait_until(&self, at: Timestamp) {
        let number = self.with(|state| {
            state.next += 1;
            state.next
        });
        poll_fn(|context| {
            self.with(|state| {
                if state.now >= at {
                    return Poll::Ready(());
                }
                state.waiting.insert((at, number), context.waker().clone());
                Poll::Pending
            })
        })
        .await;
    }

    /// Runs all of them to their end; what each came to, in no order. Time moves when none of them can go on.
    pub(crate) async fn run<T>(&self, all: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
        let mut running: FuturesUnordered<_> = all.into_iter().collect();
        let mut done = Vec::new();
        while !running.is_empty() {
            let next = poll_fn(|context| match running.poll_next_unpin(context) {
                Poll::Ready(next) => Poll::Ready(next),
                Poll::Pending => Poll::Ready(None),
            });
            match next.await {
                Some(one) => done.push(one),
                None => {
                    // What they have spawned goes first.
                    for _ in 0..ROUNDS {
                        tokio::task::yield_now().await;
                    }
                    self.step();
                }
            }
        }
        done
    }

    /// Moves to the next moment for which anybody waits. Where nobody does, somebody only lets others go first.
    fn step(&self) {
        let due = self.with(|state| {
            let Some(((at, _), _)) = state.waiting.first_key_value() else { return Vec::new() };
            state.now = state.now.max(*at);
            let later = state.waiting.split_off(&(state.now, u64::MAX));
            std::mem::replace(&mut state.waiting, later).into_values().collect()
        });
        due.into_iter().for_each(Waker::wake);
    }
}

impl Clock for SteppedClock {
    fn now(&self) -> Timestamp {
        self.with(|state| state.now)
    }

    fn sleep(&self, duration: Duration) -> Sleep<'_> {
        let at = self.now().saturating_add(SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)).unwrap_or(Timestamp::MAX);
        Box::pin(self.wait_until(at))
    }
}
