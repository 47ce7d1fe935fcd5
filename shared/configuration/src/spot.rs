//! A value in a file, with its address, and the small readers for it.
//!
//! A reader returns what it read, or notes a problem and returns `None`, so that its caller goes on and finds the rest.

use std::{
    cell::{Cell, RefCell},
    fmt::Display,
    path::{Path, PathBuf},
};

use hansho_domain::{Problems, UserId};
use serde::Serialize;

use crate::{
    duration,
    foreign::called_here,
    names::{Reference, Section},
    parameter::parameter,
    problem::Problem,
    spelling::{did_you_mean, listed, quoted, visible},
    tree::{Node, Place, Value},
};

/// Most items of any list. The domain's own limits are lower and are said in its own words; this one bounds the work.
const ITEMS_MAX: usize = 1_000;
/// Longest text, in bytes.
const TEXT_BYTES_MAX: usize = 2_000;
/// Longest name of a person, team, schedule or service, in characters.
const NAME_CHARACTERS_MAX: usize = 100;

/// What reading finds besides the values: it is shared by all readers, which only ever add to it.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) problems: RefCell<Vec<Problem>>,
    pub(crate) references: RefCell<Vec<Reference>>,
    /// A file could not be read, so names may be missing that exist.
    pub(crate) incomplete: Cell<bool>,
    /// Whether the files were in force before: what was left open then is assumed as it was, and told.
    pub(crate) is_stored: bool,
    pub(crate) assumed: RefCell<Vec<QuietOnUtc>>,
}

/// A person of files that were in force before, whose quiet times say nothing of their clock: they are UTC's, as they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuietOnUtc {
    /// Who.
    pub user: UserId,
    /// The file.
    pub file: PathBuf,
    /// The line of the quiet times, counted from 1.
    pub line: u32,
}

impl Findings {
    pub(crate) fn add(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }
}

/// A value, the file that it stands in, and its address (`users.aiko.phone`).
#[derive(Clone)]
pub(crate) struct Spot<'a> {
    pub(crate) findings: &'a Findings,
    pub(crate) file: &'a Path,
    pub(crate) path: String,
    /// Where its key stands, if it has one.
    pub(crate) key: Option<Place>,
    pub(crate) node: &'a Node,
}

impl<'a> Spot<'a> {
    /// Notes that this value is read as it was before.
    pub(crate) fn assume_utc(&self, user: &UserId) {
        let (user, file, line) = (user.clone(), self.file.to_path_buf(), self.place().line);
        self.findings.assumed.borrow_mut().push(QuietOnUtc { user, file, line });
    }

    /// Notes a problem of this value.
    pub(crate) fn fail(&self, message: impl Display) {
        self.fail_at(self.place(), &self.path, message);
    }

    /// Notes the problems that the domain found, each at the line of its field.
    pub(crate) fn accept<T>(&self, built: Result<T, Problems>) -> Option<T> {
        match built {
            Ok(value) => Some(value),
            Err(problems) => {
                for problem in problems.0 {
                    let path = format!("{}.{}", self.path, problem.field);
                    self.fail_at(self.place_of(&problem.field), &path, problem.problem);
                }
                None
            }
        }
    }

    /// Remembers that this value names a part of the configuration, to be looked up when all parts are known.
    pub(crate) fn refers_to(&self, section: Section, name: &str) {
        let reference =
            Reference { file: self.file.to_path_buf(), place: self.place(), path: self.path.clone(), section, name: name.to_owned() };
        self.findings.references.borrow_mut().push(reference);
    }

    /// The items of a list.
    fn items(&self) -> Option<Vec<Self>> {
        match &self.node.value {
            Value::List(items) if items.len() > ITEMS_MAX => {
                self.fail(format!("has {} items; {ITEMS_MAX} are the most", items.len()));
                None
            }
            Value::List(items) => Some(items.iter().enumerate().map(|(index, node)| self.item(index, node)).collect()),
            Value::Text(text) => {
                self.fail(format!("must be a list; write [{}]", visible(text)));
                None
            }
            other => {
                self.fail(format!("must be a list, {}", but_is(other)));
                None
            }
        }
    }

    /// A list of what `read` reads: all of it, or nothing. Half a list would give the items after a mistake other numbers.
    pub(crate) fn list<T>(&self, read: impl Fn(&Self) -> Option<T>) -> Option<Vec<T>> {
        let all: Vec<Option<T>> = self.items()?.iter().map(read).collect();
        all.into_iter().collect()
    }

    /// Text of one line.
    pub(crate) fn text(&self) -> Option<&'a str> {
        let text = match &self.node.value {
            Value::Text(text) => text,
            Value::Number(_) => {
                self.fail("YAML reads this as a number; put it in quotes");
                return None;
            }
            Value::Bool(_) => {
                self.fail("YAML reads this as true or false; put it in quotes");
                return None;
            }
            other => {
                self.fail(format!("must be text, {}", but_is(other)));
                return None;
            }
        };
        let wrong = if text.trim().is_empty() {
            "is empty; give it a value or remove it".to_owned()
        } else if text.len() > TEXT_BYTES_MAX {
            format!("is longer than {TEXT_BYTES_MAX} bytes; shorten it")
        } else if text.chars().any(char::is_control) {
            "has a line break or another control character in it; write it on one line".to_owned()
        } else {
            return Some(text);
        };
        self.fail(wrong);
        None
    }

    /// Text of as many lines as it has.
    pub(crate) fn lines(&self, bytes_max: usize) -> Option<&'a str> {
        let Value::Text(text) = &self.node.value else { return self.text() };
        let wrong = if text.trim().is_empty() {
            "is empty; give it a value or remove it".to_owned()
        } else if text.len() > bytes_max {
            format!("is longer than {bytes_max} bytes; shorten it")
        } else if text.chars().any(|c| c.is_control() && c != '\n') {
            "has a control character in it; remove it".to_owned()
        } else {
            return Some(text);
        };
        self.fail(wrong);
        None
    }

    /// The name of somebody or something, as people say it.
    pub(crate) fn name(&self) -> Option<String> {
        self.parsed(|text| match text.chars().count() {
            _ if parameter(text).is_some() => {
                Err("is the name of a parameter, whose value only a secret or a webhook's address has; write the name itself".to_owned())
            }
            0..=NAME_CHARACTERS_MAX => Ok(text.trim().to_owned()),
            _ => Err(format!("is longer than {NAME_CHARACTERS_MAX} characters; shorten it")),
        })
    }

    /// Text that `read` understands.
    pub(crate) fn parsed<T, E: Display>(&self, read: impl Fn(&str) -> Result<T, E>) -> Option<T> {
        read(self.text()?).map_err(|wrong| self.fail(wrong)).ok()
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Option<T> {
        let word = match &self.node.value {
            Value::Bool(true) => "true",
            Value::Bool(false) => "false",
            Value::Number(number) => number,
            Value::Text(_) | Value::Null | Value::List(_) | Value::Map(_) => self.text()?,
        };
        let chosen = choices.iter().find(|(name, _)| *name == word).map(|(_, choice)| *choice);
        if chosen.is_none() {
            self.fail(format!("{} is not possible here; write {}", quoted(word), listed(choices.iter().map(|(name, _)| *name), "or")));
        }
        chosen
    }

    /// A duration, in seconds.
    pub(crate) fn seconds(&self) -> Option<u32> {
        if let Value::Number(number) = &self.node.value {
            self.fail(duration::without_unit(number));
            return None;
        }
        self.parsed(duration::seconds)
    }

    /// A small number; the domain knows how small.
    pub(crate) fn small_number(&self) -> Option<u8> {
        let read = match &self.node.value {
            Value::Number(number) => number.parse().ok(),
            Value::Null | Value::Bool(_) | Value::Text(_) | Value::List(_) | Value::Map(_) => None,
        };
        if read.is_none() {
            self.fail("must be a small whole number, such as 2");
        }
        read
    }

    /// A whole number; the domain knows which are possible.
    pub(crate) fn number(&self) -> Option<u32> {
        let read = match &self.node.value {
            Value::Number(number) => number.parse().ok(),
            Value::Null | Value::Bool(_) | Value::Text(_) | Value::List(_) | Value::Map(_) => None,
        };
        if read.is_none() {
            self.fail("must be a whole number, such as 10000");
        }
        read
    }

    /// The value of a key of this map.
    pub(crate) fn entry(&self, key: &str, place: Place, node: &'a Node) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        let path = format!("{}{dot}{}", self.path, visible(key));
        Self { path, key: Some(place), node, ..*self }
    }

    fn item(&self, index: usize, node: &'a Node) -> Self {
        Self { path: format!("{}[{index}]", self.path), key: None, node, ..*self }
    }

    /// Notes a problem that stands elsewhere than this value.
    pub(crate) fn fail_at(&self, place: Place, path: &str, message: impl Display) {
        let message = if path.is_empty() { message.to_string() } else { format!("{path}: {message}") };
        self.findings.add(Problem { file: self.file.to_path_buf(), line: place.line, column: place.column, message });
    }

    /// Where an author looks for it: a word where it stands, a list or a map at its key.
    fn place(&self) -> Place {
        match self.node.value {
            Value::Text(_) | Value::Number(_) | Value::Bool(_) => self.node.place,
            Value::Null | Value::List(_) | Value::Map(_) => self.key.unwrap_or(self.node.place),
        }
    }

    /// Where `steps[1].wait` stands, or as much of it as there is.
    pub(crate) fn place_of(&self, field: &str) -> Place {
        let mut spot = self.clone();
        for part in field.split(['.', '[']) {
            let next = match (&spot.node.value, part.strip_suffix(']')) {
                (Value::List(items), Some(index)) => index.parse().ok().and_then(|index: usize| Some(spot.item(index, items.get(index)?))),
                (Value::Map(entries), None) => entries.iter().find(|e| e.key == part).map(|e| spot.entry(&e.key, e.place, &e.node)),
                _ => None,
            };
            match next {
                Some(next) => spot = next,
                None => break,
            }
        }
        spot.place()
    }
}

/// What stands in the place of something else: "but is a list".
pub(crate) fn but_is(value: &Value) -> &'static str {
    match value {
        Value::Null => "but has no value; give it one or remove it",
        Value::Bool(_) | Value::Text(_) => "but is text",
        Value::Number(_) => "but is a number",
        Value::List(_) => "but is a list",
        Value::Map(_) => "but is a map of keys",
    }
}

/// What it is called here, `; did you mean ...?`, or every key there is.
pub(crate) fn key_hint(key: &str, known: &[&str]) -> String {
    if let Some(here) = called_here(key, known) {
        return format!("; it is called `{here}` here");
    }
    let hint = did_you_mean(key, known.iter().copied());
    if hint.is_empty() { format!("; the keys here are {}", listed(known.iter().copied(), "and")) } else { hint }
}
