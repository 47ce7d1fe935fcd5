//! What the functions find around them: a table with a small team, queues, timers, a phone and a mailbox.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use hansho::local::{
    LocalClock, Machine, Mailbag, Outbox, Setup, TABLE, Waiting,
    aws::{EmbeddedDynamoDb, Endpoints},
};
use hansho_domain::IncidentId;
use hansho_runtime::{Secrets, SharedClock, SystemClock};
use hansho_store::Store;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::{Outcome, aws_front};

/// Where links lead.
pub(crate) const PUBLIC_URL: &str = "https://oncall.example.com";
/// Signs links; a value for tests.
pub(crate) const LINK_KEY: &str = "the-key-of-the-lambda-suite-0123456789";
pub(crate) const DELIVERY_QUEUE_URL: &str = "https://sqs.ap-northeast-1.amazonaws.com/111122223333/hansho-delivery";
pub(crate) const BRIDGE_QUEUE_URL: &str = "https://sqs.ap-northeast-1.amazonaws.com/111122223333/hansho-incident-manager-bridge";
pub(crate) const TIMER_QUEUE_URL: &str = "https://sqs.ap-northeast-1.amazonaws.com/111122223333/hansho-timers";
pub(crate) const ESCALATION_ARN: &str = "arn:aws:lambda:ap-northeast-1:111122223333:function:hansho-escalation";

/// The first is called, and after the shortest wait there is the second.
pub(crate) const FIRST_PHONE: &str = "+819000000001";
pub(crate) const SECOND_PHONE: &str = "+819000000002";
pub(crate) const TEAM: &str = r#"
users:
  first: { name: 佐藤 愛子, phone: "+819000000001", language: ja, time_zone: Asia/Tokyo, notify: { high: [{ after: 0m, by: sms }], low: [{ after: 0m, by: sms }] } }
  second: { name: Mori Dan, phone: "+819000000002", language: en, time_zone: Asia/Tokyo, notify: { high: [{ after: 0m, by: sms }], low: [{ after: 0m, by: sms }] } }
escalation_policies:
  checkout:
    steps:
      - { notify: [user/first], wait: 1m }
      - { notify: [user/second], wait: 30m }
services:
  checkout: { name: Checkout, escalation_policy: checkout, urgency: high, alarms: ["*"] }
fallback: [user/first]
"#;

/// Everything outside the functions.
#[derive(Debug)]
pub(crate) struct World {
    address: SocketAddr,
    database: EmbeddedDynamoDb,
    mailbag: Arc<Mailbag>,
    outbox: Arc<Outbox>,
    machine: Machine,
}

impl World {
    /// Makes the table, puts the team in force and answers on `port` (0: a free one).
    pub(crate) async fn start(port: u16, team: &str) -> Outcome<Self> {
        let database = EmbeddedDynamoDb::memory()?;
        let secrets = Secrets::new(LINK_KEY.as_bytes().to_vec())?;
        let machine = Machine::new(Setup {
            database: database.clone(),
            clock: Arc::new(LocalClock::real()),
            secrets,
            public_url: PUBLIC_URL.to_owned(),
            outbox: None,
            sweep_every: SignedDuration::from_mins(1),
            gate: None,
            downloads: None,
        });
        let team = [(PathBuf::from("team.yaml"), team.to_owned())];
        let loaded = hansho_configuration::load_files(&team).map_err(|problems| format!("the suite's team: {problems:?}"))?;
        machine.prepare(loaded).await?;
        let clock: SharedClock = Arc::new(SystemClock);
        let outbox = Arc::new(Outbox::new(Arc::clone(&clock)));
        let mailbag = Arc::new(Mailbag::new(clock, Arc::clone(&outbox)));
        let address = aws_front::serve(Endpoints::new(database.clone(), Arc::<Mailbag>::clone(&mailbag)), port).await?;
        Ok(Self { address, database, mailbag, outbox, machine })
    }

    /// For `AWS_ENDPOINT_URL`.
    pub(crate) fn endpoint_url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn store(&self) -> &Arc<Store> {
        self.machine.store()
    }

    pub(crate) fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Takes out everything that waits, each with the moment for which it waits.
    pub(crate) fn take_waiting(&self) -> Vec<(Timestamp, Waiting)> {
        let next = || {
            let at = self.mailbag.next_at()?;
            Some((at, self.mailbag.take_due(at)?))
        };
        std::iter::from_fn(next).collect()
    }

    /// What is stored of an incident, known or not.
    pub(crate) fn stored(&self, incident: IncidentId) -> Outcome<Map<String, Value>> {
        let found = self.call("GetItem", &json!({ "TableName": TABLE, "Key": key(incident), "ConsistentRead": true }))?;
        Ok(serde_json::from_str(found["Item"]["body"]["S"].as_str().unwrap_or_default())?)
    }

    /// Adds a field to what is stored of an incident, as a version that does not exist yet may.
    pub(crate) fn add_field(&self, incident: IncidentId, name: &str, value: Value) -> Outcome {
        let mut fields = self.stored(incident)?;
        fields.insert(name.to_owned(), value);
        let changes = json!({ "body": { "Action": "PUT", "Value": { "S": serde_json::to_string(&fields)? } } });
        self.call("UpdateItem", &json!({ "TableName": TABLE, "Key": key(incident), "AttributeUpdates": changes }))?;
        Ok(())
    }

    fn call(&self, operation: &str, about: &Value) -> Outcome<Value> {
        let (status, answer) = self.database.call(&format!("DynamoDB_20120810.{operation}"), about.to_string().as_bytes());
        if status != 200 {
            return Err(format!("{operation}: {}", String::from_utf8_lossy(&answer)).into());
        }
        Ok(serde_json::from_slice(&answer)?)
    }
}

/// Where an incident is in the table (docs/access-patterns.md).
fn key(incident: IncidentId) -> Value {
    json!({ "pk": { "S": format!("INCIDENT#{incident}") }, "sk": { "S": "META" } })
}
