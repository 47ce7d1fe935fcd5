//! What providers report later: accepted is not delivered.

use aws_lambda_events::cloudwatch_logs::LogsEvent;
use hansho_domain::{Actor, Command, DeliveryOutcome, EffectId, Holds, Input, Method};
use hansho_runtime::Failure;
use hansho_store::{Delivery, Store, StoreError};
use serde_json::Value;

use crate::{send::failed_input, unavailable};

/// One report: a message did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    message: Reported,
    reason: String,
}

/// How the report names the message.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reported {
    /// By the delivery's id, which our mails carry as a tag.
    Delivery(EffectId),
    /// By the provider's id.
    Provider(Method, String),
}

/// Reads the failures out of an event of SES (through SNS) or of SNS's delivery log (through CloudWatch Logs).
/// `None` when it is neither; empty when everything in it arrived.
pub(crate) fn read(event: &Value) -> Option<Vec<Report>> {
    if event.get("awslogs").is_some() {
        let logs: LogsEvent = serde_json::from_str(&event.to_string()).ok()?;
        return Some(
            logs.aws_logs.data.log_events.iter().filter_map(|entry| sms_report(&serde_json::from_str(&entry.message).ok()?)).collect(),
        );
    }
    if let Some(records) = event.get("Records").and_then(Value::as_array) {
        let messages: Vec<&str> = records.iter().filter_map(|record| record.get("Sns")?.get("Message")?.as_str()).collect();
        if messages.is_empty() {
            return None;
        }
        return Some(messages.iter().filter_map(|message| ses_report(&serde_json::from_str(message).ok()?)).collect());
    }
    // SNS to SQS wraps the message in its own envelope.
    if let Some(message) = event.get("Message").and_then(Value::as_str) {
        let inner: Value = serde_json::from_str(message).ok()?;
        return is_ses(&inner).then(|| ses_report(&inner).into_iter().collect());
    }
    is_ses(event).then(|| ses_report(event).into_iter().collect())
}

fn is_ses(event: &Value) -> bool {
    event.get("mail").is_some() && (event.get("eventType").is_some() || event.get("notificationType").is_some())
}

/// An SES event or notification (SES developer guide, "Amazon SNS notification contents").
fn ses_report(event: &Value) -> Option<Report> {
    let kind = event.get("eventType").or_else(|| event.get("notificationType"))?.as_str()?;
    let detail = match kind {
        "Bounce" => {
            let bounce = event.get("bounce")?;
            let text = |name: &str| bounce.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
            format!("the mail bounced ({}, {})", text("bounceType"), text("bounceSubType"))
        }
        "Reject" => "SES rejected the mail".to_owned(),
        "Complaint" => "the mail was reported as spam".to_owned(),
        "Rendering Failure" => "SES could not make the mail".to_owned(),
        _ => return None,
    };
    let mail = event.get("mail")?;
    let tag = mail.get("tags").and_then(|tags| tags.get("hansho-delivery")?.get(0)?.as_str()?.parse().ok());
    let message = match tag {
        Some(delivery) => Reported::Delivery(delivery),
        None => Reported::Provider(Method::Email, mail.get("messageId")?.as_str()?.to_owned()),
    };
    Some(Report { message, reason: detail })
}

/// A line of SNS's SMS delivery log (SNS developer guide, "CloudWatch logs for SMS deliveries").
fn sms_report(line: &Value) -> Option<Report> {
    if line.get("status")?.as_str()? != "FAILURE" {
        return None;
    }
    let message_id = line.get("notification")?.get("messageId")?.as_str()?.to_owned();
    let response = line.get("delivery").and_then(|delivery| delivery.get("providerResponse")?.as_str()).unwrap_or("no reason given");
    Some(Report { message: Reported::Provider(Method::Sms, message_id), reason: format!("the SMS did not arrive: {response}") })
}

/// Starts the person's next method.
pub(crate) async fn take_in(store: &Store, report: Report) -> Result<(), Failure> {
    let id = match &report.message {
        Reported::Delivery(id) => Some(*id),
        Reported::Provider(method, provider_id) => store.delivery_of_message(*method, provider_id).await.map_err(unavailable)?,
    };
    let delivery = match id {
        Some(id) => store.delivery(id).await.map_err(unavailable)?,
        None => None,
    };
    let Some(delivery) = delivery else {
        tracing::warn!(reason = %report.reason, "a report is about a message that Hansho does not know; nothing to do");
        return Ok(());
    };
    tell(store, &delivery, &report.reason).await?;
    store.record_bounce(delivery.id, &report.reason).await.map(|_| ()).map_err(unavailable)
}

async fn tell(store: &Store, delivery: &Delivery, reason: &str) -> Result<(), Failure> {
    let Holds::Unacknowledged { episode } = delivery.notification.holds else { return Ok(()) };
    let command = Command::DeliveryReport {
        delivery: delivery.id,
        user: delivery.notification.user.clone(),
        method: delivery.notification.method,
        episode,
        outcome: DeliveryOutcome::Failed(reason.to_owned()),
    };
    let input = Input { id: failed_input(delivery), actor: Actor::Hansho, command };
    match store.apply(delivery.id.incident, &input).await {
        Ok(_) => Ok(()),
        Err(StoreError::UnreadableIncident { incident, message }) => {
            store.report_unreadable(incident, &message).await.map(|_| ()).map_err(unavailable)
        }
        Err(error) => Err(unavailable(error)),
    }
}
