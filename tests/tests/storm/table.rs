//! A table whose calls take time, whose items take so many writes a second, and whose writes are counted.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use aws_sdk_dynamodb::Client;
use hansho::local::aws::{Answer, Call, EmbeddedDynamoDb, Endpoints, Gate, Passage, Pending, Service};
use hansho_runtime::{Aws, Clock};
use serde_json::Value;

use crate::time::SteppedClock;

/// How long a call takes.
const LATENCY: std::time::Duration = std::time::Duration::from_millis(5);

/// What was written.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    pub(crate) writes: u32,
    /// How many of them were throttled.
    pub(crate) throttled: u32,
    /// How often somebody came to a gate.
    pub(crate) came_to_gates: u32,
}

/// The table, as storms see it.
pub(crate) struct StormTable {
    database: EmbeddedDynamoDb,
    clock: Arc<SteppedClock>,
    writes_per_second: Option<u32>,
    cost: Mutex<Cost>,
    /// How often each item was written in which second.
    written: Mutex<BTreeMap<(String, String), (i64, u32)>>,
    /// Calls take time from the first one on that somebody asks the cost of.
    is_ready: AtomicBool,
}

impl StormTable {
    pub(crate) fn new(database: EmbeddedDynamoDb, clock: Arc<SteppedClock>, writes_per_second: Option<u32>) -> Self {
        Self { database, clock, writes_per_second, cost: Mutex::default(), written: Mutex::default(), is_ready: AtomicBool::new(false) }
    }

    /// A client that reaches this table.
    pub(crate) fn client(self: &Arc<Self>) -> Client {
        let endpoints = Endpoints::new(self.database.clone(), Arc::new(crate::fixtures::NothingElse)).with_gate(Arc::<Self>::clone(self));
        Client::new(&Aws::in_process(endpoints.client()).config("dynamodb"))
    }

    /// What was written since the last time.
    pub(crate) fn cost(&self) -> Cost {
        self.is_ready.store(true, Ordering::Relaxed);
        std::mem::take(&mut self.cost.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many writes there were since then.
    pub(crate) fn writes(&self) -> u32 {
        self.cost.lock().unwrap_or_else(PoisonError::into_inner).writes
    }

    /// Whether every item that the call writes takes one more in this second.
    fn takes(&self, request: &Value) -> bool {
        let Some(most) = self.writes_per_second else { return true };
        let second = self.clock.now().as_second();
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        items(request).into_iter().all(|item| {
            let (last, count) = written.entry(item).or_insert((second, 0));
            if *last != second {
                (*last, *count) = (second, 0);
            }
            *count += 1;
            *count <= most
        })
    }

    fn answer(&self, call: &Call) -> Answer {
        let request: Value = serde_json::from_slice(&call.body).unwrap();
        if !matches!(call.operation.as_str(), "GetItem" | "Query" | "BatchGetItem") {
            let is_taken = self.takes(&request);
            let mut cost = self.cost.lock().unwrap_or_else(PoisonError::into_inner);
            cost.writes += 1;
            cost.came_to_gates += u32::from(!request["ExpressionAttributeValues"][":opens"].is_null());
            if !is_taken {
                cost.throttled += 1;
                return Answer::throttled(Service::DynamoDb);
            }
        }
        let (status, body) = self.database.call(call.header("x-amz-target").unwrap(), &call.body);
        Answer::new(status, body).with_header("content-type", "application/x-amz-json-1.0")
    }
}

/// The items that a request writes.
fn items(request: &Value) -> Vec<(String, String)> {
    let key = |item: &Value| Some((item["pk"]["S"].as_str()?.to_owned(), item["sk"]["S"].as_str()?.to_owned()));
    let of_transaction = request["TransactItems"].as_array().into_iter().flatten();
    let parts = of_transaction.flat_map(|write| write.as_object().into_iter().flat_map(|write| write.values()));
    std::iter::once(request).chain(parts).filter_map(|write| key(&write["Key"]).or_else(|| key(&write["Item"]))).collect()
}

impl Gate for StormTable {
    fn pass<'a>(&'a self, call: &'a Call) -> Pending<'a, Passage> {
        Box::pin(async move {
            if call.service != Service::DynamoDb {
                return Passage::Run;
            }
            if self.is_ready.load(Ordering::Relaxed) {
                self.clock.sleep(LATENCY).await;
            }
            Passage::Answer(self.answer(call))
        })
    }
}
