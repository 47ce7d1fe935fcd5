//! Faults, in the format in which each service says them.

use serde_json::json;

use super::{Answer, ProviderFault, Service};

/// DynamoDB's namespace of modelled errors.
const DYNAMODB_NAMESPACE: &str = "com.amazonaws.dynamodb.v20120810";
/// What DynamoDB says about an item that a transaction holds.
const CONFLICT_MESSAGE: &str = "Transaction is ongoing for the item";

impl Answer {
    /// The service says that there are too many calls.
    pub fn throttled(service: Service) -> Self {
        let message = "Rate exceeded";
        match service {
            Service::DynamoDb => dynamodb_error(
                400,
                "ProvisionedThroughputExceededException",
                "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.",
            ),
            Service::Sqs => sqs_error(403, "RequestThrottled", message),
            Service::Scheduler => scheduler_error(429, "ThrottlingException", message),
            Service::Sns => sns_error(400, "Throttling", message),
            Service::Ses => rest_error(429, "TooManyRequestsException", message),
            Service::S3 => s3_error(503, "SlowDown", message),
            Service::IncidentManager => rest_error(429, "ThrottlingException", message),
            Service::SystemsManager => typed_error(400, "ThrottlingException", message),
            Service::Foreign => Self::new(429, message),
        }
    }

    /// The service is out of order.
    pub fn unavailable(service: Service) -> Self {
        let message = "The service is unavailable. Please try again shortly.";
        match service {
            Service::DynamoDb => dynamodb_error(500, "InternalServerError", "Internal server error"),
            Service::Sqs => sqs_error(503, "ServiceUnavailable", message),
            Service::Scheduler => scheduler_error(500, "InternalServerException", message),
            Service::Sns => sns_error(500, "InternalError", message),
            Service::Ses => rest_error(503, "ServiceUnavailableException", message),
            Service::S3 => s3_error(503, "ServiceUnavailable", message),
            Service::IncidentManager => rest_error(500, "InternalServerException", message),
            Service::SystemsManager => typed_error(500, "InternalServerError", message),
            Service::Foreign => Self::new(503, message),
        }
    }

    /// The service has understood the call and refuses it for good.
    pub fn rejected(service: Service, message: &str) -> Self {
        match service {
            Service::DynamoDb => typed_error(400, "com.amazon.coral.validate#ValidationException", message),
            Service::Sqs => sqs_error(400, "InvalidMessageContents", message),
            Service::Scheduler => scheduler_error(400, "ValidationException", message),
            Service::Sns => sns_error(400, "InvalidParameter", message),
            Service::Ses => rest_error(400, "MessageRejected", message),
            Service::S3 => s3_error(400, "InvalidRequest", message),
            Service::IncidentManager => rest_error(400, "ValidationException", message),
            Service::SystemsManager => typed_error(400, "ValidationException", message),
            Service::Foreign => Self::new(400, message),
        }
    }

    /// A transaction of `items` writes that met another one: cancelled, the first item's reason is the conflict.
    pub fn transaction_conflict(items: usize) -> Self {
        let (mut reasons, mut codes) = (Vec::new(), Vec::new());
        for index in 0..items {
            let conflict = index == 0;
            codes.push(if conflict { "TransactionConflict" } else { "None" });
            reasons.push(if conflict {
                json!({ "Code": "TransactionConflict", "Message": CONFLICT_MESSAGE })
            } else {
                json!({ "Code": "None" })
            });
        }
        let body = json!({
            "__type": format!("{DYNAMODB_NAMESPACE}#TransactionCanceledException"),
            "Message": format!(
                "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
                codes.join(", ")
            ),
            "CancellationReasons": reasons,
        });
        Self::new(400, body.to_string())
    }

    /// A single write to an item that a transaction holds. It is no failed condition: nothing was looked at.
    pub fn conditional_conflict() -> Self {
        dynamodb_error(400, "TransactionConflictException", CONFLICT_MESSAGE)
    }

    /// The sink's fault in the words of `service`.
    pub(super) fn of_fault(service: Service, fault: &ProviderFault) -> Self {
        match fault {
            ProviderFault::Throttled => Self::throttled(service),
            ProviderFault::Unavailable => Self::unavailable(service),
            ProviderFault::Rejected(why) => Self::rejected(service, why),
        }
    }

    /// `operation` exists on AWS perhaps, but not here.
    pub(super) fn unknown_operation(service: Service, operation: &str) -> Self {
        let message = format!("the local endpoint does not know the operation {operation:?}");
        match service {
            Service::DynamoDb => typed_error(400, "com.amazon.coral.service#UnknownOperationException", &message),
            Service::Sqs => sqs_error(400, "AWS.SimpleQueueService.UnsupportedOperation", &message),
            Service::Scheduler => scheduler_error(404, "UnknownOperationException", &message),
            Service::Sns => sns_error(400, "InvalidAction", &message),
            Service::Ses => rest_error(404, "UnknownOperationException", &message),
            Service::S3 => s3_error(405, "MethodNotAllowed", &message),
            Service::IncidentManager => rest_error(404, "UnknownOperationException", &message),
            Service::SystemsManager => typed_error(400, "UnknownOperationException", &message),
            Service::Foreign => Self::new(404, message),
        }
    }
}

fn dynamodb_error(status: u16, code: &str, message: &str) -> Answer {
    typed_error(status, &format!("{DYNAMODB_NAMESPACE}#{code}"), message)
}

/// AWS JSON 1.0 carries the old query protocol's code in a header, and that code is the one that the SDK tells errors apart by.
pub(super) fn sqs_error(status: u16, code: &str, message: &str) -> Answer {
    let party = if status < 500 { "Sender" } else { "Receiver" };
    typed_error(status, &format!("com.amazonaws.sqs#{code}"), message).with_header("x-amzn-query-error", format!("{code};{party}"))
}

/// Scheduler's REST JSON says `Message`.
pub(super) fn scheduler_error(status: u16, code: &str, message: &str) -> Answer {
    Answer::new(status, json!({ "Message": message }).to_string()).with_header("x-amzn-errortype", code)
}

/// REST JSON of SESv2 and Incident Manager says `message`.
pub(super) fn rest_error(status: u16, code: &str, message: &str) -> Answer {
    Answer::new(status, json!({ "message": message }).to_string()).with_header("x-amzn-errortype", code)
}

/// SNS still speaks the query protocol, whose answers are XML.
pub(super) fn sns_error(status: u16, code: &str, message: &str) -> Answer {
    let party = if status < 500 { "Sender" } else { "Receiver" };
    let body = format!(
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>{party}</Type><Code>{}</Code><Message>{}</Message></Error><RequestId>local</RequestId></ErrorResponse>",
        xml_escaped(code),
        xml_escaped(message),
    );
    Answer::new(status, body).with_header("content-type", "text/xml")
}

/// S3 answers in XML too, without a namespace.
pub(super) fn s3_error(status: u16, code: &str, message: &str) -> Answer {
    let body = format!("<Error><Code>{}</Code><Message>{}</Message></Error>", xml_escaped(code), xml_escaped(message));
    Answer::new(status, body).with_header("content-type", "application/xml")
}

/// `text` as XML character data.
pub(super) fn xml_escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn typed_error(status: u16, error_type: &str, message: &str) -> Answer {
    let body = json!({ "__type": error_type, "message": message });
    Answer::new(status, body.to_string())
}
