//! Sentences that Hansho keeps with what it decided, as their reader's language has them: why an alert was suppressed, why a rule was not
//! for it. They are kept in English, whoever reads them; what is not known here stays as it is.

use std::borrow::Cow;

use hansho_domain::Language;

/// Sentences in English and in Japanese, with `{}` for what differs. Of two that fit, the first counts.
const SENTENCES: [(&str, &str); 62] = [
    // Why an alert was suppressed.
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

/// A sentence that is kept in English, in the reader's language.
pub fn spoken(language: Language, english: &str) -> Cow<'_, str> {
    match language {
        Language::En => Cow::Borrowed(english),
        Language::Ja => in_japanese(english),
    }
}

fn in_japanese(english: &str) -> Cow<'_, str> {
    for (sentence, japanese) in SENTENCES {
        let Some(differing) = fits(sentence, english) else { continue };
        let mut told = String::new();
        let mut differing = differing.into_iter();
        for (place, part) in japanese.split("{}").enumerate() {
            if place > 0 {
                told.push_str(&in_japanese(differing.next().unwrap_or_default()));
            }
            told.push_str(part);
        }
        return Cow::Owned(told);
    }
    Cow::Borrowed(english)
}

/// What stands for each `{}` where `text` is such a sentence. It is shorter than the text, so this ends.
fn fits<'t>(sentence: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut parts = sentence.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut differing = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let (before, after) = match (parts.peek(), part) {
            (None, "") => (rest, ""),
            (None, part) => (rest.strip_suffix(part)?, ""),
            (Some(_), part) => rest.split_once(part)?,
        };
        differing.push(before);
        rest = after;
    }
    (rest.is_empty() && differing.iter().all(|one| one.len() < text.len())).then_some(differing)
}

#[cfg(test)]
mod tests {
    use hansho_domain::Language;

    use super::{SENTENCES, spoken};

    #[test]
    fn what_is_kept_in_english_is_told_in_japanese_with_what_differs_in_its_place() {
        for (english, japanese) in [
            ("rule night: 夜間は不要", "ルール night: 夜間は不要"),
            (
                "out of order: its source has said something newer (2026-11-20T18:12:00Z)",
                "順序が前後しています。送信元からより新しい通知を受信済みです (2026-11-20T18:12:00Z)",
            ),
            (
                "refused: its integration key k1 was revoked at 2026-11-20T18:12:00Z",
                "拒否: 連携キー k1 は 2026-11-20T18:12:00Z に失効しています",
            ),
            ("it is an automatic answer (an absence note)", "自動応答です (不在通知)"),
            ("it is an automatic answer (X-Autoreply)", "自動応答です (X-Autoreply)"),
            ("`>` does not work on string and int", "`>` は string と int には使えません"),
            // A reason within a reason.
            ("dedup_key stays: there is no `host` in it", "dedup_key は変更なし: `host` がありません"),
            (
                "dedup_key stays: the payload was too large to be seen whole, and what is left out may be what matters",
                "dedup_key は変更なし: 受信した内容 が大きすぎて一部しか見えず、判断できません",
            ),
            ("nobody knows this sentence", "nobody knows this sentence"),
            ("", ""),
        ] {
            assert_eq!(spoken(Language::Ja, english), japanese, "{english}");
            assert_eq!(spoken(Language::En, english), english);
        }
    }

    #[test]
    fn both_languages_have_room_for_the_same_and_no_sentence_hides_another() {
        for (place, (english, japanese)) in SENTENCES.iter().enumerate() {
            assert_eq!(english.matches("{}").count(), japanese.matches("{}").count(), "{english}");
            let earlier = SENTENCES[..place].iter().find(|(earlier, _)| super::fits(earlier, &english.replace("{}", "X")).is_some());
            assert!(earlier.is_none(), "{english:?} is never reached: {earlier:?} comes first");
        }
    }
}
