//! A person who leaves: every place of a folder that names them, and what to write there instead.
//!
//! Only the words concerned are changed, so comments and the order of everything stay. In a rotation the person gets a planned `leaves`, which
//! moves nobody else's turn, also where they share a slot with others. Teams, policies, covers and the fallback know no time: their name is
//! taken out, or somebody else's is put in, and that holds as soon as it is applied. What can not be edited safely is told and left.

mod slot;
mod twice;
mod words;

use std::path::{Path, PathBuf};

use hansho_domain::{Configuration, Member, UserId};
use hansho_rehearsal::{Test, When};
use jiff::{civil::DateTime, tz::TimeZone};

use self::words::{Word, take_out, word_at};
use crate::{
    Loaded,
    gathered::Gathered,
    names::{Reference, Section},
    problem::Problem,
    section,
    tree::Place,
};

/// How a wall-clock time is written.
const TIME_FORMAT: &str = "%Y-%m-%dT%H:%M";
/// When a change of what knows no time holds.
const AT_ONCE: &str = "as soon as this is applied";

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
#[derive(Debug)]
pub struct Offboarding {
    /// Every place that names them, by file and line.
    pub mentions: Vec<Mention>,
    /// The files that change, each with its new text.
    pub files: Vec<(PathBuf, String)>,
    /// Where whoever takes over would be called twice at once by a policy, a sentence each.
    pub twice: Vec<String>,
    /// What the folder is with these changes: its configuration, or what would be wrong with it.
    pub after: Result<Loaded, Vec<Problem>>,
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
    let Loaded { configuration, tests, .. } = gathered.clone().load()?;
    for person in std::iter::once(user).chain(by) {
        if !configuration.users().iter().any(|known| known.id() == person) {
            return Err(vec![Problem::whole(Path::new("."), format!("there is no user {person}; nothing names them"))]);
        }
    }
    let mut files = gathered.files.clone();
    let mut found = section::references(&files);
    found.retain(|reference| reference.section == Section::Users && reference.name == user.as_str());
    found.sort_by(|a, b| (&a.file, a.place, &a.path).cmp(&(&b.file, b.place, &b.path)));
    found.dedup_by(|a, b| (&a.file, a.place, &a.path) == (&b.file, b.place, &b.path));
    // By an alias, a word stands in several places at once: what is right in one may be wrong in the other.
    let places: Vec<_> = found.iter().map(|reference| (reference.file.clone(), reference.place)).collect();
    let is_shared = |file: &PathBuf, place| places.iter().filter(|(other, at)| other == file && *at == place).count() > 1;
    let before = files.clone();
    let mut mentions = Vec::new();
    // From the end of a file to its beginning, so that the places of what is still to come stay true.
    for reference in found.into_iter().rev() {
        let leaver = Leaver { configuration: &configuration, user, by };
        let test = test_of(&reference, &tests);
        let repair = match files.iter_mut().find(|(file, _)| *file == reference.file) {
            Some(_) if is_shared(&reference.file, reference.place) => {
                Repair::ByHand("this word stands in several places at once, by an alias; edit it by hand".to_owned())
            }
            Some(_) if test.is_some_and(|test| is_before(test, &leaves)) => Repair::Keep("it is about a time before they leave".to_owned()),
            Some((_, text)) => leaver.repair(text, &reference.path, reference.place, &leaves),
            None => Repair::ByHand("the file is gone; run this again".to_owned()),
        };
        mentions.push(Mention { file: reference.file, line: reference.place.line, path: reference.path, repair });
    }
    mentions.reverse();
    let after = section::read(&files, Vec::new()).map(|(loaded, _)| loaded);
    let changed = files.into_iter().zip(before).filter(|(after, before)| after.1 != before.1).map(|(after, _)| after);
    // On whichever of their clocks they leave first.
    let zones = configuration.schedules().iter().map(|schedule| schedule.time_zone()).chain(["UTC"]);
    let from = zones.filter_map(|zone| TimeZone::get(zone).ok()?.to_timestamp(leaves(zone)).ok()).min().unwrap_or_default();
    let twice = match (&after, by) {
        (Ok(after), Some(by)) => twice::told(&configuration, &after.configuration, by, from),
        (Ok(_) | Err(_), _) => Vec::new(),
    };
    Ok(Offboarding { mentions, files: changed.collect(), twice, after })
}

struct Leaver<'a> {
    configuration: &'a Configuration,
    user: &'a UserId,
    by: Option<&'a UserId>,
}

impl Leaver<'_> {
    fn repair(&self, text: &mut String, path: &str, place: Place, leaves: &impl Fn(&str) -> DateTime) -> Repair {
        if path.starts_with("tests[") {
            return Repair::ByHand("write whom this test is to name from then on".to_owned());
        }
        let is_cover = path.starts_with("users.") && path.ends_with(".cover");
        let is_target = is_cover || path.contains(".notify[") || path.starts_with("fallback[");
        let name = if is_target { format!("user/{}", self.user) } else { self.user.to_string() };
        let Some(word) = word_at(text, place, &name) else {
            return Repair::ByHand("it is not written out here (an anchor, or in a way of its own); edit it by hand".to_owned());
        };
        if let Some(rest) = path.strip_prefix("schedules.") {
            return self.repair_rotation(text, rest, &word, leaves);
        }
        if is_cover {
            return self.repair_cover(text, path, &word);
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
            let slot = slot.parse::<usize>().ok()?;
            Some((schedule, rotation, slot, rotation.members().get(slot)?, rest.to_owned()))
        };
        let Some((schedule, rotation, slot, member, rest)) = place() else {
            return Repair::ByHand("this place is not known; edit it by hand".to_owned());
        };
        let time = leaves(schedule.time_zone());
        let at = time.strftime(TIME_FORMAT).to_string();
        if let Some(already) = member.leaves {
            let already_at = already.strftime(TIME_FORMAT);
            return if already <= time {
                Repair::Keep(format!("they leave already, at {already_at}"))
            } else {
                Repair::ByHand(format!(
                    "they leave at {already_at} already, which is later; write {at} there, and in `joins` of whoever follows"
                ))
            };
        }
        let left: Vec<&UserId> = self.without(member);
        let others = rotation.members().iter().enumerate().filter(|(other, member)| *other != slot && !member.is_nobody());
        let stays = |member: &Member| member.leaves.is_none() && !member.users.contains(self.user);
        if left.is_empty() && !others.into_iter().any(|(_, member)| stays(member)) {
            return Repair::ByHand(format!("nobody would be left in rotation {}; name somebody with --replace-by", rotation.name()));
        }
        if member.joins.is_some_and(|joins| joins >= time) {
            return Repair::ByHand("they join only after they leave; take them out of this slot, or take the slot out".to_owned());
        }
        // Before them: so whoever follows has their turns, and nobody else moves.
        if !slot::divide(text, word, &rest, &slot::Followers { users: &left, at: &at }) {
            return Repair::ByHand(format!(
                "add `leaves: {at}` to this slot, and write whoever takes it over before it, with `joins: {at}`"
            ));
        }
        let followed = match (self.by, member.users.len()) {
            (Some(by), _) => format!(", and {by} takes over"),
            (None, 1) => String::new(),
            (None, _) => ", and the others of the slot go on without them".to_owned(),
        };
        Repair::Edit(format!("leaves at {at} ({}){followed}", schedule.time_zone()))
    }

    /// Who has the turns of a slot when the person has left it: the others, with whoever takes over in the person's place.
    fn without<'a>(&'a self, member: &'a Member) -> Vec<&'a UserId> {
        let by = self.by.filter(|by| !member.users.contains(by));
        member.users.iter().filter_map(|user| if user == self.user { by } else { Some(user) }).collect()
    }

    /// The one person who is called in somebody's quiet time.
    fn repair_cover(&self, text: &mut String, path: &str, word: &Word) -> Repair {
        let whose = path.strip_prefix("users.").and_then(|rest| rest.split('.').next()).unwrap_or_default();
        match self.by {
            None => Repair::ByHand(
                "nobody would be called in this quiet time; name somebody with --replace-by, or remove the quiet time".to_owned(),
            ),
            Some(by) if by.as_str() == whose => {
                Repair::ByHand(format!("{by} can not cover for themself; name somebody else, or remove the quiet time"))
            }
            Some(by) => {
                text.replace_range(word.start..word.end, &format!("user/{by}"));
                Repair::Edit(format!("{by} instead, {AT_ONCE}"))
            }
        }
    }

    /// Takes the name out of a list, or puts the other's in. What would leave the list empty is refused.
    fn repair_list(&self, text: &mut String, path: &str, word: &Word, kind: &str) -> Repair {
        let has_other = self.by.is_some_and(|by| self.others_in(path).iter().any(|other| other == &format!("{kind}{by}")));
        if let Some(by) = self.by.filter(|_| !has_other) {
            text.replace_range(word.start..word.end, &format!("{kind}{by}"));
            return Repair::Edit(format!("{by} instead, {AT_ONCE}"));
        }
        if self.others_in(path).is_empty() {
            return Repair::ByHand("nobody would be left here; name somebody with --replace-by".to_owned());
        }
        if take_out(text, word) {
            Repair::Edit(format!("taken out, {AT_ONCE}"))
        } else {
            Repair::ByHand("take the name out by hand".to_owned())
        }
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
            Vec::new()
        };
        all.into_iter().filter(|name| !own.contains(name)).collect()
    }
}

/// The test that a reference stands in.
fn test_of<'t>(reference: &Reference, tests: &'t [Test]) -> Option<&'t Test> {
    let number = reference.path.strip_prefix("tests[")?.split(']').next()?.parse::<usize>().ok()?;
    tests.iter().filter(|test| test.place.file == reference.file).nth(number)
}

/// Whether a test is about a time before somebody leaves.
fn is_before(test: &Test, leaves: &impl Fn(&str) -> DateTime) -> bool {
    match &test.at {
        When::Clock { time, zone } => *time < leaves(zone.as_deref().unwrap_or("UTC")),
        When::Moment(at) => TimeZone::UTC.to_datetime(*at) < leaves("UTC"),
    }
}
