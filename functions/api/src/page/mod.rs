//! The pages that people see. Pure: facts in, HTML out.
//!
//! One markup for all languages: the templates hold no words, `words` holds one file per language.

pub(crate) mod alerts;
pub(crate) mod app;
mod bundle;
pub(crate) mod call_in;
pub(crate) mod clock;
mod incident;
mod markdown;
pub(crate) mod note;
mod notice;
mod outlook;
mod proof;
mod template;
mod timeline;

use std::collections::BTreeMap;

use hansho_domain::{Language, Priority, UserId, text};
use jiff::Timestamp;
use serde::Serialize;

use app::Frame;
use clock::Clock;

pub(crate) use bundle::bundle_of_visitor;
pub use bundle::{BundleFacts, BundleItem, bundle};
pub use incident::{IncidentFacts, incident};
pub(crate) use incident::{incident_of_visitor, seen};
pub use notice::{Notice, notice};
pub use proof::{ProofFacts, proof};
pub use timeline::{sentences, story};

/// Whoever looks at a page.
#[derive(Debug, Clone)]
pub struct Reader {
    /// Who.
    pub user: UserId,
    /// Their language.
    pub language: Language,
    /// Their time zone, an IANA name; what is unknown or empty is UTC.
    pub time_zone: String,
    /// The time of looking.
    pub now: Timestamp,
    /// How people are called. Who is missing is shown by id.
    pub names: BTreeMap<UserId, String>,
}

impl Reader {
    pub(crate) fn clock(&self) -> Clock {
        Clock::new(&self.time_zone, self.now, self.language)
    }

    pub(crate) fn name(&self, user: &UserId) -> String {
        self.names.get(user).map_or_else(|| user.to_string(), |name| text::one_line(name))
    }

    pub(crate) fn names_of<'a>(&self, users: impl IntoIterator<Item = &'a UserId>) -> String {
        let names: Vec<String> = users.into_iter().map(|user| self.name(user)).collect();
        self.clock().tongue().list(&names)
    }
}

/// How a page is framed: behind a sign-in with a way to the other pages, behind a link without.
#[derive(Serialize)]
pub(crate) struct Layout {
    layout: &'static str,
    is_visitor: bool,
    #[serde(flatten)]
    frame: Frame,
}

impl Layout {
    pub(crate) fn of_visitor(frame: Frame) -> Self {
        Self { layout: "app.html", is_visitor: true, frame }
    }

    pub(crate) fn of_link(frame: Frame) -> Self {
        Self { layout: "layout.html", is_visitor: false, frame }
    }
}

/// The short name of a language, for `lang` attributes.
fn code(language: Language) -> &'static str {
    match language {
        Language::En => "en",
        Language::Ja => "ja",
    }
}

pub(crate) fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::Sev1 => "SEV1",
        Priority::Sev2 => "SEV2",
        Priority::Sev3 => "SEV3",
        Priority::Sev4 => "SEV4",
    }
}
