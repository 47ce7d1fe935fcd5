//! What a message says: the facts that are handed in, and the templates that turn them into words.

use std::sync::LazyLock;

use hansho_domain::{Incident, IncidentId, Language, PageReason, Priority, Severity, Templates, Urgency};
use jiff::Timestamp;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, value::Serde};
use serde::Serialize;

use crate::{own_words::OwnWords, text, when::Clock, words};

/// Most incidents that a bundle lists one by one.
pub const BUNDLE_ITEMS_MAX: usize = 20;
/// Most characters of a title, a service's name, an alert's details and a link in a message.
const TITLE_CHARS_MAX: usize = 200;
const SERVICE_CHARS_MAX: usize = 60;
const DETAILS_CHARS_MAX: usize = 4_000;
const RUNBOOK_CHARS_MAX: usize = 1_000;

/// What there is to know about an incident in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentFacts {
    /// Which.
    pub id: IncidentId,
    /// The service's name as people say it.
    pub service: String,
    /// One line that a sleepy person understands.
    pub title: String,
    /// How bad the source says it is.
    pub severity: Severity,
    /// People's rating.
    pub priority: Option<Priority>,
    /// Whether it wakes somebody.
    pub urgency: Urgency,
    /// When the trouble began.
    pub since: Timestamp,
    /// Where to read what to do.
    pub runbook: Option<String>,
    /// The source's own account of it.
    pub details: String,
}

impl IncidentFacts {
    /// The facts of `incident`, whose service people call `service`.
    pub fn new(incident: &Incident, service: impl Into<String>) -> Self {
        Self {
            id: incident.id,
            service: service.into(),
            title: incident.title.clone(),
            severity: incident.severity,
            priority: incident.priority,
            urgency: incident.urgency,
            since: incident.occurred_at,
            runbook: incident.runbook.clone(),
            details: incident.details.clone(),
        }
    }
}

/// One incident, told to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Which incident.
    pub incident: IncidentFacts,
    /// Why this person.
    pub reason: PageReason,
    /// The name of whoever the reason is about ([`words::person`]), if it is known.
    pub named: Option<String>,
    /// Where to answer: a signed link that opens a page and changes nothing by itself.
    pub link: String,
    /// Whether an answer to a mail is read as a command, so that the mail says how.
    pub takes_answers: bool,
    /// The reader's time zone, an IANA name such as `Asia/Tokyo`. What is unknown or empty is UTC, and says so.
    pub time_zone: String,
    /// The time of sending.
    pub now: Timestamp,
    /// The service's own words in the reader's language, where it has any.
    pub templates: Templates,
}

/// Several incidents, told to one person at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// How many there are.
    pub count: usize,
    /// The one to look at first.
    pub worst: IncidentFacts,
    /// All of them, worst first; [`BUNDLE_ITEMS_MAX`] are listed, the rest is counted.
    pub items: Vec<IncidentFacts>,
    /// Where to answer them all.
    pub link: String,
    /// As in [`Page::takes_answers`].
    pub takes_answers: bool,
    /// As in [`Page::time_zone`].
    pub time_zone: String,
    /// The time of sending.
    pub now: Timestamp,
}

/// A message in words, ready for one channel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rendered {
    /// A mail's subject; empty on other channels.
    pub subject: String,
    /// An SMS, a mail's plain text, or a webhook's JSON body.
    pub text: String,
    /// A mail's HTML.
    pub html: Option<String>,
}

macro_rules! templates {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../templates/", $name)))),*]
    };
}

/// Every template, by the name that it is rendered by.
const TEMPLATES: &[(&str, &str)] = templates! {
    "en/page.line.txt" "en/page.subject.txt" "en/page.mail.txt" "en/page.mail.html"
    "en/bundle.line.txt" "en/bundle.subject.txt" "en/bundle.mail.txt" "en/bundle.mail.html"
    "ja/page.line.txt" "ja/page.subject.txt" "ja/page.mail.txt" "ja/page.mail.html"
    "ja/bundle.line.txt" "ja/bundle.subject.txt" "ja/bundle.mail.txt" "ja/bundle.mail.html"
    "en/notice.mail.txt" "en/notice.mail.html" "ja/notice.mail.txt" "ja/notice.mail.html"
    "en/verification.line.txt" "en/verification.subject.txt" "en/verification.body.txt"
    "ja/verification.line.txt" "ja/verification.subject.txt" "ja/verification.body.txt"
    "en/sign_in.line.txt" "en/sign_in.subject.txt" "en/sign_in.body.txt"
    "ja/sign_in.line.txt" "ja/sign_in.subject.txt" "ja/sign_in.body.txt"
    "en/invitation.line.txt" "en/invitation.subject.txt" "en/invitation.body.txt"
    "ja/invitation.line.txt" "ja/invitation.subject.txt" "ja/invitation.body.txt"
    "en/passkey_added.line.txt" "en/passkey_added.subject.txt" "en/passkey_added.body.txt"
    "ja/passkey_added.line.txt" "ja/passkey_added.subject.txt" "ja/passkey_added.body.txt"
    "en/drill.line.txt" "en/drill.subject.txt" "en/drill.body.txt" "ja/drill.line.txt" "ja/drill.subject.txt" "ja/drill.body.txt"
    "en/shift_begins.line.txt" "en/shift_begins.subject.txt" "en/shift_begins.body.txt"
    "ja/shift_begins.line.txt" "ja/shift_begins.subject.txt" "ja/shift_begins.body.txt"
    "en/shift_ends.line.txt" "en/shift_ends.subject.txt" "en/shift_ends.body.txt"
    "ja/shift_ends.line.txt" "ja/shift_ends.subject.txt" "ja/shift_ends.body.txt"
    "en/override_made.line.txt" "en/override_made.subject.txt" "en/override_made.body.txt"
    "ja/override_made.line.txt" "ja/override_made.subject.txt" "ja/override_made.body.txt"
    "en/override_removed.line.txt" "en/override_removed.subject.txt" "en/override_removed.body.txt"
    "ja/override_removed.line.txt" "ja/override_removed.subject.txt" "ja/override_removed.body.txt"
    "en/swap_asked.line.txt" "en/swap_asked.subject.txt" "en/swap_asked.body.txt"
    "ja/swap_asked.line.txt" "ja/swap_asked.subject.txt" "ja/swap_asked.body.txt"
    "en/swap_accepted.line.txt" "en/swap_accepted.subject.txt" "en/swap_accepted.body.txt"
    "ja/swap_accepted.line.txt" "ja/swap_accepted.subject.txt" "ja/swap_accepted.body.txt"
    "en/swap_declined.line.txt" "en/swap_declined.subject.txt" "en/swap_declined.body.txt"
    "ja/swap_declined.line.txt" "ja/swap_declined.subject.txt" "ja/swap_declined.body.txt"
    "en/swap_withdrawn.line.txt" "en/swap_withdrawn.subject.txt" "en/swap_withdrawn.body.txt"
    "ja/swap_withdrawn.line.txt" "ja/swap_withdrawn.subject.txt" "ja/swap_withdrawn.body.txt"
    "en/swap_expired.line.txt" "en/swap_expired.subject.txt" "en/swap_expired.body.txt"
    "ja/swap_expired.line.txt" "ja/swap_expired.subject.txt" "ja/swap_expired.body.txt"
};

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|name| if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None });
    for (name, source) in TEMPLATES {
        if let Err(error) = environment.add_template(name, source) {
            tracing::error!(template.name = name, error = %error, "a message template can not be read, messages fall back to one line");
        }
    }
    environment
});

/// Fills `LANGUAGE/name`. A page is sent whatever happens: where a template fails (the tests fill every one of them)
/// the message is `otherwise`.
pub(crate) fn filled(language: Language, name: &str, context: &impl Serialize, otherwise: impl FnOnce() -> String) -> String {
    let folder = match language {
        Language::En => "en",
        Language::Ja => "ja",
    };
    let name = format!("{folder}/{name}");
    let filled = ENVIRONMENT.get_template(&name).and_then(|template| template.render(Value::from(Serde(context))));
    filled.unwrap_or_else(|error| {
        tracing::error!(template.name = name, error = %error, "a message template failed, the message falls back to one line");
        otherwise()
    })
}

/// An incident's facts as templates see them: made harmless, in the reader's words and time.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Shown {
    pub(crate) id: String,
    pub(crate) service: String,
    pub(crate) title: String,
    /// What stands in brackets: `SEV1`, or `critical` where nobody has rated.
    pub(crate) label: &'static str,
    pub(crate) priority: Option<&'static str>,
    pub(crate) severity: &'static str,
    pub(crate) urgency: &'static str,
    /// `03:12`.
    pub(crate) since: String,
    /// `2026-10-04 03:12 (Asia/Tokyo)`.
    pub(crate) since_full: String,
    pub(crate) runbook: Option<String>,
    /// Whether the runbook may be a link.
    pub(crate) runbook_is_web: bool,
    pub(crate) details: String,
}

impl Shown {
    pub(crate) fn new(facts: &IncidentFacts, clock: &Clock, language: Language) -> Self {
        let runbook = facts.runbook.as_deref().map(|r| text::cut(&text::one_line(r), RUNBOOK_CHARS_MAX)).filter(|r| !r.is_empty());
        Self {
            id: facts.id.to_string(),
            service: text::cut(&text::one_line(&facts.service), SERVICE_CHARS_MAX),
            title: text::cut(&text::one_line(&facts.title), TITLE_CHARS_MAX),
            label: words::label(language, facts.priority, facts.severity),
            priority: facts.priority.map(words::priority),
            severity: words::severity(language, facts.severity),
            urgency: words::urgency(language, facts.urgency),
            since: clock.short(facts.since),
            since_full: clock.full(facts.since),
            runbook_is_web: runbook.as_deref().is_some_and(text::is_web_address),
            runbook,
            details: text::lines(&facts.details, DETAILS_CHARS_MAX),
        }
    }
}

/// In whose place somebody is told.
fn covered(page: &Page) -> Option<String> {
    let PageReason::Cover { user } = &page.reason else { return None };
    Some(words::called(user, page.named.as_deref()))
}

/// Who asks for help, where that is what the message is about.
fn asking(page: &Page) -> Option<String> {
    let PageReason::Requested { by, .. } = &page.reason else { return None };
    Some(words::asking(by, page.named.as_deref()))
}

/// What the templates of a page see.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PageContext {
    pub(crate) incident: Shown,
    pub(crate) reason: String,
    /// For whom the reader covers.
    pub(crate) covered: Option<String>,
    /// Who asks the reader for help.
    pub(crate) asking: Option<String>,
    pub(crate) link: String,
    pub(crate) takes_answers: bool,
    /// What the service itself says of it.
    pub(crate) own: OwnWords,
}

impl PageContext {
    pub(crate) fn new(page: &Page, language: Language) -> Self {
        let clock = Clock::new(&page.time_zone, page.now, language);
        let incident = Shown::new(&page.incident, &clock, language);
        let reason = words::reason(language, &page.reason, page.named.as_deref());
        Self {
            own: OwnWords::new(&page.templates, &incident, &reason),
            incident,
            reason,
            covered: covered(page),
            asking: asking(page),
            link: text::one_line(&page.link),
            takes_answers: page.takes_answers,
        }
    }

    /// The whole page on one line.
    pub(crate) fn line(&self, language: Language) -> String {
        filled(language, "page.line.txt", self, || {
            format!("[{}] {}: {} {}", self.incident.label, self.incident.service, self.incident.title, self.link)
        })
    }
}

/// What the templates of a bundle see.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct BundleContext {
    pub(crate) count: usize,
    pub(crate) worst: Shown,
    pub(crate) items: Vec<Shown>,
    /// How many are not listed.
    pub(crate) more: usize,
    pub(crate) link: String,
    pub(crate) takes_answers: bool,
}

impl BundleContext {
    pub(crate) fn new(bundle: &Bundle, language: Language) -> Self {
        let clock = Clock::new(&bundle.time_zone, bundle.now, language);
        let items: Vec<Shown> = bundle.items.iter().take(BUNDLE_ITEMS_MAX).map(|facts| Shown::new(facts, &clock, language)).collect();
        Self {
            count: bundle.count,
            worst: Shown::new(&bundle.worst, &clock, language),
            more: bundle.count.saturating_sub(items.len()),
            items,
            link: text::one_line(&bundle.link),
            takes_answers: bundle.takes_answers,
        }
    }

    /// The whole bundle on one line.
    pub(crate) fn line(&self, language: Language) -> String {
        filled(language, "bundle.line.txt", self, || format!("{} [{}] {} {}", self.count, self.worst.label, self.worst.service, self.link))
    }
}
