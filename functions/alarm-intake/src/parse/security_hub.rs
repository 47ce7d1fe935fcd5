//! Findings of AWS Security Hub (`Security Hub Findings - Imported`, and `- Custom Action`, which somebody sends from the console): a list of
//! them in the AWS Security Finding Format (Security Hub user guide, "EventBridge event formats for Security Hub CSPM" and "ASFF syntax").

use std::collections::BTreeMap;

use hansho_domain::{Severity, text};
use jiff::Timestamp;
use serde_json::Value;

use super::{
    RAW_BYTES_MAX, Reading,
    aws_event::{self, AwsEvent, Place, Resource},
    console,
    lenient::{list_at, text_at},
    text::cut_bytes,
    time,
};

/// Reads each finding of an event as a reading of its own: one that can not be read leaves the others alone.
pub(super) fn read(event: &Value, sent_at: Timestamp) -> Result<Vec<Reading>, String> {
    let findings = list_at(event, "/detail/findings");
    if findings.is_empty() {
        return Err("It is an event of Security Hub without a finding.".to_owned());
    }
    let is_one = findings.len() == 1;
    let read = |finding: &Value| {
        // What is kept of several is each with its own finding.
        let raw = || cut_bytes(&alone(event, finding).to_string(), RAW_BYTES_MAX).to_owned();
        match self::finding(event, finding, sent_at) {
            Ok(read) => Ok(Reading::AwsEvent(Box::new(AwsEvent { raw: if is_one { String::new() } else { raw() }, ..read }))),
            Err(reason) if is_one => Err(reason),
            Err(reason) => Ok(Reading::Unreadable { reason, raw: raw() }),
        }
    };
    findings.iter().map(read).collect()
}

/// The event with this finding alone.
fn alone(event: &Value, finding: &Value) -> Value {
    let mut event = event.clone();
    if let Some(findings) = event.pointer_mut("/detail/findings") {
        *findings = Value::Array(vec![finding.clone()]);
    }
    event
}

fn finding(event: &Value, finding: &Value, sent_at: Timestamp) -> Result<AwsEvent, String> {
    if !finding.is_object() {
        return Err("It is a finding of Security Hub that is no JSON object.".to_owned());
    }
    let place = Place::of(
        [text_at(finding, "/AwsAccountId"), text_at(event, "/account")],
        [text_at(finding, "/Region"), text_at(finding, "/Resources/0/Region"), text_at(event, "/region")],
    );
    let control = text_at(finding, "/Compliance/SecurityControlId").or_else(|| text_at(finding, "/ProductFields/ControlId"));
    let name = control.or_else(|| text_at(finding, "/Types/0")).or_else(|| text_at(finding, "/GeneratorId"));
    let name = name.or_else(|| text_at(finding, "/Title")).unwrap_or_else(|| "finding".to_owned());
    let over = over(finding);
    let id = text_at(finding, "/Id");
    let arn = match &id {
        Some(id) if id.starts_with("arn:") => id.clone(),
        // Products choose ids as they like, so the product is a part of it.
        Some(id) => format!("{}/{id}", text_at(finding, "/ProductArn").unwrap_or_else(|| "security-hub".to_owned())),
        None if over.is_some() => return Err("It is a finding of Security Hub that is over, and it does not say which one.".to_owned()),
        None => format!("security-hub/{name}/{}", place.account.as_deref().unwrap_or("unknown")),
    };
    let dedup_key = aws_event::dedup_key(&arn)?;
    // Its own UpdatedAt is the provider's, and stays as it was when somebody resolves the finding.
    let own = text_at(finding, "/UpdatedAt").as_deref().and_then(time::timestamp);
    let occurred_at = aws_event::sent_at(event).or(own).unwrap_or(sent_at);
    let resources = resources(finding);
    let (severity, remark) = severity(finding);
    let product = product(finding);
    let facts = place.facts().into_iter().chain([("event", name.clone()), ("product", product.clone())]);
    let by = if product == "Security Hub" { product } else { format!("Security Hub ({product})") };
    Ok(AwsEvent {
        is_over: over.is_some(),
        title: aws_event::title(&by, &text_at(finding, "/Title").unwrap_or_else(|| name.clone())),
        details: aws_event::details(text_at(finding, "/Description").as_deref(), [over.clone(), aws_event::resources_line(&resources)]),
        // Where Security Hub says it: with findings of many Regions in one, that is not where they are.
        link: text_at(event, "/region")
            .filter(|region| super::identity::is_region(region))
            .or_else(|| place.region.clone())
            .zip(id)
            .and_then(|(region, id)| console::security_hub(&region, &id)),
        runbook: text_at(finding, "/Remediation/Recommendation/Url").filter(|url| url.len() <= 1024 && text::is_web_address(url)),
        tags: tags(finding),
        alert_id: aws_event::alert_id(&dedup_key, &occurred_at.as_millisecond().to_string(), over.is_some()),
        facts: facts.chain(aws_event::resource_facts(&resources)).collect(),
        name,
        arn,
        occurred_at,
        severity,
        remark,
        raw: String::new(),
        dedup_key,
    })
}

/// What says that it is over, in a sentence. Anything that is not known says nothing.
fn over(finding: &Value) -> Option<String> {
    let is = |at: &str, word: &str| finding.pointer(at).and_then(Value::as_str) == Some(word);
    let sentence = match () {
        () if is("/RecordState", "ARCHIVED") => "The finding was archived.",
        () if is("/Compliance/Status", "PASSED") => "The check passes.",
        () if is("/Workflow/Status", "RESOLVED") => "The finding was resolved.",
        () if is("/Workflow/Status", "SUPPRESSED") => "The finding was suppressed.",
        () => return None,
    };
    Some(sentence.to_owned())
}

/// By the label, or else by the number from 0 to 100, whose bands ASFF has as 0, 1-39, 40-69, 70-89, 90-100.
fn severity(finding: &Value) -> (Severity, Option<String>) {
    let label = text_at(finding, "/Severity/Label").map(|label| label.trim().to_ascii_uppercase());
    let known = match label.as_deref() {
        Some("CRITICAL") => Some(Severity::Critical),
        Some("HIGH") => Some(Severity::Error),
        Some("MEDIUM") => Some(Severity::Warning),
        Some("LOW" | "INFORMATIONAL") => Some(Severity::Info),
        Some(_) | None => None,
    };
    let by_number = || match aws_event::number_at(finding, "/Severity/Normalized")? {
        number if number >= 90.0 => Some(Severity::Critical),
        number if number >= 70.0 => Some(Severity::Error),
        number if number >= 40.0 => Some(Severity::Warning),
        number if number >= 0.0 => Some(Severity::Info),
        _ => None,
    };
    match known.or_else(by_number) {
        Some(severity) => (severity, None),
        None => (Severity::Critical, Some("the finding does not say how severe it is, so it is taken for critical".to_owned())),
    }
}

/// The product that found it: `Security Hub`, `Inspector`, `GuardDuty`.
fn product(finding: &Value) -> String {
    let name = text_at(finding, "/ProductName").or_else(|| text_at(finding, "/ProductFields/aws~1securityhub~1ProductName"));
    text::cut(&text::one_line(&name.unwrap_or_else(|| "Security Hub".to_owned())), 40)
}

fn resources(finding: &Value) -> Vec<Resource> {
    let resource = |resource: &Value| Some(Resource { kind: text_at(resource, "/Type"), id: text_at(resource, "/Id")? });
    list_at(finding, "/Resources").iter().filter_map(resource).collect()
}

fn tags(finding: &Value) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::new();
    for holder in list_at(finding, "/Resources").iter().filter_map(|resource| resource.get("Tags")) {
        aws_event::add_tags(&mut tags, holder);
    }
    tags
}
