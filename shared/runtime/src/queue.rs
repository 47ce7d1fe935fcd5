//! Queues: SQS messages that may wait up to 15 minutes.

use aws_sdk_sqs::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata},
    types::QueueAttributeName,
};
use jiff::Timestamp;
use serde::Serialize;

use crate::{Aws, Failure};

/// Longest delay of a message, in seconds (SendMessage, API reference: `DelaySeconds` 0 to 900).
pub const DELAY_SECONDS_MAX: u32 = 900;

/// What SQS says of a queue that is not there: in a header as it did before it spoke JSON, and in the answer.
const NO_QUEUE: [&str; 2] = ["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"];

/// One queue.
#[derive(Debug, Clone)]
pub struct Queue {
    client: Client,
    url: String,
}

impl Queue {
    /// The queue at `url`.
    pub fn new(aws: &Aws, url: impl Into<String>) -> Self {
        Self { client: Client::new(&aws.config("sqs")), url: url.into() }
    }

    /// Sends `message` as JSON, to be received at `at` or soon after: delays are whole seconds, rounded up, and at most
    /// 15 minutes.
    ///
    /// # Errors
    /// SQS refuses or does not answer.
    pub async fn send<T: Serialize>(&self, message: &T, at: Timestamp, now: Timestamp) -> Result<(), Failure> {
        let body = serde_json::to_string(message).map_err(|error| Failure::new("the message has no JSON", error))?;
        let delay = i32::try_from(seconds_until(at, now).min(DELAY_SECONDS_MAX)).unwrap_or(0);
        match self.client.send_message().queue_url(&self.url).message_body(body).delay_seconds(delay).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(Failure::because(format!("SQS did not take the message: {}", DisplayErrorContext(&error)))),
        }
    }
}

impl Queue {
    /// The last part of its URL.
    pub fn name(&self) -> &str {
        self.url.rsplit('/').next().unwrap_or_default()
    }

    /// Asks once whether the queue is there.
    ///
    /// # Errors
    /// SQS refuses or does not answer.
    pub async fn is_there(&self) -> Result<bool, Failure> {
        let asked = self.client.get_queue_attributes().queue_url(&self.url).attribute_names(QueueAttributeName::QueueArn);
        match asked.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.code().is_some_and(|code| NO_QUEUE.contains(&code)) => Ok(false),
            Err(error) => Err(Failure::because(format!("SQS did not say whether the queue is there: {}", DisplayErrorContext(&error)))),
        }
    }
}

/// Whole seconds from `now` until `at`, rounded up; 0 when it has passed.
pub fn seconds_until(at: Timestamp, now: Timestamp) -> u32 {
    let milliseconds = at.as_millisecond().saturating_sub(now.as_millisecond()).max(0);
    u32::try_from(milliseconds.saturating_add(999) / 1000).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_rounded_up_so_that_no_timer_comes_early() {
        let now: Timestamp = "2026-11-20T18:12:00.250Z".parse().unwrap();
        let after = |milliseconds| Timestamp::from_millisecond(now.as_millisecond() + milliseconds).unwrap();
        assert_eq!(seconds_until(after(1), now), 1);
        assert_eq!(seconds_until(after(1000), now), 1);
        assert_eq!(seconds_until(after(1001), now), 2);
        assert_eq!(seconds_until(after(0), now), 0);
        assert_eq!(seconds_until(after(-5000), now), 0);
    }
}
