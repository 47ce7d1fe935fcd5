//! Two doors to one configuration: the folder that `hansho apply` brings, and the teams that modules of Terraform bring.
//!
//! Each owns its files, and what stands in them; neither removes or changes what came through the other. A team is one file below
//! `from-terraform/`. Its first two lines say whose it is, and how Terraform last put it in force (its seal), so that a copy that somebody
//! has edited is told from one that is old.

use std::collections::{BTreeMap, BTreeSet};

use hansho_configuration::{Files, Problem};
use hansho_domain::TeamId;
use hansho_store::ConfigurationText;

/// Where the files of teams are, which no folder brings.
const TEAMS: &str = "from-terraform/";
/// How the second line begins: the seal, and the digest of what follows.
const SEALED: &str = "# seal: ";
/// The same of a team whose module is gone and that was the last: its people are called until others are there.
const LEFT: &str = "# left: ";
/// Digits of a digest: enough to notice an edit.
const DIGEST_DIGITS: usize = 16;
/// The sections that are one whole for everybody; every other is divided by names, or its lists add up.
const UNDIVIDED: [&str; 3] = ["allowances", "retention", "routes"];
/// The sections whose lists of several files add up.
const ADDED_UP: [&str; 2] = ["fallback", "tests"];

/// A team's file, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TeamFile<'a> {
    /// How Terraform put it in force.
    pub(crate) seal: &'a str,
    /// Whether its module is gone.
    pub(crate) is_left: bool,
    digest: &'a str,
    /// What the module says.
    pub(crate) body: &'a str,
}

impl<'a> TeamFile<'a> {
    /// Takes a file apart; `None` when it is no team's.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        let (_, rest) = text.split_once('\n')?;
        let (line, body) = rest.split_once('\n')?;
        let (sealed, is_left) = match line.strip_prefix(SEALED) {
            Some(sealed) => (sealed, false),
            None => (line.strip_prefix(LEFT)?, true),
        };
        let (seal, digest) = sealed.split_once(' ')?;
        Some(Self { seal, is_left, digest, body })
    }

    /// Whether nobody has edited it.
    fn is_genuine(&self) -> bool {
        self.digest == digest(self.body)
    }
}

/// The name of a team's file.
pub(crate) fn file_of(team: &TeamId) -> String {
    format!("{TEAMS}{team}.yaml")
}

/// A team's file.
pub(crate) fn sealed(team: &TeamId, seal: &str, body: &str) -> String {
    written(team, SEALED, seal, body)
}

/// The same file, of a team whose module is gone.
pub(crate) fn left(team: &TeamId, TeamFile { seal, body, .. }: &TeamFile<'_>) -> String {
    written(team, LEFT, seal, body)
}

fn written(team: &TeamId, kind: &str, seal: &str, body: &str) -> String {
    let digest = digest(body);
    format!(
        "# Terraform's team {team}: change it in its module. A copy of this file in a folder is not applied, and refused when it was edited.\n{kind}{seal} {digest}\n{body}"
    )
}

fn digest(body: &str) -> String {
    let text = ConfigurationText(Files::from([(String::new(), body.to_owned())]));
    text.digest().chars().take(DIGEST_DIGITS).collect()
}

/// Whether a file is a team's by its name.
pub(crate) fn is_of_a_team(name: &str) -> bool {
    name.starts_with(TEAMS)
}

/// What is in force of the folder's and of other teams', without `team`, and without teams that were only left until others are there.
pub(crate) fn without(team: Option<&TeamId>, in_force: &Files) -> Files {
    let file = team.map(file_of);
    let stays = |(name, text): &(&String, &String)| {
        Some(*name) != file.as_ref() && (!is_of_a_team(name) || !TeamFile::of(text).is_some_and(|team| team.is_left))
    };
    in_force.iter().filter(stays).map(|(name, text)| (name.clone(), text.clone())).collect()
}

/// What an apply of a folder comes to: its files, and those of the teams that are in force. Copies of these in the folder count for nothing.
///
/// # Errors
/// The folder has what is a team's: a copy that was edited, or something of the same name.
pub(crate) fn of_folder(sent: &Files, in_force: &Files) -> Result<Files, Vec<Problem>> {
    let edited = |(name, text): (&String, &String)| match TeamFile::of(text) {
        Some(file) if file.is_genuine() => None,
        _ => Some(whole(
            name,
            "is a copy of what a module of Terraform brings, and was edited; change the module, and remove this copy or write it anew with `hansho export`",
        )),
    };
    let problems: Vec<Problem> = sent.iter().filter(|(name, _)| is_of_a_team(name)).filter_map(edited).collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    let own: Files = sent.iter().filter(|(name, _)| !is_of_a_team(name)).map(|(name, text)| (name.clone(), text.clone())).collect();
    let mut teams = without(None, in_force);
    teams.retain(|name, _| is_of_a_team(name));
    let problems: Vec<Problem> = shared(&own, &teams)
        .into_iter()
        .map(|Shared { what, own, other }| {
            whole(
                &own,
                &format!(
                    "{what} is Terraform's already, by the module of the team {}; remove it here, or take it out of that module and apply that first",
                    team_of(&other)
                ),
            )
        })
        .collect();
    if problems.is_empty() { Ok(own.into_iter().chain(teams).collect()) } else { Err(problems) }
}

/// What a team has that is somebody else's already, each in a sentence.
pub(crate) fn taken(team: &TeamId, body: &str, others: &Files) -> Vec<String> {
    let own = Files::from([(file_of(team), body.to_owned())]);
    let sentence = |Shared { what, other, .. }: Shared| {
        if is_of_a_team(&other) {
            let whose = team_of(&other);
            format!("{what} is in the module of the team {whose} already; give it another name, or take it out there and apply that first")
        } else {
            format!(
                "{what} is in {other} already, which `hansho apply` brings; give it another name, or take it out there and apply that first"
            )
        }
    };
    shared(&own, others).into_iter().map(sentence).collect()
}

/// Whether anybody at all can be called by what is in these files.
pub(crate) fn has_users(files: &Files) -> bool {
    names(files).keys().any(|(section, _)| section == "users")
}

/// What two of the files have, one of them on each side.
struct Shared {
    what: String,
    own: String,
    other: String,
}

fn shared(own: &Files, others: &Files) -> Vec<Shared> {
    let (own, mut others) = (names(own), names(others));
    let both = |((section, name), own): ((String, Option<String>), String)| {
        let other = others.remove(&(section.clone(), name.clone()))?;
        let what = match name {
            Some(name) => format!("{section}.{name}"),
            None => format!("`{section}`, of which there is one for everybody,"),
        };
        Some(Shared { what, own, other })
    };
    own.into_iter().filter_map(both).collect()
}

/// The sections and names of what a text has.
pub(crate) fn names_of(text: &str) -> BTreeSet<(String, String)> {
    let alone = Files::from([("team.yaml".to_owned(), text.to_owned())]);
    names(&alone).into_keys().filter_map(|(section, name)| Some((section, name?))).collect()
}

/// What stands in which file, by section and name. A file that is no YAML has no names; whoever reads it next says so.
fn names(files: &Files) -> BTreeMap<(String, Option<String>), String> {
    let mut found = BTreeMap::new();
    for (name, text) in files {
        let alone = Files::from([(name.clone(), text.clone())]);
        for change in hansho_configuration::differences(&Files::new(), &alone).unwrap_or_default() {
            // A list without entries is nothing that somebody could own.
            let is_nothing = change.name.is_none() && change.fields.iter().all(|field| matches!(field.after.as_deref(), None | Some("[]")));
            if ADDED_UP.contains(&change.section.as_str()) || is_nothing {
                continue;
            }
            let entry = if UNDIVIDED.contains(&change.section.as_str()) { None } else { change.name };
            found.insert((change.section, entry), name.clone());
        }
    }
    found
}

fn team_of(file: &str) -> &str {
    file.trim_start_matches(TEAMS).trim_end_matches(".yaml")
}

fn whole(file: &str, message: &str) -> Problem {
    Problem { file: file.into(), line: 0, column: 0, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team() -> TeamId {
        TeamId::new("payments").unwrap()
    }

    #[test]
    fn a_file_is_known_again_and_an_edit_is_noticed() {
        let text = sealed(&team(), "3f2a", "users: {}\n");
        let file = TeamFile::of(&text).unwrap();
        assert_eq!((file.seal, file.is_left, file.body, file.is_genuine()), ("3f2a", false, "users: {}\n", true));
        let left = left(&team(), &file);
        assert!(TeamFile::of(&left).is_some_and(|file| file.is_left && file.is_genuine()));
        let edited = text.replace("users: {}", "users: { aiko: {} }");
        assert!(!TeamFile::of(&edited).unwrap().is_genuine());
        assert_eq!(TeamFile::of("users: {}\nteams: {}\n"), None);
    }

    #[test]
    fn what_everybody_has_one_of_is_shared_and_lists_that_add_up_are_not() {
        let own = Files::from([("a.yaml".to_owned(), "fallback: [user/x]\nroutes: []\nusers: { x: {} }\n".to_owned())]);
        let routes = "fallback: [user/y]\nroutes: [{ if: \"true\" }]\nusers: { y: {} }\n";
        let others = Files::from([(file_of(&team()), routes.to_owned())]);
        let found: Vec<String> = shared(&own, &others).into_iter().map(|shared| shared.what).collect();
        assert_eq!(found, Vec::<String>::new(), "an empty list is nothing");
        let own = Files::from([("a.yaml".to_owned(), routes.replace("user/y", "user/x"))]);
        let found: Vec<String> = shared(&own, &others).into_iter().map(|shared| shared.what).collect();
        assert_eq!(found, ["`routes`, of which there is one for everybody,", "users.y"]);
    }
}
