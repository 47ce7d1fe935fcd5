//! What was found, and what to do about it.

use hansho_domain::Language;
use serde::Serialize;

use crate::commands::language::word;

/// The same in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Said {
    pub(super) en: String,
    pub(super) ja: String,
}

impl Said {
    pub(super) fn in_language(&self, language: Language) -> &str {
        word(language, &self.en, &self.ja)
    }
}

/// Words in English and in Japanese.
pub(super) fn said(en: impl Into<String>, ja: impl Into<String>) -> Said {
    Said { en: en.into(), ja: ja.into() }
}

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// As it should be.
    Well,
    /// It works, and something better is to be had.
    Advice,
    /// Something does not work.
    Fault,
    /// It could not be looked at.
    Unknown,
}

impl State {
    pub(super) fn mark(self, language: Language) -> &'static str {
        match self {
            Self::Well => "ok",
            Self::Advice => word(language, "advice", "助言"),
            Self::Fault => word(language, "FAULT", "異常"),
            Self::Unknown => word(language, "UNKNOWN", "不明"),
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// What was looked at.
    pub(super) check: &'static str,
    /// How it stands.
    pub(super) state: State,
    /// What was found.
    pub(super) found: Said,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to_do: Option<Said>,
}

impl Finding {
    pub(super) fn well(check: &'static str, found: Said) -> Self {
        Self { check, state: State::Well, found, to_do: None }
    }

    pub(super) fn advice(check: &'static str, found: Said, to_do: Said) -> Self {
        Self { check, state: State::Advice, found, to_do: Some(to_do) }
    }

    pub(super) fn fault(check: &'static str, found: Said, to_do: Said) -> Self {
        Self { check, state: State::Fault, found, to_do: Some(to_do) }
    }

    pub(super) fn unknown(check: &'static str, found: Said, to_do: Said) -> Self {
        Self { check, state: State::Unknown, found, to_do: Some(to_do) }
    }
}

/// One person and one channel, today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Reach {
    /// Who: a user, or `operators`.
    pub(super) who: String,
    /// How: sms, email, webhook.
    pub(super) method: &'static str,
    /// Where, masked.
    pub(super) address: String,
    /// Whether it works today.
    pub(super) works: bool,
    /// Why.
    pub(super) because: Said,
}

/// Something that AWS, or an operator of phones, has to allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Approval {
    /// What.
    pub(super) what: Said,
    /// Whether it was asked for.
    pub(super) is_asked_for: bool,
    /// How long it usually takes.
    pub(super) lead_time: Said,
    /// How it is asked for.
    pub(super) how: Said,
}

/// Everything.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    pub(super) findings: Vec<Finding>,
    pub(super) reach: Vec<Reach>,
    pub(super) approvals: Vec<Approval>,
}

impl Report {
    /// Whether nothing is to be done.
    pub(super) fn is_well(&self) -> bool {
        self.findings.iter().all(|finding| finding.state == State::Well)
    }
}
