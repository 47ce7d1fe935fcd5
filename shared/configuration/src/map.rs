//! A map whose keys are known in advance.

use std::collections::BTreeMap;

use crate::{
    spelling::quoted,
    spot::{Spot, but_is, key_hint},
    tree::{Place, Value},
};

/// Most entries of a map whose keys are the author's own. The domain's own limits are lower and are said in its own words.
const PAIRS_MAX: usize = 1_000;

/// The keys of a map: those that are read, and those that come with a later release, each with what to use until then.
pub(crate) struct Keys {
    pub(crate) known: &'static [&'static str],
    pub(crate) later: &'static [(&'static str, &'static str)],
}

/// A map that has been checked against its [`Keys`].
pub(crate) struct Map<'a> {
    spot: Spot<'a>,
    fields: BTreeMap<&'a str, Spot<'a>>,
}

impl<'a> Spot<'a> {
    /// This value as a map of these keys. Every other key, and every key that stands twice, is a problem.
    pub(crate) fn map(&self, keys: &Keys) -> Option<Map<'a>> {
        let Value::Map(entries) = &self.node.value else {
            self.fail(format!("must be a map of keys, {}", but_is(&self.node.value)));
            return None;
        };
        let mut fields = BTreeMap::new();
        let mut first: BTreeMap<&str, Place> = BTreeMap::new();
        for entry in entries {
            let key = entry.key.as_str();
            if let Some(Place { line, column }) = first.get(key) {
                self.fail_at(
                    entry.place,
                    &self.path,
                    format!("the key {} stands here twice, first in line {line}, column {column}; remove one", quoted(key)),
                );
                continue;
            }
            first.insert(key, entry.place);
            let place = |message| self.fail_at(entry.place, &self.path, message);
            if keys.known.contains(&key) {
                fields.insert(key, self.entry(key, entry.place, &entry.node));
            } else if let Some((_, instead)) = keys.later.iter().find(|(later, _)| *later == key) {
                place(format!("`{key}` is not supported yet; use {instead}"));
            } else {
                place(format!("unknown key {}{}", quoted(key), key_hint(key, keys.known)));
            }
        }
        Some(Map { spot: self.clone(), fields })
    }
}

impl<'a> Spot<'a> {
    /// A map whose keys are the author's own, each once, with what `read` makes of their values: all of it, or nothing.
    pub(crate) fn pairs<T>(&self, read: impl Fn(&Self) -> Option<T>) -> Option<Vec<(String, T)>> {
        let Value::Map(entries) = &self.node.value else {
            self.fail(format!("must be a map of keys, {}", but_is(&self.node.value)));
            return None;
        };
        if entries.len() > PAIRS_MAX {
            self.fail(format!("has {} entries; {PAIRS_MAX} are the most", entries.len()));
            return None;
        }
        let mut pairs: BTreeMap<&str, Option<T>> = BTreeMap::new();
        for entry in entries {
            if pairs.contains_key(entry.key.as_str()) {
                self.fail_at(entry.place, &self.path, format!("the key {} stands here twice; remove one", quoted(&entry.key)));
                return None;
            }
            pairs.insert(&entry.key, read(&self.entry(&entry.key, entry.place, &entry.node)));
        }
        pairs.into_iter().map(|(key, value)| Some((key.to_owned(), value?))).collect()
    }
}

impl<'a> Map<'a> {
    /// The value of a key that must be there.
    pub(crate) fn required(&self, key: &str) -> Option<&Spot<'a>> {
        let field = self.fields.get(key);
        if field.is_none() {
            self.spot.fail(format!("the key `{key}` is missing; add it"));
        }
        field
    }

    /// The value of a key that may be there.
    pub(crate) fn optional(&self, key: &str) -> Option<&Spot<'a>> {
        self.fields.get(key)
    }
}
