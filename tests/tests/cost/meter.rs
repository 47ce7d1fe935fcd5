//! Stands before everything that functions call, and adds up what they call in their own names.

use std::sync::{Mutex, PoisonError};

use hansho::{
    cost::Count,
    local::{
        aws::{Answer, Call, EmbeddedDynamoDb, Gate, Passage, Pending, Service},
        caller,
    },
};
use serde_json::{Value, json};

/// The function that wakes each minute: what it does is counted apart.
pub const SWEEPER: &str = "sweeper";

pub struct Meter {
    database: EmbeddedDynamoDb,
    counted: Mutex<Count>,
    /// Whether it is the sweeper that is counted, or everybody else.
    of_sweeper: bool,
}

impl Meter {
    pub fn new(database: EmbeddedDynamoDb, of_sweeper: bool) -> Self {
        Self { database, counted: Mutex::default(), of_sweeper }
    }

    /// What was counted since the last time.
    pub fn take(&self) -> Count {
        std::mem::take(&mut self.counted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, function: String, call: &Call, units: Option<f64>) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        *counted.requests.entry(function).or_default() += 1.0;
        match call.service {
            Service::DynamoDb if matches!(call.operation.as_str(), "GetItem" | "Query" | "BatchGetItem") => {
                counted.read_units += units.unwrap();
            }
            Service::DynamoDb => counted.write_units += units.unwrap(),
            Service::Sqs => counted.messages += 1.0,
            Service::Scheduler => counted.schedules += f64::from(u8::from(call.operation == "CreateSchedule")),
            Service::Sns => counted.texts += 1.0,
            Service::Ses => counted.mails += 1.0,
            Service::S3 => counted.objects += 1.0,
            Service::IncidentManager | Service::SystemsManager | Service::Foreign => panic!("no price for {call:?}"),
        }
    }

    /// The table's answer, with what it has consumed.
    fn table(&self, call: &Call) -> (Answer, f64) {
        let mut request: Value = serde_json::from_slice(&call.body).unwrap();
        request["ReturnConsumedCapacity"] = json!("TOTAL");
        let (status, body) = self.database.call(call.header("x-amz-target").unwrap(), request.to_string().as_bytes());
        let answer: Value = serde_json::from_slice(&body).unwrap();
        // A write whose condition fails consumes as much as one that does not (DynamoDB developer guide, "Condition expressions").
        let units = match &answer["ConsumedCapacity"] {
            Value::Array(tables) => tables.iter().map(|table| table["CapacityUnits"].as_f64().unwrap()).sum(),
            Value::Null => panic!("{} says nothing of what it has consumed: {answer}", call.operation),
            one => one["CapacityUnits"].as_f64().unwrap(),
        };
        (Answer::new(status, body).with_header("content-type", "application/x-amz-json-1.0"), units)
    }
}

impl Gate for Meter {
    fn pass<'a>(&'a self, call: &'a Call) -> Pending<'a, Passage> {
        let passage = match caller().filter(|function| (function == SWEEPER) == self.of_sweeper) {
            None => Passage::Run,
            Some(function) if call.service == Service::DynamoDb => {
                let (answer, units) = self.table(call);
                self.add(function, call, Some(units));
                Passage::Answer(answer)
            }
            Some(function) => {
                self.add(function, call, None);
                Passage::Run
            }
        };
        Box::pin(std::future::ready(passage))
    }
}
