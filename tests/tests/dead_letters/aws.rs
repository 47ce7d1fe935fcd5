//! SQS and Lambda, as far as `hansho dead-letters` can tell: messages that lie there, are taken into the hand, and are laid back.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture},
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::body::SdkBody;
use jiff::Timestamp;
use serde_json::{Value, json};

/// A function that was invoked.
#[derive(Debug, Clone, PartialEq)]
pub struct Invoked {
    pub function: String,
    pub is_waited_for: bool,
    pub event: Value,
}

#[derive(Debug, Clone)]
struct Lying {
    message: Value,
    is_hidden: bool,
}

#[derive(Debug, Default)]
struct State {
    queues: BTreeMap<String, Vec<Lying>>,
    invoked: Vec<Invoked>,
    operations: Vec<String>,
    refused: BTreeMap<&'static str, (u16, Value)>,
    count: usize,
}

/// An account.
#[derive(Debug, Clone, Default)]
pub struct Account(Arc<Mutex<State>>);

impl Account {
    /// One with the queues of a deployment that is called hansho.
    pub fn new() -> Self {
        let account = Self::default();
        for function in ["alarm-intake", "delivery", "email-intake", "escalation", "outbox-relay", "sweeper"] {
            account.0.lock().unwrap().queues.insert(format!("hansho-{function}-dead-letters"), Vec::new());
        }
        for queue in ["hansho-timers", "hansho-deliveries"] {
            account.0.lock().unwrap().queues.insert(queue.to_owned(), Vec::new());
        }
        account
    }

    /// A message lies there from now on; its id.
    pub fn lay(&self, queue: &str, body: &str, attributes: &[(&str, &str)], sent_at: Timestamp) -> String {
        let mut state = self.0.lock().unwrap();
        state.count += 1;
        let id = format!("00000000-0000-4000-8000-{:012}", state.count);
        let attributes: BTreeMap<_, _> =
            attributes.iter().map(|(name, value)| (*name, json!({ "DataType": "String", "StringValue": value }))).collect();
        let message = json!({
            "MessageId": id, "ReceiptHandle": format!("receipt-{id}"), "Body": body, "MessageAttributes": attributes,
            "Attributes": { "SentTimestamp": sent_at.as_millisecond().to_string(), "ApproximateReceiveCount": "1" },
        });
        state.queues.entry(queue.to_owned()).or_default().push(Lying { message, is_hidden: false });
        id
    }

    /// The bodies of what lies there, and can be seen.
    pub fn lying(&self, queue: &str) -> Vec<String> {
        let state = self.0.lock().unwrap();
        let visible = state.queues[queue].iter().filter(|lying| !lying.is_hidden);
        visible.map(|lying| lying.message["Body"].as_str().unwrap().to_owned()).collect()
    }

    /// Who was invoked since the last time.
    pub fn invoked(&self) -> Vec<Invoked> {
        std::mem::take(&mut self.0.lock().unwrap().invoked)
    }

    /// What was asked for since the last time, but for where queues are and what lies in them.
    pub fn operations(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().operations)
    }

    /// From now on the operation is answered so.
    pub fn refuse(&self, operation: &'static str, status: u16, answer: Value) {
        self.0.lock().unwrap().refused.insert(operation, (status, answer));
    }

    /// It is answered as it should be again.
    pub fn heal(&self) {
        self.0.lock().unwrap().refused.clear();
    }
}

impl State {
    fn answer(&mut self, request: &HttpRequest) -> (u16, Value) {
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let header = |name: &str| request.headers().get(name).unwrap_or_default();
        let target = header("x-amz-target").rsplit('.').next().unwrap_or_default().to_owned();
        let operation = if target.is_empty() { "Invoke".to_owned() } else { target };
        if !["GetQueueUrl", "ReceiveMessage", "ChangeMessageVisibilityBatch"].contains(&operation.as_str()) {
            self.operations.push(operation.clone());
        }
        if let Some(refused) = self.refused.get(operation.as_str()) {
            return refused.clone();
        }
        if operation == "Invoke" {
            let path = request.uri().split("/functions/").nth(1).unwrap();
            let function = path.strip_suffix("/invocations").unwrap().replace("%3A", ":");
            let is_waited_for = header("x-amz-invocation-type") != "Event";
            self.invoked.push(Invoked { function, is_waited_for, event: body });
            return if is_waited_for { (200, json!({})) } else { (202, json!(null)) };
        }
        self.sqs(&operation, &body)
    }

    fn sqs(&mut self, operation: &str, body: &Value) -> (u16, Value) {
        if operation == "GetQueueUrl" {
            let name = body["QueueName"].as_str().unwrap();
            return match self.queues.contains_key(name) {
                true => (200, json!({ "QueueUrl": format!("https://sqs/111122223333/{name}") })),
                false => (400, json!({ "__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no such queue" })),
            };
        }
        let name = body["QueueUrl"].as_str().unwrap().rsplit('/').next().unwrap();
        let lying = self.queues.get_mut(name).unwrap();
        match operation {
            "ReceiveMessage" => {
                assert_eq!(body["MessageAttributeNames"], json!(["All"]));
                let most = usize::try_from(body["MaxNumberOfMessages"].as_u64().unwrap()).unwrap();
                let taken = lying.iter_mut().filter(|lying| !lying.is_hidden).take(most).map(|lying| {
                    lying.is_hidden = true;
                    lying.message.clone()
                });
                (200, json!({ "Messages": taken.collect::<Vec<_>>() }))
            }
            "DeleteMessage" => {
                let before = lying.len();
                lying.retain(|lying| lying.message["ReceiptHandle"] != body["ReceiptHandle"]);
                assert_eq!(lying.len() + 1, before, "what is deleted was there");
                (200, json!({}))
            }
            "ChangeMessageVisibilityBatch" => {
                let entries = body["Entries"].as_array().unwrap();
                assert!(entries.len() <= 10, "SQS takes ten");
                for entry in entries {
                    let found = lying.iter_mut().find(|lying| lying.message["ReceiptHandle"] == entry["ReceiptHandle"]);
                    found.unwrap().is_hidden = entry["VisibilityTimeout"] != 0;
                }
                (200, json!({}))
            }
            "SendMessage" => {
                let message = json!({ "Body": body["MessageBody"] });
                lying.push(Lying { message, is_hidden: false });
                (200, json!({ "MessageId": "m" }))
            }
            other => panic!("SQS was asked for {other}"),
        }
    }
}

impl HttpConnector for Account {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (status, body) = self.0.lock().unwrap().answer(&request);
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body.to_string()))))
    }
}
