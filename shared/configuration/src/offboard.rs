//! A person who leaves: every place of a folder that names them, and what to write there instead.
//!
//! Only the words concerned are changed, so comments and the order of everything stay. In a rotation the person gets a planned `leaves`, which
//! moves nobody else's turn; from teams, policies and the fallback their name is taken out, or somebody else's is put in. What can not be
//! edited safely is told and left.

use std::path::{Path, PathBuf};

use hansho_domain::{Configuration, UserId};
use jiff::civil::DateTime;

use crate::{gathered::Gathered, names::Section, problem::Problem, section};

/// How a wall-clock time is written.
const TIME_FORMAT: &str = "%Y-%m-%dT%H:%M";

/// A place that names the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The file, below the folder.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: u32,
    /// The address of the value: `teams.sre.members[1]`.
    pub path: String,
    /// What is done about it.
    pub repair: Repair,
}

/// What is done about a mention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    /// The file is changed; the sentence says how.
    Edit(String),
    /// Nothing needs to be done; the sentence says why.
    Keep(String),
    /// Somebody has to do it; the sentence says what.
    ByHand(String),
}

/// Everything about a person who leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offboarding {
    /// Every place that names them, by file and line.
    pub mentions: Vec<Mention>,
    /// The files that change, each with its new text.
    pub files: Vec<(PathBuf, String)>,
}

/// Finds every place of the files that names `user`, and repairs it. `by` takes their place where somebody is needed; `leaves` is when, on the
/// clock of a schedule's time zone.
///
/// # Errors
/// The configuration has mistakes, or does not know one of them.
pub fn offboard(
    gathered: &Gathered,
    user: &UserId,
    by: Option<&UserId>,
    leaves: impl Fn(&str) -> DateTime,
) -> Result<Offboarding, Vec<Problem>> {
    let configuration = gathered.clone().load()?.configuration;
    for person in std::iter::once(user).chain(by) {
        if !configuration.users().iter().any(|known| known.id() == person) {
            return Err(vec![Problem::whole(Path::new("."), format!("there is no user {person}; nothing names them"))]);
        }
    }
    let mut files = gathered.files.clone();
    let mut found = section::references(&files);
    found.retain(|reference| reference.section == Section::Users && reference.name == user.as_str());
    found.sort_by(|a, b| (&a.file, a.place).cmp(&(&b.file, b.place)));
    found.dedup_by(|a, b| (&a.file, a.place) == (&b.file, b.place));
    let before = files.clone();
    let mut mentions = Vec::new();
    // From the end of a file to its beginning, so that the places of what is still to come stay true.
    for reference in found.into_iter().rev() {
        let leaver = Leaver { configuration: &configuration, user, by };
        let repair = match files.iter_mut().find(|(file, _)| *file == reference.file) {
            Some((_, text)) => leaver.repair(text, &reference.path, reference.place.line, reference.place.column, &leaves),
            None => Repair::ByHand("the file is gone; run this again".to_owned()),
        };
        mentions.push(Mention { file: reference.file, line: reference.place.line, path: reference.path, repair });
    }
    mentions.reverse();
    let changed = files.into_iter().zip(before).filter(|(after, before)| after.1 != before.1).map(|(after, _)| after);
    Ok(Offboarding { mentions, files: changed.collect() })
}

struct Leaver<'a> {
    configuration: &'a Configuration,
    user: &'a UserId,
    by: Option<&'a UserId>,
}

/// A word in a text: from which byte on, and how long it is.
struct Word {
    start: usize,
    end: usize,
}

impl Leaver<'_> {
    fn repair(&self, text: &mut String, path: &str, line: u32, column: u32, leaves: &impl Fn(&str) -> DateTime) -> Repair {
        let is_target = path.contains(".notify[") || path.starts_with("fallback[");
        let name = if is_target { format!("user/{}", self.user) } else { self.user.to_string() };
        let Some(word) = word_at(text, line, column, &name) else {
            return Repair::ByHand("it is not written out here (an alias, or in a way of its own); edit it by hand".to_owned());
        };
        if let Some(rest) = path.strip_prefix("schedules.") {
            return self.repair_rotation(text, rest, &word, leaves);
        }
        if path.starts_with("teams.") || path.starts_with("escalation_policies.") || is_target {
            return self.repair_list(text, path, &word, if is_target { "user/" } else { "" });
        }
        Repair::ByHand("take the name out, or write another one".to_owned())
    }

    /// `path` is the address below `schedules.`: `primary.rotations[0].members[1]`, with more behind it where the slot has several people.
    fn repair_rotation(&self, text: &mut String, path: &str, word: &Word, leaves: &impl Fn(&str) -> DateTime) -> Repair {
        let place = || {
            let (schedule, rest) = path.split_once(".rotations[")?;
            let (rotation, rest) = rest.split_once("].members[")?;
            let (slot, rest) = rest.split_once(']')?;
            let schedule = self.configuration.schedules().iter().find(|known| known.id().as_str() == schedule)?;
            let rotation = schedule.rotations().get(rotation.parse::<usize>().ok()?)?;
            Some((schedule, rotation, slot.parse::<usize>().ok()?, rest.to_owned()))
        };
        let Some((schedule, rotation, slot, rest)) = place() else {
            return Repair::ByHand("this place is not known; edit it by hand".to_owned());
        };
        let at = leaves(schedule.time_zone()).strftime(TIME_FORMAT).to_string();
        let Some(member) = rotation.members().get(slot) else {
            return Repair::ByHand("this slot is not known; edit it by hand".to_owned());
        };
        if member.leaves.is_some() {
            return Repair::Keep("they leave already".to_owned());
        }
        if member.users.len() > 1 {
            return self.repair_list(text, path, word, "");
        }
        let others = rotation.members().iter().enumerate().filter(|(other, member)| *other != slot && !member.is_nobody());
        let stays = |member: &hansho_domain::Member| member.leaves.is_none() && !member.users.contains(self.user);
        if self.by.is_none() && !others.into_iter().any(|(_, member)| stays(member)) {
            return Repair::ByHand(format!("nobody would be left in rotation {}; name somebody with --replace-by", rotation.name()));
        }
        if !rest.is_empty() {
            return Repair::ByHand(format!("add `leaves: {at}` to this slot, and write whoever takes it over before it"));
        }
        let own = format!("{{ user: {}, leaves: {at} }}", self.user);
        let Some(by) = self.by else {
            text.replace_range(word.start..word.end, &own);
            return Repair::Edit(format!("leaves at {at} ({})", schedule.time_zone()));
        };
        // Before them: so the newcomer has their turns, and nobody else moves.
        let taken_over = format!("{{ user: {by}, joins: {at} }}");
        let between = block_indent(text, word).map_or_else(|| ", ".to_owned(), |indent| format!("\n{indent}- "));
        text.replace_range(word.start..word.end, &format!("{taken_over}{between}{own}"));
        Repair::Edit(format!("leaves at {at} ({}), and {by} takes over", schedule.time_zone()))
    }

    /// Takes the name out of a list, or puts the other's in. What would leave the list empty is refused.
    fn repair_list(&self, text: &mut String, path: &str, word: &Word, kind: &str) -> Repair {
        let has_other = self.by.is_some_and(|by| self.others_in(path).iter().any(|other| other == &format!("{kind}{by}")));
        if let Some(by) = self.by.filter(|_| !has_other) {
            text.replace_range(word.start..word.end, &format!("{kind}{by}"));
            return Repair::Edit(format!("{by} instead"));
        }
        if self.others_in(path).is_empty() {
            return Repair::ByHand("nobody would be left here; name somebody with --replace-by".to_owned());
        }
        if take_out(text, word) { Repair::Edit("taken out".to_owned()) } else { Repair::ByHand("take the name out by hand".to_owned()) }
    }

    /// What else stands in the list of that address, as it is written.
    fn others_in(&self, path: &str) -> Vec<String> {
        let name_of = |section: &str| path.strip_prefix(section)?.split('.').next().map(str::to_owned);
        let number_after = |key: &str| path.split_once(key)?.1.split(']').next()?.parse::<usize>().ok();
        let own = [self.user.to_string(), format!("user/{}", self.user)];
        let all: Vec<String> = if let Some(team) = name_of("teams.") {
            let team = self.configuration.teams().iter().find(|known| known.id().as_str() == team);
            team.map(|team| team.members().iter().map(ToString::to_string).collect()).unwrap_or_default()
        } else if let Some(policy) = name_of("escalation_policies.") {
            let policy = self.configuration.policies().iter().find(|known| known.id().as_str() == policy);
            let step = policy.zip(number_after(".steps[")).and_then(|(policy, step)| policy.steps().get(step));
            step.map(|step| step.notify.iter().map(ToString::to_string).collect()).unwrap_or_default()
        } else if path.starts_with("fallback[") {
            self.configuration.fallback().iter().map(ToString::to_string).collect()
        } else {
            let schedule = path.split_once(".rotations[").map(|(schedule, _)| schedule.to_owned());
            let schedule = schedule.and_then(|id| self.configuration.schedules().iter().find(|known| known.id().as_str() == id));
            let rotation = schedule.zip(number_after(".rotations[")).and_then(|(schedule, place)| schedule.rotations().get(place));
            let member = rotation.zip(number_after(".members[")).and_then(|(rotation, slot)| rotation.members().get(slot));
            member.map(|member| member.users.iter().map(ToString::to_string).collect()).unwrap_or_default()
        };
        all.into_iter().filter(|name| !own.contains(name)).collect()
    }
}

/// The word at a place (counted in characters, from 1), if it is this name, with its quotes.
fn word_at(text: &str, line: u32, column: u32, name: &str) -> Option<Word> {
    let line = usize::try_from(line).ok()?.checked_sub(1)?;
    let line_start = if line == 0 { 0 } else { text.match_indices('\n').nth(line - 1)?.0 + 1 };
    let column = usize::try_from(column).ok()?.checked_sub(1)?;
    let start = line_start + text[line_start..].char_indices().nth(column)?.0;
    let rest = &text[start..];
    let written =
        [name.to_owned(), format!("\"{name}\""), format!("'{name}'")].into_iter().find(|written| rest.starts_with(written.as_str()))?;
    let end = start + written.len();
    let is_whole = text[end..].chars().next().is_none_or(|next| next.is_whitespace() || matches!(next, ',' | ']' | '}'));
    is_whole.then_some(Word { start, end })
}

/// What stands before the dash, when the word is an item of a list with a line for each.
fn block_indent(text: &str, word: &Word) -> Option<String> {
    let line_start = text[..word.start].rfind('\n').map_or(0, |at| at + 1);
    let before = &text[line_start..word.start];
    let indent = before.trim_end().strip_suffix('-')?;
    indent.chars().all(|character| character == ' ').then(|| indent.to_owned())
}

/// Takes an item out of a list. Says whether it could.
fn take_out(text: &mut String, word: &Word) -> bool {
    if block_indent(text, word).is_some() {
        let line_start = text[..word.start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[word.end..].find('\n').map_or(text.len(), |at| word.end + at + 1);
        // A comment about them is for its author to judge.
        let is_alone = text[word.end..line_end].trim().is_empty();
        if is_alone {
            text.replace_range(line_start..line_end, "");
        }
        return is_alone;
    }
    let after = &text[word.end..];
    let spaces = after.len() - after.trim_start_matches(' ').len();
    if let Some(rest) = after[spaces..].strip_prefix(',') {
        let more = rest.len() - rest.trim_start_matches(' ').len();
        text.replace_range(word.start..word.end + spaces + 1 + more, "");
        return true;
    }
    let before = text[..word.start].trim_end_matches(' ');
    let Some(before) = before.strip_suffix(',').map(str::len) else { return false };
    text.replace_range(before..word.end, "");
    true
}
