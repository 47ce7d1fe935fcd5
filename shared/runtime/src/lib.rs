//! What every function needs around its one job: settings, a clock, AWS access, secrets, logs, partial batches.
//!
//! This crate is the only one that reads a clock or the environment; everything else is handed what it needs,
//! so that tests and the local run hand in their own.

pub mod aws;
pub mod backoff;
pub mod batch;
pub mod clock;
mod connection;
mod downloads;
mod lambda;
pub mod objects;
pub mod parameters;
pub mod payload;
pub mod queue;
pub mod secrets;
pub mod settings;
mod signed;
mod systems_manager;
pub mod telemetry;

pub use aws::Aws;
pub use clock::{Clock, SharedClock, SystemClock};
pub use downloads::{Download, DownloadError, Downloads};
pub use lambda::{Lambda, LambdaError, Part, PartState};
pub use objects::{ObjectError, Objects};
pub use parameters::Parameters;
pub use secrets::Secrets;
pub use settings::{Settings, SettingsProblems};
pub use systems_manager::{SystemsManager, SystemsManagerError};

use serde_json::Value;

/// What a function gives back when it could not do its work; the service that invoked it tries again.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    message: String,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Failure {
    /// A failure with its cause.
    pub fn new(message: impl Into<String>, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self { message: message.into(), source: Some(Box::new(source)) }
    }

    /// A failure that is its own cause.
    pub fn because(message: impl Into<String>) -> Self {
        Self { message: message.into(), source: None }
    }
}

/// The answer of a function to an event.
pub type Answer = Result<Value, Failure>;

/// `error` and its causes on one line, for the log at the boundary.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}
