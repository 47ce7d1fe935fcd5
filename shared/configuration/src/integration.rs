//! `integrations:` the ways into services.

use hansho_domain::{Integration, IntegrationId, IntegrationKind, IntegrationSpec};

use crate::{
    mail_rules,
    map::{Keys, Map},
    service,
    spot::Spot,
};

const KEYS: Keys = Keys {
    known: &[
        "name",
        "service",
        "type",
        "events_per_minute",
        "preset",
        "open",
        "filters",
        "dedup_key",
        "trigger",
        "resolve",
        "severity",
        "otherwise",
        "verdicts",
    ],
    later: &[],
};
/// The keys that are about events.
const OF_EVENTS: [&str; 1] = ["events_per_minute"];

/// What an integration is of, before its own keys are read.
#[derive(Debug, Clone, Copy)]
enum Type {
    Events,
    Email,
}

const TYPES: [(&str, Type); 2] = [("events", Type::Events), ("email", Type::Email)];

/// Reads one integration.
pub(crate) fn read(spot: &Spot<'_>, id: IntegrationId) -> Option<Integration> {
    if id.is_built_in() {
        spot.fail("is the name of a way in that Hansho has itself; give the integration another name");
        return None;
    }
    let map = spot.map(&KEYS)?;
    let service = map.optional("service").map(service::name);
    let name = map.optional("name").map_or_else(|| Some(id.to_string()), Spot::name);
    let of_type = map.required("type").and_then(|s| s.choice(&TYPES))?;
    let foreign: &[&str] = match of_type {
        Type::Events => &mail_rules::NAMES,
        Type::Email => &OF_EVENTS,
    };
    refuse(&map, foreign, of_type)?;
    let kind = match of_type {
        Type::Email => IntegrationKind::Email(mail_rules::read(&map)?),
        Type::Events => match map.optional("events_per_minute") {
            Some(limit) => IntegrationKind::Events { per_minute_max: limit.number()? },
            None => IntegrationKind::events(),
        },
    };
    let service = if let Some(service) = service { Some(service?) } else { None };
    spot.accept(Integration::new(IntegrationSpec { id, name: name?, service, kind }))
}

/// Refuses the keys of another type.
fn refuse(map: &Map<'_>, foreign: &[&str], of_type: Type) -> Option<()> {
    let (this, other) = match of_type {
        Type::Events => ("events", "email"),
        Type::Email => ("email", "events"),
    };
    let found: Vec<_> = foreign.iter().filter_map(|key| map.optional(key)).collect();
    found
        .iter()
        .for_each(|spot| spot.fail(format!("is for integrations of the type {other}, and this one is of the type {this}; remove it")));
    found.is_empty().then_some(())
}
