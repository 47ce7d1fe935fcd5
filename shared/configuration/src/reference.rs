//! Every key of the configuration and every warning as a page to read, made from the schema.

use std::fmt::{self, Write};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value;

use crate::{SCHEMA, warning::WarningKind};

/// What comes before the tables.
const INTRODUCTION: &str = "\
# Every key of the configuration

A configuration is a folder of YAML files; every file may have every section, and names hold across files.
設定は YAML ファイルのフォルダーです。どのファイルにもすべての項目を書けます。

Editors complete and check the keys with the schema in [configuration.schema.json](configuration.schema.json) (`hansho schema` prints it).
With the YAML extension of VS Code this line at the top of a file is enough:

```yaml
# yaml-language-server: $schema=https://raw.githubusercontent.com/hansho/hansho/main/docs/configuration.schema.json
```

`hansho check --config DIR` reports every mistake with file and line. This page is made by `hansho schema --markdown`; a test compares the two.
";

/// `docs/configuration.md`: a table per definition of the schema, in English and Japanese, and the warnings.
pub fn reference() -> String {
    page().unwrap_or_else(|error| unreachable!("the schema is part of the binary, and a test reads it: {error}"))
}

/// A part of the schema, as far as a page tells about it.
#[derive(Debug, Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Part {
    description: String,
    r#type: Value,
    r#enum: Vec<Value>,
    r#const: Value,
    #[serde(rename = "$ref")]
    reference: Option<String>,
    items: Option<Box<Part>>,
    any_of: Vec<Part>,
    one_of: Vec<Part>,
    minimum: Option<i64>,
    maximum: Option<i64>,
    examples: Vec<Value>,
    required: Vec<String>,
    properties: Ordered,
    definitions: Ordered,
    additional_properties: Value,
}

/// A map in the order of its text.
#[derive(Debug, Default)]
struct Ordered(Vec<(String, Part)>);

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Ordered;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of parts of a schema")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Ordered, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = entries.next_entry()? {
                    all.push(entry);
                }
                Ok(Ordered(all))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

#[derive(Debug, thiserror::Error)]
enum PageError {
    #[error(transparent)]
    Schema(#[from] serde_json::Error),
    #[error(transparent)]
    Text(#[from] fmt::Error),
}

fn page() -> Result<String, PageError> {
    let schema: Part = serde_json::from_str(SCHEMA)?;
    let mut page = INTRODUCTION.to_owned();
    write!(page, "\n## Sections\n\n")?;
    table(&mut page, &schema)?;
    for (name, part) in &schema.definitions.0 {
        write!(page, "\n## {name}\n\n{}\n", both(&part.description))?;
        if part.properties.0.is_empty() {
            write!(page, "\nForm: {}.\n", form(part))?;
        } else {
            writeln!(page)?;
            table(&mut page, part)?;
        }
    }
    write!(
        page,
        "\n## Warnings\n\nWhat loads and is probably not meant. `hansho check --strict` fails on them. A comment `# hansho: allow NAME` in the line above \
         (or at the end of the line) allows one; a reason may follow in brackets. 意図したとおりなら、コメントで許可できます。\n\n\
         | name | what is warned about | 日本語 |\n| --- | --- | --- |\n"
    )?;
    for kind in WarningKind::ALL {
        let (english, japanese) = languages(kind.meaning());
        writeln!(page, "| `{kind}` | {english} | {japanese} |")?;
    }
    Ok(page)
}

fn table(page: &mut String, part: &Part) -> fmt::Result {
    page.push_str("| key | what it is | 日本語 | form |\n| --- | --- | --- | --- |\n");
    for (key, property) in &part.properties.0 {
        let must = if part.required.contains(key) { " (required)" } else { "" };
        let (english, japanese) = languages(&property.description);
        writeln!(page, "| `{key}`{must} | {english} | {japanese} | {} |", form(property).replace('|', "\\|"))?;
    }
    Ok(())
}

/// How a value is written.
fn form(part: &Part) -> String {
    let example = |part: &Part| part.examples.iter().map(|example| format!("`{}`", plain(example))).collect::<Vec<_>>().join(", ");
    if let Some(reference) = part.reference.as_deref().and_then(|reference| reference.rsplit('/').next()) {
        return format!("[{reference}](#{reference})");
    }
    let several = if part.any_of.is_empty() { &part.one_of } else { &part.any_of };
    let several: Vec<String> = several.iter().map(form).filter(|form| !form.is_empty()).collect();
    let kind = match &part.r#type {
        Value::String(kind) => kind.as_str(),
        Value::Array(kinds) => kinds.first().and_then(Value::as_str).unwrap_or_default(),
        _ => "",
    };
    if !part.r#enum.is_empty() {
        return part.r#enum.iter().map(|value| format!("`{}`", plain(value))).collect::<Vec<_>>().join(", ");
    }
    match (kind, &part.items) {
        ("array", Some(items)) => format!("list of {}", form(items)),
        ("object", _) => match part.additional_properties.get("$ref").and_then(Value::as_str).and_then(|r| r.rsplit('/').next()) {
            Some(each) => format!("map from name to [{each}](#{each})"),
            None => "map of keys".to_owned(),
        },
        ("integer", _) => format!("{} to {}", part.minimum.unwrap_or(0), part.maximum.map_or_else(|| "any".to_owned(), |m| m.to_string())),
        ("boolean", _) => "`true`, `false`".to_owned(),
        ("string", _) if part.examples.is_empty() => "text".to_owned(),
        ("string", _) => format!("text, such as {}", example(part)),
        _ if !part.r#const.is_null() => format!("`{}`", plain(&part.r#const)),
        _ => several.join(" or "),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn both(description: &str) -> String {
    let (english, japanese) = languages(description);
    if japanese.is_empty() { english.to_owned() } else { format!("{english}\n{japanese}") }
}

/// The English and the Japanese part of a description.
fn languages(description: &str) -> (&str, &str) {
    let japanese = description.find(|c: char| ('\u{3040}'..='\u{9fff}').contains(&c)).unwrap_or(description.len());
    match description[..japanese].rfind(". ") {
        Some(end) if japanese < description.len() => (&description[..=end], &description[end + 2..]),
        Some(_) | None => (description, ""),
    }
}
