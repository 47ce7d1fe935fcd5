//! The page of a bundle: everything that one message was about, and one button for all of it.

use axum::response::Html;
use hansho_domain::{Incident, text};
use serde::Serialize;

use super::{Layout, Reader, app::Frame, incident::standing, template::filled};
use crate::link::LinkAction;

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
    #[serde(flatten)]
    layout: Layout,
    summary: String,
    unacknowledged: usize,
    nonce: String,
    items: Vec<Item>,
    /// What the addresses of the incidents are below.
    below: &'a str,
    /// Where the button leads.
    action: String,
    /// What one tap takes, and of which view; empty behind a link, which knows what it is for.
    ids: String,
    show: &'static str,
    /// That there are more than the page names.
    more: Option<String>,
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

/// The page behind a link.
pub fn bundle(facts: &BundleFacts<'_>) -> Html<String> {
    let frame = |title| Layout::of_link(Frame::new(facts.reader, "", title, String::new()));
    filled("bundle.html", &view(facts, frame))
}

/// The page for whoever has signed in: everything of a view that nobody has. `beyond` more are open than were looked at.
pub(crate) fn bundle_of_visitor(
    facts: &BundleFacts<'_>,
    show: &'static str,
    beyond: usize,
    frame: impl FnOnce(String) -> Frame,
) -> Html<String> {
    let ids: Vec<String> = facts.items.iter().map(|item| item.incident.id.to_string()).collect();
    let more = (beyond > 0).then(|| facts.reader.clock().tongue().more_open(beyond));
    let below = "/app/incidents";
    let view = view(facts, |title| Layout::of_visitor(frame(title)));
    filled("bundle.html", &View { ids: ids.join(","), show, more, below, action: "/app/bundle".to_owned(), ..view })
}

fn view<'a>(facts: &BundleFacts<'a>, layout: impl FnOnce(String) -> Layout) -> View<'a> {
    let BundleFacts { items, reader, address } = *facts;
    let tongue = reader.clock().tongue();
    let unacknowledged = items.iter().filter(|item| item.incident.phase.is_unacknowledged()).count();
    let summary =
        if items.is_empty() { tongue.response().nothing_to_take.to_owned() } else { tongue.open_count(unacknowledged, items.len()) };
    View {
        layout: layout(summary.clone()),
        summary,
        unacknowledged,
        nonce: LinkAction::Acknowledge.nonce(items.iter().map(|item| (item.incident.id, item.incident.version))),
        items: sorted(items, reader),
        below: address,
        action: format!("{address}/acknowledge"),
        ids: String::new(),
        show: "",
        more: None,
        address,
    }
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
    (!incident.phase.is_unacknowledged(), incident.phase.is_resolved(), incident.rank(), loudness, std::cmp::Reverse(incident.id))
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
