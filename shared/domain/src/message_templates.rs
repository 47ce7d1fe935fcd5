//! A service's own words for its pages: templates, which `hansho_texts` fills.

use serde::{Deserialize, Serialize};

use crate::{error::FieldError, user::Language};

/// Longest template of one line, in characters.
const LINE_CHARS_MAX: usize = 500;
/// Longest template of a mail's body, in characters.
const BODY_CHARS_MAX: usize = 2_000;

/// A service's own words, in each language. Where it has none the standard ones stand.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MessageTemplates {
    /// For readers of English.
    #[serde(default)]
    pub en: Templates,
    /// For readers of Japanese.
    #[serde(default)]
    pub ja: Templates,
}

/// The templates of one language.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Templates {
    /// What an SMS, a chat and a webhook's `text` say between the severity and the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// What a mail's subject says after the severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What a mail says in place of the alert's details.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

impl Templates {
    /// Each part, by its name in the configuration.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let parts = [("line", &self.line), ("subject", &self.subject), ("body", &self.body)];
        parts.into_iter().filter_map(|(name, part)| part.as_deref().map(|part| (name, part)))
    }

    /// Whether all is said in the standard words.
    pub fn is_empty(&self) -> bool {
        self.parts().next().is_none()
    }
}

impl MessageTemplates {
    /// Those for readers of a language.
    pub fn of(&self, language: Language) -> &Templates {
        match language {
            Language::En => &self.en,
            Language::Ja => &self.ja,
        }
    }

    /// What is too long to be kept with a service, or says nothing.
    pub(crate) fn problems(&self) -> impl Iterator<Item = FieldError> {
        [("en", &self.en), ("ja", &self.ja)].into_iter().flat_map(|(language, templates)| {
            templates.parts().filter_map(move |(part, template)| {
                let most = if part == "body" { BODY_CHARS_MAX } else { LINE_CHARS_MAX };
                let problem = match template.chars().count() {
                    0 => "is empty; remove it for the standard text".to_owned(),
                    count if count > most => format!("has {count} characters; {most} are the most"),
                    _ => return None,
                };
                Some(FieldError::new(format!("messages.{language}.{part}"), problem))
            })
        })
    }
}
