//! The alerts of an incident: when each came, what each rule made of it, and what it said.

use axum::response::Html;
use hansho_domain::{Incident, text};
use hansho_routing::{Reading, Says, Trace, Tried, Verdict};
use hansho_store::{KeptAlert, KeptPage};
use hansho_texts::spoken;
use serde::Serialize;

use super::{Layout, Reader, template::filled};
use crate::words::{self, JudgementLabels};

/// How much of a payload stands on the page, in characters; the whole of it is in the JSON.
const PAYLOAD_CHARS_MAX: usize = 600;

/// What the page is made of.
pub(crate) struct AlertsFacts<'a> {
    pub(crate) incident: &'a Incident,
    pub(crate) kept: &'a KeptPage,
    pub(crate) reader: &'a Reader,
    /// The address of the incident's page.
    pub(crate) address: &'a str,
    /// Whether the payloads are shown.
    pub(crate) has_payloads: bool,
}

#[derive(Serialize)]
struct View<'a> {
    #[serde(flatten)]
    layout: Layout,
    j: &'static JudgementLabels,
    back: &'static str,
    address: &'a str,
    title: String,
    service: &'a str,
    integration: &'a str,
    dedup_key: String,
    alerts: Vec<Row>,
    /// After which alert there are more.
    next: Option<String>,
}

#[derive(Serialize)]
struct Row {
    says: &'static str,
    clock: String,
    full: String,
    /// What each rule that fired or failed made of it.
    rules: Vec<Rule>,
    /// How many rules were for other alerts; none where no rule was asked.
    passed: Option<String>,
    payload: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) told: Vec<String>,
}

/// The page.
pub(crate) fn page(facts: &AlertsFacts<'_>, layout: Layout) -> Html<String> {
    let AlertsFacts { incident, kept, reader, address, has_payloads } = *facts;
    let tongue = words::tongue(reader.language);
    let view = View {
        layout,
        j: tongue.judgement(),
        back: tongue.response().back,
        address,
        title: text::one_line(&incident.title),
        service: incident.service.as_str(),
        integration: incident.integration.as_str(),
        dedup_key: text::one_line(incident.dedup_key.as_str()),
        alerts: kept.alerts.iter().map(|one| row(one, reader, has_payloads)).collect(),
        next: kept.next.map(|next| next.to_string()),
    };
    filled("alerts.html", &view)
}

fn row(kept: &KeptAlert, reader: &Reader, has_payloads: bool) -> Row {
    let clock = reader.clock();
    let tongue = clock.tongue();
    let j = tongue.judgement();
    let reading: Reading = kept.reading.as_deref().and_then(|reading| serde_json::from_str(reading).ok()).unwrap_or_default();
    let trace: Option<Trace> = kept.trace.as_deref().and_then(|trace| serde_json::from_str(trace).ok());
    let passed = trace.as_ref().map(|trace| {
        let passed = trace.rules.iter().filter(|tried| tried.verdict == Verdict::Passed).count();
        tongue.passed_rules(passed.saturating_add(usize::try_from(trace.left_out).unwrap_or(usize::MAX)))
    });
    Row {
        says: match reading.says {
            Says::Alert => j.says_alert,
            Says::Clear => j.says_clear,
            Says::Note => j.says_note,
        },
        clock: clock.short(kept.received_at),
        full: clock.full(kept.received_at),
        rules: trace.iter().flat_map(|trace| &trace.rules).filter_map(|tried| rule(tried, reader)).collect(),
        passed,
        payload: has_payloads.then(|| text::cut(&text::lines(&kept.raw), PAYLOAD_CHARS_MAX)),
    }
}

/// A rule that was for this alert, or that could not be asked.
pub(super) fn rule(tried: &Tried, reader: &Reader) -> Option<Rule> {
    let tongue = words::tongue(reader.language);
    let told = match &tried.verdict {
        Verdict::Passed => return None,
        Verdict::Failed { reason } => vec![tongue.rule_failed(&text::one_line(reason))],
        Verdict::Fired { changes, problems } if changes.is_empty() && problems.is_empty() => {
            vec![tongue.judgement().changed_nothing.to_owned()]
        }
        Verdict::Fired { changes, problems } => {
            let changes = changes.iter().map(|change| tongue.change(&change.field, change.from.as_deref(), &change.to));
            changes.chain(problems.iter().map(|problem| spoken(reader.language, &text::one_line(problem)).into_owned())).collect()
        }
    };
    Some(Rule { name: text::one_line(&tried.rule), told })
}
