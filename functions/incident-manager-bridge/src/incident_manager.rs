//! Incident Manager, through its SDK.

use aws_sdk_ssmincidents::{
    Client,
    error::{BuildError, ProvideErrorMetadata, SdkError},
    primitives::DateTime,
    types::{IncidentRecord, IncidentRecordStatus, ItemIdentifier, ItemType, ItemValue, RelatedItem, RelatedItemsUpdate, TriggerDetails},
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use hansho_domain::{IncidentId, text};
use hansho_runtime::Aws;
use hansho_store::RecordStatus;
use jiff::{SignedDuration, Timestamp};

use crate::{
    refusal::Refusal,
    words::{self, EVENT_DATA_MAX, Link, LinkTo, Opening, RAW_MAX, SOURCE, TITLE_MAX, Told},
};

/// So much a record may seem older than the first call that could have made it: clocks differ.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(5);

/// The types of timeline events that people may add (`CreateTimelineEvent`, API reference).
const CUSTOM_EVENT: &str = "Custom Event";
const NOTE: &str = "Note";

/// Incident Manager.
#[derive(Debug)]
pub(crate) struct IncidentManager {
    client: Client,
}

impl IncidentManager {
    pub(crate) fn new(aws: &Aws) -> Self {
        Self { client: Client::new(&aws.config("ssm-incidents")) }
    }

    /// Starts an incident with the response plan: the record's ARN. A plan whose deduplication string is that of an open record answers
    /// with it.
    pub(crate) async fn begin(&self, response_plan: &str, opening: &Opening) -> Result<String, Refusal> {
        let trigger = TriggerDetails::builder()
            .source(SOURCE)
            .timestamp(date_time(opening.at))
            .set_trigger_arn(opening.arn.clone())
            .set_raw_data(opening.raw.as_ref().map(|raw| text::cut(raw, RAW_MAX)))
            .build()
            .map_err(impossible)?;
        let request = self
            .client
            .start_incident()
            .client_token(opening.incident.to_string())
            .response_plan_arn(response_plan)
            .title(text::cut(&opening.title, TITLE_MAX))
            .impact(i32::from(words::impact(opening.severity)))
            .trigger_details(trigger);
        let answer = request.send().await.map_err(|error| refused("StartIncident", &error, false))?;
        Ok(answer.incident_record_arn)
    }

    /// Whether the record says that it is ours, or is no older than `since`, when the first call was made that could have made it.
    pub(crate) async fn is_ours(&self, record: &str, since: Timestamp) -> Result<bool, Refusal> {
        Ok(is_ours(&self.record(record).await?, since))
    }

    pub(crate) async fn add_link(&self, record: &str, link: &Link, token: String) -> Result<(), Refusal> {
        let (kind, value) = match &link.to {
            LinkTo::Url(url) => (ItemType::Other, ItemValue::Url(url.clone())),
            LinkTo::Arn(arn) => (ItemType::InvolvedResource, ItemValue::Arn(arn.clone())),
        };
        let identifier = ItemIdentifier::builder().r#type(kind).value(value).build().map_err(impossible)?;
        let item = RelatedItem::builder().identifier(identifier).title(text::cut(&link.title, TITLE_MAX)).build();
        let request = self
            .client
            .update_related_items()
            .client_token(token)
            .incident_record_arn(record)
            .related_items_update(RelatedItemsUpdate::ItemToAdd(item));
        request.send().await.map(|_| ()).map_err(|error| refused("UpdateRelatedItems", &error, true))
    }

    pub(crate) async fn tell(&self, record: &str, incident: IncidentId, told: &Told) -> Result<(), Refusal> {
        let request = self
            .client
            .create_timeline_event()
            .client_token(format!("{incident}-{}", told.version))
            .incident_record_arn(record)
            .event_time(date_time(told.at))
            .event_type(if told.is_note { NOTE } else { CUSTOM_EVENT })
            .event_data(event_data(&told.text));
        request.send().await.map(|_| ()).map_err(|error| refused("CreateTimelineEvent", &error, true))
    }

    pub(crate) async fn set_impact(&self, record: &str, impact: u8, token: String) -> Result<(), Refusal> {
        let request = self.client.update_incident_record().client_token(token).arn(record).impact(i32::from(impact));
        request.send().await.map(|_| ()).map_err(|error| refused("UpdateIncidentRecord", &error, true))
    }

    pub(crate) async fn set_status(&self, record: &str, status: RecordStatus, token: String) -> Result<(), Refusal> {
        let status = match status {
            RecordStatus::Open => IncidentRecordStatus::Open,
            RecordStatus::Resolved => IncidentRecordStatus::Resolved,
        };
        let request = self.client.update_incident_record().client_token(token).arn(record).status(status);
        request.send().await.map(|_| ()).map_err(|error| refused("UpdateIncidentRecord", &error, true))
    }

    pub(crate) async fn status(&self, record: &str) -> Result<RecordStatus, Refusal> {
        let found = self.record(record).await?;
        Ok(if found.status == IncidentRecordStatus::Resolved { RecordStatus::Resolved } else { RecordStatus::Open })
    }

    async fn record(&self, record: &str) -> Result<IncidentRecord, Refusal> {
        let answer = self.client.get_incident_record().arn(record).send().await;
        let answer = answer.map_err(|error| refused("GetIncidentRecord", &error, true))?;
        answer.incident_record.ok_or_else(|| Refusal::Unanswered("the answer to GetIncidentRecord has no record".to_owned()))
    }
}

/// One that says so, or that is no older than the first call that could have made it.
fn is_ours(found: &IncidentRecord, since: Timestamp) -> bool {
    let source = found.incident_record_source.as_ref().map(|source| source.source.as_str());
    let made_at = found.creation_time.to_millis().ok().and_then(|at| Timestamp::from_millisecond(at).ok());
    source == Some(SOURCE) || made_at.is_some_and(|at| at >= since.saturating_sub(CLOCKS_DIFFER).unwrap_or(since))
}

/// The data of an event are JSON: a text, in quotes (`aws ssm-incidents create-timeline-event help`, examples).
fn event_data(told: &str) -> String {
    let mut chars_max = told.chars().count();
    loop {
        let data = serde_json::Value::String(text::cut(told, chars_max)).to_string();
        if data.chars().count() <= EVENT_DATA_MAX {
            return data;
        }
        chars_max = chars_max * 3 / 4;
    }
}

fn date_time(at: Timestamp) -> DateTime {
    DateTime::from_millis(at.as_millisecond())
}

/// Every part that a request needs is given, so that this does not happen.
fn impossible(error: BuildError) -> Refusal {
    Refusal::Never(error.to_string())
}

fn refused<E: ProvideErrorMetadata>(operation: &str, error: &SdkError<E, HttpResponse>, is_about_record: bool) -> Refusal {
    let status = error.raw_response().map(|response| response.status().as_u16());
    let code = error.code();
    let why = match (code, error.message()) {
        (Some(code), Some(message)) => format!("Incident Manager refused {operation} ({code}): {message}"),
        (Some(code), None) => format!("Incident Manager refused {operation} ({code})"),
        (None, _) => format!("Incident Manager did not answer {operation}"),
    };
    Refusal::named(code, status, why, is_about_record)
}

#[cfg(test)]
mod tests {
    use super::event_data;

    #[test]
    fn event_data_is_a_json_text_that_fits_whatever_is_in_it() {
        assert_eq!(event_data("Note by 愛子: \"ok\"\nx"), r#""Note by 愛子: \"ok\"\nx""#);
        for long in ["\n".repeat(11_000), "\u{7}".repeat(11_000), "愛".repeat(11_000)] {
            let data = event_data(&long);
            assert!(data.chars().count() <= 12_000, "{}", data.chars().count());
            assert!(serde_json::from_str::<String>(&data).is_ok());
        }
        assert_eq!(event_data(&"愛".repeat(11_000)).chars().count(), 11_002, "what fits is not cut");
    }
}
