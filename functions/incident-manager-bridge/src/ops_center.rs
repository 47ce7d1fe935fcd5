//! OpsCenter, by signed requests.

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use hansho_domain::text;
use hansho_runtime::{SystemsManager, SystemsManagerError};
use hansho_store::RecordStatus;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::{
    event,
    refusal::Refusal,
    words::{self, Link, LinkTo, Opening, SOURCE},
};

/// What OpsCenter takes, in characters (Systems Manager API reference: `OpsItemTitle`, `OpsItemDescription`).
const TITLE_MAX: usize = 1_024;
const DESCRIPTION_MAX: usize = 2_048;
/// Longest timeline, in bytes. A value of operational data takes 20 KB (Systems Manager user guide, "Creating OpsItems manually").
const STORY_BYTES_MAX: usize = 16_000;
/// Where the timeline stands in the operational data.
const STORY: &str = "hansho-timeline";

/// OpsCenter.
#[derive(Debug)]
pub(crate) struct OpsCenter {
    systems_manager: SystemsManager,
    topic_arn: Option<String>,
}

impl OpsCenter {
    pub(crate) fn new(systems_manager: SystemsManager, topic_arn: Option<String>) -> Self {
        Self { systems_manager, topic_arn }
    }

    pub(crate) fn with_connector(self, connector: SharedHttpConnector) -> Self {
        Self { systems_manager: self.systems_manager.with_connector(connector), ..self }
    }

    /// Makes an OpsItem, or finds the one that was made for the incident before: its id.
    pub(crate) async fn begin(&self, category: Option<&str>, opening: &Opening, now: Timestamp) -> Result<String, Refusal> {
        match self.systems_manager.call("CreateOpsItem", &self.item(category, opening), now).await {
            Ok(answer) => match answer.get("OpsItemId").and_then(Value::as_str) {
                Some(id) => Ok(id.to_owned()),
                None => Err(Refusal::Unanswered("the answer to CreateOpsItem names no OpsItem".to_owned())),
            },
            Err(error) => made_before(&error).unwrap_or_else(|| Err(refused(&error, false))),
        }
    }

    fn item(&self, category: Option<&str>, opening: &Opening) -> Value {
        let impact = words::impact(opening.severity);
        let mut item = json!({
            "Title": text::cut(&opening.title, TITLE_MAX),
            "Description": description(opening),
            "Source": SOURCE,
            "Priority": impact,
            "Severity": impact.to_string(),
            "OperationalData": operational_data(opening),
        });
        if let Value::Object(fields) = &mut item {
            fields.extend(category.map(|category| ("Category".to_owned(), json!(category))));
            fields.extend(self.topic_arn.as_ref().map(|topic| ("Notifications".to_owned(), json!([{ "Arn": topic }]))));
        }
        item
    }

    /// The newest part of the timeline, as one text.
    pub(crate) async fn tell_story(&self, record: &str, story: &[String], now: Timestamp) -> Result<(), Refusal> {
        let mut kept: Vec<&str> = Vec::new();
        let mut bytes = 0;
        for line in story.iter().rev() {
            bytes += line.len() + 1;
            if bytes > STORY_BYTES_MAX {
                kept.push("…");
                break;
            }
            kept.push(line);
        }
        kept.reverse();
        let data = json!({ STORY: { "Value": kept.join("\n"), "Type": "String" } });
        self.update(json!({ "OpsItemId": record, "OperationalData": data }), now).await
    }

    pub(crate) async fn set_impact(&self, record: &str, impact: u8, now: Timestamp) -> Result<(), Refusal> {
        self.update(json!({ "OpsItemId": record, "Priority": impact, "Severity": impact.to_string() }), now).await
    }

    pub(crate) async fn set_status(&self, record: &str, status: RecordStatus, now: Timestamp) -> Result<(), Refusal> {
        let status = match status {
            RecordStatus::Open => "Open",
            RecordStatus::Resolved => "Resolved",
        };
        self.update(json!({ "OpsItemId": record, "Status": status }), now).await
    }

    async fn update(&self, input: Value, now: Timestamp) -> Result<(), Refusal> {
        self.systems_manager.call("UpdateOpsItem", &input, now).await.map(|_| ()).map_err(|error| refused(&error, true))
    }

    pub(crate) async fn status(&self, record: &str, now: Timestamp) -> Result<RecordStatus, Refusal> {
        let answer = self.systems_manager.call("GetOpsItem", &json!({ "OpsItemId": record }), now).await;
        let answer = answer.map_err(|error| refused(&error, true))?;
        match answer.get("OpsItem").and_then(|item| item.get("Status")?.as_str()) {
            Some("Resolved" | "Closed") => Ok(RecordStatus::Resolved),
            Some(_) => Ok(RecordStatus::Open),
            None => Err(Refusal::Unanswered("the answer to GetOpsItem has no status".to_owned())),
        }
    }
}

fn description(opening: &Opening) -> String {
    let mut lines = vec![opening.title.clone()];
    if !opening.details.trim().is_empty() {
        lines.push(opening.details.clone());
    }
    let links = opening.links.iter().map(|Link { title, to: LinkTo::Url(to) | LinkTo::Arn(to) }| format!("- {title}: {to}"));
    lines.push(links.collect::<Vec<_>>().join("\n"));
    text::cut(&lines.join("\n\n"), DESCRIPTION_MAX)
}

/// `/aws/dedup` keeps a second call from making a second OpsItem, and `/aws/resources` names what it is about (Systems Manager user
/// guide, "Reducing duplicate OpsItems", "Working with OperationalData").
fn operational_data(opening: &Opening) -> Map<String, Value> {
    let searchable = |value: String| json!({ "Value": value, "Type": "SearchableString" });
    let dedup = json!({ "dedupString": opening.incident.to_string() }).to_string();
    let mut data = Map::new();
    data.insert("/aws/dedup".to_owned(), searchable(dedup));
    if let Some(arn) = &opening.arn {
        data.insert("/aws/resources".to_owned(), searchable(json!([{ "arn": arn }]).to_string()));
    }
    data.insert("hansho-incident".to_owned(), searchable(opening.incident.to_string()));
    data.insert("hansho-service".to_owned(), searchable(opening.service.clone()));
    data
}

/// The OpsItem that has the deduplication string already; or that there is one, where its id is not told.
fn made_before(error: &SystemsManagerError) -> Option<Result<String, Refusal>> {
    let SystemsManagerError::Refused { code, answer, .. } = error else { return None };
    if code != "OpsItemAlreadyExistsException" {
        return None;
    }
    let id = answer.get("OpsItemId").and_then(Value::as_str).map(str::to_owned);
    let id = id.or_else(|| event::records_named(&answer.to_string()).into_iter().next());
    Some(id.ok_or_else(|| Refusal::Unanswered(error.to_string())))
}

fn refused(error: &SystemsManagerError, is_about_record: bool) -> Refusal {
    match error {
        SystemsManagerError::Refused { code, status, .. } => {
            Refusal::named(Some(code.as_str()), Some(*status), error.to_string(), is_about_record)
        }
        SystemsManagerError::Unanswered { .. } => Refusal::Unanswered(error.to_string()),
    }
}
