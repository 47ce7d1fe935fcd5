//! SQS, as far as `SendMessage` goes.

use serde::Deserialize;
use serde_json::json;

use super::{Answer, Call, Service, Sink, SqsMessage, fault::sqs_error};

/// Longest delay of a message.
const DELAY_SECONDS_MAX: u32 = 900;
/// Longest body, in bytes.
const BODY_BYTES_MAX: usize = 1024 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SendMessage {
    queue_url: String,
    message_body: String,
    delay_seconds: Option<i64>,
}

pub(super) fn answer(call: &Call, sink: &dyn Sink) -> Answer {
    if call.operation != "SendMessage" {
        return Answer::unknown_operation(Service::Sqs, &call.operation);
    }
    let message = match message(&call.body) {
        Ok(message) => message,
        Err(refusal) => return refusal,
    };
    match sink.sqs_message(message) {
        Ok(id) => Answer::new(200, json!({ "MessageId": id }).to_string()),
        Err(fault) => Answer::of_fault(Service::Sqs, &fault),
    }
}

fn message(body: &[u8]) -> Result<SqsMessage, Answer> {
    let request: SendMessage = serde_json::from_slice(body).map_err(|error| invalid(&error.to_string()))?;
    let delay = request.delay_seconds.unwrap_or(0);
    let delay_seconds = u32::try_from(delay).ok().filter(|seconds| *seconds <= DELAY_SECONDS_MAX).ok_or_else(|| {
        invalid(&format!(
            "Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= {DELAY_SECONDS_MAX}."
        ))
    })?;
    if request.message_body.is_empty() {
        return Err(sqs_error(400, "MissingParameter", "The request must contain the parameter MessageBody."));
    }
    if request.message_body.len() > BODY_BYTES_MAX {
        return Err(invalid(&format!("One or more parameters are invalid. Reason: Message must be shorter than {BODY_BYTES_MAX} bytes.")));
    }
    Ok(SqsMessage { queue_url: request.queue_url, body: request.message_body, delay_seconds })
}

fn invalid(message: &str) -> Answer {
    sqs_error(400, "InvalidParameterValue", message)
}
