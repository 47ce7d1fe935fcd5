//! Lists what Hansho keeps in English and has no Japanese for: every sentence in the sources that say why a message failed, why an incident
//! calls, or what was wrong with an alert is looked up, so that a new one is missed as soon as it is written.
#![expect(clippy::unwrap_used, reason = "a source that can not be read fails the test")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use hansho_domain::Language;
use hansho_texts::spoken;

/// Where sentences are written that a timeline keeps: files, or folders of files.
const SOURCES: [&str; 19] = [
    "shared/domain/src/step",
    "shared/channels/src/address.rs",
    "shared/channels/src/chat.rs",
    "shared/channels/src/email.rs",
    "shared/channels/src/private_address.rs",
    "shared/channels/src/registry.rs",
    "shared/channels/src/retryable.rs",
    "shared/channels/src/sms.rs",
    "shared/channels/src/webhook.rs",
    "functions/delivery/src/addressee.rs",
    "functions/delivery/src/bundle.rs",
    "functions/delivery/src/canary.rs",
    "functions/delivery/src/notice.rs",
    "functions/delivery/src/report.rs",
    "functions/delivery/src/send.rs",
    "functions/alarm-intake/src/route.rs",
    "functions/alarm-intake/src/parse/description.rs",
    "functions/email-intake/src/verdict.rs",
    "functions/api/src/events/sender.rs",
];

/// Calls whose words are nobody's but the operators'.
const FOR_OPERATORS: [&str; 8] = [
    "tracing::error!(",
    "tracing::warn!(",
    "tracing::info!(",
    "tracing::debug!(",
    "Failure::new(",
    "Failure::because(",
    "concat!(",
    ".expect(",
];

/// What is no sentence that is kept, with why.
const OTHERS: [(&str, &str); 9] = [
    ("no reason given", "a piece of a sentence that is known whole"),
    ("HTTP connect timeout", "how an error of the HTTP client begins"),
    ("client error (Connect)", "how an error of the HTTP client begins"),
    ("daily message quota", "a piece of what SES says"),
    ("application/json; charset=utf-8", "a header"),
    ("X asked for it", "told with the name of the person, in functions/api/src/words"),
    ("X escalated it", "told with the name of the person, in functions/api/src/words"),
    ("X made it urgent", "told with the name of the person, in functions/api/src/words"),
    ("Successfully validated SNS topic", "what SES says to a topic"),
];

fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    for source in SOURCES {
        let path = root.join(source);
        if path.is_dir() {
            found.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path())
                    .filter(|path| path.extension().is_some_and(|end| end == "rs")),
            );
        } else {
            assert!(path.exists(), "{source} is not there any more: name the file that it has become");
            found.push(path);
        }
    }
    found
}

/// The code without its tests, comments, attributes and what is said to operators.
fn code(text: &str) -> String {
    let shipped = text.split("#[cfg(test)]").next().unwrap();
    let lines = shipped.lines().filter(|line| !line.trim_start().starts_with("//") && !line.trim_start().starts_with("#["));
    let mut code = lines.collect::<Vec<_>>().join("\n").replace("'\"'", "' '");
    for call in FOR_OPERATORS {
        while let Some(begin) = code.find(call) {
            let end = closed(&code[begin + call.len()..]);
            code.replace_range(begin..begin + call.len() + end, "");
        }
    }
    code
}

/// Where the bracket closes that stands before `text`.
fn closed(text: &str) -> usize {
    let (mut depth, mut is_quoted, mut is_escaped) = (1, false, false);
    for (place, character) in text.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            '(' if !is_quoted => depth += 1,
            ')' if !is_quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return place + 1;
        }
    }
    text.len()
}

/// What stands in quotes, with `X` for what differs.
fn quoted(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(begin) = rest.find('"') {
        let mut text = String::new();
        let mut end = rest.len();
        let mut characters = rest[begin + 1..].char_indices();
        while let Some((place, character)) = characters.next() {
            match character {
                '"' => {
                    end = begin + 1 + place + 1;
                    break;
                }
                // A line that goes on in the next one.
                '\\' => match characters.next() {
                    Some((_, '\n')) => text.push('\u{0}'),
                    Some((_, other)) => text.push(other),
                    None => {}
                },
                other => text.push(other),
            }
        }
        rest = &rest[end..];
        let joined =
            text.split('\u{0}').enumerate().map(|(place, part)| if place == 0 { part } else { part.trim_start() }).collect::<String>();
        found.push(filled(&joined));
    }
    found
}

/// `{…}` of a format as `X`.
fn filled(format: &str) -> String {
    let mut text = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        text.push('X');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    text + rest
}

#[test]
fn every_sentence_that_is_kept_has_a_japanese_one() {
    let mut looked_at = 0;
    let mut missing = Vec::new();
    for file in files() {
        for sentence in quoted(&code(&fs::read_to_string(&file).unwrap())) {
            let is_sentence =
                sentence.split_whitespace().count() > 2 && sentence.is_ascii() && sentence.contains(|c: char| c.is_ascii_lowercase());
            if !is_sentence || OTHERS.iter().any(|(other, _)| *other == sentence) {
                continue;
            }
            looked_at += 1;
            if spoken(Language::Ja, &sentence).is_ascii() {
                missing.push(format!("{}: {sentence}", file.file_name().unwrap().display()));
            }
        }
    }
    assert!(missing.is_empty(), "{} have no Japanese in shared/texts/src/spoken:\n{}", missing.len(), missing.join("\n"));
    assert!(looked_at > 80, "{looked_at} sentences were found in all: the sources are read otherwise than they are written");
}

#[test]
fn sentences_are_found_as_they_are_written() {
    let source = "// \"not a comment\"\nfn a() { tracing::warn!(x = %y(1), \"not for (operators\"); fail(format!(\"it is {what}, \\\"and\\\" \\\n     goes on\")); }\n#[cfg(test)]\nmod t { \"nor a test\" }";
    assert_eq!(quoted(&code(source)), ["it is X, \"and\" goes on"]);
}
