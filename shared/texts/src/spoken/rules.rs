//! Why rules decide nothing, and what of an alert they could not change.

use super::Sentence;

pub(super) const SENTENCES: &[Sentence] = &[
    // Why rules decide nothing.
    (
        "it can not be read, so it pages by the catch-all service whatever rules say: {}",
        "読み取れないため、ルールによらず catch-all サービスで呼び出します: {}",
    ),
    (
        "the alarm {} has no data, which is noted where an incident is open for it",
        "アラーム {} はデータ不足です。未解決のインシデントがあれば記録します",
    ),
    ("an acknowledgement goes to the incident of its dedup key", "確認は、重複排除キーが一致するインシデントに反映されます"),
    ("it is a change, which pages nobody: {}", "変更の通知です。誰も呼び出しません: {}"),
    // What an action could not change.
    (
        "{}: {} was too large to be seen whole, and what is left out may be what matters",
        "{}: {} が大きすぎて一部しか見えず、判断できません",
    ),
    ("it pages at once", "すぐに呼び出します"),
    ("the service stays", "サービスは変更なし"),
    ("severity stays", "severity は変更なし"),
    ("priority stays", "priority は変更なし"),
    ("title stays: the new one would be empty", "title は変更なし: 新しい件名が空です"),
    ("title stays: {}", "title は変更なし: {}"),
    ("dedup_key stays: {}", "dedup_key は変更なし: {}"),
    ("dedup_key stays", "dedup_key は変更なし"),
    ("runbook stays: {}", "runbook は変更なし: {}"),
    ("labels.{} stays: {}", "labels.{} は変更なし: {}"),
    ("the payload", "受信した内容"),
    ("the alert", "アラート"),
    // Why an expression could not be evaluated.
    ("there is no `{}` in it", "`{}` がありません"),
    ("it asks for a field of something that is {}, and only a map has fields", "{} には項目がありません (項目があるのはマップだけです)"),
    (
        "it asks for an element of something that is {}, and only a list or a map has those",
        "{} には要素がありません (要素があるのはリストとマップだけです)",
    ),
    ("`{}` does not work on {} and {}", "`{}` は {} と {} には使えません"),
    ("`{}` does not work on {}", "`{}` は {} には使えません"),
    ("it is {}, and a condition is true or false", "{} です。条件は真偽値でなければなりません"),
    ("it is {} where {} is needed", "{} ですが、{} が必要です"),
    ("it would take too long on an alert of this size", "このサイズのアラートでは時間がかかりすぎます"),
    ("the rules before it took all the time there is for one alert", "前のルールまでで評価時間の上限に達しました"),
    ("`{}` is a number too large for all of its digits to be known, and no text", "`{}` は桁数が大きすぎて全桁を読み取れない数値です"),
    ("`{}` is {} and no text", "`{}` は {} で、文字列ではありません"),
];
