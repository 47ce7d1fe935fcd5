//! One function's binary as a process of its own.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use hansho_runtime::{Clock, SystemClock};
use serde_json::Value;

use crate::{
    Outcome,
    runtime_api::{Answered, RuntimeApi},
    world,
};

/// How long, and how often, a line that a function should print is waited for: 5 seconds in all.
const PRINTED_LOOK: Duration = Duration::from_millis(50);
const PRINTED_LOOKS_MAX: u32 = 100;

/// A function that waits for its events. Its process ends with it.
#[derive(Debug)]
pub(crate) struct Function {
    child: Child,
    runtime_api: RuntimeApi,
    printed: Arc<Mutex<Vec<String>>>,
}

impl Function {
    /// Starts `folder/hansho-NAME/bootstrap` with everything that any function is set up with.
    pub(crate) async fn start(folder: &Path, name: &str, endpoint_url: &str) -> Outcome<Self> {
        let runtime_api = RuntimeApi::start().await?;
        let mut command = command(&binary(folder, name)?, name, &runtime_api);
        command
            .env("AWS_ENDPOINT_URL", endpoint_url)
            .env("HANSHO_TABLE", hansho::local::TABLE)
            .env("HANSHO_DELIVERY_QUEUE_URL", world::DELIVERY_QUEUE_URL)
            .env("HANSHO_TIMER_QUEUE_URL", world::TIMER_QUEUE_URL)
            .env("HANSHO_BRIDGE_QUEUE_URL", world::BRIDGE_QUEUE_URL)
            .env("HANSHO_ESCALATION_ARN", world::ESCALATION_ARN)
            .env("HANSHO_SCHEDULER_ROLE_ARN", "arn:aws:iam::111122223333:role/hansho-scheduler")
            .env("HANSHO_PUBLIC_URL", world::PUBLIC_URL)
            .env("HANSHO_LINK_KEY", world::LINK_KEY);
        let mut child = command.spawn()?;
        let printed = Arc::default();
        if let Some(stdout) = child.stdout.take() {
            keep_lines(stdout, Arc::clone(&printed));
        }
        Ok(Self { child, runtime_api, printed })
    }

    /// Hands an event over and waits for what the function makes of it.
    pub(crate) async fn invoke(&self, event: Value) -> Outcome<Answered> {
        self.runtime_api.invoke(event).await
    }

    /// The answer to an event that the function must not fail at.
    pub(crate) async fn answer(&self, event: Value) -> Outcome<Value> {
        self.invoke(event).await?.map_err(|error| format!("the function failed: {error}").into())
    }

    /// Waits until it has printed a line with `text` in it, log or metric; says what it has printed when that takes too long.
    pub(crate) async fn prints(&self, text: &str) -> (bool, Vec<String>) {
        for _ in 0..PRINTED_LOOKS_MAX {
            // Its answer and its output come by different ways, and either may be first.
            let lines = self.printed.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if lines.iter().any(|line| line.contains(text)) {
                return (true, lines);
            }
            SystemClock.sleep(PRINTED_LOOK).await;
        }
        (false, self.printed.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to do about that here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a function without its settings: whether it failed, and what it said.
pub(crate) async fn start_without_settings(folder: &Path, name: &str) -> Outcome<(bool, String)> {
    let runtime_api = RuntimeApi::start().await?;
    let mut command = command(&binary(folder, name)?, name, &runtime_api);
    let done = tokio::task::spawn_blocking(move || command.stderr(Stdio::piped()).output()).await??;
    Ok((!done.status.success(), format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr))))
}

/// Where `scripts/build-lambdas` puts a function.
fn binary(folder: &Path, name: &str) -> Outcome<PathBuf> {
    let path = folder.join(format!("hansho-{name}")).join("bootstrap");
    if path.is_file() { Ok(path.canonicalize()?) } else { Err(format!("{} is missing: run scripts/build-lambdas", path.display()).into()) }
}

/// With nothing in its environment but what the Lambda service sets.
fn command(binary: &Path, name: &str, runtime_api: &RuntimeApi) -> Command {
    let mut command = Command::new(binary);
    command
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api.address())
        .env("AWS_LAMBDA_FUNCTION_NAME", format!("hansho-{name}"))
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_REGION", "ap-northeast-1")
        .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "example")
        .env("AWS_SESSION_TOKEN", "example")
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    command
}

fn keep_lines(stdout: ChildStdout, printed: Arc<Mutex<Vec<String>>>) {
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            printed.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    });
}
