//! English, for what was decided about alerts.

use super::English;
use crate::words::judgement::{JudgementLabels, JudgementTongue};

static LABELS: JudgementLabels = JudgementLabels {
    alerts: "Alerts, and what rules made of them",
    service: "Service",
    integration: "Came in by",
    dedup_key: "Dedup key",
    says_alert: "Something is wrong",
    says_clear: "It is over",
    says_note: "Neither: kept for people to read",
    rule: "Rule",
    changed_nothing: "changed nothing",
    no_rules: "No rule was asked.",
    none_kept: "No payload is kept any more.",
    payload: "What came in",
    older: "Older ones",
};

impl JudgementTongue for English {
    fn judgement(&self) -> &'static JudgementLabels {
        &LABELS
    }

    fn passed_rules(&self, count: usize) -> String {
        match count {
            1 => "1 rule was asked that is for other alerts.".to_owned(),
            count => format!("{count} rules were asked that are for other alerts."),
        }
    }

    fn rule_failed(&self, why: &str) -> String {
        format!("could not be asked, which counts as not for this alert: {why}")
    }

    fn change(&self, field: &str, from: Option<&str>, to: &str) -> String {
        match from {
            Some(from) => format!("{field}: {from} -> {to}"),
            None => format!("{field}: {to}"),
        }
    }

    fn remark(&self, remark: &str) -> String {
        remark.to_owned()
    }
}
