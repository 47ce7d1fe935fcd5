//! Everything to be warned about in a configuration that loads: a file per subject.
//!
//! One mistake gives one warning, at the place where its author mends it. What is meant as it is can be allowed by a comment
//! above it: `# hansho: allow coverage-gap`.

mod alarms;
mod calls;
mod coverage;
mod glob;
mod hours;
mod people;
mod policies;
mod rules;
mod runbooks;
mod spans;
mod unused;

use std::{cell::RefCell, collections::BTreeMap};

use hansho_domain::Configuration;
use jiff::Timestamp;

use self::calls::Calls;
pub use self::runbooks::Runbooks;
use crate::{
    Loaded,
    names::{Section, problem_at},
    sources::{Entry, Sources},
    warning::{Warning, WarningKind},
};

/// Most warnings of one kind that are reported one by one; a report of thousands helps nobody.
const WARNINGS_PER_KIND_MAX: usize = 500;

/// What the subjects look at, and what they find.
struct Ground<'a> {
    configuration: &'a Configuration,
    sources: &'a Sources<'a>,
    entries: BTreeMap<(Section, &'a str), Entry<'a>>,
    /// The moment from which on the next 90 days are looked at.
    at: Timestamp,
    found: RefCell<Vec<Warning>>,
}

/// What else is known besides the files.
pub(crate) struct Surroundings<'a> {
    /// The moment from which on the next 90 days are looked at.
    pub(crate) at: Timestamp,
    /// The folder of runbooks, if there is one.
    pub(crate) runbooks: Option<&'a Runbooks>,
}

/// All warnings, by file and line, and how many runbooks are templates and could not be looked up.
pub(crate) fn find(loaded: &Loaded, sources: &Sources<'_>, surroundings: &Surroundings<'_>) -> (Vec<Warning>, usize) {
    let ground = Ground {
        configuration: &loaded.configuration,
        sources,
        entries: sources.entries(),
        at: surroundings.at,
        found: RefCell::default(),
    };
    let calls = Calls::of(&ground);
    coverage::check(&ground, &calls);
    people::check(&ground, &calls);
    unused::check(&ground, &calls);
    hours::check(&ground);
    alarms::check(&ground);
    rules::check(&ground);
    let templates = runbooks::check(&ground, surroundings.runbooks);
    ground.check_allowances(surroundings.runbooks.is_some());
    let mut found = ground.found.into_inner();
    found.sort();
    found.dedup();
    (cut(found), templates)
}

impl<'a> Ground<'a> {
    /// Warns about a field of an entry, or the whole entry when the field is empty. `false` when a comment allows it, or the entry
    /// stands in no file: the catch-all service is made without.
    fn warn(&self, kind: WarningKind, section: Section, name: &str, field: &str, message: impl AsRef<str>) -> bool {
        let Some(entry) = self.entries.get(&(section, name)) else { return false };
        let place = entry.place(field);
        if self.sources.allows(kind, entry.file, place.line) {
            return false;
        }
        let dot = if field.is_empty() { "" } else { "." };
        let message = format!("{}.{name}{dot}{field}: {}", section.key(), message.as_ref());
        self.found.borrow_mut().push(Warning { problem: problem_at(entry.file, place, message), kind });
        true
    }

    /// Warns about a field of a rule for all alerts, or the whole rule when the field is empty, unless a comment allows it.
    fn warn_of_route(&self, kind: WarningKind, index: usize, field: &str, message: &str) {
        let Some(rule) = self.sources.route(index) else { return };
        let place = rule.place(field);
        if self.sources.allows(kind, rule.file, place.line) {
            return;
        }
        let dot = if field.is_empty() { "" } else { "." };
        let message = format!("routes[{index}]{dot}{field}: {message}");
        self.found.borrow_mut().push(Warning { problem: problem_at(rule.file, place, message), kind });
    }

    /// Whether an entry stands in a file.
    fn is_given(&self, section: Section, name: &str) -> bool {
        self.entries.contains_key(&(section, name))
    }

    /// Reports the comments that allow what is not there. Runbooks are looked up only when there is a folder of them.
    fn check_allowances(&self, runbooks_were_looked_up: bool) {
        for (file, allowance) in self.sources.allowances() {
            let message = match &allowance.kind {
                Err(unknown) => unknown.clone(),
                Ok(kind) if allowance.is_used.get() || kind.depends_on_time() => continue,
                Ok(WarningKind::RunbookUnknown) if !runbooks_were_looked_up => continue,
                Ok(kind) => {
                    format!("allows `{kind}`, and there is none here; remove the comment, or move it to the line above what it allows")
                }
            };
            let problem = problem_at(file, allowance.place, message);
            self.found.borrow_mut().push(Warning { problem, kind: WarningKind::AllowUnused });
        }
    }
}

/// The first of each kind, and a word about the others.
fn cut(warnings: Vec<Warning>) -> Vec<Warning> {
    let mut counts: BTreeMap<WarningKind, usize> = BTreeMap::new();
    for warning in &warnings {
        *counts.entry(warning.kind).or_default() += 1;
    }
    let mut seen: BTreeMap<WarningKind, usize> = BTreeMap::new();
    let mut kept = Vec::new();
    for mut warning in warnings {
        let seen = seen.entry(warning.kind).or_default();
        *seen += 1;
        let count = counts.get(&warning.kind).copied().unwrap_or_default();
        if *seen == WARNINGS_PER_KIND_MAX && count > WARNINGS_PER_KIND_MAX {
            warning.problem.message += &format!(" (and {} more warnings of this kind, which are not shown)", count - WARNINGS_PER_KIND_MAX);
        }
        if *seen <= WARNINGS_PER_KIND_MAX {
            kept.push(warning);
        }
    }
    kept
}

/// `1 step`, `2 steps`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
