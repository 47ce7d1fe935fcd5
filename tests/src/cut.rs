//! A function that dies at one of its calls.

use std::sync::atomic::{AtomicI64, Ordering};

use hansho::local::aws::{Call, Gate, Passage, Pending};

/// Lets so many calls through, and then none any more: of the last one the answer is lost.
#[derive(Debug)]
pub struct Cut(AtomicI64);

impl Cut {
    /// Lets every call through.
    pub fn none() -> Self {
        Self(AtomicI64::new(i64::MAX))
    }

    /// So many calls more.
    pub fn after(&self, calls: i64) {
        self.0.store(calls, Ordering::SeqCst);
    }

    /// Lets every call through from now on, and says how many were left.
    pub fn mend(&self) -> i64 {
        self.0.swap(i64::MAX, Ordering::SeqCst)
    }
}

impl Gate for Cut {
    fn pass<'a>(&'a self, _: &'a Call) -> Pending<'a, Passage> {
        let passage = match self.0.fetch_sub(1, Ordering::SeqCst) {
            2.. => Passage::Run,
            1 => Passage::RunThenFail("the function died".to_owned()),
            _ => Passage::Fail("the function died".to_owned()),
        };
        Box::pin(std::future::ready(passage))
    }
}
