//! Secrets of a team that stand in SSM Parameter Store: its text has `ssm:/hansho/keys/NAME` in a secret's place, and the value takes that
//! place here. So Terraform has the name, and the secret is in no state, plan or log of it.

use std::{collections::BTreeMap, ops::Range};

use crate::{Config, team::Team};

/// What the name of a parameter stands behind.
const MARK: &str = "ssm:/";
/// Keys of the configuration whose value is a secret (docs/configuration.md).
const SECRET: [&str; 4] = ["chat", "secret", "webhook", "webhook_secret"];

/// A parameter that stands in the place of a value.
#[derive(Debug, PartialEq, Eq)]
struct Reference<'a> {
    /// The whole value in the text, with its quotes.
    place: Range<usize>,
    key: &'a str,
    parameter: &'a str,
}

impl Config {
    /// The team with its secrets. The error is a sentence for each that is not to be had.
    pub(crate) async fn with_secrets(&self, team: &Team) -> Result<Team, Vec<String>> {
        let (mut sentences, mut values) = (Vec::new(), BTreeMap::new());
        let references = references(team.text());
        for Reference { key, parameter, .. } in &references {
            let name = format!("{key}: the parameter {parameter}");
            if !SECRET.contains(key) {
                sentences.push(format!("{name} has a secret, which may stand in {} only; write the value itself", SECRET.join(", ")));
            } else if let Some(parameters) = &self.parameters {
                match parameters.get(parameter).await {
                    Ok(value) => drop(values.insert(*parameter, value.trim_end_matches('\n').to_owned())),
                    Err(why) => sentences.push(format!("{name} can not be read: {why}; is it there, and below the deployment's /keys/?")),
                }
            } else {
                sentences.push(format!("{name} can not be read here, because this function is not told of SSM Parameter Store"));
            }
        }
        if sentences.is_empty() { Ok(team.with_text(put_in(team.text(), &references, &values))) } else { Err(sentences) }
    }
}

/// The parameters that stand as values in a text of YAML: in block or flow, with quotes or without.
fn references(text: &str) -> Vec<Reference<'_>> {
    let found = text.match_indices(MARK).filter_map(|(at, _)| {
        let before = &text[..at];
        let quote = before.chars().next_back().filter(|c| matches!(c, '"' | '\''));
        let head = quote.map_or(before, |quote| before.strip_suffix(quote).unwrap_or(before));
        let line = head.rsplit('\n').next().unwrap_or_default();
        // Within other words it is no value.
        if line.matches('"').count() % 2 == 1 {
            return None;
        }
        let key = line.trim_end_matches(' ').strip_suffix(':')?.trim_end_matches(['"', '\'']);
        let key = key.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).next()?;
        let name = &text[at + MARK.len() - 1..];
        let length = name.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '.' | '-'))).unwrap_or(name.len());
        let (start, end) = (at - quote.map_or(0, char::len_utf8), at + MARK.len() - 1 + length);
        let is_closed = quote.is_none_or(|quote| text[end..].starts_with(quote));
        is_closed.then(|| Reference { place: start..end + quote.map_or(0, char::len_utf8), key, parameter: &name[..length] })
    });
    found.collect()
}

/// The text with values in the places of the parameters. A string of JSON is one of YAML.
fn put_in(text: &str, references: &[Reference<'_>], values: &BTreeMap<&str, String>) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut done = 0;
    for reference in references {
        let value = values.get(reference.parameter).map(String::as_str).unwrap_or_default();
        whole.push_str(&text[done..reference.place.start]);
        whole.push_str(&serde_json::Value::from(value).to_string());
        done = reference.place.end;
    }
    whole + &text[done..]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{put_in, references};

    fn found(text: &str) -> Vec<(&str, &str)> {
        references(text).into_iter().map(|reference| (reference.key, reference.parameter)).collect()
    }

    #[test]
    fn a_parameter_is_found_in_every_way_of_writing_a_value() {
        for text in [
            "\"secret\": \"ssm:/hansho/keys/a.b\"\n",
            "  secret: ssm:/hansho/keys/a.b\n",
            "  secret: 'ssm:/hansho/keys/a.b'  # that one\n",
            "{ webhook: \"https://x.example\", secret: ssm:/hansho/keys/a.b, language: ja }",
            "{\"secret\":\"ssm:/hansho/keys/a.b\"}",
        ] {
            assert_eq!(found(text), [("secret", "/hansho/keys/a.b")], "{text}");
        }
        assert_eq!(found("\"name\": \"ssm:/x\""), [("name", "/x")], "it is refused there, and not taken for a name");
        for text in ["runbook: \"see: ssm:/x\"", "# ssm:/x", "note: \"ssm:/x and more\"", "secret: \"sm:/x\""] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn a_value_stands_in_the_place_of_its_parameter_whatever_is_in_it() {
        let text = "a: { secret: \"ssm:/k/one\", x: 1 }\nb: { chat: ssm:/k/two }\n";
        let values: BTreeMap<&str, String> =
            [("/k/one", "q\"uo\\te: {x}\n#".to_owned()), ("/k/two", "https://x.example/1?a=b".to_owned())].into();
        let made = put_in(text, &references(text), &values);
        assert_eq!(made, "a: { secret: \"q\\\"uo\\\\te: {x}\\n#\", x: 1 }\nb: { chat: \"https://x.example/1?a=b\" }\n");
        assert_eq!(put_in("x: 1\n", &[], &BTreeMap::new()), "x: 1\n");
    }
}
