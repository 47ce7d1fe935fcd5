//! Sentences that Hansho keeps with what it decided, as their reader's language has them: why an alert was suppressed, why a rule was not
//! for it, why an incident calls again, what became of a message. They are kept in English, whoever reads them, and told when they are
//! read; what is not known here stays as it is. What an earlier version has kept is told as well, so no row is ever taken out.

mod alerts;
mod deliveries;
mod incidents;
mod rules;
mod suppressed;

use std::borrow::Cow;

use hansho_domain::Language;

/// A sentence in English and in Japanese, with `{}` for what differs.
pub type Sentence = (&'static str, &'static str);

/// All of them. Of two that fit, the first counts.
const TABLES: [&[Sentence]; 5] = [suppressed::SENTENCES, rules::SENTENCES, incidents::SENTENCES, alerts::SENTENCES, deliveries::SENTENCES];

fn sentences() -> impl Iterator<Item = &'static Sentence> {
    TABLES.into_iter().flatten()
}

/// A sentence that is kept in English, in the reader's language.
pub fn spoken(language: Language, english: &str) -> Cow<'_, str> {
    match language {
        Language::En => Cow::Borrowed(english),
        Language::Ja => in_japanese(english),
    }
}

/// A list of sentences with `mark` between them, each by itself: a mark that belongs to a known sentence divides nothing.
pub fn parted<'a>(list: &'a str, mark: &str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut rest = list;
    while !rest.is_empty() {
        let ends = rest.match_indices(mark).map(|(end, _)| end).chain([rest.len()]);
        // The longest that is known; the shortest where nothing is.
        let known = ends
            .clone()
            .filter(|end| sentences().any(|(sentence, _)| sentence.contains(mark) && fits(sentence, &rest[..*end]).is_some()))
            .last();
        let end = known.or_else(|| ends.clone().next()).unwrap_or(rest.len());
        parts.push(&rest[..end]);
        rest = rest[end..].strip_prefix(mark).unwrap_or_default();
    }
    parts
}

fn in_japanese(english: &str) -> Cow<'_, str> {
    told(&TABLES, english)
}

/// The Japanese of an English sentence, and of every part of it that is a sentence itself. Of two in `tables` that fit, the first counts;
/// what is in none of them stays as it is.
pub fn told<'e>(tables: &[&[Sentence]], english: &'e str) -> Cow<'e, str> {
    for (sentence, japanese) in tables.iter().copied().flatten() {
        let Some(differing) = fits(sentence, english) else { continue };
        let mut said = String::new();
        let mut differing = differing.into_iter();
        for (place, part) in japanese.split("{}").enumerate() {
            if place > 0 {
                said.push_str(&told(tables, differing.next().unwrap_or_default()));
            }
            said.push_str(part);
        }
        return Cow::Owned(said);
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

    use super::{parted, sentences, spoken};

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
            ("given up: AWS is throttling requests. (SNS Throttled)", "断念しました: AWSがリクエストを制限しています。 (SNS Throttled)"),
            ("SNS refused the message. (SNS Odd HTTP 418)", "SNSがメッセージを拒否しました。(SNS Odd HTTP 418)"),
            (
                "The webhook's address leads to a private network, which Hansho does not call; use a public address, or allow private addresses in the settings.",
                "webhookのアドレスがプライベートネットワークを指しているため、送信しません。公開アドレスを使うか、設定でプライベートアドレスを許可してください。",
            ),
            (
                "The alarm's description says severity: \"high\", which is not one of critical, error, warning and info.",
                "アラームの説明のseverityにある\"high\"は使えません: critical、error、warning、infoのどれかではありません",
            ),
            (
                "paused by the rule flapping for 120 s, in case it clears by itself",
                "自然に収まるかもしれないため、ルールflappingにより120秒間保留",
            ),
            ("nobody knows this sentence", "nobody knows this sentence"),
            ("", ""),
        ] {
            assert_eq!(spoken(Language::Ja, english), japanese, "{english}");
            assert_eq!(spoken(Language::En, english), english);
        }
    }

    #[test]
    fn a_list_is_parted_between_its_sentences_and_not_within_them() {
        let gone = "its integration takes no mail any more; write it into the configuration, or change the address there";
        let verdict = "SES says dmarcVerdict FAIL; look twice before you follow its links";
        let list = format!("{gone}; {verdict}; rule a: changed nothing; x");
        assert_eq!(parted(&list, "; "), [gone, verdict, "rule a: changed nothing", "x"]);
        assert_eq!(parted("a; b", "; "), ["a", "b"]);
        assert_eq!(parted("; ;  a; ", "; "), ["", "", " a"]);
        assert!(parted("", "; ").is_empty());
    }

    #[test]
    fn both_languages_have_room_for_the_same_and_no_sentence_hides_another() {
        for (place, (english, japanese)) in sentences().enumerate() {
            assert_eq!(english.matches("{}").count(), japanese.matches("{}").count(), "{english}");
            let earlier = sentences().take(place).find(|(earlier, _)| super::fits(earlier, &english.replace("{}", "X")).is_some());
            assert!(earlier.is_none(), "{english:?} is never reached: {earlier:?} comes first");
        }
    }
}
