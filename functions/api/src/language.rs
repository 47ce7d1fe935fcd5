//! Which language a reader has whom no profile names.

use hansho_domain::Language;
use http::{HeaderMap, header::ACCEPT_LANGUAGE};

/// The one of our languages that the browser prefers (RFC 9110, section 12.5.4); English when it prefers neither.
pub(crate) fn preferred(headers: &HeaderMap) -> Language {
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut best = (0, Language::En);
    for range in accepted.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let Some(language) = parts.next().and_then(language) else { continue };
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1000, thousandths);
        // The first of equals is the preferred one.
        if weight > best.0 {
            best = (weight, language);
        }
    }
    best.1
}

fn language(range: &str) -> Option<Language> {
    match range.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "en" => Some(Language::En),
        "ja" => Some(Language::Ja),
        _ => None,
    }
}

/// A weight such as `0.8` as 800; one that can not be read counts as nothing.
fn thousandths(weight: &str) -> u32 {
    let weight: f32 = weight.parse().unwrap_or(0.0);
    if (0.0..=1.0).contains(&weight) { (weight * 1000.0) as u32 } else { 0 }
}

#[cfg(test)]
mod tests {
    use hansho_domain::Language;
    use http::{HeaderMap, HeaderValue};

    use super::preferred;

    #[test]
    fn the_browsers_first_choice_among_ours_is_taken() {
        for (header, expected) in [
            ("", Language::En),
            ("ja", Language::Ja),
            ("ja-JP,ja;q=0.9,en-US;q=0.8,en;q=0.7", Language::Ja),
            ("en-GB,en;q=0.9,ja;q=0.5", Language::En),
            ("pt-BR,pt;q=0.9", Language::En),
            ("de, ja;q=0.1", Language::Ja),
            ("en;q=0.2, JA;q=0.9", Language::Ja),
            ("ja;q=0", Language::En),
            ("ja;q=7,en;q=NaN", Language::En),
            (",;=;q=,", Language::En),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("accept-language", HeaderValue::from_static(header));
            assert_eq!(preferred(&headers), expected, "{header}");
        }
        assert_eq!(preferred(&HeaderMap::new()), Language::En);
    }
}
