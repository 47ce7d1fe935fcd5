//! Japanese, for what was decided about alerts.

use hansho_domain::Language;
use hansho_texts::{parted, spoken};

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
        format!("条件を判定できないため、対象外とみなしました: {}", spoken(Language::Ja, why))
    }

    fn change(&self, field: &str, from: Option<&str>, to: &str) -> String {
        let field = field_word(field);
        match from {
            Some(from) => format!("{field}: {from} → {to}"),
            None => format!("{field}: {to}"),
        }
    }

    fn remark(&self, remark: &str) -> String {
        let told = parted(remark, "; ").into_iter().map(|part| of_rule(part).unwrap_or_else(|| spoken(Language::Ja, part).into_owned()));
        // Some end as sentences do.
        told.map(|part| part.trim_end_matches('。').to_owned()).collect::<Vec<_>>().join("。")
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

/// What a rule did to an alert.
fn of_rule(part: &str) -> Option<String> {
    let (rule, told) = part.strip_prefix("rule ").and_then(|rest| rest.split_once(": "))?;
    Some(format!("ルール{rule}: {}", parted(told, ", ").into_iter().map(changed).collect::<Vec<_>>().join("、")))
}

/// What a rule changed, as the timeline keeps it: `severity critical -> warning`.
fn changed(told: &str) -> String {
    if told == "changed nothing" {
        return LABELS.changed_nothing.to_owned();
    }
    // What it could not change is a sentence.
    let told = spoken(Language::Ja, told);
    let Some((field, value)) = told.split_once(' ').filter(|(field, _)| field_word(field) != *field) else { return told.into_owned() };
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
            (
                "rule a: severity stays, paused 60 s; its description names the service \"x\", which does not exist",
                "ルールa: 重大度 は変更なし、一時保留 60 s。アラームの説明にあるサービス\"x\"は存在しません",
            ),
            (
                "its integration takes no mail any more; write it into the configuration, or change the address there",
                "連携はメールを受け付けなくなっています。設定に書くか、送信元の宛先を変更してください",
            ),
            ("rule without a colon", "rule without a colon"),
            ("<script>", "<script>"),
        ] {
            assert_eq!(Japanese.remark(remark), expected);
        }
        assert_eq!(Japanese.change("dedup_key", Some("a"), "b"), "重複排除キー: a → b");
    }
}
