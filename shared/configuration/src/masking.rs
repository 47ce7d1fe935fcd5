//! What is shown of values that a plan, a log of CI or a screen must not give away.

/// Keys whose value is never shown, as they end.
const SECRET: [&str; 4] = ["secret", "token", "password", "credential"];

/// A text value as a plan shows it: a secret not at all, an address only so far that its owner knows it, and anything else
/// without control characters.
pub(crate) fn shown(key: &str, text: &str) -> String {
    if SECRET.iter().any(|ending| key.ends_with(ending)) {
        return "(secret)".to_owned();
    }
    match key {
        "phone" => ends_of(text, 3, 2),
        "email" => match text.rsplit_once('@') {
            Some((name, domain)) => format!("{}@{}", ends_of(name, 1, 0), visible(domain)),
            None => ends_of(text, 1, 0),
        },
        // A webhook's path is often its only secret. A service may have a webhook by another name.
        _ if key == "webhook" || key == "chat" || key == "url" || key.ends_with("_url") => match text.split_once("://") {
            Some((scheme, rest)) => format!("{}://{}/…", visible(scheme), visible(rest.split(['/', '?', '#']).next().unwrap_or_default())),
            None => "…".to_owned(),
        },
        _ => visible(text),
    }
}

/// The first and last characters of a text; nothing of one that has hardly more.
fn ends_of(text: &str, first: usize, last: usize) -> String {
    let characters: Vec<char> = text.chars().filter(|c| !c.is_control()).collect();
    if characters.len() <= first + last + 2 && first + last > 1 {
        return "…".to_owned();
    }
    let head: String = characters.iter().take(first).collect();
    let tail: String = characters.iter().skip(characters.len().saturating_sub(last)).collect();
    format!("{head}…{tail}")
}

fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn secrets_are_hidden_and_addresses_are_shown_in_part() {
        for (key, text, expected) in [
            ("webhook_secret", "correct horse battery staple", "(secret)"),
            ("api_token", "abc", "(secret)"),
            ("phone", "+819012345678", "+81…78"),
            ("phone", "+8190", "…"),
            ("email", "aiko@example.com", "a…@example.com"),
            ("webhook", "https://hooks.example.com/T0/B0/xyz", "https://hooks.example.com/…"),
            ("chat", "https://hooks.example.com/services/T0/B0/xyz", "https://hooks.example.com/…"),
            ("url", "https://calendar.example.com/private-1a2b/basic.ics", "https://calendar.example.com/…"),
            ("name", "佐藤 愛子", "佐藤 愛子"),
            ("name", "a\u{1b}[31m", "a\u{fffd}[31m"),
            ("wait", "5m", "5m"),
        ] {
            assert_eq!(shown(key, text), expected, "{key}: {text}");
        }
    }
}
