//! The gate: its owner decides when a call runs, whether it runs, and what becomes of its answer.

use std::{future, pin::Pin, sync::Arc};

use super::{Answer, Call};

/// What a gate gives back, now or later.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Whether a call runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passage {
    /// It runs.
    Run,
    /// It does not run and is answered with this: an injected fault, or the answer of a real service that the gate has asked itself.
    Answer(Answer),
    /// It does not run: the request never arrived. The client sees a dispatch failure.
    Fail(String),
    /// It runs, but its answer is lost. The client sees a dispatch failure.
    RunThenFail(String),
    /// It runs, but the client has given up waiting when its answer comes. Waiting that long is the part of [`Gate::answered`].
    RunThenTimeOut(String),
}

/// Asked around every call. Both hooks may wait as long as they like: a simulation holds calls back here, and one that never wakes
/// a future again has crashed its caller. The default of both lets everything through at once.
pub trait Gate: Send + Sync {
    /// Before anything happens.
    fn pass<'a>(&'a self, call: &'a Call) -> Pending<'a, Passage> {
        let _ = call;
        Box::pin(future::ready(Passage::Run))
    }

    /// After a call has run, also where its answer is lost. `Some` replaces the answer, unless it is lost anyway.
    fn answered<'a>(&'a self, call: &'a Call, answer: &'a Answer) -> Pending<'a, Option<Answer>> {
        let _ = (call, answer);
        Box::pin(future::ready(None))
    }
}

/// The gate that runs everything at once.
#[derive(Debug, Clone, Copy, Default)]
pub struct OpenGate;

impl Gate for OpenGate {}

/// A gate that its owner keeps a hand on.
impl<G: Gate + ?Sized> Gate for Arc<G> {
    fn pass<'a>(&'a self, call: &'a Call) -> Pending<'a, Passage> {
        self.as_ref().pass(call)
    }

    fn answered<'a>(&'a self, call: &'a Call, answer: &'a Answer) -> Pending<'a, Option<Answer>> {
        self.as_ref().answered(call, answer)
    }
}
