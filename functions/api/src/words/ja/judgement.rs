//! Japanese, for what was decided about alerts.

use super::Japanese;
use crate::words::judgement::{JudgementLabels, JudgementTongue};

static LABELS: JudgementLabels = JudgementLabels {
    alerts: "アラートとルールの判定",
    service: "サービス",
    integration: "受信元",
    dedup_key: "重複排除キー",
    says_alert: "発生",
    says_clear: "復旧",
    says_note: "どちらでもない (記録のみ)",
    rule: "ルール",
    changed_nothing: "変更なし",
    no_rules: "対象のルールはありません。",
    none_kept: "受信した内容は、もう保存されていません。",
    payload: "受信した内容",
    older: "前のもの",
};

impl JudgementTongue for Japanese {
    fn judgement(&self) -> &'static JudgementLabels {
        &LABELS
    }

    fn passed_rules(&self, count: usize) -> String {
        format!("ほかのルール{count}件は、このアラートを対象にしていません。")
    }

    fn rule_failed(&self, why: &str) -> String {
        format!("条件を判定できないため、対象外とみなしました: {why}")
    }

    fn change(&self, field: &str, from: Option<&str>, to: &str) -> String {
        let field = field_word(field);
        match from {
            Some(from) => format!("{field}: {from} → {to}"),
            None => format!("{field}: {to}"),
        }
    }

    fn remark(&self, remark: &str) -> String {
        remark.split("; ").map(|part| said(part).unwrap_or_else(|| part.to_owned())).collect::<Vec<_>>().join("。")
    }
}

/// A field that a rule changed, as people say it.
fn field_word(field: &str) -> String {
    match field {
        "service" => "サービス".to_owned(),
        "suppressed" => "呼び出さない理由".to_owned(),
        "paused" => "一時保留".to_owned(),
        "severity" => "重大度".to_owned(),
        "priority" => "優先度".to_owned(),
        "dedup_key" => "重複排除キー".to_owned(),
        "title" => "件名".to_owned(),
        "runbook" => "手順書".to_owned(),
        other => other.strip_prefix("labels.").map_or_else(|| other.to_owned(), |label| format!("ラベル{label}")),
    }
}

/// A remark of Hansho's own; what others say stays in their words.
fn said(part: &str) -> Option<String> {
    if let Some((rule, told)) = part.strip_prefix("rule ").and_then(|rest| rest.split_once(": ")) {
        return Some(format!("ルール{rule}: {}", told.split(", ").map(changed).collect::<Vec<_>>().join("、")));
    }
    if let Some(count) = part.strip_suffix(" of its links and images are no https addresses, and were left out") {
        return Some(format!("リンクと画像のうち{count}件は、httpsのアドレスではないため省きました"));
    }
    if let Some(why) = part.strip_prefix("only its header is known: ") {
        return Some(format!("メールはヘッダーしか読めませんでした: {why}"));
    }
    if let Some(verdict) = part.strip_prefix("SES says ") {
        return Some(format!("SESの判定: {verdict}"));
    }
    match part {
        "it is larger or more deeply nested than what is read of a mail" => {
            Some("大きすぎるか入れ子が深すぎるため、メールの一部だけを読みました".to_owned())
        }
        "look twice before you follow its links" => Some("リンクを開く前に、よく確かめてください".to_owned()),
        _ => None,
    }
}

/// What a rule changed, as the timeline keeps it: `severity critical -> warning`.
fn changed(told: &str) -> String {
    if told == "changed nothing" {
        return LABELS.changed_nothing.to_owned();
    }
    let Some((field, value)) = told.split_once(' ').filter(|(field, _)| field_word(field) != *field) else { return told.to_owned() };
    format!("{} {}", field_word(field), value.replacen(" -> ", " → ", 1))
}

#[cfg(test)]
mod tests {
    use super::{Japanese, JudgementTongue};

    #[test]
    fn remarks_of_hanshos_own_are_japanese_and_what_others_say_stays_as_it_is() {
        for (remark, expected) in [
            ("rule quiet: severity critical -> warning, labels.team shop", "ルールquiet: 重大度 critical → warning、ラベルteam shop"),
            ("rule a: changed nothing; rule b: paused 60 s", "ルールa: 変更なし。ルールb: 一時保留 60 s"),
            (
                "2 of its links and images are no https addresses, and were left out",
                "リンクと画像のうち2件は、httpsのアドレスではないため省きました",
            ),
            (
                "SES says dmarcVerdict FAIL; look twice before you follow its links",
                "SESの判定: dmarcVerdict FAIL。リンクを開く前に、よく確かめてください",
            ),
            ("rule without a colon", "rule without a colon"),
            ("<script>", "<script>"),
        ] {
            assert_eq!(Japanese.remark(remark), expected);
        }
        assert_eq!(Japanese.change("dedup_key", Some("a"), "b"), "重複排除キー: a → b");
    }
}
