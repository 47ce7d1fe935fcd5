//! The language of what a command says.

use clap::Args;
use hansho_domain::Language;

const LANGUAGES: [(&str, Language); 2] = [("en", Language::En), ("ja", Language::Ja)];

/// The language, as an argument.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct LanguageArgument {
    /// The language of what is said: en, ja  (言語)
    #[arg(long, default_value = "en", value_parser = language)]
    pub(super) language: Language,
}

/// A language by its name.
pub(super) fn language(text: &str) -> Result<Language, String> {
    let found = LANGUAGES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, language)| *language);
    found.ok_or_else(|| format!("is not possible here; write {}", LANGUAGES.map(|(name, _)| name).join(", ")))
}

/// The words of that language.
pub(super) fn word<'a>(language: Language, english: &'a str, japanese: &'a str) -> &'a str {
    match language {
        Language::En => english,
        Language::Ja => japanese,
    }
}

/// A word that Hansho answers, in that language: the state of a drill, a message or a window, by what something is proven. What is not
/// known here stays as it is.
pub(super) fn answered(language: Language, answer: &str) -> &str {
    let japanese = match answer {
        "planned" => "予定",
        "asking" => "確認中",
        "over" => "期間終了",
        "ended" => "終了",
        "open" => "実施中",
        "coming" => "予定",
        "pending" => "送信待ち",
        "sending" => "送信中",
        "sent" => "送信済み",
        "failed" => "失敗",
        "verification" => "確認リンク",
        "page" => "呼び出し",
        "drill" => "訓練",
        "configuration" => "設定",
        "everybody" => "全員",
        "yes" => "はい",
        "no" => "いいえ",
        "never" => "なし",
        "nobody" => "なし",
        other => other,
    };
    word(language, answer, japanese)
}

/// The heads of a table in that language.
pub(super) fn heads<const N: usize>(language: Language, english: [&str; N], japanese: [&str; N]) -> Vec<String> {
    match language {
        Language::En => english.map(str::to_owned).to_vec(),
        Language::Ja => japanese.map(str::to_owned).to_vec(),
    }
}

/// How a moment is written, on whichever clock: the offset, because abbreviations are ambiguous.
pub(super) fn time_format(language: Language) -> &'static str {
    word(language, "%a %Y-%m-%d %H:%M %:z", "%Y-%m-%d %H:%M %:z")
}

#[cfg(test)]
mod tests {
    use hansho_domain::Language;

    use super::{answered, heads, language};

    #[test]
    fn words_of_an_answer_are_told_in_the_language_and_what_is_not_known_stays() {
        assert_eq!((answered(Language::En, "asking"), answered(Language::Ja, "asking")), ("asking", "確認中"));
        assert_eq!(answered(Language::Ja, "something new"), "something new");
        assert_eq!(heads(Language::Ja, ["ID"], ["番号"]), ["番号"]);
    }

    #[test]
    fn a_language_has_two_letters() {
        assert_eq!((language("ja"), language("EN")), (Ok(Language::Ja), Ok(Language::En)));
        assert_eq!(language("de").unwrap_err(), "is not possible here; write en, ja");
    }
}
