//! The queue of dead letters itself: messages are taken into the hand, laid back, sent on and deleted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{DeadLetters, refused};
use crate::commands::doctor::ask::{Question, Refusal, SQS};

/// How long a message is hidden from others while it is in the hand. A function that is waited for answers sooner.
pub(super) const HIDDEN_SECONDS: u32 = 120;
/// How long it is waited for messages: with any wait all servers are asked (SQS developer guide, "Short and long polling").
const WAIT_SECONDS: u32 = 1;
/// Most messages of one request (ReceiveMessage and ChangeMessageVisibilityBatch, API reference).
const BATCH_MAX: usize = 10;

/// A message of a queue of dead letters.
#[derive(Debug, Clone)]
pub(super) struct Message {
    /// What SQS calls it.
    pub(super) id: String,
    /// By which it is deleted or laid back.
    pub(super) receipt: String,
    /// As it was sent.
    pub(super) body: String,
    /// When it became a dead letter.
    pub(super) sent_at: Option<Timestamp>,
    /// The queue that it came from, where SQS itself has moved it.
    pub(super) source: Option<String>,
    /// What whoever has sent it says about it, by name.
    pub(super) attributes: BTreeMap<String, String>,
}

impl Message {
    fn of(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let system = |name: &str| value.get("Attributes")?.get(name)?.as_str();
        let milliseconds = system("SentTimestamp").and_then(|at| at.parse().ok());
        let given = value.get("MessageAttributes").and_then(Value::as_object);
        let given = given.into_iter().flatten();
        Some(Self {
            id: text("MessageId")?,
            receipt: text("ReceiptHandle")?,
            body: text("Body")?,
            sent_at: milliseconds.and_then(|at| Timestamp::from_millisecond(at).ok()),
            source: system("DeadLetterQueueSourceArn").and_then(|arn| arn.rsplit(':').next()).map(str::to_owned),
            attributes: given.filter_map(|(name, value)| Some((name.clone(), value.get("StringValue")?.as_str()?.to_owned()))).collect(),
        })
    }
}

fn question(operation: &str, body: &Value) -> Question {
    Question::json(SQS, &format!("AmazonSQS.{operation}"), body)
}

impl DeadLetters {
    pub(super) async fn url(&self, queue: &str) -> Result<String, Refusal> {
        let answer = self.asker.ask(&question("GetQueueUrl", &json!({ "QueueName": queue }))).await?;
        let none = || Refusal { status: 200, code: "no QueueUrl".to_owned(), message: answer.to_string() };
        answer.get("QueueUrl").and_then(Value::as_str).map(str::to_owned).ok_or_else(none)
    }

    /// The next messages; none when there is none that nobody has in the hand.
    pub(super) async fn receive(&self, url: &str) -> Result<Vec<Message>, Refusal> {
        let asked = json!({
            "QueueUrl": url, "MaxNumberOfMessages": BATCH_MAX, "VisibilityTimeout": HIDDEN_SECONDS, "WaitTimeSeconds": WAIT_SECONDS,
            "AttributeNames": ["All"], "MessageAttributeNames": ["All"],
        });
        let answer = self.asker.ask(&question("ReceiveMessage", &asked)).await?;
        let messages = answer.get("Messages").and_then(Value::as_array);
        Ok(messages.into_iter().flatten().filter_map(Message::of).collect())
    }

    pub(super) async fn delete(&self, url: &str, message: &Message) -> Result<(), Refusal> {
        let asked = json!({ "QueueUrl": url, "ReceiptHandle": message.receipt });
        self.asker.ask(&question("DeleteMessage", &asked)).await.map(|_| ())
    }

    /// Has others see them at once. Where that is refused they are seen when their time in the hand is over.
    pub(super) async fn lay_back(&self, url: &str, receipts: &[String]) {
        for some in receipts.chunks(BATCH_MAX) {
            let entries: Vec<Value> = (some.iter().enumerate())
                .map(|(place, receipt)| json!({ "Id": place.to_string(), "ReceiptHandle": receipt, "VisibilityTimeout": 0 }))
                .collect();
            let asked = json!({ "QueueUrl": url, "Entries": entries });
            if let Err(refusal) = self.asker.ask(&question("ChangeMessageVisibilityBatch", &asked)).await {
                tracing::debug!(?refusal, "messages stay hidden for {HIDDEN_SECONDS} seconds");
            }
        }
    }

    /// Sends a body to the queue that it came from.
    pub(super) async fn send(&self, queue: &str, body: &str) -> Result<(), String> {
        let url = self.url(queue).await.map_err(|refusal| format!("{queue}: {}", refused("sqs:GetQueueUrl", &refusal)))?;
        let asked = json!({ "QueueUrl": url, "MessageBody": body });
        let sent = self.asker.ask(&question("SendMessage", &asked)).await;
        sent.map(|_| ()).map_err(|refusal| refused("sqs:SendMessage", &refusal))
    }
}
