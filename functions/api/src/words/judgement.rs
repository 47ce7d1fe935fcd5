//! What pages say of how alerts came in and what rules made of them.

use serde::Serialize;

/// Words that stand alone, as templates name them.
#[derive(Serialize)]
pub(crate) struct JudgementLabels {
    pub(crate) alerts: &'static str,
    pub(crate) service: &'static str,
    pub(crate) integration: &'static str,
    pub(crate) dedup_key: &'static str,
    pub(crate) says_alert: &'static str,
    pub(crate) says_clear: &'static str,
    pub(crate) says_note: &'static str,
    pub(crate) rule: &'static str,
    pub(crate) changed_nothing: &'static str,
    pub(crate) no_rules: &'static str,
    pub(crate) none_kept: &'static str,
    pub(crate) payload: &'static str,
    pub(crate) older: &'static str,
}

/// A language, for what was decided about alerts.
pub(crate) trait JudgementTongue: Sync {
    fn judgement(&self) -> &'static JudgementLabels;
    /// How many rules were for other alerts.
    fn passed_rules(&self, count: usize) -> String;
    /// Why a rule could not be asked.
    fn rule_failed(&self, why: &str) -> String;
    /// What a rule changed: a field as the configuration calls it, what it was, what it is.
    fn change(&self, field: &str, from: Option<&str>, to: &str) -> String;
    /// What was worth saying about how an alert came in, as the timeline keeps it.
    fn remark(&self, remark: &str) -> String;
}
