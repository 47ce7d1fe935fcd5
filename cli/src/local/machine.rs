//! The machine: one process that plays what runs Hansho on AWS. It invokes a function for every message and timer that
//! comes due, feeds the relay from the index of pending outbox rows, and wakes the sweeper.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicI64, Ordering},
};

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use hansho_config::PutInForce;
use hansho_configuration::Loaded;
use hansho_domain::{EffectId, NoticeId};
use hansho_runtime::{Answer, Aws, Clock, Downloads, Secrets, SharedClock};
use hansho_store::{Author, Oversized, Proposed, Store, StoreError, Version, create_table};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    aws::{EmbeddedDynamoDb, Endpoints, Gate},
    clock::LocalClock,
    functions::{self, Functions, UnknownFunction},
    mailbag::{Mailbag, Waiting},
    outbox::Outbox,
};

/// The table's name.
pub const TABLE: &str = "hansho";
/// How many invocations may follow from one moment; more is a loop.
const INVOCATIONS_MAX: usize = 200_000;
/// How many rows the index of work names of one shard at once: where it names fewer, there are no more.
const NAMED_AT_ONCE: usize = 100;

/// The machine can not go on.
#[derive(Debug, thiserror::Error)]
pub enum MachineError {
    /// The table does not answer.
    #[error("the table does not answer")]
    Store(#[from] StoreError),
    /// Parts of the configuration are too large for the table.
    #[error("{} can not be stored; call fewer people, or divide it", .0.iter().map(|part| format!("{} ({} bytes)", part.what, part.bytes)).collect::<Vec<_>>().join(", "))]
    TooLarge(Vec<Oversized>),
    /// Somebody else applied a configuration at the same moment.
    #[error("somebody else put version {0} of the configuration in force at the same moment; try again")]
    Overtaken(u64),
    /// More and more work follows from one moment.
    #[error("after {INVOCATIONS_MAX} invocations there is still more to do at {0}; something feeds itself")]
    Endless(Timestamp),
}

/// What a machine is made of.
pub struct Setup {
    /// The database.
    pub database: EmbeddedDynamoDb,
    /// The clock.
    pub clock: Arc<LocalClock>,
    /// The key that signs links.
    pub secrets: Secrets,
    /// Where links lead.
    pub public_url: String,
    /// Where what was sent is kept; in memory when there is nothing.
    pub outbox: Option<Outbox>,
    /// How often the sweeper is woken; a minute on AWS.
    pub sweep_every: SignedDuration,
    /// Stands before every call to AWS; a simulation breaks things there.
    pub gate: Option<Arc<dyn Gate>>,
    /// The way to what Amazon serves to anybody: certificates of SNS, and the confirmation of subscriptions. Without it these end in
    /// this process, as everything else does.
    pub downloads: Option<Downloads>,
}

/// One machine that runs Hansho.
#[derive(Debug)]
pub struct Machine {
    clock: Arc<LocalClock>,
    store: Arc<Store>,
    functions: Functions,
    mailbag: Arc<Mailbag>,
    outbox: Arc<Outbox>,
    client: aws_sdk_dynamodb::Client,
    sweep_every: SignedDuration,
    next_sweep_ms: AtomicI64,
    database: EmbeddedDynamoDb,
    /// When, and after how many additions to the table, there was last known to be nothing for the relay.
    relayed: Mutex<Option<(Timestamp, u64)>>,
}

impl Machine {
    /// A machine. [`Machine::prepare`] makes its table.
    pub fn new(setup: Setup) -> Self {
        let clock: SharedClock = Arc::<LocalClock>::clone(&setup.clock);
        let outbox = Arc::new(setup.outbox.unwrap_or_else(|| Outbox::new(Arc::clone(&clock))));
        let mailbag = Arc::new(Mailbag::new(Arc::clone(&clock), Arc::clone(&outbox)));
        let mut endpoints = Endpoints::new(setup.database.clone(), Arc::<Mailbag>::clone(&mailbag));
        if let Some(gate) = setup.gate {
            endpoints = endpoints.with_gate(gate);
        }
        let aws = Aws::in_process(endpoints.clone().client());
        let store = functions::store(&aws, TABLE, clock);
        let connector = SharedHttpConnector::new(endpoints);
        let downloads = setup.downloads.unwrap_or_else(|| Downloads::over(connector.clone()));
        let functions = Functions::new(&store, &aws, connector, downloads, &setup.secrets, &setup.public_url);
        let first_sweep = setup.clock.now();
        Self {
            clock: setup.clock,
            store,
            functions,
            mailbag,
            outbox,
            client: aws_sdk_dynamodb::Client::new(&aws.config("dynamodb")),
            sweep_every: setup.sweep_every,
            next_sweep_ms: AtomicI64::new(first_sweep.as_millisecond()),
            database: setup.database,
            relayed: Mutex::default(),
        }
    }

    /// Makes the table where there is none and puts the configuration in force. Gives its version.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn prepare(&self, loaded: Loaded) -> Result<u64, MachineError> {
        self.create_table().await?;
        self.configure(loaded).await
    }

    /// Makes the table where there is none.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn create_table(&self) -> Result<(), MachineError> {
        create_table(&self.client, TABLE).await?;
        Ok(())
    }

    /// Puts a configuration in force. Gives its version.
    ///
    /// # Errors
    /// The table does not answer, or parts of the configuration are too large for it.
    pub async fn configure(&self, loaded: Loaded) -> Result<u64, MachineError> {
        match self.put_in_force(loaded, &Author::default()).await?.proposed {
            Proposed::InForce(Version { version, .. }) | Proposed::Unchanged(version) => Ok(version),
            Proposed::Overtaken(version, _) => Err(MachineError::Overtaken(version)),
            Proposed::TooLarge(parts) => Err(MachineError::TooLarge(parts)),
        }
    }

    /// The same for somebody, with what it changes.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn put_in_force(&self, loaded: Loaded, author: &Author) -> Result<PutInForce, MachineError> {
        Ok(self.functions.config().put_in_force(loaded, author).await?)
    }

    /// The store.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// The functions.
    pub fn functions(&self) -> &Functions {
        &self.functions
    }

    /// What was sent.
    pub fn outbox(&self) -> &Arc<Outbox> {
        &self.outbox
    }

    /// What waits.
    pub fn mailbag(&self) -> &Arc<Mailbag> {
        &self.mailbag
    }

    /// The clock.
    pub fn clock(&self) -> &Arc<LocalClock> {
        &self.clock
    }

    /// Invokes a function by name.
    ///
    /// # Errors
    /// There is no such function.
    pub async fn invoke(&self, name: &str, event: Value) -> Result<Answer, UnknownFunction> {
        self.functions.invoke(name, event).await
    }

    /// Does everything that is due now and everything that follows from it.
    ///
    /// # Errors
    /// The table does not answer, or the work never ends.
    pub async fn settle(&self) -> Result<(), MachineError> {
        for _ in 0..INVOCATIONS_MAX {
            let now = self.clock.now();
            if self.relay_pending(now).await? {
                continue;
            }
            if let Some(waiting) = self.mailbag.take_due(now) {
                self.work_off(waiting).await;
                continue;
            }
            if now.as_millisecond() >= self.next_sweep_ms.load(Ordering::Relaxed) {
                self.sweep(now).await;
                continue;
            }
            return Ok(());
        }
        Err(MachineError::Endless(self.clock.now()))
    }

    /// Moves a virtual clock on by `duration`, doing at each moment on the way what falls due then.
    ///
    /// # Errors
    /// The table does not answer, or the work never ends.
    pub async fn advance(&self, duration: SignedDuration) -> Result<(), MachineError> {
        let end = self.clock.now().saturating_add(duration).unwrap_or(Timestamp::MAX);
        self.settle().await?;
        while let Some(next) = self.next_event_at().filter(|at| *at <= end) {
            self.clock.move_to(next);
            self.settle().await?;
        }
        self.clock.move_to(end);
        self.settle().await
    }

    /// When something falls due next.
    pub fn next_event_at(&self) -> Option<Timestamp> {
        let sweep = Timestamp::from_millisecond(self.next_sweep_ms.load(Ordering::Relaxed)).ok();
        self.mailbag.next_at().into_iter().chain(sweep).min()
    }

    /// Feeds the relay with the rows that the index says are pending, and with notices whose time has come. Says whether there
    /// was anything that it could carry out. Both have sixteen shards, and most of what a machine does adds nothing to them:
    /// they are asked once at each moment, and again after something was added.
    async fn relay_pending(&self, now: Timestamp) -> Result<bool, MachineError> {
        let seen = (now, self.database.additions());
        if self.relayed() == Some(seen) {
            return Ok(false);
        }
        let rows = self.store.pending_outbox_rows(now).await?;
        let notices = self.store.due_notices(now).await?;
        let images = self.images(&rows, &notices).await?;
        if images.is_empty() {
            self.set_relayed(seen);
            return Ok(false);
        }
        let count = images.len();
        let record = |image| json!({ "eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": { "NewImage": image } });
        let records: Vec<Value> = images.into_iter().map(record).collect();
        report(self.functions.invoke("outbox-relay", json!({ "Records": records })).await);
        // What is still pending after the relay has seen it is the sweeper's; feeding it again at once would not end.
        let left_notices = if notices.is_empty() { notices } else { self.store.due_notices(now).await? };
        let left = self.images(&rows, &left_notices).await?.len();
        if left >= count {
            self.set_relayed((now, self.database.additions()));
        } else if left == 0 && count < NAMED_AT_ONCE {
            self.set_relayed(seen);
        }
        Ok(left < count)
    }

    fn relayed(&self) -> Option<(Timestamp, u64)> {
        *self.relayed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_relayed(&self, seen: (Timestamp, u64)) {
        *self.relayed.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
    }

    /// What the stream would show of these, as far as they are pending.
    async fn images(&self, rows: &[EffectId], notices: &[NoticeId]) -> Result<Vec<Value>, MachineError> {
        let mut images = Vec::new();
        for row in rows {
            images.extend(self.store.outbox_image(*row).await?);
        }
        for notice in notices {
            images.extend(self.store.notice_image(notice).await?);
        }
        Ok(images)
    }

    async fn work_off(&self, waiting: Waiting) {
        match &waiting {
            Waiting::Timer { input, .. } => {
                let event = serde_json::from_str(input).unwrap_or(Value::Null);
                report(self.functions.invoke("escalation", event).await);
            }
            Waiting::Message { queue_url, body, receives } => {
                let event = sqs_event(queue_url, body, *receives);
                let answer = self.functions.invoke(functions::function_of_queue(queue_url), event).await;
                if !is_done(&answer) {
                    self.mailbag.put_back(waiting);
                }
            }
        }
    }

    async fn sweep(&self, now: Timestamp) {
        let next = now.saturating_add(self.sweep_every).unwrap_or(Timestamp::MAX);
        self.next_sweep_ms.store(next.as_millisecond(), Ordering::Relaxed);
        report(self.functions.invoke("sweeper", json!({ "detail-type": "Scheduled Event" })).await);
    }
}

fn sqs_event(queue_url: &str, body: &str, receives: u32) -> Value {
    json!({ "Records": [{
        "messageId": "local",
        "receiptHandle": "local",
        "body": body,
        "attributes": { "ApproximateReceiveCount": (receives + 1).to_string() },
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_url,
    }] })
}

/// Whether a message is done with: the function ran, and did not name it as failed.
fn is_done(answer: &Result<Answer, UnknownFunction>) -> bool {
    match answer {
        Ok(Ok(value)) => value.get("batchItemFailures").and_then(Value::as_array).is_none_or(Vec::is_empty),
        Ok(Err(_)) | Err(_) => false,
    }
}

fn report(answer: Result<Answer, UnknownFunction>) {
    match answer {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::error!(error = %hansho_runtime::chain(&error), "a function failed"),
        Err(error) => tracing::error!(%error, "a function is missing"),
    }
}
