//! The page of a bundle: everything that one message was about, and one button for all of it.

use axum::response::Html;
use hansho_domain::{Incident, Priority, Severity, text};
use serde::Serialize;

use super::{Reader, code, incident::standing, template::filled};
use crate::{asset, link::LinkAction, words::Labels};

/// What the page is made of.
#[derive(Debug)]
pub struct BundleFacts<'a> {
    /// The incidents.
    pub items: &'a [BundleItem],
    /// Who looks.
    pub reader: &'a Reader,
    /// The page's own address; the incidents' pages and the action are below it.
    pub address: &'a str,
}

/// One incident of it.
#[derive(Debug, Clone)]
pub struct BundleItem {
    /// The incident.
    pub incident: Incident,
    /// Its service as people call it.
    pub service: String,
}

#[derive(Serialize)]
struct View<'a> {
    lang: &'static str,
    style: &'static str,
    page_title: String,
    t: &'static Labels,
    summary: String,
    unacknowledged: usize,
    nonce: String,
    items: Vec<Item>,
    zone: String,
    address: &'a str,
}

/// A row.
#[derive(Serialize)]
pub(super) struct Item {
    state: &'static str,
    state_word: &'static str,
    label: &'static str,
    service: String,
    title: String,
    since: String,
    since_full: String,
    standing: String,
    id: String,
}

/// The page.
pub fn bundle(facts: &BundleFacts<'_>) -> Html<String> {
    let BundleFacts { items, reader, address } = *facts;
    let clock = reader.clock();
    let unacknowledged = items.iter().filter(|item| item.incident.phase.is_unacknowledged()).count();
    let summary = clock.tongue().open_count(unacknowledged, items.len());
    let view = View {
        lang: code(reader.language),
        style: asset::STYLE.as_str(),
        page_title: summary.clone(),
        t: clock.tongue().labels(),
        summary,
        unacknowledged,
        nonce: LinkAction::Acknowledge.nonce(items.iter().map(|item| (item.incident.id, item.incident.version))),
        items: sorted(items, reader),
        zone: clock.zone().to_owned(),
        address,
    };
    filled("bundle.html", &view)
}

/// The incidents as rows: what nobody has comes first, then what is worst, then what is newest.
pub(super) fn sorted(items: &[BundleItem], reader: &Reader) -> Vec<Item> {
    let mut sorted: Vec<&BundleItem> = items.iter().collect();
    sorted.sort_by_key(|item| rank(&item.incident));
    sorted.into_iter().map(|item| row(item, reader)).collect()
}

/// What nobody has comes first, then what is worst, then what is newest.
fn rank(incident: &Incident) -> impl Ord + use<> {
    let loudness = std::cmp::Reverse(incident.severity);
    let priority = incident.priority.unwrap_or(match incident.severity {
        Severity::Critical => Priority::Sev1,
        Severity::Error => Priority::Sev2,
        Severity::Warning => Priority::Sev3,
        Severity::Info => Priority::Sev4,
    });
    (!incident.phase.is_unacknowledged(), incident.phase.is_resolved(), priority, loudness, std::cmp::Reverse(incident.id))
}

fn row(item: &BundleItem, reader: &Reader) -> Item {
    let incident = &item.incident;
    let clock = reader.clock();
    let tongue = clock.tongue();
    Item {
        state: incident.phase.name().as_str(),
        state_word: tongue.phase(incident.phase.name()),
        label: incident.priority.map_or_else(|| tongue.severity(incident.severity), super::priority),
        service: text::one_line(&item.service),
        title: text::one_line(&incident.title),
        since: tongue.since(&clock.short(incident.occurred_at), &clock.span(incident.occurred_at)),
        since_full: clock.full(incident.occurred_at),
        standing: tongue.standing(&standing(incident, reader)),
        id: incident.id.to_string(),
    }
}
