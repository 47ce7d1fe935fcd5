//! Reading the fields of an event: what is wrong with them is said as PagerDuty says it, all of it at once.

use std::cell::RefCell;

use serde_json::{Map, Value};

/// A map of fields, and where it stands in the event.
pub(super) struct Fields<'a> {
    map: Option<&'a Map<String, Value>>,
    /// What the names of its fields begin with in messages: `payload.`, or nothing.
    prefix: &'static str,
    errors: &'a RefCell<Vec<String>>,
}

impl<'a> Fields<'a> {
    /// The fields of the event itself.
    pub(super) fn of(map: &'a Map<String, Value>, errors: &'a RefCell<Vec<String>>) -> Self {
        Self { map: Some(map), prefix: "", errors }
    }

    /// The fields of the map `name`, which has to be there: everything in it is missing otherwise.
    pub(super) fn inner(&self, name: &str, prefix: &'static str) -> Self {
        let map = match self.value(name) {
            Some(Value::Object(map)) => Some(map),
            Some(_) => {
                self.refuse(name, "is invalid (must be an object)");
                None
            }
            None => {
                self.refuse(name, "is missing or blank");
                None
            }
        };
        Self { map, prefix, errors: self.errors }
    }

    /// A field with anything in it.
    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.map?.get(name).filter(|value| !value.is_null())
    }

    /// Text that has to be there, of at most `characters_max` characters.
    pub(super) fn required(&self, name: &str, characters_max: usize) -> Option<&'a str> {
        let found = self.optional(name, characters_max);
        let is_blank = self.map.is_some() && self.value(name).is_none_or(|value| value.as_str().is_some_and(|text| text.trim().is_empty()));
        if is_blank {
            self.refuse(name, "is missing or blank");
        }
        found
    }

    /// Text that may be there; blank text is none.
    pub(super) fn optional(&self, name: &str, characters_max: usize) -> Option<&'a str> {
        let Some(text) = self.value(name)?.as_str() else {
            self.refuse(name, "is invalid (must be text)");
            return None;
        };
        let characters = text.chars().count();
        if characters > characters_max {
            self.refuse(name, &format!("is too long ({characters} characters; at most {characters_max})"));
            return None;
        }
        Some(text).filter(|text| !text.trim().is_empty())
    }

    /// One of a few words, in any case.
    pub(super) fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.required(name, usize::MAX)?;
        let chosen = choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, choice)| *choice);
        if chosen.is_none() {
            let words: Vec<String> = choices.iter().map(|(word, _)| format!("'{word}'")).collect();
            if let Some((last, others)) = words.split_last() {
                self.refuse(name, &format!("is invalid (must be one of the following: {} or {last})", others.join(", ")));
            }
        }
        chosen
    }

    fn refuse(&self, name: &str, what: &str) {
        self.errors.borrow_mut().push(format!("'{}{name}' {what}", self.prefix));
    }
}
