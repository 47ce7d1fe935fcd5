//! `teams:` people who are called together.

use hansho_domain::{Team, TeamId, UserId};

use crate::{map::Keys, names::Section, service, spot::Spot};

const KEYS: Keys = Keys { known: &["name", "members", "managers", "escalation_policy"], later: &[] };

/// Reads one team.
pub(crate) fn read(spot: &Spot<'_>, id: TeamId) -> Option<Team> {
    let map = spot.map(&KEYS)?;
    let name = map.optional("name").map_or_else(|| Some(id.to_string()), Spot::name);
    let policy = map.optional("escalation_policy").map(service::policy);
    let managers = map.optional("managers").map_or(Some(Vec::new()), |s| s.list(user));
    let members = map.required("members").and_then(|s| s.list(user))?;
    let team = spot.accept(Team::new(id, name.unwrap_or_default(), members))?;
    let team = spot.accept(team.managed_by(managers?))?;
    Some(team.paged_by(if let Some(policy) = policy { Some(policy?) } else { None }))
}

/// Reads the name of a person.
pub(crate) fn user(spot: &Spot<'_>) -> Option<UserId> {
    let user: UserId = spot.parsed(str::parse)?;
    spot.refers_to(Section::Users, user.as_str());
    Some(user)
}
