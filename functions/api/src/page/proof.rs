//! The page that asks whether messages arrive.

use axum::response::Html;
use hansho_domain::Method;
use jiff::Timestamp;
use serde::Serialize;

use super::{Reader, code, template::filled};
use crate::{asset, words::ProofWords};

/// What the page tells and asks.
#[derive(Debug, Clone)]
pub struct ProofFacts<'a> {
    /// The way that the link went.
    pub method: Method,
    /// Whether a drill asks.
    pub is_drill: bool,
    /// When it was answered, if it was.
    pub proven_at: Option<Timestamp>,
    /// Who looks.
    pub reader: &'a Reader,
    /// The page's own address; the action is below it.
    pub address: &'a str,
}

#[derive(Serialize)]
struct View<'a> {
    lang: &'static str,
    style: &'static str,
    page_title: String,
    text: String,
    /// The word on the button; none when nothing is left to do.
    button: Option<&'static str>,
    address: &'a str,
}

/// The page.
pub fn proof(facts: &ProofFacts<'_>) -> Html<String> {
    let clock = facts.reader.clock();
    let tongue = clock.tongue();
    let proven_at = facts.proven_at.map(|at| clock.full(at));
    let ProofWords { title, text, button } = tongue.proof(facts.is_drill, tongue.method(facts.method), proven_at.as_deref());
    let view = View {
        lang: code(facts.reader.language),
        style: asset::STYLE.as_str(),
        page_title: title,
        text,
        button: button.filter(|_| proven_at.is_none()),
        address: facts.address,
    };
    filled("proof.html", &view)
}
