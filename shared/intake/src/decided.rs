//! A signal after the rules, and what is kept beside its payload.

use std::borrow::Cow;

use hansho_domain::Alert;
use hansho_routing::{Event, Outcome, Reading, Says, Subject};
use hansho_store::{Payload, SentAs, Suppressed};
use jiff::Timestamp;

/// A signal after the rules.
pub(crate) struct Decided {
    before: Subject,
    is_bare: bool,
    outcome: Option<Outcome>,
    reading: Option<String>,
    trace: Option<String>,
}

impl Decided {
    /// `outcome` is what the rules made of `subject`, where there are any.
    pub(crate) fn new(says: Says, subject: Subject, event: Event, outcome: Option<Outcome>) -> Self {
        let is_bare = event.is_empty() && subject.is_bare();
        // Without rules the incident says what the alert was about.
        let reading = Reading { says, subject: outcome.is_some().then(|| subject.clone()), event };
        let is_needed = outcome.is_some() || !reading.event.is_empty();
        let reading = is_needed.then(|| reading.to_json()).flatten();
        let trace = outcome.as_ref().and_then(|outcome| serde_json::to_string(&outcome.trace).ok());
        Self { before: subject, is_bare, outcome, reading, trace }
    }

    /// What it is about now.
    pub(crate) fn subject(&self) -> &Subject {
        self.outcome.as_ref().map_or(&self.before, |outcome| &outcome.subject)
    }

    /// What its source calls the trouble.
    pub(crate) fn sent_as(&self) -> SentAs<'_> {
        SentAs { key: &self.before.dedup_key, is_bare: self.is_bare }
    }

    /// The alert as it is now.
    pub(crate) fn alert<'a>(&self, alert: &'a Alert) -> Cow<'a, Alert> {
        self.outcome.as_ref().map_or(Cow::Borrowed(alert), |outcome| Cow::Owned(outcome.alert(alert)))
    }

    /// What is recorded in place of an incident, if a rule suppresses the alert.
    pub(crate) fn suppressed(&self, alert: &Alert, now: Timestamp) -> Option<Suppressed> {
        let outcome = self.outcome.as_ref()?;
        let suppression = outcome.suppression.as_ref()?;
        let subject = &outcome.subject;
        Some(Suppressed {
            alert: alert.id,
            integration: alert.integration.clone(),
            dedup_key: subject.dedup_key.clone(),
            service: Some(subject.service.clone()),
            title: subject.title.clone(),
            occurred_at: alert.occurred_at,
            received_at: now,
            reason: format!("rule {}: {}", suppression.rule, suppression.reason),
            rule: Some(suppression.rule.clone()),
        })
    }

    pub(crate) fn payload<'a>(&'a self, raw: &'a str) -> Payload<'a> {
        Payload { raw, reading: self.reading.as_deref(), trace: self.trace.as_deref() }
    }
}
