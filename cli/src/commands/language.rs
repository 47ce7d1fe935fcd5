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

/// How a moment is written, on whichever clock: the offset, because abbreviations are ambiguous.
pub(super) fn time_format(language: Language) -> &'static str {
    word(language, "%a %Y-%m-%d %H:%M %:z", "%Y-%m-%d %H:%M %:z")
}

#[cfg(test)]
mod tests {
    use hansho_domain::Language;

    use super::language;

    #[test]
    fn a_language_has_two_letters() {
        assert_eq!((language("ja"), language("EN")), (Ok(Language::Ja), Ok(Language::En)));
        assert_eq!(language("de").unwrap_err(), "is not possible here; write en, ja");
    }
}
