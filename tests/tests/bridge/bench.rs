//! Hansho with a bridge, and the other side of it.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use acceptance::{TEAM, World};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use hansho::local::{
    TABLE,
    aws::{Endpoints, ForeignRequest, Mail, ProviderFault, Schedule, ScheduleCreation, ScheduleDeletion, Sink, Sms, SqsMessage},
    in_the_name_of,
};
use hansho_domain::IncidentId;
use hansho_incident_manager_bridge::{Bridge, Place};
use hansho_runtime::{Answer, Aws};
use hansho_store::Store;
use serde_json::{Value, json};

use crate::other_side::{OtherSide, PLAN};

/// What the bridge puts into its queue.
#[derive(Debug, Default)]
struct Messages(Mutex<Vec<String>>);

impl Sink for Messages {
    fn sqs_message(&self, message: SqsMessage) -> Result<String, ProviderFault> {
        assert_eq!(message.queue_url, QUEUE_URL);
        self.0.lock().unwrap().push(message.body);
        Ok("m".to_owned())
    }
    fn schedule_created(&self, _: Schedule) -> Result<ScheduleCreation, ProviderFault> {
        panic!("the bridge makes no timers")
    }
    fn schedule_deleted(&self, _: &str, _: &str) -> Result<ScheduleDeletion, ProviderFault> {
        panic!("the bridge makes no timers")
    }
    fn sms(&self, _: Sms) -> Result<String, ProviderFault> {
        panic!("the bridge pages nobody")
    }
    fn mail(&self, _: Mail) -> Result<String, ProviderFault> {
        panic!("the bridge writes to nobody")
    }
    fn object(&self, _: &str, _: &str) -> Result<Option<Vec<u8>>, ProviderFault> {
        panic!("the bridge reads no objects")
    }
    fn foreign(&self, request: ForeignRequest) -> Result<(u16, Vec<u8>), String> {
        panic!("the bridge asks {} for something", request.uri)
    }
}

const QUEUE_URL: &str = "http://sqs.local.hansho/000000000000/hansho-incident-manager-bridge";
pub const TOPIC: &str = "arn:aws:sns:ap-northeast-1:111122223333:hansho-incident-manager-bridge";

pub struct Bench {
    pub world: World,
    pub side: Arc<OtherSide>,
    bridge: Bridge,
    messages: Arc<Messages>,
    seen: BTreeSet<(String, String)>,
}

/// The service checkout is copied to Incident Manager, the service batch to OpsCenter.
pub fn bridged_team() -> String {
    let manager = format!("checkout: {{ incident_manager: {{ response_plan: \"{PLAN}\" }}, escalation_policy");
    let team = TEAM.replace("checkout: { escalation_policy: checkout, alarms", &format!("{manager}: checkout, alarms"));
    team.replace("batch: {", "batch: { ops_center: { category: Availability, time_zone: Asia/Tokyo },")
}

impl Bench {
    pub async fn new() -> Self {
        Self::with(&bridged_team()).await
    }

    pub async fn with(team: &str) -> Self {
        let world = World::with(team).await;
        let (side, messages) = (Arc::new(OtherSide::default()), Arc::new(Messages::default()));
        let endpoints = Endpoints::new(world.database(), Arc::<Messages>::clone(&messages)).with_gate(Arc::<OtherSide>::clone(&side));
        let aws = Aws::in_process(endpoints.clone().client());
        let clock = Arc::clone(world.machine.clock());
        let store = Arc::new(Store::new(aws_sdk_dynamodb::Client::new(&aws.config("dynamodb")), TABLE, clock));
        let place = Place {
            queue_url: QUEUE_URL.to_owned(),
            public_url: "https://oncall.example.com/".to_owned(),
            topic_arn: Some(TOPIC.to_owned()),
        };
        let bridge = Bridge::new(store, &aws, place).with_connector(SharedHttpConnector::new(endpoints));
        Self { world, side, bridge, messages, seen: BTreeSet::new() }
    }

    /// Hands an event to the function.
    pub async fn invoke(&self, event: Value) -> Answer {
        self.side.set_now(self.world.now().as_second());
        in_the_name_of("incident-manager-bridge", self.bridge.handle(event)).await
    }

    /// The records of the stream that are new since the last time: one for each new entry of a timeline.
    pub fn new_entries(&mut self, incident: IncidentId) -> Vec<Value> {
        let mut records = Vec::new();
        for item in self.world.items(&format!("INCIDENT#{incident}")) {
            let keys = (item["pk"]["S"].as_str().unwrap().to_owned(), item["sk"]["S"].as_str().unwrap().to_owned());
            if keys.1.starts_with("ENTRY#") && self.seen.insert(keys) {
                records.push(json!({
                    "eventName": "INSERT", "eventSource": "aws:dynamodb",
                    "dynamodb": { "Keys": { "pk": item["pk"], "sk": item["sk"] }, "SequenceNumber": records.len().to_string() },
                }));
            }
        }
        records
    }

    /// What is new of the incident goes through the stream and the queue.
    pub async fn follow(&mut self, incident: IncidentId) {
        self.queue_up(incident).await;
        let failed = self.work_off().await;
        assert!(failed.is_empty(), "{failed:?}");
    }

    /// What is new of the incident goes into the queue.
    pub async fn queue_up(&mut self, incident: IncidentId) {
        let records = self.new_entries(incident);
        assert!(!records.is_empty(), "nothing has happened to {incident}");
        let answer = self.invoke(json!({ "Records": records })).await.unwrap();
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
    }

    /// The messages of the queue, which is empty then.
    pub fn take_messages(&self) -> Vec<String> {
        std::mem::take(&mut self.messages.0.lock().unwrap())
    }

    /// Works off every message of the queue. Those that failed come back.
    pub async fn work_off(&self) -> Vec<String> {
        let mut failed = Vec::new();
        for body in self.take_messages() {
            if !self.message(&body).await {
                failed.push(body);
            }
        }
        failed
    }

    /// Works off one message: whether it is done.
    pub async fn message(&self, body: &str) -> bool {
        let event = json!({ "Records": [{ "eventSource": "aws:sqs", "messageId": "m1", "body": body }] });
        let answer = self.invoke(event).await.unwrap();
        answer["batchItemFailures"].as_array().unwrap().is_empty()
    }

    /// The rule's minute.
    pub async fn minute(&mut self) -> Value {
        self.world.minutes(1).await;
        self.poll().await
    }

    /// What the rule does, now.
    pub async fn poll(&self) -> Value {
        self.invoke(json!({ "detail-type": "Scheduled Event", "source": "aws.events" })).await.unwrap()
    }

    /// The other side reports something about a record to the topic.
    pub async fn report(&self, text: &str) -> Answer {
        self.invoke(json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "TopicArn": TOPIC, "Message": text } }] })).await
    }
}
