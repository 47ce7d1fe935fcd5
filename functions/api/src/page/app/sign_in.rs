//! Signing in: the form, what it answers, and the question of the link.

use axum::response::Html;
use hansho_domain::Language;
use serde::Serialize;

use crate::{
    asset,
    page::{Reader, code, template::filled},
    words::{self, AppLabels},
};

#[derive(Serialize)]
struct View<'a> {
    lang: &'static str,
    style: &'static str,
    page_title: &'a str,
    a: &'static AppLabels,
    /// What signing in leads to; empty for the first page.
    to: &'a str,
    /// Where the tap goes that signs in.
    address: &'a str,
    is_sent: bool,
}

/// The form that asks for a link.
pub(crate) fn ask(language: Language, to: &str) -> Html<String> {
    let a = words::tongue(language).app();
    page(&View { lang: code(language), style: asset::STYLE.as_str(), page_title: a.sign_in, a, to, address: "", is_sent: false })
}

/// That a link is on its way, if there is anybody of that address.
pub(crate) fn sent(language: Language) -> Html<String> {
    let a = words::tongue(language).app();
    page(&View { lang: code(language), style: asset::STYLE.as_str(), page_title: a.link_sent, a, to: "", address: "", is_sent: true })
}

/// The question whether to sign in as the link's person.
pub(crate) fn confirm(reader: &Reader, address: &str) -> Html<String> {
    let tongue = words::tongue(reader.language);
    let title = tongue.sign_in_as(&reader.name(&reader.user));
    let lang = code(reader.language);
    page(&View { lang, style: asset::STYLE.as_str(), page_title: &title, a: tongue.app(), to: "", address, is_sent: false })
}

fn page(view: &View<'_>) -> Html<String> {
    filled("sign_in.html", view)
}
