//! How many events of 2 KB are taken in a second, over the function's own handler and the table of the local run:
//! `cargo bench -p acceptance --bench intake`.
//!
//! It prints events per second for keys that are new, for one that is open already, and for a hundred that come at once for it, what a
//! repeat takes of what a new one takes, and how many write requests each of them is.

#![expect(clippy::unwrap_used, reason = "a benchmark that can not make its values has failed")]

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use acceptance::{TEAM, load, start};
use axum::{Router, body::Body, http::Request};
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use futures_util::future::join_all;
use hansho::local::{
    LocalClock, LocalSecrets, Machine, Setup,
    aws::{Call, EmbeddedDynamoDb, Gate, Passage, Pending, Service},
};
use hansho_domain::IntegrationId;
use hansho_store::{IntegrationKey, KeyMade};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::runtime::Runtime;
use tower::ServiceExt;

const KEY: &str = "0123456789abcdef0123456789abcdef";
/// How long an event is, in bytes.
const EVENT_BYTES: usize = 2_000;
/// How many come in at once.
const AT_ONCE: u64 = 100;

/// Counts writes on their way to the table.
#[derive(Debug, Default)]
struct Writes(AtomicU64);

impl Gate for Writes {
    fn pass<'a>(&'a self, call: &'a Call) -> Pending<'a, Passage> {
        let is_write = !matches!(call.operation.as_str(), "GetItem" | "Query" | "BatchGetItem");
        if call.service == Service::DynamoDb && is_write {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        Box::pin(std::future::ready(Passage::Run))
    }
}

/// The local run's functions, with an integration that takes what comes.
struct Stage {
    runtime: Runtime,
    writes: Arc<Writes>,
    router: Router,
    sent: Cell<u64>,
}

impl Stage {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let writes = Arc::new(Writes::default());
        let machine = Machine::new(Setup {
            database: EmbeddedDynamoDb::memory().unwrap(),
            clock: Arc::new(LocalClock::stopped_at(start())),
            secrets: LocalSecrets::passing().unwrap().secrets,
            public_url: "https://oncall.example.com".to_owned(),
            outbox: None,
            downloads: None,
            sweep_every: SignedDuration::from_mins(1),
            gate: Some(Arc::<Writes>::clone(&writes)),
        });
        let integrations = "integrations:\n  shop: { service: checkout, type: events, events_per_minute: 1000000 }\n";
        let id = IntegrationId::new("shop").unwrap();
        let key = IntegrationKey {
            id: "k1".to_owned(),
            integration: id,
            made_by: "bench".to_owned(),
            created_at: start(),
            ends_at: None,
            is_revoked: false,
        };
        runtime.block_on(async {
            machine.prepare(load(&format!("{TEAM}{integrations}"))).await.unwrap();
            assert!(matches!(machine.store().make_integration_key(KEY, &key, &[], Timestamp::MAX).await.unwrap(), KeyMade::Made { .. }));
        });
        let router = hansho_api::router(machine.functions().api());
        Self { runtime, writes, router, sent: Cell::default() }
    }

    /// Sends an event and waits for the answer.
    async fn send(&self, dedup_key: &str) {
        let request = Request::post("/v2/enqueue").body(Body::from(event(dedup_key))).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status().as_u16(), 202);
    }

    /// A key that no event had before.
    fn new_key(&self) -> String {
        self.sent.set(self.sent.get() + 1);
        format!("new-{}", self.sent.get())
    }
}

fn event(dedup_key: &str) -> String {
    let of = |text: &str| {
        let payload = json!({
            "summary": "Payments fail on pay-1", "source": "pay-1", "severity": "critical", "component": "payment", "group": "prod",
            "custom_details": { "job": "pay", "env": "prod", "text": text },
        });
        json!({ "routing_key": KEY, "event_action": "trigger", "dedup_key": dedup_key, "payload": payload }).to_string()
    };
    of(&"x".repeat(EVENT_BYTES.saturating_sub(of("").len())))
}

/// What an event costs: how long it takes, and how many write requests it is.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    took: Duration,
    writes: f64,
}

/// Measures how long `events` take that are sent by one call of `send`, and says it again for comparison.
fn measured(group: &mut BenchmarkGroup<'_, WallTime>, stage: &Stage, name: &str, events: u64, send: impl AsyncFn()) -> Cost {
    let last = Cell::new(Cost::default());
    group.throughput(Throughput::Elements(events));
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|times| {
            let before = stage.writes.0.load(Ordering::Relaxed);
            #[expect(clippy::disallowed_methods, reason = "what is measured is how long it takes")]
            let began = Instant::now();
            for _ in 0..times {
                stage.runtime.block_on(send());
            }
            let took = began.elapsed();
            let count = (times * events) as f64;
            let writes = (stage.writes.0.load(Ordering::Relaxed) - before) as f64;
            last.set(Cost { took: took.div_f64(count), writes: writes / count });
            took
        });
    });
    let cost = last.get();
    println!("{name}: {:.0} events a second, {:.2} write requests an event", 1.0 / cost.took.as_secs_f64(), cost.writes);
    cost
}

fn bench(criterion: &mut Criterion) {
    let stage = Stage::new();
    let mut group = criterion.benchmark_group("intake of an event of 2 KB");
    let new = measured(&mut group, &stage, "new key", 1, async || stage.send(&stage.new_key()).await);
    stage.runtime.block_on(stage.send("open"));
    let repeat = measured(&mut group, &stage, "open key", 1, async || stage.send("open").await);
    let together = measured(&mut group, &stage, "open key, a hundred at once", AT_ONCE, async || {
        join_all((0..AT_ONCE).map(|_| stage.send("open"))).await;
    });
    group.finish();
    for (name, cost) in [("a repeat", repeat), ("a repeat among a hundred", together)] {
        let (of_time, of_writes) = (cost.took.as_secs_f64() / new.took.as_secs_f64(), cost.writes / new.writes);
        println!("{name} takes {of_time:.3} of the time and {of_writes:.3} of the write requests of a new key");
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
