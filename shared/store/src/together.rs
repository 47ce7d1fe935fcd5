//! Callers of one process that ask for the same at the same time, served together.
//!
//! While something is under way for a key, whoever asks for it waits, and all of them share the next turn: what is read for
//! them is read after they asked, and what is written for them is one write. So a storm on one key costs a process one
//! request of a kind at a time, however many events it brings.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::oneshot;

/// Those who wait, by what they wait for. A key is there while something is under way for it.
type Queues<Ask, Answer> = Mutex<BTreeMap<String, Vec<Waiting<Ask, Answer>>>>;

/// The turns of one kind of request.
#[derive(Debug)]
pub(crate) struct Together<Ask, Answer>(Arc<Queues<Ask, Answer>>);

impl<Ask, Answer> Default for Together<Ask, Answer> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

#[derive(Debug)]
struct Waiting<Ask, Answer> {
    ask: Ask,
    told: oneshot::Sender<Told<Ask, Answer>>,
}

/// What somebody who waited is told.
#[derive(Debug)]
enum Told<Ask, Answer> {
    /// It was done for them.
    Done(Answer),
    /// It is theirs to do.
    Lead(Ask, Lead<Ask, Answer>),
}

enum Place<Ask, Answer> {
    First(Ask),
    Behind(oneshot::Receiver<Told<Ask, Answer>>),
}

impl<Ask, Answer: Clone> Together<Ask, Answer> {
    /// Has `work` done for `ask`, and for all who asked for `key` while something was under way for it. `None`: whoever did it
    /// for this caller was cancelled, and it is not known how far they came.
    pub(crate) async fn share<Work>(&self, key: &str, ask: Ask, work: impl FnOnce(Vec<Ask>) -> Work) -> Option<Answer>
    where
        Work: Future<Output = Answer>,
    {
        let (own, mut lead) = match self.place(key, ask) {
            Place::First(ask) => (ask, Lead { queues: Arc::clone(&self.0), key: key.to_owned(), others: Vec::new() }),
            Place::Behind(turn) => match turn.await {
                Ok(Told::Done(answer)) => return Some(answer),
                Ok(Told::Lead(own, lead)) => (own, lead),
                Err(_) => return None,
            },
        };
        let (asks, told): (Vec<Ask>, Vec<_>) = std::mem::take(&mut lead.others).into_iter().map(|other| (other.ask, other.told)).unzip();
        let answer = work(std::iter::once(own).chain(asks).collect()).await;
        // The next turn begins before those of this one are told.
        drop(lead);
        for told in told {
            // Whoever has gone meanwhile needs no answer.
            let _ = told.send(Told::Done(answer.clone()));
        }
        Some(answer)
    }

    fn place(&self, key: &str, ask: Ask) -> Place<Ask, Answer> {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(queue) = queues.get_mut(key) else {
            queues.insert(key.to_owned(), Vec::new());
            return Place::First(ask);
        };
        let (told, turn) = oneshot::channel();
        queue.push(Waiting { ask, told });
        Place::Behind(turn)
    }
}

/// The turn of a key. When it ends, also by being cancelled, those who wait have the next one.
#[derive(Debug)]
struct Lead<Ask, Answer> {
    queues: Arc<Queues<Ask, Answer>>,
    key: String,
    /// Those for whom it is done too, until it begins.
    others: Vec<Waiting<Ask, Answer>>,
}

impl<Ask, Answer> Lead<Ask, Answer> {
    /// Everybody who waits and is still there; the key is free when nobody does.
    fn take_waiting(&mut self) -> Vec<Waiting<Ask, Answer>> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = std::mem::take(&mut self.others);
        all.append(queues.get_mut(&self.key).unwrap_or(&mut Vec::new()));
        all.retain(|waiting| !waiting.told.is_closed());
        if all.is_empty() {
            queues.remove(&self.key);
        }
        all
    }
}

impl<Ask, Answer> Drop for Lead<Ask, Answer> {
    fn drop(&mut self) {
        let mut all = self.take_waiting().into_iter();
        let Some(first) = all.next() else { return };
        let next = Self { queues: Arc::clone(&self.queues), key: std::mem::take(&mut self.key), others: all.collect() };
        // Where it is gone since, what comes back is dropped here, and goes on to the one after it.
        let _ = first.told.send(Told::Lead(first.ask, next));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::{Future, poll_fn},
        pin::Pin,
        sync::Mutex,
        task::{Context, Poll, Waker},
    };

    use tokio::sync::oneshot;

    use super::Together;

    type Running<'a> = Pin<Box<dyn Future<Output = Option<usize>> + 'a>>;

    /// One poll, without a runtime.
    fn poll(running: &mut Running<'_>) -> Option<Option<usize>> {
        match running.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => Some(answer),
            Poll::Pending => None,
        }
    }

    /// Work that ends when it is told, and says for how many it was.
    fn ask<'a>(together: &'a Together<u8, usize>, turns: &'a Mutex<Vec<Vec<u8>>>, ask: u8, end: oneshot::Receiver<()>) -> Running<'a> {
        Box::pin(together.share("key", ask, move |asks| {
            turns.lock().unwrap().push(asks.clone());
            async move {
                let mut end = end;
                let _ = poll_fn(|context| Pin::new(&mut end).poll(context)).await;
                asks.len()
            }
        }))
    }

    #[test]
    fn whoever_asks_while_something_is_under_way_shares_the_next_turn() {
        let (together, turns) = (Together::default(), Mutex::default());
        let (ends, waits): (Vec<_>, Vec<_>) = (0..5).map(|_| oneshot::channel()).unzip();
        let mut running: Vec<Running<'_>> = (0..).zip(waits).map(|(n, end)| ask(&together, &turns, n, end)).collect();
        for running in &mut running {
            assert_eq!(poll(running), None);
        }
        assert_eq!(*turns.lock().unwrap(), [vec![0]], "the first does not wait for others");
        let mut ends = ends.into_iter();
        ends.next().unwrap().send(()).unwrap();
        assert_eq!(poll(&mut running[0]), Some(Some(1)));
        assert_eq!(poll(&mut running[1]), None, "the second does it for the others");
        ends.next().unwrap().send(()).unwrap();
        for running in &mut running[1..] {
            assert_eq!(poll(running), Some(Some(4)));
        }
        assert_eq!(*turns.lock().unwrap(), [vec![0], vec![1, 2, 3, 4]]);
    }

    #[test]
    fn whoever_goes_leaves_the_turn_to_those_who_wait() {
        let (together, turns) = (Together::default(), Mutex::default());
        let (ends, waits): (Vec<_>, Vec<_>) = (0..4).map(|_| oneshot::channel()).unzip();
        let mut running: Vec<Running<'_>> = (0..).zip(waits).map(|(n, end)| ask(&together, &turns, n, end)).collect();
        for running in &mut running {
            assert_eq!(poll(running), None);
        }
        // The first goes in the middle of its work, the second before it hears that it is next, the third was never heard of.
        drop(running.remove(0));
        drop(running.remove(0));
        drop(running.remove(0));
        assert_eq!(poll(&mut running[0]), None);
        ends.into_iter().nth(3).unwrap().send(()).unwrap();
        assert_eq!(poll(&mut running[0]), Some(Some(1)));
        assert_eq!(*turns.lock().unwrap(), [vec![0], vec![3]]);
        let (end, wait) = oneshot::channel();
        end.send(()).unwrap();
        assert_eq!(poll(&mut ask(&together, &turns, 9, wait)), Some(Some(1)), "the key is free again");
    }

    #[test]
    fn whoever_was_served_by_somebody_who_went_knows_that_it_is_not_known() {
        let (together, turns) = (Together::default(), Mutex::default());
        let (ends, waits): (Vec<_>, Vec<_>) = (0..3).map(|_| oneshot::channel()).unzip();
        let mut running: Vec<Running<'_>> = (0..).zip(waits).map(|(n, end)| ask(&together, &turns, n, end)).collect();
        for running in &mut running {
            assert_eq!(poll(running), None);
        }
        // The others' work goes on.
        let mut ends = ends.into_iter();
        ends.next().unwrap().send(()).unwrap();
        assert_eq!(poll(&mut running[0]), Some(Some(1)));
        assert_eq!(poll(&mut running[1]), None, "it works for the third, too");
        drop(running.remove(1));
        assert_eq!(poll(&mut running[1]), Some(None));
    }
}
