//! The trace of a decision: which rules were tried, which fired, and what they changed.

use hansho_domain::ServiceId;
use serde::{Deserialize, Serialize};

/// Most rules that a trace names which fired or failed.
const TOLD_MAX: usize = 30;
/// Most rules that a trace names which were for other alerts.
const PASSED_MAX: usize = 40;
/// Longest value in a trace, in characters.
const VALUE_CHARS_MAX: usize = 160;

/// What the rules made of an alert. Bounded: it is kept with every alert.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Trace {
    /// The rules that were tried, in order.
    pub rules: Vec<Tried>,
    /// How many more were tried and are not named.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u32,
    /// The payload was too large, and the rules saw only its beginning.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
}

/// A rule that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// The rule.
    pub rule: String,
    /// The service whose own it is; none for a rule for all alerts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<ServiceId>,
    /// How it went.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// How the trial of a rule went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Verdict {
    /// It is for this alert.
    Fired {
        /// What it changed.
        changes: Vec<Change>,
        /// What it was to change and could not, with why.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        problems: Vec<String>,
    },
    /// It is for other alerts.
    Passed,
    /// Its condition could not be evaluated, which counts as not met.
    Failed {
        /// Why, in a sentence.
        reason: String,
    },
}

/// What a rule changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What: `severity`, `labels.team`.
    pub field: String,
    /// What it was; none where there was nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What it is now.
    pub to: String,
}

impl Change {
    pub(crate) fn new(field: impl Into<String>, from: Option<&str>, to: &str) -> Self {
        Self { field: field.into(), from: from.map(cut), to: cut(to) }
    }
}

impl Trace {
    /// Adds a rule, or counts it where there are too many.
    pub(crate) fn add(&mut self, verdict: Verdict, tried: impl FnOnce(Verdict) -> Tried) {
        let is_passed = |verdict: &Verdict| matches!(verdict, Verdict::Passed);
        let (passed, most) = if is_passed(&verdict) { (true, PASSED_MAX) } else { (false, TOLD_MAX) };
        if self.rules.iter().filter(|known| is_passed(&known.verdict) == passed).count() < most {
            self.rules.push(tried(verdict));
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    /// The rules that fired, in order.
    pub fn fired(&self) -> impl Iterator<Item = &Tried> {
        self.rules.iter().filter(|tried| matches!(tried.verdict, Verdict::Fired { .. }))
    }

    /// What the rules did, in one line for the timeline; none where they did nothing.
    pub fn remark(&self) -> Option<String> {
        let told = self.rules.iter().filter_map(|tried| {
            let Verdict::Fired { changes, problems } = &tried.verdict else { return None };
            let each = changes.iter().map(Change::told).chain(problems.iter().cloned());
            let told: Vec<String> = each.collect();
            Some(format!("rule {}: {}", tried.rule, if told.is_empty() { "changed nothing".to_owned() } else { told.join(", ") }))
        });
        let told: Vec<String> = told.collect();
        (!told.is_empty()).then(|| told.join("; "))
    }
}

impl Change {
    /// In a few words: `severity critical -> warning`.
    pub fn told(&self) -> String {
        match &self.from {
            Some(from) => format!("{} {from} -> {}", self.field, self.to),
            None => format!("{} {}", self.field, self.to),
        }
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A value of an alert as a trace shows it: hostile text on one line.
pub(crate) fn cut(text: &str) -> String {
    hansho_domain::text::cut(&hansho_domain::text::one_line(text), VALUE_CHARS_MAX)
}
