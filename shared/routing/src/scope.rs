//! What expressions can ask about an alert, by name.

use cel::{
    common::{types::CelString, value::CowVal},
    context::VariableResolver,
};
use hansho_domain::{Priority, Severity};

use crate::{
    check::PATTERN,
    event::Event,
    facts::{self, Extent, Fact},
    function::Pattern,
    subject::Subject,
};
use serde_json::Value;

/// What is known of an alert: what came with it, and what it is about so far.
pub(crate) struct Known<'e> {
    body: Fact<'e>,
    headers: Fact<'e>,
    recipients: Fact<'e>,
    source: Fact<'e>,
    of_subject: OfSubject,
    extent_of_event: Extent,
    extent: Extent,
}

/// The facts that rules change.
struct OfSubject {
    labels: Fact<'static>,
    title: Fact<'static>,
    details: Fact<'static>,
    severity: Fact<'static>,
    priority: Fact<'static>,
    dedup_key: Fact<'static>,
    integration: Fact<'static>,
    service: Fact<'static>,
    link: Fact<'static>,
    runbook: Fact<'static>,
}

impl<'e> Known<'e> {
    pub(crate) fn new(event: &Event, body: &'e Value, subject: &Subject) -> Self {
        let (body, extent_of_body) = facts::of_json(body);
        let headers: Vec<_> =
            event.headers().iter().map(|(name, value)| (CelString::from(name.clone()), Fact::text(value.as_str()))).collect();
        let recipients = event.recipients().iter().map(|address| Fact::text(address.as_str())).collect::<Vec<_>>();
        let texts = || event.headers().iter().flat_map(|(name, value)| [name, value]).chain(event.recipients()).chain([&event.source]);
        let extent_of_event = extent_of_body.with(Extent {
            elements: headers.len().max(recipients.len()),
            text_bytes: texts().map(String::len).max().unwrap_or_default(),
            facts: headers.len() + recipients.len() + 1,
            bytes: texts().map(String::len).sum(),
            is_cut: false,
        });
        let (of_subject, extent) = OfSubject::of(subject);
        Self {
            body,
            headers: Fact::map(headers),
            recipients: Fact::list(recipients),
            source: Fact::text(event.source.as_str()),
            of_subject,
            extent_of_event,
            extent: extent_of_event.with(extent),
        }
    }

    /// The subject has changed.
    pub(crate) fn renew(&mut self, subject: &Subject) {
        let (of_subject, extent) = OfSubject::of(subject);
        self.of_subject = of_subject;
        self.extent = self.extent_of_event.with(extent);
    }

    pub(crate) fn extent(&self) -> &Extent {
        &self.extent
    }

    pub(crate) fn fact(&self, name: &str) -> Option<&Fact<'e>> {
        let of = &self.of_subject;
        Some(match name {
            "body" => &self.body,
            "headers" => &self.headers,
            "recipients" => &self.recipients,
            "source" => &self.source,
            "labels" => &of.labels,
            "title" => &of.title,
            "details" => &of.details,
            "severity" => &of.severity,
            "priority" => &of.priority,
            "dedup_key" => &of.dedup_key,
            "integration" => &of.integration,
            "service" => &of.service,
            "link" => &of.link,
            "runbook" => &of.runbook,
            _ => return None,
        })
    }
}

impl OfSubject {
    fn of(subject: &Subject) -> (Self, Extent) {
        let labels: Vec<_> = subject.labels.iter().map(|(key, value)| (CelString::from(key.to_owned()), Fact::text(value))).collect();
        let optional = |text: Option<&str>| text.map_or_else(Fact::null, Fact::text);
        let texts = subject.labels.iter().flat_map(|(key, value)| [key, value]).chain([
            subject.title.as_str(),
            subject.details.as_str(),
            subject.dedup_key.as_str(),
            subject.link.as_deref().unwrap_or_default(),
            subject.runbook.as_deref().unwrap_or_default(),
        ]);
        let lengths: Vec<usize> = texts.map(str::len).collect();
        let extent = Extent {
            elements: labels.len(),
            text_bytes: lengths.iter().copied().max().unwrap_or_default(),
            facts: lengths.len(),
            bytes: lengths.iter().sum(),
            is_cut: false,
        };
        let made = Self {
            labels: Fact::map(labels),
            title: Fact::text(subject.title.as_str()),
            details: Fact::text(subject.details.as_str()),
            severity: optional(subject.severity.map(severity_word)),
            priority: optional(subject.priority.map(priority_word)),
            dedup_key: Fact::text(subject.dedup_key.as_str()),
            integration: Fact::text(subject.integration.as_str()),
            service: Fact::text(subject.service.as_str()),
            link: optional(subject.link.as_deref()),
            runbook: optional(subject.runbook.as_deref()),
        };
        (made, extent)
    }
}

/// The names of one expression.
pub(crate) struct Scope<'s, 'e> {
    pub(crate) known: &'s Known<'e>,
    pub(crate) patterns: &'s [Pattern],
}

impl VariableResolver for Scope<'_, '_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        if let Some(place) = name.strip_prefix(PATTERN) {
            let pattern = self.patterns.get(place.parse::<usize>().ok()?)?;
            return Some(CowVal::Borrowed(pattern));
        }
        self.known.fact(name).map(|fact| CowVal::Borrowed(fact.as_val()))
    }
}

/// A severity as configurations write it.
pub(crate) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

/// A priority as configurations write it.
pub(crate) fn priority_word(priority: Priority) -> &'static str {
    match priority {
        Priority::Sev1 => "SEV1",
        Priority::Sev2 => "SEV2",
        Priority::Sev3 => "SEV3",
        Priority::Sev4 => "SEV4",
    }
}
