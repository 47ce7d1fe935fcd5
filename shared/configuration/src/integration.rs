//! `integrations:` the ways into services.

use hansho_domain::{Integration, IntegrationId, IntegrationKind, IntegrationSpec, TopicArn};

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
        "topics",
    ],
    later: &[],
};
/// What an integration is of, before its own keys are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Events,
    Email,
    Sns,
}

const TYPES: [(&str, Type); 3] = [("events", Type::Events), ("email", Type::Email), ("sns", Type::Sns)];
/// The keys that only integrations of one type have.
const OWN_KEYS: [(&str, Type, &[&str]); 3] =
    [("events", Type::Events, &["events_per_minute"]), ("email", Type::Email, &mail_rules::NAMES), ("sns", Type::Sns, &["topics"])];

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
    refuse_others(&map, of_type)?;
    let kind = match of_type {
        Type::Email => IntegrationKind::Email(mail_rules::read(&map)?),
        Type::Sns => IntegrationKind::Sns { topics: topics(map.required("topics")?)? },
        Type::Events => match map.optional("events_per_minute") {
            Some(limit) => IntegrationKind::Events { per_minute_max: limit.number()? },
            None => IntegrationKind::events(),
        },
    };
    let service = if let Some(service) = service { Some(service?) } else { None };
    spot.accept(Integration::new(IntegrationSpec { id, name: name?, service, kind }))
}

/// Topics, each once.
fn topics(spot: &Spot<'_>) -> Option<Vec<TopicArn>> {
    let topics = spot.list(|topic| topic.parsed(TopicArn::new))?;
    for (place, topic) in topics.iter().enumerate() {
        if topics[..place].contains(topic) {
            spot.fail(format!("has {topic} twice; remove one"));
            return None;
        }
    }
    Some(topics)
}

/// Refuses the keys of other types.
fn refuse_others(map: &Map<'_>, of_type: Type) -> Option<()> {
    let this = TYPES.iter().find(|(_, known)| *known == of_type).map_or("", |(word, _)| word);
    let mut found = 0;
    for (other, _, keys) in OWN_KEYS.iter().filter(|(_, known, _)| *known != of_type) {
        for spot in keys.iter().filter_map(|key| map.optional(key)) {
            spot.fail(format!("is for integrations of the type {other}, and this one is of the type {this}; remove it"));
            found += 1;
        }
    }
    (found == 0).then_some(())
}
