//! Labels: small facts about an alert that rules can ask for.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Most labels of an alert. An incident keeps them, and has to stay under 16 KB.
const LABELS_MAX: usize = 24;
/// Longest name of a label, in bytes.
const KEY_BYTES_MAX: usize = 60;
/// Longest value, in characters; a longer one is cut.
const VALUE_CHARS_MAX: usize = 200;
/// Most bytes of all labels together; whatever comes after that is left out.
const BYTES_MAX: usize = 1_500;

/// Most names of labels that were left out or cut which are remembered.
const NOT_WHOLE_MAX: usize = 64;

/// What is known of an alert, by name. Names are in lower case, values are short and on one line. It remembers what was too much for it:
/// whoever asks whether a label is absent has to know that it may have been left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(from = "Stored", into = "Stored")]
pub struct Labels {
    all: BTreeMap<String, String>,
    /// The names of those that were left out, and of those whose values were cut.
    not_whole: BTreeSet<String>,
    /// More were left out than are named.
    is_more_left_out: bool,
    /// Something was left out whose name no label can have.
    is_other_left_out: bool,
}

/// As they are stored: a map where everything is there.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Whole(BTreeMap<String, String>),
    Partial {
        kept: BTreeMap<String, String>,
        #[serde(default)]
        not_whole: BTreeSet<String>,
        #[serde(default)]
        is_more_left_out: bool,
        #[serde(default)]
        is_other_left_out: bool,
    },
}

/// As stored, perhaps by other code: what is too much is left out.
impl From<BTreeMap<String, String>> for Labels {
    fn from(all: BTreeMap<String, String>) -> Self {
        all.iter().fold(Self::default(), |mut labels, (key, value)| {
            labels.add(key, value);
            labels
        })
    }
}

impl From<Stored> for Labels {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Whole(all) => Self::from(all),
            Stored::Partial { kept, not_whole, is_more_left_out, is_other_left_out } => {
                let mut labels = Self::from(kept);
                labels.is_more_left_out |= is_more_left_out;
                labels.is_other_left_out |= is_other_left_out;
                not_whole.into_iter().for_each(|key| labels.note_not_whole(key));
                labels
            }
        }
    }
}

impl From<Labels> for Stored {
    fn from(labels: Labels) -> Self {
        let is_whole = labels.are_whole();
        let Labels { all, not_whole, is_more_left_out, is_other_left_out } = labels;
        if is_whole { Self::Whole(all) } else { Self::Partial { kept: all, not_whole, is_more_left_out, is_other_left_out } }
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

    /// Adds a label. The first of a name counts; what can not be a label or has no value is left out, and so is what is too much, which
    /// [`Labels::is_whole`] tells.
    pub fn add(&mut self, key: &str, value: &str) {
        let Some(key) = Self::key(key) else {
            self.is_other_left_out |= !value.trim().is_empty();
            return;
        };
        let mut shown = value.trim().chars().filter(|c| !c.is_control());
        let value: String = shown.by_ref().take(VALUE_CHARS_MAX).collect();
        if value.is_empty() || self.all.contains_key(&key) {
            return;
        }
        let bytes: usize = self.all.iter().map(|(key, value)| key.len() + value.len()).sum();
        let fits = self.all.len() < LABELS_MAX && bytes + key.len() + value.len() <= BYTES_MAX;
        if !fits || shown.next().is_some() {
            self.note_not_whole(key.clone());
        }
        if fits {
            self.all.insert(key, value);
        }
    }

    /// There is more to say of this name than its label does, or there is no label though there is something: [`Labels::is_whole`] says
    /// so from now on.
    pub fn add_partial(&mut self, key: &str) {
        match Self::key(key) {
            Some(key) => self.note_not_whole(key),
            None => self.is_other_left_out = true,
        }
    }

    /// Something was left out that may have had labels of any name.
    pub fn add_unnamed(&mut self) {
        self.is_more_left_out = true;
        self.is_other_left_out = true;
    }

    /// The same with a label that has this value, whatever it was; there may be no room for all of the others.
    #[must_use]
    pub fn with(&self, key: &str, value: &str) -> Self {
        self.set(key, value, true)
    }

    /// As [`Labels::with`], of a value that was made of something that was cut: it is not whole either.
    #[must_use]
    pub fn with_partial(&self, key: &str, value: &str) -> Self {
        self.set(key, value, false)
    }

    fn set(&self, key: &str, value: &str, is_whole: bool) -> Self {
        let Self { is_more_left_out, is_other_left_out, .. } = *self;
        let mut next = Self { is_more_left_out, is_other_left_out, ..Self::default() };
        next.add(key, value);
        Self::key(key).filter(|_| !is_whole).into_iter().for_each(|key| next.note_not_whole(key));
        let is_other = |other: &str| !other.eq_ignore_ascii_case(key);
        self.iter().filter(|(other, _)| is_other(other)).for_each(|(other, value)| next.add(other, value));
        self.not_whole.iter().filter(|other| is_other(other)).for_each(|other| next.note_not_whole(other.clone()));
        next
    }

    /// The same without the memory of what was left out, as it is kept for people.
    #[must_use]
    pub fn kept(&self) -> Self {
        Self { all: self.all.clone(), ..Self::default() }
    }

    fn note_not_whole(&mut self, key: String) {
        if self.not_whole.len() < NOT_WHOLE_MAX {
            self.not_whole.insert(key);
        } else if !self.not_whole.contains(&key) {
            self.is_more_left_out = true;
        }
    }

    /// Whether what [`Labels::get`] says of this name is all there is to say: neither was its value cut, nor was it left out.
    pub fn is_whole(&self, key: &str) -> bool {
        let Some(key) = Self::key(key) else { return !self.is_other_left_out };
        !self.not_whole.contains(&key) && (self.all.contains_key(&key) || !self.is_more_left_out)
    }

    /// Whether nothing was cut or left out.
    pub fn are_whole(&self) -> bool {
        self.not_whole.is_empty() && !self.is_more_left_out && !self.is_other_left_out
    }

    /// The value of a label, whose name is given in any case.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.all.get(&key.to_ascii_lowercase()).map(String::as_str)
    }

    /// Every label, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.all.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{LABELS_MAX, Labels, NOT_WHOLE_MAX, VALUE_CHARS_MAX};

    fn numbered(count: usize) -> Labels {
        let mut labels = Labels::new();
        (0..count).for_each(|n| labels.add(&format!("l{n:03}"), "x"));
        labels
    }

    #[test]
    fn what_is_left_out_or_cut_is_remembered_by_its_name() {
        let mut labels = numbered(LABELS_MAX);
        assert!(labels.are_whole());
        labels.add("env", "prod");
        assert_eq!((labels.get("env"), labels.is_whole("Env"), labels.is_whole("other")), (None, false, true));
        let mut cut = Labels::new();
        cut.add("text", &"x".repeat(VALUE_CHARS_MAX));
        cut.add("long", &"x".repeat(VALUE_CHARS_MAX + 1));
        assert_eq!((cut.is_whole("text"), cut.is_whole("long")), (true, false));
        let mut heavy = Labels::new();
        (0..9).for_each(|n| heavy.add(&format!("l{n}"), &"x".repeat(VALUE_CHARS_MAX)));
        assert_eq!((heavy.is_whole("l0"), heavy.get("l8"), heavy.is_whole("l8")), (true, None, false), "1,500 bytes are full");
    }

    #[test]
    fn what_can_not_be_a_label_is_remembered_too() {
        let (mut named, mut strange, mut unnamed) = (numbered(1), numbered(1), numbered(1));
        named.add_partial("Urgent");
        strange.add_partial("very urgent");
        unnamed.add_unnamed();
        for (labels, [urgent, strange, other]) in
            [(&named, [false, true, true]), (&strange, [true, false, true]), (&unnamed, [false, false, false])]
        {
            assert!(!labels.are_whole() && labels.is_whole("l000"), "{labels:?}");
            let stored: Labels = serde_json::from_str(&serde_json::to_string(labels).unwrap()).unwrap();
            for labels in [labels, &stored, &labels.with("team", "x")] {
                assert_eq!([labels.is_whole("urgent"), labels.is_whole("any name"), labels.is_whole("other")], [urgent, strange, other]);
            }
            assert!(labels.kept().are_whole());
        }
        assert!(named.with("urgent", "no").are_whole(), "what a rule has made of it is known");
    }

    #[test]
    fn of_more_than_are_named_any_may_be_missing() {
        let labels = numbered(LABELS_MAX + NOT_WHOLE_MAX + 1);
        assert_eq!((labels.is_whole("l000"), labels.is_whole("other"), labels.are_whole()), (true, false, false));
    }

    #[test]
    fn what_was_left_out_is_remembered_when_they_are_stored_and_when_one_is_set() {
        for labels in [numbered(3), numbered(LABELS_MAX + 1), numbered(LABELS_MAX + NOT_WHOLE_MAX + 1)] {
            let stored = serde_json::to_string(&labels).unwrap();
            assert_eq!(serde_json::from_str::<Labels>(&stored).unwrap(), labels, "{stored}");
        }
        assert_eq!(serde_json::to_string(&numbered(1)).unwrap(), r#"{"l000":"x"}"#, "whole ones are a map");
        let set = numbered(LABELS_MAX + 1).with("l024", "now");
        assert_eq!(
            (set.get("l024"), set.is_whole("l024"), set.is_whole("l023")),
            (Some("now"), true, false),
            "it took the last one's place"
        );
        assert!(set.kept().are_whole());
    }
}
