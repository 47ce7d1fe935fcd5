//! Which function calls what of AWS, in the names that permissions have: a test compares the functions' roles with it.
//!
//! It is written only where `HANSHO_CALLS` names a file: a line `FUNCTION ACTION` for every pair that is new to this process.

use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions},
    io::Write as _,
    sync::{Mutex, OnceLock},
};

use axum::{Router, extract::Request, middleware};
use hansho_runtime::settings::environment;
use serde_json::Value;

use super::aws::{Call, Service};

tokio::task_local! {
    static FUNCTION: String;
}

/// What was written, and where.
#[derive(Debug)]
struct Record {
    known: BTreeSet<(String, String)>,
    file: File,
}

static RECORD: OnceLock<Option<Mutex<Record>>> = OnceLock::new();

/// Does `work`, whose calls are those of `function`.
pub async fn of<F: Future>(function: &str, work: F) -> F::Output {
    FUNCTION.scope(function.to_owned(), work).await
}

/// The same for whatever a router answers.
pub fn of_router(function: &'static str, router: Router) -> Router {
    router.layer(middleware::from_fn(move |request: Request, next: middleware::Next| of(function, next.run(request))))
}

/// The function in whose name calls are made here and now; `None` for the test or the local run itself.
pub fn caller() -> Option<String> {
    FUNCTION.try_with(Clone::clone).ok()
}

/// Notes who makes a call. What nobody makes in a function's name is of the test or of the local run itself.
pub(super) fn record(call: &Call) {
    let Some(record) = RECORD.get_or_init(open) else { return };
    let Some(function) = caller() else { return };
    let Ok(mut record) = record.lock() else { return };
    for action in actions(call) {
        if record.known.insert((function.clone(), action.clone())) {
            // One write for a line, so that processes that write to one file do not tear it.
            let _ = record.file.write_all(format!("{function} {action}\n").as_bytes());
        }
    }
}

fn open() -> Option<Mutex<Record>> {
    let file = OpenOptions::new().create(true).append(true).open(environment("HANSHO_CALLS")?).ok()?;
    Some(Mutex::new(Record { known: BTreeSet::new(), file }))
}

/// The permissions that a call needs (Service authorization reference); none for hosts that are not AWS's.
fn actions(call: &Call) -> Vec<String> {
    let service = match call.service {
        Service::DynamoDb => return table_actions(&call.operation, &call.body),
        Service::Sqs => "sqs",
        Service::Scheduler => "scheduler",
        Service::Sns => "sns",
        Service::Ses => "ses",
        Service::IncidentManager => "ssm-incidents",
        Service::SystemsManager => "ssm",
        Service::S3 if call.method == "GET" => return vec!["s3:GetObject".to_owned()],
        Service::S3 | Service::Foreign => return Vec::new(),
    };
    vec![format!("{service}:{}", call.operation)]
}

/// A transaction needs the permission of each of its parts.
fn table_actions(operation: &str, body: &[u8]) -> Vec<String> {
    let kinds: Vec<&str> = match operation {
        "TransactWriteItems" => {
            let body: Value = serde_json::from_slice(body).unwrap_or_default();
            let parts = body.get("TransactItems").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            ["Put", "Update", "Delete", "ConditionCheck"]
                .into_iter()
                .filter(|kind| parts.iter().any(|part| part.get(kind).is_some()))
                .collect()
        }
        "TransactGetItems" => vec!["Get"],
        other => return vec![format!("dynamodb:{other}")],
    };
    kinds.into_iter().map(|kind| format!("dynamodb:{kind}Item")).collect()
}

#[cfg(test)]
mod tests {
    use super::table_actions;

    #[test]
    fn a_transaction_needs_what_each_of_its_parts_needs() {
        let body = br#"{"TransactItems":[{"Put":{}},{"Delete":{}},{"Put":{}}]}"#;
        assert_eq!(table_actions("TransactWriteItems", body), ["dynamodb:PutItem", "dynamodb:DeleteItem"]);
        assert_eq!(table_actions("Query", b"{}"), ["dynamodb:Query"]);
    }
}
