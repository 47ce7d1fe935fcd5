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
    ways: Ways,
    passkey_script: &'static str,
}

/// Which ways there are to sign in beside the link.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Ways {
    /// Whether passkeys sign in here.
    pub(crate) has_passkeys: bool,
}

/// The form that asks for a link, and the other ways.
pub(crate) fn ask(language: Language, to: &str, ways: &Ways) -> Html<String> {
    let a = words::tongue(language).app();
    page(&View { to, ways: *ways, ..View::of(language, a.sign_in) })
}

/// That a link is on its way, if there is anybody of that address.
pub(crate) fn sent(language: Language) -> Html<String> {
    let a = words::tongue(language).app();
    page(&View { is_sent: true, ..View::of(language, a.link_sent) })
}

/// The question whether to sign in as the link's person.
pub(crate) fn confirm(reader: &Reader, address: &str) -> Html<String> {
    let title = words::tongue(reader.language).sign_in_as(&reader.name(&reader.user));
    page(&View { address, ..View::of(reader.language, &title) })
}

impl<'a> View<'a> {
    fn of(language: Language, page_title: &'a str) -> Self {
        Self {
            lang: code(language),
            style: asset::STYLE.as_str(),
            page_title,
            a: words::tongue(language).app(),
            to: "",
            address: "",
            is_sent: false,
            ways: Ways::default(),
            passkey_script: asset::PASSKEY.as_str(),
        }
    }
}

fn page(view: &View<'_>) -> Html<String> {
    filled("sign_in.html", view)
}
