//! Partial batches: every record is answered for itself, so that one bad record never takes others with it.

use std::future::Future;

use serde_json::{Value, json};

use crate::Failure;

/// One record of an SQS event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// SQS's id of the message; what the answer names when it failed.
    pub message_id: String,
    /// The message.
    pub body: String,
}

/// The records of an SQS event, or `None` when the event is something else.
pub fn sqs_records(event: &Value) -> Option<Vec<Record>> {
    let records = event.get("Records")?.as_array()?;
    let is_sqs = |record: &&Value| record.get("eventSource").and_then(Value::as_str) == Some("aws:sqs");
    let text = |record: &Value, name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let found: Vec<Record> =
        records.iter().filter(is_sqs).map(|record| Record { message_id: text(record, "messageId"), body: text(record, "body") }).collect();
    (found.len() == records.len() && !found.is_empty()).then_some(found)
}

/// Handles the records one after the other and answers per record
/// (Lambda developer guide, "Reporting batch item failures"): those that failed come back, the others are done.
pub async fn answer_each<F, Done>(records: Vec<Record>, mut handle: F) -> Value
where
    F: FnMut(Record) -> Done,
    Done: Future<Output = Result<(), Failure>>,
{
    let mut failed = Vec::new();
    for record in records {
        let message_id = record.message_id.clone();
        if let Err(failure) = handle(record).await {
            tracing::error!(message.id = %message_id, error = %crate::chain(&failure), "a record failed and will come back");
            failed.push(json!({ "itemIdentifier": message_id }));
        }
    }
    json!({ "batchItemFailures": failed })
}
