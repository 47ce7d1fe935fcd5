//! Why an alert was suppressed.

use super::Sentence;

pub(super) const SENTENCES: &[Sentence] = &[
    ("rule {}: {}", "ルール {}: {}"),
    (
        "resolved by its source: no incident with its dedup key is open any more: it was taken in before",
        "送信元からの復旧通知ですが、該当するインシデントはすでに解決済みです (受信済みの通知)",
    ),
    (
        "resolved by its source: no incident with its dedup key is open",
        "送信元からの復旧通知ですが、該当する未解決のインシデントがありません",
    ),
    (
        "acknowledged by its source: no incident with its dedup key is open",
        "送信元からの確認通知ですが、該当する未解決のインシデントがありません",
    ),
    ("out of order: its source has said something newer ({})", "順序が前後しています。送信元からより新しい通知を受信済みです ({})"),
    ("it changes nothing: incident {} is as it says already", "変更はありません。インシデント {} はすでにその状態です"),
    ("refused: its integration key {} was revoked at {}", "拒否: 連携キー {} は {} に失効しています"),
    (
        "refused: its integration key {} has ended at {}, because another has taken its place",
        "拒否: 連携キー {} は {} に新しいキーへ切り替わりました",
    ),
    ("refused: {}", "拒否: {}"),
    (
        "The alarm was deleted. It will not say OK any more: if its incident is open, resolve it by hand.",
        "アラームが削除されました。OK は届かないため、インシデントが未解決なら手動で解決してください。",
    ),
    ("The alarm was created.", "アラームが作成されました。"),
    ("The configuration of the alarm was changed.", "アラームの設定が変更されました。"),
    (
        "An SNS topic asks to confirm a subscription, and none of its alarms arrive before that. If you asked for it, run: {}",
        "SNS トピックが購読の確認を求めています。確認するまでアラームは届きません。依頼したものであれば次を実行してください: {}",
    ),
    (
        "The subscription to the SNS topic {} has ended: its alarms no longer arrive. Subscribe again unless that was meant.",
        "SNS トピック {} の購読が終了し、アラームが届かなくなりました。意図したものでなければ購読し直してください。",
    ),
    ("CloudWatch suppressed its actions: {}", "CloudWatch がアクションを抑止しました: {}"),
    ("muted by {}, which does not say until when", "{} によるミュート (期限の記載なし)"),
    ("it is a mail of Hansho itself, about {}", "Hansho 自身のメールです ({})"),
    ("it is a mail of Hansho itself", "Hansho 自身のメールです"),
    ("it is a delivery report (multipart/report)", "配信レポートです (multipart/report)"),
    ("it is a bounce or an automatic answer (its return path is empty)", "不達通知または自動応答です (Return-Path が空)"),
    ("it is an automatic answer (an absence note)", "自動応答です (不在通知)"),
    ("it is an automatic answer ({})", "自動応答です ({})"),
    ("it goes round in circles: it was handed on {} times", "ループしています ({} 回転送)"),
    (
        "SES says {} {}, and its integration does not want such mail (`{}`)",
        "SES の判定が {} {} のため、連携の設定により受け付けません (`{}`)",
    ),
    ("no integration has the address {} (any more)", "アドレス {} の連携はありません"),
    (
        "it says neither that something is wrong nor that it is over, and no incident is open for it",
        "障害とも復旧とも書かれておらず、該当する未解決のインシデントもありません",
    ),
    (
        "neither `trigger` nor `resolve` nor the preset of its integration knows it, and `otherwise` is suppress",
        "連携の `trigger`、`resolve`、プリセットのいずれにも該当せず、`otherwise` が suppress です",
    ),
    ("it is an answer, and DMARC does not vouch for its sender", "返信ですが、送信者を DMARC で確認できません"),
    (
        "it is no answer to a page that Hansho has sent: use the mail program's reply on the mail itself",
        "Hansho の呼び出しメールへの返信ではありません。届いたメールに返信してください",
    ),
    (
        "it is an answer to somebody's page, and not from the proven address of that person",
        "呼び出しへの返信ですが、本人の確認済みアドレスからではありません",
    ),
    ("it is an answer without a word of its own", "返信ですが、本文がありません"),
    (
        "it is an answer that changes nothing: incident {} is as it says already",
        "返信ですが、変更はありません。インシデント {} はすでにその状態です",
    ),
    ("it is an answer that came too late: {}", "返信ですが、間に合いませんでした: {}"),
    ("it is an answer about an incident that is not kept any more", "返信ですが、インシデントの保存期間を過ぎています"),
];
