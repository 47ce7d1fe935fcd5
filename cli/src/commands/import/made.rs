//! The files that are made, what everything is called in them, and what was left out.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    people, plans, policies,
    reading::Export,
    schedules,
    yaml::{self, word},
};

/// Longest name in files, and what is left of it for a number.
const NAME_MAX: usize = 40;
const NUMBER_MAX: usize = 6;
/// Names that mean something of their own.
const KEPT: [&str; 3] = ["nobody", "catch-all", "hansho-canary"];
/// Most members of a team.
const TEAM_MEMBERS_MAX: usize = 200;

/// Something that was not carried over, or not exactly.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Left {
    pub(super) file: String,
    pub(super) what: String,
    pub(super) english: String,
    pub(super) japanese: String,
}

impl Left {
    pub(super) fn new(file: &str, what: &str, english: impl Into<String>, japanese: impl Into<String>) -> Self {
        Self { file: file.to_owned(), what: what.to_owned(), english: english.into(), japanese: japanese.into() }
    }
}

/// What a contact's ARN stands for in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stands {
    User(String),
    /// More than one where its rotations are on different clocks, or on call at the same time.
    Schedules(Vec<String>),
    Policy(String),
}

/// The configuration.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) files: Vec<(&'static str, String)>,
    pub(super) left: Vec<Left>,
    pub(super) stands: BTreeMap<String, Stands>,
    names: BTreeSet<(&'static str, String)>,
    /// Teams by their members: people whom a step calls together and can not name one by one.
    teams: BTreeMap<Vec<String>, String>,
}

impl Made {
    /// People first, because schedules name them; then whoever names schedules.
    pub(super) fn of(export: &Export, bridge: bool) -> Self {
        let mut made = Self { left: export.left.clone(), ..Self::default() };
        let people = people::write(export, &mut made);
        let schedules = schedules::write(export, &mut made);
        let policies = policies::write(export, &mut made);
        let (services, own_policies) = plans::write(export, bridge, &mut made);
        let policies = format!("{policies}{own_policies}");
        let listed = |members: &[String]| members.iter().map(|user| word(user)).collect::<Vec<_>>().join(", ");
        let teams: String =
            made.teams.iter().map(|(members, name)| format!("  {}:\n    members: [{}]\n", word(name), listed(members))).collect();
        for (name, section, text) in [
            (people::FILE, "users", people),
            ("teams.yaml", "teams", teams),
            ("schedules.yaml", "schedules", schedules),
            ("policies.yaml", "escalation_policies", policies),
            ("services.yaml", "services", services),
        ] {
            if !text.is_empty() {
                made.files.push((name, format!("# Imported from Incident Manager of AWS Systems Manager.\n{section}:\n{text}")));
            }
        }
        // The same may be so in several stages of a plan, and of a rotation that two schedules have.
        let mut told = BTreeSet::new();
        made.left.retain(|left| told.insert(left.clone()));
        made
    }

    pub(super) fn leave(&mut self, file: &str, what: &str, english: impl Into<String>, japanese: impl Into<String>) {
        self.left.push(Left::new(file, what, english, japanese));
    }

    /// A name for files that nothing else of its section has; where it is another one than was wanted, that is told.
    pub(super) fn named(&mut self, section: &'static str, file: &str, wanted: &str) -> String {
        let name = self.name(section, wanted);
        if name != wanted.to_lowercase() {
            self.leave(
                file,
                wanted,
                format!("it is called `{name}` in `{section}`: a name has at most {NAME_MAX} of a-z, 0-9, - and _, and nothing else of the section has it"),
                format!("`{section}` では `{name}` という名前になりました(a-z、0-9、-、_ の {NAME_MAX} 文字以内で、重複できません)"),
            );
        }
        name
    }

    /// The same without a word about it.
    pub(super) fn name(&mut self, section: &'static str, wanted: &str) -> String {
        let plain: String = wanted
            .to_lowercase()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' })
            .take(NAME_MAX - NUMBER_MAX)
            .collect();
        let plain = plain.trim_matches(['-', '_']);
        let plain = if plain.is_empty() || KEPT.contains(&plain) { format!("imported-{plain}") } else { plain.to_owned() };
        let plain = plain.trim_matches('-').to_owned();
        let mut name = plain.clone();
        let mut count = 1;
        while !self.names.insert((section, name.clone())) {
            count += 1;
            name = format!("{plain}-{count}");
        }
        name
    }

    /// What people call it; where that is not what it was called, or nothing, that is told.
    pub(super) fn shown(&mut self, file: &str, what: &str, wanted: &str) -> Option<String> {
        let shown = yaml::shown(wanted);
        if shown.as_deref() != Some(wanted.trim()) && !wanted.trim().is_empty() {
            let now = shown.as_deref().unwrap_or("-");
            self.leave(
                file,
                what,
                format!("its name became `{now}`: one has at most {} characters, all of which can be seen", yaml::SHOWN_CHARACTERS_MAX),
                format!("表示名は「{now}」になりました(見える文字のみ、{} 文字以内です)", yaml::SHOWN_CHARACTERS_MAX),
            );
        }
        shown
    }

    /// The targets of a policy's step that these contacts are, each once.
    pub(super) fn targets(&self, contact: &str) -> Option<Vec<String>> {
        match self.stands.get(contact)? {
            Stands::User(user) => Some(vec![format!("user/{user}")]),
            Stands::Schedules(schedules) => Some(schedules.iter().map(|schedule| format!("schedule/{schedule}")).collect()),
            Stands::Policy(_) => None,
        }
    }

    /// The teams that these people are, under this name where they are none yet.
    pub(super) fn teams_of(&mut self, users: &[String], name: &str) -> Vec<String> {
        let mut teams = Vec::new();
        for members in users.chunks(TEAM_MEMBERS_MAX) {
            let team = match self.teams.get(members) {
                Some(team) => team.clone(),
                None => self.name("teams", name),
            };
            self.teams.insert(members.to_vec(), team.clone());
            teams.push(team);
        }
        teams
    }
}
