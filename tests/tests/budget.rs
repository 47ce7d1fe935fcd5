//! The budget of DESIGN.md section 4, counted: requests and items as the store sends them, capacity as the server reports it.
//!
//! `cargo test -p acceptance --test budget -- --nocapture` prints the table.
#![expect(clippy::unwrap_used, reason = "a test stops where an answer is not what it must be")]

#[path = "contract/fixtures.rs"]
mod fixtures;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_sdk_dynamodb::Client;
use axum::{body::Body, http::Request};
use fixtures::{
    NothingElse, StoppedClock, alert, checkout, clear, configuration, configuration_of, contacts, input, person, policy, seconds_after,
    service, start,
};
use hansho::local::aws::{Answer, Call, EmbeddedDynamoDb, Endpoints, Gate, Passage, Pending};
use hansho_alarm_intake::AlarmIntake;
use hansho_domain::{
    Alert, Command, Configuration, ConfigurationParts, EscalationPolicy, IncidentId, Integration, IntegrationId, IntegrationKind,
    IntegrationSpec, Method, PolicyStep, Severity, Target, Team, TeamId, User,
};
use hansho_runtime::{Aws, Clock};
use hansho_store::{Applied, IntegrationKey, Received, Store, create_table};
use serde_json::{Value, json};
use tower::ServiceExt;

const TABLE: &str = "hansho";
/// The configuration pointer is believed for 4 seconds; after these it is read again.
const COLD_SECONDS: i64 = 5;

/// What some calls cost.
#[derive(Debug, Clone, Default, PartialEq)]
struct Cost {
    /// Requests by operation.
    requests: BTreeMap<String, usize>,
    /// How many of them read the version pointer of the configuration.
    configuration_reads: usize,
    /// How many items each transaction writes.
    transactions: Vec<usize>,
    read_units: f64,
    write_units: f64,
}

impl Cost {
    fn reads(&self) -> usize {
        ["GetItem", "Query", "BatchGetItem"].iter().filter_map(|operation| self.requests.get(*operation)).sum()
    }

    fn writes(&self) -> usize {
        self.requests.values().sum::<usize>() - self.reads()
    }

    fn row(&self, what: &str, budget: &str) -> String {
        let requests: Vec<String> = self.requests.iter().map(|(operation, count)| format!("{count} {operation}")).collect();
        let items: Vec<String> = self.transactions.iter().map(|items| format!("{items} items")).collect();
        let requests = [requests, items].concat().join(", ");
        format!("| {what} | {requests} | {} | {} | {budget} |", self.read_units, self.write_units)
    }
}

/// Stands before the table: asks it to report what every call consumes, and adds it up.
struct Meter {
    database: EmbeddedDynamoDb,
    cost: Mutex<Cost>,
}

impl Meter {
    fn with<T>(&self, look: impl FnOnce(&mut Cost) -> T) -> T {
        look(&mut self.cost.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn answer(&self, call: &Call) -> Answer {
        let mut request: Value = serde_json::from_slice(&call.body).unwrap();
        assert_ne!(call.operation, "Scan", "nothing is ever scanned");
        request["ReturnConsumedCapacity"] = json!("INDEXES");
        let target = call.header("x-amz-target").unwrap();
        let (status, body) = self.database.call(target, request.to_string().as_bytes());
        let answer: Value = serde_json::from_slice(&body).unwrap();
        self.with(|cost| cost.add(&call.operation, &request, &answer));
        Answer::new(status, body).with_header("content-type", "application/x-amz-json-1.0")
    }
}

impl Cost {
    fn add(&mut self, operation: &str, request: &Value, answer: &Value) {
        *self.requests.entry(operation.to_owned()).or_default() += 1;
        if request["Key"]["pk"]["S"] == "CONFIGURATION" {
            self.configuration_reads += 1;
        }
        if let Some(items) = request["TransactItems"].as_array() {
            self.transactions.push(items.len());
        }
        let reported = match &answer["ConsumedCapacity"] {
            Value::Array(tables) => tables.clone(),
            one => vec![one.clone()],
        };
        let units: f64 =
            reported.iter().map(|table| table["CapacityUnits"].as_f64().unwrap_or_else(|| panic!("{operation}: {answer}"))).sum();
        if matches!(operation, "GetItem" | "Query" | "BatchGetItem") {
            self.read_units += units;
        } else {
            self.write_units += units;
        }
    }
}

impl Gate for Meter {
    fn pass<'a>(&'a self, call: &'a Call) -> Pending<'a, Passage> {
        let is_metered = !matches!(call.operation.as_str(), "CreateTable" | "DescribeTable" | "UpdateTimeToLive");
        Box::pin(std::future::ready(if is_metered { Passage::Answer(self.answer(call)) } else { Passage::Run }))
    }
}

/// A store whose calls are counted.
struct Metered {
    store: Arc<Store>,
    clock: Arc<StoppedClock>,
    meter: Arc<Meter>,
    serial: u32,
}

impl Metered {
    async fn new(configuration: &Configuration) -> Self {
        let database = EmbeddedDynamoDb::memory().unwrap();
        let meter = Arc::new(Meter { database: database.clone(), cost: Mutex::default() });
        let endpoints = Endpoints::new(database, Arc::new(NothingElse)).with_gate(Arc::<Meter>::clone(&meter));
        let client = Client::new(&Aws::in_process(endpoints.client()).config("dynamodb"));
        create_table(&client, TABLE).await.unwrap();
        let clock = Arc::new(StoppedClock::new());
        let store = Arc::new(Store::new(client, TABLE, Arc::<StoppedClock>::clone(&clock)));
        store.apply_configuration(configuration, &contacts()).await.unwrap();
        let mut metered = Self { store, clock, meter, serial: 0 };
        // The function is warm from here on: it has read the bundle, the overrides and the version pointer.
        let _ = metered.open().await;
        metered
    }

    /// What has been consumed since the last time.
    fn cost(&self) -> Cost {
        self.meter.with(std::mem::take)
    }

    fn next_alert(&mut self) -> Alert {
        self.serial += 1;
        alert(&format!("key {}", self.serial), &format!("alarm {}", self.serial), self.clock.now())
    }

    async fn open(&mut self) -> (IncidentId, Alert, Cost) {
        let alert = self.next_alert();
        let _ = self.cost();
        let received = self.store.receive_alert(&checkout(), &alert, "{}").await.unwrap();
        let Received::Opened(id) = received else { panic!("{received:?}") };
        (id, alert, self.cost())
    }

    async fn repeat(&mut self, first: &Alert) -> Cost {
        self.serial += 1;
        let again = Alert {
            occurred_at: seconds_after(first.occurred_at, 1),
            ..alert(first.dedup_key.as_str(), &format!("again {}", self.serial), start())
        };
        let _ = self.cost();
        let received = self.store.receive_alert(&checkout(), &again, "{}").await.unwrap();
        assert!(matches!(received, Received::Repeated(_)), "{received:?}");
        self.cost()
    }

    async fn apply(&mut self, id: IncidentId, command: Command) -> Cost {
        self.serial += 1;
        let _ = self.cost();
        let applied = self.store.apply(id, &input(&format!("input-{}", self.serial), "aiko", command)).await.unwrap();
        assert!(matches!(applied, Applied::Changed(_)), "{applied:?}");
        self.cost()
    }

    async fn clear(&mut self, first: &Alert) -> Cost {
        let over = clear(first.dedup_key.as_str(), &format!("over {}", self.serial), seconds_after(first.occurred_at, 2));
        let _ = self.cost();
        let received = self.store.receive_clear(&over, "{}").await.unwrap();
        assert!(matches!(received, Received::Resolved(_)), "{received:?}");
        self.cost()
    }

    /// The operations of the budget, each while warm.
    async fn operations(&mut self) -> Vec<(&'static str, Cost)> {
        self.store.configuration_version().await.unwrap();
        let (id, first, open) = self.open().await;
        let repeat = self.repeat(&first).await;
        let mut louder = alert(first.dedup_key.as_str(), &format!("louder {}", self.serial), seconds_after(first.occurred_at, 1));
        louder.severity = Severity::Critical;
        let received = self.store.receive_alert(&checkout(), &louder, "{}").await.unwrap();
        assert_eq!(received, Received::Louder(id));
        let louder = self.cost();
        let escalate = self.apply(id, Command::Escalate).await;
        let acknowledge = self.apply(id, Command::Acknowledge).await;
        let resolve = self.apply(id, Command::Resolve).await;
        let reopen = self.apply(id, Command::Reopen { newer: None }).await;
        let (_, other, _) = self.open().await;
        let clear = self.clear(&other).await;
        vec![
            ("open an incident, one person", open),
            ("a repeat of an open alert", repeat),
            ("a louder alert", louder),
            ("escalate, one person", escalate),
            ("acknowledge", acknowledge),
            ("resolve by hand", resolve),
            ("reopen, one person", reopen),
            ("resolve by the source", clear),
        ]
    }
}

fn by_name<'a>(costs: &'a [(&'static str, Cost)], name: &str) -> &'a Cost {
    &costs.iter().find(|(what, _)| *what == name).unwrap().1
}

/// Runs `test` on a runtime of one thread.
fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(test);
}

/// A step whose people take turns costs one write more, outside of the transaction, and only when it is called.
#[test]
fn a_turn_costs_one_write_beside_the_transaction() {
    run(async {
        let by_turns = |target: &Target| PolicyStep { round_robin: true, ..PolicyStep::calling(vec![target.clone()], 300) };
        let known = configuration();
        let policies = known.policies().iter().map(|policy| {
            let steps = policy.steps().iter().map(|step| by_turns(&step.notify[0])).collect();
            EscalationPolicy::new(policy.id().clone(), steps, policy.repeat()).unwrap()
        });
        let turns = Configuration::of(ConfigurationParts {
            users: known.users().to_vec(),
            teams: known.teams().to_vec(),
            schedules: known.schedules().to_vec(),
            policies: policies.collect(),
            services: known.services().to_vec(),
            fallback: known.fallback().to_vec(),
            destinations: Vec::new(),
            ..ConfigurationParts::default()
        });
        let mut metered = Metered::new(&turns.unwrap()).await;
        let costs = metered.operations().await;
        let open = by_name(&costs, "open an incident, one person");
        println!("{}", open.row("open an incident, by turns", "1 transaction: 5 items + 1 per notification, 1 write"));
        assert_eq!((open.reads(), open.writes(), &open.transactions[..]), (1, 2, &[5 + 1][..]), "{open:?}");
        for quiet in ["a repeat of an open alert", "acknowledge", "resolve by hand"] {
            assert_eq!(by_name(&costs, quiet).writes(), 1, "{quiet} calls nobody");
        }
    });
}

#[test]
fn every_operation_stays_within_its_budget() {
    run(async {
        let mut metered = Metered::new(&configuration()).await;
        let costs = metered.operations().await;
        let budgets = [
            ("open an incident, one person", "1 transaction: 5 items + 1 per notification"),
            ("a repeat of an open alert", "1 read and 1 write request, no transaction"),
            ("a louder alert", "(none)"),
            ("escalate, one person", "1 read, 1 transaction: at most 4 items + 1 per notification"),
            ("acknowledge", "1 read, 1 transaction: at most 4 items"),
            ("resolve by hand", "1 read, 1 transaction: at most 4 items"),
            ("reopen, one person", "(none)"),
            ("resolve by the source", "1 read, 1 transaction: at most 4 items (and the pointer)"),
        ];
        println!("| what | requests | read units | write units | budget |\n| --- | --- | --- | --- | --- |");
        for (what, budget) in budgets {
            println!("{}", by_name(&costs, what).row(what, budget));
        }

        let repeat = by_name(&costs, "a repeat of an open alert");
        assert_eq!((repeat.reads(), repeat.writes(), repeat.transactions.len()), (1, 1, 0), "{repeat:?}");
        assert_eq!((repeat.read_units, repeat.write_units), (1.0, 1.0), "{repeat:?}");

        let open = by_name(&costs, "open an incident, one person");
        assert_eq!((open.reads(), open.writes(), &open.transactions[..]), (1, 1, &[5 + 1][..]), "{open:?}");

        for (what, notifications) in [("escalate, one person", 1), ("acknowledge", 0), ("resolve by hand", 0)] {
            let cost = by_name(&costs, what);
            assert_eq!((cost.reads(), cost.writes(), cost.transactions.len()), (1, 1, 1), "{what}: {cost:?}");
            assert!(cost.transactions[0] <= 4 + notifications, "{what}: {cost:?}");
        }
        // The source names a dedup key and no incident: the pointer is read first.
        let clear = by_name(&costs, "resolve by the source");
        assert_eq!((clear.reads(), clear.writes()), (2, 1), "{clear:?}");
        assert!(clear.transactions[0] <= 4, "{clear:?}");
        assert!(costs.iter().all(|(_, cost)| cost.configuration_reads == 0), "a warm function believes its configuration");
    });
}

#[test]
fn configuration_costs_a_warm_function_one_small_read_per_event() {
    run(async {
        let mut metered = Metered::new(&configuration()).await;
        for _ in 0..3 {
            metered.clock.advance_seconds(COLD_SECONDS);
            let (id, first, open) = metered.open().await;
            assert_eq!((open.configuration_reads, open.reads()), (1, 2), "the dedup pointer and the version pointer: {open:?}");
            metered.clock.advance_seconds(COLD_SECONDS);
            let acknowledge = metered.apply(id, Command::Acknowledge).await;
            assert_eq!((acknowledge.configuration_reads, acknowledge.reads()), (1, 2), "{acknowledge:?}");
            metered.clock.advance_seconds(COLD_SECONDS);
            let repeat = metered.repeat(&first).await;
            assert_eq!(
                (repeat.configuration_reads, repeat.reads(), repeat.writes()),
                (0, 1, 1),
                "a repeat needs no configuration: {repeat:?}"
            );
        }
    });
}

#[test]
fn a_storm_through_the_function_costs_one_read_and_one_write_an_alarm() {
    run(async {
        let mut metered = Metered::new(&configuration()).await;
        let function = AlarmIntake::new(Arc::clone(&metered.store));
        let alarm = include_str!("../../events/alarm-intake/alarm-direct-metric.json");
        let event =
            |second: u32| -> Value { serde_json::from_str(&alarm.replace("18:12:36.490", &format!("18:12:{second}.490"))).unwrap() };
        function.handle(event(36)).await.unwrap();
        let _ = metered.cost();
        for second in 37..47 {
            function.handle(event(second)).await.unwrap();
        }
        let storm = metered.cost();
        println!("{}", storm.row("10 repeats through alarm-intake, warm", "10 read and 10 write requests"));
        assert_eq!((storm.reads(), storm.writes(), storm.transactions.len()), (10, 10, 0), "{storm:?}");
        metered.clock.advance_seconds(COLD_SECONDS);
        function.handle(event(50)).await.unwrap();
        let later = metered.cost();
        println!("{}", later.row("a repeat through alarm-intake, after 5 s", "and one small read of configuration"));
        assert_eq!((later.configuration_reads, later.reads(), later.writes()), (1, 2, 1), "{later:?}");
        let _ = metered.open().await;
    });
}

/// The key is read for every event, so that one that is revoked opens nothing; a hundredth of the limit is counted with one write.
#[test]
fn an_event_that_repeats_costs_two_reads_and_one_write_and_one_more_for_a_hundredth_of_the_limit() {
    run(async {
        let known = configuration();
        let shop = IntegrationId::new("shop").unwrap();
        let spec =
            IntegrationSpec { id: shop.clone(), name: "Shop".to_owned(), service: Some(checkout()), kind: IntegrationKind::events() };
        let with_events = Configuration::of(ConfigurationParts {
            users: known.users().to_vec(),
            schedules: known.schedules().to_vec(),
            policies: known.policies().to_vec(),
            services: known.services().to_vec(),
            fallback: known.fallback().to_vec(),
            integrations: vec![Integration::new(spec).unwrap()],
            ..ConfigurationParts::default()
        });
        let metered = Metered::new(&with_events.unwrap()).await;
        let key = IntegrationKey {
            id: "k1".to_owned(),
            integration: shop,
            made_by: "ops".to_owned(),
            created_at: start(),
            ends_at: None,
            is_revoked: false,
        };
        let _made = metered.store.make_integration_key("the key", &key, &[], start()).await.unwrap();
        let router = hansho_api::router(Arc::new(hansho_api::Api::new(Arc::clone(&metered.store))));
        let event = json!({
            "routing_key": "the key", "event_action": "trigger", "dedup_key": "pay",
            "payload": { "summary": "Payments fail", "source": "pay-1", "severity": "error" },
        });
        let send = async || {
            let request = Request::post("/v2/enqueue").body(Body::from(event.to_string())).unwrap();
            assert_eq!(router.clone().oneshot(request).await.unwrap().status().as_u16(), 202);
        };
        send().await;
        let _ = metered.cost();
        for _ in 0..100 {
            send().await;
        }
        let storm = metered.cost();
        println!("{}", storm.row("100 events that repeat, warm", "200 read and 101 write requests"));
        assert_eq!((storm.reads(), storm.writes(), storm.transactions.len()), (200, 101, 0), "{storm:?}");
        metered.clock.advance_seconds(COLD_SECONDS);
        send().await;
        let later = metered.cost();
        assert_eq!((later.configuration_reads, later.reads(), later.writes()), (1, 3, 1), "{later:?}");
    });
}

#[test]
fn notifications_cost_one_item_each_up_to_60_and_one_in_all_beyond() {
    run(async {
        for (people, items) in [(1, 6), (20, 25), (60, 65), (61, 6), (200, 6)] {
            let mut metered = Metered::new(&team_of(people)).await;
            let (_, _, open) = metered.open().await;
            println!("{}", open.row(&format!("open an incident, {people} people"), "5 items + 1 per notification, 1 for more than 60"));
            assert_eq!(open.transactions, [items], "{people} people: {open:?}");
        }
    });
}

fn team_of(people: usize) -> Configuration {
    let users: Vec<User> = (0..people).map(|n| person(&format!("responder-{n:03}"), &[Method::Sms], &[])).collect();
    let fallback = vec![Target::User(users[0].id().clone())];
    let team = Team::new(TeamId::new("everybody").unwrap(), "Everybody", users.iter().map(|user| user.id().clone()).collect()).unwrap();
    let policy = policy("first-responders", &[("team/everybody", 300)]);
    let (teams, policies, services) = (vec![team], vec![policy], vec![service("checkout", None)]);
    Configuration::of(ConfigurationParts { users, teams, policies, services, fallback, ..ConfigurationParts::default() }).unwrap()
}

#[test]
fn what_an_operation_costs_does_not_grow_with_history() {
    run(async {
        let policy = policy("first-responders", &[("schedule/primary", 300), ("user/chie", 600)]);
        let mut metered = Metered::new(&configuration_of(policy, vec![service("checkout", None)])).await;
        let before = metered.operations().await;
        let mut left_open = Vec::new();
        for n in 0..2_000 {
            let (id, _, _) = metered.open().await;
            if n % 10 == 0 {
                left_open.push(id);
            } else {
                let _ = metered.apply(id, Command::Resolve).await;
            }
        }
        let after = metered.operations().await;
        for ((what, before), (_, after)) in before.iter().zip(&after) {
            assert_eq!((&before.requests, &before.transactions), (&after.requests, &after.transactions), "{what}");
            assert_eq!((before.read_units, before.write_units), (after.read_units, after.write_units), "{what}");
        }
        // One incident with a long history of its own.
        let id = left_open[0];
        let first = metered.apply(id, Command::Note { text: "note 0000".to_owned() }).await;
        for n in 1..40 {
            let _ = metered.apply(id, Command::Note { text: format!("note {n:04}") }).await;
        }
        let last = metered.apply(id, Command::Note { text: "note 0040".to_owned() }).await;
        assert_eq!((&first.requests, &first.transactions), (&last.requests, &last.transactions));
        assert!(last.write_units <= first.write_units + 4.0, "32 remembered inputs are at most two more kilobytes: {first:?} {last:?}");
    });
}
