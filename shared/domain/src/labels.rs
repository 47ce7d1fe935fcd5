//! Labels: small facts about an alert that rules can ask for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Most labels of an alert. An incident keeps them, and has to stay under 16 KB.
const LABELS_MAX: usize = 24;
/// Longest name of a label, in bytes.
const KEY_BYTES_MAX: usize = 60;
/// Longest value, in characters; a longer one is cut.
const VALUE_CHARS_MAX: usize = 200;
/// Most bytes of all labels together; whatever comes after that is left out.
const BYTES_MAX: usize = 1_500;

/// What is known of an alert, by name. Names are in lower case, values are short and on one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(from = "BTreeMap<String, String>")]
pub struct Labels(BTreeMap<String, String>);

/// As stored, perhaps by other code: what is too much is left out.
impl From<BTreeMap<String, String>> for Labels {
    fn from(all: BTreeMap<String, String>) -> Self {
        all.iter().fold(Self::default(), |mut labels, (key, value)| {
            labels.add(key, value);
            labels
        })
    }
}

impl Labels {
    /// No labels.
    pub fn new() -> Self {
        Self::default()
    }

    /// `text` as a label is named: in lower case, of letters, digits, `_`, `-`, `.` and `/`, beginning with a letter. `None`: it can
    /// not be one.
    pub fn key(text: &str) -> Option<String> {
        let is_possible = text.len() <= KEY_BYTES_MAX
            && text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/'));
        is_possible.then(|| text.to_ascii_lowercase())
    }

    /// Adds a label. The first of a name counts; what can not be a label, has no value or is too much is left out.
    pub fn add(&mut self, key: &str, value: &str) {
        let value: String = value.trim().chars().filter(|c| !c.is_control()).take(VALUE_CHARS_MAX).collect();
        let Some(key) = Self::key(key) else { return };
        let bytes: usize = self.0.iter().map(|(key, value)| key.len() + value.len()).sum();
        let fits = self.0.len() < LABELS_MAX && bytes + key.len() + value.len() <= BYTES_MAX;
        if fits && !value.is_empty() && !self.0.contains_key(&key) {
            self.0.insert(key, value);
        }
    }

    /// The value of a label, whose name is given in any case.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(&key.to_ascii_lowercase()).map(String::as_str)
    }

    /// Every label, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
