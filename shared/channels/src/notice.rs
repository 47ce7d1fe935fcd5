//! Notices in words: what is told outside of incidents.

use hansho_domain::Language;
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    render::filled,
    shift_change::{ChangeFacts, SwapFacts},
    text,
    when::{Clock, Day},
};

/// Most characters of a schedule's name and of the names of others in a notice.
const SCHEDULE_CHARS_MAX: usize = 60;
const OTHERS_CHARS_MAX: usize = 80;
const PASSKEY_CHARS_MAX: usize = 60;

/// What a notice tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeFacts {
    /// Asks for proof that messages reach the person.
    Verification {
        /// Where to answer.
        link: String,
    },
    /// A shift begins.
    ShiftBegins(ShiftFacts),
    /// A shift ends.
    ShiftEnds(ShiftFacts),
    /// Asks for an answer before a period.
    Drill {
        /// The first moment of the period.
        from: Timestamp,
        /// The first moment after it.
        until: Timestamp,
        /// Where to answer.
        link: String,
    },
    /// Lets them sign in.
    SignIn {
        /// Until when the link does so.
        until: Timestamp,
        /// Where.
        link: String,
    },
    /// Invites them.
    Invitation {
        /// Until when the link signs in.
        until: Timestamp,
        /// The name of whoever invites them; nobody where a tool does.
        by: Option<String>,
        /// Where.
        link: String,
    },
    /// Somebody else has made an override that concerns the reader.
    OverrideMade(ChangeFacts),
    /// Somebody else has taken one back.
    OverrideRemoved(ChangeFacts),
    /// What became of a swap.
    Swap(SwapFacts),
    /// Tells them that a passkey signs them in from now on.
    PasskeyAdded {
        /// What it is called.
        name: String,
        /// When it was added.
        at: Timestamp,
    },
}

/// A shift that begins or ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShiftFacts {
    /// The schedule's name as people say it.
    pub schedule: String,
    /// When the shift begins, or ends.
    pub at: Timestamp,
    /// When one that begins will end, if that is known.
    pub until: Option<Timestamp>,
    /// The names of those who hand over to the reader, or to whom the reader hands over.
    pub others: Vec<String>,
}

/// A notice, told to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeText {
    /// What it tells.
    pub facts: NoticeFacts,
    /// The reader's time zone, an IANA name such as `Asia/Tokyo`. What is unknown or empty is UTC, and says so.
    pub time_zone: String,
    /// The time of sending.
    pub now: Timestamp,
}

/// What the templates of a notice see. What a kind has no use for is empty.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct NoticeContext {
    pub(crate) kind: &'static str,
    pub(crate) link: Option<String>,
    pub(crate) schedule: String,
    /// `tomorrow 10:00`.
    pub(crate) at: String,
    pub(crate) at_full: String,
    pub(crate) until: Option<String>,
    pub(crate) until_full: Option<String>,
    pub(crate) others: String,
    /// Who was on call before.
    pub(crate) before: String,
    /// Who has done it, or asks.
    pub(crate) by: String,
    /// What the reader gives in a swap, and what they get: `Saturday 10:00 - Monday 10:00`.
    pub(crate) gives: String,
    pub(crate) gets: String,
    /// What somebody calls what it is about.
    pub(crate) name: String,
    /// The mail's own text, once it is filled in.
    pub(crate) body: Vec<String>,
}

impl NoticeContext {
    pub(crate) fn new(notice: &NoticeText, language: Language) -> Self {
        let clock = Clock::new(&notice.time_zone, notice.now, language);
        let mut context = match &notice.facts {
            NoticeFacts::Verification { link } => Self::of("verification", &clock, notice.now, Some(link)),
            NoticeFacts::ShiftBegins(shift) => Self::of("shift_begins", &clock, shift.at, None).with(shift, &clock, language),
            NoticeFacts::ShiftEnds(shift) => Self::of("shift_ends", &clock, shift.at, None).with(shift, &clock, language),
            NoticeFacts::Drill { from, until, link } => Self {
                at: clock.day(*from, Day::First),
                // The moment after the last day is a day that nobody means.
                until: Some(clock.day(*until, Day::Last)),
                until_full: Some(clock.full(*until)),
                ..Self::of("drill", &clock, *from, Some(link))
            },
            NoticeFacts::SignIn { until, link } => Self::of("sign_in", &clock, *until, Some(link)),
            NoticeFacts::Invitation { until, by, link } => Self {
                others: by.as_ref().map(|by| text::cut(&text::one_line(by), OTHERS_CHARS_MAX)).unwrap_or_default(),
                ..Self::of("invitation", &clock, *until, Some(link))
            },
            NoticeFacts::OverrideMade(change) => Self::of("override_made", &clock, change.from, None).changed(change, &clock, language),
            NoticeFacts::OverrideRemoved(change) => {
                Self::of("override_removed", &clock, change.from, None).changed(change, &clock, language)
            }
            NoticeFacts::Swap(swap) => Self {
                schedule: text::cut(&text::one_line(&swap.schedule), SCHEDULE_CHARS_MAX),
                by: names(std::slice::from_ref(&swap.other), language),
                gives: clock.stretch(swap.gives),
                gets: clock.stretch(swap.gets),
                ..Self::of(swap.kind(), &clock, swap.until, swap.link.as_ref())
            },
            NoticeFacts::PasskeyAdded { name, at } => {
                let name = text::cut(&text::one_line(name), PASSKEY_CHARS_MAX);
                Self { name, ..Self::of("passkey_added", &clock, *at, None) }
            }
        };
        let body = context.filled(language, "body.txt", String::new);
        context.body = body.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
        context
    }

    fn of(kind: &'static str, clock: &Clock, at: Timestamp, link: Option<&String>) -> Self {
        Self {
            kind,
            link: link.map(|link| text::one_line(link)),
            schedule: String::new(),
            at: clock.ahead(at),
            at_full: clock.full(at),
            until: None,
            until_full: None,
            others: String::new(),
            before: String::new(),
            by: String::new(),
            gives: String::new(),
            gets: String::new(),
            name: String::new(),
            body: Vec::new(),
        }
    }

    fn with(self, shift: &ShiftFacts, clock: &Clock, language: Language) -> Self {
        Self {
            schedule: text::cut(&text::one_line(&shift.schedule), SCHEDULE_CHARS_MAX),
            until: shift.until.map(|until| clock.ahead(until)),
            until_full: shift.until.map(|until| clock.full(until)),
            others: names(&shift.others, language),
            ..self
        }
    }

    fn changed(self, change: &ChangeFacts, clock: &Clock, language: Language) -> Self {
        Self {
            schedule: text::cut(&text::one_line(&change.schedule), SCHEDULE_CHARS_MAX),
            until: Some(clock.ahead(change.until)),
            until_full: Some(clock.full(change.until)),
            others: names(&change.after, language),
            before: names(&change.before, language),
            by: names(std::slice::from_ref(&change.by), language),
            ..self
        }
    }

    /// The whole notice on one line.
    pub(crate) fn line(&self, language: Language) -> String {
        let otherwise = || [&self.schedule, &self.at, self.link.as_ref().unwrap_or(&self.schedule)].map(String::as_str).join(" ");
        self.filled(language, "line.txt", || format!("Hansho: {}", otherwise()))
    }

    pub(crate) fn filled(&self, language: Language, name: &str, otherwise: impl FnOnce() -> String) -> String {
        filled(language, &format!("{}.{name}", self.kind), self, otherwise)
    }
}

/// Names one after the other, no more of them than fit.
fn names(names: &[String], language: Language) -> String {
    let comma = match language {
        Language::En => ", ",
        Language::Ja => "、",
    };
    let names: Vec<String> = names.iter().map(|name| text::one_line(name)).collect();
    text::cut(&names.join(comma), OTHERS_CHARS_MAX)
}
