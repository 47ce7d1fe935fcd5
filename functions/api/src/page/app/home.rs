//! What is open now, and who is on call.

use axum::response::Html;
use hansho_domain::OnCallLine;
use serde::Serialize;

use super::{Frame, on_call};
use crate::{
    asset,
    input_id::hash_text,
    page::{
        Reader,
        bundle::{BundleItem, Item, sorted},
        template::filled,
    },
    words,
};

/// Which incidents are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    /// Those that call the reader, or that they have.
    Mine,
    /// Those of services that the reader's teams look after.
    Teams,
    /// All that they may see.
    All,
}

impl Show {
    /// Every one, in the order of the page.
    const ALL: [Self; 3] = [Self::Mine, Self::Teams, Self::All];

    /// The word for it in addresses.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Teams => "teams",
            Self::All => "all",
        }
    }

    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|show| show.as_str() == word)
    }
}

/// What the page is made of.
pub(crate) struct HomeFacts<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) show: Show,
    /// The incidents of that view.
    pub(crate) items: &'a [BundleItem],
    /// How many more are open than were looked at.
    pub(crate) beyond: usize,
    /// How many of them nobody has, and the reader may take.
    pub(crate) takeable: usize,
    /// Who is on call now.
    pub(crate) on_call: &'a [OnCallLine],
    /// Whether they may page somebody.
    pub(crate) may_page: bool,
    /// Where this page is.
    pub(crate) address: &'a str,
}

#[derive(Serialize)]
struct View<'a> {
    #[serde(flatten)]
    frame: Frame,
    script: &'static str,
    live: String,
    seen: String,
    summary: String,
    unacknowledged: usize,
    tabs: Vec<Tab>,
    items: Vec<Item>,
    is_all: bool,
    show: &'static str,
    /// How many one tap takes, where that is more than one.
    takeable: Option<usize>,
    may_page: bool,
    more: Option<String>,
    lines: Vec<on_call::Line>,
    /// What the addresses of the incidents are below.
    below: &'static str,
    address: &'a str,
}

#[derive(Serialize)]
struct Tab {
    word: &'static str,
    name: &'static str,
    is_here: bool,
}

/// Tells what the page shows from what it showed before.
pub(crate) fn seen(items: &[BundleItem], beyond: usize) -> String {
    let items = items.iter().map(|item| format!("{}-{}", item.incident.id, item.incident.version));
    let items: Vec<String> = items.chain([beyond.to_string()]).collect();
    hash_text(&[&items.join("/")], 16)
}

/// The page. Its title is the answer to whether anything is open.
pub(crate) fn home(facts: &HomeFacts<'_>, frame: impl FnOnce(String) -> Frame) -> Html<String> {
    let HomeFacts { reader, show, items, beyond, takeable, on_call: lines, may_page, address } = *facts;
    let tongue = words::tongue(reader.language);
    let unacknowledged = items.iter().filter(|item| item.incident.phase.is_unacknowledged()).count();
    let summary = if items.is_empty() { tongue.app().nothing_open.to_owned() } else { tongue.open_count(unacknowledged, items.len()) };
    let word = |show| match show {
        Show::Mine => tongue.app().mine,
        Show::Teams => tongue.app().my_teams,
        Show::All => tongue.app().all,
    };
    let view = View {
        frame: frame(summary.clone()),
        script: asset::LIVE.as_str(),
        live: format!("/app/live?show={}", show.as_str()),
        seen: seen(items, beyond),
        summary,
        unacknowledged,
        tabs: Show::ALL.map(|one| Tab { word: word(one), name: one.as_str(), is_here: one == show }).into(),
        items: sorted(items, reader),
        is_all: show == Show::All,
        show: show.as_str(),
        takeable: (takeable > 1).then_some(takeable),
        may_page,
        more: (beyond > 0).then(|| tongue.more_open(beyond)),
        lines: lines.iter().map(|line| on_call::line(line, reader, false)).collect(),
        below: "/app/incidents",
        address,
    };
    filled("home.html", &view)
}
