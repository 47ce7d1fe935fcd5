//! Text as messages take it: cut to a length, or reduced to what headers hold.

pub(crate) use hansho_domain::text::{cut, is_web_address, one_line};

/// `text` on its own lines, made harmless, cut to `chars_max` characters.
pub(crate) fn lines(text: &str, chars_max: usize) -> String {
    cut(&hansho_domain::text::lines(text), chars_max)
}

/// Letters, digits, `-` and `_` stay, everything else becomes `_`: what headers and SES tags take.
pub(crate) fn token(text: &str, chars_max: usize) -> String {
    text.chars().take(chars_max).map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::token;

    #[test]
    fn tokens_hold_what_tags_and_headers_take() {
        assert_eq!(token("01JA-3-0", 256), "01JA-3-0");
        assert_eq!(token("a b\r\nç:", 256), "a_b____");
        assert_eq!(token("abcdef", 3), "abc");
    }
}
