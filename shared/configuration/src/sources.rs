//! Where in the files the parts of a configuration stand, and what their comments allow.

use std::{
    cell::Cell,
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{
    names::Section,
    spelling::{did_you_mean, quoted},
    spot::{Findings, Spot},
    tree::{Node, Place, Value},
    warning::WarningKind,
};

/// How a comment begins that allows warnings.
const ALLOW: &str = "# hansho: allow ";

/// The files of a configuration that has been read.
pub(crate) struct Sources<'f> {
    trees: Vec<(&'f Path, Node)>,
    /// By file, then by the line that they are about.
    allowances: BTreeMap<(&'f Path, u32), Vec<Allowance>>,
}

/// One name of a comment that allows warnings.
pub(crate) struct Allowance {
    /// Where the comment stands.
    pub(crate) place: Place,
    /// The kind, or what stands in its place.
    pub(crate) kind: Result<WarningKind, String>,
    /// Whether it has allowed anything.
    pub(crate) is_used: Cell<bool>,
}

/// An entry of a section in its file.
pub(crate) struct Entry<'a> {
    pub(crate) file: &'a Path,
    key: Place,
    node: &'a Node,
}

impl<'f> Sources<'f> {
    /// `trees` are those of `files`.
    pub(crate) fn new(files: &'f [(PathBuf, String)], trees: Vec<(&'f Path, Node)>) -> Self {
        let mut allowances: BTreeMap<(&Path, u32), Vec<Allowance>> = BTreeMap::new();
        for (file, text) in files.iter().filter(|(_, text)| text.contains(ALLOW)) {
            for (line, allowance) in allowances_of(text) {
                allowances.entry((file, line)).or_default().push(allowance);
            }
        }
        Self { trees, allowances }
    }

    /// An index of the entries of all sections. Borrowed from `self`, so that it is made once for many questions.
    pub(crate) fn entries(&self) -> BTreeMap<(Section, &str), Entry<'_>> {
        let mut entries = BTreeMap::new();
        for (file, tree) in &self.trees {
            for top in map_of(tree) {
                let Some(section) = Section::ALL.into_iter().find(|section| section.key() == top.key) else { continue };
                for entry in map_of(&top.node) {
                    entries.insert((section, entry.key.as_str()), Entry { file, key: entry.place, node: &entry.node });
                }
            }
        }
        entries
    }

    /// A rule for all alerts, by its place in their order: they stand in one file.
    pub(crate) fn route(&self, index: usize) -> Option<Entry<'_>> {
        let (file, node) = self.trees.iter().find_map(|(file, tree)| {
            let top = map_of(tree).iter().find(|top| top.key == "routes")?;
            let Value::List(items) = &top.node.value else { return None };
            Some((*file, items.get(index)?))
        })?;
        Some(Entry { file, key: node.place, node })
    }

    /// Whether a comment allows this kind on this line. It counts as used.
    pub(crate) fn allows(&self, kind: WarningKind, file: &Path, line: u32) -> bool {
        let here = self.allowances.get(&(file, line));
        let allowed = here.and_then(|all| all.iter().find(|allowance| allowance.kind == Ok(kind)));
        if let Some(allowance) = allowed {
            allowance.is_used.set(true);
        }
        allowed.is_some()
    }

    /// Every comment that allows something, with its file.
    pub(crate) fn allowances(&self) -> impl Iterator<Item = (&'f Path, &Allowance)> {
        self.allowances.iter().flat_map(|((file, _), all)| all.iter().map(move |allowance| (*file, allowance)))
    }
}

impl Entry<'_> {
    /// Where `alarms[2]` of this entry stands, or as much of it as there is; the entry's key for an empty field.
    pub(crate) fn place(&self, field: &str) -> Place {
        if field.is_empty() {
            return self.key;
        }
        let findings = Findings::default();
        let spot = Spot { findings: &findings, file: self.file, path: String::new(), key: Some(self.key), node: self.node };
        spot.place_of(field)
    }

    /// The text of a field, where it is one.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        text_of(self.node, field)
    }

    /// The list below a path of keys; empty when it is not there.
    pub(crate) fn list(&self, keys: &[&str]) -> &[Node] {
        let mut node = self.node;
        for key in keys {
            match map_of(node).iter().find(|entry| entry.key == *key) {
                Some(entry) => node = &entry.node,
                None => return &[],
            }
        }
        if let Value::List(items) = &node.value { items } else { &[] }
    }
}

/// The text below a key of a map.
pub(crate) fn text_of<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    let entry = map_of(node).iter().find(|entry| entry.key == key)?;
    if let Value::Text(text) = &entry.node.value { Some(text) } else { None }
}

fn map_of(node: &Node) -> &[crate::tree::Entry] {
    if let Value::Map(entries) = &node.value { entries } else { &[] }
}

/// What the comments of a file allow, each with the line that it is about: its own when something stands before it, otherwise
/// the next line that is no comment.
fn allowances_of(text: &str) -> Vec<(u32, Allowance)> {
    let mut found = Vec::new();
    let mut waiting: Vec<Allowance> = Vec::new();
    for (number, line) in (1u32..).zip(text.lines()) {
        let before = line.split('#').next().unwrap_or_default();
        let is_comment = before.trim().is_empty() && line.contains('#');
        waiting.extend(allowances_in(line, number));
        if !is_comment && !line.trim().is_empty() {
            found.extend(waiting.drain(..).map(|allowance| (number, allowance)));
        }
    }
    // At the end of the file they are about nothing, and are reported as unused.
    found.extend(waiting.into_iter().map(|allowance| (0, allowance)));
    found
}

fn allowances_in(line: &str, number: u32) -> Vec<Allowance> {
    // Within another comment it is only spoken of.
    let Some((before, names)) = line.split_once(ALLOW).filter(|(before, _)| !before.contains('#')) else { return Vec::new() };
    let column = u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX);
    let kind = |name: &str| {
        WarningKind::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or_else(|| {
            let hint = did_you_mean(name, WarningKind::ALL.iter().map(|kind| kind.as_str()));
            format!("there is no warning {}{hint}", quoted(name))
        })
    };
    let names = names.split([',', ' ']).map(str::trim).filter(|name| !name.is_empty());
    // A reason may follow, in words: (on purpose).
    let names = names.take_while(|name| !name.starts_with(['(', '#', ':', '-']));
    names.map(|name| Allowance { place: Place { line: number, column }, kind: kind(name), is_used: Cell::new(false) }).collect()
}
