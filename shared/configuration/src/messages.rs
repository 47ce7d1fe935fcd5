//! `messages:` of a service: its pages in its own words.

use hansho_domain::{Language, MessageTemplates, Templates};

use crate::{map::Keys, spot::Spot, tree::Value};

const KEYS: Keys = Keys { known: &["en", "ja"], later: &[] };
const TEMPLATE_KEYS: Keys = Keys { known: &["line", "subject", "body"], later: &[] };
/// Longest template, in bytes; the domain says how many characters that are.
const TEMPLATE_BYTES_MAX: usize = 8_000;

/// Reads the templates, and tries each without an incident: whoever is called must not be the first to find what is wrong with one.
pub(crate) fn read(spot: &Spot<'_>) -> Option<MessageTemplates> {
    let map = spot.map(&KEYS)?;
    let of = |key: &str, language| map.optional(key).map_or(Some(Templates::default()), |spot| templates(spot, language));
    let (en, ja) = (of("en", Language::En), of("ja", Language::Ja));
    let found = MessageTemplates { en: en?, ja: ja? };
    // A key that is misspelt has been told of.
    let is_told =
        matches!(&spot.node.value, Value::Map(entries) if !entries.is_empty()) && KEYS.known.iter().all(|key| map.optional(key).is_none());
    if found.en.is_empty() && found.ja.is_empty() && !is_told {
        spot.fail("says nothing; give it `en` or `ja` with a `line`, a `subject` or a `body`, or remove it for the standard texts");
        return None;
    }
    Some(found)
}

fn templates(spot: &Spot<'_>, language: Language) -> Option<Templates> {
    let map = spot.map(&TEMPLATE_KEYS)?;
    let part = |key: &str| match map.optional(key) {
        Some(spot) => template(spot, key, language).map(Some),
        None => Some(None),
    };
    let (line, subject, body) = (part("line"), part("subject"), part("body"));
    Some(Templates { line: line?, subject: subject?, body: body? })
}

/// Reads a template: the line that is named counts from the first of its own.
fn template(spot: &Spot<'_>, part: &str, language: Language) -> Option<String> {
    let text = if part == "body" { spot.lines(TEMPLATE_BYTES_MAX)? } else { spot.text()? };
    if let Some(problem) = hansho_texts::problem(part, language, text) {
        spot.fail(format!("is no template that can be filled: {problem} (テンプレートの誤り)"));
        return None;
    }
    Some(text.to_owned())
}
