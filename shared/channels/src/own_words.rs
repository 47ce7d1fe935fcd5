//! A page in its service's own words. They are text as an alert's are: made harmless, cut, and escaped where they are shown.
//!
//! A template that fails takes no page with it. The standard text goes out, and the mail says that it does, and why.

use hansho_domain::Templates;
use hansho_texts::{Facts, filled};
use serde::Serialize;

use crate::{render::Shown, text};

/// Most characters of a line, and of what stands in place of the details.
const LINE_CHARS_MAX: usize = 300;
const BODY_CHARS_MAX: usize = 6_000;

/// What a service's templates say of one incident. What they do not say is empty.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct OwnWords {
    /// In place of the service and the title, on one line.
    pub(crate) line: Option<String>,
    /// The same in a mail's subject.
    pub(crate) subject: Option<String>,
    /// In place of the details.
    pub(crate) body: Option<String>,
    /// Which template could not be used, and why.
    pub(crate) problem: Option<String>,
}

impl OwnWords {
    pub(crate) fn new(templates: &Templates, incident: &Shown, reason: &str) -> Self {
        let facts = Facts {
            id: &incident.id,
            service: &incident.service,
            title: &incident.title,
            label: incident.label,
            severity: incident.severity,
            priority: incident.priority.unwrap_or_default(),
            urgency: incident.urgency,
            since: &incident.since,
            since_full: &incident.since_full,
            runbook: incident.runbook.as_deref().unwrap_or_default(),
            details: &incident.details,
            reason,
        };
        let mut own = Self::default();
        for (part, template) in templates.parts() {
            let said = match filled(template, &facts) {
                Ok(said) => said,
                Err(problem) => {
                    tracing::error!(incident.id = incident.id, template = part, %problem, "a service's template failed, its standard text is sent");
                    own.problem.get_or_insert_with(|| text::cut(&text::one_line(&format!("{part}, {problem}")), LINE_CHARS_MAX));
                    continue;
                }
            };
            let line = text::cut(&text::one_line(&said), LINE_CHARS_MAX);
            // What says nothing is no page.
            match part {
                _ if line.is_empty() => {}
                "line" => own.line = Some(line),
                "subject" => own.subject = Some(line),
                _ => own.body = Some(text::lines(&said, BODY_CHARS_MAX)),
            }
        }
        own
    }
}
