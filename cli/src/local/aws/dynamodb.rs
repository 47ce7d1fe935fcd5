//! The embedded DynamoDB: the requests of the real SDK client, answered by a SQLite file or by memory.

use std::{
    fmt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use dynoxide::{Database, DynoxideError, storage_backend::Clock};
use hansho_store::may_add_to_outbox;
use serde::{Serialize, de::DeserializeOwned};
use tokio::net::TcpListener;

use super::{Answer, Call, Service};

/// What the header `X-Amz-Target` starts with.
const TARGET_PREFIX: &str = "DynamoDB_20120810.";
/// What DynamoDB says about a value that is nested deeper than it keeps.
const NESTING_MESSAGE: &str =
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit";
/// What DynamoDB says about a value without a type.
const EMPTY_VALUE_MESSAGE: &str = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";

/// A database that could not be opened, served or swept.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedDynamoDbError {
    /// The path can not be handed to SQLite.
    #[error("the path of the database is not valid UTF-8: {0}")]
    Path(String),
    /// The database can not be opened.
    #[error("the database can not be opened")]
    Open(#[source] DynoxideError),
    /// Expired items can not be deleted.
    #[error("expired items can not be deleted")]
    Sweep(#[source] DynoxideError),
    /// The HTTP server has ended.
    #[error("the table can not be served: {0}")]
    Serve(String),
}

/// One database. Clones share it, so that the connector and the HTTP server can answer from the same tables.
#[derive(Clone)]
pub struct EmbeddedDynamoDb {
    database: Database,
    on_disk: bool,
    /// How many calls that can add something for the relay were made through this or a clone of it.
    additions: Arc<AtomicU64>,
}

impl EmbeddedDynamoDb {
    /// Opens the file at `path`, or makes it. A write is on the disk when it is answered.
    pub fn open(path: &Path) -> Result<Self, EmbeddedDynamoDbError> {
        let text = path.to_str().ok_or_else(|| EmbeddedDynamoDbError::Path(path.to_string_lossy().into_owned()))?;
        let database = Database::new(text).map_err(EmbeddedDynamoDbError::Open)?;
        Ok(Self { database, on_disk: true, additions: Arc::default() })
    }

    /// A database that ends with its last clone.
    pub fn memory() -> Result<Self, EmbeddedDynamoDbError> {
        let database = Database::memory().map_err(EmbeddedDynamoDbError::Open)?;
        Ok(Self { database, on_disk: false, additions: Arc::default() })
    }

    /// The same with a clock for TTL. Idempotency tokens keep the system's clock whatever it says.
    pub fn memory_with_clock(clock: Arc<dyn Clock>) -> Result<Self, EmbeddedDynamoDbError> {
        let database = Database::memory_with_clock(clock).map_err(EmbeddedDynamoDbError::Open)?;
        Ok(Self { database, on_disk: false, additions: Arc::default() })
    }

    /// Runs the operation that the header `X-Amz-Target` names. Gives status and body as DynamoDB would.
    pub fn call(&self, target: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let Some(operation) = target.strip_prefix(TARGET_PREFIX) else {
            return unknown_operation(target);
        };
        let Some(answered) = dispatch(&self.database, operation, body) else {
            return unknown_operation(operation);
        };
        if matches!(operation, "TransactWriteItems" | "PutItem" | "UpdateItem" | "BatchWriteItem") && may_add_to_outbox(body) {
            self.additions.fetch_add(1, Ordering::Relaxed);
        }
        match answered {
            Ok(json) => (200, json.into_bytes()),
            Err(error) => {
                let error = on_the_wire(operation, error);
                (error.status_code(), error.to_json().into_bytes())
            }
        }
    }

    /// Counts the calls that can add something for the relay. Without a new one there is no new row in the outbox, and no notice.
    pub fn additions(&self) -> u64 {
        self.additions.load(Ordering::Relaxed)
    }

    /// Serves the same tables on `listener`, for tools that speak HTTP, until `shutdown` resolves. It checks no signature: loopback only.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), EmbeddedDynamoDbError> {
        dynoxide::server::serve_with_shutdown(listener, self.database.clone(), shutdown).await.map_err(EmbeddedDynamoDbError::Serve)
    }

    /// Deletes what its TTL has passed, in every table. Nothing is deleted unless somebody calls this. Gives the number of items.
    pub fn sweep_ttl(&self) -> Result<usize, EmbeddedDynamoDbError> {
        self.database.sweep_ttl().map_err(EmbeddedDynamoDbError::Sweep)
    }

    /// Answers a call of the SDK client. A write to a file waits for the disk, so it must not hold a worker thread of the runtime;
    /// memory answers on the spot, which keeps a simulation on one thread and in one order.
    pub(super) async fn answer(&self, call: &Call) -> Answer {
        let target = call.header("x-amz-target").unwrap_or_default().to_owned();
        let (status, body) = if self.on_disk {
            let (database, body) = (self.clone(), call.body.clone());
            match tokio::task::spawn_blocking(move || database.call(&target, &body)).await {
                Ok(answered) => answered,
                // The runtime is shutting down or the database has panicked: either way nobody can say what was written.
                Err(_) => return Answer::unavailable(Service::DynamoDb),
            }
        } else {
            self.call(&target, &call.body)
        };
        Answer::new(status, body).with_header("content-type", "application/x-amz-json-1.0")
    }
}

impl fmt::Debug for EmbeddedDynamoDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedDynamoDb").field("on_disk", &self.on_disk).finish_non_exhaustive()
    }
}

/// Every operation that Hansho uses; `None` is one that it does not.
fn dispatch(database: &Database, operation: &str, body: &[u8]) -> Option<Result<String, DynoxideError>> {
    Some(match operation {
        "CreateTable" => run(body, |request| database.create_table(request)),
        "DeleteTable" => run(body, |request| database.delete_table(request)),
        "DescribeTable" => run(body, |request| database.describe_table(request)),
        "ListTables" => run(body, |request| database.list_tables(request)),
        "UpdateTimeToLive" => run(body, |request| database.update_time_to_live(request)),
        "DescribeTimeToLive" => run(body, |request| database.describe_time_to_live(request)),
        "PutItem" => run(body, |request| database.put_item(request)),
        "GetItem" => run(body, |request| database.get_item(request)),
        "UpdateItem" => run(body, |request| database.update_item(request)),
        "DeleteItem" => run(body, |request| database.delete_item(request)),
        "Query" => run(body, |request| database.query(request)),
        "BatchGetItem" => run(body, |request| database.batch_get_item(request)),
        "BatchWriteItem" => run(body, |request| database.batch_write_item(request)),
        "TransactWriteItems" => run(body, |request| database.transact_write_items(request)),
        "TransactGetItems" => run(body, |request| database.transact_get_items(request)),
        "Scan" => {
            Err(DynoxideError::ValidationException("Hansho never scans: there is an access pattern for everything it reads".to_owned()))
        }
        _ => return None,
    })
}

fn run<Request: DeserializeOwned, Response: Serialize>(
    body: &[u8],
    operation: impl FnOnce(Request) -> Result<Response, DynoxideError>,
) -> Result<String, DynoxideError> {
    let request = serde_json::from_slice(body).map_err(|error| refused_request(&error))?;
    let response = operation(request)?;
    serde_json::to_string(&response).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// A request that the database's own types refuse, in DynamoDB's words. The types mark what DynamoDB says with a prefix; without
/// one, a missing member is a validation error and a wrong type a serialization error.
fn refused_request(error: &serde_json::Error) -> DynoxideError {
    let text = error.to_string();
    if text.starts_with("recursion limit exceeded") {
        return DynoxideError::ValidationException(NESTING_MESSAGE.to_owned());
    }
    if error.is_syntax() || error.is_eof() {
        // No JSON at all. DynamoDB says nothing more than the name of the error.
        return DynoxideError::SerializationException(String::new());
    }
    let bare = |rest: &str| without_position(rest).to_owned();
    if let Some(rest) = text.strip_prefix("VALIDATION_AS_READ:") {
        DynoxideError::ValidationException(rest.to_owned())
    } else if let Some(rest) = text.strip_prefix("SERIALIZATION_AS_READ:") {
        DynoxideError::SerializationException(rest.to_owned())
    } else if let Some(rest) = text.strip_prefix("VALIDATION_REQUEST:") {
        DynoxideError::EnvelopedValidation(bare(rest))
    } else if let Some(rest) = text.strip_prefix("VALIDATION:") {
        DynoxideError::ValidationException(bare(rest))
    } else if let Some(rest) = text.strip_prefix("SERIALIZATION:") {
        DynoxideError::SerializationException(bare(rest))
    } else if text.contains("empty AttributeValue") {
        DynoxideError::ValidationException(EMPTY_VALUE_MESSAGE.to_owned())
    } else if text.contains("Supplied AttributeValue") {
        DynoxideError::ValidationException(bare(&text))
    } else if ["missing field", "unknown variant", "invalid type: null"].iter().any(|kind| text.contains(kind)) {
        DynoxideError::ValidationException(text)
    } else {
        DynoxideError::SerializationException(text)
    }
}

/// The tag says where DynamoDB counts its validation errors, and never leaves the database.
fn on_the_wire(operation: &str, error: DynoxideError) -> DynoxideError {
    match (operation, error) {
        ("PutItem" | "UpdateItem" | "DeleteItem", DynoxideError::EnvelopedValidation(message)) => {
            DynoxideError::ValidationException(format!("1 validation error detected: {message}"))
        }
        (_, DynoxideError::EnvelopedValidation(message)) => DynoxideError::ValidationException(message),
        (_, error) => error,
    }
}

fn without_position(text: &str) -> &str {
    match text.rfind(" at line ") {
        Some(start) if text[start..].contains("column") => &text[..start],
        _ => text,
    }
}

fn unknown_operation(operation: &str) -> (u16, Vec<u8>) {
    let answer = Answer::unknown_operation(Service::DynamoDb, operation);
    (answer.status, answer.body)
}
