//! `services:` what alerts are about.

use hansho_domain::{AlarmPattern, InsufficientData, PolicyId, Service, ServiceId, ServiceSpec, UrgencyRule};

use crate::{
    map::{Keys, Map},
    names::Section,
    spot::Spot,
    tree::Value,
};

const KEYS: Keys = Keys {
    known: &[
        "name",
        "escalation_policy",
        "urgency",
        "acknowledgement_timeout",
        "auto_resolve",
        "repage_every",
        "insufficient_data",
        "runbook",
        "alarms",
    ],
    later: &[],
};
const URGENCIES: [(&str, UrgencyRule); 3] =
    [("high", UrgencyRule::High), ("low", UrgencyRule::Low), ("by_severity", UrgencyRule::BySeverity)];
const INSUFFICIENT_DATA: [(&str, InsufficientData); 2] = [("note", InsufficientData::Note), ("alert", InsufficientData::Alert)];

/// Reads one service.
pub(crate) fn read(spot: &Spot<'_>, id: ServiceId) -> Option<Service> {
    let map = spot.map(&KEYS)?;
    let policy = map.required("escalation_policy").and_then(policy);
    let spec = ServiceSpec {
        name: map.optional("name").map_or_else(|| Some(id.to_string()), Spot::name).unwrap_or_default(),
        // A service without a policy never gets out: there is a problem. Its own name lets the domain check the rest.
        escalation_policy: policy.or_else(|| PolicyId::new(id.as_str()).ok())?,
        id,
        urgency: map.optional("urgency").and_then(urgency).unwrap_or_default(),
        acknowledgement_timeout_seconds: seconds(&map, "acknowledgement_timeout"),
        auto_resolve_seconds: seconds(&map, "auto_resolve"),
        repage_seconds: seconds(&map, "repage_every"),
        insufficient_data: map.optional("insufficient_data").and_then(|s| s.choice(&INSUFFICIENT_DATA)).unwrap_or_default(),
        runbook: map.optional("runbook").and_then(Spot::text).map(str::to_owned),
        alarms: map.optional("alarms").and_then(|s| s.list(alarm)).unwrap_or_default(),
    };
    spot.accept(Service::new(spec))
}

fn policy(spot: &Spot<'_>) -> Option<PolicyId> {
    let policy: PolicyId = spot.parsed(str::parse)?;
    spot.refers_to(Section::EscalationPolicies, policy.as_str());
    Some(policy)
}

fn urgency(spot: &Spot<'_>) -> Option<UrgencyRule> {
    if let Value::Map(_) = spot.node.value {
        spot.fail("an urgency by hours (`during`, `otherwise`) is not supported yet; use high, low or by_severity");
        return None;
    }
    spot.choice(&URGENCIES)
}

fn seconds(map: &Map<'_>, key: &str) -> Option<u32> {
    map.optional(key).and_then(Spot::seconds)
}

fn alarm(spot: &Spot<'_>) -> Option<AlarmPattern> {
    spot.text().map(AlarmPattern::new)
}
