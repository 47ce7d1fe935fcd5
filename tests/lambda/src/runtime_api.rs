//! The Runtime API of one function (Lambda developer guide, "Using the Lambda runtime API for custom runtimes").

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hansho_runtime::{Clock, SystemClock};
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
};

use crate::Outcome;

/// How long an invocation may take, as the deployment sets it for the functions.
const TIMEOUT: Duration = Duration::from_secs(20);
/// What the service says of the invocations it hands out.
const FUNCTION_ARN: &str = "arn:aws:lambda:ap-northeast-1:111122223333:function:hansho";

/// What a function made of an event: its answer, or the error it reported.
pub(crate) type Answered = Result<Value, Value>;

/// Where one function gets its events.
#[derive(Debug)]
pub(crate) struct RuntimeApi {
    address: SocketAddr,
    events: mpsc::UnboundedSender<Value>,
    answers: Mutex<mpsc::UnboundedReceiver<Answered>>,
}

#[derive(Debug)]
struct Shared {
    events: Mutex<(u64, mpsc::UnboundedReceiver<Value>)>,
    answers: mpsc::UnboundedSender<Answered>,
}

impl RuntimeApi {
    /// Listens on a free port of loopback.
    pub(crate) async fn start() -> Outcome<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (events, events_out) = mpsc::unbounded_channel();
        let (answers_in, answers) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared { events: Mutex::new((0, events_out)), answers: answers_in });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .with_state(shared);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, events, answers: Mutex::new(answers) })
    }

    /// What `AWS_LAMBDA_RUNTIME_API` is set to.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Hands `event` out and waits for what becomes of it.
    pub(crate) async fn invoke(&self, event: Value) -> Outcome<Answered> {
        let mut answers = self.answers.lock().await;
        self.events.send(event)?;
        tokio::select! {
            answered = answers.recv() => answered.ok_or_else(|| "the Runtime API has ended".into()),
            () = SystemClock.sleep(TIMEOUT) => Err(format!("no answer within {} s", TIMEOUT.as_secs()).into()),
        }
    }
}

/// Holds the request until there is an event, as the service does.
async fn next(State(shared): State<Arc<Shared>>) -> Response {
    let mut events = shared.events.lock().await;
    let Some(event) = events.1.recv().await else {
        return StatusCode::GONE.into_response();
    };
    events.0 += 1;
    let deadline = SystemClock.now().as_millisecond() + i64::try_from(TIMEOUT.as_millis()).unwrap_or(0);
    let headers = [
        ("lambda-runtime-aws-request-id", format!("00000000-0000-4000-8000-{:012}", events.0)),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", FUNCTION_ARN.to_owned()),
        ("lambda-runtime-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0".to_owned()),
    ];
    (headers, Json(event)).into_response()
}

async fn response(State(shared): State<Arc<Shared>>, Path(_): Path<String>, answer: Bytes) -> StatusCode {
    answered(&shared, Ok(json(&answer)))
}

async fn error(State(shared): State<Arc<Shared>>, Path(_): Path<String>, error: Bytes) -> StatusCode {
    answered(&shared, Err(json(&error)))
}

async fn init_error(State(shared): State<Arc<Shared>>, error: Bytes) -> StatusCode {
    answered(&shared, Err(json(&error)))
}

/// The runtime says nothing about the type of what it sends, so it is read as it comes.
fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
}

fn answered(shared: &Shared, answered: Answered) -> StatusCode {
    match shared.answers.send(answered) {
        Ok(()) => StatusCode::ACCEPTED,
        Err(_) => StatusCode::GONE,
    }
}
