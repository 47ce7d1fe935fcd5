//! What nobody planned for: the table does not answer, or holds what can not be read.

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use hansho_domain::IncidentId;

use crate::commit::is_throttled;

/// The table did not do its part. Lost races are no errors; they are values.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// DynamoDB did not answer, or refused; the text has its words.
    #[error("DynamoDB did not {operation}: {message}")]
    Unavailable {
        /// What was asked.
        operation: &'static str,
        /// What it said.
        message: String,
    },
    /// Others were faster so often that this call gave up; the same call again may work.
    #[error("too many writers at once on {key}; try again")]
    Contention {
        /// What they all write to.
        key: String,
    },
    /// An item can not be read.
    #[error("item {key} can not be read: {message}")]
    Unreadable {
        /// Which.
        key: String,
        /// Why.
        message: String,
    },
    /// There is no configuration to decide by.
    #[error("there is no configuration for service {service}; apply one with `hansho apply`")]
    Unconfigured {
        /// For which service.
        service: String,
    },
    /// The incident can not be read.
    #[error("incident {incident} can not be read: {message}")]
    UnreadableIncident {
        /// Which.
        incident: IncidentId,
        /// Why.
        message: String,
    },
}

impl StoreError {
    pub(crate) fn unavailable<E, R>(operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        SdkError<E, R>: std::error::Error,
    {
        Self::Unavailable { operation, message: DisplayErrorContext(error).to_string() }
    }

    /// What is left to say about a call that was tried again and again: the table is too busy for `key`, or it does not answer.
    pub(crate) fn given_up<E, R>(key: &str, operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        SdkError<E, R>: std::error::Error,
        E: ProvideErrorMetadata,
    {
        if is_throttled(error.code()) { Self::Contention { key: key.to_owned() } } else { Self::unavailable(operation, error) }
    }

    pub(crate) fn unreadable(key: impl Into<String>, message: impl ToString) -> Self {
        Self::Unreadable { key: key.into(), message: message.to_string() }
    }
}
