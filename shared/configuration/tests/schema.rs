//! The published JSON Schema says what the reader says: the same keys, and the same forms.
#![expect(clippy::expect_used, reason = "a test that can not go on has failed")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use boon::{Compiler, SchemaIndex, Schemas};
use hansho_configuration::{SCHEMA, load, load_files, reference};
use serde_json::Value;

/// Which definition of the schema each table of keys is. A new table has to be named here, and its keys described there.
const DEFINITIONS: [(&str, &str, &str); 43] = [
    ("section.rs", "KEYS", ""),
    ("user.rs", "KEYS", "user"),
    ("user.rs", "NOTIFY_KEYS", "notify"),
    ("user.rs", "RULE_KEYS", "notification_rule"),
    ("notify.rs", "QUIET_KEYS", "quiet_time"),
    ("notify.rs", "REMINDER_KEYS", "handoff_reminder"),
    ("allowances.rs", "KEYS", "allowances"),
    ("allowances.rs", "CLASS_KEYS", "allowance_class"),
    ("team.rs", "KEYS", "team"),
    ("schedule.rs", "KEYS", "schedule"),
    ("schedule.rs", "ROTATION_KEYS", "rotation"),
    ("schedule.rs", "MEMBER_KEYS", "member"),
    ("schedule.rs", "RESTRICTION_KEYS", "window"),
    ("policy.rs", "KEYS", "escalation_policy"),
    ("policy.rs", "STEP_KEYS", "step"),
    ("policy.rs", "WHEN_KEYS", "condition"),
    ("destination.rs", "KEYS", "destination"),
    ("integration.rs", "KEYS", "integration"),
    ("service.rs", "KEYS", "service"),
    ("service.rs", "URGENCY_KEYS", "urgency_by_hours"),
    ("service.rs", "DURING_KEYS", "urgency_during"),
    ("service.rs", "AUTO_PAUSE_KEYS", "auto_pause"),
    ("service.rs", "PRIORITY_KEYS", "priority_rule"),
    ("messages.rs", "KEYS", "messages"),
    ("messages.rs", "TEMPLATE_KEYS", "message_templates"),
    ("bridge.rs", "INCIDENT_MANAGER_KEYS", "incident_manager"),
    ("bridge.rs", "OPS_CENTER_KEYS", "ops_center"),
    ("hours.rs", "KEYS", "support_hours"),
    ("maintenance.rs", "KEYS", "maintenance_window"),
    ("maintenance.rs", "ONLY_KEYS", "maintenance_filter"),
    ("mail_rules.rs", "FILTER_KEYS", "mail_filters"),
    ("mail_rules.rs", "CONDITION_KEYS", "mail_condition"),
    ("mail_rules.rs", "KEY_KEYS", "mail_key"),
    ("mail_rules.rs", "SEVERITY_KEYS", "mail_severity"),
    ("mail_rules.rs", "VERDICT_KEYS", "mail_verdicts"),
    ("calendar.rs", "KEYS", "calendar"),
    ("calendar.rs", "DAY_KEYS", "named_days"),
    ("rule.rs", "KEYS", "rule"),
    ("rule.rs", "THEN_KEYS", "rule_actions"),
    ("retention.rs", "KEYS", "retention"),
    ("test.rs", "KEYS", "test"),
    ("test.rs", "ANSWER_KEYS", "answer"),
    ("test.rs", "EXPECT_KEYS", "expectation"),
];

/// How the reader begins or ends a sentence about the form of a value: the schema has to refuse such a file too.
const FORMS: [&str; 8] = [
    ": unknown key `",
    "is missing; add it",
    "is not possible here; write ",
    ": must be a list",
    ": must be a map",
    ": must be text",
    ": must be a small whole number",
    "has no unit; write ",
];

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn schema() -> Value {
    serde_json::from_str(SCHEMA).expect("the schema is JSON")
}

/// The tables of keys that the reader's files have: by file and name, what is known.
fn tables() -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut tables = BTreeMap::new();
    let mut folders = vec![here("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // However the lines are broken.
            let text = fs::read_to_string(&path).expect("a source").split_whitespace().collect::<Vec<_>>().join(" ");
            let file = path.strip_prefix(here("src")).expect("a file below src").display().to_string();
            for (before, after) in text.match_indices(": Keys = Keys").map(|(place, _)| text.split_at(place)) {
                let name = before.rsplit(' ').next().expect("a name");
                let known = after.split_once("known: &[").expect("the known keys").1.split(']').next().expect("their end");
                let keys = known.split('"').skip(1).step_by(2).map(str::to_owned).collect();
                tables.insert((file.clone(), name.to_owned()), keys);
            }
        }
    }
    tables
}

#[test]
fn every_key_of_every_section_is_in_the_schema_with_a_description_in_both_languages() {
    let schema = schema();
    let tables = tables();
    let mut missing = Vec::new();
    for (file, name) in tables.keys().filter(|(file, name)| !DEFINITIONS.iter().any(|(f, n, _)| f == file && n == name)) {
        missing.push(format!("the keys {name} of {file} are in no definition of the schema: add one, and name it in this test"));
    }
    for (file, name, definition) in DEFINITIONS {
        let at = if definition.is_empty() { &schema } else { &schema["definitions"][definition] };
        let known = tables.get(&(file.to_owned(), name.to_owned())).unwrap_or_else(|| panic!("{file} has no {name}"));
        let properties = at["properties"].as_object().unwrap_or_else(|| panic!("the schema has no definition {definition}"));
        assert_eq!(at["additionalProperties"], false, "{definition} takes unknown keys");
        missing.extend(
            known
                .iter()
                .filter(|key| !properties.contains_key(*key))
                .map(|k| format!("key {k} of {file} is not in the schema: {definition}")),
        );
        missing.extend(
            properties
                .keys()
                .filter(|key| !known.contains(*key))
                .map(|k| format!("key {k} of the schema's {definition} is not known to {file}")),
        );
        for (key, property) in properties {
            let description = property["description"].as_str().unwrap_or_default();
            if !description.contains(|c: char| c.is_ascii_lowercase()) || !description.contains(|c: char| ('ぁ'..='龠').contains(&c)) {
                missing.push(format!("{definition}.{key} has no description in English and Japanese"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// A validator of the schema, by an implementation of the standard.
struct Validator(Schemas, SchemaIndex);

impl Validator {
    fn new() -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let name = "http://hansho.test/configuration.schema.json";
        compiler.add_resource(name, schema()).expect("a resource");
        let index = compiler.compile(name, &mut schemas).unwrap_or_else(|error| panic!("the schema is none: {error:#}"));
        Self(schemas, index)
    }

    /// What the schema has against a file; `None` when it is no YAML.
    fn refuses(&self, text: &str) -> Option<Option<String>> {
        let options = serde_saphyr::options! { strict_booleans: true, leading_zero_numbers_as_strings: true };
        let value: Value = serde_saphyr::from_str_with_options(text, options).ok()?;
        Some(self.0.validate(&value, self.1).err().map(|error| format!("{error:#}")))
    }
}

/// The YAML files of a folder, by name.
fn yaml(folder: &str) -> BTreeMap<String, String> {
    let entries = fs::read_dir(here(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let paths = entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.extension().is_some_and(|e| e == "yaml"));
    paths.map(|path| (path.display().to_string(), fs::read_to_string(&path).expect("the text"))).collect()
}

#[test]
fn every_file_that_loads_is_valid_under_the_schema() {
    let validator = Validator::new();
    let mut failures = Vec::new();
    let mut all = yaml("../../cli/example");
    all.extend(yaml("tests/warnings"));
    all.extend(yaml("tests/valid"));
    all.insert("an empty file".to_owned(), String::new());
    for (name, text) in all {
        match validator.refuses(&text) {
            Some(None) => {}
            Some(Some(error)) => failures.push(format!("{name}: {error}")),
            None => failures.push(format!("{name} is no YAML")),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// An example for everything that a file can say, so that the test above has something to say about every key.
#[test]
fn the_valid_examples_load_and_use_every_key() {
    load(&here("tests/valid")).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let all: String = yaml("tests/valid").into_values().collect();
    let words: BTreeSet<&str> = all.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).collect();
    let unused: Vec<_> = tables().into_values().flatten().filter(|key| !words.contains(key.as_str())).collect();
    assert!(unused.is_empty(), "no file in tests/valid uses {unused:?}");
}

#[test]
fn every_broken_example_whose_mistake_is_one_of_form_is_refused_by_the_schema() {
    let validator = Validator::new();
    let mut accepted = Vec::new();
    let mut refused = 0;
    for (name, text) in yaml("tests/broken") {
        let expected = text.lines().next().unwrap_or_default().to_owned();
        match validator.refuses(&text) {
            Some(None) if FORMS.iter().any(|form| expected.contains(form)) => accepted.push(format!("{name}: {expected}")),
            Some(None) | None => {}
            Some(Some(_)) => refused += 1,
        }
    }
    assert!(accepted.is_empty(), "the schema accepts\n{}", accepted.join("\n"));
    assert!(refused >= 50, "only {refused} are refused");
}

/// The schema is not stricter than the reader: what it refuses, the reader refuses.
#[test]
fn the_schema_names_no_value_that_the_reader_takes() {
    let validator = Validator::new();
    for folder in ["tests/broken", "tests/warnings", "tests/valid"] {
        for (name, text) in yaml(folder) {
            if let Some(Some(error)) = validator.refuses(&text) {
                assert!(load_files(&[(name.clone().into(), text)]).is_err(), "{name}: {error}");
            }
        }
    }
}

#[test]
fn the_name_of_a_teams_parameter_is_possible_where_a_secret_is() {
    let validator = Validator::new();
    let file = |name: &str| {
        let name = format!("ssm:/{name}");
        let user = format!("users:\n  dai: {{ name: Dai, webhook: \"{name}\", webhook_secret: \"{name}\" }}\n");
        format!("{user}destinations:\n  hook: {{ webhook: \"{name}\", secret: \"{name}\" }}\n  room: {{ chat: \"{name}\" }}\n")
    };
    let good = file("hansho/secrets/payments/dai-hook");
    let loaded = load_files(&[("from-terraform/payments.yaml".into(), good.clone())]);
    loaded.unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!(validator.refuses(&good), Some(None));
    for bad in ["hansho/keys/payments", "hansho/secrets/payments", "secrets/payments/dai-hook/more"] {
        let bad = file(bad);
        assert!(load_files(&[("from-terraform/payments.yaml".into(), bad.clone())]).is_err(), "{bad}");
        assert!(matches!(validator.refuses(&bad), Some(Some(_))), "{bad}");
    }
}

#[test]
fn the_page_of_every_key_is_what_the_schema_says() {
    let page = include_str!("../../../docs/configuration.md");
    assert!(reference() == page, "run: cargo run -- schema --markdown > docs/configuration.md");
}
