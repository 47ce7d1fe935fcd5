//! Events of AWS services about something that is wrong or over, all of one shape: findings of GuardDuty and of Security Hub, events of
//! AWS Health.

use std::collections::BTreeMap;

use hansho_domain::{AlertId, DedupKey, Severity, text};
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    identity::{is_account, is_region},
    key_of,
    lenient::{list_at, text_at, text_of},
    time,
};

/// Longest title, in characters. It has to fit into an SMS with a link.
const TITLE_CHARS_MAX: usize = 120;
/// Longest account, in characters.
const DETAILS_CHARS_MAX: usize = 600;
/// Longest description in it, in characters, so that what comes after it is seen.
const DESCRIPTION_CHARS_MAX: usize = 400;
/// Most resources that are named.
const RESOURCES_MAX: usize = 5;
/// Longest name of a resource in a sentence, in characters.
const RESOURCE_CHARS_MAX: usize = 80;

/// A finding of GuardDuty or Security Hub, or an event of AWS Health.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsEvent {
    /// Whether it says that what it is about is over.
    pub is_over: bool,
    /// What services claim it by: the type of a finding, the id of a control, the type code of an event.
    pub name: String,
    /// What it is about, as AWS names it: an ARN, wherever there is one.
    pub arn: String,
    /// When it was so: the time of the event of EventBridge, of AWS Health its own.
    pub occurred_at: Timestamp,
    /// How bad it is.
    pub severity: Severity,
    /// One line of at most 120 characters that begins with the service: `GuardDuty: ...`.
    pub title: String,
    /// What AWS says about it, at most 600 characters.
    pub details: String,
    /// Its page in the console, where its Region is known.
    pub link: Option<String>,
    /// Where AWS says what to do.
    pub runbook: Option<String>,
    /// Small facts, for rules to ask about; account and Region come first.
    pub facts: Vec<(&'static str, String)>,
    /// Tags of its resources.
    pub tags: BTreeMap<String, String>,
    /// What is worth saying about how it was read.
    pub remark: Option<String>,
    /// The record it came in, as JSON, cut to 200 KB.
    pub raw: String,
    /// Which trouble it is about.
    pub dedup_key: DedupKey,
    /// Names what it says now, the same however often it comes.
    pub alert_id: AlertId,
}

/// Account and Region, as far as they are known.
pub(super) struct Place {
    pub(super) account: Option<String>,
    pub(super) region: Option<String>,
}

/// A resource that it is about.
pub(super) struct Resource {
    pub(super) kind: Option<String>,
    pub(super) id: String,
}

impl Place {
    /// The first of these that look like an account, and like a Region.
    pub(super) fn of<const A: usize, const R: usize>(accounts: [Option<String>; A], regions: [Option<String>; R]) -> Self {
        Self {
            account: accounts.into_iter().flatten().find(|account| is_account(account)),
            region: regions.into_iter().flatten().find(|region| is_region(region)),
        }
    }

    /// `ap-northeast-1 111122223333`.
    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let account = self.account.clone().map(|account| ("account", account));
        let region = self.region.clone().map(|region| ("region", region));
        account.into_iter().chain(region).collect()
    }
}

/// The time that EventBridge gives an event.
pub(super) fn sent_at(event: &Value) -> Option<Timestamp> {
    event.get("time")?.as_str().and_then(time::timestamp)
}

/// A dedup key of what AWS calls it.
pub(super) fn dedup_key(name: &str) -> Result<DedupKey, String> {
    key_of(name.to_owned())
}

/// The id of what is said about a trouble: the same parts, the same id.
pub(super) fn alert_id(key: &DedupKey, moment: &str, is_over: bool) -> AlertId {
    let mut hash = Sha256::new();
    for part in [key.as_str(), moment, if is_over { "over" } else { "wrong" }] {
        // With its length, so that no two lists of parts run together into the same bytes.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut first = [0; 16];
    first.copy_from_slice(&hash.finalize()[..16]);
    AlertId::from_hash(first)
}

/// A title of what AWS says, whatever is in it.
pub(super) fn title(service: &str, what: &str) -> String {
    text::cut(&format!("{service}: {}", text::one_line(what)), TITLE_CHARS_MAX)
}

/// The description, and then a line for each of the rest.
pub(super) fn details(description: Option<&str>, lines: impl IntoIterator<Item = Option<String>>) -> String {
    let description = description.map(|said| text::cut(&text::lines(said), DESCRIPTION_CHARS_MAX)).filter(|said| !said.is_empty());
    let lines = lines.into_iter().flatten().map(|line| text::one_line(&line));
    let all: Vec<String> = description.into_iter().chain(lines).collect();
    match all.is_empty() {
        true => "AWS says nothing more about it.".to_owned(),
        false => text::cut(&all.join("\n"), DETAILS_CHARS_MAX),
    }
}

/// `Resources: Instance i-1, S3Bucket logs and 3 more`; none where there is none.
pub(super) fn resources_line(resources: &[Resource]) -> Option<String> {
    let named: Vec<String> = resources
        .iter()
        .take(RESOURCES_MAX)
        .map(|Resource { kind, id }| {
            let kind = kind.iter().map(|kind| format!("{kind} "));
            kind.chain([text::cut(id, RESOURCE_CHARS_MAX)]).collect()
        })
        .collect();
    let more = resources.len().saturating_sub(named.len());
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    (!named.is_empty()).then(|| format!("Resources: {}{more}", named.join(", ")))
}

/// The first resource, for rules to ask about.
pub(super) fn resource_facts(resources: &[Resource]) -> Vec<(&'static str, String)> {
    let Some(first) = resources.first() else { return Vec::new() };
    let kind = first.kind.clone().map(|kind| ("resource_type", kind));
    [("resource", first.id.clone())].into_iter().chain(kind).collect()
}

/// Tags, as an object or as a list of `{key, value}`; with capitals too. The first of a name counts.
pub(super) fn add_tags(tags: &mut BTreeMap<String, String>, holder: &Value) {
    let listed = |tag: &Value| {
        let of = |lower: &str, upper: &str| tag.get(lower).or_else(|| tag.get(upper)).and_then(text_of);
        Some((of("key", "Key")?, of("value", "Value")?))
    };
    let found: Vec<(String, String)> = match holder {
        Value::Object(fields) => fields.iter().filter_map(|(name, value)| Some((name.clone(), text_of(value)?))).collect(),
        Value::Array(elements) => elements.iter().filter_map(listed).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for (name, value) in found {
        tags.entry(name).or_insert(value);
    }
}

/// A number, perhaps as text.
pub(super) fn number_at(value: &Value, pointer: &str) -> Option<f64> {
    text_at(value, pointer)?.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// The resources that EventBridge names beside the event.
pub(super) fn resources_of_envelope(event: &Value) -> Vec<Resource> {
    list_at(event, "/resources").iter().filter_map(text_of).map(|id| Resource { kind: None, id }).collect()
}
