//! An event as Hansho takes it in.

use std::collections::BTreeSet;

use hansho_domain::{Alert, AlertId, Clear, DedupKey, IntegrationId, Labels, REFERENCES_MAX, Reference, ReferenceKind, Severity, text};
use hansho_intake::Subject;
use hansho_store::Suppressed;
use serde_json::{Map, Value};

use super::{
    Sender,
    event::{Pointers, Trigger},
};

/// Longest account of an alert that an incident keeps, in characters; the whole event is kept beside it.
const DETAILS_CHARS_MAX: usize = 1_000;
/// Longest value of one detail in it, in characters.
const DETAIL_CHARS_MAX: usize = 300;
/// Fields of the custom details that say where to read what to do.
const RUNBOOKS: [&str; 3] = ["runbook", "runbook_url", "runbookurl"];

/// The alert of a trigger.
pub(super) fn alert(trigger: &Trigger, id: AlertId, dedup_key: DedupKey, sender: &Sender) -> Alert {
    let details = trigger.details.as_ref();
    let (references, refused) = references(&trigger.pointers);
    let refused = (refused > 0).then(|| format!("{refused} of its links and images are no https addresses, and were left out"));
    let remark: Vec<String> = sender.remark().into_iter().chain(refused).collect();
    Alert {
        id,
        integration: sender.integration().clone(),
        dedup_key,
        // Events have no time that could be relied on: they count in the order in which they come in.
        occurred_at: sender.at,
        // An alarm that does not say how bad it is may be as bad as can be.
        severity: trigger.severity.unwrap_or(Severity::Critical),
        priority: None,
        title: title(trigger),
        details: text::cut(&account(trigger), DETAILS_CHARS_MAX),
        runbook: details.and_then(runbook),
        link: link(trigger),
        labels: labels(trigger),
        references,
        held: None,
        pause: None,
        remark: (!remark.is_empty()).then(|| remark.join("; ")),
        opened_by: None,
    }
}

/// What an event is about that opens nothing, as its trigger would say it; what it does not say stays empty.
pub(super) fn subject(said: Option<&Trigger>, id: AlertId, dedup_key: DedupKey, sender: &Sender) -> Subject {
    let Some(said) = said else { return Subject::new(sender.service(), sender.integration().clone(), dedup_key) };
    let alert = alert(said, id, dedup_key, sender);
    let title = if text::one_line(&said.summary).is_empty() { String::new() } else { alert.title.clone() };
    Subject { title, severity: said.severity, ..Subject::of_alert(&sender.service(), &alert) }
}

/// What Hansho itself has to say about a sender.
pub(super) fn of_hansho(id: AlertId, dedup_key: DedupKey, title: String, details: String, sender: &Sender) -> Alert {
    Alert {
        id,
        integration: IntegrationId::hansho(),
        dedup_key,
        occurred_at: sender.at,
        severity: Severity::Error,
        priority: None,
        title,
        details,
        runbook: None,
        link: None,
        labels: Labels::new(),
        references: Vec::new(),
        held: None,
        pause: None,
        remark: sender.remark(),
        opened_by: None,
    }
}

/// The summary; of one that shows nothing (control characters alone), where it is.
fn title(trigger: &Trigger) -> String {
    let named = [trigger.summary.as_str(), trigger.source()].map(text::one_line);
    named.into_iter().find(|text| !text.is_empty()).unwrap_or_else(|| "Event without a summary (概要なし)".to_owned())
}

/// What resolves the incident of a key.
pub(super) fn clear(id: AlertId, dedup_key: DedupKey, sender: &Sender) -> Clear {
    Clear { id, integration: sender.integration().clone(), dedup_key, occurred_at: sender.at, details: String::new() }
}

/// What is written down about an event that pages nobody.
pub(super) fn suppressed(id: AlertId, dedup_key: DedupKey, title: &str, reason: &str, sender: &Sender) -> Suppressed {
    Suppressed {
        alert: id,
        integration: sender.integration().clone(),
        dedup_key,
        service: sender.integration.as_ref().map(|integration| integration.service_or_catch_all()),
        title: title.to_owned(),
        occurred_at: sender.at,
        received_at: sender.at,
        reason: reason.to_owned(),
        rule: None,
    }
}

/// Where the sender shows it: its own address, or the first of its links.
fn link(trigger: &Trigger) -> Option<String> {
    let links = trigger.pointers.links.iter().map(|(href, _)| href);
    trigger.pointers.client_url.iter().chain(links).find(|address| text::is_web_address(address)).cloned()
}

/// What it points at, as far as it may be shown, and how many of its links and images may not. An image that leads somewhere has a
/// link besides.
fn references(pointers: &Pointers) -> (Vec<Reference>, usize) {
    let links = pointers.links.iter().map(|(address, text)| (ReferenceKind::Link, address, text.as_str()));
    let images = pointers.images.iter().flat_map(|(source, address, text)| {
        let link = address.iter().map(|address| (ReferenceKind::Link, address, text.as_str()));
        std::iter::once((ReferenceKind::Image, source, text.as_str())).chain(link)
    });
    let all: Vec<Option<Reference>> = links.chain(images).map(|(kind, address, text)| Reference::new(kind, address, text)).collect();
    let refused = all.iter().filter(|reference| reference.is_none()).count();
    // The sender's own page is the alert's link, in plain HTTP too.
    let client = pointers.client.as_deref().unwrap_or_default();
    let own = pointers.client_url.as_deref().and_then(|address| Reference::new(ReferenceKind::Link, address, client));
    (own.into_iter().chain(all.into_iter().flatten()).take(REFERENCES_MAX).collect(), refused)
}

fn runbook(details: &Value) -> Option<String> {
    let address = |name: &&str| details.get(*name).and_then(Value::as_str).filter(|address| text::is_web_address(address));
    RUNBOOKS.iter().find_map(address).map(str::to_owned)
}

/// Where it is, and what is short in the custom details, for rules to ask about.
fn labels(trigger: &Trigger) -> Labels {
    let mut labels = Labels::new();
    for (name, value) in &trigger.place {
        labels.add(name, value);
    }
    match trigger.details.as_ref() {
        Some(Value::Object(details)) => add_details(&mut labels, details, trigger),
        Some(Value::String(text)) if text.trim().is_empty() => {}
        Some(Value::Array(list)) if list.is_empty() => {}
        None | Some(Value::Null) => {}
        // It says something, and names nothing.
        Some(Value::String(_) | Value::Array(_) | Value::Number(_) | Value::Bool(_)) => labels.add_unnamed(),
    }
    labels
}

/// Adds what can be a label, and remembers what is there and can not: a rule that asks whether it is absent has to know. A field that
/// stands in the event beside its details, such as `source`, is what is meant by that name.
fn add_details(labels: &mut Labels, details: &Map<String, Value>, trigger: &Trigger) {
    let mut names = BTreeSet::new();
    for (name, value) in details {
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            Value::Array(_) | Value::Object(_) => String::new(),
        };
        if trigger.place.iter().any(|(place, _)| name.eq_ignore_ascii_case(place)) {
            continue;
        }
        let is_label =
            Labels::key(name).is_some_and(|key| names.insert(key)) && text.chars().any(|c| !c.is_control() && !c.is_whitespace());
        labels.add(name, &text);
        if !is_label {
            labels.add_partial(name);
        }
    }
}

/// The event in a few lines: where it is, then what its sender says besides.
fn account(trigger: &Trigger) -> String {
    let mut account: Vec<String> = trigger.place.iter().map(|(name, value)| line(name, value)).collect();
    account.extend(trigger.pointers.client.as_deref().map(|client| line("client", client)));
    account.extend(trigger.timestamp.as_deref().map(|at| line("timestamp", at)));
    match trigger.details.as_ref() {
        Some(Value::Object(details)) => account.extend(details.iter().map(|(name, value)| line(name, &plain(value)))),
        Some(other) => account.push(plain(other)),
        None => {}
    }
    text::lines(&account.join("\n"))
}

fn line(name: &str, value: &str) -> String {
    format!("{name}: {}", text::cut(value.trim(), DETAIL_CHARS_MAX))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
