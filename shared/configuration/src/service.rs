//! `services:` what alerts are about.

use hansho_domain::{
    AlarmPattern, AutoPause, InsufficientData, Labels, PolicyId, Priority, PriorityRule, Service, ServiceId, ServiceSpec, Severity, TeamId,
    UrgencyLevel, UrgencyRule,
};

use crate::{
    bridge, hours,
    map::{Keys, Map},
    messages,
    names::Section,
    rule,
    spelling::quoted,
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
        "auto_pause",
        "priority",
        "rules",
        "incident_manager",
        "ops_center",
        "team",
        "messages",
    ],
    later: &[],
};
const URGENCY_KEYS: Keys = Keys { known: &["during", "otherwise"], later: &[] };
const DURING_KEYS: Keys = Keys { known: &["hours", "is"], later: &[] };
const AUTO_PAUSE_KEYS: Keys = Keys { known: &["for", "except"], later: &[] };
const PRIORITY_KEYS: Keys = Keys { known: &["label", "map", "default"], later: &[] };
const URGENCIES: [(&str, UrgencyLevel); 3] =
    [("high", UrgencyLevel::High), ("low", UrgencyLevel::Low), ("by_severity", UrgencyLevel::BySeverity)];
pub(crate) const SEVERITIES: [(&str, Severity); 4] =
    [("critical", Severity::Critical), ("error", Severity::Error), ("warning", Severity::Warning), ("info", Severity::Info)];
pub(crate) const PRIORITIES: [(&str, Priority); 4] =
    [("SEV1", Priority::Sev1), ("SEV2", Priority::Sev2), ("SEV3", Priority::Sev3), ("SEV4", Priority::Sev4)];
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
        auto_pause: map.optional("auto_pause").and_then(auto_pause),
        priority: map.optional("priority").and_then(priority),
        rules: map.optional("rules").and_then(rule::of_service).unwrap_or_default(),
        bridge: bridge::read(&map),
        team: map.optional("team").and_then(team),
        messages: map.optional("messages").and_then(messages::read).map(Box::new),
    };
    spot.accept(Service::new(spec))
}

/// Reads the name of a service. That of a team, and the catch-all, exist without being written.
pub(crate) fn name(spot: &Spot<'_>) -> Option<ServiceId> {
    let id: ServiceId = spot.parsed(str::parse)?;
    if id != ServiceId::catch_all() && !id.as_str().starts_with("team-") {
        spot.refers_to(Section::Services, id.as_str());
    }
    Some(id)
}

/// Reads the name of a team.
fn team(spot: &Spot<'_>) -> Option<TeamId> {
    let team: TeamId = spot.parsed(str::parse)?;
    spot.refers_to(Section::Teams, team.as_str());
    Some(team)
}

/// Reads the name of a policy.
pub(crate) fn policy(spot: &Spot<'_>) -> Option<PolicyId> {
    let policy: PolicyId = spot.parsed(str::parse)?;
    spot.refers_to(Section::EscalationPolicies, policy.as_str());
    Some(policy)
}

/// `high`, `low`, `by_severity`, or one of them during support hours and another otherwise.
fn urgency(spot: &Spot<'_>) -> Option<UrgencyRule> {
    if !matches!(spot.node.value, Value::Map(_)) {
        return Some(match spot.choice(&URGENCIES)? {
            UrgencyLevel::High => UrgencyRule::High,
            UrgencyLevel::Low => UrgencyRule::Low,
            UrgencyLevel::BySeverity => UrgencyRule::BySeverity,
        });
    }
    let map = spot.map(&URGENCY_KEYS)?;
    let level = |s: &Spot<'_>| s.choice(&URGENCIES);
    let otherwise = map.required("otherwise").and_then(level);
    let during = map.required("during").and_then(|s| s.map(&DURING_KEYS))?;
    let (hours, is) = (during.required("hours").and_then(hours::name), during.required("is").and_then(level));
    Some(UrgencyRule::ByHours { hours: hours?, during: is?, otherwise: otherwise? })
}

/// `120s`, or a map that also says which severities are not paused.
fn auto_pause(spot: &Spot<'_>) -> Option<AutoPause> {
    if !matches!(spot.node.value, Value::Map(_)) {
        return Some(AutoPause { seconds: spot.seconds()?, except: Vec::new() });
    }
    let map = spot.map(&AUTO_PAUSE_KEYS)?;
    let except = map.optional("except").map_or(Some(Vec::new()), |s| s.list(|item| item.choice(&SEVERITIES)));
    Some(AutoPause { seconds: map.required("for").and_then(Spot::seconds)?, except: except? })
}

fn priority(spot: &Spot<'_>) -> Option<PriorityRule> {
    let map = spot.map(&PRIORITY_KEYS)?;
    let label = map.optional("label").map(|s| s.parsed(label));
    let default = map.optional("default").map(|s| s.choice(&PRIORITIES));
    let values = map.optional("map").map_or(Some(Vec::new()), |s| s.pairs(|item| item.choice(&PRIORITIES)))?;
    if label.is_none() && !values.is_empty() {
        spot.fail("has a `map` and no `label`; write which label it is about");
        return None;
    }
    if label.is_none() && default.is_none() {
        spot.fail("says nothing; give it a `label` with a `map`, or a `default`");
        return None;
    }
    let default = if let Some(default) = default { Some(default?) } else { None };
    let label = if let Some(label) = label { Some(label?) } else { None };
    Some(PriorityRule { label, map: values.into_iter().collect(), default })
}

fn label(text: &str) -> Result<String, String> {
    Labels::key(text)
        .ok_or_else(|| format!("{} is no label; labels are letters, digits, `_`, `-`, `.` and `/`, such as priority", quoted(text)))
}

fn seconds(map: &Map<'_>, key: &str) -> Option<u32> {
    map.optional(key).and_then(Spot::seconds)
}

fn alarm(spot: &Spot<'_>) -> Option<AlarmPattern> {
    spot.text().map(AlarmPattern::new)
}
