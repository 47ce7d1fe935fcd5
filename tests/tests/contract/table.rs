//! A fresh table for each test: on the embedded DynamoDB, or on the endpoint that `HANSHO_TEST_DYNAMODB` names.

use std::{
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use hansho::local::aws::{Call, EmbeddedDynamoDb, Endpoints, Gate, Passage, Pending};
use hansho_domain::{Alert, Effect, EffectId, Incident, IncidentId, Notification};
use hansho_runtime::{Aws, Clock, Settings, SharedClock, settings::environment};
use hansho_store::{Applied, Received, Store, create_table};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::fixtures::{NothingElse, StoppedClock, alert, checkout, configuration, contacts};

/// One table and what looks at it.
pub(crate) struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
    pub(crate) clock: Arc<StoppedClock>,
    /// Set when the table is on the embedded DynamoDB.
    embedded: Option<EmbeddedDynamoDb>,
}

/// Lets every other task go first, so that what runs at once takes turns at every call.
struct TakingTurns;

impl Gate for TakingTurns {
    fn pass<'a>(&'a self, _call: &'a Call) -> Pending<'a, Passage> {
        Box::pin(async {
            tokio::task::yield_now().await;
            Passage::Run
        })
    }
}

/// Does something once, right before a certain call: somebody else is faster.
pub(crate) struct Overtaken {
    is_meant: fn(&Call) -> bool,
    other: Mutex<Option<Pending<'static, ()>>>,
}

impl Overtaken {
    pub(crate) fn before(is_meant: fn(&Call) -> bool, other: impl Future<Output = ()> + Send + 'static) -> Arc<Self> {
        Arc::new(Self { is_meant, other: Mutex::new(Some(Box::pin(other))) })
    }
}

impl Gate for Overtaken {
    fn pass<'a>(&'a self, call: &'a Call) -> Pending<'a, Passage> {
        Box::pin(async {
            let other = if (self.is_meant)(call) { self.other.lock().unwrap_or_else(PoisonError::into_inner).take() } else { None };
            if let Some(other) = other {
                other.await;
            }
            Passage::Run
        })
    }
}

/// Runs `test` on a table of its own, with the team's configuration in force, and deletes the table whatever happens.
pub(crate) fn on_a_table<Test, Running>(test: Test)
where
    Test: FnOnce(Arc<Table>) -> Running,
    Running: Future<Output = ()> + Send + 'static,
{
    on_an_empty_table(|table| {
        let running = test(Arc::clone(&table));
        async move {
            assert_eq!(table.store().apply_configuration(&configuration(), &contacts()).await.unwrap(), 1);
            running.await;
        }
    });
}

/// The same without a configuration.
pub(crate) fn on_an_empty_table<Test, Running>(test: Test)
where
    Test: FnOnce(Arc<Table>) -> Running,
    Running: Future<Output = ()> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        let table = Arc::new(Table::create().await);
        let outcome = tokio::spawn(test(Arc::clone(&table))).await;
        table.client.delete_table().table_name(&table.name).send().await.unwrap();
        if let Err(failed) = outcome {
            std::panic::resume_unwind(failed.into_panic());
        }
    });
}

impl Table {
    async fn create() -> Self {
        static TABLES: AtomicU32 = AtomicU32::new(0);
        let name = format!("hansho-contract-{}-{}", std::process::id(), TABLES.fetch_add(1, Ordering::Relaxed));
        let (aws, embedded) = match environment("HANSHO_TEST_DYNAMODB").filter(|url| !url.is_empty()) {
            Some(url) => (at_endpoint(&url), None),
            None => {
                let database = EmbeddedDynamoDb::memory().unwrap();
                (in_process(&database, Arc::new(TakingTurns)), Some(database))
            }
        };
        let table = Self { client: Client::new(&aws.config("dynamodb")), name, clock: Arc::new(StoppedClock::new()), embedded };
        assert!(create_table(&table.client, &table.name).await.unwrap(), "the table must be new");
        table
    }

    /// One more table on the same server, under the same clock.
    pub(crate) async fn second(&self) -> Self {
        let name = format!("{}-second", self.name);
        assert!(create_table(&self.client, &name).await.unwrap(), "the table must be new");
        Self { client: self.client.clone(), name, clock: Arc::clone(&self.clock), embedded: self.embedded.clone() }
    }

    /// The store as one more instance of a function has it: nothing is cached yet.
    pub(crate) fn store(&self) -> Arc<Store> {
        Arc::new(Store::new(self.client.clone(), &self.name, self.shared_clock()))
    }

    /// The same behind `gate`; `None` where the table is not embedded and nobody can step in between.
    pub(crate) fn store_behind(&self, gate: Arc<dyn Gate>) -> Option<Arc<Store>> {
        self.store_behind_by(gate, self.shared_clock())
    }

    /// The same by a clock of the caller's.
    pub(crate) fn store_behind_by(&self, gate: Arc<dyn Gate>, clock: SharedClock) -> Option<Arc<Store>> {
        let aws = in_process(self.embedded.as_ref()?, gate);
        Some(Arc::new(Store::new(Client::new(&aws.config("dynamodb")), &self.name, clock)))
    }

    fn shared_clock(&self) -> SharedClock {
        Arc::<StoppedClock>::clone(&self.clock)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Takes an item away, as if it had never been written.
    pub(crate) async fn forget(&self, pk: &str, sk: &str) {
        let delete = self.client.delete_item().table_name(&self.name);
        delete.key("pk", AttributeValue::S(pk.to_owned())).key("sk", AttributeValue::S(sk.to_owned())).send().await.unwrap();
    }

    /// Every item whose partition key is `pk`, as the table has it.
    pub(crate) async fn partition(&self, pk: &str) -> Vec<serde_json::Map<String, serde_json::Value>> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
            .consistent_read(true)
            .send()
            .await
            .unwrap();
        let plain = |value: AttributeValue| match value {
            AttributeValue::S(text) => serde_json::Value::String(text),
            AttributeValue::N(number) => serde_json::from_str(&number).unwrap(),
            other => panic!("the store writes texts and numbers only, not {other:?}"),
        };
        answer
            .items
            .unwrap_or_default()
            .into_iter()
            .map(|item| item.into_iter().map(|(name, value)| (name, plain(value))).collect())
            .collect()
    }

    /// The body of an incident's item.
    pub(crate) async fn body(&self, incident: IncidentId) -> serde_json::Value {
        let items = self.partition(&format!("INCIDENT#{incident}")).await;
        let item = items.iter().find(|item| item["sk"] == "META").unwrap();
        serde_json::from_str(item["body"].as_str().unwrap()).unwrap()
    }

    /// The dedup pointer of the alarm that opened an incident, whichever incident it leads to by now.
    pub(crate) async fn pointer(&self, incident: IncidentId) -> serde_json::Map<String, serde_json::Value> {
        let body = self.body(incident).await;
        let text = |field: &str| body[field].as_str().unwrap().to_owned();
        let hash: String = Sha256::digest(text("dedup_key").as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let mut found = self.partition(&format!("DEDUP#{}#{hash}", text("integration"))).await;
        assert_eq!(found.len(), 1, "the pointer is there");
        found.remove(0)
    }

    /// Deletes the dedup pointer of an incident, as time to live does 30 days after the resolve.
    pub(crate) async fn delete_pointer(&self, incident: IncidentId) {
        let pk = self.pointer(incident).await["pk"].as_str().unwrap().to_owned();
        self.client
            .delete_item()
            .table_name(&self.name)
            .key("pk", AttributeValue::S(pk))
            .key("sk", AttributeValue::S("POINTER".to_owned()))
            .send()
            .await
            .unwrap();
    }

    /// Replaces the body of an incident's item.
    pub(crate) async fn put_body(&self, incident: IncidentId, body: &str) {
        self.put_body_of(&format!("INCIDENT#{incident}"), "META", body).await;
    }

    /// Replaces the body of an item.
    pub(crate) async fn put_body_of(&self, pk: &str, sk: &str, body: &str) {
        self.client
            .update_item()
            .table_name(&self.name)
            .key("pk", AttributeValue::S(pk.to_owned()))
            .key("sk", AttributeValue::S(sk.to_owned()))
            .condition_expression("attribute_exists(pk)")
            .update_expression("SET body = :body")
            .expression_attribute_values(":body", AttributeValue::S(body.to_owned()))
            .send()
            .await
            .unwrap();
    }
}

fn in_process(database: &EmbeddedDynamoDb, gate: Arc<dyn Gate>) -> Aws {
    Aws::in_process(Endpoints::new(database.clone(), Arc::new(NothingElse)).with_gate(gate).client())
}

fn at_endpoint(url: &str) -> Aws {
    let lookup = |name: &str| match name {
        "AWS_ENDPOINT_URL_DYNAMODB" => Some(url.to_owned()),
        // A stand-in asks for none; what is set is used.
        "AWS_REGION" => Some(environment(name).unwrap_or_else(|| "us-east-1".to_owned())),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some(environment(name).unwrap_or_else(|| "test".to_owned())),
        _ => environment(name),
    };
    let mut settings = Settings::new(&lookup);
    Aws::from_settings(&mut settings)
}

/// Opens an incident for `alert` on the checkout service.
pub(crate) async fn open_for(store: &Store, alert: &Alert) -> IncidentId {
    match store.receive_alert(&checkout(), alert, "{}").await.unwrap() {
        Received::Opened(incident) => incident,
        other => panic!("{} must open an incident, not {other:?}", alert.dedup_key),
    }
}

/// Opens an incident about `key` that began now.
pub(crate) async fn open(table: &Table, key: &str) -> IncidentId {
    open_for(&table.store(), &alert(key, &format!("{key}-alarm"), table.now())).await
}

pub(crate) async fn incident(store: &Store, id: IncidentId) -> Incident {
    store.incident(id).await.unwrap().unwrap().incident
}

/// The incident after an input that must change it.
pub(crate) fn changed(applied: Applied) -> Incident {
    match applied {
        Applied::Changed(incident) => *incident,
        other => panic!("the input must change the incident, not come to {other:?}"),
    }
}

/// The pending outbox rows that tell people something, with what they tell.
pub(crate) async fn pending_pages(store: &Store, by: Timestamp) -> Vec<(EffectId, Vec<Notification>)> {
    let mut pages = Vec::new();
    for id in store.pending_outbox_rows(by).await.unwrap() {
        match store.outbox_row(id).await.unwrap().unwrap().effect {
            Effect::ArmTimer { .. } => {}
            Effect::Notify(notification) => pages.push((id, vec![notification])),
            Effect::FanOut(notifications) => pages.push((id, notifications)),
        }
    }
    pages.sort_by_key(|(id, _)| *id);
    pages
}
