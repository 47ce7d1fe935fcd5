//! Storms of events: how many are taken, what they come to, and what they cost in write requests.
//!
//! `cargo test -p acceptance --test storm -- --nocapture` prints the costs. Each storm is small here; `HANSHO_STORM=1` runs them in full:
//! 10,000 events on one key, 10,000 on distinct keys, and 5,000 a second on one key against a table that throttles.
//! Time is virtual: every call takes 5 ms of it, and nobody waits.
#![expect(clippy::unwrap_used, reason = "a test stops where an answer is not what it must be")]

#[path = "contract/fixtures.rs"]
#[expect(dead_code, reason = "the storms need only the services that are not there")]
mod fixtures;
#[path = "storm/gate.rs"]
mod gate;
#[path = "storm/table.rs"]
mod table;
#[path = "storm/time.rs"]
mod time;

use std::{
    collections::BTreeMap,
    future::{Future, poll_fn},
    sync::Arc,
    task::Poll,
};

use acceptance::{TEAM, load, phone, start};
use axum::{
    Router,
    body::Body,
    http::{Request, header::RETRY_AFTER},
};
use hansho::local::{LocalClock, LocalSecrets, Machine, Setup, TABLE, aws::EmbeddedDynamoDb};
use hansho_domain::{IncidentId, IntegrationId};
use hansho_runtime::{Clock, settings::environment};
use hansho_store::{IntegrationKey, KeyMade, LinkTo, Store};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tower::ServiceExt;

use self::{
    table::{Cost, StormTable},
    time::SteppedClock,
};

/// The most writes of one item in a second (DynamoDB developer guide, "Partitions and data distribution").
const WRITES_PER_SECOND: u32 = 1_000;
/// How many events arrive in a second.
const ARRIVALS_PER_SECOND: u32 = 5_000;
const KEY: &str = "0123456789abcdef0123456789abcdef";
const PORT: u16 = 8787;

/// So many events in full, and so many otherwise.
fn events(full: u32, small: u32) -> u32 {
    if environment("HANSHO_STORM").is_some() { full } else { small }
}

/// The local run on a table that is counted, with an integration that takes a storm.
struct Storm {
    clock: Arc<SteppedClock>,
    table: Arc<StormTable>,
    machine: Arc<Machine>,
    router: Router,
}

impl Storm {
    async fn new(writes_per_second: Option<u32>) -> Self {
        let clock = Arc::new(SteppedClock::new(start()));
        let database = EmbeddedDynamoDb::memory().unwrap();
        let table = Arc::new(StormTable::new(database.clone(), Arc::clone(&clock), writes_per_second));
        let machine = Arc::new(Machine::new(Setup {
            database,
            clock: Arc::new(LocalClock::stopped_at(start())),
            secrets: LocalSecrets::passing().unwrap().secrets,
            public_url: "https://oncall.example.com".to_owned(),
            outbox: None,
            sweep_every: SignedDuration::from_mins(1),
            gate: Some(Arc::<StormTable>::clone(&table)),
            downloads: None,
        }));
        let integrations = "integrations:\n  shop: { service: checkout, type: events, events_per_minute: 1000000 }\n";
        // Nobody else is called before everything is said.
        let team = TEAM.replacen("wait: 5m", "wait: 3h", 1);
        machine.prepare(load(&format!("{team}{integrations}"))).await.unwrap();
        let integration = IntegrationId::new("shop").unwrap();
        let key = IntegrationKey {
            id: "k1".to_owned(),
            integration,
            made_by: "storm".to_owned(),
            created_at: start(),
            ends_at: None,
            is_revoked: false,
        };
        assert!(matches!(machine.store().make_integration_key(KEY, &key, &[], Timestamp::MAX).await.unwrap(), KeyMade::Made { .. }));
        let router = hansho::local::router(Arc::clone(&machine), PORT);
        let _setting_up = table.cost();
        Self { clock, table, machine, router }
    }

    /// What it came to when all is done and nothing is on its way any more.
    async fn outcome(&self) -> Outcome {
        let store = self.machine.store();
        let began = self.clock.now();
        self.machine.clock().move_to(began);
        self.machine.settle().await.unwrap();
        while !store.stuck_deliveries(Timestamp::MAX).await.unwrap().is_empty() {
            self.machine.advance(SignedDuration::from_secs(10)).await.unwrap();
        }
        let mut outcome = Outcome {
            repeats: Vec::new(),
            sent: Vec::new(),
            told_of: BTreeMap::new(),
            lasted: self.machine.clock().now().duration_since(began),
            cost: self.table.cost(),
        };
        for incident in store.open_incidents(None).await.unwrap() {
            outcome.repeats.push(store.repeats(&incident).await.unwrap());
        }
        for sent in self.machine.outbox().since(0) {
            told_of(store, &sent.text).await.into_iter().for_each(|incident| *outcome.told_of.entry(incident).or_default() += 1);
            outcome.sent.push(sent.to);
        }
        outcome
    }

    fn print(&self, what: &str, events: u32) {
        let Cost { writes, throttled, .. } = self.table.cost();
        let each = f64::from(writes) / f64::from(events);
        println!("| {what} | {events} events | {writes} write requests, {each:.3} an event | {throttled} of them throttled |");
    }
}

/// What a storm came to.
struct Outcome {
    /// How often each of the open incidents repeated itself.
    repeats: Vec<u64>,
    /// To which phones messages went.
    sent: Vec<String>,
    /// In how many messages each incident was.
    told_of: BTreeMap<IncidentId, u32>,
    /// How long it took until everything was said.
    lasted: SignedDuration,
    /// What saying it cost.
    cost: Cost,
}

/// Of which incidents a message tells: those that its link leads to.
async fn told_of(store: &Store, text: &str) -> Vec<IncidentId> {
    let code = text.rsplit('/').next().unwrap().trim();
    match store.link(code).await.unwrap().unwrap().to {
        LinkTo::Incident(incident) => vec![incident],
        LinkTo::Bundle(incidents) => incidents,
        other @ (LinkTo::Proof { .. } | LinkTo::SignIn { .. } | LinkTo::Invitation { .. } | LinkTo::Swap { .. }) => {
            panic!("nobody asked for {other:?}")
        }
    }
}

fn trigger(dedup_key: &str) -> Request<Body> {
    let event = json!({
        "routing_key": KEY, "event_action": "trigger", "dedup_key": dedup_key,
        "payload": { "summary": "Payments fail", "source": "pay-1", "severity": "critical" },
    });
    Request::post("/v2/enqueue").header("host", format!("localhost:{PORT}")).body(Body::from(event.to_string())).unwrap()
}

/// A sender that sends again when it is told to: how often it was refused before it was heard.
async fn send(router: Router, clock: &SteppedClock, dedup_key: String, at: Timestamp) -> u32 {
    clock.wait_until(at).await;
    let mut refused = 0;
    loop {
        let response = router.clone().oneshot(trigger(&dedup_key)).await.unwrap();
        match response.status().as_u16() {
            202 => return refused,
            429 => {
                refused += 1;
                let seconds: i64 = response.headers()[RETRY_AFTER].to_str().unwrap().parse().unwrap();
                clock.wait_until(clock.now().checked_add(SignedDuration::from_secs(seconds)).unwrap()).await;
            }
            other => {
                let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
                panic!("an event was answered with {other}: {}", String::from_utf8_lossy(&body));
            }
        }
    }
}

/// When event `number` of a storm arrives.
fn arrival(number: u32) -> Timestamp {
    start().checked_add(SignedDuration::from_millis(i64::from(number) * 1_000 / i64::from(ARRIVALS_PER_SECOND))).unwrap()
}

#[tokio::test]
async fn a_storm_on_one_key_is_one_incident_and_one_page_and_costs_less_than_a_write_for_each() {
    let count = events(10_000, 1_000);
    let storm = Storm::new(None).await;
    let senders = (0..count).map(|number| send(storm.router.clone(), &storm.clock, "pay".to_owned(), arrival(number)));
    let refused: u32 = storm.clock.run(senders).await.into_iter().sum();
    let writes = storm.table.writes();
    storm.print("one key, one process", count);
    let Outcome { repeats, sent, .. } = storm.clock.run([storm.outcome()]).await.remove(0);
    assert_eq!(refused, 0);
    assert_eq!(repeats, [u64::from(count) - 1], "every event is counted, and none twice");
    assert_eq!(sent, [phone("aiko")], "one page for all of it");
    assert!(writes < count / 5, "those that come in together are counted with one write: {writes} writes for {count} events");
}

#[tokio::test]
async fn a_storm_on_distinct_keys_is_an_incident_each_and_nothing_is_lost() {
    let count = events(10_000, 700);
    let storm = Storm::new(None).await;
    let senders = (0..count).map(|number| send(storm.router.clone(), &storm.clock, format!("pay-{number}"), arrival(number)));
    let refused: u32 = storm.clock.run(senders).await.into_iter().sum();
    storm.print("distinct keys", count);
    let Outcome { repeats, sent, told_of, lasted, cost } = storm.clock.run([storm.outcome()]).await.remove(0);
    let each = |of: u32| f64::from(of) / f64::from(count);
    println!(
        "paging for it: {} messages in {lasted:#}; {} write requests, {:.3} an incident; {:.3} attempts at the gate for each",
        sent.len(),
        cost.writes,
        each(cost.writes),
        each(cost.came_to_gates),
    );
    assert_eq!(refused, 0);
    assert_eq!(repeats.len(), usize::try_from(count).unwrap());
    assert!(repeats.iter().all(|repeats| *repeats == 0), "each is one event");
    assert!(sent.iter().all(|to| to == phone("aiko")));
    assert_eq!(told_of.len(), repeats.len(), "somebody is told of every incident");
    assert!(told_of.values().all(|messages| *messages == 1), "and once of each");
    // The first goes alone, and then one at each opening with 200 more.
    let messages = 1 + (count - 1).div_ceil(201);
    assert_eq!(sent.len(), usize::try_from(messages).unwrap(), "a storm is a few bundles");
    assert!(lasted <= SignedDuration::from_secs(i64::from(messages) * 30), "each opening of the gate is used; it took {lasted:#}");
    // Whoever waits comes back a few times in the first minutes and then every 60 to 120 seconds, and half of them wait for half as long.
    let most = 3.0 + lasted.as_secs_f64() / 2.0 / 90.0;
    assert!(each(cost.came_to_gates) < most, "{} attempts at the gate for {count} pages, {most:.1} for each at most", cost.came_to_gates);
}

#[tokio::test]
async fn what_a_sender_has_sent_is_taken_in_though_it_hangs_up_at_once() {
    let storm = Storm::new(None).await;
    let mut sent = Box::pin(storm.router.clone().oneshot(trigger("pay")));
    let is_answered = poll_fn(|context| Poll::Ready(sent.as_mut().poll(context).is_ready())).await;
    assert!(!is_answered, "the table takes its time");
    drop(sent);
    storm.clock.run([storm.clock.wait_until(arrival(ARRIVALS_PER_SECOND))]).await;
    let Outcome { repeats, sent, .. } = storm.clock.run([storm.outcome()]).await.remove(0);
    assert_eq!((repeats, sent), (vec![0], vec![phone("aiko").to_owned()]));
}

/// As on AWS: each function instance works on one event at a time and knows nothing of the others.
#[tokio::test]
async fn five_thousand_events_a_second_on_one_key_are_all_counted_though_the_table_takes_a_thousand_writes() {
    let (count, instances) = (events(15_000, 1_500), events(500, 300));
    let storm = Storm::new(Some(WRITES_PER_SECOND)).await;
    let routers: Vec<Router> =
        (0..instances).map(|number| hansho_api::router(Arc::new(hansho_api::Api::new(instance(&storm, number))))).collect();
    let clock = &storm.clock;
    let instance = |(first, router): (u32, &Router)| {
        let router = router.clone();
        async move {
            let mut refused = 0;
            for number in (first..count).step_by(usize::try_from(instances).unwrap()) {
                refused += send(router.clone(), clock, "pay".to_owned(), arrival(number)).await;
            }
            refused
        }
    };
    let refused: u32 = clock.run((0..).zip(&routers).map(instance)).await.into_iter().sum();
    let lasted = clock.now().duration_since(start());
    println!("{instances} instances; all were heard after {lasted:#}, with {refused} answers of 429 on the way");
    storm.print("one key, an instance for each event under way, 1,000 writes a second", count);
    let Outcome { repeats, sent, .. } = storm.clock.run([storm.outcome()]).await.remove(0);
    assert_eq!(repeats, [u64::from(count) - 1], "every event is counted, and none twice");
    assert_eq!(sent, [phone("aiko")], "one page for all of it");
}

/// A function's own view of the table.
fn instance(storm: &Storm, number: u32) -> Arc<Store> {
    let store = Store::new(storm.table.client(), TABLE, Arc::<SteppedClock>::clone(&storm.clock));
    Arc::new(store.called_by(format!("instance {number}")))
}
