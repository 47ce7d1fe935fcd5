//! `teams:` people who are called together.

use hansho_domain::{Team, TeamId, UserId};

use crate::{map::Keys, names::Section, spot::Spot};

const KEYS: Keys = Keys { known: &["name", "members"], later: &[] };

/// Reads one team.
pub(crate) fn read(spot: &Spot<'_>, id: TeamId) -> Option<Team> {
    let map = spot.map(&KEYS)?;
    let name = map.optional("name").map_or_else(|| Some(id.to_string()), Spot::name);
    let members = map.required("members").and_then(|s| s.list(user))?;
    spot.accept(Team::new(id, name.unwrap_or_default(), members))
}

/// Reads the name of a person.
pub(crate) fn user(spot: &Spot<'_>) -> Option<UserId> {
    let user: UserId = spot.parsed(str::parse)?;
    spot.refers_to(Section::Users, user.as_str());
    Some(user)
}
