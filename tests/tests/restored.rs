//! A table that was restored leaves what was due before its point of recovery: what was settled since pages nobody, what is news does, and
//! in the end everything does.
#![expect(clippy::unwrap_used, reason = "a story that can not go on has failed")]

use std::{
    cell::Cell,
    sync::{Arc, Mutex},
};

use acceptance::{TEAM, alarm_event, incident_of, load, start};
use hansho::local::{
    LocalClock, LocalSecrets, Machine, Setup, TABLE,
    aws::{
        Answer, Call, EmbeddedDynamoDb, Endpoints, ForeignRequest, Gate, Mail, Passage, Pending, ProviderFault, Schedule, ScheduleCreation,
        ScheduleDeletion, Sink, Sms, SqsMessage,
    },
    in_the_name_of,
};
use hansho_alarm_intake::AlarmIntake;
use hansho_domain::{IncidentId, PhaseName};
use hansho_outbox_relay::{DeliveryMessage, OutboxRelay, Targets};
use hansho_runtime::{Aws, Clock as _, queue::Queue};
use hansho_store::{RESTORE_PAUSE, Store, identity_of_table};
use hansho_sweeper::Sweeper;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const DELIVERIES: &str = "http://sqs.local.hansho/000000000000/hansho-deliveries";
const TIMERS: &str = "http://sqs.local.hansho/000000000000/hansho-timers";

/// What goes to the delivery function.
#[derive(Debug, Default)]
struct Messages(Mutex<Vec<String>>);

impl Sink for Messages {
    fn sqs_message(&self, message: SqsMessage) -> Result<String, ProviderFault> {
        if message.queue_url == DELIVERIES {
            self.0.lock().unwrap().push(message.body);
        }
        Ok("m".to_owned())
    }
    fn schedule_created(&self, _: Schedule) -> Result<ScheduleCreation, ProviderFault> {
        Ok(ScheduleCreation::Created)
    }
    fn schedule_deleted(&self, _: &str, _: &str) -> Result<ScheduleDeletion, ProviderFault> {
        Ok(ScheduleDeletion::Deleted)
    }
    fn sms(&self, _: Sms) -> Result<String, ProviderFault> {
        panic!("the sweeper pages nobody by itself")
    }
    fn mail(&self, _: Mail) -> Result<String, ProviderFault> {
        panic!("the sweeper writes to nobody by itself")
    }
    fn object(&self, _: &str, _: &str) -> Result<Option<Vec<u8>>, ProviderFault> {
        panic!("the sweeper reads no objects")
    }
    fn foreign(&self, request: ForeignRequest) -> Result<(u16, Vec<u8>), String> {
        panic!("the sweeper asks {} for something", request.uri)
    }
}

/// What DynamoDB says of the table itself: since when there is one, on the clock of the story, or nothing at all.
#[derive(Debug)]
struct Described {
    began: Timestamp,
    is_silent: bool,
}

impl Gate for Described {
    fn pass<'a>(&'a self, call: &'a Call) -> Pending<'a, Passage> {
        let is_refused = self.is_silent && call.operation == "DescribeTable";
        Box::pin(async move { if is_refused { Passage::Fail("the line is dead".to_owned()) } else { Passage::Run } })
    }

    fn answered<'a>(&'a self, call: &'a Call, answer: &'a Answer) -> Pending<'a, Option<Answer>> {
        let described = (call.operation == "DescribeTable").then(|| {
            let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
            body["Table"]["CreationDateTime"] = json!(self.began.as_millisecond() as f64 / 1_000.0);
            Answer { body: body.to_string().into_bytes(), ..answer.clone() }
        });
        Box::pin(async move { described })
    }
}

/// A machine that stands still, so that nothing in its table changes but by what a story does.
struct Standing {
    machine: Machine,
    database: EmbeddedDynamoDb,
    /// When the table was made.
    began: Cell<Timestamp>,
}

impl Standing {
    async fn new() -> Self {
        let database = EmbeddedDynamoDb::memory().unwrap();
        let machine = Machine::new(Setup {
            database: database.clone(),
            clock: Arc::new(LocalClock::stopped_at(start())),
            secrets: LocalSecrets::passing().unwrap().secrets,
            public_url: "https://oncall.example.com".to_owned(),
            outbox: None,
            sweep_every: SignedDuration::from_mins(1),
            gate: None,
            downloads: None,
        });
        machine.prepare(load(TEAM)).await.unwrap();
        Self { machine, database, began: Cell::new(start()) }
    }

    fn now(&self) -> Timestamp {
        self.machine.clock().now()
    }

    /// The time passes, and no timer rings.
    fn pass(&self, duration: SignedDuration) {
        self.machine.clock().move_to(self.now() + duration);
    }

    fn minutes(&self, minutes: i64) {
        self.pass(SignedDuration::from_mins(minutes));
    }

    fn seconds(&self, seconds: i64) {
        self.pass(SignedDuration::from_secs(seconds));
    }

    /// An alarm, and everything that follows from it at this moment.
    async fn alarm(&self, name: &str) -> IncidentId {
        let event = alarm_event(name).at(self.now()).build();
        let answer = self.machine.invoke("alarm-intake", event).await.unwrap().unwrap();
        self.machine.settle().await.unwrap();
        incident_of(&answer)
    }

    fn ask(&self, operation: &str, request: &Value) -> Value {
        let (status, answer) = self.database.call(&format!("DynamoDB_20120810.{operation}"), request.to_string().as_bytes());
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
        serde_json::from_slice(&answer).unwrap()
    }

    /// The part of the index in which the rows of an incident wait: its number.
    fn shard(&self, incident: IncidentId) -> String {
        let request = json!({
            "TableName": TABLE, "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
            "ExpressionAttributeValues": { ":pk": { "S": format!("INCIDENT#{incident}") }, ":sk": { "S": "OUTBOX#" } },
        });
        let rows = self.ask("Query", &request);
        rows["Items"][0]["work_pk"]["S"].as_str().unwrap().strip_prefix("OUTBOX#").unwrap().to_owned()
    }

    /// What there is now is taken for a copy of a table, made now: it has the id of that, and not its own.
    fn restore(&self) {
        self.began.set(self.now());
        let (pk, sk) = identity_of_table();
        let request = json!({
            "TableName": TABLE, "Key": { "pk": { "S": pk }, "sk": { "S": sk } }, "UpdateExpression": "SET table_id = :id",
            "ConditionExpression": "attribute_exists(table_id)",
            "ExpressionAttributeValues": { ":id": { "S": "0a1b2c3d-1111-2222-3333-444455556666" } },
        });
        self.ask("UpdateItem", &request);
    }
}

/// The functions of a deployment on the machine's table.
struct Deployment {
    store: Arc<Store>,
    sweeper: Sweeper,
    intake: AlarmIntake,
    messages: Arc<Messages>,
}

impl Deployment {
    fn on(world: &Standing, is_silent: bool) -> Self {
        let messages = Arc::new(Messages::default());
        let gate = Described { began: world.began.get(), is_silent };
        let endpoints = Endpoints::new(world.database.clone(), Arc::<Messages>::clone(&messages)).with_gate(Arc::new(gate));
        let aws = Aws::in_process(endpoints.client());
        let client = aws_sdk_dynamodb::Client::new(&aws.config("dynamodb"));
        let clock = Arc::clone(world.machine.clock());
        let store = Arc::new(Store::new(client, TABLE, clock));
        let relay = OutboxRelay::new(Arc::clone(&store), &aws, targets());
        let sweeper = Sweeper::new(Arc::clone(&store), relay, Queue::new(&aws, DELIVERIES)).with_restores();
        Self { intake: AlarmIntake::new(Arc::clone(&store)), store, sweeper, messages }
    }

    async fn sweep_of(&self, event: Value) -> Value {
        in_the_name_of("sweeper", self.sweeper.handle(event)).await.unwrap()
    }

    async fn sweep(&self) -> Value {
        self.sweep_of(json!({ "detail-type": "Scheduled Event", "source": "aws.events", "detail": {} })).await
    }

    async fn alarm(&self, world: &Standing, name: &str) -> Value {
        in_the_name_of("alarm-intake", self.intake.handle(alarm_event(name).at(world.now()).build())).await.unwrap()
    }

    async fn phase(&self, incident: IncidentId) -> PhaseName {
        self.store.incident(incident).await.unwrap().unwrap().incident.phase.name()
    }

    async fn version(&self, incident: IncidentId) -> u64 {
        self.store.incident(incident).await.unwrap().unwrap().incident.version
    }

    /// Of which incidents messages went to the delivery function since the last look.
    fn paged(&self) -> Vec<String> {
        let mut of: Vec<String> = std::mem::take(&mut *self.messages.0.lock().unwrap())
            .iter()
            .map(|body| serde_json::from_str::<DeliveryMessage>(body).unwrap().delivery.incident.to_string())
            .collect();
        of.dedup();
        of
    }
}

fn targets() -> Targets {
    Targets {
        delivery_queue_url: DELIVERIES.to_owned(),
        timer_queue_url: TIMERS.to_owned(),
        escalation_arn: "arn:aws:lambda:local:000000000000:function:hansho-escalation".to_owned(),
        scheduler_role_arn: "arn:aws:iam::000000000000:role/hansho-scheduler".to_owned(),
        schedule_group: "hansho".to_owned(),
        schedule_dead_letter_arn: None,
    }
}

/// Two incidents are open, nobody has answered; that is the point of recovery. Forty minutes later the functions are led to the restored
/// table. What people did with the first one meanwhile, no table knows.
async fn switched() -> (Standing, Deployment, IncidentId, IncidentId) {
    let world = Standing::new().await;
    assert_eq!(Deployment::on(&world, false).sweep().await["paused_until"], json!(null), "a new table is no restored one");
    let settled = world.alarm("checkout-5xx").await;
    // The next page goes by itself then.
    world.machine.advance(SignedDuration::from_secs(40)).await.unwrap();
    let burning = world.alarm("checkout-latency").await;
    world.minutes(40);
    world.restore();
    let deployment = Deployment::on(&world, false);
    (world, deployment, settled, burning)
}

#[tokio::test]
async fn a_restored_table_pages_nobody_for_what_was_due_before_and_says_so() {
    let (world, deployment, settled, burning) = switched().await;
    let before = (deployment.version(settled).await, deployment.version(burning).await);
    let noticed = world.now();
    for _ in 0..3 {
        let answer = deployment.sweep().await;
        assert_eq!((&answer["left"], &answer["deadlines"], &answer["heartbeat"]), (&json!(2), &json!(0), &json!(true)), "{answer}");
        assert_eq!(answer["paused_until"], json!(noticed + RESTORE_PAUSE), "{answer}");
        world.minutes(1);
    }
    // Another copy of the function finds the same.
    let other = Deployment::on(&world, false);
    assert_eq!(other.sweep().await["paused_until"], json!(noticed + RESTORE_PAUSE));
    assert_eq!((deployment.version(settled).await, deployment.version(burning).await), before);
    assert_eq!(deployment.paged(), Vec::<String>::new());
}

#[tokio::test]
async fn new_alarms_and_those_that_fire_again_page_while_a_restored_table_is_paused() {
    let (world, deployment, settled, burning) = switched().await;
    assert_eq!(deployment.sweep().await["left"], 2);
    world.seconds(30);
    let new = incident_of(&deployment.alarm(&world, "checkout-queue").await);
    assert_eq!(deployment.alarm(&world, "checkout-latency").await["results"][0], json!({ "result": "repeated", "incident": burning }));
    world.seconds(20);
    let answer = deployment.sweep().await;
    assert_eq!((&answer["left"], &answer["deadlines"]), (&json!(1), &json!(1)), "what fires again is worked on: {answer}");
    world.seconds(20);
    deployment.sweep().await;
    let paged = deployment.paged();
    assert!(paged.contains(&new.to_string()) && paged.contains(&burning.to_string()), "{paged:?}");
    assert!(!paged.contains(&settled.to_string()), "{paged:?}");
    // What is settled by people pages nobody afterwards either.
    let cleared = alarm_event("checkout-5xx").ok().at(world.now()).build();
    assert_eq!(deployment.intake.handle(cleared).await.unwrap()["results"][0]["result"], "resolved");
    assert_eq!(deployment.sweep_of(json!({ "hansho": "resume" })).await["resumed"], true);
    assert_eq!(deployment.phase(settled).await, PhaseName::Resolved);
    assert!(!deployment.paged().contains(&settled.to_string()));
}

/// Functions work on the restored table for as long as the apply takes until the sweeper is led to it too.
#[tokio::test]
async fn what_is_said_before_anybody_has_looked_at_a_restored_table_is_news_too() {
    let (world, deployment, settled, burning) = switched().await;
    world.minutes(3);
    let new = incident_of(&deployment.alarm(&world, "checkout-queue").await);
    assert_eq!(deployment.alarm(&world, "checkout-latency").await["results"][0], json!({ "result": "repeated", "incident": burning }));
    world.minutes(20);
    let answer = deployment.sweep().await;
    assert_eq!(answer["paused_until"], json!(world.now() + RESTORE_PAUSE), "{answer}");
    assert_eq!((&answer["left"], &answer["deadlines"]), (&json!(1), &json!(2)), "what is new and what fires again is worked on: {answer}");
    world.seconds(20);
    deployment.sweep().await;
    let paged = deployment.paged();
    assert!(paged.contains(&new.to_string()) && paged.contains(&burning.to_string()), "{paged:?}");
    assert!(!paged.contains(&settled.to_string()), "{paged:?}");
}

/// The sweeper looks at a hundred of each part of the index, the oldest first.
#[tokio::test]
async fn however_much_is_left_it_hides_nothing_that_is_newer() {
    let world = Standing::new().await;
    Deployment::on(&world, false).sweep().await;
    let event = alarm_event("checkout-5xx").at(world.now()).build();
    let old = incident_of(&world.machine.invoke("alarm-intake", event).await.unwrap().unwrap());
    let shard = world.shard(old);
    for (kind, index) in ["OUTBOX", "DELIVERY"].into_iter().flat_map(|kind| (0..120).map(move |index| (kind, index))) {
        let item = json!({
            "pk": { "S": format!("INCIDENT#{old}") }, "sk": { "S": format!("{kind}#0000000099#{index:04}") },
            "work_pk": { "S": format!("{kind}#{shard}") }, "work_at": { "N": world.now().as_millisecond().to_string() },
        });
        world.ask("PutItem", &json!({ "TableName": TABLE, "Item": item }));
    }
    world.minutes(40);
    world.restore();
    let deployment = Deployment::on(&world, false);
    let mut new = old;
    for name in 0.. {
        new = incident_of(&deployment.alarm(&world, &format!("checkout-{name}")).await);
        if world.shard(new) == shard {
            break;
        }
    }
    world.seconds(20);
    let answer = deployment.sweep().await;
    assert!(answer["left"].as_u64().unwrap() > 200, "{answer}");
    assert!(deployment.paged().contains(&new.to_string()), "its rows are relayed");
    // Nobody works on the message.
    world.minutes(1);
    deployment.sweep().await;
    assert!(deployment.paged().contains(&new.to_string()), "its delivery does not move and is sent once more");
}

/// Whoever lets it go before anybody has looked at it begins no pause by that.
#[tokio::test]
async fn a_restored_table_that_nobody_has_looked_at_yet_is_let_go_for_good() {
    let (_world, deployment, ..) = switched().await;
    let answer = deployment.sweep_of(json!({ "hansho": "resume" })).await;
    assert_eq!((&answer["resumed"], &answer["left"], &answer["paused_until"]), (&json!(true), &json!(0), &json!(null)), "{answer}");
    assert_eq!(deployment.sweep().await["left"], 0);
}

#[tokio::test]
async fn what_a_restored_table_leaves_is_worked_on_once_it_is_let_go() {
    let (world, deployment, settled, burning) = switched().await;
    assert_eq!(deployment.sweep().await["left"], 2);
    world.minutes(10);
    let answer = deployment.sweep_of(json!({ "hansho": "resume" })).await;
    assert_eq!((&answer["resumed"], &answer["left"], &answer["deadlines"]), (&json!(true), &json!(0), &json!(2)), "{answer}");
    assert_eq!(answer["paused_until"], json!(null), "{answer}");
    assert_eq!(deployment.sweep_of(json!({ "hansho": "resume" })).await["resumed"], false, "there is nothing more to let go");
    world.seconds(20);
    deployment.sweep().await;
    let paged = deployment.paged();
    assert!(paged.contains(&settled.to_string()) && paged.contains(&burning.to_string()), "{paged:?}");
}

/// Whoever forgets to let it go has lost no page.
#[tokio::test]
async fn the_pause_of_a_restored_table_ends_by_itself() {
    let (world, deployment, ..) = switched().await;
    assert_eq!(deployment.sweep().await["left"], 2);
    world.pass(RESTORE_PAUSE - SignedDuration::from_secs(1));
    assert_eq!(deployment.sweep().await["left"], 2);
    world.seconds(1);
    let answer = deployment.sweep().await;
    assert_eq!((&answer["left"], &answer["deadlines"], &answer["paused_until"]), (&json!(0), &json!(2), &json!(null)), "{answer}");
}

/// What was committed and not sent at the point of recovery was sent by the old table.
#[tokio::test]
async fn what_was_on_its_way_at_the_point_of_recovery_is_left_too() {
    let world = Standing::new().await;
    Deployment::on(&world, false).sweep().await;
    let event = alarm_event("checkout-5xx").at(world.now()).build();
    let incident = incident_of(&world.machine.invoke("alarm-intake", event).await.unwrap().unwrap());
    world.minutes(40);
    world.restore();
    let deployment = Deployment::on(&world, false);
    let answer = deployment.sweep().await;
    assert_eq!((&answer["outbox_rows"], &answer["deadlines"]), (&json!(0), &json!(0)), "{answer}");
    assert!(answer["left"].as_u64().unwrap() >= 2, "its rows and its deadline: {answer}");
    assert_eq!(deployment.paged(), Vec::<String>::new());
    deployment.sweep_of(json!({ "hansho": "resume" })).await;
    assert_eq!(deployment.paged(), [incident.to_string()]);
}

/// A page too many is better than none.
#[tokio::test]
async fn where_nobody_says_which_table_it_is_nothing_is_left() {
    let (world, ..) = switched().await;
    let deployment = Deployment::on(&world, true);
    let answer = deployment.sweep().await;
    assert_eq!((&answer["left"], &answer["deadlines"], &answer["heartbeat"]), (&json!(0), &json!(2), &json!(true)), "{answer}");
}
