//! What providers report later: accepted is not delivered.

use aws_lambda_events::cloudwatch_logs::LogsEvent;
use hansho_domain::{Actor, EffectId, Input, Method};
use hansho_runtime::Failure;
use hansho_store::{Delivery, Store, StoreError};
use serde_json::Value;

use crate::{
    send::{failed_input, failure},
    unavailable,
};

/// What SES publishes to a topic when it is told to report to it.
const SES_GREETING: &str = "Successfully validated SNS topic";

/// One report: a message did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    method: Method,
    /// What the provider calls the message.
    provider_id: Option<String>,
    /// The delivery whose turn it was, which our mails carry as a tag.
    delivery: Option<EffectId>,
    reason: String,
}

/// Reads the failures out of an event of SES (through SNS) or of SNS's delivery log (through CloudWatch Logs).
/// `None` when it is neither; empty when everything in it arrived. Parts of it that are neither are logged.
pub(crate) fn read(event: &Value) -> Option<Vec<Report>> {
    if event.get("awslogs").is_some() {
        let logs: LogsEvent = serde_json::from_str(&event.to_string()).ok()?;
        return every(logs.aws_logs.data.log_events.iter().map(|entry| sms_line(&entry.message)));
    }
    if let Some(records) = event.get("Records").and_then(Value::as_array) {
        return every(records.iter().map(|record| ses_message(record.get("Sns")?.get("Message")?.as_str()?)));
    }
    // SNS to SQS wraps the message in its own envelope.
    if let Some(message) = event.get("Message").and_then(Value::as_str) {
        return ses_message(message);
    }
    is_ses(event).then(|| ses_report(event).into_iter().collect())
}

/// The reports of all parts; `None` when no part is one.
fn every(parts: impl Iterator<Item = Option<Vec<Report>>>) -> Option<Vec<Report>> {
    let (known, unknown): (Vec<_>, Vec<_>) = parts.partition(Option::is_some);
    if known.is_empty() {
        return None;
    }
    if !unknown.is_empty() {
        tracing::error!(count = unknown.len(), "parts of an event are no report of SES or SNS; they are passed over");
    }
    Some(known.into_iter().flatten().flatten().collect())
}

/// What an SNS message says; `None` when it is not from SES.
fn ses_message(message: &str) -> Option<Vec<Report>> {
    if message.starts_with(SES_GREETING) {
        return Some(Vec::new());
    }
    let inner: Value = serde_json::from_str(message).ok()?;
    is_ses(&inner).then(|| ses_report(&inner).into_iter().collect())
}

/// What a line of a log group says; `None` when it is not of the delivery log.
fn sms_line(line: &str) -> Option<Vec<Report>> {
    let line: Value = serde_json::from_str(line).ok()?;
    line.get("status")?.as_str()?;
    Some(sms_report(&line).into_iter().collect())
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
    let delivery = mail.get("tags").and_then(|tags| tags.get("hansho-delivery")?.get(0)?.as_str()?.parse().ok());
    let provider_id = mail.get("messageId").and_then(Value::as_str).map(str::to_owned);
    Some(Report { method: Method::Email, provider_id, delivery, reason: detail })
}

/// A line of SNS's SMS delivery log (SNS developer guide, "CloudWatch logs for SMS deliveries").
fn sms_report(line: &Value) -> Option<Report> {
    if line.get("status")?.as_str()? != "FAILURE" {
        return None;
    }
    let message_id = line.get("notification")?.get("messageId")?.as_str()?.to_owned();
    let response = line.get("delivery").and_then(|delivery| delivery.get("providerResponse")?.as_str()).unwrap_or("no reason given");
    let reason = format!("the SMS did not arrive: {response}");
    Some(Report { method: Method::Sms, provider_id: Some(message_id), delivery: None, reason })
}

/// Starts the person's next method, for every incident that the message was about.
pub(crate) async fn take_in(store: &Store, report: Report) -> Result<(), Failure> {
    let mut ids = match &report.provider_id {
        Some(provider_id) => store.deliveries_of_message(report.method, provider_id).await.map_err(unavailable)?,
        None => Vec::new(),
    };
    // A mail whose record was lost in a crash still names one delivery.
    ids.extend(report.delivery.filter(|id| !ids.contains(id)));
    let (mut known, mut failed) = (0, None);
    for id in ids {
        match take_in_for(store, id, &report.reason).await {
            Ok(is_known) => known += usize::from(is_known),
            // One incident in trouble does not keep the others from knowing; the report comes back.
            Err(failure) => failed = Some(failure),
        }
    }
    if known == 0 && failed.is_none() && !take_in_for_notice(store, &report).await? {
        tracing::warn!(reason = %report.reason, "a report is about a message that Hansho does not know; nothing to do");
    }
    failed.map_or(Ok(()), Err)
}

/// `false` when the report is about no notice. Nothing follows from one that did not arrive: it stays unanswered.
async fn take_in_for_notice(store: &Store, report: &Report) -> Result<bool, Failure> {
    let Some(provider_id) = &report.provider_id else { return Ok(false) };
    let Some(notice) = store.notice_of_message(report.method, provider_id).await.map_err(unavailable)? else { return Ok(false) };
    store.record_notice_bounce(&notice, &report.reason).await.map_err(unavailable)?;
    Ok(true)
}

/// `false` when there is no such delivery.
async fn take_in_for(store: &Store, id: EffectId, reason: &str) -> Result<bool, Failure> {
    let Some(delivery) = store.delivery(id).await.map_err(unavailable)? else { return Ok(false) };
    tell(store, &delivery, reason).await?;
    store.record_bounce(id, reason).await.map(|_| true).map_err(unavailable)
}

async fn tell(store: &Store, delivery: &Delivery, reason: &str) -> Result<(), Failure> {
    let Some(command) = failure(delivery, reason) else { return Ok(()) };
    let input = Input { id: failed_input(delivery), actor: Actor::Hansho, command };
    match store.apply(delivery.id.incident, &input).await {
        Ok(_) => Ok(()),
        Err(StoreError::UnreadableIncident { incident, message }) => {
            store.report_unreadable(incident, &message).await.map(|_| ()).map_err(unavailable)
        }
        Err(error) => Err(unavailable(error)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::read;

    fn sns(messages: &[Value]) -> Value {
        json!({ "Records": messages.iter().map(|message| json!({ "Sns": { "Message": message } })).collect::<Vec<_>>() })
    }

    #[test]
    fn what_is_no_report_is_not_taken_for_one_where_everything_arrived() {
        let bounce = json!({ "eventType": "Bounce", "bounce": {}, "mail": { "messageId": "m" } }).to_string();
        let arrived = json!({ "eventType": "Delivery", "mail": { "messageId": "m" } }).to_string();
        for (event, reports) in [
            (sns(&[json!("no JSON")]), None),
            (sns(&[json!("{\"some\":\"other notification\"}")]), None),
            (sns(&[json!(5)]), None),
            (json!({ "Message": "no JSON" }), None),
            (json!({ "Records": [null] }), None),
            (json!({ "Records": [] }), None),
            (sns(&[json!(arrived)]), Some(0)),
            (sns(&[json!("Successfully validated SNS topic for Amazon SES event publishing.")]), Some(0)),
            (sns(&[json!("no JSON"), json!(bounce)]), Some(1)),
        ] {
            assert_eq!(read(&event).map(|reports| reports.len()), reports, "{event}");
        }
    }
}
