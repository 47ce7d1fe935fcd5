//! Whom somebody can call to an incident by name: people, whoever is on call, teams, and escalation policies.

use std::{fmt, str::FromStr};

use hansho_domain::{Access, Directory, PolicyId, Target, UserId, text};

use super::desk::Desk;
use crate::{
    page::call_in::{Choice, Choices, Group},
    words,
};

/// Most people who are offered at once; of more it is asked what their names have in them.
const PEOPLE_MAX: usize = 200;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whom {
    /// People.
    Target(Target),
    /// An escalation policy.
    Policy(PolicyId),
}

impl FromStr for Whom {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text.strip_prefix("policy/") {
            Some(policy) => policy.parse().map(Self::Policy).map_err(|_| ()),
            None => text.parse().map(Self::Target).map_err(|_| ()),
        }
    }
}

impl fmt::Display for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target(target) => target.fmt(f),
            Self::Policy(policy) => write!(f, "policy/{policy}"),
        }
    }
}

impl Whom {
    /// As people say it.
    pub(super) fn word(&self, directory: &Directory) -> String {
        let name = match self {
            Self::Target(Target::User(user)) => directory.users.get(user).map(|listed| listed.name.clone()),
            Self::Target(Target::Schedule(schedule)) => directory.schedule(schedule).map(|listed| listed.name.clone()),
            Self::Target(Target::Team(team)) => directory.teams.iter().find(|listed| listed.id == *team).map(|listed| listed.name.clone()),
            Self::Target(Target::Destination(_)) => None,
            Self::Policy(policy) => Some(policy.to_string()),
        };
        text::one_line(&name.unwrap_or_else(|| self.to_string()))
    }
}

/// Whether there are such people, and whoever has `access` may know of them.
pub(super) fn may_name(access: &Access, directory: &Directory, whom: &Whom) -> bool {
    match whom {
        Whom::Target(Target::User(user)) => directory.users.contains_key(user) && sees_user(access, directory, user),
        Whom::Target(Target::Schedule(schedule)) => directory.schedule(schedule).is_some() && access.sees_schedule(directory, schedule),
        Whom::Target(Target::Team(team)) => directory.teams.iter().any(|listed| listed.id == *team) && access.sees_team(team),
        // A machine wakes nobody.
        Whom::Target(Target::Destination(_)) => false,
        Whom::Policy(policy) => directory.policies.contains(policy) && access.sees_everything(),
    }
}

/// A guest sees the people of their teams, and of the schedules of those.
fn sees_user(access: &Access, directory: &Directory, user: &UserId) -> bool {
    access.sees_everything()
        || access.user() == user
        || directory.teams.iter().any(|team| access.sees_team(&team.id) && (team.members.contains(user) || team.managers.contains(user)))
        || directory.schedules.iter().any(|schedule| schedule.members.contains(user) && access.sees_schedule(directory, &schedule.id))
}

/// Everybody whom they may call, in groups, whoever is on call first; those whose names have `find` in them.
pub(super) fn choices(desk: &Desk, has_policies: bool, find: &str) -> Choices {
    let Desk { access, directory, reader, .. } = desk;
    let labels = words::tongue(reader.language).response();
    let find = text::one_line(find).to_lowercase();
    let offered = |whom: Whom| {
        let (value, word) = (whom.to_string(), whom.word(directory));
        let is_found = find.is_empty() || word.to_lowercase().contains(&find) || value.to_lowercase().contains(&find);
        (is_found && may_name(access, directory, &whom)).then_some(Choice { value, word })
    };
    let of_targets =
        |targets: &mut dyn Iterator<Item = Target>| targets.filter_map(|target| offered(Whom::Target(target))).collect::<Vec<_>>();
    let mut people = of_targets(&mut directory.users.keys().cloned().map(Target::User));
    let left_out = people.len().saturating_sub(PEOPLE_MAX);
    people.truncate(PEOPLE_MAX);
    let policies = directory.policies.iter().filter(|_| has_policies).filter_map(|policy| offered(Whom::Policy(policy.clone())));
    let groups = [
        (labels.on_call_group, of_targets(&mut directory.schedules.iter().map(|listed| Target::Schedule(listed.id.clone())))),
        (labels.teams_group, of_targets(&mut directory.teams.iter().map(|listed| Target::Team(listed.id.clone())))),
        (labels.people_group, people),
        (labels.policies_group, policies.collect()),
    ];
    let groups = groups.into_iter().filter(|(_, choices)| !choices.is_empty()).map(|(word, choices)| Group { word, choices });
    Choices { groups: groups.collect(), left_out, is_long: directory.users.len() > PEOPLE_MAX }
}
