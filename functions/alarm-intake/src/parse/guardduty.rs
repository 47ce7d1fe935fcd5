//! Findings of Amazon GuardDuty (`GuardDuty Finding`): one in an event, in its `detail` (GuardDuty user guide, "Processing GuardDuty findings
//! with Amazon EventBridge" and "GuardDuty finding format").

use std::collections::BTreeMap;

use hansho_domain::Severity;
use jiff::Timestamp;
use serde_json::Value;

use super::{
    aws_event::{self, AwsEvent, Place, Resource},
    console,
    lenient::text_at,
    time,
};

/// Where the id of a resource stands, by its kind.
const RESOURCE_IDS: [&str; 11] = [
    "/instanceDetails/instanceId",
    "/s3BucketDetails/0/name",
    "/accessKeyDetails/userName",
    "/accessKeyDetails/accessKeyId",
    "/eksClusterDetails/name",
    "/ecsClusterDetails/name",
    "/containerDetails/name",
    "/rdsDbInstanceDetails/dbInstanceIdentifier",
    "/rdsLimitlessDbDetails/dbShardGroupIdentifier",
    "/lambdaDetails/functionName",
    "/ebsVolumeDetails/scannedVolumeDetails/0/volumeArn",
];

/// Reads a finding.
pub(super) fn read(event: &Value, sent_at: Timestamp) -> Result<AwsEvent, String> {
    let finding = event.get("detail").filter(|detail| detail.is_object()).ok_or("It is a finding of GuardDuty without the finding.")?;
    let place =
        Place::of([text_at(finding, "/accountId"), text_at(event, "/account")], [text_at(finding, "/region"), text_at(event, "/region")]);
    let id = text_at(finding, "/id");
    let arn = text_at(finding, "/arn").filter(|arn| arn.starts_with("arn:"));
    let kind = text_at(finding, "/type");
    // Only `true` ends anything.
    let is_over = finding.pointer("/service/archived") == Some(&Value::Bool(true));
    let name = kind.clone().or_else(|| text_at(finding, "/title")).unwrap_or_else(|| "finding".to_owned());
    let arn = match (arn, &id) {
        (Some(arn), _) => arn,
        (None, Some(id)) => format!("guardduty/finding/{id}"),
        (None, None) if is_over => return Err("It is a finding of GuardDuty that is over, and it does not say which one.".to_owned()),
        (None, None) => format!("guardduty/type/{name}/{}", place.account.as_deref().unwrap_or("unknown")),
    };
    let dedup_key = aws_event::dedup_key(&arn)?;
    let own = ["/updatedAt", "/service/eventLastSeen"].iter().find_map(|at| text_at(finding, at).as_deref().and_then(time::timestamp));
    let occurred_at = aws_event::sent_at(event).or(own).unwrap_or(sent_at);
    let resources = resources(finding);
    let (severity, remark) = severity(finding);
    let facts = place.facts().into_iter().chain(kind.map(|kind| ("event", kind))).chain(aws_event::resource_facts(&resources));
    Ok(AwsEvent {
        is_over,
        title: aws_event::title("GuardDuty", &text_at(finding, "/title").unwrap_or_else(|| name.clone())),
        details: aws_event::details(
            text_at(finding, "/description").as_deref(),
            [is_over.then(|| "The finding was archived.".to_owned()), aws_event::resources_line(&resources), seen(finding)],
        ),
        link: place.region.as_deref().zip(id.as_deref()).and_then(|(region, id)| console::guardduty(region, id)),
        runbook: None,
        tags: tags(finding),
        alert_id: aws_event::alert_id(&dedup_key, &occurred_at.as_millisecond().to_string(), is_over),
        facts: facts.collect(),
        name,
        arn,
        occurred_at,
        severity,
        remark,
        raw: String::new(),
        dedup_key,
    })
}

/// GuardDuty's bands (user guide, "Severity levels for GuardDuty findings"): low from 1, medium from 4, high from 7, critical from 9.
fn severity(finding: &Value) -> (Severity, Option<String>) {
    match aws_event::number_at(finding, "/severity") {
        Some(number) if number >= 9.0 => (Severity::Critical, None),
        Some(number) if number >= 7.0 => (Severity::Error, None),
        Some(number) if number >= 4.0 => (Severity::Warning, None),
        Some(number) if number >= 0.0 => (Severity::Info, None),
        Some(_) | None => (Severity::Critical, Some("the finding does not say how severe it is, so it is taken for critical".to_owned())),
    }
}

fn resources(finding: &Value) -> Vec<Resource> {
    let Some(resource) = finding.get("resource") else { return Vec::new() };
    let kind = text_at(resource, "/resourceType");
    let id = RESOURCE_IDS.iter().find_map(|at| text_at(resource, at));
    match (id, kind) {
        (Some(id), kind) => vec![Resource { kind, id }],
        (None, Some(kind)) => vec![Resource { kind: None, id: kind }],
        (None, None) => Vec::new(),
    }
}

/// Of whatever the finding is about: `resource.instanceDetails.tags`, `resource.s3BucketDetails[].tags`.
fn tags(finding: &Value) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::new();
    let details = finding.get("resource").and_then(Value::as_object).into_iter().flat_map(|resource| resource.values());
    for detail in details {
        let each = detail.as_array().map_or(std::slice::from_ref(detail), Vec::as_slice);
        each.iter().filter_map(|detail| detail.get("tags")).for_each(|holder| aws_event::add_tags(&mut tags, holder));
    }
    tags
}

fn seen(finding: &Value) -> Option<String> {
    let count = text_at(finding, "/service/count");
    let last = text_at(finding, "/service/eventLastSeen");
    match (count, last) {
        (Some(count), Some(last)) => Some(format!("Seen: {count}, last at {last}")),
        (Some(count), None) => Some(format!("Seen: {count}")),
        (None, last) => last.map(|last| format!("Last seen at {last}")),
    }
}
