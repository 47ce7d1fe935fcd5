//! Paging somebody: the form, and whom it would wake.

use axum::response::Html;
use hansho_domain::{Alert, ListedService, Roster, Severity, Urgency, text};
use serde::Serialize;

use super::Frame;
use crate::{
    page::{
        Reader,
        incident::told,
        outlook::{self, Opening},
        template::filled,
    },
    words,
};

/// What the page is made of.
pub(crate) struct OpenFacts<'a> {
    pub(crate) reader: &'a Reader,
    /// The services that the reader may page for.
    pub(crate) services: &'a [&'a ListedService],
    /// What was filled in.
    pub(crate) service: &'a str,
    pub(crate) title: &'a str,
    pub(crate) details: &'a str,
    pub(crate) severity: Severity,
    /// Whether something is missing in it.
    pub(crate) is_incomplete: bool,
    /// What is asked once everything is filled in.
    pub(crate) question: Option<Question<'a>>,
}

/// Whether to open this.
pub(crate) struct Question<'a> {
    pub(crate) alert: &'a Alert,
    pub(crate) roster: Roster,
    /// Tells this form from every other one.
    pub(crate) request: &'a str,
}

#[derive(Serialize)]
struct View<'a> {
    #[serde(flatten)]
    frame: Frame,
    services: Vec<Choice>,
    severities: Vec<Choice>,
    service: &'a str,
    service_name: String,
    title: String,
    details: String,
    severity: &'static str,
    severity_word: &'static str,
    is_incomplete: bool,
    request: &'a str,
    /// What opening it does, sentence by sentence; empty while the form is not filled in.
    told: Vec<String>,
}

#[derive(Serialize)]
struct Choice {
    value: String,
    word: String,
    is_chosen: bool,
}

/// The page.
pub(crate) fn page(facts: &OpenFacts<'_>, frame: Frame) -> Html<String> {
    let tongue = words::tongue(facts.reader.language);
    let service = |one: &&ListedService| Choice {
        value: one.id.to_string(),
        word: text::one_line(&one.name),
        is_chosen: one.id.as_str() == facts.service,
    };
    let severity =
        |one: Severity| Choice { value: word(one).to_owned(), word: tongue.how_bad(one).to_owned(), is_chosen: one == facts.severity };
    let view = View {
        frame,
        services: facts.services.iter().map(service).collect(),
        severities: [Severity::Critical, Severity::Error, Severity::Warning, Severity::Info].map(severity).into(),
        service: facts.service,
        service_name: facts
            .services
            .iter()
            .find(|one| one.id.as_str() == facts.service)
            .map(|one| text::one_line(&one.name))
            .unwrap_or_default(),
        title: text::one_line(facts.title),
        details: text::lines(facts.details),
        severity: word(facts.severity),
        severity_word: tongue.severity(facts.severity),
        is_incomplete: facts.is_incomplete,
        request: facts.question.as_ref().map_or("", |question| question.request),
        told: facts.question.as_ref().map(|question| sentences(question, facts.reader)).unwrap_or_default(),
    };
    filled("open.html", &view)
}

/// Who is woken how, and who is next.
pub(crate) fn sentences(question: &Question<'_>, reader: &Reader) -> Vec<String> {
    let tongue = words::tongue(reader.language);
    let clock = reader.clock();
    let Opening { urgency, first, then_at, then, held } = outlook::when_opened(question.alert, &question.roster, reader.now);
    let mut sentences = Vec::new();
    match held {
        Some(until) => sentences.push(tongue.opening_held(&clock.short(until))),
        None if first.is_empty() => sentences.push(tongue.opening_calls_nobody().to_owned()),
        None => sentences.push(tongue.opening_calls(&told(&first, reader), urgency == Urgency::High)),
    }
    if let Some(at) = then_at.filter(|_| !then.is_empty() && held.is_none()) {
        sentences.push(tongue.opening_then(&told(&then, reader), &clock.short(at)));
    }
    sentences
}

/// The word for a severity in forms, which is that of the configuration.
pub(crate) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}
