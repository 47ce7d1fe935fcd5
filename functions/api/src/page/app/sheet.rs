//! A page of rows, facts and items: what is set up, one thing below the other. Pages say what stands there, and this how.

use axum::response::Html;
use hansho_domain::text;
use serde::Serialize;

use super::Frame;
use crate::{
    page::template::filled,
    words::{self, SetupLabels},
};

/// Longest text of a row, in characters: a page of sixty is small on a phone.
const ROW_CHARS_MAX: usize = 120;

/// The page.
#[derive(Serialize)]
pub(crate) struct Sheet {
    #[serde(flatten)]
    frame: Frame,
    u: &'static SetupLabels,
    /// Whether its title is a name, which is nobody's to translate.
    pub(crate) is_name: bool,
    /// What it is, in sentences.
    pub(crate) intro: Vec<Said>,
    /// What was done a moment ago.
    pub(crate) done: &'static str,
    /// What is told once and never again.
    pub(crate) secret: String,
    /// What the list was searched for, where it can be.
    pub(crate) search: Option<String>,
    pub(crate) sections: Vec<Section>,
    /// Other parts of the same: days, pages.
    pub(crate) links: Vec<Link>,
    /// Where one came from.
    pub(crate) back: Option<Link>,
    address: &'static str,
}

impl Sheet {
    /// An empty page at `address`.
    pub(crate) fn new(frame: Frame, language: hansho_domain::Language, address: &'static str) -> Self {
        Self {
            frame,
            u: words::tongue(language).setup(),
            is_name: false,
            intro: Vec::new(),
            done: "",
            secret: String::new(),
            search: None,
            sections: Vec::new(),
            links: Vec::new(),
            back: None,
            address,
        }
    }

    /// The page as HTML.
    pub(crate) fn html(&self) -> Html<String> {
        filled("sheet.html", self)
    }
}

/// A part of the page. Whatever is empty is left out.
#[derive(Default, Serialize)]
pub(crate) struct Section {
    pub(crate) heading: &'static str,
    pub(crate) text: Vec<Said>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) rows: Vec<Row>,
    pub(crate) items: Vec<Item>,
    /// What came from outside, as it came.
    pub(crate) payload: String,
    pub(crate) buttons: Vec<Button>,
    /// What stands there when there is neither fact, row nor item.
    pub(crate) empty: &'static str,
}

/// A few words: a sentence of ours, or what somebody else wrote.
#[derive(Serialize)]
pub(crate) struct Said {
    text: String,
    is_foreign: bool,
    to: Option<String>,
}

impl Said {
    /// A sentence of ours.
    pub(crate) fn ours(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_foreign: false, to: None }
    }

    /// What somebody else wrote, on one line and cut.
    pub(crate) fn foreign(written: &str) -> Self {
        Self { text: text::cut(&text::one_line(written), ROW_CHARS_MAX), is_foreign: true, to: None }
    }

    /// The same, which leads somewhere.
    #[must_use]
    pub(crate) fn to(self, to: impl Into<String>) -> Self {
        Self { to: Some(to.into()), ..self }
    }
}

/// A word, and what is so.
#[derive(Serialize)]
pub(crate) struct Fact {
    word: &'static str,
    said: Vec<Said>,
}

impl Fact {
    pub(crate) fn new(word: &'static str, said: impl IntoIterator<Item = Said>) -> Self {
        Self { word, said: said.into_iter().collect() }
    }
}

/// One that leads to a page of its own.
#[derive(Serialize)]
pub(crate) struct Row {
    pub(crate) to: String,
    pub(crate) name: Said,
    pub(crate) told: Vec<Said>,
}

/// One that has no page of its own.
#[derive(Serialize)]
pub(crate) struct Item {
    pub(crate) name: Said,
    pub(crate) told: Vec<Said>,
    pub(crate) button: Option<Button>,
}

/// Something that can be done, after it was said what that means.
#[derive(Serialize)]
pub(crate) struct Button {
    pub(crate) action: String,
    pub(crate) word: &'static str,
    /// What it does, in sentences. With any of them it takes a second tap.
    pub(crate) told: Vec<String>,
    pub(crate) confirm: &'static str,
    /// What is to be written, where something is: the name of the field and what stands above it.
    pub(crate) field: Option<(&'static str, &'static str)>,
}

/// Another page.
#[derive(Serialize)]
pub(crate) struct Link {
    pub(crate) to: String,
    pub(crate) word: String,
}

impl Link {
    pub(crate) fn new(to: impl Into<String>, word: impl Into<String>) -> Self {
        Self { to: to.into(), word: word.into() }
    }
}
