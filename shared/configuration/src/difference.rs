//! What changes from one configuration to another, as people review it: section by section, entry by entry, key by key.
//!
//! It compares what the files say and knows no section by name, so that whatever a section can hold is compared. Comments, the
//! order of keys and the file in which an entry stands make no difference. Secrets are never shown, addresses only in part.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    masking,
    names::Section,
    problem::Problem,
    section,
    tree::{Entry, Node, Value},
};

/// Longest value that is shown, in characters: the quiet times of a person, the alarms of a service, whole. What is longer is a list
/// that nobody reads to its end.
const VALUE_CHARACTERS_MAX: usize = 4_000;

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It is new.
    Created,
    /// Something about it is different.
    Changed,
    /// It is no more.
    Removed,
}

/// One entry that differs: a user, a schedule, a service; or a section that has no entries with names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its section: `users`.
    pub section: String,
    /// Its name; `None` for a section as a whole.
    pub name: Option<String>,
    /// What became of it.
    pub kind: Kind,
    /// What about it is different. Of an entry that is removed, nothing is listed.
    pub fields: Vec<FieldChange>,
}

/// One value that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Where it stands in its entry: `notify.high[1].after`; empty for the entry as a whole.
    pub path: String,
    /// What it was.
    pub before: Option<String>,
    /// What it will be.
    pub after: Option<String>,
}

/// Files by their names.
pub type Files = BTreeMap<String, String>;

/// Compares two configurations. Each must be one that [`crate::load_files`] accepts.
///
/// # Errors
/// A file that is no YAML.
pub fn differences(before: &Files, after: &Files) -> Result<Vec<Change>, Vec<Problem>> {
    let (before, after) = (section::trees_of(before)?, section::trees_of(after)?);
    let (before, after) = (sections(&before), sections(&after));
    let mut names: Vec<&str> = before.keys().chain(after.keys()).copied().collect::<BTreeSet<_>>().into_iter().collect();
    // In the order in which people write them, what else there is last.
    names.sort_by_key(|name| Section::ALL.iter().position(|section| section.key() == *name).unwrap_or(usize::MAX));
    let empty = BTreeMap::new();
    Ok(names.into_iter().flat_map(|name| entries(name, before.get(name).unwrap_or(&empty), after.get(name).unwrap_or(&empty))).collect())
}

/// In one line: `users: 1 new, 2 changed; services: 1 removed`.
pub fn summary(changes: &[Change]) -> String {
    let mut counts: Vec<(&str, [usize; 3])> = Vec::new();
    for change in changes {
        if counts.last().is_none_or(|(section, _)| *section != change.section) {
            counts.push((&change.section, [0; 3]));
        }
        if let Some((_, counts)) = counts.last_mut() {
            counts[change.kind as usize] += 1;
        }
    }
    let words = |(section, counts): &(&str, [usize; 3])| {
        let words = ["new", "changed", "removed"];
        let parts: Vec<String> = counts.iter().zip(words).filter(|(n, _)| **n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        format!("{section}: {}", parts.join(", "))
    };
    counts.iter().map(words).collect::<Vec<_>>().join("; ")
}

/// The sections of all files together: their entries by name. A section without names, such as a list, has one entry `None`.
type Sections<'a> = BTreeMap<&'a str, BTreeMap<Option<&'a str>, Vec<&'a Node>>>;

fn sections(trees: &[Node]) -> Sections<'_> {
    let mut sections: Sections<'_> = BTreeMap::new();
    for Entry { key, node, .. } in trees.iter().flat_map(entries_of) {
        let section = sections.entry(key).or_default();
        match &node.value {
            Value::Null => {}
            Value::Map(entries) => {
                for entry in entries {
                    section.entry(Some(&entry.key)).or_default().push(&entry.node);
                }
            }
            // Lists of several files are read as one.
            Value::List(items) => section.entry(None).or_default().extend(items),
            Value::Bool(_) | Value::Number(_) | Value::Text(_) => section.entry(None).or_default().push(node),
        }
    }
    sections
}

fn entries_of(tree: &Node) -> &[Entry] {
    match &tree.value {
        Value::Map(entries) => entries,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => &[],
    }
}

fn entries<'a>(
    section: &str,
    before: &BTreeMap<Option<&'a str>, Vec<&'a Node>>,
    after: &BTreeMap<Option<&'a str>, Vec<&'a Node>>,
) -> Vec<Change> {
    let names: BTreeSet<Option<&str>> = before.keys().chain(after.keys()).copied().collect();
    let change = |name: Option<&str>| {
        let (was, will) = (before.get(&name).map(Vec::as_slice), after.get(&name).map(Vec::as_slice));
        let mut fields = Vec::new();
        let kind = match (was, will) {
            (None, Some(will)) => {
                list_fields(section, name, &[], will, &mut fields);
                Kind::Created
            }
            (Some(was), Some(will)) => {
                list_fields(section, name, was, will, &mut fields);
                if fields.is_empty() {
                    return None;
                }
                Kind::Changed
            }
            (Some(_), None) | (None, None) => Kind::Removed,
        };
        Some(Change { section: section.to_owned(), name: name.map(str::to_owned), kind, fields })
    };
    names.into_iter().filter_map(change).collect()
}

fn list_fields(section: &str, name: Option<&str>, was: &[&Node], will: &[&Node], fields: &mut Vec<FieldChange>) {
    match (name, was, will) {
        // A new entry is told key by key.
        (Some(_), [], [will]) => match &will.value {
            Value::Map(entries) => fields.extend(entries.iter().map(|entry| FieldChange {
                path: entry.key.clone(),
                before: None,
                after: Some(shown(&entry.key, &entry.node)),
            })),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => {
                note(section, "", None, Some(will), fields)
            }
        },
        (Some(_), [was], [will]) => compare(section, "", was, will, fields),
        _ => list(section, "", was, will, fields),
    }
}

/// Notes everything that is different between two values. `key` is the key that they stand under.
fn compare(key: &str, path: &str, was: &Node, will: &Node, fields: &mut Vec<FieldChange>) {
    match (&was.value, &will.value) {
        (Value::Map(before), Value::Map(after)) => {
            for entry in before {
                let path = below(path, &entry.key);
                match after.iter().find(|other| other.key == entry.key) {
                    Some(other) => compare(&entry.key, &path, &entry.node, &other.node, fields),
                    None => note(&entry.key, &path, Some(&entry.node), None, fields),
                }
            }
            for entry in after.iter().filter(|entry| before.iter().all(|other| other.key != entry.key)) {
                note(&entry.key, &below(path, &entry.key), None, Some(&entry.node), fields);
            }
        }
        (Value::List(before), Value::List(after)) if before.iter().chain(after).any(|item| matches!(item.value, Value::Map(_))) => {
            list(key, path, &before.iter().collect::<Vec<_>>(), &after.iter().collect::<Vec<_>>(), fields);
        }
        _ if same(was, will) => {}
        _ => note(key, path, Some(was), Some(will), fields),
    }
}

/// Two lists of maps: by their names where every item has one, otherwise by their places between what begins and ends alike.
fn list(key: &str, path: &str, was: &[&Node], will: &[&Node], fields: &mut Vec<FieldChange>) {
    if let (Some(before), Some(after)) = (by_name(was), by_name(will)) {
        let names: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
        for name in names {
            let path = format!("{path}[{name}]");
            match (before.get(name), after.get(name)) {
                (Some(was), Some(will)) => compare(key, &path, was, will, fields),
                (was, will) => note(key, &path, was.copied(), will.copied(), fields),
            }
        }
        let order = |items: &[&Node]| items.iter().filter_map(|item| name_of(item)).collect::<Vec<_>>().join(", ");
        if before.len() == after.len() && before.keys().eq(after.keys()) && order(was) != order(will) {
            let field = FieldChange { path: format!("{path} (order)"), before: Some(order(was)), after: Some(order(will)) };
            fields.push(field);
        }
        return;
    }
    let shorter = was.len().min(will.len());
    let start = was.iter().zip(will).take_while(|(a, b)| same(a, b)).count();
    let end = was.iter().rev().zip(will.iter().rev()).take_while(|(a, b)| same(a, b)).count().min(shorter - start);
    let (was, will) = (&was[start..was.len() - end], &will[start..will.len() - end]);
    for place in 0..was.len().max(will.len()) {
        let path = format!("{path}[{}]", start + place);
        match (was.get(place), will.get(place)) {
            (Some(was), Some(will)) => compare(key, &path, was, will, fields),
            (was, will) => note(key, &path, was.copied(), will.copied(), fields),
        }
    }
}

/// The items by their `name`, if each has one of its own.
fn by_name<'a>(items: &[&'a Node]) -> Option<BTreeMap<&'a str, &'a Node>> {
    let named: Option<BTreeMap<&str, &Node>> = items.iter().map(|item| Some((name_of(item)?, *item))).collect();
    named.filter(|named| named.len() == items.len())
}

fn name_of(item: &Node) -> Option<&str> {
    entries_of(item).iter().find(|entry| entry.key == "name").and_then(|entry| match &entry.node.value {
        Value::Text(name) => Some(name.as_str()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Map(_) => None,
    })
}

fn note(key: &str, path: &str, was: Option<&Node>, will: Option<&Node>, fields: &mut Vec<FieldChange>) {
    let (before, mut after) = (was.map(|node| shown(key, node)), will.map(|node| shown(key, node)));
    // What is masked may look the same.
    if before == after {
        after = after.map(|after| format!("{after} (another one)"));
    }
    fields.push(FieldChange { path: path.to_owned(), before, after });
}

fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Whether two values say the same, wherever they stand. The order of a map's keys says nothing.
fn same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Number(a), Value::Number(b)) | (Value::Text(a), Value::Text(b)) => a == b,
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len() && a.iter().all(|x| b.iter().any(|y| x.key == y.key && same(&x.node, &y.node)))
        }
        _ => false,
    }
}

/// A value on one line, as YAML has it, cut where it is long.
fn shown(key: &str, node: &Node) -> String {
    let text = inline(key, node);
    match text.chars().count().checked_sub(VALUE_CHARACTERS_MAX) {
        None | Some(0) => text,
        Some(more) => format!("{}… (and {more} more characters)", text.chars().take(VALUE_CHARACTERS_MAX).collect::<String>()),
    }
}

fn inline(key: &str, node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.clone(),
        Value::Text(text) => masking::shown(key, text),
        Value::List(items) => format!("[{}]", items.iter().map(|item| inline(key, item)).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let pairs = entries.iter().map(|entry| format!("{}: {}", entry.key, inline(&entry.key, &entry.node)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}
