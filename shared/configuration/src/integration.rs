//! `integrations:` the ways into services.

use hansho_domain::{Integration, IntegrationId, IntegrationKind, IntegrationSpec};

use crate::{map::Keys, service, spot::Spot};

const KEYS: Keys = Keys { known: &["name", "service", "type", "events_per_minute"], later: &[] };

/// What an integration is of, before its own keys are read.
#[derive(Debug, Clone, Copy)]
enum Type {
    Events,
}

const TYPES: [(&str, Type); 1] = [("events", Type::Events)];

/// Reads one integration.
pub(crate) fn read(spot: &Spot<'_>, id: IntegrationId) -> Option<Integration> {
    if id.is_built_in() {
        spot.fail("is the name of a way in that Hansho has itself; give the integration another name");
        return None;
    }
    let map = spot.map(&KEYS)?;
    let service = map.optional("service").map(service::name);
    let name = map.optional("name").map_or_else(|| Some(id.to_string()), Spot::name);
    let kind = match map.required("type").and_then(|s| s.choice(&TYPES))? {
        Type::Events => match map.optional("events_per_minute") {
            Some(limit) => IntegrationKind::Events { per_minute_max: limit.number()? },
            None => IntegrationKind::events(),
        },
    };
    let service = if let Some(service) = service { Some(service?) } else { None };
    spot.accept(Integration::new(IntegrationSpec { id, name: name?, service, kind }))
}
