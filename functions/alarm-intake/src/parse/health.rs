//! Events of AWS Health (`AWS Health Event`, `AWS Health Abuse Event`): what AWS itself has to say about its services and an account's resources
//! (AWS Health user guide, "AWS Health events Amazon EventBridge schema").

use std::collections::BTreeMap;

use hansho_domain::{Severity, text};
use jiff::Timestamp;
use serde_json::Value;

use super::{
    aws_event::{self, AwsEvent, Place, Resource},
    console,
    lenient::{list_at, text_at},
    time,
};

/// Reads an event.
pub(super) fn read(event: &Value, sent_at: Timestamp) -> Result<AwsEvent, String> {
    let detail = event.get("detail").filter(|detail| detail.is_object()).ok_or("It is an event of AWS Health that says nothing.")?;
    // `region` is where it was delivered, and a copy of it comes in a second Region; `eventRegion` may be `global`.
    let region = text_at(detail, "/eventRegion").or_else(|| text_at(event, "/region"));
    let place = Place::of([text_at(detail, "/affectedAccount"), text_at(event, "/account")], [region]);
    let code = text_at(detail, "/eventTypeCode");
    let is_over = detail.get("statusCode").and_then(Value::as_str) == Some("closed");
    let arn = match text_at(detail, "/eventArn") {
        Some(arn) => arn,
        None if is_over => return Err("It is an event of AWS Health that is over, and it does not say which one.".to_owned()),
        None => format!("aws-health/{}/{}", code.as_deref().unwrap_or("event"), place.region.as_deref().unwrap_or("global")),
    };
    // An event of AWS that hits many accounts has one ARN, and each account its own trouble.
    let dedup_key = aws_event::dedup_key(&format!("{arn}#{}", place.account.as_deref().unwrap_or("unknown")))?;
    let updated = text_at(detail, "/lastUpdatedTime").and_then(|at| moment(&at));
    let occurred_at = updated.or_else(|| aws_event::sent_at(event)).unwrap_or(sent_at);
    let said = text_at(detail, "/communicationId").unwrap_or_else(|| occurred_at.as_millisecond().to_string());
    let resources = resources(event, detail);
    let (severity, remark) = severity(event, detail);
    let service = text_at(detail, "/service").unwrap_or_else(|| "AWS".to_owned());
    let description = description(detail);
    let category = text_at(detail, "/eventTypeCategory");
    let facts = place
        .facts()
        .into_iter()
        .chain(code.clone().map(|code| ("event", code)))
        .chain([("aws_service", service.clone())])
        .chain(category.map(|category| ("category", category)))
        .chain(text_at(detail, "/eventScopeCode").map(|scope| ("scope", scope)));
    Ok(AwsEvent {
        is_over,
        title: aws_event::title("AWS Health", &headline(&service, code.as_deref(), description.as_deref(), &place, &resources)),
        details: aws_event::details(
            description.as_deref(),
            [is_over.then(|| "AWS has closed it.".to_owned()), aws_event::resources_line(&resources), span(detail), page(detail)],
        ),
        link: console::health(&arn),
        runbook: None,
        tags: tags(detail),
        alert_id: aws_event::alert_id(&dedup_key, &said, is_over),
        facts: facts.chain(aws_event::resource_facts(&resources)).collect(),
        name: code.unwrap_or_else(|| service.clone()),
        arn,
        occurred_at,
        severity,
        remark,
        raw: String::new(),
        dedup_key,
    })
}

/// What is broken or being looked into wakes people, what is planned or merely said does not; abuse may end in AWS closing something.
fn severity(event: &Value, detail: &Value) -> (Severity, Option<String>) {
    if event.get("detail-type").and_then(Value::as_str) == Some("AWS Health Abuse Event") {
        return (Severity::Critical, None);
    }
    match detail.get("eventTypeCategory").and_then(Value::as_str) {
        Some("issue" | "investigation") => (Severity::Error, None),
        Some("scheduledChange") => (Severity::Warning, None),
        Some("accountNotification") => (Severity::Info, None),
        Some(_) | None => {
            (Severity::Critical, Some("the event is of no category of AWS Health that is known, so it is taken for critical".to_owned()))
        }
    }
}

/// `EC2 instance store drive performance degraded (us-west-2, i-abcd1111 and 2 more)`.
fn headline(service: &str, code: Option<&str>, description: Option<&str>, place: &Place, resources: &[Resource]) -> String {
    let what = match (code, description.and_then(|said| said.lines().map(text::one_line).find(|line| !line.is_empty()))) {
        (Some(code), _) => words(code, service),
        (None, Some(line)) => text::cut(&line, 60),
        (None, None) => "event".to_owned(),
    };
    let more = resources.len().saturating_sub(1);
    // Of an ARN, what tells it from others.
    let first = resources.first().map(|first| first.id.rsplit(['/', ':']).find(|part| !part.is_empty()).unwrap_or(&first.id));
    let first = first.map(|first| text::cut(first, 40));
    let first = first.map(|first| if more == 0 { first } else { format!("{first} and {more} more") });
    let about: Vec<String> = place.region.clone().into_iter().chain(first).collect();
    if about.is_empty() { format!("{service} {what}") } else { format!("{service} {what} ({})", about.join(", ")) }
}

/// `AWS_EC2_OPERATIONAL_ISSUE` of `EC2` is `operational issue`.
fn words(code: &str, service: &str) -> String {
    let code = code.strip_prefix("AWS_").unwrap_or(code);
    let code = code.strip_prefix(service).and_then(|rest| rest.strip_prefix('_')).unwrap_or(code);
    code.replace('_', " ").to_lowercase()
}

/// In English where it is there in several languages: nobody has said which one the reader has.
fn description(detail: &Value) -> Option<String> {
    let said = list_at(detail, "/eventDescription");
    let is_english = |one: &&Value| text_at(one, "/language").is_some_and(|language| language.starts_with("en"));
    text_at(said.iter().find(is_english).or_else(|| said.first())?, "/latestDescription")
}

fn resources(event: &Value, detail: &Value) -> Vec<Resource> {
    let named = list_at(detail, "/affectedEntities").iter().filter_map(|entity| text_at(entity, "/entityValue"));
    let named: Vec<Resource> = named.map(|id| Resource { kind: None, id }).collect();
    if named.is_empty() { aws_event::resources_of_envelope(event) } else { named }
}

fn tags(detail: &Value) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::new();
    for holder in list_at(detail, "/affectedEntities").iter().filter_map(|entity| entity.get("tags")) {
        aws_event::add_tags(&mut tags, holder);
    }
    tags
}

fn span(detail: &Value) -> Option<String> {
    let at = |pointer: &str| text_at(detail, pointer).and_then(|text| moment(&text)).map(|at| at.to_string());
    match (at("/startTime"), at("/endTime")) {
        (Some(start), Some(end)) => Some(format!("From {start} to {end}")),
        (Some(start), None) => Some(format!("From {start}")),
        (None, Some(end)) => Some(format!("Until {end}")),
        (None, None) => None,
    }
}

/// An event with many resources comes in pages.
fn page(detail: &Value) -> Option<String> {
    let total = text_at(detail, "/totalPages").filter(|total| total.trim() != "1")?;
    Some(format!("Page {} of {total}", text_at(detail, "/page")?))
}

/// As mail has it, or as the rest of AWS does.
fn moment(text: &str) -> Option<Timestamp> {
    time::mail_date(text).or_else(|| time::timestamp(text))
}
