//! Making hostile text fit to be shown. Alert names, labels, notes and mail subjects come from anywhere; whoever shows them escapes,
//! this takes out what escaping leaves in.

/// The mark of what was cut.
pub const ELLIPSIS: char = '…';

/// `text` on one line: control characters, line breaks and direction overrides are gone, runs of white space are one space.
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !is_invisible(c) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// `text` on its own lines, without what [`one_line`] takes out but the line breaks.
pub fn lines(text: &str) -> String {
    let kept: String =
        text.replace("\r\n", "\n").chars().filter(|c| *c == '\n' || *c == '\t' || (!c.is_control() && !is_invisible(*c))).collect();
    kept.trim().to_owned()
}

/// The first `chars_max` characters of `text`; the last of them says that something is missing.
pub fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().nth(chars_max).is_none() {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(chars_max.saturating_sub(1)).collect();
    out.truncate(out.trim_end().len());
    out.push(ELLIPSIS);
    out
}

/// `text` without times and random ids (ISO 8601 dates and times, seconds or milliseconds since 1970, UUIDs): two texts of which this
/// is the same say the same at different moments. Names, addresses and counts stay.
pub fn without_moments(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_hexdigit() || matches!(c, ':' | '.' | '-' | '+' | 'T' | 'Z');
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(is_part) {
        let (before, from) = rest.split_at(at);
        let run = &from[..from.find(|c| !is_part(c)).unwrap_or(from.len())];
        kept.push_str(before);
        if !is_moment(run) {
            kept.push_str(run);
        }
        rest = &from[run.len()..];
    }
    kept + rest
}

fn is_moment(run: &str) -> bool {
    let digits = run.bytes().filter(u8::is_ascii_digit).count();
    let count = |mark: char| run.matches(mark).count();
    let is_number = digits == run.len();
    let is_time = digits >= 8 && (count(':') > 0 || (run.len() == 10 && count('-') == 2));
    is_time || (is_number && matches!(digits, 10 | 13)) || (run.len() == 36 && count('-') == 4)
}

/// `text` without what shows nothing or changes how others look; spaces stay as they are.
pub fn visible(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !is_invisible(*c)).collect()
}

/// Whether it is a web address that may become a link.
pub fn is_web_address(text: &str) -> bool {
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    (lower.starts_with("https://") || lower.starts_with("http://"))
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || is_invisible(c))
}

/// Characters that change what others look like and show nothing themselves: the direction marks, embeddings, overrides and
/// isolates of Unicode (UAX #9), zero-width spaces, the byte order mark, tags, separators of lines. The zero-width joiner
/// stays, emoji are made with it.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{061C}' | '\u{200B}' | '\u{200C}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::{cut, is_web_address, lines, one_line, visible, without_moments};

    #[test]
    fn what_says_the_same_at_another_moment_is_the_same_and_another_host_is_another() {
        let event = |id: &str, time: &str, host: &str| format!("{{\"id\":\"{id}\",\"time\":\"{time}\",\"what\":\"{host} is full\"}}");
        let first = without_moments(&event("7bf73129-1428-4cd3-a780-95db273d1602", "2026-11-20T18:12:36.702Z", "db1"));
        assert_eq!(first, without_moments(&event("0c6b5ae9-5b5c-4a0e-9d1f-3a0f0cbb5c55", "2026-11-21T03:00:00+09:00", "db1")));
        for other in ["db2", "10.0.12.34", "i-0abc1234def567890", "111122223333"] {
            let another = without_moments(&event("7bf73129-1428-4cd3-a780-95db273d1602", "2026-11-20T18:12:36Z", other));
            assert!(another.contains(other) && another != first, "{another}");
        }
        assert_eq!(without_moments("at 1763662356 and 1763662356702 on 2026-11-20, 火"), "at  and  on , 火");
        assert_eq!(without_moments(""), "");
    }

    #[test]
    fn hostile_text_is_one_harmless_line() {
        assert_eq!(one_line("  disk\r\nBcc: x@y\t\u{0}full\u{7} "), "disk Bcc: x@y full");
        assert_eq!(one_line("safe\u{202E}txt.exe\u{2066}!\u{2069}"), "safetxt.exe!");
        assert_eq!(one_line("zero\u{200B}width\u{FEFF} \u{1F468}\u{200D}\u{1F4BB}"), "zerowidth \u{1F468}\u{200D}\u{1F4BB}");
        assert_eq!(one_line("a\u{2028}b\u{85}c"), "a b c");
        assert_eq!(one_line("\n\n"), "");
    }

    #[test]
    fn lines_keep_their_breaks_and_nothing_else() {
        assert_eq!(lines("a\r\n\u{1B}[31mb\u{202D}\n\n"), "a\n[31mb");
        assert_eq!(visible("  a\u{1B}[31m  b\u{202D} "), "  a[31m  b ");
    }

    #[test]
    fn a_cut_is_seen_and_never_inside_a_character() {
        assert_eq!(cut("率率率率", 4), "率率率率");
        assert_eq!(cut("率率率率率", 4), "率率率…");
        assert_eq!(cut("ab cd", 4), "ab…");
        assert_eq!(cut("abc", 0), "…");
        assert_eq!(cut("abcdef", 4), "abc…");
    }

    #[test]
    fn only_web_addresses_become_links() {
        for (text, is_link) in [
            ("https://example.com/a?b=c", true),
            ("HTTP://example.com", true),
            ("javascript:alert(1)", false),
            ("java\nscript:alert(1)", false),
            ("data:text/html,x", false),
            ("https://exa mple.com", false),
            ("https://example.com/\u{202E}moc", false),
            ("//example.com", false),
            ("see the wiki", false),
            ("手順は社内wiki", false),
            ("", false),
        ] {
            assert_eq!(is_web_address(text), is_link, "{text:?}");
        }
    }
}
