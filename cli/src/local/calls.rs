//! Which function calls what of AWS, and on what, in the names that permissions have: a test compares the functions' roles with it.
//!
//! It is written only where `HANSHO_CALLS` names a file: a line `FUNCTION ACTION RESOURCE` for every three that are new to this process.
//! A resource is `table`, `index/NAME`, `queue/NAME`, `schedule/GROUP`, the kind of another, or `-` for what is asked of none.

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

/// The permission that a call needs: the action, and the resource that it is asked of.
type Need = (String, String);

/// What was written, and where.
#[derive(Debug)]
struct Record {
    known: BTreeSet<(String, Need)>,
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
    for (action, resource) in needs(call) {
        if record.known.insert((function.clone(), (action.clone(), resource.clone()))) {
            // One write for a line, so that processes that write to one file do not tear it.
            let _ = record.file.write_all(format!("{function} {action} {resource}\n").as_bytes());
        }
    }
}

fn open() -> Option<Mutex<Record>> {
    let file = OpenOptions::new().create(true).append(true).open(environment("HANSHO_CALLS")?).ok()?;
    Some(Mutex::new(Record { known: BTreeSet::new(), file }))
}

/// The permissions that a call needs (Service authorization reference); none for hosts that are not AWS's.
fn needs(call: &Call) -> Vec<Need> {
    let body = || serde_json::from_slice::<Value>(&call.body).unwrap_or_default();
    let (service, resource) = match call.service {
        Service::DynamoDb => return table_needs(&call.operation, &body()),
        Service::Sqs => ("sqs", format!("queue/{}", last_of(&body()["QueueUrl"]))),
        Service::Scheduler => ("scheduler", format!("schedule/{}", body()["GroupName"].as_str().unwrap_or("default"))),
        Service::Sns => ("sns", if form_has(call, "PhoneNumber") { "phone-number" } else { "topic" }.to_owned()),
        Service::Ses => ("ses", "identity".to_owned()),
        Service::IncidentManager => {
            ("ssm-incidents", if call.operation == "StartIncident" { "response-plan" } else { "incident-record" }.to_owned())
        }
        // What is yet to be made is none.
        Service::SystemsManager => ("ssm", if call.operation == "CreateOpsItem" { "-" } else { "opsitem" }.to_owned()),
        Service::S3 if call.method == "GET" => return vec![("s3:GetObject".to_owned(), "object".to_owned())],
        Service::S3 | Service::Foreign => return Vec::new(),
    };
    vec![(format!("{service}:{}", call.operation), resource)]
}

/// The name at the end of a URL.
fn last_of(url: &Value) -> &str {
    url.as_str().and_then(|url| url.rsplit('/').next()).unwrap_or("-")
}

fn form_has(call: &Call, field: &str) -> bool {
    form_urlencoded::parse(&call.body).any(|(name, _)| name == field)
}

/// What is asked of the one table or of an index of it. A transaction needs the permission of each of its parts.
fn table_needs(operation: &str, body: &Value) -> Vec<Need> {
    let kinds: Vec<&str> = match operation {
        "TransactWriteItems" => {
            let parts = body.get("TransactItems").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            ["Put", "Update", "Delete", "ConditionCheck"]
                .into_iter()
                .filter(|kind| parts.iter().any(|part| part.get(kind).is_some()))
                .collect()
        }
        "TransactGetItems" => vec!["Get"],
        other => {
            let index = body.get("IndexName").and_then(Value::as_str);
            return vec![(format!("dynamodb:{other}"), index.map_or_else(|| "table".to_owned(), |name| format!("index/{name}")))];
        }
    };
    kinds.into_iter().map(|kind| (format!("dynamodb:{kind}Item"), "table".to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{last_of, table_needs};

    fn on(resource: &str, actions: &[&str]) -> Vec<(String, String)> {
        actions.iter().map(|action| (format!("dynamodb:{action}"), resource.to_owned())).collect()
    }

    #[test]
    fn a_transaction_needs_what_each_of_its_parts_needs() {
        let body = json!({ "TransactItems": [{ "Put": {} }, { "Delete": {} }, { "Put": {} }] });
        assert_eq!(table_needs("TransactWriteItems", &body), on("table", &["PutItem", "DeleteItem"]));
        assert_eq!(table_needs("GetItem", &json!({ "TableName": "hansho" })), on("table", &["GetItem"]));
    }

    #[test]
    fn what_is_asked_of_an_index_is_asked_of_that_one() {
        assert_eq!(table_needs("Query", &json!({ "TableName": "hansho", "IndexName": "work" })), on("index/work", &["Query"]));
        assert_eq!(table_needs("Query", &json!({ "TableName": "hansho" })), on("table", &["Query"]));
        assert_eq!(last_of(&json!("http://sqs.local.hansho/000000000000/hansho-timers")), "hansho-timers");
    }
}
