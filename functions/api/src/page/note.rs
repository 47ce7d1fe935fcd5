//! Writing a note.

use axum::response::Html;
use hansho_domain::{Incident, text};
use serde::Serialize;

use super::{Layout, Reader, template::filled};
use crate::words::{self, ResponseLabels};

/// What the page is made of.
pub(crate) struct NoteFacts<'a> {
    pub(crate) incident: &'a Incident,
    pub(crate) reader: &'a Reader,
    /// The address of the incident's page.
    pub(crate) address: &'a str,
    /// What was written before.
    pub(crate) written: &'a str,
    /// Whether that was too little or too much.
    pub(crate) is_refused: bool,
}

#[derive(Serialize)]
struct View<'a> {
    #[serde(flatten)]
    layout: Layout,
    r: &'static ResponseLabels,
    address: &'a str,
    title: String,
    written: &'a str,
    is_refused: bool,
    version: u64,
}

/// The page.
pub(crate) fn page(facts: &NoteFacts<'_>, layout: Layout) -> Html<String> {
    let NoteFacts { incident, reader, address, written, is_refused } = *facts;
    let r = words::tongue(reader.language).response();
    filled(
        "note.html",
        &View { layout, r, address, title: text::one_line(&incident.title), written, is_refused, version: incident.version },
    )
}
