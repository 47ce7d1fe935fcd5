//! `docs/access-patterns.md` says what the code does: its tables of keys and indexes are those of `shared/store`, and every
//! pattern is explained.

use hansho_store::{access_patterns, definition};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/access-patterns.md");
const DOCUMENT: &str = include_str!("../../docs/access-patterns.md");

/// The lines between `<!-- NAME: ... -->` and `<!-- end of NAME -->`.
fn block(name: &str) -> Vec<&'static str> {
    let begin = format!("<!-- {name}:");
    let end = format!("<!-- end of {name} -->");
    let lines: Vec<&str> = DOCUMENT.lines().skip_while(|line| !line.starts_with(&begin)).skip(1).collect();
    assert!(lines.contains(&end.as_str()), "{PATH} needs the lines {begin:?} and {end:?} around its table");
    lines.into_iter().take_while(|line| *line != end).collect()
}

fn assert_block(name: &str, expected: &[String]) {
    let found = block(name);
    assert!(found == expected, "the table of {name} in {PATH} is not the code's; put these lines in:\n\n{}\n", expected.join("\n"));
}

#[test]
fn the_table_of_keys_is_the_codes() {
    let mut expected = vec!["| what | partition key | sort key |".to_owned(), "| --- | --- | --- |".to_owned()];
    expected.extend(access_patterns().into_iter().map(|(name, pk, sk)| format!("| {name} | `{pk}` | `{sk}` |")));
    assert!(expected.len() > 2, "access_patterns() gives its examples");
    assert_block("keys", &expected);
}

#[test]
fn the_table_of_indexes_is_the_codes() {
    let definition = definition("hansho").unwrap();
    let type_of =
        |name: &str| definition.attribute_definitions().iter().find(|a| a.attribute_name() == name).unwrap().attribute_type().as_str();
    let keys = |schema: &[aws_sdk_dynamodb::types::KeySchemaElement]| {
        schema.iter().map(|key| format!("`{}` ({})", key.attribute_name(), type_of(key.attribute_name()))).collect::<Vec<_>>().join(" | ")
    };
    let mut expected =
        vec!["| table or index | partition key | sort key | projection |".to_owned(), "| --- | --- | --- | --- |".to_owned()];
    expected.push(format!("| table | {} | everything |", keys(definition.key_schema())));
    for index in definition.global_secondary_indexes() {
        let projection = index.projection().unwrap().projection_type().unwrap().as_str();
        expected.push(format!("| index `{}` | {} | {projection} |", index.index_name(), keys(index.key_schema())));
    }
    assert_block("indexes", &expected);
    assert_eq!(definition.billing_mode().unwrap().as_str(), "PAY_PER_REQUEST", "the document says on demand");
}

#[test]
fn every_pattern_is_explained() {
    let explained = block("reasons");
    let missing: Vec<&str> = access_patterns()
        .into_iter()
        .map(|(name, ..)| name)
        .filter(|name| !explained.iter().any(|line| line.starts_with(&format!("| {name} |"))))
        .collect();
    assert!(missing.is_empty(), "say in {PATH} what these are for and who reads them: {}", missing.join(", "));
    let patterns = access_patterns();
    let is_known = |line: &&&str| {
        line.starts_with("| what |")
            || line.starts_with("| --- |")
            || patterns.iter().any(|(name, ..)| line.starts_with(&format!("| {name} |")))
    };
    let unknown: Vec<&&str> = explained.iter().filter(|line| !is_known(line)).collect();
    assert!(unknown.is_empty(), "there is no such pattern any more; take these lines out of {PATH}: {unknown:?}");
}
